"""Offers and agreements: what the funder offers, what we accept, what both have signed.

A signature that exists is a fact: it is recorded, with an exception where no decision covers it. Signing now is an act,
refused without a decision that covers every year (DESIGN §6). Authority is looked up each time, so a later ratification
changes nothing here: an instrument's own events stay as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from domain import declining
from domain.agreement_rules import BEYOND_APPROVED, CAPS_DISAGREE, DIFFERS, NOT_AUTHORISED, OFFER_UNKNOWN
from domain.calendar import StatedDate, YearLabel, day_of
from domain.declining import DeclineOffer, OfferEnded, RecordOfferWithdrawn
from domain.exception import LATE_APPROVAL, ExceptionRaised
from domain.model import SYSTEM, By, Cap, CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Name, Past, Refusal, Text
from domain.policy import Policy
from domain.provisions import Provisions, disagrees, other_sum, stated_in
from domain.terms import beyond, by_year, covering

# What can be asked for ------------------------------------------------------------------------------------------------


class ReceiveOffer(CommandBody, Provisions, kind="fact"):
    """An offer of grant came in; ``answer_by`` is the day by which the funder wants an answer, null where it names none.

    ``bid`` is the bid that it answers, null where none was made.
    """

    offer: Identifier
    received: StatedDate
    answer_by: date | None = None
    bid: Identifier | None = None


class AcceptOffer(CommandBody, kind="act"):
    """Accept an offer now. An offer never changes once recorded, so its id binds its content."""

    offer: Identifier
    documents: tuple[Document, ...] = ()


class RecordAcceptance(CommandBody, kind="fact"):
    """An offer has been accepted already; ``signed_by`` is the name as the source states it."""

    offer: Identifier
    accepted: StatedDate
    signed_by: Name | None = None
    documents: tuple[Document, ...] = ()


class RecordExecution(CommandBody, Provisions, kind="fact"):
    """An agreement has been signed already; ``offer`` is the one that it puts in writing, null where none was recorded.

    ``bid`` is the bid that it answers where no offer came between.
    """

    agreement: Identifier
    executed: StatedDate
    offer: Identifier | None = None
    bid: Identifier | None = None
    signed_by: Name | None = None


class ExecuteAgreement(CommandBody, Provisions, kind="act"):
    """Sign an agreement now; the command carries all that it says."""

    agreement: Identifier
    offer: Identifier | None = None
    bid: Identifier | None = None


Command = ReceiveOffer | AcceptOffer | RecordAcceptance | RecordExecution | ExecuteAgreement | declining.Command

# What can have happened -----------------------------------------------------------------------------------------------


class OfferReceived(Event, Provisions, wire="offer.received", said="Offer {offer} received: up to {cap_pence}", effective="received"):
    """Money is sought, beside the cap. Caps are whole pence: the whole, and by financial year."""

    offer: Identifier
    received: StatedDate
    answer_by: date | None
    cap_pence: Cap
    caps_by_year: dict[YearLabel, Cap]
    bid: Identifier | None = None


class OfferAccepted(Event, wire="offer.accepted", said="Offer {offer} accepted: up to {cap_pence}", effective="accepted"):
    """The offer is in force; ``authorised_by`` is the decision that covers it, null where none did at the time.

    ``delegation``: what allowed us to sign now; null where the signature was a fact already.
    """

    offer: Identifier
    accepted: StatedDate
    cap_pence: Cap
    authorised_by: Name | None
    signed_by: Name | None
    delegation: Text | None
    documents: tuple[Document, ...]


class AgreementExecuted(Event, Provisions, wire="agreement.executed", said="Agreement {agreement} executed: up to {cap_pence}", effective="executed"):
    """The agreement is in force; ``authorised_by`` is the decision that covers it, null where none did at the time.

    ``delegation``: what allowed us to sign now; null where the signature was a fact already.
    """

    agreement: Identifier
    executed: StatedDate
    offer: Identifier | None
    cap_pence: Cap
    caps_by_year: dict[YearLabel, Cap]
    authorised_by: Name | None
    signed_by: Name | None
    delegation: Text | None
    bid: Identifier | None = None


Happened = OfferReceived | OfferAccepted | OfferEnded | AgreementExecuted
DUTIES = (DutyWords(name="offer.accepted", words="{owner} accepts offer {subject}, or declines it"),)

# Where offers and agreements stand ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """An offer as received, the instants (UTC) at which we learnt of it and of its end, and its acceptance (null: open)."""

    received: OfferReceived
    recorded: datetime
    accepted: OfferAccepted | None = None
    ended: OfferEnded | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Agreement:
    """An agreement as executed, and the instant (UTC) at which we learnt of it."""

    executed: AgreementExecuted
    recorded: datetime


@dataclass(frozen=True)
class State:
    """Offers and agreements by their ids, in the order in which they were recorded."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)

    @property
    def bids_answered(self) -> frozenset[str]:
        """The bids that an offer or an agreement answers."""
        offered = (each.received.bid for each in self.offers.values())
        executed = (each.executed.bid for each in self.agreements.values())
        return frozenset(bid for bid in (*offered, *executed) if bid)

    def over(self, offer: str) -> OfferEnded | None:
        """How an offer that nobody took up came to nothing; null: it did not."""
        found = self.offers.get(offer)
        return found.ended if found and not found.accepted and not self.agreements_after(offer) else None

    def agreements_after(self, offer: str) -> tuple[str, ...]:
        """The agreements that put an offer in writing: from then on they stand for it."""
        return tuple(name for name, each in self.agreements.items() if each.executed.offer == offer)

    def under_offer(self, executed: AgreementExecuted) -> dict[str, int]:
        """Whole pence by year of the agreements that put its offer in writing, in the order in which they were recorded, up to this one."""
        names = self.agreements_after(executed.offer) if executed.offer else ()
        before = names[: names.index(executed.agreement)] if executed.agreement in names else names
        of_offer = (*(self.agreements[name].executed for name in before), executed)
        return by_year(line for each in of_offer for line in each.lines)


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: pence authorised by instrument and year, the decisions' references, who owns an exception.

    ``in_decision`` names the instruments that a paper is under way for: whoever has its next step is waited on instead.
    ``discrepancy_owner`` is the office that resolves a discrepancy.
    """

    policy: Policy
    authorised: Mapping[str, Mapping[str, int]]
    decision_refs: Mapping[str, str]
    exception_owner: str
    in_decision: frozenset[str] = frozenset()
    discrepancy_owner: str = SYSTEM


@dataclass(frozen=True)
class Signature:
    """Something of ours to be signed: its id, its caps by year under each name that it may be authorised by, whether we sign now."""

    instrument: str
    caps: Mapping[str, Mapping[str, int]]
    now: bool


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from an offer, an acceptance or a signature."""
    match body:
        case ReceiveOffer():
            return _receive(body, state, given)
        case AcceptOffer() | RecordAcceptance():
            return _accept(body, state, by, given)
        case RecordExecution() | ExecuteAgreement():
            return _execute(body, state, by, given)
        case DeclineOffer() | RecordOfferWithdrawn():
            return _end(body, state, by, given)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """Offers and agreements after one of their events."""
    match past.body:
        case OfferReceived() as received:
            return replace(state, offers={**state.offers, received.offer: Offer(received, past.recorded)})
        case OfferAccepted() as accepted:
            return replace(state, offers={**state.offers, accepted.offer: replace(state.offers[accepted.offer], accepted=accepted)})
        case OfferEnded() as ended:
            known = state.offers[ended.offer]
            return replace(state, offers={**state.offers, ended.offer: replace(known, ended=ended, ended_at=past.recorded)})
        case AgreementExecuted() as executed:
            return replace(state, agreements={**state.agreements, executed.agreement: Agreement(executed, past.recorded)})
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """An offer waits for its acceptance, or to be declined, unless a paper about it is under way."""
    return tuple(
        duty
        for name, offer in state.offers.items()
        if not (offer.accepted or offer.ended) and not state.agreements_after(name) and name not in given.in_decision
        for duty in given.policy.owed("agreement", "offer.accepted", name, offer.recorded, offer.received.answer_by)
    )


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room answers alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room answers alike)
    """Nothing here binds what may change: a recorded offer never does, and an agreement is in the command itself."""
    return None


