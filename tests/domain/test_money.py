"""Money is exact; what is rounded is rounded half-up at named places. The figures are those of the five real decisions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Amount, Stated, allocate, coarsest, half_up, per_day, pro_rata, total

PENCE = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


def test_a_sum_in_pence_is_exact() -> None:
    assert total([Amount(pence=147_930_616), Amount(pence=26_735_464)]) == Amount(pence=174_666_080)


def test_a_sum_is_only_as_precise_as_its_parts() -> None:
    thirteen_million = Amount(pence=1_300_000_000, stated="million")
    variation = Amount(pence=118_300_000, stated="thousand")
    assert total([thirteen_million, variation]) == Amount(pence=1_418_300_000, stated="million")


def test_additions_and_offsets_sum_to_the_net() -> None:
    thousands = (365, 60, 280, 537, 80, 411, 150, 50, -450, -300)
    assert total(Amount(pence=each * 100_000, stated="thousand") for each in thousands) == Amount(pence=118_300_000, stated="thousand")


def test_nothing_sums_to_nothing() -> None:
    assert total([]) == Amount(pence=0, stated="penny")


@pytest.mark.parametrize(("stated", "other", "agree"), [("million", 1_250_000_00, True), ("penny", 1_250_000_00, False), ("million", 1_500_000_00, False)])
def test_two_statements_agree_as_far_as_the_coarser_says(stated: Stated, other: int, agree: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert Amount(pence=1_000_000_00, stated=stated).agrees_with(Amount(pence=other)) is agree


def test_the_coarsest_of_no_precision_is_a_penny() -> None:
    assert coarsest([]) == "penny"


def test_a_day_of_delay_costs_the_cap_over_the_planned_days() -> None:
    assert per_day(26_735_464, 182) == 146_898


@pytest.mark.parametrize(("part", "whole", "pence"), [(3, 6, 13_367_732), (90, 182, 13_220_834)])
def test_part_of_a_window_by_months_and_by_days(part: int, whole: int, pence: int) -> None:
    assert pro_rata(26_735_464, part, whole) == pence


@pytest.mark.parametrize(("officers", "part", "whole", "pence"), [(5, 3, 12, 2_000_000), (5, 90, 365, 1_972_603), (17, 12, 12, 27_200_000)])
def test_support_cost_follows_the_activity_period(officers: int, part: int, whole: int, pence: int) -> None:
    assert pro_rata(officers * 1_600_000, part, whole) == pence


def test_whole_months_are_the_basis_unless_another_is_given() -> None:
    assert pro_rata(5 * 1_600_000, 3) == 2_000_000


@pytest.mark.parametrize(("numerator", "rounded"), [(1, 1), (3, 2), (-1, -1), (-3, -2), (0, 0)])
def test_a_half_goes_away_from_zero(numerator: int, rounded: int) -> None:
    assert half_up(numerator, 2) == rounded


@pytest.mark.parametrize("denominator", [0, -1])
def test_nothing_is_divided_by_what_is_not_positive(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        half_up(1, denominator)


@given(PENCE, st.integers(1, 10**6))
def test_rounding_is_never_more_than_half_a_penny_off_and_mirrors_at_zero(pence: int, days: int) -> None:
    exact = Fraction(pence, days)
    assert abs(half_up(pence, days) - exact) <= Fraction(1, 2)
    assert half_up(-pence, days) == -half_up(pence, days)


def test_what_does_not_divide_goes_to_the_largest_remainders_and_of_equal_ones_to_the_earlier() -> None:
    assert allocate(100, (1, 1, 1)) == (34, 33, 33)
    assert allocate(101, (1, 2, 4)) == (14, 29, 58)


@given(PENCE, WEIGHTS)
def test_shares_sum_to_the_whole_to_the_penny(pence: int, weights: list[int]) -> None:
    assert sum(allocate(pence, weights)) == pence


@given(PENCE, WEIGHTS)
def test_a_share_is_within_a_penny_of_its_part_and_no_weight_gets_nothing(pence: int, weights: list[int]) -> None:
    shares = allocate(pence, weights)
    assert all(abs(share - Fraction(pence * weight, sum(weights))) < 1 for share, weight in zip(shares, weights, strict=True))
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if weight == 0)


@given(PENCE, WEIGHTS)
def test_an_offset_is_split_as_the_addition_that_it_takes_back(pence: int, weights: list[int]) -> None:
    assert allocate(-pence, weights) == tuple(-share for share in allocate(pence, weights))


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (2, -1)])
def test_a_sum_is_not_split_by_weights_that_mean_nothing(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(1, weights)
