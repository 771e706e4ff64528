"""Specs of what follows in other rooms: a supplementary return, exceptions that a later fact or decision puts right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain import ledger
from domain.between import Between
from domain.figures import figures
from domain.model import Event, Refusal
from tests.domain.test_grant_properties import ORGANISATION, Body, Life

LINES = [{"line": "whole", "year": "2020/21", "pence": 1_000, "categories": ["pay"]}]
RETURNS = {"months": 3, "due_days": 30}
AGREEMENT: Body = {"agreement": "base", "executed": "2020-06", "lines": LINES, "returns": RETURNS}
LETTER: Body = {
    "variation": "late",
    "agreement": "base",
    "letter_date": "2021-04-05",
    "made_available": "2021-04-05",
    "planned": {"first": "2020-04-01", "last": "2021-03-31"},
    "lines": [{"line": "new", "year": "2020/21", "pence": 300, "categories": [], "heading": "New work"}],
}


def begun() -> Life:
    life = Life()
    parties = [{"role": "funder", "party": "A funder"}, {"role": "host", "party": "A host"}]
    does(life, "OpenGrant", organisation="mopac", title="Any", clock="rehearsal", parties=parties)
    return life


def does(life: Life, kind: str, actor: str = "p-grants", **body: Any) -> tuple[Event, ...]:
    answer = life.ask(kind, actor, body)
    assert not isinstance(answer, Refusal), answer
    return answer


def wires(events: tuple[Event, ...]) -> list[str]:
    return [each.wire for each in events]


def decided(life: Life, instrument: str, pence: int, verb: str = "approve", reference: str = "D") -> tuple[Event, ...]:
    items = [{"item": "1", "verbs": [verb], "words": "it", "instrument": instrument, "pence": {"2020/21": pence}, "outcome": "approved"}]
    dates: Body = {"decided": "2020-06", "date_signed": None, "date_published": None}
    return does(
        life, "RecordDecision", decision=f"{reference}-{instrument}", maker="M", document={"kind": "decision", "kept": "register"}, items=items, **dates
    )


def row(key: str, line: str, pence: int) -> Body:
    stated = {"incurred": "2020-05-31", "category": "pay", "entity": "A host", "basis": "actual", "ledger_ref": "GL", "kept": "GL"}
    return {"key": key, "line": line, "net_pence": pence, **stated}


def paid(life: Life, pence: int, kind: str = "RecordPayment", name: str = "payment") -> tuple[Event, ...]:
    body = {name: f"{name}-1", "period": "Q1 2020/21", "pence": pence, "on": "2021-05-20", "ledger_ref": "CB"}
    return does(life, kind, "p-mps-accountant", **body)


def settled(paying: int = 400) -> Life:
    """A year whose returns are made, agreed and paid; 400 pence of base cost, and 250 of cost that only the late letter pays for."""
    life = begun()
    decided(life, "base", 1_000)
    does(life, "RecordExecution", **AGREEMENT)
    does(life, "RecordCosts", rows=[row("base", "whole", 400), row("new", "new", 250)])
    life.now = datetime(2021, 5, 4, 9, tzinfo=UTC)
    does(life, "AdvanceClock", to=life.now.isoformat())
    for number in (1, 2, 3, 4):
        period = {"period": f"Q{number} 2020/21"}
        does(life, "PrepareReturn", "p-mps-accountant", **period)
        does(life, "CertifyReturn", "p-mps-chief-finance", **period)
        does(life, "SubmitReturn", "p-mps-accountant", **period)
        does(life, "RecordReturnAgreed", "p-mps-accountant", agreed_pence=400 if number == 1 else 0, dated="2021-05-04", **period)
    paid(life, paying)
    return life


def open_exceptions(life: Life) -> list[str]:
    return [each.raised.exception for each in life.grant.assurance.open_exceptions()]


def test_applying_a_late_variation_opens_the_supplementary_return_and_then_income_accrues() -> None:
    life = settled()
    decided(life, "late", 300)
    does(life, "ReceiveVariation", **LETTER)
    events = does(life, "ApplyVariation", "p-chief-finance", variation="late")
    assert wires(events) == ["variation.applied", "return.opened", "income.accrued"]
    opened, accrued = events[1].model_dump(mode="json"), events[2].model_dump(mode="json")
    assert (opened["period"], opened["supplements"], opened["closes"]) == ("S1 2020/21", "Q4 2020/21", "2021-05-04")
    assert (accrued["line"], accrued["accrued_pence"], accrued["booked"]) == ("new", 250, "2021-03-31")


def test_a_variation_that_only_takes_away_opens_nothing_and_cannot_take_what_is_gone() -> None:
    life = settled()
    decided(life, "late", 0)
    does(life, "ReceiveVariation", **{**LETTER, "lines": [{"line": "whole", "year": "2020/21", "pence": -1, "categories": []}]})
    answer = life.ask("ApplyVariation", "p-chief-finance", {"variation": "late"})
    assert isinstance(answer, Refusal)
    assert answer.code == "variation.below_claimed"


def test_what_was_paid_too_much_keeps_the_grant_from_being_reconciled_until_it_is_paid_back() -> None:
    life = settled(paying=450)
    assert open_exceptions(life) == ["payment/payment-1"]
    (year,) = Between(life.grant, ORGANISATION, {}).year_figures()
    assert (year.received_pence, year.debtor_pence) == (450, -50)
    refused = life.ask("Reconcile", "p-chief-finance", {})
    assert isinstance(refused, Refusal)
    assert "more was received £4.50 than was agreed £4.00" in refused.why
    assert wires(paid(life, 50, "RecordRepayment", "repayment")) == ["payment.repaid", "exception.closed"]
    assert wires(does(life, "Reconcile", "p-chief-finance")) == ["grant.reconciled"]


def test_a_payment_that_came_before_the_agreement_is_put_right_by_it() -> None:
    life = begun()
    decided(life, "base", 1_000)
    does(life, "RecordExecution", **AGREEMENT)
    does(life, "RecordCosts", rows=[row("base", "whole", 400)])
    life.now = datetime(2020, 7, 2, 9, tzinfo=UTC)
    period = {"period": "Q1 2020/21"}
    for kind, actor in (("PrepareReturn", "p-mps-accountant"), ("CertifyReturn", "p-mps-chief-finance"), ("SubmitReturn", "p-mps-accountant")):
        does(life, kind, actor, **period)
    paid(life, 400)
    assert open_exceptions(life) == ["payment/payment-1"]
    does(life, "RecordReturnAgreed", "p-mps-accountant", agreed_pence=400, dated="2020-08", **period)
    assert open_exceptions(life) == []


def test_a_letter_about_an_agreement_that_nobody_recorded_is_put_right_by_the_agreement() -> None:
    life = begun()
    assert wires(does(life, "ReceiveVariation", **LETTER)) == ["variation.received", "exception.raised"]
    decided(life, "base", 1_000)
    assert "exception.closed" in wires(does(life, "RecordExecution", **AGREEMENT))
    assert open_exceptions(life) == []


def test_an_offer_that_an_agreement_with_a_lower_cap_replaced_waits_for_no_approval_of_its_own() -> None:
    life = begun()
    does(life, "ReceiveOffer", offer="offer", received="2020-05", lines=[{**LINES[0], "pence": 2_000}])
    does(life, "RecordAcceptance", offer="offer", accepted="2020-05-20")
    does(life, "RecordExecution", **AGREEMENT, offer="offer")
    assert open_exceptions(life) == ["late-approval/offer", "late-approval/base"]
    events = decided(life, "base", 1_000, "ratify")
    assert wires(events)[1:] == ["exception.closed", "exception.closed"]
    assert {each.model_dump()["how"] for each in events[1:]} == {"ratified by D-base"}
    assert not [each for each in Between(life.grant, ORGANISATION, {}).to_exit().gates if "no approval" in each]


def test_a_total_that_disagrees_with_its_lines_is_a_discrepancy_with_an_owner() -> None:
    life = begun()
    decided(life, "base", 1_000)
    found = does(life, "RecordExecution", **AGREEMENT, stated_cap_pence=1_001)
    assert wires(found) == ["agreement.executed", "discrepancy.found"]
    assert found[1].model_dump()["owner"] == Between(life.grant, ORGANISATION, {}).discrepancy_owner


def test_the_figures_of_a_day_know_what_came_in_went_back_and_was_fixed_by_then() -> None:
    life = settled(paying=450)
    body = {"repayment": "repayment-1", "period": "Q1 2020/21", "pence": 50, "on": "2021-06-01", "ledger_ref": "CB"}
    does(life, "RecordRepayment", "p-mps-accountant", **body)
    before, after = (figures(life.grant, date.fromisoformat(day), date.fromisoformat(day)) for day in ("2021-05-31", "2021-06-01"))
    assert (before.received_pence, before.debtor_pence, before.outturn_pence) == (450, -50, 400)
    assert (after.received_pence, after.debtor_pence, after.lapsed_pence) == (400, 0, 600)
    decided(life, "late", 300)
    does(life, "ReceiveVariation", **LETTER)
    does(life, "ApplyVariation", "p-chief-finance", variation="late")
    life.now = datetime(2021, 8, 2, 9, tzinfo=UTC)
    for kind, actor in (("PrepareReturn", "p-mps-accountant"), ("CertifyReturn", "p-mps-chief-finance"), ("SubmitReturn", "p-mps-accountant")):
        does(life, kind, actor, period="S1 2020/21")
    does(life, "RecordReturnAgreed", "p-mps-accountant", period="S1 2020/21", agreed_pence=250, dated="2021-08-20")
    does(life, "RecordPayment", "p-mps-accountant", payment="s1", period="S1 2020/21", pence=250, on="2021-08-30", ledger_ref="CB")
    first, last = (figures(life.grant, date.fromisoformat(day), date.fromisoformat(day)) for day in ("2021-08-29", "2021-08-30"))
    assert (first.outturn_pence, last.outturn_pence) == (400, 650)
    assert last.cap_pence == 1_300 == last.agreed_pence + last.lapsed_pence + last.forfeited_pence


def test_a_forfeit_and_a_repayment_are_posted() -> None:
    life = settled(paying=450)
    paid(life, 50, "RecordRepayment", "repayment")
    balance = ledger.balances(life.postings)
    assert (balance["assets:bank"], balance["assets:grants-receivable:agreed"]) == (400, 0)
    other = begun()
    decided(other, "base", 1_000)
    does(other, "RecordExecution", **AGREEMENT)
    does(other, "RecordForfeit", forfeit="f", year="2020/21", pence=70, why="Too late.", dated="2020-11")
    assert ledger.balances(other.postings) == {"memo:award": 1_000, "memo:forfeited": -70, "memo:unclaimed": -930}
