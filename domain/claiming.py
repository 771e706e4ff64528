"""From recorded cost to a submitted claim: preparing, certifying and submitting a return. Part of the room ``recovery``.

Nothing here judges a cost: it sums the answers of ``domain.eligibility.fate``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from domain.books import NO_RETURN, Given, State, once, submitted_claims
from domain.calendar import day_of
from domain.eligibility import Excluded, Fate, Held, Included, Share, holders, shares
from domain.model import By, Decision, Refusal, Rule, said
from domain.returns import CertifyReturn, Claimed, LeftOut, PrepareReturn, Return, ReturnCertified, ReturnPrepared, ReturnSubmitted, SubmitReturn

SUBMITTED = Rule(
    "recovery.already_submitted",
    "The return for {period} was submitted already.",
    "Invariant 22: one live return each period",
    remedy="Wait for the funder's answer; what was left out goes into the next return.",
)
UNKNOWN_COST = Rule("recovery.unknown_cost", "No cost {key} is recorded.", "DESIGN §7", remedy="Correct the key, or record the cost with RecordCosts first.")
EXCLUDED = Rule(
    "recovery.excluded_cost",
    "{key} cannot be claimed: {why}.",
    "R-12, R-41, R-42; invariants 7 and 8",
    remedy="Leave {key} out of the return; it is shown there as excluded.",
)
HELD = Rule(
    "recovery.held_cost",
    "{key} cannot be claimed yet: {why}.",
    "DESIGN §7: each penny at most once",
    remedy="Leave {key} out for now; settle what holds it, and claim it in a later return.",
)
CHARGE = Rule(
    "recovery.charge_not_claimable",
    "{key} cannot be claimed: {why}.",
    "R-43; invariant 27: tasked, of a named body, an allowed kind, counted once",
    remedy="Leave {key} out of the return; its body bears it unless the funder agrees to pay.",
)
NOT_ACCEPTED = Rule(
    "recovery.not_accepted",
    "{key} cannot be claimed: {why}.",
    "R-11; invariant 15: an offer is no authority to spend",
    remedy="Have the offer accepted, or the agreement executed, with authority; until then the cost is at risk.",
)
CLAIMED_ALREADY = Rule(
    "recovery.already_claimed", "{key} is claimed already, in {where}.", "DESIGN §4.8, §7: each penny at most once", remedy="Leave {key} out of this return."
)
ABOVE_CAP = Rule(
    "recovery.above_cap",
    "{claim_pence} is above the cap of {full}: at most {most_pence} can be claimed in all.",
    "R-11; invariant 5",
    remedy="Claim at most {most_pence}, or have a variation raise the cap first.",
)
ABOVE_COST = Rule(
    "recovery.above_cost",
    "{claim_pence} is more than the eligible cost: at most {most_pence} can be claimed.",
    "R-11; invariant 5",
    remedy="Claim at most {most_pence}; cost that is missing is recorded first, with RecordCosts.",
)
NOT_PREPARED = Rule("recovery.not_prepared", "The return for {period} is not prepared.", "R-60; B7", remedy="Ask one of the offices named to prepare it.")
OVERTAKEN = Rule(
    "recovery.preparation_overtaken",
    "{key} cannot be claimed any more as {period} was prepared: prepare it again.",
    "DESIGN §7; invariant 5",
    remedy="Prepare the return for {period} again, and have it certified again.",
)
OWN_PREPARATION = Rule(
    "duty.own_preparation",
    "Whoever prepared the return for {period} does not certify it.",
    "DESIGN §6; invariant 19",
    remedy="Ask somebody in an office named who did not prepare it.",
)
NOT_CERTIFIED = Rule(
    "recovery.not_certified", "The return for {period} is not certified.", "G4; invariant 19", remedy="Ask one of the offices named to certify it."
)
UNAUTHORISED = Rule(
    "recovery.unauthorised",
    "{instruments} must be approved or ratified before {period} is submitted.",
    "DESIGN §6; invariant 16",
    remedy="Take a paper that approves or ratifies {instruments} to whoever decides it, then submit.",
)

BEYOND_APPROVED = Rule(
    "recovery.beyond_approved",
    "With {period}, {claimed_pence} would be claimed in {year}; {approved_pence} is approved, since a later decision lowered it.",
    "DESIGN §6; invariant 16",
    remedy="Claim no more than {approved_pence} in {year}, or have more approved by a paper.",
)


@dataclass(frozen=True)
class _Offer:
    """What could go into one return: shares of the costs asked for, and of all others of the year up to the period's end."""

    asked: tuple[Share, ...]
    others: tuple[Share, ...]

    def most(self) -> int:
        """Eligible, under the caps, in no return: whole pence."""
        return sum(each.pence for each in self.asked if each.open_to_claim)

    def eligible(self) -> int:
        """Eligible whether or not the cap has room for it."""
        return self.most() + sum(each.pence for each in self.asked if each.above_cap)

    def full_line(self) -> tuple[str, int] | None:
        """The first line whose cap is too small for what is asked of it, and what it has left for that in whole pence; null: none is."""
        name = next((each.cost.line for each in self.asked if each.above_cap), None)
        return (name, sum(each.pence for each in self.asked if each.open_to_claim and each.cost.line == name)) if name else None


