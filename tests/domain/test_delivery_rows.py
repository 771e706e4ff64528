"""Specs of what a view shows of delivery at a day: what states a date counts from it, plans and trades from their recording."""

from __future__ import annotations

from datetime import date

from domain import delivery
from domain.deliverables import Counted, PlanDeliverable, RecordDelivered, TradeDeliverables
from domain.delivery import Given, RankPosts, RecordPosts, State
from domain.delivery_rows import DeliveryFigures, TradeRow, delivery_figures
from domain.milestones import AbandonMilestone, AchieveMilestone, CarryForwardMilestone, PlanMilestone
from domain.model import CommandBody
from domain.posts import RecordBaseline, RecordPostsFilled
from domain.reports import MakeReport, OweReport, WaiveReport
from tests.domain.rooms import accepted, at, once, policy

END = date(2022, 3, 31)
GIVEN = Given(policy=policy(), instruments={"base"}, variations={"letter"}, ends=END)


def told(*commands: tuple[str, CommandBody]) -> State:
    state = State()
    for day, body in commands:
        state, answer = once(delivery, state, body, at(day), GIVEN)
        accepted(answer)
    return state


def seen(state: State, day: str, ends: date | None = END) -> DeliveryFigures:
    return delivery_figures(state, date.fromisoformat(day), ends, GIVEN.policy)


def funded(*ranks: tuple[str, int], team: str = "hub") -> RecordPosts:
    posts = tuple(RankPosts(rank=rank, count=count) for rank, count in ranks)
    return RecordPosts(team=team, instrument="base", posts=posts, first=date(2021, 4, 1), last=END)


def filled(rank: str, count: int, on: date, team: str = "hub") -> RecordPostsFilled:
    return RecordPostsFilled(team=team, rank=rank, filled=count, on=on)


def test_posts_are_shown_by_team_and_rank_with_what_is_filled_and_vacant() -> None:
    state = told(("2021-05-01", funded(("sergeant", 1), ("constable", 4))), ("2021-05-01", filled("constable", 3, date(2021, 5, 1))))
    rows = {each.rank: (each.funded, each.filled, each.vacant) for each in seen(state, "2021-05-01").posts}
    assert rows == {"sergeant": (1, None, None), "constable": (4, 3, 1)}


def test_while_it_is_unknown_of_some_rank_how_many_are_filled_the_sums_are_unknown() -> None:
    state = told(("2021-05-01", funded(("sergeant", 1), ("constable", 4))), ("2021-05-01", filled("constable", 3, date(2021, 5, 1))))
    assert (seen(state, "2021-05-01").posts_filled, seen(state, "2021-05-01").posts_vacant) == (None, None)
    state = told(
        ("2021-05-01", funded(("sergeant", 1), ("constable", 4))),
        ("2021-05-01", filled("constable", 3, date(2021, 5, 1))),
        ("2021-05-01", filled("sergeant", 1, date(2021, 5, 2))),
    )
    assert [(each.posts_filled, each.posts_vacant) for each in (seen(state, "2021-05-01"), seen(state, "2021-05-02"))] == [(None, None), (4, 1)]


def test_once_the_funding_is_over_the_posts_of_its_last_day_are_shown() -> None:
    found = seen(told(("2021-05-01", funded(("constable", 4)))), "2023-01-01")
    assert (found.posts_funded, found.posts_by_rank) == (4, {"constable": 4})
    assert seen(told(("2021-05-01", funded(("constable", 4)))), "2023-01-01", ends=None).posts_funded == 0


def test_more_filled_than_funded_leaves_none_vacant() -> None:
    state = told(("2021-05-01", funded(("constable", 4))), ("2021-05-01", filled("constable", 6, date(2021, 5, 1))))
    assert (seen(state, "2021-05-01").posts_filled, seen(state, "2021-05-01").posts_vacant) == (6, 0)


def test_a_baseline_is_shown_from_its_day() -> None:
    state = told(("2021-05-01", RecordBaseline(team="hub", headcount=17, as_of=date(2021, 3, 31), words="before")))
    assert [len(seen(state, day).baselines) for day in ("2021-03-30", "2021-03-31")] == [0, 1]


PLAN = PlanMilestone(milestone="live", words="It goes live", due="2022-03", instrument="base")


def test_a_milestone_shows_the_date_first_promised_and_each_later_one_with_its_variation() -> None:
    state = told(("2021-07-01", PLAN), ("2022-04-12", CarryForwardMilestone(milestone="live", to="2023-03-31", variation="letter")))
    ((before,), (after,)) = seen(state, "2022-04-11").milestones, seen(state, "2022-04-12").milestones
    assert (before.original_due, before.due, before.carried) == ("2022-03", "2022-03", ())
    assert (after.original_due, after.due, [(each.to, each.variation) for each in after.carried]) == ("2022-03", "2023-03-31", [("2023-03-31", "letter")])


