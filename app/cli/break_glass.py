"""``grants break-glass``: open Part 2 to somebody without the mandate, by two people; end that early; take its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.context import Json, home, wait_for

if TYPE_CHECKING:
    from app.break_glass import Wanted
    from app.cli.answering import Sent
    from app.home import Home

Grant = Annotated[str, typer.Argument(help="The grant's id.", show_default=False)]
Access = Annotated[str, typer.Argument(help="The access, as `ask` named it.", show_default=False)]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who acts, by the person's id.", show_default=False)]
Principal = Annotated[str | None, typer.Option("--for", metavar="PERSON", help="For whom, where the person stands in for somebody.", show_default=False)]

app = typer.Typer(help="Open Part 2 to somebody without the mandate, by two people; it creates no authority.", no_args_is_help=True)


@app.command()
def ask(
    grant: Grant,
    *,
    person: Person,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; the history shows it, and nothing else does.", show_default=False)],
    hours: Annotated[int, typer.Option(metavar="NUMBER", help="For how long from now; the policy says the most.", show_default=False)],
    subject: Annotated[
        list[str] | None, typer.Option(metavar="COMMAND", help="The command whose Part 2 it is; again for more.", show_default="all of them")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="ACCESS", help="What to call it.", show_default="the next free one")] = None,
    as_json: Json = False,
) -> None:
    """Ask to read Part 2 without the mandate, in person. Nothing is open until a second person confirms it.

    Example: grants break-glass ask GRANT --as PERSON --reason "The auditor asks today" --hours 4
    """
    from app.break_glass import Asking, Wanted  # noqa: PLC0415

    _answer(Wanted(grant, person, Asking(reason, hours, tuple(subject or ()), name).of), as_json=as_json)


@app.command()
def confirm(grant: Grant, access: Access, *, person: Person, principal: Principal = None, as_json: Json = False) -> None:
    """Confirm an access as a second person, whose office has the mandate: from then on it is open.

    Example: grants break-glass confirm GRANT access-1 --as PERSON
    """
    from app.break_glass import Wanted  # noqa: PLC0415
    from domain.break_glass import ConfirmAccess  # noqa: PLC0415

    _answer(Wanted(grant, person, lambda *_: ConfirmAccess(access=access), principal), as_json=as_json)


@app.command()
def end(
    grant: Grant,
    access: Access,
    *,
    person: Person,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it ends early.", show_default=False)],
    principal: Principal = None,
    as_json: Json = False,
) -> None:
    """End an access early: whoever asked for it, or an office with the mandate.

    Example: grants break-glass end GRANT access-1 --as PERSON --reason "Answered"
    """
    from app.break_glass import Wanted  # noqa: PLC0415
    from domain.break_glass import EndAccess  # noqa: PLC0415

    _answer(Wanted(grant, person, lambda *_: EndAccess(access=access, reason=reason), principal), as_json=as_json)


@app.command()
def report(
    grant: Grant,
    month: Annotated[str, typer.Argument(help="The month in which it was confirmed, as 2021-01.", show_default=False)],
    *,
    person: Person,
    principal: Principal = None,
    as_json: Json = False,
) -> None:
    """Record that the named office has the report of a month's accesses; `grants audit access` is what it reads.

    Example: grants break-glass report GRANT 2021-01 --as PERSON
    """
    from app.break_glass import Wanted  # noqa: PLC0415
    from domain.break_glass import ReportAccess  # noqa: PLC0415

    _answer(Wanted(grant, person, lambda *_: ReportAccess(month=month), principal), as_json=as_json)


def _answer(wanted: Wanted, *, as_json: bool) -> None:
    from pydantic import ValidationError  # noqa: PLC0415

    from app.cli import answering  # noqa: PLC0415
    from app.errors import MisusedError  # noqa: PLC0415

    try:
        with answering.slowed(wanted.grant, as_json=as_json):
            sent = wait_for(_send(home(), wanted))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False, include_url=False))
        raise MisusedError(faults) from error
    answering.answer_sent([sent], as_json=as_json)


async def _send(home_: Home, wanted: Wanted) -> Sent:
    from app.break_glass import send  # noqa: PLC0415
    from app.cli.answering import Sent  # noqa: PLC0415
    from app.session import acting  # noqa: PLC0415

    async with acting(home_) as session:
        command, outcome = await send(session, wanted)
    return Sent(command.id, wanted.grant, outcome, waited=True)
