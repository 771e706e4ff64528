"""Everything that can be done with a paper on its route, beside drafting it: its steps taken, passed on, taken back, its rest, its urgency.

Whoever stands aside from a paper does nothing of it but stand aside, take back what they said, or let it rest as its drafter
(DESIGN §6; invariant 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from domain import pausing, recusing, saying, urgency, withdrawing
from domain.asking import Known
from domain.interests import Interest
from domain.model import By, Decision, Past
from domain.pausing import PausePaper, Rested, ResumePaper
from domain.provisos import AuthorityGiven
from domain.recusing import DelegateStep, RecuseStep, StepDelegated, SteppedAside, StepRecused
from domain.saying import AdviseStep, DecideStep, MinuteStep, Saying, SendBackStep, Spoken
from domain.steps import Paper
from domain.urgency import DecideUrgently, UrgencyInvoked
from domain.withdrawing import StepWithdrawn, WithdrawStep

Stepping = Saying | RecuseStep | DelegateStep | WithdrawStep | PausePaper | ResumePaper | DecideUrgently
"""The acts that no mandate gives: the route of the paper, or the scheme's urgency rule, says whose they are."""

Stepped = Spoken | SteppedAside | StepWithdrawn | Rested | UrgencyInvoked | AuthorityGiven


def take(body: Stepping, paper: Paper, by: By, known: Known, interests: Mapping[str, Interest]) -> Decision:
    """What follows from an act on a paper's route: events, none (already so), or a refusal."""
    given = replace(known, away=recusing.away(paper, interests.values()))
    hindered = None if _open_to_all(body, paper, by, given) else recusing.hindered(paper, _whose(body, paper), interests.values(), by, given)
    if hindered:
        return hindered
    match body:
        case RecuseStep():
            return recusing.step_aside(body, paper, by, given)
        case WithdrawStep():
            return withdrawing.withdraw(body, paper, by, given)
        case PausePaper() | ResumePaper():
            return pausing.decide(body, paper, by, given)
        case DelegateStep():
            return recusing.pass_on(body, paper, by, given)
        case DecideUrgently():
            return urgency.decide(body, paper, by, given)
        case AdviseStep() | DecideStep() | SendBackStep() | MinuteStep():
            return saying.say(body, paper, by, given)
        case _:
            assert_never(body)


def _open_to_all(body: Stepping, paper: Paper, by: By, known: Known) -> bool:
    """Whether an act is open also to somebody who stands aside."""
    match body:
        case RecuseStep():
            return True
        case WithdrawStep():
            return withdrawing.own(body, paper, by)
        case PausePaper() | ResumePaper():
            return pausing.drafts(paper, by, type(body).__name__, known)
        case _:
            return False


def _whose(body: Stepping, paper: Paper) -> str:
    """Whose step an act is about: of a pause, which is about the whole paper, the first that is open."""
    match body:
        case PausePaper() | ResumePaper():
            return next((step.whose for step, _ in paper.open_steps()), paper.office)
        case MinuteStep():
            return body.board
        case _:
            return body.office


def after(paper: Paper, body: Stepped, past: Past) -> Paper:
    """The paper after one event of its route. Total: history is never refused."""
    match body:
        case StepRecused() | StepDelegated():
            return recusing.after(paper, body, past)
        case StepWithdrawn():
            return withdrawing.after(paper, body, past)
        case pausing.PaperPaused() | pausing.PaperResumed():
            return pausing.after(paper, body, past)
        case UrgencyInvoked():
            return urgency.after(paper, body, past)
        case AuthorityGiven():
            return replace(paper, counting={**paper.counting, body.item: past.recorded})
        case _:
            return saying.after(paper, body, past)
