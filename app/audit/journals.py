"""Journals that an auditor looks at first: booked long before they were recorded, after the year or the grant ended, or by judgement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.audit.lives import Life, lives
from app.audit.report import Report, Table, View
from app.audit.spans import Year
from app.reader import Line, Reader
from domain.adjustments import CapForfeited, PaymentRepaid, YearJudged
from domain.between import Between
from domain.calendar import day_of, rfc3339, year_of, year_window
from domain.ending import GrantClosed
from domain.model import line_of
from domain.organisation import Organisation
from domain.returns import first_month
from store.queries import PostingRow

LATE_DAYS = 30
"""How many days between accounting date and record are usual, unless the auditor says otherwise: a month's payroll and invoices."""

BACK_DATED, AFTER_YEAR, AFTER_CLOSE, MANUAL = "back-dated", "after the year's end", "after the close", "manual"
BY_JUDGEMENT = (CapForfeited, PaymentRepaid, YearJudged)
"""What follows from no rule of ours but from what a person says."""

PROVES = (
    "Every posting of the record was tested; those with at least one of these marks are the rows, with who sent the command that they follow from.",
    "A posting follows from its event alone: nobody can post by hand, and none was changed later (`grants audit verify`).",
)
DOES_NOT_PROVE = (
    "That what bears no mark is right: marks say where to look first.",
    "That the finance system booked the same: compare the journals handed over to it.",
)
ROWS = {
    "grant": "grant",
    "type": "type",
    "booked": "booked",
    "recorded": "recorded",
    "days": "days",
    "debit": "debit",
    "credit": "credit",
    "amount": "amount_pence",
    "who": "actor",
    "for": "on_behalf_of",
    "marks": "marks",
}
COUNTS = {"mark": "mark", "postings": "postings", "amount": "amount_pence"}


@dataclass(frozen=True)
class Clock:
    """What decides whether something of a grant came late: its year's first month, its close (null: open), the days that are usual."""

    first_month: int
    closed: int | None
    usual_days: int

    def marks(self, line: Line, booked: date | None) -> list[str]:
        """The marks of one posting, or of an event that posts nothing (``booked`` null)."""
        recorded, body = day_of(line.past.recorded), line.past.body
        year_end = year_window(year_of(booked, self.first_month), self.first_month).last if booked else recorded
        tests = {
            BACK_DATED: booked is not None and (recorded - booked).days > self.usual_days,
            AFTER_YEAR: recorded > year_end,
            AFTER_CLOSE: self.closed is not None and line.past.version > self.closed,
            MANUAL: isinstance(body, BY_JUDGEMENT),
        }
        return [mark for mark, holds in tests.items() if holds]


def journals(reader: Reader, year: Year | None = None, usual_days: int = LATE_DAYS) -> Report:
    """The marked postings of a year (null: of all), counted by accounting date; ``usual_days`` after it nothing is back-dated."""
    tested = [row for life in lives(reader) for row in _rows(life, year, usual_days)]
    found = [row for row in tested if row["marks"]]
    postings = [row for row in tested if row["amount_pence"] is not None]
    return Report(
        about={
            **(year.about() if year else {"year": None, "first": None, "last": None}),
            "usual_days": usual_days,
            "tested_postings": len(postings),
            "tested_pence": sum(row["amount_pence"] for row in postings),
        },
        tables=(Table("journals", "Journals with marks", ROWS, found), Table("counts", "By mark", COUNTS, list(_counts(found)))),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
    )


def _rows(life: Life, year: Year | None, usual_days: int) -> Iterator[View]:
    by_version: dict[int, list[PostingRow]] = {}
    for posting in life.postings:
        by_version.setdefault(posting.version, []).append(posting)
    closed = next((line.past.version for line in life.lines if isinstance(line.past.body, GrantClosed)), None)
    clock = Clock(first_month(Between(life.grant, Organisation(stream="organisation/unknown"), {}).terms), closed, usual_days)
    for line in life.lines:
        for posting in by_version.get(line.past.version, []):
            if year is None or year.holds(posting.booked):
                yield {**_line(life, line), **_posting(posting, line, clock)}
        judged = line.past.body
        if isinstance(judged, YearJudged) and (year is None or judged.year == year.label):
            yield {**_line(life, line), **_judgement(line, clock)}


def _line(life: Life, line: Line) -> View:
    past = line.past
    return {
        **life.named(),
        "version": past.version,
        "type": line.row.type,
        "recorded": rfc3339(past.recorded),
        "actor": past.actor,
        "on_behalf_of": past.on_behalf_of,
        "command_id": past.command,
        "summary": line_of(past.body),
    }


def _posting(posting: PostingRow, line: Line, clock: Clock) -> View:
    booked = date.fromisoformat(posting.booked)
    return {
        "line": posting.line,
        "entity": posting.entity,
        "booked": posting.booked,
        "days": (day_of(line.past.recorded) - booked).days,
        "debit": posting.debit,
        "credit": posting.credit,
        "amount_pence": posting.amount,
        "marks": clock.marks(line, booked),
    }


def _judgement(line: Line, clock: Clock) -> View:
    nothing = dict.fromkeys(("line", "entity", "booked", "days", "debit", "credit", "amount_pence"))
    return {**nothing, "marks": clock.marks(line, None)}


def _counts(rows: list[View]) -> Iterator[View]:
    postings: Counter[str] = Counter(mark for row in rows for mark in row["marks"])
    pence: Counter[str] = Counter()
    for row in rows:
        pence.update(dict.fromkeys(row["marks"], row["amount_pence"] or 0))
    for mark in (BACK_DATED, AFTER_YEAR, AFTER_CLOSE, MANUAL):
        yield {"mark": mark, "postings": postings[mark], "amount_pence": pence[mark]}
