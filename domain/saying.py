"""The steps of a paper: an office advises on it, decides it, or sends it back, a board is minuted; and what its decisions come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, assert_never

from pydantic import Field

from domain.asking import Known
from domain.calendar import day_of
from domain.editions import SentBack
from domain.entitled import as_of_now, cannot_take, routed_now, stood_in
from domain.evidence import canonical, digest
from domain.model import By, CommandBody, Decision, Digest, Document, Event, Frozen, Identifier, Past, Refusal, Rule, Text
from domain.paper import NOTHING_LEFT, DecidedItem, ItemOutcome, ItemProviso, decided, is_lower, provisos
from domain.provisos import CONDITION_EXISTS, misstated
from domain.scheme import Says, Step
from domain.steps import ROLES, BoardOutcome, Minuted, Paper, Said, View

ROUTE_CHANGED = Rule(
    "approval.route_changed",
    "The scheme now asks another route for {paper}; send it back and submit it again.",
    "DESIGN §6; invariant 18",
    remedy="Send the paper back, so that it is submitted along the route that is right now.",
)
UNANSWERED = Rule(
    "approval.unanswered",
    "A decision on {paper} answers each of its items once: {items}.",
    "DESIGN §2, Decision",
    remedy="Say once for each of these items what becomes of it: {items}.",
)
NOT_LOWER = Rule(
    "approval.not_lower",
    "Item {item} of {paper} would not be approved at a lower amount.",
    "DESIGN §6: approve, also at a lower amount",
    remedy="Give every year no more than was asked, and the sum less; for all of it, approve it as it is.",
)
NO_MEETING = Rule(
    "approval.no_meeting",
    "{board} has no meeting on {met} that is over; its next is on {next}.",
    "R-79: a board gate has its cycle of meetings",
    remedy="Correct the date of the meeting, or add it to the board's dates in the organisation's files and adopt them.",
)
MET_BEFORE = Rule(
    "approval.met_before",
    "{board} met on {met}, before {paper} could come to it on {opened}.",
    "DESIGN §6: no say stands over other content",
    remedy="Minute the next meeting to which {paper} comes.",
)
MINUTE_DIFFERS = Rule(
    "approval.minute_differs",
    "Another minute of {board} on {met} says something else of {paper}.",
    "DESIGN §6",
    remedy="Read the minute that stands; if it is wrong, send the paper back with that as the reason.",
)
NOT_A_NOTE = Rule(
    "approval.not_a_note",
    "Item {item} of {paper} asks for more than to be noted.",
    "DESIGN §2, Decision",
    remedy="Approve, decline or defer item {item}; only an item that is to be noted is noted.",
)


# What can be asked for --------------------------------------------------------------------------------------------------


class AdviseStep(CommandBody, kind="act", binds=True):
    """An office's signed comment on the paper that it has read; it may endorse the paper, or object to it, which hinders no decision."""

    paper: Identifier
    office: Identifier
    comment: Text
    view: View = "comment"


class Answering(CommandBody):
    """What every decision on a paper states: whose it is, and what it says of each item."""

    paper: Identifier
    office: Identifier
    outcomes: Annotated[tuple[ItemOutcome, ...], Field(min_length=1)]
    comment: Text | None = None


class DecideStep(Answering, kind="act", binds=True):
    """An office's decision, item by item."""


class SendBackStep(CommandBody, kind="act", binds=True):
    """An office whose step is open returns the paper to its drafter."""

    paper: Identifier
    office: Identifier
    reason: Text


class MinuteStep(CommandBody, kind="act", binds=True):
    """What a board that met on this London day said of a paper, minuted by its secretary (R-79).

    Supported takes the board's step, deferred leaves it open for the next meeting, declined sends the paper back.
    """

    paper: Identifier
    board: Identifier
    met: date
    outcome: BoardOutcome
    minute: Text
    documents: tuple[Document, ...] = ()


Saying = AdviseStep | DecideStep | SendBackStep | MinuteStep

# What can have happened -------------------------------------------------------------------------------------------------


