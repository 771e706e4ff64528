from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from domain.approval import Command, Given, State, authorised, decision_refs, duties, papers
from domain.drafting import PaperSubmitted, SubmitPaper
from domain.model import line_of
from domain.organisation import Holding
from domain.paper import Item, ItemOutcome
from domain.policy import Condition
from domain.saying import StepAdvised, StepDecided
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    CAP,
    CLEO,
    COVERED,
    DECIDED,
    DECIDES,
    DORA,
    EVE,
    FAY,
    FINANCE,
    HOLDINGS,
    LEO,
    LIMITED,
    MORNING,
    RULES,
    SECOND,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    TWO_DECIDE,
    UP_TO,
    accepted,
    advised,
    answered,
    by,
    drafted,
    edited,
    edition,
    item,
    known,
    organisation,
    refused,
    rule,
    sent_back,
    state_of,
)


def content_of(state: State) -> str:
    return state.papers["PCD 914"].contents.digest()


# Steps ----------------------------------------------------------------------------------------------------------------


def test_a_comment_has_its_own_digest_over_the_paper_that_was_read() -> None:
    state = state_of(*TO_ADVISERS)
    first, second = (accepted(advised("finance", words), state, by(FAY))[0] for words in ("Yes", "No"))
    assert isinstance(first, StepAdvised)
    assert isinstance(second, StepAdvised)
    assert (first.content, first.comment, first.digest != second.digest) == (content_of(state), "Yes", True)


def test_advisers_of_equal_order_speak_side_by_side() -> None:
    state = state_of(*TO_ADVISERS)
    assert len(accepted(advised("legal"), state, by(LEO))) == len(accepted(advised("finance"), state, by(FAY))) == 1


def test_nobody_decides_before_the_advice_is_in() -> None:
    refusal = refused(APPROVED, state_of(*TO_ADVISERS, (advised("legal"), by(LEO))), by(DORA))
    assert (refusal.code, refusal.who_could) == ("approval.not_yet", ("finance",))


def test_a_decision_binds_the_paper_and_every_comment_on_it() -> None:
    state = state_of(*TO_DECIDER)
    said, ended = accepted(APPROVED, state, by(DORA))
    assert isinstance(said, StepDecided)
    assert (said.content, said.edition, [each.office for each in said.advice]) == (content_of(state), "2020", ["finance", "legal"])
    assert [each.digest for each in said.advice] == [each.said.digest for each in state.papers["PCD 914"].steps if each.said]
    assert line_of(ended) == "Paper PCD 914 decided: item 1 approved (£267,354.64 for 2020/21), item 2 approved"


def test_nothing_is_said_of_a_paper_that_is_with_its_drafter() -> None:
    refusal = refused(APPROVED, state_of((drafted(), by(ANN))), by(DORA))
    assert (refusal.code, refusal.who_could) == ("approval.not_submitted", ("grants-team",))


@pytest.mark.parametrize(("body", "actor", "office"), [(APPROVED, EVE, "decider"), (advised("finance"), LEO, "finance"), (sent_back(), LEO, "decider")])
def test_a_step_is_for_its_office_alone(body: Command, actor: str, office: str) -> None:
    refusal = refused(body, state_of(*TO_ADVISERS), by(actor))
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", (office,))


def test_a_route_has_no_step_for_an_office_that_it_does_not_name() -> None:
    refusal = refused(answered("approved", "approved", office="legal"), state_of(*TO_ADVISERS), by(EVE))
    assert (refusal.code, refusal.who_could) == ("approval.no_step", ("decider",))


@pytest.mark.parametrize("office", ["chief-executive", "decider"])
def test_an_office_below_whose_limit_the_grant_no_longer_is_does_not_decide(office: str) -> None:
    refusal = refused(answered("approved", "approved", office=office), state_of(*TO_DECIDER, given=LIMITED), by(CLEO), LIMITED)
    assert (refusal.code, refusal.who_could) == ("approval.above_limit", ("decider",))
    assert refusal.why == "chief-executive may decide up to £500,000.00; with PCD 914 the grant comes to £1,746,660.80."


def test_an_office_within_its_limit_decides() -> None:
    small = known(FINANCE, UP_TO, cumulative=50_000_000)
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), given=small)
    assert accepted(answered("approved", "approved", office="chief-executive"), state, by(CLEO), small)


def test_a_second_decision_on_a_step_is_refused() -> None:
    assert refused(answered("declined", "declined"), state_of(*DECIDED), by(DORA)).code == "approval.already_decided"


