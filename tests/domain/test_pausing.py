"""Specs of a paper that rests: who lets it, until when, and what that does to its dates and reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain import chasing
from domain.approval import DUTIES, State, duties, moment, papers
from domain.calendar import Closures, Window, end_of
from domain.model import SYSTEM, Duty, line_of
from domain.pausing import PaperPaused, PaperResumed, PausePaper, ResumePaper
from domain.policy import SUPERIOR, Ladder, Rung
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    DECIDED,
    DORA,
    EVE,
    FAY,
    LEO,
    MORNING,
    SAM,
    TO_ADVISERS,
    TO_DECIDER,
    Wish,
    accepted,
    advised,
    by,
    drafted,
    known,
    refused,
    state_of,
)

"""The paper comes to its advisers on Wednesday 6 January 2021 at nine; they have three working days, so until Monday the 11th."""

THURSDAY = datetime(2021, 1, 7, 14, tzinfo=UTC)
FRIDAY_WEEK = date(2021, 1, 15)
CLOSURES = known().policy.closures


def paused(until: date = FRIDAY_WEEK, reason: str = "The funder explains its letter") -> PausePaper:
    return PausePaper(paper="PCD 914", until=until, reason=reason)


def resumed(reason: str = "It has") -> ResumePaper:
    return ResumePaper(paper="PCD 914", reason=reason)


PAUSED: tuple[Wish, ...] = (*TO_ADVISERS, (paused(), by(FAY, THURSDAY)))


def owed(state: State) -> list[Duty]:
    return list(duties(state, known()))


# Who lets a paper rest ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [FAY, LEO, ANN, BEN])
def test_whoever_has_an_open_step_or_drafts_lets_a_paper_rest(person: str) -> None:
    (event,) = accepted(paused(), state_of(*TO_ADVISERS), by(person))
    assert event == PaperPaused(paper="PCD 914", until=FRIDAY_WEEK, reason="The funder explains its letter")
    assert line_of(event) == "Paper PCD 914 paused until 2021-01-15: The funder explains its letter"


@pytest.mark.parametrize("person", [DORA, EVE, SAM])
def test_nobody_else_lets_a_paper_rest_or_go_on(person: str) -> None:
    for body in (paused(), resumed()):
        refusal = refused(body, state_of(*PAUSED), by(person, THURSDAY))
        assert (refusal.code, refusal.who_could) == ("approval.not_your_pause", ("grants-team", "finance", "legal"))
        assert refusal.why == f"{person} neither drafts PCD 914 nor has a step of it open: that is grants-team, finance, legal."


def test_an_office_that_has_had_its_say_lets_the_paper_rest_no_more() -> None:
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)))
    refusal = refused(paused(), state, by(FAY))
    assert (refusal.code, refusal.who_could) == ("approval.not_your_pause", ("grants-team", "legal"))


@pytest.mark.parametrize(("until", "code"), [(date(2021, 1, 6), "approval.pause_ends_too_soon"), (date(2021, 1, 7), None)])
def test_a_pause_ends_on_the_day_of_its_beginning_at_the_earliest(until: date, code: str | None) -> None:
    if code is None:
        assert accepted(paused(until), state_of(*TO_ADVISERS), by(FAY, THURSDAY))
    else:
        refusal = refused(paused(until), state_of(*TO_ADVISERS), by(FAY, THURSDAY))
        assert (refusal.code, refusal.why) == (code, "A pause of PCD 914 until 2021-01-06 would be over already.")


@pytest.mark.parametrize("body", [paused(), resumed()])
def test_neither_a_draft_nor_a_decided_paper_rests(body: PausePaper | ResumePaper) -> None:
    refusal = refused(body, state_of((drafted(), by(ANN))), by(ANN))
    assert (refusal.code, refusal.who_could) == ("approval.not_submitted", ("grants-team",))
    assert refused(body, state_of(*DECIDED), by(ANN)).code == "approval.already_decided"


def test_the_same_pause_again_changes_nothing_and_another_takes_its_place() -> None:
    state = state_of(*PAUSED)
    assert accepted(paused(), state, by(LEO, THURSDAY)) == ()
    later = state_of(*PAUSED, (paused(date(2021, 1, 22), "It needs another week"), by(LEO, datetime(2021, 1, 13, 9, tzinfo=UTC))))
    (row,) = papers(later)
    assert [(each.until, each.ended, each.actor) for each in row.pauses] == [
        (FRIDAY_WEEK, datetime(2021, 1, 13, 9, tzinfo=UTC), FAY),
        (date(2021, 1, 22), None, LEO),
    ]


def test_a_pause_with_another_reason_is_another_pause() -> None:
    assert accepted(paused(reason="The board asks for it"), state_of(*PAUSED), by(LEO, THURSDAY))


def test_a_paper_goes_on_before_its_time() -> None:
    (event,) = accepted(resumed(), state_of(*PAUSED), by(ANN, THURSDAY))
    assert event == PaperResumed(paper="PCD 914", reason="It has")


def test_a_paper_that_does_not_rest_does_not_go_on() -> None:
    refusal = refused(resumed(), state_of(*TO_ADVISERS), by(FAY))
    assert (refusal.code, refusal.why) == ("approval.not_paused", "PCD 914 is not paused.")
    assert refused(resumed(), state_of(*PAUSED, (resumed(), by(FAY, THURSDAY))), by(FAY, THURSDAY)).code == "approval.not_paused"


def test_a_paper_that_rests_can_be_advised_on_and_decided() -> None:
    state = state_of(*TO_DECIDER, (paused(), by(DORA, THURSDAY)))
    assert accepted(APPROVED, state, by(DORA, THURSDAY))


# What a pause does to dates -------------------------------------------------------------------------------------------


def test_due_dates_move_on_by_the_working_days_of_the_pause() -> None:
    before, after = owed(state_of(*TO_ADVISERS))[0], owed(state_of(*PAUSED))[0]
    assert (before.due, after.due) == (end_of(date(2021, 1, 11)), end_of(date(2021, 1, 20)))


def test_a_paper_that_goes_on_early_wins_back_the_rest_of_its_pause() -> None:
    state = state_of(*PAUSED, (resumed(), by(FAY, datetime(2021, 1, 11, 9, tzinfo=UTC))))
    assert owed(state)[0].due == end_of(date(2021, 1, 13))


def test_a_pause_of_an_hour_moves_nothing() -> None:
    state = state_of(*PAUSED, (resumed(), by(FAY, datetime(2021, 1, 7, 15, tzinfo=UTC))))
    assert owed(state)[0].due == end_of(date(2021, 1, 11))


def test_what_was_overdue_before_the_pause_stays_overdue() -> None:
    state = state_of(*TO_ADVISERS, (paused(date(2021, 1, 20)), by(FAY, datetime(2021, 1, 12, 9, tzinfo=UTC))))
    assert owed(state)[0].due == end_of(date(2021, 1, 11))


def test_a_step_that_opens_in_a_pause_rests_from_its_own_beginning() -> None:
    said = datetime(2021, 1, 13, 9, tzinfo=UTC)
    state = state_of(*PAUSED, (advised("finance"), by(FAY, said)), (advised("legal"), by(LEO, said)))
    (decides, _) = owed(state)
    assert (decides.name, decides.due) == ("decide", end_of(date(2021, 2, 1)))


def test_a_pause_that_was_over_before_a_step_opened_moves_nothing_of_it() -> None:
    said = datetime(2021, 1, 18, 9, tzinfo=UTC)
    over = (resumed(), by(FAY, datetime(2021, 1, 11, 9, tzinfo=UTC)))
    state = state_of(*PAUSED, over, (advised("finance"), by(FAY, said)), (advised("legal"), by(LEO, said)))
    assert [(each.name, each.due) for each in owed(state)] == [("decide", end_of(date(2021, 2, 1)))]


def test_beyond_the_table_of_working_days_nothing_is_due() -> None:
    short = Closures(source=CLOSURES.source, window=Window(first=date(2016, 1, 1), last=date(2021, 1, 14)), days=CLOSURES.days)
    given = replace(known(), policy=known().policy.model_copy(update={"closures": short}))
    assert next(each.due for each in duties(state_of(*PAUSED), given)) is None


# Who is told ----------------------------------------------------------------------------------------------------------


LADDER = Ladder(
    ladder="steps",
    rungs=(
        Rung(rung="told", counted_from="since", working_days=0),
        Rung(rung="reminded", counted_from="since", working_days=2),
        Rung(rung="ahead", counted_from="due", working_days=-4),
        Rung(rung="escalated", counted_from="due", working_days=1, to=SUPERIOR),
    ),
)


def rungs(duty: Duty, closures: Closures = CLOSURES) -> list[tuple[str, str]]:
    return [(step.rung.rung, f"{step.at:%m-%d %H}") for step in chasing.steps(duty, LADDER, closures, chasing.State())]


def test_nobody_is_reminded_while_a_paper_rests() -> None:
    before, after = owed(state_of(*TO_ADVISERS))[0], owed(state_of(*PAUSED))[0]
    assert rungs(before) == [("told", "01-06 09"), ("reminded", "01-08 09"), ("escalated", "01-12 09")]
    assert rungs(after) == [("told", "01-06 09"), ("ahead", "01-18 09"), ("reminded", "01-19 09"), ("escalated", "01-21 09")]


def test_whoever_is_to_be_told_in_a_pause_is_told_after_it() -> None:
    said = datetime(2021, 1, 13, 9, tzinfo=UTC)
    state = state_of(*PAUSED, (advised("finance"), by(FAY, said)), (advised("legal"), by(LEO, said)))
    assert rungs(owed(state)[0])[0] == ("told", "01-18 09")


def test_a_pause_over_a_weekend_moves_a_reminder_out_of_it() -> None:
    saturday = (datetime(2021, 1, 9, 9, tzinfo=UTC), datetime(2021, 1, 10, 23, 59, 59, tzinfo=UTC))
    assert CLOSURES.out_of_pause(datetime(2021, 1, 9, 11, tzinfo=UTC), (saturday,)) == datetime(2021, 1, 11, 11, tzinfo=UTC)
    assert CLOSURES.after_pauses(datetime(2021, 1, 9, 10, tzinfo=UTC), MORNING, (saturday,)) == datetime(2021, 1, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize("hour", [8, 9, 11])
def test_what_lies_outside_a_pause_or_comes_as_it_begins_is_not_moved(hour: int) -> None:
    pause = (datetime(2021, 1, 7, 9, tzinfo=UTC), datetime(2021, 1, 7, 10, tzinfo=UTC))
    at = datetime(2021, 1, 7, hour, tzinfo=UTC)
    assert CLOSURES.out_of_pause(at, (pause,)) == at
    assert CLOSURES.out_of_pause(pause[1], (pause,)) == datetime(2021, 1, 8, 10, tzinfo=UTC)


# How a pause ends -----------------------------------------------------------------------------------------------------


def test_a_pause_ends_by_its_date_without_anybody() -> None:
    state = state_of(*PAUSED)
    *_, ending = owed(state)
    assert (ending.name, ending.owner, ending.subject, ending.due) == ("resume", SYSTEM, "PCD 914", end_of(FRIDAY_WEEK))
    assert ending.since == THURSDAY
    assert moment(ending, state, by(SYSTEM, end_of(FRIDAY_WEEK)), known()) == (PaperResumed(paper="PCD 914", reason="the pause has come to its date"),)
    assert ("resume", "the pause of the paper {subject} ends") in {(each.name, each.words) for each in DUTIES}


def test_after_its_date_a_pause_waits_for_nothing_and_moves_what_it_moved() -> None:
    state = state_of(*PAUSED, (resumed(), by(FAY, datetime(2021, 1, 18, 9, tzinfo=UTC))))
    assert next((each.name, each.due, each.note) for each in owed(state)) == ("advise", end_of(date(2021, 1, 20)), None)
    assert [each.name for each in owed(state)] == ["advise", "advise"]
    assert papers(state)[0].pauses[0].ended == end_of(FRIDAY_WEEK)


def test_a_decided_paper_waits_for_the_end_of_no_pause() -> None:
    state = state_of(*TO_DECIDER, (paused(), by(DORA, THURSDAY)), (APPROVED, by(DORA, THURSDAY)))
    assert owed(state) == []


def test_whoever_looks_sees_that_a_paper_rests_and_why() -> None:
    notes = {each.note for each in owed(state_of(*PAUSED)) if each.owner != SYSTEM}
    assert notes == {"paused until 15 January 2021: The funder explains its letter"}
    assert {each.note for each in owed(state_of(*TO_ADVISERS))} == {None}


def test_a_long_reason_is_cut_beside_a_duty() -> None:
    state = state_of(*TO_ADVISERS, (paused(reason="word " * 100), by(FAY, THURSDAY)))
    note = owed(state)[0].note or ""
    assert note.endswith(" word…")
    assert len(note) <= len("paused until 15 January 2021: ") + 120


# Escalation above -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("above", "to", "wire"), [("chief-executive", "chief-executive", "duty.escalated"), (None, "finance", "duty.reminded")])
def test_a_rung_escalates_above_the_owner_or_reminds_them_where_nobody_is_above(above: str | None, to: str, wire: str) -> None:
    duty = owed(state_of(*TO_ADVISERS))[0]
    steps = [step for step in chasing.steps(duty, LADDER, CLOSURES, chasing.State()) if step.rung.rung == "escalated"]
    (sent,) = chasing.remind(duty, "a reminder", steps, above)
    assert isinstance(sent, chasing.DutyReminded)
    assert (sent.to, sent.wire, sent.since) == (to, wire, MORNING)
