"""Reminders: the rungs of a ladder for one duty, and what was sent. Rooms never remind; this page does, for all of them.

A rung is a moment. After an outage only the newest rung that has passed is sent; the others are recorded as skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.calendar import Closures, rfc3339
from domain.model import Cap, Duty, Event, Identifier, Instant, Name, Past, Text
from domain.policy import SUPERIOR, Ladder, Rung

Subject = Annotated[str, Field(min_length=1, max_length=300)]
"""What a duty is about: an id, or two of them, as of a paper at its board."""


class DutyReminded(Event, wire="duty.reminded", said="Reminder ({rung}) to {to}: {words}"):
    """The owner of a duty is told of it. The notice that carries it has its own result in the grant's stream of notices.

    ``since`` is when the duty began (null: the reminder was recorded before that was kept).
    """

    part: Identifier
    subject: Subject
    duty: Identifier
    owner: Name
    to: Name
    rung: Identifier
    at: Instant
    due: Instant | None
    words: Text
    at_risk_per_day_pence: Cap | None
    skipped: tuple[Name, ...]
    since: Instant | None = None


class DutyEscalated(DutyReminded, wire="duty.escalated", said="Escalated ({rung}) to {to}: {words}"):
    """An office above the owner is told that a duty waits."""


@dataclass(frozen=True)
class Step:
    """One rung of one duty's ladder at its instant (UTC)."""

    at: datetime
    rung: Rung

    @property
    def mark(self) -> str:
        """What is remembered once it has passed: a rung counted anew, because its date moved, is another one."""
        return f"{self.rung.rung}@{rfc3339(self.at)}"


@dataclass(frozen=True)
class State:
    """Which rungs of which duties have passed, and which moments stand still because our own code raised on them."""

    passed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stuck: frozenset[str] = frozenset()


def key(part: str, subject: str, duty: str, owner: str) -> str:
    """The name of a duty in one grant; two offices can owe the same one side by side."""
    return f"{part}/{subject}/{duty}.{owner}"


def steps(duty: Duty, ladder: Ladder, closures: Closures, state: State) -> tuple[Step, ...]:
    """The rungs that have not passed, in order of time; rungs that would lie before the duty began are none."""
    passed = state.passed.get(key(duty.part, duty.subject, duty.name, duty.owner), frozenset())
    found = (step for rung in ladder.rungs if (step := _step(duty, rung, closures)) and step.mark not in passed)
    return tuple(sorted(found, key=lambda step: (step.at, step.rung.rung)))


def remind(duty: Duty, words: str, due: Iterable[Step], above: str | None = None) -> tuple[Event, ...]:
    """The newest of the rungs that have passed is sent; the earlier ones are recorded as skipped.

    ``above`` is the office over the owner's; where there is none, a rung that escalates to it reminds the owner.
    """
    *earlier, newest = due
    escalates_to = above if newest.rung.to == SUPERIOR else newest.rung.to
    kind = DutyEscalated if escalates_to else DutyReminded
    return (
        kind(
            part=duty.part,
            subject=duty.subject,
            duty=duty.name,
            owner=duty.owner,
            to=escalates_to or duty.owner,
            rung=newest.rung.rung,
            at=newest.at,
            due=duty.due,
            words=words,
            at_risk_per_day_pence=duty.at_risk_per_day_pence,
            skipped=tuple(step.mark for step in earlier),
            since=duty.since,
        ),
    )


def evolve(state: State, past: Past) -> State:
    """What has been sent, after a reminder or an escalation."""
    match past.body:
        case DutyReminded() as sent:
            name = key(sent.part, sent.subject, sent.duty, sent.owner)
            marks = {f"{sent.rung}@{rfc3339(sent.at)}", *sent.skipped}
            return replace(state, passed={**state.passed, name: state.passed.get(name, frozenset()) | marks})
        case _:
            return state


def _step(duty: Duty, rung: Rung, closures: Closures) -> Step | None:
    """The rung at its instant; null: it lies before the duty began, or beyond the table of working days, or nothing is due."""
    counted = duty.since if rung.counted_from == "since" else duty.due
    if counted is None:
        return None
    try:
        at = _at(counted, duty, rung, closures)
    except ValueError:
        return None
    return Step(at, rung) if at >= duty.since else None


def _at(counted: datetime, duty: Duty, rung: Rung, closures: Closures) -> datetime:
    """The instant of a rung, which never lies in a pause: what counts from the beginning rests meanwhile, as the due date has."""
    if rung.counted_from == "due":
        return closures.out_of_pause(closures.working_morning(counted, rung.working_days), duty.pauses)
    at = closures.working_morning(counted, rung.working_days) if rung.working_days else duty.since
    return closures.after_pauses(at, duty.since, duty.pauses) if duty.pauses else at
