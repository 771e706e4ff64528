"""A paper on its route: whose step is open, and who has said what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from domain.calendar import end_of
from domain.editions import Edition, SentBack, bound
from domain.groups import stood_down
from domain.model import By, Past, Pauses
from domain.paper import Contents, DecidedItem, ItemOutcome, ItemProviso
from domain.scheme import Route, Says, Step

Role = Literal["draft", "advise", "decide"]
ROLES: Mapping[Says, Role] = MappingProxyType({"advise": "advise", "gate": "advise", "decide": "decide"})
"""The role of whoever takes a step: a board's secretary counts as an adviser."""
TAKING: Mapping[Says, str] = MappingProxyType({"advise": "advise", "gate": "minute", "decide": "decide"})

View = Literal["comment", "endorse", "object"]
"""What an adviser thinks of the paper besides the words: nothing is said, in favour, against."""

BoardOutcome = Literal["supported", "deferred", "declined"]


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

    @cached_property
    def part_one(self) -> str:
        """The digest of its contents."""
        return self.contents.digest()

    @cached_property
    def content(self) -> str:
        """The digest that its advisers and deciders bind: of its contents, and of its Part 2 where it has one."""
        return bound(self.part_one, self.part_two)

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

    @property
    def decided_by(self) -> tuple[str, ...]:
        """The offices in which it was decided so far: on its route, each as it took its step, and in urgency."""
        taken = (each.said.capacity or each.step.office for each in self.steps if each.said and each.step.says == "decide")
        return tuple(dict.fromkeys((*taken, *((self.urgent.office,) if self.urgent else ()))))

    def stood_down(self, *taking: str) -> frozenset[str]:
        """Whose steps are not needed any more: others of their group made its quorum, or do once the steps named are taken."""
        return self._over_with(taking) if taking else self._over

    @cached_property
    def _over(self) -> frozenset[str]:
        return self._over_with(())

    def _over_with(self, taking: Collection[str]) -> frozenset[str]:
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
        return self._open

    @cached_property
    def _open(self) -> tuple[tuple[Step, datetime], ...]:
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
