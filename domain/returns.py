"""Returns: one period's claim, prepared, certified, submitted, queried, agreed (maybe in part), paid, settled.

Part of the room ``recovery``: the words of a return, its periods, and where one return stands. The rules are in
``domain.claiming`` and ``domain.settling``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated

from pydantic import Field

from domain import evidence
from domain.calendar import StatedDate, Window, YearLabel, add_months, year_of, year_window
from domain.model import Cap, CommandBody, Digest, Event, Frozen, Identifier, Name, Past, Text
from domain.terms import ReturnSchedule, Terms

# What can be asked for --------------------------------------------------------------------------------------------------


class PrepareReturn(CommandBody, kind="act"):
    """Put a return together from the recorded costs.

    ``claim_pence`` null: all that is eligible. ``include`` null: every eligible cost of the year up to the period's end;
    else these keys and no others. Before submission another preparation replaces it, and voids its certificate.
    """

    period: Identifier
    claim_pence: Cap | None = None
    include: tuple[Identifier, ...] | None = None


class CertifyReturn(CommandBody, kind="act", binds=True):
    """Certify the return as prepared. Not by a person who prepared it (invariant 19)."""

    period: Identifier


class SubmitReturn(CommandBody, kind="act", binds=True):
    """Send the certified return to the funder."""

    period: Identifier


class RecordQuery(CommandBody, kind="fact"):
    """The funder asks about a submitted return."""

    period: Identifier
    query: Identifier
    asked: Text
    dated: StatedDate


class AnswerQuery(CommandBody, kind="act"):
    """Answer a query of the funder."""

    period: Identifier
    query: Identifier
    answer: Text


class Disallowed(Frozen):
    """What the funder does not pay of one cost, and why; in whole pence."""

    key: Identifier
    pence: Annotated[int, Field(gt=0)]
    why: Text


class RecordReturnAgreed(CommandBody, kind="fact"):
    """The funder agrees a return, maybe in part: agreed and disallowed are the claim, to the penny."""

    period: Identifier
    agreed_pence: Cap
    disallowed: tuple[Disallowed, ...] = ()
    dated: StatedDate


class RecordPayment(CommandBody, kind="fact"):
    """Money came in for a return; mirrored from the general ledger under its reference. ``on`` is the London day."""

    payment: Identifier
    period: Identifier
    pence: Annotated[int, Field(gt=0)]
    on: date
    ledger_ref: Name


# What can have happened -------------------------------------------------------------------------------------------------


class ReturnOpened(Event, wire="return.opened", said="The return for {period} is open, due by {due}", effective="closes"):
    """A period has ended; its return is owed by the end of the day ``due`` (London).

    ``supplements`` is the year's last regular return where this is a supplementary one: a later variation raised the cap of
    a year whose returns were all made (G18, invariant 22). Its window is the whole year. Null: a regular return.
    """

    period: Identifier
    year: YearLabel
    window: Window
    closes: StatedDate
    due: date
    supplements: Identifier | None = None


class Claimed(Frozen):
    """What a return claims of one cost, in whole pence."""

    key: Identifier
    line: Identifier
    pence: Cap


class LeftOut(Frozen):
    """What a return does not claim of one cost: why, and who bears it (null: nobody yet, or the cost itself is reversed)."""

    key: Identifier
    pence: Cap
    reason: Identifier
    why: Text
    borne_by: Name | None


class ReturnPrepared(Event, wire="return.prepared", said="The return for {period} prepared: {claim_pence} claimed"):
    """A return put together: what it claims, under which instruments, and every other cost of the year with its reason.

    ``year_to_date_pence``: what the year's submitted returns claim, less what was disallowed, with this one.
    """

    period: Identifier
    claim_pence: Cap
    by_line: dict[str, Cap]
    instruments: tuple[Identifier, ...]
    included: tuple[Claimed, ...]
    excluded: tuple[LeftOut, ...]
    held: tuple[LeftOut, ...]
    year_to_date_pence: Cap = 0


class ReturnCertified(Event, wire="return.certified", said="The return for {period} certified: {claim_pence}"):
    """Somebody other than its preparer certified exactly this preparation, under this delegation."""

    period: Identifier
    claim_pence: Cap
    content: Digest
    delegation: Text | None


class ReturnSubmitted(Event, wire="return.submitted", said="The return for {period} submitted: {claim_pence} claimed, {days_late:day|days} late"):
    """The claim is made, under this delegation. ``newly_claimed`` names the cost keys that no earlier return had claimed.

    ``invoices``: of those, the invoices of other bodies, so that no other grant claims one of them under another key.
    """

    period: Identifier
    claim_pence: Cap
    due: date
    days_late: int
    newly_claimed: tuple[Identifier, ...]
    invoices: tuple[Text, ...] = ()
    delegation: Text | None


class ReturnQueried(Event, wire="return.queried", said="The funder asks about the return for {period}: {asked}", effective="dated"):
    """A question of the funder waits for an answer."""

    period: Identifier
    query: Identifier
    asked: Text
    dated: StatedDate


class ReturnAnswered(Event, wire="return.answered", said="Query {query} on the return for {period} answered: {answer}"):
    """The answer to a question of the funder."""

    period: Identifier
    query: Identifier
    answer: Text


class ReturnAgreed(Event, wire="return.agreed", said="The return for {period} agreed at {agreed_pence}, {disallowed_pence} disallowed", effective="dated"):
    """What the funder will pay of a return, and what it will not."""

    period: Identifier
    agreed_pence: Cap
    disallowed_pence: Cap
    disallowed: tuple[Disallowed, ...]
    dated: StatedDate
    entity: Name


class PaymentReceived(Event, wire="payment.received", said="{paid_pence} received for {period}", effective="on"):
    """Money came in for a return."""

    payment: Identifier
    period: Identifier
    paid_pence: Cap
    on: StatedDate
    ledger_ref: Name
    entity: Name


class ReturnSettled(Event, wire="return.settled", said="The return for {period} is settled: {agreed_pence} agreed, {received_pence} received", effective="on"):
    """Nothing is owed on a return any more."""

    period: Identifier
    agreed_pence: Cap
    received_pence: Cap
    on: StatedDate


Happened = ReturnPrepared | ReturnCertified | ReturnSubmitted | ReturnQueried | ReturnAnswered | ReturnAgreed | ReturnSettled
"""What happens to a return that is open."""

# Periods ----------------------------------------------------------------------------------------------------------------

_LETTERS = {1: "M", 3: "Q", 6: "H"}


@dataclass(frozen=True)
class Period:
    """One return's span of days: "Q1 2020/21" runs from 1 April to 30 June 2020."""

    name: str
    year: str
    window: Window


