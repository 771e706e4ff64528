"""The record is only ever added to: the databases themselves refuse anything else."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from store import tables
from store.database import Database
from store.event_log import EventLog
from tests.store.records import ALPHA, append, command, event, posting

CHANGES = {
    "event": "UPDATE event SET body = '{}'",
    "command": "UPDATE command SET bytes = '{}'",
    "posting": "UPDATE posting SET amount = amount + 1",
    "claimed": "UPDATE claimed SET stream_id = 'grant/beta'",
    "stream": "UPDATE stream SET version = version - 1",
    "log_head": "UPDATE log_head SET size = size - 1",
}
DELETED = {table: f"DELETE FROM {table}" for table in CHANGES}  # noqa: S608  (our own names)
EMPTIED = {table: f"TRUNCATE {table} CASCADE" for table in CHANGES}
REPLACED = {
    "event": "REPLACE INTO event SELECT log_index, stream_id, version, type, schema, command_id, envelope, '{}', hash FROM event",
    "command": "REPLACE INTO command SELECT stream_id, command_id, digest, '{}', signature, key_id, name, build FROM command",
    "posting": "REPLACE INTO posting SELECT stream_id, version, line, entity, debit, credit, currency, 1, booked FROM posting",
    "claimed": "REPLACE INTO claimed SELECT clock, key, 'grant/beta', version FROM claimed",
    "stream": "REPLACE INTO stream SELECT stream_id, 0, hash FROM stream",
    "log_head": "REPLACE INTO log_head VALUES (1, 0)",
}


def test_the_database_refuses_to_change_what_is_written(full: Database) -> None:
    assert [table for table, change in CHANGES.items() if not refused(full, change)] == []


def test_the_database_refuses_to_delete_what_is_written(full: Database) -> None:
    assert [table for table, deletion in DELETED.items() if not refused(full, deletion)] == []


def test_the_database_refuses_to_empty_a_table_or_to_replace_a_row(full: Database) -> None:
    ways = REPLACED if full.dialect.name == "sqlite" else EMPTIED
    assert [table for table, way in ways.items() if not refused(full, way)] == []


def test_not_even_a_replica_session_or_switched_off_triggers_get_past_the_guards(full: Database) -> None:
    switched_off = "PRAGMA recursive_triggers=OFF" if full.dialect.name == "sqlite" else "SET LOCAL session_replication_role = replica"
    ways = (CHANGES, DELETED, REPLACED if full.dialect.name == "sqlite" else EMPTIED)
    assert [table for way in ways for table, statement in way.items() if not refused(full, switched_off, statement)] == []


def test_a_head_cannot_keep_its_version_and_change_its_hash(full: Database) -> None:
    assert refused(full, "UPDATE stream SET hash = 'another'")


@pytest.fixture
def full(log: EventLog) -> Database:
    append(log, ALPHA, event(claims=("inv-1",), postings=(posting(),)), commands=(command(),))
    return log.engine


def refused(database: Database, *statements: str) -> bool:
    """Whether the guards refused the last of these statements, or passed over it; the database holds what it held."""
    before = everything(database)
    try:
        with database.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        assert re.search("kept for ever|never change|only grows", str(error.orig))  # noqa: PT017  (that it is refused is asserted below)
    return everything(database) == before


def everything(database: Database) -> list[object]:
    with database.connect() as connection:
        return [connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables.record.sorted_tables]
