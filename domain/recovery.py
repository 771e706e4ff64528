"""Recovery: cost is recorded as it was incurred, claimed period by period, agreed, paid; at the year's end the rest lapses.

The room's front. Its words stand in ``expenditure`` and ``returns``, its state in ``books``, what becomes of a cost in
``eligibility``, its rules in ``claiming`` and ``settling``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import assert_never

from domain import books, claiming, settling
from domain.books import KEY_REUSED, Given, State, YearEnded, submitted_claims
from domain.calendar import Window, end_of, morning_of, year_window
from domain.exception import ExceptionRaised
from domain.expenditure import Cost, CostsRecorded, RecordCosts, RecordSupport, Replacement, SupportRecorded, support_pence
from domain.model import SYSTEM, By, CommandBody, Decision, Duty, DutyWords, Event, said
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

__all__ = ["DUTIES", "Command", "Given", "Happened", "State", "accrual", "claimed", "content", "decide", "duties", "evolve", "moment"]

Command = RecordCosts | RecordSupport | PrepareReturn | CertifyReturn | SubmitReturn | RecordQuery | AnswerQuery | RecordReturnAgreed | RecordPayment
Happened = books.Happened
evolve = books.evolve

PART = "recovery"
DIFFERS = "{actual} is {actual_pence}; {accrual}, which it replaces, was claimed for {period} at {accrual_pence}."

DUTIES = (
    DutyWords(name="return.opened", words="The return for {subject} opens"),
    DutyWords(name="return.prepared", words="{owner} prepares the return for {subject}"),
    DutyWords(name="return.certified", words="{owner} certifies the return for {subject}"),
    DutyWords(name="return.submitted", words="{owner} submits the return for {subject}"),
    DutyWords(name="query.answered", words="{owner} answers the funder's query on the return for {subject}"),
    DutyWords(name="return.agreed", words="{owner} obtains the funder's agreement to the return for {subject}"),
    DutyWords(name="payment.received", words="{owner} obtains payment of the return for {subject}"),
    DutyWords(name="year.ended", words="The financial year {subject} ends"),
)


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a command about cost, returns or money."""
    match body:
        case RecordCosts():
            return _record_costs(body, state, given)
        case RecordSupport():
            return _record_support(body, state, given)
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
        case _:
            assert_never(body)


def content(body: CommandBody, state: State) -> str | None:
    """The digest of the preparation that a certificate or a submission binds (null: nothing is prepared, or nothing bound)."""
    if isinstance(body, CertifyReturn | SubmitReturn) and (found := state.returns.get(body.period)):
        return found.content
    return None


def claimed(event: Event) -> tuple[str, ...]:
    """The cost keys that an event claims for this grant, once and against all others (DESIGN §4.8)."""
    return event.newly_claimed if isinstance(event, ReturnSubmitted) else ()


# Duties -----------------------------------------------------------------------------------------------------------------


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """What is owed for each return that is not settled; and the days on which returns open and years end."""
    years = sorted({each.year for each in given.terms.lines if each.in_force})
    unopened = (period for year in years for period in periods_owed(year, given.terms) if period.name not in state.returns)
    return (
        *(_opening(period) for period in unopened),
        *(_year_end(year, given) for year in years if year not in state.ended),
        *chain.from_iterable(_next_step(each, given) for each in state.returns.values() if each.settled is None),
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


# Recording --------------------------------------------------------------------------------------------------------------


def _record_costs(body: RecordCosts, state: State, given: Given) -> Decision:
    fresh: dict[str, Cost] = {}
    for row in body.rows:
        known = state.costs.get(row.key) or fresh.get(row.key)
        if known not in (None, row):
            return KEY_REUSED.refuse(key=row.key)
        if known is None:
            fresh[row.key] = row
    if not fresh:
        return ()
    rows = tuple(fresh.values())
    memo = tuple(row.key for row in rows if row.category in given.terms.host_borne)
    replaced = _replacements(rows, state, state.memo | set(memo))
    recorded = CostsRecorded(
        rows=rows,
        count=len(rows),
        total_pence=sum(row.net_pence for row in rows),
        replaced=replaced,
        host_borne=memo,
    )
    return (recorded, *_differences(replaced, recorded, state, given))


def _replacements(rows: Iterable[Cost], state: State, memo: frozenset[str]) -> tuple[Replacement, ...]:
    known = dict(state.costs)
    found: dict[str, Replacement] = {}
    for row in rows:
        accrual_row = known.get(row.replaces) if row.replaces else None
        if accrual_row and accrual_row.basis == "accrual" and accrual_row.key not in {**state.replaced, **found}:
            key, pence, entity = accrual_row.key, accrual_row.net_pence, accrual_row.entity
            found[key] = Replacement(accrual=key, actual=row.key, pence=pence, entity=entity, on=row.incurred, memo=key in memo)
        known[row.key] = row
    return tuple(found.values())


def _differences(replaced: Iterable[Replacement], recorded: CostsRecorded, state: State, given: Given) -> tuple[Event, ...]:
    held, actual = submitted_claims(state), {row.key: row.net_pence for row in recorded.rows}
    return tuple(
        ExceptionRaised(
            exception=f"accrual/{each.accrual}",
            what="claimed accrual differs from its actual",
            subject=held[each.accrual],
            owner=given.exception_owner,
            why=said(
                DIFFERS,
                {
                    "actual": each.actual,
                    "actual_pence": actual[each.actual],
                    "accrual": each.accrual,
                    "period": held[each.accrual],
                    "accrual_pence": each.pence,
                },
            ),
        )
        for each in replaced
        if each.accrual in held and actual[each.actual] != each.pence
    )


def _record_support(body: RecordSupport, state: State, given: Given) -> Decision:
    borne = SupportRecorded(
        **body.model_dump(exclude={"window"}), window=body.window, borne_pence=support_pence(body), entity=given.entity, last=body.window.last.isoformat()
    )
    known = state.support.get(body.support)
    if known is None:
        return (borne,)
    return () if known == borne else KEY_REUSED.refuse(key=body.support)
