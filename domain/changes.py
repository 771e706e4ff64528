"""Variations as the funder writes them: what a letter says, what can happen to it, and where it stands.

Part of the room ``variation``; the rules are in ``domain.variation``. A letter's additions and offsets are kept one by one
under the source's own headings, and the net is their sum (R-17, invariant 4).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.calendar import StatedDate, Window, YearLabel, last_day_of
from domain.model import SYSTEM, Cap, CommandBody, Document, Event, Frozen, Identifier, Name, Past, Pence, Text
from domain.money import Stated
from domain.policy import Policy
from domain.terms import Line, Lines

# What can be asked for ------------------------------------------------------------------------------------------------


class Change(Frozen):
    """What a variation says. Additions are above zero and offsets below; a line without a window has the planned one.

    Categories are inherited from the agreement where a line names none (R-60). ``letter_date`` null: no letter is dated
    (R-01). ``stated_net_pence`` is the net that the letter states itself, ``stated_total_pence`` the revised total of the
    whole grant (R-13; null: it prints none, and the total is derived: R-19); ``stated`` is how exactly it states its sums.
    """

    variation: Identifier
    agreement: Identifier
    letter_date: StatedDate | None = None
    made_available: StatedDate
    planned: Window
    lines: Lines
    stated: Stated = "penny"
    stated_net_pence: Pence | None = None
    stated_total_pence: Cap | None = None
    documents: tuple[Document, ...] = ()


class ReceiveVariation(CommandBody, Change, kind="fact"):
    """The funder makes more, less or other money available under an agreement."""


class RecordFunderDecision(CommandBody, kind="fact"):
    """The funder has decided on a variation; ``effective`` null: in the window as it stands. A later one counts from then on."""

    variation: Identifier
    decided: StatedDate
    effective: Window | None = None
    reason: Text
    documents: tuple[Document, ...] = ()


class ApplyVariation(CommandBody, kind="act"):
    """Take a variation into the cap now."""

    variation: Identifier
    documents: tuple[Document, ...] = ()


class RecordVariationWithdrawn(CommandBody, kind="fact"):
    """Nothing comes of a variation: the funder took it back, or it was not taken up, on a date as stated."""

    variation: Identifier
    dated: StatedDate
    reason: Text
    documents: tuple[Document, ...] = ()


Command = ReceiveVariation | RecordFunderDecision | ApplyVariation | RecordVariationWithdrawn

# What can have happened -----------------------------------------------------------------------------------------------


class VariationReceived(
    Event, Change, wire="variation.received", said="Variation {variation} of {agreement} received: {net_pence} net", effective="made_available"
):
    """Money is sought, beside the cap. Its lines carry their windows; sums are whole pence, offsets below zero.

    ``retrospective``: dated after a period that it funds had ended (R-77). ``at_risk_per_day_pence`` is the net over the
    days of the planned window, half-up: indicative.
    """

    additions_pence: Cap
    offsets_pence: Pence
    net_pence: Pence
    net_by_year: dict[YearLabel, Pence]
    retrospective: bool
    at_risk_per_day_pence: Cap


class FunderDecided(Event, wire="funder.decided", said="The funder decided on {variation} ({decided}): {reason}", effective="decided"):
    """What the funder answered, when, and why so."""

    variation: Identifier
    decided: StatedDate
    effective: Window | None
    reason: Text
    documents: tuple[Document, ...]


class WindowChanged(
    Event,
    wire="variation.window_changed",
    said="{variation} counts for {effective}, not {planned}: {reason}; cap unchanged, delay costs {indicative_cost_pence} (straight line, indicative)",
    effective="decided",
):
    """The window in which cost counts is another one. The cap is not touched.

    ``days_lost`` are the planned days less the effective ones, never below zero; ``indicative_cost_pence`` is that times
    ``per_day_pence``, which is the net over the planned days, half-up.
    """

    variation: Identifier
    decided: StatedDate
    planned: Window
    before: Window
    effective: Window
    reason: Text
    days_lost: int
    per_day_pence: Cap
    indicative_cost_pence: Cap


class VariationApplied(Event, wire="variation.applied", said="Variation {variation} applied: {net_pence} net, from {in_force}", effective="in_force"):
    """The cap is another one, from the first day of the effective window (CONTRACT, Figures).

    ``lines`` carry their effective windows; caps are those of the whole grant by financial year, before and after.
    ``delegation`` is what allowed us to apply it (null: recorded before it was cited).
    """

    variation: Identifier
    agreement: Identifier
    in_force: date
    effective: Window
    lines: Lines
    net_pence: Pence
    caps_before: dict[YearLabel, Pence]
    caps_after: dict[YearLabel, Cap]
    authorised_by: Name | None
    documents: tuple[Document, ...]
    delegation: Text | None = None


class VariationEnded(Event, wire="variation.ended", said="Variation {variation} came to nothing: {reason}", effective="ended"):
    """It is sought no more, and cannot be applied any more."""

    variation: Identifier
    ended: StatedDate
    reason: Text
    documents: tuple[Document, ...]


Happened = VariationReceived | FunderDecided | WindowChanged | VariationApplied | VariationEnded

# Where a variation stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Applied:
    """A variation as applied, and the instant (UTC) at which that was recorded."""

    event: VariationApplied
    recorded: datetime


@dataclass(frozen=True)
class Variation:
    """A variation as received and the instant (UTC) at which we learnt of it; what the funder decided; its application, or its end."""

    received: VariationReceived
    recorded: datetime
    decisions: tuple[FunderDecided, ...] = ()
    windows: tuple[WindowChanged, ...] = ()
    applied: Applied | None = None
    ended: VariationEnded | None = None

    @property
    def over(self) -> VariationEnded | None:
        """How a variation that was never applied came to nothing; null: it did not."""
        return None if self.applied else self.ended

    @property
    def dated(self) -> date:
        """The day from which its letter counts: the letter's own date, else when the money was made available."""
        return last_day_of(self.received.letter_date or self.received.made_available)

    @property
    def ended_years(self) -> tuple[str, ...]:
        """The years of which it funds a period that had ended when its letter was dated (R-77): none unless retrospective."""
        return tuple(sorted({line.year for line in self.received.lines if line.days().last < self.dated}))

    @property
    def effective(self) -> Window:
        """The window in which its cost counts, as known now."""
        return self.windows[-1].effective if self.windows else self.received.planned

    def lines(self) -> tuple[Line, ...]:
        """Its lines with their effective windows: what of the own window is left, or the whole new one where nothing is."""
        days = ((line, line.days().overlap(self.effective) or self.effective) for line in self.received.lines)
        return tuple(line.model_copy(update={"window": window}) for line, window in days)


