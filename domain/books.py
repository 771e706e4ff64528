"""What recovery remembers: the costs, the returns, the payments, and what the year's end made of them.

Part of the room ``recovery``: its state, what it is given, and how an event changes the one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain import adjustments, charging, commitments, returns
from domain.adjustments import CapForfeited, PaymentRepaid, YearJudged
from domain.calendar import StatedDate, YearLabel, day_of
from domain.charging import WorkTasked
from domain.commitments import CommitmentRecorded, ForecastRecorded
from domain.expenditure import Cost, CostsRecorded, SupportRecorded
from domain.model import By, Cap, Event, Identifier, Name, Past, Pence, Rule
from domain.policy import Policy
from domain.returns import PaymentReceived, Return, ReturnOpened
from domain.terms import Terms

KEY_REUSED = Rule(
    "recovery.key_reused",
    "{key} is recorded already, and says something else.",
    "DESIGN §4.8; invariant 25",
    remedy="Give the other one an id of its own; of a cost that was wrong, record what differs under a new key.",
)
NO_RETURN = Rule(
    "recovery.no_return",
    "No return for {period} is open.",
    "R-60; invariant 22",
    remedy="Correct the period: `grants show` lists the returns; one opens with its agreement.",
)


class YearEnded(Event, wire="year.ended", said="The financial year {year} has ended; nothing lapses before its last return is settled", effective="last"):
    """The spending window of a year closes (DESIGN §7)."""

    year: YearLabel
    last: StatedDate


class OutturnFixed(Event, wire="outturn.fixed", said="The outturn of {year} is {outturn_pence}", effective="on"):
    """All returns of a year are settled: what they agreed is its outturn. A supplementary return fixes it again."""

    year: YearLabel
    outturn_pence: Cap
    on: StatedDate


class CapLapsed(Event, wire="cap.lapsed", said="{lapsed_pence} of {year} lapsed", effective="on"):
    """Cap less agreed outturn, less what was gone before, is gone from the last day on which it could be spent (invariant 12)."""

    year: YearLabel
    lapsed_pence: Cap
    on: StatedDate
    entity: Name


class IncomeAccrued(Event, wire="income.accrued", said="Income of {accrued_pence} accrued on {line} in {year}", effective="booked"):
    """Income follows eligible cost under the cap; a negative amount takes back what is not eligible any more (IAS 20)."""

    year: YearLabel
    line: Identifier
    accrued_pence: Pence
    booked: StatedDate
    entity: Name


@dataclass(frozen=True)
class Judged:
    """A judgement of the accountant, and when it was recorded (UTC)."""

    event: YearJudged
    recorded: datetime


@dataclass(frozen=True)
class Late:
    """An instrument that came after a year which it funds had ended, and when that was recorded (UTC): its year is to be judged."""

    instrument: str
    year: str
    recorded: datetime


@dataclass(frozen=True)
class State:
    """Recovery as folded. Costs stand under their keys, returns under their periods, payments under theirs.

    ``replaced`` maps an accrual to the actual in its place; ``memo`` names the costs that were recorded as the host's.
    ``outturns`` are all that a year ever had, the latest last; what has lapsed or was forfeited stays so.
    Taskings and commitments of others stand under their ids, forecasts under their year and date.
    """

    costs: Mapping[str, Cost] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    memo: frozenset[str] = frozenset()
    support: Mapping[str, SupportRecorded] = field(default_factory=dict)
    returns: Mapping[str, Return] = field(default_factory=dict)
    payments: Mapping[str, PaymentReceived] = field(default_factory=dict)
    accrued: tuple[IncomeAccrued, ...] = ()
    ended: Mapping[str, YearEnded] = field(default_factory=dict)
    outturns: Mapping[str, tuple[OutturnFixed, ...]] = field(default_factory=dict)
    lapsed: tuple[CapLapsed, ...] = ()
    forfeits: Mapping[str, CapForfeited] = field(default_factory=dict)
    repayments: Mapping[str, PaymentRepaid] = field(default_factory=dict)
    judgements: Mapping[str, Judged] = field(default_factory=dict)
    taskings: Mapping[str, WorkTasked] = field(default_factory=dict)
    commitments: Mapping[str, CommitmentRecorded] = field(default_factory=dict)
    forecasts: Mapping[tuple[str, str], ForecastRecorded] = field(default_factory=dict)

    def returns_of(self, year: str) -> tuple[Return, ...]:
        """The returns of a year that were opened."""
        return tuple(each for each in self.returns.values() if each.opened.year == year)

    def received_pence(self, period: str) -> int:
        """What came in for one return, less what was paid back of it."""
        repaid = sum(each.repaid_pence for each in self.repayments.values() if each.period == period)
        return sum(each.paid_pence for each in self.payments.values() if each.period == period) - repaid

    def forfeited_pence(self, year: str) -> int:
        """What was forfeited of a year's cap."""
        return sum(each.forfeited_pence for each in self.forfeits.values() if each.year == year)

    def lapsed_pence(self, year: str) -> int:
        """What has lapsed of a year's cap."""
        return sum(each.lapsed_pence for each in self.lapsed if each.year == year)

    def gone_pence(self, year: str) -> int:
        """What of a year's cap nothing can be claimed from any more: lapsed or forfeited."""
        return self.lapsed_pence(year) + self.forfeited_pence(year)

    def claimed_pence(self, year: str) -> int:
        """What the submitted returns of a year claim, less what the funder disallowed of them."""
        return sum(each.standing_pence for each in self.returns_of(year))


