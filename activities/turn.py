"""One commit's worth of deciding, over a folded stream: each message becomes exactly one outcome, or none as a repeat.

What is common to the turns of grants and of organisations. Pure but for the signature check inside ``inbox.read``: what
a turn decides is appended by ``record``, or decided again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from traceback import extract_tb
from typing import Any, Generic, Protocol, TypeVar

import structlog

from activities import inbox
from activities.contracts import Message
from domain import evidence
from domain.keys import Key
from domain.ledger import Posting
from domain.messages import CommandNoted, CommandRefused
from domain.model import SYSTEM, By, Decision, Event, Past, Refusal, Rule
from domain.upcasts import event_of
from store.errors import RecordError

REUSED = Rule(
    "command.reused",
    "The id {id} was used before for another command: give the corrected step or command another id.",
    "CONTRACT, Messages",
    remedy="Send it again without an id, or with a new one; `grants outcome {id}` tells what came of the first.",
)

log = structlog.get_logger()

State = TypeVar("State")


class Sender(Protocol):
    """Who acts: a command, or the system."""

    @property
    def actor(self) -> str:
        """The person's id, or ``system``."""

    @property
    def on_behalf_of(self) -> str | None:
        """The principal whom the actor stands in for."""


@dataclass(frozen=True)
class TheSystem:
    """The sender of what nobody sends: moments, and messages that were put aside."""

    actor: str = SYSTEM
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class Written:
    """One event as it will be appended: its postings, and the cost keys that it claims."""

    past: Past
    postings: tuple[Posting, ...] = ()
    claims: tuple[str, ...] = ()

    @cached_property
    def body(self) -> str:
        """What was said of it, as canonical JSON."""
        return evidence.canonical(self.past.body.model_dump(mode="json")).decode()

    @cached_property
    def stored(self) -> Past:
        """The event as whoever reads the record will have it: what a turn folds is what every later fold finds."""
        body = self.past.body
        return self.past.model_copy(update={"body": event_of(body.wire, body.version, self.body)})


@dataclass(frozen=True)
class Entry:
    """One message or moment, and the events that it became."""

    id: str
    written: tuple[Written, ...]
    signed: inbox.Signed | None = None
    put_aside: inbox.PutAside | None = None

    @property
    def digest(self) -> str | None:
        """The digest of the command that it answers; null where there is none."""
        return self.signed.digest if self.signed else None


class Before(Protocol):
    """What the record already knows of an id on this stream."""

    def first_digest(self, command_id: str) -> str | None:
        """The digest of the first command with that id."""

    def quarantined(self, command_id: str) -> bool:
        """Whether the newest event under that id is a quarantine."""


