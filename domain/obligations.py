"""Who owes what by when, joined from all rooms: the one idea behind inboxes, timers, reminders and search attributes.

A moment is the ``next`` of an obligation. ``decide_moment`` makes it pass; a decided moment is gone (property-tested).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain import chasing
from domain.calendar import day_of, rfc3339
from domain.grant import Grant, duties, moment, words_of
from domain.model import SYSTEM, By, Duty, Event
from domain.organisation import Organisation


@dataclass(frozen=True)
class Obligation:
    """One duty that is open, in words, and the instant at which something about it happens next (null: nothing does)."""

    duty: Duty
    words: str
    next: datetime | None
    steps: tuple[chasing.Step, ...] = ()

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        """Moments are decided in this order: by instant, then part (CONTRACT, Moments)."""
        return (self.next or self.duty.since, self.duty.part, self.duty.subject, self.duty.name)

    @property
    def moment_id(self) -> str:
        """The id of the system command that decides its next moment."""
        at = rfc3339(self.next) if self.next else "none"
        return f"{chasing.key(self.duty.part, self.duty.subject, self.duty.name, self.duty.owner)}/{at}"


def obligations(grant: Grant, organisation: Organisation) -> tuple[Obligation, ...]:
    """Every duty that is open, soonest moment first; those with no moment to come stand last."""
    found = [_obligation(duty, grant, organisation) for duty in duties(grant, organisation)]
    return tuple(sorted(found, key=lambda each: (each.next is None, *each.order)))


def decide_moment(obligation: Obligation, grant: Grant, organisation: Organisation, now: datetime) -> tuple[Event, ...]:
    """What follows when its moment has come: the room decides for the system's duties, a reminder goes out for people's.

    ``now`` is the moment itself in a rehearsal and the real time otherwise, so that after an outage of a ladder only
    the newest rung is sent.
    """
    if obligation.duty.owner == SYSTEM:
        by = By(actor=SYSTEM, on_behalf_of=None, now=now, content=None, command=obligation.moment_id)
        return moment(obligation.duty, grant, organisation, by)
    above = organisation.above(obligation.duty.owner, day_of(now))
    return chasing.remind(obligation.duty, obligation.words, (step for step in obligation.steps if step.at <= now), above)


def _obligation(duty: Duty, grant: Grant, organisation: Organisation) -> Obligation:
    words = words_of(duty, organisation)
    if duty.owner == SYSTEM:
        return Obligation(duty, words, duty.due)
    ladder = grant.policy.ladder(duty.ladder) if duty.ladder else None
    steps = chasing.steps(duty, ladder, grant.policy.closures, grant.chasing) if ladder else ()
    return Obligation(duty, words, steps[0].at if steps else None, steps)
