"""The end of a grant: its exit strategy, armed for a date, then averted or triggered; reconciled; closed; its records kept.

The room's front. Closing waits until nothing is open: returns settled, figures agreed, unspent money lapsed, exit averted,
waived or completed, promises kept (invariant 35). Its state stands in ``ending``, its rules in ``succession``,
``dispositions`` and ``closing``.
"""

from __future__ import annotations

from functools import reduce
from typing import assert_never

from domain import closing, dispositions, ending, succession
from domain.closing import CloseGrant, DisposeRecords, Reconcile, gates
from domain.dispositions import RecordAsset, RecordDisposition
from domain.ending import Given, State, YearFigures
from domain.model import By, Decision, Duty, Event, Refusal, past_of_new
from domain.succession import RecordSuccessor, StateExitStrategy, WaiveExit

__all__ = [
    "DUTIES",
    "CloseGrant",
    "Command",
    "DisposeRecords",
    "Given",
    "Happened",
    "RecordSuccessor",
    "State",
    "YearFigures",
    "content",
    "decide",
    "duties",
    "evolve",
    "gates",
    "moment",
    "put_right",
]

Command = StateExitStrategy | WaiveExit | RecordSuccessor | RecordAsset | RecordDisposition | Reconcile | CloseGrant | DisposeRecords
Happened = ending.Happened
evolve = ending.evolve
DUTIES = (*succession.DUTIES, *dispositions.DUTIES, *closing.DUTIES)


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a strategy, a successor, a disposition, or the wish to reconcile or to close."""
    events = _answer(body, state, by, given)
    if isinstance(events, Refusal) or not isinstance(body, RecordAsset | RecordDisposition):
        return events
    after = _after(state, events, by)
    return (*events, *dispositions.raised(state, after, given), *(dispositions.completed(state, after, given) if events else ()))


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """The exit waits for its strategy, its arming, a successor or the end, and its dispositions; then the grant to be reconciled and closed."""
    if state.closed:
        return ()
    return (*succession.duties(state, given), *dispositions.duties(state, given), *closing.duties(state, given))


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:
    """The exit is armed, or triggered, when its day has come; one that leaves nobody and nothing behind is completed at once."""
    events = succession.passed(duty, state, given)
    return (*events, *dispositions.completed(state, _after(state, events, by), given))


def put_right(state: State, given: Given) -> tuple[Event, ...]:
    """What follows by itself from what is known now: a successor averts the exit, and faults that stand no more are closed."""
    return (*succession.averted(state, given), *dispositions.put_right(state, given))


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen: reconciling states the figures itself."""
    return None


def _answer(body: Command, state: State, by: By, given: Given) -> Decision:
    match body:
        case StateExitStrategy():
            return succession.state_strategy(body, state, given)
        case WaiveExit():
            return succession.waive(body, state)
        case RecordSuccessor():
            return succession.succeed(body, state, given)
        case RecordAsset():
            return dispositions.record_asset(body, state)
        case RecordDisposition():
            return dispositions.record(body, state)
        case Reconcile():
            return closing.reconcile(body, state, given)
        case CloseGrant():
            return closing.close(body, state, given)
        case DisposeRecords():
            return closing.dispose(body, state, by, given)
        case _:
            assert_never(body)


def _after(state: State, events: tuple[Event, ...], by: By) -> State:
    return reduce(lambda found, event: evolve(found, past_of_new(event, "", 0, by)), events, state)
