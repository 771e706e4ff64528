"""A record with its tables, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.database import Database, open_database
from store.event_log import EventLog
from store.schema import migrate


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def log(database: Database) -> EventLog:
    return EventLog(database)
