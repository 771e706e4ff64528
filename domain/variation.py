"""Variations: what the funder adds to an agreement or takes from it, when, and how a late decision cuts its window.

A window that shrinks or moves never changes a cap; what the delay costs is shown beside it, indicative (R-12, R-31, invariant 6). Applying it is an act.
A letter that disagrees with itself is recorded with a discrepancy, and its parts rule. The words and the state stand in ``domain.changes``.
"""

from __future__ import annotations

from typing import Any, assert_never

from domain import changes
from domain.calendar import day_of, last_day_of
from domain.changes import (
    ApplyVariation,
    Change,
    Command,
    FunderDecided,
    Given,
    Happened,
    ReceiveVariation,
    RecordFunderDecision,
    RecordVariationWithdrawn,
    State,
    Variation,
    VariationApplied,
    VariationEnded,
    VariationReceived,
    WindowChanged,
)
from domain.exception import DiscrepancyFound, ExceptionRaised
from domain.model import By, Decision, Duty, DutyWords, Event, Refusal, Rule, fields_of, said
from domain.money import Amount, coarsest, per_day
from domain.terms import beyond, by_line, by_year

__all__ = ["DUTIES", "Command", "Given", "Happened", "State", "content", "decide", "duties", "evolve", "moment"]

UNKNOWN = Rule(
    "variation.unknown",
    "No variation {variation} has been received; ReceiveVariation records it.",
    "DESIGN §2, Variation",
    remedy="Record the funder's letter with ReceiveVariation first, or correct the id.",
)
AGREEMENT_UNKNOWN = Rule(
    "variation.agreement_unknown",
    "No agreement {agreement} is in force, so nothing varies it; record it first.",
    "R-60: a variation inherits terms",
    remedy="Record the agreement with RecordExecution first, or correct its id.",
)
DIFFERS = Rule(
    "variation.differs",
    "{variation} is recorded already, with other content; another variation needs another id.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other variation an id of its own.",
)
NOT_AUTHORISED = Rule(
    "variation.not_authorised",
    "No decision authorises {variation}.",
    "DESIGN §6; invariant 16",
    remedy="Take a paper that asks for {variation} through its route, or record the decision that was made, with RecordDecision.",
)
BEYOND_APPROVED = Rule(
    "variation.beyond_approved",
    "{variation} adds {added_pence} in {year}; {approved_pence} is approved.",
    "DESIGN §6; invariant 16",
    remedy="Have {variation} approved at the whole {added_pence} for {year}, by a paper or, if that was decided elsewhere, with RecordDecision; "
    "for less, ask the funder for another letter, record it under another id, and have that approved.",
)
ALREADY_APPLIED = Rule(
    "variation.already_applied",
    "{variation} is applied already, with other documents.",
    "DESIGN §5: nothing is rewritten",
    remedy="Leave it; what changes the terms again is another variation.",
)
OVER = Rule(
    "variation.over",
    "{variation} came to nothing ({ended}): {reason}.",
    "DESIGN §2, Variation",
    remedy="Ask the funder to vary the agreement again, and record that letter under an id of its own.",
)
BELOW_ZERO = Rule(
    "variation.below_zero",
    "{variation} would leave a cap of {cap_pence} for {year}.",
    "DESIGN §7; invariant 2",
    remedy="Check the amounts of {variation} against the funder's letter: it takes away more than there is.",
)
LINE_BELOW_ZERO = Rule(
    "variation.line_below_zero",
    "{variation} takes more from line {line} than it has: it would leave {cap_pence} for {year}.",
    "R-17; invariant 2",
    remedy="Check the lines of {variation} against the funder's letter: line {line} does not have so much.",
)
BELOW_CLAIMED = Rule(
    "variation.below_claimed",
    "{variation} would leave a cap of {cap_pence} for {year}, of which {spoken_for_pence} is claimed, lapsed or forfeited already.",
    "DESIGN §7; invariants 5 and 12",
    remedy="Ask the funder for a letter that leaves at least {spoken_for_pence} for {year}.",
)

STILL_APPLIED = "a variation both applied and over"
STILL_APPLIED_WHY = "{variation} was applied, and is said to have come to nothing ({ended}); its cap stands until another variation changes it."
NO_AGREEMENT = "variation of an agreement that is not in force"
"""What such an exception is called; recording the agreement closes it."""
NO_AGREEMENT_WHY = "It varies {agreement}, which is not in force here; it cannot be applied before that is recorded."
NET_DISAGREES = "a stated net that its lines do not make"
NET_DISAGREES_WHY = "{variation} states a net {stated_pence}, but its additions {additions_pence} and offsets {offsets_pence} make {net_pence}; the lines rule."
TOTAL_DISAGREES = "a stated revised total that the caps do not make"
TOTAL_DISAGREES_WHY = "{variation} states a revised total {stated_pence}, but the caps in force {cap_pence} and its net {net_pence} make {found_pence}."

evolve = changes.evolve
DUTIES = (
    DutyWords(name="variation.approved", words="{owner} brings variation {subject} to a decision"),
    DutyWords(name="variation.applied", words="{owner} applies variation {subject}"),
)

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
        case RecordVariationWithdrawn():
            return _end(body, state, given)
        case _:
            assert_never(body)


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """A variation waits for a decision, then, since its authority, to be applied; planned days that pass are at risk, while there are any."""
    return tuple(duty for each in state.variations.values() if not (each.applied or each.over) for duty in _owed(each, given))


def _owed(each: Variation, given: Given) -> tuple[Duty, ...]:
    name = each.received.variation
    at_risk = None if each.received.retrospective else each.received.at_risk_per_day_pence
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
    return (received, *_no_agreement(received, given), *_net_disagrees(received, given), *_total_disagrees(received, given))


