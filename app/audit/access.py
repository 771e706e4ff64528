"""Every break-glass of the record: who asked to read Part 2 without the mandate and who opened it, why, and what was read under it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.audit.lives import Life, lives
from app.audit.report import Report, Table, View
from app.reader import Reader
from domain.accesses import Access
from domain.calendar import day_of, rfc3339
from domain.restricted import RestrictedRead

PROVES = (
    "Every access that was asked for is a row, opened or not; what was read under one was recorded before anything was unsealed.",
    "Two natural persons, by their ids, stand behind each that was opened; the reasons are those that were given then.",
)
DOES_NOT_PROVE = (
    "What the reader did with what they read.",
    "That a reason is true, or that two ids are two people: the gateway that signs vouches for who acted.",
)
ROWS = {
    "grant": "grant",
    "access": "access",
    "asked by": "person",
    "why": "reason",
    "scope": "scope",
    "until": "until",
    "confirmed by": "confirmed_by",
    "ended early": "ended",
    "lapsed": "lapsed",
    "read": "read",
    "reported": "reported",
}


def access(reader: Reader, since: date | None = None) -> Report:
    """Every access, or those that could still be read under on that London day or later, in the order of asking."""
    rows = [row for life in lives(reader) for row in _rows(life, since)]
    rows.sort(key=lambda row: (row["asked"], row["grant"], row["access"]))
    opened = [row for row in rows if row["confirmed"]]
    return Report(
        about={
            "since": since.isoformat() if since else None,
            "asked": len(rows),
            "opened": len(opened),
            "unreported": sum(row["reported"] is None for row in opened),
        },
        tables=(Table("access", "Break-glass access to Part 2", ROWS, rows),),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
    )


def _rows(life: Life, since: date | None) -> Iterator[View]:
    for each in life.grant.restricted.accesses.values():
        if since is None or day_of(each.asked.until) >= since:
            yield {**life.named(), **_row(each), **_read(life, each.id)}


def _row(each: Access) -> View:
    asked, confirmed, ended = each.asked, each.confirmed, each.ended
    return {
        "access": each.id,
        "person": asked.person,
        "asked": rfc3339(each.at),
        "reason": asked.reason,
        "scope": list(asked.subjects) or "all of the grant",
        "until": rfc3339(asked.until),
        "confirmed_by": str(confirmed) if confirmed else None,
        "office": confirmed.office if confirmed else None,
        "confirmed": rfc3339(confirmed.at) if confirmed else None,
        "ended": rfc3339(each.ended_at) if each.ended_at else None,
        "ended_why": ended.reason if ended else None,
        "lapsed": rfc3339(each.lapsed_at) if each.lapsed_at else None,
        "month": each.month,
        "reported": rfc3339(each.reported_at) if each.reported_at else None,
    }


def _read(life: Life, access: str) -> View:
    """What was read under an access: every reading with its instant and purpose, and all that they opened."""
    found = [(line.past, line.past.body) for line in life.lines if isinstance(line.past.body, RestrictedRead) and line.past.body.access == access]
    return {
        "readings": len(found),
        "read": list(dict.fromkeys(subject for _, body in found for subject in body.subjects)),
        "read_when": [{"recorded": rfc3339(past.recorded), "subjects": list(body.subjects), "purpose": body.purpose} for past, body in found],
    }
