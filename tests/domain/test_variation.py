"""Specs of variations, read as sentences; one line each says given, when, then. The figures are those of PCD 914 and PCD 1240."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import variation
from domain.calendar import Window
from domain.changes import ApplyVariation, FunderDecided, RecordFunderDecision, State, VariationApplied, VariationReceived, WindowChanged
from domain.exception import DiscrepancyFound, ExceptionRaised
from domain.model import Document, Refusal
from domain.terms import by_line
from tests.domain.instrument_papers import CUT, PLANNED, YEARS, authorities, letter, lines_of, variation_given, whole
from tests.domain.rooms import accepted, after, at, once, refused

UPLIFT = {"2020/21": 26_735_464}
DAY = at("2020-12-14")
DELAY = RecordFunderDecision(variation="uplift", decided="2020-12", effective=CUT, reason="The funder's decision was delayed by the COVID situation.")
APPLY = ApplyVariation(variation="uplift")
AGAIN = ApplyVariation(variation="uplift", documents=(Document(kind="letter", kept="registry"),))
COVERED = {"uplift": UPLIFT}


def told(*commands: Any, authorised: dict[str, dict[str, int]] | None = None) -> State:
    state = State()
    for body in commands:
        state, answer = once(variation, state, body, DAY, variation_given(authorised))
        accepted(answer)
    return state


def decide(body: Any, state: State = State(), authorised: dict[str, dict[str, int]] | None = None, **more: Any) -> Any:  # noqa: B008  (frozen)
    return variation.decide(body, state, DAY, variation_given(authorised, **more))


# Received -------------------------------------------------------------------------------------------------------------


def test_a_variation_is_received_with_what_each_planned_day_of_delay_puts_at_risk() -> None:
    (received,) = accepted(decide(letter()))
    assert isinstance(received, VariationReceived)
    assert (received.net_pence, received.net_by_year, received.at_risk_per_day_pence) == (26_735_464, UPLIFT, 146_898)
    assert (received.letter_date, received.made_available, received.retrospective) == (None, "2020-11", False)
    assert received.lines[0].window == PLANNED


def test_additions_and_offsets_are_each_held_and_make_the_net() -> None:
    thousands = {"vawg": 365, "dashboard": 60, "cloud": 280, "support": 537, "dedup": 80, "pilot": 411, "next": 150, "forces": 50, "running": -450, "ndt": -300}
    lines = [whole(each * 100_000, "2021/22", line=line) for line, each in thousands.items()]
    year = Window(first=date(2021, 4, 1), last=date(2022, 3, 31))
    (received,) = accepted(decide(letter(*lines, planned=year, letter_date="2022-04-05", made_available="2022-04-05", stated_net_pence=118_300_000)))
    assert isinstance(received, VariationReceived)
    assert (received.additions_pence, received.offsets_pence, received.net_pence) == (193_300_000, -75_000_000, 118_300_000)
    assert received.retrospective


@pytest.mark.parametrize(("dated", "retrospective"), [("2021-03-31", False), ("2021-03", False), ("2021-04-01", True)])
def test_a_letter_is_retrospective_when_it_is_dated_after_the_period_that_it_funds(dated: str, retrospective: bool) -> None:  # noqa: FBT001  (a column of the table)
    (received,) = accepted(decide(letter(letter_date=dated)))
    assert isinstance(received, VariationReceived)
    assert received.retrospective is retrospective


def test_what_only_takes_away_puts_nothing_at_risk() -> None:
    one_day = Window(first=CUT.first, last=CUT.first)
    (received,) = accepted(decide(letter(whole(-5_000), planned=one_day)))
    assert isinstance(received, VariationReceived)
    assert (received.net_pence, received.at_risk_per_day_pence) == (-5_000, 0)


def test_a_net_that_the_lines_do_not_make_is_recorded_with_a_discrepancy_and_the_lines_rule() -> None:
    received, found = accepted(decide(letter(whole(500), whole(-200, line="less"), stated_net_pence=400), discrepancy_owner="finance"))
    assert isinstance(received, VariationReceived)
    assert received.net_pence == 300
    assert found == DiscrepancyFound(
        discrepancy="net/uplift",
        what="a stated net that its lines do not make",
        subject="uplift",
        owner="finance",
        why="uplift states a net £4.00, but its additions £5.00 and offsets -£2.00 make £3.00; the lines rule.",
        stated_pence=400,
        found_pence=300,
    )


@pytest.mark.parametrize(
    ("stated", "total", "disagrees"),
    [("penny", 174_666_080, False), ("penny", 174_666_079, True), ("thousand", 174_700_000, False), ("thousand", 174_800_000, True)],
)
def test_a_revised_total_is_held_against_the_caps_and_the_net_as_exactly_as_it_is_stated(stated: Any, total: int, disagrees: bool) -> None:  # noqa: FBT001  (a column)
    _, *found = accepted(decide(letter(stated=stated, stated_total_pence=total)))
    assert bool(found) == disagrees
    assert all(isinstance(each, DiscrepancyFound) and (each.discrepancy, each.found_pence) == ("total/uplift", 174_666_080) for each in found)


def test_a_total_with_a_rounded_base_is_good_only_as_far_as_the_base_is_stated() -> None:
    thousands = letter(whole(118_300_000), stated="thousand", stated_total_pence=1_418_300_000)
    base: dict[str, Any] = {"caps_by_year": {"2020/21": 1_300_000_000}, "stated": "million"}
    assert len(accepted(decide(thousands, **base))) == 1
    assert len(accepted(decide(thousands.model_copy(update={"stated_total_pence": 1_400_000_000}), **base))) == 1
    assert len(accepted(decide(thousands.model_copy(update={"stated_total_pence": 1_500_000_000}), **base))) == 2


def test_a_letter_about_an_agreement_that_is_not_in_force_is_a_fact_with_an_exception_and_is_not_applied() -> None:
    early = letter(agreement="unheard-of")
    received, raised = accepted(decide(early, exception_owner="finance"))
    assert isinstance(raised, ExceptionRaised)
    assert (raised.exception, raised.subject, raised.owner) == ("agreement/uplift", "unheard-of", "finance")
    state = after(variation, State(), (received,), DAY)
    assert refused(decide(APPLY, state, COVERED))[0] == "variation.agreement_unknown"


def test_a_line_may_stand_several_times_under_the_headings_of_the_source() -> None:
    lines = [whole(each).model_copy(update={"heading": name}) for name, each in (("running costs", -450), ("resource", -300), ("new", 900))]
    (received,) = accepted(decide(letter(*lines)))
    assert isinstance(received, VariationReceived)
    assert [(each.heading, each.pence) for each in received.lines] == [("running costs", -450), ("resource", -300), ("new", 900)]
    assert (received.additions_pence, received.offsets_pence, received.net_by_year) == (900, -750, {"2020/21": 150})


def test_a_line_stands_once_under_one_heading() -> None:
    with pytest.raises(ValidationError, match="twice"):
        letter(whole(1), whole(2))


@pytest.mark.parametrize("body", [letter(whole(1)), letter(made_available="2020-12")])
def test_another_content_under_the_same_id_is_refused(body: Any) -> None:
    assert refused(decide(body, told(letter())))[0] == "variation.differs"


def test_a_variation_is_not_named_as_an_agreement_is() -> None:
    assert refused(decide(letter(name="alpha")))[0] == "variation.differs"


def test_a_window_that_ends_before_it_begins_cannot_be_written() -> None:
    with pytest.raises(ValidationError):
        Window(first=CUT.last, last=CUT.first)


# The funder decides ---------------------------------------------------------------------------------------------------


def test_a_late_decision_cuts_the_window_not_the_cap_and_its_delay_is_priced_by_the_day() -> None:
    decided, changed = accepted(decide(DELAY, told(letter())))
    assert isinstance(decided, FunderDecided)
    assert isinstance(changed, WindowChanged)
    assert (changed.planned, changed.before, changed.effective) == (PLANNED, PLANNED, CUT)
    assert (changed.days_lost, changed.per_day_pence, changed.indicative_cost_pence) == (92, 146_898, 92 * 146_898)
    assert told(letter(), DELAY).variations["uplift"].received.net_by_year == UPLIFT


@pytest.mark.parametrize("effective", [None, PLANNED])
def test_a_decision_that_leaves_the_window_is_recorded_alone(effective: Window | None) -> None:
    (decided,) = accepted(decide(RecordFunderDecision(variation="uplift", decided="2020-11-20", effective=effective, reason="As planned."), told(letter())))
    assert isinstance(decided, FunderDecided)


def test_a_window_that_only_moves_loses_no_day() -> None:
    later = Window(first=date(2021, 4, 1), last=date(2021, 9, 29))
    _, changed = accepted(decide(RecordFunderDecision(variation="uplift", decided="2020-12", effective=later, reason="Moved."), told(letter())))
    assert isinstance(changed, WindowChanged)
    assert (changed.days_lost, changed.indicative_cost_pence) == (0, 0)


def test_every_window_that_there_was_stays_in_order() -> None:
    later = DELAY.model_copy(update={"effective": Window(first=date(2021, 2, 1), last=date(2021, 3, 31))})
    found = told(letter(), DELAY, later).variations["uplift"]
    assert [(each.before.first, each.effective.first) for each in found.windows] == [(PLANNED.first, CUT.first), (CUT.first, date(2021, 2, 1))]


def test_a_line_keeps_what_is_left_of_its_own_window() -> None:
    training = whole(100, line="training").model_copy(update={"window": Window(first=date(2020, 12, 1), last=date(2021, 1, 31))})
    equipment = whole(100, line="equipment").model_copy(update={"window": Window(first=date(2020, 10, 1), last=date(2020, 10, 31))})
    lines = told(letter(training, equipment), DELAY).variations["uplift"].lines()
    assert [each.window for each in lines] == [Window(first=date(2021, 1, 1), last=date(2021, 1, 31)), CUT]


def test_a_decision_on_what_nobody_received_is_refused() -> None:
    assert refused(decide(DELAY))[0] == "variation.unknown"


# Applied --------------------------------------------------------------------------------------------------------------


def test_applying_a_variation_states_the_cap_before_and_after_from_its_first_effective_day() -> None:
    (applied,) = accepted(decide(APPLY, told(letter(), DELAY), COVERED))
    assert isinstance(applied, VariationApplied)
    assert (applied.caps_before, applied.caps_after) == ({"2020/21": 147_930_616}, {"2020/21": 174_666_080})
    assert (applied.in_force, applied.effective, applied.lines[0].window) == (date(2021, 1, 1), CUT, CUT)
    assert applied.authorised_by == "PCD for uplift"


def test_the_cap_before_stays_readable_with_its_dates() -> None:
    (version,) = told(letter(), DELAY, APPLY, authorised=COVERED).caps
    assert (version.variation, version.effective, version.recorded) == ("uplift", date(2021, 1, 1), DAY.now)
    assert (version.before, version.after) == ({"2020/21": 147_930_616}, {"2020/21": 174_666_080})


@pytest.mark.parametrize(
    ("authorised", "code"),
    [({}, "variation.not_authorised"), ({"alpha": UPLIFT}, "variation.not_authorised"), ({"uplift": {"2020/21": 26_735_463}}, "variation.beyond_approved")],
)
def test_a_variation_is_applied_only_with_a_decision_that_covers_it(authorised: dict[str, dict[str, int]], code: str) -> None:
    assert refused(decide(APPLY, told(letter()), authorised)) == (code, ("decision-maker",))


def test_what_is_short_of_approval_is_told_what_to_have_approved_and_then_applied() -> None:
    answer = decide(APPLY, told(letter()), {"uplift": {"2020/21": 26_735_463}})
    assert isinstance(answer, Refusal)
    assert answer.remedy == (
        "Have uplift approved at the whole £267,354.64 for 2020/21, by a paper or, if that was decided elsewhere, with RecordDecision; "
        "for less, ask the funder for another letter, record it under another id, and have that approved."
    )
    accepted(decide(APPLY, told(letter()), {"uplift": {"2020/21": 26_735_464}}))


def test_a_year_that_no_decision_mentions_is_approved_for_nothing() -> None:
    answer = decide(APPLY, told(letter()), {"uplift": {"2021/22": 1}})
    assert isinstance(answer, Refusal)
    assert answer.why == "uplift adds £267,354.64 in 2020/21; £0.00 is approved."


def test_what_is_applied_already_is_not_applied_with_other_documents() -> None:
    assert refused(decide(AGAIN, told(letter(), APPLY, authorised=COVERED), COVERED))[0] == "variation.already_applied"


def test_a_line_never_falls_below_zero_though_another_one_rises() -> None:
    answer = decide(APPLY, told(letter(whole(-6, line="training"), whole(7))), {"uplift": {"2020/21": 1}}, caps_by_line={("2020/21", "training"): 5})
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("variation.line_below_zero", "uplift takes more from line training than it has: it would leave -£0.01 for 2020/21.")


def test_a_cap_never_falls_below_what_is_claimed_lapsed_or_forfeited() -> None:
    state = told(letter(whole(-100)))
    answer = decide(APPLY, state, {"uplift": {}}, spoken_for={"2020/21": 147_930_517})
    assert isinstance(answer, Refusal)
    words = "uplift would leave a cap of £1,479,305.16 for 2020/21, of which £1,479,305.17 is claimed, lapsed or forfeited already."
    assert (answer.code, answer.why) == ("variation.below_claimed", words)
    accepted(decide(APPLY, state, {"uplift": {}}, spoken_for={"2020/21": 147_930_516}))


def test_a_cap_never_falls_below_zero() -> None:
    answer = decide(APPLY, told(letter(whole(-147_930_617))), {"uplift": {}})
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("variation.below_zero", "uplift would leave a cap of -£0.01 for 2020/21.")


def test_a_cap_can_fall_to_nothing_and_begin_in_another_year() -> None:
    moved = letter(whole(-147_930_616), whole(5, "2021/22"))
    (applied,) = accepted(decide(APPLY, told(moved), {"uplift": {"2021/22": 5}}))
    assert isinstance(applied, VariationApplied)
    assert applied.caps_after == {"2020/21": 0, "2021/22": 5}


def test_what_nobody_received_cannot_be_applied() -> None:
    assert refused(decide(APPLY))[0] == "variation.unknown"


# Who waits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("authorised", "duty", "owner"), [({}, "variation.approved", "grants-team"), (COVERED, "variation.applied", "finance")])
def test_a_variation_waits_for_its_decision_then_for_its_application(authorised: dict[str, dict[str, int]], duty: str, owner: str) -> None:
    (found,) = variation.duties(told(letter()), variation_given(authorised))
    assert (found.name, found.subject, found.owner, found.since, found.due) == (duty, "uplift", owner, DAY.now, None)
    assert found.at_risk_per_day_pence == 146_898


@pytest.mark.parametrize(("authorised", "waiting"), [({}, 0), (COVERED, 1)])
def test_while_a_paper_is_under_way_its_steps_are_waited_on_instead(authorised: dict[str, dict[str, int]], waiting: int) -> None:
    assert len(variation.duties(told(letter()), variation_given(authorised, in_decision=frozenset({"uplift"})))) == waiting


def test_an_applied_variation_waits_no_more() -> None:
    assert variation.duties(told(letter(), APPLY, authorised=COVERED), variation_given(COVERED)) == ()


# Of any variations ----------------------------------------------------------------------------------------------------

FIRST = 10**6
NAMES = st.sampled_from(("uplift", "second"))
WINDOWS = st.sampled_from((PLANNED, CUT, Window(first=date(2021, 2, 1), last=date(2021, 5, 31))))
LETTERS = st.one_of(
    st.builds(letter, st.just(whole(5)), name=NAMES, stated_net_pence=st.sampled_from((5, 6))),
    st.builds(lambda lines, **more: letter(*lines, **more), lines=lines_of(st.sampled_from((-(10**8), -7, 0, 5, 10**7))), name=NAMES, planned=WINDOWS),
)
DECISIONS = st.builds(RecordFunderDecision, variation=NAMES, decided=st.just("2020-12"), effective=st.none() | WINDOWS, reason=st.just("Late."))
APPLICATIONS = st.builds(ApplyVariation, variation=NAMES, documents=st.sampled_from(((), (Document(kind="letter", kept="registry"),))))
ENOUGH = {name: dict.fromkeys(YEARS, 10**12) for name in ("uplift", "second")}
LIVES = st.tuples(
    st.lists(LETTERS, min_size=1, max_size=3),
    st.lists(DECISIONS | APPLICATIONS, min_size=1, max_size=6),
    st.lists(LETTERS | DECISIONS | APPLICATIONS, max_size=3),
)
TOO_LITTLE = {name: dict.fromkeys(YEARS, 1) for name in ENOUGH}
AUTHORITY = st.sampled_from((ENOUGH, TOO_LITTLE)) | authorities(*ENOUGH)


def test_whatever_is_asked_the_cap_is_the_first_one_and_what_was_applied_and_no_window_moves_it() -> None:
    reached: set[str] = set()

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(LIVES, AUTHORITY)
    @example(([letter()], [APPLY, AGAIN], []), ENOUGH)
    @example(([letter(whole(-FIRST - 1))], [APPLY], []), ENOUGH)
    @example(([letter()], [APPLY], []), TOO_LITTLE)
    def live(life: tuple[list[Any], ...], authorised: dict[str, dict[str, int]]) -> None:
        state, caps = State(), dict.fromkeys(YEARS, FIRST)
        for body in chain(*life):
            before = state
            state, answer = once(variation, state, body, DAY, variation_given(authorised, caps_by_year=caps, caps_by_line=lines_now(state)))
            events = () if isinstance(answer, Refusal) else answer
            reached.add(answer.code if isinstance(answer, Refusal) else " ".join((type(body).__name__, *(each.wire for each in answer))))
            caps = checked(events, before, authorised, caps)
        applied = [each.received for each in state.variations.values() if each.applied]
        assert caps == {year: FIRST + sum(each.net_by_year.get(year, 0) for each in applied) for year in YEARS}
        variation.duties(state, variation_given())

    live()
    assert reached >= {
        *("ReceiveVariation variation.received", "ApplyVariation variation.applied"),
        *("RecordFunderDecision funder.decided", "RecordFunderDecision funder.decided variation.window_changed"),
        "ReceiveVariation variation.received discrepancy.found",
        *("variation.unknown", "variation.differs", "variation.line_below_zero", "variation.not_authorised", "variation.beyond_approved"),
        *("variation.already_applied", "variation.below_zero"),
    }


def lines_now(state: State) -> dict[tuple[str, str], int]:
    base = [whole(FIRST, year) for year in YEARS]
    return by_line((*base, *(line for each in state.variations.values() if each.applied for line in each.received.lines)))


def checked(events: tuple[Any, ...], before: State, authorised: dict[str, dict[str, int]], caps: dict[str, int]) -> dict[str, int]:
    """Invariants 3 (cap after n variations), 4 (additions + offsets), 6 (windows move no cap), 16 (no act without cover)."""
    for event in events:
        match event:
            case VariationReceived():
                assert event.net_pence == event.additions_pence + event.offsets_pence == sum(line.pence for line in event.lines)
                assert event.offsets_pence <= 0 <= event.additions_pence
            case WindowChanged():
                assert event.effective != before.variations[event.variation].effective
            case VariationApplied():
                assert all(pence <= authorised[event.variation].get(year, 0) for year, pence in before.variations[event.variation].received.net_by_year.items())
                assert event.caps_before == caps
                caps = event.caps_after
            case _:
                pass
    return caps


def test_the_room_has_nothing_that_falls_due_by_itself_and_binds_no_content() -> None:
    state = told(letter())
    (duty,) = variation.duties(state, variation_given())
    assert variation.moment(duty, state, DAY, variation_given()) == ()
    assert variation.content(APPLY, state) is None


def test_the_state_before_is_untouched_by_what_follows() -> None:
    state = told(letter())
    after(variation, state, accepted(decide(DELAY, state)), DAY)
    assert state == told(letter())


def test_a_variation_of_a_year_that_is_settled_is_applied_like_any_other() -> None:
    (applied,) = accepted(decide(APPLY, told(letter(letter_date="2021-05-05")), COVERED, spoken_for={"2020/21": 147_930_616}))
    assert isinstance(applied, VariationApplied)
    assert (applied.in_force, applied.caps_after) == (date(2020, 10, 1), {"2020/21": 174_666_080})


def test_a_retrospective_variation_waits_but_no_planned_day_of_it_is_left_to_lose() -> None:
    state = told(letter(letter_date="2021-04-05"))
    (duty,) = variation.duties(state, variation_given())
    assert (duty.name, duty.at_risk_per_day_pence) == ("variation.approved", None)
    assert state.variations["uplift"].ended_years == ("2020/21",)
    assert told(letter()).variations["uplift"].ended_years == ()


def test_an_applied_variation_cites_what_allowed_it() -> None:
    received = told(letter(), authorised=COVERED)
    (applied,) = accepted(variation.decide(APPLY, received, DAY.model_copy(update={"delegation": "D 7"}), variation_given(COVERED)))
    assert isinstance(applied, VariationApplied)
    assert applied.delegation == "D 7"
