"""What becomes of a cost, and that nothing but its own rule says so."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import Window
from domain.eligibility import Excluded, Held, Included, shares
from domain.expenditure import Cost
from domain.returns import CertifyReturn, Disallowed, PrepareReturn
from tests.domain.recovering import EFFECTIVE, FINANCE_CHIEF, PLANNED, UPLIFT_PENCE, Recovery, cost, costs, given, line, uplift

DECEMBER = Window(first=date(2020, 4, 1), last=date(2020, 12, 31))


def fate_of(life: Recovery, key: str) -> list[tuple[int, object]]:
    return [(each.pence, each.fate) for each in shares(life.state, life.given.terms) if each.cost.key == key]


def reasons(life: Recovery, key: str) -> list[tuple[int, str]]:
    return [(pence, fate.reason if isinstance(fate, Excluded | Held) else "included") for pence, fate in fate_of(life, key)]


def recorded(*rows: Cost, life: Recovery | None = None) -> Recovery:
    life = life or Recovery()
    life.does(costs(*rows))
    return life


def test_a_cost_of_its_line_day_and_category_is_eligible() -> None:
    assert fate_of(recorded(cost("a")), "a") == [(100_00, Included(None))]


def test_a_cost_before_the_effective_window_is_excluded_and_borne_by_its_entity() -> None:
    life = recorded(cost("a", on="2020-12-31", line="uplift"))
    why = "incurred on 2020-12-31, outside the effective window of line uplift (2021-01-01 to 2021-03-31)"
    assert fate_of(life, "a") == [(100_00, Excluded("window", why, "MPS"))]


@pytest.mark.parametrize("day", ["2021-01-01", "2021-03-31"])
def test_both_ends_of_the_window_belong_to_it(day: str) -> None:
    assert reasons(recorded(cost("a", on=day, line="uplift")), "a") == [(100_00, "included")]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"category": "fines"}, "category"),
        ({"line": "travel"}, "no_line"),
        ({"on": "2021-04-01"}, "no_line"),
        ({"category": "mps_support_costs"}, "host_borne"),
        ({"category": "mps_support_costs", "on": "2019-01-01"}, "host_borne"),
    ],
)
def test_a_cost_outside_the_terms_is_excluded_with_its_reason(other: dict[str, str], reason: str) -> None:
    assert reasons(recorded(cost("a", **other)), "a") == [(100_00, reason)]  # type: ignore[arg-type]


def test_a_cost_under_a_variation_not_yet_applied_is_held() -> None:
    life = recorded(cost("a", on="2020-11-01", line="uplift"), life=Recovery(given(line(), uplift(in_force=None, window=PLANNED))))
    assert fate_of(life, "a") == [(100_00, Held("not_accepted", "PCD 914 is neither accepted nor applied"))]


def test_applying_the_variation_later_makes_recorded_cost_eligible() -> None:
    life = recorded(cost("a", on="2021-02-01", line="uplift"), life=Recovery(given(line(), uplift(in_force=None))))
    assert reasons(life.under(line(), uplift()), "a") == [(100_00, "included")]


def test_a_window_that_is_cut_excludes_cost_recorded_before_and_changes_no_cap() -> None:
    life = recorded(cost("a", on="2020-10-05", line="uplift"), life=Recovery(given(line(), uplift(window=PLANNED))))
    before = life.given.terms.cap_of("2020/21")
    assert reasons(life, "a") == [(100_00, "included")]
    assert reasons(life.under(line(), uplift(window=EFFECTIVE)), "a") == [(100_00, "window")]
    assert life.given.terms.cap_of("2020/21") == before


def test_cost_above_the_cap_of_its_line_is_excluded_to_the_penny_though_another_line_has_room() -> None:
    life = recorded(cost("a", UPLIFT_PENCE, "2021-01-05", line="uplift"), cost("b", 3, "2021-01-06", line="uplift"), cost("c", 1, "2021-01-04", line="uplift"))
    assert reasons(life, "c") == [(1, "included")]
    assert reasons(life, "a") == [(UPLIFT_PENCE - 1, "included"), (1, "above_cap")]
    assert reasons(life, "b") == [(3, "above_cap")]


def test_money_of_a_narrow_window_pays_only_for_its_own_days_even_on_the_same_line() -> None:
    narrow = uplift("whole", pence=50)
    life = recorded(cost("spring", 120), cost("winter", 40, "2021-02-01"), life=Recovery(given(line(pence=100), narrow)))
    assert reasons(life, "spring") == [(100, "included"), (20, "above_cap")]
    assert reasons(life, "winter") == [(40, "included")]


def test_an_offset_takes_from_the_cap_of_its_line_in_every_window() -> None:
    life = recorded(cost("spring", 100), life=Recovery(given(line(pence=100), uplift("whole", pence=-30))))
    assert reasons(life, "spring") == [(70, "included"), (30, "above_cap")]
    narrow = uplift("whole", 50), uplift("whole", -30)
    assert reasons(life.under(line(pence=100), *narrow), "spring") == [(70, "included"), (30, "above_cap")]


def test_an_accrual_gives_way_to_its_actual_once() -> None:
    life = recorded(cost("accrued", 90, "2021-03-31", basis="accrual", category="overtime"))
    recorded(cost("actual", 80, "2021-03-31", category="overtime", replaces="accrued"), life=life)
    assert fate_of(life, "accrued") == [(90, Excluded("replaced", "the accrual is replaced by actual", None))]
    assert reasons(life, "actual") == [(80, "included")]


def test_a_second_actual_for_the_same_accrual_is_held() -> None:
    life = recorded(cost("accrued", 90, basis="accrual"), cost("actual", 80, replaces="accrued"), cost("again", 80, replaces="accrued"))
    assert reasons(life, "again") == [(80, "no_such_accrual")]
    assert reasons(life, "actual") == [(80, "included")]


@pytest.mark.parametrize("known", [(), (cost("accrued", 90),)])
def test_an_actual_that_names_no_recorded_accrual_is_held(known: tuple[Cost, ...]) -> None:
    assert reasons(recorded(*known, cost("actual", 80, replaces="accrued")), "actual") == [(80, "no_such_accrual")]


def test_the_actual_of_an_accrual_that_was_claimed_is_held() -> None:
    life = recorded(cost("accrued", 90, basis="accrual")).on("2020-07-02").submits("Q1 2020/21")
    recorded(cost("actual", 90, replaces="accrued"), life=life)
    assert fate_of(life, "accrued") == [(90, Included("Q1 2020/21"))]
    assert fate_of(life, "actual") == [(90, Held("accrual_claimed", "accrued, which it replaces, is claimed in the return for Q1 2020/21"))]


def test_an_accrual_that_was_claimed_in_part_stays_the_cost_that_it_is() -> None:
    life = recorded(cost("accrued", 90, basis="accrual"), life=Recovery(given(line(pence=60)))).on("2020-07-02")
    life.does(PrepareReturn(period="Q1 2020/21", claim_pence=60))
    life.does(CertifyReturn(period="Q1 2020/21"), FINANCE_CHIEF)
    recorded(cost("actual", 80, replaces="accrued"), life=life.submits_as_certified("Q1 2020/21"))
    assert reasons(life, "accrued") == [(60, "included"), (30, "above_cap")]
    assert reasons(life, "actual") == [(80, "accrual_claimed")]


def test_a_preparation_only_reserves_its_costs_so_a_cut_window_takes_them_out_again() -> None:
    life = recorded(cost("a", on="2021-01-05", line="uplift")).on("2021-04-01")
    life.does(prepare_last())
    assert fate_of(life, "a") == [(100_00, Included("Q4 2020/21"))]
    cut = Window(first=date(2021, 2, 1), last=date(2021, 3, 31))
    assert reasons(life.under(line(), uplift(window=cut)), "a") == [(100_00, "window")]


def test_what_was_submitted_stays_claimed_whatever_the_terms_become() -> None:
    life = recorded(cost("a", on="2021-01-05", line="uplift")).on("2021-04-01").submits("Q4 2020/21")
    assert fate_of(life.under(line(), uplift(in_force=None)), "a") == [(100_00, Included("Q4 2020/21"))]


def test_what_the_funder_disallows_is_excluded_and_leaves_its_room_under_the_cap() -> None:
    life = recorded(cost("a", 100), cost("b", 30, "2020-08-01"), life=Recovery(given(line(pence=100)))).on("2020-07-02").submits("Q1 2020/21")
    assert reasons(life, "b") == [(30, "above_cap")]
    life.agrees("Q1 2020/21", "2020-09-01", disallowed("a", 40))
    assert fate_of(life, "a") == [(40, Excluded("disallowed", "disallowed by the funder: no receipt", "MPS", "Q1 2020/21")), (60, Included("Q1 2020/21"))]
    assert reasons(life, "b") == [(30, "included")]


def test_cost_that_comes_after_the_last_return_of_its_year_cannot_be_claimed_any_more() -> None:
    life = recorded(cost("a")).on("2021-04-01")
    for quarter in (1, 2, 3, 4):
        life.submits(f"Q{quarter} 2020/21")
    recorded(cost("late", on="2021-03-30"), life=life)
    assert reasons(life, "late") == [(100_00, "no_return_left")]


def prepare_last() -> PrepareReturn:
    return PrepareReturn(period="Q4 2020/21")


def disallowed(key: str, pence: int) -> Disallowed:
    return Disallowed(key=key, pence=pence, why="no receipt")
