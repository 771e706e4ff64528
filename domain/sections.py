"""The sections of a grant's view beside its sums: windows, lines, variations, returns.

Each is read from its room as it stands, for an as-of day: what begins later is left out. Money is whole pence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain import recovery, variation
from domain.calendar import StatedDate, Window, YearLabel, day_of, last_day_of
from domain.changes import Variation, WindowChanged
from domain.eligibility import Included, Share
from domain.instruments import Instrument
from domain.model import Cap, Frozen, Identifier, Pence, Text
from domain.returns import Return

START_UNKNOWN = "No first day is stated; cost counts from {first}, the day on which it came into force."


class WindowRow(Frozen):
    """When an instrument's cost counts: as planned and in effect, why they differ, and what the delay costs (indicative)."""

    instrument: Identifier
    planned: Window | None
    effective: Window
    reason: Text | None
    indicative_cost_pence: Cap | None


class LineRow(Frozen):
    """One budget line of one year: its cap in force, what was claimed and agreed on it, what no return claims of its cost."""

    line: Identifier
    year: YearLabel
    cap_pence: Pence
    claimed_pence: Cap
    agreed_pence: Cap
    unclaimed_pence: Cap


class ReturnRow(Frozen):
    """One return; a date or sum is null where that step was not taken by the as-of day.

    ``supplements`` is the year's last regular return where this is a supplementary one. ``received_pence`` is less what was
    paid back; ``year_to_date_pence`` what the year's returns claim with this one, as it was prepared.
    """

    period: Identifier
    supplementary: bool
    supplements: Identifier | None
    due: date
    prepared_pence: Cap | None
    year_to_date_pence: Cap | None
    submitted: date | None
    days_late: int | None
    claimed_pence: Cap | None
    agreed: StatedDate | None
    agreed_pence: Cap | None
    disallowed_pence: Cap | None
    received_pence: Pence
    settled: StatedDate | None


def windows(found: Iterable[Instrument], state: variation.State, as_of: date) -> tuple[WindowRow, ...]:
    """The windows of every instrument that had been offered or signed by that day; ``found`` are those that no other stood for then."""
    return tuple(_window(each, state.variations.get(each.name), as_of) for each in found if each.kind != "bid" and began(each) <= as_of)


def lines(found: Iterable[Instrument], shared: Iterable[Share], books: recovery.State, as_of: date) -> tuple[LineRow, ...]:
    """Every line that pays or that cost names, by year and name; ``found`` are the instruments that paid on that day."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for each in found:
        for line in each.lines:
            _add(rows, line.year, line.line, "cap_pence", line.pence)
    for share in shared:
        for name in _columns(share, books, as_of):
            _add(rows, share.year, share.cost.line, name, share.pence)
    empty = dict.fromkeys(("cap_pence", "claimed_pence", "agreed_pence", "unclaimed_pence"), 0)
    return tuple(LineRow.model_validate({"line": line, "year": year, **empty, **sums}) for (year, line), sums in sorted(rows.items()))


def returns(books: recovery.State, as_of: date) -> tuple[ReturnRow, ...]:
    """Every return opened by that day, in the order of its due date."""
    opened = (each for each in books.returns.values() if last_day_of(each.opened.closes) <= as_of)
    return tuple(_return(each, books, as_of) for each in sorted(opened, key=lambda each: (each.opened.due, each.opened.period)))


def began(each: Instrument) -> date:
    """The day from which an instrument is known to the world: offered, or in force."""
    return min(day for day in (each.offered, each.in_force, date.max) if day)


def submitted_by(found: Return, as_of: date) -> bool:
    """Whether a return had been submitted by the end of a London day."""
    return found.submitted_at is not None and day_of(found.submitted_at) <= as_of


def agreed_by(found: Return, as_of: date) -> bool:
    """Whether the funder had agreed it by the end of a day."""
    return found.agreed is not None and last_day_of(found.agreed.dated) <= as_of


def received_by(books: recovery.State, as_of: date, period: str | None = None) -> int:
    """What had come in by the end of a day, of one return or of all, less what had been paid back."""
    paid = sum(each.paid_pence for each in books.payments.values() if period in (None, each.period) and last_day_of(each.on) <= as_of)
    return paid - sum(each.repaid_pence for each in books.repayments.values() if period in (None, each.period) and last_day_of(each.on) <= as_of)


def in_return(share: Share, books: recovery.State, as_of: date) -> str | None:
    """The period of the return that had these pence by the end of a day, prepared or further; null: none."""
    found = books.returns.get(share.period) if share.period else None
    return share.period if found and found.prepared_at and day_of(found.prepared_at) <= as_of else None


def _window(each: Instrument, varied: Variation | None, as_of: date) -> WindowRow:
    if varied is None:
        reason = START_UNKNOWN.format(first=each.window.first) if each.start_unknown else None
        return WindowRow(instrument=each.name, planned=None, effective=each.window, reason=reason, indicative_cost_pence=None)
    changes: list[WindowChanged] = [change for change in varied.windows if last_day_of(change.decided) <= as_of]
    return WindowRow(
        instrument=each.name,
        planned=varied.received.planned,
        effective=changes[-1].effective if changes else varied.received.planned,
        reason=changes[-1].reason if changes else None,
        indicative_cost_pence=changes[-1].indicative_cost_pence if changes else None,
    )


def _columns(share: Share, books: recovery.State, as_of: date) -> tuple[str, ...]:
    if share.cost.incurred > as_of or not share.is_cost or share.own:
        return ()
    period = in_return(share, books, as_of)
    if period is None:
        return ("unclaimed_pence",)
    found, agreed = books.returns[period], isinstance(share.fate, Included)
    claimed = ("claimed_pence",) if submitted_by(found, as_of) else ()
    return (*claimed, "agreed_pence") if agreed and agreed_by(found, as_of) else claimed


def _add(rows: dict[tuple[str, str], dict[str, int]], year: str, line: str, name: str, pence: int) -> None:
    sums = rows.setdefault((year, line), {})
    sums[name] = sums.get(name, 0) + pence


def _return(found: Return, books: recovery.State, as_of: date) -> ReturnRow:
    sent = found.submitted if submitted_by(found, as_of) else None
    agreed = found.agreed if agreed_by(found, as_of) else None
    settled = found.settled if found.settled and last_day_of(found.settled.on) <= as_of else None
    prepared = found.prepared if found.prepared_at and day_of(found.prepared_at) <= as_of else None
    period = found.opened.period
    return ReturnRow(
        period=period,
        supplementary=found.opened.supplements is not None,
        supplements=found.opened.supplements,
        due=found.opened.due,
        prepared_pence=prepared.claim_pence if prepared else None,
        year_to_date_pence=prepared.year_to_date_pence if prepared else None,
        submitted=day_of(found.submitted_at) if sent and found.submitted_at else None,
        days_late=sent.days_late if sent else None,
        claimed_pence=sent.claim_pence if sent else None,
        agreed=agreed.dated if agreed else None,
        agreed_pence=agreed.agreed_pence if agreed else None,
        disallowed_pence=agreed.disallowed_pence if agreed else None,
        received_pence=received_by(books, as_of, period),
        settled=settled.on if settled else None,
    )
