"""The figures of PCD 914's life at its dates: what counted then, whenever we learnt of it; and what we knew at each step.

Expected sums are those of the case's own facts, worked out by hand from its rows.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from domain.calendar import Window
from domain.figures import Figures, figures
from domain.grant import Grant
from domain.money import at_risk_pence
from tests.lives import case_of, live, organisation_of

BASE, UPLIFT, WHOLE = 147_930_616, 26_735_464, 174_666_080
Q1, Q2, Q3, Q4 = 36_428_334, 35_925_610, 36_902_710, 46_633_494
DISALLOWED, EARLY = 56_199, 460_560


@cache
def stages() -> dict[str, Grant]:
    case = case_of("alpha-2020-21")
    return {each.step.step: each.after for each in live(case, organisation_of(case.organisation))}


def at(day: str, known: str = "close") -> Figures:
    """The figures as effective at the end of a day, as known after a step of the case."""
    return figures(stages()[known], date.fromisoformat(day), date.fromisoformat(day))


def test_the_closed_grant_has_every_figure_of_its_life() -> None:
    found = at("2021-06-16")
    assert (found.cap_pence, found.caps_by_year, found.precision) == (WHOLE, {"2020/21": WHOLE}, "penny")
    assert (found.sought_pence, found.peak_sought_pence) == (0, UPLIFT)
    assert found.claimed_pence == Q1 + Q2 + Q3 + Q4
    assert found.agreed_pence == found.received_pence == found.outturn_pence == Q1 + Q2 + Q3 + Q4 - DISALLOWED
    assert (found.debtor_pence, found.accrued_pence, found.claimable_pence, found.held_pence) == (0, 0, 0, 0)
    assert found.cap_pence == found.agreed_pence + found.lapsed_pence + found.forfeited_pence
    assert (found.excluded_pence, found.host_borne_pence) == (EARLY, 2_000_000)


def test_the_uplift_came_to_less_than_its_cap() -> None:
    uplift, whole = at("2021-06-16").lines
    assert (uplift.line, uplift.cap_pence, uplift.agreed_pence, uplift.unclaimed_pence) == ("uplift", UPLIFT, 10_263_134 - DISALLOWED, EARLY)
    assert (whole.line, whole.cap_pence, whole.agreed_pence, whole.unclaimed_pence) == ("whole", BASE, Q1 + Q2 + Q3 + 36_370_360, 0)


@pytest.mark.parametrize(
    ("day", "cap", "sought"),
    [
        ("2020-06-29", 0, 0),
        ("2020-06-30", BASE, 0),
        ("2020-11-29", BASE, 0),
        ("2020-11-30", BASE, UPLIFT),
        ("2020-12-31", BASE, UPLIFT),
        ("2021-01-01", WHOLE, 0),
    ],
)
def test_a_cap_counts_from_its_own_day_and_a_month_from_its_last(day: str, cap: int, sought: int) -> None:
    assert (at(day).cap_pence, at(day).sought_pence) == (cap, sought)


@pytest.mark.parametrize(
    ("day", "claimed", "agreed", "received"),
    [
        ("2020-11-30", 0, 0, 0),
        ("2020-12-01", Q1 + Q2, 0, 0),
        ("2020-12-17", Q1 + Q2, Q1 + Q2, 0),
        ("2021-01-08", Q1 + Q2, Q1 + Q2, Q1 + Q2),
        ("2021-05-27", Q1 + Q2 + Q3 + Q4, Q1 + Q2 + Q3 + Q4 - DISALLOWED, Q1 + Q2 + Q3),
    ],
)
def test_the_debtor_is_what_is_agreed_and_not_received_at_every_date(day: str, claimed: int, agreed: int, received: int) -> None:
    found = at(day)
    assert (found.claimed_pence, found.agreed_pence, found.received_pence, found.debtor_pence) == (claimed, agreed, received, agreed - received)


def test_income_that_is_not_agreed_yet_is_accrued_and_both_are_what_the_funder_owes() -> None:
    assert at("2020-07-31").accrued_pence == Q1
    assert at("2020-12-16").accrued_pence == Q1 + Q2
    assert at("2020-12-17").accrued_pence == 0
    assert at("2021-04-30").accrued_pence == Q4


def test_the_outturn_is_unknown_until_the_last_return_is_settled_and_the_rest_lapsed_at_the_years_end() -> None:
    assert at("2021-06-10").outturn_pence is None
    assert at("2021-06-11").outturn_pence == Q1 + Q2 + Q3 + Q4 - DISALLOWED
    assert (at("2021-03-30").lapsed_pence, at("2021-03-31").lapsed_pence) == (0, 18_832_131)
    assert at("2021-03-31", known="answered").lapsed_pence == 0


def test_what_was_known_then_is_another_question_than_what_counted_then() -> None:
    assert at("2021-01-01", known="decision").cap_pence == BASE
    assert at("2021-01-01", known="apply").cap_pence == WHOLE


def test_uplift_cost_is_held_until_the_funder_cuts_its_window_and_excluded_from_then_on() -> None:
    before, after = at("2021-01-04", known="costs-uplift-early"), at("2021-01-05", known="window-cut")
    assert (before.held_pence, before.claimable_pence, before.excluded_pence) == (EARLY, Q3, EARLY + Q3)
    assert (after.held_pence, after.claimable_pence, after.excluded_pence) == (0, Q3, EARLY + Q3)


def test_cost_in_no_return_becomes_claimed_cost_when_its_return_is_prepared() -> None:
    assert at("2021-04-14", known="claim-above-cap").excluded_pence == Q4 + EARLY
    assert at("2021-04-15", known="prepare-q4").excluded_pence == EARLY


def test_support_counts_when_its_window_has_ended() -> None:
    assert (at("2021-03-30").host_borne_pence, at("2021-03-31").host_borne_pence) == (0, 2_000_000)


def test_posts_are_those_of_the_day_and_afterwards_those_of_the_last_funded_day() -> None:
    assert [at(day).posts_funded for day in ("2020-12-31", "2021-01-01", "2021-06-16")] == [17, 22, 22]
    assert at("2021-06-16").posts_by_rank == {"officer (rank not stated)": 17, "detective sergeant": 1, "constable": 4}


def test_the_variation_says_its_letter_its_money_and_what_its_delay_cost() -> None:
    (row,) = at("2021-06-16").variations
    assert (row.letter_date, row.retrospective, row.additions_pence, row.offsets_pence, row.net_pence) == (None, False, UPLIFT, 0, UPLIFT)
    assert (row.at_risk_per_day_pence, row.at_risk_pence, row.applied) == (146_898, None, date(2021, 1, 1))
    planned, effective = Window(first=date(2020, 10, 1), last=date(2021, 3, 31)), Window(first=date(2021, 1, 1), last=date(2021, 3, 31))
    window = at("2021-06-16").windows[1]
    assert (window.planned, window.effective, window.indicative_cost_pence) == (planned, effective, 13_514_616)


def test_money_at_risk_grows_by_the_day_while_a_variation_waits() -> None:
    (row,) = at("2020-12-10", known="submit-q2").variations
    assert (row.applied, row.at_risk_pence) == (None, 10 * 146_898)
    assert at("2020-12-10").variations[0].applied is None
    assert at("2020-11-29").variations == ()


@pytest.mark.parametrize(
    ("due", "today", "days"),
    [(None, date(2020, 11, 30), 28), (date(2020, 12, 4), date(2020, 11, 30), 32), (date(2020, 11, 16), date(2020, 11, 30), 28), (None, date(2020, 11, 1), 0)],
)
def test_what_a_wait_costs_runs_to_the_later_of_today_and_the_due_day(due: date | None, today: date, days: int) -> None:
    assert at_risk_pence(146_898, date(2020, 11, 2), due, today) == days * 146_898


def test_an_exception_stays_after_its_ratification() -> None:
    (before,), (after,) = at("2020-11-29").exceptions, at("2020-11-30").exceptions
    assert (before.what, before.owner, before.closed, before.how) == ("late approval", "chief-finance-officer", None, None)
    assert (after.opened, after.how) == (before.opened, "ratified by PCD 867")
    assert after.closed is not None


def test_a_return_shows_each_step_from_its_own_day() -> None:
    (row,) = at("2020-11-30", known="submit-q1-unratified").returns
    assert (row.period, row.prepared_pence, row.submitted, row.days_late, row.agreed_pence, row.settled) == ("Q1 2020/21", Q1, None, None, None, None)
    row = at("2021-06-16").returns[3]
    assert (row.period, row.days_late, row.agreed, row.disallowed_pence, row.received_pence) == ("Q4 2020/21", 0, "2021-05-27", DISALLOWED, Q4 - DISALLOWED)
    assert [each.days_late for each in at("2021-06-16").returns] == [124, 32, 0, 0]


def test_the_rest_of_the_view_is_there() -> None:
    found = at("2021-06-16")
    assert [(each.reference, each.external) for each in (*found.predecessors, *found.successors)] == [("PCD 545", True), ("PCD 960", True)]
    assert [each.form for each in found.assessments] == ["dpia", "eia"]
    assert (found.exit.averted_by, found.exit.triggered, found.exit.retention_until) == ("PCD 960", None, date(2027, 3, 31))
    assert {"PCD 867", "PCD 914"} <= {each.decision for each in found.decisions}
    assert len(found.papers) == 1


def test_a_grant_that_was_only_opened_has_nothing() -> None:
    found = at("2020-07-01", known="open")
    money = found.model_dump(include={"cap_pence", "sought_pence", "claimed_pence", "agreed_pence", "debtor_pence", "excluded_pence", "posts_funded"})
    assert set(money.values()) == {0}
    assert (found.outturn_pence, found.lines, found.exit.plan) == (None, (), None)
