"""Cross-charges: only under a tasking, only for what was tasked, each invoice once, up to the hours tasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from domain.charging import Charge, RecordTasking, TaskWork
from domain.eligibility import Excluded, Held, Share, shares
from domain.exception import ExceptionRaised
from domain.expenditure import Cost
from domain.model import Refusal
from domain.returns import CertifyReturn, PrepareReturn, SubmitReturn
from domain.tasking import LATE_TASKING
from tests.domain.recovering import ACCOUNTANT, FINANCE_CHIEF, PAID_FOR, Recovery, cost, costs, given, line

NORTH, SOUTH = "Northern Force", "Southern Force"


def life(*rows: Cost) -> Recovery:
    """A line that pays overtime of others only under a tasking; work of the north is tasked for ten hours in May 2020."""
    paying = replace(line(), categories=(*PAID_FOR, "other_overtime"))
    ready = Recovery(replace(given(paying), terms=replace(given(paying).terms, tasked=("other_overtime",))))
    ready.on("2020-04-20").does(work())
    if rows:
        ready.does(costs(*rows))
    return ready


def work(tasking: str = "T-1", **other: object) -> TaskWork:
    stated = {"body": NORTH, "categories": ("other_overtime",), "most_hours_hundredths": 10_00, "first": "2020-05-01", "last": "2020-05-31", "words": "Visits"}
    return TaskWork.model_validate({"tasking": tasking, **stated, **other}, strict=False)


def already(tasked: str, tasking: str = "T-1", **other: object) -> RecordTasking:
    stated = work(tasking, **other).model_dump()
    return RecordTasking.model_validate({**stated, "tasked": tasked, "tasked_by": "A detective inspector"})


def charge(key: str, pence: int = 100_00, hours: int = 2_00, invoice: str | None = None, on: str = "2020-05-15", **other: str) -> Cost:
    charged = Charge(tasking=other.pop("tasking", "T-1"), body=other.pop("body", NORTH), hours_hundredths=hours, invoice=invoice or f"INV {key}")
    return cost(key, pence, on, charge=charged, **{"category": "other_overtime", **other})


def found(life: Recovery, key: str) -> list[Share]:
    return [each for each in shares(life.state, life.given.terms) if each.cost.key == key]


def reasons(life: Recovery, key: str) -> list[tuple[int, str]]:
    return [(each.pence, each.fate.reason if isinstance(each.fate, Excluded | Held) else "included") for each in found(life, key)]


def why(life: Recovery, key: str) -> str:
    fate = found(life, key)[-1].fate
    assert isinstance(fate, Excluded | Held)
    return fate.why


# Tasking --------------------------------------------------------------------------------------------------------------


def test_work_that_something_in_force_pays_for_is_tasked_today() -> None:
    (tasked,) = Recovery().on("2020-05-01").does(work(categories=("overtime",)))
    assert (tasked.wire, tasked.tasked, tasked.tasked_by) == ("work.tasked", "2020-05-01", None)  # type: ignore[attr-defined]


def test_tasking_the_same_work_again_adds_nothing_even_later() -> None:
    assert life().on("2020-06-15").tries(work()) == ()


def test_a_tasking_recorded_as_a_fact_is_not_the_one_made_here() -> None:
    assert life().refused(already("2020-04-20")).code == "recovery.tasking_differs"


def test_other_work_needs_another_tasking() -> None:
    assert life().refused(work(body=SOUTH)).code == "recovery.tasking_differs"


def test_work_that_has_begun_is_not_tasked_any_more() -> None:
    refused = Recovery().on("2020-05-02").refused(work())
    assert (refused.code, refused.who_could, refused.why) == (
        "recovery.tasked_afterwards",
        (),
        "Work from 2020-05-01 is tasked by that day at the latest, and today is 2020-05-02.",
    )


@pytest.mark.parametrize("other", [{"categories": ("fines",)}, {"last": "2021-04-01"}, {"categories": ("overtime", "fines")}])
def test_work_that_nothing_in_force_pays_for_is_not_tasked(other: dict[str, object]) -> None:
    refused = life().refused(work("T-2", **other))
    assert (refused.code, refused.who_could) == ("recovery.tasking_unfunded", ("chief-executive", "grants-team"))


def test_work_is_not_tasked_under_an_offer_that_is_not_accepted() -> None:
    offered = Recovery(given(line(in_force=None))).on("2020-04-20")
    assert offered.refused(work(categories=("overtime",))).code == "recovery.tasking_unfunded"


def test_a_tasking_that_was_made_in_time_is_recorded_whatever_pays() -> None:
    (tasked,) = Recovery().on("2020-07-01").does(already("2020-05-01", categories=("fines",)))
    assert (tasked.tasked, tasked.tasked_by) == ("2020-05-01", "A detective inspector")  # type: ignore[attr-defined]


def test_a_tasking_made_after_the_work_began_is_recorded_with_an_exception() -> None:
    tasked, raised = Recovery().on("2020-07-01").does(already("2020-05"))
    assert (tasked.wire, isinstance(raised, ExceptionRaised)) == ("work.tasked", True)
    assert (raised.exception, raised.what, raised.owner) == ("late-tasking/T-1", LATE_TASKING, "finance")  # type: ignore[attr-defined]
    assert raised.why == "Northern Force worked from 2020-05-01; tasking T-1 is dated 2020-05."  # type: ignore[attr-defined]


def test_work_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        work(last="2020-04-30")


# Charges --------------------------------------------------------------------------------------------------------------


def test_a_charge_under_its_tasking_is_eligible() -> None:
    assert reasons(life(charge("a")), "a") == [(100_00, "included")]


def test_cost_that_needs_a_tasking_waits_for_one() -> None:
    ready = life(cost("a", category="other_overtime"))
    assert (reasons(ready, "a"), why(ready, "a")) == ([(100_00, "no_tasking")], "other_overtime is claimed only under a tasking, and none is named")


def test_a_charge_whose_tasking_is_not_recorded_waits_until_it_is() -> None:
    ready = life(charge("a", tasking="T-2"))
    assert (reasons(ready, "a"), why(ready, "a")) == ([(100_00, "no_tasking")], "tasking T-2, which it names, is not recorded")
    ready.does(already("2020-04-30", tasking="T-2"))
    assert reasons(ready, "a") == [(100_00, "included")]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"body": SOUTH}, "tasking T-1 is of Northern Force, and Southern Force charges"),
        ({"category": "overtime"}, "tasking T-1 is not for overtime"),
        ({"on": "2020-06-01"}, "incurred on 2020-06-01, outside tasking T-1 (2020-05-01 to 2020-05-31)"),
        ({"on": "2020-04-30"}, "incurred on 2020-04-30, outside tasking T-1 (2020-05-01 to 2020-05-31)"),
    ],
)
def test_a_charge_outside_its_tasking_is_excluded_and_borne_by_its_entity(other: dict[str, str], words: str) -> None:
    ready = life(charge("a", **other))  # type: ignore[arg-type]
    assert [each.fate for each in found(ready, "a")] == [Excluded("outside_tasking", words, "MPS")]


@pytest.mark.parametrize("day", ["2020-05-01", "2020-05-31"])
def test_both_ends_of_a_tasking_belong_to_it(day: str) -> None:
    assert reasons(life(charge("a", on=day)), "a") == [(100_00, "included")]


def test_the_same_invoice_of_the_same_body_counts_once() -> None:
    ready = life(charge("a", invoice="N-7"), charge("b", invoice="N-7", on="2020-05-02"))
    assert (reasons(ready, "a"), reasons(ready, "b")) == ([(100_00, "included")], [(100_00, "charged_twice")])
    assert why(ready, "b") == "N-7 of Northern Force is charged already, as a"


def test_another_bodys_invoice_of_the_same_number_is_another_invoice() -> None:
    ready = life(charge("a", invoice="7"))
    ready.does(already("2020-04-30", tasking="T-2", body=SOUTH))
    ready.does(costs(charge("b", invoice="7", tasking="T-2", body=SOUTH)))
    assert reasons(ready, "b") == [(100_00, "included")]


def test_an_invoice_that_was_charged_wrongly_first_counts_where_it_is_charged_rightly() -> None:
    ready = life(charge("a", invoice="N-7", body=SOUTH), charge("b", invoice="N-7"))
    assert (reasons(ready, "a"), reasons(ready, "b")) == ([(100_00, "outside_tasking")], [(100_00, "included")])


def test_hours_beyond_the_tasking_are_left_out_penny_for_penny() -> None:
    ready = life(charge("a", hours=8_00), charge("b", pence=100_01, hours=3_00))
    assert reasons(ready, "b") == [(66_67, "included"), (33_34, "hours")]
    assert why(ready, "b") == "beyond the 10 hours of tasking T-1"


def test_the_last_hour_tasked_is_still_paid() -> None:
    assert reasons(life(charge("a", hours=10_00)), "a") == [(100_00, "included")]


def test_of_a_charge_after_the_last_hour_nothing_is_left() -> None:
    assert reasons(life(charge("a", hours=10_00), charge("b", hours=1)), "b") == [(100_00, "hours")]


def test_a_charge_left_out_takes_no_hours() -> None:
    ready = life(charge("a", hours=8_00, on="2020-06-01"), charge("b", hours=10_00))
    assert reasons(ready, "b") == [(100_00, "included")]


def test_an_actual_takes_the_hours_of_the_accrual_that_it_replaces() -> None:
    accrued = cost("a", category="other_overtime", basis="accrual", charge=Charge(tasking="T-1", body=NORTH, hours_hundredths=9_00, invoice=None))
    ready = life(accrued, charge("b", hours=10_00, replaces="a"))
    assert reasons(ready, "b") == [(100_00, "included")]


def test_an_actual_charge_names_its_invoice() -> None:
    with pytest.raises(ValidationError, match="names its invoice"):
        cost("a", charge=Charge(tasking="T-1", body=NORTH, hours_hundredths=1_00, invoice=None))


def test_a_charge_recorded_later_takes_no_hours_from_one_recorded_before_it() -> None:
    ready = life(charge("a", hours=8_00, on="2020-05-20"))
    ready.does(costs(charge("b", hours=8_00, on="2020-05-02")))
    assert (reasons(ready, "a"), reasons(ready, "b")) == ([(100_00, "included")], [(25_00, "included"), (75_00, "hours")])


def test_a_part_that_was_claimed_leaves_the_other_charges_their_hours() -> None:
    ready = life(charge("a", hours=8_00), charge("b", hours=8_00)).on("2020-07-01")
    ready.does(PrepareReturn(period="Q1 2020/21", include=("b",)))
    ready.does(CertifyReturn(period="Q1 2020/21"), FINANCE_CHIEF)
    ready.submits_as_certified("Q1 2020/21")
    assert (reasons(ready, "a"), reasons(ready, "b")) == ([(100_00, "included")], [(25_00, "included"), (75_00, "hours")])


def test_an_invoice_that_is_claimed_stays_with_the_charge_that_claimed_it() -> None:
    ready = life(charge("a", invoice="N-7", tasking="T-2"), charge("b", invoice="N-7")).on("2020-07-01").submits("Q1 2020/21")
    ready.does(already("2020-04-30", tasking="T-2"))
    assert (reasons(ready, "a"), reasons(ready, "b")) == ([(100_00, "charged_twice")], [(100_00, "included")])


# In a return ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [cost("x", category="other_overtime"), charge("x", tasking="T-9"), charge("x", body=SOUTH), charge("x", invoice="INV a"), charge("x", on="2020-06-02")],
)
def test_a_charge_without_its_tasking_or_charged_twice_is_refused_in_a_return(row: Cost) -> None:
    ready = life(charge("a"), row).on("2020-07-01")
    assert ready.refused(PrepareReturn(period="Q1 2020/21", include=("x",))).code == "recovery.charge_not_claimable"


def test_hours_beyond_the_tasking_are_refused_in_a_return() -> None:
    refused = life(charge("a", hours=10_00), charge("x")).on("2020-07-01").refused(PrepareReturn(period="Q1 2020/21", include=("x",)))
    assert (refused.code, refused.why) == ("recovery.charge_not_claimable", "x cannot be claimed: beyond the 10 hours of tasking T-1.")


def test_a_return_claims_the_hours_tasked_and_says_why_not_the_rest() -> None:
    ready = life(charge("a", hours=8_00), charge("b", hours=4_00)).on("2020-07-01").submits("Q1 2020/21")
    prepared = ready.state.returns["Q1 2020/21"].prepared
    assert prepared
    assert (prepared.claim_pence, [(each.key, each.pence, each.reason) for each in prepared.excluded]) == (150_00, [("b", 50_00, "hours")])


def test_a_submitted_return_claims_the_other_bodys_invoices_against_every_grant() -> None:
    ready = life(charge("a", invoice="N-7"), cost("own")).on("2020-07-01").submits("Q1 2020/21")
    submitted = ready.state.returns["Q1 2020/21"].submitted
    assert submitted
    assert (submitted.newly_claimed, submitted.invoices) == (("a", "own"), ("N-7 of Northern Force",))


def test_an_invoice_that_another_grant_has_claimed_under_another_key_is_refused() -> None:
    ready = life(charge("a", invoice="N-7")).on("2020-07-01")
    ready.does(PrepareReturn(period="Q1 2020/21"))
    ready.given = replace(ready.given, taken={"N-7 of Northern Force": "grant/other"})
    ready.does(CertifyReturn(period="Q1 2020/21"), FINANCE_CHIEF)
    refused = ready.tries(SubmitReturn(period="Q1 2020/21"), ACCOUNTANT)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.why) == ("recovery.already_claimed", "N-7 of Northern Force is claimed already, in grant/other.")


def test_a_tasking_counts_from_the_day_stated() -> None:
    assert life().state.taskings["T-1"].window.first == date(2020, 5, 1)
