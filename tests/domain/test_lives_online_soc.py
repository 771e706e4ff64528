"""The life behind PCD 510 by the rules alone: every figure is the decision's own, or summed here over the case's rows."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from domain import grant as grants
from domain import ledger
from domain.calendar import day_of
from domain.figures import Figures, figures
from domain.grant import Grant
from domain.instruments import terms
from domain.model import Past, Refusal
from domain.obligations import Obligation
from domain.outlook import Outlook
from tests.case_sums import CaseSums, pennies
from tests.lives import Lived, case_of, live, organisation_of

OFFER, OF_A_YEAR, BID, PEAK = 50_000_000, 25_000_000, 12_000_000, 62_000_000
FIRST, SECOND = "2018/19", "2019/20"
MONTHS = [f"2019-{month:02}" for month in range(1, 13)] + ["2020-01", "2020-02", "2020-03"]


@cache
def lived() -> tuple[Lived, ...]:
    case = case_of("online-soc-2018-20")
    return tuple(live(case, organisation_of(case.organisation)))


@cache
def written() -> CaseSums:
    return CaseSums("online-soc-2018-20")


def spent(line: str, first: str, last: str) -> int:
    return sum(pennies(row["net_pence"]) for row in written().rows() if row["line"] == line and first <= str(row["incurred"]) <= last)


OUTTURN = {FIRST: spent("online-team", "2018-12-18", "2019-03-31"), SECOND: OF_A_YEAR}


def step(name: str) -> Lived:
    return next(each for each in lived() if each.step.step == name)


def at(day: str, known: str = "close") -> Figures:
    return figures(step(known).after, date.fromisoformat(day), date.fromisoformat(day))


def last() -> Figures:
    return at("2020-06-11")


def stage(name: str) -> str:
    return Outlook(step(name).after, organisation_of("mopac")).stage


def owed(known: str, duty: str) -> list[Obligation]:
    return [each for each in step(known).owed if each.duty.name == duty]


def pasts() -> list[Past]:
    return [past for each in lived() for past in each.pasts]


# One paper, two instruments ---------------------------------------------------------------------------------------------


def test_one_paper_approves_an_offer_of_two_equal_years_and_a_bid_of_one() -> None:
    (paper,) = last().papers
    offer, bid = paper.items
    assert (offer.instrument, dict(offer.decided_pence or {})) == ("offer-rocu", {FIRST: OF_A_YEAR, SECOND: OF_A_YEAR})
    assert (bid.instrument, dict(bid.decided_pence or {})) == ("bid-innovation", {FIRST: BID})
    assert sum((offer.decided_pence or {}).values()) == OFFER


def test_at_the_peak_offer_and_bid_are_sought_beside_no_cap() -> None:
    found = at("2018-12-17")
    assert (found.cap_pence, found.sought_pence, found.peak_sought_pence) == (0, PEAK, PEAK)
    assert PEAK == OFFER + BID
    assert last().peak_sought_pence == PEAK


def test_after_the_acceptance_the_cap_stands_beside_the_bid() -> None:
    found = at("2018-12-18")
    assert (found.cap_pence, found.caps_by_year, found.sought_pence) == (OFFER, {FIRST: OF_A_YEAR, SECOND: OF_A_YEAR}, BID)


def test_once_the_bid_is_lost_nothing_is_sought_and_the_cap_is_as_before() -> None:
    assert [(each.cap_pence, each.sought_pence) for each in (at("2019-02-28"), at("2019-03-01"))] == [(OFFER, BID), (OFFER, 0)]


def test_the_bid_has_the_decision_that_let_it_go_both_names_of_its_fund_and_its_outcome() -> None:
    found = next(each for each in last().bids if each.bid == "bid-innovation")
    assert (found.fund, found.aliases) == ("Home Office Innovation Fund", ("Police Transformation Fund",))
    assert (found.asked_pence, found.submitted, found.authorised_by, found.standing, found.awarded_pence) == (BID, "2018-12-17", "PCD 510", "lost", 0)


def test_its_papers_disagree_twice_and_an_office_has_resolved_both() -> None:
    names, total = last().discrepancies
    assert (names.subject, names.stated_pence, bool(names.resolved)) == ("bid-innovation", None, True)
    assert (total.stated_pence, total.found_pence, bool(total.resolved)) == (PEAK, BID, True)


def test_the_approval_of_a_bid_authorises_neither_acceptance_nor_spend() -> None:
    grant = step("decision").after
    found = terms(grant.instruments, {"bid-innovation": {FIRST: BID}})
    assert [line for line in found.lines if line.in_force or line.authorised] == []


def test_cost_on_the_bid_is_held_while_it_is_open_and_the_hosts_once_it_is_lost() -> None:
    cost = spent("research-systems", "2018-04-01", "2019-03-31")
    assert cost > 0
    held, lost = at("2019-02-28", "paid-q3-2018"), at("2019-03-04", "bid-lost")
    assert (held.held_pence, lost.held_pence) == (cost, 0)
    assert (lost.excluded_pence, lost.claimable_pence) == (cost, 0)


# The gate, the deadline, the stages -------------------------------------------------------------------------------------


def test_the_board_supports_the_paper_before_it_is_decided() -> None:
    (paper,) = last().papers
    gate, decision = (next(each for each in paper.steps if each.says == says) for says in ("gate", "decide"))
    assert gate.at
    assert decision.at
    assert (day_of(gate.at), gate.at < decision.at) == (date(2018, 12, 11), True)


def test_the_bid_is_owed_until_the_minute_in_which_its_fund_closes() -> None:
    (found,) = owed("bid-drafted", "bid.submitted")
    assert found.duty.due is not None
    assert (found.duty.owner, found.duty.due.isoformat()) == ("grants-team", "2018-12-21T12:00:00+00:00")
    assert (owed("draft", "bid.submitted"), [each.duty.subject for each in owed("bid-sent", "bid.answered")]) == ([], ["bid-innovation"])


def test_the_stages_of_the_life_follow_one_another() -> None:
    told = [stage(name) for name in ("open", "offered", "accepted", "successor", "costs-q4-2019", "close")]
    assert told == ["bidding", "accepting", "delivering", "delivering", "exiting", "closed"]


# The money --------------------------------------------------------------------------------------------------------------


def test_the_first_year_is_not_spent_out_and_what_is_left_lapses_when_it_is_settled() -> None:
    before, after = at("2019-06-05", "agreed-q4-2018"), at("2019-06-05", "paid-q4-2018")
    assert (before.lapsed_pence, after.lapsed_pence) == (0, OF_A_YEAR - OUTTURN[FIRST])
    assert 0 < OUTTURN[FIRST] < OF_A_YEAR
    lapse = next(past for past in pasts() if past.body.wire == "cap.lapsed")
    assert (lapse.effective, lapse.recorded) == ("2019-03-31", step("paid-q4-2018").after.recorded)


def test_nothing_is_carried_the_second_year_pays_its_own_cap_and_no_more() -> None:
    first, second = last().years
    spent_then = spent("online-team", "2019-04-01", "2020-03-31")
    assert spent_then > OF_A_YEAR
    assert (second.year, second.cap_pence, second.agreed_pence, second.outturn_pence, second.lapsed_pence) == (SECOND, OF_A_YEAR, OF_A_YEAR, OF_A_YEAR, 0)
    assert (first.year, first.cap_pence, first.agreed_pence, first.lapsed_pence) == (FIRST, OF_A_YEAR, OUTTURN[FIRST], OF_A_YEAR - OUTTURN[FIRST])
    assert last().excluded_pence == spent_then - OF_A_YEAR + spent("research-systems", "2018-04-01", "2020-03-31")


def test_the_sums_of_the_closed_grant_are_those_of_the_case_file() -> None:
    found = last()
    agreed = written().agreed("2018-01-01", "2020-12-31")
    assert (found.agreed_pence, found.received_pence, found.debtor_pence) == (agreed, written().cash("2018-01-01", "2020-12-31"), 0)
    assert agreed == sum(OUTTURN.values()) == found.outturn_pence == found.claimed_pence
    assert found.cap_pence == found.agreed_pence + found.lapsed_pence + found.forfeited_pence == OFFER
    assert 0 < found.agreed_pence < found.cap_pence


def test_the_ledger_of_the_life_earns_what_was_agreed_and_no_penny_of_the_bid() -> None:
    grant, balances = Grant(stream=step("open").after.stream), dict[str, int]()
    for past in pasts():
        for posting in ledger.postings(past, grant):
            balances[posting.debit] = balances.get(posting.debit, 0) + posting.pence
            balances[posting.credit] = balances.get(posting.credit, 0) - posting.pence
        grant = grants.evolve(grant, past)
    accounts = grant.policy.accounts
    assert (sum(balances.values()), -balances[accounts.income], balances[accounts.bank]) == (0, sum(OUTTURN.values()), sum(OUTTURN.values()))
    assert balances[accounts.cost] == sum(pennies(row["net_pence"]) for row in written().rows())


def test_cost_counts_from_the_day_of_the_acceptance_because_no_first_day_is_stated() -> None:
    (window,) = last().windows
    assert (window.instrument, str(window.effective)) == ("agreement-2018-20", "2018-12-18 to 2020-03-31")
    assert window.reason


def test_no_return_is_owed_before_a_cadence_is_agreed() -> None:
    assert [each.duty.subject for each in owed("costs-q3-2018", "return.opened")] == []
    assert [each.period for each in last().returns] == ["Q3 2018/19", "Q4 2018/19", "Q1 2019/20", "Q2 2019/20", "Q3 2019/20", "Q4 2019/20"]


# Delivery, assurance, exit ----------------------------------------------------------------------------------------------


def test_every_month_is_scrutinised_by_two_bodies() -> None:
    assert sorted((each.report, each.to) for each in last().reports) == [("scrutiny-home-office", "Home Office"), ("scrutiny-npcc", "NPCC")]
    for name in ("scrutiny-home-office", "scrutiny-npcc"):
        made = [each["body"]["period"] for each in written().accepted("MakeReport") if name in each["body"]["reports"]]
        assert made == MONTHS


def test_the_exit_review_is_made_before_the_end_and_the_exit_is_averted() -> None:
    (review,) = last().reviews
    assert review.made
    assert max(str(each.on) for each in review.made) < "2020-03-31"
    assert last().exit.averted_by == "MPS budget 2020/21"
    assert [(each.reference, each.external) for each in last().successors] == [("MPS budget 2020/21", True)]


def test_the_assessment_that_had_been_begun_has_a_later_edition() -> None:
    assert [(each.form, each.edition, each.finding) for each in last().assessments] == [
        ("dpia", 1, "commenced"),
        ("eia", 1, "completed"),
        ("dpia", 2, "completed"),
    ]


REFUSED = [
    ("send-unapproved", "bid.not_authorised", ("deputy-mayor",)),
    ("decide-before-board", "approval.not_yet", ("mps-board-secretary",)),
    ("minute-no-meeting", "approval.no_meeting", ("mps-board-secretary",)),
    ("accept-undecided", "agreement.not_authorised", ("deputy-mayor",)),
    ("sent-too-late", "bid.too_late", ()),
    ("redraft-sent", "bid.already_submitted", ()),
    ("claim-without-cadence", "recovery.no_return", ()),
    ("claim-the-bid", "recovery.not_accepted", ()),
    ("close-unreviewed", "close.not_yet", ()),
    ("claim-above-cap", "recovery.above_cap", ("mps-finance", "mps-chief-finance-officer")),
]


@pytest.mark.parametrize(("name", "code", "who_could"), REFUSED)
def test_what_the_rules_do_not_allow_is_refused_with_its_rule_and_who_could(name: str, code: str, who_could: tuple[str, ...]) -> None:
    decision = step(name).decision
    assert isinstance(decision, Refusal)
    assert (decision.code, decision.who_could) == (code, who_could)
    assert decision.why
    assert decision.source


def test_every_refusal_of_the_case_is_asserted_here() -> None:
    assert [each["step"] for each in written().refused()] == [name for name, _, _ in REFUSED]
