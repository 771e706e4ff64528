"""Specs of what becomes of posts, assets and contracts once an exit was triggered, read as sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain import exit as leaving
from domain.calendar import end_of
from domain.dispositions import RecordAsset, RecordDisposition
from domain.ending import ExitCompleted, ExitTriggered, Given, PostsOf, State
from domain.exception import ExceptionClosed, ExceptionRaised
from domain.model import Document, Event
from domain.succession import StateExitStrategy
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

ENDS = date(2023, 3, 31)
END = at("2023-03-31")
DAY = at("2023-05-15")
POLICY = policy(owed_by("exit", "disposition.recorded", owner="project", working_days=40))
POSTS = {("Network", "officer"): 6, ("Desk", "analyst"): 1}
GIVEN = Given(policy=POLICY, ends=ENDS, posts=POSTS, instruments=frozenset({"agreement-1"}), exception_owner="finance-chief")
TRIGGERED = ExitTriggered(ends=ENDS, covers="six officers and an analyst", plan="back to existing posts")
ORDER = (Document(kind="posting order", kept="personnel"),)
OFFICERS = RecordDisposition(
    disposition="d-1", posts=PostsOf(team="Network", rank="officer", count=6), fate="redeployed", to="existing posts", on="2023-04-01", documents=ORDER
)
ANALYST = RecordDisposition(disposition="d-2", posts=PostsOf(team="Desk", rank="analyst", count=1), fate="ended", on="2023-04", documents=ORDER)
CAR = RecordAsset(asset="car-1", words="An unmarked car", instrument="agreement-1", pence=1_234_500)
SOLD = RecordDisposition(disposition="d-3", asset="car-1", fate="sold", to="at auction", on="2023-05-02", documents=ORDER)


def told(*steps: Any, having: Given = GIVEN, state: State = State()) -> State:  # noqa: B008  (frozen)
    """After events and commands, in order."""
    for step in steps:
        if isinstance(step, Event):
            state = after(leaving, state, (step,), END)
        else:
            state, answer = once(leaving, state, step, DAY, having)
            accepted(answer)
    return state


def follows(body: Any, state: State, having: Given = GIVEN) -> tuple[Event, ...]:
    return accepted(leaving.decide(body, state, DAY, having))


def owed(state: State, having: Given = GIVEN) -> list[str]:
    return [each.subject for each in leaving.duties(state, having) if each.name == "disposition.recorded"]


# Owed and given -------------------------------------------------------------------------------------------------------


def test_once_triggered_each_rank_of_each_team_each_asset_and_each_contract_waits_for_its_disposition() -> None:
    lease = RecordAsset(asset="lease-1", held="contract", words="The lease of the office")
    state = told(CAR, lease, TRIGGERED)
    assert owed(state) == ["posts of officer in Network", "posts of analyst in Desk", "car-1", "lease-1"]
    found = leaving.duties(state, GIVEN)[0]
    assert (found.owner, found.since, found.due) == ("project", END.now, end_of(date(2023, 5, 26)))


def test_before_the_exit_is_triggered_nothing_is_owed_and_what_becomes_of_a_post_is_recorded_all_the_same() -> None:
    state = told(CAR, OFFICERS)
    assert (owed(state), len(state.dispositions)) == ([], 1)
    assert owed(told(TRIGGERED, state=state)) == ["posts of analyst in Desk", "car-1"]


def test_posts_can_go_different_ways_until_all_of_them_have_gone() -> None:
    four, two = (
        OFFICERS.model_copy(update={"disposition": name, "posts": PostsOf(team="Network", rank="officer", count=count), "fate": fate})
        for name, count, fate in (("d-1a", 4, "redeployed"), ("d-1b", 2, "transferred"))
    )
    state = told(TRIGGERED, four)
    assert any("2 of 6 posts of officer in Network" in gate for gate in leaving.gates(state, GIVEN))
    assert owed(told(two, state=state)) == ["posts of analyst in Desk"]


def test_the_exit_is_completed_with_the_last_disposition() -> None:
    state = told(CAR, TRIGGERED, OFFICERS, ANALYST)
    assert [each.wire for each in follows(SOLD, state)] == ["disposition.recorded", "exit.completed"]
    assert follows(SOLD, state)[-1] == ExitCompleted(posts=7, assets=1)
    assert not any("disposition" in gate for gate in leaving.gates(told(SOLD, state=state), GIVEN))


def test_an_exit_that_leaves_nobody_and_nothing_behind_is_completed_as_it_is_triggered() -> None:
    strategy = StateExitStrategy(covers="nobody", trigger="no more money", plan="nothing to do")
    nobody = replace(GIVEN, posts={})
    state = told(strategy, having=nobody)
    (duty,) = (each for each in leaving.duties(state, nobody) if each.name == "exit.triggered")
    assert [each.wire for each in leaving.moment(duty, state, END, nobody)] == ["exit.triggered", "exit.completed"]


def test_posts_learnt_of_after_the_completion_keep_the_grant_open_until_they_too_have_gone() -> None:
    six = replace(GIVEN, posts={("Network", "officer"): 6})
    state = told(TRIGGERED, OFFICERS, having=six)
    assert state.completed
    assert owed(state, GIVEN) == ["posts of analyst in Desk"]
    assert [each.wire for each in follows(ANALYST, state)] == ["disposition.recorded", "exit.completed"]


def test_a_disposition_says_in_words_what_it_is_of() -> None:
    state = told(CAR, TRIGGERED, OFFICERS, SOLD)
    assert [each.event.what for each in state.dispositions.values()] == ["6 posts of officer in Network", "car-1"]


# Facts that break a rule ----------------------------------------------------------------------------------------------


def raised(events: tuple[Event, ...]) -> list[tuple[str, str]]:
    return [(each.exception, each.owner) for each in events if isinstance(each, ExceptionRaised)]


def test_more_posts_disposed_of_than_were_funded_stand_as_an_exception() -> None:
    seventh = OFFICERS.model_copy(update={"disposition": "d-9", "posts": PostsOf(team="Network", rank="officer", count=1)})
    assert raised(follows(seventh, told(TRIGGERED, OFFICERS))) == [("disposed-beyond/posts of officer in Network", "finance-chief")]


def test_a_thing_disposed_of_twice_stands_as_an_exception() -> None:
    again = SOLD.model_copy(update={"disposition": "d-4", "fate": "scrapped"})
    assert raised(follows(again, told(CAR, TRIGGERED, SOLD))) == [("disposed-twice/car-1", "finance-chief")]


def test_a_disposition_without_evidence_stands_as_an_exception_until_it_is_named() -> None:
    bare = OFFICERS.model_copy(update={"documents": ()})
    state = told(TRIGGERED, bare)
    assert raised(follows(bare, told(TRIGGERED))) == [("disposition-evidence/d-1", "finance-chief")]
    mended, open_one = told(OFFICERS, state=state), replace(GIVEN, open_exceptions=frozenset({"disposition-evidence/d-1", "late-approval/x"}))
    assert leaving.put_right(state, open_one) == ()
    assert leaving.put_right(mended, open_one) == (ExceptionClosed(exception="disposition-evidence/d-1", how="put right by what was recorded since"),)


def test_an_asset_that_nobody_recorded_has_an_exception_until_somebody_does() -> None:
    assert raised(follows(SOLD, told(TRIGGERED))) == [("asset-unknown/car-1", "finance-chief")]
    open_one = replace(GIVEN, open_exceptions=frozenset({"asset-unknown/car-1"}))
    assert len(leaving.put_right(told(TRIGGERED, SOLD, CAR), open_one)) == 1


def test_an_asset_that_an_unrecorded_instrument_paid_for_has_an_exception() -> None:
    assert raised(follows(CAR.model_copy(update={"instrument": "agreement-9"}), State())) == [("asset-instrument/car-1", "finance-chief")]


def test_an_exception_that_stands_open_is_not_raised_once_more() -> None:
    bare = OFFICERS.model_copy(update={"documents": ()})
    assert raised(follows(bare, told(TRIGGERED), replace(GIVEN, open_exceptions=frozenset({"disposition-evidence/d-1"})))) == []


# Said once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "other", "code"),
    [
        (CAR, CAR.model_copy(update={"pence": 1}), "exit.asset_differs"),
        (OFFICERS, OFFICERS.model_copy(update={"fate": "ended"}), "exit.disposition_differs"),
        (OFFICERS, OFFICERS.model_copy(update={"documents": ()}), "exit.disposition_differs"),
    ],
)
def test_what_is_recorded_is_not_recorded_otherwise(known: Any, other: Any, code: str) -> None:
    assert refused(leaving.decide(other, told(TRIGGERED, known), DAY, GIVEN))[0] == code


@pytest.mark.parametrize(
    "nonsense",
    [
        {"posts": None},
        {"asset": "car-1"},
        {"fate": "sold"},
        {"posts": None, "asset": "car-1", "fate": "redeployed"},
    ],
)
def test_a_disposition_is_of_posts_or_of_a_thing_and_says_what_can_become_of_it(nonsense: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RecordDisposition.model_validate({**dict(OFFICERS), **nonsense})
