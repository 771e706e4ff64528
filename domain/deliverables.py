"""Deliverables: counted promises ("up to ten forces"), what of them was delivered, and trades between them.

Part of the room ``delivery``. A variation can trade some of one for some of another; the limit of what is given up never
falls below what is delivered already (R-52, G20, invariant 29).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Self, assert_never

from pydantic import Field, model_validator

from domain.calendar import StatedDate, day_of, last_day_of
from domain.model import CommandBody, Decision, Document, Event, Frozen, Identifier, Past, Refusal, Rule, Text, fields_of
from domain.undertakings import DELIVERED_BEYOND, VARIATION_UNKNOWN, Fault, Given

UNKNOWN = Rule(
    "delivery.deliverable_unknown",
    "There is no deliverable {deliverable}; PlanDeliverable records it.",
    "DESIGN §2, Deliverable",
    remedy="Correct the id, or record the promise with PlanDeliverable first.",
)
DIFFERS = Rule(
    "delivery.deliverable_differs",
    "Deliverable {deliverable} is recorded already, with other content: {recorded}.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other deliverable an id of its own; what a variation trades is recorded with TradeDeliverables.",
)
BELOW_DELIVERED = Rule(
    "delivery.below_delivered",
    "{count} of {deliverable} cannot be given up: {delivered} of at most {most} are delivered already, so {left} are left.",
    "R-52; invariant 29",
    remedy="Give up at most {left}.",
)
NO_LIMIT = Rule(
    "delivery.no_limit",
    "{deliverable} is promised without a number, so none of it can be given up.",
    "R-52; invariant 29",
    remedy="Leave {deliverable} out of the trade, or agree its number with the funder first.",
)

Count = Annotated[int, Field(ge=0, le=1_000_000)]

# What can be asked for --------------------------------------------------------------------------------------------------


class Counted(Frozen):
    """So many of one deliverable."""

    deliverable: Identifier
    count: Annotated[int, Field(ge=1, le=1_000_000)]


class PlanDeliverable(CommandBody, kind="fact"):
    """Something countable is promised, at most so many (null: no number is stated), under an instrument (null: none is named)."""

    deliverable: Identifier
    words: Text
    most: Count | None = None
    instrument: Identifier | None = None
    documents: tuple[Document, ...] = ()


class RecordDelivered(CommandBody, kind="fact"):
    """How many of a deliverable have been delivered by a date, in all: not how many more. A later record corrects an earlier one."""

    deliverable: Identifier
    count: Count
    on: StatedDate
    evidence: tuple[Document, ...] = ()


class TradeDeliverables(CommandBody, kind="act"):
    """Under a recorded variation, give up so many of one deliverable for so many of another: ten at one level for five at a higher."""

    variation: Identifier
    gives_up: Counted
    gains: Counted

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        if self.gives_up.deliverable == self.gains.deliverable:
            message = "a deliverable is traded for another one"
            raise ValueError(message)
        return self


Command = PlanDeliverable | RecordDelivered | TradeDeliverables

# What can have happened -------------------------------------------------------------------------------------------------


class DeliverablePlanned(Event, wire="deliverable.planned", said="Deliverable {deliverable}, at most {most}: {words}"):
    """A counted promise; ``most`` null: no number is stated."""

    deliverable: Identifier
    words: Text
    most: Count | None
    instrument: Identifier | None
    documents: tuple[Document, ...]


class Delivered(Event, wire="deliverable.delivered", said="{count} of {deliverable} delivered by {on}, of at most {most}", effective="on"):
    """So many in all by that date; ``most`` is the limit that stood when this was recorded."""

    deliverable: Identifier
    count: int
    on: StatedDate
    evidence: tuple[Document, ...]
    most: Count | None


class DeliverablesTraded(
    Event,
    wire="deliverables.traded",
    said="Under {variation} {gives_up_count} of {gives_up_deliverable} are traded for {gains_count} of {gains_deliverable}",
):
    """The limits are other ones: ``gives_up_most`` and ``gains_most`` stand after it (null: that one never had a limit)."""

    variation: Identifier
    gives_up_deliverable: Identifier
    gives_up_count: int
    gives_up_most: int
    gains_deliverable: Identifier
    gains_count: int
    gains_most: int | None


Happened = DeliverablePlanned | Delivered | DeliverablesTraded

# Where the deliverables stand -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Traded:
    """One trade, and the instant (UTC) at which it was recorded."""

    event: DeliverablesTraded
    recorded: datetime


@dataclass(frozen=True)
class Deliverable:
    """A deliverable as planned, when that was recorded (UTC), and what was said to be delivered of it, in order of recording."""

    planned: DeliverablePlanned
    recorded: datetime
    delivered: tuple[Delivered, ...] = ()

    def latest(self, day: date = date.max) -> Delivered | None:
        """What stands of its count on a day; of two that name one date the later record; null: nothing was said."""
        said_by_then = [each for each in self.delivered if last_day_of(each.on) <= day]
        return max(enumerate(said_by_then), key=lambda pair: (last_day_of(pair[1].on), pair[0]))[1] if said_by_then else None

    def count(self, day: date = date.max) -> int:
        """How many were delivered by a day; 0 where nothing was said."""
        found = self.latest(day)
        return found.count if found else 0


@dataclass(frozen=True)
class State:
    """Deliverables by id in the order in which they were planned, and the trades in theirs."""

    deliverables: Mapping[str, Deliverable] = field(default_factory=dict)
    trades: tuple[Traded, ...] = ()

    def most(self, name: str, day: date = date.max) -> int | None:
        """At most how many are promised, with every trade recorded by a London day; null: no number was ever stated."""
        stated = self.deliverables[name].planned.most
        if stated is None:
            return None
        events = [each.event for each in self.trades if day_of(each.recorded) <= day]
        gained = sum(each.gains_count for each in events if each.gains_deliverable == name)
        return stated + gained - sum(each.gives_up_count for each in events if each.gives_up_deliverable == name)


# The rules --------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, given: Given) -> Decision:
    """What follows from a counted promise, from what was delivered of it, or from a trade."""
    match body:
        case PlanDeliverable():
            return _plan(body, state)
        case RecordDelivered():
            return _unknown(body.deliverable, state) or _deliver(body, state)
        case TradeDeliverables():
            return _unknown(body.gives_up.deliverable, state) or _unknown(body.gains.deliverable, state) or _trade(body, state, given)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The deliverables after one event."""
    match past.body:
        case DeliverablePlanned(deliverable=name) as planned:
            return _with(state, name, Deliverable(planned, past.recorded))
        case Delivered(deliverable=name) as delivered:
            before = state.deliverables[name]
            return _with(state, name, replace(before, delivered=(*before.delivered, delivered)))
        case DeliverablesTraded() as traded:
            return replace(state, trades=(*state.trades, Traded(traded, past.recorded)))
        case _:
            return state


