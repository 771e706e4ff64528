"""Money is conserved whatever happens in whatever order: each recorded penny has one fate, and no claim outgrows its cap.

The caps are small on purpose, so that a life reaches them; the last spec says what the lives have reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from domain.adjustments import RecordForfeit, RecordRepayment
from domain.books import OutturnFixed
from domain.eligibility import Excluded, Held, Included, Share, shares
from domain.expenditure import Cost
from domain.model import Refusal
from domain.recovery import Command
from domain.returns import AnswerQuery, CertifyReturn, Disallowed, PrepareReturn, RecordPayment, RecordQuery, RecordReturnAgreed, SubmitReturn
from domain.terms import TermLine
from tests.domain.recovering import (
    ACCOUNTANT,
    BOOKKEEPER,
    EFFECTIVE,
    FINANCE_CHIEF,
    PLANNED,
    YEAR,
    Recovery,
    cost,
    costs,
    given,
    line,
    uplift,
)

WHOLE_PENCE, UPLIFT_PENCE = 900, 300
SUPPLEMENTARY = "S1 2020/21"
PERIODS = (*(f"Q{quarter} 2020/21" for quarter in (1, 2, 3, 4)), SUPPLEMENTARY)
KEYS = tuple(f"c{number}" for number in range(10))
REACHED: set[str] = set()


@st.composite
def rows(draw: st.DrawFn) -> Cost:
    """One cost near the edges: about the year's ends, about the cap, for known and unknown accruals."""
    day = date(2020, 4, 1) + timedelta(days=draw(st.integers(-5, 370)))
    accrued = draw(st.booleans())
    return cost(
        draw(st.sampled_from(KEYS)),
        draw(st.sampled_from((0, 1, 150, 700))),
        day.isoformat(),
        category=draw(st.sampled_from(("direct_pay", "direct_pay", "overtime", "mps_support_costs", "fines"))),
        line=draw(st.sampled_from(("whole", "uplift"))),
        basis="accrual" if accrued else "actual",
        replaces=None if accrued else draw(st.none() | st.sampled_from(KEYS)),
    )


ROWS = rows()


