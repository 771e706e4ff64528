"""Specs of supplementary returns, forfeits, repayments and judgements of the year, read as sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import recovery
from domain.adjustments import CapForfeited, PaymentRepaid, RecordForfeit, RecordJudgement, RecordRepayment, YearJudged
from domain.books import CapLapsed, Late, OutturnFixed
from domain.eligibility import Excluded, shares
from domain.exception import ExceptionRaised
from domain.model import By, Event
from domain.returns import CertifyReturn, PrepareReturn, ReturnOpened, ReturnPrepared
from domain.terms import TermLine
from tests.domain.recovering import BASE_PENCE, FINANCE_CHIEF, UPLIFT_PENCE, WHOLE_YEAR, YEAR, Recovery, cost, costs, given, line, uplift, wires

Q1, Q2, Q3, Q4 = (f"Q{number} 2020/21" for number in (1, 2, 3, 4))
S1, S2 = (f"S{number} 2020/21" for number in (1, 2))
LATE = uplift(window=WHOLE_YEAR)
PENDING = uplift(window=WHOLE_YEAR, in_force=None)


def settled(*lines: TermLine, base: int = 300, late: int = 40) -> Recovery:
    """A year whose four returns are settled at the base's cost, with cost besides that only a later line pays for."""
    life = Recovery(given(*(lines or (line(), PENDING))))
    life.does(costs(cost("base", base, "2020-05-05"), *((cost("new", late, "2020-11-05", line="uplift"),) if late else ())))
    life.on("2021-05-04")
    for quarter in (Q1, Q2, Q3, Q4):
        life.submits(quarter).agrees(quarter, "2021-05-05")
    life.pays(Q1, "2021-05-06")
    return life.on("2021-07-12")


# The supplementary return -----------------------------------------------------------------------------------------------


def test_a_variation_of_a_year_whose_returns_were_all_made_opens_a_supplementary_return_of_the_whole_year() -> None:
    life = settled().applies(line(), LATE)
    assert life.state.returns[S1].opened == ReturnOpened(period=S1, year=YEAR, window=WHOLE_YEAR, closes="2021-07-12", due=date(2021, 8, 11), supplements=Q4)


def test_while_a_return_of_the_year_is_still_to_be_made_that_one_serves() -> None:
    life = Recovery(given(line(), PENDING)).on("2021-05-04")
    for quarter in (Q1, Q2, Q3):
        life.submits(quarter)
    assert S1 not in life.applies(line(), LATE).state.returns
    assert S1 in life.submits(Q4).applies(line(), LATE).state.returns


def test_while_a_return_is_still_to_open_nothing_supplements_it() -> None:
    assert S1 not in Recovery(given(line(), PENDING)).on("2020-07-02").submits(Q1).applies(line(), LATE).state.returns


def test_a_second_late_variation_waits_in_the_supplementary_return_until_that_is_made_and_then_opens_another() -> None:
    life = settled().applies(line(), LATE).applies(line(), LATE)
    assert S2 not in life.state.returns
    life.submits(S1).applies(line(), LATE)
    assert life.state.returns[S2].opened.supplements == Q4


def test_a_grant_without_a_cadence_of_returns_has_nothing_to_supplement() -> None:
    life = settled()
    life.given = replace(life.given, terms=replace(life.given.terms, schedule=None))
    assert recovery.supplementary((YEAR,), life.state, life.given, By(actor="p", on_behalf_of=None, now=life.now, content=None, command="c")) == ()


def test_a_supplementary_return_claims_what_the_later_line_pays_for_and_says_the_year_to_date() -> None:
    life = settled().applies(line(), LATE)
    (prepared,) = life.does(PrepareReturn(period=S1))
    assert isinstance(prepared, ReturnPrepared)
    assert (prepared.claim_pence, prepared.by_line, prepared.year_to_date_pence) == (40, {"uplift": 40}, 340)


def test_each_return_says_what_the_year_has_claimed_with_it() -> None:
    life = settled()
    assert [each.prepared.year_to_date_pence for each in life.state.returns.values() if each.prepared] == [300, 300, 300, 300]


def test_when_it_is_settled_the_outturn_is_fixed_again_and_only_the_rest_of_what_was_raised_lapses() -> None:
    life = settled().applies(line(), LATE).submits(S1).agrees(S1, "2021-09-01")
    life.pays(S1, "2021-09-20")
    assert life.state.outturns[YEAR] == (
        OutturnFixed(year=YEAR, outturn_pence=300, on="2021-05-06"),
        OutturnFixed(year=YEAR, outturn_pence=340, on="2021-09-20"),
    )
    assert life.state.lapsed == (
        CapLapsed(year=YEAR, lapsed_pence=BASE_PENCE - 300, on="2021-03-31", entity="MPS"),
        CapLapsed(year=YEAR, lapsed_pence=UPLIFT_PENCE - 40, on="2021-03-31", entity="MPS"),
    )
    assert 340 + life.state.lapsed_pence(YEAR) == BASE_PENCE + UPLIFT_PENCE