@dataclass
class Turn(ABC, Generic[State]):
    """A turn. ``state`` moves on from ``begun`` with each entry; ``now`` is the real instant of this commit (UTC).

    ``repeated``: a message that it was given adds nothing, for it was settled before.
    """

    state: State
    before: Before
    now: datetime
    begun: State = field(init=False)
    entries: list[Entry] = field(default_factory=list, init=False)
    repeated: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """The state is still the one that was read."""
        self.begun = self.state

    @property
    @abstractmethod
    def stream(self) -> str:
        """The stream that the turn is of."""

    @property
    @abstractmethod
    def organisation_stream(self) -> str | None:
        """The stream whose head must still stand when the turn is appended; null: none was used."""

    @property
    @abstractmethod
    def clock(self) -> str:
        """The clock on which cost keys are claimed once."""

    @property
    @abstractmethod
    def disposed(self) -> bool:
        """Whether what is kept apart for the stream was disposed of, its sealed content with it."""

    @abstractmethod
    def standing(self) -> dict[str, Any]:
        """The row for lists and inboxes, after this turn."""

    @abstractmethod
    def key(self, name: str) -> Key | None:
        """The key of that id that may sign messages to this stream now."""

    @abstractmethod
    def pass_trailing(self) -> bool:
        """Decide what has fallen due after the messages; True where more is left for the next commit."""

    @abstractmethod
    def recorded(self) -> datetime:
        """The recorded instant of what no command dates."""

    @abstractmethod
    def _decide(self, read: inbox.Signed) -> None:
        """Decide a command that was not seen before, and ``_enter`` what becomes of it."""

    @abstractmethod
    def _write(self, event: Event, by: By) -> Written:
        """Fold one event into the state, and say what is appended with it."""

    @property
    def stored(self) -> tuple[Past, ...]:
        """What the turn has decided so far, as whoever reads the record will have it."""
        return tuple(written.stored for each in self.entries for written in each.written)

    def take(self, came: inbox.Opened | inbox.PutAside) -> None:
        """Decide one message: exactly one outcome, or none where it is a repeat."""
        count = len(self.entries)
        read = inbox.read(came, self.stream, self.key) if isinstance(came, inbox.Opened) else came
        if isinstance(read, inbox.PutAside):
            self._put_aside(read, read.id)
        else:
            self._obey(read)
        self.repeated |= len(self.entries) == count

    def _obey(self, read: inbox.Signed) -> None:
        name, again = read.command.id, f"{read.command.id}#{read.digest}"
        first = self._first(name)
        if first is None:
            self._guarded(name, read.message, lambda: self._decide(read))
        elif first != read.digest and self._first(again) is None:
            self._enter(again, read, self.recorded(), REUSED.refuse(id=name))

    def _enter(self, entry_id: str, read: inbox.Signed, at: datetime, decision: Decision) -> None:
        self._add(entry_id, read.command, at, outcome(read.command.type, decision), signed=read)

    def _put_aside(self, aside: inbox.PutAside, entry_id: str, *, again: bool = False) -> None:
        if again or not (self.before.quarantined(entry_id) or any(each.id == entry_id for each in self.entries)):
            self._add(entry_id, TheSystem(), self.recorded(), (aside.event,), put_aside=aside)

    def _guarded(self, entry_id: str, message: Message, attempt: Callable[[], None], *, again: bool = False) -> None:
        """Our own code may be wrong about one message: it is put aside, and nothing of the attempt stays.

        ``again``: also where it was put aside before, for a moment that was released and on which our code raises once more.
        """
        state, count = self.state, len(self.entries)
        try:
            attempt()
        except RecordError:
            raise  # the database's fault, not the message's: the whole commit is tried again
        except Exception as error:  # noqa: BLE001  (whatever it is, the grant goes on)
            log.error("message.quarantined", stream=self.stream, command=entry_id, error=type(error).__name__, at=_places(error))  # noqa: TRY400  (no text)
            self.state = state
            del self.entries[count:]
            self._put_aside(inbox.put_aside(message, "internal", entry_id), entry_id, again=again)

    def _add(self, entry_id: str, sender: Sender, at: datetime, events: tuple[Event, ...], **kept: Any) -> None:
        by = By(actor=sender.actor, on_behalf_of=sender.on_behalf_of, now=at, content=None, command=entry_id)
        entry = Entry(entry_id, tuple(self._write(event, by) for event in events))
        self.entries.append(replace(entry, **kept))

    def _first(self, command_id: str) -> str | None:
        mine = next((each.digest for each in self.entries if each.id == command_id and each.signed), None)
        return mine or self.before.first_digest(command_id)


def _places(error: Exception) -> list[str]:
    """Where it was raised, innermost last. Never its own text, nor that of its causes: it may quote what was sent."""
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in extract_tb(error.__traceback__)]


def outcome(command_type: str, decision: Decision) -> tuple[Event, ...]:
    """The events that a decision becomes: a refusal and "already so" are events too, so every message leaves a trace."""
    if isinstance(decision, Refusal):
        return (CommandRefused(type=command_type, **decision.model_dump()),)
    return decision or (CommandNoted(type=command_type),)
