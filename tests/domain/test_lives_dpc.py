"""The figures of PCD 1240's life: a variation whose letter came after the year that it funds, and what was known before it.

Expected sums are those of the decision, and sums over the rows of the case file: never what our own rules came to.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from domain import ledger
from domain.calendar import Window, end_of
from domain.figures import Figures, figures
from domain.grant import Grant, closed, fold
from domain.model import Past
from tests.lives import CASES, Lived, case_of, live, organisation_of

CASE = "dpc-2021-22"
YEAR = "2021/22"
BASE, NET = 1_300_000_000, 118_300_000
WHOLE = 1_418_300_000
ADDITIONS = {
    "VAWG / StreetSafe tool and dashboard development and running": 36_500_000,
    "SOH Analysis & Insights dashboard development and hosting": 6_000_000,
    "Cloudflare licence costs and SOH Platform Charges": 28_000_000,
    "Commercial support to the SOH Host Force": 53_700_000,
    "AMO funding for MEC capabilities around record de-duplication": 8_000_000,
    "iHub pilot delivery costs": 41_100_000,
    "iHub next phases costs": 15_000_000,
    "Reprofiling of forces onboarding (10 at core to 5 at full)": 5_000_000,
}
OFFSETS = {"iHub Year 2 running costs profile changes": -45_000_000, "NDT Resource profile changes": -30_000_000}
DISALLOWED, HOST, APRIL = 125_000, 138_642_000, 1_825_000
VARIATION, SUPPLEMENTARY = "variation-2022-04-05", "S1 2021/22"


@cache
def lived() -> tuple[Lived, ...]:
    case = case_of(CASE)
    return tuple(live(case, organisation_of(case.organisation)))


def pasts() -> tuple[Past, ...]:
    return tuple(past for each in lived() for past in each.pasts)


def show(as_of: str, known_at: str = "2022-12-31") -> Figures:
    """As effective at the end of one day, as known at the end of another."""
    known = end_of(date.fromisoformat(known_at))
    grant = fold((each for each in pasts() if each.recorded <= known), Grant(stream=f"grant/{CASE}"))
    return figures(grant, date.fromisoformat(as_of), date.fromisoformat(known_at))


@cache
def rows() -> tuple[dict[str, Any], ...]:
    """Every row of cost as the file itself has it, every scalar a text: pence from "£1,234.56"."""
    written = YAML(typ="base").load((CASES / f"{CASE}.yaml").read_text())
    costs = (step for step in written["steps"] if step["command"] == "RecordCosts")
    unwritten = str.maketrans("", "", "£,.")
    return tuple({**row, "pence": int(row["net_pence"].translate(unwritten))} for step in costs for row in step["body"]["rows"])


def pence(*, first: str = "2021-04-01", last: str = "2022-03-31", base: bool) -> int:
    """What the file's eligible rows come to, of the base's line or of the additions', in a span of days."""
    found = [row for row in rows() if first <= row["incurred"] <= last and row["category"] != "soh-support"]
    return sum(row["pence"] for row in found if (row["line"] == "whole") == base)


# The question of the two clocks -----------------------------------------------------------------------------------------


def test_on_1_april_2022_the_cap_of_the_year_was_thirteen_million_as_far_as_anybody_knew() -> None:
    found = show("2022-03-31", "2022-04-01")
    assert (found.cap_pence, found.caps_by_year, found.precision, found.cap_derived) == (BASE, {YEAR: BASE}, "million", False)
    assert (found.sought_pence, found.variations, found.judgements) == (0, (), ())


def test_by_the_years_end_the_same_day_has_the_cap_that_the_late_letter_gave_it() -> None:
    found = show("2022-03-31", "2022-12-31")
    assert (found.cap_pence, found.caps_by_year, found.precision, found.cap_derived) == (WHOLE, {YEAR: BASE + NET}, "million", True)


@pytest.mark.parametrize(
    ("known_at", "cap", "sought"), [("2022-04-06", BASE, 0), ("2022-04-07", BASE, NET), ("2022-06-26", BASE, NET), ("2022-06-27", WHOLE, 0)]
)
def test_the_money_is_sought_from_its_letter_and_in_the_cap_once_it_is_applied(known_at: str, cap: int, sought: int) -> None:
    found = show("2022-06-30", known_at)
    assert (found.cap_pence, found.sought_pence) == (cap, sought)


def test_what_was_recorded_before_the_letter_is_what_it_was() -> None:
    before = [each for each in pasts() if each.recorded <= end_of(date(2022, 4, 1))]
    assert list(pasts()[: len(before)]) == before
    first, again = show("2022-03-31", "2022-04-01"), show("2022-03-31", "2022-04-01")
    assert first == again
    assert first.agreed_pence == pence(base=True, last="2021-12-31")


# The letter -------------------------------------------------------------------------------------------------------------


