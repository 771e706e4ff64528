"""The auditor's first hour, money: lead schedules, unusual journals, a sample of claimed cost."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.context import Json, home
from app.cli.reports import Csv, answer

Year = Annotated[str, typer.Option("--year", metavar="YEAR", help="A financial year: 2021/22, or 2024 where it is the calendar's.", show_default=False)]
AnyYear = Annotated[
    str | None,
    typer.Option("--year", metavar="YEAR", help="A financial year: 2021/22, or 2024 where it is the calendar's.", show_default="every year"),
]


def leads(*, year: Year, as_json: Json = False, as_csv: Csv = False) -> None:
    """Grant debtors of a year, by grant and entity: opening + income - disallowed - cash = closing, tied to the trial balance.

    Exit code 3 if anything does not agree. Example: grants audit leads --year 2021/22 --csv
    """
    from app.audit import spans  # noqa: PLC0415
    from app.audit.leads import leads as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    asked = spans.year(year)
    with reading(home()) as reader:
        report = found(reader, asked)
    answer(report, as_json=as_json, as_csv=as_csv)


def journals(
    *,
    year: AnyYear = None,
    days: Annotated[int, typer.Option("--days", min=0, help="So many days after its accounting date, a posting is not yet back-dated.")] = 30,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Postings to look at first: back-dated, after the year's end, after the close, manual; and by whom.

    Example: grants audit journals --year 2021/22 --days 60
    """
    from app.audit import spans  # noqa: PLC0415
    from app.audit.journals import journals as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    asked = spans.year_or_none(year)
    with reading(home()) as reader:
        report = found(reader, asked, days)
    answer(report, as_json=as_json, as_csv=as_csv)


def sample(
    *,
    seed: Annotated[int, typer.Option("--seed", help="Any number; the same one draws the same lines.", show_default=False)],
    size: Annotated[int, typer.Option("--size", min=1, max=10_000, help="How many pence are drawn: at most so many lines.")] = 20,
    year: AnyYear = None,
    grant: Annotated[str | None, typer.Option("--grant", help="One grant.", show_default="all that are not hypothetical")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """A monetary-unit sample of claimed lines: ledger reference, day, evidence, and where that is kept.

    Example: grants audit sample --seed 4711 --size 25 --year 2021/22
    """
    from app.audit import spans  # noqa: PLC0415
    from app.audit.sample import sample as found  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    asked = spans.year_or_none(year)
    with reading(home()) as reader:
        report = found(reader, seed, size, asked, grant)
    answer(report, as_json=as_json, as_csv=as_csv)