def _receive(body: ReceiveOffer, state: State, given: Given) -> Decision:
    caps = by_year(body.lines)
    received = OfferReceived(
        **stated_in(body), offer=body.offer, received=body.received, answer_by=body.answer_by, bid=body.bid, cap_pence=sum(caps.values()), caps_by_year=caps
    )
    if known := state.offers.get(body.offer):
        return () if known.received == received else DIFFERS.refuse(instrument=body.offer)
    return _clash(body.offer, state.agreements) or (received, *disagrees(body.offer, body, given.discrepancy_owner))


def _accept(body: AcceptOffer | RecordAcceptance, state: State, by: By, given: Given) -> Decision:
    offer = state.offers.get(body.offer)
    if offer is None:
        return OFFER_UNKNOWN.refuse(offer=body.offer)
    stated = body if isinstance(body, RecordAcceptance) else None
    if (ended := state.over(body.offer)) and not stated:
        return declining.over(ended)
    names = (body.offer, *state.agreements_after(body.offer))
    if not stated and not offer.accepted and len(names) > 1:
        return ()
    signature = Signature(body.offer, dict.fromkeys(names, offer.received.caps_by_year), now=stated is None)
    accepted = OfferAccepted(
        offer=body.offer,
        accepted=stated.accepted if stated else day_of(by.now).isoformat(),
        cap_pence=offer.received.cap_pence,
        authorised_by=_decision(signature, given),
        signed_by=stated.signed_by if stated else None,
        delegation=None if stated else by.delegation or given.policy.delegation("AcceptOffer", day_of(by.now)),
        documents=body.documents,
    )
    signed = _sign(accepted, offer.accepted, signature, by, given)
    return signed if isinstance(signed, Refusal) or not signed else (*signed, *_after_end(body.offer, state, given))