def prepare(body: PrepareReturn, state: State, by: By, given: Given) -> Decision:
    """A return of eligible cost under the cap; or why a cost asked for, or the sum, cannot be claimed."""
    found = _unsubmitted(body.period, state)
    if isinstance(found, Refusal):
        return found
    found_shares = shares(state, given.terms, without=body.period, first=_asked(body, found, state))
    refused = _cannot_include(body, found, found_shares, state, by, given)
    if refused:
        return refused
    offer = _offer(body, found, found_shares)
    claim = offer.eligible() if body.claim_pence is None else body.claim_pence
    room = _room(found, found_shares, state, given)
    prepared = _too_much(claim, offer, room, found, by, given) or _prepared(found, claim, offer, state, given)
    if isinstance(prepared, Refusal):
        return prepared
    return () if prepared == found.prepared else (prepared,)


def certify(body: CertifyReturn, state: State, by: By, given: Given) -> Decision:
    """The certificate of exactly this preparation, by somebody else than its preparer."""
    found = _unsubmitted(body.period, state)
    if isinstance(found, Refusal):
        return found
    if found.prepared is None or found.content is None:
        return NOT_PREPARED.refuse(*given.may(by, "PrepareReturn"), period=body.period)
    refused = _own_preparation(found, by, given) or _overtaken(found, state, by, given)
    if refused:
        return refused
    delegation = by.delegation or given.policy.delegation("CertifyReturn", day_of(by.now))
    certified = ReturnCertified(period=body.period, claim_pence=found.prepared.claim_pence, content=found.content, delegation=delegation)
    return () if found.certified_at else (certified,)


def submit(body: SubmitReturn, state: State, by: By, given: Given) -> Decision:
    """The certified claim goes to the funder, if every instrument that it claims under is approved."""
    found = state.returns.get(body.period)
    if found is None:
        return NO_RETURN.refuse(period=body.period)
    if found.submitted:
        return ()
    if found.prepared is None:
        return NOT_PREPARED.refuse(*given.may(by, "PrepareReturn"), period=body.period)
    submitted = _submitted(found, found.prepared, state, by, given)
    refused = _unauthorised(found.prepared, by, given) or _beyond_approved(found, state, by, given)
    return refused or _not_ready(found, state, by, given) or _taken(submitted, by, given) or (submitted,)


def _unsubmitted(period: str, state: State) -> Return | Refusal:
    found = state.returns.get(period)
    if found is None:
        return NO_RETURN.refuse(period=period)
    return SUBMITTED.refuse(period=period) if found.submitted else found


# Preparing --------------------------------------------------------------------------------------------------------------


def _asked(body: PrepareReturn, found: Return, state: State) -> frozenset[str]:
    if body.include is not None:
        return frozenset(body.include)
    return frozenset(key for key, cost in state.costs.items() if found.opened.window.last >= cost.incurred)


def _cannot_include(body: PrepareReturn, found: Return, found_shares: Iterable[Share], state: State, by: By, given: Given) -> Refusal | None:
    by_key: dict[str, list[Share]] = {}
    for share in found_shares:
        by_key.setdefault(share.cost.key, []).append(share)
    for key in body.include or ():
        if key not in state.costs:
            return UNKNOWN_COST.refuse(key=key)
        refusals = [_share_refused(share, found, by, given) for share in by_key.get(key, [])]
        if refusals and all(refusals):
            return refusals[0]
    return None


