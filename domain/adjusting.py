"""Forfeits, repayments, judgements of the year, and the supplementary return of a year whose returns were all made.

Part of the room ``recovery``; the words are in ``domain.adjustments``. What is lost or paid back is a fact: recorded, with
an exception where it breaks a rule. What has lapsed or was forfeited stays so, and nothing recorded earlier is touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import assert_never

from domain.adjustments import CapForfeited, PaymentRepaid, RecordForfeit, RecordJudgement, RecordRepayment, Treatment, YearJudged
from domain.books import KEY_REUSED, NO_RETURN, Given, Late, State
from domain.calendar import Window, day_of, year_window
from domain.exception import ExceptionRaised
from domain.model import By, Decision, Duty, Event, Rule, said
from domain.returns import Period, Return, ReturnOpened, first_month, periods_owed, supplementary_name
from domain.terms import Terms

PART = "recovery"

JUDGED = Rule(
    "recovery.already_judged",
    "{instrument} is judged {treatment} for {year} already, in {judgement}.",
    "DESIGN §7; invariant 25",
    remedy="Leave it; an adjusting event that differs needs the accountant's judgement under another instrument or year.",
)
NOTHING_TO_JUDGE = Rule(
    "recovery.nothing_to_judge",
    "{instrument} pays for nothing in {year}.",
    "DESIGN §7",
    remedy="Name the instrument and year whose money the judgement is about.",
)

FORFEIT_ABOVE_CAP = "forfeit above what is left of the cap"
FORFEIT_WHY = "{stated_pence} are recorded as forfeited, but only {left_pence} of {year} was neither claimed, lapsed nor forfeited: so much counts."
OVERPAID = "payment above what is agreed"
"""What that exception is called; a repayment, or the agreement of the return, closes it."""
OVERREPAID = "repayment above what was received too much"
OVERREPAID_WHY = "After this repayment {received_pence} stay received, but {agreed_pence} are agreed."
CORRECTED = "{received_pence} are received for {period} and {agreed_pence} agreed."


def decide(body: RecordForfeit | RecordRepayment | RecordJudgement, state: State, given: Given) -> Decision:
    """What follows from a forfeit, a repayment or a judgement."""
    match body:
        case RecordForfeit():
            return forfeit(body, state, given)
        case RecordRepayment():
            return repay(body, state, given)
        case RecordJudgement():
            return judge(body, state, given)
        case _:
            assert_never(body)


def forfeit(body: RecordForfeit, state: State, given: Given) -> Decision:
    """What is left of the cap is forfeited up to the sum recorded; above that, an exception says so (invariants 5 and 12)."""
    left = max(given.terms.cap_of(body.year) - state.claimed_pence(body.year) - state.gone_pence(body.year), 0)
    lost = CapForfeited(
        forfeit=body.forfeit,
        year=body.year,
        stated_pence=body.pence,
        forfeited_pence=min(body.pence, left),
        period=body.period,
        why=body.why,
        dated=body.dated,
        entity=given.entity,
    )
    if known := state.forfeits.get(body.forfeit):
        aside = {"forfeited_pence"}
        return () if known.model_dump(exclude=aside) == lost.model_dump(exclude=aside) else KEY_REUSED.refuse(key=body.forfeit)
    if body.pence <= left:
        return (lost,)
    why = said(FORFEIT_WHY, {"stated_pence": body.pence, "left_pence": left, "year": body.year})
    return lost, _raised(f"forfeit/{body.forfeit}", FORFEIT_ABOVE_CAP, body.year, why, given)


def repay(body: RecordRepayment, state: State, given: Given) -> Decision:
    """Money that went back; more than was received too much is an exception."""
    found = state.returns.get(body.period)
    if found is None:
        return NO_RETURN.refuse(period=body.period)
    repaid = PaymentRepaid(
        repayment=body.repayment, period=body.period, repaid_pence=body.pence, on=body.on.isoformat(), ledger_ref=body.ledger_ref, entity=given.entity
    )
    if known := state.repayments.get(body.repayment):
        return () if known == repaid else KEY_REUSED.refuse(key=body.repayment)
    received, agreed = state.received_pence(body.period) - body.pence, agreed_pence(found)
    if received >= agreed:
        return (repaid,)
    why = said(OVERREPAID_WHY, {"received_pence": received, "agreed_pence": agreed})
    return repaid, _raised(f"repayment/{body.repayment}", OVERREPAID, body.period, why, given)


def judge(body: RecordJudgement, state: State, given: Given) -> Decision:
    """The accountant's judgement; it stands, and a contrary one is refused."""
    judged = YearJudged(**body.model_dump())
    if known := state.judgements.get(body.judgement):
        return () if known.event == judged else KEY_REUSED.refuse(key=body.judgement)
    of_same = next((each.event for each in state.judgements.values() if (each.event.year, each.event.instrument) == (body.year, body.instrument)), None)
    if of_same:
        return JUDGED.refuse(instrument=body.instrument, treatment=of_same.treatment, year=body.year, judgement=of_same.judgement)
    if not any((each.year, each.instrument) == (body.year, body.instrument) for each in given.terms.lines):
        return NOTHING_TO_JUDGE.refuse(instrument=body.instrument, year=body.year)
    return (judged,)


