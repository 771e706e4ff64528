"""What instruments pay for: lines, their days, and whether decisions cover their caps."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.calendar import Window
from domain.model import LARGEST
from domain.terms import CapLines, Line, Lines, TermLine, Terms, beyond, by_year, covering, window_of

YEARS = st.dictionaries(st.sampled_from(("2020/21", "2021/22", "2022/23")), st.integers(-(10**9), 10**9), max_size=3)


def line(year: str, pence: int = 1, window: Window | None = None) -> Line:
    return Line(line="whole", year=year, pence=pence, categories=(), window=window)


@pytest.mark.parametrize(
    ("year", "first_month", "first", "last"),
    [
        ("2020/21", 4, date(2020, 4, 1), date(2021, 3, 31)),
        ("2020/21", 7, date(2020, 7, 1), date(2021, 6, 30)),
        ("2024", 4, date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_line_without_a_window_pays_for_its_whole_year(year: str, first_month: int, first: date, last: date) -> None:
    assert line(year).days(first_month) == Window(first=first, last=last)


def test_a_line_with_a_window_pays_for_that() -> None:
    cut = Window(first=date(2021, 1, 1), last=date(2021, 3, 31))
    assert line("2020/21", window=cut).days() == cut


def test_several_lines_pay_from_the_first_day_to_the_last() -> None:
    assert window_of((line("2019/20"), line("2018/19"))) == Window(first=date(2018, 4, 1), last=date(2020, 3, 31))


def test_lines_are_summed_by_year_in_order_of_the_years() -> None:
    assert list(by_year((line("2019/20", 3), line("2018/19", 2), line("2019/20", -1))).items()) == [("2018/19", 2), ("2019/20", 2)]


@pytest.mark.parametrize(
    "lines", [(line("2020/21", 0),), (line("2020/21", LARGEST),), (line("2020/21"), line("2021/22")), (line("2020/21", LARGEST - 1), line("2021/22"))]
)
def test_lines_make_a_cap(lines: tuple[Line, ...]) -> None:
    assert TypeAdapter(CapLines).validate_python(lines) == lines


@pytest.mark.parametrize(
    "lines",
    [(), (line("2020/21"), line("2020/21", 2)), (line("2020/21", LARGEST), line("2021/22"))],
    ids=["none", "one twice", "more than can be kept exactly"],
)
def test_lines_that_sum_to_nothing_sure_are_refused(lines: tuple[Line, ...]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Lines).validate_python(lines)


def test_a_variation_may_add_to_a_line_and_take_from_it_but_a_cap_has_no_offset() -> None:
    both = (line("2020/21", 5), line("2020/21", -2))
    assert TypeAdapter(Lines).validate_python(both) == both
    with pytest.raises(ValidationError, match="offsets"):
        TypeAdapter(CapLines).validate_python(both)


def test_a_cap_is_summed_for_a_year_or_for_one_line_of_it_from_what_is_in_force() -> None:
    span, since = Window(first=date(2020, 4, 1), last=date(2021, 3, 31)), date(2020, 6, 30)
    found = [("pay", "2020/21", 1, since), ("training", "2020/21", 2, since), ("pay", "2021/22", 4, since), ("pay", "2020/21", 8, None)]
    terms = Terms(
        tuple(TermLine("alpha", *line, authorised=True) for line in ((name, year, pence, (), span, day) for name, year, pence, day in found)), (), None
    )
    assert (terms.cap_of("2020/21"), terms.cap_of("2020/21", "pay"), terms.cap_of("2022/23")) == (3, 1, 0)


def test_the_first_year_beyond_what_was_approved_is_named() -> None:
    assert beyond({"2019/20": 2, "2018/19": 1}, {"2018/19": 1, "2019/20": 1}) == "2019/20"
    assert beyond({"2019/20": 1, "2018/19": 1}, {}) == "2018/19"


@given(YEARS, YEARS)
def test_an_approval_covers_exactly_the_caps_that_exceed_it_in_no_year(caps: dict[str, int], approved: dict[str, int]) -> None:
    within = all(pence <= approved.get(year, 0) for year, pence in caps.items())
    assert (covering(caps, ("one",), {"one": approved}) == "one") is within
    assert (beyond(caps, approved) is None) is within


def test_a_decision_on_another_instrument_covers_nothing() -> None:
    assert covering({"2020/21": 1}, ("one",), {"other": {"2020/21": 1}}) is None


def test_the_first_name_that_is_wholly_covered_is_the_one() -> None:
    assert covering({"2020/21": 2}, ("one", "other"), {"one": {"2020/21": 1}, "other": {"2020/21": 2}}) == "other"