def test_what_has_lapsed_stays_lapsed_so_the_year_claims_no_more_than_what_was_raised() -> None:
    life = settled(line(pence=1_000), uplift(pence=50, window=WHOLE_YEAR, in_force=None), late=200)
    assert life.state.lapsed_pence(YEAR) == 700
    life.applies(line(pence=900), uplift(pence=150, window=WHOLE_YEAR))
    assert life.refused(PrepareReturn(period=S1, claim_pence=51)).why == "£0.51 is above the cap of 2020/21: at most £0.50 can be claimed in all."
    life.does(PrepareReturn(period=S1, claim_pence=50))
    left = next(each for each in shares(life.state, life.given.terms) if isinstance(each.fate, Excluded))
    assert (left.cost.key, left.pence, left.above_cap) == ("new", 150, True)


def test_cost_that_the_last_return_left_out_is_claimed_in_the_supplementary_one() -> None:
    life = settled(late=0)
    life.does(costs(cost("found late", 25, "2020-12-12")))
    before = shares(life.state, life.given.terms)
    assert [each.fate.reason for each in before if isinstance(each.fate, Excluded)] == ["no_return_left"]
    life.applies(line(), LATE)
    life.does(PrepareReturn(period=S1))
    assert life.claim(S1) == 25


# Forfeits ---------------------------------------------------------------------------------------------------------------


def lost(pence: int, name: str = "f1", **more: Any) -> RecordForfeit:
    return RecordForfeit(forfeit=name, year=YEAR, pence=pence, period=Q2, why="The cut-off for the second quarter was missed.", dated="2020-11", **more)


def test_what_is_forfeited_is_gone_from_the_cap_and_cannot_be_claimed_or_lapse() -> None:
    life = Recovery(given(line(pence=1_000)))
    (event,) = life.does(lost(400))
    assert isinstance(event, CapForfeited)
    assert (event.stated_pence, event.forfeited_pence, event.entity) == (400, 400, "MPS")
    life.does(costs(cost("a", 700)))
    assert life.income() == 600
    assert life.on("2020-07-20").refused(PrepareReturn(period=Q1, claim_pence=601)).code == "recovery.above_cap"
    life.on("2021-05-04")
    for quarter, claim in ((Q1, 600), (Q2, 0), (Q3, 0), (Q4, 0)):
        life.does(PrepareReturn(period=quarter, claim_pence=claim))
        life.does(CertifyReturn(period=quarter), FINANCE_CHIEF)
        life.submits_as_certified(quarter).agrees(quarter, "2021-05-05")
    life.pays(Q1, "2021-05-06")
    assert (life.state.outturns[YEAR][-1].outturn_pence, life.state.forfeited_pence(YEAR), life.state.lapsed) == (600, 400, ())


def test_a_forfeit_of_more_than_is_left_is_recorded_counts_for_what_is_left_and_is_an_exception() -> None:
    life = settled(line(pence=1_000), late=0)
    event, raised = life.does(lost(1_000, "f1"))
    assert isinstance(event, CapForfeited)
    assert (event.stated_pence, event.forfeited_pence) == (1_000, 0)
    why = "£10.00 are recorded as forfeited, but only £0.00 of 2020/21 was neither claimed, lapsed nor forfeited: so much counts."
    assert raised == ExceptionRaised(exception="forfeit/f1", what="forfeit above what is left of the cap", subject=YEAR, owner="finance", why=why)
    assert life.tries(lost(1_000)) == ()


def test_the_same_forfeit_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    life = Recovery()
    life.does(lost(400))
    assert life.tries(lost(400)) == ()
    assert life.refused(lost(401)).code == "recovery.key_reused"


# Repayments -------------------------------------------------------------------------------------------------------------


def back(pence: int, name: str = "CHQ-1", period: str = Q1) -> RecordRepayment:
    return RecordRepayment(repayment=name, period=period, pence=pence, on=date(2021, 6, 1), ledger_ref="CB-1")


def overpaid() -> Recovery:
    life = Recovery().on("2020-07-20")
    life.does(costs(cost("a", 100)))
    life.submits(Q1).agrees(Q1, "2020-08-01")
    life.pays(Q1, "2020-08-20", pence=130)
    return life