class StepAdvised(Event, wire="step.advised", said="{office} advised on {paper} ({view}): {comment}"):
    """A comment with its own digest, over the contents that the adviser saw.

    Here and below, ``capacity`` is the office that took the step in the place of its own (null: its own did).
    """

    paper: Identifier
    office: Identifier
    content: Digest
    comment: Text
    digest: Digest
    view: View = "comment"
    capacity: Identifier | None = None


class Advice(Frozen):
    """A comment or minute as a decision binds it: whose, its digest, and the digest of the contents that it was given over."""

    office: Identifier
    digest: Digest
    content: Digest
    board: Identifier | None = None


class StepDecided(Event, wire="step.decided", said="{office} decided {paper}: {outcomes}"):
    """A decision over these contents and this advice, under an edition of the scheme that was in force."""

    paper: Identifier
    office: Identifier
    content: Digest
    advice: tuple[Advice, ...]
    edition: Identifier
    outcomes: tuple[ItemOutcome, ...]
    comment: Text | None
    capacity: Identifier | None = None


class StepMinuted(Event, wire="step.minuted", said="{board} met on {met}: {paper} {outcome}: {minute}"):
    """A board's minute with its own digest, over the contents that came before it; ``office`` is its secretary's."""

    paper: Identifier
    board: Identifier
    office: Identifier
    met: date
    outcome: BoardOutcome
    content: Digest
    minute: Text
    documents: tuple[Document, ...]
    digest: Digest
    capacity: Identifier | None = None


class StepSentBack(Event, wire="step.sent_back", said="{office} sent {paper} back: {reason}{voided:; void: }"):
    """The paper is with its drafter again; what was said of it is void."""

    paper: Identifier
    office: Identifier
    says: Says
    reason: Text
    voided: tuple[Identifier, ...]
    capacity: Identifier | None = None


class PaperDecided(Event, wire="paper.decided", said="Paper {paper} decided: {items}"):
    """What came of each item once every step was taken, or once nothing of the paper was left to approve; and under which conditions."""

    paper: Identifier
    content: Digest
    items: tuple[DecidedItem, ...]
    conditions: tuple[ItemProviso, ...] = ()


Spoken = StepAdvised | StepDecided | StepMinuted | StepSentBack | PaperDecided

# The rules --------------------------------------------------------------------------------------------------------------


def say(body: Saying, paper: Paper, by: By, known: Known) -> Decision:
    """What follows when an office takes its step: its say, and the end of the paper if that was the last one needed."""
    decision = _said_of(body, paper, by, known)
    return decision if isinstance(decision, Refusal) else _condition_taken(decision, paper, known) or decision


def _said_of(body: Saying, paper: Paper, by: By, known: Known) -> Decision:
    match body:
        case AdviseStep():
            return _advise(body, paper, by, known)
        case DecideStep():
            return _decide(body, paper, by, known)
        case SendBackStep():
            return _send_back(body, paper, by, known)
        case MinuteStep():
            return _minute(body, paper, by, known)
        case _:
            assert_never(body)


def after(paper: Paper, body: Spoken, past: Past) -> Paper:
    """The paper after what was said of it. Total: history is never refused."""
    match body:
        case StepAdvised():
            said = _said(body, past, body.comment, digest=body.digest, view=body.view)
            return replace(paper, people=paper.with_people("advise", past), steps=paper.with_said(body.office, said))
        case StepDecided():
            said = _said(body, past, body.comment, outcomes=body.outcomes)
            return replace(paper, people=paper.with_people("decide", past), steps=paper.with_said(body.office, said))
        case StepMinuted():
            return _after_meeting(paper, body, past)
        case StepSentBack():
            people = paper.with_people(ROLES[body.says], past)
            returned = SentBack(body.office, past.actor, past.on_behalf_of, past.recorded, body.reason, body.voided)
            return replace(paper, since=past.recorded, people=people, sent_back=True, returned=returned, route=None, steps=())
        case PaperDecided():
            return replace(paper, since=past.recorded, items=body.items, provisos=body.conditions)
        case _:
            assert_never(body)


