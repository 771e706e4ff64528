"""What a tasking allows, and what becomes of the charges that name one. Part of the room ``recovery``.

A cross-charge is claimable only under a tasking of the fund's controller that covers its body, kind and day, once for each
invoice of that body, up to the hours tasked (R-43, invariant 27).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.books import Given, State
from domain.calendar import day_of, last_day_of
from domain.charging import RecordTasking, Tasking, TaskWork, WorkTasked
from domain.exception import ExceptionRaised
from domain.expenditure import Cost
from domain.model import By, Decision, Refusal, Rule, fields_of, said
from domain.money import allocate, hundredths

SOURCE = "R-43; invariant 27: requested and tasked by whoever controls the fund"
DIFFERS = Rule(
    "recovery.tasking_differs",
    "Tasking {tasking} is recorded already, with other content.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other tasking an id of its own.",
)
AFTERWARDS = Rule(
    "recovery.tasked_afterwards",
    "Work from {first} is tasked by that day at the latest, and today is {today}.",
    SOURCE,
    remedy="Task only work still to come; work already done is recorded as cost, and its body bears it.",
)
UNFUNDED = Rule(
    "recovery.tasking_unfunded",
    "Nothing in force pays for {category} from {first} to {last}, so it is not tasked.",
    "R-43; R-11; invariant 15",
    remedy="Have money for {category} agreed for these days first, or task work that an agreement in force pays for.",
)
LATE_TASKING = "work tasked after it began"
LATE = "{body} worked from {first}; tasking {tasking} is dated {tasked}."

Reason = Literal["no_tasking", "outside_tasking", "charged_twice"]


@dataclass(frozen=True)
class Barred:
    """A charge that no return includes as it stands, and why; one without a tasking waits for it."""

    reason: Reason
    why: str


@dataclass(frozen=True)
class Beyond:
    """The part of a charge for hours that were not tasked, in whole pence, and why it is left out."""

    pence: int
    why: str


@dataclass(frozen=True)
class Weighed:
    """What taskings make of the costs, by key: those that are barred, and those that go beyond the hours tasked.

    ``hours``: hundredths of an hour charged under each tasking so far.
    """

    barred: Mapping[str, Barred] = field(default_factory=dict)
    beyond: Mapping[str, Beyond] = field(default_factory=dict)
    hours: Mapping[str, int] = field(default_factory=dict)


# The rules --------------------------------------------------------------------------------------------------------------


def task(body: TaskWork | RecordTasking, state: State, by: By, given: Given) -> Decision:
    """Work is tasked: now, if something in force pays for it; or as it was, with an exception if that was too late."""
    tasked = _tasked(body, by, given)
    if known := state.taskings.get(body.tasking):
        aside = {"tasked", "delegation"} if isinstance(body, TaskWork) else set()
        return () if known.model_dump(exclude=aside) == tasked.model_dump(exclude=aside) else DIFFERS.refuse(tasking=body.tasking)
    if isinstance(body, RecordTasking):
        return (tasked, *_late(tasked, given))
    return _afterwards(body, by) or _unfunded(body, by, given) or (tasked,)


def weigh(costs: Iterable[Cost], taskings: Mapping[str, WorkTasked], tasked: Iterable[str], claimed: Collection[str] = ()) -> Weighed:
    """Every cost that names a charge, or whose category is claimable only with a tasking, in the order in which it was recorded.

    So a charge recorded later takes nothing from an earlier one: neither its hours, nor its invoice, unless a submitted
    return has ``claimed`` that invoice with the later one. Hours are hundredths, money whole pence.
    """
    in_order = tuple(costs)
    charges = ((each.key, each.charge) for each in in_order if each.key in claimed)
    walk = _Walk(taskings, frozenset(tasked), invoices={(each.body, each.invoice): key for key, each in charges if each and each.invoice})
    for cost in in_order:
        walk.weigh(cost)
    return Weighed(walk.barred, walk.beyond, walk.hours)


@dataclass
class _Walk:
    taskings: Mapping[str, WorkTasked]
    tasked: frozenset[str]
    barred: dict[str, Barred] = field(default_factory=dict)
    beyond: dict[str, Beyond] = field(default_factory=dict)
    hours: dict[str, int] = field(default_factory=dict)
    invoices: dict[tuple[str, str], str] = field(default_factory=dict)

    def weigh(self, cost: Cost) -> None:
        charge = cost.charge
        if charge is None:
            if cost.category in self.tasked:
                self.barred[cost.key] = Barred("no_tasking", f"{cost.category} is claimed only under a tasking, and none is named")
            return
        found = self.taskings.get(charge.tasking)
        if found is None:
            self.barred[cost.key] = Barred("no_tasking", f"tasking {charge.tasking}, which it names, is not recorded")
        elif why := _outside(cost, found) or self._twice(cost):
            self.barred[cost.key] = why
        else:
            self._take(cost, found, charge.hours_hundredths)

    def _twice(self, cost: Cost) -> Barred | None:
        if cost.charge is None or cost.charge.invoice is None:
            return None
        body, invoice = cost.charge.body, cost.charge.invoice
        first = self.invoices.setdefault((body, invoice), cost.key)
        return None if first == cost.key else Barred("charged_twice", f"{invoice} of {body} is charged already, as {first}")

    def _take(self, cost: Cost, found: WorkTasked, hours: int) -> None:
        before = self.hours.get(found.tasking, 0)
        self.hours[found.tasking] = before + hours
        within = min(max(found.most_hours_hundredths - before, 0), hours)
        if within < hours:
            why = f"beyond the {hundredths(found.most_hours_hundredths)} hours of tasking {found.tasking}"
            self.beyond[cost.key] = Beyond(allocate(cost.pence, (within, hours - within))[1], why)


def _outside(cost: Cost, found: WorkTasked) -> Barred | None:
    if cost.charge and cost.charge.body != found.body:
        why = f"tasking {found.tasking} is of {found.body}, and {cost.charge.body} charges"
    elif cost.category not in found.categories:
        why = f"tasking {found.tasking} is not for {cost.category}"
    elif not found.window.holds(cost.incurred):
        why = f"incurred on {cost.incurred}, outside tasking {found.tasking} ({found.window})"
    else:
        return None
    return Barred("outside_tasking", why)


def _tasked(body: TaskWork | RecordTasking, by: By, given: Given) -> WorkTasked:
    stated = body if isinstance(body, RecordTasking) else None
    return WorkTasked(
        **fields_of(body, Tasking),
        tasked=stated.tasked if stated else day_of(by.now).isoformat(),
        tasked_by=stated.tasked_by if stated else None,
        delegation=None if stated else by.delegation or given.policy.delegation("TaskWork", day_of(by.now)),
    )


def _afterwards(body: TaskWork, by: By) -> Refusal | None:
    today = day_of(by.now)
    return AFTERWARDS.refuse(first=body.first, today=today) if body.first < today else None


def _unfunded(body: TaskWork, by: By, given: Given) -> Refusal | None:
    paying = [each for each in given.terms.lines if each.in_force and each.window.holds(body.first) and each.window.holds(body.last)]
    unpaid = next((name for name in body.categories if not any(name in each.categories for each in paying)), None)
    if unpaid is None:
        return None
    return UNFUNDED.refuse(*given.may(by, "AcceptOffer", "ExecuteAgreement", "ApplyVariation"), category=unpaid, first=body.first, last=body.last)


def _late(tasked: WorkTasked, given: Given) -> tuple[ExceptionRaised, ...]:
    if last_day_of(tasked.tasked) <= tasked.first:
        return ()
    why = said(LATE, {"body": tasked.body, "first": tasked.first, "tasking": tasked.tasking, "tasked": tasked.tasked})
    return (ExceptionRaised(exception=f"late-tasking/{tasked.tasking}", what=LATE_TASKING, subject=tasked.tasking, owner=given.exception_owner, why=why),)
