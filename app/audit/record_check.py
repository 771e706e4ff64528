"""The record as whoever verifies it reads it: stream by stream, each in one snapshot, with nothing taken for granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.audit.verify import Problem, Report, Rules, StoredClaim, StoredCommand, StoredEvent, StoredPosting, StoredStream, verify
from store import queries
from store.database import Database
from store.errors import RecordError
from store.event_log import EventLog
from store.queries import WholeStream


def check(database: Database, rules: Rules[Any]) -> Report:
    """The verdict over a whole record, also while it is in use.

    Raises:
        RecordError: the database cannot be reached, or is none of ours.

    """
    return verify(_streams(database), lambda: _log_size(database), rules)


def stored(whole: WholeStream) -> StoredStream:
    """A stream's rows as the verifier takes them."""
    return StoredStream(
        stream=whole.stream,
        head=(whole.head.version, whole.head.hash) if whole.head else None,
        events=[StoredEvent(**vars(each)) for each in whole.events],
        commands=[StoredCommand(**vars(each)) for each in whole.commands],
        postings=[StoredPosting(**vars(each)) for each in whole.postings],
        claims=[StoredClaim(**vars(each)) for each in whole.claims],
        standing=(whole.standing.version, whole.standing.json) if whole.standing else None,
    )


def _streams(database: Database) -> Iterator[StoredStream | Problem]:
    for what in _damage(database):
        yield Problem(grant=None, version=None, what=f"the database says: {what}")
    for stream in queries.every_stream(database):
        try:
            yield stored(queries.whole_stream(database, stream))
        except RecordError as error:
            if error.retryable:
                raise
            yield Problem(grant=stream.removeprefix("grant/"), version=None, what=f"its rows cannot be read: {error}")


def _damage(database: Database) -> list[str]:
    try:
        return queries.damage(database)
    except RecordError as error:
        if error.retryable:
            raise
        return [str(error)]


def _log_size(database: Database) -> int | None:
    try:
        return EventLog(database).size()
    except (RecordError, ValueError) as error:
        if isinstance(error, RecordError) and error.retryable:
            raise
        return None