def _after_meeting(paper: Paper, body: StepMinuted, past: Past) -> Paper:
    """The minute stands with the paper whatever it says; only support takes the step."""
    minuted = Minuted(body.board, body.met, body.outcome, body.minute, past.actor, past.recorded)
    heard = replace(paper, people=paper.with_people("advise", past), minutes=(*paper.minutes, minuted))
    if body.outcome != "supported":
        return heard
    return replace(heard, steps=heard.with_said(body.board, _said(body, past, body.minute, digest=body.digest)))


def _said(body: StepAdvised | StepDecided | StepMinuted, past: Past, comment: str | None, **rest: Any) -> Said:
    return Said(past.actor, past.on_behalf_of, past.recorded, body.content, comment, capacity=body.capacity, **rest)


def _advise(body: AdviseStep, paper: Paper, by: By, known: Known) -> Decision:
    refused = cannot_take(paper, body.office, "advise", "AdviseStep", by, known)
    if refused:
        return refused
    content = paper.content
    signed = {"paper": paper.id, "content": content, "office": body.office, "comment": body.comment}
    # A comment that only comments is signed as it was before there were views, so that the digests of older records hold.
    viewed = signed if body.view == "comment" else {**signed, "view": body.view}
    advised = StepAdvised(
        paper=paper.id,
        office=body.office,
        content=content,
        comment=body.comment,
        digest=digest(canonical(viewed)),
        view=body.view,
        capacity=stood_in(paper, body.office, "AdviseStep", by, known),
    )
    return (advised, *_ending(paper, body.office, ()))


def _decide(body: DecideStep, paper: Paper, by: By, known: Known) -> Decision:
    valued = as_of_now(paper, by, known)
    refused = cannot_take(valued, body.office, "decide", "DecideStep", by, known) or misanswered(body, paper, known)
    if refused:
        return refused
    capacity = stood_in(valued, body.office, "DecideStep", by, known)
    edition = _same_route(paper, by, known, body.office, capacity)
    if isinstance(edition, Refusal):
        return edition
    happened = StepDecided(
        paper=paper.id,
        office=body.office,
        content=paper.content,
        advice=advice_on(paper),
        edition=edition,
        outcomes=body.outcomes,
        comment=body.comment,
        capacity=capacity,
    )
    return (happened, *_ending(paper, body.office, body.outcomes))


def _send_back(body: SendBackStep, paper: Paper, by: By, known: Known) -> Decision:
    taken = paper.step(body.office)
    says: Says = taken.step.says if taken else "decide"
    refused = cannot_take(paper, body.office, says, "SendBackStep", by, known)
    return refused or (_returned(paper, body.office, says, body.reason, stood_in(paper, body.office, "SendBackStep", by, known)),)


def _returned(paper: Paper, office: str, says: Says, reason: str, capacity: str | None) -> StepSentBack:
    voided = tuple(each.step.whose for each in paper.steps if each.said)
    return StepSentBack(paper=paper.id, office=office, says=says, reason=reason, voided=voided, capacity=capacity)


def _minute(body: MinuteStep, paper: Paper, by: By, known: Known) -> Decision:
    refused = cannot_take(paper, body.board, "gate", "MinuteStep", by, known)
    if refused:
        return refused
    step = next(each.step for each in paper.steps if each.step.whose == body.board)
    before = _minuted(body, paper)
    if before is not None:
        same = (before.outcome, before.minute) == (body.outcome, body.minute)
        return () if same else MINUTE_DIFFERS.refuse(step.office, board=body.board, met=body.met, paper=paper.id)
    off = _off_meeting(body, paper, step, by, known)
    if off:
        return off
    content = paper.content
    signed = digest(canonical({**body.model_dump(mode="json"), "content": content}))
    capacity = stood_in(paper, body.board, "MinuteStep", by, known)
    minuted = StepMinuted(**dict(body), office=step.office, content=content, digest=signed, capacity=capacity)
    if body.outcome == "declined":
        return (minuted, _returned(paper, step.office, "gate", body.minute, capacity))
    return (minuted, *_ending(paper, body.board, ())) if body.outcome == "supported" else (minuted,)


