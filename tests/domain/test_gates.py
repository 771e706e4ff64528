from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain.approval import content, duties, papers, whose_step
from domain.calendar import end_of
from domain.drafting import PaperEdited
from domain.editions import OfficeTold
from domain.evidence import canonical, digest
from domain.model import line_of
from domain.organisation import Holding
from domain.policy import Board
from domain.saying import PaperDecided, StepDecided, StepMinuted, StepSentBack
from tests.domain.papers import (
    ANN,
    APPROVED,
    BY_BOARD,
    CAPABILITY,
    DORA,
    EVE,
    FACTS,
    FAY,
    GATE,
    GATED,
    HOLDINGS,
    LEO,
    MEETINGS,
    RULES,
    SAM,
    SUBMITTED,
    TO_BOARD,
    Wish,
    accepted,
    advised,
    after,
    by,
    drafted,
    edited,
    edition,
    item,
    known,
    minuted,
    organisation,
    refused,
    rule,
    state_of,
)

MET = datetime(2021, 1, 12, 17, tzinfo=UTC)
LATER = datetime(2021, 2, 9, 17, tzinfo=UTC)
TO_GATES = FACTS.model_copy(update={"gates": ("board",)})
DEFERRED: Wish = (minuted("deferred", minute="Costs to be shown"), by(SAM, MET))
ADVISED: tuple[Wish, ...] = ((advised("finance"), by(FAY, MET)), (advised("legal"), by(LEO, MET)))
SUPPORTED: tuple[Wish, ...] = (*TO_BOARD, (minuted(), by(SAM, MET)), *ADVISED)
AS_SECRETARY = tuple(Holding(person=each, office="secretary", first=date(2016, 1, 1)) for each in (ANN, DORA))

# The route ------------------------------------------------------------------------------------------------------------


def test_a_paper_that_names_a_board_has_its_gate_in_the_route_beside_the_advice() -> None:
    (row,) = papers(state_of(*TO_BOARD, given=BY_BOARD))
    assert [(each.office, each.board, each.says, each.order) for each in row.steps] == [
        ("finance", None, "advise", 1),
        ("legal", None, "advise", 1),
        ("secretary", "board", "gate", 1),
        ("decider", None, "decide", 2),
    ]


def test_a_paper_that_names_no_board_passes_none() -> None:
    (row,) = papers(state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), given=BY_BOARD))
    assert [each.office for each in row.steps] == ["finance", "legal", "decider"]


def test_a_board_to_which_no_rule_sends_the_paper_stops_it() -> None:
    refusal = refused(SUBMITTED, state_of(TO_BOARD[0]), by(ANN), known(*RULES))
    assert (refusal.code, refusal.why) == ("scheme.no_gate", "The paper must go to board, but no rule of Scheme 2020 sends it there.")


def test_a_gate_of_a_board_that_does_not_exist_stops_every_paper_that_it_is_for() -> None:
    nowhere = replace(BY_BOARD, policy=BY_BOARD.policy.model_copy(update={"boards": ()}))
    assert refused(SUBMITTED, state_of(TO_BOARD[0]), by(ANN), nowhere).code == "scheme.unknown_board"