def test_a_second_comment_of_an_office_is_refused_and_told_how_the_first_is_taken_back() -> None:
    refusal = refused(advised("finance", "On reflection"), state_of(*TO_ADVISERS, (advised("finance"), by(FAY))), by(FAY))
    assert (refusal.code, "`grants withdraw-step`" in refusal.remedy) == ("approval.already_advised", True)


def test_a_decision_taken_is_taken_while_another_office_still_has_to_decide() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), given=TWO_DECIDE)
    refusal = refused(answered("declined", "declined"), state, by(DORA), TWO_DECIDE)
    assert (refusal.code, refusal.who_could) == ("approval.already_taken", ("chief-executive",))
    assert refusal.why == "decider has decided its step of PCD 914 already, which waits for chief-executive."
    assert refusal.remedy == "Wait for chief-executive; as long as no office has gone on from it, `grants withdraw-step` takes it back."


def test_who_could_before_a_step_are_those_alone_whose_step_is_open() -> None:
    refusal = refused(answered("approved", "approved", office="chief-executive"), state_of(*TO_ADVISERS, given=TWO_DECIDE), by(CLEO), TWO_DECIDE)
    assert (refusal.code, refusal.who_could) == ("approval.not_yet", ("finance", "legal"))
    assert refusal.why == "PCD 914 waits for finance, legal, decider first."


@pytest.mark.parametrize(("office", "code"), [("chief-executive", "approval.no_step"), ("finance", "approval.not_your_step")])
def test_a_limit_says_nothing_of_advice(office: str, code: str) -> None:
    assert refused(advised(office), state_of(*TO_ADVISERS, given=LIMITED), by(CLEO), LIMITED).code == code


def test_an_office_outside_the_route_does_not_send_back() -> None:
    assert refused(sent_back("grants-team"), state_of(*TO_ADVISERS), by(EVE)).code == "approval.no_step"


# Separation of duties -------------------------------------------------------------------------------------------------


def test_the_drafter_does_not_decide() -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(ANN))
    assert (refusal.code, refusal.who_could, refusal.why) == ("duty.own_paper", ("decider",), "ann drafted the paper PCD 914, so may not decide it.")


@pytest.mark.parametrize(
    ("deciding", "could"),
    [((ANN, DORA), ("decider",)), ((DORA,), ("decider",)), ((ANN,), ("chief-executive",)), ((), ("chief-executive",))],
    ids=["another holder is left", "others hold it", "the drafter alone holds it", "nobody holds it"],
)
def test_whoever_may_not_decide_is_told_who_else_could_and_where_nobody_is_left_who_can_appoint_somebody(
    deciding: tuple[str, ...], could: tuple[str, ...]
) -> None:
    others = tuple(each for each in HOLDINGS if each.office != "decider")
    house = organisation(holdings=(*others, *(Holding(person=each, office="decider", first=date(2016, 1, 1)) for each in deciding)), cover=())
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(ANN), replace(known(), organisation=house))
    assert (refusal.code, refusal.who_could) == ("duty.own_paper", could)


@pytest.mark.parametrize(("says", "code"), [("decide", "duty.own_other_decision"), ("advise", "duty.own_advice")])
def test_cover_that_may_not_is_told_that_the_principal_could(says: str, code: str) -> None:
    given = known(
        rule("first", "chief-executive", says, 1, limit_pence="any" if says == "decide" else None), rule("then", "decider", "decide", 2, limit_pence="any")
    )
    first = advised("chief-executive") if says == "advise" else answered("approved", "approved", office="chief-executive")
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), (first, by(CLEO)), given=given)
    refusal = refused(APPROVED, state, by(CLEO, COVERED, DORA), given)
    assert (refusal.code, refusal.who_could) == (code, ("decider",))
    assert accepted(APPROVED, state, by(DORA, COVERED), given)


def test_whoever_had_another_part_in_a_paper_that_is_decided_is_told_that_it_is_decided() -> None:
    refusals = [refused(body, state_of(*DECIDED), by(each)) for body in (APPROVED, advised("finance")) for each in (ANN, FAY, DORA)]
    assert [(each.code, each.who_could) for each in refusals] == [("approval.already_decided", ())] * 6


def test_the_drafter_does_not_decide_as_cover_either() -> None:
    assert refused(APPROVED, state_of(*TO_DECIDER), by(ANN, COVERED, DORA)).code == "duty.own_paper"


def test_nobody_decides_on_behalf_of_the_drafter() -> None:
    assert refused(APPROVED, state_of(*TO_DECIDER), by(CLEO, COVERED, ANN)).code == "duty.own_paper"


def test_an_adviser_does_not_decide_even_as_cover() -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(FAY, COVERED, DORA))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("decider",))