def _share_refused(share: Share, found: Return, by: By, given: Given) -> Refusal | None:
    key, day, opened = share.cost.key, share.cost.incurred, found.opened
    match share.fate:
        case Included(period=str() as period):
            return CLAIMED_ALREADY.refuse(key=key, where=f"the return for {period}")
        case Held(reason="not_accepted", why=why):
            return NOT_ACCEPTED.refuse(*given.may(by, "AcceptOffer", "ExecuteAgreement", "ApplyVariation"), key=key, why=why)
        case Held(reason="only_bid", why=why):
            return NOT_ACCEPTED.refuse(key=key, why=why)
        case Held(reason="no_tasking", why=why) | Excluded(reason="outside_tasking" | "charged_twice" | "hours", why=why):
            return CHARGE.refuse(key=key, why=why)
        case Held(why=why):
            return HELD.refuse(key=key, why=why)
        case Excluded(why=why) if not share.above_cap:
            return EXCLUDED.refuse(key=key, why=why)
    if share.year != opened.year:
        return EXCLUDED.refuse(key=key, why=f"incurred on {day}, in {share.year} and not in {opened.year}")
    if day > opened.window.last:
        return HELD.refuse(key=key, why=f"incurred on {day}, after the end of {opened.period}")
    return None


def _offer(body: PrepareReturn, found: Return, found_shares: Iterable[Share]) -> _Offer:
    opened, include = found.opened, None if body.include is None else frozenset(body.include)
    asked: list[Share] = []
    others: list[Share] = []
    for share in found_shares:
        if share.year == opened.year and share.cost.incurred <= opened.window.last and not _elsewhere(share.fate):
            (asked if include is None or share.cost.key in include else others).append(share)
    return _Offer(tuple(asked), tuple(others))


def _elsewhere(what: Fate) -> bool:
    return isinstance(what, Included) and what.period is not None


def _room(found: Return, found_shares: Iterable[Share], state: State, given: Given) -> int:
    """What the year's cap has left: less what other returns claim, what has lapsed and what was forfeited."""
    year = found.opened.year
    elsewhere = sum(each.pence for each in found_shares if each.year == year and _elsewhere(each.fate))
    return given.terms.cap_of(year) - state.gone_pence(year) - elsewhere


def _too_much(claim: int, offer: _Offer, room: int, found: Return, by: By, given: Given) -> Refusal | None:
    most = offer.most()
    if claim <= most:
        return None
    rule = ABOVE_CAP if claim > room or offer.eligible() > most else ABOVE_COST
    full = _full(offer, room - most, found.opened.year)
    return rule.refuse(*given.may(by, "PrepareReturn"), claim_pence=claim, most_pence=most, full=full)


def _full(offer: _Offer, spare: int, year: str) -> str:
    """The cap that is too small: a line's where the year's has pence to spare, with what that line has left; else the year's."""
    line = offer.full_line() if spare > 0 else None
    return said("line {line} in {year}, which has {left_pence} left", {"line": line[0], "year": year, "left_pence": line[1]}) if line else year


def _prepared(found: Return, claim: int, offer: _Offer, state: State, given: Given) -> ReturnPrepared:
    included, rest = _drawn(offer, claim)
    by_line: dict[str, int] = {}
    for each in included:
        by_line[each.line] = by_line.get(each.line, 0) + each.pence
    payers = chain.from_iterable(holders(state.costs[each.key], given.terms) for each in included)
    return ReturnPrepared(
        period=found.opened.period,
        claim_pence=claim,
        by_line=dict(sorted(by_line.items())),
        instruments=once(sorted(each.instrument for each in payers if each.in_force)),
        included=tuple(included),
        excluded=tuple(_left_out(each, pence) for each, pence in rest if isinstance(each.fate, Excluded)),
        held=tuple(_left_out(each, pence) for each, pence in rest if not isinstance(each.fate, Excluded)),
        year_to_date_pence=state.claimed_pence(found.opened.year) + claim,
    )


