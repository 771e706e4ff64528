"""What a paper asks, as the scheme may know it: each fact that its drafter states, and the sums that are held against rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from domain.asking import InstrumentFacts, Known, routed
from domain.model import Refusal
from domain.scheme import Asked
from tests.domain.papers import FACTS, INSTRUMENTS, RULES, drafted, edition, item, organisation, policy

DAY = date(2021, 1, 6)
END = date(2021, 3, 31)


def asked(*items: Any, instruments: Mapping[str, InstrumentFacts] = INSTRUMENTS, cumulative: int = 0, **facts: Any) -> Asked:
    paper = drafted(items=items or (item(),), facts=FACTS.model_copy(update=facts))
    found = routed(paper.contents(), DAY, DAY, Known(organisation(), policy(edition(*RULES)), cumulative, instruments))
    assert not isinstance(found, Refusal), found
    return found[0]


@pytest.mark.parametrize("fact", ["retrospective", "novel", "contentious", "repercussive", "terms_changed"])
def test_a_paper_asks_with_each_fact_that_its_drafter_states(fact: str) -> None:
    facts = ("retrospective", "novel", "contentious", "repercussive", "terms_changed")
    given: dict[str, Any] = {fact: True}
    stated = asked(**given)
    assert {name: getattr(stated, name) for name in facts} == {name: name == fact for name in facts}


def test_a_paper_asks_with_the_marks_and_the_business_case_that_it_bears() -> None:
    stated = asked(marks=("land", "reserves"), business_case_pence=5)
    assert (stated.marks, stated.business_case_pence) == (("land", "reserves"), 5)
    assert (asked().marks, asked().business_case_pence) == ((), None)


@pytest.mark.parametrize(("case", "comes_to"), [(None, 900), (899, 900), (900, 900), (901, 901)])
def test_a_business_case_counts_towards_limits_where_it_is_more_than_the_grant(case: int | None, comes_to: int) -> None:
    money = item(pence=100)
    instruments = {"variation-1": InstrumentFacts("variation", {"2020/21": 100}, END)}
    assert asked(money, instruments=instruments, cumulative=900, business_case_pence=case).cumulative_pence == comes_to


GRANT = {
    "offer-1": InstrumentFacts("offer", {"2020/21": 1_000}, END, stands=False),
    "agreement-1": InstrumentFacts("agreement", {"2020/21": 600, "2021/22": 400}, END),
    "offer-2": InstrumentFacts("offer", {"2021/22": 50}, END),
    "bid-9": InstrumentFacts("bid", {"2021/22": 7_000}, END),
    "variation-1": InstrumentFacts("variation", {"2020/21": 100}, END),
    "variation-2": InstrumentFacts("variation", {"2020/21": 30, "2021/22": -10}, END),
    "declined": InstrumentFacts("variation", {"2020/21": 5_000}, END, stands=False),
}


def test_variations_are_held_against_what_was_given_before_them() -> None:
    stated = asked(item(instrument="variation-1", pence=100), instruments=GRANT)
    assert (stated.base_pence, stated.varied_pence) == (1_050, 120)


def test_what_a_paper_asks_for_a_variation_counts_where_it_is_more_than_its_cap() -> None:
    more = asked(item(instrument="variation-1", pence=130), instruments=GRANT)
    less = asked(item(instrument="variation-1", pence=70), instruments=GRANT)
    assert (more.varied_pence, less.varied_pence) == (150, 120)


def test_a_year_that_a_variation_does_not_have_counts_with_what_the_paper_asks_for_it() -> None:
    other_year = item(instrument="variation-1").model_copy(update={"pence": {"2021/22": 9}})
    assert asked(other_year, instruments=GRANT).varied_pence == 129


def test_a_declined_variation_counts_only_with_what_a_paper_asks_for_it() -> None:
    assert asked(item(instrument="declined", pence=40), instruments=GRANT).varied_pence == 160
    assert asked(item(instrument="agreement-1", pence=600), instruments=GRANT).varied_pence == 120


def test_a_paper_about_a_bid_varies_nothing() -> None:
    alone = {name: GRANT[name] for name in ("agreement-1", "bid-9")}
    stated = asked(item(instrument="bid-9", pence=7_000), instruments=alone)
    assert (stated.base_pence, stated.varied_pence) == (1_000, 0)