def test_who_edited_a_paper_is_its_drafter_too() -> None:
    state = state_of((drafted(), by(BEN)), (edited(title="Better"), by(ANN)), (SUBMITTED, by(BEN)), (advised("finance"), by(FAY)), (advised("legal"), by(LEO)))
    assert refused(APPROVED, state, by(ANN, COVERED, DORA)).code == "duty.own_paper"


def test_who_advised_does_not_edit_even_once_the_advice_is_void() -> None:
    refusal = refused(edited(title="Mine"), state_of(*TO_DECIDER, (sent_back(), by(DORA))), by(FAY))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("grants-team",))


def test_who_sent_a_paper_back_does_not_submit_it_again() -> None:
    assert refused(SUBMITTED, state_of(*TO_DECIDER, (sent_back(), by(DORA))), by(DORA)).code == "duty.own_decision"


def test_who_decided_does_not_edit() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), given=TWO_DECIDE)
    assert refused(edited(title="Mine"), state, by(DORA), TWO_DECIDE).code == "duty.own_decision"


def test_the_drafter_does_not_advise() -> None:
    assert refused(advised("finance"), state_of(*TO_ADVISERS), by(ANN)).code == "duty.own_paper"


# Cover ----------------------------------------------------------------------------------------------------------------


def test_cover_decides_in_its_dates() -> None:
    assert isinstance(accepted(APPROVED, state_of(*TO_DECIDER), by(CLEO, COVERED, DORA))[0], StepDecided)


@pytest.mark.parametrize("day", [10, 16])
def test_cover_outside_its_dates_does_not_decide(day: int) -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(CLEO, datetime(2021, 1, day, 9, tzinfo=UTC), DORA))
    assert (refusal.code, refusal.who_could) == ("authority.no_cover", ("decider",))


def test_cover_does_not_reach_beyond_the_acts_that_it_names() -> None:
    assert refused(sent_back(), state_of(*TO_DECIDER), by(CLEO, COVERED, DORA)).code == "authority.no_cover"


def test_cover_is_bounded_by_the_limit_of_its_principal() -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER, given=LIMITED), by(EVE, COVERED, CLEO), with_cover_for_cleo(LIMITED))
    assert (refusal.code, refusal.who_could) == ("approval.above_limit", ("decider",))


# Outcomes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "pence", "standing"),
    [
        ("approved", None, {"variation-1": {"2020/21": CAP}}),
        ("approved_lower", 5, {"variation-1": {"2020/21": 5}}),
        ("declined", None, {}),
        ("deferred", None, {}),
    ],
)
def test_what_is_approved_is_authorised_and_nothing_else(outcome: str, pence: int | None, standing: dict[str, dict[str, int]]) -> None:
    state = state_of(*TO_DECIDER, (answered(outcome, "approved", pence=pence), by(DORA)))
    assert (authorised(state), set(decision_refs(state))) == (standing, set(standing))


@pytest.mark.parametrize(
    ("verb", "money"), [("approve", True), ("accept", True), ("ratify", True), ("delegate", False), ("approve_in_principle", False), ("note", False)]
)
def test_only_approving_accepting_and_ratifying_authorise_money(*, verb: str, money: bool) -> None:
    one = item("1", verb, to="the chief finance officer" if verb == "delegate" else None)
    state = state_of((drafted(items=(one,)), by(ANN)), *TO_DECIDER[1:], (answered("approved"), by(DORA)))
    assert bool(authorised(state)) is money


def test_an_item_with_two_verbs_authorises_by_the_one_that_can() -> None:
    state = state_of((drafted(items=(item(verbs=("note", "approve")),)), by(ANN)), *TO_DECIDER[1:], (answered("approved"), by(DORA)))
    assert authorised(state) == {"variation-1": {"2020/21": CAP}}


def test_approving_a_bid_authorises_the_bid_alone() -> None:
    bid = Item(item="1", verbs=("approve",), words="A bid", instrument="bid-1", pence={"2021/22": 9})
    state = state_of((drafted(items=(bid,)), by(ANN)), *TO_DECIDER[1:], (answered("approved"), by(DORA)))
    assert authorised(state) == {"bid-1": {"2021/22": 9}}


def test_nothing_is_authorised_before_the_last_step_is_taken() -> None:
    assert authorised(state_of(*TO_DECIDER, (APPROVED, by(DORA)), given=TWO_DECIDE)) == {}


def test_of_two_deciders_the_more_reserved_prevails() -> None:
    lower = answered("approved_lower", "approved", pence=7, office="chief-executive")
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), (lower, by(CLEO)), given=TWO_DECIDE)
    assert (authorised(state), papers(state)[0].standing) == ({"variation-1": {"2020/21": 7}}, "decided")


