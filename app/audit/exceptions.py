"""The registers of exceptions and of discrepancies over all grants: what broke a rule or disagrees, whose it is, since when, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.audit.lives import Life, lives
from app.audit.report import Report, Table, View
from app.reader import Reader, now, today_of
from domain.assurance import RegisteredException
from domain.calendar import day_of, rfc3339
from domain.discrepancies import Discrepancy

PROVES = (
    "Every exception and discrepancy that the record ever raised is a row: one that was closed stays in the register.",
    "Who explained it, who closed it, and in what words, are those of the events.",
)
DOES_NOT_PROVE = (
    "That nothing else broke a rule: a rule speaks only of what was recorded.",
    "That an explanation is true.",
)
ROWS = {
    "grant": "grant",
    "kind": "kind",
    "what": "what",
    "subject": "subject",
    "owner": "owner",
    "opened": "opened",
    "days open": "age_days",
    "explained": "explained",
    "closed": "closed",
    "by": "closed_by",
    "how": "how",
}


def exceptions(reader: Reader, *, only_open: bool = False) -> Report:
    """Every exception and discrepancy, or those that stand open; their age is in days, on the clock of their grant."""
    real = now()
    rows = [row for life in lives(reader) for row in _rows(life, real) if not (only_open and row["closed"])]
    rows.sort(key=lambda row: (row["opened"], row["grant"], row["id"]))
    counts = {"open": sum(row["closed"] is None for row in rows), "closed": sum(row["closed"] is not None for row in rows)}
    return Report(
        about={"only_open": only_open, **counts},
        tables=(Table("exceptions", "Exceptions and discrepancies", ROWS, rows),),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
    )


def _rows(life: Life, real: datetime) -> Iterator[View]:
    today = today_of(life.grant, real)
    for raised in life.grant.assurance.exceptions.values():
        yield {**life.named(), **_exception(raised), "age_days": _days(raised.opened, raised.closed.recorded if raised.closed else today)}
    for found in life.grant.assurance.discrepancies.values():
        yield {**life.named(), **_discrepancy(found), "age_days": _days(found.opened, found.resolved_at or today)}


def _exception(each: RegisteredException) -> View:
    raised, closed, explained = each.raised, each.closed, each.explanations
    return {
        "kind": "exception",
        "id": raised.exception,
        "what": raised.what,
        "subject": raised.subject,
        "owner": raised.owner,
        "why": raised.why,
        "stated_pence": None,
        "found_pence": None,
        "opened": rfc3339(each.opened),
        "explained": rfc3339(explained[-1].recorded) if explained else None,
        "explained_by": explained[-1].person if explained else None,
        "explanations": [said.text for said in explained],
        "closed": rfc3339(closed.recorded) if closed else None,
        "closed_by": closed.person if closed else None,
        "how": closed.how if closed else None,
    }


def _discrepancy(each: Discrepancy) -> View:
    found, resolved = each.found, each.resolved
    return {
        "kind": "discrepancy",
        "id": found.discrepancy,
        "what": found.what,
        "subject": found.subject,
        "owner": found.owner,
        "why": found.why,
        "stated_pence": found.stated_pence,
        "found_pence": found.found_pence,
        "opened": rfc3339(each.opened),
        "explained": None,
        "explained_by": None,
        "explanations": [],
        "closed": rfc3339(each.resolved_at) if each.resolved_at else None,
        "closed_by": each.resolved_by,
        "how": resolved.resolution if resolved else None,
    }


def _days(opened: datetime, until: datetime) -> int:
    return (day_of(until) - day_of(opened)).days
