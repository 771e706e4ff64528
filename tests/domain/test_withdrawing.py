"""Specs of second thoughts: what an office takes back, until when, and what stays of it."""

from __future__ import annotations

import pytest

from domain.approval import State, duties, papers
from domain.model import line_of
from domain.saying import PaperDecided
from domain.withdrawing import StepWithdrawn, WithdrawStep
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    BY_BOARD,
    CLEO,
    COVERED,
    DECIDED,
    DORA,
    EVE,
    FAY,
    LEO,
    MORNING,
    SAM,
    SECOND,
    TO_ADVISERS,
    TO_BOARD,
    TO_DECIDER,
    TWO_DECIDE,
    Wish,
    accepted,
    advised,
    answered,
    by,
    drafted,
    known,
    minuted,
    refused,
    sent_back,
    state_of,
)

BY_FAY: tuple[Wish, ...] = (*TO_ADVISERS, (advised("finance"), by(FAY)))
HALF_DECIDED: tuple[Wish, ...] = (*TO_DECIDER, (APPROVED, by(DORA)))


def taken_back(office: str = "finance", reason: str = "I misread the sum") -> WithdrawStep:
    return WithdrawStep(paper="PCD 914", office=office, reason=reason)


def test_whoever_took_a_step_takes_it_back() -> None:
    state = state_of(*BY_FAY)
    (event,) = accepted(taken_back(), state, by(FAY))
    content = state.papers["PCD 914"].contents.digest()
    assert event == StepWithdrawn(paper="PCD 914", office="finance", says="advise", content=content, reason="I misread the sum")
    assert line_of(event) == "finance withdrew what it said of PCD 914: I misread the sum"


def test_a_step_that_was_taken_back_is_open_again_and_those_after_it_wait() -> None:
    state = state_of(*TO_DECIDER, (taken_back(), by(FAY)))
    assert [(each.name, each.owner) for each in duties(state, known())] == [("advise", "finance")]
    assert refused(APPROVED, state, by(DORA)).code == "approval.not_yet"
    assert accepted(advised("finance", "On reflection, no"), state, by(FAY))


def test_what_was_taken_back_stays_in_the_papers_history() -> None:
    (row,) = papers(state_of(*BY_FAY, (taken_back(), by(FAY))))
    (void,) = row.withdrawn
    assert (void.office, void.says, void.actor, void.comment, void.outcomes) == ("finance", "advise", FAY, "No reason against", ())
    assert (void.withdrawn_by, void.reason, void.at, void.withdrawn) == (FAY, "I misread the sum", MORNING, MORNING)
    assert next((each.office, each.actor, each.comment) for each in row.steps) == ("finance", None, None)


def test_a_decision_that_was_taken_back_is_shown_with_its_outcomes_and_counts_no_more() -> None:
    state = state_of(*HALF_DECIDED, (taken_back("decider"), by(DORA)), given=TWO_DECIDE)
    assert papers(state)[0].withdrawn[0].outcomes == ("item 1 approved", "item 2 approved")
    assert state.papers["PCD 914"].outcomes() == ()


def test_whoever_took_a_step_back_stays_bound_by_the_separation_of_duties() -> None:
    state = state_of(*BY_FAY, (taken_back(), by(FAY)), (advised("finance"), by(FAY)), (advised("legal"), by(LEO)))
    refusal = refused(APPROVED, state, by(FAY, COVERED, DORA))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("decider",))


def test_a_step_is_taken_back_while_one_beside_it_was_taken() -> None:
    assert accepted(taken_back(), state_of(*TO_DECIDER), by(FAY))


def test_a_step_is_not_taken_back_once_a_later_one_was_taken() -> None:
    refusal = refused(taken_back(), state_of(*HALF_DECIDED, given=TWO_DECIDE), by(FAY), TWO_DECIDE)
    assert (refusal.code, refusal.who_could) == ("approval.too_late_to_withdraw", ())
    assert refusal.why == "PCD 914 has gone on since: decider has taken the step after it. What finance said of it stands."


@pytest.mark.parametrize("office", ["finance", "decider"])
def test_nothing_is_taken_back_of_a_paper_that_is_decided(office: str) -> None:
    refusal = refused(taken_back(office), state_of(*DECIDED), by(FAY if office == "finance" else DORA))
    assert refusal.code == "approval.too_late_to_withdraw"
    assert refusal.why == f"PCD 914 has gone on since: it is decided. What {office} said of it stands."


def test_the_last_of_two_deciders_ends_the_paper_with_the_later_word_of_the_first() -> None:
    again = answered("approved_lower", "approved", pence=1_000)
    state = state_of(*HALF_DECIDED, (taken_back("decider"), by(DORA)), (again, by(DORA)), given=TWO_DECIDE)
    *_, ended = accepted(answered("approved", "approved", office=SECOND.office), state, by(CLEO), TWO_DECIDE)
    assert isinstance(ended, PaperDecided)
    assert ended.items[0].pence == {"2020/21": 1_000}


def test_the_principal_takes_back_what_their_cover_said_and_so_does_the_cover() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(CLEO, COVERED, DORA)), given=known(SECOND, *TWO_DECIDE.policy.schemes[0].rules[:3]))
    assert accepted(taken_back("decider"), state, by(DORA, COVERED))
    assert accepted(taken_back("decider"), state, by(CLEO, COVERED))


def test_another_holder_of_the_office_takes_back_what_it_said() -> None:
    assert accepted(taken_back(), state_of(*BY_FAY), by(FAY, COVERED))


@pytest.mark.parametrize("person", [LEO, EVE, ANN])
def test_nobody_else_takes_back_what_an_office_said(person: str) -> None:
    refusal = refused(taken_back(), state_of(*BY_FAY), by(person))
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("finance",))
    assert refusal.why == f"{person} does not hold finance, whose step it is to advise the paper PCD 914."


def test_there_is_nothing_to_take_back_where_nothing_was_said() -> None:
    refusal = refused(taken_back("legal"), state_of(*BY_FAY), by(LEO))
    assert (refusal.code, refusal.who_could) == ("approval.not_taken", ("legal",))
    assert refusal.why == "legal has said nothing of PCD 914 that it could withdraw."


@pytest.mark.parametrize("wishes", [((drafted(), by(ANN)),), (*BY_FAY, (sent_back("legal"), by(LEO)))])
def test_there_is_nothing_to_take_back_of_a_paper_that_is_with_its_drafter(wishes: tuple[Wish, ...]) -> None:
    refusal = refused(taken_back(), state_of(*wishes), by(FAY))
    assert (refusal.code, refusal.who_could) == ("approval.not_submitted", ("grants-team",))


def test_a_route_without_the_office_has_nothing_of_it_to_take_back() -> None:
    refusal = refused(taken_back("grants-team"), state_of(*BY_FAY), by(BEN))
    assert (refusal.code, refusal.why) == ("approval.no_step", "The route of PCD 914 has no step in which grants-team could withdraw what it said.")


def test_what_a_board_said_is_minuted_and_not_taken_back() -> None:
    state: State = state_of(*TO_BOARD, (minuted(), by(SAM, COVERED)), given=BY_BOARD)
    assert refused(taken_back("board"), state, by(SAM, COVERED), BY_BOARD).code == "approval.no_step"
