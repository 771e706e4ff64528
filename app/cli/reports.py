"""An answer to an auditor, printed: tables for people, JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from app.audit.report import Report, Table
from app.cli.out import lines, pounds, print_json, say, table, text
from app.errors import MisusedError

NOT_AGREED = 3
INSTANT = len("2021-03-31T09:00:00Z")

Csv = Annotated[bool, typer.Option("--csv", help="The main table as CSV: whole pence, one row of field names.")]


def answer(report: Report, *, as_json: bool, as_csv: bool) -> None:
    """Print a report the one way or the other; end with 3 where what must agree does not.

    Raises:
        MisusedError: both ways were asked for.

    """
    if as_json and as_csv:
        message = "Say --json or --csv, not both."
        raise MisusedError(message)
    if as_json:
        print_json(report.as_json())
    elif as_csv:
        sys.stdout.write(report.as_csv())
        for line in _bounds(report):
            say(line)
    else:
        _tables(report)
    if not report.ok:
        raise typer.Exit(NOT_AGREED)


def _tables(report: Report) -> None:
    asked = [f"{name.replace('_', ' ')} {_cell(name, value)}" for name, value in report.about.items() if not isinstance(value, dict | bool | None)]
    lines([", ".join(asked)])
    for each in report.tables:
        _table(each)
    lines(["" if report.ok else "NOT in agreement: see the differences.", *_bounds(report)])


def _table(found: Table) -> None:
    if not found.rows:
        lines(["", f"{found.title}: none."])
        return
    money = [heading for heading, field in found.columns.items() if field.endswith("_pence")]
    rows = [[_cell(field, row[field], money=row.get("money", False)) for field in found.columns.values()] for row in found.rows]
    table(found.title, list(found.columns), rows, right=money)


def _bounds(report: Report) -> list[str]:
    proves = [f"  - {each}" for each in report.proves]
    return ["It proves:", *proves, "It does not prove:", *(f"  - {each}" for each in report.does_not_prove)]


def _cell(field: str, value: Any, *, money: bool = False) -> str:
    """A value as people read it; ``money``: every number of its row is whole pence."""
    from app.cli.tables import when  # noqa: PLC0415  (`--help` needs no domain)

    if isinstance(value, bool):
        return "yes" if value else ""
    if field.endswith("_pence") or (money and isinstance(value, int)):
        return pounds(value)
    is_instant = isinstance(value, str) and len(value) >= INSTANT and value[10] == "T" and value.endswith("Z")
    return when(value) if is_instant else text(value)
