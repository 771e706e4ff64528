"""Specs of the end of a grant: its exit, its reconciliation and its close, read as sentences. The figures are those of PCD 914."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain import exit as leaving
from domain.calendar import end_of, morning_of
from domain.closing import CloseGrant, DisposeRecords, Reconcile
from domain.dispositions import RecordDisposition, left
from domain.ending import (
    ExitArmed,
    ExitAverted,
    ExitTriggered,
    ExitWaived,
    Given,
    GrantClosed,
    GrantReconciled,
    PostsOf,
    State,
    StrategyStated,
    YearFigures,
)
from domain.model import Document, Duty, Refusal
from domain.succession import RecordSuccessor, StateExitStrategy, WaiveExit
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

ENDS = date(2021, 3, 31)
SETTLED = datetime(2021, 6, 11, 15, tzinfo=UTC)
BEGAN = datetime(2020, 6, 15, 12, tzinfo=UTC)
DAY = at("2021-01-20")
YEAR = YearFigures(
    year="2020/21", cap_pence=174_666_080, agreed_pence=170_000_000, received_pence=170_000_000, debtor_pence=0, lapsed_pence=4_666_080, forfeited_pence=0
)
POLICY = policy(
    owed_by("exit", "exit.stated", working_days=20),
    owed_by("exit", "exit.armed", owner="system", ladder=None, working_days=60),
    owed_by("exit", "exit.averted"),
    owed_by("exit", "grant.reconciled", owner="finance", working_days=20),
    owed_by("exit", "grant.closed", owner="finance"),
)
RUNNING = Given(policy=POLICY, ends=ENDS, years=(YEAR.model_copy(update={"agreed_pence": 0, "received_pence": 0, "lapsed_pence": 0}),), began=BEGAN)
DONE = replace(RUNNING, years=(YEAR,), settled=SETTLED)
STRATEGY = StateExitStrategy(covers="all staff of the Hub", trigger="no further funding", plan="phased return to existing posts", armed_on=date(2021, 1, 4))
WAIVER = WaiveExit(reason="Overtime only: nobody and nothing is left behind.")
SUCCESSOR = RecordSuccessor(reference="PCD 960", external=True, first=date(2021, 4, 1))


def told(*commands: Any, state: State = State(), having: Given = DONE) -> State:  # noqa: B008  (frozen)
    for body in commands:
        state, answer = once(leaving, state, body, DAY, having)
        accepted(answer)
    return state


def decide(body: Any, state: State = State(), having: Given = DONE) -> Any:  # noqa: B008  (frozen)
    return leaving.decide(body, state, DAY, having)


def duty(state: State, name: str, having: Given = RUNNING) -> Duty:
    (found,) = (each for each in leaving.duties(state, having) if each.name == name)
    return found


def names(state: State, having: Given = RUNNING) -> list[str]:
    return [each.name for each in leaving.duties(state, having)]


def passed(state: State, name: str, having: Given = RUNNING) -> State:
    """After the moment of one of the system's duties."""
    then: State = after(leaving, state, leaving.moment(duty(state, name, having), state, DAY, having), DAY)
    assert name not in names(then, having)
    return then


# The strategy ---------------------------------------------------------------------------------------------------------


def test_a_grant_in_force_owes_its_exit_strategy() -> None:
    found = duty(State(), "exit.stated")
    assert (found.owner, found.since, found.due) == ("grants-team", BEGAN, end_of(date(2020, 7, 13)))


def test_a_grant_that_nothing_funds_yet_owes_none() -> None:
    assert names(State(), Given(policy=POLICY)) == []


def test_a_strategy_states_whom_it_covers_and_what_is_done_and_a_later_one_takes_its_place() -> None:
    other = STRATEGY.model_copy(update={"plan": "review, then further bids"})
    state = told(STRATEGY, other, having=RUNNING)
    assert state.strategy
    assert (state.strategy.stated.covers, state.strategy.stated.plan) == ("all staff of the Hub", "review, then further bids")