def test_what_was_paid_too_much_is_owed_back_until_it_is_repaid() -> None:
    life = overpaid()
    assert life.state.received_pence(Q1) == 130
    assert recovery.settled_differences(life.state) == {}
    assert life.does(back(30)) == (PaymentRepaid(repayment="CHQ-1", period=Q1, repaid_pence=30, on="2021-06-01", ledger_ref="CB-1", entity="MPS"),)
    assert life.state.received_pence(Q1) == 100
    assert recovery.settled_differences(life.state)["payment/Q1 2020/21 1"] == "£1.00 are received for Q1 2020/21 and £1.00 agreed."


def test_more_paid_back_than_was_too_much_is_recorded_with_an_exception() -> None:
    life = overpaid()
    _, raised = life.does(back(31))
    assert isinstance(raised, ExceptionRaised)
    assert (raised.exception, raised.subject, raised.why) == ("repayment/CHQ-1", Q1, "After this repayment £0.99 stay received, but £1.00 are agreed.")
    assert "repayment/CHQ-1" not in recovery.settled_differences(life.state)


def test_a_payment_before_the_agreement_is_put_right_by_the_agreement() -> None:
    life = Recovery().on("2020-07-20")
    life.does(costs(cost("a", 100)))
    life.submits(Q1)
    life.pays(Q1, "2020-08-20", pence=100)
    assert recovery.settled_differences(life.state) == {}
    assert list(recovery.settled_differences(life.agrees(Q1, "2020-08-21").state)) == ["payment/Q1 2020/21 1"]


def test_the_same_repayment_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    life = overpaid()
    life.does(back(30))
    assert life.tries(back(30)) == ()
    assert life.refused(back(29)).code == "recovery.key_reused"
    assert life.refused(back(29, "CHQ-2", "Q9 2020/21")).code == "recovery.no_return"


# The accountant's judgement ---------------------------------------------------------------------------------------------


def judgement(treatment: str = "adjusting", name: str = "j1", instrument: str = "PCD 914", year: str = YEAR) -> RecordJudgement:
    words = "The letter gives evidence of conditions that existed at the year's end."
    return RecordJudgement.model_validate({"judgement": name, "year": year, "instrument": instrument, "treatment": treatment, "words": words})


@pytest.mark.parametrize(("treatment", "booked"), [(None, "2021-03-31"), ("adjusting", "2021-03-31"), ("non_adjusting", "2021-07-12")])
def test_late_income_is_booked_in_the_year_that_it_funds_unless_it_is_judged_to_be_non_adjusting(treatment: str | None, booked: str) -> None:
    life = settled()
    if treatment:
        life.does(judgement(treatment))
    life.applies(line(), LATE)
    assert [(each.line, each.accrued_pence, each.booked) for each in life.state.accrued] == [("whole", 300, "2020-07-01"), ("uplift", 40, booked)]


def test_a_judgement_stands_and_a_contrary_one_is_refused() -> None:
    life = settled()
    (judged,) = life.does(judgement())
    assert isinstance(judged, YearJudged)
    assert life.tries(judgement()) == ()
    assert life.refused(judgement("non_adjusting", "j2")).why == "PCD 914 is judged adjusting for 2020/21 already, in j1."
    assert life.refused(judgement("non_adjusting")).code == "recovery.key_reused"


@pytest.mark.parametrize(("instrument", "year"), [("PCD 1", YEAR), ("PCD 914", "2021/22")])
def test_there_is_nothing_to_judge_of_a_year_that_an_instrument_does_not_pay_for(instrument: str, year: str) -> None:
    assert settled().refused(judgement(instrument=instrument, year=year)).code == "recovery.nothing_to_judge"


def test_a_late_instrument_waits_for_the_judgement_of_its_year() -> None:
    life = settled()
    late = Late("PCD 914", YEAR, life.now)
    life.given = replace(life.given, late=(late,))
    owed = [each for each in recovery.duties(life.state, life.given) if each.name == "year.judged"]
    assert [(each.subject, each.owner, each.since) for each in owed] == [("PCD 914 for 2020/21", "chief-finance-officer", life.now)]
    life.does(judgement())
    assert not [each for each in recovery.duties(life.state, life.given) if each.name == "year.judged"]


def test_every_event_has_its_line_of_words() -> None:
    events: tuple[Event, ...] = (*overpaid().does(back(30)), *Recovery().does(lost(5)), *settled().does(judgement()))
    assert wires(events) == ["payment.repaid", "cap.forfeited", "year.judged"]
