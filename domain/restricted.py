"""Part 2: that sealed content stands beside what was done, and who has read it. The content itself no rule ever sees.

A command may bring one sealed blob with it; the record keeps its ciphertext, and an event says that it is there. Reading it
is an act like any other: it needs a mandate, and it is recorded before anything is unsealed (R-80; invariant 32). Whoever has
no mandate reads under an access that two people opened, and not otherwise (``break_glass``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import accesses, break_glass, model
from domain.accesses import Accesses
from domain.break_glass import Given
from domain.calendar import day_of
from domain.evidence import digest
from domain.model import By, CommandBody, CommandId, Decision, Digest, Duty, Event, Identifier, Name, Past, Refusal, Rule, Text
from domain.organisation import may

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


Command = ReadRestricted | break_glass.Command
OWN = (break_glass.AskAccess, break_glass.EndAccess, break_glass.ReportAccess)
"""The acts of which this room says itself who may do them: a mandate is not all that counts."""

# What can have happened -----------------------------------------------------------------------------------------------


class PartTwoKept(Event, wire="part_two.kept", said="A Part 2 came with {came_with}, and is kept sealed"):
    """Sealed content came with the command ``subject`` of the type ``came_with``; ``digest`` is that of its ciphertext.

    The ciphertext stands with the command, its key in the vault: erasing the key changes nothing here.
    """

    subject: CommandId
    came_with: Name
    digest: Digest


class RestrictedRead(Event, wire="restricted.read", said="{office} reads the Part 2 that came with {subjects}; purpose: {purpose}"):
    """An office reads restricted content: which, and what for (null: not told). Recorded before anything is unsealed.

    ``access`` cites the break-glass under which somebody of that office reads (null: the office has the mandate).
    """

    subjects: tuple[CommandId, ...]
    office: Identifier
    purpose: Text | None
    access: Identifier | None = None


Happened = PartTwoKept | RestrictedRead | accesses.Happened
DUTIES = break_glass.DUTIES


@dataclass(frozen=True)
class Kept:
    """One Part 2: the type of the command that it came with, whose, and when that was recorded (UTC)."""

    came_with: str
    actor: str
    recorded: datetime


@dataclass(frozen=True)
class State:
    """What is kept sealed, by the id of the command that it came with, in the order in which it came; and every access asked for."""

    kept: Mapping[str, Kept] = field(default_factory=dict)
    accesses: Accesses = field(default_factory=dict)

    def banners(self) -> tuple[str, ...]:
        """What every view of the grant says of the accesses that were ever opened, the latest first."""
        return tuple(banner for each in reversed(tuple(self.accesses.values())) if (banner := each.banner()))


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from wanting to read, or from opening that to somebody."""
    subjects = body.subjects if isinstance(body, ReadRestricted | break_glass.AskAccess) else ()
    if unknown := tuple(each for each in subjects if each not in state.kept):
        return UNKNOWN.refuse(subjects=unknown)
    if not state.kept:
        return NOTHING.refuse(grant=given.grant)
    if isinstance(body, ReadRestricted):
        return _read(body, state, by, given)
    return break_glass.decide(body, state.accesses, by, given)


def _read(body: ReadRestricted, state: State, by: By, given: Given) -> Decision:
    """The reading is recorded: in the office that has the mandate, else under an access that stands open for this person."""
    act, day = type(body).__name__, day_of(by.now)
    office = by.office or may(by, act, given.policy, given.organisation) or given.organisation.capacity(by, given.policy.mandated(act, day), act)
    if isinstance(office, Refusal):
        return _read_under_access(body, state, by, given) or office
    return (RestrictedRead(subjects=body.subjects or tuple(state.kept), office=office, purpose=body.purpose),)


def _read_under_access(body: ReadRestricted, state: State, by: By, given: Given) -> Decision | None:
    """What follows for somebody without the mandate who once asked for access; null: they never did."""
    found = break_glass.opened(state.accesses, by, body.subjects, state.kept, given)
    if found is None or isinstance(found, Refusal):
        return found
    access, subjects = found
    office = given.organisation.offices_of(by.actor, day_of(by.now))[0]
    return (RestrictedRead(subjects=subjects, office=office, purpose=body.purpose, access=access.id),)


def came_with(command: model.Command) -> tuple[Event, ...]:
    """The event of the Part 2 that an accepted command brings, if it brings one. What it says stays unread."""
    kept = digest_of(command)
    return (PartTwoKept(subject=command.id, came_with=command.type, digest=kept),) if kept else ()


def digest_of(command: model.Command) -> str | None:
    """SHA-256 of the ciphertext that a command brings; null: it brings none. What it says stays unread."""
    return digest(command.sealed.encode()) if command.sealed is not None else None


def evolve(state: State, past: Past) -> State:
    """What is kept, and which accesses stand, after one of the room's events; reading changes nothing."""
    match past.body:
        case PartTwoKept(subject=subject, came_with=command):
            return replace(state, kept={**state.kept, subject: Kept(command, past.actor, past.recorded)})
        case _:
            return replace(state, accesses=accesses.evolve(state.accesses, past))


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """Nobody owes a reading; what was asked for waits for a second person, and what was opened is reported."""
    return break_glass.duties(state.accesses, given.policy, given.today)


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """What follows when a date of this room has come: an access that nobody confirmed lapses."""
    return (break_glass.lapsed(duty.subject, state.accesses),)


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen."""
    return None
