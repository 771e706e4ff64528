"""What the end of a grant remembers: the exit from its strategy to its last disposition, the reconciliation, the close.

Part of the room ``exit``: its state, what it is given, and how an event changes the one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import StatedDate, YearLabel
from domain.model import SYSTEM, Cap, Document, Event, Frozen, Identifier, Instant, Name, Past, Pence, Text
from domain.policy import Policy

THE_GRANT = "grant"
"""The subject of the duties of the exit: the whole grant."""

Post = tuple[str, str]
"""A funded post by its team and its rank."""

Fate = Literal["redeployed", "transferred", "ended", "retained", "sold", "returned", "scrapped"]
"""What becomes of a post, an asset or a contract once the money has stopped."""

Held = Literal["asset", "contract"]


class PostsOf(Frozen):
    """So many funded posts of one rank in one team."""

    team: Name
    rank: Name
    count: Annotated[int, Field(ge=1, le=100_000)]


class YearFigures(Frozen):
    """One financial year of the grant in whole pence: cap = agreed + lapsed + forfeited, agreed = received + debtor.

    The cap falls below zero where what was signed after an offset is lower than that: then nothing agrees until it is varied.
    """

    year: YearLabel
    cap_pence: Pence
    agreed_pence: Cap
    received_pence: Pence
    debtor_pence: Pence
    lapsed_pence: Cap
    forfeited_pence: Cap = 0


# What can have happened -----------------------------------------------------------------------------------------------


class StrategyStated(Event, wire="exit.stated", said="Exit strategy for {covers}: {plan}"):
    """What happens if the funding stops."""

    covers: Text
    trigger: Text
    plan: Text
    armed_on: date | None


class ExitWaived(Event, wire="exit.waived", said="No exit strategy: {reason}"):
    """The grant needs no exit; a strategy that is stated later takes the place of the waiver (G26)."""

    reason: Text
    documents: tuple[Document, ...]


class ExitArmed(Event, wire="exit.armed", said="The exit is armed for the end of {ends}: {plan}"):
    """Without a successor the exit is triggered by that day's end."""

    ends: date
    covers: Text
    plan: Text


class SuccessorRecorded(Event, wire="successor.recorded", said="{reference} carries on from here"):
    """What comes after this grant."""

    reference: Name
    external: bool
    first: date | None
    documents: tuple[Document, ...]


class ExitAverted(Event, wire="exit.averted", said="The exit is averted by {reference}"):
    """A successor funds from the day after the last funded day, or earlier."""

    reference: Name
    ends: date | None


class ExitTriggered(Event, wire="exit.triggered", said="The exit is triggered: no successor by the end of {ends}; {plan}"):
    """The funding has ended with no successor: every funded post and every asset waits for its disposition."""

    ends: date
    covers: Text
    plan: Text


class AssetRecorded(Event, wire="asset.recorded", said="{held} {asset}: {words}"):
    """Something that the grant paid for and that outlasts it; ``pence`` is its cost (null: not stated)."""

    asset: Identifier
    held: Held
    words: Text
    instrument: Identifier | None
    pence: Cap | None
    documents: tuple[Document, ...]


class DispositionRecorded(Event, wire="disposition.recorded", said="{what}: {fate}", effective="on"):
    """What became of funded posts, or of an asset or contract; ``what`` says which in words."""

    disposition: Identifier
    what: Text
    posts: PostsOf | None
    asset: Identifier | None
    fate: Fate
    to: Name | None
    on: StatedDate
    documents: tuple[Document, ...]


class ExitCompleted(
    Event,
    wire="exit.completed",
    said="The exit is completed: there is a disposition of {posts:post|posts} and of {assets:asset or contract|assets and contracts}",
):
    """Every funded post and every asset has its disposition (invariant 30)."""

    posts: int
    assets: int


class GrantReconciled(
    Event, wire="grant.reconciled", said="Reconciled: cap {cap_pence}, agreed {agreed_pence}, received {received_pence}, lapsed {lapsed_pence}"
):
    """Every year's figures agree, in whole pence."""

    years: tuple[YearFigures, ...]
    cap_pence: Cap
    agreed_pence: Cap
    received_pence: Pence
    debtor_pence: Pence
    lapsed_pence: Cap
    forfeited_pence: Cap
    note: Text | None


class GrantClosed(Event, wire="grant.closed", said="Closed; records are kept until {retention_until}"):
    """Nothing is open any more. ``retention_until`` is six years after the last funded day; of a grant that was never funded, after its last outcome."""

    retention_until: date
    note: Text | None


