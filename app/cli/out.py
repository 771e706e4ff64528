"""How the command line speaks: data on stdout, as tables or as JSON; everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

WIDTH_UNSEEN = 200
"""Columns of a table that no terminal shows."""

UNKNOWN = "-"


def print_json(value: Any) -> None:
    """A value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def say(text: str) -> None:
    """A message for the person, on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """A table on stdout; ``right`` names the columns of figures."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  (only tables need it)
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    made = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for each in columns:
        made.add_column(each, justify="right" if each in right else "left", overflow="fold", no_wrap=each in right)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else WIDTH_UNSEEN).print(made)


def lines(text: Iterable[str]) -> None:
    """Plain lines on stdout."""
    sys.stdout.write("".join(f"{line}\n" for line in text))


def pounds(pence: int | None) -> str:
    """An amount as people write it; unknown is a dash."""
    if pence is None:
        return UNKNOWN
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def text(value: object) -> str:
    """Any cell: unknown is a dash, a list its items."""
    if value is None or value == []:
        return UNKNOWN
    if isinstance(value, list):
        return ", ".join(map(text, value))
    return str(value)
