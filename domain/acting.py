"""Who may do what is asked, and on what: the mandate of the scheme in force, or a delegation that a decision gave their office.

A fact may be recorded by anybody in office. A step of a paper is its office's, which the room of approvals checks, and who
reads Part 2 or has it opened is checked by its room. Every other act needs an office that the scheme gives it to, or one to
which it was delegated, until the end of the delegation's last London day: by a decision of this grant over that instrument,
else by a standing delegation of the organisation. Each use cites it (DESIGN §6; R-72).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from domain.agreement import AcceptOffer, ExecuteAgreement
from domain.approval import UNMANDATED
from domain.between import Between
from domain.bidding import SubmitBid
from domain.calendar import day_of
from domain.changes import ApplyVariation
from domain.model import By, CommandBody, Event, Name, Refusal, Rule, Text
from domain.organisation import NO_MANDATE, NO_OFFICE, Organisation, StandingDelegation, may
from domain.policy import Policy
from domain.restricted import OWN, ReadRestricted
from domain.returns import CertifyReturn, SubmitReturn
from domain.terms import by_year

EXPIRED = Rule(
    "authority.delegation_expired",
    "{act} was delegated to {to} until {until}: {reference}.",
    "DESIGN §6: a delegation ends by its date; R-72",
    remedy="Ask one of the offices named, or have the delegation to {to} renewed by a decision.",
)
BEYOND = Rule(
    "authority.beyond_delegation",
    "{reference} lets {to} go up to {limit_pence}; this comes to {comes_to_pence}.",
    "DESIGN §6; R-72",
    remedy="Ask one of the offices named, or stay within {limit_pence}.",
)


class DelegationUsed(Event, wire="delegation.used", said="{act} rests on a delegation: {delegation}"):
    """An act rests on what a decision delegated; what it did stands in the events beside this one, which cite nothing themselves."""

    act: Name
    delegation: Text


def acting(body: CommandBody, by: By, between: Between) -> By | Refusal:
    """``by``, with the delegation that they rest on where the scheme itself does not give them the act; or why they may not.

    Who may read Part 2 neither by mandate nor by delegation may still have it opened to them, which its room tells.
    """
    found = _allowed(body, by, between)
    return by if isinstance(found, Refusal) and isinstance(body, ReadRestricted) else found


def _allowed(body: CommandBody, by: By, between: Between) -> By | Refusal:
    refused = _unauthorised(body, by, between)
    if refused is None:
        return by
    if body.kind == "fact" or refused.code == NO_MANDATE.code:
        return refused
    own = _delegated(body, by, between)
    return own if isinstance(own, By) else _by_standing(body, by, between) or own or refused


def cited(events: Iterable[Event], act: str, by: By) -> tuple[Event, ...]:
    """The use of a delegation as an event of its own, where an act rests on one and nothing that followed from it says so."""
    found = tuple(events)
    if not found or by.delegation is None or any(getattr(each, "delegation", None) for each in found):
        return ()
    return (DelegationUsed(act=act, delegation=by.delegation),)


def offices_of(by: By, act: str, organisation: Organisation, pence: int = 0) -> tuple[str, ...]:
    """The offices in which ``by`` acts now: those they hold, or, for somebody else, those in which they stand in for that act, so far."""
    return organisation.offices_of(by.actor, day_of(by.now)) if by.on_behalf_of is None else organisation.covered(by, act, pence)


def _unauthorised(body: CommandBody, by: By, between: Between) -> Refusal | None:
    organisation = between.organisation
    act, day = type(body).__name__, day_of(by.now)
    if body.kind == "fact":
        return None if offices_of(by, act, organisation) else NO_OFFICE.refuse(actor=by.actor, organisation=organisation.stream, day=day)
    if isinstance(body, (*get_args(UNMANDATED), *OWN)):
        return None
    policy = _policy(between)
    return may(by, act, policy, organisation, _whole(body, between)) if policy else None


def _policy(between: Between) -> Policy | None:
    """The policy that says who may: the one fixed into the grant; before it is opened, the organisation's own, which the opening would fix."""
    charter = between.organisation.charter
    return between.rooms.opening.policy or (charter.policy if charter else None)


def _mandated(act: str, by: By, between: Between) -> tuple[str, ...]:
    policy = _policy(between)
    return policy.mandated(act, day_of(by.now)) if policy else ()


