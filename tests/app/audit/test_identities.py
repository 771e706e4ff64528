"""Signer, actor, events and sender of each command compared: what agrees, and each way in which they can differ."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.history.v1 import HistoryEvent

from activities.contracts import Message, digest_of
from app.audit.identities import Sender, identities, sender_of
from app.connection import identity_of
from app.home import Home
from app.reader import reading
from app.signing import local_signer
from domain import evidence
from domain.model import Command
from store import queries
from store.database import open_database
from tests.app.homes import lived, recorded
from tests.lives import case_of

STREAMS = ("organisation/mopac", "grant/today")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return lived(tmp_path_factory.mktemp("identities"), case_of("today"))


@pytest.fixture
def altered(kept: Home, tmp_path: Path) -> Home:
    """A copy of the record that nothing guards."""
    copy = Home(tmp_path)
    for name in ("record.db", "vault.db"):
        (tmp_path / name).write_bytes((kept.path / name).read_bytes())
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "gateway.pem").write_bytes((kept.path / "keys" / "gateway.pem").read_bytes())
    return copy


def compared(home: Home, senders: dict[str, tuple[Sender, ...]] | None = None) -> tuple[bool, list[dict[str, Any]], str]:
    with reading(home) as reader:
        report = identities(reader, STREAMS, senders)
    return report.ok, list(report.tables[1].rows), report.about["temporal"]


def digests(home: Home) -> dict[str, str]:
    """The digest of each command by its id."""
    with reading(home) as reader:
        return {each.id: each.digest for stream in STREAMS for each in queries.whole_stream(reader.log.engine, stream).commands}


def test_in_a_record_that_nobody_touched_every_identity_agrees(kept: Home) -> None:
    assert compared(kept) == (True, [], "no server was there: not compared")
    with reading(kept) as reader:
        rows = identities(reader, STREAMS, None).tables[0].rows
    assert {each["trusted_by"] for each in rows} == {"mopac"}
    assert {each["key"] for each in rows} == {local_signer(kept.keys).key}


def test_an_identity_that_claims_our_gateway_is_compared_with_the_key_and_any_other_is_only_shown(kept: Home) -> None:
    (name, digest), key = next(iter(digests(kept).items())), local_signer(kept.keys).key
    by_hand, ours, another = (Sender(None, each) for each in ("temporal-cli:ann@desk", identity_of([key]), identity_of(["key-of-another"])))
    assert compared(kept, {digest: (by_hand,)})[:2] == (True, [])
    assert compared(kept, {digest: (ours,)})[:2] == (True, [])
    ok, different, said = compared(kept, {digest: (another,)})
    assert (ok, [each["command"] for each in different]) == (False, [name])
    assert different[0]["differences"] == [f"the signal says that it comes from {another.identity}, the command was signed by {key}"]
    assert said.startswith("this server states no principal: identity read for 1 of ")


def test_a_principal_that_is_neither_the_actor_nor_the_gateway_is_a_difference(kept: Home) -> None:
    digest = digests(kept)["today/open"]
    for principal in ("p-grants", local_signer(kept.keys).key):
        assert compared(kept, {digest: (Sender(principal, "x"),)})[0]
    ok, different, said = compared(kept, {digest: (Sender("p-somebody", "x"),)})
    assert not ok
    assert different[0]["differences"] == ["the Temporal principal is p-somebody, the command's actor p-grants"]
    assert said.startswith("principal compared for 1 of ")


def alter(home: Home, statement: str, **values: object) -> None:
    """Change a row behind the record's back, as somebody with the file in hand would."""
    engine = open_database(home.record_url)
    with engine.begin() as connection:
        for (trigger,) in connection.execute(text("select name from sqlite_master where type = 'trigger'")).all():
            connection.execute(text(f'drop trigger "{trigger}"'))
        connection.execute(text(statement), values)
    engine.dispose()


def test_an_event_that_says_another_actor_than_the_signed_command_is_named(altered: Home) -> None:
    with reading(altered) as reader:
        row = next(each.row for each in reader.lines("grant/today") if each.past.command == "today/open")
    forged = row.envelope.replace('"actor":"p-grants"', '"actor":"p-legal"')
    assert forged != row.envelope
    alter(altered, "update event set envelope = :envelope where stream_id = 'grant/today' and version = :version", envelope=forged, version=row.version)
    ok, different, _ = compared(altered)
    assert (ok, [each["command"] for each in different]) == (False, ["today/open"])
    assert different[0]["differences"] == [f"event {row.version} says p-legal, the command p-grants"]