def test_an_exit_is_not_armed_after_the_funding_has_ended() -> None:
    late = STRATEGY.model_copy(update={"armed_on": date(2021, 4, 1)})
    assert refused(decide(late, having=RUNNING))[0] == "exit.armed_too_late"


def test_an_exit_can_be_armed_on_the_last_funded_day() -> None:
    assert accepted(decide(STRATEGY.model_copy(update={"armed_on": ENDS}), having=RUNNING))


def test_a_triggered_exit_keeps_its_strategy() -> None:
    state = passed(told(STRATEGY, having=RUNNING), "exit.triggered")
    assert refused(decide(STRATEGY.model_copy(update={"plan": "another"}), state, RUNNING))[0] == "exit.triggered"


# Armed, averted, triggered --------------------------------------------------------------------------------------------


def test_the_exit_is_armed_on_the_morning_of_the_day_named() -> None:
    found = duty(told(STRATEGY, having=RUNNING), "exit.armed")
    assert (found.owner, found.due) == ("system", morning_of(date(2021, 1, 4)))


def test_where_no_day_is_named_it_is_armed_so_many_working_days_before_the_end() -> None:
    unnamed = STRATEGY.model_copy(update={"armed_on": None})
    assert duty(told(unnamed, having=RUNNING), "exit.armed").due == morning_of(date(2021, 1, 6))


@pytest.mark.parametrize(
    "policies", [policy(), policy(owed_by("exit", "exit.armed", working_days=None)), policy(owed_by("exit", "exit.armed", working_days=250))]
)
def test_where_the_policy_gives_no_time_or_its_table_ends_only_the_end_itself_counts(policies: Any) -> None:
    having = replace(RUNNING, policy=policies, ends=date(2016, 3, 31))
    unnamed = STRATEGY.model_copy(update={"armed_on": None})
    assert names(told(unnamed, having=having), having) == ["exit.triggered"]


def test_from_the_strategy_on_somebody_owes_a_successor_by_the_end() -> None:
    state = told(STRATEGY, having=RUNNING)
    found = duty(state, "exit.averted")
    assert (found.owner, found.since, found.due) == ("grants-team", DAY.now, end_of(ENDS))
    assert duty(passed(state, "exit.armed"), "exit.averted") == found


def test_an_exit_whose_end_moves_is_armed_anew() -> None:
    state = passed(told(STRATEGY, having=RUNNING), "exit.armed")
    longer = replace(RUNNING, ends=date(2022, 3, 31))
    assert names(state, longer) == ["exit.armed", "exit.averted", "exit.triggered"]
    assert names(passed(state, "exit.armed", longer), longer) == ["exit.averted", "exit.triggered"]


@pytest.mark.parametrize("first", [date(2021, 4, 1), date(2021, 1, 1), None])
def test_a_successor_that_leaves_no_gap_averts_the_exit(first: date | None) -> None:
    state = told(STRATEGY, SUCCESSOR.model_copy(update={"first": first}), having=RUNNING)
    assert (state.averted, names(state)) == (ExitAverted(reference="PCD 960", ends=ENDS), [])


def test_a_successor_after_a_gap_is_recorded_and_averts_nothing() -> None:
    state = told(STRATEGY, SUCCESSOR.model_copy(update={"first": date(2021, 4, 2)}), having=RUNNING)
    assert (len(state.successors), state.averted) == (1, None)


def test_a_successor_averts_the_exit_when_the_last_funded_day_becomes_known_or_moves_so_that_no_gap_is_left() -> None:
    """A gap is judged by the last funded day as it is known now, not as it was when the successor was named."""
    early = told(SUCCESSOR, having=replace(RUNNING, ends=None))
    assert early.averted is None
    assert leaving.put_right(early, RUNNING) == (ExitAverted(reference="PCD 960", ends=ENDS),)
    after_a_gap = told(STRATEGY, SUCCESSOR.model_copy(update={"first": date(2022, 4, 1)}), having=RUNNING)
    assert leaving.put_right(after_a_gap, RUNNING) == ()
    assert leaving.put_right(after_a_gap, replace(RUNNING, ends=date(2022, 3, 31))) == (ExitAverted(reference="PCD 960", ends=date(2022, 3, 31)),)


