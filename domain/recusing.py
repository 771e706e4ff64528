"""Who stands aside from a paper, and to whom its steps go then: recusal, declared interests, a step passed on.

What stops a person stops the natural person, in whatever office or cover; the step itself stays open to whoever else holds
the office, stands in for a holder, or holds an office that the route lets stand in (DESIGN §6; invariant 19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from domain.asking import Known
from domain.calendar import day_of
from domain.entitled import Part, cannot_take, elsewhere, left, open_to
from domain.interests import Interest, concerning
from domain.model import By, CommandBody, Decision, Event, Identifier, Past, Refusal, Rule, Text
from domain.scheme import Says
from domain.step_rules import ALREADY_DECIDED, DIFFER, NO_STEP, NOT_SUBMITTED, NOT_YOUR_STEP
from domain.steps import ROLES, TAKING, Paper, Passed, Recused, Taken

RECUSED = Rule(
    "duty.recused",
    "{actor} stepped aside from the paper {paper}, so takes no step of it any more.",
    DIFFER,
    remedy="Leave it to somebody else who may take the step; who steps aside does so for good.",
)
INTERESTED = Rule(
    "duty.interest",
    "{actor} has declared the interest {interest}, so may neither advise on nor decide the paper {paper}.",
    DIFFER,
    remedy="Leave it to somebody without an interest in it; {actor} withdraws the interest with WithdrawInterest once it has ended.",
)
NOT_DELEGABLE = Rule(
    "approval.not_delegable",
    "The route of {paper} lets {office} pass its step on to {stand_in}, not to {to}.",
    "Scheme of delegation in force; R-72",
    remedy="Take the step in {office}, or pass it on to an office that the rule of the scheme lets stand in for it.",
)
NOBODY = "nobody"
ACTS: Mapping[Says, str] = MappingProxyType({"advise": "AdviseStep", "gate": "MinuteStep", "decide": "DecideStep"})
"""The act by which each kind of step is taken: who covers it may step aside from it."""


class RecuseStep(CommandBody, kind="act"):
    """Whoever could take an office's step steps aside from the paper, for good."""

    paper: Identifier
    office: Identifier
    reason: Text


class DelegateStep(CommandBody, kind="act"):
    """An office passes its open step on to another, one that the route lets stand in for it."""

    paper: Identifier
    office: Identifier
    to: Identifier
    reason: Text


Recusing = RecuseStep | DelegateStep


class StepRecused(Event, wire="step.recused", said="{person} stepped aside from {paper}, in the step of {office}: {reason}"):
    """The person takes no step of the paper any more."""

    paper: Identifier
    office: Identifier
    person: Identifier
    reason: Text


class StepDelegated(Event, wire="step.delegated", said="{office} passed its step in {paper} on to {to}: {reason}"):
    """Holders of the other office may take the step from here on, within the limit of the office that passed it on."""

    paper: Identifier
    office: Identifier
    to: Identifier
    reason: Text


SteppedAside = StepRecused | StepDelegated


def away(paper: Paper, interests: Iterable[Interest]) -> frozenset[str]:
    """The people who take no step of a paper: they stepped aside from it, or have an interest in it."""
    return frozenset((*(each.person for each in paper.recused), *(each.person for each in concerning(paper, interests))))


def hindered(paper: Paper, whose: str, interests: Iterable[Interest], by: By, known: Known) -> Refusal | None:
    """The refusal of somebody who stands aside from a paper; null: they do not. It names who could take the step instead."""
    if any(each.person == by.actor for each in paper.recused):
        return _for_others(RECUSED.refuse(*paper.offices("decide"), actor=by.actor, paper=paper.id), paper, whose, by, known)
    theirs = next((each for each in concerning(paper, interests) if each.person == by.actor), None)
    if theirs is None:
        return None
    return _for_others(INTERESTED.refuse(*paper.offices("decide"), actor=by.actor, interest=theirs.declared.interest, paper=paper.id), paper, whose, by, known)