def _minuted(body: MinuteStep, paper: Paper) -> Minuted | None:
    """What was minuted of the same meeting while the paper stood as it does; null: nothing."""
    return next((each for each in paper.minutes if (each.board, each.met) == (body.board, body.met) and each.at >= paper.since), None)


def _off_meeting(body: MinuteStep, paper: Paper, step: Step, by: By, known: Known) -> Refusal | None:
    """Why a board cannot have said so that day: it did not meet, has not met yet, or met before the paper came to it."""
    board, today, opened = known.policy.board(body.board), day_of(by.now), paper.opened(step)
    if board is None or body.met not in board.meetings or body.met > today:
        return NO_MEETING.refuse(step.office, board=body.board, met=body.met, next=board.next_meeting(today) if board else None)
    if opened and body.met < day_of(opened):
        return MET_BEFORE.refuse(step.office, board=body.board, met=body.met, paper=paper.id, opened=day_of(opened))
    return None


def advice_on(paper: Paper) -> tuple[Advice, ...]:
    """The comments and minutes on a paper as they stand, each by its digest."""
    comments = ((each.step, each.said) for each in paper.steps if each.said)
    return tuple(Advice(office=step.office, digest=said.digest, content=said.content, board=step.board) for step, said in comments if said.digest)


def _ending(paper: Paper, whose: str, outcomes: tuple[ItemOutcome, ...]) -> tuple[Event, ...]:
    """The end of a paper: every step is taken that its groups do not do without, or nothing of it is left to approve."""
    so_far = (*paper.outcomes(), *outcomes)
    if not so_far:
        return ()
    items = tuple(decided(item, so_far) for item in paper.contents.items)
    if paper.waiting(whose) and any(each.outcome not in NOTHING_LEFT for each in items):
        return ()
    return (PaperDecided(paper=paper.id, content=paper.content, items=items, conditions=provisos(items, so_far)),)


def misanswered(body: Answering, paper: Paper, known: Known) -> Refusal | None:
    """Why a decision does not answer what the paper asks; null: it does."""
    items = {each.item: each for each in paper.contents.items}
    if sorted(each.item for each in body.outcomes) != sorted(items):
        return UNANSWERED.refuse(body.office, paper=paper.id, items=tuple(items))
    wrong = next((each for each in body.outcomes if each.outcome == "approved_lower" and not is_lower(each, items[each.item])), None)
    if wrong:
        return NOT_LOWER.refuse(body.office, item=wrong.item, paper=paper.id)
    noted = next((each.item for each in body.outcomes if each.outcome == "noted" and items[each.item].verbs != ("note",)), None)
    if noted:
        return NOT_A_NOTE.refuse(body.office, item=noted, paper=paper.id)
    return misstated(body.office, body.outcomes, paper, known)


def _condition_taken(events: tuple[Event, ...], paper: Paper, known: Known) -> Refusal | None:
    """Why a paper cannot end so: a condition under which it was approved has an id that another one took meanwhile."""
    stated = (one.condition for each in events if isinstance(each, PaperDecided) for one in each.conditions)
    taken = next((each for each in stated if each in known.conditions), None)
    return CONDITION_EXISTS.refuse(*paper.offices("decide"), condition=taken) if taken else None


def _same_route(paper: Paper, by: By, known: Known, office: str, capacity: str | None) -> str | Refusal:
    """The edition in force now, if it still asks the same offices, and quorums, for this paper as when it was submitted.

    It must still let the office ``capacity`` stand in for that of the step, where it does (null: it does not).
    """
    laid = routed_now(paper, by, known)
    if isinstance(laid, Refusal):
        return laid
    _, way = laid
    stands_in = capacity is None or any(each.whose == office and capacity in each.stand_in for each in way.steps)
    same = paper.route is not None and way.asks() == paper.route.asks() and stands_in
    return way.edition if same else ROUTE_CHANGED.refuse(*paper.offices("decide"), paper=paper.id)
