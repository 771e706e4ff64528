"""Specs of delivery, read as sentences; the figures are those of PCD 914: seventeen posts, and one sergeant and four constables more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import delivery
from domain.delivery import Given, PostsFunded, RankPosts, RecordPosts, State, by_rank, headcount
from domain.exception import DiscrepancyFound, ExceptionClosed, ExceptionRaised
from domain.model import CommandBody, Duty, Refusal, line_of
from domain.posts import BaselineRecorded, PostsFilled, RecordBaseline, RecordPostsFilled
from domain.posts import State as Posts
from tests.domain.rooms import accepted, after, at, once, policy, refused

HUB = "Project Alpha Hub"
END = date(2021, 3, 31)
GIVEN = Given(policy=policy(), instruments={"alpha", "uplift"}, exception_owner="finance", discrepancy_owner="registrar")
DAY = at("2021-01-04")


def posts(*ranks: tuple[str, int], team: str = HUB, instrument: str = "uplift", first: date = date(2021, 1, 1), last: date | None = END) -> RecordPosts:
    return RecordPosts(team=team, instrument=instrument, posts=tuple(RankPosts(rank=rank, count=count) for rank, count in ranks), first=first, last=last)


def filled(count: int, on: date, rank: str = "officer", team: str = HUB) -> RecordPostsFilled:
    return RecordPostsFilled(team=team, rank=rank, filled=count, on=on)


BASE = posts(("officer", 17), instrument="alpha", first=date(2020, 4, 1))
MORE = posts(("detective sergeant", 1), ("constable", 4))


def told(*commands: CommandBody) -> State:
    state = State()
    for body in commands:
        state, answer = once(delivery, state, body, DAY, GIVEN)
        accepted(answer)
    return state


def decide(body: Any, state: State = State()) -> Any:  # noqa: B008  (frozen)
    return delivery.decide(body, state, DAY, GIVEN)


def test_seventeen_and_five_are_twenty_two_from_the_first_day_of_the_new_posts() -> None:
    state = told(BASE, MORE)
    assert [headcount(state, day) for day in (date(2020, 3, 31), date(2020, 4, 1), date(2020, 12, 31), date(2021, 1, 1), END, date(2021, 4, 1))] == [
        0,
        17,
        17,
        22,
        22,
        0,
    ]


def test_posts_are_told_by_rank() -> None:
    assert by_rank(told(BASE, MORE), date(2021, 1, 1)) == {"officer": 17, "detective sergeant": 1, "constable": 4}


def test_the_event_states_the_headcount_before_and_after() -> None:
    (funded,) = accepted(decide(MORE, told(BASE)))
    assert isinstance(funded, PostsFunded)
    assert (funded.headcount_before, funded.added, funded.headcount_after) == (17, 5, 22)


def test_another_team_keeps_its_own_headcount() -> None:
    state = told(BASE, posts(("analyst", 3), team="Covert Policing", instrument="alpha"))
    assert (headcount(state, END, HUB), headcount(state, END, "Covert Policing"), headcount(state, END)) == (17, 3, 20)
    assert state.posts.funded[-1].event.headcount_before == 0


def test_posts_without_a_stated_end_stay_funded() -> None:
    assert headcount(told(posts(("constable", 1), last=None)), date(2029, 1, 1)) == 1


def test_posts_of_an_instrument_that_is_not_recorded_are_a_fact_with_an_exception() -> None:
    funded, raised = accepted(decide(posts(("constable", 1), instrument="unheard-of")))
    assert isinstance(funded, PostsFunded)
    assert isinstance(raised, ExceptionRaised)
    assert (raised.exception, raised.subject, raised.owner) == ("instrument-unknown/unheard-of", "unheard-of", "finance")


def test_an_instrument_that_is_not_recorded_is_one_exception_however_often_it_is_named() -> None:
    state = told(posts(("constable", 1), instrument="unheard-of"))
    assert [each.wire for each in accepted(decide(posts(("sergeant", 1), instrument="unheard-of", first=END), state))] == ["posts.funded"]


def test_once_the_instrument_is_recorded_the_exception_is_corrected() -> None:
    state = told(posts(("constable", 1), instrument="late"))
    still = replace(GIVEN, open_exceptions={"instrument-unknown/late", "late-approval/alpha"})
    assert delivery.put_right(state, still) == ()
    (closed,) = delivery.put_right(state, replace(still, instruments={"late"}))
    assert closed == ExceptionClosed(exception="instrument-unknown/late", how="corrected: late is recorded")


def test_a_team_that_numbers_another_than_its_posts_sum_to_is_a_discrepancy_with_an_owner() -> None:
    stated = MORE.model_copy(update={"stated_headcount": 23})
    funded, found = accepted(decide(stated, told(BASE)))
    assert isinstance(funded, PostsFunded)
    assert isinstance(found, DiscrepancyFound)
    assert (funded.headcount_after, found.discrepancy, found.owner) == (22, "headcount/uplift/2021-01-01", "registrar")
    assert found.why == "the team is said to number 23; 17 before and 5 added make 22."


def test_two_teams_of_one_instrument_and_day_have_each_their_own_discrepancy() -> None:
    first, other = (MORE.model_copy(update={"team": team, "stated_headcount": 99}) for team in ("one", "two"))
    _, found = accepted(decide(other, told(first)))
    assert isinstance(found, DiscrepancyFound)
    assert found.discrepancy == "headcount/uplift/2021-01-01/2"


def test_a_team_that_numbers_what_its_posts_sum_to_is_no_discrepancy() -> None:
    assert len(accepted(decide(MORE.model_copy(update={"stated_headcount": 22}), told(BASE)))) == 1


def test_posts_are_filled_and_fall_vacant_from_a_day_on() -> None:
    state = told(BASE, filled(12, date(2020, 4, 1)), filled(17, date(2020, 9, 1)), filled(15, date(2021, 2, 1)))
    days = (date(2020, 3, 31), date(2020, 4, 1), date(2020, 8, 31), date(2020, 9, 1), END)
    assert [state.posts.filled_on(HUB, "officer", day) for day in days] == [None, 12, 12, 17, 15]
    assert [(each.funded, each.vacant) for each in state.posts.filled] == [(17, 5), (17, 0), (17, 2)]


def test_the_event_of_a_filling_says_how_many_are_vacant() -> None:
    (event,) = accepted(decide(filled(12, date(2020, 4, 1)), told(BASE)))
    assert line_of(event) == "12 of 17 posts of officer in Project Alpha Hub are filled from 2020-04-01: 5 vacant"


def test_more_filled_than_funded_is_a_fact_with_an_exception() -> None:
    event, raised = accepted(decide(filled(18, date(2020, 4, 1)), told(BASE)))
    assert isinstance(event, PostsFilled)
    assert isinstance(raised, ExceptionRaised)
    assert (event.vacant, raised.what, raised.subject, raised.owner) == (0, "more posts filled than funded", HUB, "finance")
    assert raised.why == "18 posts of officer in Project Alpha Hub are filled on 2020-04-01; 17 are funded."


def test_a_later_day_with_no_more_filled_than_funded_puts_it_right() -> None:
    over = told(BASE, filled(18, date(2020, 4, 1)))
    given_open = replace(GIVEN, open_exceptions={"posts-filled/1"})
    assert delivery.put_right(over, given_open) == ()
    right = after(delivery, over, accepted(decide(filled(17, date(2020, 5, 1)), over)), DAY)
    (closed,) = delivery.put_right(right, given_open)
    assert closed.exception == "posts-filled/1"


def test_posts_filled_of_a_rank_that_nothing_funds_are_an_exception() -> None:
    assert [each.wire for each in accepted(decide(filled(1, date(2020, 4, 1), "analyst"), told(BASE)))] == ["posts.filled", "exception.raised"]


def test_another_number_for_one_day_is_refused() -> None:
    assert refused(decide(filled(16, date(2020, 9, 1)), told(BASE, filled(17, date(2020, 9, 1)))))[0] == "delivery.filled_differs"


def test_a_baseline_says_what_was_there_without_the_grant() -> None:
    baseline = RecordBaseline(team=HUB, headcount=17, as_of=date(2020, 9, 30), words="the establishment")
    state = told(baseline)
    assert [(each.team, each.headcount) for each in state.posts.baselines] == [(HUB, 17)]
    assert isinstance(state.posts.baselines[0], BaselineRecorded)
    assert refused(decide(baseline.model_copy(update={"headcount": 18}), state))[0] == "delivery.baseline_differs"


def test_a_team_that_falls_below_its_first_baseline_is_an_exception_until_it_is_made_up_again() -> None:
    def of(headcount: int, as_of: date) -> RecordBaseline:
        return RecordBaseline(team=HUB, headcount=headcount, as_of=as_of, words="the establishment")

    before = told(of(17, date(2020, 4, 1)), of(20, date(2020, 6, 1)))
    assert len(accepted(decide(of(17, date(2020, 9, 1)), before))) == 1
    fallen, raised = accepted(decide(of(16, date(2020, 9, 1)), before))
    assert isinstance(raised, ExceptionRaised)
    assert raised.why == ("Project Alpha Hub numbered 17 without the grant on 2020-04-01, and 16 on 2020-09-01: what it funds may stand in for them.")
    state, standing = after(delivery, before, (fallen,), DAY), replace(GIVEN, open_exceptions={raised.exception})
    assert delivery.put_right(state, standing) == ()
    made_up = after(delivery, state, accepted(decide(of(17, date(2020, 10, 1)), state)), DAY)
    assert [each.exception for each in delivery.put_right(made_up, standing)] == ["baseline-fallen/3"]


def test_other_numbers_for_the_same_posts_are_refused() -> None:
    assert refused(decide(posts(("constable", 5)), told(MORE)))[0] == "delivery.differs"


@pytest.mark.parametrize(
    ("ranks", "last"),
    [((), END), ((("constable", 0),), END), ((("constable", 1), ("constable", 2)), END), ((("constable", 1),), date(2020, 12, 31))],
    ids=["no post", "none of a rank", "a rank twice", "ends before it begins"],
)
def test_posts_that_mean_nothing_cannot_be_written(ranks: tuple[tuple[str, int], ...], last: date) -> None:
    with pytest.raises(ValidationError):
        posts(*ranks, last=last)


DAYS = st.dates(date(2020, 4, 1), END)
RANKS = st.dictionaries(st.sampled_from(("constable", "sergeant", "analyst")), st.integers(1, 30), min_size=1)
RECORDED = st.lists(
    st.builds(lambda ranks, team, first: posts(*ranks.items(), team=team, first=first), RANKS, st.sampled_from((HUB, "Covert")), DAYS), max_size=6
)


def test_whatever_is_recorded_before_and_added_is_after_within_a_team() -> None:
    reached: set[str] = set()

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(RECORDED, DAYS)
    def live(recorded: list[RecordPosts], day: date) -> None:
        state = State()
        for body in recorded:
            before = headcount(state, body.first, body.team)
            state, answer = once(delivery, state, body, DAY, GIVEN)
            reached.add(answer.code if isinstance(answer, Refusal) else "".join(each.wire for each in answer))
            added = 0 if isinstance(answer, Refusal) or not answer else sum(by_rank(State(Posts(state.posts.funded[-1:])), body.first).values())
            assert headcount(state, body.first, body.team) == before + added
        assert headcount(state, day) == sum(headcount(state, day, team) for team in (HUB, "Covert"))

    live()
    assert reached >= {"posts.funded", "delivery.differs"}


def test_posts_owe_nothing_and_bind_no_content() -> None:
    duty = Duty(part="delivery", subject="none", name="none", owner="system", since=DAY.now, due=None)
    assert (delivery.duties(told(BASE), GIVEN), delivery.moment(duty, told(BASE), DAY, GIVEN)) == ((), ())
    assert delivery.content(BASE, State()) is None
