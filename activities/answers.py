"""The whole answer that a workflow is given: what the record says of its stream, in at most 64 KiB."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from activities.contracts import MOST_EFFECTS, Answer, Attributes, Due, Effect
from domain.effects import RESULTS, EffectKind, LedgerReconciled, NoticeFailed, Result, stream_of_results
from domain.grant import Grant, over
from domain.intents import INTENTS
from domain.model import Event, line_of, said
from domain.obligations import Obligation
from domain.organisation import Organisation
from domain.outlook import Outlook, words_of_moment
from domain.upcasts import event_of
from store.batch import Row
from store.event_log import EventLog

WORDS: dict[EffectKind, str] = {"notice": "{line}", "journal": "Journal of version {version}: {line}"}
"""The summary of an effect in the UI: at most 200 bytes are shown."""


def of_organisation(organisation: Organisation, version: int, seen: int) -> Answer:
    """An organisation has no moments and no effects: its workflow completes when its queue is empty."""
    title = organisation.charter.title if organisation.charter else organisation.stream
    return Answer(version=version, seen=seen, closed=True, details=f"**{title}**, version {version}")


def of_grant(log: EventLog, outlook: Outlook, seen: int, *, more: bool) -> Answer:
    """What the record says of a grant now. A stream without an opening is answered and then left alone."""
    grant = outlook.grant
    if grant.opening.opened is None:
        return Answer(version=grant.version, seen=seen, closed=True, details=outlook.details())
    results = _newest_results(log, grant)
    return Answer(
        version=grant.version,
        seen=seen,
        closed=over(grant, outlook.organisation),
        more=more,
        due=_due(outlook.owed, grant),
        effects=_open_effects(log, grant, results),
        details=outlook.details(),
        attributes=_attributes(outlook, _result_signs(log, grant, results)),
    )


def open_effects(log: EventLog, grant: Grant) -> tuple[Effect, ...]:
    """The oldest effects that no result has answered, each kind in the order of its intents."""
    return _open_effects(log, grant, _newest_results(log, grant))


def _newest_results(log: EventLog, grant: Grant) -> Mapping[EffectKind, Result | None]:
    """What came of the newest effect of each kind that was ever asked for; results come strictly in the order of intents."""
    return {kind: newest_result(log, kind, grant.stream) for kind in grant.asked}


def _open_effects(log: EventLog, grant: Grant, results: Mapping[EffectKind, Result | None]) -> tuple[Effect, ...]:
    found = [(row.version, kind, row) for kind, newest in results.items() for row in _open(log, grant, kind, newest.of if newest else 0)]
    oldest = sorted(found, key=lambda each: each[0])[:MOST_EFFECTS]
    return tuple(Effect(kind=kind, version=version, summary=_summary(kind, row)) for version, kind, row in oldest)


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


def _open(log: EventLog, grant: Grant, kind: EffectKind, done: int) -> list[Row]:
    return log.rows_of_types(grant.stream, INTENTS[kind], after=done, most=MOST_EFFECTS) if done < grant.asked[kind] else []


def _summary(kind: EffectKind, row: Row) -> str:
    return said(WORDS[kind], {"line": line_of(event_of(row.type, row.schema, row.body)), "version": row.version})[:200]


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
        "undelivered": isinstance(results.get("notice"), NoticeFailed),
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