def test_a_paper_of_which_something_is_left_to_approve_waits_for_the_next_office() -> None:
    state = state_of(*TO_DECIDER, (answered("approved", "declined"), by(DORA)), given=TWO_DECIDE)
    assert [each.owner for each in duties(state, TWO_DECIDE)] == ["chief-executive"]


def test_a_paper_is_retrospective_by_its_own_date_not_by_that_of_its_decision() -> None:
    late = known(*RULES, rule("late", "chief-executive", "advise", 1, when=Condition(retrospective=True)))
    before = state_of(*TO_DECIDER, given=late)
    assert accepted(APPROVED, before, by(DORA, datetime(2021, 4, 1, 9, tzinfo=UTC)), late)


def test_a_paper_of_which_nothing_is_left_to_approve_waits_for_nobody() -> None:
    state = state_of(*TO_DECIDER, (answered("declined", "deferred"), by(DORA)), given=TWO_DECIDE)
    assert (papers(state)[0].standing, duties(state, TWO_DECIDE)) == ("decided", ())
    late = refused(answered("approved", "approved", office="chief-executive"), state, by(CLEO), TWO_DECIDE)
    assert (late.code, late.why) == ("approval.already_decided", "PCD 914 has been decided by decider; another decision needs another paper.")


@pytest.mark.parametrize("outcomes", [("approved",), ("approved", "approved", "approved")])
def test_a_decision_answers_each_item_once(outcomes: tuple[str, ...]) -> None:
    assert refused(answered(*outcomes), state_of(*TO_DECIDER), by(DORA)).code == "approval.unanswered"


@pytest.mark.parametrize("pence", [CAP, CAP + 1])
def test_an_approval_at_a_lower_amount_is_lower(pence: int) -> None:
    assert refused(answered("approved_lower", "approved", pence=pence), state_of(*TO_DECIDER), by(DORA)).code == "approval.not_lower"


@pytest.mark.parametrize(("outcome", "pence"), [("approved_lower", None), ("approved", {"2020/21": 1})])
def test_an_amount_is_given_where_it_is_lower_and_only_there(outcome: str, pence: object) -> None:
    with pytest.raises(ValidationError, match="only there"):
        ItemOutcome.model_validate({"item": "1", "outcome": outcome, "pence": pence})


def test_a_decision_is_refused_where_the_scheme_has_changed_since_the_submission() -> None:
    old = edition(*RULES, name="old", last=date(2021, 1, 10))
    stricter = known(editions=(old, edition(*RULES, SECOND, name="new", first=date(2021, 1, 11))))
    state = state_of(*TO_DECIDER, given=stricter)
    assert refused(APPROVED, state, by(DORA, COVERED), stricter).code == "approval.route_changed"


def test_a_decision_under_a_new_edition_that_asks_the_same_names_that_edition() -> None:
    same = known(editions=(edition(*RULES, name="old", last=date(2021, 1, 10)), edition(*RULES, name="new", first=date(2021, 1, 11))))
    event = accepted(APPROVED, state_of(*TO_DECIDER, given=same), by(DORA, COVERED), same)[0]
    assert isinstance(event, StepDecided)
    assert event.edition == "new"


def test_a_decision_is_refused_where_no_edition_is_in_force_any_more() -> None:
    ended = known(editions=(edition(*RULES, last=date(2021, 1, 10)),))
    assert refused(APPROVED, state_of(*TO_DECIDER, given=ended), by(DORA, COVERED), ended).code == "scheme.no_edition"


def test_a_grant_that_grew_beyond_an_offices_limit_since_the_submission_is_not_decided_by_it() -> None:
    small = known(FINANCE, UP_TO, DECIDES, cumulative=50_000_000)
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), given=small)
    grown = replace(small, cumulative_pence=50_000_001)
    assert refused(answered("approved", "approved", office="chief-executive"), state, by(CLEO), grown).code == "approval.route_changed"


def submission(given: Given, now: datetime = MORNING, **other: object) -> PaperSubmitted:
    (event,) = accepted(SubmitPaper(paper="PCD 914"), state_of((drafted(**other), by(ANN)), given=given), by(ANN, now), given)
    assert isinstance(event, PaperSubmitted)
    return event


def with_cover_for_cleo(given: Given) -> Given:
    charter = given.organisation.charter
    assert charter is not None
    stand_in = charter.cover[0].model_copy(update={"person": EVE, "principal": CLEO, "office": "chief-executive"})
    return replace(given, organisation=given.organisation.model_copy(update={"charter": charter.model_copy(update={"cover": (stand_in,)})}))
