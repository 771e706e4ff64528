"""The auditor's first hour, time: a grant by both clocks, what differs between two looks, what was recorded in a span."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.context import Json, home
from app.cli.reading import Grant
from app.cli.reports import Csv, answer

Effective = Annotated[str | None, typer.Option("--effective", metavar="DATE", help="As it counted at the end of that day in London.", show_default="today")]
Known = Annotated[str | None, typer.Option("--known", metavar="DATE", help="As it was known at that date or instant (2021-01-05T12:00Z).", show_default="now")]


def as_of(grant: Grant, *, effective: Effective = None, known: Known = None, as_json: Json = False, as_csv: Csv = False) -> None:
    """One grant as it counted on one day and was known on another; and who could act then.

    Example: grants audit as-of GRANT --effective 2022-03-31 --known 2022-04-01
    """
    from app import showing  # noqa: PLC0415
    from app.audit.as_of import as_of as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    day, instant = showing.day(effective), showing.instant(known)
    with reading(home()) as reader:
        report = found(reader, grant, day, instant)
    answer(report, as_json=as_json, as_csv=as_csv)


def diff(
    grant: Grant,
    *,
    effective: Annotated[list[str] | None, typer.Option("--effective", metavar="DATE", help="A day that counts; twice, or once for both looks.")] = None,
    known: Annotated[list[str] | None, typer.Option("--known", metavar="DATE", help="An instant known at; twice, or once for both looks.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What differs between two looks at a grant, and which events were recorded between them.

    Example: grants audit diff GRANT --effective 2022-03-31 --known 2022-04-01 --known 2022-12-31
    """
    from app.audit.difference import difference, looks  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    before, after = looks(effective or [], known or [])
    with reading(home()) as reader:
        report = difference(reader, grant, before, after)
    answer(report, as_json=as_json, as_csv=as_csv)


def changes(
    *,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day (2021-01-05), or a month or year from its first.", show_default=False)],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day, or a month or year to its last.", show_default=False)],
    grant: Annotated[str | None, typer.Option("--grant", help="One grant, or `organisation/ID`.", show_default="every stream")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Everything recorded from one day to another, event by event, and how much of it by whom.

    Example: grants audit changes --from 2021-01 --to 2021-03
    """
    from app.audit import spans  # noqa: PLC0415
    from app.audit.changes import changes as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    span = spans.days(first, last)
    with reading(home()) as reader:
        report = found(reader, span, grant)
    answer(report, as_json=as_json, as_csv=as_csv)
