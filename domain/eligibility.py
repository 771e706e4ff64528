"""What becomes of a cost: included, excluded and why, or held and why. Part of the room ``recovery``.

``fate`` is the one rule. Preparing, showing, accruing, lapsing and the ledger only add up its answers (DESIGN §11.2),
so a window that is cut, or a variation applied later, changes what becomes of costs that were recorded long before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from domain.books import State, last_unclaimed_day, submitted_claims
from domain.expenditure import Cost
from domain.money import WHOLE_RATE, allocate, hundredths
from domain.returns import Return, periods_owed, year_for
from domain.tasking import Weighed, weigh
from domain.terms import TermLine, Terms

Reason = Literal[
    "host_borne",
    "match",
    "replaced",
    "no_line",
    "category",
    "window",
    "outside_tasking",
    "charged_twice",
    "hours",
    "disallowed",
    "above_cap",
    "no_return_left",
]
Waiting = Literal["not_accepted", "only_bid", "no_tasking", "accrual_claimed", "no_such_accrual"]


@dataclass(frozen=True)
class Included:
    """In the return of that period; null: eligible, and in no return yet."""

    period: str | None


@dataclass(frozen=True)
class Excluded:
    """In no return, or disallowed in the return of ``period``.

    ``borne_by`` is the entity that bears it; null: nobody, the cost itself is reversed.
    """

    reason: Reason
    why: str
    borne_by: str | None
    period: str | None = None


@dataclass(frozen=True)
class Held:
    """In no return for now: what it waits for could still make it eligible."""

    reason: Waiting
    why: str


Fate = Included | Excluded | Held


@dataclass(frozen=True)
class Share:
    """So many pence of one cost, with one fate. The shares of a cost add up to the cost."""

    cost: Cost
    year: str
    pence: int
    fate: Fate

    @property
    def period(self) -> str | None:
        """The return that these pence are in, disallowed or not; null: none."""
        return None if isinstance(self.fate, Held) else self.fate.period

    @property
    def host_borne(self) -> bool:
        """Whether the host bears it by agreement."""
        return isinstance(self.fate, Excluded) and self.fate.reason == "host_borne"

    @property
    def match(self) -> bool:
        """Whether it is the part that the funder's rate leaves to whoever incurred the cost."""
        return isinstance(self.fate, Excluded) and self.fate.reason == "match"

    @property
    def own(self) -> bool:
        """Borne by its entity by agreement, host-borne or match: never claimed, and no excluded cost."""
        return self.host_borne or self.match

    @property
    def held(self) -> bool:
        """Whether it waits for what could still make it eligible."""
        return isinstance(self.fate, Held)

    @property
    def open_to_claim(self) -> bool:
        """Eligible, under the cap, and in no return yet."""
        return self.fate == Included(period=None)

    @property
    def above_cap(self) -> bool:
        """Eligible but for the cap."""
        return isinstance(self.fate, Excluded) and self.fate.reason == "above_cap"

    @property
    def is_cost(self) -> bool:
        """Whether it is a cost of its own: of an accrual and its actual only one is."""
        return not (isinstance(self.fate, Excluded | Held) and self.fate.reason in ("replaced", "accrual_claimed"))


@dataclass(frozen=True)
class Claim:
    """Some pence of a cost in the return of a period; ``disallowed`` says why the funder does not pay them.

    Once submitted they are claimed, whatever the terms become. A preparation only reserves: its costs must stay eligible.
    """

    period: str
    submitted: bool
    disallowed: str | None = None


@dataclass(frozen=True)
class Around:
    """What else was recorded, as far as the fate of one cost depends on it.

    ``replaced``: accruals and the actuals in their place. ``claimed``: keys that submitted returns hold, and their
    periods. ``reach``: for each year the last day whose cost a return can still claim (null: none is left). ``gone``: what
    of each year's cap has lapsed or was forfeited, in whole pence. ``charges``: what taskings make of cross-charges.
    """

    replaced: Mapping[str, str]
    claimed: Mapping[str, str]
    reach: Mapping[str, date | None]
    gone: Mapping[str, int] = field(default_factory=dict)
    charges: Weighed = field(default_factory=Weighed)


def fate(cost: Cost, terms: Terms, around: Around, room_pence: int, claim: Claim | None = None) -> Fate:
    """What becomes of a cost, or of the part of it that ``claim`` or the room left under the cap speaks of.

    The first rule that holds decides: DESIGN §7; R-40 to R-42, R-12; invariants 5, 7 and 8.
    """
    if claim and claim.disallowed:
        return Excluded("disallowed", f"disallowed by the funder: {claim.disallowed}", cost.entity, claim.period)
    if claim and claim.submitted:
        return Included(claim.period)
    year = year_for(cost.incurred, terms)
    return (
        _barred(cost, year, terms, around)
        or _not_claimable_any_more(cost, year, around)
        or _above_cap(cost, year, room_pence)
        or Included(claim.period if claim else None)
    )


