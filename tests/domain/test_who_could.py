"""Whom a refusal names for what somebody may not do themselves: an office in which somebody else can, now, or who can appoint them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.approval import Given
from domain.organisation import Absence, Cover, Holding
from domain.recusing import DelegateStep, RecuseStep
from domain.urgency import DecideUrgently
from tests.domain.papers import (
    ANN,
    APPROVED,
    CLEO,
    COVERED,
    DORA,
    EVE,
    FAY,
    FINANCE,
    HOLDINGS,
    LEGAL,
    SUBMITTED,
    TO_DECIDER,
    Wish,
    accepted,
    answered,
    by,
    drafted,
    edited,
    known,
    organisation,
    refused,
    rule,
    state_of,
)

DAY = COVERED.date()
ADOPTER, DECIDER = ("chief-executive",), ("decider",)
STANDS_IN = known(FINANCE, LEGAL, rule("all-offers", "decider", "decide", 2, limit_pence="any", stand_in=("finance",)))
PASSED_ON = DelegateStep(paper="PCD 914", office="decider", to="finance", reason="Away")


def covering(person: str, principal: str, *acts: str) -> Cover:
    return Cover(person=person, principal=principal, office="decider", first=DAY, last=DAY, acts=acts, reason="away")


def house(
    *deciders: str, given: Given | None = None, cover: tuple[Cover, ...] = (), away: tuple[str, ...] = (), also: tuple[tuple[str, str], ...] = ()
) -> Given:
    """The house in which these decide; ``also``: who holds which further office."""
    others = tuple(each for each in HOLDINGS if each.office != "decider")
    more = [*((each, "decider") for each in deciders), *also]
    found = organisation(holdings=(*others, *(Holding(person=person, office=office, first=date(2016, 1, 1)) for person, office in more)), cover=cover)
    assert found.charter
    absences = tuple(Absence(person=each, first=DAY, last=DAY, reason="leave") for each in away)
    return replace(given or known(), organisation=found.model_copy(update={"charter": found.charter.model_copy(update={"absences": absences})}))


def aside(person: str) -> Wish:
    return RecuseStep(paper="PCD 914", office="decider", reason="A friend"), by(person, COVERED)


@pytest.mark.parametrize(
    ("given", "before", "could"),
    [
        (house(ANN, DORA), (), DECIDER),
        (house(ANN), (), ADOPTER),
        (house(ANN, cover=(covering(EVE, ANN),)), (), ADOPTER),
        (house(ANN, CLEO, cover=(covering(EVE, CLEO),), away=(CLEO,)), (), DECIDER),
        (house(ANN, FAY, cover=(covering(EVE, FAY),)), (), ADOPTER),
        (house(ANN, DORA, away=(DORA,)), (), DECIDER),
        (house(ANN, DORA), (aside(DORA),), ADOPTER),
        (house(DORA, given=STANDS_IN, away=(DORA,), also=((EVE, "finance"),)), (), ("finance",)),
        (house(given=STANDS_IN, also=((EVE, "finance"),)), (), ("finance",)),
        (house(given=STANDS_IN), (), ADOPTER),
        (house(DORA, given=STANDS_IN, also=((EVE, "finance"),)), (), DECIDER),
        (house(ANN, DORA, given=STANDS_IN, also=((EVE, "finance"),)), ((PASSED_ON, by(DORA, COVERED)), aside(DORA)), ("finance",)),
    ],
    ids=[
        "a second holder",
        "nobody else",
        "cover of whoever drafted it is barred with them",
        "cover of another holder, who is away",
        "cover of whoever advised on it is barred with them",
        "a second holder who is away may act all the same",
        "the second holder stands aside",
        "a stand-in while the holder is away",
        "a stand-in of a vacant office",
        "a stand-in who advised on it is barred",
        "no stand-in while a holder is there",
        "the office to which the step was passed on",
    ],
)
def test_the_drafter_who_would_decide_is_told_who_can(given: Given, before: tuple[Wish, ...], could: tuple[str, ...]) -> None:
    state = state_of(*TO_DECIDER, *before, given=replace(given, organisation=house(ANN, DORA, also=((EVE, "finance"),)).organisation) if before else given)
    refusal = refused(APPROVED, state, by(ANN, COVERED), given)
    assert (refusal.code, refusal.who_could) == ("duty.own_paper", could)
    assert ("Ask chief-executive to have another holder" in refusal.remedy) == (could == ADOPTER)


def test_where_nobody_is_left_and_nobody_can_appoint_anybody_it_is_said() -> None:
    given = house(ANN)
    charter = given.organisation.charter
    assert charter
    frozen = charter.model_copy(update={"policy": charter.policy.model_copy(update={"schemes": ()})})
    given = replace(given, organisation=given.organisation.model_copy(update={"charter": frozen}))
    refusal = refused(APPROVED, state_of(*TO_DECIDER, given=given), by(ANN, COVERED), given)
    assert (refusal.who_could, refusal.remedy) == ((), "Nobody is left for it in decider.")


def test_cover_for_other_acts_alone_counts_for_nothing() -> None:
    given = house(ANN, CLEO, cover=(covering(EVE, CLEO, "SendBackStep"),), away=(CLEO,))
    absent_too = house(ANN, cover=(covering(EVE, DORA, "DecideStep"),))
    assert [refused(APPROVED, state_of(*TO_DECIDER, given=each), by(ANN, COVERED), each).who_could for each in (given, absent_too)] == [DECIDER, ADOPTER]


def test_whoever_decided_another_step_is_not_sent_to_a_colleague_who_drafted_it() -> None:
    rules = (rule("first", "chief-executive", "decide", 1, limit_pence="any"), rule("then", "decider", "decide", 2, limit_pence="any"))
    given = house(CLEO, ANN, given=known(*rules))
    first = answered("approved", "approved", office="chief-executive")
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), (first, by(CLEO)), given=given)
    refusals = [refused(APPROVED, state, by(person, COVERED), given) for person in (CLEO, ANN)]
    assert [(each.code, each.who_could) for each in refusals] == [("duty.own_other_decision", ADOPTER), ("duty.own_paper", ADOPTER)]


def test_an_adviser_who_would_edit_is_sent_to_those_who_edit_and_had_no_other_part() -> None:
    refusal = refused(edited("shorter", title="Other"), state_of(*TO_DECIDER), by(FAY))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("grants-team",))


def test_in_urgency_the_office_that_was_asked_is_named_if_somebody_else_sits_in_it() -> None:
    asked = DecideUrgently(paper="PCD 914", office="decider", outcomes=APPROVED.outcomes, reason="At once")
    found = [refused(asked, state_of(*TO_DECIDER, given=each), by(ANN, COVERED), each).who_could for each in (house(ANN, DORA), house(ANN))]
    assert found == [DECIDER, ADOPTER]


def test_whoever_is_named_can() -> None:
    given = house(DORA, given=STANDS_IN, away=(DORA,), also=((EVE, "finance"),))
    state = state_of(*TO_DECIDER, given=given)
    assert refused(APPROVED, state, by(ANN, COVERED), given).who_could == ("finance",)
    assert accepted(APPROVED, state, by(EVE, COVERED), given)
