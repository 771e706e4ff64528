"""Milestones: dated promises, achieved, carried forward under a variation, or abandoned with a reason.

Part of the room ``delivery``. One that is carried forward stays itself: it keeps its id and the date that was first
promised, needs the variation that allows it, and moves no money (R-53, G19, invariant 28).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from domain.calendar import StatedDate, last_day_of
from domain.model import CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Past, Refusal, Rule, Text, fields_of
from domain.undertakings import VARIATION_UNKNOWN, Given

UNKNOWN = Rule(
    "delivery.milestone_unknown",
    "There is no milestone {milestone}; PlanMilestone records it.",
    "DESIGN §2, Milestone",
    remedy="Correct the id, or record the promise with PlanMilestone first.",
)
DIFFERS = Rule(
    "delivery.milestone_differs",
    "Milestone {milestone} is recorded already, with other content: {recorded}.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give another milestone an id of its own; a later date comes by a variation, with CarryForwardMilestone.",
)
OVER = Rule(
    "delivery.milestone_over",
    "Milestone {milestone} was {ended} already, so it is not carried forward.",
    "Invariant 28",
    remedy="Plan what is still to come as a milestone of its own.",
)
NOT_LATER = Rule(
    "delivery.not_later",
    "Milestone {milestone} is due {due}; carried forward it must be due later than that, not {to}.",
    "Invariant 28",
    remedy="Name a day after {due}.",
)
OPEN = "milestone {milestone}, due {due}, is neither achieved nor abandoned, nor carried forward beyond the end"

# What can be asked for --------------------------------------------------------------------------------------------------


class PlanMilestone(CommandBody, kind="fact"):
    """A milestone was promised for a date, under an instrument (null: the source names none)."""

    milestone: Identifier
    words: Text
    due: StatedDate
    instrument: Identifier | None = None
    documents: tuple[Document, ...] = ()


class AchieveMilestone(CommandBody, kind="fact"):
    """A milestone was achieved; ``evidence`` says what shows it and where it is kept."""

    milestone: Identifier
    on: StatedDate
    evidence: tuple[Document, ...] = ()


class CarryForwardMilestone(CommandBody, kind="act"):
    """Carry a milestone forward to a later date, as a recorded variation allows. No money moves."""

    milestone: Identifier
    to: StatedDate
    variation: Identifier


class AbandonMilestone(CommandBody, kind="fact"):
    """A milestone was given up; ``on`` null: the source does not say when."""

    milestone: Identifier
    reason: Text
    on: StatedDate | None = None


Command = PlanMilestone | AchieveMilestone | CarryForwardMilestone | AbandonMilestone

# What can have happened -------------------------------------------------------------------------------------------------


class MilestonePlanned(Event, wire="milestone.planned", said="Milestone {milestone}, due {due}: {words}"):
    """A dated promise."""

    milestone: Identifier
    words: Text
    due: StatedDate
    instrument: Identifier | None
    documents: tuple[Document, ...]


class MilestoneAchieved(Event, wire="milestone.achieved", said="Milestone {milestone} achieved {on}: {days_late:day|days} late", effective="on"):
    """The promise is kept. ``due`` is the date that stood then; ``days_late`` is 0 where it was kept in time."""

    milestone: Identifier
    on: StatedDate
    evidence: tuple[Document, ...]
    due: StatedDate
    days_late: int


class MilestoneCarriedForward(Event, wire="milestone.carried_forward", said="Milestone {milestone} carried forward from {due} to {to} under {variation}"):
    """Due later: ``due`` is the date that stood, ``original_due`` the one first promised, which it keeps."""

    milestone: Identifier
    variation: Identifier
    original_due: StatedDate
    due: StatedDate
    to: StatedDate


class MilestoneAbandoned(Event, wire="milestone.abandoned", said="Milestone {milestone} abandoned: {reason}", effective="on"):
    """The promise is given up."""

    milestone: Identifier
    reason: Text
    on: StatedDate | None


Happened = MilestonePlanned | MilestoneAchieved | MilestoneCarriedForward | MilestoneAbandoned
DUTIES = (DutyWords(name="milestone.achieved", words="{owner} has milestone {subject} achieved"),)

# Where a milestone stands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Carried:
    """A milestone as carried forward, and the instant (UTC) at which that was recorded."""

    event: MilestoneCarriedForward
    recorded: datetime


@dataclass(frozen=True)
class Milestone:
    """A milestone as planned, when that was recorded (UTC), each time it was carried forward, and how it ended (null: open)."""

    planned: MilestonePlanned
    recorded: datetime
    carried: tuple[Carried, ...] = ()
    achieved: MilestoneAchieved | None = None
    abandoned: MilestoneAbandoned | None = None
    abandoned_at: datetime | None = None

    @property
    def due(self) -> str:
        """The date that stands now, as stated."""
        return self.carried[-1].event.to if self.carried else self.planned.due

    @property
    def ended(self) -> str | None:
        """How it ended, in a word; null: it is open."""
        return "achieved" if self.achieved else "abandoned" if self.abandoned else None


@dataclass(frozen=True)
class State:
    """Milestones by id, in the order in which they were planned."""

    milestones: Mapping[str, Milestone] = field(default_factory=dict)

    def open_ones(self) -> tuple[Milestone, ...]:
        """Those neither achieved nor abandoned."""
        return tuple(each for each in self.milestones.values() if each.ended is None)


# The rules --------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, given: Given) -> Decision:
    """What follows from a promise, its keeping, its delay or its end."""
    if isinstance(body, PlanMilestone):
        return _plan(body, state)
    known = state.milestones.get(body.milestone)
    if known is None:
        return UNKNOWN.refuse(milestone=body.milestone)
    match body:
        case AchieveMilestone():
            return _achieve(body, known)
        case CarryForwardMilestone():
            return _carry(body, known, given)
        case AbandonMilestone():
            return _abandon(body, known)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The milestones after one event."""
    match past.body:
        case MilestonePlanned(milestone=name) as planned:
            return _with(state, name, Milestone(planned, past.recorded))
        case MilestoneAchieved(milestone=name) as achieved:
            return _with(state, name, replace(state.milestones[name], achieved=achieved))
        case MilestoneCarriedForward(milestone=name) as carried:
            before = state.milestones[name]
            return _with(state, name, replace(before, carried=(*before.carried, Carried(carried, past.recorded))))
        case MilestoneAbandoned(milestone=name) as abandoned:
            return _with(state, name, replace(state.milestones[name], abandoned=abandoned, abandoned_at=past.recorded))
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """An open milestone is to be achieved by the date that stands now."""
    return tuple(
        duty
        for each in state.open_ones()
        for duty in given.policy.owed("delivery", "milestone.achieved", each.planned.milestone, each.recorded, last_day_of(each.due))
    )


