"""How the command line speaks: data on stdout, as tables or as JSON; everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

WIDTH_UNSEEN = 200
"""Columns of a table that no terminal shows."""

MOST_UNBROKEN = 24
"""Letters of a word that a column of words does not break."""

UNKNOWN = "-"


def print_json(value: Any) -> None:
    """A value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def say(text: str) -> None:
    """A message for the person, on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), aside: bool = False) -> None:
    """A table on stdout, or ``aside`` on stderr; ``right`` names the columns of figures. A terminal too narrow for it gets a line a cell."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  (only tables need it)
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    seen = (sys.stderr if aside else sys.stdout).isatty()
    console, rows = Console(width=None if seen else WIDTH_UNSEEN, stderr=aside), list(rows)
    room = widths(columns, rows, right, console.width)
    if room is None:
        console.file.write("".join(f"{line}\n" for line in one_by_one(title, columns, rows)))
        return
    made = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for each, width in zip(columns, room, strict=True):
        made.add_column(each, justify="right" if each in right else "left", overflow="fold", width=width)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    console.print(made)


def widths(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str], across: int) -> list[int] | None:
    """How wide each column is, the short ones first; no figure, day or short word is ever broken. Null: they do not all fit."""
    cells = [list(each) for each in zip(columns, *rows, strict=True)]
    most = [max(map(_across, each)) for each in cells]
    least = [wide if name in right else min(wide, MOST_UNBROKEN, _longest_word(each)) for name, wide, each in zip(columns, most, cells, strict=True)]
    spare = across - 1 - 3 * len(columns) - sum(least)
    if spare < 0:
        return None
    room = list(least)
    for place in sorted(range(len(columns)), key=lambda place: most[place] - least[place]):
        more = min(most[place] - least[place], spare)
        room[place], spare = room[place] + more, spare - more
    return room


def one_by_one(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Each row as a paragraph, a line a cell."""
    named, names = [_in_one(each) for each in columns], max(map(len, columns))
    paragraphs = [[*(f"  {name:<{names}}  {_in_one(cell)}" for name, cell in zip(named, row, strict=True) if name or cell), ""] for row in rows]
    return [*([title, ""] if title else [""]), *(line for each in paragraphs for line in each)]


def lines(text: Iterable[str]) -> None:
    """Plain lines on stdout."""
    sys.stdout.write("".join(f"{line}\n" for line in text))


def pounds(pence: int | None) -> str:
    """An amount as people write it; unknown is a dash."""
    if pence is None:
        return UNKNOWN
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def text(value: object) -> str:
    """Any cell: unknown is a dash, a list its items, a truth yes or no."""
    if value is None or value == []:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(text, value))
    return str(value)


def _across(cell: str) -> int:
    return max(map(len, cell.split("\n")))


def _in_one(cell: str) -> str:
    return cell.replace("\n", " ")


def _longest_word(cells: Iterable[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=0)
