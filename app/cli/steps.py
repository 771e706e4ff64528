"""The steps of a paper as verbs: approve, decline, send back and so on. Each makes one command and sends it as ``grants do`` does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from app.cli import completing
from app.cli.context import Json
from app.step_asked import Answer, StepAsked, Verdict

Grant = Annotated[str, typer.Argument(help="The grant's id.", show_default=False, autocompletion=completing.grants)]
Step = Annotated[
    str,
    typer.Argument(
        metavar="PAPER[/OFFICE]",
        help="The paper, and whose step of it where the person has several there.",
        show_default=False,
        autocompletion=completing.papers,
    ),
]
Paper = Annotated[str, typer.Argument(help="The paper's id.", show_default=False, autocompletion=completing.paper_ids)]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who acts.", show_default=False, autocompletion=completing.people)]
Principal = Annotated[
    str | None, typer.Option("--for", metavar="PERSON", help="Whom they stand in for, as cover.", show_default=False, autocompletion=completing.people)
]
At = Annotated[
    str | None,
    typer.Option(
        metavar="INSTANT", help="When, in UTC (2021-01-05T12:00Z); on the real clock it is only kept as claimed.", show_default="now, by the grant's clock"
    ),
]
Seen = Annotated[
    str | None,
    typer.Option(
        metavar="DIGEST",
        help="The content that they saw, its whole digest: refused if it has changed since. Its first 8 digits do where the paper is shown and confirmed.",
        show_default="what is shown now",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not show the paper and ask; answer it as it stands.")]
Items = Annotated[list[str] | None, typer.Option("--item", metavar="ITEM", help="Only this item; may be said more than once.", show_default="all items")]
Others = Annotated[
    Literal["approve", "decline", "defer", "note"] | None, typer.Option(help="What becomes of the items that --item leaves out.", show_default=False)
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why.", show_default=False)]
Why = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it stands with each item.", show_default=False)]
Comment = Annotated[str | None, typer.Option(metavar="TEXT", help="Words that stand with it.", show_default=False)]

DECIDES, ADVISES, ANY_STEP = ("decide",), ("advise",), ("advise", "gate", "decide")


def approve(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    principal: Principal = None,
    item: Items = None,
    others: Others = None,
    lower: Annotated[
        list[str] | None, typer.Option(metavar="YEAR=AMOUNT", help='Approve at a lower amount ("2020/21=£100"), once for each year asked.', show_default=False)
    ] = None,
    in_principle: Annotated[bool, typer.Option("--in-principle", help="In principle only: it authorises no money yet.")] = False,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help='A condition, as "ID OWNER: WORDS". Before the colon also a date by which it is due, and "first" if nothing is authorised until it is met.',
            show_default=False,
        ),
    ] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="By the scheme's urgency rule, before the other steps; needs --reason.")] = False,
    reason: Why = None,
    comment: Comment = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Approve a paper: all of it, some items, at a lower amount, in principle, or under conditions.

    The paper is shown first and confirmed. Example: grants approve GRANT PAPER --as PERSON --item 1 --lower "2020/21=£100"
    """
    outcome = "approved_in_principle" if in_principle else "approved"
    verdict = Verdict(outcome, tuple(item or ()), others, tuple(lower or ()), tuple(condition or ()), None if urgent else reason)
    answer = _urgently(reason) if urgent else Answer("DecideStep", "approve", DECIDES, _spoken(comment=comment))
    _decide(StepAsked(grant, step, person, principal, at, content), answer, verdict, yes=yes, as_json=as_json)


