"""Bids: drafted, allowed, sent in time, answered, withdrawn; and what of them is a fact whatever the rules say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain import agreement, bid, bid_rows
from domain.bidding import (
    Application,
    BidAnswered,
    BidDrafted,
    BidSubmitted,
    DraftBid,
    RecordBidOutcome,
    RecordSubmission,
    RegisterOpportunity,
    State,
    SubmitBid,
    WithdrawBid,
)
from domain.model import By, Event, Refusal
from domain.sending import Given, SignOff
from domain.terms import Line
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

POLICY = policy(owed_by("bid", "bid.submitted", working_days=20), owed_by("bid", "bid.answered", working_days=60), owed_by("bid", "bid.offered"))
ASKED = {"2018/19": 12_000_000}
HALF = {"2018/19": 6_000_000}
NOON = datetime(2018, 12, 21, 12, 0, tzinfo=UTC)
CALL = RegisterOpportunity(opportunity="call", fund="A Fund", aliases=("The Fund",), closes=NOON)
DRAFT = DraftBid(bid="bid-1", opportunity="call", fund="A Fund", lines=(Line(line="kit", year="2018/19", pence=12_000_000, categories=("equipment",)),))
SUBMIT = SubmitBid(bid="bid-1")
LOST = RecordBidOutcome(bid="bid-1", outcome="lost", dated="2019-02-01", reason="oversubscribed")
WON = RecordBidOutcome(bid="bid-1", outcome="won", dated="2019-02-01")
LOWER = RecordBidOutcome(bid="bid-1", outcome="won_lower", pence=HALF, dated="2019-02-01")
WITHDRAW = WithdrawBid(bid="bid-1", reason="no team to run it")
SENT = RecordSubmission(**DRAFT.application().model_dump(exclude={"lines"}), lines=DRAFT.lines, submitted="2018-12-20", sent_by="Somebody Invented")
SIGN_OFF = SignOff("chief-executive", date(2018, 12, 1), date(2018, 12, 18), ASKED, "DEC 7", "final sign-off")


def given(*sign_offs: SignOff, authorised: Mapping[str, int] | None = None, **known: Any) -> Given:
    decided = {"bid-1": authorised} if authorised else {}
    refs = {"bid-1": "DEC 6"} if authorised else {}
    known = {"exception_owner": "finance-officer", "discrepancy_owner": "finance", **known}
    return Given(policy=POLICY, authorised=decided, decision_refs=refs, sign_offs={"bid-1": sign_offs} if sign_offs else {}, **known)


def told(*bodies: tuple[Any, str], state: State | None = None, known: Given | None = None) -> State:
    found = state or State()
    for body, day in bodies:
        by = at(day)
        found = after(bid, found, accepted(bid.decide(body, found, by, known or given(authorised=ASKED))), by)
    return found


DRAFTED = ((CALL, "2018-11-01"), (DRAFT, "2018-11-02"))
SUBMITTED = (*DRAFTED, (SUBMIT, "2018-12-19"))


def by(instant: datetime, *, actor: str = "p-hazel") -> By:
    return By(actor=actor, on_behalf_of=None, now=instant, content=None, command="made")


def wires(events: Iterable[Event]) -> list[str]:
    return [each.wire for each in events]


def test_every_command_done_twice_adds_nothing_the_second_time() -> None:
    state = State()
    for body, day in ((CALL, "2018-11-01"), (DRAFT, "2018-11-02"), (SUBMIT, "2018-12-19"), (LOST, "2019-02-02")):
        state, answer = once(bid, state, body, at(day), given(authorised=ASKED))
        assert accepted(answer)
    state, _ = once(bid, told(*DRAFTED), WITHDRAW, at("2018-12-01"), given())
    once(bid, state, SENT, at("2018-12-21"), given())


def test_a_bid_is_sent_under_a_decision_that_approves_every_year_of_it() -> None:
    (sent,) = accepted(bid.decide(SUBMIT, told(*DRAFTED), at("2018-12-19"), given(authorised=ASKED)))
    assert isinstance(sent, BidSubmitted)
    assert (sent.asked_pence, sent.authorised_by, sent.submitted, sent.content) == (12_000_000, "DEC 6", "2018-12-19", DRAFT.digest())


def test_a_bid_that_nothing_allows_is_not_sent_and_the_decider_could() -> None:
    assert refused(bid.decide(SUBMIT, told(*DRAFTED), at("2018-12-19"), given())) == ("bid.not_authorised", ("decision-maker",))


def test_a_bid_above_what_was_approved_for_a_year_is_not_sent() -> None:
    assert refused(bid.decide(SUBMIT, told(*DRAFTED), at("2018-12-19"), given(authorised=HALF))) == ("bid.beyond_approved", ("decision-maker",))


def test_the_fund_closes_to_the_minute() -> None:
    state = told(*DRAFTED)
    assert accepted(bid.decide(SUBMIT, state, by(NOON), given(authorised=ASKED)))
    late = bid.decide(SUBMIT, state, by(NOON.replace(minute=1)), given(authorised=ASKED))
    assert refused(late) == ("bid.too_late", ())
    assert isinstance(late, Refusal)
    assert late.why == "A Fund took bids until 21 December 2018, 12:00; bid bid-1 would come at 21 December 2018, 12:01."


def test_a_deadline_that_the_funder_moved_counts_as_it_was_last_registered() -> None:
    later = CALL.model_copy(update={"closes": NOON.replace(day=28)})
    assert accepted(bid.decide(SUBMIT, told(*DRAFTED, (later, "2018-12-10")), by(NOON.replace(day=27)), given(authorised=ASKED)))


def test_a_bid_without_a_known_call_has_no_deadline() -> None:
    free = DRAFT.model_copy(update={"opportunity": None})
    assert accepted(bid.decide(SUBMIT, told((free, "2018-11-02")), at("2025-01-01"), given(authorised=ASKED)))


def test_a_bid_approved_before_it_is_written_is_signed_off_by_the_office_it_was_delegated_to() -> None:
    known = given(SIGN_OFF, offices=("chief-executive",))
    (sent,) = accepted(bid.decide(SUBMIT, told(*DRAFTED), at("2018-12-18"), known))
    assert isinstance(sent, BidSubmitted)
    assert (sent.authorised_by, sent.delegation) == ("DEC 7", "DEC 7: final sign-off")


@pytest.mark.parametrize(
    ("sign_off", "offices", "day", "code", "who_could"),
    [
        (SIGN_OFF, ("chief-executive",), "2018-12-19", "bid.delegation_expired", ("decision-maker",)),
        (SIGN_OFF, ("grants-team",), "2018-12-18", "bid.not_delegated", ("chief-executive",)),
        (replace(SIGN_OFF, pence=HALF), ("chief-executive",), "2018-12-18", "bid.beyond_delegation", ("decision-maker",)),
        (replace(SIGN_OFF, pence={}), ("chief-executive",), "2018-12-18", "bid.beyond_delegation", ("decision-maker",)),
        (replace(SIGN_OFF, first=date(2018, 12, 10)), ("chief-executive",), "2018-12-09", "bid.not_authorised", ("decision-maker",)),
    ],
)
def test_a_delegated_sign_off_reaches_so_far_and_no_further(
    sign_off: SignOff, offices: tuple[str, ...], day: str, code: str, who_could: tuple[str, ...]
) -> None:
    assert refused(bid.decide(SUBMIT, told(*DRAFTED), at(day), given(sign_off, offices=offices))) == (code, who_could)


def test_a_delegation_without_an_end_does_not_expire() -> None:
    known = given(replace(SIGN_OFF, until=None), offices=("chief-executive",))
    assert accepted(bid.decide(SUBMIT, told(*DRAFTED), by(NOON), known))


def test_of_several_delegations_one_that_stands_is_enough() -> None:
    known = given(SIGN_OFF, replace(SIGN_OFF, until=date(2018, 12, 20), reference="DEC 8"), offices=("chief-executive",))
    (sent,) = accepted(bid.decide(SUBMIT, told(*DRAFTED), at("2018-12-19"), known))
    assert isinstance(sent, BidSubmitted)
    assert sent.authorised_by == "DEC 8"


def test_a_bid_may_be_written_anew_until_it_is_sent() -> None:
    smaller = DRAFT.model_copy(update={"lines": (DRAFT.lines[0].model_copy(update={"pence": 11_000_000}),)})
    (again,) = accepted(bid.decide(smaller, told(*DRAFTED), at("2018-11-05"), given()))
    assert isinstance(again, BidDrafted)
    assert (again.edition, again.asked_pence) == (2, 11_000_000)
    assert refused(bid.decide(smaller, told(*SUBMITTED), at("2018-12-20"), given()))[0] == "bid.already_submitted"


def test_the_sending_binds_the_bid_as_it_was_last_written() -> None:
    smaller = DRAFT.model_copy(update={"stated": "thousand"})
    seen = bid.content(SUBMIT, told(*DRAFTED))
    assert seen == DRAFT.digest()
    assert bid.content(SUBMIT, told(*DRAFTED, (smaller, "2018-11-05"))) != seen
    assert bid.content(SUBMIT, State()) is None


def test_a_bid_to_a_call_that_nobody_registered_is_not_drafted() -> None:
    assert refused(bid.decide(DRAFT, State(), at("2018-11-02"), given()))[0] == "bid.no_opportunity"


def test_a_bid_that_nobody_drafted_is_neither_sent_nor_withdrawn() -> None:
    assert refused(bid.decide(SUBMIT, State(), at("2018-11-02"), given()))[0] == "bid.unknown"
    assert refused(bid.decide(WITHDRAW, State(), at("2018-11-02"), given()))[0] == "bid.unknown"


def test_what_was_sent_already_is_recorded_with_an_exception_where_nothing_allowed_it() -> None:
    sent, raised = accepted(bid.decide(SENT, told(*DRAFTED), at("2018-12-21"), given()))
    assert (sent.wire, raised.wire) == ("bid.submitted", "exception.raised")
    assert (raised.model_dump()["exception"], raised.model_dump()["owner"]) == ("late-approval/bid-1", "finance-officer")


def test_what_was_sent_already_under_a_decision_or_a_delegation_raises_nothing() -> None:
    for known in (given(authorised=ASKED), given(replace(SIGN_OFF, until=date(2018, 12, 20)))):
        assert wires(accepted(bid.decide(SENT, told(*DRAFTED), at("2019-01-04"), known))) == ["bid.submitted"]


def test_what_was_sent_after_the_fund_had_closed_is_recorded_with_an_exception() -> None:
    late = SENT.model_copy(update={"submitted": "2018-12-22"})
    _, raised = accepted(bid.decide(late, told(*DRAFTED), at("2019-01-04"), given(authorised=ASKED)))
    assert raised.model_dump()["exception"] == "late-bid/bid-1"
    minute = SENT.model_copy(update={"submitted": "2018-12-21T12:01Z"})
    assert len(accepted(bid.decide(minute, told(*DRAFTED), at("2019-01-04"), given(authorised=ASKED)))) == 2
    noon = SENT.model_copy(update={"submitted": "2018-12-21T12:00Z"})
    assert wires(accepted(bid.decide(noon, told(*DRAFTED), at("2019-01-04"), given(authorised=ASKED)))) == ["bid.submitted"]
    day = SENT.model_copy(update={"submitted": "2018-12-21"})
    assert wires(accepted(bid.decide(day, told(*DRAFTED), at("2019-01-04"), given(authorised=ASKED)))) == ["bid.submitted"]


def test_what_was_sent_is_recorded_as_it_was_sent_whatever_was_drafted() -> None:
    other = SENT.model_copy(update={"fund": "The Fund"})
    state = told(*DRAFTED, (other, "2018-12-21"))
    application = state.bids["bid-1"].application
    assert application == other.application()
    assert application != DRAFT.application()
    assert refused(bid.decide(SENT, state, at("2018-12-22"), given())) == ("bid.differs", ())


def test_an_outcome_of_what_was_never_sent_is_recorded_with_an_exception() -> None:
    for state in (State(), told(*DRAFTED)):
        answered, raised = accepted(bid.decide(LOST, state, at("2019-02-02"), given()))
        assert (answered.wire, raised.model_dump()["what"]) == ("bid.answered", bid.STRAY_OUTCOME)


def test_an_outcome_is_not_rewritten() -> None:
    state = told(*SUBMITTED, (LOST, "2019-02-02"))
    assert refused(bid.decide(WON, state, at("2019-02-03"), given())) == ("bid.differs", ())


def test_a_bid_is_won_in_full_or_below_what_it_asks() -> None:
    for body, awarded in ((WON, ASKED), (LOWER, HALF), (LOST, {})):
        (answered,) = accepted(bid.decide(body, told(*SUBMITTED), at("2019-02-02"), given()))
        assert isinstance(answered, BidAnswered)
        assert (answered.awarded_by_year, answered.awarded_pence) == (awarded, sum(awarded.values()))


def test_an_amount_belongs_to_a_bid_won_below_what_it_asks_and_to_no_other() -> None:
    for wrong in ({"outcome": "won_lower"}, {"outcome": "lost", "pence": {}}):
        with pytest.raises(ValidationError, match="an amount is given where the bid is won below"):
            RecordBidOutcome(bid="bid-1", dated="2019-02-01", **wrong)


@pytest.mark.parametrize("pence", [ASKED, {"2018/19": 13_000_000}, {"2019/20": 1}])
def test_an_award_said_to_be_below_the_bid_that_is_not_is_a_discrepancy(pence: Mapping[str, int]) -> None:
    body = LOWER.model_copy(update={"pence": pence})
    answered, found = accepted(bid.decide(body, told(*SUBMITTED), at("2019-02-02"), given()))
    assert (answered.wire, found.wire) == ("bid.answered", "discrepancy.found")
    assert (found.model_dump()["stated_pence"], found.model_dump()["found_pence"]) == (sum(pence.values()), 12_000_000)
    assert found.model_dump()["owner"] == "finance"


def test_a_bid_that_is_over_takes_no_further_act() -> None:
    lost, withdrawn = told(*SUBMITTED, (LOST, "2019-02-02")), told(*DRAFTED, (WITHDRAW, "2018-12-01"))
    assert refused(bid.decide(WITHDRAW, lost, at("2019-02-03"), given()))[0] == "bid.over"
    for body in (SUBMIT, DRAFT.model_copy(update={"fund": "The Fund"})):
        assert refused(bid.decide(body, withdrawn, at("2018-12-02"), given(authorised=ASKED)))[0] == "bid.over"


def test_a_bid_that_an_offer_has_answered_is_not_withdrawn() -> None:
    state = told(*SUBMITTED, (WON, "2019-02-02"))
    assert refused(bid.decide(WITHDRAW, state, at("2019-03-01"), given(offered=frozenset({"bid-1"}))))[0] == "bid.over"


def owed(state: State, **known: Any) -> list[tuple[str, str | None]]:
    return [(each.name, each.due.isoformat() if each.due else None) for each in bid.duties(state, given(**known))]


def test_a_bid_is_owed_until_the_minute_in_which_its_fund_closes() -> None:
    assert owed(told(*DRAFTED)) == [("bid.submitted", "2018-12-21T12:00:00+00:00")]


def test_nobody_owes_the_sending_while_a_paper_about_it_is_under_way() -> None:
    assert owed(told(*DRAFTED), in_decision=frozenset({"bid-1"})) == []


def test_a_bid_waits_for_its_outcome_then_for_its_offer_then_for_nothing() -> None:
    won = told(*SUBMITTED, (WON, "2019-02-02"))
    assert [name for name, _ in owed(told(*SUBMITTED))] == ["bid.answered"]
    assert [name for name, _ in owed(won)] == ["bid.offered"]
    assert owed(won, offered=frozenset({"bid-1"})) == owed(told(*SUBMITTED, (LOST, "2019-02-02"))) == owed(told(*DRAFTED, (WITHDRAW, "2018-12-01"))) == []


def test_a_grant_does_not_close_over_a_bid_that_something_can_still_come_of() -> None:
    waits = [(*DRAFTED,), (*SUBMITTED,), (*SUBMITTED, (WON, "2019-02-02")), (*SUBMITTED, (LOST, "2019-02-02")), (*DRAFTED, (WITHDRAW, "2018-12-01"))]
    assert [bid.gates(told(*each), given()) for each in waits] == [
        ("bid bid-1 is neither sent nor withdrawn",),
        ("bid bid-1 is sent, and its outcome is not known",),
        ("bid bid-1 is won, and no offer has answered it",),
        (),
        (),
    ]
    assert bid.gates(told(*waits[2]), given(offered=frozenset({"bid-1"}))) == ()


def row(state: State, day: str, agreements: agreement.State | None = None) -> bid_rows.BidRow | None:
    return next(iter(bid_rows.rows(state, agreements or agreement.State(), date.fromisoformat(day))), None)


def test_the_view_tells_a_bid_as_it_stood_at_the_end_of_a_day() -> None:
    state = told(*SUBMITTED, (LOST, "2019-02-02"))
    days = ("2018-11-01", "2018-11-02", "2018-12-19", "2019-01-31", "2019-02-01")
    assert [found.standing if (found := row(state, day)) else None for day in days] == [None, "drafted", "submitted", "submitted", "lost"]


def test_the_view_keeps_every_name_of_the_fund() -> None:
    found = row(told(*DRAFTED), "2018-11-02")
    assert found
    assert (found.fund, found.aliases, found.closes) == ("A Fund", ("The Fund",), NOON)


def test_a_withdrawn_bid_says_why() -> None:
    found = row(told(*DRAFTED, (WITHDRAW, "2018-12-01")), "2018-12-01")
    assert found
    assert (found.standing, found.reason) == ("withdrawn", "no team to run it")


def test_an_outcome_without_any_bid_has_no_row() -> None:
    state = told((LOST, "2019-02-02"))
    assert row(state, "2019-02-02") is None
    assert isinstance(state.bids["bid-1"].application, Application | None)
