"""Specs of conditions and of promised reviews, read as sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain import assurance
from domain.assurance import Given, State
from domain.calendar import end_of
from domain.conditions import AddCondition, MeetCondition, WaiveCondition
from domain.exception import ExceptionClosed, ExceptionRaised
from domain.model import Document, Event
from domain.reviews import PromiseReview, RecordReview
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

GIVEN = Given(
    policy=policy(owed_by("assurance", "condition.met", owner="someone-else", ladder="plans"), owed_by("assurance", "review.made", ladder="plans")),
    exception_owner="finance-chief",
)
DAY = at("2022-05-03")
MINUTE = (Document(kind="minute", kept="the board's papers"),)
CONDITION = AddCondition(condition="c-1", of="agreement-1", words="Vetting of all staff", owner="project", due=date(2022, 6, 30))
MET = MeetCondition(condition="c-1", on="2022-06", documents=MINUTE)
WAIVED = WaiveCondition(condition="c-1", reason="Nobody joins from outside.")
REVIEW = PromiseReview(review="impact", words="Review the results when the project ends", owner="project", due=date(2022, 9, 30))
MADE = RecordReview(review="impact", on="2022-09-20", outcome="No adverse impact.", documents=MINUTE)
LEGAL = PromiseReview(review="legal", words="Reviewed through the period", owner="legal", standing=True)


def told(*steps: Any, state: State = State()) -> State:  # noqa: B008  (frozen)
    for step in steps:
        if isinstance(step, Event):
            state = after(assurance, state, (step,), DAY)
        else:
            state, answer = once(assurance, state, step, DAY, GIVEN)
            accepted(answer)
    return state


def follows(body: Any, state: State = State()) -> tuple[Event, ...]:  # noqa: B008  (frozen)
    return accepted(assurance.decide(body, state, DAY, GIVEN))


def owed(state: State) -> list[tuple[str, str, str]]:
    return [(each.name, each.subject, each.owner) for each in assurance.duties(state, GIVEN)]


# Conditions -----------------------------------------------------------------------------------------------------------


def test_a_condition_waits_for_its_own_owner_until_the_end_of_its_day() -> None:
    (duty,) = assurance.duties(told(CONDITION), GIVEN)
    assert (duty.name, duty.subject, duty.owner, duty.ladder) == ("condition.met", "c-1", "project", "plans")
    assert (duty.since, duty.due) == (DAY.now, end_of(date(2022, 6, 30)))


def test_a_condition_without_a_day_is_owed_with_no_date() -> None:
    (duty,) = assurance.duties(told(CONDITION.model_copy(update={"due": None})), GIVEN)
    assert duty.due is None


def test_an_open_condition_keeps_the_grant_open_and_one_that_is_met_does_not() -> None:
    assert assurance.gates(told(CONDITION)) == ("condition c-1 is neither met nor waived",)
    assert (assurance.gates(told(CONDITION, MET)), owed(told(CONDITION, MET))) == ((), [])


def test_a_waived_condition_is_owed_no_more_and_keeps_its_reason() -> None:
    state = told(CONDITION, WAIVED)
    assert (assurance.gates(state), owed(state)) == ((), [])
    assert state.conditions["c-1"].waived
    assert state.conditions["c-1"].waived.reason == WAIVED.reason


def test_a_condition_met_without_evidence_has_an_exception_until_the_evidence_is_named() -> None:
    bare = MET.model_copy(update={"documents": ()})
    _, raised = follows(bare, told(CONDITION))
    assert isinstance(raised, ExceptionRaised)
    assert (raised.exception, raised.owner, raised.what) == ("condition/c-1", "finance-chief", "no evidence that a condition is met")
    assert follows(MET, told(CONDITION, bare))[1:] == (ExceptionClosed(exception="condition/c-1", how="put right by what was recorded since"),)


def test_a_condition_that_nobody_recorded_and_is_met_has_an_exception_until_somebody_records_it() -> None:
    assert [each.wire for each in follows(MET)] == ["condition.met", "exception.raised"]
    assert [each.wire for each in follows(CONDITION, told(MET))] == ["condition.added", "exception.closed"]
    assert assurance.gates(told(MET, CONDITION)) == ()


def test_an_exception_that_was_closed_by_hand_is_not_closed_again() -> None:
    state = told(MET, ExceptionClosed(exception="condition/c-1", how="the agreement has no such condition"))
    assert [each.wire for each in follows(CONDITION, state)] == ["condition.added"]


@pytest.mark.parametrize(
    ("known", "other", "code"),
    [
        ((), WAIVED, "assurance.condition_unknown"),
        ((CONDITION,), CONDITION.model_copy(update={"words": "Vetting of some"}), "assurance.condition_differs"),
        ((CONDITION, MET), MET.model_copy(update={"on": "2022-07"}), "assurance.condition_differs"),
        ((CONDITION, MET), MET.model_copy(update={"documents": ()}), "assurance.condition_differs"),
        ((CONDITION, MET), WAIVED, "assurance.condition_settled"),
        ((CONDITION, WAIVED), WAIVED.model_copy(update={"reason": "Another."}), "assurance.condition_settled"),
    ],
)
def test_what_cannot_be_said_of_a_condition_is_refused(known: tuple[Any, ...], other: Any, code: str) -> None:
    assert refused(assurance.decide(other, told(*known), DAY, GIVEN))[0] == code


# Reviews --------------------------------------------------------------------------------------------------------------


def test_a_promised_review_is_owed_and_blocks_the_close_until_it_is_made() -> None:
    state = told(REVIEW)
    assert (owed(state), assurance.gates(state)) == ([("review.made", "impact", "project")], ("review impact was promised and is not made",))
    assert (owed(told(MADE, state=state)), assurance.gates(told(MADE, state=state))) == ([], ())


def test_a_review_that_blocks_nothing_is_owed_like_any_other() -> None:
    state = told(REVIEW.model_copy(update={"blocks_close": False}))
    assert (len(owed(state)), assurance.gates(state)) == (1, ())


def test_a_standing_review_is_owed_again_after_each_and_blocks_only_until_the_first() -> None:
    first = RecordReview(review="legal", on="2022-07-01", outcome="Nothing stands against it.", next_due=date(2022, 12, 20))
    state = told(LEGAL, first)
    (duty,) = assurance.duties(state, GIVEN)
    assert (duty.owner, duty.due, assurance.gates(state)) == ("legal", end_of(date(2022, 12, 20)), ())
    (again,) = assurance.duties(told(first.model_copy(update={"on": "2022-12-15", "next_due": None}), state=state), GIVEN)
    assert again.due is None


def test_a_review_that_nobody_promised_is_recorded_and_owes_nothing() -> None:
    state = told(MADE)
    assert (owed(state), assurance.gates(state), len(state.reviews["impact"].made)) == ([], (), 1)
    assert owed(told(REVIEW, state=state)) == []


def test_a_promise_is_not_made_in_other_words_under_the_same_name() -> None:
    assert refused(assurance.decide(REVIEW.model_copy(update={"owner": "legal"}), told(REVIEW), DAY, GIVEN))[0] == "assurance.review_differs"
