"""What follows in other rooms from what was just decided: exceptions that are put right, a supplementary return.

Read over the whole grant as it stands after the events; income, which follows last, is recovery's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from domain import approval, delivery, provisos, recovery, urgency
from domain import exit as leaving
from domain.agreement import AgreementExecuted, OfferAccepted
from domain.between import Between
from domain.bidding import BidSubmitted
from domain.calendar import day_of, last_day_of
from domain.changes import VariationApplied
from domain.conditions import ConditionAdded
from domain.exception import DECIDED_IN_URGENCY, LATE_APPROVAL, LATE_DECISION, ExceptionClosed, ExceptionRaised
from domain.instruments import Instrument
from domain.model import By, Event, said
from domain.provisos import AuthorityGiven
from domain.returns import ReturnOpened
from domain.saying import PaperDecided
from domain.variation import NO_AGREEMENT

RATIFIED = "ratified by {decision}"
CLOSED_WITH_IT = "it came late, and the grant is closed"
RECORDED = "agreement {agreement} is recorded"
LATER = "{subject} was signed or sent on {on}; the decision that covers it is of a later day."


def supplementary(events: Iterable[Event], around: Between, by: By) -> tuple[ReturnOpened, ...]:
    """A variation that was applied to a year whose returns were all made opens a supplementary one (G18)."""
    years = [line.year for event in events if isinstance(event, VariationApplied) for line in event.lines if line.pence > 0]
    return recovery.supplementary(years, around.rooms.recovery, around.to_recovery(), by)


def conditions(events: Iterable[Event]) -> tuple[ConditionAdded, ...]:
    """The conditions of an approval as conditions of the grant, of the paper that was decided."""
    decided = ((event.paper, each) for event in events if isinstance(event, PaperDecided) for each in event.conditions)
    return tuple(ConditionAdded(condition=each.condition, of=paper, words=each.words, owner=each.owner, due=each.due, documents=()) for paper, each in decided)


def authorised(around: Between) -> tuple[AuthorityGiven, ...]:
    """What was approved under conditions that had to be met before, and now are met, with documents that show it, or waived."""
    known, at = around.rooms.assurance.conditions, around.rooms.recorded
    settled = {name for name, each in known.items() if at and each.settled(day_of(at))}
    return provisos.given(around.rooms.approval.papers.values(), settled)


def late(events: Iterable[Event], around: Between) -> tuple[ExceptionRaised, ...]:
    """What was signed or sent before the day of the decision that covers it, in whatever order both were recorded (invariant 20)."""
    named = {each.name: each for each in around.instruments}
    signed = ((named[name], on) for name, on in map(_signed, events) if name in named)
    return tuple(
        ExceptionRaised(
            exception=f"late-approval/{each.name}",
            what=LATE_APPROVAL,
            subject=each.name,
            owner=around.exception_owner,
            why=said(LATER, {"subject": each.name, "on": on}),
        )
        for each, on in signed
        if each.covered(around.authorised) and not _allowed_by(each, last_day_of(on), around)
    )


def put_right(around: Between) -> tuple[Event, ...]:
    """The open exceptions that a decision has ratified or a later fact has corrected."""
    closed = {**_ratified(around), **_no_longer_urgent(around), **_past(around), **recovery.settled_differences(around.rooms.recovery), **_agreements(around)}
    standing = (each.raised.exception for each in around.rooms.assurance.open_exceptions())
    return (
        *(ExceptionClosed(exception=name, how=closed[name]) for name in standing if name in closed),
        *delivery.put_right(around.rooms.delivery, around.to_delivery()),
        *leaving.put_right(around.rooms.exit, around.to_exit()),
    )


def _signed(event: Event) -> tuple[str | None, str]:
    match event:
        case AgreementExecuted(agreement=name, executed=on) | OfferAccepted(offer=name, accepted=on) | BidSubmitted(bid=name, submitted=on):
            return name, on
        case _:
            return None, ""


def _allowed_by(each: Instrument, day: date, around: Between) -> bool:
    """Whether a decision that can be of that day or earlier covers it, or, of a bid, a delegation of its sign-off stood."""
    sign_offs = (one for one in around.delegations if each.kind == "bid" and one.gives("SubmitBid", (each.name,)))
    return each.covered(approval.authorised_by(around.rooms.approval, day)) or any(one.on(day) for one in sign_offs)


def _ratified(around: Between) -> Mapping[str, str]:
    """Late approvals: a decision covers the instrument now, or the agreement that has replaced it."""
    refs, named = approval.decision_refs(around.rooms.approval), {each.name: each for each in around.instruments}
    found: dict[str, str] = {}
    for each in around.rooms.assurance.open_exceptions():
        instrument = named.get(each.raised.subject) if each.raised.what == LATE_APPROVAL else None
        if instrument and _approved(instrument, named, around):
            found[each.raised.exception] = RATIFIED.format(decision=next((refs[name] for name in instrument.names if name in refs), None))
    return found


def _no_longer_urgent(around: Between) -> Mapping[str, str]:
    """Decisions in urgency that a later one ratifies."""
    held, found = around.rooms.approval, dict[str, str]()
    for each in around.rooms.assurance.open_exceptions():
        paper = held.papers.get(each.raised.subject) if each.raised.what == DECIDED_IN_URGENCY else None
        decision = urgency.ratified_by(paper, held.papers.values(), held.decisions.values()) if paper else None
        if decision:
            found[each.raised.exception] = RATIFIED.format(decision=decision)
    return found


def _past(around: Between) -> Mapping[str, str]:
    """Late decisions of a grant that is closed: nothing can put them right, and nothing of a closed grant stays open."""
    late = (each.raised.exception for each in around.rooms.assurance.open_exceptions() if each.raised.what == LATE_DECISION)
    return dict.fromkeys(late, CLOSED_WITH_IT) if around.rooms.exit.closed else {}


def _approved(instrument: Instrument, named: Mapping[str, Instrument], around: Between) -> bool:
    after = [named[name] for name in instrument.names if name != instrument.name and name in named] if instrument.replaced else []
    covered = {each.name for each in (instrument, *after) if each.covered(around.authorised) or each.name in around.rooms.kept}
    return instrument.name in covered or (bool(after) and all(each.name in covered for each in after))


def _agreements(around: Between) -> Mapping[str, str]:
    """Variations of an agreement that was not in force, and is now."""
    in_force = {each.name for each in around.instruments if each.pays and each.kind != "variation"}
    raised = [each.raised for each in around.rooms.assurance.open_exceptions() if each.raised.what == NO_AGREEMENT]
    return {each.exception: RECORDED.format(agreement=each.subject) for each in raised if each.subject in in_force}