@pytest.mark.parametrize("other", [{"says": "gate"}, {"board": "board"}])
def test_a_gate_names_its_board_and_no_other_rule_does(other: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a gate names its board"):
        rule("r", "secretary", other.get("says", "advise"), 1, board=other.get("board"))


def test_two_boards_with_one_secretary_are_two_gates() -> None:
    second = rule("second-gate", "secretary", "gate", 1, board="second")
    boards = (*BY_BOARD.policy.boards, Board(board="second", title="Second", secretary="secretary", meetings=MEETINGS))
    both = known(*GATED, second)
    both = replace(both, policy=both.policy.model_copy(update={"boards": boards}))
    state = state_of(*TO_BOARD, given=both)
    assert [(each.name, each.subject) for each in duties(state, both) if each.owner == "secretary"] == [
        ("minute", "PCD 914 at board"),
        ("minute", "PCD 914 at second"),
    ]
    state = after(state, accepted(minuted(), state, by(SAM, MET), both), by(SAM, MET))
    assert [each.subject for each in duties(state, both) if each.owner == "secretary"] == ["PCD 914 at second"]


# The minute -----------------------------------------------------------------------------------------------------------


def test_support_takes_the_step_with_a_digest_over_what_the_board_saw_and_said() -> None:
    state = state_of(*TO_BOARD, given=BY_BOARD)
    (event,) = accepted(minuted(), state, by(SAM, MET), BY_BOARD)
    assert isinstance(event, StepMinuted)
    seen = drafted(facts=TO_GATES).digest()
    words = {"paper": "PCD 914", "board": "board", "met": "2021-01-12", "outcome": "supported", "minute": "The board supports it", "documents": []}
    assert (event.office, event.content, event.digest) == ("secretary", seen, digest(canonical({**words, "content": seen})))
    assert line_of(event) == "board met on 2021-01-12: PCD 914 supported: The board supports it"
    (row,) = papers(after(state, (event,), by(SAM, MET)))
    assert [(each.board, each.actor, each.at, each.comment) for each in row.steps if each.board] == [("board", SAM, MET, "The board supports it")]


def test_the_decision_waits_for_the_board_and_binds_its_minute() -> None:
    waiting = state_of(*TO_BOARD, *ADVISED, given=BY_BOARD)
    refusal = refused(APPROVED, waiting, by(DORA, MET), BY_BOARD)
    assert (refusal.code, refusal.who_could) == ("approval.not_yet", ("secretary",))
    decided, ended = accepted(APPROVED, state_of(*SUPPORTED, given=BY_BOARD), by(DORA, MET), BY_BOARD)
    assert isinstance(decided, StepDecided)
    assert isinstance(ended, PaperDecided)
    assert [(each.office, each.board) for each in decided.advice] == [("finance", None), ("legal", None), ("secretary", "board")]


def test_a_gate_after_the_decision_ends_the_paper() -> None:
    last = GATE.model_copy(update={"order": 3})
    given = known(*RULES, last)
    state = state_of(*TO_BOARD, *ADVISED, (APPROVED, by(DORA, MET)), given=given)
    assert isinstance(accepted(minuted(), state, by(SAM, MET), given)[-1], PaperDecided)


def test_a_deferral_leaves_the_step_open_for_the_next_meeting() -> None:
    state = state_of(*TO_BOARD, DEFERRED, given=BY_BOARD)
    assert [(each.due, each.name) for each in duties(state, BY_BOARD) if each.owner == "secretary"] == [(end_of(MEETINGS[2]), "minute")]
    (row,) = papers(state)
    assert [(each.board, each.met, each.outcome, each.actor) for each in row.minutes] == [("board", MEETINGS[1], "deferred", SAM)]
    state = after(state, accepted(minuted(met=MEETINGS[2]), state, by(SAM, LATER), BY_BOARD), by(SAM, LATER))
    assert [each.owner for each in duties(state, BY_BOARD)] == ["finance", "legal"]


def test_a_board_that_declines_sends_the_paper_back_and_voids_what_was_said() -> None:
    state = state_of(*TO_BOARD, ADVISED[0], given=BY_BOARD)
    minute, back = accepted(minuted("declined", minute="Not this year"), state, by(SAM, MET), BY_BOARD)
    assert isinstance(minute, StepMinuted)
    assert isinstance(back, StepSentBack)
    assert (back.office, back.says, back.reason, back.voided) == ("secretary", "gate", "Not this year", ("finance",))
    state = after(state, (minute, back), by(SAM, MET))
    assert [(each.name, each.owner) for each in duties(state, BY_BOARD)] == [("revise", "grants-team")]
    assert [each.outcome for each in papers(state)[0].minutes] == ["declined"]


def test_what_a_board_said_before_the_paper_was_sent_back_does_not_put_off_its_next_meeting() -> None:
    declined: Wish = (minuted("declined"), by(SAM, MET))
    again: Wish = (SUBMITTED, by(ANN, MET.replace(hour=18)))
    state = state_of(*TO_BOARD, declined, again, given=BY_BOARD)
    assert [each.due for each in duties(state, BY_BOARD) if each.owner == "secretary"] == [end_of(MEETINGS[1])]


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("met", [date(2021, 1, 13), MEETINGS[2]])
def test_no_minute_of_a_day_on_which_the_board_did_not_meet_or_has_not_met_yet(met: date) -> None:
    refusal = refused(minuted(met=met), state_of(*TO_BOARD, given=BY_BOARD), by(SAM, MET.replace(day=14)), BY_BOARD)
    assert (refusal.code, refusal.who_could) == ("approval.no_meeting", ("secretary",))
    assert refusal.why == f"board has no meeting on {met} that is over; its next is on 2021-02-09."


def test_a_board_that_met_before_the_paper_came_to_it_has_said_nothing_of_it() -> None:
    refusal = refused(minuted(met=MEETINGS[0]), state_of(*TO_BOARD, given=BY_BOARD), by(SAM, MET), BY_BOARD)
    assert (refusal.code, refusal.who_could) == ("approval.met_before", ("secretary",))


def test_one_meeting_has_one_minute() -> None:
    state = state_of(*TO_BOARD, DEFERRED, given=BY_BOARD)
    assert accepted(DEFERRED[0], state, by(SAM, LATER), BY_BOARD) == ()
    assert refused(minuted("supported"), state, by(SAM, LATER), BY_BOARD).code == "approval.minute_differs"


def test_a_board_supports_once() -> None:
    assert refused(minuted(), state_of(*SUPPORTED, given=BY_BOARD), by(SAM, MET), BY_BOARD).code == "approval.already_supported"


def test_only_its_secretary_minutes_a_board() -> None:
    state = state_of(*TO_BOARD, given=BY_BOARD)
    for person in (DORA, EVE):
        refusal = refused(minuted(), state, by(person, MET), BY_BOARD)
        assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("secretary",))
    unasked = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), given=BY_BOARD)
    assert refused(minuted(), unasked, by(SAM, MET), BY_BOARD).code == "approval.no_step"


