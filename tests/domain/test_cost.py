"""What a cost costs: VAT that nobody gives back, and the part that the funder's rate leaves to whoever incurred it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.eligibility import Excluded, Held, shares
from domain.expenditure import Cost, CostsRecorded
from domain.returns import CertifyReturn, PrepareReturn
from domain.terms import TermLine
from tests.domain.recovering import EFFECTIVE, FINANCE_CHIEF, Recovery, cost, costs, given, line, uplift

HALF, MOST = 5_000, 6_667


def reasons(life: Recovery, key: str) -> list[tuple[int, str]]:
    found = [each for each in shares(life.state, life.given.terms) if each.cost.key == key]
    return [(each.pence, each.fate.reason if isinstance(each.fate, Excluded | Held) else "included") for each in found]


def matched(*rows: Cost, rate: int = HALF, pence: int = 1_000_00, lines: tuple[TermLine, ...] = ()) -> Recovery:
    life = Recovery(given(replace(line(pence=pence), rate=rate), *lines))
    life.does(costs(*rows))
    return life


# VAT ------------------------------------------------------------------------------------------------------------------


def test_vat_that_is_recovered_elsewhere_is_no_cost() -> None:
    assert cost("a", 100_00, vat_pence=20_00).pence == 100_00


def test_vat_that_nobody_gives_back_is_part_of_the_cost() -> None:
    assert cost("a", 100_00, vat_pence=20_00, vat_recoverable=False).pence == 120_00


def test_a_return_claims_the_vat_that_nobody_gives_back_and_no_other() -> None:
    life = Recovery()
    (recorded,) = life.does(costs(cost("a", 100_00, vat_pence=20_00), cost("b", 50_00, vat_pence=10_01, vat_recoverable=False)))
    assert isinstance(recorded, CostsRecorded)
    assert recorded.total_pence == 160_01
    life.on("2020-07-01").submits("Q1 2020/21")
    assert (life.claim("Q1 2020/21"), life.income()) == (160_01, 160_01)


def test_an_accrual_is_reversed_with_its_vat() -> None:
    life = Recovery()
    life.does(costs(cost("a", 100_00, basis="accrual", vat_pence=20_00, vat_recoverable=False)))
    (recorded,) = life.does(costs(cost("b", 90_00, replaces="a")))
    assert isinstance(recorded, CostsRecorded)
    assert [each.pence for each in recorded.replaced] == [120_00]
    assert life.income() == 90_00


# Match funding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "pence", "paid"), [(HALF, 101, 51), (MOST, 100_00, 66_67), (1, 9_999, 1), (9_999, 5_000, 5_000), (10_000, 7, 7)])
def test_the_funder_pays_its_rate_of_a_cost_to_the_nearest_penny(rate: int, pence: int, paid: int) -> None:
    found = reasons(matched(cost("a", pence), rate=rate), "a")
    assert found == [(paid, "included"), (pence - paid, "match")][: 1 if paid == pence else 2]


def test_the_match_is_borne_by_whoever_incurred_the_cost() -> None:
    life = matched(cost("a"))
    (match,) = (each for each in shares(life.state, life.given.terms) if each.match)
    assert match.fate == Excluded("match", "the funder pays 50% of line whole", "MPS")
    assert (match.own, match.host_borne) == (True, False)


def test_a_return_claims_the_funders_part_and_shows_the_match_beside_it() -> None:
    life = matched(cost("a"), cost("b", 51)).on("2020-07-01").submits("Q1 2020/21")
    prepared = life.state.returns["Q1 2020/21"].prepared
    assert prepared
    assert (prepared.claim_pence, [(each.key, each.pence, each.reason) for each in prepared.excluded]) == (
        50_26,
        [("a", 50_00, "match"), ("b", 25, "match")],
    )
    assert [reasons(life, key) for key in ("a", "b")] == [[(50_00, "included"), (50_00, "match")], [(26, "included"), (25, "match")]]


def test_a_part_of_the_funders_part_leaves_the_match_as_it_is() -> None:
    life = matched(cost("a")).on("2020-07-01")
    life.does(PrepareReturn(period="Q1 2020/21", claim_pence=10_00))
    assert reasons(life, "a") == [(10_00, "included"), (40_00, "included"), (50_00, "match")]
    life.does(CertifyReturn(period="Q1 2020/21"), FINANCE_CHIEF)
    life.submits_as_certified("Q1 2020/21")
    assert reasons(life, "a") == [(10_00, "included"), (40_00, "included"), (50_00, "match")]


def test_the_match_takes_nothing_from_the_cap() -> None:
    life = matched(cost("a", 200_00), cost("b", 100_00), pence=120_00)
    assert reasons(life, "b") == [(20_00, "included"), (30_00, "above_cap"), (50_00, "match")]


def test_more_than_the_funders_part_is_not_claimed() -> None:
    refused = matched(cost("a")).on("2020-07-01").refused(PrepareReturn(period="Q1 2020/21", claim_pence=50_01))
    assert (refused.code, refused.why) == ("recovery.above_cost", "£50.01 is more than the eligible cost: at most £50.00 can be claimed.")


def test_a_cost_that_is_not_eligible_has_no_match() -> None:
    assert reasons(matched(cost("a", category="fines")), "a") == [(100_00, "category")]


def test_a_cost_that_waits_has_no_match_yet() -> None:
    life = Recovery(given(replace(line(in_force=None), rate=HALF)))
    life.does(costs(cost("a")))
    assert reasons(life, "a") == [(100_00, "not_accepted")]


def test_of_several_rates_for_one_cost_the_lowest_counts() -> None:
    more = replace(uplift("whole", 500_00, EFFECTIVE), rate=8_000)
    life = matched(cost("a", on="2021-01-15"), lines=(more,))
    assert reasons(life, "a") == [(50_00, "included"), (50_00, "match")]


def test_a_lower_rate_later_takes_back_nothing_that_is_claimed() -> None:
    life = matched(cost("a")).on("2020-07-01").submits("Q1 2020/21")
    life.given = replace(life.given, terms=replace(life.given.terms, lines=(replace(life.given.terms.lines[0], rate=2_500),)))
    assert reasons(life, "a") == [(50_00, "included"), (50_00, "match")]


@drawn(st.integers(0, 10**9), st.integers(1, 10_000))
def test_the_funders_part_and_the_match_are_the_cost_to_the_penny(pence: int, rate: int) -> None:
    found = reasons(matched(cost("a", pence), rate=rate, pence=10**10), "a")
    assert sum(part for part, _ in found) == pence
    funder = sum(part for part, reason in found if reason == "included")
    assert abs(funder * 10_000 - pence * rate) <= 5_000


def test_the_match_is_of_the_year_of_its_cost() -> None:
    assert {each.year for each in shares(matched(cost("a")).state, matched(cost("a")).given.terms)} == {"2020/21"}
    assert cost("a").incurred == date(2020, 5, 15)
