"""Conditions of a grant, an instrument or an approval: who meets them by when, and what shows it (DESIGN §2).

Part of the room ``assurance``. An open condition keeps the grant from being closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.calendar import StatedDate, first_day_of
from domain.exception import ExceptionRaised
from domain.model import CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Name, Past, Rule, Text, fields_of
from domain.policy import Policy

UNKNOWN = Rule(
    "assurance.condition_unknown",
    "There is no condition {condition}.",
    "DESIGN §2: a condition has an owner, a due date and evidence",
    remedy="Correct the id, or record the condition with AddCondition first.",
)
DIFFERS = Rule(
    "assurance.condition_differs",
    "{condition} is recorded already, and says something else.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give another condition an id of its own; one that is met or waived stays as it was recorded.",
)
SETTLED = Rule(
    "assurance.condition_settled",
    "Condition {condition} was {how} already.",
    "DESIGN §2: a condition has an owner, a due date and evidence",
    remedy="Leave it; what came up since is a condition of its own.",
)

NO_EVIDENCE = "no evidence that a condition is met"
NEVER_ADDED = "a condition that nobody recorded"

DUTIES = (DutyWords(name="condition.met", words="{owner} meets condition {subject}"),)

# What can be asked for ------------------------------------------------------------------------------------------------


class AddCondition(CommandBody, kind="fact"):
    """Something is given under a condition: ``of`` names the instrument, the decision or the grant that it is a condition of.

    ``owner`` is the office or the party that meets it; ``due`` the London day by the end of which, null: none is set.
    """

    condition: Identifier
    of: Name
    words: Text
    owner: Identifier
    due: date | None = None
    documents: tuple[Document, ...] = ()


class MeetCondition(CommandBody, kind="fact"):
    """The condition is met; the documents show it. Without any, an exception stands until they are named.

    ``on`` null: the source does not say when.
    """

    condition: Identifier
    on: StatedDate | None = None
    documents: tuple[Document, ...] = ()


class WaiveCondition(CommandBody, kind="act"):
    """Whoever may do without it does without it, and says why."""

    condition: Identifier
    reason: Text
    documents: tuple[Document, ...] = ()


Command = AddCondition | MeetCondition | WaiveCondition

# What can have happened -----------------------------------------------------------------------------------------------


class ConditionAdded(Event, wire="condition.added", said="Condition {condition} of {of}, for {owner} to meet: {words}"):
    """From here on the condition stands."""

    condition: Identifier
    of: Name
    words: Text
    owner: Identifier
    due: date | None
    documents: tuple[Document, ...]


class ConditionMet(Event, wire="condition.met", said="Condition {condition} is met", effective="on"):
    """What shows that it is met; a later one with more documents takes the place of this one."""

    condition: Identifier
    on: StatedDate | None
    documents: tuple[Document, ...]


class ConditionWaived(Event, wire="condition.waived", said="Condition {condition} is waived: {reason}"):
    """It need not be met any more."""

    condition: Identifier
    reason: Text
    documents: tuple[Document, ...]


Happened = ConditionAdded | ConditionMet | ConditionWaived


@dataclass(frozen=True)
class Condition:
    """A condition as it stands; ``added`` null: it was met, and nobody had recorded it. ``recorded``: when we first learnt of it (UTC)."""

    recorded: datetime
    added: ConditionAdded | None = None
    met: ConditionMet | None = None
    met_at: datetime | None = None
    waived: ConditionWaived | None = None
    waived_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits to be met."""
        return self.met is None and self.waived is None

    def settled(self, day: date) -> bool:
        """Whether nothing waits for it on a London day: it is waived, or was met by then and documents show it."""
        if self.waived or self.met is None:
            return self.waived is not None
        return bool(self.met.documents) and (self.met.on is None or first_day_of(self.met.on) <= day)


Known = Mapping[str, Condition]

# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, known: Known) -> Decision:
    """What follows from a condition that is made, met or waived."""
    found = known.get(body.condition)
    match body:
        case AddCondition():
            return _add(body, found)
        case MeetCondition():
            return _meet(body, found)
        case WaiveCondition():
            return _waive(body, found)


def evolve(known: Known, past: Past) -> dict[str, Condition]:
    """The conditions after one event."""
    body = past.body
    if not isinstance(body, Happened):
        return dict(known)
    found = known.get(body.condition) or Condition(past.recorded)
    match body:
        case ConditionAdded():
            found = replace(found, added=body)
        case ConditionMet():
            found = replace(found, met=body, met_at=found.met_at or past.recorded)
        case ConditionWaived():
            found = replace(found, waived=body, waived_at=past.recorded)
    return {**known, body.condition: found}


def faults(known: Known, owner: str) -> tuple[ExceptionRaised, ...]:
    """Conditions met with nothing to show for it, or met without ever having been recorded."""
    return tuple(
        ExceptionRaised(exception=f"condition/{name}", what=what, subject=name, owner=owner, why=f"Condition {name} is said to be met: {what}.")
        for name, each in known.items()
        if each.met and (what := NEVER_ADDED if each.added is None else NO_EVIDENCE if not each.met.documents else None)
    )


def duties(known: Known, policy: Policy) -> tuple[Duty, ...]:
    """Its owner meets an open condition; the policy says what chases it."""
    open_ones = ((name, each, each.added) for name, each in known.items() if each.open)
    return tuple(policy.owed_by(added.owner, "assurance", "condition.met", name, each.recorded, added.due) for name, each, added in open_ones if added)


def gates(known: Known) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words."""
    return tuple(f"condition {name} is neither met nor waived" for name, each in known.items() if each.open)


def _add(body: AddCondition, found: Condition | None) -> Decision:
    added = ConditionAdded(**fields_of(body, AddCondition))
    if found is None or found.added is None:
        return (added,)
    return () if found.added == added else DIFFERS.refuse(condition=body.condition)


def _meet(body: MeetCondition, found: Condition | None) -> Decision:
    met = ConditionMet(condition=body.condition, on=body.on, documents=body.documents)
    if found is None or found.met is None:
        return (met,)
    if found.met == met:
        return ()
    more = found.met.on == met.on and set(found.met.documents) < set(met.documents)
    return (met,) if more else DIFFERS.refuse(condition=body.condition)


def _waive(body: WaiveCondition, found: Condition | None) -> Decision:
    if found is None:
        return UNKNOWN.refuse(condition=body.condition)
    waived = ConditionWaived(condition=body.condition, reason=body.reason, documents=body.documents)
    if found.waived == waived:
        return ()
    if not found.open:
        return SETTLED.refuse(condition=body.condition, how="met" if found.met else "waived")
    return (waived,)
