"""Who may do what is asked, and on what: the mandate of the scheme in force, or a delegation that a decision gave their office.

A fact may be recorded by anybody in office. A step of a paper is its office's, which the room of approvals checks, and who
reads Part 2 or has it opened is checked by its room. Every other act needs an office that the scheme gives it to, or one to
which it was delegated over that instrument, until the end of the delegation's last London day (DESIGN §6; R-72).
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.agreement import AcceptOffer, ExecuteAgreement
from domain.authority import Delegation
from domain.between import Between
from domain.bidding import SubmitBid
from domain.calendar import day_of
from domain.changes import ApplyVariation
from domain.model import By, CommandBody, Refusal, Rule
from domain.organisation import NO_MANDATE, NO_OFFICE, Organisation, may
from domain.restricted import OWN
from domain.returns import CertifyReturn, SubmitReturn
from domain.saying import Saying
from domain.terms import by_year

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
    if isinstance(body, (Saying, *OWN)):
        return None
    policy = rooms.opening.policy or (organisation.charter.policy if organisation.charter else None)
    return may(by, act, policy, organisation) if policy else None


def _delegated(body: CommandBody, by: By, between: Between) -> By | Refusal | None:
    """The act under the delegations that stand today; the refusal by the last one that has ended; null: some of it was never delegated to them."""
    act, day = type(body).__name__, day_of(by.now)
    money = _money(body, between)
    mine = [each for each in between.delegations if each.reaches(money) and _is_theirs(each, by, act, between.organisation)]
    found = [[each for each in mine if each.gives(act, names)] for names in _instruments(body, between) or ((),)]
    standing = [next((each for each in of_one if each.on(day)), None) for of_one in found]
    cited = dict.fromkeys(str(each) for each in standing if each)
    if all(standing):
        return by.model_copy(update={"delegation": " and ".join(cited)})
    lacking = next(of_one for of_one, stands in zip(found, standing, strict=True) if stands is None)
    ended = next((each for each in reversed(lacking) if each.until and each.until < day), None)
    who_could = between.rooms.policy.mandated(act, day)
    return EXPIRED.refuse(*who_could, act=act, to=ended.to, until=ended.until, reference=ended.reference) if ended else None


def _is_theirs(delegation: Delegation, by: By, act: str, organisation: Organisation) -> bool:
    """Whether it goes to an office in which they act, which decisions name by its id or its title."""
    return any(delegation.to in (office, organisation.title_of(office)) for office in offices_of(by, act, organisation))


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