def test_without_a_successor_the_end_of_the_last_funded_day_triggers_the_exit() -> None:
    state = told(STRATEGY, having=RUNNING)
    assert duty(state, "exit.triggered").due == end_of(ENDS)
    assert passed(state, "exit.triggered").triggered == ExitTriggered(ends=ENDS, covers=STRATEGY.covers, plan=STRATEGY.plan)


def test_a_successor_after_the_trigger_is_recorded_and_undoes_nothing() -> None:
    state = told(SUCCESSOR, state=passed(told(STRATEGY, having=RUNNING), "exit.triggered"), having=RUNNING)
    assert (len(state.successors), state.averted) == (1, None)


def test_a_second_successor_stands_beside_the_first() -> None:
    state = told(SUCCESSOR, SUCCESSOR.model_copy(update={"reference": "PCD 961"}), having=RUNNING)
    assert state.averted
    assert ([each.reference for each in state.successors], state.averted.reference) == (["PCD 960", "PCD 961"], "PCD 960")


def test_nothing_falls_due_by_itself_where_nothing_is_stated() -> None:
    found = duty(told(STRATEGY, having=RUNNING), "exit.armed")
    assert leaving.moment(found, State(), DAY, RUNNING) == ()


# Reconciled -----------------------------------------------------------------------------------------------------------


def test_figures_that_agree_are_reconciled_by_year() -> None:
    (reconciled,) = accepted(decide(Reconcile(note="checked against the general ledger")))
    assert isinstance(reconciled, GrantReconciled)
    assert (reconciled.years, reconciled.cap_pence, reconciled.agreed_pence, reconciled.lapsed_pence) == ((YEAR,), 174_666_080, 170_000_000, 4_666_080)


@pytest.mark.parametrize(
    ("year", "returns_open", "why"),
    [
        ({"lapsed_pence": 0}, (), "in 2020/21 the cap £1,746,660.80 is not what was agreed £1,700,000.00, lapsed £0.00 and was forfeited £0.00"),
        ({"debtor_pence": 1}, (), "in 2020/21 what was agreed £1,700,000.00 is not what was received £1,700,000.00 and is owed £0.01"),
        ({}, ("Q3 2020/21", "Q4 2020/21"), "return Q3 2020/21 is not settled; return Q4 2020/21 is not settled"),
    ],
)
def test_what_does_not_agree_is_named(year: dict[str, int], returns_open: tuple[str, ...], why: str) -> None:
    answer = decide(Reconcile(), having=replace(DONE, years=(YEAR.model_copy(update=year),), returns_open=returns_open))
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("reconcile.not_yet", f"The grant cannot be reconciled yet: {why}.")


def test_what_the_funder_still_owes_is_part_of_what_it_agreed() -> None:
    year = YEAR.model_copy(update={"received_pence": 169_999_999, "debtor_pence": 1})
    assert accepted(decide(Reconcile(), having=replace(DONE, years=(year,))))


def test_money_forfeited_is_part_of_the_cap() -> None:
    year = YEAR.model_copy(update={"lapsed_pence": 4_666_000, "forfeited_pence": 80})
    assert accepted(decide(Reconcile(), having=replace(DONE, years=(year,))))


def test_nothing_funded_is_nothing_to_reconcile() -> None:
    assert refused(decide(Reconcile(), having=replace(DONE, years=())))[0] == "reconcile.not_yet"


def test_finance_owes_the_reconciliation_once_the_figures_agree() -> None:
    state = told(STRATEGY, SUCCESSOR, having=RUNNING)
    assert names(state, RUNNING) == []
    found = duty(state, "grant.reconciled", DONE)
    assert (found.owner, found.since, found.due) == ("finance", SETTLED, end_of(date(2021, 7, 9)))


