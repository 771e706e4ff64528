"""Recovery: cost is recorded as it was incurred, claimed period by period, agreed, paid; at the year's end the rest lapses.

The room's front. Its words stand in ``expenditure`` and ``returns``, its state in ``books``, what becomes of a cost in
``eligibility``, its rules in ``recording``, ``claiming``, ``settling`` and ``adjusting``.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import assert_never

from domain import adjusting, books, claiming, recording, settling
from domain.adjusting import settled_differences, supplementary, to_judge
from domain.adjustments import RecordForfeit, RecordJudgement, RecordRepayment
from domain.books import Given, State, YearEnded
from domain.calendar import Window, end_of, morning_of, year_window
from domain.model import SYSTEM, By, CommandBody, Decision, Duty, DutyWords, Event
from domain.returns import (
    AnswerQuery,
    CertifyReturn,
    Period,
    PrepareReturn,
    RecordPayment,
    RecordQuery,
    RecordReturnAgreed,
    Return,
    ReturnOpened,
    ReturnSubmitted,
    SubmitReturn,
    first_month,
    periods_owed,
)
from domain.settling import accrual

__all__ = [
    "DUTIES",
    "Command",
    "Given",
    "Happened",
    "State",
    "accrual",
    "claimed",
    "content",
    "decide",
    "duties",
    "evolve",
    "moment",
    "settled_differences",
    "supplementary",
]

Command = (
    recording.Command
    | PrepareReturn
    | CertifyReturn
    | SubmitReturn
    | RecordQuery
    | AnswerQuery
    | RecordReturnAgreed
    | RecordPayment
    | RecordRepayment
    | RecordForfeit
    | RecordJudgement
)
Happened = books.Happened
evolve = books.evolve

PART = "recovery"

DUTIES = (
    DutyWords(name="return.opened", words="The return for {subject} opens"),
    DutyWords(name="return.prepared", words="{owner} prepares the return for {subject}"),
    DutyWords(name="return.certified", words="{owner} certifies the return for {subject}"),
    DutyWords(name="return.submitted", words="{owner} submits the return for {subject}"),
    DutyWords(name="query.answered", words="{owner} answers the funder's query on the return for {subject}"),
    DutyWords(name="return.agreed", words="{owner} obtains the funder's agreement to the return for {subject}"),
    DutyWords(name="payment.received", words="{owner} obtains payment of the return for {subject}"),
    DutyWords(name="year.judged", words="{owner} judges to which year the income under {subject} belongs"),
    DutyWords(name="year.ended", words="The financial year {subject} ends"),
)


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a command about cost, returns or money."""
    match body:
        case _ if isinstance(body, recording.Command):
            return recording.decide(body, state, by, given)
        case PrepareReturn():
            return claiming.prepare(body, state, by, given)
        case CertifyReturn():
            return claiming.certify(body, state, by, given)
        case SubmitReturn():
            return claiming.submit(body, state, by, given)
        case RecordQuery():
            return settling.query(body, state)
        case AnswerQuery():
            return settling.answer(body, state)
        case RecordReturnAgreed():
            return settling.agree(body, state, given)
        case RecordPayment():
            return settling.pay(body, state, given)
        case RecordRepayment() | RecordForfeit() | RecordJudgement():
            return adjusting.decide(body, state, given)
        case _:
            assert_never(body)


def content(body: CommandBody, state: State) -> str | None:
    """The digest of the preparation that a certificate or a submission binds (null: nothing is prepared, or nothing bound)."""
    if isinstance(body, CertifyReturn | SubmitReturn) and (found := state.returns.get(body.period)):
        return found.content
    return None


def claimed(event: Event) -> tuple[str, ...]:
    """The cost keys, and the other bodies' invoices, that an event claims for this grant, once and against all others (DESIGN §4.8)."""
    return (*event.newly_claimed, *event.invoices) if isinstance(event, ReturnSubmitted) else ()


# Duties -----------------------------------------------------------------------------------------------------------------


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """What is owed for each return that is not settled; and the days on which returns open and years end."""
    years = sorted({each.year for each in given.terms.lines if each.in_force})
    unopened = (period for year in years for period in periods_owed(year, given.terms) if period.name not in state.returns)
    return (
        *(_opening(period) for period in unopened),
        *(_year_end(year, given) for year in years if year not in state.ended),
        *chain.from_iterable(_next_step(each, given) for each in state.returns.values() if each.settled is None),
        *to_judge(state, given),
    )


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room's moment has this shape)
    """The day has come: a period's return opens, with its due date; or a year ends.

    Raises:
        ValueError: the due date lies outside the table of working days.

    """
    if duty.name == "year.ended":
        return (YearEnded(year=duty.subject, last=_span_of(duty.subject, given).last.isoformat()),)
    years = sorted({each.year for each in given.terms.lines})
    return tuple(_opened(period, given) for year in years for period in periods_owed(year, given.terms) if period.name == duty.subject)


def _opening(period: Period) -> Duty:
    since, due = morning_of(period.window.first), end_of(period.window.last)
    return Duty(part=PART, subject=period.name, name="return.opened", owner=SYSTEM, since=since, due=due)


def _year_end(year: str, given: Given) -> Duty:
    span = _span_of(year, given)
    return Duty(part=PART, subject=year, name="year.ended", owner=SYSTEM, since=morning_of(span.first), due=end_of(span.last))


def _opened(period: Period, given: Given) -> ReturnOpened:
    days = given.terms.schedule.due_days if given.terms.schedule else 0
    due = given.policy.closures.on_or_after(period.window.last + timedelta(days=days))
    return ReturnOpened(period=period.name, year=period.year, window=period.window, closes=period.window.last.isoformat(), due=due)


def _next_step(found: Return, given: Given) -> tuple[Duty, ...]:
    period, due, waiting = found.opened.period, found.opened.due, found.waiting_query()
    if found.agreed_at:
        return given.policy.owed(PART, "payment.received", period, found.agreed_at)
    if waiting:
        return given.policy.owed(PART, "query.answered", period, waiting.since)
    if found.submitted_at:
        return given.policy.owed(PART, "return.agreed", period, found.submitted_at)
    if found.certified_at:
        return given.policy.owed(PART, "return.submitted", period, found.certified_at, due)
    if found.prepared_at:
        return given.policy.owed(PART, "return.certified", period, found.prepared_at, due)
    return given.policy.owed(PART, "return.prepared", period, found.opened_at, due)


def _span_of(year: str, given: Given) -> Window:
    return year_window(year, first_month(given.terms))
