"""Who may do what is asked, and on what: the mandate of the scheme in force, or a delegation that a decision gave their office.

A fact may be recorded by anybody in office. A step of a paper is its office's, which the room of approvals checks. Every
other act needs an office that the scheme gives it to, or one to which it was delegated over that instrument, until the end
of the delegation's last London day (DESIGN §6; R-72).
"""

from __future__ import annotations

from domain.agreement import AcceptOffer, ExecuteAgreement
from domain.authority import Delegation
from domain.between import Between
from domain.bidding import SubmitBid
from domain.calendar import day_of
from domain.changes import ApplyVariation
from domain.model import By, CommandBody, Refusal, Rule
from domain.organisation import NO_MANDATE, NO_OFFICE, Organisation, may
from domain.returns import CertifyReturn, SubmitReturn
from domain.saying import Saying

EXPIRED = Rule("authority.delegation_expired", "{act} was delegated to {to} until {until}: {reference}.", "DESIGN §6: a delegation ends by its date; R-72")


def acting(body: CommandBody, by: By, between: Between) -> By | Refusal:
    """``by``, with the delegation that they rest on where the scheme itself does not give them the act; or why they may not."""
    refused = _unauthorised(body, by, between)
    if refused is None:
        return by
    if body.kind == "fact" or refused.code == NO_MANDATE.code:
        return refused
    return _delegated(body, by, between) or refused


def offices_of(by: By, act: str, organisation: Organisation) -> tuple[str, ...]:
    """The offices in which ``by`` acts now: those they hold, or, for somebody else, those in which they stand in for that act."""
    return organisation.offices_of(by.actor, day_of(by.now)) if by.on_behalf_of is None else organisation.covered(by, act)


def _unauthorised(body: CommandBody, by: By, between: Between) -> Refusal | None:
    rooms, organisation = between.rooms, between.organisation
    act, day = type(body).__name__, day_of(by.now)
    if body.kind == "fact":
        return None if offices_of(by, act, organisation) else NO_OFFICE.refuse(actor=by.actor, organisation=organisation.stream, day=day)
    if isinstance(body, Saying):
        return None
    policy = rooms.opening.policy or (organisation.charter.policy if organisation.charter else None)
    return may(by, act, policy, organisation) if policy else None


def _delegated(body: CommandBody, by: By, between: Between) -> By | Refusal | None:
    """The act under the delegation that stands today; the refusal by the last one that has ended; null: there was none."""
    act, day = type(body).__name__, day_of(by.now)
    found = [each for each in between.delegations if each.gives(act, _instruments(body, between)) and _is_theirs(each, by, act, between.organisation)]
    standing = next((each for each in found if each.on(day)), None)
    if standing:
        return by.model_copy(update={"delegation": str(standing)})
    ended = next((each for each in reversed(found) if each.until and each.until < day), None)
    who_could = between.rooms.policy.mandated(act, day)
    return EXPIRED.refuse(*who_could, act=act, to=ended.to, until=ended.until, reference=ended.reference) if ended else None


def _is_theirs(delegation: Delegation, by: By, act: str, organisation: Organisation) -> bool:
    """Whether it goes to an office in which they act, which decisions name by its id or its title."""
    return any(delegation.to in (office, organisation.title_of(office)) for office in offices_of(by, act, organisation))


def _instruments(body: CommandBody, between: Between) -> tuple[str, ...]:
    """The instruments that an act is about; a return is about every one that pays."""
    match body:
        case SubmitBid():
            return (body.bid,)
        case AcceptOffer():
            return (body.offer,)
        case ExecuteAgreement():
            return tuple(each for each in (body.agreement, body.offer) if each)
        case ApplyVariation():
            return (body.variation,)
        case CertifyReturn() | SubmitReturn():
            return tuple(name for each in between.instruments if each.pays for name in each.names)
        case _:
            return ()
