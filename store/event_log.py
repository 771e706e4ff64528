"""The event log: what it holds, and the one way to add to it.

``append`` is one transaction: compare-and-swap on the stream's head, the organisation's head, cost keys, commands,
events with their chained envelopes, postings, standing. The log's own head is locked last, so that log indexes have no
gap and a reader that has seen index n has seen everything before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from store import adding, statements, tables
from store.batch import AlreadyClaimed, Appended, Batch, Head, Moved, Row, enveloped, numbered
from store.database import asking, is_sqlite, writing
from store.errors import RecordCorruptError
from store.heads import heads_of, moved, organisation_of
from store.listing import MOST_AT_ONCE, batches, clock_now, instant_of


@dataclass(frozen=True)
class Glance:
    """What one question tells: the database's clock (UTC), how many events the log holds, and the heads asked for, by stream.

    ``first`` is the digest of the first command of the id asked for, on the first of the streams (null: there was none).
    """

    now: datetime
    size: int
    first: str | None
    heads: Mapping[str, Head]


@dataclass(frozen=True)
class Named:
    """Which command an event names: its place in the log, its stream, the command's id."""

    index: int
    stream: str
    command: str


@dataclass(frozen=True)
class CommandRow:
    """One command as stored: the canonical bytes that were signed, and the build that decided them."""

    stream: str
    id: str
    digest: str
    bytes: str
    signature: str
    key_id: str
    name: str
    build: str


class EventLog:
    """The event log in one database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def head(self, stream: str) -> Head:
        """The head of a stream; version 0 where it has no events."""
        with asking(self.engine) as connection:
            return heads_of([stream], connection.execute(statements.HEAD, {"stream": stream}))[stream]

    def glance(self, stream: str, organisation: str | None = None, command_id: str | None = None) -> Glance:
        """The clock, the log's size, whether a command was there before, the head of a stream and of the organisation, in one question.

        Raises:
            RecordCorruptError: the head of the log is gone.

        """
        asked = {"stream": stream, "organisation": organisation, "command": command_id}
        with asking(self.engine) as connection:
            found = connection.execute(statements.GLANCE[connection.dialect.name], asked).all()
        if not found:
            raise _headless()
        now, size, first, *_ = found[0]
        return Glance(instant_of(now), size, first, heads_of((stream, organisation), found))

    def rows(self, stream: str, after: int = 0) -> list[Row]:
        """The events of a stream above a version, in order. Read in pages, each a snapshot of its own."""
        found: list[Row] = []
        while len(page := self._read(statements.PAGE, stream=stream, after=after)) == MOST_AT_ONCE:
            found += page
            after = page[-1].version
        return found + page

    def row(self, stream: str, version: int) -> Row | None:
        """The event of that version on a stream."""
        found = self._read(statements.AT, stream=stream, version=version)
        return found[0] if found else None

    def rows_of_command(self, stream: str, command_id: str) -> list[Row]:
        """The events of a stream that name this command, in order."""
        return self._read(statements.BY_COMMAND, stream=stream, command=command_id)

    def rows_naming(self, asked: Collection[tuple[str, str]]) -> list[Row]:
        """The events that name one of these commands (stream, id), in the order of the log."""
        return sorted((row for some in batches(sorted(asked)) for row in self._naming(set(some))), key=lambda each: each.index)

    def _naming(self, asked: AbstractSet[tuple[str, str]]) -> Iterator[Row]:
        found = self._read(statements.NAMING, streams=sorted({stream for stream, _ in asked}), commands=sorted({each for _, each in asked}))
        return (each for each in found if (each.stream, each.command_id) in asked)

    def rows_of_types(self, stream: str, types: Collection[str], after: int = 0, most: int = MOST_AT_ONCE) -> list[Row]:
        """The events of these types on a stream above a version, in order; at most so many."""
        return self._read(statements.of_types(frozenset(types)), stream=stream, after=after, most=most)

    def last(self, stream: str, types: Collection[str]) -> Row | None:
        """The newest event of one of these types on a stream."""
        found = self._read(statements.last(frozenset(types)), stream=stream)
        return found[0] if found else None

    def tail(self, after: int = -1, most: int = MOST_AT_ONCE) -> list[Row]:
        """The events of the whole log above an index, in order; at most so many. What is seen once never changes."""
        return self._read(statements.TAIL, after=after, most=most)

    def named(self, after: int) -> list[Named]:
        """Which commands the events above an index name, in order; at most five hundred of them."""
        with asking(self.engine) as connection:
            return [Named(*each) for each in connection.execute(statements.NAMED, {"after": after})]

    def command(self, stream: str, command_id: str) -> CommandRow | None:
        """The command of that id on a stream, as first received; none if there was none."""
        with asking(self.engine) as connection:
            found = connection.execute(statements.COMMAND, {"stream": stream, "command": command_id}).one_or_none()
        return CommandRow(*found) if found else None

    def claimed_by(self, clock: str, keys: Iterable[str]) -> dict[str, str]:
        """Which of the cost keys are taken: key to the id of the grant that has it."""
        with asking(self.engine) as connection:
            return _claims(connection, clock, keys)

    def streams(self, prefix: str = "") -> list[str]:
        """The ids of all streams that begin so, sorted."""
        wanted = statements.streams(prefix)
        with asking(self.engine) as connection:
            return list(connection.scalars(wanted))

    def size(self) -> int:
        """How many events the whole log holds.

        Raises:
            RecordCorruptError: the head of the log is gone.

        """
        with asking(self.engine) as connection:
            return _size(connection)

    def now(self) -> datetime:
        """The database's clock (UTC)."""
        with asking(self.engine) as connection:
            return clock_now(connection)

    def append(self, batch: Batch) -> Appended | Moved | AlreadyClaimed:
        """Add the whole batch, or nothing. The answer is a value, also where somebody else was first.

        Raises:
            RecordUnavailableError: the database cannot be reached or is busy; whether the batch was written is unknown,
                and ``command`` tells.
            WriteRejectedError: the batch breaks a constraint, as one that repeats a command of its own stream does.

        """
        with writing(self.engine) as connection:
            if batch.expected.version == 0:
                connection.execute(statements.NEW_STREAM, vars(batch.expected))
            done = _refused(connection, batch) or _written(connection, batch)
            if not isinstance(done, Appended):
                connection.rollback()
            return done

    def _read(self, wanted: Select[Any], **of: Any) -> list[Row]:
        with asking(self.engine) as connection:
            return [Row(*each) for each in connection.execute(wanted, of)]


