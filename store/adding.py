"""What an append writes once it holds the heads: on PostgreSQL in two questions; on SQLite, which is in the process, in one a table.

PostgreSQL is given the rows of a table as one JSON list, so that a statement is the same however many they are. The log's
head is locked after the standing: log indexes have no gap, and whoever holds that lock waits for nobody.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, insert, text, update

from store import tables
from store.batch import Batch, Row, command_row, event_row, numbered, posting_rows
from store.database import is_sqlite
from store.listing import CLOCKS, instant_of

_NEW_COMMANDS, _NEW_EVENTS, _NEW_POSTINGS = (insert(each) for each in (tables.command, tables.event, tables.posting))
_STANDING = """
    INSERT INTO standing (stream_id, version, json) VALUES (:stream, :version, :json)
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, json = excluded.json
"""
_MOVED = "UPDATE stream SET version = :version, hash = :hash WHERE stream_id = :stream"
_STANDS, _HEAD_MOVES = text(_STANDING), text(_MOVED)
_LOG_GROWS = update(tables.log_head).values(size=tables.log_head.c.size + bindparam("more")).returning(tables.log_head.c.size, CLOCKS["sqlite"])


def _listed(table: Table, rows: str) -> str:
    """Only the columns that this build knows: a newer one may have added more, with values of their own."""
    columns = ", ".join(f'"{each}"' for each in table.columns.keys())  # noqa: SIM118  (the names, not the columns)
    return f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, :{rows})"  # noqa: S608  (our own constants)


_ALL_BUT_EVENTS = text(
    f"""
    WITH said AS ({_listed(tables.command, "commands")}),
    booked AS ({_listed(tables.posting, "postings")}),
    stands AS ({_STANDING} RETURNING stream_id)
    UPDATE log_head SET size = size + :more WHERE EXISTS (SELECT * FROM stands) RETURNING size, clock_timestamp()
    """  # noqa: S608  (our own constants)
)
_EVENTS = text(f"WITH happened AS ({_listed(tables.event, 'events')}) {_MOVED}")


def stands(connection: Connection, batch: Batch) -> None:
    """The standing alone."""
    connection.execute(_STANDS, _standing(batch))


def all_but_events(connection: Connection, batch: Batch) -> tuple[int, datetime] | None:
    """Commands, postings, standing; then the log grows. Its new size, and the clock (UTC) once that is ours; null: the log has no head."""
    commands = [command_row(batch, each) for each in batch.commands]
    postings = [row for at, new in numbered(batch) for row in posting_rows(batch.stream, at, new.postings)]
    more = {"more": len(batch.events)}
    if is_sqlite(connection.engine):
        _insert(connection, _NEW_COMMANDS, commands)
        _insert(connection, _NEW_POSTINGS, postings)
        stands(connection, batch)
        grown = connection.execute(_LOG_GROWS, more).one_or_none()
    else:
        rows = {"commands": _json(commands), "postings": _json(postings)}
        grown = connection.execute(_ALL_BUT_EVENTS, rows | _standing(batch) | more).one_or_none()
    return (grown[0], instant_of(grown[1])) if grown else None


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


def _insert(connection: Connection, statement: Insert, rows: list[dict[str, Any]]) -> None:
    """One row by itself costs the driver less than a list of one."""
    if rows:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])


def _json(rows: Sequence[dict[str, Any]]) -> str:
    """A date is written as text, which PostgreSQL reads as its column asks."""
    return json.dumps(rows, default=str)
