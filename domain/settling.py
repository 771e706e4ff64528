"""From a submitted claim to the year's outturn: queries, agreement, payment, settlement, lapse; and income on the way.

Part of the room ``recovery``. What the funder says and pays is a fact: recorded, with an exception where it breaks a rule.
"""

from __future__ import annotations

from datetime import date

from domain.adjusting import OVERPAID, agreed_pence, treatment
from domain.books import KEY_REUSED, NO_RETURN, CapLapsed, Given, IncomeAccrued, OutturnFixed, State
from domain.calendar import day_of, year_window
from domain.eligibility import Included, shares
from domain.exception import ExceptionRaised
from domain.model import By, Decision, Event, Refusal, Rule, said
from domain.returns import (
    AnswerQuery,
    PaymentReceived,
    RecordPayment,
    RecordQuery,
    RecordReturnAgreed,
    Return,
    ReturnAgreed,
    ReturnAnswered,
    ReturnQueried,
    ReturnSettled,
    first_month,
    periods_owed,
)

NOT_SUBMITTED = Rule(
    "recovery.not_submitted",
    "The return for {period} was not submitted.",
    "B7: a claim is submitted before it is queried or agreed",
    remedy="Have it prepared, certified and submitted first.",
)
NO_QUERY = Rule(
    "recovery.no_query",
    "No query {query} is recorded on the return for {period}.",
    "B7",
    remedy="Record the funder's question with RecordQuery first, or correct its id.",
)
DISAGREES = Rule(
    "recovery.agreement_disagrees",
    "Agreed {agreed_pence} and disallowed {disallowed_pence} are not the {claim_pence} claimed for {period}, cost by cost.",
    "DESIGN §7; invariant 5",
    remedy="Say for each cost claimed whether it is agreed or disallowed, so that both come to {claim_pence}.",
)
OVERPAID_WHY = "{received_pence} are received with this payment, but only {agreed_pence} are agreed; the excess is repayable (invariant 14)."
AGREED_ALREADY = Rule(
    "recovery.already_agreed",
    "The return for {period} was agreed otherwise already.",
    "Invariant 25: corrections are events of their own",
    remedy="Leave it; what came about since is an event of its own, as a repayment or a forfeit.",
)


def query(body: RecordQuery, state: State) -> Decision:
    """The question stands until it is answered, or the return is agreed."""
    found = state.returns.get(body.period)
    if found is None or found.submitted is None:
        return NOT_SUBMITTED.refuse(period=body.period)
    asked = ReturnQueried(period=body.period, query=body.query, asked=body.asked, dated=body.dated)
    before = next((each.asked for each in found.queries if each.asked.query == body.query), None)
    if before is None:
        return (asked,)
    return () if before == asked else KEY_REUSED.refuse(key=body.query)


def answer(body: AnswerQuery, state: State) -> Decision:
    """The first answer stands; the same one again changes nothing."""
    found = state.returns.get(body.period)
    asked = next((each for each in found.queries if each.asked.query == body.query), None) if found else None
    if asked is None:
        return NO_QUERY.refuse(query=body.query, period=body.period)
    answered = ReturnAnswered(period=body.period, query=body.query, answer=body.answer)
    if asked.answered is None:
        return (answered,)
    return () if asked.answered == answered else KEY_REUSED.refuse(key=body.query)


def agree(body: RecordReturnAgreed, state: State, given: Given) -> Decision:
    """What the funder agrees, and disallows; with it the settlement, where nothing is left to pay."""
    found = state.returns.get(body.period)
    if found is None or found.submitted is None:
        return NOT_SUBMITTED.refuse(period=body.period)
    lost = sum(each.pence for each in body.disallowed)
    agreed = ReturnAgreed(
        period=body.period, agreed_pence=body.agreed_pence, disallowed_pence=lost, disallowed=body.disallowed, dated=body.dated, entity=given.entity
    )
    if found.agreed:
        return () if found.agreed == agreed else AGREED_ALREADY.refuse(period=body.period)
    return _disagrees(agreed, found) or (agreed, *_settled(found, agreed, state.received_pence(body.period), body.dated, state, given))


def pay(body: RecordPayment, state: State, given: Given) -> Decision:
    """Money that came in; above what is agreed, an exception with it (invariant 14)."""
    found = state.returns.get(body.period)
    if found is None:
        return NO_RETURN.refuse(period=body.period)
    paid = PaymentReceived(
        payment=body.payment, period=body.period, paid_pence=body.pence, on=body.on.isoformat(), ledger_ref=body.ledger_ref, entity=given.entity
    )
    if body.payment in state.payments:
        return () if state.payments[body.payment] == paid else KEY_REUSED.refuse(key=body.payment)
    received = state.received_pence(body.period) + body.pence
    return (paid, *_overpaid(body, found, received, given), *_settled(found, found.agreed, received, paid.on, state, given))


