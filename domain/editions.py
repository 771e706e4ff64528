"""The editions of a paper: which contents and which Part 2 stood when, who gave them, and what an edit did to what was said.

Advisers and deciders bind one digest. Where a paper has a Part 2, that is the digest over two: that of its contents
(``part_one``) and that of the ciphertext kept with it (``part_two``); no rule reads what is sealed. A paper without a Part 2
is bound by its contents alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.evidence import canonical, digest
from domain.model import Digest, Event, Frozen, Identifier, Instant, Past, Text, said
from domain.paper import Change, Effect

STANDS = "Paper {paper} was edited ({changes}): {reason}. What {to} said of it stands"
VOIDED = "Paper {paper} was edited ({changes}): {reason}. What {to} said of it is void, and is asked for again"
CHANGED = "has changed since you saw it ({since})"
UNCHANGED = "has changed since you saw it"
NEVER = "never had the content that you name"
EDIT = "{changes}{sealed} by {actor} on {at}{reason}"
SEALED = ", also its Part 2"
BECAUSE = ": {reason}"


class OfficeTold(Event, wire="office.told", said="{to} is told: {words}"):
    """Word to an office that a paper was edited after its say: whether that stands (``stands``), or is asked for again."""

    paper: Identifier
    to: Identifier
    stands: bool
    words: Text


@dataclass(frozen=True)
class Edition:
    """What stood from ``at`` (UTC) on: the digests, who gave them, and what the edit changed and did (null: it is no edit).

    ``voided`` and ``told`` name whose say was touched, an office or a board.
    """

    content: str
    part_one: str
    part_two: str | None
    at: datetime
    actor: str
    on_behalf_of: str | None
    changes: tuple[Change, ...] = ()
    effect: Effect | None = None
    voided: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class SentBack:
    """A paper's last return to its drafter: by which office and whom, when (UTC), why, and whose say is void with it."""

    office: str
    actor: str
    on_behalf_of: str | None
    at: datetime
    reason: str
    voided: tuple[str, ...]


class EditionRow(Frozen):
    """An edition as views read it; ``part_two_changed``: its Part 2 is another one than that of the edition before it."""

    content: Digest
    part_one: Digest
    part_two: Digest | None
    part_two_changed: bool
    at: Instant
    actor: Identifier
    on_behalf_of: Identifier | None
    changes: tuple[Change, ...]
    effect: Effect | None
    voided: tuple[Identifier, ...]
    told: tuple[Identifier, ...]
    reason: Text | None


def bound(part_one: str, part_two: str | None) -> str:
    """The one digest that is bound, over that of the contents and that of the Part 2 (null: there is none)."""
    return part_one if part_two is None else digest(canonical({"part_one": part_one, "part_two": part_two}))


def begun(part_one: str, part_two: str | None, past: Past) -> Edition:
    """An edition that nothing was said of yet: a draft, or one whose Part 2 came with its submission."""
    return Edition(bound(part_one, part_two), part_one, part_two, past.recorded, past.actor, past.on_behalf_of)


def rows(editions: Sequence[Edition]) -> tuple[EditionRow, ...]:
    """Every edition in order, as views read them."""
    before = (None, *(each.part_two for each in editions))
    return tuple(EditionRow(**each.__dict__, part_two_changed=each.part_two != last) for each, last in zip(editions, before, strict=False))


def told(paper: str, changes: Iterable[Change], reason: str, offices: Iterable[tuple[str, bool]]) -> tuple[OfficeTold, ...]:
    """Word to each office about an edit: its name, and whether what it said stands."""
    found = []
    for to, stands in offices:
        words = said(STANDS if stands else VOIDED, {"paper": paper, "changes": tuple(changes), "reason": reason[:3000], "to": to})
        found.append(OfficeTold(paper=paper, to=to, stands=stands, words=words))
    return tuple(found)


def since(editions: Sequence[Edition], content: str) -> str:
    """What has changed since an edition of that digest: kinds of change, by whom, when, why; or that it never was one of these."""
    known = [number for number, each in enumerate(editions) if each.content == content]
    if not known:
        return NEVER
    later = zip(editions[known[-1] :], editions[known[-1] + 1 :], strict=False)
    return said(CHANGED, {"since": "; then ".join(_edit(each, before) for before, each in later)})


def _edit(each: Edition, before: Edition) -> str:
    return said(
        EDIT,
        {
            "changes": each.changes or "terms",
            "sealed": SEALED if each.part_two != before.part_two else "",
            "actor": each.actor,
            "at": each.at,
            "reason": said(BECAUSE, {"reason": each.reason}) if each.reason else "",
        },
    )
