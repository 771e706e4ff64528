"""Break-glass in the whole grant: it changes no answer but that to reading, every view says it, and its report outlives the close."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from domain import grant as grants
from domain import restricted
from domain.accesses import Access, AccessAsked, Confirmed
from domain.break_glass import AskAccess, Command, ConfirmAccess, ReportAccess
from domain.grant import Grant
from domain.model import SYSTEM, By, Refusal
from domain.model import Command as Signed
from domain.obligations import decide_moment
from domain.organisation import Organisation
from domain.outlook import Outlook
from domain.restricted import ReadRestricted
from tests.lives import Lived, add, case_of, live, organisation_of

LIFE = "alpha-2020-21"


@cache
def lived() -> tuple[Lived, ...]:
    case = case_of(LIFE)
    return tuple(live(case, organisation_of(case.organisation)))


def with_access_for_everybody(grant: Grant) -> Grant:
    """The grant, in which every holder of an office has access to Part 2 for ever."""
    organisation = organisation_of("mopac")
    people = sorted({each.person for each in organisation.charter.holdings}) if organisation.charter else []
    accesses = {}
    for number, person in enumerate(people):
        said = AccessAsked(access=f"access-{number}", person=person, reason="For this spec", until=datetime(2099, 1, 1, tzinfo=UTC), subjects=())
        confirmed = Confirmed("p-second", None, "legal", datetime(2020, 7, 1, tzinfo=UTC))
        accesses[said.access] = Access(said, datetime(2020, 7, 1, tzinfo=UTC), confirmed)
    state = replace(
        grant.restricted, kept=grant.restricted.kept or {"c": restricted.Kept("DraftPaper", "p", datetime(2020, 7, 1, tzinfo=UTC))}, accesses=accesses
    )
    return replace(grant, restricted=state)


def test_an_access_changes_no_answer_but_that_to_reading() -> None:
    """Each command of the real life, refused or accepted, is answered alike while everybody may read Part 2 (DESIGN §6)."""
    organisation, refusals = organisation_of("mopac"), 0
    opened = set()
    for each in lived():
        now = each.command.at or datetime.now(UTC)
        plain = grants.decide(each.command, each.before, organisation, now)
        if grants.decide(each.command, with_access_for_everybody(each.before), organisation, now) != plain:
            opened.add((each.command.type, isinstance(plain, Refusal)))
        refusals += isinstance(plain, Refusal)
    assert (opened, refusals > 3) == ({("ReadRestricted", True)}, True)


def test_nobody_gains_another_act_by_an_access() -> None:
    """Each command of the real life, sent by a person without any mandate, is answered alike with an access and without."""
    organisation, refusals = organisation_of("mopac"), 0
    for each in lived():
        if each.command.type in {"OpenGrant", "ReadRestricted"}:
            continue
        stranger = each.command.model_copy(update={"actor": "p-mps-bookkeeper", "on_behalf_of": None, "sealed": None})
        plain = grants.decide(stranger, each.before, organisation, each.command.at or datetime.now(UTC))
        assert grants.decide(stranger, with_access_for_everybody(each.before), organisation, each.command.at or datetime.now(UTC)) == plain
        refusals += isinstance(plain, Refusal)
    assert refusals > 20


def command(body: Command | ReadRestricted, actor: str, now: datetime, id_: str) -> Signed:
    return Signed(
        v=1, id=id_, grant=LIFE, type=type(body).__name__, actor=actor, on_behalf_of=None, at=now, content=None, body=body.model_dump(mode="json"), sealed=None
    )


def done(grant: Grant, organisation: Organisation, *wishes: tuple[Command | ReadRestricted, str]) -> Grant:
    for number, (body, actor) in enumerate(wishes):
        assert grant.recorded
        asked = command(body, actor, grant.recorded, f"wish-{number}")
        events = grants.decide(asked, grant, organisation, grant.recorded)
        assert not isinstance(events, Refusal), events
        grant, _ = add(grant, events, By(actor=actor, on_behalf_of=None, now=grant.recorded, content=None, command=asked.id))
    return grant


def open_access(grant: Grant, organisation: Organisation, name: str = "access-1") -> Grant:
    assert grant.recorded
    ask = AskAccess(access=name, reason="The auditor asks", until=grant.recorded + timedelta(hours=4))
    return done(grant, organisation, (ask, "p-mps-accountant"), (ConfirmAccess(access=name), "p-legal"))


def test_standing_and_details_say_that_access_was_opened_and_only_then() -> None:
    organisation, grant = organisation_of("mopac"), lived()[-20].after
    before = Outlook(grant, organisation)
    assert ("break_glass" in before.standing(), "Break-glass" in before.details()) == (False, False)
    now = Outlook(open_access(grant, organisation), organisation)
    (said,) = now.standing()["break_glass"]
    assert "for p-mps-accountant until" in said
    assert said in now.details()
    assert "auditor" not in f"{now.details()} {now.standing()}"
    assert now.attention == before.attention


def test_the_details_name_the_latest_accesses_and_count_the_others() -> None:
    organisation, grant = organisation_of("mopac"), lived()[-20].after
    for number in range(5):
        grant = open_access(grant, organisation, f"access-{number}")
    details = Outlook(grant, organisation).details()
    assert (details.count("Break-glass:"), "(and 3 earlier)" in details) == (2, True)


def test_what_was_asked_for_stands_in_the_inbox_until_its_instant_and_then_lapses_by_itself() -> None:
    organisation, grant = organisation_of("mopac"), lived()[-1].after
    assert grant.recorded
    day, until = grant.recorded.date(), grant.recorded + timedelta(hours=4)
    grant = done(grant, organisation, (AskAccess(access="access-1", reason="The auditor asks", until=until), "p-mps-accountant"))
    waiting = [each for each in Outlook(grant, organisation).waiting if each.duty.part == "restricted"]
    assert {each.duty.owner for each in waiting} == set(grant.policy.mandated("ConfirmAccess", day))
    assert all("confirms break-glass access access-1, or leaves it (asked for by p-mps-accountant)" in each.words for each in waiting)
    assert "auditor" not in Outlook(grant, organisation).details()
    due = Outlook(grant, organisation, until).due_by(until)
    assert due is not None
    assert Outlook(grant, organisation, until).due_by(until - timedelta(seconds=1)) is None
    events = decide_moment(due, grant, organisation, until)
    grant, _ = add(grant, events, By(actor=SYSTEM, on_behalf_of=None, now=until, content=None, command=due.moment_id))
    assert ([each.wire for each in events], grants.over(grant, organisation)) == (["access.lapsed"], True)


def test_a_closed_grant_is_still_opened_to_a_reader_and_is_over_once_that_is_reported() -> None:
    organisation, grant = organisation_of("mopac"), lived()[-1].after
    assert (grants.closed(grant), grants.over(grant, organisation)) == (True, True)
    grant = done(open_access(grant, organisation), organisation, (ReadRestricted(), "p-mps-accountant"))
    assert grant.recorded
    assert [each.name for each in grants.duties(grant, organisation)] == ["access.reported"]
    assert not grants.over(grant, organisation)
    month = f"{grant.recorded:%Y-%m}"
    grant = done(grant, organisation, (ReportAccess(month=month), "p-chief-executive"))
    assert grants.over(grant, organisation)
