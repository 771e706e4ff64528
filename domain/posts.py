"""Posts: those that an instrument funds, by team and rank; how many of them are filled; what was there before.

Part of the room ``delivery``. Headcount is held within a team: the posts before plus those added by rank are those after
(R-50, G29, invariant 26). Funded posts are over and above an existing establishment, which the baseline states (R-42).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Self, assert_never

from pydantic import Field, model_validator

from domain.exception import DiscrepancyFound
from domain.model import CommandBody, Decision, Document, Event, Frozen, Identifier, Name, Past, Refusal, Rule, Text, fields_of, said
from domain.undertakings import BASELINE_FALLEN, FILLED_BEYOND, Fault, Given

DIFFERS = Rule(
    "delivery.differs",
    "Posts of {team} under {instrument} from {first} are recorded already, with other numbers.",
    "DESIGN §5: nothing is rewritten",
    remedy="State posts that change under the instrument, or from the day, that changes them.",
)
FILLED_DIFFERS = Rule(
    "delivery.filled_differs",
    "{filled} posts of {rank} in {team} are recorded as filled on {on} already; what changed later has a later day.",
    "DESIGN §5: nothing is rewritten",
    remedy="Record the change from the day on which it came about.",
)
BASELINE_DIFFERS = Rule(
    "delivery.baseline_differs",
    "The baseline of {team} on {as_of} is recorded already, with other content.",
    "DESIGN §5: nothing is rewritten",
    remedy="State another baseline as of another day; this one stands.",
)
STATED_HEADCOUNT = "the team is said to number {stated}; {before} before and {added} added make {after}."

Count = Annotated[int, Field(ge=0, le=100_000)]

# What can be recorded ---------------------------------------------------------------------------------------------------


class RankPosts(Frozen):
    """So many posts of one rank or grade, as the source names it."""

    rank: Name
    count: Annotated[int, Field(ge=1, le=100_000)]


class RecordPosts(CommandBody, kind="fact"):
    """An instrument funds posts in a team from a day to a day, both included (``last`` null: no end is stated).

    ``stated_headcount`` is how many the team numbers with them as the source states it itself, null where it does not
    (R-50); a sum that disagrees is recorded all the same, with a discrepancy.
    """

    team: Name
    instrument: Identifier
    posts: Annotated[tuple[RankPosts, ...], Field(min_length=1)]
    first: date
    last: date | None = None
    stated_headcount: Count | None = None
    documents: tuple[Document, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.last is not None and self.last < self.first:
            message = "the posts end before they begin"
            raise ValueError(message)
        if len({each.rank for each in self.posts}) < len(self.posts):
            message = "a rank stands twice"
            raise ValueError(message)
        return self


class RecordPostsFilled(CommandBody, kind="fact"):
    """How many posts of a rank are filled in a team from this London day on, in all; 0: all are vacant. A later day changes it."""

    team: Name
    rank: Name
    filled: Count
    on: date
    documents: tuple[Document, ...] = ()


class RecordBaseline(CommandBody, kind="fact"):
    """How many a team numbered on a London day without what the grant funds, so that what it adds can be seen (R-42).

    A later one that is lower than the first is an exception: the money may stand in for what was there.
    """

    team: Name
    headcount: Count
    as_of: date
    words: Text
    documents: tuple[Document, ...] = ()


Command = RecordPosts | RecordPostsFilled | RecordBaseline

# What can have happened -------------------------------------------------------------------------------------------------


class PostsFunded(
    Event,
    wire="posts.funded",
    said="{instrument} funds {added:post|posts} in {team} from {first}: {headcount_before} become {headcount_after}",
    effective="first",
):
    """Posts are funded; the headcounts are the team's, the day on which these begin, without them and with them."""

    team: Name
    instrument: Identifier
    posts: tuple[RankPosts, ...]
    first: date
    last: date | None
    stated_headcount: Count | None = None
    documents: tuple[Document, ...]
    added: int
    headcount_before: int
    headcount_after: int


class PostsFilled(Event, wire="posts.filled", said="{filled} of {funded} posts of {rank} in {team} are filled from {on}: {vacant} vacant", effective="on"):
    """So many are filled from that day on; ``funded`` and ``vacant`` are those of that day as known when this was recorded."""

    team: Name
    rank: Name
    filled: int
    on: date
    documents: tuple[Document, ...]
    funded: int
    vacant: int


class BaselineRecorded(Event, wire="baseline.recorded", said="Baseline of {team} on {as_of}: {headcount}, {words}", effective="as_of"):
    """What was there before, over and above which the grant funds."""

    team: Name
    headcount: int
    as_of: date
    words: Text
    documents: tuple[Document, ...]


Happened = PostsFunded | PostsFilled | BaselineRecorded

# Where the posts stand --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Funded:
    """Posts as funded, and the instant (UTC) at which we learnt of them."""

    event: PostsFunded
    recorded: datetime

    def on(self, day: date) -> bool:
        """Whether they are funded that day."""
        return self.event.first <= day and (self.event.last is None or day <= self.event.last)


@dataclass(frozen=True)
class State:
    """The posts funded, what was filled, and the baselines, each in the order in which they were recorded."""

    funded: tuple[Funded, ...] = ()
    filled: tuple[PostsFilled, ...] = ()
    baselines: tuple[BaselineRecorded, ...] = ()

    def by_post(self, day: date, team: str | None = None) -> dict[tuple[str, str], int]:
        """The posts funded that day by team and rank, in a team or (null) in all."""
        counts: dict[tuple[str, str], int] = {}
        for each in self.funded:
            for posts in each.event.posts if each.on(day) and team in (None, each.event.team) else ():
                key = (each.event.team, posts.rank)
                counts[key] = counts.get(key, 0) + posts.count
        return counts

    def filled_on(self, team: str, rank: str, day: date) -> int | None:
        """How many of a rank are filled in a team that day; null: nobody has said."""
        said_of = [each for each in self.filled if (each.team, each.rank) == (team, rank) and each.on <= day]
        return max(said_of, key=lambda each: each.on).filled if said_of else None


