"""The record as whoever verifies it reads it: stream by stream, each in one snapshot, with nothing taken for granted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from app.audit.verify import Problem, Report, Rules, StoredClaim, StoredCommand, StoredEvent, StoredPosting, StoredStream, verify
from store import queries
from store.database import Database
from store.errors import RecordError
from store.event_log import EventLog
from store.queries import WholeStream

Answer = TypeVar("Answer")


def check(database: Database, rules: Rules[Any]) -> Report:
    """The verdict over a whole record, also while it is in use.

    Raises:
        RecordUnavailableError: the database cannot be reached.

    """
    return verify(_streams(database), lambda: _log_size(database), rules)


def stored(whole: WholeStream) -> StoredStream:
    """A stream's rows as the verifier takes them."""
    return StoredStream(
        stream=whole.stream,
        head=(whole.head.version, whole.head.hash) if whole.head else None,
        events=[StoredEvent(**vars(each)) for each in whole.events],
        commands=[StoredCommand(**_of_its_stream(each)) for each in whole.commands],
        postings=[StoredPosting(**_of_its_stream(each)) for each in whole.postings],
        claims=[StoredClaim(**_of_its_stream(each)) for each in whole.claims],
        standing=(whole.standing.version, whole.standing.json) if whole.standing else None,
    )


def _of_its_stream(row: object) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "stream"}


def _streams(database: Database) -> Iterator[StoredStream | Problem]:
    """Every stream in turn; what the database cannot read is a problem."""
    damage, streams = _read(partial(queries.damage, database)), _read(partial(queries.every_stream, database))
    yield from [damage] if isinstance(damage, Problem) else (Problem(grant=None, version=None, what=f"the database says: {what}") for what in damage)
    if isinstance(streams, Problem):
        yield streams
        return
    for stream in streams:
        whole = _read(partial(queries.whole_stream, database, stream), stream.removeprefix("grant/"))
        yield whole if isinstance(whole, Problem) else stored(whole)


def _log_size(database: Database) -> int | None:
    size = _read(EventLog(database).size)
    return None if isinstance(size, Problem) else size


def _read(reading: Callable[[], Answer], grant: str | None = None) -> Answer | Problem:
    """What is read, or why it cannot be. A database that cannot be reached gives no verdict at all."""
    try:
        return reading()
    except (RecordError, ValueError) as error:
        if isinstance(error, RecordError) and error.retryable:
            raise
        return Problem(grant=grant, version=None, what=f"its rows cannot be read: {error}")
