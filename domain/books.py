"""What recovery remembers: the costs, the returns, the payments, and what the year's end made of them.

Part of the room ``recovery``: its state, what it is given, and how an event changes the one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from domain import returns
from domain.calendar import StatedDate, YearLabel, day_of
from domain.expenditure import Cost, CostsRecorded, SupportRecorded
from domain.model import By, Cap, Event, Identifier, Name, Past, Pence, Rule
from domain.policy import Policy
from domain.returns import PaymentReceived, Return, ReturnOpened
from domain.terms import Terms

KEY_REUSED = Rule("recovery.key_reused", "{key} is recorded already, and says something else.", "DESIGN §4.8; invariant 25")
NO_RETURN = Rule("recovery.no_return", "No return for {period} is open.", "R-60; invariant 22")


class YearEnded(Event, wire="year.ended", said="The financial year {year} has ended; nothing lapses before its last return is settled", effective="last"):
    """The spending window of a year closes (DESIGN §7)."""

    year: YearLabel
    last: StatedDate


class OutturnFixed(Event, wire="outturn.fixed", said="The outturn of {year} is {outturn_pence}", effective="on"):
    """All returns of a year are settled: what they agreed is its outturn."""

    year: YearLabel
    outturn_pence: Cap
    on: StatedDate


class CapLapsed(Event, wire="cap.lapsed", said="{lapsed_pence} of {year} lapsed", effective="on"):
    """Cap less agreed outturn is gone, from the last day on which it could be spent (invariant 12)."""

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
class State:
    """Recovery as folded. Costs stand under their keys, returns under their periods, payments under theirs.

    ``replaced`` maps an accrual to the actual in its place; ``memo`` names the costs that were recorded as the host's.
    """

    costs: Mapping[str, Cost] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    memo: frozenset[str] = frozenset()
    support: Mapping[str, SupportRecorded] = field(default_factory=dict)
    returns: Mapping[str, Return] = field(default_factory=dict)
    payments: Mapping[str, PaymentReceived] = field(default_factory=dict)
    accrued: tuple[IncomeAccrued, ...] = ()
    ended: Mapping[str, YearEnded] = field(default_factory=dict)
    outturns: Mapping[str, OutturnFixed] = field(default_factory=dict)
    lapsed: tuple[CapLapsed, ...] = ()

    def returns_of(self, year: str) -> tuple[Return, ...]:
        """The returns of a year that were opened."""
        return tuple(each for each in self.returns.values() if each.opened.year == year)

    def received_pence(self, period: str) -> int:
        """What came in for one return."""
        return sum(each.paid_pence for each in self.payments.values() if each.period == period)


@dataclass(frozen=True)
class Given:
    """The few figures that the whole grant names for recovery.

    ``unauthorised``: instruments in force whose approval is missing. ``taken``: cost keys that another grant has claimed,
    and that grant. ``entity``: the party in whose books income, receipts and support stand.
    ``exception_owner``: the office that explains an exception.
    """

    policy: Policy
    terms: Terms
    unauthorised: tuple[str, ...]
    taken: Mapping[str, str]
    entity: str
    exception_owner: str

    def may(self, by: By, *acts: str) -> tuple[str, ...]:
        """The offices that may do one of these acts under the scheme in force, each once."""
        scheme = self.policy.scheme_on(day_of(by.now))
        mandates = scheme.mandates if scheme else ()
        return once(office for each in mandates if each.act in acts for office in each.offices)


Happened = CostsRecorded | SupportRecorded | ReturnOpened | returns.Happened | PaymentReceived | YearEnded | OutturnFixed | CapLapsed | IncomeAccrued


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
            return replace(state, outturns={**state.outturns, year: past.body})
        case CapLapsed():
            return replace(state, lapsed=(*state.lapsed, past.body))
        case IncomeAccrued():
            return replace(state, accrued=(*state.accrued, past.body))
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
    return max((each.window.last for each in owed if not ((found := state.returns.get(each.name)) and found.submitted)), default=None)


def once(offices: Iterable[str]) -> tuple[str, ...]:
    """Each of them once, in their first order."""
    return tuple(dict.fromkeys(offices))
