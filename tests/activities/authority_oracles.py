"""What must hold of every message in every life, read from the tables of the world and from the events alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations

from domain import grant as grants
from domain.calendar import day_of
from domain.drafting import DecisionRecorded, PaperDrafted, PaperEdited, PaperSubmitted
from domain.grant import Grant
from domain.messages import CommandNoted, CommandRefused, MessageQuarantined
from domain.model import SYSTEM, Past
from domain.saying import PaperDecided, StepAdvised, StepDecided, StepMinuted, StepSentBack
from domain.urgency import UrgencyInvoked
from tests.activities.authority_life import BASE, VARIATIONS, YEAR, Life, Sent
from tests.activities.authority_world import World

UNDONE = (CommandRefused, CommandNoted, MessageQuarantined)
ACTS = {StepAdvised: "AdviseStep", StepDecided: "DecideStep", StepMinuted: "MinuteStep", UrgencyInvoked: "DecideUrgently"}


def hold(life: Life) -> None:
    """Every oracle over a whole life."""
    assert grants.fold(life.pasts, Grant(stream="grant/any")) == life.grant, "the fold is the state"
    asides = _Asides()
    for sent in life.sent:
        undone_changes_nothing(sent)
        for past in sent.events:
            authority_at_its_date(life.world, sent, past, asides)
            asides.take(past)
    nobody_in_two_roles(life.sent)
    no_pair_broken(life)
    contents_stand_under_what_was_decided(life.sent)
    nothing_applied_without_its_approval(life.sent)


class _Asides:
    """Who stepped aside from which paper, and which step was passed on to which office, as the events say."""

    def __init__(self) -> None:
        self.people: dict[str, set[str]] = defaultdict(set)
        self.interests: list[tuple[str, str, str | None]] = []
        self.passed: dict[tuple[str, str], str] = {}

    def take(self, past: Past) -> None:
        body = past.body
        match body.wire:
            case "step.recused":
                self.people[getattr(body, "paper")].add(getattr(body, "person"))  # noqa: B009  (typed by its wire name)
            case "step.delegated":
                self.passed[getattr(body, "paper"), getattr(body, "office")] = getattr(body, "to")  # noqa: B009
            case "interest.declared":
                self.interests.append((getattr(body, "interest"), past.actor, getattr(body, "about")))  # noqa: B009
            case "interest.withdrawn":
                self.interests = [each for each in self.interests if each[:2] != (getattr(body, "interest"), past.actor)]  # noqa: B009
            case "paper.submitted" | "step.sent_back":
                self.passed = {key: to for key, to in self.passed.items() if key[0] != getattr(body, "paper")}  # noqa: B009
            case _:
                pass

    def of(self, paper: str, instruments: Iterable[str]) -> set[str]:
        """Who can take no step of a paper about these instruments."""
        subjects = {None, paper, *instruments}
        return self.people[paper] | {person for _, person, about in self.interests if about in subjects}


def undone_changes_nothing(sent: Sent) -> None:
    """What was refused, noted or put aside leaves its event and changes nothing else: all that did change came of moments that passed with it."""
    if isinstance(sent.events[0].body, UNDONE):
        assert len(sent.events) == 1
        moments = [past for past in sent.pasts if past not in sent.events]
        assert {past.actor for past in moments} <= {SYSTEM}
        without = grants.fold(moments, sent.before)
        assert without.approval == sent.after.approval
        assert without.variation == sent.after.variation


def cumulative(grant: Grant) -> int:
    """What the grant comes to with all that is pending, whole pence."""
    return BASE + sum(VARIATIONS[name] for name in grant.variation.variations)


def authority_at_its_date(world: World, sent: Sent, past: Past, asides: _Asides) -> None:
    """Whoever had a say held the office that day, covered it, or stood in where nobody was left; and decided within its limit."""
    body, day = past.body, day_of(past.recorded)
    if not isinstance(body, StepAdvised | StepDecided | StepMinuted | UrgencyInvoked):
        return
    paper = sent.before.approval.papers[body.paper]
    aside = asides.of(paper.id, [each.instrument for each in paper.contents.items if each.instrument])
    assert past.actor not in aside, "whoever stands aside has no say"
    step = next((each.step for each in paper.steps if body.office == each.step.office), None)
    office, stand_in = body.office, step.stand_in if step else ()
    empty = all(each in aside or world.absent(each, day) for each in world.holders(office, day))
    passed = asides.passed.get((paper.id, office))
    offices = (office, *(stand_in if empty else ()), *((passed,) if passed else ()))
    assert _sits(world, past, offices, ACTS[type(body)], cumulative(sent.before)), "nobody has a say that is not theirs"
    if isinstance(body, StepDecided):
        assert _reaches(world, office, cumulative(sent.before), day), "nobody decides above their limit, however the grant was split"
    if isinstance(body, UrgencyInvoked):
        edition = world.edition_on(day)
        limits = [each.limit_pence for each in edition.urgency if each.office == body.office] if edition else []
        assert any(_within(limit, cumulative(sent.before)) for limit in limits)


def _sits(world: World, past: Past, offices: tuple[str, ...], act: str, pence: int) -> bool:
    day = day_of(past.recorded)
    if past.on_behalf_of is None:
        return any(past.actor in world.holders(each, day) for each in offices)
    held = [each for each in offices if past.on_behalf_of in world.holders(each, day)]
    covers = [cover for each in held for cover in world.covers(past.actor, past.on_behalf_of, each, act, day)]
    return any(each.limit_pence is None or act == "AdviseStep" or pence <= each.limit_pence for each in covers)


def _reaches(world: World, office: str, pence: int, day: date) -> bool:
    edition = world.edition_on(day)
    limits = [each.limit_pence for each in edition.rules if each.office == office and each.says == "decide"] if edition else []
    return any(_within(limit, pence) for limit in limits)


def _within(limit: object, pence: int) -> bool:
    return limit == "any" or (isinstance(limit, int) and pence <= limit)


def nobody_in_two_roles(sent: Iterable[Sent]) -> None:
    """Drafter, adviser and decider of one paper are different natural persons over its whole life, whatever the cover."""
    roles: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"draft": set(), "advise": set(), "decide": set()})
    for past in (past for each in sent for past in each.events):
        match past.body:
            case PaperDrafted(paper=paper) | PaperEdited(paper=paper) | PaperSubmitted(paper=paper):
                role = "draft"
            case StepAdvised(paper=paper) | StepMinuted(paper=paper):
                role = "advise"
            case StepSentBack(paper=paper, says=says):
                role = "decide" if says == "decide" else "advise"
            case StepDecided(paper=paper) | UrgencyInvoked(paper=paper):
                role = "decide"
            case _:
                continue
        roles[paper][role] |= {past.actor, past.on_behalf_of or past.actor}
    for found in roles.values():
        for one, other in combinations(found.values(), 2):
            assert not one & other, "two roles in one paper"


def no_pair_broken(life: Life) -> None:
    """No natural person did both acts of a pair that the edition in force at the later one declares."""
    done: list[tuple[str, str, set[str]]] = []
    for sent in life.sent:
        if isinstance(sent.events[0].body, UNDONE):
            continue
        command = sent.command
        people = {command.actor, command.on_behalf_of or command.actor}
        subject = str(command.body.get("paper") or command.body.get("variation"))
        edition = life.world.edition_on(day_of(sent.events[0].recorded))
        for pair in edition.pairs if edition else ():
            other = {pair.one: pair.other, pair.other: pair.one}.get(command.type)
            for act, about, before in done:
                assert act != other or not people & before or (pair.within == "subject" and about != subject)
        done.append((command.type, subject, people))


def contents_stand_under_what_was_decided(sent: Iterable[Sent]) -> None:
    """No say stands over other contents than those that it was given for, and nothing decided changes any more."""
    over: dict[str, object] = {}
    for each in sent:
        over |= {past.body.paper: each.after.approval.papers[past.body.paper].contents for past in each.events if isinstance(past.body, PaperDecided)}
        for paper in each.after.approval.papers.values():
            stands = {taken.said.content for taken in paper.steps if taken.said and taken.said.outcomes}
            assert len(stands) <= 1
            assert over.get(paper.id, paper.contents) == paper.contents


def nothing_applied_without_its_approval(sent: Iterable[Sent]) -> None:
    """A variation enters the cap only after a decision that approves all of it."""
    approved: dict[str, int] = defaultdict(int)
    for each in sent:
        for past in each.events:
            match past.body:
                case PaperDecided(items=items) | DecisionRecorded(items=items):
                    for item in items:
                        if item.instrument and item.outcome in ("approved", "approved_lower") and {"approve", "accept", "ratify"} & set(item.verbs):
                            approved[item.instrument] = max(approved[item.instrument], _of_year(item.pence))
                case _ if past.body.wire == "variation.applied":
                    name = getattr(past.body, "variation")  # noqa: B009
                    assert approved[name] >= VARIATIONS[name]
                case _:
                    pass


def _of_year(pence: Mapping[str, int]) -> int:
    return pence.get(YEAR, 0)
