"""What an append writes if the heads stand: on PostgreSQL in two questions; on SQLite, which is in the process, in one a table.

PostgreSQL is given the rows of a table as one JSON list, so that a statement is the same however many they are; its first
question locks the heads and writes nothing where one of them has moved. The log's head is locked after the standing: log
indexes have no gap, and whoever holds that lock waits for nobody.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, insert, text, update

from store import tables
from store.batch import Batch, Moved, Row, command_row, event_row, numbered, posting_rows
from store.database import is_sqlite
from store.heads import moved, organisation_of
from store.listing import CLOCKS, instant_of

_NEW_COMMANDS, _NEW_EVENTS, _NEW_POSTINGS = (insert(each) for each in (tables.command, tables.event, tables.posting))
_REPLACED = "ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, json = excluded.json"
_STANDING = f"INSERT INTO standing (stream_id, version, json) VALUES (:stream, :version, :json) {_REPLACED}"  # noqa: S608  (our own constants)
_MOVED = "UPDATE stream SET version = :version, hash = :hash WHERE stream_id = :stream"
_STANDS, _HEAD_MOVES = text(_STANDING), text(_MOVED)
_LOG_GROWS = update(tables.log_head).values(size=tables.log_head.c.size + bindparam("more")).returning(tables.log_head.c.size, CLOCKS["sqlite"])


def _listed(table: Table, rows: str) -> str:
    """Only the columns that this build knows: a newer one may have added more, with values of their own."""
    columns = ", ".join(f'"{each}"' for each in table.columns.keys())  # noqa: SIM118  (the names, not the columns)
    return f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, :{rows})"  # noqa: S608  (our own constants)


_ALL_BUT_EVENTS = text(
    f"""
    WITH mine AS (SELECT * FROM stream WHERE stream_id = :stream FOR UPDATE),
    theirs AS (SELECT * FROM stream WHERE stream_id = :organisation FOR SHARE),
    locked AS MATERIALIZED (SELECT * FROM mine UNION ALL SELECT * FROM theirs),
    stood AS MATERIALIZED (
        SELECT bool_and(((stream_id, version, hash) IN ((:stream, :expected, :hash), (:organisation, :organisation_version, :organisation_hash))) IS TRUE)
        AS still FROM locked
    ),
    said AS ({_listed(tables.command, "commands")} WHERE (SELECT still FROM stood)),
    booked AS ({_listed(tables.posting, "postings")} WHERE (SELECT still FROM stood)),
    stands AS (INSERT INTO standing (stream_id, version, json) SELECT :stream, :version, :json FROM stood WHERE still {_REPLACED} RETURNING stream_id),
    grown AS (UPDATE log_head SET size = size + :more WHERE EXISTS (SELECT * FROM stands) RETURNING size, clock_timestamp() AS now)
    SELECT locked.stream_id, locked.version, locked.hash, grown.size, grown.now FROM locked LEFT JOIN grown ON true
    """  # noqa: S608  (our own constants)
)
_EVENTS = text(f"WITH happened AS ({_listed(tables.event, 'events')}) {_MOVED}")


@dataclass(frozen=True)
class Grown:
    """How many events the log holds now, and its clock (UTC) once its head was ours."""

    size: int
    now: datetime


def stands(connection: Connection, batch: Batch) -> None:
    """The standing alone."""
    connection.execute(_STANDS, _standing(batch))


def all_but_events(connection: Connection, batch: Batch) -> Grown | Moved | None:
    """Commands, postings, standing; then the log grows (null: it has no head).

    PostgreSQL locks the heads first, and writes nothing where one has moved; on SQLite whoever asks has compared them.
    """
    commands = [command_row(batch, each) for each in batch.commands]
    postings = [row for at, new in numbered(batch) for row in posting_rows(batch.stream, at, new.postings)]
    more = {"more": len(batch.events)}
    if not is_sqlite(connection.engine):
        rows = {"commands": _json(commands), "postings": _json(postings)}
        found = connection.execute(_ALL_BUT_EVENTS, rows | _standing(batch) | _expected(batch) | more).all()
        return moved(batch, found) or _grown(found[0][-2:])
    _insert(connection, _NEW_COMMANDS, commands)
    _insert(connection, _NEW_POSTINGS, postings)
    stands(connection, batch)
    return _grown(connection.execute(_LOG_GROWS, more).one_or_none())


def events(connection: Connection, rows: Sequence[Row]) -> None:
    """The events of one stream, and its head, which is now the last of them."""
    new, head = [event_row(each) for each in rows], vars(rows[-1].head)
    if is_sqlite(connection.engine):
        _insert(connection, _NEW_EVENTS, new)
        connection.execute(_HEAD_MOVES, head)
    else:
        connection.execute(_EVENTS, {"events": _json(new)} | head)


def _standing(batch: Batch) -> dict[str, Any]:
    return {"stream": batch.stream, "version": batch.expected.version + len(batch.events), "json": batch.standing}


def _expected(batch: Batch) -> dict[str, Any]:
    used = batch.organisation
    organisation = {"organisation": organisation_of(batch), "organisation_version": used and used.version, "organisation_hash": used and used.hash}
    return {"expected": batch.expected.version, "hash": batch.expected.hash} | organisation


def _grown(found: Sequence[Any] | None) -> Grown | None:
    return Grown(found[0], instant_of(found[1])) if found and found[0] is not None else None


def _insert(connection: Connection, statement: Insert, rows: list[dict[str, Any]]) -> None:
    """One row by itself costs the driver less than a list of one."""
    if rows:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])


def _json(rows: Sequence[dict[str, Any]]) -> str:
    """A date is written as text, which PostgreSQL reads as its column asks."""
    return json.dumps(rows, default=str)
