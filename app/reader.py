"""Reading the record for faces: no server is needed, nothing is locked, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.errors import NotFoundError, UnavailableError
from app.home import Home
from domain.calendar import day_of
from domain.grant import Grant
from domain.model import Past
from domain.organisation import Organisation
from domain.upcasts import past_of
from store.batch import Row
from store.database import open_database
from store.event_log import EventLog
from store.folds import Folds, fold_grant
from store.schema import check_schema
from workflows.names import stream_of


@dataclass(frozen=True)
class Line:
    """One event of a stream: the stored row, and the event that it says."""

    row: Row
    past: Past


class Reader:
    """The record of one installation, as faces read it."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.folds = Folds(log)

    def lines(self, stream: str) -> list[Line]:
        """The events of a stream, in order.

        Raises:
            UnavailableError: this build cannot read one of them.

        """
        with readable(stream):
            return [Line(row, past_of(row.envelope, row.body)) for row in self.log.rows(stream)]

    def grant(self, grant: str, known_at: datetime | None = None) -> Grant:
        """The grant of that id, as the record knew it at an instant (UTC; null: now).

        Raises:
            NotFoundError: no such grant was open by then.

        """
        stream = stream_of(grant)
        if known_at is None:
            with readable(stream):
                _, found = self.folds.grants.at_head(stream)
        else:
            found = fold_grant(stream, (line.past for line in self.lines(stream) if line.past.recorded <= known_at))
        if found.opening.opened is None:
            message = f"There is no grant {grant}{f', as known at {known_at.isoformat()}' if known_at else ''}: `grants list` has those there are"
            raise NotFoundError(message)
        return found

    def grant_then(self, grant: Grant, day: date) -> Grant:
        """A grant as the record had it at the end of a London day, of what the given fold knows; perhaps not open yet."""
        if grant.recorded is None or day_of(grant.recorded) <= day:
            return grant
        return fold_grant(grant.stream, (line.past for line in self.lines(grant.stream) if day_of(line.past.recorded) <= day))

    def organisation(self, organisation: str) -> Organisation:
        """The organisation of that id as it stands; one that nobody adopted has no charter."""
        stream = f"organisation/{organisation}"
        with readable(stream):
            _, found = self.folds.organisations.at_head(stream)
        return found

    def organisation_of(self, grant: Grant) -> Organisation:
        """The organisation whose grant it is."""
        return self.organisation(grant.opening.opened.organisation if grant.opening.opened else "unknown")

    def titles(self, stream: str) -> dict[str, str]:
        """The titles of the offices of the organisation that a stream is of, by id; none where nobody opened or adopted it."""
        if stream.startswith("organisation/"):
            found = self.organisation(stream.removeprefix("organisation/"))
        else:
            with readable(stream):
                _, grant = self.folds.grants.at_head(stream)
            found = self.organisation_of(grant)
        return {each.office: each.title for each in found.charter.offices} if found.charter else {}

    def organisations(self) -> dict[str, Organisation]:
        """Every organisation in the record, by its id."""
        return {each.removeprefix("organisation/"): self.organisation(each.removeprefix("organisation/")) for each in self.log.streams("organisation/")}


@contextmanager
def reading(home: Home) -> Iterator[Reader]:
    """The record of this home, open for reading.

    Raises:
        RecordError: there is none, or it cannot be read.

    """
    engine = open_database(home.record_url, read_only=True)
    try:
        check_schema(engine)
        yield Reader(EventLog(engine))
    finally:
        engine.dispose()


@contextmanager
def readable(stream: str) -> Iterator[None]:
    """Say plainly that stored bytes are not for this build, or are not what was stored."""
    try:
        yield
    except ValueError as error:
        message = f"This build cannot read {stream} ({type(error).__name__}): another build wrote it, or it was altered; `grants audit verify` tells which"
        raise UnavailableError(message) from error


def now() -> datetime:
    """The real instant (UTC)."""
    return datetime.now(UTC)


def today_of(grant: Grant, real: datetime) -> datetime:
    """The instant that "now" means for a grant: a rehearsal stands where its last event left it."""
    if grant.clock == "rehearsal" and grant.recorded:
        return grant.recorded
    return real
