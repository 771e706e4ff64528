"""Rows about cost in a grant's view: taskings and the charges under them, commitments of others, forecasts. Money is whole pence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from domain.books import State
from domain.calendar import StatedDate, YearLabel, last_day_of
from domain.charging import WorkTasked
from domain.commitments import CommitmentRecorded, ForecastRecorded
from domain.eligibility import Excluded, Held, Included, Share
from domain.expenditure import Cost
from domain.model import Cap, Frozen, Identifier, Name, Text, fields_of
from domain.money import Stated
from domain.sections import submitted_by

NOT_UNDER_IT = ("outside_tasking", "charged_twice", "replaced")


class TaskingRow(Frozen):
    """Work of another body as tasked, and the hours charged under it (hundredths of an hour; more than tasked are not claimed)."""

    tasking: Identifier
    body: Name
    categories: tuple[Identifier, ...]
    first: date
    last: date
    tasked: StatedDate
    tasked_by: Name | None
    most_hours_hundredths: int
    charged_hours_hundredths: int


class CrossChargeRow(Frozen):
    """One charge of another body: under which tasking, for which hours, what of it is claimed, and why the rest is not."""

    cost: Identifier
    tasking: Identifier
    body: Name
    category: Identifier
    incurred: date
    hours_hundredths: int
    invoice: Name | None
    cost_pence: Cap
    claimed_pence: Cap
    left_out: tuple[Text, ...]
    evidence: Text | None
    kept: Name


class CommitmentRow(Frozen):
    """What another pays beside the grant; never part of a return."""

    commitment: Identifier
    party: Name
    cap_pence: Cap
    per: Literal["year", "whole"]
    stated: Stated
    first: date
    last: date | None
    note: Text | None


class ForecastRow(Frozen):
    """The latest forecast of a year: ``actual_pence`` is eligible cost so far; at risk is cap less actual less forecast."""

    year: YearLabel
    dated: StatedDate
    forecast_pence: Cap
    actual_pence: Cap
    at_risk_pence: Cap


class CostFigures(Frozen):
    """The sections about cost, at one day."""

    taskings: tuple[TaskingRow, ...]
    cross_charges: tuple[CrossChargeRow, ...]
    related: tuple[CommitmentRow, ...]
    forecasts: tuple[ForecastRow, ...]


def cost_figures(books: State, known: Iterable[Share], caps: Mapping[str, int], as_of: date) -> CostFigures:
    """Everything about cost at the end of a day; ``caps`` are the caps in force by year."""
    shared = tuple(each for each in known if each.cost.incurred <= as_of)
    tasked = (each for each in books.taskings.values() if last_day_of(each.tasked) <= as_of)
    charged = {(each.cost.incurred, each.cost.key): each.cost for each in shared if each.cost.charge}
    return CostFigures(
        taskings=tuple(_tasking(each, shared) for each in tasked),
        cross_charges=tuple(_cross_charge(cost, shared, books, as_of) for _, cost in sorted(charged.items())),
        related=tuple(_commitment(each) for each in books.commitments.values() if each.first <= as_of),
        forecasts=tuple(_forecast(each, shared, caps) for each in _latest(books, as_of)),
    )


def _tasking(found: WorkTasked, shared: Iterable[Share]) -> TaskingRow:
    under = {each.cost.key: each.cost.charge.hours_hundredths for each in shared if each.cost.charge and _under(each, found.tasking)}
    names = ("tasking", "body", "categories", "first", "last", "tasked", "tasked_by", "most_hours_hundredths")
    return TaskingRow(**{name: getattr(found, name) for name in names}, charged_hours_hundredths=sum(under.values()))


def _under(share: Share, tasking: str) -> bool:
    if share.cost.charge is None or share.cost.charge.tasking != tasking:
        return False
    return not (isinstance(share.fate, Excluded) and share.fate.reason in NOT_UNDER_IT)


def _cross_charge(cost: Cost, shared: Iterable[Share], books: State, as_of: date) -> CrossChargeRow:
    own = [each for each in shared if each.cost.key == cost.key]
    returned = {each.opened.period for each in books.returns.values() if submitted_by(each, as_of)}
    left_out = dict.fromkeys(each.fate.why for each in own if isinstance(each.fate, Excluded | Held))
    return CrossChargeRow(
        cost=cost.key,
        **(cost.charge.model_dump() if cost.charge else {}),
        category=cost.category,
        incurred=cost.incurred,
        cost_pence=cost.pence,
        claimed_pence=sum(each.pence for each in own if each.period in returned),
        left_out=tuple(left_out),
        evidence=cost.evidence,
        kept=cost.kept,
    )


def _commitment(found: CommitmentRecorded) -> CommitmentRow:
    return CommitmentRow(**fields_of(found, CommitmentRow))


def _latest(books: State, as_of: date) -> Iterable[ForecastRecorded]:
    stated = sorted(books.forecasts.values(), key=lambda each: last_day_of(each.dated))
    return {each.year: each for each in stated if last_day_of(each.dated) <= as_of}.values()


def _forecast(found: ForecastRecorded, shared: Iterable[Share], caps: Mapping[str, int]) -> ForecastRow:
    actual = sum(each.pence for each in shared if each.year == found.year and isinstance(each.fate, Included))
    return ForecastRow(
        year=found.year,
        dated=found.dated,
        forecast_pence=found.forecast_pence,
        actual_pence=actual,
        at_risk_pence=max(caps.get(found.year, 0) - actual - found.forecast_pence, 0),
    )
