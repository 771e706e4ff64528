"""Variations: what the funder adds to an agreement or takes from it, when, and how a late decision cuts its window.

A window that shrinks or moves never changes a cap; what the delay costs is shown beside it, indicative (R-12, R-31, invariant 6). Applying it is an act.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from domain.calendar import StatedDate, Window, YearLabel, day_of, last_day_of
from domain.model import By, Cap, CommandBody, Decision, Document, Duty, DutyWords, Event, Frozen, Identifier, Name, Past, Pence, Refusal, Rule, Text
from domain.money import Stated, per_day
from domain.policy import Policy
from domain.terms import Line, Lines, beyond, by_year

UNKNOWN = Rule("variation.unknown", "No variation {variation} has been received; ReceiveVariation records it.", "DESIGN §2, Variation")
AGREEMENT_UNKNOWN = Rule(
    "variation.agreement_unknown", "No agreement {agreement} is in force, so nothing varies it; record it first.", "R-60: a variation inherits terms"
)
DIFFERS = Rule(
    "variation.differs", "{variation} is recorded already, with other content; another variation needs another id.", "DESIGN §5: nothing is rewritten"
)
NET_DISAGREES = Rule(
    "variation.net_disagrees",
    "{variation} states a net {stated_pence}, but its additions {additions_pence} and offsets {offsets_pence} make {net_pence}.",
    "R-17; invariant 4",
)
NOT_AUTHORISED = Rule("variation.not_authorised", "No decision authorises {variation}.", "DESIGN §6; invariant 16")
BEYOND_APPROVED = Rule("variation.beyond_approved", "{variation} adds {added_pence} in {year}; {approved_pence} is approved.", "DESIGN §6; invariant 16")
ALREADY_APPLIED = Rule("variation.already_applied", "{variation} is applied already, with other documents.", "DESIGN §5: nothing is rewritten")
SETTLED = Rule("variation.year_settled", "{year} is settled; {variation} would need a supplementary return, which is not built yet.", "DESIGN §7; G18")
BELOW_ZERO = Rule("variation.below_zero", "{variation} would leave a cap of {cap_pence} for {year}.", "DESIGN §7; invariant 2")

# What can be asked for ------------------------------------------------------------------------------------------------


class Change(Frozen):
    """What a variation says. Additions are above zero and offsets below; a line without a window has the planned one.

    Categories are inherited from the agreement where a line names none (R-60). ``letter_date`` null: no letter is dated
    (R-01). ``stated_net_pence`` is the net that the letter states itself; ``stated`` how exactly it states its sums.
    """

    variation: Identifier
    agreement: Identifier
    letter_date: StatedDate | None = None
    made_available: StatedDate
    planned: Window
    lines: Lines
    stated: Stated = "penny"
    stated_net_pence: Pence | None = None
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


Command = ReceiveVariation | RecordFunderDecision | ApplyVariation

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
    """

    variation: Identifier
    agreement: Identifier
    in_force: date
    effective: Window
    lines: Lines
    net_pence: Pence
    caps_before: dict[YearLabel, Cap]
    caps_after: dict[YearLabel, Cap]
    authorised_by: Name | None
    documents: tuple[Document, ...]


Happened = VariationReceived | FunderDecided | WindowChanged | VariationApplied
DUTIES = (
    DutyWords(name="variation.approved", words="{owner} brings variation {subject} to a decision"),
    DutyWords(name="variation.applied", words="{owner} applies variation {subject}"),
)

# Where a variation stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Applied:
    """A variation as applied, and the instant (UTC) at which that was recorded."""

    event: VariationApplied
    recorded: datetime


@dataclass(frozen=True)
class Variation:
    """A variation as received and the instant (UTC) at which we learnt of it; what the funder decided; its application."""

    received: VariationReceived
    recorded: datetime
    decisions: tuple[FunderDecided, ...] = ()
    windows: tuple[WindowChanged, ...] = ()
    applied: Applied | None = None

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
    """

    policy: Policy
    authorised: Mapping[str, Mapping[str, int]]
    decision_refs: Mapping[str, str]
    caps_by_year: Mapping[str, int]
    agreements: Collection[str]
    in_decision: frozenset[str] = frozenset()
    authorised_at: Mapping[str, datetime] = field(default_factory=dict)
    settled_years: Collection[str] = ()


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a variation's letter, the funder's decision on it, or its application."""
    match body:
        case ReceiveVariation():
            return _receive(body, state, given)
        case RecordFunderDecision():
            return _funder_decides(body, state)
        case ApplyVariation():
            return _apply(body, state, by, given)
        case _:
            assert_never(body)


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
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """A variation waits for a decision, then, since its authority, to be applied; planned days that pass are at risk."""
    return tuple(duty for each in state.variations.values() if not each.applied for duty in _owed(each, given))


def _owed(each: Variation, given: Given) -> tuple[Duty, ...]:
    name, at_risk = each.received.variation, each.received.at_risk_per_day_pence
    if _lacking(each, given) is None:
        return given.policy.owed("variation", "variation.applied", name, given.authorised_at.get(name, each.recorded), None, at_risk)
    return () if name in given.in_decision else given.policy.owed("variation", "variation.approved", name, each.recorded, None, at_risk)


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room answers alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room answers alike)
    """Nothing here binds what was seen: the decision did, and applying changes none of its amounts."""
    return None