def _drawn(offer: _Offer, claim: int) -> tuple[list[Claimed], list[tuple[Share, int]]]:
    included: list[Claimed] = []
    rest: list[tuple[Share, int]] = []
    for share in offer.asked:
        pence = min(share.pence, claim) if share.open_to_claim else 0
        claim -= pence
        if pence:
            included.append(Claimed(key=share.cost.key, line=share.cost.line, pence=pence))
        if share.pence > pence:
            rest.append((share, share.pence - pence))
    return included, rest + [(share, share.pence) for share in offer.others]


def _left_out(share: Share, pence: int) -> LeftOut:
    match share.fate:
        case Excluded(reason=reason, why=why, borne_by=borne_by):
            return LeftOut(key=share.cost.key, pence=pence, reason=reason, why=why, borne_by=borne_by)
        case Held(reason=waiting, why=why):
            return LeftOut(key=share.cost.key, pence=pence, reason=waiting, why=why, borne_by=None)
        case Included():
            return LeftOut(key=share.cost.key, pence=pence, reason="left_out", why="left for a later return by its preparer", borne_by=None)


# Certifying and submitting ----------------------------------------------------------------------------------------------


def _own_preparation(found: Return, by: By, given: Given) -> Refusal | None:
    if found.preparers & {by.actor, by.on_behalf_of}:
        return OWN_PREPARATION.refuse(*given.may(by, "CertifyReturn"), period=found.opened.period)
    return None


def _overtaken(found: Return, state: State, by: By, given: Given) -> Refusal | None:
    now = {each.key: 0 for each in found.included}
    for share in shares(state, given.terms, without=found.opened.period, first=frozenset(now)):
        if share.open_to_claim and share.cost.key in now:
            now[share.cost.key] += share.pence
    lost = next((each.key for each in found.included if now[each.key] < each.pence), None)
    return OVERTAKEN.refuse(*given.may(by, "PrepareReturn"), period=found.opened.period, key=lost) if lost else None


def _unauthorised(prepared: ReturnPrepared, by: By, given: Given) -> Refusal | None:
    missing = tuple(each for each in prepared.instruments if each in given.unauthorised)
    worth = sum(each.pence for each in given.terms.lines if each.instrument in missing)
    return UNAUTHORISED.refuse(*given.policy.deciders(day_of(by.now), worth), period=prepared.period, instruments=missing) if missing else None


def _beyond_approved(found: Return, state: State, by: By, given: Given) -> Refusal | None:
    """Why the year would come to more than decisions still approve; what was claimed before one of them lowered that stands."""
    year = found.opened.year
    approved, claim = given.approved.get(year), found.prepared.claim_pence if found.prepared else 0
    claimed = state.claimed_pence(year) + claim
    if approved is None or not claim or claimed <= approved:
        return None
    who_could = given.policy.deciders(day_of(by.now), given.terms.cap_of(year))
    return BEYOND_APPROVED.refuse(*who_could, period=found.opened.period, claimed_pence=claimed, year=year, approved_pence=approved)


def _not_ready(found: Return, state: State, by: By, given: Given) -> Refusal | None:
    if found.certified_at is None:
        return NOT_CERTIFIED.refuse(*given.may(by, "CertifyReturn"), period=found.opened.period)
    return _overtaken(found, state, by, given)


def _taken(submitted: ReturnSubmitted, by: By, given: Given) -> Refusal | None:
    clash = next((key for key in (*submitted.newly_claimed, *submitted.invoices) if key in given.taken), None)
    return CLAIMED_ALREADY.refuse(*given.may(by, "PrepareReturn"), key=clash, where=given.taken[clash]) if clash else None


def _submitted(found: Return, prepared: ReturnPrepared, state: State, by: By, given: Given) -> ReturnSubmitted:
    before = submitted_claims(state)
    fresh = tuple(each.key for each in prepared.included if each.key not in before)
    charges = (state.costs[key].charge for key in fresh)
    return ReturnSubmitted(
        period=prepared.period,
        claim_pence=prepared.claim_pence,
        due=found.opened.due,
        days_late=max((day_of(by.now) - found.opened.due).days, 0),
        newly_claimed=fresh,
        invoices=tuple(each.claimed_as for each in charges if each and each.claimed_as),
        delegation=by.delegation or given.policy.delegation("SubmitReturn", day_of(by.now)),
    )
