"""Every cost is recorded whatever becomes of it; returns open by the calendar, and each says who owes its next step."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from domain import recovery
from domain.calendar import Closures, Window, end_of
from domain.eligibility import shares
from domain.exception import ExceptionRaised
from domain.expenditure import MOST_ROWS, CostsRecorded, RecordCosts, RecordSupport, Replacement, SupportRecorded
from domain.model import SYSTEM, By, Duty
from domain.returns import AnswerQuery, CertifyReturn, PrepareReturn, RecordQuery, ReturnOpened, periods
from domain.terms import ReturnSchedule, Terms
from tests.domain.recovering import EFFECTIVE, FINANCE_CHIEF, PLANNED, YEAR, Recovery, cost, costs, given, line, policy, uplift, wires

Q1, Q4 = "Q1 2020/21", "Q4 2020/21"
SUPPORT = RecordSupport(support="uplift", officers=5, annual_rate_pence=1_600_000, window=EFFECTIVE)


# Costs ------------------------------------------------------------------------------------------------------------------


def test_a_batch_is_recorded_whole_with_its_sum() -> None:
    rows = (cost("a", 100), cost("b", 50, category="mps_support_costs"), cost("c", 1, "2019-01-01", line="nowhere"))
    assert Recovery().does(costs(*rows)) == (CostsRecorded(rows=rows, count=3, total_pence=151, replaced=(), host_borne=("b",)),)


def test_a_key_recorded_with_the_same_row_adds_nothing() -> None:
    life = Recovery()
    life.does(costs(cost("a")))
    assert life.tries(costs(cost("a"))) == ()
    (event,) = life.does(costs(cost("a"), cost("b"), cost("b")))
    assert isinstance(event, CostsRecorded)
    assert [row.key for row in event.rows] == ["b"]


@pytest.mark.parametrize("again", [costs(cost("a", 1)), costs(cost("b", 1), cost("b", 2))])
def test_a_key_recorded_with_another_row_is_refused(again: RecordCosts) -> None:
    life = Recovery()
    life.does(costs(cost("a")))
    assert (life.refused(again).code, life.refused(again).source) == ("recovery.key_reused", "DESIGN §4.8; invariant 25")


def test_an_actual_replaces_an_accrual_of_the_same_batch_or_an_earlier_one() -> None:
    accrued = cost("accrued", 90, "2021-03-31", basis="accrual")
    replacement = Replacement(accrual="accrued", actual="actual", pence=90, entity="MPS", on=date(2021, 3, 30), memo=False)
    actual = cost("actual", 80, "2021-03-30", replaces="accrued")
    (together,) = Recovery().does(costs(accrued, actual))
    life = Recovery()
    life.does(costs(accrued))
    (apart,) = life.does(costs(actual))
    assert isinstance(together, CostsRecorded)
    assert isinstance(apart, CostsRecorded)
    assert together.replaced == apart.replaced == (replacement,)


def test_an_accrual_claimed_at_another_sum_than_its_actual_raises_an_exception() -> None:
    life = Recovery()
    life.does(costs(cost("accrued", 90, basis="accrual")))
    life.on("2020-07-20").submits(Q1)
    events = life.does(costs(cost("actual", 95, replaces="accrued")))
    why = "actual is £0.95; accrued, which it replaces, was claimed for Q1 2020/21 at £0.90."
    raised = ExceptionRaised(exception="accrual/accrued", what="claimed accrual differs from its actual", subject=Q1, owner="finance", why=why)
    assert events[1:] == (raised,)


def test_an_accrual_claimed_at_the_sum_of_its_actual_raises_none() -> None:
    life = Recovery()
    life.does(costs(cost("accrued", 90, basis="accrual")))
    life.on("2020-07-20").submits(Q1)
    assert wires(life.does(costs(cost("actual", 90, replaces="accrued")))) == ["costs.recorded"]


def test_a_batch_holds_at_least_one_row_and_at_most_a_thousand() -> None:
    rows = tuple(cost(f"c{number}") for number in range(MOST_ROWS + 1))
    assert costs(*rows[:MOST_ROWS])
    for wrong in ((), rows):
        with pytest.raises(ValidationError):
            costs(*wrong)


def test_an_accrual_replaces_nothing() -> None:
    with pytest.raises(ValidationError, match="an accrual replaces nothing"):
        cost("a", basis="accrual", replaces="b")


# Support ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("officers", "window", "basis", "pence"),
    [
        (5, EFFECTIVE, "whole_months", 2_000_000),
        (5, EFFECTIVE, "days", 1_972_603),
        (17, line().window, "whole_months", 27_200_000),
        (1, Window(first=date(2021, 1, 15), last=date(2021, 4, 14)), "whole_months", 400_000),
        (1, Window(first=date(2021, 1, 15), last=date(2021, 4, 13)), "whole_months", 266_667),
        (1, Window(first=date(2021, 1, 31), last=date(2021, 2, 15)), "whole_months", 0),
    ],
)
def test_support_is_officers_times_rate_times_the_part_of_a_year(officers: int, window: Window, basis: str, pence: int) -> None:
    stated = {"support": "s", "officers": officers, "annual_rate_pence": 1_600_000, "window": window, "basis": basis}
    (event,) = Recovery().does(RecordSupport.model_validate(stated))
    assert isinstance(event, SupportRecorded)
    assert (event.borne_pence, event.entity, event.last) == (pence, "MPS", window.last.isoformat())


def test_support_enters_no_return_and_no_income() -> None:
    life = Recovery()
    life.does(SUPPORT)
    assert shares(life.state, life.given.terms) == ()
    assert life.income() == 0


def test_the_same_support_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    life = Recovery()
    life.does(SUPPORT)
    assert life.tries(SUPPORT) == ()
    assert life.refused(SUPPORT.model_copy(update={"officers": 4})).code == "recovery.key_reused"


# The calendar -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "names"),
    [
        (3, ["Q1 2020/21", "Q2 2020/21", "Q3 2020/21", "Q4 2020/21"]),
        (6, ["H1 2020/21", "H2 2020/21"]),
        (12, ["Year 2020/21"]),
        (5, ["P1 2020/21", "P2 2020/21", "P3 2020/21"]),
    ],
)
def test_the_periods_of_a_year_follow_each_other_and_fill_it(months: int, names: list[str]) -> None:
    found = periods(YEAR, ReturnSchedule(months=months, due_days=30))
    assert [each.name for each in found] == names
    assert sum(each.window.days() for each in found) == 365
    assert (found[0].window.first, found[-1].window.last) == (date(2020, 4, 1), date(2021, 3, 31))


def test_a_return_opens_when_its_period_has_ended_and_is_due_on_a_working_day() -> None:
    life = Recovery().on("2021-04-01")
    assert {period: each.opened.due.isoformat() for period, each in life.state.returns.items()} == {
        "Q1 2020/21": "2020-07-30",
        "Q2 2020/21": "2020-10-30",
        "Q3 2020/21": "2021-02-01",
        "Q4 2020/21": "2021-04-30",
    }
    assert not Recovery().on("2020-06-30").state.returns


def test_no_return_is_owed_for_a_period_in_which_nothing_may_be_spent() -> None:
    assert list(Recovery(given(uplift())).on("2021-04-01").state.returns) == [Q4]


def test_a_variation_applied_later_opens_the_returns_of_its_periods() -> None:
    life = Recovery(given(uplift())).on("2021-04-01")
    life.under(uplift(window=PLANNED)).on("2021-04-02")
    assert list(life.state.returns) == [Q4, "Q3 2020/21"]


def test_no_return_opens_without_a_cadence_or_an_instrument_in_force() -> None:
    assert Recovery(given(line(in_force=None))).on("2021-04-01").state == recovery.State()
    unscheduled = given()
    life = Recovery(replace(unscheduled, terms=Terms(lines=(line(),), host_borne=(), schedule=None))).on("2021-04-01")
    assert (list(life.state.returns), list(life.state.ended)) == ([], [YEAR])


def test_moments_are_the_last_second_of_the_day_in_london() -> None:
    found = {(each.name, each.subject): each.due for each in recovery.duties(recovery.State(), given()) if each.owner == SYSTEM}
    assert found["return.opened", Q1] == datetime(2020, 6, 30, 22, 59, 59, tzinfo=UTC)
    assert found["return.opened", Q4] == found["year.ended", YEAR] == datetime(2021, 3, 31, 22, 59, 59, tzinfo=UTC)


def test_a_decided_moment_is_gone() -> None:
    life = Recovery()
    before = recovery.duties(life.state, life.given)
    life.on("2021-04-01")
    assert len([each for each in before if each.owner == SYSTEM]) == 5
    assert [each for each in recovery.duties(life.state, life.given) if each.owner == SYSTEM] == []


def test_a_due_date_beyond_the_table_of_working_days_is_an_error_and_not_a_guess() -> None:
    short = policy().model_copy(update={"closures": Closures(source="short", window=Window(first=date(2020, 4, 1), last=date(2020, 7, 1)), days=())})
    known = replace(given(), policy=short)
    due = next(each for each in recovery.duties(recovery.State(), known) if each.subject == Q1)
    with pytest.raises(ValueError, match="outside the table of working days"):
        recovery.moment(due, recovery.State(), By(actor=SYSTEM, on_behalf_of=None, now=end_of(date(2020, 6, 30)), content=None, command="m"), known)


def test_an_opened_return_states_its_window_and_its_due_date() -> None:
    life = Recovery().on("2020-07-01")
    opened = ReturnOpened(period=Q1, year=YEAR, window=Window(first=date(2020, 4, 1), last=date(2020, 6, 30)), closes="2020-06-30", due=date(2020, 7, 30))
    assert [past.body for past in life.pasts] == [opened]


# Who owes the next step -------------------------------------------------------------------------------------------------


def owed(life: Recovery) -> list[tuple[str, str, str, date | None]]:
    people = [each for each in recovery.duties(life.state, life.given) if each.owner != SYSTEM]
    return [(each.subject, each.name, each.owner, each.due.date() if each.due else None) for each in people]


def test_each_step_of_a_return_is_somebodys_and_has_a_date() -> None:
    life = Recovery()
    life.does(costs(cost("a")))
    life.on("2020-07-01")
    assert owed(life) == [(Q1, "return.prepared", "mps-finance", date(2020, 7, 30))]
    life.does(PrepareReturn(period=Q1))
    assert owed(life) == [(Q1, "return.certified", "chief-finance-officer", date(2020, 7, 30))]
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    assert owed(life) == [(Q1, "return.submitted", "mps-finance", date(2020, 7, 30))]
    life.submits_as_certified(Q1)
    assert owed(life) == [(Q1, "return.agreed", "home-office", date(2020, 8, 12))]
    life.does(RecordQuery(period=Q1, query="HO-1", asked="Why?", dated="2020-07-01"))
    assert owed(life) == [(Q1, "query.answered", "mps-finance", date(2020, 8, 12))]
    life.does(AnswerQuery(period=Q1, query="HO-1", answer="Because."))
    life.agrees(Q1, "2020-07-01")
    assert owed(life) == [(Q1, "payment.received", "home-office", date(2020, 8, 12))]
    life.pays(Q1, "2020-07-01")
    assert owed(life) == []


def test_every_duty_has_its_words() -> None:
    names = {each.name for each in recovery.DUTIES}
    assert names == {"return.opened", "year.ended", *(each.duty for each in policy().duties)}
    for words in recovery.DUTIES:
        assert set(re.findall(r"{(\w+)}", words.words)) <= {"owner", "subject"}


def test_a_duty_that_the_policy_does_not_know_is_nobodys() -> None:
    life = Recovery(replace(given(), policy=policy().model_copy(update={"duties": ()}))).on("2020-07-01")
    assert owed(life) == []


def test_duties_of_one_state_are_all_different() -> None:
    life = Recovery().on("2020-12-01")
    found: list[Duty] = list(recovery.duties(life.state, life.given))
    assert len({(each.subject, each.name) for each in found}) == len(found) > 0
