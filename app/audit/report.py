"""One answer to an auditor, however it is printed: tables of rows, what they prove, and what they cannot.

Rows are plain values: whole pence in fields that end in ``_pence``, dates and instants as text (UTC), unknown is null.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

View = dict[str, Any]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would reckon instead of show."""


@dataclass(frozen=True)
class Table:
    """Rows that all have the same fields. ``columns`` gives the heading of each field that people see, in order."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[View]


@dataclass(frozen=True)
class Report:
    """What was asked, the tables that answer it (the first is the answer, the others stand beside it), and how far they go.

    ``ok`` false: something that must agree does not (exit code 3).
    """

    about: View
    tables: Sequence[Table]
    proves: Sequence[str]
    does_not_prove: Sequence[str]
    ok: bool = True
    beside: View = field(default_factory=dict)

    def as_json(self) -> View:
        """Everything, for programs."""
        rows = {table.name: list(table.rows) for table in self.tables}
        return {"ok": self.ok, **self.about, **rows, **self.beside, "proves": list(self.proves), "does_not_prove": list(self.does_not_prove)}

    def as_csv(self) -> str:
        """The first table, for spreadsheets: a row of field names, then the rows; money in whole pence, lists joined by semicolons.

        Text that a spreadsheet would take for a formula has an apostrophe before it.
        """
        table, out = self.tables[0], io.StringIO()
        writer = csv.writer(out)
        fields = list(table.rows[0]) if table.rows else list(table.columns.values())
        writer.writerow(fields)
        writer.writerows([_cell(row[name]) for name in fields] for row in table.rows)
        return out.getvalue()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case list() | tuple():
            return _cell("; ".join(map(str, value)))
        case str() if value.startswith(FORMULA):
            return f"'{value}"
        case _:
            return value
