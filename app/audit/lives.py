"""Grants as an auditor reads them: each in one snapshot, its events in order, its postings, and the grant that they fold to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.audit.report import View
from app.errors import NotFoundError
from app.reader import Line, Reader, readable
from domain.grant import Grant
from domain.opening import PolicyAdopted
from domain.policy import Accounts
from domain.upcasts import past_of
from store import queries
from store.folds import fold_grant
from store.queries import PostingRow
from workflows.names import stream_of


@dataclass(frozen=True)
class Life:
    """One grant: its lines, its postings as stored, and its state after them, all of the same instant."""

    lines: tuple[Line, ...]
    postings: tuple[PostingRow, ...]
    grant: Grant

    @property
    def invented(self) -> bool:
        """Whether the grant says of itself that it is hypothetical."""
        return bool(self.grant.opening.opened and self.grant.opening.opened.hypothetical)

    def accounts(self) -> tuple[Accounts, ...]:
        """The accounts of every policy that the grant has had; the usual ones where it had none."""
        adopted = tuple(line.past.body.policy.accounts for line in self.lines if isinstance(line.past.body, PolicyAdopted))
        return tuple(dict.fromkeys(adopted)) or (Accounts(),)

    def named(self) -> View:
        """What every row says of its grant."""
        return {"grant": self.grant.id, "clock": self.grant.clock, "hypothetical": self.invented}


def lives(reader: Reader, only: str | None = None) -> Iterator[Life]:
    """Every grant of the record in the order of their ids, or the one that is named.

    Raises:
        NotFoundError: the one that is named was never opened.

    """
    found = [stream_of(only)] if only else reader.log.streams("grant/")
    for stream in found:
        life = _life(reader, stream)
        if life.grant.opening.opened:
            yield life
        elif only:
            message = f"There is no grant {only}: `grants list` has those there are"
            raise NotFoundError(message)


def _life(reader: Reader, stream: str) -> Life:
    whole = queries.whole_stream(reader.log.engine, stream)
    with readable(stream):
        lines = tuple(Line(row, past_of(row.envelope, row.body)) for row in whole.events)
        for posting in whole.postings:
            date.fromisoformat(posting.booked)
        return Life(lines, whole.postings, fold_grant(stream, (each.past for each in lines)))
