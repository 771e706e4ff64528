"""What else an office does with its step of a paper: send it back, recuse, delegate, withdraw; and whoever holds the paper: pause, resume."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.context import Json
from app.cli.steps import ANY_STEP, At, Grant, Paper, Person, Principal, Reason, Seen, Step, Yes
from app.step_asked import Answer, StepAsked


def send_back(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    reason: Reason,
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Return a paper to its drafter. What was said of it is void.

    Example: grants send-back GRANT PAPER --as PERSON --reason "The sum is not shown"
    """
    answer = Answer("SendBackStep", "send back", ANY_STEP, {"reason": reason})
    _take(StepAsked(grant, step, person, principal, at, content), answer, yes=yes, as_json=as_json)


def recuse(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="The interest that is declared.", show_default=False)],
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Declare an interest and stand aside from a paper.

    Example: grants recuse GRANT PAPER --as PERSON --reason "A relation works for the supplier"
    """
    answer = Answer("RecuseStep", "stand aside from", ANY_STEP, {"reason": reason})
    _take(StepAsked(grant, step, person, principal, at, content), answer, yes=yes, as_json=as_json)


def delegate(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    to: Annotated[str, typer.Option(metavar="OFFICE", help="The office that takes the step instead.", show_default=False)],
    reason: Reason,
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Give one's step of a paper to another office.

    Example: grants delegate GRANT PAPER --as PERSON --to OFFICE --reason "It is theirs to judge"
    """
    answer = Answer("DelegateStep", "delegate its step of", ANY_STEP, {"to": to, "reason": reason})
    _take(StepAsked(grant, step, person, principal, at, content), answer, yes=yes, as_json=as_json)


def withdraw_step(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    reason: Reason,
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take back what one said of a paper, before the next step begins.

    Example: grants withdraw-step GRANT PAPER --as PERSON --reason "The wrong figure was read"
    """
    answer = Answer("WithdrawStep", "take back what was said of", ANY_STEP, {"reason": reason})
    _take(StepAsked(grant, step, person, principal, at, content), answer, yes=yes, as_json=as_json)


def pause(
    grant: Grant,
    paper: Paper,
    *,
    person: Person,
    until: Annotated[str, typer.Option(metavar="DATE", help="The last day on which it is not chased.", show_default=False)],
    reason: Reason,
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Stop the reminders of a paper until a day, with a reason.

    Example: grants pause GRANT PAPER --as PERSON --until 2021-01-29 --reason "The funder confirms the sum"
    """
    answer = Answer("PausePaper", "pause", (), {"until": until, "reason": reason})
    _take(StepAsked(grant, paper, person, principal, at, content), answer, yes=yes, as_json=as_json)


def resume(
    grant: Grant,
    paper: Paper,
    *,
    person: Person,
    reason: Reason,
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Chase a paused paper again.

    Example: grants resume GRANT PAPER --as PERSON --reason "The funder has answered"
    """
    _take(StepAsked(grant, paper, person, principal, at, content), Answer("ResumePaper", "resume", (), {"reason": reason}), yes=yes, as_json=as_json)


def _take(asked: StepAsked, answer: Answer, *, yes: bool, as_json: bool) -> None:
    from app.cli import confirming  # noqa: PLC0415

    confirming.take(asked, lambda _: answer, yes=yes, as_json=as_json)