def treatment(year: str, line: str, state: State, terms: Terms) -> Treatment | None:
    """How the income of one line and year was judged, of an instrument in force that pays for it; null: nobody judged."""
    payers = {each.instrument for each in terms.lines if each.in_force and (each.year, each.line) == (year, line)}
    judged = [each.event.treatment for each in state.judgements.values() if each.event.year == year and each.event.instrument in payers]
    return judged[-1] if judged else None


def to_judge(state: State, given: Given) -> tuple[Duty, ...]:
    """Whoever keeps the accounts judges to which year the income of a late instrument belongs."""
    judged = {(each.event.instrument, each.event.year) for each in state.judgements.values()}
    waiting = (each for each in given.late if (each.instrument, each.year) not in judged)
    return tuple(duty for each in waiting for duty in given.policy.owed(PART, "year.judged", _subject(each), each.recorded))


def supplementary(years: Iterable[str], state: State, given: Given, by: By) -> tuple[ReturnOpened, ...]:
    """A supplementary return of each of these years whose returns were all made; where one is still to be made, that one serves.

    Raises:
        ValueError: the due date lies outside the table of working days.

    """
    return tuple(_supplementary(year, state, given, by) for year in sorted(set(years)) if _all_made(year, state, given))


def settled_differences(state: State) -> dict[str, str]:
    """For each exception about money received, of a return whose receipts now agree: its id, and what closes it."""
    found: dict[str, str] = {}
    for name, period, repaid in _movements(state):
        each, received = state.returns[period], state.received_pence(period)
        agreed = agreed_pence(each)
        if each.agreed and (received >= agreed if repaid else received <= agreed):
            found[name] = said(CORRECTED, {"received_pence": received, "period": period, "agreed_pence": agreed})
    return found


def agreed_pence(found: Return) -> int:
    """What the funder agreed of a return; nothing before it did."""
    return found.agreed.agreed_pence if found.agreed else 0


def _movements(state: State) -> Iterable[tuple[str, str, bool]]:
    yield from ((f"payment/{name}", each.period, False) for name, each in state.payments.items())
    yield from ((f"repayment/{name}", each.period, True) for name, each in state.repayments.items())


def _subject(each: Late) -> str:
    return f"{each.instrument} for {each.year}"


def _all_made(year: str, state: State, given: Given) -> bool:
    owed: tuple[Period, ...] = periods_owed(year, given.terms)
    opened = state.returns_of(year)
    return bool(owed) and all(each.name in state.returns for each in owed) and all(each.submitted for each in opened)


def _supplementary(year: str, state: State, given: Given, by: By) -> ReturnOpened:
    regular = [each.opened for each in state.returns_of(year) if each.opened.supplements is None]
    number = 1 + len(state.returns_of(year)) - len(regular)
    today, schedule = day_of(by.now), given.terms.schedule
    span: Window = year_window(year, first_month(given.terms))
    return ReturnOpened(
        period=supplementary_name(year, number),
        year=year,
        window=span,
        closes=today.isoformat(),
        due=given.policy.closures.on_or_after(today + timedelta(days=schedule.due_days if schedule else 0)),
        supplements=max(regular, key=lambda each: each.window.last).period,
    )


def _raised(name: str, what: str, subject: str, why: str, given: Given) -> Event:
    return ExceptionRaised(exception=name, what=what, subject=subject, owner=given.exception_owner, why=why)
