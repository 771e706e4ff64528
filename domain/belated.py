"""Decisions that came too late, or before their steps: each is an exception with an owner, and hinders nothing that happened.

Late is a step that was decided after its due day, or a paper that was decided after the day or instant that the funder set.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain import approval
from domain.between import Between
from domain.calendar import day_of
from domain.evidence import digest
from domain.exception import DECIDED_IN_URGENCY, LATE_DECISION, ExceptionRaised
from domain.model import LONGEST_NAME, LONGEST_TEXT, By, Duty, Event, said
from domain.money import at_risk_pence
from domain.paper import APPROVED, asked_by_instrument
from domain.saying import PaperDecided, StepDecided
from domain.urgency import UrgencyInvoked

STEP_LATE = "{office} decided {paper} {days} after {due}, when it was due{risk}."
FUNDER_LATE = "{paper} was decided {days} after {due}, by which the funder wanted to know of {instrument}{risk}."
RISK = "; {at_risk_pence} was at risk meanwhile (straight line, indicative)"
URGENT = "{office} decided {paper} before {passed_over} had their say, under the rule {rule} ({source}): {reason}"


def belated(events: Iterable[Event], before: Between, by: By) -> tuple[ExceptionRaised, ...]:
    """The exceptions of what was decided now, held against what was owed before."""
    found: list[ExceptionRaised] = []
    decided = tuple(events)
    for event in decided:
        match event:
            case StepDecided():
                found += _late_step(event, before, by)
            case PaperDecided():
                found += _after_the_funder(event, before, by)
            case UrgencyInvoked() if any(isinstance(each, PaperDecided) and any(one.outcome in APPROVED for one in each.items) for each in decided):
                found.append(_urgent(event, before))
            case _:
                pass
    return tuple(found)


def _late_step(event: StepDecided, before: Between, by: By) -> Iterable[ExceptionRaised]:
    owed = approval.owed_by(event.paper, before.rooms.approval, before.to_approval())
    duty = owed.get(event.office)
    if duty and duty.due and duty.due < by.now:
        yield _exception(f"{event.paper}/{event.office}", event.paper, STEP_LATE, duty, day_of(duty.due), before, by, office=event.office)


def _after_the_funder(event: PaperDecided, before: Between, by: By) -> Iterable[ExceptionRaised]:
    """Late against the day by which the funder wants an answer to its offer, or the minute in which its fund closes."""
    paper, today = before.rooms.approval.papers[event.paper], day_of(by.now)
    for name in asked_by_instrument(paper.contents.items):
        wanted = _wanted_by(name, before)
        if wanted and wanted < today:
            duty = next(iter(approval.owed_by(event.paper, before.rooms.approval, before.to_approval()).values()), None)
            yield _exception(f"{event.paper}/{name}", event.paper, FUNDER_LATE, duty, wanted, before, by, instrument=name)


def _wanted_by(name: str, before: Between) -> date | None:
    offers, bids = before.rooms.agreement.offers, before.rooms.bid
    if name in offers:
        return offers[name].received.answer_by
    draft = bids.bids[name].draft if name in bids.bids else None
    closes = bids.closes(draft.application) if draft else None
    return day_of(closes) if closes else None


def _exception(name: str, paper: str, words: str, duty: Duty | None, due: date, before: Between, by: By, **rest: object) -> ExceptionRaised:
    today = day_of(by.now)
    per_day = duty.at_risk_per_day_pence if duty else None
    money = at_risk_pence(per_day, day_of(duty.since), due, today) if duty and per_day else 0
    late = (today - due).days
    values = {"paper": paper, "due": due, "days": f"{late} day{'' if late == 1 else 's'}", "risk": said(RISK, {"at_risk_pence": money}) if money else ""}
    why = said(words, {**values, **rest})
    return ExceptionRaised(exception=_named(f"late-decision/{name}"), what=LATE_DECISION, subject=paper, owner=before.exception_owner, why=why)


def _named(name: str) -> str:
    """The id of an exception; where the ids in it make it too long, its digest stands for it."""
    return name if len(name) <= LONGEST_NAME else f"late-decision/{digest(name.encode())}"


def _urgent(event: UrgencyInvoked, before: Between) -> ExceptionRaised:
    values = {"office": event.office, "paper": event.paper, "rule": event.rule, "source": event.source, "reason": event.reason}
    why = said(URGENT, {**values, "passed_over": event.passed_over or "nobody else"})
    return ExceptionRaised(
        exception=f"urgency/{event.paper}", what=DECIDED_IN_URGENCY, subject=event.paper, owner=before.exception_owner, why=why[:LONGEST_TEXT]
    )
