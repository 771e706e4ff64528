"""What an instrument pays for: lines, caps by year, windows, the cadence of its returns. Shared by several rooms.

A cap is the sum of its year caps and the sum of its lines (invariants 2 and 3); it is never income.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.calendar import Window, YearLabel, year_window
from domain.model import LARGEST, Frozen, Identifier, Name, Pence


class Line(Frozen):
    """A budget heading of one financial year: whole pence (an offset is negative), what it may pay for, and when.

    ``window`` null: the whole financial year; of a variation, its planned window. An undivided cap is one line named
    ``whole``. ``heading`` is the source's own words for it; a line may stand several times for one year under different
    headings (R-17). ``categories`` empty: of a variation, all those of its agreement; of an offer or an agreement, nothing.

    ``rate`` is how much of each cost the funder pays, in basis points (match funding); the rest is borne by whoever
    incurred it. Where several lines in force pay for one cost (of its line and category, its day in their windows) the
    lowest rate counts. So a variation that leaves it out, or says 10000, keeps the agreement's; a lower one holds for
    every such cost in the variation's window, and a higher one changes nothing. For what no other line pays, its own counts.
    """

    line: Identifier
    year: YearLabel
    pence: Pence
    categories: tuple[Identifier, ...]
    window: Window | None = None
    heading: Name | None = None
    rate: Annotated[int, Field(ge=1, le=10_000)] = 10_000

    def days(self, first_month: int = 4) -> Window:
        """The days that it pays for: its own window, else its whole financial year."""
        return self.window or year_window(self.year, first_month if "/" in self.year else 1)


def _distinct(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    if len({(each.line, each.year, each.heading, each.pence < 0) for each in lines}) < len(lines):
        message = "a line stands twice for one year under one heading"
        raise ValueError(message)
    if sum(abs(each.pence) for each in lines) > LARGEST:
        message = "the lines sum to more than can be kept exactly"
        raise ValueError(message)
    return lines


def _no_offset(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    if any(each.pence < 0 for each in lines):
        message = "only a variation has offsets"
        raise ValueError(message)
    return lines


Lines = Annotated[tuple[Line, ...], Field(min_length=1), AfterValidator(_distinct)]
"""What a variation changes: additions, and offsets below zero. A line stands once a year under each heading, and once more as an offset."""

CapLines = Annotated[Lines, AfterValidator(_no_offset)]
"""What an offer or an agreement pays: its lines, none below zero."""


class ReturnSchedule(Frozen):
    """How often the cost is claimed back: periods of so many months from the year's first, due so many days after each.

    A due date that is no working day moves to the next one (resolution G4).
    """

    months: Annotated[int, Field(ge=1, le=12)]
    due_days: Annotated[int, Field(ge=0, le=366)]
    first_month: Annotated[int, Field(ge=1, le=12)] = 4


@dataclass(frozen=True)
class TermLine:
    """One line as it stands in a grant: which instrument gave it, its cap, its effective window, and since when.

    ``in_force`` is null while the instrument is offered but not accepted or applied: its cost is held, never claimed.
    ``authorised`` says whether a decision covers it (an executed agreement may still wait for its ratification).
    ``of_bid``: it is only asked for, so nobody can accept it (invariant 15).
    """

    instrument: str
    line: str
    year: str
    pence: int
    categories: tuple[str, ...]
    window: Window
    in_force: date | None
    authorised: bool
    rate: int = 10_000
    of_bid: bool = False


@dataclass(frozen=True)
class Terms:
    """All that recovery may know of agreements and variations: the lines, what the host bears, how returns run.

    ``tasked`` are the categories that are claimable only under a tasking (R-43).
    """

    lines: tuple[TermLine, ...]
    host_borne: tuple[str, ...]
    schedule: ReturnSchedule | None
    tasked: tuple[str, ...] = ()

    def cap_of(self, year: str, line: str | None = None) -> int:
        """Whole pence in force for a year, or for one line of it."""
        return sum(each.pence for each in self.lines if each.in_force and each.year == year and line in (None, each.line))


def by_year(lines: Iterable[Line]) -> dict[str, int]:
    """The sum of the lines for each financial year, in whole pence, in order of the years."""
    sums: dict[str, int] = {}
    for each in lines:
        sums[each.year] = sums.get(each.year, 0) + each.pence
    return dict(sorted(sums.items()))


def by_line(lines: Iterable[Line]) -> dict[tuple[YearLabel, Identifier], int]:
    """The sum of the lines for each financial year and line, in whole pence, headings together."""
    sums: dict[tuple[YearLabel, Identifier], int] = {}
    for each in lines:
        sums[each.year, each.line] = sums.get((each.year, each.line), 0) + each.pence
    return dict(sorted(sums.items()))


def window_of(lines: Iterable[Line], first_month: int = 4) -> Window:
    """From the first day that any of the lines pays for to the last; there is at least one line."""
    days = [each.days(first_month) for each in lines]
    return Window(first=min(each.first for each in days), last=max(each.last for each in days))


def covering(caps: Mapping[str, int], names: Iterable[str], authorised: Mapping[str, Mapping[str, int]]) -> str | None:
    """The first of an instrument's names under which decisions authorise every year's cap; null: none (invariant 16)."""
    return next((name for name in names if name in authorised and beyond(caps, authorised[name]) is None), None)


def beyond(caps: Mapping[str, int], approved: Mapping[str, int]) -> str | None:
    """The first year whose cap is more than was approved; null: none is."""
    return next((year for year, pence in sorted(caps.items()) if pence > approved.get(year, 0)), None)
