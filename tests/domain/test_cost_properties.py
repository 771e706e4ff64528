"""Whatever is charged, in whatever order it is recorded and claimed: hours, invoices and pennies are conserved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain.charging import Charge, RecordTasking
from domain.eligibility import Excluded, Included, Share, shares
from domain.expenditure import Cost
from domain.returns import CertifyReturn, PrepareReturn
from tests.domain.recovering import FINANCE_CHIEF, PAID_FOR, Recovery, cost, costs, given, line

BODIES, TASKINGS, MOST = ("North", "South"), ("T-1", "T-2"), 9_00
RATE = 7_500

CHARGES = st.builds(
    Charge,
    tasking=st.sampled_from((*TASKINGS, "T-9")),
    body=st.sampled_from(BODIES),
    hours_hundredths=st.integers(1, 5_00),
    invoice=st.sampled_from(("1", "2", "3")),
)


@st.composite
def rows(draw: st.DrawFn) -> list[Cost]:
    """Some costs, most of them charges of two bodies under two taskings, some with VAT that nobody gives back."""
    count = draw(st.integers(1, 8))
    days = st.integers(1, 31)
    return [
        cost(
            f"c{number}",
            draw(st.integers(0, 500)),
            date(2020, 5, draw(days)).isoformat(),
            charge=draw(st.none() | CHARGES),
            category=draw(st.sampled_from(("overtime", "other_overtime"))),
            vat_pence=draw(st.integers(0, 50)),
            vat_recoverable=draw(st.booleans()),
        )
        for number in range(count)
    ]


def life() -> Recovery:
    paying = replace(line(pence=1_500), categories=(*PAID_FOR, "other_overtime"), rate=RATE)
    ready = Recovery(replace(given(paying), terms=replace(given(paying).terms, tasked=("other_overtime",)))).on("2020-07-01")
    for name, body in zip(TASKINGS, BODIES, strict=True):
        ready.does(tasking(name, body))
    return ready


def tasking(name: str, body: str) -> RecordTasking:
    return RecordTasking(
        tasking=name,
        body=body,
        categories=("other_overtime", "overtime"),
        most_hours_hundredths=MOST,
        first=date(2020, 5, 1),
        last=date(2020, 5, 31),
        words="Visits",
        tasked="2020-04-20",
    )


def included(found: tuple[Share, ...]) -> list[Share]:
    return [each for each in found if isinstance(each.fate, Included)]


def conserved(ready: Recovery) -> None:
    found = shares(ready.state, ready.given.terms)
    for key, known in ready.state.costs.items():
        assert sum(each.pence for each in found if each.cost.key == key) == known.pence
    assert all(each.pence > 0 for each in found)
    charged = {each.cost.key: each.cost.charge for each in included(found) if each.cost.charge}
    invoices = [(charge.body, charge.invoice) for charge in charged.values()]
    assert len(invoices) == len(set(invoices))
    assert all(TASKINGS[BODIES.index(charge.body)] == charge.tasking for charge in charged.values())
    for name in TASKINGS:
        assert hours_paid(found, name) <= MOST
    assert sum(each.pence for each in included(found)) <= 1_500
    assert not [each for each in included(found) if each.cost.category == "other_overtime" and each.cost.charge is None]


def hours_paid(found: tuple[Share, ...], name: str) -> int:
    """Hours of a tasking that are paid for at least: whole charges, where none of their pence is beyond the hours."""
    paid = {each.cost.key: each.cost.charge for each in included(found) if each.cost.charge and each.cost.charge.tasking == name}
    beyond = {each.cost.key for each in found if isinstance(each.fate, Excluded) and each.fate.reason == "hours"}
    return sum(charge.hours_hundredths for key, charge in paid.items() if key not in beyond)


@settings(max_examples=80, deadline=None, derandomize=True)
@drawn(first=rows(), claim=st.none() | st.integers(0, 1_500), second=rows())
def test_hours_invoices_and_pennies_are_conserved_before_and_after_a_claim(first: list[Cost], claim: int | None, second: list[Cost]) -> None:
    ready = life()
    ready.does(costs(*first))
    conserved(ready)
    most = sum(each.pence for each in included(shares(ready.state, ready.given.terms)))
    ready.does(PrepareReturn(period="Q1 2020/21", claim_pence=None if claim is None else min(claim, most)))
    ready.does(CertifyReturn(period="Q1 2020/21"), FINANCE_CHIEF)
    ready.submits_as_certified("Q1 2020/21")
    before = [(each.cost.key, each.pence) for each in shares(ready.state, ready.given.terms) if each.period]
    conserved(ready)
    ready.does(costs(*(each.model_copy(update={"key": f"later {each.key}"}) for each in second)))
    conserved(ready)
    assert [(each.cost.key, each.pence) for each in shares(ready.state, ready.given.terms) if each.period] == before


@settings(max_examples=80, deadline=None, derandomize=True)
@drawn(rows())
def test_the_match_is_the_same_share_of_every_cost_that_is_not_barred(found: list[Cost]) -> None:
    ready = life()
    ready.does(costs(*found))
    for key in ready.state.costs:
        parts = [each for each in shares(ready.state, ready.given.terms) if each.cost.key == key]
        match = sum(each.pence for each in parts if each.match)
        rest = sum(each.pence for each in parts if not each.match and not (isinstance(each.fate, Excluded) and each.fate.reason == "hours"))
        if match:
            assert abs(match * 10_000 - (match + rest) * (10_000 - RATE)) <= 5_000