def _receive(body: ReceiveVariation, state: State, given: Given) -> Decision:
    received = _received(body)
    if known := state.variations.get(body.variation):
        return () if known.received == received else DIFFERS.refuse(variation=body.variation)
    if body.variation in given.agreements:
        return DIFFERS.refuse(variation=body.variation)
    if body.agreement not in given.agreements:
        return AGREEMENT_UNKNOWN.refuse(agreement=body.agreement)
    return _net_disagrees(received) or (received,)


def _received(body: ReceiveVariation) -> VariationReceived:
    lines = tuple(line if line.window else line.model_copy(update={"window": body.planned}) for line in body.lines)
    net = sum(each.pence for each in lines)
    dated = last_day_of(body.letter_date or body.made_available)
    stated = {name: getattr(body, name) for name in Change.model_fields}
    return VariationReceived(
        **{**stated, "lines": lines},
        additions_pence=sum(each.pence for each in lines if each.pence > 0),
        offsets_pence=sum(each.pence for each in lines if each.pence < 0),
        net_pence=net,
        net_by_year=by_year(lines),
        retrospective=any(each.days().last < dated for each in lines),
        at_risk_per_day_pence=per_day(max(net, 0), body.planned.days()),
    )


def _net_disagrees(received: VariationReceived) -> Refusal | None:
    if received.stated_net_pence in (None, received.net_pence):
        return None
    figures = {name: getattr(received, name) for name in ("additions_pence", "offsets_pence", "net_pence")}
    return NET_DISAGREES.refuse(variation=received.variation, stated_pence=received.stated_net_pence, **figures)


def _funder_decides(body: RecordFunderDecision, state: State) -> Decision:
    known = state.variations.get(body.variation)
    if known is None:
        return UNKNOWN.refuse(variation=body.variation)
    decided = FunderDecided(**{name: getattr(body, name) for name in RecordFunderDecision.model_fields})
    if known.decisions and known.decisions[-1] == decided:
        return ()
    return (decided, *_window_changed(body, known))


def _window_changed(body: RecordFunderDecision, known: Variation) -> tuple[WindowChanged, ...]:
    if body.effective in (None, known.effective):
        return ()
    received = known.received
    lost = max(received.planned.days() - body.effective.days(), 0)
    return (
        WindowChanged(
            variation=body.variation,
            decided=body.decided,
            planned=received.planned,
            before=known.effective,
            effective=body.effective,
            reason=body.reason,
            days_lost=lost,
            per_day_pence=received.at_risk_per_day_pence,
            indicative_cost_pence=received.at_risk_per_day_pence * lost,
        ),
    )


def _apply(body: ApplyVariation, state: State, by: By, given: Given) -> Decision:
    known = state.variations.get(body.variation)
    if known is None:
        return UNKNOWN.refuse(variation=body.variation)
    if known.applied:
        return () if known.applied.event.documents == body.documents else ALREADY_APPLIED.refuse(variation=body.variation)
    settled = next((SETTLED.refuse(year=year, variation=body.variation) for year in known.received.net_by_year if year in given.settled_years), None)
    return settled or _not_covered(known, by, given) or _below_zero(known, given) or (_applied(body, known, given),)


def _applied(body: ApplyVariation, known: Variation, given: Given) -> VariationApplied:
    return VariationApplied(
        variation=body.variation,
        agreement=known.received.agreement,
        in_force=known.effective.first,
        effective=known.effective,
        lines=known.lines(),
        net_pence=known.received.net_pence,
        caps_before=dict(given.caps_by_year),
        caps_after=_caps_after(known, given),
        authorised_by=given.decision_refs.get(body.variation),
        documents=body.documents,
    )


def _caps_after(known: Variation, given: Given) -> dict[str, int]:
    net = known.received.net_by_year
    return {year: given.caps_by_year.get(year, 0) + net.get(year, 0) for year in sorted({*given.caps_by_year, *net})}


def _lacking(known: Variation, given: Given) -> str | None:
    """The year for which authority lacks, an empty word where there is none at all; null: every year is covered."""
    approved = given.authorised.get(known.received.variation)
    return "" if approved is None else beyond(known.received.net_by_year, approved)


def _not_covered(known: Variation, by: By, given: Given) -> Refusal | None:
    year, name = _lacking(known, given), known.received.variation
    if year is None:
        return None
    who_could = given.policy.deciders(day_of(by.now), sum(_caps_after(known, given).values()))
    if not year:
        return NOT_AUTHORISED.refuse(*who_could, variation=name)
    figures = {"added_pence": known.received.net_by_year[year], "approved_pence": given.authorised[name].get(year, 0)}
    return BEYOND_APPROVED.refuse(*who_could, variation=name, year=year, **figures)


def _below_zero(known: Variation, given: Given) -> Refusal | None:
    short = ((year, pence) for year, pence in _caps_after(known, given).items() if pence < 0)
    return next((BELOW_ZERO.refuse(variation=known.received.variation, year=year, cap_pence=pence) for year, pence in short), None)


def _with(state: State, name: str, variation: Variation) -> State:
    return replace(state, variations={**state.variations, name: variation})