def accrual(state: State, given: Given, by: By) -> tuple[Event, ...]:
    """Income entitled by now less income accrued so far, for each year and line: what every change of cost or terms asks for.

    Entitled is eligible cost under the cap of instruments in force, disallowances apart. Booked on the recorded day, or
    on the last day of the cost's year where that day lies outside it, unless the accountant judged it to be non-adjusting.
    """
    owed: dict[tuple[str, str], int] = {}
    for share in shares(state, given.terms):
        if isinstance(share.fate, Included):
            owed[share.year, share.cost.line] = owed.get((share.year, share.cost.line), 0) + share.pence
    for each in state.accrued:
        owed[each.year, each.line] = owed.get((each.year, each.line), 0) - each.accrued_pence
    for (year, line), lost in _disallowed(state).items():
        owed[year, line] = owed.get((year, line), 0) + lost
    return tuple(
        IncomeAccrued(year=year, line=line, accrued_pence=pence, booked=_booked(year, line, state, given, by).isoformat(), entity=given.entity)
        for (year, line), pence in sorted(owed.items())
        if pence
    )


def _disagrees(agreed: ReturnAgreed, found: Return) -> Refusal | None:
    claimed = {row.key: row.pence for row in found.included}
    for each in agreed.disallowed:
        claimed[each.key] = claimed.get(each.key, 0) - each.pence
    claim = found.prepared.claim_pence if found.prepared else 0
    if agreed.agreed_pence + agreed.disallowed_pence == claim and all(left >= 0 for left in claimed.values()):
        return None
    return DISAGREES.refuse(period=agreed.period, agreed_pence=agreed.agreed_pence, disallowed_pence=agreed.disallowed_pence, claim_pence=claim)


def _overpaid(body: RecordPayment, found: Return, received: int, given: Given) -> tuple[Event, ...]:
    agreed = agreed_pence(found)
    if received <= agreed:
        return ()
    return (
        ExceptionRaised(
            exception=f"payment/{body.payment}",
            what=OVERPAID,
            subject=body.period,
            owner=given.exception_owner,
            why=said(OVERPAID_WHY, {"received_pence": received, "agreed_pence": agreed}),
        ),
    )


def _settled(found: Return, agreed: ReturnAgreed | None, received: int, on: str, state: State, given: Given) -> tuple[Event, ...]:
    if agreed is None or found.settled or received < agreed.agreed_pence:
        return ()
    settled = ReturnSettled(period=agreed.period, agreed_pence=agreed.agreed_pence, received_pence=received, on=on)
    return (settled, *_outturn(found, settled, state, given))


def _outturn(found: Return, settled: ReturnSettled, state: State, given: Given) -> tuple[Event, ...]:
    year = found.opened.year
    done = {each.opened.period: each.settled for each in state.returns_of(year)} | {settled.period: settled}
    owed = periods_owed(year, given.terms)
    if any(done.get(name) is None for name in (*done, *(each.name for each in owed))):
        return ()
    outturn = sum(each.agreed_pence for each in done.values() if each)
    lapsed = given.terms.cap_of(year) - outturn - state.gone_pence(year)
    fixed = OutturnFixed(year=year, outturn_pence=outturn, on=settled.on)
    if lapsed <= 0:
        return (fixed,)
    last = max(each.window.last for each in given.terms.lines if each.in_force and each.year == year)
    return (fixed, CapLapsed(year=year, lapsed_pence=lapsed, on=last.isoformat(), entity=given.entity))


def _disallowed(state: State) -> dict[tuple[str, str], int]:
    lost: dict[tuple[str, str], int] = {}
    for each in state.returns.values():
        lines = {row.key: row.line for row in each.included}
        for row in each.agreed.disallowed if each.agreed else ():
            spot = (each.opened.year, lines[row.key])
            lost[spot] = lost.get(spot, 0) + row.pence
    return lost


def _booked(year: str, line: str, state: State, given: Given, by: By) -> date:
    span, today = year_window(year, first_month(given.terms)), day_of(by.now)
    recorded = span.holds(today) or treatment(year, line, state, given.terms) == "non_adjusting"
    return today if recorded else span.last
