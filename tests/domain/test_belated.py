"""Specs, over the whole grant, of decisions that came late, in urgency, or under conditions: what follows in the other rooms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.model import Event, Refusal
from domain.outlook import Outlook
from tests.domain.test_consequences import begun, does, open_exceptions, wires
from tests.domain.test_grant_properties import ORGANISATION, Body, Life

PENCE = 10_000_00
PAPER = "paper-1"
SPEAKS = {"finance": "p-finance", "legal": "p-legal", "chief-finance-officer": "p-chief-finance"}


def item(instrument: str = "offer-1", verb: str = "accept", pence: int = PENCE) -> Body:
    return {"item": "1", "verbs": [verb], "words": "It", "instrument": instrument, "pence": {"2020/21": pence}}


def offered(answer_by: str | None = None, pence: int = PENCE, name: str = "offer-1") -> Life:
    life = begun()
    lines = [{"line": "whole", "year": "2020/21", "pence": pence, "categories": ["pay"]}]
    does(life, "ReceiveOffer", offer=name, received="2020-06", answer_by=answer_by, lines=lines, returns={"months": 3, "due_days": 30})
    return life


def submitted(life: Life, paper: str = PAPER, *items: Body) -> Life:
    facts = {"retrospective": False, "novel": False, "restricted": False}
    does(life, "DraftPaper", paper=paper, title="An offer", items=list(items or (item(),)), documents=[], facts=facts)
    does(life, "SubmitPaper", paper=paper)
    return life


def advised(life: Life, paper: str = PAPER) -> Life:
    for office in [each.step.office for each in life.grant.approval.papers[paper].steps if each.step.says == "advise"]:
        does(life, "AdviseStep", SPEAKS[office], paper=paper, office=office, comment="Yes")
    return life


def decided(life: Life, paper: str = PAPER, kind: str = "DecideStep", office: str = "deputy-mayor", **outcome: Any) -> tuple[Event, ...]:
    asked: Body = {"item": "1", "outcome": "approved", **outcome}
    rest = {"reason": "The funder answers tonight"} if kind == "DecideUrgently" else {}
    return does(life, kind, f"p-{office}", paper=paper, office=office, outcomes=[asked], **rest)


def at(life: Life, day: str, hour: int = 9) -> Life:
    life.now = datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=UTC)
    does(life, "AdvanceClock", to=life.now.isoformat())
    return life


def why(life: Life, name: str) -> str:
    return life.grant.assurance.exceptions[name].raised.why


# Late -----------------------------------------------------------------------------------------------------------------


def test_a_decision_in_time_raises_nothing() -> None:
    life = at(advised(submitted(offered())), "2020-06-15", hour=22)
    assert wires(decided(life)) == ["step.decided", "paper.decided"]


def test_a_decision_after_its_due_day_is_taken_and_stands_as_an_exception() -> None:
    life = at(advised(submitted(offered())), "2020-06-18")
    assert wires(decided(life)) == ["step.decided", "paper.decided", "exception.raised"]
    raised = life.grant.assurance.exceptions["late-decision/paper-1/deputy-mayor"].raised
    assert (raised.what, raised.subject, raised.owner) == ("late decision", PAPER, "chief-finance-officer")
    assert raised.why == "deputy-mayor decided paper-1 3 days after 2020-06-15, when it was due."


def test_a_late_decision_names_the_money_that_was_at_risk_meanwhile() -> None:
    life = begun()
    does(life, "RecordExecution", agreement="base", executed="2020-06", lines=[{"line": "whole", "year": "2020/21", "pence": 100, "categories": ["pay"]}])
    window = {"first": "2020-10-01", "last": "2020-10-10"}
    lines = [{"line": "uplift", "year": "2020/21", "pence": 200_000_00, "categories": []}]
    does(life, "ReceiveVariation", variation="v1", agreement="base", made_available="2020-06", planned=window, lines=lines)
    at(advised(submitted(life, PAPER, item("v1", "approve", 200_000_00))), "2020-06-16")
    decided(life)
    assert why(life, "late-decision/paper-1/deputy-mayor") == (
        "deputy-mayor decided paper-1 1 day after 2020-06-15, when it was due; £300,000.00 was at risk meanwhile (straight line, indicative)."
    )


def test_a_pause_keeps_a_decision_from_being_late() -> None:
    life = advised(submitted(offered()))
    does(life, "PausePaper", "p-deputy-mayor", paper=PAPER, until="2020-06-05", reason="The funder explains")
    at(life, "2020-06-18")
    assert wires(decided(life)) == ["step.decided", "paper.decided"]


@pytest.mark.parametrize(("answer_by", "late"), [("2020-06-02", True), ("2020-06-03", False), (None, False)])
def test_a_paper_decided_after_the_funders_day_is_an_exception(answer_by: str | None, *, late: bool) -> None:
    life = at(advised(submitted(offered(answer_by))), "2020-06-03")
    events = decided(life)
    assert ("exception.raised" in wires(events)) == late
    if late:
        assert why(life, "late-decision/paper-1/offer-1") == "paper-1 was decided 1 day after 2020-06-02, by which the funder wanted to know of offer-1."


def test_a_late_decision_is_an_exception_however_long_the_ids_of_paper_and_instrument_are() -> None:
    offer, paper = "o" * 100, "p" * 100
    life = at(advised(submitted(offered("2020-06-02", name=offer), paper, item(offer)), paper), "2020-06-03")
    assert "exception.raised" in wires(decided(life, paper))
    (name,) = life.grant.assurance.exceptions
    assert (len(name), life.grant.assurance.exceptions[name].raised.subject) == (len("late-decision/") + 64, paper)


@pytest.mark.parametrize(("closes", "late"), [("2020-06-01T11:00:00Z", True), ("2020-06-03T11:00:00Z", False)])
def test_a_bid_approved_after_its_fund_has_closed_is_an_exception(closes: str, *, late: bool) -> None:
    life = begun()
    does(life, "RegisterOpportunity", opportunity="call", fund="A fund", closes=closes)
    lines = [{"line": "kit", "year": "2020/21", "pence": PENCE, "categories": []}]
    does(life, "DraftBid", bid="bid", opportunity="call", fund="A fund", lines=lines)
    decided(at(advised(submitted(life, PAPER, item("bid", "approve"))), "2020-06-03"))
    assert ("late-decision/paper-1/bid" in open_exceptions(life)) == late


def test_a_late_decision_keeps_no_grant_open() -> None:
    life = at(advised(submitted(offered())), "2020-06-18")
    decided(life)
    assert open_exceptions(life) == ["late-decision/paper-1/deputy-mayor"]
    does(life, "RecordOfferWithdrawn", offer="offer-1", dated="2020-06", reason="The fund was closed")
    does(life, "CloseGrant")
    assert life.grant.exit.closed
    closed = life.grant.assurance.exceptions["late-decision/paper-1/deputy-mayor"].closed
    assert closed
    assert closed.how == "it came late, and the grant is closed"


# In urgency -----------------------------------------------------------------------------------------------------------


def urgent() -> Life:
    life = submitted(offered())
    decided(life, kind="DecideUrgently", office="chief-executive")
    return life


def test_a_decision_in_urgency_is_an_exception_until_it_is_ratified() -> None:
    life = submitted(offered())
    assert wires(decided(life, kind="DecideUrgently", office="chief-executive")) == ["urgency.invoked", "paper.decided", "exception.raised"]
    raised = life.grant.assurance.exceptions["urgency/paper-1"].raised
    assert (raised.what, raised.subject, raised.owner) == ("decided in urgency", PAPER, "chief-finance-officer")
    assert raised.why.startswith("chief-executive decided paper-1 before finance, legal, deputy-mayor had their say, under the rule")
    assert raised.why.endswith("The funder answers tonight")
    assert life.grant.opening.opened
    assert "exception" in Outlook(life.grant, ORGANISATION).attention


def test_a_paper_that_ratifies_a_decision_in_urgency_closes_its_exception() -> None:
    life = urgent()
    advised(submitted(life, "paper-2", item(verb="ratify")), "paper-2")
    assert wires(decided(life, "paper-2"))[-1] == "exception.closed"
    closed = life.grant.assurance.exceptions["urgency/paper-1"].closed
    assert closed
    assert closed.how == "ratified by paper-2"


def test_a_paper_that_only_accepts_it_again_ratifies_nothing() -> None:
    life = urgent()
    advised(submitted(life, "paper-2"), "paper-2")
    decided(life, "paper-2")
    assert open_exceptions(life) == ["urgency/paper-1"]


def test_a_decision_in_urgency_is_closed_by_ratification_alone() -> None:
    life = urgent()
    does(life, "ExplainException", "p-chief-finance", exception="urgency/paper-1", explanation="It could not wait")
    refusal = life.ask("CloseException", "p-chief-executive", {"exception": "urgency/paper-1", "how": "All is well"})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "assurance.needs_ratification"


def test_what_was_declined_in_urgency_needs_no_ratification() -> None:
    life = submitted(offered())
    assert wires(decided(life, kind="DecideUrgently", office="chief-executive", outcome="declined")) == ["urgency.invoked", "paper.decided"]


def test_above_the_limit_of_its_rule_nobody_decides_in_urgency() -> None:
    life = submitted(offered(pence=250_000_01), PAPER, item(pence=250_000_01))
    body: Body = {"paper": PAPER, "office": "chief-executive", "outcomes": [{"item": "1", "outcome": "approved"}], "reason": "Now"}
    refusal = life.ask("DecideUrgently", "p-chief-executive", body)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.who_could) == ("approval.above_limit", ("deputy-mayor",))


# Under conditions -----------------------------------------------------------------------------------------------------


CONDITION: Body = {"condition": "c-1", "words": "Vetting of all staff", "owner": "mps-project", "due": "2020-09-30"}


def conditional(**rest: object) -> tuple[Life, tuple[Event, ...]]:
    life = advised(submitted(offered()))
    return life, decided(life, conditions=[{**CONDITION, **rest}])


def test_a_condition_of_an_approval_is_a_condition_of_the_grant_with_its_owner_and_day() -> None:
    life, events = conditional()
    assert wires(events) == ["step.decided", "paper.decided", "condition.added"]
    added = life.grant.assurance.conditions["c-1"].added
    assert added
    assert (added.of, added.words, added.owner, str(added.due), added.documents) == (PAPER, "Vetting of all staff", "mps-project", "2020-09-30", ())
    owed = [each.duty for each in Outlook(life.grant, ORGANISATION).waiting if each.duty.name == "condition.met"]
    assert [(each.subject, each.owner, each.ladder) for each in owed] == [("c-1", "mps-project", "plan")]


def test_what_is_declined_makes_no_condition() -> None:
    life = advised(submitted(offered()))
    assert wires(decided(life, outcome="declined")) == ["step.decided", "paper.decided"]


def accepts(life: Life) -> str:
    answer = life.ask("AcceptOffer", "p-chief-finance", {"offer": "offer-1"})
    return answer.code if isinstance(answer, Refusal) else "accepted"


def test_an_offer_is_accepted_under_a_condition_that_is_met_later() -> None:
    life, _ = conditional()
    assert accepts(life) == "accepted"


@pytest.mark.parametrize(
    ("kind", "actor", "body"),
    [
        ("MeetCondition", "p-grants", {"documents": [{"kind": "letter", "kept": "file"}]}),
        ("WaiveCondition", "p-deputy-mayor", {"reason": "Nobody joins from outside"}),
    ],
)
def test_an_offer_is_not_accepted_before_its_precondition_is_met_or_waived(kind: str, actor: str, body: Body) -> None:
    life, _ = conditional(before=True)
    assert accepts(life) == "agreement.not_authorised"
    events = does(life, kind, actor, condition="c-1", **body)
    assert "authority.given" in wires(events)
    assert accepts(life) == "accepted"


@pytest.mark.parametrize("on", ["2020-06-01", "2030-01-01"])
def test_a_precondition_that_is_said_to_be_met_gives_no_authority_before_its_day_or_without_anything_to_show(on: str) -> None:
    life = advised(submitted(offered()))
    decided(life, conditions=[{"condition": "c-1", "words": "The payee signs", "owner": "finance", "before": True}])
    assert "authority.given" not in wires(does(life, "MeetCondition", condition="c-1", on=on))
    shown = does(life, "MeetCondition", condition="c-1", on=on, documents=[{"kind": "letter", "kept": "file"}])
    assert ("authority.given" in wires(shown)) == (on == "2020-06-01")
    assert bool(life.grant.authorised) == (on == "2020-06-01")


def test_an_exception_is_ratified_once_the_precondition_of_its_ratification_is_met() -> None:
    life = begun()
    lines = [{"line": "whole", "year": "2020/21", "pence": PENCE, "categories": ["pay"]}]
    does(life, "RecordExecution", agreement="base", executed="2020-06", lines=lines)
    decided(advised(submitted(life, PAPER, item("base", "ratify"))), conditions=[{**CONDITION, "before": True}])
    assert open_exceptions(life) == ["late-approval/base"]
    events = does(life, "MeetCondition", condition="c-1", documents=[{"kind": "letter", "kept": "file"}])
    assert wires(events)[:3] == ["condition.met", "authority.given", "exception.closed"]
