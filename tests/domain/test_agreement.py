"""Specs of offers and agreements, read as sentences; one line each says given, when, then."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import agreement
from domain.agreement import AcceptOffer, AgreementExecuted, OfferAccepted, OfferReceived, ReceiveOffer, RecordAcceptance, State
from domain.calendar import end_of
from domain.exception import DiscrepancyFound, ExceptionRaised
from domain.model import Document, Refusal
from domain.terms import Line, ReturnSchedule, by_year
from tests.domain.instrument_papers import AMOUNTS, YEARS, agreement_given, authorities, lines_of, offer, signed, to_sign, whole
from tests.domain.rooms import accepted, after, at, once, refused

CAP = {"2020/21": 147_930_616}
DAY = at("2020-06-15")
LATE = ExceptionRaised(
    exception="late-approval/alpha", what="late approval", subject="alpha", owner="chief-finance-officer", why="No decision authorises alpha."
)


def told(*commands: Any, authorised: dict[str, dict[str, int]] | None = None) -> State:
    state = State()
    for body in commands:
        state, answer = once(agreement, state, body, DAY, agreement_given(authorised))
        accepted(answer)
    return state


def decide(body: Any, state: State = State(), authorised: dict[str, dict[str, int]] | None = None, **more: Any) -> Any:  # noqa: B008  (frozen)
    return agreement.decide(body, state, DAY, agreement_given(authorised, **more))


def wires(answer: Any) -> list[str]:
    return [each.wire for each in accepted(answer)]


# A signature that exists is a fact ------------------------------------------------------------------------------------


def test_an_agreement_signed_before_its_approval_is_recorded_with_an_exception_that_has_an_owner() -> None:
    executed, exception = accepted(decide(signed()))
    assert isinstance(executed, AgreementExecuted)
    assert (executed.cap_pence, executed.caps_by_year, executed.executed, executed.authorised_by) == (147_930_616, CAP, "2020-06", None)
    assert exception == LATE


def test_an_agreement_signed_with_authority_names_its_decision_and_raises_nothing() -> None:
    (executed,) = accepted(decide(signed(), authorised={"alpha": CAP}))
    assert isinstance(executed, AgreementExecuted)
    assert (executed.authorised_by, executed.delegation) == ("PCD for alpha", None)


def test_an_agreement_signed_for_more_than_was_approved_is_recorded_with_an_exception_that_says_so() -> None:
    _, exception = accepted(decide(signed(), authorised={"alpha": {"2020/21": 100_000_000}}))
    assert isinstance(exception, ExceptionRaised)
    assert exception.why == "alpha pays £1,479,306.16 in 2020/21; £1,000,000.00 is approved."


def test_two_agreements_that_put_one_offer_in_writing_share_what_was_approved_for_it() -> None:
    """Else one approval would sign any number of agreements (invariant 16)."""
    approved = {"offer-1": CAP}
    first = told(offer(), to_sign(offer="offer-1"), authorised=approved)
    assert refused(decide(to_sign(name="beta", offer="offer-1"), first, approved))[0] == "agreement.beyond_approved"
    executed, late = accepted(decide(signed(name="beta", offer="offer-1"), first, approved))
    assert isinstance(executed, AgreementExecuted)
    assert isinstance(late, ExceptionRaised)
    assert (executed.authorised_by, late.exception) == (None, "late-approval/beta")
    assert wires(decide(to_sign(name="beta", offer="offer-1"), first, approved | {"beta": CAP})) == ["agreement.executed"]


def test_an_acceptance_before_its_approval_is_recorded_with_an_exception() -> None:
    taken, exception = accepted(decide(RecordAcceptance(offer="offer-1", accepted="2020-05-20", signed_by="A. N. Official"), told(offer())))
    assert isinstance(taken, OfferAccepted)
    assert isinstance(exception, ExceptionRaised)
    assert (taken.accepted, taken.signed_by, exception.exception) == ("2020-05-20", "A. N. Official", "late-approval/offer-1")


def test_what_was_recorded_of_a_signature_is_kept_with_its_restricted_breakdown() -> None:
    breakdown = Document(kind="cost breakdown", kept="restricted registry", grade="restricted")
    state = told(signed(documents=(breakdown,), host_borne=("support",)))
    executed = state.agreements["alpha"].executed
    assert (executed.documents, executed.host_borne, state.agreements["alpha"].recorded) == ((breakdown,), ("support",), DAY.now)


def test_a_later_ratification_changes_nothing_of_what_was_signed() -> None:
    state = told(signed())
    assert decide(signed(), state, {"alpha": CAP}) == ()
    assert state.agreements["alpha"].executed.authorised_by is None


# Signing now is an act ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorised", "code"),
    [
        ({}, "agreement.not_authorised"),
        ({"another": CAP}, "agreement.not_authorised"),
        ({"alpha": {}}, "agreement.beyond_approved"),
        ({"alpha": {"2020/21": 147_930_615}}, "agreement.beyond_approved"),
        ({"alpha": {"2021/22": 147_930_616}}, "agreement.beyond_approved"),
    ],
)
def test_signing_needs_a_decision_that_covers_the_instrument_the_year_and_the_cap(authorised: dict[str, dict[str, int]], code: str) -> None:
    assert refused(decide(to_sign(), authorised=authorised)) == (code, ("decision-maker",))


def test_signing_needs_every_year_covered() -> None:
    two_years = to_sign(whole(25_000_000, "2018/19"), whole(25_000_000, "2019/20"))
    answer = decide(two_years, authorised={"alpha": {"2018/19": 50_000_000}})
    assert isinstance(answer, Refusal)
    assert answer.why == "alpha pays £250,000.00 in 2019/20; £0.00 is approved."


def test_what_is_signed_now_is_dated_today_and_names_its_decision() -> None:
    (executed,) = accepted(decide(to_sign(), authorised={"alpha": CAP}))
    assert isinstance(executed, AgreementExecuted)
    assert (executed.executed, executed.authorised_by, executed.signed_by) == ("2020-06-15", "PCD for alpha", None)
    assert executed.delegation == "A scheme: paragraph 4.8"


def test_signing_what_was_recorded_as_signed_changes_nothing() -> None:
    assert decide(to_sign(returns=signed().returns), told(signed())) == ()


@pytest.mark.parametrize(("authorised", "code"), [({}, "agreement.not_authorised"), ({"offer-1": {"2020/21": 1}}, "agreement.beyond_approved")])
def test_an_offer_is_accepted_only_with_a_decision_that_covers_it(authorised: dict[str, dict[str, int]], code: str) -> None:
    assert refused(decide(AcceptOffer(offer="offer-1"), told(offer()), authorised)) == (code, ("decision-maker",))


def test_an_offer_that_is_covered_is_accepted_today() -> None:
    (taken,) = accepted(decide(AcceptOffer(offer="offer-1"), told(offer()), {"offer-1": CAP}))
    assert isinstance(taken, OfferAccepted)
    assert (taken.accepted, taken.cap_pence, taken.authorised_by) == ("2020-06-15", 147_930_616, "PCD for offer-1")
    assert taken.delegation == "A scheme: paragraph 4.8"


def test_a_decision_on_the_offer_covers_the_agreement_that_puts_it_in_writing() -> None:
    (executed,) = accepted(decide(to_sign(offer="offer-1"), told(offer()), {"offer-1": CAP}))
    assert isinstance(executed, AgreementExecuted)
    assert executed.authorised_by == "PCD for offer-1"


def test_accepting_an_offer_that_an_agreement_stands_for_changes_nothing() -> None:
    assert decide(AcceptOffer(offer="offer-1"), told(offer(), signed(offer="offer-1"))) == ()


# What is no instrument at all -----------------------------------------------------------------------------------------


def test_we_do_not_sign_a_total_that_its_lines_do_not_make() -> None:
    assert refused(decide(to_sign(stated_cap_pence=148_000_000), authorised={"alpha": CAP}))[0] == "agreement.caps_disagree"
    assert decide(to_sign(stated_cap_pence=147_930_616), authorised={"alpha": CAP})


@pytest.mark.parametrize(("body", "name"), [(offer, "offer-1"), (signed, "alpha")])
def test_what_states_a_total_that_its_lines_do_not_make_is_recorded_with_a_discrepancy_and_the_lines_rule(body: Any, name: str) -> None:
    first, *_, found = accepted(decide(body(stated_cap_pence=148_000_000), authorised={"alpha": CAP}, discrepancy_owner="finance"))
    why = f"{name} states £1,480,000.00, but its lines sum to £1,479,306.16; the lines rule."
    assert isinstance(first, OfferReceived | AgreementExecuted)
    assert first.cap_pence == 147_930_616
    assert found == DiscrepancyFound(
        discrepancy=f"total/{name}",
        what="a stated total that its lines do not make",
        subject=name,
        owner="finance",
        why=why,
        stated_pence=148_000_000,
        found_pence=147_930_616,
    )


@pytest.mark.parametrize("body", [offer, signed])
def test_a_total_is_held_against_its_lines_only_as_exactly_as_it_is_stated(body: Any) -> None:
    assert wires(decide(body(stated_cap_pence=148_000_000, stated="thousand"), authorised={"alpha": CAP}))[-1] == "discrepancy.found"
    assert "discrepancy.found" not in wires(decide(body(stated_cap_pence=147_900_000, stated="thousand"), authorised={"alpha": CAP}))


@pytest.mark.parametrize(
    "body", [AcceptOffer(offer="unheard-of"), RecordAcceptance(offer="unheard-of", accepted="2020"), signed(offer="unheard-of"), to_sign(offer="unheard-of")]
)
def test_an_offer_that_nobody_recorded_can_be_neither_accepted_nor_put_in_writing(body: Any) -> None:
    assert refused(decide(body))[0] == "agreement.offer_unknown"


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (offer(), offer(whole(1))),
        (offer(), offer(received="2020-05-13")),
        (offer(), signed(name="offer-1")),
        (signed(), signed(executed="2020-07")),
        (signed(), to_sign(whole(1))),
        (signed(), offer(name="alpha")),
    ],
)
def test_another_content_under_the_same_id_is_refused(before: Any, body: Any) -> None:
    assert refused(decide(body, told(before)))[0] == "agreement.differs"


@pytest.mark.parametrize(
    "lines",
    [(), (whole(-1),), (whole(1), whole(2)), (whole(2**53 - 1), whole(2**53 - 1, "2021/22"))],
    ids=["no line", "an offset", "a line twice", "more than can be kept exactly"],
)
def test_lines_that_make_no_cap_cannot_be_written(lines: tuple[Line, ...]) -> None:
    with pytest.raises(ValidationError):
        agreement.ReceiveOffer(offer="offer-1", received="2020-05-12", lines=lines)


# Who waits ------------------------------------------------------------------------------------------------------------


def test_an_offer_waits_for_its_acceptance_until_the_day_that_the_funder_names() -> None:
    (duty,) = agreement.duties(told(offer(answer_by=date(2020, 6, 30))), agreement_given())
    assert (duty.name, duty.subject, duty.owner, duty.ladder) == ("offer.accepted", "offer-1", "grants-team", "grants")
    assert (duty.since, duty.due) == (DAY.now, end_of(date(2020, 6, 30)))


def test_where_the_funder_names_no_day_the_policy_does() -> None:
    (duty,) = agreement.duties(told(offer()), agreement_given())
    assert duty.due == end_of(date(2020, 6, 29))


def test_while_a_paper_is_under_way_its_steps_are_waited_on_instead() -> None:
    assert agreement.duties(told(offer()), agreement_given(in_decision=frozenset({"offer-1"}))) == ()


@pytest.mark.parametrize("end", [RecordAcceptance(offer="offer-1", accepted="2020-06-01"), signed(offer="offer-1")])
def test_an_offer_taken_waits_no_more(end: Any) -> None:
    assert agreement.duties(told(offer(), end), agreement_given()) == ()


# Of any offers and agreements -----------------------------------------------------------------------------------------

NAMES = ("offer-1", "offer-2", "alpha", "beta")
OFFERS = st.sampled_from(("offer-1", "offer-2"))
AGREEMENTS = st.sampled_from(("alpha", "beta", "offer-1"))
SINCE = st.sampled_from(("2020-05-30", "2020-06", "2020"))
OFFERED = st.builds(
    agreement.ReceiveOffer, offer=OFFERS, received=st.just("2020-05"), lines=lines_of(AMOUNTS), stated_cap_pence=st.sampled_from((None, None, 1))
)
TAKEN = st.builds(AcceptOffer, offer=OFFERS) | st.builds(RecordAcceptance, offer=OFFERS, accepted=SINCE)
SIGNED = st.one_of(
    st.builds(agreement.RecordExecution, agreement=AGREEMENTS, executed=SINCE, offer=st.none() | OFFERS, lines=lines_of(AMOUNTS)),
    st.builds(
        agreement.ExecuteAgreement, agreement=AGREEMENTS, offer=st.none() | OFFERS, lines=lines_of(AMOUNTS), stated_cap_pence=st.sampled_from((None, None, 1))
    ),
)
LIVES = st.tuples(st.lists(OFFERED, max_size=3), st.lists(TAKEN | SIGNED, min_size=1, max_size=4), st.lists(OFFERED | TAKEN | SIGNED, max_size=3))
ENOUGH = {name: dict.fromkeys(YEARS, 10**12) for name in NAMES}
TOO_LITTLE = {name: dict.fromkeys(YEARS, 1) for name in NAMES}
AUTHORITY = st.sampled_from((ENOUGH, TOO_LITTLE)) | authorities(*NAMES)


def test_whatever_is_asked_facts_are_kept_acts_need_authority_and_sums_hold() -> None:
    reached: set[str] = set()

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(LIVES, AUTHORITY)
    @example(([offer()], [AcceptOffer(offer="offer-1"), to_sign()], []), TOO_LITTLE)
    @example(([offer()], [AcceptOffer(offer="offer-1"), to_sign(), to_sign(whole(1))], []), ENOUGH)
    def live(life: tuple[list[Any], ...], authorised: dict[str, dict[str, int]]) -> None:
        state = State()
        for body in chain(*life):
            state, answer = once(agreement, state, body, DAY, agreement_given(authorised))
            reached.add(answer.code if isinstance(answer, Refusal) else " ".join((type(body).__name__, *(each.wire for each in answer))))
            if not isinstance(answer, Refusal) and answer:
                whole_and_authorised(body, answer, state, authorised)
        agreement.duties(state, agreement_given())

    live()
    assert reached >= {
        *(
            "ReceiveOffer offer.received",
            "ReceiveOffer offer.received discrepancy.found",
            "AcceptOffer offer.accepted",
            "RecordAcceptance offer.accepted",
            "RecordAcceptance offer.accepted exception.raised",
        ),
        *("RecordExecution agreement.executed", "RecordExecution agreement.executed exception.raised", "ExecuteAgreement agreement.executed"),
        *("agreement.not_authorised", "agreement.beyond_approved", "agreement.caps_disagree", "agreement.differs", "agreement.offer_unknown"),
    }


def whole_and_authorised(body: Any, events: tuple[Any, ...], state: State, authorised: dict[str, dict[str, int]]) -> None:
    """Invariant 2: the cap is the sum of its years and of its lines. 16: no act without cover. 20: no lack goes unseen."""
    event, *others = events
    exceptions = [each for each in others if each.wire == "exception.raised"]
    if isinstance(event, OfferReceived | AgreementExecuted):
        assert event.cap_pence == sum(event.caps_by_year.values()) == sum(line.pence for line in event.lines)
    if isinstance(event, OfferReceived):
        return
    if isinstance(event, AgreementExecuted):
        caps, names = by_year(event.lines), (event.agreement, *([event.offer] if event.offer else []))
    else:
        caps, names = by_year(state.offers[event.offer].received.lines), (event.offer, *state.agreements_after(event.offer))
    covered = any(all(pence <= authorised[name].get(year, 0) for year, pence in caps.items()) for name in names if name in authorised)
    assert covered == (not exceptions) == (event.authorised_by is not None)
    assert covered or body.kind == "fact"


def test_the_room_has_nothing_that_falls_due_by_itself_and_binds_no_content() -> None:
    state = told(offer())
    (duty,) = agreement.duties(state, agreement_given())
    assert agreement.moment(duty, state, DAY, agreement_given()) == ()
    assert agreement.content(AcceptOffer(offer="offer-1"), state) is None


def test_an_event_of_another_room_changes_nothing() -> None:
    assert after(agreement, told(offer()), (LATE,), DAY) == told(offer())


@pytest.mark.parametrize(("year", "first_month"), [("2024", 4), ("2024/25", 1)])
def test_years_are_named_as_the_returns_count_them(year: str, first_month: int) -> None:
    lines = (Line(line="whole", year=year, pence=100, categories=("pay",)),)
    with pytest.raises(ValidationError, match="first_month"):
        ReceiveOffer(offer="offer-1", received="2024-01", lines=lines, returns=ReturnSchedule(months=6, due_days=30, first_month=first_month))
