"""``grants decision``: the decision record of a paper, as text, as a page, or for programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.cli.decision_page import page
from app.cli.decision_words import note, sections, title
from app.cli.out import lines, say, table
from app.cli.tables import opened
from app.errors import MisusedError


def write(found: Mapping[str, Any], file: Path) -> None:
    """The record as a page of its own.

    Raises:
        MisusedError: the file cannot be written.

    """
    try:
        file.write_text(page(found), encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror or error}"
        raise MisusedError(message) from error
    say(f"The page is written: {file}.")


def tell(found: Mapping[str, Any]) -> None:
    """The record as text, section by section."""
    said = note(found)
    lines([title(found), *([said] if said else []), *opened(found["break_glass"]), ""])
    for each in sections(found):
        table(each.heading, each.columns, each.rows, right=each.figures)
