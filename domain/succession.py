"""Whether the grant ends or goes on: its exit strategy or the waiver of one, its successors, arming and triggering.

Part of the room ``exit``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from domain.calendar import end_of, morning_of
from domain.ending import THE_GRANT, ExitArmed, ExitAverted, ExitTriggered, ExitWaived, Given, State, StrategyStated, SuccessorRecorded
from domain.model import SYSTEM, CommandBody, Decision, Document, Duty, DutyWords, Name, Rule, Text
from domain.policy import Policy

ARMED_TOO_LATE = Rule(
    "exit.armed_too_late",
    "The exit would be armed on {armed_on}, after the last funded day {ends}.",
    "R-93; invariant 30",
    remedy="Arm the exit for a day no later than {ends}.",
)
TRIGGERED = Rule(
    "exit.triggered",
    "The exit was triggered by the end of {ends}; its strategy stands.",
    "Invariant 30",
    remedy="Carry the strategy out: record what becomes of each post, asset and contract.",
)

DUTIES = (
    DutyWords(name="exit.stated", words="{owner} states what happens to people and assets if the funding of the {subject} stops"),
    DutyWords(name="exit.armed", words="The exit of the {subject} is armed"),
    DutyWords(name="exit.averted", words="{owner} names a successor of the {subject}, or prepares its exit"),
    DutyWords(name="exit.triggered", words="The exit of the {subject} is triggered"),
)


class StateExitStrategy(CommandBody, kind="act"):
    """What the strategy covers, what would trigger it, and what would then be done. A later one takes its place.

    ``armed_on`` null: as many working days before the last funded day as the policy gives.
    """

    covers: Text
    trigger: Text
    plan: Text
    armed_on: date | None = None


class WaiveExit(CommandBody, kind="act"):
    """Do without an exit strategy, and say why: nothing and nobody depends on the money when it stops (G26)."""

    reason: Text
    documents: tuple[Document, ...] = ()


class RecordSuccessor(CommandBody, kind="fact"):
    """Another decision or grant carries on from here; an ``external`` one is kept by reference only (R-05, invariant 31).

    ``first`` is the day from which it funds, null where the source does not say.
    """

    reference: Name
    external: bool
    first: date | None = None
    documents: tuple[Document, ...] = ()


def state_strategy(body: StateExitStrategy, state: State, given: Given) -> Decision:
    """The strategy, in the place of an earlier one or of a waiver."""
    stated = StrategyStated(covers=body.covers, trigger=body.trigger, plan=body.plan, armed_on=body.armed_on)
    if state.strategy and state.strategy.stated == stated:
        return ()
    if state.triggered:
        return TRIGGERED.refuse(ends=state.triggered.ends)
    if body.armed_on and given.ends and body.armed_on > given.ends:
        return ARMED_TOO_LATE.refuse(armed_on=body.armed_on, ends=given.ends)
    return (stated,)


def waive(body: WaiveExit, state: State) -> Decision:
    """The waiver, in the place of a strategy; once the exit was triggered there is nothing left to waive."""
    waived = ExitWaived(reason=body.reason, documents=body.documents)
    if state.waived == waived:
        return ()
    return TRIGGERED.refuse(ends=state.triggered.ends) if state.triggered else (waived,)


def succeed(body: RecordSuccessor, state: State, given: Given) -> Decision:
    """The successor; it averts the exit if it leaves no day unfunded."""
    recorded = SuccessorRecorded(reference=body.reference, external=body.external, first=body.first, documents=body.documents)
    known = [each for each in state.successors if each.reference == body.reference]
    if known and known[-1] == recorded:
        return ()
    return (recorded, *averted(replace(state, successors=(*state.successors, recorded)), given))


def averted(state: State, given: Given) -> tuple[ExitAverted, ...]:
    """A successor averts the exit as soon as it leaves no day unfunded, also where the last funded day is known, or moves, only later."""
    if state.averted or state.triggered:
        return ()
    last_said = {each.reference: each for each in state.successors}.values()
    seamless = next((each for each in last_said if _seamless(each, given)), None)
    return (ExitAverted(reference=seamless.reference, ends=given.ends),) if seamless else ()


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """The exit waits for its strategy; then somebody owes a successor by the end, and the dates come by themselves."""
    if state.averted or state.triggered or state.waived or given.ends is None:
        return ()
    if state.strategy is None:
        return given.policy.owed("exit", "exit.stated", THE_GRANT, given.began) if given.began else ()
    recorded = state.strategy.recorded
    owed = (
        *given.policy.owed("exit", "exit.averted", THE_GRANT, recorded, given.ends),
        _by_itself("exit.triggered", recorded, end_of(given.ends)),
    )
    if state.armed and state.armed.ends == given.ends:
        return owed
    armed_on = _armed_on(state.strategy.stated, given.ends, given.policy)
    return (_by_itself("exit.armed", recorded, morning_of(armed_on)), *owed) if armed_on else owed


def passed(duty: Duty, state: State, given: Given) -> tuple[ExitArmed | ExitTriggered, ...]:
    """The exit is armed, or triggered, when its day has come."""
    if state.strategy is None or given.ends is None:
        return ()
    stated, kind = state.strategy.stated, ExitArmed if duty.name == "exit.armed" else ExitTriggered
    return (kind(ends=given.ends, covers=stated.covers, plan=stated.plan),)


def gates(state: State) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words."""
    if state.averted or state.waived or state.triggered:
        return ()
    if state.strategy:
        return ("its exit is neither averted nor triggered",)
    return ("no exit strategy is stated or waived, and no successor is recorded",)


def _seamless(successor: SuccessorRecorded, given: Given) -> bool:
    return successor.first is None or (given.ends is not None and successor.first <= given.ends + timedelta(days=1))


def _armed_on(stated: StrategyStated, ends: date, policy: Policy) -> date | None:
    """The day named, never after the end; else so many working days before the end; null: the policy gives no time."""
    if stated.armed_on:
        return min(stated.armed_on, ends)
    lead = policy.duty("exit", "exit.armed")
    return policy.working_day_after(ends, -lead.working_days) if lead and lead.working_days is not None else None


def _by_itself(name: str, since: datetime, due: datetime) -> Duty:
    return Duty(part="exit", subject=THE_GRANT, name=name, owner=SYSTEM, since=since, due=due)
