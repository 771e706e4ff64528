"""Streams as folded: the one way from stored rows to the state that rules see. A fold is kept while its head stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from domain import grant as grants
from domain import organisation as organisations
from domain.grant import Grant
from domain.model import Past
from domain.organisation import Organisation
from domain.outlook import Outlook
from domain.upcasts import past_of
from store.batch import Head
from store.event_log import EventLog, Glance

KEPT = 1000
"""How many folds are kept in memory; the oldest goes first. A cache only: every fold can be made again from the rows."""

UNREAD: Mapping[str, Head] = {}
"""No head was read yet."""

_ONE_AT_A_TIME = Lock()

Folded = TypeVar("Folded")


class _Kept(Generic[Folded]):
    """Folds of one kind of stream, by stream."""

    def __init__(self, log: EventLog, begin: Callable[[str], Folded], evolve: Callable[[Folded, Past], Folded]) -> None:
        self._log, self._begin, self._evolve = log, begin, evolve
        self._kept: dict[str, tuple[Head, Folded]] = {}

    def at_head(self, stream: str, heads: Mapping[str, Head] = UNREAD) -> tuple[Head, Folded]:
        """The stream's head and its state there. ``heads`` are those that the caller's snapshot has shown already."""
        head = heads.get(stream) or self._log.head(stream)
        kept = self._kept.get(stream)
        if kept and kept[0] == head:
            return kept
        start, state = kept if kept and kept[0].version < head.version else (None, self._begin(stream))
        rows = self._log.rows(stream, after=start.version if start else 0)
        for row in rows:
            state = self._evolve(state, past_of(row.envelope, row.body))
        head = rows[-1].head if rows else head
        return self.keep(head, state)

    def since(self, stream: str, version: int) -> Folded:
        """The state of a stream at that version or a later one: the one that is kept, if it is as late."""
        kept = self._kept.get(stream)
        return kept[1] if kept and kept[0].version >= version else self.at_head(stream)[1]

    def last(self, stream: str) -> Folded | None:
        """The state that was kept last, wherever the stream's head is now; none is kept: null."""
        kept = self._kept.get(stream)
        return kept[1] if kept else None

    def keep(self, head: Head, state: Folded) -> tuple[Head, Folded]:
        """Remember a state that the caller has folded to that head."""
        _keep(self._kept, head.stream, (head, state))
        return head, state


class Folds:
    """Grants and organisations as folded from the record."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.grants: _Kept[Grant] = _Kept(log, lambda stream: Grant(stream=stream), grants.evolve)
        self.organisations: _Kept[Organisation] = _Kept(log, lambda stream: Organisation(stream=stream), organisations.evolve)
        self._outlooks: dict[str, Outlook] = {}

    def all_organisations(self) -> dict[str, tuple[Head, Organisation]]:
        """Every organisation in the record, by its short id."""
        return {stream.removeprefix("organisation/"): self.organisations.at_head(stream) for stream in self.log.streams("organisation/")}

    def organisation_of(self, grant: Grant, heads: Mapping[str, Head] = UNREAD) -> tuple[Head, Organisation]:
        """The organisation whose grant it is; before the opening, one that nobody adopted. ``heads`` as in ``at_head``."""
        return self.organisations.at_head(_whose(grant) or "organisation/unknown", heads)

    def glance(self, stream: str, command_id: str | None = None) -> Glance:
        """The record as a turn on a stream finds it: of a grant that is kept with the head of its organisation, or without."""
        kept = self.grants.last(stream)
        return self.log.glance(stream, _whose(kept) if kept else None, command_id)

    def keep(self, head: Head, state: Grant | Organisation) -> None:
        """Remember the state that was just appended at that head: it need not be folded again."""
        if isinstance(state, Grant):
            self.grants.keep(head, state)
        else:
            self.organisations.keep(head, state)

    def outlook(self, grant: Grant, organisation: Organisation) -> Outlook:
        """Where a grant stands: what the last outlook on it has found out already, while state and organisation are the very same."""
        kept = self._outlooks.get(grant.stream)
        if kept and kept.grant is grant and kept.organisation is organisation:
            return kept
        return _keep(self._outlooks, grant.stream, Outlook(grant, organisation))


def _whose(grant: Grant) -> str | None:
    """The stream of the grant's organisation; before the opening null."""
    opened = grant.opening.opened
    return f"organisation/{opened.organisation}" if opened else None


def _keep(kept: dict[str, Folded], stream: str, found: Folded) -> Folded:
    """Keep what was found of a stream; one thread at a time, for the oldest can go only once."""
    with _ONE_AT_A_TIME:
        if stream not in kept and len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        kept[stream] = found
    return found


def fold_grant(stream: str, pasts: Iterable[Past]) -> Grant:
    """A grant folded from some of its events: as known at a date, or as of a version."""
    state = Grant(stream=stream)
    for past in pasts:
        state = grants.evolve(state, past)
    return state
