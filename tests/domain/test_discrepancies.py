"""Specs of the register of discrepancies, and of the rooms' view of assurance at a day, read as sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain import assurance, assurance_rows
from domain.assessments import RecordAssessment
from domain.assurance import Given, State
from domain.conditions import AddCondition, MeetCondition
from domain.discrepancies import RecordDiscrepancy, ResolveDiscrepancy
from domain.exception import DiscrepancyFound
from domain.model import Event
from domain.reviews import PromiseReview, RecordReview
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

GIVEN = Given(policy=policy(owed_by("assurance", "discrepancy.resolved", owner="someone-else", ladder="grants")), discrepancy_owner="finance")
DAY, LATER = at("2019-01-15"), at("2019-02-01")
FOUND = DiscrepancyFound(
    discrepancy="total/offer-1", what="stated total", subject="offer-1", owner="finance", why="the lines say less", stated_pence=620, found_pence=500
)
ALIASES = RecordDiscrepancy(discrepancy="fund", what="two names of one fund", subject="bid-1", why="1.2 says one name, 3.1 another")
RESOLVE = ResolveDiscrepancy(discrepancy="total/offer-1", resolution="The lines hold: a bid is no offer.")


def told(*steps: Any, by: Any = DAY, state: State = State()) -> State:  # noqa: B008  (frozen)
    for step in steps:
        if isinstance(step, Event):
            state = after(assurance, state, (step,), by)
        else:
            state, answer = once(assurance, state, step, by, GIVEN)
            accepted(answer)
    return state


def test_a_discrepancy_found_anywhere_waits_for_its_owner_and_keeps_the_grant_open() -> None:
    state = told(FOUND)
    (duty,) = assurance.duties(state, GIVEN)
    assert (duty.name, duty.subject, duty.owner, duty.since) == ("discrepancy.resolved", "total/offer-1", "finance", DAY.now)
    assert assurance.gates(state) == ("discrepancy total/offer-1 is not resolved",)


def test_one_that_names_no_owner_is_the_policys() -> None:
    (found,) = accepted(assurance.decide(ALIASES, State(), DAY, GIVEN))
    assert isinstance(found, DiscrepancyFound)
    assert (found.owner, found.stated_pence, found.found_pence) == ("finance", None, None)
    (other,) = accepted(assurance.decide(ALIASES.model_copy(update={"owner": "legal"}), State(), DAY, GIVEN))
    assert isinstance(other, DiscrepancyFound)
    assert other.owner == "legal"


def test_a_resolved_discrepancy_stands_in_the_register_with_what_holds() -> None:
    state = told(RESOLVE, by=LATER, state=told(FOUND))
    row = state.discrepancies["total/offer-1"]
    assert row.resolved
    assert (row.resolved.resolution, row.resolved_at, row.resolved_by) == (RESOLVE.resolution, LATER.now, "p-hazel")
    assert (assurance.duties(state, GIVEN), assurance.gates(state)) == ((), ())


def test_found_again_in_the_same_words_it_stays_resolved_and_with_other_figures_it_is_open_again() -> None:
    state = told(FOUND, RESOLVE)
    assert told(FOUND, state=state) == state
    assert assurance.gates(told(FOUND.model_copy(update={"found_pence": 510}), state=state)) == ("discrepancy total/offer-1 is not resolved",)


@pytest.mark.parametrize(
    ("known", "other", "code"),
    [
        ((), RESOLVE, "assurance.discrepancy_unknown"),
        ((ALIASES,), ALIASES.model_copy(update={"why": "another"}), "assurance.discrepancy_differs"),
        ((FOUND, RESOLVE), RESOLVE.model_copy(update={"resolution": "Another."}), "assurance.discrepancy_resolved"),
    ],
)
def test_what_cannot_be_said_of_a_discrepancy_is_refused(known: tuple[Any, ...], other: Any, code: str) -> None:
    assert refused(assurance.decide(other, told(*known), DAY, GIVEN))[0] == code


# The view at a day ----------------------------------------------------------------------------------------------------

CONDITION = AddCondition(condition="c-1", of="offer-1", words="Vetting", owner="project")
FULL = told(
    MeetCondition(condition="c-1", on="2019-01"),
    RecordReview(review="impact", on="2019-01-31", outcome="Fine."),
    RESOLVE,
    by=LATER,
    state=told(
        FOUND, CONDITION, PromiseReview(review="impact", words="At the end", owner="project"), RecordAssessment(form="dpia", outcome="Done.", dated="2018-06")
    ),
)


def test_what_states_its_day_counts_from_that_day_and_the_rest_from_when_it_was_recorded() -> None:
    before, then, now = (assurance_rows.assurance_figures(FULL, date(*day)) for day in ((2018, 7, 1), (2019, 1, 30), (2019, 2, 1)))
    assert ([each.form for each in before.assessments], before.conditions, before.reviews, before.discrepancies) == (["dpia"], (), (), ())
    assert [(each.open, each.met) for each in (*then.conditions, *now.conditions)] == [(True, None), (False, "2019-01")]
    assert [len(each.made) for each in (*then.reviews, *now.reviews)] == [0, 1]
    assert [each.resolution for each in (*then.discrepancies, *now.discrepancies)] == [None, RESOLVE.resolution]
    assert [(each.stated_pence, each.found_pence) for each in now.discrepancies] == [(620, 500)]


def test_a_condition_met_without_evidence_is_shown_beside_its_exception() -> None:
    now = assurance_rows.assurance_figures(FULL, date(2019, 2, 1))
    assert [(each.evidence, each.words) for each in now.conditions] == [(0, "Vetting")]
    assert [(each.exception, each.closed) for each in now.exceptions] == [("condition/c-1", None)]
