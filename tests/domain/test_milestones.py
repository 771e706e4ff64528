"""Specs of milestones: two of the last quarter of 2021/22 move to the next year, stay what they are, and move no money (PCD 1240)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import delivery
from domain.delivery import Given, State
from domain.milestones import AbandonMilestone, AchieveMilestone, CarryForwardMilestone, MilestoneAchieved, MilestoneCarriedForward, PlanMilestone
from domain.model import CommandBody, line_of
from tests.domain.rooms import accepted, at, once, owed_by, policy, refused

END = date(2022, 3, 31)
GIVEN = Given(
    policy=policy(owed_by("delivery", "milestone.achieved", "project")),
    instruments={"base", "letter"},
    variations={"letter"},
    ends=END,
    exception_owner="finance",
)
DAY = at("2021-07-01")
PLAN = PlanMilestone(milestone="go-live", words="Integration goes live", due="2022-03", instrument="base")
ACHIEVE = AchieveMilestone(milestone="go-live", on="2022-04-02")
CARRY = CarryForwardMilestone(milestone="go-live", to="2023-03-31", variation="letter")
ABANDON = AbandonMilestone(milestone="go-live", reason="no longer wanted")


def told(*commands: CommandBody) -> State:
    state = State()
    for body in commands:
        state, answer = once(delivery, state, body, DAY, GIVEN)
        accepted(answer)
    return state


def decide(body: Any, state: State, given: Given = GIVEN) -> Any:
    return delivery.decide(body, state, DAY, given)


def test_a_milestone_waits_to_be_achieved_by_the_last_day_of_the_month_it_is_stated_for() -> None:
    (duty,) = delivery.duties(told(PLAN), GIVEN)
    assert (duty.name, duty.subject, duty.owner) == ("milestone.achieved", "go-live", "project")
    assert duty.due is not None
    assert duty.due.isoformat() == "2022-03-31T22:59:59+00:00"


def test_an_achieved_milestone_owes_nothing_and_says_how_late_it_was() -> None:
    state, answer = once(delivery, told(PLAN), ACHIEVE, DAY, GIVEN)
    (achieved,) = accepted(answer)
    assert isinstance(achieved, MilestoneAchieved)
    assert (achieved.due, achieved.days_late) == ("2022-03", 2)
    assert (delivery.duties(state, GIVEN), delivery.gates(state, GIVEN)) == ((), ())


def test_a_milestone_achieved_ahead_of_its_date_is_not_late() -> None:
    (achieved,) = accepted(decide(ACHIEVE.model_copy(update={"on": "2022-02"}), told(PLAN)))
    assert isinstance(achieved, MilestoneAchieved)
    assert achieved.days_late == 0


def test_carried_forward_it_keeps_its_name_and_the_date_first_promised() -> None:
    state, answer = once(delivery, told(PLAN), CARRY, DAY, GIVEN)
    (carried,) = accepted(answer)
    assert isinstance(carried, MilestoneCarriedForward)
    assert (carried.milestone, carried.original_due, carried.due, carried.to, carried.variation) == ("go-live", "2022-03", "2022-03", "2023-03-31", "letter")
    assert line_of(carried) == "Milestone go-live carried forward from 2022-03 to 2023-03-31 under letter"
    (duty,) = delivery.duties(state, GIVEN)
    assert duty.due is not None
    assert duty.due.date() == date(2023, 3, 31)


def test_carried_forward_twice_it_still_keeps_the_date_first_promised() -> None:
    (carried,) = accepted(decide(CARRY.model_copy(update={"to": "2024"}), told(PLAN, CARRY)))
    assert isinstance(carried, MilestoneCarriedForward)
    assert (carried.original_due, carried.due, carried.to) == ("2022-03", "2023-03-31", "2024")


@pytest.mark.parametrize(
    ("body", "before", "code"),
    [
        (CARRY.model_copy(update={"variation": "base"}), (PLAN,), "delivery.variation_unknown"),
        (CARRY.model_copy(update={"to": "2022-03-31"}), (PLAN,), "delivery.not_later"),
        (CARRY, (PLAN, ACHIEVE), "delivery.milestone_over"),
        (CARRY, (PLAN, ABANDON), "delivery.milestone_over"),
        (CARRY, (), "delivery.milestone_unknown"),
        (ACHIEVE, (), "delivery.milestone_unknown"),
        (ACHIEVE.model_copy(update={"on": "2022-05"}), (PLAN, ACHIEVE), "delivery.milestone_differs"),
        (ABANDON, (PLAN, ACHIEVE), "delivery.milestone_differs"),
        (PLAN.model_copy(update={"due": "2022-06"}), (PLAN,), "delivery.milestone_differs"),
    ],
    ids=["no variation", "not later", "achieved", "abandoned", "carried unknown", "achieved unknown", "achieved otherwise", "abandoned late", "another date"],
)
def test_what_a_milestone_does_not_allow_is_refused(body: CommandBody, before: tuple[CommandBody, ...], code: str) -> None:
    assert refused(decide(body, told(*before)))[0] == code


def test_a_milestone_given_up_and_achieved_after_all_is_achieved() -> None:
    assert told(PLAN, ABANDON, ACHIEVE).milestones.milestones["go-live"].ended == "achieved"


def test_an_open_milestone_keeps_the_grant_from_closing_until_it_is_disposed_of() -> None:
    assert delivery.gates(told(PLAN), GIVEN) == ("milestone go-live, due 2022-03, is neither achieved nor abandoned, nor carried forward beyond the end",)
    assert [delivery.gates(told(PLAN, each), GIVEN) for each in (ACHIEVE, ABANDON, CARRY)] == [(), (), ()]


def test_carried_forward_within_the_funded_time_it_still_keeps_the_grant_open() -> None:
    assert delivery.gates(told(PLAN, CARRY), replace(GIVEN, ends=date(2023, 3, 31))) != ()


def test_where_nothing_was_ever_funded_an_open_milestone_keeps_nothing_open() -> None:
    assert delivery.gates(told(PLAN), replace(GIVEN, ends=None)) == ()


def test_a_carry_forward_that_another_has_overtaken_adds_nothing_when_it_is_repeated() -> None:
    assert accepted(decide(CARRY, told(PLAN, CARRY, CARRY.model_copy(update={"to": "2024"})))) == ()


def test_a_milestone_of_an_instrument_that_is_not_recorded_is_a_fact_with_an_exception() -> None:
    wires = [each.wire for each in accepted(decide(PLAN.model_copy(update={"instrument": "unheard-of"}), State()))]
    assert wires == ["milestone.planned", "exception.raised"]
