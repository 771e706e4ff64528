"""A record in memory, as the effects' activities use it: open effects, results in order, and what to send or hand over."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from activities.contracts import Answer, Effect
from activities.results import Entry, Notice
from domain.effects import EffectKind, JournalHandedOver, NoticeFailed, NoticeSent, Result
from domain.ledger import Posting
from domain.model import SYSTEM, By, Event, Past, past_of_new
from store.batch import Head, genesis
from store.errors import RecordUnavailableError

GRANT = "grant/alpha"
ASKED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def effect(version: int, kind: EffectKind = "notice") -> Effect:
    return Effect(kind=kind, version=version, summary=f"{kind} {version}")


@dataclass
class EffectsRecord:
    """``fails_to_append``: the database is away for so many appends, after the effect itself was done."""

    open_effects: list[Effect] = field(default_factory=list)
    streams: dict[str, list[Past]] = field(default_factory=dict)
    postings: tuple[Posting, ...] = (
        Posting(entity="MPS", debit="assets:grants-receivable:agreed", credit="income:grant:revenue", pence=26_735_464, booked=date(2021, 3, 31)),
    )
    to: str = "finance"
    subject: str = "Alpha: finance certifies the return for Q3"
    fails_to_append: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, stream: str, *, more: bool = False) -> Answer:
        return Answer(version=9, seen=len(self.streams), more=more, effects=tuple(self.open_effects), details=stream)

    def is_open(self, stream: str, effect: Effect) -> bool:  # noqa: ARG002  (it holds one grant)
        return any(each.key == effect.key for each in self.open_effects)

    def append_result(self, stream: str, event: Event, recorded: datetime, head: Head | None = None) -> None:  # noqa: ARG002  (nobody else writes)
        with self.turn:
            if self.fails_to_append:
                self.fails_to_append -= 1
                raise RecordUnavailableError
            past = self.streams.setdefault(stream, [])
            past.append(past_of_new(event, stream, len(past) + 1, By(actor=SYSTEM, on_behalf_of=None, now=recorded, content=None, command="x")))
            if isinstance(event, NoticeSent | NoticeFailed | JournalHandedOver):
                self.open_effects = [each for each in self.open_effects if each.version != event.of]

    def results(self, stream: str) -> tuple[Past, ...]:
        return tuple(self.streams.get(stream, ()))

    def notice(self, stream: str, effect: Effect) -> Notice | None:
        if not self.is_open(stream, effect):
            return None
        body = f"{stream} asks at version {effect.version}."
        return Notice(version=effect.version, to=self.to, subject=self.subject, body=body, recorded=ASKED_AT, head=genesis("notices/alpha"))

    def entry(self, stream: str, version: int) -> Entry:
        return Entry(version=version, words=f"What {stream} said", recorded=ASKED_AT, postings=self.postings)

    def said(self, stream: str) -> list[Result]:
        """The results on a stream."""
        return [past.body for past in self.results(stream) if isinstance(past.body, Result)]