def test_the_letter_has_eight_additions_and_two_offsets_under_the_headings_of_the_decision() -> None:
    (row,) = show("2022-12-31").variations
    assert (row.ref, row.letter_date, row.retrospective, row.applied) == (VARIATION, "2022-04-05", True, date(2021, 4, 1))
    assert {each.heading: each.pence for each in row.lines} == {**ADDITIONS, **OFFSETS}
    assert (row.additions_pence, row.offsets_pence, row.net_pence) == (193_300_000, -75_000_000, NET)
    assert (sum(ADDITIONS.values()), sum(OFFSETS.values())) == (row.additions_pence, row.offsets_pence)
    assert (row.stated_total_pence, row.at_risk_pence) == (None, None)


def test_no_planned_day_is_left_to_lose_while_a_retrospective_variation_waits() -> None:
    waiting = [each.duty for step in lived() for each in step.owed if each.duty.part == "variation"]
    assert {each.name for each in waiting} == {"variation.approved", "variation.applied"}
    assert {each.at_risk_per_day_pence for each in waiting} == {None}


def test_the_offsets_take_from_the_base_and_each_addition_has_a_line_of_its_own() -> None:
    caps = {each.line: each.cap_pence for each in show("2022-12-31").lines if each.year == YEAR}
    assert caps.pop("whole") == BASE - 75_000_000
    assert sorted(caps.values()) == sorted(ADDITIONS.values())


def test_the_window_of_the_variation_is_the_whole_year_that_had_ended() -> None:
    row = next(each for each in show("2022-12-31").windows if each.instrument == VARIATION)
    assert row.planned == row.effective == Window(first=date(2021, 4, 1), last=date(2022, 3, 31))


# The returns ------------------------------------------------------------------------------------------------------------


def test_four_regular_returns_claim_the_base_and_a_supplementary_one_the_additions_with_the_year_to_date() -> None:
    spans = {"Q1": ("2021-04-01", "2021-06-30"), "Q2": ("2021-07-01", "2021-09-30"), "Q3": ("2021-10-01", "2021-12-31"), "Q4": ("2022-01-01", "2022-03-31")}
    found = {each.period: each for each in show("2022-12-31").returns}
    for quarter, (first, last) in spans.items():
        row = found[f"{quarter} {YEAR}"]
        assert (row.claimed_pence, row.supplementary, row.supplements) == (pence(base=True, first=first, last=last), False, None)
        assert row.year_to_date_pence == pence(base=True, last=last)
    extra = found[SUPPLEMENTARY]
    assert (extra.supplementary, extra.supplements, extra.due) == (True, f"Q4 {YEAR}", date(2022, 7, 27))
    assert (extra.claimed_pence, extra.disallowed_pence) == (pence(base=False), DISALLOWED)
    assert extra.year_to_date_pence == pence(base=True) + pence(base=False)


def test_the_additions_are_held_until_the_variation_is_applied_and_then_wait_for_their_return() -> None:
    before, after = show("2022-06-26", "2022-06-26"), show("2022-06-27", "2022-06-27")
    assert (before.held_pence, before.claimable_pence) == (pence(base=False), 0)
    assert (after.held_pence, after.claimable_pence) == (0, pence(base=False))


def test_the_supplementary_return_opens_with_the_application_and_not_before() -> None:
    assert SUPPLEMENTARY not in {each.period for each in show("2022-06-26").returns}
    assert SUPPLEMENTARY in {each.period for each in show("2022-06-27").returns}
    assert SUPPLEMENTARY not in {each.period for each in show("2022-06-27", "2022-06-26").returns}


def test_the_year_is_judged_before_its_late_income_accrues_which_belongs_to_its_last_day() -> None:
    (row,) = show("2022-12-31").judgements
    assert (row.year, row.instrument, row.treatment) == (YEAR, VARIATION, "adjusting")
    late = [each for each in lived()[-1].after.recovery.accrued if each.line != "whole"]
    assert {each.booked for each in late} == {"2022-03-31"}
    assert sum(each.accrued_pence for each in late) == pence(base=False)


# The end ----------------------------------------------------------------------------------------------------------------


def test_the_closed_grant_has_every_figure_of_its_life() -> None:
    found = show("2022-12-31")
    agreed = pence(base=True) + pence(base=False) - DISALLOWED
    assert found.claimed_pence == pence(base=True) + pence(base=False)
    assert found.agreed_pence == found.received_pence == found.outturn_pence == agreed
    assert (found.debtor_pence, found.accrued_pence, found.held_pence, found.claimable_pence) == (0, 0, 0, 0)
    assert found.lapsed_pence == WHOLE - agreed
    assert found.cap_pence == found.agreed_pence + found.lapsed_pence + found.forfeited_pence
    assert found.agreed_pence == found.received_pence + found.debtor_pence
    assert 0 < found.agreed_pence < found.cap_pence
    assert (found.excluded_pence, found.peak_sought_pence) == (APRIL, BASE)
    assert closed(lived()[-1].after)