def _delegated(body: CommandBody, by: By, between: Between) -> By | Refusal | None:
    """The act under the delegations that stand today; the refusal by the last one that has ended; null: some of it was never delegated to them."""
    act, day = type(body).__name__, day_of(by.now)
    money, pence = _money(body, between), _whole(body, between)
    mine = [each for each in between.delegations if each.reaches(money) and _theirs(each.to, by, act, between.organisation, pence)]
    found = [[each for each in mine if each.gives(act, names)] for names in _instruments(body, between) or ((),)]
    standing = [next((each for each in of_one if each.on(day)), None) for of_one in found]
    references = dict.fromkeys(str(each) for each in standing if each)
    if all(standing):
        offices = [office for each in standing if each for office in _theirs(each.to, by, act, between.organisation, pence)]
        return by.model_copy(update={"delegation": " and ".join(references), "office": offices[0]})
    lacking = next(of_one for of_one, stands in zip(found, standing, strict=True) if stands is None)
    ended = next((each for each in reversed(lacking) if each.until and each.until < day), None)
    who_could = _mandated(act, by, between)
    return EXPIRED.refuse(*who_could, act=act, to=ended.to, until=ended.until, reference=ended.reference) if ended else None


def _by_standing(body: CommandBody, by: By, between: Between) -> By | Refusal | None:
    """The act under a delegation that stands beyond this grant, as far as its limit goes; else by what the last one lacks; null: none gives it."""
    act, day, organisation, pence = type(body).__name__, day_of(by.now), between.organisation, _whole(body, between)
    given = organisation.charter.delegations if organisation.charter else ()
    mine = [(each, office) for each in given if act in each.acts and each.first <= day for office in _theirs(each.to, by, act, organisation, pence)]
    for each, office in mine:
        if each.on(day) and each.reaches(pence):
            return by.model_copy(update={"delegation": str(each), "office": office})
    return _short(mine[-1][0], act, by, pence, between) if mine else None


def _short(delegation: StandingDelegation, act: str, by: By, pence: int, between: Between) -> Refusal:
    who_could, to = _mandated(act, by, between), delegation.to
    if delegation.on(day_of(by.now)):
        return BEYOND.refuse(*who_could, reference=delegation.decision, to=to, limit_pence=delegation.limit_pence, comes_to_pence=pence)
    return EXPIRED.refuse(*who_could, act=act, to=to, until=delegation.last, reference=delegation.decision)


def _theirs(to: str, by: By, act: str, organisation: Organisation, pence: int) -> tuple[str, ...]:
    """The offices in which they act so far to which a delegation goes; decisions name them by id or title."""
    return tuple(office for office in offices_of(by, act, organisation, pence) if to in (office, organisation.title_of(office)))


def _instruments(body: CommandBody, between: Between) -> tuple[tuple[str, ...], ...]:
    """The instruments that an act is about, each by the names under which it may be delegated."""
    match body:
        case SubmitBid():
            return ((body.bid,),)
        case AcceptOffer():
            return ((body.offer,),)
        case ExecuteAgreement():
            return (tuple(each for each in (body.agreement, body.offer) if each),)
        case ApplyVariation():
            return ((body.variation,),)
        case CertifyReturn() | SubmitReturn():
            return _claimed_under(body.period, between)
        case _:
            return ()


def _whole(body: CommandBody, between: Between) -> int:
    """Whole pence that an act is about in all, as limits of a cover or of a standing delegation are held against it."""
    if not isinstance(body, SubmitBid):
        return sum(_money(body, between).values())
    bid = between.rooms.bid.bids.get(body.bid)
    return sum(bid.draft.application.caps_by_year.values()) if bid and bid.draft else 0


def _money(body: CommandBody, between: Between) -> Mapping[str, int]:
    """Whole pence by year that an act is about, which a delegation's own limit must reach; that of a bid is told where it is sent."""
    rooms = between.rooms
    match body:
        case AcceptOffer() if body.offer in rooms.agreement.offers:
            return rooms.agreement.offers[body.offer].received.caps_by_year
        case ExecuteAgreement():
            return by_year(body.lines)
        case ApplyVariation() if body.variation in rooms.variation.variations:
            return rooms.variation.variations[body.variation].received.net_by_year
        case CertifyReturn() | SubmitReturn() if (found := rooms.recovery.returns.get(body.period)) and found.prepared:
            return {found.opened.year: found.prepared.year_to_date_pence}
        case _:
            return {}


def _claimed_under(period: str, between: Between) -> tuple[tuple[str, ...], ...]:
    """Every instrument that a return claims under, a variation also by what it varies; of one that claims nothing, any that pays."""
    found, paying = between.rooms.recovery.returns.get(period), {each.name: each.names for each in between.instruments if each.pays}
    varied = {name: each.received.agreement for name, each in between.rooms.variation.variations.items()}
    claims = found.prepared.instruments if found and found.prepared else ()
    if not claims:
        return (tuple(name for names in paying.values() for name in names),)
    return tuple((*paying.get(name, (name,)), *((varied[name], *paying.get(varied[name], ())) if name in varied else ())) for name in claims)
