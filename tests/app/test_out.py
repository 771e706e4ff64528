"""How tables fit a terminal: no figure and no day is ever cut, at any width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.cli.out import one_by_one, widths

COLUMNS = ("grant", "due", "what", "cap")
ROWS = (("alpha-2020-21", "2020-12-01 23:59", "Finance advises on the paper", "£1,746,660.80"), ("today", "-", "-", "£0.00"))


def test_a_wide_terminal_breaks_nothing() -> None:
    assert widths(COLUMNS, ROWS, ("cap",), 200) == [13, 16, 28, 13]


def test_words_wrap_first_where_most_of_them_stand() -> None:
    assert widths(COLUMNS, ROWS, ("cap",), 70) == [13, 16, 15, 13]


def test_a_terminal_too_narrow_for_the_columns_gets_a_line_for_each_cell() -> None:
    assert widths(COLUMNS, ROWS, ("cap",), 50) is None
    said = one_by_one("Grants", COLUMNS, ROWS)
    assert said[:4] == ["Grants", "", "  grant  alpha-2020-21", "  due    2020-12-01 23:59"]
    assert "  cap    £1,746,660.80" in said


@given(st.integers(1, 250))
def test_figures_and_days_stay_whole_at_every_width(across: int) -> None:
    room = widths(COLUMNS, ROWS, ("cap",), across)
    assert room is None or (room[0] >= len("alpha-2020-21") and room[1] >= len("2020-12-01") and room[3] == len("£1,746,660.80"))
    assert room is None or sum(room) + 3 * len(room) + 1 <= across


def test_a_cell_of_two_lines_is_as_wide_as_its_longer_one_and_stands_in_one_where_cells_have_lines_of_their_own() -> None:
    assert widths(["lapsed\n+ forfeited"], [["£10,473.15\n+ £1,500.00"]], ["lapsed\n+ forfeited"], 20) == [len("+ forfeited")]
    assert one_by_one("", ["lapsed\n+ forfeited"], [["£2\n+ £1"]])[1] == "  lapsed + forfeited  £2 + £1"