def _execute(body: RecordExecution | ExecuteAgreement, state: State, by: By, given: Given) -> Decision:
    stated = body if isinstance(body, RecordExecution) else None
    caps = by_year(body.lines)
    executed = AgreementExecuted(
        **stated_in(body),
        agreement=body.agreement,
        executed=stated.executed if stated else day_of(by.now).isoformat(),
        offer=body.offer,
        bid=body.bid,
        cap_pence=sum(caps.values()),
        caps_by_year=caps,
        authorised_by=None,
        signed_by=stated.signed_by if stated else None,
        delegation=None if stated else by.delegation or given.policy.delegation("ExecuteAgreement", day_of(by.now)),
    )
    under = {body.offer: state.under_offer(executed)} if body.offer else {}
    signature = Signature(body.agreement, {body.agreement: caps, **under}, now=stated is None)
    executed = executed.model_copy(update={"authorised_by": _decision(signature, given)})
    before = state.agreements.get(body.agreement)
    refused = _clash(body.agreement, state.offers) or _unknown(body.offer, state) or _sums_refused(body)
    if body.offer and (ended := state.over(body.offer)) and not stated:
        refused = refused or declining.over(ended)
    signed = refused or _sign(executed, before.executed if before else None, signature, by, given)
    return (
        signed
        if isinstance(signed, Refusal) or not signed
        else (*signed, *disagrees(body.agreement, body, given.discrepancy_owner), *_after_end(body.offer, state, given))
    )


def _end(body: declining.Command, state: State, by: By, given: Given) -> Decision:
    """What is taken up is not declined; that the funder takes it back all the same is a fact, with an exception."""
    offer = state.offers.get(body.offer)
    if offer is None:
        return OFFER_UNKNOWN.refuse(offer=body.offer)
    taken = bool(offer.accepted or state.agreements_after(body.offer))
    if taken and isinstance(body, DeclineOffer):
        return declining.TAKEN.refuse(offer=body.offer)
    ended = declining.end(body, offer.ended, by, given.policy)
    return (*ended, declining.exception(body.offer, given.exception_owner)) if taken and ended and not isinstance(ended, Refusal) else ended


def _sign(signed: OfferAccepted | AgreementExecuted, before: Event | None, signature: Signature, by: By, given: Given) -> Decision:
    if before:
        aside = {"authorised_by", "accepted", "executed", "signed_by", "delegation"} if signature.now else {"authorised_by"}
        same = before.model_dump(exclude=aside) == signed.model_dump(exclude=aside)
        return () if same else DIFFERS.refuse(instrument=signature.instrument)
    lacking = _lacking(signature, by, given)
    if signature.now:
        return lacking or (signed,)
    return (signed, _late(signature, lacking.why, given)) if lacking else (signed,)


def _lacking(signature: Signature, by: By, given: Given) -> Refusal | None:
    found = [(name, given.authorised[name]) for name in signature.caps if name in given.authorised]
    short = [(name, approved, year) for name, approved in found if (year := beyond(signature.caps[name], approved))]
    if len(short) < len(found):
        return None
    who_could = given.policy.deciders(day_of(by.now), sum(signature.caps[signature.instrument].values()))
    if not short:
        return NOT_AUTHORISED.refuse(*who_could, instrument=signature.instrument)
    name, approved, year = short[0]
    figures = {"cap_pence": signature.caps[name][year], "approved_pence": approved.get(year, 0)}
    return BEYOND_APPROVED.refuse(*who_could, instrument=signature.instrument, year=year, **figures)


def _late(signature: Signature, why: str, given: Given) -> ExceptionRaised:
    name = signature.instrument
    return ExceptionRaised(exception=f"late-approval/{name}", what=LATE_APPROVAL, subject=name, owner=given.exception_owner, why=why)


def _decision(signature: Signature, given: Given) -> str | None:
    name = next((name for name, caps in signature.caps.items() if covering(caps, (name,), given.authorised)), None)
    return given.decision_refs.get(name) if name else None


def _clash(name: str, others: Mapping[str, object]) -> Refusal | None:
    return DIFFERS.refuse(instrument=name) if name in others else None


def _after_end(offer: str | None, state: State, given: Given) -> tuple[Event, ...]:
    return (declining.exception(offer, given.exception_owner),) if offer and state.over(offer) else ()


def _unknown(offer: str | None, state: State) -> Refusal | None:
    return OFFER_UNKNOWN.refuse(offer=offer) if offer and offer not in state.offers else None


def _sums_refused(body: RecordExecution | ExecuteAgreement) -> Refusal | None:
    """What is signed already is recorded as it is; what we sign now must agree with itself."""
    if isinstance(body, RecordExecution) or (summed := other_sum(body)) is None:
        return None
    return CAPS_DISAGREE.refuse(instrument=body.agreement, stated_pence=body.stated_cap_pence, sum_pence=summed)
