"""Specs of delivery, read as sentences; the figures are those of PCD 914: seventeen posts, and one sergeant and four constables more."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import delivery
from domain.delivery import Given, PostsFunded, RankPosts, RecordPosts, State, by_rank, headcount
from domain.model import Duty, Refusal
from tests.domain.rooms import accepted, at, once, policy, refused

HUB = "Project Alpha Hub"
END = date(2021, 3, 31)
GIVEN = Given(policy=policy(), instruments={"alpha", "uplift"})
DAY = at("2021-01-04")


def posts(*ranks: tuple[str, int], team: str = HUB, instrument: str = "uplift", first: date = date(2021, 1, 1), last: date | None = END) -> RecordPosts:
    return RecordPosts(team=team, instrument=instrument, posts=tuple(RankPosts(rank=rank, count=count) for rank, count in ranks), first=first, last=last)


BASE = posts(("officer", 17), instrument="alpha", first=date(2020, 4, 1))
MORE = posts(("detective sergeant", 1), ("constable", 4))


def told(*commands: RecordPosts) -> State:
    state = State()
    for body in commands:
        state, answer = once(delivery, state, body, DAY, GIVEN)
        accepted(answer)
    return state


def decide(body: RecordPosts, state: State = State()) -> Any:  # noqa: B008  (frozen)
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
    assert state.funded[-1].event.headcount_before == 0


def test_posts_without_a_stated_end_stay_funded() -> None:
    assert headcount(told(posts(("constable", 1), last=None)), date(2029, 1, 1)) == 1


def test_posts_are_funded_by_an_instrument_that_is_recorded() -> None:
    assert refused(decide(posts(("constable", 1), instrument="unheard-of")))[0] == "delivery.instrument_unknown"


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
            added = 0 if isinstance(answer, Refusal) or not answer else sum(by_rank(State(state.funded[-1:]), body.first).values())
            assert headcount(state, body.first, body.team) == before + added
        assert headcount(state, day) == sum(headcount(state, day, team) for team in (HUB, "Covert"))

    live()
    assert reached >= {"posts.funded", "delivery.differs"}


def test_the_room_owes_nothing_and_binds_no_content() -> None:
    duty = Duty(part="delivery", subject="none", name="none", owner="system", since=DAY.now, due=None)
    assert (delivery.duties(told(BASE), GIVEN), delivery.moment(duty, told(BASE), DAY, GIVEN)) == ((), ())
    assert delivery.content(BASE, State()) is None
