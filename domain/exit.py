"""The end of a grant: what happens to people and assets if the funding stops, the reconciliation, and the close.

The exit is armed some time before the last funded day, then averted by a successor or triggered by the end (R-93,
invariant 30). A grant closes only when nothing is open, and then its records are kept for six years (invariant 35).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from domain.calendar import YearLabel, add_months, end_of, morning_of
from domain.model import SYSTEM, By, Cap, CommandBody, Decision, Document, Duty, DutyWords, Event, Frozen, Instant, Name, Past, Pence, Rule, Text, said
from domain.policy import Policy

ARMED_TOO_LATE = Rule("exit.armed_too_late", "The exit would be armed on {armed_on}, after the last funded day {ends}.", "R-93; invariant 30")
TRIGGERED = Rule("exit.triggered", "The exit was triggered by the end of {ends}; its strategy stands.", "Invariant 30")
RECONCILE_NOT_YET = Rule("reconcile.not_yet", "The grant cannot be reconciled yet: {points}.", "DESIGN §7; invariants 12, 14")
CLOSE_NOT_YET = Rule("close.not_yet", "The grant cannot be closed yet: {gates}.", "DESIGN §7; invariant 35")

RETENTION_MONTHS = 72
"""Records are kept for at least six years after the end of the funded period (Home Office terms, records to be kept)."""

THE_GRANT = "grant"
"""The subject of every duty here: the whole grant."""

# What can be asked for ------------------------------------------------------------------------------------------------


class StateExitStrategy(CommandBody, kind="act"):
    """What the strategy covers, what would trigger it, and what would then be done. A later one takes its place.

    ``armed_on`` null: as many working days before the last funded day as the policy gives.
    """

    covers: Text
    trigger: Text
    plan: Text
    armed_on: date | None = None


class RecordSuccessor(CommandBody, kind="fact"):
    """Another decision or grant carries on from here; an ``external`` one is kept by reference only (R-05, invariant 31).

    ``first`` is the day from which it funds, null where the source does not say.
    """

    reference: Name
    external: bool
    first: date | None = None
    documents: tuple[Document, ...] = ()


class Reconcile(CommandBody, kind="act"):
    """Find that each year's figures agree, and say so."""

    note: Text | None = None


class CloseGrant(CommandBody, kind="act"):
    """Close the grant: nothing is open any more."""

    note: Text | None = None


Command = StateExitStrategy | RecordSuccessor | Reconcile | CloseGrant

# What can have happened -----------------------------------------------------------------------------------------------


class YearFigures(Frozen):
    """One financial year of the grant in whole pence: cap = agreed + lapsed + forfeited, agreed = received + debtor."""

    year: YearLabel
    cap_pence: Cap
    agreed_pence: Cap
    received_pence: Pence
    debtor_pence: Pence
    lapsed_pence: Cap
    forfeited_pence: Cap = 0


class StrategyStated(Event, wire="exit.stated", said="Exit strategy for {covers}: {plan}"):
    """What happens if the funding stops."""

    covers: Text
    trigger: Text
    plan: Text
    armed_on: date | None


class ExitArmed(Event, wire="exit.armed", said="The exit is armed for the end of {ends}: {plan}"):
    """Without a successor the exit is triggered by that day's end."""

    ends: date
    covers: Text
    plan: Text


class SuccessorRecorded(Event, wire="successor.recorded", said="{reference} carries on from here"):
    """What comes after this grant."""

    reference: Name
    external: bool
    first: date | None
    documents: tuple[Document, ...]


class ExitAverted(Event, wire="exit.averted", said="The exit is averted by {reference}"):
    """A successor funds from the day after the last funded day, or earlier."""

    reference: Name
    ends: date | None


class ExitTriggered(Event, wire="exit.triggered", said="The exit is triggered: no successor by the end of {ends}; {plan}"):
    """The funding has ended with no successor: every funded post waits for its disposition."""

    ends: date
    covers: Text
    plan: Text


class GrantReconciled(
    Event, wire="grant.reconciled", said="Reconciled: cap {cap_pence}, agreed {agreed_pence}, received {received_pence}, lapsed {lapsed_pence}"
):
    """Every year's figures agree, in whole pence."""

    years: tuple[YearFigures, ...]
    cap_pence: Cap
    agreed_pence: Cap
    received_pence: Pence
    debtor_pence: Pence
    lapsed_pence: Cap
    forfeited_pence: Cap
    note: Text | None


class GrantClosed(Event, wire="grant.closed", said="Closed; records are kept until {retention_until}"):
    """Nothing is open any more. ``retention_until`` is six years after the last funded day."""

    retention_until: date
    note: Text | None


