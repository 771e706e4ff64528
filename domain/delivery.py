"""Delivery: the posts that a grant funds, by team and rank, and how many there are on a day.

Headcount is held within a team: the posts before plus those added by rank are those after (R-50, G29, invariant 26).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.model import By, CommandBody, Decision, Document, Duty, DutyWords, Event, Frozen, Identifier, Name, Past, Rule
from domain.policy import Policy

INSTRUMENT_UNKNOWN = Rule(
    "delivery.instrument_unknown", "No agreement or variation {instrument} is recorded, so it funds no posts.", "R-50: posts are funded by an instrument"
)
DIFFERS = Rule(
    "delivery.differs", "Posts of {team} under {instrument} from {first} are recorded already, with other numbers.", "DESIGN §5: nothing is rewritten"
)

# What can be asked for ------------------------------------------------------------------------------------------------


class RankPosts(Frozen):
    """So many posts of one rank or grade, as the source names it."""

    rank: Name
    count: Annotated[int, Field(ge=1, le=100_000)]


class RecordPosts(CommandBody, kind="fact"):
    """An instrument funds posts in a team from a day to a day, both included (``last`` null: no end is stated)."""

    team: Name
    instrument: Identifier
    posts: Annotated[tuple[RankPosts, ...], Field(min_length=1)]
    first: date
    last: date | None = None
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


Command = RecordPosts

# What can have happened -----------------------------------------------------------------------------------------------


class PostsFunded(
    Event, wire="posts.funded", said="{instrument} funds {added} posts in {team} from {first}: {headcount_before} become {headcount_after}", effective="first"
):
    """Posts are funded; the headcounts are the team's, the day on which these begin, without them and with them."""

    team: Name
    instrument: Identifier
    posts: tuple[RankPosts, ...]
    first: date
    last: date | None
    documents: tuple[Document, ...]
    added: int
    headcount_before: int
    headcount_after: int


Happened = PostsFunded
DUTIES: tuple[DutyWords, ...] = ()

# Where delivery stands ------------------------------------------------------------------------------------------------


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
    """The posts funded, in the order in which they were recorded."""

    funded: tuple[Funded, ...] = ()


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: the policy, and the ids of its agreements and variations."""

    policy: Policy
    instruments: Collection[str]


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:  # noqa: ARG001  (every room is asked alike)
    """What follows from posts that are funded."""
    if body.instrument not in given.instruments:
        return INSTRUMENT_UNKNOWN.refuse(instrument=body.instrument)
    known = next((each.event for each in state.funded if _key(each.event) == _key(body)), None)
    if known is None:
        return (_funded(body, state),)
    same = (known.posts, known.last, known.documents) == (body.posts, body.last, body.documents)
    return () if same else DIFFERS.refuse(team=body.team, instrument=body.instrument, first=body.first)


def evolve(state: State, past: Past) -> State:
    """The posts after one event."""
    return replace(state, funded=(*state.funded, Funded(past.body, past.recorded))) if isinstance(past.body, PostsFunded) else state


def duties(state: State, given: Given) -> tuple[Duty, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nobody owes anything for posts that are funded."""
    return ()


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen."""
    return None


def headcount(state: State, day: date, team: str | None = None) -> int:
    """How many posts are funded that day, in a team or (null) in all."""
    return sum(by_rank(state, day, team).values())


def by_rank(state: State, day: date, team: str | None = None) -> dict[str, int]:
    """The posts funded that day by rank, in a team or (null) in all."""
    counts: dict[str, int] = {}
    for each in state.funded:
        if each.on(day) and team in (None, each.event.team):
            for posts in each.event.posts:
                counts[posts.rank] = counts.get(posts.rank, 0) + posts.count
    return counts


def _funded(body: RecordPosts, state: State) -> PostsFunded:
    before, added = headcount(state, body.first, body.team), sum(each.count for each in body.posts)
    stated = {name: getattr(body, name) for name in RecordPosts.model_fields}
    return PostsFunded(**stated, added=added, headcount_before=before, headcount_after=before + added)


def _key(posts: RecordPosts | PostsFunded) -> tuple[str, str, date]:
    return posts.team, posts.instrument, posts.first
