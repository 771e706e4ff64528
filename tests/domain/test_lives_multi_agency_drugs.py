"""The life behind PCD 911 by the rules alone: every figure is the decision's own, or summed here over the case as written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from domain import grant as grants
from domain.calendar import Window
from domain.figures import Figures, figures
from domain.model import Refusal
from tests.case_sums import CaseSums, pennies, within
from tests.lives import Lived, case_of, live, organisation_of

NAME = "multi-agency-drugs-2020-21"
CAP = 135_000_00
LAST_DAY = date(2021, 3, 31)
"""Both as PCD 911 states them: executive summary, recommendation, 3.1."""

REFUSED = {
    "task-too-early": ("recovery.tasking_unfunded", "chief-finance-officer"),
    "accept-too-early": ("agreement.not_authorised", "deputy-mayor"),
    "task-without-mandate": ("authority.not_mandated", "mps-fund-controller"),
    "claim-early-cost": ("recovery.excluded_cost", None),
    "task-afterwards": ("recovery.tasked_afterwards", None),
    "claim-untasked": ("recovery.charge_not_claimable", None),
    "claim-twice": ("recovery.charge_not_claimable", None),
    "close-without-review": ("close.not_yet", None),
}


@cache
def lived() -> tuple[Lived, ...]:
    case = case_of(NAME)
    return tuple(live(case, organisation_of(case.organisation)))


def step(name: str) -> Lived:
    return next(each for each in lived() if each.step.step == name)


def shown(day: str, known: str = "close") -> Figures:
    """The figures as effective at the end of a day, as known after a step."""
    return figures(step(known).after, date.fromisoformat(day), date.fromisoformat(day))


class Sums(CaseSums):
    """What the case as written comes to, charge by charge, without a line of the product."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.taskings = {each["body"]["tasking"]: each["body"] for kind in ("TaskWork", "RecordTasking") for each in self.accepted(kind)}
        self.from_day = str(self.accepted("AcceptOffer")[0]["at"])[:10]

    def cost(self) -> list[Any]:
        """Every cost that no actual has replaced, in the order in which it was recorded."""
        replaced = {row["replaces"] for row in self.rows() if "replaces" in row}
        return [row for row in self.rows() if row["key"] not in replaced]

    def own(self, first: str, last: str) -> int:
        return sum(pennies(row["net_pence"]) for row in self.cost() if "charge" not in row and within(row["incurred"], max(first, self.from_day), last))

    def charged(self) -> Iterator[tuple[Any, int]]:
        """Each charge under its tasking, once an invoice, and the pence of it within the hours tasked."""
        invoices, used = set(), dict.fromkeys(self.taskings, 0)
        for row in self.cost():
            charge = row.get("charge")
            tasking = self.taskings.get(charge["tasking"]) if charge else None
            if not tasking or charge["body"] != tasking["body"] or not within(row["incurred"], str(tasking["first"]), str(tasking["last"])):
                continue
            if (charge["body"], charge["invoice"]) in invoices:
                continue
            invoices.add((charge["body"], charge["invoice"]))
            hours, left = int(charge["hours_hundredths"]), int(tasking["most_hours_hundredths"]) - used[charge["tasking"]]
            used[charge["tasking"]] += hours
            yield row, pennies(row["net_pence"]) * min(hours, max(left, 0)) // hours

    def eligible(self, first: str, last: str) -> int:
        return self.own(first, last) + sum(pence for row, pence in self.charged() if within(row["incurred"], first, last))

    def recorded(self) -> int:
        return sum(pennies(row["net_pence"]) for row in self.cost())


def test_the_cap_is_what_the_decision_accepts_and_is_stated_to_the_pound() -> None:
    found = shown("2021-06-28")
    assert (found.cap_pence, found.caps_by_year, found.precision, found.sought_pence) == (CAP, {"2020/21": CAP}, "pound", 0)


def test_until_it_is_accepted_the_money_is_sought_and_no_cap() -> None:
    assert [(shown(day).cap_pence, shown(day).sought_pence) for day in ("2020-10-18", "2020-12-06", "2020-12-07")] == [(0, 0), (0, CAP), (CAP, 0)]


def test_with_no_first_day_stated_cost_counts_from_the_acceptance_and_the_view_says_so() -> None:
    (window,) = shown("2021-06-28").windows
    assert (window.effective, window.planned) == (Window(first=date.fromisoformat(Sums().from_day), last=LAST_DAY), None)
    assert window.reason == "No first day is stated; cost counts from 2020-12-07, the day on which it came into force."


def test_both_claims_are_the_eligible_cost_of_their_quarters() -> None:
    sums = Sums()
    q3, q4 = sums.eligible("2020-10-01", "2020-12-31"), sums.eligible("2021-01-01", "2021-03-31")
    assert [(each.period, each.claimed_pence, each.days_late) for each in shown("2021-06-28").returns] == [("Q3 2020/21", q3, 0), ("Q4 2020/21", q4, 0)]
    assert (q3, q4) == (30_613_05, 72_826_65)