def test_where_no_return_was_ever_settled_it_is_owed_from_the_end() -> None:
    assert duty(told(STRATEGY, SUCCESSOR), "grant.reconciled", replace(DONE, settled=None)).since == end_of(ENDS)


# Closed ---------------------------------------------------------------------------------------------------------------


def test_a_grant_with_nothing_open_closes_and_its_records_are_kept_for_six_years() -> None:
    state = told(STRATEGY, SUCCESSOR, Reconcile(), CloseGrant())
    assert state.closed == GrantClosed(retention_until=date(2027, 3, 31), note=None)
    assert names(state, DONE) == []


@pytest.mark.parametrize(
    ("state", "having", "gate"),
    [
        (told(SUCCESSOR), DONE, "its figures are not reconciled"),
        (
            told(SUCCESSOR, Reconcile()),
            replace(DONE, years=(YEAR.model_copy(update={"received_pence": 0, "debtor_pence": 170_000_000}),)),
            "its figures are not reconciled",
        ),
        (told(Reconcile()), DONE, "no exit strategy is stated or waived, and no successor is recorded"),
        (told(STRATEGY, Reconcile()), DONE, "its exit is neither averted nor triggered"),
        (
            passed(told(STRATEGY, Reconcile()), "exit.triggered", DONE),
            replace(DONE, posts={("Hub", "constable"): 4}),
            "its exit was triggered, and there is no disposition of 4 of 4 posts of constable in Hub",
        ),
        (told(SUCCESSOR, Reconcile()), replace(DONE, returns_open=("Q4 2020/21",)), "return Q4 2020/21 is not settled"),
        (told(SUCCESSOR, Reconcile()), replace(DONE, gates=("exception late-approval/alpha is open",)), "exception late-approval/alpha is open"),
        (told(SUCCESSOR, Reconcile()), replace(DONE, ends=None), "nothing that funds it is in force"),
    ],
)
def test_a_grant_does_not_close_while_anything_is_open(state: State, having: Given, gate: str) -> None:
    answer = decide(CloseGrant(), state, having)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("close.not_yet", f"The grant cannot be closed yet: {gate}.")
    assert "grant.closed" not in names(state, having)


def test_every_open_gate_is_named_at_once() -> None:
    answer = decide(CloseGrant(), having=replace(DONE, returns_open=("Q4 2020/21",), gates=("a", "b", "a")))
    assert isinstance(answer, Refusal)
    assert answer.why.count(";") == 4


def test_finance_owes_the_close_once_all_is_reconciled() -> None:
    found = duty(told(STRATEGY, SUCCESSOR, Reconcile()), "grant.closed", DONE)
    assert (found.owner, found.since) == ("finance", DAY.now)


# Waived ---------------------------------------------------------------------------------------------------------------


def test_a_waived_exit_is_neither_armed_nor_triggered_and_the_grant_can_close() -> None:
    state = told(WAIVER, having=RUNNING)
    assert names(state) == []
    assert accepted(decide(CloseGrant(), told(WAIVER, Reconcile())))


def test_a_strategy_stated_later_takes_the_place_of_the_waiver_and_the_other_way_round() -> None:
    restated, waived = told(WAIVER, STRATEGY, having=RUNNING), told(STRATEGY, WAIVER, having=RUNNING)
    assert (restated.waived, waived.strategy) == (None, None)
    assert waived.waived == ExitWaived(reason=WAIVER.reason, documents=())
    assert names(restated) == ["exit.armed", "exit.averted", "exit.triggered"]


def test_a_triggered_exit_is_not_waived_any_more() -> None:
    state = passed(told(STRATEGY, having=RUNNING), "exit.triggered")
    assert refused(decide(WAIVER, state, RUNNING))[0] == "exit.triggered"


# Of any end -----------------------------------------------------------------------------------------------------------

