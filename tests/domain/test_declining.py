"""Specs of offers that come to nothing, and of a grant that was therefore never funded, read as sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import agreement, bid, variation
from domain.agreement import AcceptOffer, ExecuteAgreement, Given, ReceiveOffer, RecordAcceptance, RecordExecution, State
from domain.declining import DeclineOffer, OfferEnded, RecordOfferWithdrawn
from domain.exception import ExceptionRaised
from domain.instruments import Instrument, instruments, terms
from domain.model import Event
from domain.terms import Line
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

DAY = at("2020-06-15")
LINES = (Line(line="whole", year="2020/21", pence=100, categories=("pay",)),)
OFFER = ReceiveOffer(offer="offer-1", received="2020-06-01", lines=LINES)
DECLINE = DeclineOffer(offer="offer-1", reason="Its terms cannot be kept.")
WITHDRAWN = RecordOfferWithdrawn(offer="offer-1", dated="2020-06-10", reason="The fund was closed.")
ACCEPTED = RecordAcceptance(offer="offer-1", accepted="2020-06-12")
GIVEN = Given(
    policy=policy(owed_by("agreement", "offer.accepted")),
    authorised={"offer-1": {"2020/21": 100}},
    decision_refs={"offer-1": "D-1"},
    exception_owner="finance-chief",
)


def told(*commands: Any) -> State:
    state = State()
    for body in commands:
        state = after(agreement, state, accepted(agreement.decide(body, state, DAY, GIVEN)), DAY)
    return state


def decide(body: Any, *before: Any) -> Any:
    return agreement.decide(body, told(*before), DAY, GIVEN)


def offered(*commands: Any) -> Instrument:
    (found, *_) = instruments(told(*commands), variation.State(), bid.State())
    return found


@pytest.mark.parametrize(("end", "how", "ended"), [(DECLINE, "declined", "2020-06-15"), (WITHDRAWN, "withdrawn", "2020-06-10")])
def test_an_offer_that_is_over_is_waited_for_no_more_and_no_more_sought(end: Any, how: str, ended: str) -> None:
    state, answer = once(agreement, told(OFFER), end, DAY, GIVEN)
    (event,) = accepted(answer)
    assert isinstance(event, OfferEnded)
    assert (event.how, event.ended, agreement.duties(state, GIVEN)) == (how, ended, ())
    found = offered(OFFER, end)
    assert [found.sought_on(date.fromisoformat(day)) for day in ("2020-06-01", "2020-06-09", ended)] == [100, 100, 0]


def test_cost_is_held_for_an_offer_until_it_is_over() -> None:
    assert [len(terms([offered(*life)], {}).lines) for life in ((OFFER,), (OFFER, DECLINE))] == [1, 0]


@pytest.mark.parametrize(
    ("body", "before", "code"),
    [
        (DECLINE, (), "agreement.offer_unknown"),
        (DECLINE, (OFFER, ACCEPTED), "agreement.offer_taken"),
        (DECLINE, (OFFER, WITHDRAWN), "agreement.offer_over"),
        (DECLINE.model_copy(update={"reason": "Another."}), (OFFER, DECLINE), "agreement.offer_over"),
        (AcceptOffer(offer="offer-1"), (OFFER, DECLINE), "agreement.offer_over"),
        (ExecuteAgreement(agreement="a-1", offer="offer-1", lines=LINES), (OFFER, WITHDRAWN), "agreement.offer_over"),
    ],
)
def test_what_is_over_is_not_taken_up_and_what_is_taken_up_is_not_declined(body: Any, before: tuple[Any, ...], code: str) -> None:
    assert refused(decide(body, *before))[0] == code


@pytest.mark.parametrize(
    ("fact", "before"),
    [
        (WITHDRAWN, (OFFER, ACCEPTED)),
        (ACCEPTED, (OFFER, WITHDRAWN)),
        (RecordExecution(agreement="a-1", offer="offer-1", executed="2020-06-20", lines=LINES), (OFFER, DECLINE)),
    ],
)
def test_facts_that_say_both_are_recorded_with_an_exception_and_the_signature_stands(fact: Any, before: tuple[Any, ...]) -> None:
    events: tuple[Event, ...] = accepted(decide(fact, *before))
    (raised,) = (each for each in events if isinstance(each, ExceptionRaised) and each.exception == "offer-over/offer-1")
    assert raised.owner == "finance-chief"
    state = told(*before, fact)
    assert state.over("offer-1") is None
    assert any(each.in_force for each in instruments(state, variation.State(), bid.State()))


def test_declining_cites_the_delegation_that_allows_it() -> None:
    scheme = GIVEN.policy.schemes[0]
    mandate = scheme.mandates[0].model_copy(update={"act": "DeclineOffer"})
    having = replace(GIVEN, policy=GIVEN.policy.model_copy(update={"schemes": (scheme.model_copy(update={"mandates": (mandate,)}),)}))
    (ended,) = accepted(agreement.decide(DECLINE, told(OFFER), DAY, having))
    assert isinstance(ended, OfferEnded)
    assert ended.delegation == "A scheme: paragraph 4.8"