def test_a_milestone_is_achieved_from_the_date_stated_whenever_we_learnt_of_it() -> None:
    state = told(("2021-07-01", PLAN), ("2022-06-01", AchieveMilestone(milestone="live", on="2022-04-30")))
    ((before,), (after,)) = seen(state, "2022-04-29").milestones, seen(state, "2022-04-30").milestones
    assert (before.achieved, before.days_late) == (None, None)
    assert (after.achieved, after.days_late) == ("2022-04-30", 30)


def test_a_milestone_given_up_on_no_stated_day_is_so_from_the_day_we_learnt_of_it() -> None:
    unknown = told(("2021-07-01", PLAN), ("2022-02-01", AbandonMilestone(milestone="live", reason="not wanted")))
    stated = told(("2021-07-01", PLAN), ("2022-02-01", AbandonMilestone(milestone="live", reason="not wanted", on="2022-01")))
    assert [seen(unknown, day).milestones[0].abandoned for day in ("2022-01-31", "2022-02-01")] == [None, "not wanted"]
    assert [seen(stated, day).milestones[0].abandoned for day in ("2022-01-30", "2022-01-31")] == [None, "not wanted"]


def test_what_was_not_planned_yet_is_not_shown() -> None:
    state = told(("2021-07-01", PLAN), ("2021-07-01", PlanDeliverable(deliverable="core", words="Forces", most=10)))
    assert (seen(state, "2021-06-30").milestones, seen(state, "2021-06-30").deliverables) == ((), ())


def test_a_deliverable_shows_its_limit_with_every_trade_and_its_count_at_the_day() -> None:
    state = told(
        ("2021-07-01", PlanDeliverable(deliverable="core", words="Forces at the core level", most=10)),
        ("2021-07-01", PlanDeliverable(deliverable="full", words="Forces at the full level", most=0)),
        ("2022-01-10", RecordDelivered(deliverable="core", count=2, on="2021-12")),
        (
            "2022-04-12",
            TradeDeliverables(variation="letter", gives_up=Counted(deliverable="core", count=8), gains=Counted(deliverable="full", count=4)),
        ),
    )
    before, after = seen(state, "2022-04-11").deliverables, seen(state, "2022-04-12").deliverables
    assert [(each.promised, each.most, each.delivered, len(each.trades)) for each in before] == [(10, 10, 2, 0), (0, 0, 0, 0)]
    assert [(each.promised, each.most, each.delivered) for each in after] == [(10, 2, 2), (0, 4, 0)]
    traded = TradeRow(variation="letter", gives_up="core", gives_up_count=8, gains="full", gains_count=4)
    assert [each.trades for each in after] == [(traded,), (traded,)]
    assert seen(state, "2021-12-30").deliverables[0].delivered == 0


def test_a_report_shows_what_is_made_what_is_late_and_what_comes_next() -> None:
    owed = OweReport(report="finance", form="financial", to="The unit", months=1, due_days=14, first=date(2021, 4, 1), words="monthly")
    state = told(("2021-07-01", owed), ("2021-07-01", MakeReport(reports=("finance",), period="2021-05", on=date(2021, 6, 20))))
    (row,) = seen(state, "2021-07-20").reports
    assert [(each.period, each.due, each.days_late) for each in row.made] == [("2021-05", date(2021, 6, 14), 6)]
    assert (row.overdue, row.next_period, row.next_due) == (("2021-04", "2021-06"), "2021-04", date(2021, 5, 14))
    (earlier,) = seen(state, "2021-06-19").reports
    assert (earlier.made, earlier.overdue) == ((), ("2021-04", "2021-05"))
    assert seen(state, "2021-03-31").reports == ()


def test_a_report_that_was_made_for_every_period_waits_for_none() -> None:
    owed = OweReport(report="year", form="delivery", to="The unit", months=12, due_days=30, first=date(2021, 4, 1), words="yearly")
    state = told(("2021-07-01", owed), ("2022-04-04", MakeReport(reports=("year",), period="Year 2021/22", on=date(2022, 4, 4))))
    (row,) = seen(state, "2022-04-04").reports
    assert (row.overdue, row.next_period, row.next_due) == ((), None, None)


def test_a_waived_period_is_shown_from_the_day_stated_and_is_not_late() -> None:
    owed = OweReport(report="finance", form="financial", to="The unit", months=1, due_days=14, first=date(2021, 4, 1), words="monthly")
    state = told(("2021-07-01", owed), ("2021-07-02", WaiveReport(report="finance", period="2021-04", reason="no spend", on="2021-06-01")))
    ((before,), (after,)) = seen(state, "2021-05-31").reports, seen(state, "2021-06-01").reports
    assert (before.waived, before.overdue) == ((), ("2021-04",))
    assert (after.waived, after.overdue, after.next_period) == (("2021-04",), (), "2021-05")