def test_nothing_lapses_before_the_supplementary_return_is_settled() -> None:
    assert (show("2022-09-11", "2022-09-11").lapsed_pence, show("2022-09-11", "2022-09-11").outturn_pence) == (0, None)
    assert show("2022-03-31", "2022-09-12").lapsed_pence == WHOLE - pence(base=True) - pence(base=False) + DISALLOWED


def test_the_ledger_ends_with_no_receivable_and_the_cap_in_agreed_and_lapsed() -> None:
    grant, posted = Grant(stream=f"grant/{CASE}"), list[ledger.Posting]()
    for past in pasts():
        posted += ledger.postings(past, grant)
        grant = fold((past,), grant)
    balance = ledger.balances(posted)
    assert (balance["assets:grants-receivable:agreed"], balance["assets:grants-receivable:accrued"]) == (0, 0)
    assert balance["income:grant:revenue"] == -(pence(base=True) + pence(base=False))
    assert (balance["memo:award"], balance["memo:lapsed"]) == (WHOLE, -(WHOLE - balance["assets:bank"]))
    assert sum(balance.values()) == 0


# Beside the money -------------------------------------------------------------------------------------------------------


def test_the_hosts_contribution_stands_beside_the_grant_and_in_no_return() -> None:
    found = show("2022-12-31")
    (row,) = found.related
    assert (row.party, row.cap_pence, row.per, row.last) == ("Metropolitan Police Service", 140_000_000, "year", None)
    assert found.host_borne_pence == HOST <= row.cap_pence
    claimed = {row.key for each in lived()[-1].after.recovery.returns.values() for row in each.included}
    assert "h-2021-22-soh" not in claimed
    assert len(claimed) == len(rows()) - 2


def test_two_milestones_move_to_the_next_year_keep_their_first_date_and_move_no_money() -> None:
    before, after = show("2022-06-15", "2022-06-15"), show("2022-06-16", "2022-06-16")
    assert {each.milestone for each in after.milestones} == {"northgate-go-live", "standard-api"}
    for each in after.milestones:
        assert (each.original_due, each.due, each.achieved) == ("2022-03-31", "2023-03-31", None)
        assert [(moved.to, moved.variation) for moved in each.carried] == [("2023-03-31", VARIATION)]
    money = ("cap_pence", "caps_by_year", "sought_pence", "claimed_pence", "agreed_pence", "accrued_pence", "lines")
    assert [getattr(before, name) for name in money] == [getattr(after, name) for name in money]


def test_ten_forces_at_the_core_level_are_traded_for_five_at_the_full_one() -> None:
    def counts(found: Figures) -> dict[str, tuple[int | None, int | None, int]]:
        return {each.deliverable: (each.promised, each.most, each.delivered) for each in found.deliverables}

    before, after = counts(show("2022-06-15", "2022-06-15")), counts(show("2022-12-31"))
    assert (before["forces-core"], before["forces-full"]) == ((10, 10, 0), (0, 0, 0))
    assert (after["forces-core"], after["forces-full"]) == ((10, 0, 0), (0, 5, 5))
    assert after["auxiliary-bodies"] == (8, 8, 7)
    assert len(after) == 9


def test_three_reports_are_made_each_month_whatever_the_cadence_of_returns_and_one_was_late() -> None:
    found = show("2022-12-31").reports
    assert {each.report: (each.to, each.months, len(each.made)) for each in found} == dict.fromkeys(("financial", "delivery", "commercial"), ("HO SCIB", 1, 12))
    assert [(each.report, made.period, made.days_late) for each in found for made in each.made if made.days_late] == [("commercial", "2021-11", 8)]


def test_the_assessments_say_what_the_decision_says_and_what_became_of_it() -> None:
    found = [(each.form, each.edition, each.finding) for each in show("2022-12-31").assessments]
    assert ("procurement", 1, "completed") in found
    assert [each for each in found if each[0] == "dpia"] == [("dpia", 1, "completed"), ("dpia", 2, "update_due"), ("dpia", 3, "completed")]
    assert [each for each in found if each[0] == "eia"] == [("eia", 1, "completed"), ("eia", 2, "commenced"), ("eia", 3, "completed")]


def test_seven_attempts_are_refused_each_of_its_own_kind() -> None:
    expected = {each.step.step: each.step.expect.refused for each in lived() if not isinstance(each.step.expect, str)}
    assert expected == {
        "carry-too-early": "delivery.variation_unknown",
        "claim-unapplied": "recovery.not_accepted",
        "claim-host": "recovery.excluded_cost",
        "apply-undecided": "variation.not_authorised",
        "trade-too-many": "delivery.below_delivered",
        "judged-otherwise": "recovery.already_judged",
        "claim-next-year": "recovery.excluded_cost",
    }
