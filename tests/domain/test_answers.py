"""Specs of what a step can say: an adviser's view, an approval in principle, a note, a deferral with its day, an approval under conditions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from domain.approval import Given, State, authorised, delegations, papers
from domain.evidence import canonical, digest
from domain.model import line_of
from domain.paper import DecidedItem, Item, ItemOutcome, ItemProviso, Outcome, Proviso, decided, outcome_words, provisos
from domain.provisos import AuthorityGiven, given
from domain.saying import AdviseStep, DecideStep, PaperDecided, StepAdvised
from domain.steps import View
from tests.domain.papers import (
    ANN,
    APPROVED,
    CAP,
    CLEO,
    DORA,
    FAY,
    SECOND,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    TWO_DECIDE,
    Wish,
    accepted,
    advised,
    after,
    answered,
    by,
    drafted,
    item,
    known,
    refused,
    state_of,
)

UNTIL = date(2021, 3, 1)
VETTED = Proviso(condition="c-1", words="Vetting of all staff", owner="finance", due=UNTIL)
BEFORE = Proviso(condition="c-2", words="The match is confirmed", owner="legal", before=True)

WITH_PARTIES = replace(known(), parties=frozenset({"A partner", "A funder"}))


def viewed(view: View) -> AdviseStep:
    return advised("finance").model_copy(update={"view": view})


def said_of(*outcomes: ItemOutcome, office: str = "decider") -> DecideStep:
    return DecideStep(paper="PCD 914", office=office, outcomes=outcomes)


def outcome(name: str = "1", how: Outcome = "approved", **rest: object) -> ItemOutcome:
    return ItemOutcome.model_validate({"item": name, "outcome": how, **rest})


def ended_with(body: DecideStep, state: State | None = None, asked: Given | None = None) -> PaperDecided:
    *_, ended = accepted(body, state or state_of(*TO_DECIDER), by(DORA), asked)
    assert isinstance(ended, PaperDecided)
    return ended


def decided_as(*outcomes: ItemOutcome) -> State:
    return state_of(*TO_DECIDER, (said_of(*outcomes), by(DORA)))


# Advice ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["endorse", "object"])
def test_an_advisers_view_is_bound_in_the_digest_of_the_comment_and_shown(view: View) -> None:
    state = state_of(*TO_ADVISERS)
    (event,) = accepted(viewed(view), state, by(FAY))
    assert isinstance(event, StepAdvised)
    signed = {"paper": "PCD 914", "content": event.content, "office": "finance", "comment": "No reason against", "view": view}
    assert (event.view, event.digest) == (view, digest(canonical(signed)))
    assert line_of(event) == f"finance advised on PCD 914 ({view}): No reason against"
    assert [each.view for each in papers(state_of(*TO_ADVISERS, (viewed(view), by(FAY))))[0].steps] == [view, None, None]


def test_a_mere_comment_is_signed_as_it_always_was() -> None:
    (event,) = accepted(advised("finance"), state_of(*TO_ADVISERS), by(FAY))
    assert isinstance(event, StepAdvised)
    signed = {"paper": "PCD 914", "content": event.content, "office": "finance", "comment": "No reason against"}
    assert (event.view, event.digest) == ("comment", digest(canonical(signed)))


def test_an_objection_hinders_no_decision() -> None:
    state = state_of(*TO_ADVISERS, (viewed("object"), by(FAY)), TO_DECIDER[3])
    assert accepted(APPROVED, state, by(DORA))


# Outcomes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "came_to"),
    [
        (("declined", "approved"), "declined"),
        (("deferred", "declined"), "declined"),
        (("noted", "deferred"), "deferred"),
        (("approved_in_principle", "noted"), "noted"),
        (("approved", "approved_in_principle"), "approved_in_principle"),
        (("approved", "approved"), "approved"),
    ],
)
def test_several_deciders_come_to_the_most_reserved_outcome(outcomes: tuple[Outcome, ...], came_to: str) -> None:
    assert decided(item(), [outcome(how=each) for each in outcomes]).outcome == came_to


def test_what_is_approved_lower_is_more_reserved_than_approved_and_less_than_in_principle() -> None:
    lower = outcome(how="approved_lower", pence={"2020/21": 1})
    assert decided(item(), [lower, outcome()]).outcome == "approved_lower"
    assert decided(item(), [lower, outcome(how="approved_in_principle")]).outcome == "approved_in_principle"


def test_an_approval_in_principle_authorises_no_money_and_delegates_nothing() -> None:
    gives = item("2", "delegate", to="legal")
    asked: tuple[Wish, ...] = ((drafted(items=(item(), gives)), by(ANN)), *TO_DECIDER[1:])
    in_principle = said_of(*(outcome(each, "approved_in_principle") for each in ("1", "2")))
    state = state_of(*asked, (in_principle, by(DORA)))
    assert authorised(state) == {}
    assert delegations(state) == ()
    assert line_of(ended_with(in_principle, state_of(*asked))) == (
        "Paper PCD 914 decided: item 1 approved in principle, which authorises nothing yet, item 2 approved in principle, which authorises nothing yet"
    )


def test_an_item_that_asks_for_approval_in_principle_may_still_be_approved() -> None:
    asked: tuple[Wish, ...] = ((drafted(items=(item(verb="approve_in_principle"),)), by(ANN)), *TO_DECIDER[1:])
    state = state_of(*asked, (said_of(outcome()), by(DORA)))
    assert authorised(state) == {}


@pytest.mark.parametrize("how", ["noted", "approved"])
def test_an_item_that_only_notes_is_noted_or_approved(how: Outcome) -> None:
    asked: tuple[Wish, ...] = ((drafted(items=(item(verb="note"),)), by(ANN)), *TO_DECIDER[1:])
    assert ended_with(said_of(outcome(how=how)), state_of(*asked)).items[0].outcome == how


@pytest.mark.parametrize("verbs", [("approve",), ("note", "approve")])
def test_what_asks_for_more_is_not_merely_noted(verbs: tuple[str, ...]) -> None:
    asked = item().model_copy(update={"verbs": verbs})
    state = state_of((drafted(items=(asked,)), by(ANN)), *TO_DECIDER[1:])
    refusal = refused(said_of(outcome(how="noted")), state, by(DORA))
    assert (refusal.code, refusal.who_could, refusal.why) == ("approval.not_a_note", ("decider",), "Item 1 of PCD 914 asks for more than to be noted.")


@pytest.mark.parametrize(("how", "ends"), [("declined", True), ("deferred", True), ("approved_in_principle", False), ("approved", False)])
def test_a_paper_ends_at_once_when_nothing_of_it_is_left_for_the_others(how: Outcome, *, ends: bool) -> None:
    state = state_of(*TO_DECIDER, given=TWO_DECIDE)
    events = accepted(answered(how, how), state, by(DORA), TWO_DECIDE)
    assert isinstance(events[-1], PaperDecided) == ends


def test_what_is_noted_still_waits_for_the_other_deciders() -> None:
    state = state_of((drafted(items=(item(verb="note"),)), by(ANN)), *TO_DECIDER[1:], given=TWO_DECIDE)
    assert len(accepted(said_of(outcome(how="noted")), state, by(DORA), TWO_DECIDE)) == 1


def test_every_outcome_has_its_words() -> None:
    assert [outcome_words(each) for each in ("approved", "noted", "deferred")] == ["approved", "noted", "deferred"]
    assert outcome_words("approved_lower") == "approved at a lower amount"


# Deferral -------------------------------------------------------------------------------------------------------------


def test_a_deferral_says_until_when_and_why() -> None:
    put_off = outcome(how="deferred", until=UNTIL, reason="The funder has not written yet")
    state = decided_as(put_off, outcome("2"))
    first, second = papers(state)[0].items
    assert (first.outcome, first.deferred_until, first.reasons) == ("deferred", UNTIL, ("The funder has not written yet",))
    assert (second.deferred_until, second.reasons) == (None, ())
    assert str(put_off) == "item 1 deferred until 1 March 2021"
    assert line_of(ended_with(said_of(put_off, outcome("2")))) == "Paper PCD 914 decided: item 1 deferred until 1 March 2021, item 2 approved"


def test_of_several_deferrals_the_latest_day_counts_and_of_what_was_not_deferred_none() -> None:
    days = [outcome(how="deferred", until=UNTIL), outcome(how="deferred", until=date(2021, 4, 1)), outcome(how="deferred")]
    assert decided(item(), days).deferred_until == date(2021, 4, 1)
    assert decided(item(), [*days, outcome(how="declined")]).deferred_until is None
    assert decided(item(), [days[2]]).deferred_until is None


def test_what_was_deferred_can_be_asked_again_by_a_new_paper() -> None:
    state = decided_as(outcome(how="deferred", until=UNTIL), outcome("2"))
    again = drafted(paper="PCD 915", items=(item(),))
    state = after(state, accepted(again, state, by(ANN)), by(ANN))
    assert accepted(SUBMITTED.model_copy(update={"paper": "PCD 915"}), state, by(ANN))


@pytest.mark.parametrize("how", ["approved", "declined"])
def test_only_what_is_deferred_is_deferred_until_a_day(how: Outcome) -> None:
    with pytest.raises(ValidationError, match="only what is deferred is deferred until a day"):
        outcome(how=how, until=UNTIL)


# Conditions -----------------------------------------------------------------------------------------------------------


def test_an_approval_under_conditions_names_them_item_by_item() -> None:
    ended = ended_with(said_of(outcome(conditions=(VETTED, BEFORE)), outcome("2")))
    assert ended.conditions == (ItemProviso(item="1", **dict(VETTED)), ItemProviso(item="1", **dict(BEFORE)))
    assert papers(decided_as(outcome(conditions=(VETTED,)), outcome("2")))[0].items[0].conditions == (ItemProviso(item="1", **dict(VETTED)),)


@pytest.mark.parametrize(("conditions", "words"), [((VETTED,), ", under 1 condition"), ((VETTED, BEFORE), ", under 2 conditions"), ((), "")])
def test_an_outcome_says_how_many_conditions_it_has(conditions: tuple[Proviso, ...], words: str) -> None:
    assert str(outcome(conditions=conditions)) == f"item 1 approved{words}"


@pytest.mark.parametrize("how", ["declined", "deferred", "noted", "approved_in_principle"])
def test_only_an_approval_that_gives_something_has_conditions(how: Outcome) -> None:
    with pytest.raises(ValidationError, match="only an approval that gives something has conditions"):
        outcome(how=how, conditions=(VETTED,))


def test_what_another_decider_declined_stands_under_no_condition() -> None:
    outcomes = [outcome(conditions=(VETTED,)), outcome(how="declined")]
    assert provisos([decided(item(), outcomes)], outcomes) == ()


def test_both_deciders_conditions_stand() -> None:
    first = (said_of(outcome(conditions=(VETTED,)), outcome("2")), by(DORA))
    state = state_of(*TO_DECIDER, first, given=TWO_DECIDE)
    second = said_of(outcome(conditions=(BEFORE,)), outcome("2"), office=SECOND.office)
    *_, ended = accepted(second, state, by(CLEO), TWO_DECIDE)
    assert isinstance(ended, PaperDecided)
    assert [each.condition for each in ended.conditions] == ["c-1", "c-2"]


def test_a_condition_that_the_grant_has_already_is_not_made_again() -> None:
    taken = replace(known(), conditions=frozenset({"c-1"}))
    refusal = refused(said_of(outcome(conditions=(VETTED,)), outcome("2")), state_of(*TO_DECIDER), by(DORA), taken)
    assert (refusal.code, refusal.who_could) == ("approval.condition_exists", ("decider",))
    assert refusal.why == "There is a condition c-1 already; that of an approval is another one."
    assert accepted(said_of(outcome(conditions=(BEFORE,)), outcome("2")), state_of(*TO_DECIDER), by(DORA), taken)


def test_one_name_is_not_given_to_two_conditions_of_a_paper() -> None:
    twice = said_of(outcome(conditions=(VETTED,)), outcome("2", conditions=(VETTED,)))
    assert refused(twice, state_of(*TO_DECIDER), by(DORA)).code == "approval.condition_exists"
    first = (said_of(outcome(conditions=(VETTED,)), outcome("2")), by(DORA))
    state = state_of(*TO_DECIDER, first, given=TWO_DECIDE)
    again = said_of(outcome(conditions=(VETTED,)), outcome("2"), office=SECOND.office)
    assert refused(again, state, by(CLEO), TWO_DECIDE).code == "approval.condition_exists"


@pytest.mark.parametrize("owner", ["grants-tem", "FINANCE"])
def test_nobody_who_is_unknown_is_to_meet_a_condition(owner: str) -> None:
    lost = VETTED.model_copy(update={"owner": owner})
    refusal = refused(said_of(outcome(conditions=(lost,)), outcome("2")), state_of(*TO_DECIDER), by(DORA), WITH_PARTIES)
    assert (refusal.code, refusal.who_could) == ("approval.no_such_owner", ("decider",))
    assert refusal.why == f"{owner}, who would meet condition c-1 of PCD 914, is neither an office of the organisation nor a party of the grant."


@pytest.mark.parametrize("owner", ["legal", "funder", "A funder", "A partner"])
def test_an_office_a_party_or_the_funder_is_to_meet_a_condition(owner: str) -> None:
    theirs = VETTED.model_copy(update={"owner": owner})
    assert accepted(said_of(outcome(conditions=(theirs,)), outcome("2")), state_of(*TO_DECIDER), by(DORA), WITH_PARTIES)


# Conditions that are to be met before ---------------------------------------------------------------------------------


def test_an_approval_authorises_nothing_before_its_precondition_is_met() -> None:
    assert authorised(decided_as(outcome(conditions=(BEFORE,)), outcome("2"))) == {}
    assert authorised(decided_as(outcome(conditions=(VETTED,)), outcome("2"))) == {"variation-1": {"2020/21": CAP}}


def test_an_approval_counts_from_the_moment_that_its_precondition_is_met() -> None:
    state = decided_as(outcome(conditions=(BEFORE,)), outcome("2"))
    assert [each.counts_from for each in papers(state)[0].items] == [None, by(DORA).now]
    later = by(DORA).now.replace(day=20)
    counting = AuthorityGiven(paper="PCD 914", item="1", conditions=("c-2",))
    state = after(state, (counting,), by(FAY, later))
    assert authorised(state) == {"variation-1": {"2020/21": CAP}}
    assert authorised(state, date(2021, 1, 19)) == {}
    assert authorised(state, date(2021, 1, 20)) == {"variation-1": {"2020/21": CAP}}
    assert [each.counts_from for each in papers(state)[0].items] == [later, by(DORA).now]


@pytest.mark.parametrize(("settled", "names"), [((), []), (("c-2",), []), (("c-2", "c-3"), ["1"]), (("c-1",), [])])
def test_every_precondition_of_an_item_must_be_met(settled: tuple[str, ...], names: list[str]) -> None:
    another = BEFORE.model_copy(update={"condition": "c-3"})
    state = decided_as(outcome(conditions=(VETTED, BEFORE, another)), outcome("2"))
    found = given(state.papers.values(), settled)
    assert [each.item for each in found] == names
    assert [each.conditions for each in found] == [("c-2", "c-3") for _ in names]


def test_what_counts_already_is_not_given_again() -> None:
    state = decided_as(outcome(conditions=(BEFORE,)), outcome("2"))
    (first,) = given(state.papers.values(), ("c-2",))
    assert given(after(state, (first,), by(FAY)).papers.values(), ("c-2",)) == ()


def test_a_delegation_under_a_precondition_gives_nothing_before() -> None:
    gives: Item = item("1", "delegate", to="legal")
    asked: tuple[Wish, ...] = ((drafted(items=(gives,)), by(ANN)), *TO_DECIDER[1:])
    state = state_of(*asked, (said_of(outcome(conditions=(BEFORE,))), by(DORA)))
    assert delegations(state) == ()
    (first,) = given(state.papers.values(), ("c-2",))
    (delegation,) = delegations(after(state, (first,), by(FAY, by(DORA).now.replace(day=20))))
    assert (delegation.to, delegation.first) == ("legal", date(2021, 1, 20))


def test_a_decided_item_that_was_stored_before_deferrals_had_days_reads_as_it_was() -> None:
    stored: dict[str, object] = {"item": "1", "verbs": ["approve"], "words": "An uplift", "instrument": None, "pence": {}, "outcome": "deferred"}
    assert DecidedItem.model_validate(stored, strict=False).deferred_until is None
