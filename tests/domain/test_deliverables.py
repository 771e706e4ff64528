"""Specs of deliverables: up to ten forces at the core level, and a variation that trades them for five at the full level (PCD 1240)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import delivery
from domain.deliverables import Counted, DeliverablesTraded, Delivered, PlanDeliverable, RecordDelivered, TradeDeliverables
from domain.delivery import Given, State
from domain.exception import ExceptionRaised
from domain.model import CommandBody, Refusal, line_of
from tests.domain.rooms import accepted, after, at, once, policy, refused

GIVEN = Given(policy=policy(), instruments={"base", "letter"}, variations={"letter"}, exception_owner="finance")
DAY = at("2022-04-12")
CORE = PlanDeliverable(deliverable="core", words="Forces at the core level", most=10, instrument="base")
FULL = PlanDeliverable(deliverable="full", words="Forces at the full level", most=0)
OPEN = PlanDeliverable(deliverable="open", words="Whatever comes")
TRADE = TradeDeliverables(variation="letter", gives_up=Counted(deliverable="core", count=10), gains=Counted(deliverable="full", count=5))


def delivered(count: int, on: str, deliverable: str = "core") -> RecordDelivered:
    return RecordDelivered(deliverable=deliverable, count=count, on=on)


def told(*commands: CommandBody) -> State:
    state = State()
    for body in commands:
        state, answer = once(delivery, state, body, DAY, GIVEN)
        accepted(answer)
    return state


def decide(body: Any, state: State) -> Any:
    return delivery.decide(body, state, DAY, GIVEN)


def test_what_is_delivered_is_counted_in_all_and_stands_at_its_date() -> None:
    core = told(CORE, delivered(3, "2021-06"), delivered(7, "2021-12-01")).deliverables.deliverables["core"]
    assert [core.count(day) for day in (date(2021, 6, 29), date(2021, 6, 30), date(2021, 12, 1))] == [0, 3, 7]


def test_a_later_record_of_one_date_corrects_the_earlier_one() -> None:
    assert told(CORE, delivered(8, "2021-06"), delivered(3, "2021-06")).deliverables.deliverables["core"].count() == 3


def test_ten_at_the_core_level_are_traded_for_five_at_the_full_level() -> None:
    state, answer = once(delivery, told(CORE, FULL), TRADE, DAY, GIVEN)
    (traded,) = accepted(answer)
    assert isinstance(traded, DeliverablesTraded)
    assert (traded.gives_up_most, traded.gains_most) == (0, 5)
    assert (state.deliverables.most("core"), state.deliverables.most("full")) == (0, 5)
    assert line_of(traded) == "Under letter 10 of core are traded for 5 of full"


def test_a_trade_counts_from_the_day_on_which_it_was_recorded() -> None:
    state = told(CORE, FULL, TRADE).deliverables
    assert [state.most("core", day) for day in (date(2022, 4, 11), date(2022, 4, 12))] == [10, 0]


def test_what_is_delivered_already_cannot_be_given_up() -> None:
    answer = decide(TRADE, told(CORE, FULL, delivered(1, "2022-01")))
    assert refused(answer)[0] == "delivery.below_delivered"
    assert isinstance(answer, Refusal)
    assert answer.why == "10 of core cannot be given up: 1 of at most 10 are delivered already, so 9 are left."


def test_what_has_no_number_can_be_gained_but_not_given_up() -> None:
    sides = {"gives_up": Counted(deliverable="open", count=1), "gains": Counted(deliverable="full", count=1)}
    assert refused(decide(TRADE.model_copy(update=sides), told(FULL, OPEN)))[0] == "delivery.no_limit"
    (traded,) = accepted(decide(TRADE.model_copy(update={"gains": Counted(deliverable="open", count=1)}), told(CORE, OPEN)))
    assert isinstance(traded, DeliverablesTraded)
    assert traded.gains_most is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (TRADE.model_copy(update={"variation": "base"}), "delivery.variation_unknown"),
        (TRADE.model_copy(update={"gains": Counted(deliverable="nothing", count=1)}), "delivery.deliverable_unknown"),
        (TRADE.model_copy(update={"gives_up": Counted(deliverable="nothing", count=1)}), "delivery.deliverable_unknown"),
        (delivered(1, "2022", "nothing"), "delivery.deliverable_unknown"),
        (CORE.model_copy(update={"most": 11}), "delivery.deliverable_differs"),
    ],
    ids=["no variation", "gains nothing known", "gives up nothing known", "delivers nothing known", "another number"],
)
def test_what_a_deliverable_does_not_allow_is_refused(body: CommandBody, code: str) -> None:
    assert refused(decide(body, told(CORE, FULL)))[0] == code


def test_a_deliverable_is_traded_for_another_one() -> None:
    with pytest.raises(ValidationError):
        TradeDeliverables(variation="letter", gives_up=Counted(deliverable="core", count=1), gains=Counted(deliverable="core", count=2))


def test_more_than_promised_is_a_fact_with_an_exception_until_its_count_is_within_the_limit() -> None:
    before = told(CORE)
    event, raised = accepted(decide(delivered(11, "2022-01"), before))
    assert isinstance(event, Delivered)
    assert isinstance(raised, ExceptionRaised)
    assert (event.most, raised.exception, raised.owner) == (10, "delivered-beyond/core", "finance")
    assert raised.why == "11 of core are delivered by 2022-01; at most 10 are promised."
    standing = replace(GIVEN, open_exceptions={raised.exception})
    state = after(delivery, before, (event,), DAY)
    assert delivery.put_right(state, standing) == ()
    right = after(delivery, state, accepted(decide(delivered(10, "2022-01"), state)), DAY)
    assert [each.exception for each in delivery.put_right(right, standing)] == ["delivered-beyond/core"]


NAMES = st.sampled_from(("core", "full"))
COUNTS = st.integers(0, 12)
STEPS = st.one_of(
    st.builds(delivered, COUNTS, st.sampled_from(("2021-06", "2021-12", "2022-01-05")), NAMES),
    st.builds(
        lambda name, less, more: TradeDeliverables(
            variation="letter",
            gives_up=Counted(deliverable=name, count=less),
            gains=Counted(deliverable="full" if name == "core" else "core", count=more),
        ),
        NAMES,
        st.integers(1, 8),
        st.integers(1, 8),
    ),
)


def test_whatever_is_delivered_and_traded_no_trade_takes_what_is_delivered_within_its_limit() -> None:
    reached: set[str] = set()

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.lists(STEPS, max_size=8))
    def live(steps: list[CommandBody]) -> None:
        state = told(CORE, FULL.model_copy(update={"most": 4}))
        for body in steps:
            before = {name: state.deliverables.most(name) for name in ("core", "full")}
            answer = decide(body, state)
            reached.update((answer.code,) if isinstance(answer, Refusal) else (each.wire for each in answer))
            state = state if isinstance(answer, Refusal) else after(delivery, state, answer, DAY)
            for name, each in state.deliverables.deliverables.items():
                most = state.deliverables.most(name)
                assert most is not None
                assert most >= 0
                assert most >= each.count() or most >= (before[name] or 0)

    live()
    assert reached >= {"deliverable.delivered", "deliverables.traded", "exception.raised", "delivery.below_delivered"}
