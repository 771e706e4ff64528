"""What holds in every life of a paper, whoever tries what, in whichever order; and that the lives tried are not all dull.

The oracles read the tables of the invented organisation and the events themselves, never the rules under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from domain.approval import AT_BOARD, Command, Given, State, authorised, decide, duties, evolve
from domain.calendar import day_of
from domain.drafting import DecisionRecorded, PaperDrafted, PaperEdited, PaperSubmitted
from domain.model import By, Decision, Event, Past, Refusal
from domain.organisation import Holding
from domain.policy import Board, RouteRule
from domain.saying import PaperDecided, StepAdvised, StepDecided, StepMinuted, StepSentBack
from domain.steps import BoardOutcome
from tests.domain.papers import (
    ANN,
    BEN,
    CAPABILITY,
    CLEO,
    COVER,
    DORA,
    EVE,
    FACTS,
    FAY,
    GATE,
    HOLDINGS,
    LEO,
    RULES,
    SAM,
    SECOND,
    SUBMITTED,
    UP_TO,
    WHOLE,
    advised,
    answered,
    by,
    drafted,
    edited,
    edition,
    item,
    known,
    minuted,
    organisation,
    pasts,
    ratified,
    sent_back,
)

GUS = "gus"
OLD_RULES, NEW_RULES = (*RULES, GATE, SECOND), (*RULES, GATE, UP_TO)
CHANGE = date(2021, 1, 14)
TERMS = (*(each for each in HOLDINGS if each.person != DORA), Holding(person=DORA, office="decider", first=date(2016, 1, 1), last=date(2021, 1, 18)))
HELD = (*TERMS, Holding(person=GUS, office="decider", first=date(2021, 1, 19)))
PEOPLE = (ANN, BEN, FAY, LEO, CLEO, DORA, SAM, EVE, GUS)
SMALL = 40_000_000

CONTENTS: tuple[dict[str, Any], ...] = (
    {},
    {"title": "Variation."},
    {"title": "A variation"},
    {"items": (item(pence=9), CAPABILITY)},
    {"items": (item(), CAPABILITY), "facts": FACTS.model_copy(update={"novel": True})},
    {"facts": FACTS.model_copy(update={"gates": ("board",)})},
    {"title": "Variation.", "facts": FACTS.model_copy(update={"gates": ("board",)})},
)
DAILY = Board(board="board", title="Meets every day", secretary="secretary", meetings=tuple(date(2021, 1, 5) + timedelta(days=n) for n in range(60)))
AT_THE_BOARD: dict[str, BoardOutcome] = {"declined": "declined", "deferred": "deferred"}
OUTCOMES = ("approved", "approved_lower", "declined", "deferred")


@dataclass(frozen=True)
class Move:
    """One attempt: what is asked, by whom, for whom, so many hours after the one before."""

    what: str
    rightful: bool
    actor: str
    principal: str | None
    hours: int
    contents: int
    outcome: str
    office: str
    declares: bool


@dataclass(frozen=True)
class Tried:
    """One attempt with what came of it, and where the papers stood before and after."""

    body: Command
    by: By
    given: Given
    answer: Decision
    before: State
    after: State

    @property
    def pasts(self) -> tuple[Past, ...]:
        return () if isinstance(self.answer, Refusal) else pasts(self.answer, self.by)


OFFICES = ("finance", "legal", "chief-executive", "decider", "secretary")
ASKED = ("next", "next", "next", "next as cover", "draft", "edit", "edit", "submit", "advise", "decide", "decide", "send back", "minute", "record")
MOVES = st.builds(
    Move,
    what=st.sampled_from(ASKED),
    rightful=st.booleans(),
    actor=st.sampled_from(PEOPLE),
    principal=st.sampled_from((None, None, DORA, CLEO, ANN)),
    hours=st.integers(0, 48),
    contents=st.integers(0, len(CONTENTS) - 1),
    outcome=st.sampled_from(OUTCOMES),
    office=st.sampled_from(OFFICES),
    declares=st.booleans(),
)
AS_OWED = Move("next", rightful=True, actor=ANN, principal=None, hours=0, contents=0, outcome="approved", office="decider", declares=False)


@dataclass(frozen=True)
class Life:
    """So many steps of a paper as they are owed, from a day on, then whatever is tried; in a grant of so many pence."""

    first: date
    owed: int
    tried: tuple[Move, ...]
    cumulative: int
    contents: int = 0

    @property
    def moves(self) -> tuple[Move, ...]:
        return (*(replace(AS_OWED, contents=self.contents),) * self.owed, *self.tried)


LIVES = st.builds(
    Life,
    first=st.sampled_from((date(2021, 1, 8), date(2021, 1, 12), date(2021, 1, 14), date(2021, 1, 18))),
    owed=st.integers(0, 6),
    tried=st.lists(MOVES, max_size=8).map(tuple),
    cumulative=st.sampled_from((SMALL, WHOLE)),
    contents=st.sampled_from((0, 0, 5)),
)
often = settings(deadline=None, max_examples=150)


EDITIONS = (edition(*OLD_RULES, name="old", last=CHANGE - timedelta(days=1)), edition(*NEW_RULES, name="new", first=CHANGE))
FIGURES = {pence: replace(known(editions=EDITIONS, cumulative=pence), organisation=organisation(holdings=HELD)) for pence in (SMALL, WHOLE)}
FIGURES = {pence: replace(each, policy=each.policy.model_copy(update={"boards": (DAILY,)})) for pence, each in FIGURES.items()}


def attempts(drawn: Life) -> Iterator[Tried]:
    """Every attempt in order; time only goes forward, and crosses the cover, the editions and the holders."""
    figures = FIGURES[drawn.cumulative]
    state, now = State(), datetime.combine(drawn.first, time(9), UTC)
    for move in drawn.moves:
        now += timedelta(hours=move.hours)
        body, who = asked(move, state, figures, now)
        answer = decide(body, state, who, figures)
        tried = Tried(body, who, figures, answer, state, state)
        for past in tried.pasts:
            state = evolve(state, past)
        yield replace(tried, after=state)


def asked(move: Move, state: State, figures: Given, now: datetime) -> tuple[Command, By]:
    what, office, who = move.what, move.office, by(move.actor, now, move.principal)
    if what in ("next", "next as cover"):
        what, office, who = next_one(state, figures, now, CLEO if what == "next as cover" else None)
    elif move.rightful:
        who = by(ANN if what in ("draft", "edit", "submit", "record") else holder_of(office, now), now)
    other = CONTENTS[move.contents]
    lower = 3 if move.outcome == "approved_lower" else None
    bodies: dict[str, Callable[[], Command]] = {
        "draft": lambda: drafted(**other),
        "edit": lambda: edited(changes=("terms",) if move.declares else (), **other),
        "submit": lambda: SUBMITTED,
        "revise": lambda: SUBMITTED,
        "advise": lambda: advised(office),
        "decide": lambda: answered(move.outcome, "approved", pence=lower, office=office),
        "send back": lambda: sent_back(office),
        "minute": lambda: minuted(AT_THE_BOARD.get(move.outcome, "supported"), met=day_of(now)),
        "record": lambda: ratified(items=(), paper="PCD 914", decision="PCD 914") if move.declares else ratified(pence=move.contents),
    }
    return bodies[what](), who


def next_one(state: State, figures: Given, now: datetime, cover: str | None) -> tuple[str, str, By]:
    """What is owed next, by somebody who holds the office or by somebody for them; a new paper where nothing is."""
    owed = duties(state, figures)
    if not owed:
        return "draft", "grants-team", by(ANN, now)
    holder = holder_of(owed[0].owner, now)
    return owed[0].name, owed[0].owner, by(cover or holder, now, holder if cover else None)


def holder_of(office: str, now: datetime) -> str:
    return next(each.person for each in HELD if each.office == office and each.on(day_of(now)))


def may_decide(rules: tuple[RouteRule, ...], office: str, cumulative: int) -> bool:
    limits = [each.limit_pence for each in rules if each.office == office and each.says == "decide"]
    return any(limit == "any" or (isinstance(limit, int) and cumulative <= limit) for limit in limits)


@often
@given(LIVES)
def test_nobody_decides_without_holding_or_covering_the_office_that_day(drawn: Life) -> None:
    acts: dict[type[Event], str] = {StepDecided: "DecideStep", StepAdvised: "AdviseStep", StepSentBack: "SendBackStep", StepMinuted: "MinuteStep"}
    for past in (past for tried in attempts(drawn) for past in tried.pasts):
        if not isinstance(past.body, StepDecided | StepAdvised | StepMinuted) and not (isinstance(past.body, StepSentBack) and past.body.says != "gate"):
            continue
        act, day, office, holder = acts[type(past.body)], day_of(past.recorded), past.body.office, past.on_behalf_of or past.actor
        assert any(each.person == holder and each.office == office and each.first <= day <= (each.last or day) for each in HELD)
        covers = [each for each in COVER if (each.person, each.principal, each.office) == (past.actor, holder, office) and each.first <= day <= each.last]
        assert past.on_behalf_of is None or any(not each.acts or act in each.acts for each in covers)


@often
@given(LIVES)
def test_nobody_decides_beyond_what_the_edition_in_force_that_day_lets_the_office_decide(drawn: Life) -> None:
    for past in (past for tried in attempts(drawn) for past in tried.pasts):
        if isinstance(past.body, StepDecided):
            new = day_of(past.recorded) >= CHANGE
            assert past.body.edition == ("new" if new else "old")
            assert may_decide(NEW_RULES if new else OLD_RULES, past.body.office, drawn.cumulative)


@often
@given(LIVES)
def test_drafters_advisers_and_deciders_are_different_people_whatever_the_cover(drawn: Life) -> None:
    roles: dict[str, set[str]] = {"draft": set(), "advise": set(), "decide": set()}
    for past in (past for tried in attempts(drawn) for past in tried.pasts):
        match past.body:
            case PaperDrafted() | PaperEdited() | PaperSubmitted():
                role = "draft"
            case StepAdvised() | StepMinuted():
                role = "advise"
            case StepSentBack(says=says):
                role = "decide" if says == "decide" else "advise"
            case StepDecided():
                role = "decide"
            case _:
                continue
        roles[role] |= {past.actor, past.on_behalf_of or past.actor}
        assert not roles["draft"] & roles["advise"]
        assert not roles["draft"] & roles["decide"]
        assert not roles["advise"] & roles["decide"]


@often
@given(LIVES)
def test_no_approval_stands_over_other_contents(drawn: Life) -> None:
    decided_over: dict[str, str] = {}
    for tried in attempts(drawn):
        decided_over |= {past.body.paper: past.body.content for past in tried.pasts if isinstance(past.body, PaperDecided)}
        for paper in tried.after.papers.values():
            now = paper.contents.digest()
            assert {each.said.content for each in paper.steps if each.said and each.said.outcomes} <= {now}
            assert decided_over.get(paper.id, now) == now


@often
@given(LIVES)
def test_a_decision_binds_every_comment_that_stands(drawn: Life) -> None:
    standing: dict[str, str] = {}
    for past in (past for tried in attempts(drawn) for past in tried.pasts):
        match past.body:
            case StepAdvised(office=office, digest=signed) | StepMinuted(office=office, digest=signed, outcome="supported"):
                standing[office] = signed
            case StepSentBack() | PaperEdited(effect="void"):
                standing = {}
            case StepDecided(advice=advice):
                assert {each.office: each.digest for each in advice} == standing
                assert standing.keys() >= {"finance", "legal"}
            case _:
                pass


@often
@given(LIVES)
def test_nothing_is_decided_before_the_board_that_it_names_has_supported_it_as_it_stands(drawn: Life) -> None:
    for tried in attempts(drawn):
        for body in (past.body for past in tried.pasts):
            if isinstance(body, StepDecided) and tried.before.papers[body.paper].contents.facts.gates:
                minutes = tried.before.papers[body.paper].minutes
                assert any(each.outcome == "supported" and each.at >= tried.before.papers[body.paper].since for each in minutes)


@often
@given(LIVES)
def test_money_is_authorised_by_an_event_that_approves_it_and_by_nothing_else(drawn: Life) -> None:
    approved: dict[str, dict[str, int]] = {}
    for tried in attempts(drawn):
        for body in (past.body for past in tried.pasts):
            if isinstance(body, DecisionRecorded) and body.paper is None:
                approved["agreement-1"] = dict(body.items[0].pence)
            if isinstance(body, PaperDecided) and body.items[0].outcome in ("approved", "approved_lower"):
                approved["variation-1"] = dict(body.items[0].pence)
        assert authorised(tried.after) == approved


@often
@given(LIVES)
def test_every_command_sent_twice_counts_once(drawn: Life) -> None:
    for tried in attempts(drawn):
        again = decide(tried.body, tried.after, tried.by, tried.given)
        assert isinstance(again, Refusal) or again == ()


@often
@given(LIVES)
def test_a_refused_command_changes_nothing_and_a_paper_waits_for_somebody_until_it_is_decided(drawn: Life) -> None:
    for tried in attempts(drawn):
        assert tried.after == tried.before or tried.pasts
        waiting = {each.subject.split(AT_BOARD)[0] for each in duties(tried.after, tried.given)}
        assert waiting == {name for name, paper in tried.after.papers.items() if paper.items is None}


REACHED = {
    *OUTCOMES,
    "sent back",
    "voided",
    "approval voided by wording",
    "decided as cover",
    "decided by two offices",
    "approval.above_limit",
    "approval.already_supported",
    "minuted supported",
    "minuted deferred",
    "minuted declined",
    "approval.already_decided",
    "approval.not_submitted",
    "approval.not_yet",
    "approval.not_your_step",
    "approval.route_changed",
    "authority.no_cover",
    "duty.own_advice",
    "duty.own_decision",
    "duty.own_paper",
}


@pytest.mark.parametrize("mark", sorted(REACHED))
def test_the_lives_tried_reach_every_outcome_and_every_refusal_that_matters(mark: str) -> None:
    enough = settings(max_examples=5_000, derandomize=True, database=None, phases=(Phase.generate,))
    assert find(LIVES, lambda drawn: any(mark in marks(tried) for tried in attempts(drawn)), settings=enough)


def marks(tried: Tried) -> set[str]:
    if isinstance(tried.answer, Refusal):
        return {tried.answer.code}
    return {mark for past in tried.pasts for mark in happened(past)}


def happened(past: Past) -> Iterator[str]:
    match past.body:
        case PaperDecided(items=items):
            yield from (each.outcome for each in items)
        case StepSentBack(voided=voided) if voided:
            yield "sent back"
        case PaperEdited(effect=effect, voided=voided) if voided:
            yield "voided" if effect == "void" else "approval voided by wording"
        case StepMinuted(outcome=outcome):
            yield f"minuted {outcome}"
        case StepDecided(office=office):
            yield from ("decided as cover" for _ in [1] if past.on_behalf_of)
            yield from ("decided by two offices" for _ in [1] if office == "chief-executive")
        case _:
            pass
