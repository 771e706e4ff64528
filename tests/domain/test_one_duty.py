"""An office that holds two steps of one paper owes its say once: by the sooner day, with what is to be said of both."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.approval import _once
from domain.model import Duty
from tests.domain.papers import MORNING


def owed(due: datetime | None, note: str | None, owner: str = "decider") -> Duty:
    return Duty(part="approval", subject="PCD 914", name="decide", owner=owner, since=MORNING, due=due, ladder="decision", note=note)


SOON, LATE = MORNING + timedelta(days=2), MORNING + timedelta(days=5)


def test_two_steps_of_one_office_are_one_duty_by_the_sooner_day_with_both_notes() -> None:
    assert _once((owed(None, "rests"), owed(LATE, "passed on"), owed(SOON, None))) == (owed(SOON, "passed on; rests"),)


def test_the_same_note_is_said_once_and_none_is_none() -> None:
    assert _once((owed(SOON, "rests"), owed(LATE, "rests"))) == (owed(SOON, "rests"),)
    assert _once((owed(SOON, None),)) == (owed(SOON, None),)


def test_the_duties_of_two_offices_stay_two() -> None:
    assert _once((owed(SOON, None), owed(LATE, None, "chief-executive"))) == (owed(SOON, None), owed(LATE, None, "chief-executive"))
