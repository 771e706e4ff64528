"""What can be asked of bids, what can have happened to them, and where they stand. Part of the room ``bid``.

A bid asks a fund for money. Its approval lets it be sent; it never authorises acceptance or spend (invariant 15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Self

from pydantic import model_validator

from domain.calendar import StatedDate, YearLabel, last_day_of
from domain.evidence import canonical, digest
from domain.model import Cap, CommandBody, Digest, Document, Event, Frozen, Identifier, Instant, Name, Text, fields_of
from domain.money import Stated
from domain.terms import CapLines, by_year

Outcome = Literal["won", "won_lower", "lost"]

# What can be asked for ------------------------------------------------------------------------------------------------


class Call(Frozen):
    """A fund that can be bid to. ``aliases`` are other names that the papers give the same fund (G9).

    ``closes`` is the instant (UTC) of the last minute in which a bid is taken; null: none is stated.
    """

    opportunity: Identifier
    fund: Name
    aliases: tuple[Name, ...] = ()
    closes: Instant | None = None
    documents: tuple[Document, ...] = ()


class RegisterOpportunity(CommandBody, Call, kind="fact"):
    """A funder invites bids. Registered again (the deadline was moved), the later word counts."""


class Application(Frozen):
    """What a bid asks for: which fund, how much by line and year (whole pence), stated how exactly.

    ``opportunity`` null: the fund took it without a call that we know of.
    """

    bid: Identifier
    opportunity: Identifier | None = None
    fund: Name
    aliases: tuple[Name, ...] = ()
    lines: CapLines
    stated: Stated = "penny"
    documents: tuple[Document, ...] = ()

    @property
    def caps_by_year(self) -> dict[str, int]:
        """What it asks for by financial year, in whole pence."""
        return by_year(self.lines)

    def beyond(self, approved: Application) -> bool:
        """Whether it is another bid than was approved: to another fund, or for what no line of that one named. Amounts are matched by year."""
        lines, known = ({each.model_copy(update={"pence": 0}) for each in one.lines} for one in (self, approved))
        return (self.opportunity, self.fund) != (approved.opportunity, approved.fund) or not lines <= known

    def application(self) -> Application:
        """The application alone, without what a command or event says around it."""
        return Application(**fields_of(self, Application))

    def digest(self) -> str:
        """SHA-256 of the canonical bytes of the application: what a reader of this bid has seen."""
        return digest(canonical(self.application().model_dump(mode="json")))


class DraftBid(CommandBody, Application, kind="act"):
    """Write a bid, or write it anew: until it is submitted, each time is another edition."""


class SubmitBid(CommandBody, kind="act", binds=True):
    """Send the bid now, exactly as it was last drafted."""

    bid: Identifier


class RecordSubmission(CommandBody, Application, kind="fact"):
    """A bid has been sent already, with this content; ``sent_by`` is the name as the source states it."""

    submitted: StatedDate
    sent_by: Name | None = None


class RecordBidOutcome(CommandBody, kind="fact"):
    """What the funder made of a bid: won, won below the bid (``pence`` by financial year, whole), or lost."""

    bid: Identifier
    outcome: Outcome
    pence: Mapping[YearLabel, Cap] | None = None
    dated: StatedDate
    reason: Text | None = None
    documents: tuple[Document, ...] = ()

    @model_validator(mode="after")
    def _amount_where_lower(self) -> Self:
        if (self.outcome == "won_lower") != (self.pence is not None):
            message = "an amount is given where the bid is won below what it asks, and only there"
            raise ValueError(message)
        return self


class WithdrawBid(CommandBody, kind="act"):
    """Take a bid back, sent or not: nothing is sought by it any more."""

    bid: Identifier
    reason: Text


Command = RegisterOpportunity | DraftBid | SubmitBid | RecordSubmission | RecordBidOutcome | WithdrawBid

# What can have happened -----------------------------------------------------------------------------------------------


class OpportunityRegistered(Event, Call, wire="opportunity.registered", said="Opportunity {opportunity}: {fund} takes bids until {closes}"):
    """A fund can be bid to."""


class BidDrafted(Event, Application, wire="bid.drafted", said="Bid {bid} to {fund} drafted, edition {edition}: {asked_pence}"):
    """A bid as written; the first edition is 1. Whole pence."""

    edition: int
    asked_pence: Cap


class BidSubmitted(Event, Application, wire="bid.submitted", said="Bid {bid} to {fund} submitted: {asked_pence}", effective="submitted"):
    """Money is sought, beside the cap, never inside it.

    ``content`` is the digest of what was sent; ``authorised_by`` the decision that let it go (null: none did);
    ``delegation`` what allowed it to be sent; ``already``: it had been sent before it was recorded, a fact.
    """

    submitted: StatedDate
    content: Digest
    asked_pence: Cap
    authorised_by: Name | None
    delegation: Text | None
    sent_by: Name | None
    already: bool = False


class BidAnswered(Event, wire="bid.answered", said="Bid {bid} answered ({outcome}): {awarded_pence}", effective="dated"):
    """What became of a bid. ``awarded_pence`` is what the funder means to offer, whole pence, in sum and by year."""

    bid: Identifier
    outcome: Outcome
    awarded_pence: Cap
    awarded_by_year: dict[YearLabel, Cap]
    dated: StatedDate
    reason: Text | None
    documents: tuple[Document, ...]


class BidWithdrawn(Event, wire="bid.withdrawn", said="Bid {bid} withdrawn: {reason}"):
    """We seek nothing by it any more."""

    bid: Identifier
    reason: Text


Happened = OpportunityRegistered | BidDrafted | BidSubmitted | BidAnswered | BidWithdrawn

# Where bids stand -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """The application as last written: its edition, its digest, and when it was recorded (UTC)."""

    application: Application
    edition: int
    content: str
    recorded: datetime


@dataclass(frozen=True)
class Submission:
    """The bid as it was sent, and when the record learnt of it (UTC)."""

    submitted: BidSubmitted
    recorded: datetime


@dataclass(frozen=True)
class Answer:
    """What the funder made of it, and when the record learnt of it (UTC)."""

    answered: BidAnswered
    recorded: datetime


@dataclass(frozen=True)
class Withdrawal:
    """Why it was taken back, and when (UTC)."""

    reason: str
    recorded: datetime


@dataclass(frozen=True)
class Bid:
    """One bid: drafted (null: it was first heard of as sent), sent, answered, withdrawn (null: not yet); ``earlier`` are its older drafts."""

    bid: str
    draft: Draft | None = None
    earlier: tuple[Draft, ...] = ()
    submission: Submission | None = None
    answer: Answer | None = None
    withdrawal: Withdrawal | None = None

    @property
    def application(self) -> Application | None:
        """What it asks for: as sent, else as last written; null: the record knows only its outcome."""
        if self.submission:
            return self.submission.submitted.application()
        return self.draft.application if self.draft else None

    def drafted_by(self, at: datetime | None) -> Application | None:
        """What it asked for at an instant (UTC); null: it was not written then, or no instant is asked for."""
        known = [each for each in (*self.earlier, self.draft) if each and at and each.recorded <= at]
        return known[-1].application if known else None

    @property
    def lost(self) -> bool:
        """Whether the funder declined it."""
        return self.answer is not None and self.answer.answered.outcome == "lost"

    @property
    def over(self) -> bool:
        """Whether nothing can come of it any more."""
        return self.lost or self.withdrawal is not None

    @property
    def over_at(self) -> datetime | None:
        """When the record learnt that nothing can come of it any more (UTC); null: something may."""
        known = [each.recorded for each in (self.withdrawal, self.answer if self.lost else None) if each]
        return min(known, default=None)

    @property
    def won_on(self) -> date | None:
        """The day on which the funder said yes, to all or less; null: it did not."""
        return last_day_of(self.answer.answered.dated) if self.answer and not self.lost else None


@dataclass(frozen=True)
class State:
    """Opportunities and bids by their ids, in the order in which they were recorded."""

    opportunities: Mapping[str, OpportunityRegistered] = field(default_factory=dict)
    bids: Mapping[str, Bid] = field(default_factory=dict)

    def closes(self, application: Application) -> Instant | None:
        """The last instant (UTC) at which the bid is taken; null: none is known."""
        call = self.opportunities.get(application.opportunity) if application.opportunity else None
        return call.closes if call else None