def test_at_the_close_every_penny_of_the_cap_was_agreed_or_has_lapsed_and_all_that_was_agreed_came_in() -> None:
    sums, found = Sums(), shown("2021-06-28")
    agreed, cash = sums.agreed("2020-04-01", "2021-06-28"), sums.cash("2020-04-01", "2021-06-28")
    assert found.agreed_pence == agreed == sums.eligible("2020-10-01", "2021-03-31") - sums.disallowed("2020-04-01", "2021-06-28")
    assert (found.received_pence, found.debtor_pence, found.outturn_pence) == (cash, agreed - cash, agreed)
    assert (found.lapsed_pence, found.forfeited_pence) == (CAP - agreed, 0)
    assert 0 < agreed < CAP


def test_what_no_return_claims_is_shown_apart() -> None:
    sums, found = Sums(), shown("2021-06-28")
    assert found.excluded_pence == sums.recorded() - sums.eligible("2020-10-01", "2021-03-31")
    assert (found.held_pence, found.claimable_pence, found.host_borne_pence, found.match_pence) == (684_00, 0, 0, 0)


def test_only_overtime_is_claimed() -> None:
    claimed = {row.key for each in step("close").after.recovery.returns.values() for row in each.included}
    assert {row["category"] for row in Sums().rows() if row["key"] in claimed} == {"overtime", "overtime-of-others"}


def test_every_charge_that_is_claimed_was_tasked_of_its_body_for_its_day_and_no_invoice_twice() -> None:
    sums, rows = Sums(), [each for each in shown("2021-06-28").cross_charges if each.claimed_pence]
    assert {each.cost: each.claimed_pence for each in rows} == {row["key"]: pence for row, pence in sums.charged()}
    assert all(each.body == sums.taskings[each.tasking]["body"] for each in rows)
    assert len({(each.body, each.invoice) for each in rows}) == len(rows) == 7


def test_every_charge_that_is_not_claimed_says_why() -> None:
    left = {each.cost: each.left_out for each in shown("2021-06-28").cross_charges if not each.claimed_pence}
    assert left == {
        "x-2021-01-3": ("NC-2021-012 of Northern Constabulary (invented) is charged already, as x-2021-01-1",),
        "x-2021-03-1": ("tasking tasking-4, which it names, is not recorded",),
        "x-2021-03-2": ("incurred on 2021-03-20, outside tasking tasking-3 (2021-02-16 to 2021-03-15)",),
    }


def test_of_the_hours_charged_those_beyond_the_tasking_are_not_claimed() -> None:
    north, coast, west = shown("2021-06-28").taskings
    assert (north.most_hours_hundredths, north.charged_hours_hundredths) == (120_00, 32_50 + 24_00 + 40_00 + 30_00)
    assert (coast.charged_hours_hundredths, west.charged_hours_hundredths, west.tasked) == (45_00, 38_00, "2021-02-15")
    beyond = next(each for each in shown("2021-06-28").cross_charges if each.cost == "x-2021-01-2")
    assert (beyond.cost_pence - beyond.claimed_pence, beyond.left_out) == (370_50, ("beyond the 120 hours of tasking tasking-1",))


def test_vat_that_is_recovered_elsewhere_is_in_no_claim() -> None:
    charge = next(each for each in shown("2021-06-28").cross_charges if each.cost == "x-2021-02-1")
    assert (charge.cost_pence, charge.claimed_pence) == (1_612_50, 1_612_50)


def test_at_the_end_of_january_the_money_at_risk_is_the_cap_less_actual_less_the_forecast() -> None:
    sums = Sums()
    (forecast,) = shown("2021-01-31", "forecast").forecasts
    actual = sums.eligible("2020-10-01", "2021-01-31")
    assert (forecast.actual_pence, forecast.forecast_pence) == (actual, 72_000_00)
    assert forecast.at_risk_pence == CAP - actual - 72_000_00 == 4_631_85


def test_what_was_screened_out_names_its_screening_so_no_exception_stands() -> None:
    found = shown("2021-06-28")
    assert [(each.form, each.finding) for each in found.assessments] == [("dpia", "screened_out"), ("eia", "screened_out")]
    assert found.exceptions == ()


def test_the_authority_quoted_more_narrowly_than_the_act_is_a_discrepancy_that_was_resolved() -> None:
    (row,) = shown("2021-06-28").discrepancies
    assert (row.discrepancy, row.owner, row.resolved is not None) == ("authority-quoted", "finance", True)


def test_the_exit_is_waived_with_its_reason_and_nothing_was_triggered() -> None:
    ending = shown("2021-06-28").exit
    assert (ending.waived, ending.triggered, ending.averted_by) == (
        "The grant pays overtime and nothing else: it ends with the money, and no post, asset or contract hangs on it.",
        None,
        None,
    )


def test_the_review_at_the_end_of_the_project_keeps_the_grant_open_until_it_is_made() -> None:
    refused = step("close-without-review").decision
    assert isinstance(refused, Refusal)
    assert refused.why == "The grant cannot be closed yet: review end-of-project was promised and is not made."
    assert not grants.closed(step("review").after)
    assert grants.closed(step("close").after)
    assert "review.made" in {each.duty.name for each in step("reconcile").owed}
    assert step("close").owed == ()


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_rules_do_not_allow_is_refused_with_who_could(name: str) -> None:
    decision, (code, office) = step(name).decision, REFUSED[name]
    assert isinstance(decision, Refusal)
    assert decision.code == code
    assert office in decision.who_could if office else decision.who_could == ()


def test_nothing_else_is_refused() -> None:
    assert {each["step"] for each in Sums().refused()} == set(REFUSED)
