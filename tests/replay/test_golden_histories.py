"""Grants that run for years meet every later build: each must do again, to the word, what is in the histories kept here."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from app.audit.histories import unfollowed
from tests.replay.otherwise import AsksOtherwise, EndsEarly, FailsInTheEnd, ForgetsTimers
from tests.replay.record_histories import HISTORIES, LIVES, NEWEST, SHORT_LIVES

FILES = sorted(HISTORIES.glob("*/*.json"))


def history(path: Path) -> WorkflowHistory:
    found = WorkflowHistory.from_json("", path.read_text())
    return WorkflowHistory(found.events[0].workflow_execution_started_event_attributes.workflow_id, found.events)


def named(name: str) -> WorkflowHistory:
    return history(NEWEST / f"{name}.json")


@pytest.mark.parametrize("folder", ["by_activities", "at_once", "with_notices"])
def test_every_way_of_living_has_its_history(folder: str) -> None:
    assert [path.stem for path in FILES if path.parent.name == folder] == sorted(life.__name__ for life in (*LIVES, *SHORT_LIVES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_this_build_does_again_what_was_done(path: Path) -> None:
    assert await unfollowed(history(path)) == ()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_history_keeps_what_the_replay_needs_and_nothing_of_the_machine_that_made_it(path: Path) -> None:
    text = path.read_text()
    assert "coreUsedFlags" in text
    assert "stackTrace" not in text


@pytest.mark.parametrize("name", ["hundred_at_once", "whole_life"])
async def test_the_gate_names_an_activity_that_is_asked_something_else(name: str) -> None:
    assert any("would now be asked something else" in each for each in await unfollowed(named(name), (AsksOtherwise,)))


async def test_the_gate_names_a_run_that_ends_early_though_only_messages_follow() -> None:
    assert any("nothing left to do" in each for each in await unfollowed(named("hundred_at_once"), (EndsEarly,)))


async def test_the_gate_names_a_task_that_fails_at_the_very_end() -> None:
    assert any("LookupError" in each for each in await unfollowed(named("waiting"), (FailsInTheEnd,)))


async def test_the_gate_names_a_timer_that_is_forgotten() -> None:
    assert any("nondeterminism" in each.lower() for each in await unfollowed(named("waiting"), (ForgetsTimers,)))
