"""A paper on its route: whose step is open, who has said what, and who may not.

Drafter, adviser and decider of one paper are different natural persons over its whole life, pairwise, whatever the
cover (DESIGN §6; invariant 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from domain.asking import Known, routed
from domain.calendar import day_of, end_of
from domain.editions import Edition, SentBack, bound
from domain.groups import stood_down
from domain.model import By, Past, Pauses, Refusal, Rule
from domain.organisation import VACANT, Organisation
from domain.paper import Contents, DecidedItem, ItemOutcome, ItemProviso
from domain.scheme import Asked, Route, Says, Step
from domain.step_rules import (
    ABOVE_LIMIT,
    ALREADY_ADVISED,
    ALREADY_DECIDED,
    ALREADY_SUPPORTED,
    ALREADY_TAKEN,
    NO_STEP,
    NOT_SUBMITTED,
    NOT_YET,
    NOT_YOUR_STEP,
    OWN_ADVICE,
    OWN_DECISION,
    OWN_OTHER_DECISION,
    OWN_PAPER,
    OWN_QUORUM,
    STOOD_DOWN,
)

Role = Literal["draft", "advise", "decide"]
ROLES: Mapping[Says, Role] = MappingProxyType({"advise": "advise", "gate": "advise", "decide": "decide"})
"""The role of whoever takes a step: a board's secretary counts as an adviser."""
TAKING: Mapping[Says, str] = MappingProxyType({"advise": "advise", "gate": "minute", "decide": "decide"})

View = Literal["comment", "endorse", "object"]
"""What an adviser thinks of the paper besides the words: nothing is said, in favour, against."""

NO_SAY = frozenset(("SendBackStep", "DelegateStep"))
"""What can be done with a step without making a quorum."""

BoardOutcome = Literal["supported", "deferred", "declined"]
_CONFLICTS: Mapping[Role, Rule] = {"draft": OWN_PAPER, "advise": OWN_ADVICE, "decide": OWN_DECISION}


@dataclass(frozen=True)
class Said:
    """What an office said at its step: who, for whom, when, over which contents (digest), and in which words.

    ``digest`` is that of a comment; ``outcomes`` are those of a decision; ``view`` is that of advice (null: it is none);
    ``capacity`` is the office that took the step in the place of its own (null: its own took it).
    """

    actor: str
    on_behalf_of: str | None
    at: datetime
    content: str
    comment: str | None
    digest: str | None = None
    outcomes: tuple[ItemOutcome, ...] = ()
    capacity: str | None = None
    view: View | None = None


@dataclass(frozen=True)
class Minuted:
    """What a board that met on a day said of a paper, in its minute; by whom and when (UTC) it was minuted."""

    board: str
    met: date
    outcome: BoardOutcome
    minute: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Passed:
    """A step that its office passed on to another: to which, by whom, why, and when (UTC)."""

    to: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Taken:
    """A step of a paper's route; ``said`` null: it has not been taken. ``passed`` null: it was not passed on."""

    step: Step
    said: Said | None = None
    passed: Passed | None = None


@dataclass(frozen=True)
class Recused:
    """Somebody who stepped aside from a paper: whose step it was, why, and when (UTC)."""

    person: str
    office: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Withdrawn:
    """What an office had said of a paper and took back: by whom, why, and when (UTC)."""

    office: str
    says: Says
    said: Said
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Pause:
    """A pause of a paper from an instant (UTC) to the end of a London day; ``ended`` null: it has not ended yet."""

    began: datetime
    until: date
    reason: str
    actor: str
    ended: datetime | None = None

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when it lasts (UTC)."""
        return (self.began, self.ended or end_of(self.until))


@dataclass(frozen=True)
class Urgent:
    """A decision that was taken under the scheme's urgency rule, before the other steps of the paper: by whom, why, and when (UTC)."""

    office: str
    rule: str
    source: str
    because: str
    reason: str
    outcomes: tuple[ItemOutcome, ...]
    passed_over: tuple[str, ...]
    actor: str
    on_behalf_of: str | None
    at: datetime


