"""What came of a message is read from the events that name it: all of them, and none of another message's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from activities.contracts import Message
from activities.record import Record
from app.cli.answering import words
from app.home import Home
from app.outcomes import Outcome, outcome_in, outcome_of, rows_of, sent_as
from app.outcomes import recorded as recorded_under
from app.signing import Signer, local_signer
from app.watch import Watch
from domain import evidence
from domain.model import Command
from store.event_log import EventLog, Glance
from tests.app.homes import lived, recorded
from tests.lives import case_of
from tests.store.records import at_once
from workflows.names import stream_of

GRANT = "today"
STREAM = stream_of(GRANT)
NAME = "RecordAssessment"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return lived(tmp_path_factory.mktemp("outcomes"), case_of(GRANT))


@pytest.fixture
def record(home: Home) -> Iterator[Record]:
    with recorded(home) as found:
        yield found


@pytest.fixture
def signer(home: Home) -> Signer:
    return local_signer(home.keys)


def assessment(name: str, outcome: str = "none") -> Command:
    told: dict[str, object] = {"v": 1, "id": name, "grant": GRANT, "type": NAME, "actor": "p-grants", "on_behalf_of": None, "at": None}
    return Command.model_validate(told | {"content": None, "body": {"form": "dpia", "outcome": outcome}, "sealed": None})


def send(record: Record, message: bytes) -> None:
    record.commit(STREAM, (Message(name=NAME, payloads=(message,)),), None)


def came(record: Record, message: bytes) -> Outcome | None:
    return outcome_of(record.log, sent_as(STREAM, message, name=NAME))


def kept(log: EventLog, name: str) -> tuple[bytes, str] | None:
    """The message of a command as it was sent, and its signal's name; null: it answers no command (a moment)."""
    found = log.command(STREAM, name)
    if found is None:
        return None
    return evidence.canonical({"command": evidence.read(found.bytes), "key": found.key_id, "signature": found.signature}), found.name


def test_the_outcome_of_each_command_of_a_life_is_all_of_its_events(record: Record) -> None:
    versions: dict[str, list[int]] = {}
    for row in record.log.rows(STREAM):
        versions.setdefault(row.command_id, []).append(row.version)
    sent = {name: found for name in versions if (found := kept(record.log, name))}
    assert max(len(versions[name]) for name in sent) > 1
    for name, (message, signal) in sent.items():
        outcome = outcome_of(record.log, sent_as(STREAM, message, name=signal))
        assert outcome
        assert (outcome.command, [each.version for each in outcome.pasts]) == (name, versions[name])


def test_what_was_never_sent_has_none(record: Record, signer: Signer) -> None:
    assert came(record, signer.message(assessment("never"))) is None


def test_another_command_of_an_id_has_an_outcome_of_its_own(record: Record, signer: Signer) -> None:
    first, other = (signer.message(assessment("used", outcome)) for outcome in ("none", "some"))
    send(record, first)
    assert came(record, other) is None
    send(record, other)
    one, two = came(record, first), came(record, other)
    assert one
    assert two
    assert (one.kind, one.command) == ("accepted", "used")
    assert (two.kind, two.command.split("#")[0], two.last.__class__.__name__) == ("refused", "used", "CommandRefused")


def test_what_another_key_signed_is_put_aside_and_is_not_the_outcome_of_the_message_itself(record: Record, home: Home, signer: Signer) -> None:
    asked = assessment("forged")
    forged = local_signer(home.path / "elsewhere").message(asked)
    send(record, forged)
    aside = came(record, forged)
    assert aside
    assert aside.kind == "quarantined"
    assert came(record, signer.message(asked)) is None


def test_who_asks_for_an_id_is_told_of_the_other_command_that_came_under_it(record: Record, signer: Signer) -> None:
    send(record, signer.message(assessment("once")))
    (alone,) = recorded_under(record.log, "once")
    assert (alone.also, alone.as_json()["also"]) == ((), [])
    send(record, signer.message(assessment("once", "some")))
    (found,) = recorded_under(record.log, "once")
    (other,) = found.also
    assert (found.kind, other.kind, other.command.split("#")[0]) == ("accepted", "refused", "once")
    assert found.as_json()["also"] == [{"command_id": other.command, "outcome": "refused", "why": other.summary}]
    assert f"came under this id and was refused; it is recorded as {other.command}" in words(found)[-1]
    (alone,) = recorded_under(record.log, other.command)
    assert (alone.kind, alone.also) == ("refused", ())


@pytest.mark.parametrize(
    ("name", "stream", "reason"), [("RecordReview", STREAM, "message.name"), (NAME, stream_of("elsewhere"), "message.stream")], ids=["name", "stream"]
)
def test_who_asks_for_an_id_that_only_a_message_put_aside_claims_is_told_so(record: Record, signer: Signer, name: str, stream: str, reason: str) -> None:
    claimed = f"strayed-{reason}"
    message = signer.message(assessment(claimed))
    record.commit(stream, (Message(name=name, payloads=(message,)),), None)
    (found,) = recorded_under(record.log, claimed)
    assert (found.kind, found.stream, found.command, found.claims) == ("quarantined", stream, sent_as(stream, message, name=name).aside, claimed)
    assert (found.as_json()["reason"]["code"], found.as_json()["reason"]["claims"]) == (reason, claimed)
    assert any(f"grants messages {found.grant} --quarantined" in line for line in words(found))
    assert recorded_under(record.log, f"{claimed}-not") == ()
    send(record, message)
    assert [each.kind for each in recorded_under(record.log, claimed)] == ["accepted"]


async def test_the_events_that_the_watch_gives_say_the_same_as_the_record(record: Record, signer: Signer) -> None:
    message = signer.message(assessment("watched"))
    watch, sent = Watch(record.log), sent_as(STREAM, message, name=NAME)
    with watch.waiting(sent) as awaited:
        assert outcome_in(await watch.known(awaited, 20), sent) is None
        send(record, message)
        seen = await watch.seen(awaited, 20)
    assert seen == rows_of(record.log, sent)
    assert outcome_in(seen, sent) == outcome_of(record.log, sent)


def test_a_message_that_another_worker_commits_between_two_questions_of_ours_is_a_repeat(
    record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = signer.message(assessment("at-once"))
    late = Record(EventLog(record.log.engine), record.vault, record.build, record.genesis)
    glance = EventLog.glance

    def then_it_comes(self: EventLog, *asked: Any) -> Glance:
        found = glance(self, *asked)
        if self is late.log and came(record, message) is None:
            at_once(lambda: send(record, message))
        return found

    monkeypatch.setattr(EventLog, "glance", then_it_comes)
    send(late, message)
    found = came(record, message)
    assert found
    assert (found.kind, len(found.pasts)) == ("accepted", 1)
