"""Part 2: that sealed content stands beside what was done, and who has read it. The content itself no rule ever sees.

A command may bring one sealed blob with it; the record keeps its ciphertext, and an event says that it is there. Reading it
is an act like any other: it needs a mandate, and it is recorded before anything is unsealed (R-80; invariant 32).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.calendar import day_of
from domain.evidence import digest
from domain.model import By, Command, CommandBody, CommandId, Decision, Digest, Duty, DutyWords, Event, Identifier, Name, Past, Refusal, Rule, Text
from domain.organisation import Organisation
from domain.policy import Policy

SOURCE = "R-80; CONTRACT, Restricted content"
NOTHING = Rule("restricted.nothing_kept", "{grant} has no Part 2.", SOURCE, remedy="Read the grant as it is: without --restricted.")
UNKNOWN = Rule(
    "restricted.unknown_subject",
    "No Part 2 came with {subjects}.",
    SOURCE,
    remedy="Name commands that had a Part 2: `grants history --json` marks them as restricted.",
)

# What can be asked for ------------------------------------------------------------------------------------------------


class ReadRestricted(CommandBody, kind="act"):
    """Read the Part 2 that came with these commands (ids; none named: every one of the grant), for a purpose, if one is told.

    Each reading is recorded, also the second one of the same content (R-80).
    """

    subjects: tuple[CommandId, ...] = ()
    purpose: Text | None = None


Asked = ReadRestricted

# What can have happened -----------------------------------------------------------------------------------------------


class PartTwoKept(Event, wire="part_two.kept", said="A Part 2 came with {came_with}, and is kept sealed"):
    """Sealed content came with the command ``subject`` of the type ``came_with``; ``digest`` is that of its ciphertext.

    The ciphertext stands with the command, its key in the vault: erasing the key changes nothing here.
    """

    subject: CommandId
    came_with: Name
    digest: Digest


class RestrictedRead(Event, wire="restricted.read", said="{office} reads the Part 2 that came with {subjects}; purpose: {purpose}"):
    """An office reads restricted content: which, and what for (null: not told). Recorded before anything is unsealed."""

    subjects: tuple[CommandId, ...]
    office: Identifier
    purpose: Text | None


Happened = PartTwoKept | RestrictedRead
DUTIES: tuple[DutyWords, ...] = ()


@dataclass(frozen=True)
class Kept:
    """One Part 2: the type of the command that it came with, whose, and when that was recorded (UTC)."""

    came_with: str
    actor: str
    recorded: datetime


@dataclass(frozen=True)
class State:
    """What is kept sealed, by the id of the command that it came with, in the order in which it came."""

    kept: Mapping[str, Kept] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: its id, the organisation, and the policy that gives the mandate."""

    grant: str
    organisation: Organisation
    policy: Policy


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Asked, state: State, by: By, given: Given) -> Decision:
    """What follows from wanting to read: that it is recorded, in the office that has the mandate."""
    unknown = tuple(each for each in body.subjects if each not in state.kept)
    if unknown:
        return UNKNOWN.refuse(subjects=unknown)
    if not state.kept:
        return NOTHING.refuse(grant=given.grant)
    act = type(body).__name__
    office = by.office or given.organisation.capacity(by, given.policy.mandated(act, day_of(by.now)), act)
    if isinstance(office, Refusal):
        return office
    return (RestrictedRead(subjects=body.subjects or tuple(state.kept), office=office, purpose=body.purpose),)


def came_with(command: Command) -> tuple[Event, ...]:
    """The event of the Part 2 that an accepted command brings, if it brings one. What it says stays unread."""
    if command.sealed is None:
        return ()
    return (PartTwoKept(subject=command.id, came_with=command.type, digest=digest(command.sealed.encode())),)


def evolve(state: State, past: Past) -> State:
    """What is kept after one of the room's events; reading changes nothing."""
    match past.body:
        case PartTwoKept(subject=subject, came_with=command):
            return replace(state, kept={**state.kept, subject: Kept(command, past.actor, past.recorded)})
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nobody owes a reading."""
    return ()


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Asked, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen."""
    return None
