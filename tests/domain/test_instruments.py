"""What offers, agreements and variations pay for together, at every date; the figures are those of PCD 914."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import agreement, bid, variation
from domain.agreement import RecordAcceptance
from domain.calendar import Window
from domain.changes import ApplyVariation, RecordFunderDecision
from domain.instruments import Instrument, caps_by_line, caps_by_year, instruments, last_funded_day, terms, unauthorised
from domain.model import Refusal
from domain.terms import ReturnSchedule
from tests.domain.instrument_papers import CUT, PAY, PLANNED, QUARTERLY, YEARS, agreement_given, letter, lines_of, offer, signed, variation_given, whole
from tests.domain.rooms import accepted, after, at, once

BASE, UPLIFT = {"2020/21": 147_930_616}, {"2020/21": 26_735_464}
RATIFIED = {"alpha": BASE}
BOTH = {"alpha": BASE, "uplift": UPLIFT}
DELAY = RecordFunderDecision(variation="uplift", decided="2020-12", effective=CUT, reason="Decided late.")
APPLY = ApplyVariation(variation="uplift")


def told(*steps: tuple[str, Any], authorised: dict[str, dict[str, int]] | None = None) -> tuple[Instrument, ...]:
    """What stands after these commands, each on its day; variations are told the caps in force before them."""
    agreements, variations = agreement.State(), variation.State()
    for day, body in steps:
        if isinstance(body, agreement.Command):
            agreements = after(agreement, agreements, accepted(agreement.decide(body, agreements, at(day), agreement_given(authorised))), at(day))
        else:
            found = instruments(agreements, variations, bid.State())
            given_now = variation_given(authorised, caps_by_year=caps_by_year(found), caps_by_line=caps_by_line(found))
            variations = after(variation, variations, accepted(variation.decide(body, variations, at(day), given_now)), at(day))
    return instruments(agreements, variations, bid.State())


PENDING = (("2020-06-15", signed(host_borne=("support",))), ("2020-11-10", letter()))
APPLIED = (*PENDING, ("2020-12-14", DELAY), ("2021-01-20", APPLY))


def cap_on(found: tuple[Instrument, ...], day: str, authorised: dict[str, dict[str, int]] | None = None) -> int:
    """The cap as of a day, as the figures sum it."""
    return sum(line.pence for line in terms(found, authorised or {}).lines if line.in_force and line.in_force <= date.fromisoformat(day))


def sought_on(found: tuple[Instrument, ...], day: str) -> int:
    return sum(each.sought_on(date.fromisoformat(day)) for each in found)


def test_a_cap_stated_to_the_month_counts_from_its_last_day() -> None:
    assert [cap_on(told(*PENDING), day) for day in ("2020-06-29", "2020-06-30")] == [0, 147_930_616]


def test_an_applied_variation_raises_the_cap_from_the_first_day_of_its_effective_window_and_the_old_one_stays_readable() -> None:
    found = told(*APPLIED, authorised=BOTH)
    assert [cap_on(found, day) for day in ("2020-12-31", "2021-01-01", "2021-03-31")] == [147_930_616, 174_666_080, 174_666_080]
    assert caps_by_year(found) == {"2020/21": 174_666_080}


def test_what_is_pending_is_sought_beside_the_cap_and_adds_nothing_to_it() -> None:
    found = told(*PENDING)
    assert caps_by_year(found) == BASE
    assert [sought_on(found, day) for day in ("2020-11-29", "2020-11-30", "2021-01-31")] == [0, 26_735_464, 26_735_464]


def test_what_was_applied_is_sought_no_more_from_the_day_that_it_counts() -> None:
    found = told(*APPLIED, authorised=BOTH)
    assert [sought_on(found, day) for day in ("2020-12-31", "2021-01-01")] == [26_735_464, 0]


def test_what_only_takes_away_seeks_nothing() -> None:
    assert sought_on(told(*PENDING[:1], ("2020-11-10", letter(whole(-5)))), "2020-12-01") == 0


def test_a_line_that_names_no_category_inherits_those_of_its_agreement() -> None:
    base, uplift = terms(told(*APPLIED, authorised=BOTH), BOTH).lines
    assert (base.categories, uplift.categories) == (PAY, PAY)
    assert (base.window, uplift.window) == (Window(first=date(2020, 4, 1), last=date(2021, 3, 31)), CUT)


def test_a_line_that_names_its_own_categories_keeps_them() -> None:
    found = told(*PENDING[:1], ("2020-11-10", letter(whole(5, categories=("training",)))))
    assert terms(found, {}).lines[-1].categories == ("training",)


def test_pending_lines_stand_in_the_terms_with_no_day_from_which_they_are_in_force() -> None:
    base, uplift = terms(told(*PENDING), RATIFIED).lines
    assert (base.in_force, base.authorised) == (date(2020, 6, 30), True)
    assert (uplift.instrument, uplift.in_force, uplift.authorised, uplift.window) == ("uplift", None, False, PLANNED)


def test_terms_say_what_the_host_bears_and_how_returns_run() -> None:
    found = terms(told(*PENDING), {})
    assert (found.host_borne, found.schedule) == (("support",), QUARTERLY)


def test_a_cadence_that_no_agreement_in_force_gives_is_unknown() -> None:
    monthly = ReturnSchedule(months=1, due_days=15)
    assert terms(told(("2020-05-12", offer(returns=monthly))), {}).schedule is None


def test_a_ratification_covers_what_was_signed_without_touching_it() -> None:
    found = told(*PENDING)
    assert (unauthorised(found, {}), unauthorised(found, RATIFIED)) == (("alpha",), ())


def test_a_pending_variation_is_not_missed_by_any_authority() -> None:
    assert unauthorised(told(*PENDING), {}) == ("alpha",)


def test_the_last_funded_day_is_that_of_what_is_in_force() -> None:
    beyond = letter(planned=Window(first=date(2021, 4, 1), last=date(2021, 9, 30)))
    pending = (*PENDING[:1], ("2020-11-10", beyond))
    assert last_funded_day(told(*pending)) == date(2021, 3, 31)
    assert last_funded_day(told(*pending, ("2020-12-01", APPLY), authorised=BOTH)) == date(2021, 9, 30)
    assert last_funded_day(()) is None


# An offer and the agreement that puts it in writing --------------------------------------------------------------------

ACCEPTED = (("2020-05-12", offer(received="2020-05-12")), ("2020-05-21", RecordAcceptance(offer="offer-1", accepted="2020-05-20")))
WRITTEN = (*ACCEPTED, ("2020-06-15", signed(offer="offer-1", executed="2020-06-12")))


def test_an_accepted_offer_is_in_force_and_sought_until_then() -> None:
    found = told(*ACCEPTED)
    assert [cap_on(found, day, {"offer-1": BASE}) for day in ("2020-05-19", "2020-05-20")] == [0, 147_930_616]
    assert [sought_on(found, day) for day in ("2020-05-11", "2020-05-12", "2020-05-20")] == [0, 147_930_616, 0]


def test_an_offer_accepted_without_authority_pays_nothing_until_it_is_ratified() -> None:
    assert [cap_on(told(*ACCEPTED), "2020-06-01", decided) for decided in ({}, {"offer-1": BASE})] == [0, 147_930_616]


def test_the_agreement_stands_for_its_offer_and_no_penny_counts_twice() -> None:
    found = told(*WRITTEN)
    assert caps_by_year(found) == BASE
    assert [(each.name, each.replaced, each.pays) for each in found] == [("offer-1", True, False), ("alpha", False, True)]


def test_an_accepted_offer_that_is_put_in_writing_was_sought_until_its_acceptance() -> None:
    assert [sought_on(told(*WRITTEN), day) for day in ("2020-05-19", "2020-05-20", "2020-06-12")] == [147_930_616, 0, 0]


def test_an_agreement_that_changes_nothing_counts_from_the_acceptance_of_its_offer() -> None:
    assert cap_on(told(*WRITTEN), "2020-05-20") == 147_930_616


def test_an_agreement_with_other_caps_counts_from_its_own_day() -> None:
    found = told(*ACCEPTED, ("2020-06-15", signed(whole(1), offer="offer-1", executed="2020-06-12")))
    assert [cap_on(found, day) for day in ("2020-06-11", "2020-06-12")] == [0, 1]


def test_signing_takes_an_offer_that_was_never_accepted_apart() -> None:
    found = told(ACCEPTED[0], ("2020-06-15", signed(offer="offer-1", executed="2020-06-12")))
    assert [sought_on(found, day) for day in ("2020-06-11", "2020-06-12")] == [147_930_616, 0]


def test_one_decision_covers_the_offer_and_the_agreement_that_are_the_same_undertaking() -> None:
    assert [unauthorised(told(*WRITTEN), {name: BASE}) for name in ("offer-1", "alpha", "other")] == [(), (), ("alpha",)]


# Of any variations -----------------------------------------------------------------------------------------------------

LETTERS = st.lists(lines_of(st.integers(0, 10**8)), min_size=1, max_size=4)
ENOUGH = {f"v{number}": dict.fromkeys(YEARS, 10**12) for number in range(4)} | {"alpha": dict.fromkeys(YEARS, 10**12)}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(LETTERS, st.sets(st.integers(0, 3)))
def test_the_cap_is_the_original_and_what_was_applied_and_nothing_else(letters: list[Any], applied: set[int]) -> None:
    steps: list[tuple[str, Any]] = [("2020-06-15", signed(whole(10**6), whole(10**6, "2021/22")))]
    for number, lines in enumerate(letters):
        steps += [("2020-11-10", letter(*lines, name=f"v{number}"))]
        steps += [("2020-12-01", ApplyVariation(variation=f"v{number}"))] if number in applied else []
    found = told(*steps, authorised=ENOUGH)
    added = [line for number, lines in enumerate(letters) if number in applied for line in lines]
    expected = {year: 10**6 + sum(line.pence for line in added if line.year == year) for year in YEARS}
    assert caps_by_year(found) == expected == {year: terms(found, ENOUGH).cap_of(year) for year in YEARS}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.dates(PLANNED.first, PLANNED.last), min_size=1, max_size=4))
def test_however_a_window_is_cut_the_cap_stays_and_only_its_day_moves(firsts: list[date]) -> None:
    agreements = after(
        agreement, agreement.State(), accepted(agreement.decide(signed(), agreement.State(), at("2020-06-15"), agreement_given())), at("2020-06-15")
    )
    variations = variation.State()
    cuts = [RecordFunderDecision(variation="uplift", decided="2020-12", effective=Window(first=first, last=PLANNED.last), reason="Cut.") for first in firsts]
    for body in (letter(), *cuts, APPLY):
        variations, answer = once(variation, variations, body, at("2020-12-14"), variation_given(BOTH))
        assert not isinstance(answer, Refusal)
    found = instruments(agreements, variations, bid.State())
    assert caps_by_year(found) == {"2020/21": 174_666_080}
    assert found[-1].in_force == firsts[-1]


# A window whose start is not stated (G13) -----------------------------------------------------------------------------

TO_MARCH = [whole(13_500_000).model_copy(update={"window": Window(first=date(2020, 4, 1), last=date(2021, 3, 31))})]
UNDATED = ("2020-10-20", offer(*TO_MARCH, received="2020-10-20", start_unknown=True))
TAKEN_UP = ("2020-12-07", RecordAcceptance(offer="offer-1", accepted="2020-12-07"))


def firsts(*steps: tuple[str, Any]) -> dict[str, date]:
    return {each.name: each.window.first for each in told(*steps)}


def test_a_window_without_a_start_begins_with_the_offer_until_that_is_accepted_and_with_its_acceptance_then() -> None:
    assert firsts(UNDATED) == {"offer-1": date(2020, 10, 20)}
    assert firsts(UNDATED, TAKEN_UP) == {"offer-1": date(2020, 12, 7)}


def test_a_window_without_a_start_begins_with_the_execution_or_with_the_acceptance_that_it_puts_in_writing() -> None:
    written = signed(*TO_MARCH, executed="2020-12-18", offer="offer-1", start_unknown=True)
    assert firsts(("2020-12-18", signed(*TO_MARCH, executed="2020-12-18", start_unknown=True))) == {"alpha": date(2020, 12, 18)}
    assert firsts(UNDATED, TAKEN_UP, ("2020-12-18", written))["alpha"] == date(2020, 12, 7)


def test_a_window_without_a_start_begins_no_earlier_than_its_year_and_no_later_than_it_ends() -> None:
    assert firsts(("2020-03-01", signed(*TO_MARCH, executed="2020-03-01", start_unknown=True))) == {"alpha": date(2020, 4, 1)}
    assert firsts(("2021-06-01", signed(*TO_MARCH, executed="2021-06-01", start_unknown=True))) == {"alpha": date(2021, 3, 31)}


def test_what_is_claimable_only_under_a_tasking_is_so_once_its_instrument_is_in_force() -> None:
    offered = ("2020-10-20", offer(received="2020-10-20", tasked=("overtime",)))
    assert [terms(found, {"offer-1": BASE}).tasked for found in (told(offered), told(offered, TAKEN_UP))] == [(), ("overtime",)]


def test_a_line_keeps_the_rate_that_the_funder_pays() -> None:
    matched = whole(100).model_copy(update={"rate": 6_000})
    assert [each.rate for each in terms(told(("2020-06-15", signed(matched))), {}).lines] == [6_000]


def test_of_two_agreements_under_one_offer_only_the_first_is_covered_by_what_was_approved_for_it() -> None:
    approved = {"offer-1": BASE}
    steps = (("2020-05-12", offer()), ("2020-06-15", signed(offer="offer-1")), ("2020-06-16", signed(offer="offer-1", name="beta")))
    found = told(*steps[:2], authorised=approved)
    assert unauthorised(found, approved) == ()
    agreements = agreement.State()
    for day, body in steps:
        agreements = after(agreement, agreements, accepted(agreement.decide(body, agreements, at(day), agreement_given(approved))), at(day))
    assert unauthorised(instruments(agreements, variation.State(), bid.State()), approved) == ("beta",)
