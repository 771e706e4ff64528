"""``grants messages``: each message once, with its outcome and who sent it; never what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from activities.contracts import Message, digest_of
from activities.record import Record
from app.cli.main import run
from app.home import Home
from app.signing import Signer, local_signer
from domain.model import Command
from tests.app.homes import lived, recorded
from tests.lives import case_of
from workflows.names import stream_of

GRANT = "today"
STREAM = stream_of(GRANT)
SECRET = "nobody-must-read-this"  # noqa: S105  (a word to look for)
JUNK = SECRET.encode()
Run = Callable[..., tuple[int, str, str]]


def command(name: str, kind: str, body: dict[str, object], actor: str = "p-grants") -> Command:
    told: dict[str, object] = {"v": 1, "id": name, "grant": GRANT, "type": kind, "actor": actor, "on_behalf_of": None, "at": None}
    return Command.model_validate(told | {"content": None, "body": body, "sealed": None})


def send(record: Record, signer: Signer, asked: Command, name: str | None = None) -> None:
    record.commit(STREAM, (Message(name=name or asked.type, payloads=(signer.message(asked),)),), None)


ASSESSED: dict[str, object] = {"form": "dpia", "outcome": SECRET}
RELEASE: dict[str, object] = {"sha256": digest_of("submit", [JUNK]), "reason": "a scanner's", "replaced_by": "assessed"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An open grant that was sent one message of each kind after its life."""
    found = lived(tmp_path_factory.mktemp("messages"), case_of(GRANT))
    signer = local_signer(found.keys)
    with recorded(found) as record:
        send(record, signer, command("assessed", "RecordAssessment", ASSESSED))
        send(record, signer, command("assessed-again", "RecordAssessment", ASSESSED))
        send(record, signer, command("refused", "CloseGrant", {}))
        send(record, signer, command("misnamed", "RecordAssessment", ASSESSED), name="CloseGrant")
        send(record, Signer(local_signer(found.path / "elsewhere").private), command("foreign", "RecordAssessment", ASSESSED))
        record.commit(STREAM, (Message(name="submit", payloads=(JUNK,)),), None)
        send(record, signer, command("release", "ReleaseMessage", RELEASE))
    return found


@pytest.fixture
def grants(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("GRANTS_HOME", str(home.path))

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


def told(grants: Run, *arguments: str) -> list[dict[str, Any]]:
    code, out, _ = grants("messages", GRANT, *arguments, "--json")
    assert code == 0
    found: list[dict[str, Any]] = json.loads(out)
    return found


def test_every_message_is_told_once_with_its_outcome(grants: Run) -> None:
    found = [(each["id"], each["outcome"]) for each in told(grants)]
    assert len(found) == len({name for name, _ in found})
    by_id = dict(found)
    assert {name: by_id[name] for name in ("assessed", "assessed-again", "refused", "release")} == {
        "assessed": "accepted",
        "assessed-again": "noted",
        "refused": "refused",
        "release": "accepted",
    }
    assert by_id[digest_of("submit", [JUNK])] == "released"
    assert list(by_id.values()).count("quarantined") == 2


def test_no_moment_is_taken_for_a_message(home: Home, grants: Run) -> None:
    with recorded(home) as record:
        commands = {row.command_id for row in record.log.rows(STREAM) if record.log.command(STREAM, row.command_id)}
        others = {row.command_id for row in record.log.rows(STREAM)} - commands
    assert any("/" in each for each in others)
    assert {each["id"] for each in told(grants) if each["actor"]} == commands


def test_of_a_command_it_says_who_what_and_how_large_and_of_a_refusal_why(grants: Run) -> None:
    (refused,) = told(grants, "--refused")[-1:]
    assert (refused["id"], refused["name"], refused["actor"]) == ("refused", "CloseGrant", "p-grants")
    assert refused["reason"]["code"].startswith("close.")
    assert refused["size"] > 100
    assert len(refused["sha256"]) == 64


def test_what_was_put_aside_says_its_digest_its_size_and_why_and_of_whom_nothing(grants: Run) -> None:
    found = told(grants, "--quarantined")
    assert [(each["outcome"], each["waits"], each["reason"]["code"], each["actor"]) for each in found] == [
        ("quarantined", True, "message.name", None),
        ("quarantined", True, "message.foreign", None),
        ("released", False, "message.unreadable", None),
    ]
    last = found[-1]
    assert (last["sha256"], last["size"], last["id"]) == (digest_of("submit", [JUNK]), len(JUNK), last["sha256"])
    assert {name: last["released"][name] for name in ("by", "reason", "replaced_by")} == {"by": "p-grants", "reason": "a scanner's", "replaced_by": "assessed"}


def test_for_people_each_message_has_a_row_and_what_waits_says_so(grants: Run) -> None:
    code, out, _ = grants("messages", GRANT, "--quarantined")
    assert code == 0
    assert "quarantined, waits" in out
    assert "released by p-grants: a scanner's; in its place assessed" in " ".join(out.split())


def test_the_history_shows_the_release_beside_what_stands_in_its_place(grants: Run) -> None:
    _, out, _ = grants("history", GRANT, "--json")
    (released,) = [each for each in json.loads(out) if each["type"] == "message.released"]
    assert released["detail"] == {"sha256": digest_of("submit", [JUNK]), "replaced_by": "assessed"}


def test_nothing_of_what_was_sent_is_told(grants: Run) -> None:
    for arguments in (("messages", GRANT), ("messages", GRANT, "--json")):
        assert SECRET not in grants(*arguments)[1]


def test_nothing_put_aside_is_in_the_record_and_nothing_refused_is_in_an_event(home: Home) -> None:
    with recorded(home) as record:
        rows = record.log.rows(STREAM)
    aside = [row for row in rows if row.type in ("message.quarantined", "command.refused")]
    assert len(aside) >= 4
    assert not [row for row in aside if SECRET in row.body + row.envelope]
    kept = (home.path / "vault.db").read_bytes()
    assert JUNK in kept


def test_a_grant_that_is_none_is_not_found(grants: Run) -> None:
    assert grants("messages", "nowhere")[0] == 4


def test_an_organisation_has_its_messages_too(grants: Run) -> None:
    code, out, _ = grants("messages", "organisation/mopac", "--json")
    assert code == 0
    assert [each["name"] for each in json.loads(out)] == ["AdoptOrganisation"]
