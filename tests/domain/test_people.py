"""Absence, vacancy, stand-ins and cover: who may take a step while its own office is empty, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.approval import Given, State
from domain.model import Refusal
from domain.organisation import Absence, Cover, Holding, Organisation
from domain.policy import RouteRule
from domain.saying import PaperDecided, StepAdvised, StepDecided, StepSentBack
from tests.domain.papers import (
    ANN,
    APPROVED,
    CLEO,
    COVERED,
    DORA,
    FAY,
    FINANCE,
    HOLDINGS,
    LEGAL,
    LEO,
    MORNING,
    RULES,
    TO_ADVISERS,
    WHOLE,
    accepted,
    advised,
    answered,
    by,
    known,
    organisation,
    refused,
    rule,
    sent_back,
    state_of,
)

"""Cleo, chief executive, may stand in for the decider (Dora), and the office of legal for that of finance."""

STANDS_IN = rule("all-offers", "decider", "decide", 2, limit_pence="any", stand_in=("chief-executive",))
FINANCE_TOO = rule("finance-advises", "finance", "advise", 1, stand_in=("chief-executive", "grants-team"))
WEEK = (date(2021, 1, 4), date(2021, 1, 15))
AWAY = Absence(person=DORA, first=WEEK[0], last=WEEK[1], reason="leave")


def house(
    *rules: RouteRule,
    absences: tuple[Absence, ...] = (),
    cover: tuple[Cover, ...] = (),
    holdings: tuple[Holding, ...] = HOLDINGS,
) -> Given:
    given = known(*(rules or (FINANCE, LEGAL, STANDS_IN)))
    charter = organisation(holdings=holdings, cover=cover).charter
    assert charter
    return Given(
        Organisation(stream="organisation/house", version=1, charter=charter.model_copy(update={"absences": absences})),
        given.policy,
        given.cumulative_pence,
        given.instruments,
    )


def to_decider(given: Given) -> State:
    return state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), (advised("legal"), by(LEO)), given=given)


def without(person: str, last: date = date(2020, 12, 31)) -> tuple[Holding, ...]:
    return tuple(each.model_copy(update={"last": last}) if each.person == person else each for each in HOLDINGS)


# Absence --------------------------------------------------------------------------------------------------------------


def test_while_its_only_holder_is_away_a_stand_in_of_the_step_may_take_it_and_the_event_says_in_which_office() -> None:
    given = house(absences=(AWAY,))
    (decided, *_) = accepted(APPROVED, to_decider(given), by(CLEO), given)
    assert isinstance(decided, StepDecided)
    assert (decided.office, decided.capacity) == ("decider", "chief-executive")


def test_an_absent_holder_still_holds_the_office_and_an_act_of_theirs_stands() -> None:
    given = house(absences=(AWAY,))
    (decided, *_) = accepted(APPROVED, to_decider(given), by(DORA), given)
    assert isinstance(decided, StepDecided)
    assert decided.capacity is None


def test_while_the_holder_is_there_a_stand_in_may_not_take_the_step() -> None:
    answer = refused(APPROVED, to_decider(house()), by(CLEO), house())
    assert (answer.code, answer.who_could) == ("approval.not_your_step", ("decider",))


def test_an_absence_counts_from_its_first_london_day_to_its_last_also_in_summer() -> None:
    there = organisation().charter
    assert there
    summer = Absence(person=DORA, first=date(2021, 3, 28), last=date(2021, 6, 2), reason="leave")
    away = Organisation(stream="organisation/house", charter=there.model_copy(update={"absences": (summer,)}))
    days = [date(2021, 3, 27), date(2021, 3, 28), date(2021, 6, 2), date(2021, 6, 3)]
    assert [away.seat("decider", day) for day in days] == [None, "away", "away", None]


def test_an_office_of_two_is_empty_only_when_both_are_away() -> None:
    one = house(FINANCE_TOO, LEGAL, STANDS_IN, holdings=(*HOLDINGS, Holding(person="gus", office="finance", first=date(2016, 1, 1))))
    day = MORNING.date()
    charter = one.organisation.charter
    assert charter
    away = [Absence(person=each, first=WEEK[0], last=WEEK[1], reason="leave") for each in (FAY, "gus")]
    seats = [
        Organisation(stream="s", charter=charter.model_copy(update={"absences": absences})).seat("finance", day) for absences in ((), (away[0],), tuple(away))
    ]
    assert seats == [None, None, "away"]


def test_who_recused_themselves_counts_as_away_for_that_step() -> None:
    day, found = MORNING.date(), organisation()
    asked = [found.stands_for("decider", ("chief-executive",), day, away) for away in (frozenset(), frozenset({DORA}), frozenset({CLEO}))]
    assert asked == [("decider",), ("decider", "chief-executive"), ("decider",)]


def test_a_step_that_names_no_stand_in_waits_for_its_holder() -> None:
    given = house(*RULES, absences=(AWAY,))
    assert refused(APPROVED, to_decider(given), by(CLEO), given).code == "approval.not_your_step"


def test_a_stand_in_may_also_send_back_and_the_event_says_in_which_office() -> None:
    given = house(absences=(AWAY,))
    (returned,) = accepted(sent_back(), to_decider(given), by(CLEO), given)
    assert isinstance(returned, StepSentBack)
    assert (returned.office, returned.capacity) == ("decider", "chief-executive")


def test_standing_in_does_not_loosen_who_may_take_two_steps_of_one_paper() -> None:
    given = house(FINANCE_TOO, LEGAL, STANDS_IN, absences=(AWAY, AWAY.model_copy(update={"person": FAY})))
    state = state_of(*TO_ADVISERS, (advised("finance"), by(CLEO)), (advised("legal"), by(LEO)), given=given)
    assert refused(APPROVED, state, by(CLEO), given).code == "duty.own_advice"
    assert refused(advised("finance"), state_of(*TO_ADVISERS, given=given), by(ANN), given).code == "duty.own_paper"


# Vacancy --------------------------------------------------------------------------------------------------------------


def test_the_step_of_a_vacant_office_is_refused_in_words_that_name_who_could() -> None:
    given = house(holdings=without(DORA))
    answer = refused(APPROVED, to_decider(given), by(LEO), given)
    assert answer.code == "duty.own_advice"
    answer = refused(APPROVED, to_decider(given), by(DORA), given)
    assert (answer.code, answer.who_could) == ("authority.vacant", ("chief-executive",))
    assert answer.why == "DecideStep is for decider, which nobody holds on 2021-01-06; who could instead: chief-executive."


def test_the_step_of_a_vacant_office_is_a_stand_in_s_to_take() -> None:
    given = house(holdings=without(DORA))
    (decided, ended) = accepted(APPROVED, to_decider(given), by(CLEO), given)
    assert isinstance(decided, StepDecided)
    assert isinstance(ended, PaperDecided)


def test_where_nobody_stands_in_for_a_vacant_office_nobody_could() -> None:
    given = house(*RULES, holdings=without(DORA))
    answer = refused(APPROVED, to_decider(given), by(CLEO), given)
    assert (answer.code, answer.who_could) == ("authority.vacant", ("decider",))
    assert answer.why.endswith("who could instead: nobody.")


def test_another_act_whose_offices_are_all_vacant_says_so_and_one_that_somebody_holds_does_not() -> None:
    empty = organisation(holdings=without(CLEO))
    found = [empty.capacity(by(DORA), offices, "AcceptOffer") for offices in (("chief-executive",), ("chief-executive", "legal"))]
    assert [each.code for each in found if isinstance(each, Refusal)] == ["authority.vacant", "authority.not_mandated"]


# Changes in mid-route ---------------------------------------------------------------------------------------------------


def test_a_holder_who_left_in_mid_route_takes_no_step_any_more_and_the_next_one_does() -> None:
    follows = (*without(DORA, date(2021, 1, 5)), Holding(person="una", office="decider", first=date(2021, 1, 6)))
    given = house(holdings=follows)
    state = to_decider(house())
    assert refused(APPROVED, state, by(DORA), given).code == "approval.not_your_step"
    (decided, *_) = accepted(APPROVED, state, by("una"), given)
    assert isinstance(decided, StepDecided)


def test_what_a_former_holder_said_while_in_office_stands_after_they_left() -> None:
    state = to_decider(house())
    given = house(holdings=without(FAY, date(2021, 1, 6)))
    (decided, *_) = accepted(APPROVED, state, by(DORA, datetime(2021, 1, 8, 9, tzinfo=UTC)), given)
    assert isinstance(decided, StepDecided)
    assert [each.office for each in decided.advice] == ["finance", "legal"]


def test_a_holder_who_comes_back_in_mid_route_takes_the_step_and_the_stand_in_does_not() -> None:
    given = house(absences=(AWAY,))
    back = datetime(2021, 1, 18, 9, tzinfo=UTC)
    state = to_decider(given)
    assert refused(APPROVED, state, by(CLEO, back), given).code == "approval.not_your_step"
    accepted(APPROVED, state, by(DORA, back), given)


# Cover ----------------------------------------------------------------------------------------------------------------


def test_cover_with_a_limit_decides_up_to_it_and_is_refused_above() -> None:
    def cover(limit: int | None) -> tuple[Cover, ...]:
        return (Cover(person=CLEO, principal=DORA, office="decider", first=WEEK[0], last=WEEK[1], reason="leave", limit_pence=limit),)

    short = house(cover=cover(WHOLE - 1))
    answer = refused(APPROVED, to_decider(short), by(CLEO, COVERED, DORA), short)
    assert (answer.code, answer.who_could) == ("authority.cover_limit", ("decider",))
    assert answer.why == "cleo stands in for dora as decider up to £1,746,660.79; this comes to £1,746,660.80."
    for limit in (WHOLE, None):
        enough = house(cover=cover(limit))
        (decided, *_) = accepted(APPROVED, to_decider(enough), by(CLEO, COVERED, DORA), enough)
        assert isinstance(decided, StepDecided)


def test_cover_with_a_limit_still_sends_back_for_that_decides_no_money() -> None:
    cover = (Cover(person=CLEO, principal=DORA, office="decider", first=WEEK[0], last=WEEK[1], reason="leave", limit_pence=1),)
    given = house(cover=cover)
    (returned,) = accepted(sent_back(), to_decider(given), by(CLEO, COVERED, DORA), given)
    assert isinstance(returned, StepSentBack)


def test_cover_goes_no_farther_than_the_principal_s_own_limit() -> None:
    up_to = rule("small-offers", "chief-executive", "decide", 2, limit_pence=50_000_000)
    cover = (Cover(person="una", principal=CLEO, office="chief-executive", first=WEEK[0], last=WEEK[1], reason="leave"),)
    given = house(*RULES, up_to, cover=cover)
    small = answered("approved", "approved", office="chief-executive")
    assert refused(small, to_decider(given), by("una", COVERED, CLEO), given).code == "approval.above_limit"


LAPSES = (
    # first, last, the last instant at which it holds, and the first at which it does not (UTC)
    (date(2021, 1, 11), date(2021, 1, 15), datetime(2021, 1, 15, 23, 59, 59, tzinfo=UTC), datetime(2021, 1, 16, tzinfo=UTC)),
    (date(2021, 3, 22), date(2021, 3, 28), datetime(2021, 3, 28, 22, 59, 59, tzinfo=UTC), datetime(2021, 3, 28, 23, tzinfo=UTC)),
    (date(2021, 10, 25), date(2021, 10, 31), datetime(2021, 10, 31, 23, 59, 59, tzinfo=UTC), datetime(2021, 11, 1, tzinfo=UTC)),
    (date(2021, 6, 1), date(2021, 6, 30), datetime(2021, 6, 30, 22, 59, 59, tzinfo=UTC), datetime(2021, 6, 30, 23, tzinfo=UTC)),
)


@pytest.mark.parametrize(("first", "last", "holds", "over"), LAPSES, ids=["winter", "clocks go forward", "clocks go back", "summer"])
def test_cover_lapses_with_the_last_minute_of_its_last_london_day(first: date, last: date, holds: datetime, over: datetime) -> None:
    covered = organisation(cover=(Cover(person=CLEO, principal=DORA, office="decider", first=first, last=last, reason="leave"),))
    found = [covered.capacity(by(CLEO, when, DORA), ("decider",), "DecideStep") for when in (holds, over)]
    assert [each if isinstance(each, str) else each.code for each in found] == ["decider", "authority.no_cover"]


def test_cover_in_a_circle_gives_nobody_an_office_that_none_of_them_holds() -> None:
    def covers(person: str, principal: str, office: str) -> Cover:
        return Cover(person=person, principal=principal, office=office, first=WEEK[0], last=WEEK[1], reason="leave")

    circle = organisation(cover=(covers(ANN, CLEO, "chief-executive"), covers(CLEO, ANN, "grants-team"), covers(CLEO, CLEO, "chief-executive")))
    asked = [(ANN, CLEO, "grants-team"), (CLEO, ANN, "chief-executive"), (ANN, ANN, "chief-executive"), (CLEO, CLEO, "chief-executive")]
    found = [circle.capacity(by(actor, COVERED, principal), (office,), "DecideStep") for actor, principal, office in asked]
    assert [each.code for each in found if isinstance(each, Refusal)] == ["authority.no_cover"] * 4


def test_cover_of_cover_gives_nothing() -> None:
    chain = (
        Cover(person=CLEO, principal=DORA, office="decider", first=WEEK[0], last=WEEK[1], reason="leave"),
        Cover(person=FAY, principal=CLEO, office="decider", first=WEEK[0], last=WEEK[1], reason="leave"),
    )
    given = organisation(cover=chain)
    found = [given.capacity(by(FAY, COVERED, principal), ("decider",), "DecideStep") for principal in (CLEO, DORA)]
    assert [each.code for each in found if isinstance(each, Refusal)] == ["authority.no_cover"] * 2


def test_what_a_cover_said_names_the_person_and_the_principal() -> None:
    given = house(FINANCE_TOO, LEGAL, STANDS_IN, cover=(Cover(person=CLEO, principal=FAY, office="finance", first=WEEK[0], last=WEEK[1], reason="leave"),))
    (said,) = accepted(advised("finance"), state_of(*TO_ADVISERS, given=given), by(CLEO, COVERED, FAY), given)
    assert isinstance(said, StepAdvised)
    state = state_of(*TO_ADVISERS, (advised("finance"), by(CLEO, COVERED, FAY)), given=given)
    step = state.papers["PCD 914"].step("finance")
    assert step
    assert step.said
    assert (step.said.actor, step.said.on_behalf_of, step.said.capacity) == (CLEO, FAY, None)
