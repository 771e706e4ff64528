"""Reviews that were promised: at the end of a project, when a date comes, or again and again with no fixed cadence (R-94).

Part of the room ``assurance``. One that was promised and not made keeps the grant from being closed (invariant 34).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.calendar import StatedDate
from domain.model import CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Past, Rule, Text, fields_of
from domain.policy import Policy

DIFFERS = Rule(
    "assurance.review_differs",
    "Review {review} is promised already, in other words.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other review an id of its own.",
)

DUTIES = (DutyWords(name="review.made", words="{owner} makes the review {subject}"),)

# What can be asked for ------------------------------------------------------------------------------------------------


class PromiseReview(CommandBody, kind="fact"):
    """A look back is promised, by an office or a party, by the end of a London day (``due`` null: no day is promised).

    A ``standing`` one is made again and again until the grant closes, on no fixed cadence. One that does not
    ``block_close`` is chased like any other and keeps nothing open.
    """

    review: Identifier
    words: Text
    owner: Identifier
    due: date | None = None
    standing: bool = False
    blocks_close: bool = True
    documents: tuple[Document, ...] = ()


class RecordReview(CommandBody, kind="fact"):
    """A review was made, promised or not: what it found, and in a standing one the day by which it is made next (null: none is set)."""

    review: Identifier
    on: StatedDate
    outcome: Text
    next_due: date | None = None
    documents: tuple[Document, ...] = ()


Command = PromiseReview | RecordReview

# What can have happened -----------------------------------------------------------------------------------------------


class ReviewPromised(Event, wire="review.promised", said="Review {review} is promised by {owner}: {words}"):
    """From here on the review is owed."""

    review: Identifier
    words: Text
    owner: Identifier
    due: date | None
    standing: bool
    blocks_close: bool
    documents: tuple[Document, ...]


class ReviewMade(Event, wire="review.made", said="Review {review} made: {outcome}", effective="on"):
    """What it found."""

    review: Identifier
    on: StatedDate
    outcome: Text
    next_due: date | None
    documents: tuple[Document, ...]


Happened = ReviewPromised | ReviewMade


@dataclass(frozen=True)
class Made:
    """A review as made, and when we learnt of it (UTC)."""

    event: ReviewMade
    recorded: datetime


@dataclass(frozen=True)
class Review:
    """A review; ``promised`` null: nobody had promised it. ``recorded``: when we first learnt of it (UTC)."""

    recorded: datetime
    promised: ReviewPromised | None = None
    made: tuple[Made, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether it keeps the grant open."""
        return self.promised is not None and self.promised.blocks_close and not self.made

    def owed(self) -> tuple[str, datetime, date | None] | None:
        """Who owes it, since when (UTC), and by the end of which London day; null: it is owed no more."""
        if self.promised is None or (self.made and not self.promised.standing):
            return None
        if not self.made:
            return self.promised.owner, self.recorded, self.promised.due
        last = self.made[-1]
        return self.promised.owner, last.recorded, last.event.next_due


Known = Mapping[str, Review]

# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, known: Known) -> Decision:
    """What follows from a review that is promised or made."""
    found = known.get(body.review)
    match body:
        case PromiseReview():
            promised = ReviewPromised(**fields_of(body, PromiseReview))
            if found is None or found.promised is None:
                return (promised,)
            return () if found.promised == promised else DIFFERS.refuse(review=body.review)
        case RecordReview():
            made = ReviewMade(**fields_of(body, RecordReview))
            return () if found and made in [each.event for each in found.made] else (made,)


def evolve(known: Known, past: Past) -> dict[str, Review]:
    """The reviews after one event."""
    body = past.body
    if not isinstance(body, Happened):
        return dict(known)
    found = known.get(body.review) or Review(past.recorded)
    match body:
        case ReviewPromised():
            found = replace(found, promised=body)
        case ReviewMade():
            found = replace(found, made=(*found.made, Made(body, past.recorded)))
    return {**known, body.review: found}


def duties(known: Known, policy: Policy) -> tuple[Duty, ...]:
    """Whoever promised a review makes it; a standing one is owed again as soon as it was made."""
    owed = ((name, each.owed()) for name, each in known.items())
    return tuple(policy.owed_by(asked[0], "assurance", "review.made", name, asked[1], asked[2]) for name, asked in owed if asked)


def gates(known: Known) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words."""
    return tuple(f"review {name} was promised and is not made" for name, each in known.items() if each.blocks)
