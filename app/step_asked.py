"""What a person says of a paper on the command line, in plain words: which step, in whose name, and the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepAsked:
    """Whose step of which paper: ``step`` is PAPER or PAPER/OFFICE, ``principal`` whom the person stands in for.

    ``at`` is an instant as written, in a rehearsal; ``content`` the digest of what the person saw (null: as it stands).
    """

    grant: str
    step: str
    person: str
    principal: str | None = None
    at: str | None = None
    content: str | None = None


@dataclass(frozen=True)
class Answer:
    """A command and what it says besides the paper and the office; ``says`` are the kinds of steps that it can be about.

    No kinds: it is about the paper alone. ``names`` is the field in which the command names whose step it is.
    """

    command: str
    words: str
    says: tuple[str, ...]
    body: dict[str, Any] = field(default_factory=dict)
    names: str = "office"


@dataclass(frozen=True)
class Verdict:
    """What a decision says of items: of those named (none: all of them) ``outcome``, of the rest ``others`` (null: not said).

    ``lower`` are amounts as YEAR=AMOUNT, ``conditions`` as "ID OWNER [DATE] [first]: WORDS".
    """

    outcome: str
    items: tuple[str, ...] = ()
    others: str | None = None
    lower: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    reason: str | None = None
    until: str | None = None
