"""The funder asks, agrees in part and pays; the year's outturn is fixed and the rest of its cap lapses; income follows cost."""

from __future__ import annotations

from datetime import date

import pytest

from domain.books import CapLapsed, IncomeAccrued, OutturnFixed
from domain.exception import ExceptionRaised
from domain.model import Event
from domain.returns import AnswerQuery, CertifyReturn, Disallowed, PrepareReturn, RecordPayment, RecordQuery, RecordReturnAgreed, ReturnSettled
from tests.domain.recovering import BASE_PENCE, FINANCE_CHIEF, UPLIFT_PENCE, WHOLE_YEAR, Recovery, cost, costs, given, line, uplift, wires

YEAR = "2020/21"
Q1, Q2, Q3, Q4 = (f"Q{quarter} 2020/21" for quarter in (1, 2, 3, 4))
ASKED = RecordQuery(period=Q1, query="HO-1", asked="Which courses were these?", dated="2020-08-10")


def submitted(*pence: int) -> Recovery:
    """Costs in the first quarter, claimed in its return on 20 July 2020."""
    life = Recovery()
    if pence:
        life.does(costs(*(cost(f"c{number}", each) for number, each in enumerate(pence, start=1))))
    return life.on("2020-07-20").submits(Q1)


def agreed(pence: int, *lost: Disallowed, dated: str = "2020-09-01") -> RecordReturnAgreed:
    return RecordReturnAgreed(period=Q1, agreed_pence=pence, disallowed=lost, dated=dated)


def lost(key: str, pence: int) -> Disallowed:
    return Disallowed(key=key, pence=pence, why="no receipt")


def paid(pence: int, payment: str = "BACS-1", on: date = date(2020, 9, 20)) -> RecordPayment:
    return RecordPayment(payment=payment, period=Q1, pence=pence, on=on, ledger_ref="CR 77")


def whole_year(*, quarters: dict[str, int]) -> Recovery:
    """A return each quarter, agreed in full and paid at once, all but the last."""
    life = Recovery()
    for quarter, (on, after) in {Q1: ("2020-05-01", "2020-07-02"), Q2: ("2020-08-01", "2020-10-02"), Q3: ("2020-11-02", "2021-01-04")}.items():
        if quarters.get(quarter):
            life.does(costs(cost(quarter, quarters[quarter], on)))
        life.on(after).submits(quarter).agrees(quarter, after)
        if quarters.get(quarter):
            life.pays(quarter, after)
    return life


# Queries ----------------------------------------------------------------------------------------------------------------


def test_a_query_waits_for_its_answer() -> None:
    life = submitted(100)
    life.does(ASKED)
    assert life.state.returns[Q1].waiting_query() is not None
    life.does(AnswerQuery(period=Q1, query="HO-1", answer="Interview courses."))
    assert life.state.returns[Q1].waiting_query() is None


def test_the_same_query_or_answer_again_changes_nothing() -> None:
    life = submitted(100)
    life.does(ASKED)
    assert life.tries(ASKED) == ()
    life.does(AnswerQuery(period=Q1, query="HO-1", answer="Interview courses."))
    assert life.tries(AnswerQuery(period=Q1, query="HO-1", answer="Interview courses.")) == ()


def test_another_query_or_answer_under_the_same_id_is_refused() -> None:
    life = submitted(100)
    life.does(ASKED)
    assert life.refused(ASKED.model_copy(update={"asked": "Something else?"})).code == "recovery.key_reused"
    life.does(AnswerQuery(period=Q1, query="HO-1", answer="Interview courses."))
    assert life.refused(AnswerQuery(period=Q1, query="HO-1", answer="No.")).code == "recovery.key_reused"


def test_only_a_submitted_return_is_queried_and_only_a_query_answered() -> None:
    life = Recovery().on("2020-07-20")
    assert life.refused(ASKED).code == "recovery.not_submitted"
    assert life.refused(AnswerQuery(period=Q1, query="HO-1", answer="Yes.")).code == "recovery.no_query"
    assert submitted(100).refused(AnswerQuery(period=Q1, query="HO-2", answer="Yes.")).code == "recovery.no_query"


# Agreement --------------------------------------------------------------------------------------------------------------


