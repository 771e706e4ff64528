from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.evidence import canonical, digest
from domain.keys import Key
from domain.model import Refusal, past_of_new
from domain.organisation import AdoptOrganisation, Charter, Cover, Holding, Office, Organisation, OrganisationAdopted, decide, evolve
from tests.domain.papers import ANN, BEN, CLEO, COVER, DORA, EVE, FAY, HOLDINGS, by, organisation, policy

FOUND = organisation()
CHARTER = FOUND.charter or pytest.fail("the factory gives a charter")
EMPTY = Organisation(stream="organisation/house")


def adopting(charter: Charter = CHARTER, given: str | None = None) -> AdoptOrganisation:
    return AdoptOrganisation(charter=charter, digest=given or digest(canonical(charter.model_dump(mode="json"))))


ADOPT = adopting()
RENAMED = adopting(CHARTER.model_copy(update={"title": "Home"}))


def at(day: int, hour: int = 9, month: int = 1) -> datetime:
    return datetime(2021, month, day, hour, tzinfo=UTC)


def test_an_organisation_is_adopted_whole_with_the_digest_of_its_document() -> None:
    assert decide(ADOPT, EMPTY, by(EVE)) == (OrganisationAdopted(title="House", charter=CHARTER, digest=ADOPT.digest),)


def test_adopting_the_same_document_again_changes_nothing() -> None:
    assert decide(ADOPT, adopted(ADOPT, EMPTY), by(EVE)) == ()


def test_another_document_replaces_the_one_before() -> None:
    later = adopted(RENAMED, adopted(ADOPT, EMPTY))
    assert later.charter is not None
    assert (later.charter.title, later.digest, later.version, later.recorded) == ("Home", RENAMED.digest, 7, by(CLEO).now)


@pytest.mark.parametrize(
    ("body", "before", "code"),
    [
        (adopting(given="1" * 64), EMPTY, "organisation.digest"),
        (adopting(CHARTER.model_copy(update={"organisation": "elsewhere"})), EMPTY, "organisation.other"),
        (RENAMED, FOUND, "authority.not_mandated"),
        (RENAMED, FOUND.model_copy(update={"charter": CHARTER.model_copy(update={"policy": policy()})}), "authority.no_mandate"),
    ],
)
def test_what_is_not_that_document_of_that_organisation_by_who_may_is_not_adopted(body: AdoptOrganisation, before: Organisation, code: str) -> None:
    answer = decide(body, before, by(EVE))
    assert isinstance(answer, Refusal)
    assert answer.code == code


def test_people_hold_an_office_from_the_first_day_to_the_last_both_included() -> None:
    term = with_charter(holdings=(Holding(person=EVE, office="legal", first=date(2021, 2, 1), last=date(2021, 2, 3)),))
    assert [term.holders("legal", date(2021, month, day)) for month, day in ((1, 31), (2, 1), (2, 3), (2, 4))] == [(), (EVE,), (EVE,), ()]


def test_a_person_can_hold_several_offices() -> None:
    both = with_charter(holdings=(*HOLDINGS, Holding(person=ANN, office="legal", first=date(2021, 1, 1))))
    assert (both.offices_of(ANN, date(2020, 12, 31)), both.offices_of(ANN, date(2021, 1, 1))) == (("grants-team",), ("grants-team", "legal"))


@pytest.mark.parametrize(("when", "code"), [(at(10, 23), "authority.no_cover"), (at(11), None), (at(15, 23), None), (at(16), "authority.no_cover")])
def test_cover_counts_from_its_first_london_day_to_its_last(when: datetime, code: str | None) -> None:
    assert capacity_code(FOUND, CLEO, when, DORA) == code


def test_the_last_day_of_cover_is_the_london_day_also_in_summer() -> None:
    summer = Cover(person=CLEO, principal=DORA, office="decider", first=date(2021, 6, 1), last=date(2021, 6, 2), reason="away")
    moments = (at(2, 22, month=6), at(2, 23, month=6))
    assert [capacity_code(with_charter(cover=(summer,)), CLEO, when, DORA) for when in moments] == [None, "authority.no_cover"]


def test_cover_is_for_the_acts_that_it_names_and_for_all_where_it_names_none() -> None:
    answers = [FOUND.capacity(by(person, at(12), DORA), ("decider",), "SendBackStep") for person in (CLEO, ANN)]
    assert [answer if isinstance(answer, str) else answer.code for answer in answers] == ["authority.no_cover", "decider"]


