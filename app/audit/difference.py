"""What differs between two looks at one grant: as known at two instants, or as it counted on two days; and which events made it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeGuard

from app import showing
from app.audit.as_of import RECORDED, recorded
from app.audit.lives import lives
from app.audit.report import Report, Table, View
from app.errors import MisusedError
from app.reader import Reader, now

PROVES = (
    "Every figure and section that differs between the two looks is a row; what is not named is the same in both.",
    "Between two instants of knowledge only the events named were recorded: whatever differs follows from them, or from days that passed.",
)
DOES_NOT_PROVE = (
    "Which single event made a single difference, where several were recorded.",
    "That what was recorded later had not happened earlier: `effective` says what each event claims of that.",
)
ASKED = ("as_of", "known_at")
DIFFERENCES = {"section": "section", "of": "row", "what": "field", "before": "before", "after": "after", "£": "difference_pence"}


@dataclass(frozen=True)
class Look:
    """One look: the day that counts (null: the grant's own today, as known) and the instant known at (UTC; null: now)."""

    effective: date | None
    known: datetime | None


def looks(effective: Sequence[str], known: Sequence[str]) -> tuple[Look, Look]:
    """The two looks that the options mean: two of one kind, and of the other at most one, which then holds for both.

    Raises:
        MisusedError: they mean no two looks, or one of them is no date.

    """
    if sorted((len(effective), len(known))) not in ([0, 2], [1, 2]):
        message = "Say --known twice or --effective twice; the other at most once."
        raise MisusedError(message)
    days, instants = [showing.day(each) for each in effective], [showing.instant(each) for each in known]
    first, second = zip(_twice(days), _twice(instants), strict=True)
    return Look(*first), Look(*second)


def difference(reader: Reader, grant: str, before: Look, after: Look) -> Report:
    """Every figure and row that is not the same in both looks.

    Raises:
        NotFoundError: no such grant, as known at one of them.

    """
    real = now()
    one, other = (showing.show(reader, grant, look.effective, look.known, real) for look in (before, after))
    (life,) = lives(reader, grant)
    span = [look.known for look in (before, after)]
    between = [each for each in life.lines if span[0] != span[1] and _within(each.past.recorded, *span)]
    return Report(
        about={
            **life.named(),
            "before": {"effective": one["as_of"], "known": one["known_at"]},
            "after": {"effective": other["as_of"], "known": other["known_at"]},
        },
        tables=(
            Table("differences", f"{grant}: {_said(one)}, then {_said(other)}", DIFFERENCES, list(_sections(one, other))),
            Table("events", "Recorded between the two", RECORDED, [recorded(each) for each in between]),
        ),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
    )


def _twice(found: list[Any]) -> list[Any]:
    return found if len(found) == 2 else [*(found or [None])] * 2  # noqa: PLR2004  (two looks)


def _within(instant: datetime, one: datetime | None, other: datetime | None) -> bool:
    """Recorded after the earlier instant and by the later one; null is now."""
    known = sorted(each for each in (one, other) if each)
    return known[0] < instant and (len(known) == 1 or instant <= known[1])


def _said(shown: View) -> str:
    return f"effective {shown['as_of']} known {shown['known_at'] or 'now'}"


def _sections(before: View, after: View) -> Iterator[View]:
    for section in dict.fromkeys((*before, *after)):
        if section not in ASKED:
            yield from _values(section, None, None, before.get(section), after.get(section))


def _values(section: str, row: str | None, field: str | None, before: object, after: object) -> Iterator[View]:
    """The differences below one place of the two views, down to single values; ``money``: they are whole pence."""
    if before == after:
        return
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        ones, others = before or {}, after or {}
        for name in dict.fromkeys((*ones, *others)):
            yield from _values(section, row, f"{field}.{name}" if field else name, ones.get(name), others.get(name))
    elif _are_rows(before) and _are_rows(after):
        ones, others = _by_name(before or [], after or [])
        for name in dict.fromkeys((*ones, *others)):
            yield from _values(section, f"{row} / {name}" if row else name, field, ones.get(name), others.get(name))
    else:
        money = (field or section).endswith("_pence") or section == "caps_by_year"
        yield {
            "section": section,
            "row": row,
            "field": field,
            "before": before,
            "after": after,
            "difference_pence": after - before if money and isinstance(before, int) and isinstance(after, int) else None,
            "money": money,
        }


def _are_rows(value: object) -> TypeGuard[list[View] | None]:
    return value is None or (isinstance(value, list) and all(isinstance(each, dict) for each in value))


def _by_name(before: Sequence[View], after: Sequence[View]) -> tuple[dict[str, View], dict[str, View]]:
    """The rows of both looks by their first fields, as many as it takes to tell them apart; else by their place."""
    fields = tuple(next(iter((*before, *after)), {}))
    for most in range(1, len(fields) + 1):
        ones, others = ({" ".join(str(row.get(name)) for name in fields[:most]): row for row in rows} for rows in (before, after))
        if (len(ones), len(others)) == (len(before), len(after)):
            return ones, others
    ones, others = ({str(place): row for place, row in enumerate(rows, 1)} for rows in (before, after))
    return ones, others
