"""The sub-ledger follows from the events: cost and cash mirrored, income and debtor ours, everything balanced by entity."""

from __future__ import annotations

from datetime import date

import pytest

from domain import ledger, opening
from domain.books import CapLapsed, IncomeAccrued
from domain.expenditure import RecordSupport
from domain.grant import Grant, evolve
from domain.intents import HANDED_OVER
from domain.ledger import Posting
from domain.model import By, Event, past_of_new
from domain.returns import Disallowed, PaymentReceived, ReturnAgreed
from tests.domain.recovering import EFFECTIVE, Recovery, cost, costs, policy
from tests.lives import case_of, live, organisation_of

OPENED = Grant(stream="grant/g", opening=opening.State(policy=policy()))
COST, CLEARING, ACCRUALS = "expenses:project", "liabilities:cost-clearing", "liabilities:accruals"
HOST, CONTRIBUTION = "memo:host-borne", "memo:host-contribution"
ACCRUED, AGREED, BANK = "assets:grants-receivable:accrued", "assets:grants-receivable:agreed", "assets:bank"
INCOME, DISALLOWED = "income:grant:revenue", "income:grant:disallowed"


def posted(event: Event, before: Grant = OPENED) -> list[tuple[str, str, int, str]]:
    by = By(actor="p", on_behalf_of=None, now=Recovery().now, content=None, command="c")
    rows = ledger.postings(past_of_new(event, "grant/g", 1, by), before)
    assert {row.entity for row in rows} <= {"MPS"}
    return [(row.debit, row.credit, row.pence, row.booked.isoformat()) for row in rows]


def test_cost_is_mirrored_on_the_day_it_was_incurred() -> None:
    (event,) = Recovery().does(costs(cost("a", 100), cost("b", 50, basis="accrual"), cost("c", 25, category="mps_support_costs"), cost("nothing", 0)))
    assert posted(event) == [(COST, CLEARING, 100, "2020-05-15"), (COST, ACCRUALS, 50, "2020-05-15"), (HOST, CONTRIBUTION, 25, "2020-05-15")]


def test_an_actual_reverses_its_accrual_on_its_own_day() -> None:
    life = Recovery()
    life.does(costs(cost("accrued", 90, "2021-03-31", basis="accrual")))
    (event,) = life.does(costs(cost("actual", 80, "2021-03-30", replaces="accrued")))
    assert posted(event) == [(COST, CLEARING, 80, "2021-03-30"), (ACCRUALS, COST, 90, "2021-03-30")]


def test_an_accrual_that_the_host_bears_is_reversed_as_the_memo_that_it_was() -> None:
    life = Recovery()
    life.does(costs(cost("accrued", 90, basis="accrual", category="mps_support_costs")))
    (event,) = life.does(costs(cost("actual", 80, category="mps_support_costs", replaces="accrued")))
    assert posted(event) == [(HOST, CONTRIBUTION, 80, "2020-05-15"), (CONTRIBUTION, HOST, 90, "2020-05-15")]


def test_support_is_a_memo_of_the_host() -> None:
    (event,) = Recovery().does(RecordSupport(support="s", officers=5, annual_rate_pence=1_600_000, window=EFFECTIVE))
    assert posted(event) == [(HOST, CONTRIBUTION, 2_000_000, "2021-03-31")]


@pytest.mark.parametrize(("pence", "sides"), [(70, (ACCRUED, INCOME)), (-70, (INCOME, ACCRUED))])
def test_income_accrues_and_what_is_taken_back_goes_the_other_way_round(pence: int, sides: tuple[str, str]) -> None:
    event = IncomeAccrued(year="2020/21", line="whole", accrued_pence=pence, booked="2020-07-01", entity="MPS")
    assert posted(event) == [(*sides, 70, "2020-07-01")]


def test_what_is_agreed_becomes_the_debtor_and_what_is_disallowed_a_contra_of_income() -> None:
    assert posted(agreement(60, 40)) == [(AGREED, ACCRUED, 60, "2020-09-30"), (DISALLOWED, ACCRUED, 40, "2020-09-30")]
    assert posted(agreement(100, 0)) == [(AGREED, ACCRUED, 100, "2020-09-30")]
    assert posted(agreement(0, 0)) == []


def test_a_payment_is_mirrored_and_clears_the_debtor() -> None:
    event = PaymentReceived(payment="p", period="Q1 2020/21", paid_pence=60, on="2020-10-02", ledger_ref="CR", entity="MPS")
    assert posted(event) == [(BANK, AGREED, 60, "2020-10-02")]


def test_a_lapse_is_a_memo_against_what_was_unclaimed() -> None:
    event = CapLapsed(year="2020/21", lapsed_pence=5, on="2021-03-31", entity="MPS")
    assert posted(event) == [("memo:unclaimed", "memo:lapsed", 5, "2021-03-31")]


def test_income_and_what_is_agreed_of_it_are_ours_to_hand_over_and_cost_and_cash_are_not() -> None:
    assert set(HANDED_OVER) == {"income.accrued", "return.agreed"}


def test_balances_are_debits_less_credits_and_come_to_nothing_together() -> None:
    rows = [Posting(entity="MPS", debit=BANK, credit=AGREED, pence=60, booked=date(2020, 10, 2))] * 2
    assert ledger.balances(rows) == {BANK: 120, AGREED: -120}


def test_the_real_life_closes_with_no_receivable_and_cap_agreed_and_lapsed_in_the_memos() -> None:
    rows = posted_by("alpha-2020-21")
    balances = ledger.balances(rows)
    cap, agreed, disallowed, lapsed, excluded, support = 174_666_080, 155_833_949, 56_199, 18_832_131, 460_560, 2_000_000
    assert balances == {
        ACCRUED: 0,
        AGREED: 0,
        BANK: agreed,
        COST: agreed + disallowed + excluded,
        ACCRUALS: 0,
        CLEARING: -(agreed + disallowed + excluded),
        INCOME: -(agreed + disallowed),
        DISALLOWED: disallowed,
        "memo:award": cap,
        "memo:unclaimed": -(cap - lapsed),
        "memo:lapsed": -lapsed,
        HOST: support,
        CONTRIBUTION: -support,
    }
    assert {row.entity for row in rows} == {"Metropolitan Police Service"}


def posted_by(name: str) -> list[Posting]:
    case, rows = case_of(name), list[Posting]()
    grant = Grant(stream=f"grant/{case.grant}")
    for past in (past for step in live(case, organisation_of(case.organisation)) for past in step.pasts):
        rows += ledger.postings(past, grant)
        grant = evolve(grant, past)
    return rows


def agreement(agreed: int, lost: int) -> ReturnAgreed:
    why = (Disallowed(key="a", pence=lost, why="no receipt"),) if lost else ()
    return ReturnAgreed(period="Q1 2020/21", agreed_pence=agreed, disallowed_pence=lost, disallowed=why, dated="2020-09", entity="MPS")


def test_vat_that_nobody_gives_back_is_mirrored_with_its_cost_and_other_vat_is_not() -> None:
    rows = (cost("a", 100, vat_pence=20, vat_recoverable=False), cost("b", 100, vat_pence=20))
    (event,) = Recovery().does(costs(*rows))
    assert [pence for _, _, pence, _ in posted(event)] == [120, 100]