DONE_WITH = RecordDisposition(
    disposition="d-1",
    posts=PostsOf(team="Hub", rank="constable", count=4),
    fate="redeployed",
    on="2021-04",
    documents=(Document(kind="posting order", kept="personnel"),),
)
DAYS = st.sampled_from((None, date(2021, 1, 4), date(2021, 4, 1), date(2021, 4, 2)))
STRATEGIES = st.builds(StateExitStrategy, covers=st.just("staff"), trigger=st.just("no more"), plan=st.sampled_from(("return", "bid")), armed_on=DAYS)
COMMANDS = st.one_of(
    STRATEGIES,
    st.builds(RecordSuccessor, reference=st.sampled_from(("PCD 960", "PCD 961")), external=st.booleans(), first=DAYS),
    st.sampled_from((Reconcile(), CloseGrant(), DisposeRecords(how="Erased."), WAIVER, DONE_WITH, "exit.armed", "exit.triggered")),
)
ENDINGS = st.sampled_from(((), ("exit.triggered",), (SUCCESSOR, Reconcile(), CloseGrant())))
LIVES = st.tuples(st.lists(STRATEGIES, max_size=2), st.lists(COMMANDS, max_size=4), ENDINGS, st.lists(COMMANDS, max_size=4))
BALANCED = st.builds(
    lambda agreed, lapsed, debtor: YEAR.model_copy(
        update={"cap_pence": agreed + lapsed, "agreed_pence": agreed, "lapsed_pence": lapsed, "received_pence": agreed - debtor, "debtor_pence": debtor}
    ),
    *(st.integers(0, 10**9),) * 3,
)
AROUND = st.builds(
    lambda year, gates, returns_open, posts: replace(DONE, years=(year,), gates=gates, returns_open=returns_open, posts=posts),
    BALANCED | st.just(YEAR.model_copy(update={"cap_pence": 1})),
    st.sampled_from(((), (), ("a review is due",))),
    st.sampled_from(((), (), ("Q4 2020/21",))),
    st.sampled_from(({}, {("Hub", "constable"): 4})),
)


def test_whatever_is_asked_an_exit_ends_once_and_only_what_agrees_and_is_over_closes() -> None:
    reached: set[str] = set()

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(LIVES, AROUND)
    @example(([STRATEGY], [], ("exit.triggered",), [STRATEGY.model_copy(update={"plan": "another"})]), DONE)
    @example(([], [], (SUCCESSOR, Reconcile(), CloseGrant()), [STRATEGY.model_copy(update={"armed_on": date(2021, 4, 2)})]), DONE)
    def live(life: tuple[Any, ...], having: Given) -> None:
        state = State()
        for step in chain(*life):
            if isinstance(step, str):
                state = passed(state, step, having) if step in names(state, having) else state
                continue
            state, answer = once(leaving, state, step, DAY, having)
            reached.add(answer.code if isinstance(answer, Refusal) else " ".join(each.wire for each in answer))
        assert not (state.averted and state.triggered)
        if state.reconciled:
            (year,) = state.reconciled.event.years
            assert year.cap_pence == year.agreed_pence + year.lapsed_pence + year.forfeited_pence
            assert year.agreed_pence == year.received_pence + year.debtor_pence
        if state.closed:
            assert state.reconciled
            assert state.averted or state.waived or (state.triggered and not left(state, having))
            assert not having.gates + having.returns_open

    live()
    assert reached >= {
        *("exit.stated", "successor.recorded", "successor.recorded exit.averted", "grant.reconciled", "grant.closed", ""),
        *("exit.waived", "disposition.recorded", "disposition.recorded exit.completed", "disposition.recorded exception.raised"),
        *("exit.armed_too_late", "exit.triggered", "reconcile.not_yet", "close.not_yet", "retention.not_closed", "retention.not_over"),
    }


def test_events_say_what_they_state() -> None:
    state = told(STRATEGY, having=RUNNING)
    assert leaving.moment(duty(state, "exit.armed"), state, DAY, RUNNING) == (ExitArmed(ends=ENDS, covers=STRATEGY.covers, plan=STRATEGY.plan),)
    assert decide(STRATEGY, having=RUNNING) == (StrategyStated(**STRATEGY.model_dump()),)
    assert leaving.content(CloseGrant(), state) is None
