"""What was put aside waits until its command is decided, or until somebody with the mandate releases it."""

from __future__ import annotations

from datetime import UTC, datetime

from domain import grant as grants
from domain.evidence import digest
from domain.grant import Grant
from domain.messages import MessageQuarantined, Reason
from domain.model import By, Command, Decision, Event, past_of_new
from domain.obligations import obligations
from domain.organisation import Organisation
from domain.outlook import Outlook
from domain.releasing import MessageReleased
from tests.domain.rooms import accepted, refused
from tests.lives import case_of, live, organisation_of

JUNK, OTHER = "a" * 64, "b" * 64
NOW = datetime(2021, 1, 7, 9, tzinfo=UTC)


def opened() -> tuple[Grant, Organisation]:
    """The real life just after its opening, in the case's own organisation."""
    case = case_of("alpha-2020-21")
    organisation = organisation_of(case.organisation)
    return next(iter(live(case, organisation))).after, organisation


def put(sha256: str = JUNK, claims: str | None = None, reason: Reason = "message.unreadable") -> MessageQuarantined:
    return MessageQuarantined(reason=reason, name="submit", sha256=sha256, size=4, claims=digest(claims.encode()) if claims else None)


def then(grant: Grant, event: Event, command: str) -> Grant:
    by = By(actor="system", on_behalf_of=None, now=grant.recorded or NOW, content=None, command=command)
    return grants.evolve(grant, past_of_new(event, grant.stream, grant.version + 1, by))


def release(sha256: str = JUNK, *, actor: str = "p-grants", replaced_by: str | None = None, grant: Grant) -> Command:
    body = {"sha256": sha256, "reason": "sent by a scanner", "replaced_by": replaced_by}
    told = {"v": 1, "id": "release-1", "grant": grant.id, "type": "ReleaseMessage", "actor": actor, "on_behalf_of": None, "content": None, "sealed": None}
    return Command.model_validate(told | {"at": grant.recorded, "body": body})


def decided(command: Command, grant: Grant, organisation: Organisation) -> Decision:
    return grants.decide(command, grant, organisation, grant.recorded or NOW)


def test_a_released_message_waits_for_nobody_and_names_what_stands_in_its_place() -> None:
    grant, organisation = opened()
    waiting = then(grant, put(), JUNK)
    assert Outlook(waiting, organisation).attention == ("quarantined",)
    events = accepted(decided(release(replaced_by="repaired-1", grant=waiting), waiting, organisation))
    assert events == (MessageReleased(sha256=JUNK, reason="sent by a scanner", replaced_by="repaired-1"),)
    after = then(waiting, events[0], "release-1")
    assert Outlook(after, organisation).attention == ()


def test_a_release_frees_the_one_message_that_it_names() -> None:
    grant, organisation = opened()
    waiting = then(then(grant, put(claims="c-1"), JUNK), put(OTHER, claims="c-1"), OTHER)
    after = then(waiting, MessageReleased(sha256=JUNK, reason="twice", replaced_by=None), "release-1")
    assert (after.aside.waits(JUNK), after.aside.waits(OTHER)) == (False, True)
    assert Outlook(after, organisation).attention == ("quarantined",)


def test_what_does_not_wait_cannot_be_released() -> None:
    grant, organisation = opened()
    assert refused(decided(release(grant=grant), grant, organisation)) == ("message.not_put_aside", ())
    once = then(then(grant, put(), JUNK), MessageReleased(sha256=JUNK, reason="junk", replaced_by=None), "release-0")
    assert refused(decided(release(grant=once), once, organisation)) == ("message.not_put_aside", ())


def test_a_message_whose_command_is_decided_waits_no_more_and_cannot_be_released() -> None:
    grant, organisation = opened()
    waiting = then(grant, put(claims="c-1", reason="message.unsigned"), JUNK)
    assert accepted(decided(release(grant=waiting), waiting, organisation))
    settled = then(waiting, put(OTHER), "c-1")
    assert not settled.aside.waits(JUNK)
    assert refused(decided(release(grant=settled), settled, organisation)) == ("message.not_put_aside", ())


def test_a_release_does_not_stand_in_the_place_of_what_it_releases() -> None:
    grant, organisation = opened()
    waiting = then(grant, put(), JUNK)
    assert refused(decided(release(replaced_by="release-1", grant=waiting), waiting, organisation)) == ("message.replaces_itself", ())
    assert accepted(decided(release(replaced_by="release-2", grant=waiting), waiting, organisation))


def test_nobody_releases_a_message_without_the_mandate() -> None:
    grant, organisation = opened()
    waiting = then(grant, put(), JUNK)
    assert refused(decided(release(actor="p-mps-finance", grant=waiting), waiting, organisation))[0] == "authority.not_mandated"


def test_a_closed_grant_still_has_its_messages_released() -> None:
    case = case_of("alpha-2020-21")
    organisation = organisation_of(case.organisation)
    last = [each.after for each in live(case, organisation)][-1]
    assert grants.closed(last)
    waiting = then(last, put(), JUNK)
    assert accepted(decided(release(grant=waiting), waiting, organisation))


def test_a_duty_that_stands_still_is_tried_again_once_it_is_released() -> None:
    grant, organisation = _owing()
    due = next(each for each in obligations(grant, organisation) if each.next)
    sha256 = digest(f"{due.moment_id}\0".encode())
    event = MessageQuarantined(reason="internal", name=due.moment_id, sha256=sha256, size=0, claims=digest(due.moment_id.encode()))
    still = then(grant, event, due.moment_id)
    assert due.next
    found = Outlook(still, organisation).due_by(due.next)
    assert found is None or found.moment_id != due.moment_id
    freed = then(still, MessageReleased(sha256=sha256, reason="the build is mended", replaced_by=None), "release-1")
    found = Outlook(freed, organisation).due_by(due.next)
    assert found
    assert found.moment_id == due.moment_id


def test_releasing_one_duty_leaves_the_others_still() -> None:
    grant, _ = opened()
    moments = [f"recovery/Q{number}/return.opened.system/2021" for number in (1, 2)]
    for each in moments:
        sha256 = digest(f"{each}\0".encode())
        grant = then(grant, MessageQuarantined(reason="internal", name=each, sha256=sha256, size=0, claims=digest(each.encode())), each)
    assert grant.chasing.stuck == frozenset(moments)
    freed = then(grant, MessageReleased(sha256=digest(f"{moments[0]}\0".encode()), reason="mended", replaced_by=None), "release-1")
    assert freed.chasing.stuck == {moments[1]}


def _owing() -> tuple[Grant, Organisation]:
    """The real life at a step after which something falls due."""
    case = case_of("alpha-2020-21")
    organisation = organisation_of(case.organisation)
    found = next(each.after for each in live(case, organisation) if any(owed.next for owed in each.owed))
    return found, organisation