@dataclass(frozen=True)
class Given:
    """The few figures that the whole grant names for recovery.

    ``unauthorised``: instruments in force whose approval is missing. ``taken``: cost keys that another grant has claimed,
    and that grant. ``entity``: the party in whose books income, receipts and support stand. ``approved``: what decisions still
    approve of a year's cap in force, in whole pence, where one of them lowered it since it was taken up.
    ``exception_owner``: the office that explains an exception. ``late``: the instruments whose year is to be judged.
    """

    policy: Policy
    terms: Terms
    unauthorised: tuple[str, ...]
    taken: Mapping[str, str]
    entity: str
    exception_owner: str
    late: tuple[Late, ...] = ()
    approved: Mapping[str, int] = field(default_factory=dict)

    def may(self, by: By, *acts: str) -> tuple[str, ...]:
        """The offices that may do one of these acts under the scheme in force, each once."""
        scheme = self.policy.scheme_on(day_of(by.now))
        mandates = scheme.mandates if scheme else ()
        return once(office for each in mandates if each.act in acts for office in each.offices)


Happened = (
    CostsRecorded
    | SupportRecorded
    | ReturnOpened
    | returns.Happened
    | PaymentReceived
    | YearEnded
    | OutturnFixed
    | CapLapsed
    | IncomeAccrued
    | adjustments.Happened
    | charging.Happened
    | commitments.Happened
)


def evolve(state: State, past: Past) -> State:
    """Recovery after one of its events. Total: history is never refused."""
    match past.body:
        case CostsRecorded() as batch:
            costs = {**state.costs, **{row.key: row for row in batch.rows}}
            replaced = {**state.replaced, **{each.accrual: each.actual for each in batch.replaced}}
            return replace(state, costs=costs, replaced=replaced, memo=state.memo | set(batch.host_borne))
        case SupportRecorded(support=support):
            return replace(state, support={**state.support, support: past.body})
        case ReturnOpened(period=period):
            return replace(state, returns={**state.returns, period: Return(past.body, past.recorded)})
        case PaymentReceived(payment=payment):
            return replace(state, payments={**state.payments, payment: past.body})
        case body if isinstance(body, returns.Happened):
            return replace(state, returns={**state.returns, body.period: returns.evolve(state.returns[body.period], past)})
        case _:
            return _evolve_year(state, past)


def _evolve_year(state: State, past: Past) -> State:
    match past.body:
        case YearEnded(year=year):
            return replace(state, ended={**state.ended, year: past.body})
        case OutturnFixed(year=year):
            return replace(state, outturns={**state.outturns, year: (*state.outturns.get(year, ()), past.body)})
        case CapLapsed():
            return replace(state, lapsed=(*state.lapsed, past.body))
        case IncomeAccrued():
            return replace(state, accrued=(*state.accrued, past.body))
        case CapForfeited(forfeit=forfeit):
            return replace(state, forfeits={**state.forfeits, forfeit: past.body})
        case PaymentRepaid(repayment=repayment):
            return replace(state, repayments={**state.repayments, repayment: past.body})
        case YearJudged(judgement=judgement):
            return replace(state, judgements={**state.judgements, judgement: Judged(past.body, past.recorded)})
        case _:
            return _evolve_beside(state, past)


def _evolve_beside(state: State, past: Past) -> State:
    match past.body:
        case WorkTasked(tasking=tasking):
            return replace(state, taskings={**state.taskings, tasking: past.body})
        case CommitmentRecorded(commitment=commitment):
            return replace(state, commitments={**state.commitments, commitment: past.body})
        case ForecastRecorded(year=year, dated=dated):
            return replace(state, forecasts={**state.forecasts, (year, dated): past.body})
        case _:
            return state


def submitted_claims(state: State) -> dict[str, str]:
    """The cost keys that submitted returns claim, and the period of the first that does."""
    found: dict[str, str] = {}
    for period, each in state.returns.items():
        if each.submitted:
            found |= {row.key: period for row in each.included if row.key not in found}
    return found


def last_unclaimed_day(state: State, owed: Iterable[returns.Period]) -> date | None:
    """The last day whose cost a return can still claim: the end of the latest period not submitted (null: none is left)."""
    periods = tuple(owed)
    to_come = [each.window.last for each in periods if each.name not in state.returns]
    years = {each.year for each in periods}
    opened = [each.opened.window.last for each in state.returns.values() if each.opened.year in years and not each.submitted]
    return max((*to_come, *opened), default=None)


def once(offices: Iterable[str]) -> tuple[str, ...]:
    """Each of them once, in their first order."""
    return tuple(dict.fromkeys(offices))
