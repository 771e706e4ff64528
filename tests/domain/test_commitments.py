"""What stands beside the money: commitments of others, forecasts; and what a view shows of both."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from domain.commitments import RecordCommitment, RecordForecast
from domain.cost_rows import CostFigures, cost_figures
from domain.eligibility import shares
from domain.returns import PrepareReturn
from tests.domain.recovering import BASE_PENCE, Recovery, cost, costs

HOST = RecordCommitment(
    commitment="host-contribution", party="A host", cap_pence=140_000_000, per="year", first=date(2020, 4, 1), last=None, note="unchanged by the variation"
)


def forecast(pence: int, dated: str) -> RecordForecast:
    return RecordForecast(year="2020/21", pence=pence, dated=dated)


def view(life: Recovery, as_of: str) -> CostFigures:
    return cost_figures(life.state, shares(life.state, life.given.terms), {"2020/21": BASE_PENCE}, date.fromisoformat(as_of))


def test_a_commitment_of_another_stands_beside_the_grant_from_its_first_day() -> None:
    life = Recovery()
    (recorded,) = life.does(HOST)
    assert recorded.wire == "commitment.recorded"
    assert view(life, "2020-03-31").related == ()
    (row,) = view(life, "2020-04-01").related
    assert (row.commitment, row.party, row.cap_pence, row.per, row.note) == ("host-contribution", "A host", 140_000_000, "year", "unchanged by the variation")


def test_a_commitment_changes_no_return_and_no_income() -> None:
    life, without = Recovery(), Recovery()
    life.does(HOST)
    for each in (life, without):
        each.does(costs(cost("a")))
        each.on("2020-07-01").does(PrepareReturn(period="Q1 2020/21"))
    assert (life.claim("Q1 2020/21"), life.income()) == (without.claim("Q1 2020/21"), without.income())


def test_the_same_commitment_again_adds_nothing_and_another_sum_is_another_commitment() -> None:
    life = Recovery()
    life.does(HOST)
    assert life.tries(HOST) == ()
    assert life.refused(HOST.model_copy(update={"cap_pence": 1})).code == "recovery.commitment_differs"


def test_a_commitment_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        RecordCommitment.model_validate({**HOST.model_dump(), "last": date(2020, 3, 31)})


def test_money_at_risk_is_the_cap_less_actual_less_the_latest_forecast() -> None:
    life = Recovery()
    life.does(costs(cost("a", 1_000_00), cost("b", 500_00, "2020-09-01"), cost("c", 7_00, category="fines")))
    life.does(forecast(140_000_000, "2020-06-30"))
    life.does(forecast(147_000_000, "2020-08-31"))
    (then,), (now,) = view(life, "2020-07-31").forecasts, view(life, "2020-09-30").forecasts
    assert (then.actual_pence, then.at_risk_pence) == (1_000_00, BASE_PENCE - 1_000_00 - 140_000_000)
    assert (now.actual_pence, now.at_risk_pence, now.dated) == (1_500_00, BASE_PENCE - 1_500_00 - 147_000_000, "2020-08-31")


def test_nothing_is_at_risk_where_more_is_expected_than_the_cap() -> None:
    life = Recovery()
    life.does(forecast(BASE_PENCE + 1, "2020-06-30"))
    assert view(life, "2020-07-31").forecasts[0].at_risk_pence == 0


def test_two_forecasts_of_one_day_cannot_both_be() -> None:
    life = Recovery()
    life.does(forecast(5, "2020-06-30"))
    assert life.tries(forecast(5, "2020-06-30")) == ()
    refused = life.refused(forecast(6, "2020-06-30"))
    assert (refused.code, refused.why) == ("recovery.forecast_differs", "The forecast of 2020/21 dated 2020-06-30 is recorded already, as £0.05.")
