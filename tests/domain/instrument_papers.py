"""What the specs of offers, agreements and variations share: their papers, and what Hypothesis may write into them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from domain import agreement, variation
from domain.calendar import Window
from domain.changes import ReceiveVariation
from domain.terms import Line, ReturnSchedule
from tests.domain.rooms import owed_by, policy

POLICY = policy(
    owed_by("agreement", "offer.accepted", working_days=10),
    owed_by("variation", "variation.approved"),
    owed_by("variation", "variation.applied", owner="finance"),
)
QUARTERLY = ReturnSchedule(months=3, due_days=30)
PLANNED = Window(first=date(2020, 10, 1), last=date(2021, 3, 31))
CUT = Window(first=date(2021, 1, 1), last=date(2021, 3, 31))
PAY = ("direct_pay", "overtime", "training", "equipment")


def whole(pence: int, year: str = "2020/21", *, line: str = "whole", categories: tuple[str, ...] = PAY) -> Line:
    """An undivided cap of one year."""
    return Line(line=line, year=year, pence=pence, categories=categories)


def offer(*lines: Line, name: str = "offer-1", received: str = "2020-05-12", **more: Any) -> agreement.ReceiveOffer:
    """An offer as it came in."""
    return agreement.ReceiveOffer(offer=name, received=received, lines=lines or (whole(147_930_616),), **more)


def signed(*lines: Line, name: str = "alpha", executed: str = "2020-06", **more: Any) -> agreement.RecordExecution:
    """An agreement that has been signed already."""
    return agreement.RecordExecution(agreement=name, executed=executed, lines=lines or (whole(147_930_616),), **{"returns": QUARTERLY, **more})


def to_sign(*lines: Line, name: str = "alpha", **more: Any) -> agreement.ExecuteAgreement:
    """An agreement to be signed now."""
    return agreement.ExecuteAgreement(agreement=name, lines=lines or (whole(147_930_616),), **more)


def letter(*lines: Line, name: str = "uplift", planned: Window = PLANNED, **more: Any) -> ReceiveVariation:
    """A variation as the funder made it available."""
    fields = {"agreement": "alpha", "made_available": "2020-11", **more}
    return ReceiveVariation(variation=name, planned=planned, lines=lines or (whole(26_735_464, categories=()),), **fields)


def agreement_given(authorised: Mapping[str, Mapping[str, int]] | None = None, **more: Any) -> agreement.Given:
    """What the rest of the grant knows; each decision is named after what it authorises."""
    found = authorised or {}
    return agreement.Given(
        policy=POLICY, authorised=found, decision_refs={name: f"PCD for {name}" for name in found}, exception_owner="chief-finance-officer", **more
    )


def variation_given(authorised: Mapping[str, Mapping[str, int]] | None = None, **more: Any) -> variation.Given:
    """What the rest of the grant knows: an agreement of 147,930,616p for 2020/21 unless told otherwise."""
    found = authorised or {}
    caps = more.get("caps_by_year", {"2020/21": 147_930_616})
    fields = {"caps_by_year": caps, "caps_by_line": {(year, "whole"): pence for year, pence in caps.items()}, "agreements": {"alpha"}, **more}
    return variation.Given(policy=POLICY, authorised=found, decision_refs={name: f"PCD for {name}" for name in found}, **fields)


YEARS = ("2020/21", "2021/22")
AMOUNTS = st.integers(0, 10**9)


def lines_of(pence: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[Line, ...]]:
    """Some lines over two years, none twice."""
    keys = st.lists(st.tuples(st.sampled_from(("pay", "training", "whole")), st.sampled_from(YEARS)), min_size=1, max_size=4, unique=True)
    return keys.flatmap(lambda found: st.tuples(*(st.builds(whole, pence, st.just(year), line=st.just(line)) for line, year in found)))


def authorities(*names: str) -> st.SearchStrategy[dict[str, dict[str, int]]]:
    """What decisions may authorise: nothing, too little, enough."""
    approved = st.sampled_from((0, 10**6, 10**12))
    return st.dictionaries(st.sampled_from(names), st.dictionaries(st.sampled_from(YEARS), approved, max_size=2), max_size=len(names))
