"""Delivery: what the money is for, whatever returns say: posts, milestones, deliverables, and reports on their cadences.

The room's front. Its pages are ``posts``, ``milestones``, ``deliverables`` and ``reports``; ``undertakings`` is what they
share. A fact is recorded even where it breaks a rule, with an exception that a later fact can put right.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from domain import deliverables, milestones, posts, reports
from domain.exception import ExceptionClosed
from domain.model import By, Decision, Duty, Event, Past, Refusal, past_of_new
from domain.posts import PostsFunded, RankPosts, RecordPosts
from domain.undertakings import Fault, Given, corrected, raised, unknown_instruments

__all__ = [
    "DUTIES",
    "Command",
    "Given",
    "Happened",
    "PostsFunded",
    "RankPosts",
    "RecordPosts",
    "State",
    "by_rank",
    "content",
    "decide",
    "duties",
    "evolve",
    "gates",
    "headcount",
    "moment",
    "put_right",
]

Command = posts.Command | milestones.Command | deliverables.Command | reports.Command
Happened = posts.Happened | milestones.Happened | deliverables.Happened | reports.Happened
DUTIES = (*milestones.DUTIES, *reports.DUTIES)


@dataclass(frozen=True)
class State:
    """What was promised and what became of it, page by page."""

    posts: posts.State = field(default_factory=posts.State)
    milestones: milestones.State = field(default_factory=milestones.State)
    deliverables: deliverables.State = field(default_factory=deliverables.State)
    reports: reports.State = field(default_factory=reports.State)


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a promise or from what became of it, with an exception for each fault that is new."""
    answer = _decide(body, state, given)
    if isinstance(answer, Refusal):
        return answer
    after = state
    for event in answer:
        after = evolve(after, past_of_new(event, "", 0, by))
    return (*answer, *raised(_faults(state, given), _faults(after, given), given))


def evolve(state: State, past: Past) -> State:
    """Where delivery stands after one event."""
    return replace(
        state,
        posts=posts.evolve(state.posts, past),
        milestones=milestones.evolve(state.milestones, past),
        deliverables=deliverables.evolve(state.deliverables, past),
        reports=reports.evolve(state.reports, past),
    )


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """Milestones to be achieved, and reports to be made."""
    return (*milestones.duties(state.milestones, given), *reports.duties(state.reports, given))


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen."""
    return None


def gates(state: State, given: Given) -> tuple[str, ...]:
    """Why the grant cannot close yet: milestones that are open, reports that were not made."""
    return (*milestones.gates(state.milestones, given), *reports.gates(state.reports, given))


def put_right(state: State, given: Given) -> tuple[ExceptionClosed, ...]:
    """The exceptions of this room that stand open although their fault stands no more: corrected."""
    return corrected(_faults(state, given), given)


def headcount(state: State, day: date, team: str | None = None) -> int:
    """How many posts are funded that day, in a team or (null) in all."""
    return posts.headcount(state.posts, day, team)


def by_rank(state: State, day: date, team: str | None = None) -> dict[str, int]:
    """The posts funded that day by rank, in a team or (null) in all."""
    return posts.by_rank(state.posts, day, team)


def by_post(state: State, day: date) -> dict[tuple[str, str], int]:
    """The posts funded that day by team and rank."""
    return state.posts.by_post(day)


def _decide(body: Command, state: State, given: Given) -> Decision:
    match body:
        case _ if isinstance(body, posts.Command):
            return posts.decide(body, state.posts, given)
        case _ if isinstance(body, milestones.Command):
            return milestones.decide(body, state.milestones, given)
        case _ if isinstance(body, deliverables.Command):
            return deliverables.decide(body, state.deliverables, given)
        case _:
            return reports.decide(body, state.reports, given)


def _faults(state: State, given: Given) -> tuple[Fault, ...]:
    named = chain(posts.named(state.posts), milestones.named(state.milestones), deliverables.named(state.deliverables))
    return (*unknown_instruments(named, given), *posts.faults(state.posts), *deliverables.faults(state.deliverables))