def test_a_command_of_an_unknown_key_and_a_foreign_signature_are_named(altered: Home) -> None:
    alter(altered, "update command set key_id = 'key-nobody' where command_id = 'today/open'")
    alter(altered, "update command set signature = 'AAAA' where command_id = 'today/draft'")
    found = {each["command"]: each["differences"] for each in compared(altered)[1]}
    assert found["today/open"] == ["signed by key-nobody, which the organisation did not trust"]
    assert found["today/draft"] == [f"the signature is not that of {local_signer(altered.keys).key}"]


def test_an_event_of_a_person_with_no_signed_command_behind_it_is_named(altered: Home) -> None:
    alter(altered, "delete from command where command_id = 'today/open'")
    ok, different, _ = compared(altered)
    assert not ok
    assert different[-1]["differences"] == ["event 1 is said to be of p-grants, but no signed command stands behind it"]


def test_a_key_that_had_gone_out_before_is_named_and_one_that_held_then_is_not(altered: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = local_signer(altered.keys), local_signer(tmp_path / "van")
    turn = command("RotateKey", "organisation/mopac", "p-chief-executive", {"old": old.key, "key": new.key, "public": new.public, "at": None})
    linked = command("LinkGrant", "today", "p-grants", {"reference": "D 1", "relation": "predecessor", "external": True})
    with recorded(altered) as record:
        record.commit("organisation/mopac", (Message(name=turn.type, payloads=(old.message(turn),)),), None)
        record.commit("grant/today", (Message(name=linked.type, payloads=(new.message(linked),)),), None)
    assert compared(altered)[:2] == (True, [])
    signature = json.loads(old.message(linked))["signature"]
    alter(altered, "update command set key_id = :key, signature = :signature where command_id = 'LinkGrant'", key=old.key, signature=signature)
    assert compared(altered)[0], "what was checked before the key went out may be committed within a minute"
    monkeypatch.setattr("app.audit.identities.COMMIT_TAKES", timedelta(0))
    assert [each["differences"] for each in compared(altered)[1]] == [[f"signed by {old.key}, which did not hold when it was committed"]]


def test_what_was_put_aside_and_sent_again_by_another_gateway_is_no_difference(altered: Home, tmp_path: Path) -> None:
    """A release sends a message as it was kept, whoever signed it."""
    ours, theirs = local_signer(altered.keys), local_signer(tmp_path / "van")
    added = command("AddKey", "organisation/mopac", "p-chief-executive", {"key": theirs.key, "public": theirs.public})
    linked = command("LinkGrant", "today", "p-grants", {"reference": "D 1", "relation": "predecessor", "external": True})
    message = Message(name=linked.type, payloads=(theirs.message(linked),))
    with recorded(altered) as record:
        record.commit("grant/today", (message,), None)
        record.commit("organisation/mopac", (Message(name=added.type, payloads=(ours.message(added),)),), None)
        record.commit("grant/today", (message,), None)
    digest, sha256 = digests(altered)["LinkGrant"], digest_of(message.name, message.payloads)
    first, again = (Sender(None, identity_of([each.key]), sha256) for each in (theirs, ours))
    assert compared(altered, {digest: (first, again)})[:2] == (True, [])
    assert not compared(altered, {digest: (first, replace(again, sha256="of-another-message"))})[0]


def command(kind: str, grant: str, actor: str, body: dict[str, Any]) -> Command:
    return Command(v=1, id=kind, grant=grant, type=kind, actor=actor, on_behalf_of=None, at=None, content=None, body=body, sealed=None)


def test_the_sender_of_a_signal_is_read_from_its_event(kept: Home) -> None:
    signed = local_signer(kept.keys).message(command("CloseGrant", "g", "p-grants", {}))
    event = HistoryEvent()
    event.workflow_execution_signaled_event_attributes.input.CopyFrom(Payloads(payloads=[Payload(data=signed)]))
    event.workflow_execution_signaled_event_attributes.identity = "temporal-cli:ann@desk"
    digest = evidence.digest(evidence.canonical(json.loads(signed)["command"]))
    sender = Sender(None, "temporal-cli:ann@desk", digest_of("", [signed]))
    assert sender_of(event) == (digest, sender)
    event.principal.name = "ann"
    assert sender_of(event) == (digest, replace(sender, principal="ann"))
    event.workflow_execution_signaled_event_attributes.input.payloads[0].data = b"no message"
    assert sender_of(event) is None
    assert sender_of(HistoryEvent()) is None
