"""Specs of reports: three a month to one party (PCD 1240), two bodies that look monthly (PCD 510), a board each quarter (PCD 1218)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import delivery
from domain.delivery import Given, State
from domain.model import CommandBody, Duty, Refusal
from domain.reports import Cadence, MakeReport, OweReport, Period, Report, ReportMade, ReportOwed, WaiveReport
from tests.domain.rooms import accepted, at, once, owed_by, policy, refused

END = date(2022, 3, 31)
GIVEN = Given(policy=policy(owed_by("delivery", "report.made", "project")), instruments={"base"}, ends=END)
DAY = at("2021-07-01")


def owe(report: str = "financial", **changed: Any) -> OweReport:
    stated: dict[str, Any] = {"form": report, "to": "The unit", "months": 1, "due_days": 14, "first": date(2021, 4, 1), "words": "monthly"}
    return OweReport(report=report, **(stated | changed))


def make(period: str, on: date, *reports: str) -> MakeReport:
    return MakeReport(reports=reports or ("financial",), period=period, on=on)


def told(*commands: CommandBody, given_then: Given = GIVEN) -> State:
    state = State()
    for body in commands:
        state, answer = once(delivery, state, body, DAY, given_then)
        accepted(answer)
    return state


def decide(body: Any, state: State, given_then: Given = GIVEN) -> Any:
    return delivery.decide(body, state, DAY, given_then)


def waiting(state: State, given_then: Given = GIVEN) -> list[tuple[str, str, str]]:
    return [(duty.subject, day(duty.since), day(duty.due)) for duty in delivery.duties(state, given_then)]


def day(instant: Any) -> str:
    return str(instant.date())


def test_the_oldest_period_waits_from_its_end_until_a_working_day_some_days_later() -> None:
    assert waiting(told(owe())) == [("financial for 2021-04", "2021-04-30", "2021-05-14")]


def test_once_it_is_made_the_next_period_waits() -> None:
    assert waiting(told(owe(), make("2021-04", date(2021, 5, 4)))) == [("financial for 2021-05", "2021-05-31", "2021-06-14")]


def test_a_due_date_that_is_no_working_day_moves_to_the_next_one() -> None:
    assert waiting(told(owe(due_days=15))) == [("financial for 2021-04", "2021-04-30", "2021-05-17")]


def test_a_period_that_was_left_out_waits_though_a_later_one_is_made() -> None:
    state = told(owe(), make("2021-04", date(2021, 5, 4)), make("2021-06", date(2021, 7, 2)))
    assert [subject for subject, _, _ in waiting(state)] == ["financial for 2021-05"]


def test_when_every_period_is_made_nothing_waits_and_nothing_keeps_the_grant_open() -> None:
    state = told(owe(last=date(2021, 5, 31)), make("2021-04", date(2021, 5, 4)), make("2021-05", date(2021, 6, 4)))
    assert (delivery.duties(state, GIVEN), delivery.gates(state, GIVEN)) == ((), ())


def test_a_cadence_without_an_end_ends_with_the_funding() -> None:
    gates = delivery.gates(told(owe(months=3)), GIVEN)
    assert gates == tuple(f"report financial for Q{number} 2021/22 is neither made nor waived" for number in (1, 2, 3, 4))


def test_while_nothing_is_in_force_a_cadence_without_an_end_owes_its_first_period_and_keeps_nothing_open() -> None:
    before = replace(GIVEN, ends=None)
    state = told(owe(), given_then=before)
    assert [subject for subject, _, _ in waiting(state, before)] == ["financial for 2021-04"]
    assert delivery.gates(state, before) == ()


def test_a_board_meets_within_its_quarter_and_waits_from_its_first_day() -> None:
    state = told(owe("board", months=3, due_days=0, made="within"))
    assert waiting(state) == [("board for Q1 2021/22", "2021-04-01", "2021-06-30")]
    (met,) = accepted(decide(make("Q1 2021/22", date(2021, 5, 12), "board"), state))
    assert isinstance(met, ReportMade)
    assert met.days_late == 0


def test_three_reports_of_a_month_are_made_by_one_command_and_each_is_recorded() -> None:
    kinds = ("financial", "delivery", "commercial")
    state, answer = once(delivery, told(*(owe(kind) for kind in kinds)), make("2021-04", date(2021, 5, 18), *kinds), DAY, GIVEN)
    made = [each for each in accepted(answer) if isinstance(each, ReportMade)]
    assert [(each.report, each.days_late) for each in made] == [(kind, 4) for kind in kinds]
    assert [subject for subject, _, _ in waiting(state)] == [f"{kind} for 2021-05" for kind in kinds]


def test_of_reports_named_together_those_made_already_are_not_made_again() -> None:
    state = told(owe("one"), owe("two"), make("2021-04", date(2021, 5, 4), "one"))
    (made,) = accepted(decide(make("2021-04", date(2021, 5, 4), "one", "two"), state))
    assert isinstance(made, ReportMade)
    assert made.report == "two"


def test_two_bodies_are_owed_their_own_report_each() -> None:
    state = told(owe("to-funder", to="The funder"), owe("to-chiefs", to="The chiefs", due_days=7))
    assert [subject for subject, _, _ in waiting(state)] == ["to-funder for 2021-04", "to-chiefs for 2021-04"]


def test_a_report_is_its_own_office_s_where_it_names_one() -> None:
    owners = [duty.owner for duty in delivery.duties(told(owe("one", owner="finance"), owe("two")), GIVEN)]
    assert owners == ["finance", "project"]


def test_where_the_policy_says_nothing_of_reports_nobody_is_asked_for_them() -> None:
    assert delivery.duties(told(owe()), replace(GIVEN, policy=policy())) == ()


@pytest.mark.parametrize(
    ("body", "before", "code"),
    [
        (make("2022-04", date(2022, 5, 1)), (owe(),), "delivery.no_period"),
        (make("Q1 2021/22", date(2021, 7, 1)), (owe(),), "delivery.no_period"),
        (make("2021-04", date(2021, 5, 1), "unheard-of"), (owe(),), "delivery.report_unknown"),
        (make("2021-04", date(2021, 5, 9)), (owe(), make("2021-04", date(2021, 5, 4))), "delivery.report_differs"),
        (owe(to="Another party"), (owe(),), "delivery.report_differs"),
    ],
    ids=["beyond the end", "another cadence", "unknown", "made on another day", "owed to another party"],
)
def test_what_a_report_does_not_allow_is_refused(body: CommandBody, before: tuple[CommandBody, ...], code: str) -> None:
    assert refused(decide(body, told(*before)))[0] == code


def waive(period: str, report: str = "financial", reason: str = "nothing was spent") -> WaiveReport:
    return WaiveReport(report=report, period=period, reason=reason)


def test_a_period_that_the_party_does_without_waits_no_more() -> None:
    state = told(owe(last=date(2021, 5, 31)), waive("2021-04"))
    assert [subject for subject, _, _ in waiting(state)] == ["financial for 2021-05"]
    assert delivery.gates(state, GIVEN) == ("report financial for 2021-05 is neither made nor waived",)


def test_a_report_that_was_waived_can_be_made_all_the_same() -> None:
    assert "2021-04" in told(owe(), waive("2021-04"), make("2021-04", date(2021, 5, 4))).reports.reports["financial"].made


@pytest.mark.parametrize(
    ("body", "before", "code"),
    [
        (waive("2022-04"), (owe(),), "delivery.no_period"),
        (waive("2021-04", "unheard-of"), (owe(),), "delivery.report_unknown"),
        (waive("2021-04"), (owe(), make("2021-04", date(2021, 5, 4))), "delivery.report_differs"),
        (waive("2021-04", reason="another"), (owe(), waive("2021-04")), "delivery.report_differs"),
    ],
    ids=["no period", "unknown", "made already", "waived for another reason"],
)
def test_what_cannot_be_waived_is_refused(body: CommandBody, before: tuple[CommandBody, ...], code: str) -> None:
    assert refused(decide(body, told(*before)))[0] == code


def test_a_period_that_is_none_is_refused_with_the_one_that_waits() -> None:
    answer = decide(make("2020-12", date(2021, 1, 4)), told(owe(), make("2021-04", date(2021, 5, 4))))
    assert isinstance(answer, Refusal)
    assert answer.why == "Report financial has no period 2020-12; 2021-05 is the next that waits for it."


def test_another_last_day_ends_a_report() -> None:
    state = told(owe(), make("2021-04", date(2021, 5, 4)), owe(last=date(2021, 4, 30)))
    assert (delivery.duties(state, GIVEN), delivery.gates(state, GIVEN)) == ((), ())


@pytest.mark.parametrize(
    ("months", "first", "first_month", "names"),
    [
        (1, date(2021, 12, 1), 4, ["2021-12", "2022-01"]),
        (2, date(2021, 4, 1), 4, ["P1 2021/22", "P2 2021/22"]),
        (3, date(2021, 6, 30), 4, ["Q1 2021/22", "Q2 2021/22"]),
        (3, date(2021, 10, 1), 1, ["Q4 2021", "Q1 2022"]),
        (6, date(2021, 4, 1), 4, ["H1 2021/22", "H2 2021/22"]),
        (12, date(2021, 4, 1), 4, ["Year 2021/22", "Year 2022/23"]),
    ],
)
def test_periods_are_named_within_their_financial_year(months: int, first: date, first_month: int, names: list[str]) -> None:
    report = reported(owe(months=months, first=first, first_month=first_month))
    assert [each.name for each in islice(report.periods(replace(GIVEN, ends=None)), 2)] == names


def test_a_report_that_begins_after_the_end_has_no_period() -> None:
    assert list(reported(owe(first=date(2022, 4, 1))).periods(GIVEN)) == []
    assert list(reported(owe(first=date(2022, 3, 15), months=12)).periods(replace(GIVEN, ends=date(2022, 3, 10)))) == []


def test_beyond_the_table_of_working_days_a_report_is_due_on_the_plain_day() -> None:
    (period,) = reported(owe(first=date(2031, 1, 1), last=date(2031, 1, 31))).periods(GIVEN)
    assert period.due == date(2031, 2, 14)


def test_a_cadence_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError):
        Cadence(months=1, due_days=0, first=date(2021, 4, 1), last=date(2021, 3, 31))


MONTHS = st.sampled_from((1, 2, 3, 4, 6, 12))
FIRSTS = st.dates(date(2018, 1, 1), date(2024, 12, 31))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(MONTHS, FIRSTS, st.integers(0, 1500), st.integers(1, 12), st.integers(0, 90))
def test_periods_follow_one_another_without_gap_from_the_first_day_to_the_last(months: int, first: date, days: int, first_month: int, due: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    found = list(reported(owe(months=months, first=first, last=last, first_month=first_month, due_days=due)).periods(GIVEN))
    assert (found[0].window.first, found[-1].window.last) == (first, last)
    assert [each.window.first.toordinal() - 1 for each in found[1:]] == [each.window.last.toordinal() for each in found[:-1]]
    assert len({each.name for each in found}) == len(found)
    assert all(each.due >= each.window.last for each in found)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 40)), max_size=20))
def test_whatever_is_made_in_whatever_order_what_waits_is_the_oldest_that_is_not_made(steps: list[tuple[int, int]]) -> None:
    state = told(owe())
    periods = list(state.reports.reports["financial"].periods(GIVEN))
    made: set[str] = set()
    for number, late in steps:
        period: Period = periods[number]
        answer = decide(make(period.name, date.fromordinal(period.window.last.toordinal() + late)), state)
        if not isinstance(answer, Refusal):
            state, _ = once(delivery, state, make(period.name, date.fromordinal(period.window.last.toordinal() + late)), DAY, GIVEN)
            made.add(period.name)
    duties: tuple[Duty, ...] = delivery.duties(state, GIVEN)
    assert [each.subject for each in duties] == [f"financial for {each.name}" for each in periods if each.name not in made][:1]
    assert len(delivery.gates(state, GIVEN)) == len(periods) - len(made)


def reported(body: OweReport) -> Report:
    (owed,) = accepted(decide(body, State()))
    assert isinstance(owed, ReportOwed)
    return Report(owed, DAY.now)
