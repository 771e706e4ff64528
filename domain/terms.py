"""What an instrument pays for: lines, caps by year, windows, the cadence of its returns. Shared by several rooms.

A cap is the sum of its year caps and the sum of its lines (invariants 2 and 3); it is never income.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from domain.calendar import Window, YearLabel
from domain.model import Frozen, Grade, Identifier, Pence


class Line(Frozen):
    """A budget heading of one financial year: whole pence (an offset is negative), what it may pay for, and when.

    ``window`` null: the whole financial year. An undivided cap is one line named ``whole``.
    """

    line: Identifier
    year: YearLabel
    pence: Pence
    categories: tuple[Identifier, ...]
    window: Window | None = None
    grade: Grade = "public"


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
    """

    instrument: str
    line: str
    year: str
    pence: int
    categories: tuple[str, ...]
    window: Window
    in_force: date | None
    authorised: bool


@dataclass(frozen=True)
class Terms:
    """All that recovery may know of agreements and variations: the lines, what the host bears, how returns run."""

    lines: tuple[TermLine, ...]
    host_borne: tuple[str, ...]
    schedule: ReturnSchedule | None

    def cap_of(self, year: str, line: str | None = None) -> int:
        """Whole pence in force for a year, or for one line of it."""
        return sum(each.pence for each in self.lines if each.in_force and each.year == year and line in (None, each.line))


def by_year(lines: Iterable[Line]) -> dict[str, int]:
    """The sum of the lines for each financial year, in whole pence, in order of the years."""
    sums: dict[str, int] = {}
    for each in lines:
        sums[each.year] = sums.get(each.year, 0) + each.pence
    return dict(sorted(sums.items()))
