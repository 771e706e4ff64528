"""Break-glass: two people open reading to one who has no mandate, for a reason, until an instant, over a scope; it opens nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain import restricted
from domain.accesses import AccessAsked, AccessConfirmed, AccessEnded, AccessLapsed, AccessReported
from domain.break_glass import AskAccess, ConfirmAccess, EndAccess, Given, ReportAccess, reported_to
from domain.model import SYSTEM, By, Decision, Refusal, line_of
from domain.organisation import Charter, Cover, Holding, Office, Organisation
from domain.policy import DutyPolicy, Mandate, Policy, SchemeEdition
from domain.restricted import PartTwoKept, ReadRestricted, RestrictedRead, State
from tests.domain.rooms import SCHEME, accepted, after, at, once, owed_by, policy, refused

HAZEL, ROWAN, LARCH, ELDER, NOBODY = "p-hazel", "p-rowan", "p-larch", "p-elder", "p-nobody"
"""Hazel may read and may open; Rowan (project) may do neither; Larch covers Hazel; Elder has the reports."""

KEPT = tuple(PartTwoKept(subject=each, came_with="DraftPaper", digest="0" * 64) for each in ("c-1", "c-2"))
UNTIL = datetime(2021, 1, 8, 12, tzinfo=UTC)
REPORT = owed_by("restricted", "access.reported", owner="secretary", working_days=5)
ASK = AskAccess(access="access-1", reason="The auditor asks today", until=UNTIL)
ASKED, CONFIRMED = at("2021-01-06", ROWAN), at("2021-01-07", HAZEL)


def given(*duties: DutyPolicy, hours: int = 72) -> Given:
    """Offices of four people; Larch stands in for Hazel in January, Rowan too."""
    mandates = tuple(Mandate(act=act, offices=("decision-maker",), source="ours", assumed=True) for act in ("ReadRestricted", "ConfirmAccess", "EndAccess"))
    edition = SchemeEdition.model_validate(SCHEME.model_copy(update={"mandates": (*SCHEME.mandates, *mandates)}).model_dump())
    held: Policy = policy(*(duties or (REPORT,))).model_copy(update={"schemes": (edition,), "access_hours": hours})
    people = {HAZEL: "decision-maker", ROWAN: "project", LARCH: "finance", ELDER: "secretary"}
    holdings = tuple(Holding(person=person, office=office, first=date(2016, 1, 1), last=date(2021, 6, 30)) for person, office in people.items())
    cover = tuple(
        Cover(person=each, principal=HAZEL, office="decision-maker", first=date(2021, 1, 1), last=date(2021, 1, 31), acts=("ConfirmAccess",), reason="away")
        for each in (LARCH, ROWAN)
    )
    offices = tuple(Office(office=each, title=each.title()) for each in people.values())
    charter = Charter(organisation="o", title="O", offices=offices, holdings=holdings, cover=cover, keys=(), rehearsals_allowed=True, policy=held)
    return Given(grant="made", organisation=Organisation(stream="organisation/o", version=1, charter=charter), policy=held)


def kept() -> State:
    found: State = after(restricted, State(), KEPT, at("2021-01-05"))
    return found


def asked(body: AskAccess = ASK, by: By = ASKED) -> State:
    state = kept()
    found: State = after(restricted, state, accepted(restricted.decide(body, state, by, given())), by)
    return found


def opened(body: AskAccess = ASK, by: By = CONFIRMED) -> State:
    state = asked(body)
    found: State = after(restricted, state, accepted(restricted.decide(ConfirmAccess(access=body.access), state, by, given())), by)
    return found


def reading(state: State, by: By, *subjects: str) -> Decision:
    return restricted.decide(ReadRestricted(subjects=subjects, purpose="To answer"), state, by, given())


def later(by: By, hours: float) -> By:
    return by.model_copy(update={"now": by.now + timedelta(hours=hours)})


# Asking -----------------------------------------------------------------------------------------------------------------


def test_whoever_holds_an_office_asks_for_access_with_a_reason_until_an_instant() -> None:
    _, answer = once(restricted, kept(), ASK, ASKED, given())
    assert answer == (AccessAsked(access="access-1", person=ROWAN, reason=ASK.reason, until=UNTIL, subjects=()),)


def test_nobody_without_an_office_asks_and_nobody_asks_for_somebody_else() -> None:
    assert refused(restricted.decide(ASK, kept(), at("2021-01-06", NOBODY), given())) == ("authority.no_office", ())
    assert refused(restricted.decide(ASK, kept(), at("2021-01-06", LARCH, HAZEL), given())) == ("access.in_person", ())


@pytest.mark.parametrize(
    ("hours", "most", "code"),
    [(0, 72, "access.no_time"), (-1, 72, "access.no_time"), (72, 72, None), (73, 72, "access.too_long"), (8, 8, None), (9, 8, "access.too_long")],
)
def test_access_is_asked_for_until_an_instant_ahead_and_for_no_more_hours_than_the_policy_says(hours: int, most: int, code: str | None) -> None:
    body = ASK.model_copy(update={"until": ASKED.now + timedelta(hours=hours)})
    answer = restricted.decide(body, kept(), ASKED, given(hours=most))
    assert (answer.code if isinstance(answer, Refusal) else None) == code


def test_a_policy_that_says_nothing_allows_three_days() -> None:
    assert policy().access_hours == 72


def test_an_id_names_one_access_for_ever() -> None:
    assert refused(restricted.decide(ASK.model_copy(update={"reason": "Another"}), asked(), ASKED, given())) == ("access.exists", ())
    assert refused(restricted.decide(ASK, asked(), at("2021-01-06", LARCH), given())) == ("access.exists", ())


@pytest.mark.parametrize(("subjects", "code"), [(("c-1", "c-2"), None), (("c-1", "c-9"), "restricted.unknown_subject")])
def test_access_reaches_only_for_what_is_kept(subjects: tuple[str, ...], code: str | None) -> None:
    answer = restricted.decide(ASK.model_copy(update={"subjects": subjects}), kept(), ASKED, given())
    assert (answer.code if isinstance(answer, Refusal) else None) == code


def test_where_nothing_is_kept_nothing_is_opened() -> None:
    assert refused(restricted.decide(ASK, State(), ASKED, given())) == ("restricted.nothing_kept", ())


# Confirming -------------------------------------------------------------------------------------------------------------


def test_a_second_person_with_the_mandate_confirms_and_opens_it() -> None:
    _, answer = once(restricted, asked(), ConfirmAccess(access="access-1"), CONFIRMED, given())
    assert answer == (AccessConfirmed(access="access-1", person=ROWAN, office="decision-maker", until=UNTIL),)


def test_whoever_stands_in_for_the_office_confirms_too_and_both_are_named() -> None:
    state = opened(by=at("2021-01-07", LARCH, HAZEL))
    assert "confirmed by p-larch for p-hazel" in state.banners()[0]


def test_an_office_to_which_confirming_was_delegated_confirms() -> None:
    rested = at("2021-01-07", ELDER).model_copy(update={"delegation": "D-1: delegated to secretary", "office": "secretary"})
    _, answer = once(restricted, asked(), ConfirmAccess(access="access-1"), rested, given())
    assert answer == (AccessConfirmed(access="access-1", person=ROWAN, office="secretary", until=UNTIL),)


def test_the_same_natural_person_never_confirms_not_even_as_cover() -> None:
    assert refused(restricted.decide(ConfirmAccess(access="access-1"), asked(), at("2021-01-07", ROWAN, HAZEL), given())) == (
        "access.same_person",
        ("decision-maker",),
    )
    own = asked(by=at("2021-01-06", HAZEL))
    for by in (CONFIRMED, at("2021-01-07", LARCH, HAZEL)):
        assert refused(restricted.decide(ConfirmAccess(access="access-1"), own, by, given())) == ("access.same_person", ("decision-maker",))


def test_whoever_has_no_mandate_does_not_confirm() -> None:
    assert refused(restricted.decide(ConfirmAccess(access="access-1"), asked(), at("2021-01-07", ELDER), given())) == (
        "authority.not_mandated",
        ("decision-maker",),
    )


def test_what_nobody_asked_for_is_neither_confirmed_nor_ended() -> None:
    for body in (ConfirmAccess(access="access-9"), EndAccess(access="access-9", reason="Done")):
        assert refused(restricted.decide(body, asked(), CONFIRMED, given())) == ("access.unknown", ())


def test_what_is_over_is_not_confirmed() -> None:
    assert refused(restricted.decide(ConfirmAccess(access="access-1"), asked(), later(CONFIRMED, 24), given())) == ("access.expired", ())
    ended = after(restricted, asked(), (AccessEnded(access="access-1", reason="Not needed"),), ASKED)
    assert refused(restricted.decide(ConfirmAccess(access="access-1"), ended, CONFIRMED, given())) == ("access.ended", ())


# Reading under it -------------------------------------------------------------------------------------------------------


def test_under_an_open_access_the_person_reads_and_the_reading_cites_it() -> None:
    read = RestrictedRead(subjects=("c-1", "c-2"), office="project", purpose="To answer", access="access-1")
    assert reading(opened(), at("2021-01-07", ROWAN)) == (read,)


def test_whoever_has_the_mandate_reads_by_that_and_cites_no_access() -> None:
    state = opened(by=at("2021-01-07", LARCH, HAZEL))
    events = accepted(reading(state, at("2021-01-07", HAZEL)))
    assert [each.access for each in events if isinstance(each, RestrictedRead)] == [None]


def test_nobody_else_reads_under_it_and_nobody_for_the_person() -> None:
    assert refused(reading(opened(), at("2021-01-07", ELDER))) == ("authority.not_mandated", ("decision-maker",))
    assert refused(reading(opened(), at("2021-01-07", LARCH, ROWAN))) == ("authority.no_cover", ("decision-maker",))


def test_an_access_that_nobody_confirmed_opens_nothing() -> None:
    assert refused(reading(asked(), at("2021-01-07", ROWAN))) == ("access.unconfirmed", ("decision-maker",))


@pytest.mark.parametrize(("hours", "code"), [(23.9, None), (24, "access.expired"), (400, "access.expired")])
def test_an_access_opens_nothing_from_its_last_instant_on(hours: float, code: str | None) -> None:
    answer = reading(opened(), later(at("2021-01-07", ROWAN), hours))
    assert (answer.code if isinstance(answer, Refusal) else None) == code


def test_an_access_that_was_ended_opens_nothing() -> None:
    state = after(restricted, opened(), (AccessEnded(access="access-1", reason="Answered"),), CONFIRMED)
    assert refused(reading(state, at("2021-01-07", ROWAN))) == ("access.ended", ("decision-maker",))


def test_an_access_opens_what_it_names_and_nothing_beside_it() -> None:
    state = opened(ASK.model_copy(update={"subjects": ("c-2",)}))
    by = at("2021-01-07", ROWAN)
    assert [each.subjects for each in accepted(reading(state, by)) if isinstance(each, RestrictedRead)] == [("c-2",)]
    assert accepted(reading(state, by, "c-2"))
    assert refused(reading(state, by, "c-1", "c-2")) == ("access.out_of_scope", ())


def test_of_several_accesses_the_one_that_opens_it_is_cited() -> None:
    state = opened(ASK.model_copy(update={"subjects": ("c-2",)}))
    second = ASK.model_copy(update={"access": "access-2", "subjects": ("c-1",)})
    state = after(restricted, state, accepted(restricted.decide(second, state, at("2021-01-07", ROWAN), given())), at("2021-01-07", ROWAN))
    events = accepted(reading(state, at("2021-01-07", ROWAN), "c-2"))
    assert [each.access for each in events if isinstance(each, RestrictedRead)] == ["access-1"]
    assert refused(reading(state, at("2021-01-07", ROWAN), "c-1")) == ("access.unconfirmed", ("decision-maker",))


def test_whoever_has_left_every_office_reads_nothing_any_more() -> None:
    body = ASK.model_copy(update={"until": datetime(2021, 7, 1, 12, tzinfo=UTC)})
    state = after(restricted, kept(), accepted(restricted.decide(body, kept(), at("2021-06-30", ROWAN), given())), at("2021-06-30", ROWAN))
    state = after(restricted, state, accepted(restricted.decide(ConfirmAccess(access="access-1"), state, at("2021-06-30", HAZEL), given())), at("2021-06-30"))
    assert accepted(reading(state, at("2021-06-30", ROWAN)))
    assert refused(reading(state, later(at("2021-07-01", ROWAN), -1))) == ("authority.no_office", ())


# Ending -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [ROWAN, HAZEL])
def test_whoever_asked_and_whoever_could_open_it_may_end_it(person: str) -> None:
    _, answer = once(restricted, opened(), EndAccess(access="access-1", reason="Answered"), at("2021-01-07", person), given())
    assert answer == (AccessEnded(access="access-1", reason="Answered"),)


def test_nobody_else_ends_it_and_it_ends_once() -> None:
    body = EndAccess(access="access-1", reason="Answered")
    assert refused(restricted.decide(body, opened(), at("2021-01-07", ELDER), given())) == ("authority.not_mandated", ("decision-maker",))
    state = after(restricted, opened(), (AccessEnded(access="access-1", reason="Another reason"),), CONFIRMED)
    assert refused(restricted.decide(body, state, CONFIRMED, given())) == ("access.ended", ())
    assert refused(restricted.decide(body, opened(), later(CONFIRMED, 48), given())) == ("access.expired", ())


# What every view says, and the report -----------------------------------------------------------------------------------


def test_from_the_confirmation_on_there_is_a_banner_with_ids_and_without_the_reason() -> None:
    assert asked().banners() == ()
    (said,) = opened().banners()
    assert said == (
        "Break-glass: access to Part 2 was opened on 7 January 2021, 12:00 for p-rowan until 8 January 2021, 12:00, confirmed by p-hazel; reason in history"
    )


def test_the_banner_of_an_access_that_was_ended_says_when() -> None:
    state = after(restricted, opened(), (AccessEnded(access="access-1", reason="Answered"),), later(CONFIRMED, 1))
    assert "until 7 January 2021, 13:00" in state.banners()[0]


def test_no_line_of_the_history_says_the_reason_by_itself() -> None:
    events = (*accepted(restricted.decide(ASK, kept(), ASKED, given())), AccessEnded(access="access-1", reason="The auditor has left"))
    assert not [each for each in events if "auditor" in line_of(each)]


def test_what_was_asked_for_waits_on_each_office_that_may_confirm_it_and_lapses_by_itself() -> None:
    waits, lapses = restricted.duties(asked(), given())
    assert (waits.part, waits.name, waits.subject, waits.owner, waits.note) == (
        "restricted",
        "access.confirmed",
        "access-1",
        "decision-maker",
        f"asked for by {ROWAN}",
    )
    assert (waits.since, waits.due, waits.ladder) == (ASKED.now, UNTIL, None)
    assert (lapses.name, lapses.subject, lapses.owner, lapses.due) == ("access.lapsed", "access-1", SYSTEM, UNTIL)


def test_what_is_confirmed_or_ended_waits_on_nobody_to_confirm_it() -> None:
    ended = after(restricted, asked(), accepted(restricted.decide(EndAccess(access="access-1", reason="Not needed"), asked(), ASKED, given())), ASKED)
    assert [each.name for each in restricted.duties(opened(), given())] == ["access.reported"]
    assert restricted.duties(ended, given()) == ()


def test_what_nobody_confirmed_lapses_at_its_instant_and_is_not_confirmed_any_more() -> None:
    state, at_its_end = asked(), ASKED.model_copy(update={"now": UNTIL})
    events = restricted.moment(restricted.duties(state, given())[1], state, at_its_end, given())
    assert events == (AccessLapsed(access="access-1", person=ROWAN, until=UNTIL),)
    assert line_of(events[0]) == f"Nobody confirmed break-glass access access-1 for {ROWAN} by 8 January 2021, 12:00"
    lapsed = after(restricted, state, events, at_its_end)
    assert restricted.duties(lapsed, given()) == ()
    assert refused(restricted.decide(ConfirmAccess(access="access-1"), lapsed, CONFIRMED.model_copy(update={"now": UNTIL}), given())) == ("access.expired", ())


def moved(known: date | None) -> Given:
    """As ``given``, but from 7 January on another edition is in force, which lets finance confirm and nobody else; ``known`` is the day of the record."""
    before = given()
    (old,) = before.policy.schemes
    mandates = tuple(each.model_copy(update={"offices": ("finance",)}) if each.act == "ConfirmAccess" else each for each in old.mandates)
    new = old.model_copy(update={"edition": "later", "first": date(2021, 1, 7), "mandates": mandates})
    schemes = (old.model_copy(update={"last": date(2021, 1, 6)}), new)
    return Given(before.grant, before.organisation, before.policy.model_copy(update={"schemes": schemes}), known)


@pytest.mark.parametrize("known", [None, date(2021, 1, 6)])
def test_where_another_edition_begins_meanwhile_each_office_is_named_with_the_days_of_its_mandate(known: date | None) -> None:
    waits = {each.owner: each.note for each in restricted.duties(asked(), moved(known)) if each.name == "access.confirmed"}
    assert waits == {
        "decision-maker": f"asked for by {ROWAN}; by its mandate from 2021-01-06 to 2021-01-06",
        "finance": f"asked for by {ROWAN}; by its mandate from 2021-01-07 to 2021-01-08",
    }
    confirm = ConfirmAccess(access="access-1")
    assert refused(restricted.decide(confirm, asked(), at("2021-01-07", HAZEL), moved(known))) == ("authority.not_mandated", ("finance",))
    assert accepted(restricted.decide(confirm, asked(), at("2021-01-07", LARCH), moved(known)))


def test_once_the_record_knows_a_day_of_the_other_edition_only_its_office_is_named() -> None:
    waits = {each.owner: each.note for each in restricted.duties(asked(), moved(date(2021, 1, 7))) if each.name == "access.confirmed"}
    assert waits == {"finance": f"asked for by {ROWAN}"}


def test_what_lasts_until_midnight_waits_on_nobody_of_the_day_after() -> None:
    body = ASK.model_copy(update={"until": datetime(2021, 1, 7, tzinfo=UTC)})
    assert {each.owner for each in restricted.duties(asked(body), moved(None))} == {"decision-maker", SYSTEM}


def lapsed() -> State:
    found: State = after(restricted, asked(), (AccessLapsed(access="access-1", person=ROWAN, until=UNTIL),), ASKED.model_copy(update={"now": UNTIL}))
    return found


@pytest.mark.parametrize("body", [ASK, ASK.model_copy(update={"until": datetime(2021, 1, 10, tzinfo=UTC)}), ASK.model_copy(update={"reason": "Another"})])
@pytest.mark.parametrize(
    ("state", "day", "code"),
    [
        (lapsed(), "2021-01-09", "access.expired"),
        (lapsed(), "2021-01-08", "access.expired"),
        (opened(), "2021-01-09", "access.expired"),
        (after(restricted, opened(), (AccessEnded(access="access-1", reason="Answered"),), CONFIRMED), "2021-01-07", "access.ended"),
    ],
    ids=["lapsed", "at its very end", "over", "ended"],
)
def test_under_the_id_of_an_access_that_is_over_nothing_is_asked_for_any_more(body: AskAccess, state: State, day: str, code: str) -> None:
    answer = restricted.decide(body, state, at(day, ROWAN), given())
    assert isinstance(answer, Refusal)
    assert (answer.code, "under another id" in answer.remedy) == (code, True)
    anew = body.model_copy(update={"access": "access-2", "until": datetime(2021, 1, 9, 18, tzinfo=UTC)})
    assert accepted(restricted.decide(anew, state, at(day, ROWAN), given()))


def test_whoever_asked_is_told_of_a_lapse_before_they_are_told_who_could_have_confirmed() -> None:
    assert refused(restricted.decide(ConfirmAccess(access="access-1"), lapsed(), at("2021-01-09", ROWAN, HAZEL), given())) == ("access.expired", ())


def test_nobody_is_told_to_wait_for_an_access_that_was_confirmed() -> None:
    answer = restricted.decide(ASK.model_copy(update={"reason": "Another"}), opened(), CONFIRMED.model_copy(update={"actor": ROWAN}), given())
    assert isinstance(answer, Refusal)
    assert answer.remedy == "Ask under another id; access access-1 stays as it was asked for."


def test_the_report_of_a_month_is_owed_by_the_named_office_some_working_days_after_it_ends() -> None:
    (duty,) = restricted.duties(opened(), given())
    assert (duty.part, duty.name, duty.subject, duty.owner, duty.ladder) == ("restricted", "access.reported", "2021-01", "secretary", "grants")
    assert (duty.since, duty.due) == (datetime(2021, 1, 31, 23, 59, 59, tzinfo=UTC), datetime(2021, 2, 5, 23, 59, 59, tzinfo=UTC))


def test_what_was_only_asked_for_is_not_reported() -> None:
    assert "access.reported" not in {each.name for each in restricted.duties(asked(), given())}
    assert refused(restricted.decide(ReportAccess(month="2021-01"), asked(), at("2021-02-01", ELDER), given())) == ("access.nothing_to_report", ())


def test_the_named_office_has_the_report_once_and_again_if_more_was_opened() -> None:
    report, by = ReportAccess(month="2021-01"), at("2021-01-07", ELDER)
    state, answer = once(restricted, opened(), report, by, given())
    assert answer == (AccessReported(month="2021-01", office="secretary", accesses=("access-1",)),)
    assert restricted.duties(state, given()) == ()
    body = ASK.model_copy(update={"access": "access-2"})
    for wish, who in ((body, at("2021-01-07", ROWAN)), (ConfirmAccess(access="access-2"), CONFIRMED)):
        state = after(restricted, state, accepted(restricted.decide(wish, state, who, given())), who)
    assert [each.subject for each in restricted.duties(state, given())] == ["2021-01"]
    assert restricted.decide(report, state, by, given()) == (AccessReported(month="2021-01", office="secretary", accesses=("access-2",)),)


def test_the_month_is_that_of_london() -> None:
    body = ASK.model_copy(update={"until": datetime(2021, 5, 1, 12, tzinfo=UTC)})
    night = By(actor=ROWAN, on_behalf_of=None, now=datetime(2021, 4, 30, 23, 30, tzinfo=UTC), content=None, command="c")
    state = after(restricted, kept(), accepted(restricted.decide(body, kept(), night, given())), night)
    second = night.model_copy(update={"actor": HAZEL})
    state = after(restricted, state, accepted(restricted.decide(ConfirmAccess(access="access-1"), state, second, given())), second)
    assert [each.subject for each in restricted.duties(state, given())] == ["2021-05"]


def test_nobody_but_the_named_office_has_the_report() -> None:
    assert refused(restricted.decide(ReportAccess(month="2021-01"), opened(), CONFIRMED, given())) == ("authority.not_mandated", ("secretary",))


def test_where_the_policy_names_no_office_nothing_is_owed_and_nothing_can_be_reported() -> None:
    silent = given(owed_by("restricted", "another.duty"))
    assert (reported_to(silent.policy), reported_to(given().policy)) == (None, "secretary")
    assert restricted.duties(opened(), silent) == ()
    assert refused(restricted.decide(ReportAccess(month="2021-01"), opened(), at("2021-02-01", ELDER), silent)) == ("access.nobody_named", ())