def first_month(terms: Terms) -> int:
    """The month in which the grant's financial year begins: its schedule says so, else its years' labels ("2020": January)."""
    if terms.schedule:
        return terms.schedule.first_month
    return 4 if all("/" in each.year for each in terms.lines) else 1


def year_for(day: date, terms: Terms) -> str:
    """The financial year of a day, as the grant counts its years."""
    return year_of(day, first_month(terms))


@cache
def periods(year: str, schedule: ReturnSchedule) -> tuple[Period, ...]:
    """The periods of a year, in order; the last one ends with the year."""
    span = year_window(year, schedule.first_month)
    found = []
    for number, month in enumerate(range(0, 12, schedule.months), start=1):
        first = add_months(span.first, month)
        last = min(add_months(first, schedule.months) - timedelta(days=1), span.last)
        name = f"Year {year}" if schedule.months == 12 else f"{_LETTERS.get(schedule.months, 'P')}{number} {year}"  # noqa: PLR2004  (months of a year)
        found.append(Period(name, year, Window(first=first, last=last)))
    return tuple(found)


def periods_owed(year: str, terms: Terms) -> tuple[Period, ...]:
    """The periods of a year in which some line in force may be spent: for each of them a return is owed, nil or not."""
    if terms.schedule is None:
        return ()
    spans = [line.window for line in terms.lines if line.in_force and line.year == year]
    return tuple(each for each in periods(year, terms.schedule) if any(span.first <= each.window.last and each.window.first <= span.last for span in spans))


def supplementary_name(year: str, number: int) -> str:
    """What the supplementary returns of a year are called: "S1 2021/22"."""
    return f"S{number} {year}"


# Where a return can stand -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Query:
    """A question of the funder, when it was recorded and when it was answered (null: it waits)."""

    asked: ReturnQueried
    since: datetime
    answered: ReturnAnswered | None = None


@dataclass(frozen=True)
class Return:
    """One return as folded. Each ``…_at`` is the recorded instant (UTC) of its event; people are ids."""

    opened: ReturnOpened
    opened_at: datetime
    prepared: ReturnPrepared | None = None
    prepared_at: datetime | None = None
    preparers: frozenset[str] = frozenset()
    certified_at: datetime | None = None
    submitted: ReturnSubmitted | None = None
    submitted_at: datetime | None = None
    queries: tuple[Query, ...] = ()
    agreed: ReturnAgreed | None = None
    agreed_at: datetime | None = None
    settled: ReturnSettled | None = None
    settled_at: datetime | None = None

    @property
    def included(self) -> tuple[Claimed, ...]:
        """What it claims, cost by cost."""
        return self.prepared.included if self.prepared else ()

    @property
    def content(self) -> str | None:
        """The digest of the preparation, which its certifier and its submitter must have seen (null: not prepared)."""
        return evidence.digest(evidence.canonical(self.prepared.model_dump(mode="json"))) if self.prepared else None

    @property
    def standing_pence(self) -> int:
        """What it claims, less what the funder disallowed of it; nothing before it is submitted."""
        claim = self.submitted.claim_pence if self.submitted else 0
        return claim - (self.agreed.disallowed_pence if self.agreed else 0)

    def waiting_query(self) -> Query | None:
        """The oldest question that waits for an answer."""
        return next((each for each in self.queries if each.answered is None), None)


def evolve(before: Return, past: Past) -> Return:
    """Where a return stands after one of its events."""
    match past.body:
        case ReturnPrepared():
            people = frozenset(filter(None, (past.actor, past.on_behalf_of)))
            return replace(before, prepared=past.body, prepared_at=past.recorded, preparers=before.preparers | people, certified_at=None)
        case ReturnCertified():
            return replace(before, certified_at=past.recorded)
        case ReturnSubmitted():
            return replace(before, submitted=past.body, submitted_at=past.recorded)
        case ReturnQueried():
            return replace(before, queries=(*before.queries, Query(past.body, past.recorded)))
        case ReturnAnswered(query=query):
            return replace(before, queries=tuple(replace(each, answered=past.body) if each.asked.query == query else each for each in before.queries))
        case ReturnAgreed():
            return replace(before, agreed=past.body, agreed_at=past.recorded)
        case ReturnSettled():
            return replace(before, settled=past.body, settled_at=past.recorded)
        case _:
            return before
