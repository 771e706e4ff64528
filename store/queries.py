"""What faces read: lists, one grant's rows, outcomes by command id, postings, and whole streams for whoever verifies.

Every function takes short snapshots and pages through what can be long; none of them locks anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Engine, Select, Table, Text, func, select, tuple_, type_coerce, union

from store import tables
from store.batch import Head, Row
from store.database import is_sqlite, reading
from store.event_log import CommandRow
from store.listing import MOST_AT_ONCE, starting_with

GRANTS = "grant/"


@dataclass(frozen=True)
class StandingRow:
    """Where a stream stands at a version, as canonical JSON."""

    stream: str
    version: int
    json: str


@dataclass(frozen=True)
class PostingRow:
    """One row of the ledger: ``amount`` whole pence from ``credit`` to ``debit``; ``line`` counts from 1 in its event.

    ``booked`` is text (2020-06-30): a row is read also where somebody has put there what is no date.
    """

    stream: str
    version: int
    line: int
    entity: str
    debit: str
    credit: str
    currency: str
    amount: int
    booked: str


@dataclass(frozen=True)
class ClaimRow:
    """A cost key, the stream that has it, and the version of the event that took it."""

    clock: str
    key: str
    stream: str
    version: int


@dataclass(frozen=True)
class Came:
    """One event that came of a command: its version and its type."""

    version: int
    type: str


@dataclass(frozen=True)
class Counts:
    """How much the record holds."""

    grants: int
    events: int
    postings: int


@dataclass(frozen=True)
class WholeStream:
    """Everything that the record holds of one stream, all of the same instant. Null: no such row."""

    stream: str
    head: Head | None
    events: tuple[Row, ...]
    commands: tuple[CommandRow, ...]
    postings: tuple[PostingRow, ...]
    claims: tuple[ClaimRow, ...]
    standing: StandingRow | None


def standing(engine: Engine, stream: str) -> StandingRow | None:
    """Where one stream stands; none where it has no events."""
    with reading(engine) as connection:
        return _standing(connection, stream)


def all_standings(engine: Engine, prefix: str = GRANTS) -> Iterator[StandingRow]:
    """Where every stream that begins so stands, in the order of their ids."""
    for row in _paged(engine, tables.standing, starting_with(tables.standing.c.stream_id, prefix)):
        yield StandingRow(*row)


def links(engine: Engine) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every grant that was opened, with the links to other grants that its standing states."""
    for row in all_standings(engine):
        stands = json.loads(row.json)
        if stands["opened"]:
            yield stands["grant"], stands["figures"]["links"]


def postings(engine: Engine, stream: str | None = None, version: int | None = None) -> Iterator[PostingRow]:
    """The ledger of one event, of one stream, or of all, in the order of stream, version and line."""
    columns = ((tables.posting.c.stream_id, stream), (tables.posting.c.version, version))
    where = [column == value for column, value in columns if value is not None]
    for row in _paged(engine, tables.posting, *where):
        yield _posting(row)


def commands_by_id(engine: Engine, command_id: str) -> list[CommandRow]:
    """The commands of that id on any stream, and those that reused it for something else (``<id>#<digest>``)."""
    wanted = select(tables.command).where(_named(tables.command.c.command_id, command_id))
    with reading(engine) as connection:
        return [CommandRow(*row) for row in connection.execute(wanted.order_by(tables.command.c.stream_id, tables.command.c.command_id))]


def events_by_command(engine: Engine, command_id: str) -> list[Row]:
    """The events that a command id became on any stream, reused ones (``<id>#<digest>``) included, in the order of the log."""
    wanted = select(tables.event).where(_named(tables.event.c.command_id, command_id)).order_by(tables.event.c.log_index)
    with reading(engine) as connection:
        return [Row(*row) for row in connection.execute(wanted)]


def events_saying(engine: Engine, kind: str, words: str) -> list[Row]:
    """The events of a type, on any stream, in whose bodies these words stand, in the order of the log. It reads the whole log."""
    wanted = select(tables.event).where(tables.event.c.type == kind, tables.event.c.body.contains(words, autoescape=True))
    with reading(engine) as connection:
        return [Row(*row) for row in connection.execute(wanted.order_by(tables.event.c.log_index))]


