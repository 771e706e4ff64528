"""PCD 914's life as of a day: what counts from a stated date counts then; what only the record dates, from when it was recorded.

``then`` is the grant as the record had it at the end of that day; everything that has no date of its own comes from it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache, reduce

import pytest

from domain import grant as grants
from domain.calendar import day_of, end_of
from domain.figures import Figures, figures
from domain.grant import Grant
from domain.outlook import Outlook
from tests.lives import Lived, case_of, live, organisation_of

ORGANISATION = organisation_of("mopac")


@cache
def life() -> tuple[Lived, ...]:
    case = case_of("alpha-2020-21")
    return tuple(live(case, organisation_of(case.organisation)))


def then(day: date) -> Grant:
    """The grant folded to what was recorded by the end of a London day."""
    pasts = (past for each in life() for past in each.pasts if day_of(past.recorded) <= day)
    return reduce(grants.evolve, pasts, Grant(stream="grant/alpha-2020-21"))


def as_of(day: str) -> Figures:
    on = date.fromisoformat(day)
    return figures(life()[-1].after, on, on, then(on))


def stage(day: str) -> str:
    on = date.fromisoformat(day)
    return Outlook(then(on), ORGANISATION, end_of(on)).stage


@pytest.mark.parametrize(
    ("day", "standing", "said"),
    [
        ("2021-01-05", None, None),
        ("2021-01-06", "drafted", 0),
        ("2021-01-07", "submitted", 0),
        ("2021-01-08", "submitted", 1),
        ("2021-01-12", "submitted", 3),
        ("2021-06-16", "decided", 4),
    ],
)
def test_a_paper_stands_as_the_record_had_it_that_day(day: str, standing: str | None, said: int | None) -> None:
    rows = [(each.standing, sum(step.actor is not None for step in each.steps)) for each in as_of(day).papers]
    assert rows == ([] if standing is None else [(standing, said)])


def test_a_decision_counts_from_its_stated_date_and_without_one_from_when_it_was_recorded() -> None:
    assert [each.decision for each in as_of("2020-11-29").decisions] == []
    assert [each.decision for each in as_of("2020-11-30").decisions] == ["PCD 867"]
    recorded = next(day_of(past.recorded) for each in life() for past in each.pasts if getattr(past.body, "decision", None) == "PCD 914")
    dated = [[each.decision for each in as_of(day.isoformat()).decisions] for day in (recorded - timedelta(days=1), recorded)]
    assert dated == [["PCD 867"], ["PCD 867", "PCD 914"]]


def test_an_assessment_without_a_date_counts_from_when_it_was_recorded() -> None:
    assert [[each.form for each in as_of(day).assessments] for day in ("2021-01-05", "2021-01-06")] == [[], ["dpia", "eia"]]


def test_the_exit_stands_as_the_record_had_it_that_day() -> None:
    before, stated, closed = (as_of(day).exit for day in ("2021-01-05", "2021-01-06", "2021-06-16"))
    assert (before.plan, before.armed, before.averted_by) == (None, None, None)
    assert (stated.plan, stated.armed, stated.averted_by) == ("Phased exit; staff go back to existing MPS posts", None, None)
    assert (closed.averted_by, closed.retention_until) == ("PCD 960", date(2027, 3, 31))


def test_a_successor_is_none_before_the_record_had_it() -> None:
    recorded = next(day_of(each.step.at) for each in life() if each.step.command == "RecordSuccessor" and each.step.at)
    found = [[each.reference for each in as_of(day.isoformat()).successors] for day in (recorded - timedelta(days=1), recorded)]
    assert found == [[], ["PCD 960"]]


@pytest.mark.parametrize(("day", "expected"), [("2020-07-01", "delivering"), ("2021-03-31", "delivering"), ("2021-04-01", "exiting"), ("2021-06-16", "closed")])
def test_the_stage_is_that_of_the_day_even_where_nothing_was_recorded_since(day: str, expected: str) -> None:
    assert stage(day) == expected


def test_whoever_was_waited_on_that_day_is() -> None:
    owed = Outlook(then(date(2021, 1, 12)), ORGANISATION, end_of(date(2021, 1, 12))).waiting
    assert [(each.duty.owner, each.duty.since) for each in owed if each.duty.name == "decide"] == [("deputy-mayor", _at("advise-chief-finance"))]


def test_before_the_record_began_nothing_stands_but_what_states_its_date() -> None:
    found = as_of("2020-06-30")
    assert (found.cap_pence, found.papers, found.decisions, found.exit.plan) == (147_930_616, (), (), None)


def test_without_an_earlier_fold_the_grant_itself_says_all() -> None:
    whole = life()[-1].after
    on = date(2021, 6, 16)
    assert figures(whole, on, on) == figures(whole, on, on, then(on))


def _at(step: str) -> datetime | None:
    return next(each.step.at for each in life() if each.step.step == step)
