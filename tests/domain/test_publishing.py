"""Decisions are published: who owes it by when, how it is put off, and what counts as published (R-75)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain import grant as grants
from domain.approval import Given, State, duties, papers
from domain.calendar import end_of
from domain.model import Document, Duty, Event, Refusal, line_of
from domain.publishing import DecisionPublished, DeferPublication, PublicationDeferred, PublicationRow, PublishDecision
from tests.domain.papers import (
    ANN,
    DECIDED,
    EVE,
    MORNING,
    TO_ADVISERS,
    TO_DECIDER,
    Wish,
    accepted,
    after,
    answered,
    by,
    known,
    published_in,
    ratified,
    refused,
    state_of,
)
from tests.domain.test_bid_whole import GRANTS
from tests.domain.test_superseding import WHOLE, Offered
from tests.lives import case_of, live, organisation_of

PAGE = Document(kind="decision", dated="2021-01-07", kept="the publisher's site")
PUBLISH = PublishDecision(paper="PCD 914", document=PAGE)
ASKED = published_in(5)
TODAY = MORNING.date()


def deferred(until: date, reason: str = "The funder announces it first") -> DeferPublication:
    return DeferPublication(paper="PCD 914", until=until, reason=reason)


def owed(state: State, given: Given = ASKED) -> list[tuple[str, str, date | None]]:
    return [(each.name, each.owner, each.due.date() if each.due else None) for each in duties(state, given)]


def standing(state: State, given: Given = ASKED) -> PublicationRow:
    (row,) = papers(state, given.policy)
    return row.publication


def then(*wishes: Wish) -> State:
    return state_of(*DECIDED, *wishes)


# Who owes it ----------------------------------------------------------------------------------------------------------


def test_publication_is_owed_from_the_decision_in_the_policys_working_days() -> None:
    assert duties(state_of(*DECIDED), ASKED) == (
        Duty(part="approval", subject="PCD 914", name="publish", owner="grants-team", since=MORNING, due=end_of(date(2021, 1, 13)), ladder="papers"),
    )


@pytest.mark.parametrize("outcome", ["declined", "deferred"])
def test_a_decision_that_approves_nothing_is_published_too(outcome: str) -> None:
    state = state_of(*TO_DECIDER, (answered(outcome, outcome), by("dora")))
    assert [name for name, _, _ in owed(state)] == ["publish"]


@pytest.mark.parametrize("wishes", [TO_ADVISERS[:1], TO_ADVISERS, TO_DECIDER])
def test_nothing_is_published_before_it_is_decided(wishes: tuple[Wish, ...]) -> None:
    assert "publish" not in {name for name, _, _ in owed(state_of(*wishes))}
    assert standing(state_of(*wishes)) == PublicationRow(standing="none")


def test_where_the_policy_is_silent_nobody_owes_a_publication() -> None:
    assert owed(state_of(*DECIDED), known()) == []
    assert standing(state_of(*DECIDED), known()).standing == "none"


# Publishing -----------------------------------------------------------------------------------------------------------


def test_a_decision_is_published_where_its_document_says() -> None:
    (event,) = accepted(PUBLISH, state_of(*DECIDED), by(ANN))
    assert isinstance(event, DecisionPublished)
    assert line_of(event) == "The decision on PCD 914 is published: decision (the publisher's site)"
    state = after(state_of(*DECIDED), (event,), by(ANN))
    assert (owed(state), standing(state)) == ([], PublicationRow(standing="published", document=PAGE, at=MORNING))


def test_publishing_it_again_adds_nothing_and_elsewhere_is_refused() -> None:
    state = then((PUBLISH, by(ANN)))
    assert accepted(PUBLISH, state, by(ANN)) == ()
    other = PUBLISH.model_copy(update={"document": PAGE.model_copy(update={"kept": "another site"})})
    assert refused(other, state, by(ANN)).code == "publication.published_already"


@pytest.mark.parametrize("grade", ["internal", "restricted"])
def test_only_a_public_document_publishes(grade: str) -> None:
    body = PUBLISH.model_copy(update={"document": PAGE.model_copy(update={"grade": grade})})
    assert refused(body, state_of(*DECIDED), by(ANN)).code == "publication.not_public"


@pytest.mark.parametrize("body", [PUBLISH, deferred(date(2021, 2, 1))])
def test_nothing_is_published_or_deferred_of_a_paper_that_is_not_decided(body: PublishDecision | DeferPublication) -> None:
    refusal = refused(body, state_of(*TO_DECIDER), by(ANN))
    assert (refusal.code, refusal.who_could) == ("publication.undecided", ("decider",))
    assert refused(body, State(), by(ANN)).code == "approval.no_paper"


def recorded(grade: str = "public", decision: str = "PCD 914") -> Wish:
    document = PAGE.model_copy(update={"grade": grade})
    return ratified(decision=decision, items=(), paper="PCD 914", decided=None, document=document), by(EVE, MORNING + timedelta(hours=1))


def test_a_recorded_decision_with_a_public_document_is_published() -> None:
    state = then(recorded())
    assert (owed(state), standing(state).standing, standing(state).document) == ([], "published", PAGE)


def test_a_recorded_decision_whose_document_is_not_public_is_still_to_be_published() -> None:
    state = then(recorded("restricted"))
    assert [name for name, _, _ in owed(state)] == ["publish"]
    assert owed(then(recorded("restricted"), (PUBLISH, by(ANN)))) == []


def test_of_two_records_of_one_decision_the_first_published_it() -> None:
    state = then((PUBLISH, by(ANN)), recorded(decision="PCD 914 again"))
    assert standing(state).at == MORNING


# Deferring ------------------------------------------------------------------------------------------------------------


def test_a_deferral_moves_the_day_and_stays_with_its_reason() -> None:
    (event,) = accepted(deferred(date(2021, 3, 1)), state_of(*DECIDED), by(ANN))
    assert isinstance(event, PublicationDeferred)
    assert line_of(event) == "Publication of PCD 914 deferred until 2021-03-01: The funder announces it first"
    state = after(state_of(*DECIDED), (event,), by(ANN))
    assert owed(state) == [("publish", "grants-team", date(2021, 3, 1))]
    assert standing(state) == PublicationRow(standing="deferred", until=date(2021, 3, 1), reason="The funder announces it first")


def test_a_deferral_that_has_passed_is_overdue_again_from_its_day() -> None:
    (duty,) = duties(then((deferred(date(2021, 3, 1)), by(ANN))), ASKED)
    assert duty.due == end_of(date(2021, 3, 1))


def test_a_deferral_can_be_deferred_again_and_the_same_one_adds_nothing() -> None:
    state = then((deferred(date(2021, 3, 1)), by(ANN)))
    assert accepted(deferred(date(2021, 3, 1)), state, by(ANN)) == ()
    assert len(accepted(deferred(date(2021, 4, 1)), state, by(ANN))) == 1


@pytest.mark.parametrize("until", [TODAY, TODAY - timedelta(days=1)])
def test_a_publication_is_deferred_to_a_day_that_is_ahead(until: date) -> None:
    assert refused(deferred(until), state_of(*DECIDED), by(ANN)).code == "publication.not_ahead"


def test_what_is_published_is_not_deferred() -> None:
    assert refused(deferred(date(2021, 3, 1)), then((PUBLISH, by(ANN))), by(ANN)).code == "publication.published_already"


# Over the whole grant -------------------------------------------------------------------------------------------------


def test_it_is_an_act_of_the_offices_that_the_scheme_names() -> None:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    page = {"kind": "decision", "kept": "a site"}
    assert life.refused("2019-04-04T09:00", "p-legal", "PublishDecision", paper="P1", document=page) == (
        "authority.not_mandated",
        ("grants-team", "chief-executive"),
    )
    postpones = {"paper": "P1", "until": "2019-07-01", "reason": "Purdah"}
    assert life.refused("2019-04-04T09:00", GRANTS, "DeferPublication", **postpones)[0] == "authority.not_mandated"
    life.do("2019-04-04T09:00", "p-chief-executive", "DeferPublication", **postpones)
    assert wires(life.do("2019-06-28T09:00", GRANTS, "PublishDecision", paper="P1", document=page)) == ["decision.published"]


def test_whoever_does_not_publish_is_reminded_and_then_it_is_escalated() -> None:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    life.do("2019-06-28T09:00", GRANTS, "AdvanceClock", to="2019-06-28T09:00:00Z")
    passed = life.grant.chasing.passed["approval/P1/publish.grants-team"]
    assert [each.split("@")[0] for each in sorted(passed, key=lambda each: each.split("@")[1])] == ["soon", "late", "later"]


def test_a_closed_grant_still_takes_the_publication_of_its_decisions_and_nothing_else_of_them() -> None:
    case = case_of("trust-2024/warm-room")
    organisation = organisation_of(case.organisation)
    last = list(live(case, organisation))[-1]
    assert grants.closed(last.after)
    page = {"paper": "paper-room", "document": PAGE.model_dump(mode="json")}
    puts_off = {"paper": "paper-room", "until": "2040-01-01", "reason": "Too late"}
    asked = {"id": "later", "actor": "p-t-next-secretary", "at": last.after.recorded, "on_behalf_of": None, "content": None}
    answers = [
        grants.decide(last.command.model_copy(update={**asked, "type": kind, "body": body}), last.after, organisation, last.after.recorded or MORNING)
        for kind, body in (("PublishDecision", page), ("DeferPublication", puts_off))
    ]
    assert [each.code for each in answers if isinstance(each, Refusal)] == ["publication.published_already", "grant.closed"]


def wires(events: tuple[Event, ...]) -> list[str]:
    return [each.wire for each in events]


def test_a_deferral_of_another_paper_moves_no_other_day() -> None:
    state = then((deferred(date(2021, 3, 1)), by(ANN)))
    moved = replace(state, publications={"PCD 1": state.publications["PCD 914"]})
    assert owed(moved) == [("publish", "grants-team", date(2021, 1, 13))]