# The rules --------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, given: Given) -> Decision:
    """What follows from posts that are funded or filled, or from a baseline."""
    match body:
        case RecordPosts():
            return _fund(body, state, given)
        case RecordPostsFilled():
            return _fill(body, state)
        case RecordBaseline():
            return _baseline(body, state)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The posts after one event."""
    match past.body:
        case PostsFunded() as funded:
            return replace(state, funded=(*state.funded, Funded(funded, past.recorded)))
        case PostsFilled() as filled:
            return replace(state, filled=(*state.filled, filled))
        case BaselineRecorded() as baseline:
            return replace(state, baselines=(*state.baselines, baseline))
        case _:
            return state


def faults(state: State) -> Iterator[Fault]:
    """Ranks of which more posts are filled than funded, and teams that number fewer without the grant than they did."""
    yield from _overfilled(state)
    yield from _replaced(state)


def _overfilled(state: State) -> Iterator[Fault]:
    latest = {(each.team, each.rank): number for number, each in sorted(enumerate(state.filled, start=1), key=lambda pair: pair[1].on)}
    for (team, rank), number in latest.items():
        filled = state.filled[number - 1]
        funded = state.by_post(filled.on, team).get((team, rank), 0)
        if filled.filled > funded:
            yield Fault(FILLED_BEYOND, str(number), team, (("filled", filled.filled), ("rank", rank), ("on", filled.on), ("funded", funded)))


def _replaced(state: State) -> Iterator[Fault]:
    by_day = sorted(enumerate(state.baselines, start=1), key=lambda pair: pair[1].as_of)
    for team in dict.fromkeys(each.team for _, each in by_day):
        of_team = [pair for pair in by_day if pair[1].team == team]
        (_, first), (number, latest) = of_team[0], of_team[-1]
        if latest.headcount < first.headcount:
            figures = (("first", first.headcount), ("first_day", first.as_of), ("latest", latest.headcount), ("day", latest.as_of))
            yield Fault(BASELINE_FALLEN, str(number), team, figures)


def named(state: State) -> Iterable[str]:
    """The instruments that are said to fund posts."""
    return (each.event.instrument for each in state.funded)


def headcount(state: State, day: date, team: str | None = None) -> int:
    """How many posts are funded that day, in a team or (null) in all."""
    return sum(state.by_post(day, team).values())


def by_rank(state: State, day: date, team: str | None = None) -> dict[str, int]:
    """The posts funded that day by rank, in a team or (null) in all."""
    counts: dict[str, int] = {}
    for (_, rank), count in state.by_post(day, team).items():
        counts[rank] = counts.get(rank, 0) + count
    return counts


def _fund(body: RecordPosts, state: State, given: Given) -> Decision:
    known = next((each.event for each in state.funded if _key(each.event) == _key(body)), None)
    if known:
        same = (known.posts, known.last, known.stated_headcount, known.documents) == (body.posts, body.last, body.stated_headcount, body.documents)
        return () if same else DIFFERS.refuse(team=body.team, instrument=body.instrument, first=body.first)
    before, added = headcount(state, body.first, body.team), sum(each.count for each in body.posts)
    stated = fields_of(body, RecordPosts)
    funded = PostsFunded(**stated, added=added, headcount_before=before, headcount_after=before + added)
    return (funded, *_disagreeing(funded, state, given))


def _disagreeing(funded: PostsFunded, state: State, given: Given) -> tuple[Event, ...]:
    """The discrepancy, numbered where the instrument funds another team's posts from the same day: each stands for itself."""
    if funded.stated_headcount in (None, funded.headcount_after):
        return ()
    same = sum((each.event.instrument, each.event.first) == (funded.instrument, funded.first) for each in state.funded)
    values = {"stated": funded.stated_headcount, "before": funded.headcount_before, "added": funded.added, "after": funded.headcount_after}
    return (
        DiscrepancyFound(
            discrepancy=f"headcount/{funded.instrument}/{funded.first}{f'/{same + 1}' if same else ''}",
            what="stated headcount",
            subject=funded.instrument,
            owner=given.discrepancy_owner,
            why=said(STATED_HEADCOUNT, values),
        ),
    )


def _fill(body: RecordPostsFilled, state: State) -> Decision:
    key = (body.team, body.rank, body.on)
    if known := next((each for each in state.filled if (each.team, each.rank, each.on) == key), None):
        return _again((known.filled, known.documents) == (body.filled, body.documents), FILLED_DIFFERS, known)
    funded = state.by_post(body.on, body.team).get((body.team, body.rank), 0)
    stated = fields_of(body, RecordPostsFilled)
    return (PostsFilled(**stated, funded=funded, vacant=max(funded - body.filled, 0)),)


def _baseline(body: RecordBaseline, state: State) -> Decision:
    recorded = BaselineRecorded(**fields_of(body, RecordBaseline))
    if known := next((each for each in state.baselines if (each.team, each.as_of) == (body.team, body.as_of)), None):
        return _again(known == recorded, BASELINE_DIFFERS, known)
    return (recorded,)


def _again(same: bool, rule: Rule, known: Event) -> tuple[Event, ...] | Refusal:  # noqa: FBT001  (the one question that both ask)
    return () if same else rule.refuse(**dict(known))


def _key(posts: RecordPosts | PostsFunded) -> tuple[str, str, date]:
    return posts.team, posts.instrument, posts.first