def test_a_secretary_counts_as_an_adviser() -> None:
    given = replace(BY_BOARD, organisation=organisation(holdings=(*HOLDINGS, *AS_SECRETARY)))
    state = state_of(*TO_BOARD, *ADVISED, given=given)
    assert refused(minuted(), state, by(ANN, MET), given).code == "duty.own_paper"
    state = after(state, accepted(minuted(), state, by(DORA, MET), given), by(DORA, MET))
    refusal = refused(APPROVED, state, by(DORA, MET), given)
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("chief-executive",))


# Edits and what is bound ----------------------------------------------------------------------------------------------


def test_an_edit_of_substance_voids_the_support_of_the_board_and_one_of_wording_tells_it() -> None:
    state = state_of(*SUPPORTED, given=BY_BOARD)
    money: dict[str, Any] = {"items": (item(pence=9), CAPABILITY), "facts": TO_GATES}
    (voiding,) = accepted(edited(**money), state, by(ANN, MET), BY_BOARD)
    telling, *words = accepted(edited(title="Variation.", facts=TO_GATES), state, by(ANN, MET), BY_BOARD)
    assert isinstance(voiding, PaperEdited)
    assert isinstance(telling, PaperEdited)
    assert (voiding.voided, telling.told) == (("finance", "legal", "board"), ("finance", "legal", "board"))
    assert [each.to for each in words if isinstance(each, OfficeTold)] == ["finance", "legal", "secretary"]


def test_leaving_a_board_out_is_a_change_of_terms() -> None:
    (event,) = accepted(edited(), state_of(*SUPPORTED, given=BY_BOARD), by(ANN, MET), BY_BOARD)
    assert isinstance(event, PaperEdited)
    assert (event.changes, event.effect) == (("terms",), "void")


def test_a_route_that_has_lost_its_gate_is_not_decided_on() -> None:
    now = replace(BY_BOARD, policy=BY_BOARD.policy.model_copy(update={"schemes": (edition(*RULES, GATE.model_copy(update={"board": "other"})),)}))
    boards = (*now.policy.boards, Board(board="other", title="Other", secretary="secretary", meetings=()))
    now = replace(now, policy=now.policy.model_copy(update={"boards": boards}))
    refusal = refused(APPROVED, state_of(*SUPPORTED, given=BY_BOARD), by(DORA, MET), now)
    assert refusal.code == "scheme.no_gate"


def test_a_minute_binds_the_contents_and_is_the_secretarys() -> None:
    state = state_of(*TO_BOARD, given=BY_BOARD)
    assert (minuted().binds, content(minuted(), state)) == (True, drafted(facts=TO_GATES).digest())
    assert (whose_step(minuted(), state), whose_step(advised("finance"), state)) == (("secretary",), ("finance",))
    assert whose_step(minuted(), state_of()) == ()


def test_a_gate_is_due_at_the_boards_next_meeting_and_without_one_after_the_policys_days() -> None:
    state = state_of(*TO_BOARD, given=BY_BOARD)
    no_more = replace(BY_BOARD, policy=BY_BOARD.policy.model_copy(update={"boards": (BY_BOARD.policy.boards[0].model_copy(update={"meetings": ()}),)}))
    due = [[each.due for each in duties(state, given) if each.owner == "secretary"] for given in (BY_BOARD, no_more)]
    assert due == [[end_of(date(2021, 1, 12))], [end_of(date(2021, 2, 3))]]


def test_a_board_that_the_policy_has_dropped_is_still_to_be_minuted_and_its_duty_has_its_words() -> None:
    state = state_of(*TO_BOARD, given=BY_BOARD)
    dropped = replace(BY_BOARD, policy=BY_BOARD.policy.model_copy(update={"boards": ()}))
    assert [(each.name, each.subject) for each in duties(state, dropped) if each.owner == "secretary"] == [("minute", "PCD 914 at board")]
