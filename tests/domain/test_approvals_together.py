"""Specs of what meets in one paper: second thoughts and cover, conditions and later papers, stand-ins and limits, steps in one inbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.approval import Given, State, authorised, duties
from domain.authority import authorities
from domain.interests import DeclareInterest, WithdrawInterest
from domain.organisation import Cover, Holding, Organisation
from domain.paper import ItemOutcome, Proviso
from domain.pausing import PausePaper
from domain.provisos import AuthorityGiven
from domain.recusing import DelegateStep, RecuseStep
from domain.saying import DecideStep
from domain.urgency import ratified_by
from domain.withdrawing import WithdrawStep
from tests.domain.papers import (
    ANN,
    APPROVED,
    CAP,
    CLEO,
    DECIDES,
    DORA,
    EVE,
    FAY,
    FINANCE,
    HOLDINGS,
    LEGAL,
    LEO,
    MORNING,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    WHOLE,
    Wish,
    accepted,
    advised,
    after,
    answered,
    by,
    drafted,
    edition,
    item,
    known,
    organisation,
    refused,
    rule,
    state_of,
)
from tests.domain.test_superseding import LATER, YEAR, decided, paper
from tests.domain.test_urgency import GIVEN as URGENT
from tests.domain.test_urgency import urgently

BY_FAY: tuple[Wish, ...] = (*TO_ADVISERS, (advised("finance"), by(FAY)))
STOOD_IN = rule("all-offers", "decider", "decide", 2, limit_pence="any", stand_in=("chief-executive",))
TODAY = date(2021, 1, 6)
NEXT_DAY = datetime(2021, 1, 7, 9, tzinfo=UTC)


def taken_back(office: str = "finance") -> WithdrawStep:
    return WithdrawStep(paper="PCD 914", office=office, reason="I misread the sum")


def aside(office: str = "finance") -> RecuseStep:
    return RecuseStep(paper="PCD 914", office=office, reason="My brother works for the funder")


def passed_on(office: str, to: str) -> DelegateStep:
    return DelegateStep(paper="PCD 914", office=office, to=to, reason="Away from tomorrow")


def rested() -> PausePaper:
    return PausePaper(paper="PCD 914", until=date(2021, 2, 1), reason="The funder explains its letter")


def also(person: str, office: str, given: Given | None = None) -> Given:
    more = Holding(person=person, office=office, first=date(2016, 1, 1))
    return replace(given or known(), organisation=organisation(holdings=(*HOLDINGS, more)))


def covering(principal: str, office: str, acts: tuple[str, ...] = (), limit: int | None = None) -> Organisation:
    """Eve, who holds nothing herself, stands in for somebody."""
    first, last = date(2021, 1, 1), date(2021, 1, 15)
    return organisation(cover=(Cover(person=EVE, principal=principal, office=office, first=first, last=last, acts=acts, reason="away", limit_pence=limit),))


def under(condition: str, name: str = "PCD 914", items: str = "1") -> DecideStep:
    """An approval that counts once a condition is met."""
    provisos = [Proviso(condition=f"{condition}{each}", words="The payee signs", owner="finance", before=True) for each in items]
    outcomes = tuple(ItemOutcome(item=each, outcome="approved", conditions=(one,)) for each, one in zip(items, provisos, strict=True))
    return DecideStep(paper=name, office="decider", outcomes=outcomes)


# Second thoughts ------------------------------------------------------------------------------------------------------


def test_nobody_takes_back_what_another_said_by_naming_them_without_cover() -> None:
    refusal = refused(taken_back(), state_of(*BY_FAY), by(EVE, MORNING, FAY))
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("finance",))


@pytest.mark.parametrize("acts", [(), ("AdviseStep",), ("WithdrawStep",)])
def test_cover_of_the_step_takes_back_what_the_principal_said(acts: tuple[str, ...]) -> None:
    assert accepted(taken_back(), state_of(*BY_FAY), by(EVE, MORNING, FAY), replace(known(), organisation=covering(FAY, "finance", acts)))


def test_cover_of_another_act_takes_nothing_back() -> None:
    given = replace(known(), organisation=covering(FAY, "finance", ("CertifyReturn",)))
    assert refused(taken_back(), state_of(*BY_FAY), by(EVE, MORNING, FAY), given).code == "approval.not_your_step"


def test_a_drafter_takes_back_no_colleagues_advice() -> None:
    given = also(ANN, "finance")
    refusal = refused(taken_back(), state_of(*BY_FAY), by(ANN), given)
    assert (refusal.code, refusal.who_could) == ("duty.own_paper", ("finance",))
    assert accepted(taken_back(), state_of(*BY_FAY), by(EVE), also(EVE, "finance"))


@pytest.mark.parametrize(("body", "code"), [(aside(), "duty.recused"), (DeclareInterest(interest="i-1", nature="Trustee"), "duty.interest")])
def test_whoever_stands_aside_takes_back_no_colleagues_advice(body: RecuseStep | DeclareInterest, code: str) -> None:
    given = also(EVE, "finance")
    assert refused(taken_back(), state_of(*BY_FAY, (body, by(EVE)), given=given), by(EVE), given).code == code


def test_a_comment_that_a_decision_beside_it_has_bound_is_not_taken_back() -> None:
    given = known(rule("first", "decider", "decide", 1, limit_pence="any"), FINANCE, rule("then", "chief-executive", "decide", 2, limit_pence="any"))
    state = state_of(*BY_FAY, (APPROVED, by(DORA)), given=given)
    refusal = refused(taken_back(), state, by(FAY), given)
    assert refusal.code == "approval.too_late_to_withdraw"
    assert refusal.why == "PCD 914 has gone on since: decider has decided with it. What finance said of it stands."
    later = by(FAY, NEXT_DAY)
    unbound = state_of(*TO_ADVISERS, (APPROVED, by(DORA)), (advised("finance"), later), given=given)
    assert accepted(taken_back(), unbound, later, given)


# Standing aside -------------------------------------------------------------------------------------------------------


def test_whoever_stands_aside_does_not_let_the_paper_rest_but_as_its_drafter() -> None:
    state = state_of(*TO_ADVISERS, (aside(), by(FAY)))
    refusal = refused(rested(), state, by(FAY))
    assert (refusal.code, refusal.who_could) == ("duty.recused", ("chief-executive",))
    drafts = also(FAY, "grants-team")
    assert accepted(rested(), state, by(FAY), drafts)


def test_an_interest_is_withdrawn_in_person() -> None:
    state = state_of((DeclareInterest(interest="i-1", nature="Trustee"), by(FAY)))
    body = WithdrawInterest(interest="i-1", reason="I have left their board")
    assert refused(body, state, by(FAY, MORNING, DORA)).code == "approval.not_your_interest"
    assert accepted(body, state, by(FAY))


def test_a_step_that_was_passed_on_to_somebody_who_stands_aside_waits_on_its_own_office_again() -> None:
    given = replace(known(FINANCE, LEGAL, STOOD_IN), today=TODAY)
    state = state_of(*TO_DECIDER, (passed_on("decider", "chief-executive"), by(DORA)), given=given)
    assert [(each.owner, each.note) for each in duties(state, given)] == [("chief-executive", "passed on by decider")]
    left = after(state, accepted(aside("decider"), state, by(CLEO), given), by(CLEO))
    assert [(each.owner, each.note) for each in duties(left, given)] == [("decider", None)]


def test_an_office_that_has_two_steps_of_a_paper_owes_it_once() -> None:
    given = replace(known(FINANCE.model_copy(update={"stand_in": ("legal",), "ladder": "other"}), LEGAL, DECIDES), today=TODAY)
    state = state_of(*TO_ADVISERS, (passed_on("finance", "legal"), by(FAY)), given=given)
    assert [(each.name, each.owner, each.note) for each in duties(state, given)] == [("advise", "legal", "passed on by finance")]
    taken = after(state, accepted(advised("legal"), state, by(LEO), given), by(LEO))
    assert [(each.name, each.owner) for each in duties(taken, given)] == [("advise", "legal")]


# Conditions, and papers that stand in another's place -----------------------------------------------------------------


def test_a_later_paper_that_waits_for_a_condition_leaves_the_earlier_one_standing_until_it_counts() -> None:
    *wishes, (_, who) = paper("P2", {YEAR: 5}, supersedes="P1", day=LATER)
    state = decided(paper("P1", {YEAR: 9}), tuple(wishes), ((under("c", "P2"), who),))
    assert authorised(state) == {"variation-1": {YEAR: 9}}
    met = by(FAY, datetime(2021, 3, 1, 9, tzinfo=UTC))
    counts = after(state, [AuthorityGiven(paper="P2", item="1", conditions=("c1",))], met)
    assert authorised(counts) == {"variation-1": {YEAR: 5}}
    assert [each.until for each in authorities(counts.papers.values(), ()) if each.reference == "P1"] == [date(2021, 3, 1)]


def test_what_waits_for_a_condition_ratifies_no_decision_in_urgency_until_it_counts() -> None:
    state = state_of(*TO_ADVISERS, (urgently(), by(CLEO)), given=URGENT)
    items = (item(verb="ratify"), item("2", verb="ratify", instrument=None))
    said: list[Wish] = [(advised(office).model_copy(update={"paper": "R"}), by(who)) for office, who in (("finance", FAY), ("legal", LEO))]
    wishes: tuple[Wish, ...] = (
        (drafted(paper="R", items=items), by(ANN)),
        (SUBMITTED.model_copy(update={"paper": "R"}), by(ANN)),
        *said,
        (under("c", "R", "12"), by(DORA)),
    )
    for body, who in wishes:
        state = after(state, accepted(body, state, who, URGENT), who)
    urgent = state.papers["PCD 914"]
    assert ratified_by(urgent, state.papers.values(), ()) is None
    counts = after(state, [AuthorityGiven(paper="R", item=each, conditions=(f"c{each}",)) for each in "12"], by(FAY))
    assert ratified_by(urgent, counts.papers.values(), ()) == "R"


def both_supersede(*between: str) -> State:
    """Two papers were drafted to stand in the place of one, and one of them was decided so."""
    first, second = (paper(name, {YEAR: pence}, supersedes="P1", day=LATER) for name, pence in (("P2", 5), ("P3", 7)))
    taken = second[1:-1] if between else ()
    return decided(paper("P1", {YEAR: 9}), first[:1], second[:1], taken, first[1:])


def test_a_paper_is_not_submitted_in_the_place_of_one_that_another_has_superseded_since() -> None:
    refusal = refused(SUBMITTED.model_copy(update={"paper": "P3"}), both_supersede(), by(ANN, datetime(2021, 2, 1, 9, tzinfo=UTC)))
    assert (refusal.code, refusal.why) == ("approval.superseded_already", "P1 is superseded already, by P2: supersede that one.")


def test_nor_is_it_approved_while_it_may_be_declined() -> None:
    state, who = both_supersede("submitted"), by(DORA, datetime(2021, 2, 1, 9, tzinfo=UTC))
    assert refused(answered("approved").model_copy(update={"paper": "P3"}), state, who).code == "approval.superseded_already"
    assert accepted(answered("declined").model_copy(update={"paper": "P3"}), state, who)


def test_a_paper_does_not_end_with_a_condition_whose_id_another_one_took_meanwhile() -> None:
    given = known(rule("first", "decider", "decide", 1, limit_pence="any"), rule("then", "finance", "advise", 2))
    state = state_of((drafted(items=(item(),)), by(ANN)), (SUBMITTED, by(ANN)), (under("c"), by(DORA)), given=given)
    refusal = refused(advised("finance"), state, by(FAY), replace(given, conditions=frozenset({"c1"})))
    assert (refusal.code, refusal.who_could) == ("approval.condition_exists", ("decider",))
    assert accepted(advised("finance"), state, by(FAY), replace(given, conditions=frozenset({"c2"})))


# Limits and stand-ins -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("urgent", [False, True])
def test_the_limit_of_cover_is_held_against_what_the_grant_comes_to_on_the_day(urgent: bool) -> None:  # noqa: FBT001
    whose, office = (CLEO, "chief-executive") if urgent else (DORA, "decider")
    body = urgently() if urgent else APPROVED
    given = replace(URGENT, organisation=covering(whose, office, limit=WHOLE + CAP))
    state, who = state_of(*TO_DECIDER, given=given), by(EVE, MORNING, whose)
    assert accepted(body, state, who, given)
    grown = replace(given, cumulative_pence=10 * WHOLE)
    assert refused(body, state, who, grown).code == "authority.cover_limit"


def test_an_office_that_the_edition_in_force_lets_stand_in_no_more_does_not_decide() -> None:
    old = edition(FINANCE, LEGAL, STOOD_IN, last=TODAY)
    new = edition(FINANCE, LEGAL, DECIDES, name="2021", first=date(2021, 1, 7))
    given = known(editions=(old, new))
    state = state_of(*TO_DECIDER, (passed_on("decider", "chief-executive"), by(DORA)), given=given)
    assert accepted(APPROVED, state, by(CLEO), given)
    assert refused(APPROVED, state, by(CLEO, NEXT_DAY), given).code == "approval.route_changed"
    assert accepted(APPROVED, state, by(DORA, NEXT_DAY), given)


# Instants at the edge -------------------------------------------------------------------------------------------------


def test_a_pause_until_the_last_of_all_days_moves_the_due_date_beyond_the_table() -> None:
    state = state_of(*TO_ADVISERS, (rested().model_copy(update={"until": date.max}), by(FAY)))
    assert [(each.name, each.due) for each in duties(state, known()) if each.name == "advise"] == [("advise", None), ("advise", None)]
