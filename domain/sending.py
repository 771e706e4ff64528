"""Whether a bid may be sent: in time to the minute, and with authority. Part of the room ``bid``.

Authority is a decision that approves the bid's amounts of every year, or a delegation of the final sign-off that has not
ended (a bid approved before it is written): to an office that the sender holds, up to an amount of every year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.bidding import Application
from domain.calendar import day_of
from domain.model import By, Instant, Refusal, Rule
from domain.policy import Policy
from domain.terms import beyond

TOO_LATE = Rule(
    "bid.too_late",
    "{fund} took bids until {closes}; bid {bid} would come at {at}.",
    "R-79: missing the date loses the money",
    remedy="Ask {fund} whether it takes a late bid; if it does, register the opportunity with its new date.",
)
NOT_AUTHORISED = Rule(
    "bid.not_authorised",
    "No decision authorises bid {bid}, and no delegation lets anybody send it.",
    "DESIGN §6; R-72; invariant 16",
    remedy="Draft and submit a paper that asks to approve bid {bid}, or record the decision that approved it.",
)
BEYOND_APPROVED = Rule(
    "bid.beyond_approved",
    "Bid {bid} asks for {asked_pence} in {year}; {approved_pence} is approved.",
    "DESIGN §6; invariant 16",
    remedy="Bid for no more than {approved_pence} in {year}, or have the higher bid approved by a paper.",
)
CHANGED = Rule(
    "bid.changed_since",
    "Bid {bid} was drafted anew for other things than {reference} approved.",
    "DESIGN §6: an edit of terms voids an approval",
    remedy="Take the bid as it is now through a new paper, or draft it again as it was approved.",
)
NOT_DELEGATED = Rule(
    "bid.not_delegated",
    "The sign-off of bid {bid} is delegated to {offices} by {reference}; {actor} holds none of these.",
    "R-72; invariant 18",
    remedy="Ask a holder of {offices} to send it.",
)
ENDED = Rule(
    "bid.delegation_expired",
    "The delegation of {reference} to sign off bid {bid} ended with {until}.",
    "DESIGN §6; invariant 18",
    remedy="Have the bid approved by a paper, or the delegation renewed.",
)
BEYOND_DELEGATION = Rule(
    "bid.beyond_delegation",
    "Bid {bid} asks for {asked_pence} in {year}; {reference} lets {office} sign off {approved_pence}.",
    "DESIGN §6; invariant 16",
    remedy="Bring the bid down to {approved_pence} in {year}, or take it to a decision of its own.",
)


@dataclass(frozen=True)
class SignOff:
    """The final sign-off of a bid, delegated to an office: up to whole pence by year.

    It counts from the London day ``first`` to the end of ``until`` (null: without end).
    """

    office: str
    first: date
    until: date | None
    pence: Mapping[str, int]
    reference: str
    words: str

    def begun(self, by: By) -> bool:
        """Whether its first day has come."""
        return self.first <= day_of(by.now)

    def ended(self, by: By) -> bool:
        """Whether its last day is over."""
        return self.until is not None and day_of(by.now) > self.until


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows.

    ``authorised`` is whole pence by instrument and year, with the ``decision_refs`` of the decisions, and ``authorised_at``
    when the record learnt of the latest (UTC); ``sign_offs`` are the delegations by bid; ``offices`` are those that the
    sender acts in now. ``exception_owner`` and ``discrepancy_owner`` answer for facts that break a rule or disagree.
    ``in_decision`` names what an undecided paper is about, ``offered`` the bids that an offer or an agreement has answered.
    """

    policy: Policy
    authorised: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    decision_refs: Mapping[str, str] = field(default_factory=dict)
    authorised_at: Mapping[str, datetime] = field(default_factory=dict)
    sign_offs: Mapping[str, tuple[SignOff, ...]] = field(default_factory=dict)
    offices: tuple[str, ...] = ()
    exception_owner: str = ""
    discrepancy_owner: str = ""
    in_decision: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Leave:
    """What lets a bid go: the decision's reference, and the delegation in words."""

    authorised_by: str
    delegation: str | None


def too_late(bid: Application, closes: Instant | None, at: Instant) -> Refusal | None:
    """Why a bid is not taken at an instant: its fund has closed, to the minute (London)."""
    return TOO_LATE.refuse(fund=bid.fund, closes=closes, bid=bid.bid, at=at) if closes and at > closes else None


def leave(bid: Application, approved_as: Application | None, by: By, given: Given) -> Leave | Refusal:
    """What lets the sender send this bid now, or why nothing does; ``approved_as``: how it was written when it was approved (null: it was not yet)."""
    approved = given.authorised.get(bid.bid)
    year = beyond(bid.caps_by_year, approved or {})
    changed = approved_as is not None and bid.beyond(approved_as)
    if approved and year is None and not changed:
        return Leave(given.decision_refs.get(bid.bid, bid.bid), by.delegation or given.policy.delegation("SubmitBid", day_of(by.now)))
    found = tuple(each for each in given.sign_offs.get(bid.bid, ()) if each.begun(by))
    if found:
        return _signed_off(bid, found, by, given)
    who_could = given.policy.deciders(day_of(by.now), sum(bid.caps_by_year.values()))
    if approved and year:
        return BEYOND_APPROVED.refuse(*who_could, bid=bid.bid, asked_pence=bid.caps_by_year[year], year=year, approved_pence=approved.get(year, 0))
    if approved:
        return CHANGED.refuse(*who_could, bid=bid.bid, reference=given.decision_refs.get(bid.bid, bid.bid))
    return NOT_AUTHORISED.refuse(*who_could, bid=bid.bid)


def _signed_off(bid: Application, found: tuple[SignOff, ...], by: By, given: Given) -> Leave | Refusal:
    """By the delegation that reaches furthest; else by what the last one lacks, the least lacking first."""
    who_decides = given.policy.deciders(day_of(by.now), sum(bid.caps_by_year.values()))
    standing = [each for each in found if not each.ended(by)]
    if not standing:
        return ENDED.refuse(*who_decides, reference=found[-1].reference, bid=bid.bid, until=found[-1].until)
    mine = [each for each in standing if each.office in given.offices]
    if not mine:
        offices = tuple(dict.fromkeys(each.office for each in standing))
        return NOT_DELEGATED.refuse(*offices, bid=bid.bid, offices=offices, reference=standing[-1].reference, actor=by.actor)
    enough = next((each for each in mine if beyond(bid.caps_by_year, each.pence) is None), None)
    return Leave(enough.reference, f"{enough.reference}: {enough.words}") if enough else _short(bid, mine[-1], who_decides)


def _short(bid: Application, found: SignOff, who_decides: tuple[str, ...]) -> Refusal:
    year = beyond(bid.caps_by_year, found.pence) or next(iter(bid.caps_by_year))
    return BEYOND_DELEGATION.refuse(
        *who_decides,
        bid=bid.bid,
        asked_pence=bid.caps_by_year[year],
        year=year,
        reference=found.reference,
        office=found.office,
        approved_pence=found.pence.get(year, 0),
    )
