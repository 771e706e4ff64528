"""What a policy says of a duty, of working days, and of who decides."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.calendar import end_of
from domain.policy import Policy
from tests.domain.rooms import SCHEME, owed_by, policy

SINCE = datetime(2020, 12, 31, 9, tzinfo=UTC)
TEN_DAYS = policy(owed_by("variation", "variation.applied", owner="finance", ladder="money", working_days=10))


def test_a_duty_is_owed_by_whom_the_policy_names_and_chased_by_its_ladder() -> None:
    (duty,) = TEN_DAYS.owed("variation", "variation.applied", "uplift", SINCE, at_risk=146_898)
    assert (duty.part, duty.name, duty.subject, duty.owner, duty.ladder, duty.at_risk_per_day_pence) == (
        *("variation", "variation.applied", "uplift", "finance", "money"),
        146_898,
    )


def test_a_duty_of_which_the_policy_says_nothing_is_owed_by_nobody() -> None:
    assert TEN_DAYS.owed("variation", "variation.approved", "uplift", SINCE) == ()


def test_a_duty_falls_due_after_its_working_days_unless_a_day_is_given() -> None:
    (after_ten,), (named,) = (TEN_DAYS.owed("variation", "variation.applied", "uplift", SINCE, due) for due in (None, date(2021, 2, 1)))
    assert (after_ten.due, named.due) == (end_of(date(2021, 1, 15)), end_of(date(2021, 2, 1)))


def test_a_duty_without_working_days_has_no_date() -> None:
    (duty,) = policy(owed_by("variation", "variation.applied")).owed("variation", "variation.applied", "uplift", SINCE)
    assert duty.due is None


@pytest.mark.parametrize(
    ("day", "count", "found"), [(date(2021, 3, 31), -60, date(2021, 1, 6)), (date(2020, 12, 31), 10, date(2021, 1, 15)), (date(2020, 12, 31), None, None)]
)
def test_working_days_are_counted_forwards_and_backwards(day: date, count: int | None, found: date | None) -> None:
    assert TEN_DAYS.working_day_after(day, count) == found


@pytest.mark.parametrize(("day", "count"), [(date(2030, 12, 31), 1), (date(2016, 1, 1), -1), (date(2051, 3, 31), -60)])
def test_beyond_the_table_of_working_days_no_date_is_known_and_nothing_breaks(day: date, count: int) -> None:
    assert TEN_DAYS.working_day_after(day, count) is None


def test_those_decide_whom_the_edition_in_force_names_each_once() -> None:
    twice = SCHEME.model_copy(update={"rules": (*SCHEME.rules, *SCHEME.rules, SCHEME.rules[0].model_copy(update={"office": "adviser", "says": "advise"}))})
    assert with_scheme(twice).deciders(date(2020, 6, 15), 1) == ("decision-maker",)


def test_where_no_edition_is_in_force_nobody_decides() -> None:
    assert TEN_DAYS.deciders(date(2015, 12, 31), 1) == ()


def with_scheme(scheme: object) -> Policy:
    return policy().model_copy(update={"schemes": (scheme,)})
