"""What activities and timers are called in the UI: business words, short, and nothing that a stranger wrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from activities.contracts import Due, Message

LONGEST = 190
"""Bytes; the server's documents promise 200."""

COMMAND_TYPE = re.compile(r"[A-Z][A-Za-z]{1,59}")


def of_commit(batch: Sequence[Message], woken_for: datetime | None, due: Iterable[Due]) -> str:
    """The names of the messages ("Submit return, Record costs (3)"), else the duty whose moment has come."""
    if batch:
        counts = Counter(of_message(each.name) for each in batch)
        return short(", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts.items()))
    if woken_for is None:
        return "Read the record"
    return short(next((each.words for each in due if each.at == woken_for), "A moment has come"))


def of_message(name: str) -> str:
    """A command's type as words; a signal with any other name is not quoted."""
    if not COMMAND_TYPE.fullmatch(name):
        return "A message"
    first, *rest = re.findall(r"[A-Z][a-z]*", name)
    return " ".join([first, *(each.lower() for each in rest)])


def short(text: str) -> str:
    """The text, cut where the server would refuse it."""
    encoded = text.encode()
    return text if len(encoded) <= LONGEST else encoded[: LONGEST - 3].decode(errors="ignore") + "…"
