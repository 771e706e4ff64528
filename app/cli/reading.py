"""Commands that read the record. None of them needs a server, but for reading Part 2: that is an act, and recorded."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.cli import completing
from app.cli.context import Json, home
from app.cli.out import print_json, say

Grant = Annotated[str, typer.Argument(help="The grant's id, as `grants list` gives it.", show_default=False, autocompletion=completing.grants)]
AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="As it counted at the end of that day in London (2021-03-31).", show_default="today")]
KnownAt = Annotated[str | None, typer.Option(metavar="DATE", help="As it was known at that date or instant (2020-11, 2021-01-05T12:00Z).", show_default="now")]


def list_grants(*, as_json: Json = False) -> None:
    """Every grant, a row each: stage, money, and whom it waits on.

    Example: grants list --json
    """
    from app import views  # noqa: PLC0415
    from app.cli import tables  # noqa: PLC0415
    from app.reader import now, reading  # noqa: PLC0415

    with reading(home()) as reader:
        found = views.grants(reader, now())
    print_json(found) if as_json else tables.grants(found)


def show(
    grant: Grant,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="Read its Part 2 too: an act, which needs a mandate and is recorded.")] = False,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who reads the Part 2.", show_default=False)] = None,
    purpose: Annotated[str | None, typer.Option(metavar="TEXT", help="What the Part 2 is read for.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """One grant: its money, what is owed, its papers, variations and exceptions; at any date, by both clocks.

    Example: grants show GRANT --as-of 2020-12-31 --known-at 2021-01-04
    """
    from app import showing  # noqa: PLC0415
    from app.cli import tables, unsealed  # noqa: PLC0415
    from app.reader import now, reading  # noqa: PLC0415

    day, known = showing.day(as_of), showing.instant(known_at)
    read = unsealed.read_for(home(), grant, person, purpose, known, wanted=restricted)
    with reading(home()) as reader:
        found = unsealed.beside(showing.show(reader, grant, day, known, now()), read)
    print_json(found) if as_json else tables.grant(found)
    if not as_json:
        unsealed.tell(found)


def decision(
    grant: Grant,
    paper: Annotated[str, typer.Argument(help="The paper's id, or the reference of the decision.", show_default=False, autocompletion=completing.paper_ids)],
    *,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a page that needs nothing beside it.", show_default=False)] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare it with every Part 2 of the grant: a reading of them, which is recorded. Exit code 3 if something leaks.")
    ] = False,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who reads the Part 2 to check.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """The decision record of a paper as it is published: recommendations, amounts by year, comments, dates, whether it has a Part 2.

    Example: grants decision GRANT PAPER --html decision.html
    """
    if check or person:
        _redacted(grant, paper, person, html=html, as_json=as_json, check=check)
        return
    from app.cli import deciding  # noqa: PLC0415
    from app.decision_record import record_of  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    with reading(home()) as reader:
        found = record_of(reader, grant, paper)
    if html is not None:
        deciding.write(found, html)
    print_json(found) if as_json else deciding.tell(found)


def _redacted(grant: str, paper: str, person: str | None, *, html: Path | None, as_json: bool, check: bool) -> None:
    """The record of a decision held against the Part 2s of its grant."""
    from app.cli import redacting, unsealed  # noqa: PLC0415
    from app.decision_record import record_of  # noqa: PLC0415
    from app.errors import MisusedError  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    if not check or person is None or html is not None:
        message = "To check is to read Part 2: --check and --as PERSON come together, and without --html."
        raise MisusedError(message)
    with reading(home()) as reader:
        found = record_of(reader, grant, paper)
    checked = redacting.checked(found, unsealed.read_for(home(), grant, person, redacting.PURPOSE.format(paper=paper), None, wanted=True))
    print_json(redacting.view(checked)) if as_json else redacting.tell(checked)
    if not checked.clean:
        raise typer.Exit(redacting.LEAKS)


def history(grant: Grant, *, as_json: Json = False) -> None:
    """What happened to a grant, event by event; `organisation/ID` gives an organisation's.

    Example: grants history GRANT
    """
    from app import views  # noqa: PLC0415
    from app.cli import tables  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    with reading(home()) as reader:
        found, break_glass = views.history(reader, grant), views.opened(reader, grant)
    if as_json:
        print_json(found)
        for each in tables.opened(break_glass):
            say(each)
    else:
        tables.history(grant, found, break_glass)


def ledger(
    grant: Annotated[str | None, typer.Argument(help="One grant; without it, all of them.", show_default=False)] = None,
    *,
    balances: Annotated[bool, typer.Option("--balances", help="What each account comes to, instead of every posting.")] = False,
    journal: Annotated[bool, typer.Option("--journal", help="An hledger journal, which `hledger check --strict` accepts.")] = False,
    as_json: Json = False,
) -> None:
    """The postings of the grant sub-ledger, or its balances.

    Example: grants ledger GRANT --balances
    """
    from app import journal as journals  # noqa: PLC0415
    from app import views  # noqa: PLC0415
    from app.cli import tables  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    if balances + journal + (as_json and journal) > 1:
        message = "A journal is all postings in a form of its own: say --journal alone."
        raise typer.BadParameter(message)
    with reading(home()) as reader:
        rows = views.ledger(reader, grant)
    if journal:
        sys.stdout.write(journals.journal(rows))
    elif balances:
        sums = views.balances(rows)
        print_json(sums) if as_json else tables.balances(sums)
    else:
        print_json(rows) if as_json else tables.ledger(rows)


def inbox(
    person: Annotated[
        str,
        typer.Option(
            "--as", metavar="PERSON", help="The person's id, as the organisation's holdings name it.", show_default=False, autocompletion=completing.people
        ),
    ],
    *,
    as_json: Json = False,
) -> None:
    """What waits on a person, in every office that they hold or stand in for, and what waiting costs.

    Example: grants inbox --as PERSON
    """
    from app import views  # noqa: PLC0415
    from app.cli import tables  # noqa: PLC0415
    from app.reader import now, reading  # noqa: PLC0415

    with reading(home()) as reader:
        found = views.inbox(reader, person, now())
    print_json(found) if as_json else tables.inbox(person, found)


def outcome(command_id: Annotated[str, typer.Argument(help="The command's id, as `grants do` gave it.", show_default=False)], *, as_json: Json = False) -> None:
    """What came of a command: accepted, refused with the rule, or put aside.

    Example: grants outcome CASE/STEP
    """
    from app import outcomes  # noqa: PLC0415
    from app.cli import answering  # noqa: PLC0415
    from app.errors import NotFoundError  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    with reading(home()) as reader:
        found = [outcomes.titled(each, reader) for each in outcomes.recorded(reader.log, command_id)]
    if not found:
        message = (
            f"No command {command_id} is recorded; if it was sent, it is not decided yet, or it was put aside: `grants messages GRANT --quarantined` lists that"
        )
        raise NotFoundError(message)
    # What is only read back was not sent again: in the JSON `repeated` says that it stood there before, in words it would tell of a repeat.
    answering.answer(found if as_json else [replace(each, repeated=False) for each in found], as_json=as_json)


def messages(
    grant: Grant,
    *,
    quarantined: Annotated[bool, typer.Option("--quarantined", help="Only those that were put aside, released ones too.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="Only those that were refused.")] = False,
    as_json: Json = False,
) -> None:
    """Every message of a grant with its one outcome: accepted, refused, noted, quarantined or released. Never its content.

    Example: grants messages GRANT --quarantined
    """
    from app import messages as told  # noqa: PLC0415
    from app.cli import tables  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    wanted = {*(("quarantined", "released") if quarantined else ()), *(("refused",) if refused else ())}
    with reading(home()) as reader:
        found = [each.as_json() for each in told.messages(reader, grant) if not wanted or each.outcome in wanted]
    print_json(found) if as_json else tables.messages(grant, found)


def schema(
    name: Annotated[str, typer.Argument(help="case, command or message.", show_default=False, metavar="[case|command|message]")] = "case",
) -> None:
    """The JSON Schema of a case file, of a command, or of a signed message.

    Example: grants schema case > case.schema.json
    """
    from app import schemas  # noqa: PLC0415
    from app.errors import MisusedError  # noqa: PLC0415

    kinds = {"case": schemas.case_schema, "command": schemas.command_schema, "message": schemas.message_schema}
    if name not in kinds:
        message = f"There is no schema {name}: {', '.join(kinds)}"
        raise MisusedError(message)
    print_json(kinds[name]())
