"""Dates as grants use them: stated dates, financial years, periods, and working days over a given table of closures.

All local dates are Europe/London. A date means the end of that day; a month means its last day (CONTRACT, Figures).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property, lru_cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from domain.model import LONDON, Frozen, Instant, Name, Pauses

MORNING = time(9)
"""When reminders go out, London time: an office reads them at its desk."""

Precision = Literal["instant", "day", "month", "year"]
LAST = datetime(9999, 12, 31, 23, 59, 58, tzinfo=UTC)
"""No instant that is reckoned with lies later: after it comes one that no calendar has."""
_LENGTHS: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}


def precision_of(stated: str) -> Precision:
    """How exactly a date was stated."""
    return _LENGTHS.get(len(stated), "instant")


def last_day_of(stated: str) -> date:
    """The day from which a stated date counts: a month from its last day, a year likewise, an instant its London day.

    Raises:
        ValueError: no such date.

    """
    match precision_of(stated):
        case "year":
            return date(int(stated), 12, 31)
        case "month":
            year, month = int(stated[:4]), int(stated[5:])
            return date(year, month, monthrange(year, month)[1])
        case "day":
            return date.fromisoformat(stated)
        case "instant":
            return day_of(datetime.fromisoformat(stated))


def first_day_of(stated: str) -> date:
    """The earliest day that a stated date can mean: the first of a month or year, else its own day."""
    return last_day_of({"year": f"{stated}-01-01", "month": f"{stated}-01"}.get(precision_of(stated), stated))


def _real(stated: str) -> str:
    last_day_of(stated)
    return stated


StatedDate = Annotated[
    str,
    Field(pattern=r"^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z)?)?)?$", description="2020, 2020-06, 2020-06-15 or 2020-06-15T09:00Z"),
    AfterValidator(_real),
]
"""A date as a source states it: to the year, the month, the day, or the instant (UTC)."""


def rfc3339(instant: datetime) -> str:
    """An aware instant as the record writes it: UTC, to the microsecond ("2020-06-30T22:59:59.000000Z")."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def day_of(instant: datetime) -> date:
    """The London day of an aware instant."""
    return instant.astimezone(LONDON).date()


def end_of(day: date) -> datetime:
    """The last second of a London day, in UTC: when a duty due that day falls due."""
    return datetime.combine(day, time(23, 59, 59), LONDON).astimezone(UTC)


def start_of(day: date) -> datetime:
    """The first instant of a London day, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def morning_of(day: date) -> datetime:
    """09:00 London on that day, in UTC."""
    return datetime.combine(day, MORNING, LONDON).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Window(Frozen):
    """From the first day to the last, both included."""

    first: date
    last: date

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last < self.first:
            message = "a window ends before it begins"
            raise ValueError(message)
        return self

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    def days(self) -> int:
        """How many days, both ends counted (2020-10-01 to 2021-03-31: 182)."""
        return (self.last - self.first).days + 1

    def holds(self, day: date) -> bool:
        """Whether the day lies inside."""
        return self.first <= day <= self.last

    def overlap(self, other: Window) -> Window | None:
        """The days that both hold; null: none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Window(first=first, last=last) if first <= last else None


def _a_year(label: str) -> str:
    first_month = 4 if "/" in label else 1
    if year_of(year_window(label, first_month).first, first_month) != label:
        message = "a financial year is named by its two years, as 2020/21"
        raise ValueError(message)
    return label


YearLabel = Annotated[str, Field(pattern=r"^\d{4}(/\d{2})?$", description="2020/21, or 2024 where the year is the calendar's"), AfterValidator(_a_year)]


def year_of(day: date, first_month: int = 4) -> str:
    """The label of the financial year that holds the day ("2020/21"; "2020" where the year starts in January)."""
    start = day.year if day.month >= first_month else day.year - 1
    return str(start) if first_month == 1 else f"{start}/{(start + 1) % 100:02}"


