"""The whole answer that a workflow is given: what the record says of its stream, in at most 64 KiB."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from activities.contracts import MOST_EFFECTS, Answer, Attributes, Due, Effect
from domain.effects import RESULTS, EffectKind, LedgerReconciled, NoticeFailed, NoticeSent, Result, stream_of_results
from domain.grant import Grant, over
from domain.intents import INTENTS
from domain.model import Event, Past, line_of, said
from domain.obligations import Obligation
from domain.organisation import Organisation
from domain.outlook import Outlook, words_of_moment
from domain.upcasts import event_of
from store.batch import Row
from store.event_log import EventLog

WORDS: dict[EffectKind, str] = {"notice": "{line}", "journal": "Journal of version {version}: {line}"}
"""The summary of an effect in the UI: at most 200 bytes are shown."""

UNDELIVERED = "undelivered"
"""The last sign of all: the newest notice was refused for good."""

Newest: TypeAlias = Mapping[EffectKind, Row | None]
"""What came of the newest effect of each kind that was ever asked for, as it is stored; results come strictly in the order of intents."""


@dataclass(frozen=True)
class News:
    """What a commit has just added to a grant, and the newest intent of each kind that was there before it."""

    pasts: tuple[Past, ...]
    asked: Mapping[EffectKind, int]


def of_organisation(organisation: Organisation, version: int, seen: int) -> Answer:
    """An organisation has no moments and no effects: its workflow completes when its queue is empty."""
    title = organisation.charter.title if organisation.charter else organisation.stream
    return Answer(version=version, seen=seen, closed=True, details=f"**{title}**, version {version}")


def of_grant(log: EventLog, outlook: Outlook, seen: int, newest: Newest, *, more: bool, news: News | None = None) -> Answer:
    """What the record says of a grant now. A stream without an opening is answered and then left alone.

    With the ``news`` of a commit nothing is read that they tell.
    """
    grant = outlook.grant
    if grant.opening.opened is None:
        return Answer(version=grant.version, seen=seen, closed=True, details=outlook.details())
    results = _results_in(newest)
    return Answer(
        version=grant.version,
        seen=seen,
        closed=over(grant, outlook.organisation),
        more=more,
        due=_due(outlook.owed, grant),
        effects=_open_effects(log, grant, results, news),
        details=outlook.details(),
        attributes=_attributes(outlook, _result_signs(log, grant, results)),
    )


def given(answer: Answer, result: NoticeSent | NoticeFailed) -> Answer | None:
    """The answer once this came of its oldest notice; null: it may not hold all that are open, so the record must be read again."""
    if len(answer.effects) == MOST_EFFECTS:
        return None
    left = tuple(each for each in answer.effects if each.key != ("notice", result.of))
    signs = tuple(each for each in answer.attributes.attention if each != UNDELIVERED)
    attention = (*signs, UNDELIVERED) if isinstance(result, NoticeFailed) else signs
    return answer.model_copy(update={"effects": left, "attributes": answer.attributes.model_copy(update={"attention": attention})})


def open_effects(log: EventLog, grant: Grant) -> tuple[Effect, ...]:
    """The oldest effects that no result has answered, each kind in the order of its intents."""
    return _open_effects(log, grant, _results_in(newest_rows(log, grant)), None)


def newest_rows(log: EventLog, grant: Grant) -> Newest:
    """What came of the newest effect of each kind."""
    return {kind: newest_row(log, kind, grant.stream) for kind in grant.asked}


def _results_in(newest: Newest) -> Mapping[EffectKind, Result | None]:
    return {kind: result_in(row) if row else None for kind, row in newest.items()}


def _open_effects(log: EventLog, grant: Grant, results: Mapping[EffectKind, Result | None], news: News | None) -> tuple[Effect, ...]:
    found = [
        Effect(kind=kind, version=version, summary=_summary(kind, version, event))
        for kind, newest in results.items()
        for version, event in _open(log, grant, kind, newest.of if newest else 0, news)
    ]
    return tuple(sorted(found, key=lambda each: each.version)[:MOST_EFFECTS])


def newest_result(log: EventLog, kind: EffectKind, stream: str) -> Result | None:
    """What came of the last effect of a kind that has its result."""
    row = newest_row(log, kind, stream)
    return result_in(row) if row else None


def newest_row(log: EventLog, kind: EffectKind, stream: str) -> Row | None:
    """The same as it is stored."""
    return log.last(stream_of_results(kind, stream), RESULTS)


def result_in(row: Row) -> Result:
    """What a row of such a result says."""
    found = event_of(row.type, row.schema, row.body)
    if not isinstance(found, Result):
        raise TypeError(found.wire)
    return found


def _open(log: EventLog, grant: Grant, kind: EffectKind, done: int, news: News | None) -> Iterator[tuple[int, Event]]:
    """Versions and events, the oldest first."""
    if done >= grant.asked[kind]:
        return iter(())
    if news and news.asked.get(kind, 0) <= done:
        return ((past.version, past.body) for past in news.pasts if past.version > done and past.body.wire in INTENTS[kind])
    rows = log.rows_of_types(grant.stream, INTENTS[kind], after=done, most=MOST_EFFECTS)
    return ((row.version, event_of(row.type, row.schema, row.body)) for row in rows)


def _summary(kind: EffectKind, version: int, event: Event) -> str:
    return said(WORDS[kind], {"line": line_of(event), "version": version})[:200]


def _due(owed: tuple[Obligation, ...], grant: Grant) -> tuple[Due, ...]:
    """The earliest moment of each part; in a rehearsal without its instant, so that nothing waits for real time."""
    first: dict[str, Obligation] = {}
    for each in owed:
        if each.next and each.moment_id not in grant.chasing.stuck:
            first.setdefault(each.duty.part, each)
    return tuple(_due_of(each, None if grant.clock == "rehearsal" else each.next) for each in first.values())


def _due_of(each: Obligation, at: datetime | None) -> Due:
    duty = each.duty
    return Due(part=duty.part, subject=duty.subject, duty=duty.name, owner=duty.owner, at=at, words=words_of_moment(each))


def _result_signs(log: EventLog, grant: Grant, results: Mapping[EffectKind, Result | None]) -> tuple[str, ...]:
    """What the newest results ask to be looked at: a ledger that differs from what was handed over, a notice that was refused."""
    verdict = _newest(log, "journal", grant.stream, (LedgerReconciled.wire,)) if "journal" in results else None
    signs = {
        "ledger-mismatch": isinstance(verdict, LedgerReconciled) and verdict.verdict == "differs",
        UNDELIVERED: isinstance(results.get("notice"), NoticeFailed),
    }
    return tuple(name for name, holds in signs.items() if holds)


def _newest(log: EventLog, kind: EffectKind, stream: str, types: Collection[str]) -> Event | None:
    last = log.last(stream_of_results(kind, stream), types)
    return event_of(last.type, last.schema, last.body) if last else None


def _attributes(outlook: Outlook, result_signs: tuple[str, ...]) -> Attributes:
    grant, opened = outlook.grant, outlook.grant.opening.opened
    dates = [each.duty.due for each in outlook.waiting if each.duty.due]
    recoveries = [each.duty.due for each in outlook.owed if each.duty.part == "recovery" and each.duty.due]
    return Attributes(
        stage=outlook.stage,
        waiting_for=tuple(sorted({each.duty.owner for each in outlook.waiting})),
        due_at=min(dates, default=None),
        next_recovery_at=min(recoveries, default=None),
        programme=opened.programme if opened else None,
        funder=grant.opening.party("funder"),
        clock=grant.clock,
        attention=(*outlook.attention, *result_signs),
    )
