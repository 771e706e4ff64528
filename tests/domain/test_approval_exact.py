"""What the room of approvals answers, word for word: a refusal names the paper, and who could act instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain import approval, editions
from domain.approval import Command, Given, State, evolve
from domain.calendar import end_of
from domain.model import CommandBody, Document
from domain.opening import AdvanceClock, ClockAdvanced
from domain.organisation import Cover
from domain.policy import Board
from domain.publishing import DecisionPublished, PublicationDeferred
from tests.domain.papers import (
    ANN,
    BEN,
    BY_BOARD,
    COVERED,
    DECIDED,
    DORA,
    EVE,
    FAY,
    GATE,
    MEETINGS,
    MORNING,
    SAM,
    SUBMITTED,
    TO_ADVISERS,
    TO_BOARD,
    TO_DECIDER,
    Wish,
    accepted,
    advised,
    after,
    by,
    drafted,
    edited,
    known,
    minuted,
    organisation,
    pasts,
    ratified,
    refused,
    sent_back,
    state_of,
)

DRAFT: tuple[Wish, ...] = ((drafted(), by(ANN)),)


@pytest.mark.parametrize(
    ("before", "body", "words"),
    [
        ((), SUBMITTED, "There is no paper PCD 914."),
        ((), ratified(paper="PCD 914", items=()), "There is no paper PCD 914."),
        (DRAFT, drafted(), "There is a paper PCD 914 already; it is edited, not drafted again."),
        (TO_ADVISERS, SUBMITTED, "Paper PCD 914 has been submitted already."),
        (TO_ADVISERS, ratified(paper="PCD 914", items=()), "PCD 914 is not decided here; a decision made elsewhere is recorded alone, with its items."),
        (DECIDED, SUBMITTED, "PCD 914 has been decided by decider; another decision needs another paper."),
        (DECIDED, edited(title="Another"), "PCD 914 has been decided by decider; another decision needs another paper."),
    ],
    ids=["no paper", "no paper to record", "drafted already", "submitted already", "not decided here", "submitted late", "edited late"],
)
def test_a_refusal_names_the_paper_and_what_stands_in_the_way(before: tuple[Wish, ...], body: Command, words: str) -> None:
    assert refused(body, state_of(*before), by(ANN)).why == words


def covering(*acts: str) -> Given:
    day = COVERED.date()
    cover = Cover(person=EVE, principal=BEN, office="grants-team", first=day, last=day, acts=acts, reason="away")
    return replace(known(), organisation=organisation(cover=(cover,)))


def test_cover_drafts_a_paper_where_drafting_was_given() -> None:
    accepted(drafted(), State(), by(EVE, COVERED, BEN), covering("DraftPaper"))


def test_cover_drafts_no_paper_where_only_another_act_was_given() -> None:
    assert refused(drafted(), State(), by(EVE, COVERED, BEN), covering("SubmitPaper")).code == "authority.no_cover"


def test_whoever_drafts_is_remembered_as_its_drafter() -> None:
    assert state_of(*DRAFT).papers["PCD 914"].people["draft"] == {ANN}


def test_whoever_submits_for_another_counts_as_a_drafter_too() -> None:
    paper = state_of(*DRAFT, (SUBMITTED, by(BEN))).papers["PCD 914"]
    assert (paper.people["draft"], paper.sent_back) == (frozenset({ANN, BEN}), False)


def test_an_adviser_who_would_submit_is_told_that_the_drafting_office_could() -> None:
    sent_back = state_of(*DRAFT).papers["PCD 914"]
    advised_before = replace(sent_back, people={**sent_back.people, "advise": frozenset({ANN})})
    refusal = refused(SUBMITTED, State(papers={"PCD 914": advised_before}), by(ANN))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("grants-team",))


def test_an_edit_that_voids_begins_the_wait_anew() -> None:
    later = MORNING + timedelta(days=1)
    paper = state_of(*TO_ADVISERS, (edited(changes=("money",), title="Another"), by(BEN, later))).papers["PCD 914"]
    assert (paper.steps, paper.since) == ((), later)


def test_a_paper_that_was_sent_back_and_comes_again_is_sent_back_no_more() -> None:
    again = state_of(*TO_DECIDER, (sent_back(), by(DORA)), (SUBMITTED, by(ANN))).papers["PCD 914"]
    assert again.sent_back is False


def test_what_happens_in_another_room_changes_no_paper() -> None:
    state = state_of(*DRAFT)
    assert evolve(state, *pasts((ClockAdvanced(to=MORNING),), by(ANN))) == state


DAY_20 = date(2020, 11, 20)
STATED: Wish = (ratified(decided="2020-11-20"), by(ANN))


@pytest.mark.parametrize(("day", "counts"), [(DAY_20 - timedelta(days=1), 0), (DAY_20, 1)])
def test_a_decision_counts_from_the_very_day_that_it_states(day: date, counts: int) -> None:
    state = state_of(STATED)
    assert (len(approval.authorised_by(state, day)), len(approval.decision_refs(state, day)), len(approval.decisions(state, day))) == (counts, counts, counts)


def test_a_decision_of_no_stated_day_may_have_counted_on_any() -> None:
    assert list(approval.authorised_by(state_of((ratified(decided=None), by(ANN))), DAY_20)) == ["agreement-1"]


def test_the_decisions_that_stood_on_a_day_are_given_as_they_were_stated() -> None:
    assert [each.decision for each in approval.decisions(state_of(STATED), DAY_20)] == ["PCD 867"]


def test_a_board_that_put_a_paper_off_minutes_it_at_the_very_next_meeting_on_its_own_ladder() -> None:
    met = datetime(2021, 1, 12, 18, tzinfo=UTC)
    given = replace(BY_BOARD, policy=BY_BOARD.policy.model_copy(update={"boards": (meeting(MEETINGS[1], MEETINGS[1] + timedelta(days=1), MEETINGS[2]),)}))
    state = state_of(*TO_BOARD, (minuted("deferred"), by(SAM, met)), given=given)
    (owed,) = (each for each in approval.duties(state, given) if each.name == "minute")
    assert (owed.due, owed.ladder) == (end_of(MEETINGS[1] + timedelta(days=1)), GATE.ladder)


def meeting(*days: date) -> Board:
    return Board(board="board", title="The board", secretary="secretary", meetings=days)


def test_without_money_at_risk_a_duty_states_none() -> None:
    assert [each.at_risk_per_day_pence for each in approval.duties(state_of(*DRAFT), known())] == [None]


PUBLIC = Document(kind="decision", kept="the publisher's site")
PUT_OFF = PublicationDeferred(paper="PCD 914", until=date(2021, 3, 1), reason="The funder announces first")


def test_what_was_put_off_and_then_published_keeps_why_it_was_put_off() -> None:
    state = after(state_of(*DECIDED), (PUT_OFF, DecisionPublished(paper="PCD 914", document=PUBLIC)), by(ANN))
    assert (state.publication("PCD 914").deferred, state.publication("PCD 914").document) == (PUT_OFF, PUBLIC)


def test_a_decision_that_stands_alone_publishes_no_paper() -> None:
    assert dict(state_of(STATED).publications) == {}


SEALED, OTHER = "1" * 64, "2" * 64


def test_the_first_edition_of_a_paper_is_bound_with_its_part_two() -> None:
    who = by(ANN).model_copy(update={"part_two": SEALED})
    (first,) = state_of((drafted(), who)).papers["PCD 914"].editions
    assert (first.part_two, first.content) == (SEALED, editions.bound(first.part_one, SEALED))


def test_a_submission_that_brings_no_part_two_keeps_the_one_of_the_draft() -> None:
    who = by(ANN).model_copy(update={"part_two": SEALED})
    state = state_of((drafted(), who))
    (submitted,) = accepted(SUBMITTED, state, by(ANN))
    older = submitted.model_copy(update={"part_two": None})
    assert [after(state, (each,), by(ANN)).papers["PCD 914"].part_two for each in (submitted, older)] == [SEALED, SEALED]


def test_an_edition_names_those_who_were_told_of_it() -> None:
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), (edited(title="Another title"), by(BEN)))
    assert state.papers["PCD 914"].editions[-1].told == ("finance",)


@pytest.mark.parametrize("body", [SUBMITTED, AdvanceClock(to=MORNING)], ids=["a paper that is not there", "no paper's command"])
def test_of_what_is_no_paper_nothing_more_is_said_than_that_it_changed(body: CommandBody) -> None:
    assert approval.since(body, State(), OTHER) == editions.UNCHANGED
