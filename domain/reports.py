"""Reports: what is owed to a named party on a cadence of its own, whatever the cadence of returns; a board's meetings too.

Part of the room ``delivery``. Several reports may be due for one period, to several parties (R-62, R-94, invariant 23).
A report on a period is made after it; a board meets within it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Annotated, Literal, Self, assert_never

from pydantic import AfterValidator, Field, model_validator

from domain.calendar import StatedDate, Window, add_months, end_of, morning_of, year_of, year_window
from domain.model import CommandBody, Decision, Document, Duty, DutyWords, Event, Frozen, Identifier, Name, Past, Refusal, Rule, Text, fields_of
from domain.money import MONTHS_OF_A_YEAR
from domain.undertakings import Given

UNKNOWN = Rule(
    "delivery.report_unknown",
    "No report {report} is owed; OweReport says so.",
    "DESIGN §2, Report",
    remedy="Correct the id, or say what is owed with OweReport first.",
)
DIFFERS = Rule(
    "delivery.report_differs",
    "Report {report} is recorded already, with other content: {recorded}; only its last day changes.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other report an id of its own; only the last day of this one changes.",
)
NO_PERIOD = Rule(
    "delivery.no_period",
    "Report {report} has no period {period}; {next} is the next that waits for it.",
    "R-62; invariant 23",
    remedy="Name the period that waits, {next}, or correct the report.",
)
OWED = "report {report} for {period} is neither made nor waived"
SUBJECT = "{report} for {period}"

MOST_PERIODS = 1200
"""How far a cadence without an end is looked along: a century of months."""


def _of_a_year(months: int) -> int:
    if MONTHS_OF_A_YEAR % months:
        message = "a cadence divides the year: every 1, 2, 3, 4, 6 or 12 months"
        raise ValueError(message)
    return months


Months = Annotated[int, Field(ge=1, le=MONTHS_OF_A_YEAR, description="1, 2, 3, 4, 6 or 12"), AfterValidator(_of_a_year)]

# What can be asked for --------------------------------------------------------------------------------------------------


class Cadence(Frozen):
    """How often a report is owed: for every ``months`` months of the financial year, ``due_days`` after each at the latest.

    A due date that is no working day moves to the next one. ``first`` and ``last`` are the first and the last day that it
    tells of (``last`` null: the last funded day). ``made`` says whether it is made after its period, or within it as a
    board meets. ``first_month`` is the month in which the financial year begins.
    """

    months: Months
    due_days: Annotated[int, Field(ge=0, le=366)]
    first: date
    last: date | None = None
    made: Literal["after", "within"] = "after"
    first_month: Annotated[int, Field(ge=1, le=12)] = 4

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last is not None and self.last < self.first:
            message = "the last day lies before the first"
            raise ValueError(message)
        return self


class OweReport(CommandBody, Cadence, kind="fact"):
    """A report of some form (financial, delivery, a board's minutes) is owed to a party on a cadence of its own.

    ``owner`` is the office that makes it, null: the one that the policy names. The same report with another ``last`` ends
    or extends it.
    """

    report: Identifier
    form: Name
    to: Name
    words: Text
    owner: Identifier | None = None


class MakeReport(CommandBody, kind="fact"):
    """One or several reports were made for a period, named as ``2021-04``, ``Q1 2021/22``, ``H1 2021/22`` or ``Year 2021/22``.

    ``on`` is the London day on which they were sent, or the board met.
    """

    reports: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    period: Name
    on: date
    documents: tuple[Document, ...] = ()


class WaiveReport(CommandBody, kind="fact"):
    """The party that a report is owed to does without it for a period, and why; ``on`` null: the source does not say when."""

    report: Identifier
    period: Name
    reason: Text
    on: StatedDate | None = None
    documents: tuple[Document, ...] = ()


Command = OweReport | MakeReport | WaiveReport

# What can have happened -------------------------------------------------------------------------------------------------


class ReportOwed(
    Event, Cadence, wire="report.owed", said="Report {report} ({form}) is owed to {to} every {months:month|months} from {first}: {words}", effective="first"
):
    """A cadence begins, or its last day is another one."""

    report: Identifier
    form: Name
    to: Name
    words: Text
    owner: Identifier | None


class ReportMade(Event, wire="report.made", said="Report {report} for {period} made to {to} on {on}: {days_late:day|days} late", effective="on"):
    """One report of one period; ``days_late`` is 0 where it was made by ``due``."""

    report: Identifier
    to: Name
    period: Name
    window: Window
    due: date
    on: date
    days_late: int
    documents: tuple[Document, ...]


class ReportWaived(Event, wire="report.waived", said="Report {report} for {period} waived by {to}: {reason}", effective="on"):
    """One report of one period is owed no more."""

    report: Identifier
    to: Name
    period: Name
    reason: Text
    on: StatedDate | None
    documents: tuple[Document, ...]


Happened = ReportOwed | ReportMade | ReportWaived
DUTIES = (DutyWords(name="report.made", words="{owner} makes report {subject}"),)

# Where the reports stand ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """One period that a report tells of, and the day by which it is due."""

    name: str
    window: Window
    due: date


@dataclass(frozen=True)
class Waived:
    """A waiver, and the instant (UTC) at which it was recorded."""

    event: ReportWaived
    recorded: datetime


@dataclass(frozen=True)
class Report:
    """A report as owed, when that was first recorded (UTC), and by period what was made of it and what was waived."""

    owed: ReportOwed
    recorded: datetime
    made: Mapping[str, ReportMade] = field(default_factory=dict)
    waived: Mapping[str, Waived] = field(default_factory=dict)

    def periods(self, given: Given, but: Container[str] = ()) -> Iterator[Period]:
        """Its periods in order, ``but`` those of these names; without an end while neither it nor the grant has one."""
        last = self.owed.last or given.ends or date.max
        for name, window in islice(_spans(self.owed), MOST_PERIODS):
            first = max(window.first, self.owed.first)
            if first > last:
                return
            if name not in but:
                whole = Window(first=first, last=min(window.last, last))
                yield Period(name, whole, _due(whole.last, self.owed.due_days, given))

    def waiting(self, given: Given) -> Iterator[Period]:
        """The periods for which it was neither made nor waived yet, the oldest first."""
        return self.periods(given, but={*self.made, *self.waived})

    def period(self, name: str, given: Given) -> Period | Refusal:
        """The period of that name; refused where it has none."""
        if found := next((each for each in self.periods(given) if each.name == name), None):
            return found
        waiting = next(self.waiting(given), None)
        return NO_PERIOD.refuse(report=self.owed.report, period=name, next=waiting.name if waiting else "none")


@dataclass(frozen=True)
class State:
    """Reports by id, in the order in which they were first owed."""

    reports: Mapping[str, Report] = field(default_factory=dict)


# The rules --------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, given: Given) -> Decision:
    """What follows from a cadence, or from a report that was made or waived."""
    match body:
        case OweReport():
            return _owe(body, state)
        case MakeReport():
            return _make(body, state, given)
        case WaiveReport():
            return _waive(body, state, given)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The reports after one event."""
    match past.body:
        case ReportOwed(report=name) as owed:
            known = state.reports.get(name)
            return _with(state, name, replace(known, owed=owed) if known else Report(owed, past.recorded))
        case ReportMade(report=name) as made:
            before = state.reports[name]
            return _with(state, name, replace(before, made={**before.made, made.period: made}))
        case ReportWaived(report=name) as waived:
            before = state.reports[name]
            return _with(state, name, replace(before, waived={**before.waived, waived.period: Waived(waived, past.recorded)}))
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """For each report the oldest period for which it was not made, past or to come."""
    return tuple(duty for each in state.reports.values() for period in islice(each.waiting(given), 1) for duty in _owed(each, period, given))


def gates(state: State, given: Given) -> Iterable[str]:
    """Why the grant cannot close: every period for which a report was neither made nor waived; none where nothing ever was funded."""
    owed = state.reports.values() if given.ends else ()
    return (OWED.format(report=each.owed.report, period=period.name) for each in owed for period in each.waiting(given))


def _owe(body: OweReport, state: State) -> Decision:
    owed = ReportOwed(**fields_of(body, OweReport))
    known = state.reports.get(body.report)
    if known and known.owed.model_copy(update={"last": owed.last}) != owed:
        return DIFFERS.refuse(report=body.report, recorded=known.owed.words)
    return () if known and known.owed == owed else (owed,)


def _make(body: MakeReport, state: State, given: Given) -> Decision:
    made: list[Event] = []
    for name in dict.fromkeys(body.reports):
        report = state.reports.get(name)
        if report is None:
            return UNKNOWN.refuse(report=name)
        period = report.period(body.period, given)
        if isinstance(period, Refusal):
            return period
        before, event = report.made.get(period.name), _made(body, report, period)
        if before and (before.on, before.documents) != (event.on, event.documents):
            return DIFFERS.refuse(report=name, recorded=f"made for {period.name} on {before.on}")
        made.extend(() if before else (event,))
    return tuple(made)


def _waive(body: WaiveReport, state: State, given: Given) -> Decision:
    report = state.reports.get(body.report)
    if report is None:
        return UNKNOWN.refuse(report=body.report)
    period = report.period(body.period, given)
    if isinstance(period, Refusal):
        return period
    waived = ReportWaived(**fields_of(body, WaiveReport), to=report.owed.to)
    if known := report.waived.get(period.name):
        return () if known.event == waived else DIFFERS.refuse(report=body.report, recorded=f"waived for {period.name}")
    made = report.made.get(period.name)
    return DIFFERS.refuse(report=body.report, recorded=f"made for {period.name} on {made.on}") if made else (waived,)


def _made(body: MakeReport, report: Report, period: Period) -> ReportMade:
    return ReportMade(
        report=report.owed.report,
        to=report.owed.to,
        period=period.name,
        window=period.window,
        due=period.due,
        on=body.on,
        days_late=max((body.on - period.due).days, 0),
        documents=body.documents,
    )


def _owed(report: Report, period: Period, given: Given) -> tuple[Duty, ...]:
    """The duty begins with its period where it falls within it, else when the period ends; it is its own office's if it names one."""
    since = morning_of(period.window.first) if report.owed.made == "within" else end_of(period.window.last)
    subject = SUBJECT.format(report=report.owed.report, period=period.name)
    owed = given.policy.owed("delivery", "report.made", subject, since, period.due)
    return tuple(each.model_copy(update={"owner": report.owed.owner or each.owner}) for each in owed)


def _spans(cadence: Cadence) -> Iterator[tuple[str, Window]]:
    """Every period from the one that holds the first day on, each by its name within its financial year."""
    day = cadence.first
    while True:
        year = _spans_of(year_of(day, cadence.first_month), cadence.months, cadence.first_month)
        yield from (each for each in year if each[1].last >= cadence.first)
        day = year[-1][1].last + timedelta(days=1)


@cache
def _spans_of(year: str, months: int, first_month: int) -> tuple[tuple[str, Window], ...]:
    """The periods of one financial year, each of so many months, by name."""
    starts = [add_months(year_window(year, first_month).first, month) for month in range(0, MONTHS_OF_A_YEAR, months)]
    ends = [add_months(first, months) - timedelta(days=1) for first in starts]
    return tuple((_name(months, number, year, first), Window(first=first, last=last)) for number, (first, last) in enumerate(zip(starts, ends, strict=True), 1))


def _name(months: int, number: int, year: str, first: date) -> str:
    match months:
        case 1:
            return f"{first:%Y-%m}"
        case _ if months == MONTHS_OF_A_YEAR:
            return f"Year {year}"
        case _:
            letter = {3: "Q", 6: "H"}.get(months, "P")
            return f"{letter}{number} {year}"


def _due(last: date, days: int, given: Given) -> date:
    """So many days after the last, on a working day; the plain day where the table of working days does not reach so far."""
    day = last + timedelta(days=days)
    try:
        return given.policy.closures.on_or_after(day)
    except ValueError:
        return day


def _with(state: State, name: str, report: Report) -> State:
    return replace(state, reports={**state.reports, name: report})
