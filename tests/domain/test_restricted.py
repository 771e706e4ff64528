"""Part 2: that it is there is recorded, what it says no rule sees, and each reading is an act that stands in the record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain import grant as grants
from domain import restricted
from domain.break_glass import Given
from domain.drafting import EditPaper
from domain.evidence import digest
from domain.grant import typed
from domain.model import Command, Event, line_of
from domain.organisation import Charter, Holding, Office, Organisation
from domain.policy import Mandate, Policy, SchemeEdition
from domain.restricted import PartTwoKept, ReadRestricted, RestrictedRead, State
from tests.domain.rooms import accepted, after, at, policy, refused
from tests.lives import SEALED, case_of, live, organisation_of

KEPT = tuple(PartTwoKept(subject=each, came_with="DraftPaper", digest="0" * 64) for each in ("c-1", "c-2"))


def given() -> Given:
    """An office that may read, held by p-hazel, and one that may not, held by p-rowan."""
    scheme = policy().schemes[0]
    readers = Mandate(act="ReadRestricted", offices=("decision-maker",), source="made for these specs", assumed=True)
    edition = SchemeEdition.model_validate(scheme.model_copy(update={"mandates": (*scheme.mandates, readers)}).model_dump())
    held = Policy.model_validate(policy().model_copy(update={"schemes": (edition,)}).model_dump())
    offices = tuple(Office(office=each, title=each.title()) for each in ("decision-maker", "project"))
    first = date(2016, 1, 1)
    holdings = (Holding(person="p-hazel", office="decision-maker", first=first, last=None), Holding(person="p-rowan", office="project", first=first, last=None))
    charter = Charter(organisation="o", title="O", offices=offices, holdings=holdings, cover=(), keys=(), rehearsals_allowed=True, policy=held)
    return Given(grant="made", organisation=Organisation(stream="organisation/o", version=1, charter=charter), policy=held)


def kept() -> State:
    found: State = after(restricted, State(), KEPT, at("2021-01-06"))
    return found


def test_a_part_two_is_known_by_the_command_that_it_came_with() -> None:
    assert list(kept().kept) == ["c-1", "c-2"]
    assert (kept().kept["c-1"].came_with, kept().kept["c-1"].actor) == ("DraftPaper", "p-hazel")


def test_whoever_has_the_mandate_reads_everything_unless_they_name_what() -> None:
    everything = restricted.decide(ReadRestricted(purpose="To decide"), kept(), at("2021-01-07"), given())
    assert everything == (RestrictedRead(subjects=("c-1", "c-2"), office="decision-maker", purpose="To decide"),)
    one = restricted.decide(ReadRestricted(subjects=("c-2",)), kept(), at("2021-01-07"), given())
    assert one == (RestrictedRead(subjects=("c-2",), office="decision-maker", purpose=None),)


def test_every_reading_is_recorded_also_the_second() -> None:
    state = kept()
    for day in ("2021-01-07", "2021-01-08"):
        events = accepted(restricted.decide(ReadRestricted(), state, at(day), given()))
        assert [each.wire for each in events] == ["restricted.read"]
        state = after(restricted, state, events, at(day))


def test_nobody_else_reads() -> None:
    assert refused(restricted.decide(ReadRestricted(), kept(), at("2021-01-07", "p-rowan"), given())) == ("authority.not_mandated", ("decision-maker",))
    assert refused(restricted.decide(ReadRestricted(), kept(), at("2021-01-07", "p-rowan", "p-hazel"), given())) == ("authority.no_cover", ("decision-maker",))


@pytest.mark.parametrize(
    ("subjects", "state", "code"),
    [(("c-3",), kept(), "restricted.unknown_subject"), (("c-1", "c-3"), kept(), "restricted.unknown_subject"), ((), State(), "restricted.nothing_kept")],
)
def test_what_is_not_kept_cannot_be_read(subjects: tuple[str, ...], state: State, code: str) -> None:
    assert refused(restricted.decide(ReadRestricted(subjects=subjects), state, at("2021-01-07"), given())) == (code, ())


def test_nothing_is_owed_and_nothing_falls_due_here() -> None:
    assert restricted.duties(kept(), given()) == ()
    assert restricted.content(ReadRestricted(), kept()) is None


def test_no_rule_reads_what_is_sealed() -> None:
    """Each command of the real life is decided alike with a Part 2 and without; with one, an event says that it is there.

    That an edit brings another one, whatever it says, is a change of the paper: its digest tells.
    """
    case = case_of("alpha-2020-21")
    organisation = organisation_of(case.organisation)
    for each in live(case, organisation):
        now = each.command.at or datetime.now(UTC)
        plain, with_one, with_other = (
            grants.decide(each.command.model_copy(update={"sealed": sealed}), each.before, organisation, now) for sealed in (None, SEALED, f"{SEALED}AAAA")
        )
        if not isinstance(plain, tuple):
            assert plain == with_one == with_other
            continue
        assert isinstance(with_one, tuple)
        assert isinstance(with_other, tuple)
        assert isinstance(typed(each.command), EditPaper) or unbound(with_one) == unbound(with_other) == unbound(plain)
        found = next(event for event in with_one if isinstance(event, PartTwoKept))
        assert found == PartTwoKept(subject=each.command.id, came_with=each.command.type, digest=digest(SEALED.encode()))


def unbound(events: tuple[Event, ...]) -> list[dict[str, Any]]:
    """The events without that there is a Part 2, and without the digests by which a paper binds one."""
    return [event.model_dump(exclude={"content", "part_two"}) for event in events if not isinstance(event, PartTwoKept)]


def test_the_words_of_both_events_say_nothing_of_the_content() -> None:
    read = RestrictedRead(subjects=("c-1", "c-2"), office="legal", purpose=None)
    assert line_of(KEPT[0]) == "A Part 2 came with DraftPaper, and is kept sealed"
    assert line_of(read) == "legal reads the Part 2 that came with c-1, c-2; purpose: unknown"


@pytest.mark.parametrize("wrong", ["", "words", "v1.", "v1.short", "v1.äöü" + "A" * 30, f"{SEALED} "])
def test_only_a_ciphertext_can_stand_where_sealed_content_stands(wrong: str) -> None:
    fields = {"v": 1, "id": "c", "grant": "g", "type": "DraftPaper", "actor": "p", "on_behalf_of": None, "at": None, "content": None, "body": {}}
    assert Command.model_validate({**fields, "sealed": SEALED}).sealed == SEALED
    with pytest.raises(ValueError, match="sealed"):
        Command.model_validate({**fields, "sealed": wrong})