def shares(state: State, terms: Terms, without: str | None = None, first: frozenset[str] = frozenset()) -> tuple[Share, ...]:
    """The fate of every recorded penny. Costs draw on the caps by day incurred, then key; those in returns go before all.

    ``without`` leaves the return of one period aside, as if it were not prepared; the keys in ``first`` draw next.
    """
    walk = _Walk(terms, _around(state, terms))
    standing = [each for each in state.returns.values() if each.opened.period != without]
    for each in (found for found in standing if found.submitted):
        for row in each.included:
            walk.claimed(state.costs[row.key], row.pence, each)
    for each in (found for found in standing if not found.submitted):
        for row in each.included:
            walk.open(state.costs[row.key], row.pence, Claim(each.opened.period, submitted=False))
    for cost in sorted(state.costs.values(), key=lambda each: (each.key not in first, each.incurred, each.key)):
        walk.open(cost, cost.pence, None)
    return tuple(walk.found)


def holders(cost: Cost, terms: Terms) -> tuple[TermLine, ...]:
    """The lines of instruments, in force or not, that would pay for a cost of this line, day and category."""
    year = year_for(cost.incurred, terms)
    of_line = (each for each in terms.lines if each.line == cost.line and each.year == year)
    return tuple(each for each in of_line if cost.category in each.categories and each.window.holds(cost.incurred))


def in_force(cost: Cost, terms: Terms) -> tuple[TermLine, ...]:
    """Those of the holders that are in force: they pay."""
    return tuple(each for each in holders(cost, terms) if each.in_force)


@dataclass
class Room:
    """What is left under the caps while costs draw on them in their order.

    Money of a line whose window is narrower than another's of the same line pays only for costs in its own window
    (R-12); an offset takes from every window of its line. All lines of a year together draw no more than the year's cap
    less what is gone of it: what has lapsed stays lapsed.
    """

    terms: Terms
    gone: Mapping[str, int] = field(default_factory=dict)
    drawn: dict[tuple[str, str], dict[tuple[TermLine, ...], int]] = field(default_factory=dict)
    of_year: dict[str, int] = field(default_factory=dict)

    def left(self, cost: Cost, year: str, payers: tuple[TermLine, ...]) -> int:
        """Whole pence that a cost of these payers can still draw, never negative."""
        of_line = [each for each in self.terms.lines if each.in_force and each.line == cost.line and each.year == year]
        usable = sum(each.pence for each in of_line if each in payers or each.pence < 0)
        drawn = self.drawn.get((cost.line, year), {})
        by_all = sum(each.pence for each in of_line) - sum(drawn.values())
        by_payers = usable - sum(pence for those, pence in drawn.items() if set(those) <= set(payers))
        by_year = self.terms.cap_of(year) - self.gone.get(year, 0) - self.of_year.get(year, 0)
        return max(min(by_all, by_payers, by_year), 0)

    def draw(self, cost: Cost, year: str, payers: tuple[TermLine, ...], pence: int) -> None:
        """Take so much for a cost."""
        drawn = self.drawn.setdefault((cost.line, year), {})
        drawn[payers] = drawn.get(payers, 0) + pence
        self.of_year[year] = self.of_year.get(year, 0) + pence


@dataclass
class _Walk:
    """One pass over all costs: what is left of each, what is left under the caps, and the shares found so far."""

    terms: Terms
    around: Around
    found: list[Share] = field(default_factory=list)
    spoken_for: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.room = Room(self.terms, self.around.gone)

    def claimed(self, cost: Cost, pence: int, by: Return) -> None:
        """Some pence of a cost in a submitted return, the funder's disallowances apart."""
        year, period = year_for(cost.incurred, self.terms), by.opened.period
        refused = [each for each in (by.agreed.disallowed if by.agreed else ()) if each.key == cost.key]
        for each in refused:
            self._add(cost, year, each.pence, fate(cost, self.terms, self.around, 0, Claim(period, submitted=True, disallowed=each.why)))
        paid = pence - sum(each.pence for each in refused)
        self._add(cost, year, paid, fate(cost, self.terms, self.around, 0, Claim(period, submitted=True)))
        self.room.draw(cost, year, in_force(cost, self.terms), paid)

    def open(self, cost: Cost, most: int, claim: Claim | None) -> None:
        """What is left of a cost, up to ``most``: under the cap, and above it. A reservation speaks only for what is under it."""
        year, payers = year_for(cost.incurred, self.terms), in_force(cost, self.terms)
        apart = _apart(cost, year, self.terms, self.around)
        self._open(cost, min(most, self._left(cost) - sum(pence for pence, _ in apart)), year, payers, claim)
        for pence, what in apart if claim is None else ():
            self._add(cost, year, min(pence, self._left(cost)), what)

    def _open(self, cost: Cost, pence: int, year: str, payers: tuple[TermLine, ...], claim: Claim | None) -> None:
        if pence <= 0:
            return
        room = self.room.left(cost, year, payers)
        found = fate(cost, self.terms, self.around, room, claim)
        under = min(pence, room) if isinstance(found, Included) else 0
        if under:
            self._add(cost, year, under, found)
            self.room.draw(cost, year, payers, under)
        if claim is None and pence > under:
            self._add(cost, year, pence - under, fate(cost, self.terms, self.around, 0, claim) if under else found)

    def _left(self, cost: Cost) -> int:
        return cost.pence - self.spoken_for.get(cost.key, 0)

    def _add(self, cost: Cost, year: str, pence: int, what: Fate) -> None:
        if pence:
            self.found.append(Share(cost, year, pence, what))
            self.spoken_for[cost.key] = self.spoken_for.get(cost.key, 0) + pence


