"""Second thoughts: an office takes back what it has said of a paper, while nobody has gone on from it.

What was said is void and stays in the history; whoever said it stays bound by the separation of duties. Somebody else of the
office takes back only what they could have said themselves.
"""

from __future__ import annotations

from dataclasses import replace

from domain.asking import Known
from domain.calendar import day_of
from domain.entitled import Part, open_to, own_work
from domain.model import By, CommandBody, Decision, Digest, Event, Identifier, Past, Refusal, Rule, Text
from domain.recusing import ACTS
from domain.scheme import Says
from domain.step_rules import NO_STEP, NOT_SUBMITTED, NOT_YOUR_STEP
from domain.steps import ROLES, Paper, Said, Taken, Withdrawn

NOT_TAKEN = Rule(
    "approval.not_taken",
    "{office} has said nothing of {paper} that it could withdraw.",
    "DESIGN §6",
    remedy="Correct the paper or the office; `grants route` shows who has said what.",
)
TOO_LATE = Rule(
    "approval.too_late_to_withdraw",
    "{paper} has gone on since: {since}. What {office} said of it stands.",
    "DESIGN §6: a step is taken back before the next begins",
    remedy="Have {paper} sent back if it is not decided, or supersede it by another paper if it is.",
)
DECIDED = "it is decided"
GONE_ON = "{} has taken the step after it"
DECIDED_WITH = "{} has decided with it"


class WithdrawStep(CommandBody, kind="act"):
    """Whoever took an office's step, or holds the office, takes back what was said, and says why."""

    paper: Identifier
    office: Identifier
    reason: Text


class StepWithdrawn(Event, wire="step.withdrawn", said="{office} withdrew what it said of {paper}: {reason}"):
    """The office's say is void, and its step open again; ``content`` is the digest that it was given over."""

    paper: Identifier
    office: Identifier
    says: Says
    content: Digest
    reason: Text


def withdraw(body: WithdrawStep, paper: Paper, by: By, known: Known) -> Decision:
    """What follows when an office has second thoughts."""
    if not paper.steps:
        return NOT_SUBMITTED.refuse(paper.office, paper=paper.id)
    taken = paper.step(body.office)
    if taken is None or taken.step.board:
        return NO_STEP.refuse(paper=paper.id, office=body.office, says="withdraw what it said")
    if taken.said is None:
        return NOT_TAKEN.refuse(body.office, office=body.office, paper=paper.id)
    return _not_theirs(taken, taken.said, paper, by, known) or _too_late(taken, taken.said, paper) or (_withdrawn(body, taken.step.says, taken.said),)


def own(body: WithdrawStep, paper: Paper, by: By) -> bool:
    """Whether somebody takes back, in person, what they said or what was said for them."""
    taken = paper.step(body.office)
    return taken is not None and taken.said is not None and _own(taken.said, by)


def after(paper: Paper, body: StepWithdrawn, past: Past) -> Paper:
    """The paper after a say was withdrawn: as though it had not been given, but for its history and its people."""
    taken = paper.step(body.office)
    if taken is None or taken.said is None:
        return paper
    void = Withdrawn(body.office, body.says, taken.said, past.actor, body.reason, past.recorded)
    return replace(paper, steps=paper.with_said(body.office, None), withdrawn=(*paper.withdrawn, void))


def _withdrawn(body: WithdrawStep, says: Says, said: Said) -> StepWithdrawn:
    return StepWithdrawn(paper=body.paper, office=body.office, says=says, content=said.content, reason=body.reason)


def _not_theirs(taken: Taken, said: Said, paper: Paper, by: By, known: Known) -> Refusal | None:
    if _own(said, by):
        return None
    offices = open_to(taken, known.organisation, day_of(by.now), known.away)
    if any(isinstance(known.organisation.capacity(by, offices, act), str) for act in ("WithdrawStep", ACTS[taken.step.says])):
        return own_work(paper, by, Part(ROLES[taken.step.says], ACTS[taken.step.says], offices, taken.step), known)
    return NOT_YOUR_STEP.refuse(*offices, actor=by.actor, office=" or ".join(offices), says=taken.step.says, paper=paper.id)


def _own(said: Said, by: By) -> bool:
    return by.on_behalf_of is None and by.actor in {said.actor, said.on_behalf_of}


def _too_late(taken: Taken, said: Said, paper: Paper) -> Refusal | None:
    since = DECIDED if paper.items is not None else next(filter(None, (_gone_on(each, taken, said) for each in paper.steps)), None)
    return TOO_LATE.refuse(paper=paper.id, since=since, office=taken.step.office) if since else None


def _gone_on(other: Taken, taken: Taken, said: Said) -> str | None:
    """How another step has gone on from one: it came after it, or, beside it, decided with its comment; null: it has not."""
    if other.said is None:
        return None
    if other.step.order > taken.step.order:
        return GONE_ON.format(other.step.whose)
    beside = other.step.says == "decide" and other.step.order == taken.step.order
    decided_with = beside and said.digest is not None and other.said.at >= said.at
    return DECIDED_WITH.format(other.step.whose) if decided_with else None
