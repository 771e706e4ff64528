from __future__ import annotations

from datetime import date

from domain import chasing
from domain.approval import duties
from domain.calendar import Closures, Window
from domain.model import past_of_new
from domain.policy import Ladder, Rung
from tests.domain.papers import TO_ADVISERS, by, known, state_of

AT_ONCE = Ladder(ladder="steps", rungs=(Rung(rung="told", counted_from="since", working_days=0),))
CLOSURES = known().policy.closures


def test_offices_that_owe_the_same_side_by_side_are_each_reminded() -> None:
    finance, legal = duties(state_of(*TO_ADVISERS), known())
    (sent,) = chasing.remind(finance, "a reminder", chasing.steps(finance, AT_ONCE, CLOSURES, chasing.State()))
    later = chasing.evolve(chasing.State(), past_of_new(sent, "grant/g", 1, by("system")))
    assert [len(chasing.steps(duty, AT_ONCE, CLOSURES, later)) for duty in (finance, legal)] == [0, 1]


def test_a_rung_beyond_the_table_of_working_days_is_none_and_hinders_nothing() -> None:
    ladder = Ladder(ladder="steps", rungs=(*AT_ONCE.rungs, Rung(rung="first", counted_from="since", working_days=3)))
    ended = Closures(source=CLOSURES.source, window=Window(first=date(2016, 1, 1), last=date(2016, 12, 31)), days=CLOSURES.days)
    finance, _ = duties(state_of(*TO_ADVISERS), known())
    assert [step.rung.rung for step in chasing.steps(finance, ladder, CLOSURES, chasing.State())] == ["told", "first"]
    assert [step.rung.rung for step in chasing.steps(finance, ladder, ended, chasing.State())] == ["told"]


def test_a_duty_about_a_paper_at_its_board_is_reminded_of_however_long_their_ids_are() -> None:
    finance, _ = duties(state_of(*TO_ADVISERS), known())
    long = finance.model_copy(update={"subject": f"{'p' * 100} at {'b' * 100}"})
    (sent,) = chasing.remind(long, "a reminder", chasing.steps(long, AT_ONCE, CLOSURES, chasing.State()))
    later = chasing.evolve(chasing.State(), past_of_new(sent, "grant/g", 1, by("system")))
    assert chasing.steps(long, AT_ONCE, CLOSURES, later) == ()