@dataclass(frozen=True)
class Paper:
    """A paper as it stands since ``since`` (UTC): with its drafter (perhaps sent back), on its route, or decided.

    ``people`` keeps for each role every natural person who ever had it; ``dated`` is the day of its submission;
    ``items`` is null until it is decided; ``minutes`` are those of every board that it came to. ``part_two`` is the digest
    of the sealed content that came with its newest command of a drafter that brought any (null: none did). ``counting`` names
    the items whose approval waited for a condition, with the instant (UTC) since which they count.
    """

    contents: Contents
    office: str
    since: datetime
    people: Mapping[Role, frozenset[str]]
    sent_back: bool = False
    returned: SentBack | None = None
    dated: date | None = None
    route: Route | None = None
    cumulative_pence: int = 0
    steps: tuple[Taken, ...] = ()
    items: tuple[DecidedItem, ...] | None = None
    minutes: tuple[Minuted, ...] = ()
    part_two: str | None = None
    editions: tuple[Edition, ...] = ()
    recused: tuple[Recused, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    pauses: tuple[Pause, ...] = ()
    urgent: Urgent | None = None
    provisos: tuple[ItemProviso, ...] = ()
    counting: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """The digest that its advisers and deciders bind: of its contents, and of its Part 2 where it has one."""
        return bound(self.contents.digest(), self.part_two)

    @property
    def id(self) -> str:
        """The id that people give it."""
        return self.contents.paper

    def step(self, whose: str) -> Taken | None:
        """The step of an office, or of a board; a route has at most one of each."""
        return next((each for each in self.steps if each.step.whose == whose), None)

    def offices(self, says: Says) -> tuple[str, ...]:
        """Whose steps say this."""
        return tuple(each.step.office for each in self.steps if each.step.says == says)

    def stood_down(self, *taking: str) -> frozenset[str]:
        """Whose steps are not needed any more: others of their group made its quorum, or do once the steps named are taken."""
        return stood_down([each.step for each in self.steps], {*taking, *(each.step.whose for each in self.steps if each.said)})

    def before(self, step: Step) -> tuple[Taken, ...]:
        """The steps of lower order that are taken or needed: they come first."""
        over = self.stood_down()
        return tuple(each for each in self.steps if each.step.order < step.order and each.step.whose not in over)

    def waiting(self, *taking: str) -> tuple[Step, ...]:
        """The steps that nobody has taken and that are needed, once those named are taken."""
        over = {*taking, *self.stood_down(*taking)}
        return tuple(each.step for each in self.steps if each.said is None and each.step.whose not in over)

    def open_steps(self) -> tuple[tuple[Step, datetime], ...]:
        """The steps that can be taken now, each with the instant since when (UTC)."""
        if self.items is not None:
            return ()
        return tuple((step, opened) for step in self.waiting() if (opened := self.opened(step)))

    def outcomes(self) -> tuple[ItemOutcome, ...]:
        """What all deciders have said so far, item by item."""
        return tuple(outcome for each in self.steps if each.said for outcome in each.said.outcomes)

    def opened(self, step: Step) -> datetime | None:
        """The instant (UTC) since when a step can be taken: the last say of lower order; null: it waits for others."""
        before = [each.said.at if each.said else None for each in self.before(step)]
        return None if None in before else max((at for at in before if at), default=self.since)

    def deferred(self, step: Step) -> date | None:
        """The last meeting that put the paper off since the step was open; null: none did."""
        opened = self.opened(step)
        return max((each.met for each in self.minutes if each.board == step.board and opened and each.at >= opened), default=None)

    @property
    def withheld(self) -> frozenset[str]:
        """The items that were approved and do not count yet: a condition is to be met before."""
        return frozenset(each.item for each in self.provisos if each.before and each.item not in self.counting)

    def in_force(self) -> tuple[tuple[DecidedItem, datetime], ...]:
        """What was decided, item by item, each with the instant (UTC) since which it counts."""
        return tuple((each, self.counting.get(each.item, self.since)) for each in self.items or () if each.item not in self.withheld)

    @property
    def pausing(self) -> Pause | None:
        """The pause in which the paper rests; null: it does not."""
        return next((each for each in self.pauses if each.ended is None), None)

    def rested(self) -> Pauses:
        """Every pause of the paper, from when to when."""
        return tuple(each.span for each in self.pauses)

    def with_said(self, whose: str, said: Said | None) -> tuple[Taken, ...]:
        """The steps, that of the office or board taken."""
        return tuple(replace(each, said=said) if each.step.whose == whose else each for each in self.steps)

    def with_people(self, role: Role, past: Past | By) -> Mapping[Role, frozenset[str]]:
        """The people by role, with those who now acted in one."""
        return {**self.people, role: self.people[role] | natural_persons(past)}


NOBODY: Mapping[Role, frozenset[str]] = {"draft": frozenset(), "advise": frozenset(), "decide": frozenset()}


def natural_persons(by: By | Past) -> frozenset[str]:
    """Who stands behind an act: the person, and the one on whose behalf."""
    return frozenset(each for each in (by.actor, by.on_behalf_of) if each)


def own_work(paper: Paper, by: By, role: Role, *who_could: str) -> Refusal | None:
    """The refusal of somebody who had another role in this paper; null: they had none."""
    for other, rule in _CONFLICTS.items():
        overlap = natural_persons(by) & paper.people[other]
        if other != role and overlap:
            return rule.refuse(*who_could, people=tuple(sorted(overlap)), paper=paper.id, act=role)
    return None


def open_to(taken: Taken, organisation: Organisation, day: date, away: frozenset[str]) -> tuple[str, ...]:
    """The offices that may take a step: its own, the one that it was passed on to, and those that stand in while nobody of its own can."""
    own, *standing_in = organisation.stands_for(taken.step.office, taken.step.stand_in, day, away)
    passed = (taken.passed.to,) if taken.passed else ()
    return tuple(dict.fromkeys((own, *passed, *standing_in)))


def left(taken: Taken, organisation: Organisation, day: date, away: frozenset[str]) -> tuple[str, ...]:
    """Those of them in which somebody is left who does not stand aside."""
    return tuple(each for each in open_to(taken, organisation, day, away) if organisation.in_office(each, day) - away)


def cannot_take(paper: Paper, whose: str, says: Says, act: str, by: By, known: Known) -> Refusal | None:
    """Why ``by`` cannot take the step of an office or board now; null: nothing hinders. ``act`` is the command's type."""
    if not paper.steps:
        return NOT_SUBMITTED.refuse(paper.office, paper=paper.id)
    own = own_work(paper, by, ROLES[says], *paper.offices(says))
    if own:
        return own
    taken = paper.step(whose)
    if taken is None or taken.step.says != says:
        none = NO_STEP.refuse(*paper.offices(says), paper=paper.id, office=whose, says=TAKING[says])
        return (_above_limit(paper, whose) if says == "decide" else None) or none
    refused = _not_theirs(paper, taken, act, by, known) or _not_now(paper, taken)
    return refused or (None if act in NO_SAY else _own_quorum(paper, taken.step, by) or _own_other_decision(paper, taken.step, by))


def _own_other_decision(paper: Paper, step: Step, by: By) -> Refusal | None:
    """Why somebody who decided one step of a paper does not decide another, in their own office or as cover: nobody approves alone."""
    decided_by = [each.said for each in paper.steps if each.said and each.step.says == "decide" and each.step.whose != step.whose]
    twice = natural_persons(by) & {person for said in decided_by for person in (said.actor, said.on_behalf_of)}
    if step.says != "decide" or not twice:
        return None
    return OWN_OTHER_DECISION.refuse(step.office, people=tuple(sorted(twice)), paper=paper.id, office=step.office)


def _own_quorum(paper: Paper, step: Step, by: By) -> Refusal | None:
    """Why somebody who took one step of a group does not make its quorum with another; a board's minute is the board's say, not theirs."""
    spoke = {person for each in paper.steps if each.said and each.step.group == step.group for person in (each.said.actor, each.said.on_behalf_of)}
    twice = natural_persons(by) & spoke
    if step.quorum is None or step.board or not twice:
        return None
    return OWN_QUORUM.refuse(step.office, people=tuple(sorted(twice)), group=step.group, paper=paper.id)


def _above_limit(paper: Paper, office: str) -> Refusal | None:
    short = next((each for each in paper.route.short if each.office == office), None) if paper.route else None
    if short is None:
        return None
    could = paper.offices("decide")
    return ABOVE_LIMIT.refuse(*could, office=office, limit_pence=short.limit_pence, paper=paper.id, cumulative_pence=paper.cumulative_pence)


def routed_now(paper: Paper, by: By, known: Known) -> tuple[Asked, Route] | Refusal:
    """What a paper asks, by its own date, and its route under the edition in force now; or what cannot be told."""
    on = day_of(by.now)
    return routed(paper.contents, paper.dated or on, on, known)


def as_of_now(paper: Paper, by: By, known: Known) -> Paper:
    """The paper with what the grant comes to with it now, which limits are held against; as submitted where no route can be told."""
    laid = routed_now(paper, by, known)
    return paper if isinstance(laid, Refusal) else replace(paper, cumulative_pence=laid[0].cumulative_pence)


def capacity(paper: Paper, taken: Taken, act: str, by: By, known: Known) -> str | Refusal:
    """The office in which ``by`` takes a step now: its own, the one that it was passed on to, or one that stands in; or why none."""
    offices = open_to(taken, known.organisation, day_of(by.now), known.away)
    return known.organisation.capacity(by, offices, act, paper.cumulative_pence if act == "DecideStep" else 0)


def stood_in(paper: Paper, whose: str, act: str, by: By, known: Known) -> str | None:
    """The office that takes a step in the place of the step's own; null: its own does."""
    taken = paper.step(whose)
    found = capacity(paper, taken, act, by, known) if taken else None
    return found if taken and isinstance(found, str) and found != taken.step.office else None


def _not_theirs(paper: Paper, taken: Taken, act: str, by: By, known: Known) -> Refusal | None:
    step, organisation = taken.step, known.organisation
    found = capacity(paper, taken, act, by, known)
    if isinstance(found, str):
        return None
    if step.says == "decide" and paper.route:
        short = organisation.capacity(by, tuple(each.office for each in paper.route.short), act)
        if isinstance(short, str):
            return _above_limit(paper, short)
    if by.on_behalf_of:
        return found
    day = day_of(by.now)
    if organisation.seat(step.office, day) == "vacant":
        could = tuple(each for each in step.stand_in if organisation.holders(each, day))
        return VACANT.refuse(*(could or (step.office,)), act=act, offices=step.office, day=day, stand_in=" or ".join(could) or "nobody")
    offices = open_to(taken, organisation, day, known.away) if known.away or taken.passed else (step.office,)
    return NOT_YOUR_STEP.refuse(*offices, actor=by.actor, office=" or ".join(offices), says=TAKING[step.says], paper=paper.id)


def _not_now(paper: Paper, taken: Taken) -> Refusal | None:
    office = taken.step.office
    if taken.said and taken.step.says == "advise":
        return ALREADY_ADVISED.refuse(paper=paper.id, office=office)
    if taken.said and taken.step.board:
        return ALREADY_SUPPORTED.refuse(paper=paper.id, board=taken.step.board)
    if paper.items is not None:
        return ALREADY_DECIDED.refuse(paper=paper.id, office=office)
    step, open_now = taken.step, [each for each, _ in paper.open_steps()]
    if taken.said:
        return ALREADY_TAKEN.refuse(*(each.office for each in open_now), paper=paper.id, office=office, waiting=tuple(each.whose for each in open_now))
    if step.whose in paper.stood_down():
        return STOOD_DOWN.refuse(*(each.office for each in paper.waiting()), paper=paper.id, office=step.whose, quorum=step.quorum, group=step.group)
    first = [each.step for each in paper.before(step) if each.said is None]
    could = (each.office for each in open_now if each in first)
    return NOT_YET.refuse(*could, paper=paper.id, offices=tuple(each.whose for each in first)) if first else None
