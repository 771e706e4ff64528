"""The spans of time that an auditor asks for: a financial year by its label, or from one day to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter, ValidationError

from app import showing
from app.errors import MisusedError
from domain.calendar import Window, YearLabel, precision_of, year_window

_LABEL: TypeAdapter[str] = TypeAdapter(YearLabel)
_APRIL = 4


@dataclass(frozen=True)
class Year:
    """A financial year: its label and its days (London)."""

    label: str
    window: Window

    def holds(self, booked: str) -> bool:
        """Whether an accounting date as stored (2021-03-31) lies in it."""
        return str(self.window.first) <= booked <= str(self.window.last)

    def about(self) -> dict[str, str]:
        """What an answer says of the year that was asked for."""
        return {"year": self.label, "first": str(self.window.first), "last": str(self.window.last)}


def year(label: str) -> Year:
    """The year of that label: 2021/22 runs from April to March, 2024 is the calendar's.

    Raises:
        MisusedError: it labels no year.

    """
    try:
        return Year(_LABEL.validate_python(label), year_window(label, _APRIL if "/" in label else 1))
    except ValidationError as error:
        message = f"{label!r} is no financial year: 2021/22, or 2024 where it is the calendar's"
        raise MisusedError(message) from error


def year_or_none(label: str | None) -> Year | None:
    """The same; null: every year.

    Raises:
        MisusedError: it labels no year.

    """
    return None if label is None else year(label)


def days(first: str, last: str) -> Window:
    """From the first day that one date means to the last day that the other does: 2021-01 to 2021-03 are three months.

    Raises:
        MisusedError: one of them is no date, or the last lies before the first.

    """
    begin, end = first_day(first), showing.day(last)
    if begin is None or end is None or end < begin:
        message = f"{last} lies before {first}"
        raise MisusedError(message)
    return Window(first=begin, last=end)


def first_day(stated: str) -> date | None:
    """The first day that a date means: 2021-01 means 1 January.

    Raises:
        MisusedError: it is no date.

    """
    day = showing.day(stated)
    if day is None:
        return None
    return {"year": day.replace(month=1, day=1), "month": day.replace(day=1)}.get(precision_of(stated), day)
