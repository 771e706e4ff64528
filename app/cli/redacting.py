"""``grants decision --check``: whether the record of a decision, as it is published, repeats anything of a Part 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.cli.decision_words import sections, title
from app.cli.out import lines
from app.redaction import leaks
from domain.model import said

LEAKS = 3
COMPARED = "{verdict}: {parts:Part 2|Part 2s} compared with the record as it is published."
PURPOSE = "To check that the published record of {paper} repeats nothing of it"


@dataclass(frozen=True)
class Checked:
    """The sections that repeat something, each with what ("a text", "a sum"), and the Part 2s that nobody could read: so not checked.

    ``subjects`` are the ids of the commands whose Part 2 was compared.
    """

    subjects: tuple[str, ...]
    found: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, str], ...]

    @property
    def clean(self) -> bool:
        """Whether every Part 2 was compared, and nothing of it stands in the record."""
        return not self.found and not self.unread


def checked(record: Mapping[str, Any], read: Mapping[str, Mapping[str, Any]]) -> Checked:
    """A decision record, section by section as it is published, held against what each Part 2 says."""
    published = {"Title": title(record), **{each.heading: each.rows for each in sections(record)}}
    opened = {subject: each["part_two"] for subject, each in read.items() if each["part_two"] is not None}
    found = [(heading, each.what) for heading, words in published.items() for part_two in opened.values() for each in leaks(part_two, {heading: words})]
    unread = tuple((subject, each["unreadable"]) for subject, each in read.items() if each["part_two"] is None)
    return Checked(tuple(opened), tuple(dict.fromkeys(found)), unread)


def view(found: Checked) -> dict[str, Any]:
    """The finding for programs."""
    return {
        "clean": found.clean,
        "compared": list(found.subjects),
        "leaks": [{"section": section, "repeats": what} for section, what in found.found],
        "unread": [{"subject": subject, "why": why} for subject, why in found.unread],
    }


def tell(found: Checked) -> None:
    """The finding for people: sections are named, nothing is quoted."""
    lines(
        [
            said(COMPARED, {"verdict": "Nothing leaks" if found.clean else "NOT clean", "parts": len(found.subjects)}),
            *(f"  {section}: repeats {what} of a Part 2" for section, what in found.found),
            *(f"  not compared: {why}" for _, why in found.unread),
        ],
    )