def _for_others(refusal: Refusal, paper: Paper, whose: str, by: By, known: Known) -> Refusal:
    """The refusal with the offices in which somebody is left for the step; of no step of the paper, as it is."""
    taken = paper.step(whose)
    if taken is None:
        return refusal
    offices = open_to(taken, known.organisation, day_of(by.now), known.away)
    return elsewhere(refusal, paper, Part(ROLES[taken.step.says], ACTS[taken.step.says], offices, taken.step), by, known)


def step_aside(body: RecuseStep, paper: Paper, by: By, known: Known) -> Decision:
    """The holder or cover steps aside, before the step was taken or after; doing so again changes nothing."""
    if not paper.steps:
        return NOT_SUBMITTED.refuse(paper.office, paper=paper.id)
    if any(each.person == by.actor for each in paper.recused):
        return ()
    taken = next((each for each in paper.steps if body.office in (each.step.whose, each.step.office)), None)
    if taken is None:
        return NO_STEP.refuse(paper=paper.id, office=body.office, says="step aside")
    if paper.items is not None:
        return ALREADY_DECIDED.refuse(paper=paper.id, office=paper.decided_by)
    offices = open_to(taken, known.organisation, day_of(by.now), known.away)
    if isinstance(known.organisation.capacity(by, offices, ACTS[taken.step.says]), Refusal):
        return NOT_YOUR_STEP.refuse(*offices, actor=by.actor, office=" or ".join(offices), says=TAKING[taken.step.says], paper=paper.id)
    return (StepRecused(paper=paper.id, office=taken.step.office, person=by.actor, reason=body.reason),)


def pass_on(body: DelegateStep, paper: Paper, by: By, known: Known) -> Decision:
    """Whoever could take the step in its own office passes it on; to the same office again, nothing changes."""
    taken = paper.step(body.office)
    if taken is None:
        return _no_step(paper, body.office)
    says, offices = taken.step.says, (taken.step.office,)
    refused = cannot_take(paper, body.office, says, "DelegateStep", by, known)
    if refused:
        return refused
    if isinstance(known.organisation.capacity(by, offices, "DelegateStep"), Refusal):
        return NOT_YOUR_STEP.refuse(*offices, actor=by.actor, office=body.office, says=TAKING[says], paper=paper.id)
    if body.to not in taken.step.stand_in:
        named = " or ".join(taken.step.stand_in) or NOBODY
        return NOT_DELEGABLE.refuse(*offices, paper=paper.id, office=body.office, stand_in=named, to=body.to)
    if taken.passed and taken.passed.to == body.to:
        return ()
    return (StepDelegated(paper=paper.id, office=body.office, to=body.to, reason=body.reason),)


def _no_step(paper: Paper, office: str) -> Refusal:
    return NO_STEP.refuse(paper=paper.id, office=office, says="pass on a step") if paper.steps else NOT_SUBMITTED.refuse(paper.office, paper=paper.id)


def after(paper: Paper, body: SteppedAside, past: Past) -> Paper:
    """The paper after somebody stepped aside from it, or a step of it was passed on."""
    if isinstance(body, StepRecused):
        return replace(paper, recused=(*paper.recused, Recused(body.person, body.office, body.reason, past.recorded)))
    passed = Passed(body.to, past.actor, body.reason, past.recorded)
    return replace(paper, steps=tuple(replace(each, passed=passed) if each.step.whose == body.office else each for each in paper.steps))


def waits_on(taken: Taken, known: Known, aside: frozenset[str], day: date | None) -> tuple[str, str | None]:
    """The office whose inbox an open step is in, and what is to be said of it: that it was passed on, or that nobody is left for it."""
    step = taken.step
    could = left(taken, known.organisation, day, aside) if day else ()
    if taken.passed and (day is None or taken.passed.to in could):
        return taken.passed.to, f"passed on by {known.organisation.title_of(step.office)}"
    if not aside or day is None:
        return step.office, None
    if not could:
        return step.office, "everybody who could has stepped aside"
    return could[0], None if could[0] == step.office else f"for {known.organisation.title_of(step.office)}, where everybody has stepped aside"
