"""The invented life that stops on 15 December 2020: whom PCD 914's paper waits on, since when, and what each day costs.

Amounts are those of the decision's text; days are counted here by the calendar.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

from app.case_file import Refused
from domain.calendar import end_of
from domain.figures import figures
from domain.model import Refusal
from domain.outlook import Outlook
from tests.lives import Lived, case_of, live, organisation_of

UPLIFT, PLANNED_DAYS = 26_735_464, (date(2021, 3, 31) - date(2020, 10, 1)).days + 1
PER_DAY = (2 * UPLIFT + PLANNED_DAYS) // (2 * PLANNED_DAYS)
SINCE, STOPPED = datetime(2020, 12, 9, 10, tzinfo=UTC), date(2020, 12, 15)


@cache
def life() -> tuple[Lived, ...]:
    case = case_of("what-if/alpha-2020-12-15")
    return tuple(live(case, organisation_of(case.organisation)))


def test_the_case_says_that_it_is_hypothetical() -> None:
    case, opened = case_of("what-if/alpha-2020-12-15"), life()[-1].after.opening.opened
    assert opened is not None
    assert (case.hypothetical, opened.hypothetical, opened.clock) == (True, True, "rehearsal")


def test_every_refusal_comes_as_the_case_says_and_they_are_of_six_kinds() -> None:
    tried = {each.step.step: (each.step.expect, each.decision) for each in life() if isinstance(each.decision, Refusal) or each.step.expect != "accepted"}
    came = {
        name: Refused(refused=refusal.code, who_could=refusal.who_could, source=refusal.source)
        for name, (_, refusal) in tried.items()
        if isinstance(refusal, Refusal)
    }
    assert came == {name: expected for name, (expected, _) in tried.items()}
    assert {each.refused for each in came.values()} == {
        "authority.not_mandated",
        "approval.already_advised",
        "approval.not_yet",
        "authority.no_cover",
        "duty.own_advice",
        "variation.not_authorised",
    }


def test_it_stops_on_15_december_with_the_paper_before_the_decision_maker() -> None:
    last = life()[-1].after
    assert last.recorded == datetime(2020, 12, 15, 17, tzinfo=UTC)
    owed = next(each.duty for each in Outlook(last, organisation_of("mopac")).waiting if each.duty.part == "approval")
    assert (owed.name, owed.owner, owed.since, owed.due) == ("decide", "deputy-mayor", SINCE, end_of(date(2020, 12, 23)))
    assert owed.at_risk_per_day_pence == PER_DAY == 146_898


def test_the_paper_tells_who_has_said_what_and_who_has_not() -> None:
    (paper,) = figures(life()[-1].after, STOPPED, STOPPED).papers
    assert [(each.office, each.at is not None) for each in paper.steps] == [
        ("finance", True),
        ("legal", True),
        ("chief-finance-officer", True),
        ("deputy-mayor", False),
    ]


def test_the_uplift_is_sought_beside_the_cap_and_waits_at_its_daily_price() -> None:
    found = figures(life()[-1].after, STOPPED, STOPPED)
    assert (found.cap_pence, found.sought_pence) == (147_930_616, UPLIFT)
    assert (found.claimed_pence, found.agreed_pence, found.outturn_pence) == (36_428_334 + 35_925_610, 0, None)
    (row,) = found.variations
    offered = date(2020, 11, 30)
    assert (row.applied, row.at_risk_per_day_pence, row.at_risk_pence) == (None, PER_DAY, (STOPPED - offered).days * PER_DAY)