def decline(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    reason: Reason,
    principal: Principal = None,
    item: Items = None,
    others: Others = None,
    comment: Comment = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Decline a paper, or some of its items.

    Example: grants decline GRANT PAPER --as PERSON --reason "No longer needed"
    """
    answer = Answer("DecideStep", "decline", DECIDES, _spoken(comment=comment))
    verdict = Verdict("declined", tuple(item or ()), others, reason=reason)
    _decide(StepAsked(grant, step, person, principal, at, content), answer, verdict, yes=yes, as_json=as_json)


def defer(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    reason: Reason,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The day on which it comes back.", show_default=False)] = None,
    principal: Principal = None,
    item: Items = None,
    others: Others = None,
    comment: Comment = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put a paper off, or some of its items.

    Example: grants defer GRANT PAPER --as PERSON --reason "Costs to be shown"
    """
    answer = Answer("DecideStep", "defer", DECIDES, _spoken(comment=comment))
    verdict = Verdict("deferred", tuple(item or ()), others, reason=reason, until=until)
    _decide(StepAsked(grant, step, person, principal, at, content), answer, verdict, yes=yes, as_json=as_json)


def note(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    principal: Principal = None,
    item: Items = None,
    others: Others = None,
    comment: Comment = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Note a paper, or those of its items that ask only for that; nothing is authorised by it.

    Example: grants note GRANT PAPER --as PERSON --item 2 --others approve
    """
    answer = Answer("DecideStep", "note", DECIDES, _spoken(comment=comment))
    verdict = Verdict("noted", tuple(item or ()), others)
    _decide(StepAsked(grant, step, person, principal, at, content), answer, verdict, yes=yes, as_json=as_json)


def advise(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="The advice; it is signed, and the decision binds it.", show_default=False)],
    against: Annotated[bool, typer.Option("--object", help="It objects to the paper.")] = False,
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Advise on a paper, as an office whose advice its route asks for.

    Example: grants advise GRANT PAPER --as PERSON --comment "Affordable; it is claimed in arrears"
    """
    said = {"comment": comment, **({"view": "object"} if against else {})}
    _take(StepAsked(grant, step, person, principal, at, content), Answer("AdviseStep", "advise on", ADVISES, said), yes=yes, as_json=as_json)


def endorse(
    grant: Grant,
    step: Step,
    *,
    person: Person,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Words that stand with it.")] = "Endorsed",
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Advise in favour of a paper.

    Example: grants endorse GRANT PAPER --as PERSON
    """
    said = {"comment": comment, "view": "endorse"}
    _take(StepAsked(grant, step, person, principal, at, content), Answer("AdviseStep", "endorse", ADVISES, said), yes=yes, as_json=as_json)


def minute(
    grant: Grant,
    step: Annotated[str, typer.Argument(metavar="PAPER[/BOARD]", help="The paper, and the board.", show_default=False, autocompletion=completing.papers)],
    outcome: Annotated[Literal["supported", "deferred", "declined"], typer.Argument(help="What the board said.", show_default=False)],
    *,
    person: Person,
    met: Annotated[str, typer.Option(metavar="DATE", help="The day on which the board met.", show_default=False)],
    words: Annotated[str, typer.Option("--minute", metavar="TEXT", help="The minute.", show_default=False)],
    principal: Principal = None,
    at: At = None,
    content: Seen = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Minute what a board said of a paper, as its secretary.

    Example: grants minute GRANT PAPER supported --as PERSON --met 2021-01-12 --minute "The board supports it"
    """
    answer = Answer("MinuteStep", "minute", ("gate",), {"met": met, "outcome": outcome, "minute": words}, names="board")
    _take(StepAsked(grant, step, person, principal, at, content), answer, yes=yes, as_json=as_json)


def _spoken(**said: str | None) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _urgently(reason: str | None) -> Answer:
    if not reason:
        message = "--urgent needs --reason: why it cannot wait for the other steps."
        raise typer.BadParameter(message)
    return Answer("DecideUrgently", "decide urgently", ("urgently",), {"reason": reason})


def _decide(asked: StepAsked, answer: Answer, verdict: Verdict, *, yes: bool, as_json: bool) -> None:
    from app.cli import confirming  # noqa: PLC0415

    confirming.decide(asked, answer, verdict, yes=yes, as_json=as_json)


def _take(asked: StepAsked, answer: Answer, *, yes: bool, as_json: bool) -> None:
    from app.cli import confirming  # noqa: PLC0415

    confirming.take(asked, lambda _: answer, yes=yes, as_json=as_json)
