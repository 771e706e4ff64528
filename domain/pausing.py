"""A paper that rests: until a day, for a reason, by the act of whoever it waits on or of its drafter.

Due dates move on by the working days of the pause, and nobody is reminded meanwhile; steps can still be taken. A pause ends by
its date, or before by the act of the same people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from textwrap import shorten

from domain.asking import Known
from domain.calendar import day_of, end_of
from domain.entitled import open_to
from domain.model import SYSTEM, By, CommandBody, Decision, Duty, Event, Identifier, Past, Refusal, Rule, Text
from domain.step_rules import ALREADY_DECIDED, NOT_SUBMITTED
from domain.steps import Paper, Pause

NOT_YOUR_PAUSE = Rule(
    "approval.not_your_pause",
    "{actor} neither drafts {paper} nor has a step of it open: that is {offices}.",
    "DESIGN §6; R-72",
    remedy="Ask one of these: {offices}.",
)
ENDS_TOO_SOON = Rule(
    "approval.pause_ends_too_soon", "A pause of {paper} until {until} would be over already.", "DESIGN §5", remedy="Name a day that lies ahead."
)
NOT_PAUSED = Rule("approval.not_paused", "{paper} is not paused.", "DESIGN §2, Paper", remedy="Leave it; {paper} goes on already.")

BY_ITS_DATE = "the pause has come to its date"
LONGEST_NOTE = 120
"""How much of the reason stands beside a duty; the history has it whole."""


class PausePaper(CommandBody, kind="act"):
    """Let a paper rest until the end of a London day, and say why; another pause takes the place of the one that runs."""

    paper: Identifier
    until: date
    reason: Text


class ResumePaper(CommandBody, kind="act"):
    """Let a paper go on before its pause is over."""

    paper: Identifier
    reason: Text


Pausing = PausePaper | ResumePaper


class PaperPaused(Event, wire="paper.paused", said="Paper {paper} paused until {until}: {reason}"):
    """From here on its due dates rest, and nobody is reminded."""

    paper: Identifier
    until: date
    reason: Text


class PaperResumed(Event, wire="paper.resumed", said="Paper {paper} goes on: {reason}"):
    """The pause is over, by its date or before."""

    paper: Identifier
    reason: Text


Rested = PaperPaused | PaperResumed


def decide(body: Pausing, paper: Paper, by: By, known: Known) -> Decision:
    """What follows when a paper is to rest, or to go on."""
    refused = _cannot(paper, by, type(body).__name__, known)
    if refused:
        return refused
    if isinstance(body, ResumePaper):
        return (PaperResumed(paper=paper.id, reason=body.reason),) if paper.pausing else NOT_PAUSED.refuse(paper=paper.id)
    if body.until < day_of(by.now):
        return ENDS_TOO_SOON.refuse(paper=paper.id, until=body.until)
    if paper.pausing and (paper.pausing.until, paper.pausing.reason) == (body.until, body.reason):
        return ()
    return (PaperPaused(paper=paper.id, until=body.until, reason=body.reason),)


def after(paper: Paper, body: Rested, past: Past) -> Paper:
    """The paper after it came to rest, or went on."""
    before = tuple(replace(each, ended=min(past.recorded, end_of(each.until))) if each.ended is None else each for each in paper.pauses)
    begun = (Pause(past.recorded, body.until, body.reason, past.actor),) if isinstance(body, PaperPaused) else ()
    return replace(paper, pauses=(*before, *begun))


def duties(papers: Iterable[Paper]) -> tuple[Duty, ...]:
    """Every pause ends by its date: the system's, while the paper is undecided."""
    resting = ((paper, paper.pausing) for paper in papers if paper.items is None)
    return tuple(
        Duty(part="approval", subject=paper.id, name="resume", owner=SYSTEM, since=pause.began, due=end_of(pause.until)) for paper, pause in resting if pause
    )


def ended(paper: str) -> PaperResumed:
    """A pause has come to its date."""
    return PaperResumed(paper=paper, reason=BY_ITS_DATE)


def note(paper: Paper) -> str | None:
    """What is said beside a duty of a paper that rests; null: it does not."""
    pause = paper.pausing
    return f"paused until {pause.until:%-d %B %Y}: {shorten(pause.reason, LONGEST_NOTE, placeholder='…')}" if pause else None


def drafts(paper: Paper, by: By, act: str, known: Known) -> bool:
    """Whether they act for the office that drafts the paper."""
    return isinstance(known.organisation.capacity(by, (paper.office,), act), str)


def _cannot(paper: Paper, by: By, act: str, known: Known) -> Refusal | None:
    if not paper.steps:
        return NOT_SUBMITTED.refuse(paper.office, paper=paper.id)
    if paper.items is not None:
        return ALREADY_DECIDED.refuse(paper=paper.id, office=paper.decided_by)
    waiting = {step.whose for step, _ in paper.open_steps()}
    opened = (office for each in paper.steps if each.step.whose in waiting for office in open_to(each, known.organisation, day_of(by.now), known.away))
    offices = tuple(dict.fromkeys((paper.office, *opened)))
    if isinstance(known.organisation.capacity(by, offices, act), str):
        return None
    return NOT_YOUR_PAUSE.refuse(*offices, actor=by.actor, paper=paper.id, offices=offices)
