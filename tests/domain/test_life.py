"""The whole life of every case, by the rules alone: what is expected comes, what is owed is told, nothing is lost."""

from __future__ import annotations

from functools import cache

import pytest

from domain import grant as grants
from domain.grant import Grant
from domain.model import SYSTEM, Refusal
from domain.obligations import Obligation
from tests.lives import CASES, Lived, case_of, live, organisation_of
from workflows import lifecycle

NAMES = sorted(str(path.relative_to(CASES).with_suffix("")) for path in CASES.rglob("*.yaml"))


@cache
def lived(name: str) -> tuple[Lived, ...]:
    case = case_of(name)
    return tuple(live(case, organisation_of(case.organisation)))


@pytest.mark.parametrize("name", NAMES)
def test_every_step_comes_out_as_the_case_expects(name: str) -> None:
    for each in lived(name):
        expected, decision = each.step.expect, each.decision
        if expected == "accepted":
            assert not isinstance(decision, Refusal), (each.step.step, decision)
        else:
            assert isinstance(decision, Refusal), each.step.step
            assert (decision.code, decision.who_could, decision.source) == (expected.refused, expected.who_could, expected.source), each.step.step


@pytest.mark.parametrize("name", NAMES)
def test_folding_the_events_gives_the_state_that_deciding_left(name: str) -> None:
    life = lived(name)
    pasts = [past for each in life for past in each.pasts]
    assert grants.fold(pasts, Grant(stream=life[0].after.stream)) == life[-1].after
    assert [past.version for past in pasts] == list(range(1, len(pasts) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_a_command_repeated_at_once_under_another_id_never_changes_money(name: str) -> None:
    case = case_of(name)
    organisation = organisation_of(case.organisation)
    for each in lived(name):
        assert each.after.recorded is not None
        again = each.command.model_copy(update={"id": f"{each.command.id}-again", "at": each.after.recorded if each.command.at else None})
        decision = grants.decide(again, each.after, organisation, each.after.recorded)
        events = () if isinstance(decision, Refusal) else decision
        assert not {event.wire for event in events} & MONEY, (each.step.step, events)


MONEY = {"costs.recorded", "income.accrued", "return.submitted", "return.agreed", "payment.received", "variation.applied", "agreement.executed", "cap.lapsed"}


@pytest.mark.parametrize("name", NAMES)
def test_every_duty_of_the_life_is_told_by_the_lifecycle_in_its_part(name: str) -> None:
    told = {(part.name, duty.name) for part in lifecycle.LIFE for duty in part.duties}
    owed = {(each.duty.part, each.duty.name) for step in lived(name) for each in step.owed}
    assert owed <= told


@pytest.mark.parametrize("name", NAMES)
def test_recorded_instants_never_run_backwards(name: str) -> None:
    recorded = [past.recorded for each in lived(name) for past in each.pasts]
    assert recorded == sorted(recorded)


def test_people_owe_nothing_once_the_real_life_is_closed() -> None:
    last = lived("alpha-2020-21")[-1]
    assert last.owed == ()
    assert grants.closed(last.after)


def test_the_real_life_waits_on_people_and_on_dates() -> None:
    owners = {each.duty.owner for step in lived("alpha-2020-21") for each in step.owed}
    assert SYSTEM in owners
    assert {"deputy-mayor", "mps-finance", "mps-chief-finance-officer"} <= owners


def owed(step: str, duty: str) -> Obligation:
    found = next(each for each in lived("alpha-2020-21") if each.step.step == step)
    return next(each for each in found.owed if each.duty.name == duty)


def test_a_variation_waits_to_be_applied_since_its_approval_not_since_its_letter() -> None:
    assert owed("decide", "variation.applied").duty.since.isoformat() == "2021-01-19T10:00:00+00:00"


def test_a_grant_waits_to_be_reconciled_since_its_last_payment() -> None:
    assert owed("paid-q4", "grant.reconciled").duty.since.isoformat() == "2021-06-11T09:00:00+00:00"
