"""Commands that question a scheme of delegation: whether it is whole, which way a paper would go, what another edition would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.context import Json, home

if TYPE_CHECKING:
    from datetime import date

    from app.scheming import View

scheme = typer.Typer(help="The scheme of delegation: is it whole, which way would a paper go and why, what would another edition change?", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option(help="The organisation's own folder, or the one that holds it; without it, the record, then those that come with us.", show_default=False),
]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day on which it would be submitted, in London.", show_default="today")]


@scheme.command()
def check(
    organisation: Annotated[str | None, typer.Argument(help="The organisation's id; without it, each one that has a folder.", show_default=False)] = None,
    *,
    folder: Folder = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day whose holders count.", show_default="today")] = None,
    as_json: Json = False,
) -> None:
    """Find what a scheme leaves open, says twice, can never mean, or gives to an office that is not there, and what to do.

    Exit code 1 if there are faults; a doubt may be meant. Example: grants scheme check ORGANISATION
    """
    from app import organisations, scheming  # noqa: PLC0415
    from app.cli import scheme_words  # noqa: PLC0415

    names = [organisation] if organisation else list(organisations.known(folder or organisations.FOLDER))
    found = [each for name in names for each in scheming.check(scheming.charter(home(), name, folder), _day(on))]
    scheme_words.findings(names, found, as_json=as_json)
    if any(each["severity"] == "fault" for each in found):
        raise typer.Exit(1)


@scheme.command()
def route(  # noqa: PLR0913  (each is an option of its own)
    file: Annotated[str | None, typer.Argument(metavar="[FILE|-]", help="A command file that drafts or edits a paper.", show_default=False)] = None,
    *,
    grant: Annotated[str | None, typer.Option(help="The grant that the paper of FILE is for.", show_default=False)] = None,
    what_if: Annotated[bool, typer.Option("--what-if", help="A paper that nobody has drafted, as the options below describe it.")] = False,
    organisation: Annotated[str | None, typer.Option(help="Whose scheme.", show_default=False)] = None,
    folder: Folder = None,
    kind: Annotated[str | None, typer.Option(metavar="bid|offer|agreement|variation", help="Its instrument; without it, none.", show_default=False)] = None,
    verb: Annotated[list[str] | None, typer.Option(help="What it asks: approve, accept, ratify, delegate …; may be given twice.", show_default=False)] = None,
    value: Annotated[str, typer.Option(metavar="£", help="What it asks for.")] = "£0",
    cumulative: Annotated[str | None, typer.Option(metavar="£", help="What the whole grant then comes to.", show_default="the value")] = None,
    base: Annotated[str | None, typer.Option(metavar="£", help="What the grant was given before all its variations.", show_default=False)] = None,
    business_case: Annotated[str | None, typer.Option(metavar="£", help="What its business case comes to.", show_default="none")] = None,
    retrospective: Annotated[bool, typer.Option("--retrospective", help="Dated after a period that it funds.")] = False,
    novel: Annotated[bool, typer.Option("--novel", help="New in kind.")] = False,
    contentious: Annotated[bool, typer.Option("--contentious", help="Likely to be disputed, or of public interest.")] = False,
    repercussive: Annotated[bool, typer.Option("--repercussive", help="Binds others, or sets an example.")] = False,
    terms_changed: Annotated[bool, typer.Option("--terms-changed", help="The terms change, not the money alone.")] = False,
    mark: Annotated[list[str] | None, typer.Option(help="A word of the scheme's own that it bears; may be given twice.", show_default=False)] = None,
    board: Annotated[list[str] | None, typer.Option(help="A board that it must pass; may be given twice.", show_default=False)] = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Show which way a paper would go, and explain each step, before anything is submitted. Reads only; no server is needed.

    Exit code 5 with the rule where the scheme leaves it open. Amounts are written as in files.
    Examples: grants scheme route draft.yaml --grant GRANT;
    grants scheme route --what-if --organisation ORGANISATION --kind variation --verb approve --value £100,000 --cumulative £1,000,000
    """
    from app import scheming  # noqa: PLC0415
    from app.cli import scheme_words  # noqa: PLC0415

    if _is_file(file, grant, organisation, what_if=what_if):
        scheme_words.route(_of_file(file or "", grant or "", on), as_json=as_json)
        return
    facts = {"retrospective": retrospective, "novel": novel, "contentious": contentious, "repercussive": repercussive, "terms_changed": terms_changed}
    asked, whole, before, case = _pence(value) or 0, _pence(cumulative), _pence(base), _pence(business_case)
    wish = scheming.WhatIf(tuple(verb or ["approve"]), kind, asked, whole, before, case, marks=tuple(mark or ()), boards=tuple(board or ()), **facts)
    scheme_words.route(scheming.what_if(scheming.charter(home(), organisation or "", folder), wish, _day(on)), as_json=as_json)


@scheme.command()
def simulate(
    edition: Annotated[Path, typer.Argument(metavar="EDITION", help="A file as an organisation's scheme-….yaml.", show_default=False)],
    *,
    since: Annotated[str, typer.Option(metavar="DATE", help="Papers submitted on that day in London or later.", show_default=False)],
    grant: Annotated[str | None, typer.Option(help="Only the papers of this grant.", show_default=False)] = None,
    organisation: Annotated[str | None, typer.Option(help="Whose edition it is, where the record has several organisations.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Send every paper that was submitted through a proposed edition, and list each route that it would change.

    The days that the edition states do not matter here. Example: grants scheme simulate scheme-2027.yaml --since 2026-04-01
    """
    from app import simulating  # noqa: PLC0415
    from app.cli import scheme_words  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    proposed, first = simulating.edition_of(edition), _day(since)
    with reading(home()) as reader:
        found = simulating.simulate(reader, proposed, first, grant, organisation)
    scheme_words.simulated(found, as_json=as_json)


def _is_file(file: str | None, grant: str | None, organisation: str | None, *, what_if: bool) -> bool:
    from app.errors import MisusedError  # noqa: PLC0415

    if what_if == bool(file) or (file and not grant) or (what_if and not organisation):
        message = "Say either FILE and --grant GRANT, or --what-if and --organisation ORGANISATION."
        raise MisusedError(message)
    return not what_if


def _of_file(file: str, grant: str, on: str | None) -> View:
    from app import scheming  # noqa: PLC0415
    from app.cli.doing import content_in, written  # noqa: PLC0415
    from app.reader import now, reading, today_of  # noqa: PLC0415
    from domain.calendar import day_of  # noqa: PLC0415

    path, text = written(file)
    with reading(home()) as reader:
        found = reader.grant(grant)
        day = _day(on) if on else day_of(today_of(found, now()))
        return scheming.of_file(reader, found, path, text, content_in(reader), day)


def _pence(amount: str | None) -> int | None:
    from app.errors import MisusedError  # noqa: PLC0415
    from app.yaml_file import pence  # noqa: PLC0415

    found = pence(amount) if amount is not None else None
    if found is not None and found < 0:
        message = f"{amount} lies below nothing"
        raise MisusedError(message)
    return found


def _day(text: str | None) -> date:
    from app.reader import now  # noqa: PLC0415
    from app.showing import day  # noqa: PLC0415
    from domain.calendar import day_of  # noqa: PLC0415

    return day(text) or day_of(now())
