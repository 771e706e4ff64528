"""Approvals bind instrument, year and cap, for as long as no later paper stands in their place: over the whole grant."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.approval import State, authorised, authorised_by, decision_refs, papers
from domain.authority import authorities
from domain.figures import figures
from domain.model import Refusal
from tests.domain.papers import ANN, APPROVED, CAPABILITY, DORA, FAY, LEO, SUBMITTED, TO_DECIDER, Wish, advised, answered, by, drafted, item, state_of
from tests.domain.papers import accepted as accepts
from tests.domain.papers import after as then
from tests.domain.test_bid_whole import FINANCE, GRANTS, Life, instant

DAY, LATER = "2021-01-06", "2021-02-01"
YEAR = "2020/21"
NEXT = {"2020/21": 4, "2021/22": 6}


def paper(name: str, pence: dict[str, int] | None, *, supersedes: str | None = None, day: str = DAY, outcome: str = "approved") -> tuple[Wish, ...]:
    """A paper along its whole route on one day; ``pence`` null: its item carries no money."""
    at = instant(f"{day}T09:00")
    asked = item().model_copy(update={"pence": pence}) if pence else CAPABILITY.model_copy(update={"item": "1"})
    return (
        (drafted(paper=name, items=(asked,), supersedes=supersedes), by(ANN, at)),
        (SUBMITTED.model_copy(update={"paper": name}), by(ANN, at)),
        (advised("finance").model_copy(update={"paper": name}), by(FAY, at)),
        (advised("legal").model_copy(update={"paper": name}), by(LEO, at)),
        (answered(outcome).model_copy(update={"paper": name}), by(DORA, at)),
    )


def decided(*wishes: tuple[Wish, ...]) -> State:
    return state_of(*(each for one in wishes for each in one))


# The authority itself -------------------------------------------------------------------------------------------------


def test_a_superseding_paper_lowers_what_is_authorised_from_its_decision_on() -> None:
    state = decided(paper("P1", {YEAR: 9}), paper("P2", {YEAR: 5}, supersedes="P1", day=LATER))
    assert (authorised(state), decision_refs(state)) == ({"variation-1": {YEAR: 5}}, {"variation-1": "P2"})
    assert [authorised(state, day) for day in (date(2021, 1, 31), date(2021, 2, 1))] == [{"variation-1": {YEAR: 9}}, {"variation-1": {YEAR: 5}}]


def test_two_papers_of_which_neither_supersedes_the_other_never_add_up_and_the_highest_stands() -> None:
    assert authorised(decided(paper("P1", {YEAR: 9}), paper("P2", {YEAR: 5}, day=LATER))) == {"variation-1": {YEAR: 9}}


def test_only_the_years_that_the_later_paper_is_about_end() -> None:
    state = decided(paper("P1", NEXT), paper("P2", {YEAR: 1}, supersedes="P1", day=LATER))
    assert authorised(state) == {"variation-1": {YEAR: 1, "2021/22": 6}}
    assert sorted((each.reference, each.until, dict(each.pence)) for each in authorities(state.papers.values(), ()) if each.until) == [
        ("P1", date(2021, 2, 1), {YEAR: 4})
    ]


@pytest.mark.parametrize("outcome", ["declined", "deferred"])
def test_a_later_paper_that_is_not_approved_leaves_the_earlier_one_standing(outcome: str) -> None:
    assert authorised(decided(paper("P1", {YEAR: 9}), paper("P2", {YEAR: 5}, supersedes="P1", day=LATER, outcome=outcome))) == {"variation-1": {YEAR: 9}}


def test_a_later_paper_that_is_still_on_its_way_leaves_the_earlier_one_standing() -> None:
    assert authorised(decided(paper("P1", {YEAR: 9}), paper("P2", {YEAR: 5}, supersedes="P1", day=LATER)[:-1])) == {"variation-1": {YEAR: 9}}


def test_a_later_paper_without_money_ends_no_authority() -> None:
    assert authorised(decided(paper("P1", {YEAR: 9}), paper("P2", None, supersedes="P1", day=LATER))) == {"variation-1": {YEAR: 9}}


def test_of_a_chain_only_the_last_stands_also_where_the_middle_approved_nothing() -> None:
    middle = paper("P2", {YEAR: 5}, supersedes="P1", day="2021-01-20", outcome="declined")
    state = decided(paper("P1", {YEAR: 9}), middle, paper("P3", {YEAR: 7}, supersedes="P2", day=LATER))
    assert authorised(state) == {"variation-1": {YEAR: 7}}
    assert authorised(state, date(2021, 1, 31)) == {"variation-1": {YEAR: 9}}


def test_what_was_signed_before_the_later_decision_rests_on_the_earlier_one() -> None:
    state = decided(paper("P1", {YEAR: 9}), paper("P2", {YEAR: 5}, supersedes="P1", day=LATER))
    assert [authorised_by(state, day) for day in (date(2021, 1, 31), date(2021, 2, 1))] == [{"variation-1": {YEAR: 9}}, {"variation-1": {YEAR: 5}}]


def test_a_later_paper_approved_at_a_lower_amount_rules_with_that() -> None:
    wishes = paper("P2", {YEAR: 8}, supersedes="P1", day=LATER)
    state = decided(paper("P1", {YEAR: 9}), wishes[:-1])
    lower = answered("approved_lower", pence=3).model_copy(update={"paper": "P2"})
    who = wishes[-1][1]
    assert authorised(then(state, accepts(lower, state, who), who)) == {"variation-1": {YEAR: 3}}


def test_the_first_paper_of_these_specs_is_approved_whole() -> None:
    assert authorised(state_of(*TO_DECIDER, (APPROVED, by(DORA))))


# Accepted, executed, claimed ------------------------------------------------------------------------------------------

HALF, WHOLE = 6_000_000, 12_000_000
OFFER = [{"line": "kit", "year": "2019/20", "pence": WHOLE, "categories": ["equipment"]}]
FACTS = {"retrospective": False, "novel": False, "restricted": False}


def route(life: Life, day: str, name: str, asked: dict[str, Any], supersedes: str | None = None) -> None:
    """A paper of one item along its whole route, within one day."""
    contents = {"paper": name, "title": "T", "items": [asked], "documents": [], "facts": FACTS, "supersedes": supersedes}
    life.do(f"{day}T09:00", GRANTS, "DraftPaper", **contents)
    life.do(f"{day}T09:10", GRANTS, "SubmitPaper", paper=name)
    steps = sorted(life.grant.approval.papers[name].steps, key=lambda one: one.step.order)
    for number, each in enumerate(one.step for one in steps):
        who, at = HOLDERS[each.office], f"{day}T1{number}:00"
        if each.says == "decide":
            life.do(at, who, "DecideStep", paper=name, office=each.office, outcomes=[{"item": "1", "outcome": "approved"}])
        else:
            life.do(at, who, "AdviseStep", paper=name, office=each.office, comment="No reason against it.")


class Offered(Life):
    """A grant with an offer, and a paper that approves it."""

    def __init__(self) -> None:
        super().__init__()
        self.do("2019-04-02T08:00", GRANTS, "ReceiveOffer", offer="offer-1", received="2019-04-02", lines=OFFER, returns={"months": 3, "due_days": 30})

    def decides(self, day: str, name: str, pence: int, supersedes: str | None = None) -> None:
        asked = {"item": "1", "verbs": ["accept"], "words": "The offer", "instrument": "offer-1", "pence": {"2019/20": pence}}
        route(self, day, name, asked, supersedes)

    def costs(self, at: str, key: str, pence: int, on: str) -> None:
        row = {"key": key, "incurred": on, "net_pence": pence, "category": "equipment", "line": "kit", "basis": "actual", "entity": "Host"}
        self.do(at, "p-mps-bookkeeper", "RecordCosts", rows=[row | {"ledger_ref": f"GL {key}", "kept": "ledger"}])

    def prepares(self, day: str, period: str) -> None:
        """A return prepared and certified, within one day."""
        self.do(f"{day}T09:00", "p-mps-accountant", "PrepareReturn", period=period)
        self.do(f"{day}T10:00", "p-mps-chief-finance", "CertifyReturn", period=period)


HOLDERS = {"finance": "p-finance", "legal": "p-legal", "chief-finance-officer": FINANCE, "deputy-mayor": "p-deputy-mayor"}
Q1_, Q2_ = "Q1 2019/20", "Q2 2019/20"
DECIDER = ("deputy-mayor",)


def taken_up() -> Offered:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    life.do("2019-04-04T09:00", FINANCE, "AcceptOffer", offer="offer-1")
    return life


def test_nothing_is_accepted_beyond_what_the_later_paper_approves() -> None:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    life.decides("2019-04-04", "P2", HALF, supersedes="P1")
    assert life.refused("2019-04-05T09:00", FINANCE, "AcceptOffer", offer="offer-1") == ("agreement.beyond_approved", DECIDER)
    life.decides("2019-04-08", "P3", WHOLE, supersedes="P2")
    assert life.do("2019-04-09T09:00", FINANCE, "AcceptOffer", offer="offer-1")


def otherwise(life: Offered, name: str, pence: int, supersedes: str | None = None) -> tuple[str, ...]:
    asked = {"item": "1", "verbs": ["accept"], "words": "The offer", "instrument": "offer-1", "pence": {"2019/20": pence}}
    contents = {"paper": name, "title": "T", "items": [asked], "documents": [], "facts": FACTS, "supersedes": supersedes}
    life.do("2019-04-05T09:00", GRANTS, "DraftPaper", **contents)
    return next(each.approved_otherwise for each in papers(life.grant.approval) if each.paper == name)


def test_a_paper_that_asks_for_another_sum_than_is_approved_says_so_and_which_counts() -> None:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    said = "offer-1 in 2019/20: £60,000.00 is asked here, £120,000.00 is approved by P1; "
    assert otherwise(life, "P2", HALF) == (f"{said}as this paper supersedes none, the higher sum counts once it is approved",)
    assert otherwise(life, "P3", HALF, supersedes="P1") == (f"{said}where P1 gave that, what this paper is approved at takes its place",)


def test_a_paper_that_asks_for_what_is_approved_or_is_decided_or_comes_first_says_nothing_of_it() -> None:
    life = Offered()
    assert otherwise(life, "P0", HALF) == ()
    life.decides("2019-04-08", "P1", WHOLE)
    life.decides("2019-04-09", "P2", HALF, supersedes="P1")
    rows = {each.paper: each.approved_otherwise for each in papers(life.grant.approval)}
    assert (rows["P1"], rows["P2"]) == ((), ())
    assert rows["P0"] == ()


def told(*wishes: tuple[Wish, ...]) -> tuple[str, ...]:
    return next(each.approved_otherwise for each in papers(decided(*wishes)) if each.paper == "P3")


@pytest.mark.parametrize("later", [{"2021/22": 50}, {YEAR: 50}], ids=["of another year", "of a lower sum"])
def test_who_is_said_to_have_approved_a_sum_is_whoever_states_it_and_not_the_latest_decision_of_the_instrument(later: dict[str, int]) -> None:
    (line,) = told(paper("P1", {YEAR: 900}), paper("P2", later, day=LATER), paper("P3", {YEAR: 1200}, day="2021-03-01")[:1])
    assert "£12.00 is asked here, £9.00 is approved by P1; " in line


def test_where_two_decisions_state_the_sum_both_are_named() -> None:
    (line,) = told(paper("P1", {YEAR: 900}), paper("P2", {YEAR: 900}, day=LATER), paper("P3", {YEAR: 1200}, day="2021-03-01")[:1])
    assert "£9.00 is approved by P1, P2; " in line


@pytest.mark.parametrize(("second", "asked"), [(500, None), (1100, "£11.00")])
def test_several_items_of_one_instrument_do_not_add_up_and_the_highest_is_what_is_asked(second: int, asked: str | None) -> None:
    items = tuple(item().model_copy(update={"item": name, "pence": {YEAR: pence}}) for name, pence in (("1", 900), ("2", second)))
    found = told(paper("P1", {YEAR: 900}), ((drafted(paper="P3", items=items), by(ANN, instant("2021-03-01T09:00"))),))
    assert [f"{asked} is asked here, £9.00 is approved by P1" in each for each in found] == ([True] if asked else [])


def test_nothing_is_executed_beyond_what_the_later_paper_approves() -> None:
    life = taken_up()
    life.decides("2019-04-08", "P2", HALF, supersedes="P1")
    signs: dict[str, Any] = {"agreement": "agreement-1", "offer": "offer-1", "lines": OFFER}
    assert life.refused("2019-04-09T09:00", FINANCE, "ExecuteAgreement", **signs) == ("agreement.beyond_approved", DECIDER)
    halved = signs | {"lines": [OFFER[0] | {"pence": HALF}]}
    assert life.do("2019-04-09T09:00", FINANCE, "ExecuteAgreement", **halved)


def test_what_was_accepted_before_stands_with_its_income_and_without_an_exception() -> None:
    life = taken_up()
    life.costs("2019-05-02T09:00", "c-1", HALF - 100, "2019-05-01")
    before = money(life)
    life.decides("2019-06-03", "P2", HALF, supersedes="P1")
    assert money(life) == before
    assert (life.grant.assurance.open_exceptions(), life.figures.cap_pence) == ((), WHOLE)


def test_nothing_is_claimed_beyond_what_the_later_paper_approves_and_what_was_claimed_before_stands() -> None:
    life = taken_up()
    life.costs("2019-05-02T09:00", "c-1", HALF - 100, "2019-05-01")
    life.prepares("2019-07-02", Q1_)
    life.do("2019-07-02T11:00", "p-mps-accountant", "SubmitReturn", period=Q1_)
    life.decides("2019-07-03", "P2", HALF, supersedes="P1")
    life.costs("2019-08-02T09:00", "c-2", 101, "2019-08-01")
    life.prepares("2019-10-02", Q2_)
    answer = life.ask("2019-10-02T11:00", "p-mps-accountant", "SubmitReturn", period=Q2_)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.who_could) == ("recovery.beyond_approved", DECIDER)
    assert "£60,000.01 would be claimed in 2019/20; £60,000.00 is approved" in answer.why
    assert life.grant.recovery.claimed_pence("2019/20") == HALF - 100
    life.do("2019-10-02T12:00", "p-mps-accountant", "PrepareReturn", period=Q2_, claim_pence=100)
    life.do("2019-10-02T13:00", "p-mps-chief-finance", "CertifyReturn", period=Q2_)
    assert life.do("2019-10-02T14:00", "p-mps-accountant", "SubmitReturn", period=Q2_)


def test_a_return_prepared_under_the_earlier_paper_is_not_submitted_beyond_the_later_one() -> None:
    life = taken_up()
    life.costs("2019-05-02T09:00", "c-1", HALF + 1, "2019-05-01")
    life.prepares("2019-07-02", Q1_)
    life.decides("2019-07-03", "P2", HALF, supersedes="P1")
    assert life.refused("2019-07-04T11:00", "p-mps-accountant", "SubmitReturn", period=Q1_) == ("recovery.beyond_approved", DECIDER)
    life.decides("2019-07-05", "P3", WHOLE, supersedes="P2")
    assert life.do("2019-07-08T11:00", "p-mps-accountant", "SubmitReturn", period=Q1_)


def test_an_acceptance_that_was_signed_before_and_is_learnt_of_later_needs_no_ratification() -> None:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    life.decides("2019-05-03", "P2", HALF, supersedes="P1")
    life.do("2019-06-03T09:00", GRANTS, "RecordAcceptance", offer="offer-1", accepted="2019-04-10")
    assert life.grant.assurance.open_exceptions() == ()


def test_an_acceptance_that_was_signed_after_the_later_decision_is_an_exception() -> None:
    life = Offered()
    life.decides("2019-04-03", "P1", WHOLE)
    life.decides("2019-05-03", "P2", HALF, supersedes="P1")
    life.do("2019-06-03T09:00", GRANTS, "RecordAcceptance", offer="offer-1", accepted="2019-05-10")
    assert [each.raised.what for each in life.grant.assurance.open_exceptions()] == ["late approval"]


def test_a_bid_goes_only_up_to_what_the_later_paper_approves() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    for day, name, pence, supersedes in (("03", "P1", WHOLE, None), ("04", "P2", HALF, "P1")):
        asked = {"item": "1", "verbs": ["approve"], "words": "The bid", "instrument": "bid-1", "pence": {"2019/20": pence}}
        route(life, f"2019-04-{day}", name, asked, supersedes)
    assert life.refused("2019-04-05T09:00", GRANTS, "SubmitBid", bid="bid-1")[0] == "bid.beyond_approved"


def money(life: Life) -> Any:
    assert life.grant.recorded
    found = figures(life.grant, date(2019, 6, 30), date(2019, 6, 30))
    return found.accrued_pence, found.cap_pence, found.years
