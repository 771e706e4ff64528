from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain.approval import authorised, decide, decision_refs
from domain.drafting import DecisionRecorded
from domain.paper import DecidedItem
from tests.domain.papers import (
    ANN,
    APPROVED,
    DECIDED,
    DORA,
    EVE,
    TO_DECIDER,
    accepted,
    after,
    by,
    known,
    ratified,
    refused,
    state_of,
)


def test_a_decision_recorded_alone_authorises_what_it_ratifies_under_its_own_reference() -> None:
    state = state_of((ratified(), by(EVE)))
    assert (authorised(state), decision_refs(state)) == ({"agreement-1": {"2020/21": 147_930_616}}, {"agreement-1": "PCD 867"})


def test_a_decision_stated_to_the_month_counts_from_its_last_day() -> None:
    state = state_of((ratified(), by(EVE)))
    assert [bool(authorised(state, date(2020, 11, day))) for day in (29, 30)] == [False, True]


def test_a_decision_without_a_date_counts_from_when_it_was_recorded() -> None:
    state = state_of((ratified(decided=None), by(EVE)))
    assert [bool(authorised(state, date(2021, 1, day))) for day in (5, 6)] == [False, True]


def test_a_decision_made_here_counts_from_the_london_day_of_its_last_step() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA, datetime(2021, 1, 12, 9, tzinfo=UTC))))
    assert [bool(authorised(state, date(2021, 1, day))) for day in (11, 12)] == [False, True]


def test_recording_the_decision_on_a_paper_publishes_it_and_authorises_nothing_twice() -> None:
    before = state_of(*DECIDED)
    record = ratified(decision="PCD 914/1", items=(), paper="PCD 914", decided=None)
    (event,) = accepted(record, before, by(EVE))
    assert isinstance(event, DecisionRecorded)
    assert (event.items, event.date_signed) == (before.papers["PCD 914"].items, None)
    state = after(before, (event,), by(EVE))
    assert (authorised(state), decision_refs(before), decision_refs(state)) == (authorised(before), {"variation-1": "PCD 914"}, {"variation-1": "PCD 914/1"})


def test_a_decision_on_a_paper_that_is_not_decided_here_is_not_recorded_as_its() -> None:
    refusal = refused(ratified(items=(), paper="PCD 914"), state_of(*TO_DECIDER), by(EVE))
    assert (refusal.code, refusal.who_could) == ("approval.not_decided", ("decider",))


def test_several_decisions_on_one_instrument_do_not_add_up() -> None:
    state = state_of((ratified(5), by(EVE)), (ratified(7, decision="PCD 868"), by(EVE)), (ratified(6, decision="PCD 869"), by(EVE)))
    assert authorised(state) == {"agreement-1": {"2020/21": 7}}


def test_a_declined_item_of_a_recorded_decision_authorises_nothing() -> None:
    declined = DecidedItem(item="1", verbs=("ratify",), words="Continuation", instrument="agreement-1", pence={"2020/21": 1}, outcome="declined")
    assert authorised(state_of((ratified(items=(declined,)), by(EVE)))) == {}


def test_recording_a_decision_again_changes_nothing_and_with_a_date_since_known_states_it() -> None:
    state = state_of((ratified(), by(EVE)))
    assert decide(ratified(), state, by(ANN), known()) == ()
    (event,) = accepted(ratified(date_signed="2020-11-19"), state, by(EVE))
    later = after(state, (event,), by(EVE))
    assert (later.decisions["PCD 867"].decision.date_signed, authorised(later)) == ("2020-11-19", authorised(state))


@pytest.mark.parametrize("other", [{"items": ()}, {"paper": "PCD 914"}])
def test_a_decision_is_that_of_a_paper_or_has_items_of_its_own(other: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ratified(**other)