def _barred(cost: Cost, year: str, terms: Terms, around: Around) -> Fate | None:
    """What keeps the whole of a cost out, or holds it; null: nothing does."""
    return _borne_by_host(cost, terms) or _accrual_or_actual(cost, around) or _outside_terms(cost, year, terms) or _cross_charge(cost, around)


def _cross_charge(cost: Cost, around: Around) -> Fate | None:
    barred = around.charges.barred.get(cost.key)
    if barred is None:
        return None
    return Held("no_tasking", barred.why) if barred.reason == "no_tasking" else Excluded(barred.reason, barred.why, cost.entity)


def _apart(cost: Cost, year: str, terms: Terms, around: Around) -> tuple[tuple[int, Excluded], ...]:
    """The pence of a cost, otherwise eligible, that the funder never pays: beyond the hours tasked, and above the funder's rate.

    Where lines of several rates pay for one cost the lowest counts: no more is claimed than each of them says.
    """
    if _barred(cost, year, terms, around):
        return ()
    beyond = around.charges.beyond.get(cost.key)
    rate = min((each.rate for each in in_force(cost, terms)), default=WHOLE_RATE)
    own = allocate(cost.pence - (beyond.pence if beyond else 0), (rate, WHOLE_RATE - rate))[1]
    match = Excluded("match", f"the funder pays {hundredths(rate)}% of line {cost.line}", cost.entity)
    hours = Excluded("hours", beyond.why, cost.entity) if beyond else match
    return tuple((pence, what) for pence, what in ((beyond.pence if beyond else 0, hours), (own, match)) if pence)


def _borne_by_host(cost: Cost, terms: Terms) -> Fate | None:
    if cost.category in terms.host_borne:
        return Excluded("host_borne", f"{cost.category} is borne by the host under the agreement", cost.entity)
    return None


def _accrual_or_actual(cost: Cost, around: Around) -> Fate | None:
    actual = around.replaced.get(cost.key)
    if actual and cost.key not in around.claimed:
        return Excluded("replaced", f"the accrual is replaced by {actual}", None)
    if cost.replaces is None:
        return None
    if around.replaced.get(cost.replaces) != cost.key:
        return Held("no_such_accrual", f"{cost.replaces}, which it replaces, was no accrual recorded before it, or is replaced already")
    if cost.replaces in around.claimed:
        return Held("accrual_claimed", f"{cost.replaces}, which it replaces, is claimed in the return for {around.claimed[cost.replaces]}")
    return None


def _outside_terms(cost: Cost, year: str, terms: Terms) -> Fate | None:
    payers = holders(cost, terms)
    if any(each.in_force for each in payers):
        return None
    if payers:
        names = ", ".join(sorted({each.instrument for each in payers}))
        asked = all(each.of_bid for each in payers)
        return Held("only_bid", f"{names} is a bid, and a bid pays nothing") if asked else Held("not_accepted", f"{names} is neither accepted nor applied")
    of_line = [each for each in terms.lines if (each.line, each.year) == (cost.line, year)]
    if not of_line:
        return Excluded("no_line", f"there is no line {cost.line} in {year}", cost.entity)
    of_category = [each.window for each in of_line if cost.category in each.categories]
    if not of_category:
        return Excluded("category", f"{cost.category} is not eligible on line {cost.line}", cost.entity)
    spans = " or ".join(f"{span.first} to {span.last}" for span in of_category)
    return Excluded("window", f"incurred on {cost.incurred}, outside the effective window of line {cost.line} ({spans})", cost.entity)


def _not_claimable_any_more(cost: Cost, year: str, around: Around) -> Fate | None:
    reach = around.reach.get(year, cost.incurred)
    if reach is None or reach < cost.incurred:
        return Excluded("no_return_left", f"every return of {year} that could claim it was submitted without it", cost.entity)
    return None


def _above_cap(cost: Cost, year: str, room_pence: int) -> Fate | None:
    if room_pence <= 0:
        return Excluded("above_cap", f"above the cap of line {cost.line} in {year}", cost.entity)
    return None


def _around(state: State, terms: Terms) -> Around:
    reach = {year: last_unclaimed_day(state, owed) for year in {each.year for each in terms.lines} if (owed := periods_owed(year, terms))}
    gone = {year: state.gone_pence(year) for year in {each.year for each in terms.lines}}
    around = Around(state.replaced, submitted_claims(state), reach, gone)
    live = [each for each in state.costs.values() if _accrual_or_actual(each, around) is None]
    return replace(around, charges=weigh(live, state.taskings, terms.tasked, around.claimed))