Happened = StrategyStated | ExitArmed | SuccessorRecorded | ExitAverted | ExitTriggered | GrantReconciled | GrantClosed
DUTIES = (
    DutyWords(name="exit.stated", words="{owner} states what happens to people and assets if the funding of the {subject} stops"),
    DutyWords(name="exit.armed", words="The exit of the {subject} is armed"),
    DutyWords(name="exit.averted", words="{owner} names a successor of the {subject}, or prepares its exit"),
    DutyWords(name="exit.triggered", words="The exit of the {subject} is triggered"),
    DutyWords(name="grant.reconciled", words="{owner} reconciles the {subject}"),
    DutyWords(name="grant.closed", words="{owner} closes the {subject}"),
)

# Where the end stands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strategy:
    """The strategy as last stated, and when that was recorded (UTC)."""

    stated: StrategyStated
    recorded: datetime


@dataclass(frozen=True)
class Armed:
    """For which last funded day the exit was armed, and when (UTC)."""

    ends: date
    recorded: datetime


@dataclass(frozen=True)
class Reconciled:
    """The figures that were found to agree, and when (UTC)."""

    event: GrantReconciled
    recorded: datetime


@dataclass(frozen=True)
class State:
    """Strategy, arming, successors, and the last steps; null: not yet."""

    strategy: Strategy | None = None
    armed: Armed | None = None
    successors: tuple[SuccessorRecorded, ...] = ()
    averted: ExitAverted | None = None
    triggered: ExitTriggered | None = None
    reconciled: Reconciled | None = None
    closed: GrantClosed | None = None


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows.

    ``ends`` is the last funded day of what is in force (null: nothing is). ``years`` are the figures of every year with a
    cap; ``returns_open`` the returns not settled; ``gates`` the other rooms' reasons against closing, in plain words.
    ``began`` is when the first instrument in force was recorded, ``settled`` when the last return was (UTC; null: not yet).
    """

    policy: Policy
    ends: date | None = None
    years: tuple[YearFigures, ...] = ()
    returns_open: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    began: Instant | None = None
    settled: Instant | None = None


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:  # noqa: ARG001  (every room is asked alike)
    """What follows from a strategy, a successor, or the wish to reconcile or to close."""
    match body:
        case StateExitStrategy():
            return _state(body, state, given)
        case RecordSuccessor():
            return _succeed(body, state, given)
        case Reconcile():
            return _reconcile(body, state, given)
        case CloseGrant():
            return _close(body, state, given)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The end of the grant after one of its events."""
    match past.body:
        case StrategyStated() as stated:
            return replace(state, strategy=Strategy(stated, past.recorded))
        case ExitArmed(ends=ends):
            return replace(state, armed=Armed(ends, past.recorded))
        case SuccessorRecorded() as successor:
            return replace(state, successors=(*state.successors, successor))
        case ExitAverted() as averted:
            return replace(state, averted=averted)
        case ExitTriggered() as triggered:
            return replace(state, triggered=triggered)
        case GrantReconciled() as reconciled:
            return replace(state, reconciled=Reconciled(reconciled, past.recorded))
        case GrantClosed() as closed:
            return replace(state, closed=closed)
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """The exit waits for its strategy, its arming, a successor or the end; then the grant waits to be reconciled and closed."""
    return () if state.closed else (*_of_exit(state, given), *_of_close(state, given))


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """The exit is armed, or triggered, when its day has come."""
    if state.strategy is None or given.ends is None:
        return ()
    stated, kind = state.strategy.stated, ExitArmed if duty.name == "exit.armed" else ExitTriggered
    return (kind(ends=given.ends, covers=stated.covers, plan=stated.plan),)


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen: reconciling states the figures itself."""
    return None


def gates(state: State, given: Given) -> tuple[str, ...]:
    """Every reason why the grant cannot be closed yet, in plain words."""
    reconciled = () if _reconciled(state, given) else ("its figures are not reconciled",)
    funded = () if given.ends else ("nothing that funds it is in force",)
    return tuple(dict.fromkeys((*_unsettled(given), *reconciled, *funded, *_exit_open(state), *given.gates)))


def _state(body: StateExitStrategy, state: State, given: Given) -> Decision:
    stated = StrategyStated(covers=body.covers, trigger=body.trigger, plan=body.plan, armed_on=body.armed_on)
    if state.strategy and state.strategy.stated == stated:
        return ()
    if state.triggered:
        return TRIGGERED.refuse(ends=state.triggered.ends)
    if body.armed_on and given.ends and body.armed_on > given.ends:
        return ARMED_TOO_LATE.refuse(armed_on=body.armed_on, ends=given.ends)
    return (stated,)


def _succeed(body: RecordSuccessor, state: State, given: Given) -> Decision:
    recorded = SuccessorRecorded(reference=body.reference, external=body.external, first=body.first, documents=body.documents)
    known = [each for each in state.successors if each.reference == body.reference]
    if known and known[-1] == recorded:
        return ()
    seamless = body.first is None or given.ends is None or body.first <= given.ends + timedelta(days=1)
    if state.averted or state.triggered or not seamless:
        return (recorded,)
    return (recorded, ExitAverted(reference=body.reference, ends=given.ends))


def _reconcile(body: Reconcile, state: State, given: Given) -> Decision:
    if _reconciled(state, given):
        return ()
    if points := _points(given):
        return RECONCILE_NOT_YET.refuse(points="; ".join(points))
    names = ("cap_pence", "agreed_pence", "received_pence", "debtor_pence", "lapsed_pence", "forfeited_pence")
    sums = {name: sum(getattr(year, name) for year in given.years) for name in names}
    return (GrantReconciled(years=given.years, **sums, note=body.note),)


def _close(body: CloseGrant, state: State, given: Given) -> Decision:
    if state.closed:
        return ()
    if (reasons := gates(state, given)) or given.ends is None:
        return CLOSE_NOT_YET.refuse(gates="; ".join(reasons))
    return (GrantClosed(retention_until=add_months(given.ends, RETENTION_MONTHS), note=body.note),)


def _reconciled(state: State, given: Given) -> Reconciled | None:
    """The reconciliation, if the figures are still those that were found to agree."""
    return state.reconciled if state.reconciled and state.reconciled.event.years == given.years else None


def _points(given: Given) -> tuple[str, ...]:
    unfunded = () if given.years else ("no year has a cap",)
    return (*_unsettled(given), *unfunded, *(point for year in given.years for point in _differences(year)))


def _unsettled(given: Given) -> tuple[str, ...]:
    return tuple(f"return {name} is not settled" for name in given.returns_open)


def _differences(year: YearFigures) -> Iterable[str]:
    if year.cap_pence != year.agreed_pence + year.lapsed_pence + year.forfeited_pence:
        words = "in {year} the cap {cap_pence} is not what was agreed {agreed_pence}, lapsed {lapsed_pence} and was forfeited {forfeited_pence}"
        yield said(words, dict(year))
    if year.agreed_pence != year.received_pence + year.debtor_pence:
        yield said("in {year} what was agreed {agreed_pence} is not what was received {received_pence} and is owed {debtor_pence}", dict(year))


def _exit_open(state: State) -> tuple[str, ...]:
    if state.averted:
        return ()
    if state.triggered:
        return ("its exit was triggered, and the funded posts have no disposition",)
    if state.strategy:
        return ("its exit is neither averted nor triggered",)
    return ("no exit strategy is stated and no successor is recorded",)


def _of_exit(state: State, given: Given) -> tuple[Duty, ...]:
    if state.averted or state.triggered or given.ends is None:
        return ()
    if state.strategy is None:
        return given.policy.owed("exit", "exit.stated", THE_GRANT, given.began) if given.began else ()
    triggered = _by_itself("exit.triggered", state.strategy.recorded, end_of(given.ends))
    if state.armed and state.armed.ends == given.ends:
        return (*given.policy.owed("exit", "exit.averted", THE_GRANT, state.armed.recorded, given.ends), triggered)
    armed_on = _armed_on(state.strategy.stated, given.ends, given.policy)
    return (_by_itself("exit.armed", state.strategy.recorded, morning_of(armed_on)), triggered) if armed_on else (triggered,)


def _armed_on(stated: StrategyStated, ends: date, policy: Policy) -> date | None:
    """The day named, never after the end; else so many working days before the end; null: the policy gives no time."""
    if stated.armed_on:
        return min(stated.armed_on, ends)
    lead = policy.duty("exit", "exit.armed")
    return policy.working_day_after(ends, -lead.working_days) if lead and lead.working_days is not None else None


def _of_close(state: State, given: Given) -> tuple[Duty, ...]:
    if found := _reconciled(state, given):
        return () if gates(state, given) else given.policy.owed("exit", "grant.closed", THE_GRANT, found.recorded)
    if given.ends is None or _points(given):
        return ()
    return given.policy.owed("exit", "grant.reconciled", THE_GRANT, given.settled or end_of(given.ends))


def _by_itself(name: str, since: datetime, due: datetime) -> Duty:
    return Duty(part="exit", subject=THE_GRANT, name=name, owner=SYSTEM, since=since, due=due)