class Lives(RuleBasedStateMachine):
    """Costs, terms, returns and the funder's answers in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.window, self.applied = PLANNED, False
        self.life = Recovery(given(*self.terms()))
        self.gone, self.fixed = 0, tuple[OutturnFixed, ...]()

    def terms(self) -> tuple[TermLine, ...]:
        varied = uplift("uplift", UPLIFT_PENCE, self.window, date(2021, 1, 1) if self.applied else None)
        same_line = uplift("whole", 100, self.window, date(2021, 1, 1) if self.applied else None)
        return line(pence=WHOLE_PENCE), varied, same_line

    def obeys(self, body: Command, actor: str = BOOKKEEPER) -> bool:
        """Once is as good as twice."""
        decision = self.life.tries(body, actor)
        if isinstance(decision, Refusal):
            REACHED.add(decision.code)
            return False
        self.life.does(body, actor)
        assert self.life.tries(body, actor) == (), body
        return True

    @initialize(rows=st.lists(ROWS, min_size=4, max_size=8, unique_by=lambda row: row.key), day=st.sampled_from(("2020-07-01", "2020-11-01", "2021-04-05")))
    def some_of_the_year_is_over(self, rows: list[Cost], day: str) -> None:
        self.obeys(costs(*rows))
        self.life.on(day)

    @rule(rows=st.lists(ROWS, min_size=1, max_size=3, unique_by=lambda row: row.key))
    def costs_are_recorded(self, rows: list[Cost]) -> None:
        self.obeys(costs(*rows))

    @precondition(lambda self: not self.applied and self.life.now.year == 2021)
    @rule()
    def variation_is_applied(self) -> None:
        self.applied = True
        self.life.applies(*self.terms())

    @rule(forfeit=st.sampled_from(("f1", "f2")), pence=st.sampled_from((1, 90, 400)))
    def some_of_the_cap_is_forfeited(self, forfeit: str, pence: int) -> None:
        self.obeys(RecordForfeit(forfeit=forfeit, year=YEAR, pence=pence, why="The cut-off was missed.", dated=self.life.now.date().isoformat()))

    @rule(period=st.sampled_from(PERIODS), paid=st.integers(1, 300), back=st.booleans())
    def return_is_paid_at_random_and_what_is_too_much_goes_back(self, period: str, paid: int, back: bool) -> None:  # noqa: FBT001  (drawn)
        day, number = self.life.now.date(), len(self.life.state.payments) + len(self.life.state.repayments)
        if self.obeys(RecordPayment(payment=f"p{number}", period=period, pence=paid, on=day, ledger_ref="BACS")) and back:
            agreed = self.life.state.returns[period].agreed
            excess = self.life.state.received_pence(period) - (agreed.agreed_pence if agreed else 0)
            if excess > 0:
                REACHED.add("paid back")
                self.obeys(RecordRepayment(repayment=f"r{number}", period=period, pence=excess, on=day, ledger_ref="BACS"))

    @rule()
    def window_is_cut(self) -> None:
        self.window = EFFECTIVE
        self.life.under(*self.terms())

    @rule(days=st.sampled_from((1, 30, 100)))
    def days_pass(self, days: int) -> None:
        self.life.on((self.life.now.date() + timedelta(days=days)).isoformat())

    @rule(period=st.sampled_from(PERIODS), claim=st.none() | st.sampled_from((0, 40, 150, 500)), some=st.none() | st.sampled_from((*KEYS, "ghost")))
    def return_is_prepared(self, period: str, claim: int | None, some: str | None) -> None:
        self.obeys(PrepareReturn(period=period, claim_pence=claim, include=(some,) if some else None))

    @rule(period=st.sampled_from(PERIODS), pence=st.sampled_from((1, 120)))
    def accrual_in_a_return_gets_its_actual(self, period: str, pence: int) -> None:
        state = self.life.state
        rows = state.returns[period].included if period in state.returns else ()
        found = next((state.costs[row.key] for row in rows if state.costs[row.key].basis == "accrual" and row.key not in state.replaced), None)
        if found:
            self.obeys(costs(cost(f"of {found.key}", pence, found.incurred.isoformat(), line=found.line, replaces=found.key)))
            self.obeys(CertifyReturn(period=period), FINANCE_CHIEF)

    @rule(period=st.sampled_from(PERIODS))
    def return_is_certified(self, period: str) -> None:
        self.obeys(CertifyReturn(period=period), FINANCE_CHIEF)

    @rule(period=st.sampled_from(PERIODS))
    def return_is_submitted(self, period: str) -> None:
        self.obeys(SubmitReturn(period=period), ACCOUNTANT)

    @rule(period=st.sampled_from(PERIODS))
    def return_is_queried_and_answered(self, period: str) -> None:
        self.obeys(RecordQuery(period=period, query="1", asked="Why?", dated="2021-05-01"))
        self.obeys(AnswerQuery(period=period, query="1", answer="Because."))

    @rule(period=st.sampled_from(PERIODS), lost=st.integers(0, 200))
    def return_is_agreed(self, period: str, lost: int) -> None:
        found = self.life.state.returns.get(period)
        row = next((each for each in found.included if each.pence), None) if found else None
        disallowed = (Disallowed(key=row.key, pence=min(lost, row.pence), why="no receipt"),) if row and lost else ()
        claim = found.prepared.claim_pence if found and found.prepared else 0
        agreed = claim - sum(each.pence for each in disallowed)
        if self.obeys(RecordReturnAgreed(period=period, agreed_pence=agreed, disallowed=disallowed, dated=self.life.now.date().isoformat())):
            REACHED.update({"partly agreed"} if disallowed else set())

    @rule(period=st.sampled_from(PERIODS))
    def return_is_paid(self, period: str) -> None:
        found = self.life.state.returns.get(period)
        owed = (found.agreed.agreed_pence if found and found.agreed else 0) - self.life.state.received_pence(period)
        if owed > 0:
            self.obeys(RecordPayment(payment=period, period=period, pence=owed, on=self.life.now.date(), ledger_ref="BACS"))

    @precondition(lambda self: len(self.life.state.costs) > 7)
    @rule()
    def year_is_finished(self) -> None:
        """Every return that is still open goes its whole way; what is above the cap stays out."""
        self.life.on(max(self.life.now.date(), date(2021, 4, 20)).isoformat())
        for period in PERIODS:
            if not self.obeys(PrepareReturn(period=period)):
                self.obeys(PrepareReturn(period=period, claim_pence=0))
            self.return_is_submitted(period)
            self.return_is_certified(period)
            self.return_is_submitted(period)
            self.return_is_agreed(period, 20)
            self.return_is_paid(period)
        assert YEAR in self.life.state.outturns
        self.obeys(costs(cost("late", 1, "2021-03-31")))

    @precondition(lambda self: not self.applied and len(self.life.state.costs) > 4)
    @rule()
    def variation_comes_when_the_year_is_settled(self) -> None:
        """Its supplementary return goes its whole way too."""
        self.year_is_finished()
        self.variation_is_applied()
        self.year_is_finished()

    def shares(self) -> tuple[Share, ...]:
        return shares(self.life.state, self.life.given.terms)

    @invariant()
    def every_penny_has_one_fate(self) -> None:
        found = self.shares()
        for key, known in self.life.state.costs.items():
            assert sum(each.pence for each in found if each.cost.key == key) == known.pence
        assert all(each.pence > 0 for each in found)
        REACHED.update(each.fate.reason for each in found if isinstance(each.fate, Excluded | Held))

    @invariant()
    def claims_are_their_shares_and_no_penny_is_claimed_twice(self) -> None:
        found = self.shares()
        for period, each in self.life.state.returns.items():
            if each.submitted:
                assert sum(share.pence for share in found if share.period == period) == each.submitted.claim_pence
        for key, known in self.life.state.costs.items():
            claimed = sum(row.pence for each in self.life.state.returns.values() if each.submitted for row in each.included if row.key == key)
            assert claimed <= known.pence

    @invariant()
    def included_cost_stays_under_the_cap_of_its_line_and_inside_its_window(self) -> None:
        found = [each for each in self.shares() if isinstance(each.fate, Included)]
        for name in ("whole", "uplift"):
            assert pence_of(each for each in found if each.cost.line == name) <= self.life.given.terms.cap_of(YEAR, name)
        assert pence_of(each for each in found if each.cost.line == "whole" and each.cost.incurred < PLANNED.first) <= WHOLE_PENCE
        assert not [each for each in found if each.cost.line == "uplift" and each.cost.incurred < PLANNED.first]
        assert not [each for each in found if each.host_borne or each.year != YEAR]

    @invariant()
    def agreed_is_at_most_the_cap_and_the_eligible_cost(self) -> None:
        agreed = sum(each.agreed.agreed_pence for each in self.life.state.returns.values() if each.agreed)
        assert agreed <= self.life.given.terms.cap_of(YEAR)
        assert agreed <= sum(each.pence for each in self.life.state.costs.values() if eligible(each))

    @invariant()
    def of_an_accrual_and_its_actual_one_at_most_is_included(self) -> None:
        included = {each.cost.key for each in self.shares() if isinstance(each.fate, Included)}
        assert not [accrual for accrual, actual in self.life.state.replaced.items() if {accrual, actual} <= included]
        assert len(set(self.life.state.replaced.values())) == len(self.life.state.replaced)

    @invariant()
    def income_is_what_is_included(self) -> None:
        lost = sum(each.agreed.disallowed_pence for each in self.life.state.returns.values() if each.agreed)
        assert self.life.income() - lost == pence_of(each for each in self.shares() if isinstance(each.fate, Included))

    @invariant()
    def the_cap_is_agreed_lapsed_and_forfeited_once_the_year_is_settled_and_never_less(self) -> None:
        state, cap = self.life.state, self.life.given.terms.cap_of(YEAR)
        agreed = sum(each.agreed.agreed_pence for each in state.returns_of(YEAR) if each.agreed)
        assert state.claimed_pence(YEAR) + state.gone_pence(YEAR) <= cap
        if YEAR in state.outturns and all(each.settled for each in state.returns_of(YEAR)):
            assert state.outturns[YEAR][-1].outturn_pence == agreed
            assert agreed + state.lapsed_pence(YEAR) + state.forfeited_pence(YEAR) == cap
            REACHED.update({"lapsed"} if state.lapsed else set())
            REACHED.update({"forfeited"} if state.forfeited_pence(YEAR) else set())
            REACHED.update({"supplementary settled"} if SUPPLEMENTARY in state.returns else set())
            REACHED.update({"lapsed twice"} if len(state.lapsed) > 1 else set())

    @invariant()
    def what_was_fixed_lapsed_or_forfeited_is_never_taken_back(self) -> None:
        state = self.life.state
        gone, fixed = state.gone_pence(YEAR), state.outturns.get(YEAR, ())
        assert gone >= self.gone
        assert fixed[: len(self.fixed)] == self.fixed
        self.gone, self.fixed = gone, fixed


def eligible(row: Cost) -> bool:
    return row.category in ("direct_pay", "overtime") and row.incurred.year in (2020, 2021)


def pence_of(found: Iterable[Share]) -> int:
    return sum(each.pence for each in found)


def test_whatever_happens_in_whatever_order_money_is_conserved() -> None:
    calm = settings(max_examples=100, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Lives, settings=calm)
    wanted = {
        *("supplementary settled", "lapsed twice", "forfeited", "paid back"),
        *("partly agreed", "lapsed", "disallowed", "replaced", "no_such_accrual", "not_accepted"),
        *("window", "category", "host_borne", "no_line", "above_cap", "no_return_left"),
        *("recovery.key_reused", "recovery.excluded_cost", "recovery.above_cost", "recovery.already_submitted", "recovery.not_certified"),
    }
    assert wanted <= REACHED, wanted - REACHED