class RecordsDisposed(Event, wire="records.disposed", said="Records disposed of, kept until {retention_until}: {how}"):
    """What was kept apart for this grant may be erased; the events stay, with their digests."""

    retention_until: date
    how: Text


Happened = (
    StrategyStated
    | ExitWaived
    | ExitArmed
    | SuccessorRecorded
    | ExitAverted
    | ExitTriggered
    | AssetRecorded
    | DispositionRecorded
    | ExitCompleted
    | GrantReconciled
    | GrantClosed
    | RecordsDisposed
)

# Where the end stands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strategy:
    """The strategy as last stated, and when that was recorded (UTC)."""

    stated: StrategyStated
    recorded: datetime


@dataclass(frozen=True)
class Armed:
    """For which last funded day the exit was armed, and when (UTC)."""

    ends: date
    recorded: datetime


@dataclass(frozen=True)
class Reconciled:
    """The figures that were found to agree, and when (UTC)."""

    event: GrantReconciled
    recorded: datetime


@dataclass(frozen=True)
class Completed:
    """The exit as completed, and when (UTC)."""

    event: ExitCompleted
    recorded: datetime


@dataclass(frozen=True)
class Asset:
    """An asset or contract as recorded, and when (UTC)."""

    event: AssetRecorded
    recorded: datetime


@dataclass(frozen=True)
class Disposition:
    """A disposition as recorded, and when (UTC)."""

    event: DispositionRecorded
    recorded: datetime


@dataclass(frozen=True)
class State:
    """Strategy or waiver, arming, successors, dispositions, and the last steps; null: not yet. ``triggered_at`` is UTC."""

    strategy: Strategy | None = None
    waived: ExitWaived | None = None
    armed: Armed | None = None
    successors: tuple[SuccessorRecorded, ...] = ()
    averted: ExitAverted | None = None
    triggered: ExitTriggered | None = None
    triggered_at: datetime | None = None
    assets: Mapping[str, Asset] = field(default_factory=dict)
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    completed: Completed | None = None
    reconciled: Reconciled | None = None
    closed: GrantClosed | None = None
    disposed: RecordsDisposed | None = None


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows.

    ``ends`` is the last funded day of what is in force (null: nothing is). ``years`` are the figures of every year with a
    cap; ``returns_open`` the returns not settled; ``gates`` the other rooms' reasons against closing, in plain words.
    ``began`` is when the first instrument in force was recorded, ``settled`` when the last return was (UTC; null: not yet).
    ``posts`` are those funded on the last funded day, ``instruments`` the ids of all that could have paid for an asset.
    ``open_exceptions`` are the ids of those that stand open. ``unfunded`` is when the last outcome was recorded of a grant
    that nothing funded and nothing will any more (UTC; null: it was funded, or may be yet).
    """

    policy: Policy
    ends: date | None = None
    years: tuple[YearFigures, ...] = ()
    returns_open: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    began: Instant | None = None
    settled: Instant | None = None
    posts: Mapping[Post, int] = field(default_factory=dict)
    instruments: Collection[str] = frozenset()
    exception_owner: str = SYSTEM
    open_exceptions: Collection[str] = frozenset()
    unfunded: Instant | None = None


def evolve(state: State, past: Past) -> State:
    """The end of the grant after one of its events."""
    match past.body:
        case StrategyStated() as stated:
            return replace(state, strategy=Strategy(stated, past.recorded), waived=None)
        case ExitWaived() as waived:
            return replace(state, strategy=None, waived=waived)
        case ExitArmed(ends=ends):
            return replace(state, armed=Armed(ends, past.recorded))
        case SuccessorRecorded() as successor:
            return replace(state, successors=(*state.successors, successor))
        case ExitAverted() as averted:
            return replace(state, averted=averted)
        case ExitTriggered() as triggered:
            return replace(state, triggered=triggered, triggered_at=past.recorded)
        case AssetRecorded() as asset:
            return replace(state, assets={**state.assets, asset.asset: Asset(asset, past.recorded)})
        case DispositionRecorded() as disposition:
            return replace(state, dispositions={**state.dispositions, disposition.disposition: Disposition(disposition, past.recorded)})
        case _:
            return _ended(state, past)


def _ended(state: State, past: Past) -> State:
    match past.body:
        case ExitCompleted() as completed:
            return replace(state, completed=Completed(completed, past.recorded))
        case GrantReconciled() as reconciled:
            return replace(state, reconciled=Reconciled(reconciled, past.recorded))
        case GrantClosed() as closed:
            return replace(state, closed=closed)
        case RecordsDisposed() as disposed:
            return replace(state, disposed=disposed)
        case _:
            return state
