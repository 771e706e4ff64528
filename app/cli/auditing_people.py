"""The auditor's first hour, people: who could act under whose authority, and what broke a rule."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.auditing_money import Year
from app.cli.context import Json, home, wait_for
from app.cli.reports import Csv, answer


def people(*, year: Year, as_json: Json = False, as_csv: Csv = False) -> None:
    """Offices, cover, delegations and changes of the scheme in a year, and the acts that rest on them.

    Example: grants audit people --year 2021/22
    """
    from app.audit import spans  # noqa: PLC0415
    from app.audit.people import people as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    asked = spans.year(year)
    with reading(home()) as reader:
        report = found(reader, asked)
    answer(report, as_json=as_json, as_csv=as_csv)


def exceptions(
    *,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that stand open.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Every exception and discrepancy: whose it is, since when it stands, and how it was closed.

    Example: grants audit exceptions --open
    """
    from app.audit.exceptions import exceptions as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    with reading(home()) as reader:
        report = found(reader, only_open=only_open)
    answer(report, as_json=as_json, as_csv=as_csv)


def identities(
    grant: Annotated[str | None, typer.Argument(help="One grant; without it, all of them and the organisations.", show_default=False)] = None,
    *,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Of each command: whose key signed it, whose act it says it is, whose act its events say, who sent it. Exit code 3 if they differ.

    Who sent it is read from Temporal's histories, where a server is up. Example: grants audit identities GRANT
    """
    from app.audit.identities import identities_home  # noqa: PLC0415

    answer(wait_for(identities_home(home(), grant)), as_json=as_json, as_csv=as_csv)


def access(
    *,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Those that could be open on that day or later (2021-01-05, 2021-01).", show_default="all of them")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Every break-glass of the record: who asked, who confirmed, why, until when, what was read under it, whether it was reported.

    Example: grants audit access --since 2021-01
    """
    from app.audit import spans  # noqa: PLC0415
    from app.audit.access import access as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    first = spans.first_day(since) if since else None
    with reading(home()) as reader:
        report = found(reader, first)
    answer(report, as_json=as_json, as_csv=as_csv)