def gates(state: State, given: Given) -> Iterable[str]:
    """Why the grant cannot close: milestones that are open, and due while it was funded; none where nothing ever was."""
    ends = given.ends
    if ends is None:
        return ()
    return (OPEN.format(milestone=each.planned.milestone, due=each.due) for each in state.open_ones() if not (each.carried and last_day_of(each.due) > ends))


def named(state: State) -> Iterable[str | None]:
    """The instruments under which milestones are said to be promised."""
    return (each.planned.instrument for each in state.milestones.values())


def _plan(body: PlanMilestone, state: State) -> Decision:
    planned = MilestonePlanned(**fields_of(body, PlanMilestone))
    known = state.milestones.get(body.milestone)
    if known and known.planned != planned:
        return DIFFERS.refuse(milestone=body.milestone, recorded=known.planned.words)
    return () if known else (planned,)


def _achieve(body: AchieveMilestone, known: Milestone) -> Decision:
    if before := known.achieved:
        same = (before.on, before.evidence) == (body.on, body.evidence)
        return () if same else DIFFERS.refuse(milestone=body.milestone, recorded=f"achieved {before.on}")
    late = max((last_day_of(body.on) - last_day_of(known.due)).days, 0)
    return (MilestoneAchieved(milestone=body.milestone, on=body.on, evidence=body.evidence, due=known.due, days_late=late),)


def _carry(body: CarryForwardMilestone, known: Milestone, given: Given) -> Decision:
    if any((each.event.to, each.event.variation) == (body.to, body.variation) for each in known.carried):
        return ()
    if body.variation not in given.variations:
        return VARIATION_UNKNOWN.refuse(variation=body.variation, what=f"milestone {body.milestone}")
    return _not_open(body, known) or (
        MilestoneCarriedForward(milestone=body.milestone, variation=body.variation, original_due=known.planned.due, due=known.due, to=body.to),
    )


def _not_open(body: CarryForwardMilestone, known: Milestone) -> Refusal | None:
    if known.ended:
        return OVER.refuse(milestone=body.milestone, ended=known.ended)
    later = last_day_of(body.to) > last_day_of(known.due)
    return None if later else NOT_LATER.refuse(milestone=body.milestone, due=known.due, to=body.to)


def _abandon(body: AbandonMilestone, known: Milestone) -> Decision:
    abandoned = MilestoneAbandoned(milestone=body.milestone, reason=body.reason, on=body.on)
    if known.abandoned == abandoned:
        return ()
    return DIFFERS.refuse(milestone=body.milestone, recorded=known.ended) if known.ended else (abandoned,)


def _with(state: State, name: str, milestone: Milestone) -> State:
    return replace(state, milestones={**state.milestones, name: milestone})
