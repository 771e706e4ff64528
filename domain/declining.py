"""Offers that come to nothing: we decline one, or the funder takes it back. What it sought is sought no more.

Part of the room ``agreement``.
"""

from __future__ import annotations

from typing import Literal

from domain.calendar import StatedDate, day_of
from domain.exception import ExceptionRaised
from domain.model import By, CommandBody, Decision, Document, Event, Identifier, Refusal, Rule, Text
from domain.policy import Policy

TAKEN = Rule(
    "agreement.offer_taken",
    "Offer {offer} is taken up already.",
    "DESIGN §2, Offer",
    remedy="Leave it; what changes an accepted offer is a variation of its agreement.",
)
OVER = Rule(
    "agreement.offer_over",
    "Offer {offer} was {how}: {reason}.",
    "DESIGN §2, Offer",
    remedy="Ask the funder to offer again, and record that offer under an id of its own.",
)

STILL_TAKEN = "an offer both taken up and over"


class DeclineOffer(CommandBody, kind="act"):
    """We do not take the money; the reason is for the record."""

    offer: Identifier
    reason: Text
    documents: tuple[Document, ...] = ()


class RecordOfferWithdrawn(CommandBody, kind="fact"):
    """The funder took its offer back, or let it expire, on a date as stated."""

    offer: Identifier
    dated: StatedDate
    reason: Text
    documents: tuple[Document, ...] = ()


class OfferEnded(Event, wire="offer.ended", said="Offer {offer} {how}: {reason}", effective="ended"):
    """Nothing can come of the offer any more. ``delegation``: what allowed us to decline it; null where the funder withdrew it."""

    offer: Identifier
    how: Literal["declined", "withdrawn"]
    ended: StatedDate
    reason: Text
    delegation: Text | None
    documents: tuple[Document, ...]


Command = DeclineOffer | RecordOfferWithdrawn


def end(body: Command, before: OfferEnded | None, by: By, policy: Policy) -> Decision:
    """The end of an offer, once."""
    ended = _ended(body, by, policy)
    if before is None:
        return (ended,)
    aside = {"delegation", "ended"} if isinstance(body, DeclineOffer) else {"delegation"}
    return () if before.model_dump(exclude=aside) == ended.model_dump(exclude=aside) else over(before)


def over(ended: OfferEnded) -> Refusal:
    """Why nothing can be made of an offer that is over."""
    return OVER.refuse(offer=ended.offer, how=ended.how, reason=ended.reason)


def exception(offer: str, owner: str) -> ExceptionRaised:
    """It was taken up, and is said to be over: both are facts, and the signature stands."""
    return ExceptionRaised(exception=f"offer-over/{offer}", what=STILL_TAKEN, subject=offer, owner=owner, why=f"Offer {offer} was taken up, and is over.")


def _ended(body: Command, by: By, policy: Policy) -> OfferEnded:
    declined = isinstance(body, DeclineOffer)
    return OfferEnded(
        offer=body.offer,
        how="declined" if declined else "withdrawn",
        ended=day_of(by.now).isoformat() if isinstance(body, DeclineOffer) else body.dated,
        reason=body.reason,
        delegation=(by.delegation or policy.delegation("DeclineOffer", day_of(by.now))) if declined else None,
        documents=body.documents,
    )
