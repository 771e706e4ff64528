"""Dates as grants use them: windows, years, stated dates, and working days in England and Wales as then known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.calendar import Closures, StatedDate, Window, YearLabel, add_months, day_of, end_of, last_day_of, morning_of, year_of, year_window

BANK_HOLIDAYS = (
    *(date(2020, 5, 8), date(2020, 5, 25), date(2020, 8, 31), date(2020, 12, 25), date(2020, 12, 28), date(2021, 1, 1), date(2021, 4, 2), date(2021, 4, 5)),
    *(date(2021, 5, 3), date(2021, 5, 31), date(2022, 4, 15), date(2022, 4, 18), date(2022, 5, 2), date(2022, 6, 2), date(2022, 6, 3), date(2022, 8, 29)),
    *(date(2022, 9, 19), date(2023, 4, 7), date(2023, 4, 10), date(2023, 5, 1), date(2023, 5, 8), date(2023, 5, 29)),
)
CLOSURES = Closures(source="gov.uk, England and Wales", window=Window(first=date(2020, 4, 1), last=date(2023, 12, 31)), days=BANK_HOLIDAYS)
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def window(first: str, last: str) -> Window:
    return Window(first=date.fromisoformat(first), last=date.fromisoformat(last))


# Windows and years ----------------------------------------------------------------------------------------------------


def test_a_window_counts_both_its_ends() -> None:
    assert [window("2020-10-01", "2021-03-31").days(), window("2021-01-01", "2021-03-31").days()] == [182, 90]


def test_a_window_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError, match="before it begins"):
        window("2021-01-02", "2021-01-01")


@given(st.tuples(DAYS, DAYS).map(sorted), st.tuples(DAYS, DAYS).map(sorted), DAYS)
def test_an_overlap_holds_the_days_that_both_hold(one: list[date], other: list[date], day: date) -> None:
    first, second = Window(first=one[0], last=one[1]), Window(first=other[0], last=other[1])
    both = first.overlap(second)
    assert (both is not None and both.holds(day)) == (first.holds(day) and second.holds(day))
    assert (both is None) == (first.last < second.first or second.last < first.first)


@pytest.mark.parametrize(
    ("label", "good"), [("2020/21", True), ("2099/00", True), ("2024", True), ("2020/22", False), ("2020/20", False), ("0000", False), ("2020-21", False)]
)
def test_a_financial_year_is_named_by_its_two_years(label: str, good: bool) -> None:  # noqa: FBT001  (a column of the table)
    reader = TypeAdapter(YearLabel)
    if good:
        assert reader.validate_python(label) == label
    else:
        with pytest.raises(ValidationError):
            reader.validate_python(label)


@given(DAYS, st.integers(1, 12))
def test_a_day_lies_in_the_year_that_its_label_names(day: date, first_month: int) -> None:
    assert year_window(year_of(day, first_month), first_month).holds(day)


def test_a_month_later_is_the_same_day_or_the_last_one_that_month_has() -> None:
    assert [add_months(date(2021, 3, 31), 72), add_months(date(2021, 1, 31), 1), add_months(date(2020, 3, 31), -1)] == [
        *(date(2027, 3, 31), date(2021, 2, 28), date(2020, 2, 29))
    ]


# Stated dates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "counts_from"),
    [("2020", date(2020, 12, 31)), ("2020-06", date(2020, 6, 30)), ("2020-06-15", date(2020, 6, 15)), ("2020-06-15T23:30Z", date(2020, 6, 16))],
)
def test_a_date_counts_from_the_last_day_that_it_may_mean_in_london(stated: str, counts_from: date) -> None:
    assert last_day_of(TypeAdapter(StatedDate).validate_python(stated)) == counts_from


@pytest.mark.parametrize("stated", ["", "2020-6", "2020-13", "2021-02-29", "2020-06-15T25:00Z", "2020-06-15T10:00", "June 2020"])
def test_a_date_that_does_not_exist_cannot_be_stated(stated: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(StatedDate).validate_python(stated)


def test_a_day_ends_and_begins_by_london_time() -> None:
    assert end_of(date(2021, 3, 31)) == datetime(2021, 3, 31, 22, 59, 59, tzinfo=UTC)
    assert end_of(date(2021, 1, 1)) == datetime(2021, 1, 1, 23, 59, 59, tzinfo=UTC)
    assert morning_of(date(2021, 3, 31)) == datetime(2021, 3, 31, 8, tzinfo=UTC)
    assert day_of(datetime(2021, 3, 31, 23, 30, tzinfo=UTC)) == date(2021, 4, 1)


# Working days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "count", "found"),
    [
        *(("2020-12-31", 10, "2021-01-15"), ("2021-03-31", 10, "2021-04-16"), ("2021-04-30", 21, "2021-06-02"), ("2021-04-30", 30, "2021-06-15")),
        *(("2022-04-05", 5, "2022-04-12"), ("2022-09-12", 5, "2022-09-20"), ("2023-04-28", 10, "2023-05-16"), ("2020-04-30", 5, "2020-05-07")),
    ],
)
def test_working_days_leave_out_weekends_and_the_holidays_then_known(start: str, count: int, found: str) -> None:
    assert CLOSURES.add(date.fromisoformat(start), count) == date.fromisoformat(found)


def test_a_holiday_declared_late_counts_only_in_a_table_that_has_it() -> None:
    before = Closures(source="as known in August 2022", window=CLOSURES.window, days=tuple(day for day in BANK_HOLIDAYS if day != date(2022, 9, 19)))
    assert before.add(date(2022, 9, 12), 5) == date(2022, 9, 19)


def test_a_day_off_moves_to_the_next_working_day_and_a_working_day_stays() -> None:
    assert [CLOSURES.on_or_after(day) for day in (date(2021, 4, 2), date(2021, 4, 6))] == [date(2021, 4, 6), date(2021, 4, 6)]


def test_a_table_answers_for_no_day_outside_it() -> None:
    with pytest.raises(ValueError, match="outside the table"):
        CLOSURES.is_working(date(2024, 1, 1))


@given(st.dates(date(2021, 1, 1), date(2022, 12, 31)), st.integers(1, 60))
def test_so_many_working_days_on_and_back_again_is_where_one_was(day: date, count: int) -> None:
    start = CLOSURES.on_or_after(day)
    assert CLOSURES.add(CLOSURES.add(start, count), -count) == start