def test_cover_of_somebody_who_does_not_hold_the_office_is_none() -> None:
    gone = tuple(each if each.person != DORA else each.model_copy(update={"last": date(2021, 1, 11)}) for each in HOLDINGS)
    assert capacity_code(with_charter(holdings=gone), CLEO, at(12), DORA) == "authority.no_cover"


def test_cover_is_not_passed_on() -> None:
    chain = (*COVER, Cover(person=EVE, principal=CLEO, office="decider", first=date(2021, 1, 11), last=date(2021, 1, 15), reason="away too"))
    assert capacity_code(with_charter(cover=chain), EVE, at(12), CLEO) == "authority.no_cover"


def test_who_holds_no_office_that_may_act_is_told_which_could() -> None:
    answer = FOUND.capacity(by(EVE), ("finance", "legal"), "AdviseStep")
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.who_could) == ("authority.not_mandated", ("finance", "legal"))


def test_the_offices_that_a_person_covers_are_told_by_act() -> None:
    asked = ((DORA, "DecideStep"), (DORA, "SendBackStep"), (None, "DecideStep"))
    assert [FOUND.covered(by(CLEO, at(12), principal), act) for principal, act in asked] == [("decider",), (), ()]


ABOVE = (
    Office(office="finance", title="Finance", superior="chief-finance-officer"),
    Office(office="chief-finance-officer", title="CFO", superior="chief-executive"),
    Office(office="chief-executive", title="CEO", superior="decider"),
    Office(office="decider", title="Decider"),
    Office(office="round", title="Round", superior="about"),
    Office(office="about", title="About", superior="round"),
)


@pytest.mark.parametrize(
    ("office", "above"),
    [("finance", "chief-executive"), ("chief-executive", "decider"), ("decider", None), ("unknown", None), ("round", None), ("about", None)],
)
def test_the_office_above_is_the_nearest_that_somebody_holds(office: str, above: str | None) -> None:
    assert with_charter(offices=ABOVE).above(office, date(2021, 1, 6)) == above
    assert EMPTY.above(office, date(2021, 1, 6)) is None


def test_an_office_that_is_vacant_up_to_the_top_has_nobody_above_it() -> None:
    assert with_charter(offices=ABOVE).above("finance", date(2015, 1, 1)) is None


@pytest.mark.parametrize(("day", "people"), [(10, {DORA}), (11, {DORA, CLEO, ANN, FAY}), (15, {DORA, CLEO, ANN, FAY}), (16, {DORA})])
def test_who_is_in_an_office_holds_it_or_covers_a_holder_that_day(day: int, people: set[str]) -> None:
    assert FOUND.in_office("decider", date(2021, 1, day)) == people
    assert FOUND.in_office("finance", date(2021, 1, day)) == {FAY}
    assert EMPTY.in_office("decider", date(2021, 1, day)) == frozenset()


def test_an_office_goes_by_its_title_and_a_party_by_its_own_name() -> None:
    house = with_charter(offices=(Office(office="legal", title="The Solicitor"),))
    assert (house.title_of("legal"), house.title_of("funder")) == ("The Solicitor", "funder")


def test_before_its_adoption_an_organisation_has_no_offices() -> None:
    assert (EMPTY.offices_of(BEN, date(2021, 1, 1)), EMPTY.covers(CLEO, DORA, "decider", "DecideStep", date(2021, 1, 12)), EMPTY.key("k", at(1))) == (
        (),
        False,
        None,
    )


def test_a_key_holds_until_the_instant_of_its_revocation() -> None:
    key = Key(key="desk", public="A" * 43 + "=", first=at(1), revoked=at(12))
    keyed = FOUND.model_copy(update={"keys": (key,)})
    assert [keyed.key("desk", at(11, 23)), keyed.key("desk", at(12)), keyed.key("other", at(11))] == [key, None, None]


def adopted(body: AdoptOrganisation, before: Organisation) -> Organisation:
    events = decide(body, before, by(CLEO))
    assert not isinstance(events, Refusal)
    return evolve(before, past_of_new(events[0], before.stream, 7, by(CLEO)))


def with_charter(**changed: object) -> Organisation:
    return FOUND.model_copy(update={"charter": CHARTER.model_copy(update=changed)})


def capacity_code(house: Organisation, actor: str, when: datetime, principal: str) -> str | None:
    answer = house.capacity(by(actor, when, principal), ("decider",), "DecideStep")
    return answer.code if isinstance(answer, Refusal) else None
