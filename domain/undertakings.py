"""What the pages of delivery share: what they may know of the rest of the grant, and faults that stand until put right.

A fact is recorded even where it breaks a rule. The fault is an exception with an owner; when a later fact puts it right it
is closed as corrected, by itself (DESIGN §2, Exception).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from domain.exception import ExceptionClosed, ExceptionRaised
from domain.model import SYSTEM, Event, Rule, Text, said
from domain.policy import Policy

VARIATION_UNKNOWN = Rule(
    "delivery.variation_unknown",
    "No variation {variation} is recorded, so {what} stays as it was promised; ReceiveVariation records it.",
    "R-52, R-53; invariants 28 and 29",
    remedy="Record the funder's letter with ReceiveVariation first, or correct the id.",
)

UNKNOWN_INSTRUMENT = "instrument-unknown"
FILLED_BEYOND = "posts-filled"
DELIVERED_BEYOND = "delivered-beyond"
BASELINE_FALLEN = "baseline-fallen"


@dataclass(frozen=True)
class FaultWords:
    """One kind of fault in words: what it is, why, and how it is put right."""

    what: str
    why: str
    how: str


FAULTS = {
    UNKNOWN_INSTRUMENT: FaultWords(
        "instrument not recorded", "{subject} is said to carry it, and no offer, agreement or variation of that name is recorded.", "{subject} is recorded"
    ),
    FILLED_BEYOND: FaultWords(
        "more posts filled than funded",
        "{filled} posts of {rank} in {subject} are filled on {on}; {funded} are funded.",
        "no more posts of that rank are filled than funded",
    ),
    BASELINE_FALLEN: FaultWords(
        "posts not over and above what was there",
        "{subject} numbered {first} without the grant on {first_day}, and {latest} on {day}: what it funds may stand in for them.",
        "the team numbers as many without the grant as it did",
    ),
    DELIVERED_BEYOND: FaultWords(
        "more delivered than promised", "{count} of {subject} are delivered by {on}; at most {most} are promised.", "the count is within its limit"
    ),
}
"""The kinds of fault, by the first part of the exception's id."""


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows.

    ``instruments`` are the ids of all its offers, agreements and variations, ``variations`` those of the last kind;
    ``ends`` is the last funded day (null: nothing is in force). ``open_exceptions`` are the ids of those that stand open.
    """

    policy: Policy
    instruments: Collection[str]
    variations: Collection[str] = ()
    ends: date | None = None
    exception_owner: str = SYSTEM
    discrepancy_owner: str = SYSTEM
    open_exceptions: Collection[str] = ()


@dataclass(frozen=True)
class Fault:
    """Something recorded that breaks a rule as things stand: its kind, its own id, what it concerns, and its figures."""

    kind: str
    id: str
    subject: str
    figures: tuple[tuple[str, object], ...] = ()

    @property
    def exception(self) -> str:
        """The id of the exception."""
        return f"{self.kind}/{self.id}"

    def raised(self, owner: str) -> ExceptionRaised:
        """The exception, for its owner to explain."""
        words = FAULTS[self.kind]
        why = said(words.why, {"subject": self.subject, **dict(self.figures)})
        return ExceptionRaised(exception=self.exception, what=words.what, subject=self.subject, owner=owner, why=why)


def raised(before: Iterable[Fault], after: Iterable[Fault], given: Given) -> tuple[Event, ...]:
    """An exception for each fault that is new."""
    known = {each.exception for each in before} | set(given.open_exceptions)
    return tuple(each.raised(given.exception_owner) for each in after if each.exception not in known)


def corrected(standing: Iterable[Fault], given: Given) -> tuple[ExceptionClosed, ...]:
    """Each open exception of these kinds whose fault stands no more is closed."""
    still = {each.exception for each in standing}
    over = (each for each in given.open_exceptions if each.partition("/")[0] in FAULTS and each not in still)
    return tuple(ExceptionClosed(exception=each, how=_how(each)) for each in sorted(over))


def unknown_instruments(named: Iterable[str | None], given: Given) -> tuple[Fault, ...]:
    """A fault for each instrument that is named and not recorded; null names none."""
    missing = dict.fromkeys(name for name in named if name is not None and name not in given.instruments)
    return tuple(Fault(UNKNOWN_INSTRUMENT, name, name) for name in missing)


def _how(exception: str) -> Text:
    kind, _, subject = exception.partition("/")
    return said("corrected: " + FAULTS[kind].how, {"subject": subject})