def test_agreed_and_disallowed_are_the_claim() -> None:
    life = submitted(100, 50)
    assert wires(life.does(agreed(110, lost("c1", 40)))) == ["return.agreed"]


@pytest.mark.parametrize(
    "answer",
    [
        agreed(151),
        agreed(149),
        agreed(110, lost("c1", 41)),
        agreed(49, lost("c1", 101)),
        agreed(99, lost("c1", 51), lost("c1", 50)).model_copy(update={"agreed_pence": 49}),
        agreed(140, lost("ghost", 10)),
    ],
)
def test_an_agreement_that_does_not_add_up_cost_by_cost_is_refused(answer: RecordReturnAgreed) -> None:
    refusal = submitted(100, 50).refused(answer)
    assert (refusal.code, refusal.source) == ("recovery.agreement_disagrees", "DESIGN §7; invariant 5")


def test_only_a_submitted_return_is_agreed() -> None:
    life = Recovery().on("2020-07-20")
    life.does(PrepareReturn(period=Q1))
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    assert life.refused(agreed(0)).code == "recovery.not_submitted"


def test_the_same_agreement_again_changes_nothing_and_another_is_refused() -> None:
    life = submitted(100)
    life.does(agreed(100))
    assert life.tries(agreed(100)) == ()
    assert life.refused(agreed(60, lost("c1", 40))).code == "recovery.already_agreed"


def test_a_nil_return_is_settled_when_it_is_agreed() -> None:
    life = submitted()
    events = life.does(agreed(0))
    assert events[1:] == (ReturnSettled(period=Q1, agreed_pence=0, received_pence=0, on="2020-09-01"),)


# Payment ----------------------------------------------------------------------------------------------------------------


def test_a_return_is_settled_when_what_was_agreed_is_paid() -> None:
    life = submitted(100)
    life.does(agreed(100))
    assert wires(life.does(paid(60))) == ["payment.received"]
    assert wires(life.does(paid(40, "BACS-2"))) == ["payment.received", "return.settled"]


def test_the_same_payment_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    life = submitted(100)
    life.does(agreed(100))
    life.does(paid(60))
    assert life.tries(paid(60)) == ()
    assert life.refused(paid(61)).code == "recovery.key_reused"


def test_a_payment_above_what_is_agreed_is_recorded_with_an_exception() -> None:
    life = submitted(100)
    life.does(agreed(100))
    events = life.does(paid(130))
    assert wires(events) == ["payment.received", "exception.raised", "return.settled"]
    why = "£1.30 are received with this payment, but only £1.00 are agreed; the excess is repayable (invariant 14)."
    assert events[1] == ExceptionRaised(exception="payment/BACS-1", what="payment above what is agreed", subject=Q1, owner="finance", why=why)


def test_a_payment_before_the_agreement_is_recorded_with_an_exception_and_settles_it_later() -> None:
    life = submitted(100)
    assert wires(life.does(paid(100))) == ["payment.received", "exception.raised"]
    assert wires(life.does(agreed(100))) == ["return.agreed", "return.settled"]


def test_a_payment_for_a_return_that_was_never_opened_is_refused() -> None:
    assert Recovery().refused(paid(1)).code == "recovery.no_return"


# The year's end ---------------------------------------------------------------------------------------------------------


def test_the_years_end_itself_makes_nothing_lapse() -> None:
    life = whole_year(quarters={Q1: 100}).on("2021-04-01")
    assert list(life.state.ended) == [YEAR]
    assert (life.state.outturns, life.state.lapsed) == ({}, ())


def test_the_last_settlement_fixes_the_outturn_and_the_rest_of_the_cap_lapses_at_the_years_last_day() -> None:
    life = whole_year(quarters={Q1: 100, Q3: 20})
    life.does(costs(cost("march", 3, "2021-03-31", line="uplift")))
    life.on("2021-04-20").submits(Q4).agrees(Q4, "2021-06-01")
    events = life.pays(Q4, "2021-06-20")
    lapsed = BASE_PENCE + UPLIFT_PENCE - 123
    assert events[-2:] == (
        OutturnFixed(year=YEAR, outturn_pence=123, on="2021-06-20"),
        CapLapsed(year=YEAR, lapsed_pence=lapsed, on="2021-03-31", entity="MPS"),
    )