def faults(state: State) -> Iterator[Fault]:
    """Each deliverable of which more are delivered than are promised."""
    for name, each in state.deliverables.items():
        most, latest = state.most(name), each.latest()
        if most is not None and latest and latest.count > most:
            yield Fault(DELIVERED_BEYOND, name, name, (("count", latest.count), ("on", latest.on), ("most", most)))


def named(state: State) -> Iterable[str | None]:
    """The instruments under which deliverables are said to be promised."""
    return (each.planned.instrument for each in state.deliverables.values())


def _plan(body: PlanDeliverable, state: State) -> Decision:
    planned = DeliverablePlanned(**fields_of(body, PlanDeliverable))
    known = state.deliverables.get(body.deliverable)
    if known and known.planned != planned:
        return DIFFERS.refuse(deliverable=body.deliverable, recorded=known.planned.words)
    return () if known else (planned,)


def _deliver(body: RecordDelivered, state: State) -> Decision:
    before = state.deliverables[body.deliverable].delivered
    stated = fields_of(body, RecordDelivered)
    same_day = [each for each in before if each.on == body.on]
    if same_day and (same_day[-1].count, same_day[-1].evidence) == (body.count, body.evidence):
        return ()
    return (Delivered(**stated, most=state.most(body.deliverable)),)


def _trade(body: TradeDeliverables, state: State, given: Given) -> Decision:
    key = (body.variation, body.gives_up, body.gains)
    if any(key == _key(each.event) for each in state.trades):
        return ()
    gives_up, gains = body.gives_up.deliverable, body.gains.deliverable
    if body.variation not in given.variations:
        return VARIATION_UNKNOWN.refuse(variation=body.variation, what=f"{gives_up} with {gains}")
    most, gained = state.most(gives_up), state.most(gains)
    if most is None:
        return NO_LIMIT.refuse(deliverable=gives_up)
    delivered = state.deliverables[gives_up].count()
    if body.gives_up.count > most - delivered:
        return BELOW_DELIVERED.refuse(count=body.gives_up.count, deliverable=gives_up, delivered=delivered, most=most, left=max(most - delivered, 0))
    return (
        DeliverablesTraded(
            variation=body.variation,
            gives_up_deliverable=gives_up,
            gives_up_count=body.gives_up.count,
            gives_up_most=most - body.gives_up.count,
            gains_deliverable=gains,
            gains_count=body.gains.count,
            gains_most=None if gained is None else gained + body.gains.count,
        ),
    )


def _unknown(name: str, state: State) -> Refusal | None:
    return None if name in state.deliverables else UNKNOWN.refuse(deliverable=name)


def _key(event: DeliverablesTraded) -> tuple[str, Counted, Counted]:
    gives_up = Counted(deliverable=event.gives_up_deliverable, count=event.gives_up_count)
    return event.variation, gives_up, Counted(deliverable=event.gains_deliverable, count=event.gains_count)


def _with(state: State, name: str, deliverable: Deliverable) -> State:
    return replace(state, deliverables={**state.deliverables, name: deliverable})
