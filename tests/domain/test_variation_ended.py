"""Variations of which nothing comes: taken back by the funder, or not taken up."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain import agreement, bid, variation
from domain.changes import ApplyVariation, RecordVariationWithdrawn, State
from domain.instruments import instruments
from tests.domain.instrument_papers import letter, variation_given
from tests.domain.rooms import accepted, after, at, once, refused

DAY = at("2021-02-01")
COVERED = {"uplift": {"2020/21": 26_735_464}}
APPLY = ApplyVariation(variation="uplift")
ENDED = RecordVariationWithdrawn(variation="uplift", dated="2021-02-01", reason="The fund was closed.")


def told(*commands: Any) -> State:
    state = State()
    for body in commands:
        state, answer = once(variation, state, body, DAY, variation_given(COVERED))
        accepted(answer)
    return state


def decide(body: Any, state: State = State()) -> Any:  # noqa: B008  (frozen)
    return variation.decide(body, state, DAY, variation_given(COVERED))


def test_a_variation_that_nobody_takes_up_waits_for_nobody_and_is_applied_no_more() -> None:
    state = told(letter(), ENDED)
    assert variation.duties(state, variation_given()) == ()
    assert refused(decide(APPLY, state))[0] == "variation.over"
    assert refused(decide(ENDED.model_copy(update={"reason": "Another."}), state))[0] == "variation.over"
    assert refused(decide(ENDED))[0] == "variation.unknown"


def test_a_variation_that_nobody_takes_up_is_sought_until_then_and_keeps_nothing_open() -> None:
    (found,) = instruments(agreement.State(), told(letter(), ENDED), bid.State())
    assert (found.stands, found.over, found.in_force, found.at_risk_per_day_pence) == (False, True, None, None)
    assert [found.sought_on(date(2021, 1, 31)), found.sought_on(date(2021, 2, 1))] == [26_735_464, 0]


def test_what_is_applied_and_said_to_be_over_stays_in_force_with_an_exception() -> None:
    applied = told(letter(), APPLY)
    ended, raised = accepted(decide(ENDED, applied))
    assert (ended.wire, raised.wire) == ("variation.ended", "exception.raised")
    state = after(variation, applied, (ended,), DAY)
    assert (state.variations["uplift"].over, state.variations["uplift"].applied is not None) == (None, True)