def _received(body: ReceiveVariation) -> VariationReceived:
    lines = tuple(line if line.window else line.model_copy(update={"window": body.planned}) for line in body.lines)
    net = sum(each.pence for each in lines)
    dated = last_day_of(body.letter_date or body.made_available)
    stated = fields_of(body, Change)
    return VariationReceived(
        **{**stated, "lines": lines},
        additions_pence=sum(each.pence for each in lines if each.pence > 0),
        offsets_pence=sum(each.pence for each in lines if each.pence < 0),
        net_pence=net,
        net_by_year=by_year(lines),
        retrospective=any(each.days().last < dated for each in lines),
        at_risk_per_day_pence=per_day(max(net, 0), body.planned.days()),
    )


def _no_agreement(received: VariationReceived, given: Given) -> tuple[Event, ...]:
    if received.agreement in given.agreements:
        return ()
    name, owner = received.variation, given.exception_owner
    why = said(NO_AGREEMENT_WHY, {"agreement": received.agreement})
    return (ExceptionRaised(exception=f"agreement/{name}", what=NO_AGREEMENT, subject=received.agreement, owner=owner, why=why),)


def _net_disagrees(received: VariationReceived, given: Given) -> tuple[Event, ...]:
    stated, net = received.stated_net_pence, received.net_pence
    if stated is None or Amount(pence=stated, stated=received.stated).agrees_with(Amount(pence=net)):
        return ()
    figures = {name: getattr(received, name) for name in ("additions_pence", "offsets_pence", "net_pence")}
    why = said(NET_DISAGREES_WHY, {"variation": received.variation, "stated_pence": stated, **figures})
    return (_discrepancy("net", received, given, what=NET_DISAGREES, why=why, stated_pence=stated, found_pence=net),)


def _total_disagrees(received: VariationReceived, given: Given) -> tuple[Event, ...]:
    stated, cap = received.stated_total_pence, sum(given.caps_by_year.values())
    found = Amount(pence=cap + received.net_pence, stated=coarsest((given.stated, received.stated)))
    if stated is None or Amount(pence=stated, stated=received.stated).agrees_with(found):
        return ()
    figures = {"cap_pence": cap, "net_pence": received.net_pence, "found_pence": found.pence}
    why = said(TOTAL_DISAGREES_WHY, {"variation": received.variation, "stated_pence": stated, **figures})
    return (_discrepancy("total", received, given, what=TOTAL_DISAGREES, why=why, stated_pence=stated, found_pence=found.pence),)


def _discrepancy(kind: str, received: VariationReceived, given: Given, **figures: Any) -> DiscrepancyFound:
    return DiscrepancyFound(discrepancy=f"{kind}/{received.variation}", subject=received.variation, owner=given.discrepancy_owner, **figures)


def _funder_decides(body: RecordFunderDecision, state: State) -> Decision:
    known = state.variations.get(body.variation)
    if known is None:
        return UNKNOWN.refuse(variation=body.variation)
    decided = FunderDecided(**fields_of(body, RecordFunderDecision))
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
    if over := known.over:
        return OVER.refuse(variation=body.variation, ended=over.ended, reason=over.reason)
    return _too_early(known, given) or _not_covered(known, by, given) or _below(known, given) or (_applied(body, known, by, given),)


def _end(body: RecordVariationWithdrawn, state: State, given: Given) -> Decision:
    """The end, once; of one that was applied a fact all the same, with an exception: what is in force stays so."""
    known = state.variations.get(body.variation)
    if known is None:
        return UNKNOWN.refuse(variation=body.variation)
    ended = VariationEnded(variation=body.variation, ended=body.dated, reason=body.reason, documents=body.documents)
    if before := known.ended:
        return () if before == ended else OVER.refuse(variation=body.variation, ended=before.ended, reason=before.reason)
    if not known.applied:
        return (ended,)
    name, why = body.variation, said(STILL_APPLIED_WHY, {"variation": body.variation, "ended": body.dated})
    return ended, ExceptionRaised(exception=f"variation-over/{name}", what=STILL_APPLIED, subject=name, owner=given.exception_owner, why=why)


def _applied(body: ApplyVariation, known: Variation, by: By, given: Given) -> VariationApplied:
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
        delegation=by.delegation or given.policy.delegation("ApplyVariation", day_of(by.now)),
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


def _too_early(known: Variation, given: Given) -> Refusal | None:
    agreement = known.received.agreement
    return None if agreement in given.agreements else AGREEMENT_UNKNOWN.refuse(agreement=agreement)


def _below(known: Variation, given: Given) -> Refusal | None:
    """No cap falls below zero, of a year or of a line, nor below what is claimed, lapsed or forfeited of its year."""
    name, net = known.received.variation, known.received.net_by_year
    for year, pence in _caps_after(known, given).items():
        if pence < 0:
            return BELOW_ZERO.refuse(variation=name, year=year, cap_pence=pence)
        if net.get(year, 0) < 0 and pence < given.spoken_for.get(year, 0):
            return BELOW_CLAIMED.refuse(variation=name, year=year, cap_pence=pence, spoken_for_pence=given.spoken_for[year])
    return _line_below(known, given)


def _line_below(known: Variation, given: Given) -> Refusal | None:
    for (year, line), pence in by_line(known.received.lines).items():
        left = given.caps_by_line.get((year, line), 0) + pence
        if left < 0:
            return LINE_BELOW_ZERO.refuse(variation=known.received.variation, line=line, year=year, cap_pence=left)
    return None
