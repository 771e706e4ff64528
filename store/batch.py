"""What one commit adds to one stream, and the rows that this becomes: envelopes chained one to the next. Pure; no SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import evidence
from domain.calendar import rfc3339
from domain.ledger import Posting
from domain.money import CURRENCY


@dataclass(frozen=True)
class Head:
    """The last version of a stream and the hash of its envelope; before its first event version 0 and its genesis."""

    stream: str
    version: int
    hash: str


@dataclass(frozen=True)
class Row:
    """One event as stored. ``index`` is its place in the log (from 0), ``version`` in its stream (from 1)."""

    index: int
    stream: str
    version: int
    type: str
    schema: int
    command_id: str
    envelope: str
    body: str
    hash: str

    @property
    def head(self) -> Head:
        """Where its stream stands once it is the last."""
        return Head(self.stream, self.version, self.hash)


@dataclass(frozen=True)
class NewEvent:
    """An event to append. ``body`` is canonical JSON; ``effective`` as stated (null: unknown); ``recorded`` RFC 3339.

    ``command_digest`` is that of the command row that it answers; null where there is none (a moment, a quarantine).
    ``claims`` are the cost keys that its stream takes.
    """

    type: str
    schema: int
    body: str
    effective: str | None
    recorded: str
    actor: str
    on_behalf_of: str | None
    command_id: str
    command_digest: str | None
    postings: tuple[Posting, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewCommand:
    """A command to keep: its canonical bytes and their digest, its signature (base64), key, and the signal's name."""

    id: str
    digest: str
    bytes: str
    signature: str
    key_id: str
    name: str


@dataclass(frozen=True)
class Batch:
    """All that one commit adds to one stream.

    ``organisation`` is the head of the organisation that was used (null: none). ``clock`` is where cost keys are unique:
    ``real`` or ``rehearsal``. ``standing`` is canonical JSON; with no events it alone is written, at the head as it is.
    """

    stream: str
    expected: Head
    organisation: Head | None
    clock: str
    build: str
    events: tuple[NewEvent, ...]
    commands: tuple[NewCommand, ...]
    standing: str


@dataclass(frozen=True)
class Appended:
    """All of the batch is in the record; the head is the stream's new one, ``size`` how many events the whole log holds now."""

    head: Head
    size: int


@dataclass(frozen=True)
class Moved:
    """Nothing was written: this head, of the stream or of the organisation, is not the expected one. Decide again."""

    head: Head


@dataclass(frozen=True)
class AlreadyClaimed:
    """Nothing was written: these cost keys are another grant's already (key to the id of that grant). Decide again."""

    taken: Mapping[str, str]


def genesis(stream: str) -> Head:
    """The head of a stream that has no events yet."""
    return Head(stream, 0, evidence.genesis(stream))


def enveloped(batch: Batch, first_index: int, committed: datetime) -> Iterator[Row]:
    """The events of the batch as rows, each envelope chained to the one before."""
    previous = batch.expected.hash
    for offset, (version, new) in enumerate(numbered(batch)):
        envelope = evidence.canonical(
            {
                "v": 1,
                "stream": batch.stream,
                "version": version,
                "type": new.type,
                "schema": new.schema,
                "effective": new.effective,
                "recorded": new.recorded,
                "committed": rfc3339(committed),
                "actor": new.actor,
                "on_behalf_of": new.on_behalf_of,
                "command": new.command_id,
                "command_digest": new.command_digest,
                "organisation": {"stream": batch.organisation.stream, "version": batch.organisation.version} if batch.organisation else None,
                "build": batch.build,
                "index": first_index + offset,
                "prev": previous,
                "body_digest": evidence.digest(new.body.encode()),
            }
        )
        previous = evidence.digest(envelope)
        yield Row(first_index + offset, batch.stream, version, new.type, new.schema, new.command_id, envelope.decode(), new.body, previous)


def numbered(batch: Batch) -> Iterator[tuple[int, NewEvent]]:
    """The events with the versions that they get."""
    return enumerate(batch.events, batch.expected.version + 1)


def event_row(row: Row) -> dict[str, Any]:
    """An event as its table has it."""
    return {"log_index": row.index, "stream_id": row.stream} | {name: each for name, each in vars(row).items() if name not in {"index", "stream"}}


def command_row(batch: Batch, new: NewCommand) -> dict[str, Any]:
    """A command as its table has it."""
    return {"stream_id": batch.stream, "command_id": new.id, "build": batch.build} | {name: each for name, each in vars(new).items() if name != "id"}


def posting_rows(stream: str, version: int, postings: Iterable[Posting]) -> Iterator[dict[str, Any]]:
    """The postings of the event of that version as their table has them."""
    for line, each in enumerate(postings, 1):
        amounts = {"currency": CURRENCY, "amount": each.pence, "booked": each.booked}
        yield {"stream_id": stream, "version": version, "line": line, "entity": each.entity, "debit": each.debit, "credit": each.credit} | amounts
