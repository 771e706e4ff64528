"""The life behind PCD 1218 by the rules alone: every figure is the decision's own, or summed here over the case's rows."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from domain import grant as grants
from domain.calendar import day_of
from domain.delivery import Happened as Delivered
from domain.ending import ExitArmed, ExitAverted
from domain.expenditure import Cost, RecordCosts
from domain.figures import Figures, figures
from domain.model import Past, Refusal
from domain.obligations import Obligation
from tests.lives import Lived, case_of, live, organisation_of

CAP, PRIOR, RISE = 49_500_000, 27_270_800, 22_229_200
ELIGIBLE = {"officers", "operational-equipment", "training"}
QUARTERS = {"Q1 2022/23": (4, 5, 6), "Q2 2022/23": (7, 8, 9), "Q3 2022/23": (10, 11, 12), "Q4 2022/23": (1, 2, 3)}
OFFICER = "officer (rank not stated)"


@cache
def lived() -> tuple[Lived, ...]:
    case = case_of("smclin-2022-23")
    return tuple(live(case, organisation_of(case.organisation)))


@cache
def rows() -> tuple[Cost, ...]:
    case = case_of("smclin-2022-23")
    bodies = (case.body_of(step) for step in case.steps)
    return tuple(row for body in bodies if isinstance(body, RecordCosts) for row in body.rows)


def spent(months: tuple[int, ...]) -> int:
    return sum(row.net_pence for row in rows() if row.category in ELIGIBLE and row.incurred.month in months)


def step(name: str) -> Lived:
    return next(each for each in lived() if each.step.step == name)


def at(day: str, known: str = "close") -> Figures:
    return figures(step(known).after, date.fromisoformat(day), date.fromisoformat(day))


def owed(known: str, duty: str) -> Obligation:
    return next(each for each in step(known).owed if each.duty.name == duty)


def pasts() -> list[Past]:
    return [past for each in lived() for past in each.pasts]


def test_the_cap_is_that_of_the_decision_for_one_year_and_stated_to_the_pound() -> None:
    found = at("2023-06-14")
    assert (found.cap_pence, found.caps_by_year, found.precision) == (CAP, {"2022/23": CAP}, "pound")
    assert (found.sought_pence, found.peak_sought_pence) == (0, CAP)


def test_before_it_was_signed_the_money_was_sought_and_no_cap() -> None:
    assert [(each.cap_pence, each.sought_pence) for each in (at("2022-02-24"), at("2022-03-23"), at("2022-03-24"))] == [(0, 0), (0, CAP), (CAP, 0)]


def test_it_follows_a_smaller_one_and_rises_by_an_amount_good_to_the_pound() -> None:
    (before,) = at("2023-06-14").predecessors
    assert (before.reference, before.external, before.year, before.pence, before.stated) == ("PCD 956", True, "2021/22", PRIOR, "pound")
    assert (before.difference_pence, before.difference_stated) == (RISE, "pound")
    assert PRIOR + RISE == CAP


def test_only_actual_expenditure_of_the_year_is_claimed_agreed_and_paid() -> None:
    found, whole = at("2023-06-14"), spent(tuple(range(1, 13)))
    assert {row.basis for row in rows()} == {"actual"}
    assert found.claimed_pence == found.agreed_pence == found.received_pence == found.outturn_pence == whole
    assert (found.debtor_pence, found.accrued_pence, found.held_pence, found.claimable_pence) == (0, 0, 0, 0)


def test_each_return_is_what_its_quarter_cost() -> None:
    returns = at("2023-06-14").returns
    assert {each.period: each.claimed_pence for each in returns} == {period: spent(months) for period, months in QUARTERS.items()}
    assert all(each.claimed_pence == each.agreed_pence == each.received_pence for each in returns)
    assert [each.days_late for each in returns] == [0, 0, 0, 0]


def test_what_is_neither_officers_nor_equipment_nor_training_is_in_no_return() -> None:
    outside = sum(row.net_pence for row in rows() if row.category not in ELIGIBLE)
    assert at("2023-06-14").excluded_pence == outside > 0


def test_at_the_close_the_cap_is_agreed_and_lapsed_and_what_is_agreed_is_received() -> None:
    found = at("2023-06-14")
    assert found.cap_pence == found.agreed_pence + found.lapsed_pence + found.forfeited_pence
    assert found.agreed_pence == found.received_pence + found.debtor_pence
    assert 0 < found.agreed_pence < found.cap_pence
    assert found.lapsed_pence == CAP - spent(tuple(range(1, 13)))
    assert grants.closed(step("close").after)


def test_six_posts_are_funded_and_filled_as_the_year_goes_on() -> None:
    days = ("2022-03-31", "2022-04-01", "2022-06-12", "2022-06-13", "2022-09-04", "2022-09-05", "2023-03-31", "2023-06-14")
    assert [(found.posts_funded, found.posts_filled, found.posts_vacant) for found in map(at, days)] == [
        (0, None, None),
        (6, 3, 3),
        (6, 3, 3),
        (6, 5, 1),
        (6, 5, 1),
        (6, 6, 0),
        (6, 6, 0),
        (6, 6, 0),
    ]


def test_the_six_are_three_more_than_the_team_numbered_before() -> None:
    (baseline,) = at("2022-03-31").baselines
    (posts,) = at("2022-04-01").posts
    assert (baseline.team, baseline.headcount, baseline.as_of) == ("SMCLIN", 3, date(2022, 3, 31))
    assert (posts.team, posts.rank, posts.funded, posts.funded - baseline.headcount) == ("SMCLIN", OFFICER, 6, 3)


def test_the_data_protection_assessment_is_the_parent_s_and_its_later_review_a_second_edition() -> None:
    found = [each for each in at("2023-06-14").assessments if each.form == "dpia"]
    assert [(each.edition, each.finding, each.shared_with, each.dated) for each in found] == [
        (1, "completed", "Social Media Hub", None),
        (2, "reviewed", "Social Media Hub", None),
    ]
    assert "no increased risk" in found[-1].outcome


def test_the_board_met_for_every_quarter_and_once_late() -> None:
    (board,) = at("2023-06-14").reports
    assert (board.months, board.overdue, board.next_period) == (3, (), None)
    assert [(each.period, each.on, each.days_late) for each in board.made] == [
        ("Q1 2022/23", date(2022, 6, 15), 0),
        ("Q2 2022/23", date(2022, 9, 14), 0),
        ("Q3 2022/23", date(2023, 1, 11), 8),
        ("Q4 2022/23", date(2023, 3, 15), 0),
    ]


@pytest.mark.parametrize(
    ("day", "made", "overdue", "coming", "due"),
    [
        ("2022-04-01", 0, (), "Q1 2022/23", "2022-06-30"),
        ("2022-06-15", 1, (), "Q2 2022/23", "2022-09-30"),
        ("2023-01-03", 2, (), "Q3 2022/23", "2023-01-03"),
        ("2023-01-04", 2, ("Q3 2022/23",), "Q3 2022/23", "2023-01-03"),
        ("2023-01-11", 3, (), "Q4 2022/23", "2023-03-31"),
    ],
)
def test_at_each_date_the_board_s_next_meeting_is_known(day: str, made: int, overdue: tuple[str, ...], coming: str, due: str) -> None:
    (board,) = at(day).reports
    assert (len(board.made), board.overdue, board.next_period, str(board.next_due)) == (made, overdue, coming, due)


def test_the_next_meeting_waits_on_the_project_from_the_first_day_of_its_quarter() -> None:
    found = owed("board-q1", "report.made")
    assert (found.duty.owner, found.duty.subject) == ("mps-project", "engagement-board for Q2 2022/23")
    assert found.words == "Project lead in the MPS makes report engagement-board for Q2 2022/23"
    assert (day_of(found.duty.since), found.duty.due and day_of(found.duty.due)) == (date(2022, 7, 1), date(2022, 9, 30))


def test_the_milestone_was_not_carried_forward_and_was_reached_sixty_seven_days_late() -> None:
    (milestone,) = at("2023-06-14").milestones
    assert (milestone.original_due, milestone.due, milestone.carried, milestone.achieved, milestone.days_late) == ("2022-06", "2022-06", (), "2022-09-05", 67)
    assert (date(2022, 9, 5) - date(2022, 6, 30)).days == 67
    assert at("2022-09-04").milestones[0].achieved is None


def test_the_exit_was_armed_for_the_last_funded_day_and_averted_by_a_successor_elsewhere() -> None:
    (armed,) = [past for past in pasts() if isinstance(past.body, ExitArmed)]
    (averted,) = [past for past in pasts() if isinstance(past.body, ExitAverted)]
    assert isinstance(armed.body, ExitArmed)
    assert armed.body.ends == date(2023, 3, 31)
    assert armed.recorded < averted.recorded
    assert day_of(averted.recorded) < date(2023, 3, 31)
    found = at("2023-06-14").exit
    assert (found.averted_by, found.triggered, found.retention_until) == ("Home Office grant for 2023/24", None, date(2029, 3, 31))


REFUSED = {
    "sign-undecided": ("agreement.not_authorised", ("deputy-mayor",)),
    "armed-too-late": ("exit.armed_too_late", ()),
    "board-by-month": ("delivery.no_period", ()),
    "carry-unvaried": ("delivery.variation_unknown", ()),
    "claim-venue": ("recovery.excluded_cost", ()),
    "claim-what-is-left": ("recovery.above_cost", ("mps-finance", "mps-chief-finance-officer")),
    "close-unreported": ("close.not_yet", ()),
}


def test_seven_things_are_refused_each_with_its_rule_and_who_could() -> None:
    refusals = {each.step.step: each.decision for each in lived() if isinstance(each.decision, Refusal)}
    assert {name: (each.code, each.who_could) for name, each in refusals.items()} == REFUSED
    assert all(each.source and each.why for each in refusals.values())


def test_the_close_was_refused_for_the_board_s_last_quarter_and_the_promised_review() -> None:
    refusal = step("close-unreported").decision
    assert isinstance(refusal, Refusal)
    assert "report engagement-board for Q4 2022/23 is neither made nor waived" in refusal.why
    assert "eia-feedback" in refusal.why


def test_nothing_of_its_delivery_broke_a_rule() -> None:
    found = at("2023-06-14")
    assert (found.exceptions, found.discrepancies) == ((), ())
    assert len([past for past in pasts() if isinstance(past.body, Delivered)]) == 12