def _refused(connection: Connection, batch: Batch) -> Moved | AlreadyClaimed | None:
    """Lock the stream's head against other writers, and the organisation's against a change until we are done; then claim.

    PostgreSQL locks them with what it writes where there is nothing to claim before it.
    """
    claims = any(each.claims for each in batch.events)
    if batch.events and not claims and not is_sqlite(connection.engine):
        return None
    found = connection.execute(statements.LOCKED, {"stream": batch.stream, "organisation": organisation_of(batch)})
    return moved(batch, found) or (_already_claimed(connection, batch) if claims else None)


def _already_claimed(connection: Connection, batch: Batch) -> AlreadyClaimed | None:
    """Claim the cost keys of the batch. In the keys' order, so that two writers never wait for each other in a ring."""
    wanted: dict[str, int] = {}
    for version, new in numbered(batch):
        for key in new.claims:
            wanted.setdefault(key, version)
    rows = [{"clock": batch.clock, "key": key, "stream": batch.stream, "version": wanted[key]} for key in sorted(wanted)]
    connection.execute(statements.CLAIM, rows)
    mine = _grant(batch.stream)
    taken = {key: grant for key, grant in _claims(connection, batch.clock, wanted).items() if grant != mine}
    return AlreadyClaimed(taken) if taken else None


def _claims(connection: Connection, within: str, keys: Iterable[str]) -> dict[str, str]:
    wanted = select(tables.claimed.c.key, tables.claimed.c.stream_id).where(tables.claimed.c.clock == within)
    found = (connection.execute(wanted.where(tables.claimed.c.key.in_(batch))) for batch in batches(keys))
    return {key: _grant(stream) for rows in found for key, stream in rows}


def _grant(stream: str) -> str:
    return stream.removeprefix("grant/")


def _written(connection: Connection, batch: Batch) -> Appended | Moved:
    """What waits for nobody first; then the events, whose log indexes need the lock on the log's head."""
    if not batch.events:
        adding.stands(connection, batch)
        return Appended(batch.expected, _size(connection))
    grown = adding.all_but_events(connection, batch)
    if grown is None:
        raise _headless()
    if isinstance(grown, Moved):
        return grown
    events = list(enveloped(batch, grown.size - len(batch.events), grown.now))
    adding.events(connection, events)
    return Appended(events[-1].head, grown.size)


def _size(connection: Connection) -> int:
    found = connection.scalars(statements.SIZE).one_or_none()
    if found is None:
        raise _headless()
    return int(found)


def _headless() -> RecordCorruptError:
    return RecordCorruptError("the head of the log is gone")
