"""Rows of a grant's view about its terms: variations with every line of their letters, and the accountant's judgements.

Each is read from its room as it stands, for an as-of day: what begins later is left out. Money is whole pence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain import books, changes
from domain.adjustments import Treatment
from domain.calendar import StatedDate, YearLabel, day_of, last_day_of
from domain.changes import Variation
from domain.instruments import Instrument
from domain.model import Cap, Frozen, Identifier, Instant, Name, Pence, Text


class ChangeRow(Frozen):
    """One line of a letter under its own heading; an offset is below zero."""

    line: Identifier
    heading: Name | None
    year: YearLabel
    pence: Pence


class VariationRow(Frozen):
    """A variation's letter and its money; ``applied`` is the day from which its cap counts (null: not in force).

    ``at_risk_per_day_pence`` is its net over its planned days; ``at_risk_pence`` that times the days that it has waited
    for its application (null: applied, over, or retrospective, so that no planned day is left). Both are straight line and
    indicative.
    """

    ref: Identifier
    agreement: Identifier
    letter_date: StatedDate | None
    made_available: StatedDate
    retrospective: bool
    additions_pence: Cap
    offsets_pence: Pence
    net_pence: Pence
    stated_total_pence: Cap | None
    lines: tuple[ChangeRow, ...]
    applied: date | None
    at_risk_per_day_pence: Cap
    at_risk_pence: Cap | None


class JudgementRow(Frozen):
    """To which year the accountant found the income of an instrument to belong; ``recorded`` is an instant (UTC)."""

    judgement: Identifier
    year: YearLabel
    instrument: Identifier
    treatment: Treatment
    words: Text
    recorded: Instant


def variations(state: changes.State, as_of: date, today: date) -> tuple[VariationRow, ...]:
    """Every variation made available by that day; money at risk is reckoned until ``today``."""
    return tuple(_variation(each, as_of, today) for each in state.variations.values() if last_day_of(each.received.made_available) <= as_of)


def judgements(state: books.State, as_of: date) -> tuple[JudgementRow, ...]:
    """Every judgement recorded by that day."""
    found = (each for each in state.judgements.values() if day_of(each.recorded) <= as_of)
    return tuple(JudgementRow(**dict(each.event), recorded=each.recorded) for each in found)


def cap_derived(in_force: Iterable[Instrument]) -> bool:
    """Whether nobody states the whole cap: several instruments make it, and the last of them prints no total (R-19)."""
    found = tuple(in_force)
    return len(found) > 1 and found[-1].stated_total_pence is None


def _variation(each: Variation, as_of: date, today: date) -> VariationRow:
    received = each.received
    per_day, waited = received.at_risk_per_day_pence, (today - day_of(each.recorded)).days
    return VariationRow(
        ref=received.variation,
        agreement=received.agreement,
        letter_date=received.letter_date,
        made_available=received.made_available,
        retrospective=received.retrospective,
        additions_pence=received.additions_pence,
        offsets_pence=received.offsets_pence,
        net_pence=received.net_pence,
        stated_total_pence=received.stated_total_pence,
        lines=tuple(ChangeRow(line=line.line, heading=line.heading, year=line.year, pence=line.pence) for line in received.lines),
        applied=each.applied.event.in_force if each.applied and each.applied.event.in_force <= as_of else None,
        at_risk_per_day_pence=per_day,
        at_risk_pence=None if each.applied or each.over or received.retrospective else per_day * max(waited, 0),
    )
