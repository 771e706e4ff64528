"""What the effects' activities need of the record: the whole answer, what to send or hand over, where to note the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from activities.contracts import Answer, Effect
from domain.ledger import Posting
from domain.model import Event, Past
from store.batch import Head


@dataclass(frozen=True)
class Notice:
    """Word to one office: what the template of the event of that ``version`` says, which was ``recorded`` then (UTC).

    ``head`` is where the stream of its results stood, without a result of it.
    """

    version: int
    to: str
    subject: str
    body: str
    recorded: datetime
    head: Head


@dataclass(frozen=True)
class Settled:
    """Messages as committed: the answer, the version that the stream had before, and the oldest notice that the commit asked for.

    ``notice`` null: it asked for none, or an older one waits.
    """

    answer: Answer
    before: int
    notice: Notice | None = None


@dataclass(frozen=True)
class Entry:
    """The postings of one event that are ours to hand over, in their order, under one line of words."""

    version: int
    words: str
    recorded: datetime
    postings: tuple[Posting, ...]


class Results(Protocol):
    """The record, as far as every effect uses it."""

    def answer(self, stream: str, *, more: bool = False) -> Answer:
        """What the record says of a grant's stream now; ``more`` as its last commit left it."""

    def append_result(self, stream: str, event: Event, recorded: datetime, head: Head | None = None) -> None:
        """Append to a stream of results what came of an effect; the same result again adds nothing.

        ``head``: where the stream stood when it did not hold the result (null: to be looked up).
        """


class Notices(Results, Protocol):
    """The record, as notices use it."""

    def notice(self, stream: str, effect: Effect) -> Notice | None:
        """What the event that asked for that effect, on a grant's stream, wants sent; null: a result answers it already."""


class Books(Results, Protocol):
    """The record, as journals use it."""

    def is_open(self, stream: str, effect: Effect) -> bool:
        """Whether no result answers that effect of a grant's stream yet."""

    def entry(self, stream: str, version: int) -> Entry:
        """What the event of that version, on a grant's stream, asks to be handed over."""

    def results(self, stream: str) -> tuple[Past, ...]:
        """What a stream of results holds, in order."""