def outcomes(engine: Engine, stream: str) -> dict[str, list[Came]]:
    """The events of a stream by the id of the command that they came of, without their bodies; in order."""
    found: dict[str, list[Came]] = {}
    columns = (tables.event.c.version, tables.event.c.type, tables.event.c.command_id)
    page = ordered = select(*columns).where(tables.event.c.stream_id == stream).order_by(tables.event.c.version).limit(MOST_AT_ONCE)
    while True:
        with reading(engine) as connection:
            rows = connection.execute(page).all()
        for version, kind, command in rows:
            found.setdefault(command, []).append(Came(version, kind))
        if len(rows) < MOST_AT_ONCE:
            return found
        page = ordered.where(tables.event.c.version > rows[-1].version)


def command_digests(engine: Engine, stream: str) -> dict[str, str]:
    """The digest of every command of a stream, by its id."""
    wanted = select(tables.command.c.command_id, tables.command.c.digest).where(tables.command.c.stream_id == stream)
    with reading(engine) as connection:
        return {row.command_id: row.digest for row in connection.execute(wanted)}


def counts(engine: Engine) -> Counts:
    """How many grants, events and postings there are."""
    with reading(engine) as connection:
        return Counts(
            grants=_count(connection, tables.stream, starting_with(tables.stream.c.stream_id, GRANTS)),
            events=_count(connection, tables.event),
            postings=_count(connection, tables.posting),
        )


def damage(engine: Engine) -> list[str]:
    """What SQLite itself finds wrong with its file; PostgreSQL checks its pages as it reads them."""
    if not is_sqlite(engine):
        return []
    with reading(engine) as connection:
        return [each for each in connection.exec_driver_sql("PRAGMA integrity_check").scalars() if each != "ok"]


def every_stream(engine: Engine) -> list[str]:
    """The ids of all streams that any table names, sorted: also of one whose head was taken away."""
    named = union(*(select(each.c.stream_id) for each in (tables.stream, tables.event, tables.command, tables.posting, tables.claimed, tables.standing)))
    with reading(engine) as connection:
        return sorted(connection.scalars(named))


def whole_stream(engine: Engine, stream: str) -> WholeStream:
    """One stream as it is stored, in one snapshot, with nothing taken for granted."""
    with reading(engine) as connection:
        head = connection.execute(_of(tables.stream, stream)).one_or_none()
        return WholeStream(
            stream=stream,
            head=Head(*head) if head else None,
            events=tuple(Row(*row) for row in connection.execute(_of(tables.event, stream).order_by(tables.event.c.version))),
            commands=tuple(CommandRow(*row) for row in connection.execute(_of(tables.command, stream).order_by(tables.command.c.command_id))),
            postings=tuple(map(_posting, connection.execute(_of(tables.posting, stream).order_by(*tables.posting.primary_key.columns)))),
            claims=tuple(ClaimRow(*row) for row in connection.execute(_of(tables.claimed, stream).order_by(tables.claimed.c.key))),
            standing=_standing(connection, stream),
        )


def _standing(connection: Connection, stream: str) -> StandingRow | None:
    found = connection.execute(_of(tables.standing, stream)).one_or_none()
    return StandingRow(*found) if found else None


def _of(table: Table, stream: str) -> Select[Any]:
    return _all(table).where(table.c.stream_id == stream)


def _all(table: Table) -> Select[Any]:
    """Every column of a table; dates as the database has them."""
    return select(*(type_coerce(each, Text) if isinstance(each.type, Date) else each for each in table.columns))


def _posting(row: Any) -> PostingRow:
    found = PostingRow(*row)
    return replace(found, booked=str(found.booked))


def _named(column: ColumnElement[str], command_id: str) -> ColumnElement[bool]:
    return (column == command_id) | starting_with(column, f"{command_id}#")


def _count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return int(connection.scalars(select(func.count()).select_from(table).where(*where)).one())


def _paged(engine: Engine, table: Table, *where: ColumnElement[bool]) -> Iterator[Any]:
    """The rows in the order of the table's primary key, a page a snapshot."""
    keys = tuple(table.primary_key.columns)
    page = ordered = _all(table).where(*where).order_by(*keys).limit(MOST_AT_ONCE)
    while True:
        with reading(engine) as connection:
            rows = connection.execute(page).all()
        yield from rows
        if len(rows) < MOST_AT_ONCE:
            return
        last = rows[-1]._mapping  # noqa: SLF001  (SQLAlchemy's own name for a row by column)
        page = ordered.where(tuple_(*keys) > tuple_(*(last[key] for key in keys)))
