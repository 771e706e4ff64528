"""Specs of the last of a grant: one that nothing funded is closed, and records are kept for years and then disposed of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast

from domain import exit as leaving
from domain import grant as grants
from domain.closing import CloseGrant, DisposeRecords
from domain.ending import Given, GrantClosed, RecordsDisposed, State
from domain.grant import Grant
from domain.model import COMMANDS, By, Command, Decision, Refusal
from tests.domain.rooms import accepted, after, at, owed_by, policy, refused
from tests.lives import add, organisation_of

POLICY = policy(owed_by("exit", "exit.stated"), owed_by("exit", "grant.reconciled"), owed_by("exit", "grant.closed"))
DAY = at("2021-06-16")


def decide(body: Any, state: State = State(), having: Given = Given(policy=POLICY)) -> Any:  # noqa: B008  (frozen)
    return leaving.decide(body, state, DAY, having)


# Never funded ---------------------------------------------------------------------------------------------------------

LOST = datetime(2019, 3, 29, 10, tzinfo=UTC)
UNFUNDED = Given(policy=POLICY, unfunded=LOST)


def test_a_grant_that_nothing_ever_funded_is_closed_and_kept_six_years_from_its_last_outcome() -> None:
    (duty,) = leaving.duties(State(), UNFUNDED)
    assert (duty.name, duty.since) == ("grant.closed", LOST)
    (closed,) = accepted(decide(CloseGrant(), having=UNFUNDED))
    assert closed == GrantClosed(retention_until=date(2025, 3, 29), note=None)


def test_a_grant_that_was_never_funded_stays_open_while_something_else_is() -> None:
    answer = decide(CloseGrant(), having=replace(UNFUNDED, gates=("paper paper-1 is not decided",)))
    assert isinstance(answer, Refusal)
    assert answer.why == "The grant cannot be closed yet: paper paper-1 is not decided."


# Kept and disposed of -------------------------------------------------------------------------------------------------

CLOSED: State = after(leaving, State(), (GrantClosed(retention_until=date(2027, 3, 31), note=None),), DAY)
DISPOSE = DisposeRecords(how="The sealed parts are erased.")


def test_records_are_kept_until_the_last_day_of_their_retention() -> None:
    answer = leaving.decide(DISPOSE, CLOSED, at("2027-03-31"), UNFUNDED)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("retention.not_over", "Records are kept until 2027-03-31; today is 2027-03-31.")


def test_the_day_after_they_can_be_disposed_of_once() -> None:
    day = at("2027-04-01")
    events = accepted(leaving.decide(DISPOSE, CLOSED, day, UNFUNDED))
    assert events == (RecordsDisposed(retention_until=date(2027, 3, 31), how=DISPOSE.how),)
    assert leaving.decide(DISPOSE, after(leaving, CLOSED, events, day), at("2027-04-02"), UNFUNDED) == ()


def test_the_records_of_a_grant_that_is_not_closed_are_not_disposed_of() -> None:
    assert refused(decide(DISPOSE))[0] == "retention.not_closed"


# Of the whole grant ---------------------------------------------------------------------------------------------------

ORGANISATION = organisation_of("mopac")
PARTIES = [{"role": "funder", "party": "A funder"}, {"role": "host", "party": "A host"}]
OPEN = ("OpenGrant", {"organisation": "mopac", "title": "Any", "clock": "rehearsal", "parties": PARTIES})
OFFER = (
    "ReceiveOffer",
    {"offer": "offer-1", "received": "2020-06-01", "lines": [{"line": "whole", "year": "2020/21", "pence": 100, "categories": ["pay"]}]},
)
DECLINE = ("DeclineOffer", {"offer": "offer-1", "reason": "Its terms cannot be kept."})
CLOSE: tuple[str, dict[str, Any]] = ("CloseGrant", {})


def asked(*wanted: tuple[str, dict[str, Any]]) -> tuple[Grant, Decision]:
    """A grant after these commands, one a day, and what came of the last one."""
    grant, decision = Grant(stream="grant/any"), cast("Decision", ())
    for number, (kind, body) in enumerate(wanted, start=1):
        now = datetime(2020, 6, number, 9, tzinfo=UTC)
        typed = COMMANDS[kind].model_validate(body, strict=False).model_dump(mode="json", exclude_unset=True)
        actor = "p-chief-finance" if kind == "DeclineOffer" else "p-grants"
        command = Command(v=1, id=f"c-{number}", grant="any", type=kind, actor=actor, on_behalf_of=None, at=now, content=None, body=typed, sealed=None)
        decision = grants.decide(command, grant, ORGANISATION, now)
        if not isinstance(decision, Refusal):
            grant, _ = add(grant, decision, By(actor=command.actor, on_behalf_of=None, now=now, content=None, command=command.id))
    return grant, decision


def test_a_grant_whose_only_offer_was_declined_is_closed_without_figures_or_an_exit() -> None:
    grant, _ = asked(OPEN, OFFER, DECLINE, CLOSE)
    assert grants.closed(grant)
    assert grant.exit.closed == GrantClosed(retention_until=date(2026, 6, 3), note=None)


def test_while_an_offer_waits_or_where_there_never_was_one_the_grant_is_not_closed() -> None:
    for wanted in ((OPEN, OFFER, CLOSE), (OPEN, CLOSE)):
        _, answer = asked(*wanted)
        assert isinstance(answer, Refusal)
        assert answer.code == "close.not_yet"