@dataclass(frozen=True)
class CapVersion:
    """The caps of the whole grant by year around one application: the old ones stay readable at their dates (invariant 3)."""

    variation: str
    effective: date
    recorded: datetime
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True)
class State:
    """Variations by id in the order in which they were received, and the caps in the order in which they changed."""

    variations: Mapping[str, Variation] = field(default_factory=dict)
    caps: tuple[CapVersion, ...] = ()


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: pence authorised by instrument and year, references, caps by year, agreements in force.

    ``in_decision`` names the instruments that a paper is under way for; ``authorised_at`` says since when each is authorised.
    ``caps_by_line`` are the caps in force by year and line. ``spoken_for`` is what of each year's cap is claimed or agreed,
    lapsed or forfeited: no cap falls below it. ``stated`` is how exactly the caps in force are stated, and
    the owners are the offices that explain an exception and resolve a discrepancy.
    """

    policy: Policy
    authorised: Mapping[str, Mapping[str, int]]
    decision_refs: Mapping[str, str]
    caps_by_year: Mapping[str, int]
    agreements: Collection[str]
    in_decision: frozenset[str] = frozenset()
    authorised_at: Mapping[str, datetime] = field(default_factory=dict)
    caps_by_line: Mapping[tuple[str, str], int] = field(default_factory=dict)
    spoken_for: Mapping[str, int] = field(default_factory=dict)
    stated: Stated = "penny"
    exception_owner: str = SYSTEM
    discrepancy_owner: str = SYSTEM


def evolve(state: State, past: Past) -> State:
    """Variations and caps after one of their events."""
    match past.body:
        case VariationReceived() as received:
            return _with(state, received.variation, Variation(received, past.recorded))
        case FunderDecided(variation=name) as decided:
            before = state.variations[name]
            return _with(state, name, replace(before, decisions=(*before.decisions, decided)))
        case WindowChanged(variation=name) as changed:
            before = state.variations[name]
            return _with(state, name, replace(before, windows=(*before.windows, changed)))
        case VariationApplied(variation=name) as applied:
            version = CapVersion(name, applied.in_force, past.recorded, applied.caps_before, applied.caps_after)
            after = _with(state, name, replace(state.variations[name], applied=Applied(applied, past.recorded)))
            return replace(after, caps=(*state.caps, version))
        case VariationEnded(variation=name) as ended:
            return _with(state, name, replace(state.variations[name], ended=ended))
        case _:
            return state


def _with(state: State, name: str, variation: Variation) -> State:
    return replace(state, variations={**state.variations, name: variation})