def test_no_outturn_is_fixed_while_an_earlier_return_is_open() -> None:
    life = Recovery()
    life.on("2021-04-20").submits(Q4).agrees(Q4, "2021-06-01")
    assert life.state.outturns == {}
    for quarter in (Q1, Q2):
        life.submits(quarter).agrees(quarter, "2021-06-02")
    life.submits(Q3)
    assert wires(life.does(RecordReturnAgreed(period=Q3, agreed_pence=0, dated="2021-06-03"))) == [
        "return.agreed",
        "return.settled",
        "outturn.fixed",
        "cap.lapsed",
    ]


def test_no_outturn_is_fixed_before_the_last_return_is_open() -> None:
    assert whole_year(quarters={Q1: 100}).state.outturns == {}


def test_nothing_lapses_where_all_of_the_cap_is_agreed() -> None:
    life = Recovery(given(line(pence=100)))
    life.does(costs(cost("a", 100)))
    life.on("2021-04-20")
    for quarter in (Q1, Q2, Q3, Q4):
        life.submits(quarter).agrees(quarter, "2021-06-01")
    assert wires(life.pays(Q1, "2021-06-20")) == ["payment.received", "return.settled", "outturn.fixed"]


# Income -----------------------------------------------------------------------------------------------------------------


def income(life: Recovery) -> list[tuple[str, int, str]]:
    return [(each.line, each.accrued_pence, each.booked) for each in life.state.accrued]


def test_income_follows_eligible_cost_on_the_day_it_is_recorded() -> None:
    life = Recovery()
    life.does(costs(cost("a", 100), cost("support", category="mps_support_costs")))
    assert life.state.accrued == (IncomeAccrued(year=YEAR, line="whole", accrued_pence=100, booked="2020-07-01", entity="MPS"),)


def test_income_for_a_year_that_has_ended_is_booked_on_its_last_day() -> None:
    life = Recovery().on("2021-04-12")
    life.does(costs(cost("march", 100, "2021-03-31")))
    assert income(life) == [("whole", 100, "2021-03-31")]


def test_income_never_exceeds_the_cap() -> None:
    life = Recovery(given(line(pence=70)))
    life.does(costs(cost("a", 100)))
    assert life.income() == 70


def test_no_income_accrues_while_the_variation_is_not_applied_and_all_of_it_when_it_is() -> None:
    life = Recovery(given(line(), uplift(in_force=None)))
    life.does(costs(cost("a", 100, "2021-01-05", line="uplift")))
    assert life.income() == 0
    assert life.under(line(), uplift()).income() == 100


def test_a_window_that_is_cut_takes_income_back() -> None:
    life = Recovery(given(line(), uplift(window=WHOLE_YEAR)))
    life.does(costs(cost("a", 100, "2020-05-05", line="uplift")))
    assert income(life.under(line(), uplift())) == [("uplift", 100, "2020-07-01"), ("uplift", -100, "2020-07-01")]


def test_an_actual_adjusts_the_income_of_its_accrual() -> None:
    life = Recovery()
    life.does(costs(cost("accrued", 100, basis="accrual")))
    life.does(costs(cost("actual", 80, replaces="accrued")))
    assert income(life) == [("whole", 100, "2020-07-01"), ("whole", -20, "2020-07-01")]


def test_a_disallowance_is_a_contra_of_its_own_and_accrues_nothing() -> None:
    life = submitted(100)
    before: tuple[Event, ...] = life.state.accrued
    life.does(agreed(60, lost("c1", 40)))
    assert life.state.accrued == before


def test_income_on_cost_that_no_return_claimed_is_taken_back_with_the_last_submission() -> None:
    life = Recovery()
    life.does(costs(cost("a", 100), cost("b", 50, "2021-03-01")))
    life.on("2021-04-20")
    for quarter in (Q1, Q2, Q3):
        life.submits(quarter)
    assert life.income() == 150
    life.does(PrepareReturn(period=Q4, claim_pence=30))
    life.does(CertifyReturn(period=Q4), FINANCE_CHIEF)
    assert life.income() == 150
    life.submits_as_certified(Q4)
    assert life.income() == 130
