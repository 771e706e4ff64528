"""A return takes eligible cost, under the cap, each penny once; another person certifies it; approval comes before submission."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain import recovery
from domain.calendar import Window
from domain.expenditure import Cost
from domain.model import Refusal
from domain.returns import CertifyReturn, Claimed, LeftOut, PrepareReturn, ReturnCertified, ReturnPrepared, ReturnSubmitted, SubmitReturn
from tests.domain.recovering import (
    ACCOUNTANT,
    BOOKKEEPER,
    FINANCE_CHIEF,
    UPLIFT_PENCE,
    Recovery,
    cost,
    costs,
    given,
    line,
    uplift,
    wires,
)

Q1, Q2, Q3, Q4 = (f"Q{quarter} 2020/21" for quarter in (1, 2, 3, 4))


def spent(*rows: Cost, day: str = "2020-07-02") -> Recovery:
    life = Recovery()
    if rows:
        life.does(costs(*rows))
    return life.on(day)


def prepared(life: Recovery, period: str = Q1, **asked: object) -> ReturnPrepared:
    (event,) = life.does(PrepareReturn.model_validate({"period": period, **asked}))
    assert isinstance(event, ReturnPrepared)
    return event


def told(refusal: Refusal) -> tuple[str, str, tuple[str, ...], str]:
    return refusal.code, refusal.why, refusal.who_could, refusal.source


# Preparing --------------------------------------------------------------------------------------------------------------


def test_a_return_takes_all_eligible_cost_up_to_its_last_day() -> None:
    event = prepared(spent(cost("a", 100), cost("b", 50, "2020-06-30"), cost("c", 25, "2020-07-01")))
    assert event.included == (Claimed(key="a", line="whole", pence=100), Claimed(key="b", line="whole", pence=50))
    assert (event.claim_pence, event.by_line, event.instruments) == (150, {"whole": 150}, ("agreement-2020",))


def test_a_return_lists_what_it_leaves_out_with_the_reason_and_who_bears_it() -> None:
    life = spent(
        cost("early", on="2020-12-31", line="uplift"),
        cost("support", on="2021-01-31", category="mps_support_costs"),
        cost("a", on="2021-01-15"),
        day="2021-04-01",
    )
    event = prepared(life, Q4)
    window = "incurred on 2020-12-31, outside the effective window of line uplift (2021-01-01 to 2021-03-31)"
    host = "mps_support_costs is borne by the host under the agreement"
    assert event.excluded == (
        LeftOut(key="early", pence=100_00, reason="window", why=window, borne_by="MPS"),
        LeftOut(key="support", pence=100_00, reason="host_borne", why=host, borne_by="MPS"),
    )
    assert event.held == ()


def test_a_return_lists_cost_that_waits_for_acceptance_as_held() -> None:
    life = spent(cost("a", on="2021-01-15", line="uplift"), day="2021-04-01").under(line(), uplift(in_force=None))
    event = prepared(life, Q4)
    why = "PCD 914 is neither accepted nor applied"
    assert event.held == (LeftOut(key="a", pence=100_00, reason="not_accepted", why=why, borne_by=None),)
    assert event.claim_pence == 0


def test_cost_that_came_late_goes_into_a_later_return_of_its_year() -> None:
    life = spent(cost("a")).submits(Q1)
    life.does(costs(cost("late", on="2020-06-01")))
    assert [each.key for each in prepared(life.on("2020-10-01"), Q2).included] == ["late"]


def test_a_cost_that_another_preparation_has_is_not_taken_again() -> None:
    life = spent(cost("a"), day="2020-10-02")
    prepared(life, Q1)
    assert prepared(life, Q2).included == ()


def test_a_preparer_may_leave_cost_for_a_later_return() -> None:
    life = spent(cost("a", 100), cost("b", 50), day="2020-10-02")
    event = prepared(life, Q1, claim_pence=120)
    assert [(each.key, each.pence) for each in event.included] == [("a", 100), ("b", 20)]
    assert [(each.key, each.pence, each.reason) for each in event.held] == [("b", 30, "left_out")]
    assert [(each.key, each.pence) for each in prepared(life, Q2).included] == [("b", 30)]


def test_a_preparer_may_name_the_costs_to_include() -> None:
    event = prepared(spent(cost("a", 100), cost("b", 50)), include=("b",))
    assert [each.key for each in event.included] == ["b"]
    assert [(each.key, each.reason) for each in event.held] == [("a", "left_out")]


def test_preparing_again_replaces_the_preparation_and_voids_its_certificate() -> None:
    life = spent(cost("a", 100))
    prepared(life)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    life.does(costs(cost("b", 50)))
    assert prepared(life).claim_pence == 150
    assert life.refused(SubmitReturn(period=Q1)).code == "recovery.not_certified"


def test_preparing_the_same_again_changes_nothing() -> None:
    life = spent(cost("a"))
    prepared(life)
    assert life.tries(PrepareReturn(period=Q1), ACCOUNTANT) == ()


def test_a_return_without_cost_is_a_nil_return() -> None:
    assert prepared(spent()).claim_pence == 0


def test_no_return_is_prepared_before_its_period_ends() -> None:
    life = spent(cost("a"), day="2020-06-30")
    assert told(life.refused(PrepareReturn(period=Q1))) == ("recovery.no_return", "No return for Q1 2020/21 is open.", (), "R-60; invariant 22")


def test_no_return_is_prepared_again_once_it_was_submitted() -> None:
    life = spent(cost("a")).submits(Q1)
    assert life.refused(PrepareReturn(period=Q1)).code == "recovery.already_submitted"
    assert life.refused(CertifyReturn(period=Q1), FINANCE_CHIEF).code == "recovery.already_submitted"


# Forcing ----------------------------------------------------------------------------------------------------------------


def test_excluded_cost_cannot_be_forced_into_a_return() -> None:
    life = spent(cost("early", on="2020-12-31", line="uplift"), day="2021-04-01")
    why = "early cannot be claimed: incurred on 2020-12-31, outside the effective window of line uplift (2021-01-01 to 2021-03-31)."
    assert told(life.refused(PrepareReturn(period=Q4, include=("early",)))) == ("recovery.excluded_cost", why, (), "R-12, R-41, R-42; invariants 7 and 8")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (cost("x", category="mps_support_costs"), "x cannot be claimed: mps_support_costs is borne by the host under the agreement."),
        (cost("x", category="fines"), "x cannot be claimed: fines is not eligible on line whole."),
        (cost("x", on="2020-03-31"), "x cannot be claimed: there is no line whole in 2019/20."),
    ],
)
def test_whatever_excludes_a_cost_is_named_when_it_is_forced(row: Cost, why: str) -> None:
    refusal = spent(row).refused(PrepareReturn(period=Q1, include=("x",)))
    assert (refusal.code, refusal.why) == ("recovery.excluded_cost", why)


def test_spending_on_an_offer_not_accepted_cannot_be_forced_into_a_return() -> None:
    life = spent(cost("a", on="2021-01-15", line="uplift"), day="2021-04-01").under(line(), uplift(in_force=None))
    assert told(life.refused(PrepareReturn(period=Q4, include=("a",)))) == (
        "recovery.not_accepted",
        "a cannot be claimed: PCD 914 is neither accepted nor applied.",
        ("chief-executive", "grants-team"),
        "R-11; invariant 15: an offer is no authority to spend",
    )


def test_cost_after_the_period_is_held_until_it_ends() -> None:
    refusal = spent(cost("a", on="2020-07-01")).refused(PrepareReturn(period=Q1, include=("a",)))
    assert (refusal.code, refusal.why) == ("recovery.held_cost", "a cannot be claimed yet: incurred on 2020-07-01, after the end of Q1 2020/21.")


def test_cost_of_another_year_is_excluded_from_the_return() -> None:
    next_year = replace(line(window=Window(first=date(2021, 4, 1), last=date(2022, 3, 31))), year="2021/22")
    life = spent(cost("a", on="2021-04-02"), day="2021-04-03").under(line(), next_year)
    refusal = life.refused(PrepareReturn(period=Q4, include=("a",)))
    assert (refusal.code, refusal.why) == ("recovery.excluded_cost", "a cannot be claimed: incurred on 2021-04-02, in 2021/22 and not in 2020/21.")


def test_the_actual_of_a_claimed_accrual_cannot_be_claimed_beside_it() -> None:
    life = spent(cost("accrued", basis="accrual")).submits(Q1)
    life.does(costs(cost("actual", replaces="accrued")))
    assert life.on("2020-10-01").refused(PrepareReturn(period=Q2, include=("actual",))).code == "recovery.held_cost"


def test_a_cost_claimed_before_is_not_claimed_again() -> None:
    life = spent(cost("a")).submits(Q1).on("2020-10-01")
    refusal = life.refused(PrepareReturn(period=Q2, include=("a",)))
    assert (refusal.code, refusal.why) == ("recovery.already_claimed", "a is claimed already, in the return for Q1 2020/21.")


def test_a_cost_that_was_never_recorded_cannot_be_included() -> None:
    assert spent().refused(PrepareReturn(period=Q1, include=("ghost",))).code == "recovery.unknown_cost"


# The cap ----------------------------------------------------------------------------------------------------------------


def test_a_return_above_the_cap_is_refused_with_the_most_that_can_be_claimed() -> None:
    life = spent(cost("a", UPLIFT_PENCE + 1, "2021-02-01", line="uplift"), day="2021-04-01")
    assert told(life.refused(PrepareReturn(period=Q4))) == (
        "recovery.above_cap",
        "£267,354.65 is above the cap of line uplift in 2020/21, which has £267,354.64 left: at most £267,354.64 can be claimed in all.",
        ("mps-finance",),
        "R-11; invariant 5",
    )
    event = prepared(life, Q4, claim_pence=UPLIFT_PENCE)
    assert event.claim_pence == UPLIFT_PENCE
    assert [(each.key, each.pence, each.reason) for each in event.excluded] == [("a", 1, "above_cap")]


def test_the_costs_that_are_named_draw_on_the_cap_before_others() -> None:
    life = Recovery(given(line(pence=100)))
    life.does(costs(cost("a", 100, "2020-05-01"), cost("b", 50, "2020-06-01")))
    event = prepared(life.on("2020-07-02"), include=("b",))
    assert (event.claim_pence, [each.key for each in event.included]) == (50, ["b"])


def test_what_was_claimed_before_counts_towards_the_cap() -> None:
    life = Recovery(given(line(pence=100)))
    life.does(costs(cost("a", 80), cost("b", 30, "2020-08-01")))
    life.on("2020-10-01").submits(Q1)
    assert life.refused(PrepareReturn(period=Q2)).why == "£0.30 is above the cap of 2020/21: at most £0.20 can be claimed in all."


def test_where_one_line_is_full_and_the_year_is_not_the_line_is_named_with_what_it_has_left() -> None:
    life = Recovery(given(line(pence=100), line("second", 1_000)))
    life.does(costs(cost("a", 80), cost("b", 30, "2020-08-01"), cost("c", 40, "2020-08-02", line="second")))
    life.on("2020-10-01").submits(Q1)
    assert life.refused(PrepareReturn(period=Q2)).why == (
        "£0.70 is above the cap of line whole in 2020/21, which has £0.20 left: at most £0.60 can be claimed in all."
    )


def test_a_claim_above_the_cap_is_refused_even_where_less_was_spent() -> None:
    assert spent(cost("a", 100)).refused(PrepareReturn(period=Q1, claim_pence=999_999_999)).code == "recovery.above_cap"


def test_a_claim_above_what_was_spent_is_refused() -> None:
    refusal = spent(cost("a", 100)).refused(PrepareReturn(period=Q1, claim_pence=101))
    assert (refusal.code, refusal.why) == ("recovery.above_cost", "£1.01 is more than the eligible cost: at most £1.00 can be claimed.")


# Certifying -------------------------------------------------------------------------------------------------------------


DELEGATED = "Scheme of Delegation and Consent: assumed"


def test_the_certificate_binds_the_preparation_that_was_seen() -> None:
    life = spent(cost("a"))
    prepared(life)
    seen = recovery.content(CertifyReturn(period=Q1), life.state)
    assert seen == recovery.content(SubmitReturn(period=Q1), life.state)
    assert life.does(CertifyReturn(period=Q1), FINANCE_CHIEF) == (ReturnCertified(period=Q1, claim_pence=100_00, content=str(seen), delegation=DELEGATED),)
    life.does(costs(cost("b")))
    prepared(life)
    assert recovery.content(CertifyReturn(period=Q1), life.state) != seen


def test_nothing_is_bound_before_a_return_is_prepared() -> None:
    assert recovery.content(CertifyReturn(period=Q1), spent().state) is None
    assert recovery.content(PrepareReturn(period=Q1), spent(cost("a")).state) is None


@pytest.mark.parametrize(
    ("preparer", "certifier"),
    [
        ((BOOKKEEPER, None), (BOOKKEEPER, None)),
        ((BOOKKEEPER, None), (BOOKKEEPER, FINANCE_CHIEF)),
        ((BOOKKEEPER, FINANCE_CHIEF), (FINANCE_CHIEF, None)),
        ((BOOKKEEPER, FINANCE_CHIEF), (ACCOUNTANT, FINANCE_CHIEF)),
    ],
)
def test_the_preparer_does_not_certify_in_person_or_through_cover(preparer: tuple[str, str | None], certifier: tuple[str, str | None]) -> None:
    life = spent(cost("a"))
    life.does(PrepareReturn(period=Q1), *preparer)
    assert told(life.refused(CertifyReturn(period=Q1), *certifier)) == (
        "duty.own_preparation",
        "Whoever prepared the return for Q1 2020/21 does not certify it.",
        ("chief-finance-officer",),
        "DESIGN §6; invariant 19",
    )


def test_only_a_prepared_return_is_certified() -> None:
    assert told(spent().refused(CertifyReturn(period=Q1), FINANCE_CHIEF)) == (
        "recovery.not_prepared",
        "The return for Q1 2020/21 is not prepared.",
        ("mps-finance",),
        "R-60; B7",
    )
    assert Recovery().refused(CertifyReturn(period=Q1), FINANCE_CHIEF).code == "recovery.no_return"


def test_certifying_twice_is_certifying_once() -> None:
    life = spent(cost("a"))
    prepared(life)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    assert life.tries(CertifyReturn(period=Q1), ACCOUNTANT) == ()


@pytest.mark.parametrize("act", [CertifyReturn(period=Q1), SubmitReturn(period=Q1)])
def test_a_preparation_that_events_have_overtaken_is_neither_certified_nor_submitted(act: CertifyReturn | SubmitReturn) -> None:
    life = spent(cost("accrued", basis="accrual"))
    prepared(life)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    life.does(costs(cost("actual", replaces="accrued")))
    assert told(life.refused(act, ACCOUNTANT)) == (
        "recovery.preparation_overtaken",
        "accrued cannot be claimed any more as Q1 2020/21 was prepared: prepare it again.",
        ("mps-finance",),
        "DESIGN §7; invariant 5",
    )
    assert [each.key for each in prepared(life).included] == ["actual"]


# Submitting -------------------------------------------------------------------------------------------------------------


def test_a_submission_names_its_keys_and_how_late_it_is() -> None:
    life = spent(cost("a"), day="2020-07-30").submits(Q1)
    assert life.state.returns[Q1].submitted == submission(days_late=0)
    assert spent(cost("a"), day="2020-11-20").submits(Q1).state.returns[Q1].submitted == submission(days_late=113)


def test_only_keys_that_no_return_had_before_are_claimed_anew() -> None:
    life = spent(cost("a", 100), cost("b", 50), day="2020-10-02")
    prepared(life, Q1, claim_pence=120)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    assert [recovery.claimed(each) for each in life.does(SubmitReturn(period=Q1))] == [("a", "b")]
    prepared(life, Q2)
    life.does(CertifyReturn(period=Q2), FINANCE_CHIEF)
    assert [recovery.claimed(each) for each in life.does(SubmitReturn(period=Q2))] == [()]


def test_no_return_is_submitted_under_an_agreement_before_its_approval_is_ratified() -> None:
    life = spent(cost("a")).under(line(), uplift(), unauthorised=("agreement-2020",))
    prepared(life)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    assert told(life.refused(SubmitReturn(period=Q1), ACCOUNTANT)) == (
        "recovery.unauthorised",
        "agreement-2020 must be approved or ratified before Q1 2020/21 is submitted.",
        ("deputy-mayor",),
        "DESIGN §6; invariant 16",
    )
    life.under(line(), uplift())
    assert wires(life.does(SubmitReturn(period=Q1), ACCOUNTANT)) == ["return.submitted"]


def test_a_missing_approval_of_another_instrument_does_not_stop_a_return() -> None:
    life = spent(cost("a")).under(line(), uplift(), unauthorised=("PCD 914",))
    prepared(life)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    assert wires(life.does(SubmitReturn(period=Q1))) == ["return.submitted"]


def test_only_a_certified_return_is_submitted() -> None:
    life = spent(cost("a"))
    prepared(life)
    assert told(life.refused(SubmitReturn(period=Q1))) == (
        "recovery.not_certified",
        "The return for Q1 2020/21 is not certified.",
        ("chief-finance-officer",),
        "G4; invariant 19",
    )


def test_a_return_that_is_not_open_or_not_prepared_is_not_submitted() -> None:
    assert Recovery().refused(SubmitReturn(period=Q1)).code == "recovery.no_return"
    assert spent().refused(SubmitReturn(period=Q1)).code == "recovery.not_prepared"


def test_submitting_twice_is_submitting_once() -> None:
    assert spent(cost("a")).submits(Q1).tries(SubmitReturn(period=Q1)) == ()


def test_a_cost_that_another_grant_has_claimed_is_refused_with_that_grant_named() -> None:
    life = spent(cost("a"))
    prepared(life)
    life.does(CertifyReturn(period=Q1), FINANCE_CHIEF)
    life.given = given(taken={"a": "beta-2020-21"})
    assert told(life.refused(SubmitReturn(period=Q1))) == (
        "recovery.already_claimed",
        "a is claimed already, in beta-2020-21.",
        ("mps-finance",),
        "DESIGN §4.8, §7: each penny at most once",
    )


def submission(days_late: int) -> ReturnSubmitted:
    return ReturnSubmitted(period=Q1, claim_pence=100_00, due=date(2020, 7, 30), days_late=days_late, newly_claimed=("a",), delegation=DELEGATED)