@cache
def year_window(label: str, first_month: int = 4) -> Window:
    """The days of a financial year ("2020/21": 2020-04-01 to 2021-03-31)."""
    first = date(int(label[:4]), first_month, 1)
    return Window(first=first, last=add_months(first, 12) - timedelta(days=1))


@lru_cache(maxsize=16)
def _working_days(first: date, last: date, closed: frozenset[date]) -> tuple[date, ...]:
    """Every working day of a table, in order; worked out once however many grants bring the same table."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(day for day in days if _is_working(day, closed))


def _is_working(day: date, closed: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in closed  # noqa: PLR2004  (Saturday is the sixth day)


class Closures(Frozen):
    """The days on which an office is closed besides weekends, as they were known when the table was made.

    ``source`` says whence (library and version, division); the table covers ``window`` and answers for no other day.
    """

    source: Name
    window: Window
    days: tuple[date, ...]

    @cached_property
    def _closed(self) -> frozenset[date]:
        return frozenset(self.days)

    @cached_property
    def _working(self) -> tuple[date, ...]:
        return _working_days(self.window.first, self.window.last, self._closed)

    def is_working(self, day: date) -> bool:
        """Monday to Friday and not closed.

        Raises:
            ValueError: the day is outside the table.

        """
        return _is_working(self._held(day), self._closed)

    def add(self, day: date, working_days: int) -> date:
        """That many working days later (or earlier), the start day not counted (2020-12-31 + 10 = 2021-01-15).

        Raises:
            ValueError: the day, or one on the way to it, is outside the table.

        """
        if not working_days:
            return day
        step = timedelta(days=1 if working_days > 0 else -1)
        self._held(day + step)
        first = bisect_right(self._working, day) if working_days > 0 else bisect_left(self._working, day) - 1
        place = first + working_days - step.days
        return self._working[place] if 0 <= place < len(self._working) else self._held((self.window.last if working_days > 0 else self.window.first) + step)

    def on_or_after(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        return day if self.is_working(day) else self.add(day, 1)

    def working_morning(self, since: Instant, working_days: int) -> datetime:
        """09:00 on the day that many working days after the instant's London day, in UTC."""
        return morning_of(self.add(day_of(since), working_days))

    def after_pauses(self, at: Instant, since: Instant, pauses: Pauses) -> datetime:
        """An instant moved on by the working days that each pause took from what began at ``since``; none moves what had passed before it.

        Raises:
            ValueError: it comes to lie outside the table.

        """
        for began, ended in pauses:
            if began < at and since <= ended:
                at = self._later(at, self._rested(max(began, since), ended))
                at = self.out_of_pause(at, ((began, ended),))
        return at

    def out_of_pause(self, at: Instant, pauses: Pauses) -> datetime:
        """An instant that lies in a pause, moved to the first working day after it, at its own time of day.

        What comes at the instant at which a pause begins comes before it, as every moment does (CONTRACT, Moments).

        Raises:
            ValueError: it comes to lie outside the table.

        """
        for began, ended in pauses:
            if began < at <= ended:
                at = self._later(datetime.combine(day_of(ended), at.astimezone(LONDON).time(), LONDON), 1)
        return at

    def _rested(self, began: Instant, ended: Instant) -> int:
        """The working days that a pause took: from its first day to its last whole one."""
        whole = day_of(min(ended, LAST) + timedelta(seconds=1))
        return max(bisect_left(self._working, whole) - bisect_left(self._working, day_of(began)), 0)

    def _later(self, at: datetime, working_days: int) -> datetime:
        local = at.astimezone(LONDON)
        return datetime.combine(self.add(local.date(), working_days), local.time(), LONDON).astimezone(UTC)

    def _held(self, day: date) -> date:
        if not self.window.holds(day):
            message = f"{day} is outside the table of working days ({self.window.first} to {self.window.last})"
            raise ValueError(message)
        return day
