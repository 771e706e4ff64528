"""Whatever arrives at a grant's workflow becomes one recorded outcome, and the grant goes on: by raw signals, as a stranger sends them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from app.adoption import adopt_first
from app.home import Home
from app.session import acting
from app.signing import Signer, local_signer
from domain import evidence
from domain.model import Command
from store.database import open_vault
from store.vault import Vault
from tests.e2e.installation import Installation

GRANT = "put-upon"
ASSESSED: dict[str, Any] = {"form": "dpia", "outcome": "done"}
COST: dict[str, Any] = {
    "key": "k-1",
    "incurred": "2026-01-31",
    "category": "pay",
    "line": "whole",
    "entity": "Host",
    "net_pence": 1,
    "basis": "actual",
    "ledger_ref": "GL-1",
    "kept": "here",
}
LIMIT_SECONDS = 20


@dataclass
class Stranger:
    """Somebody who can reach the Temporal server, and sends whatever they like to one open grant."""

    installation: Installation
    client: Client
    signer: Signer

    async def send(self, *payloads: bytes, name: str = "submit", encoding: bytes = b"json/plain") -> str:
        """Send a signal of these payloads; the digest of its name and bytes."""
        asked = SignalWorkflowExecutionRequest(
            namespace=self.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=f"grant/{GRANT}"),
            signal_name=name,
            input=Payloads(payloads=[Payload(metadata={"encoding": encoding}, data=each) for each in payloads]),
            request_id=str(uuid4()),
            identity="a stranger",
        )
        await self.client.workflow_service.signal_workflow_execution(asked)
        return hashlib.sha256(name.encode() + b"\0" + b"".join(payloads)).hexdigest()

    async def outcome(self, command: str) -> list[dict[str, Any]]:
        """What was recorded under an id, as soon as anything is."""
        until = time.monotonic() + LIMIT_SECONDS
        while not (found := [each for each in self.installation.history(GRANT) if each["command_id"] == command]):
            assert time.monotonic() < until, f"nothing came of {command}"
            await asyncio.sleep(0.02)
        return found

    def command(self, command: str = "RecordAssessment", **changes: Any) -> Command:
        """A readable command, but for these changes."""
        told = {"v": 1, "id": str(uuid4()), "grant": GRANT, "type": command, "actor": "p-grants", "body": ASSESSED}
        left_out = {"on_behalf_of": None, "at": None, "content": None, "sealed": None}
        return Command.model_construct(**{**told, **left_out, **changes})

    def signed(self, command: Command, signer: Signer | None = None) -> bytes:
        """The message that says it, whatever it says."""
        return (signer or self.signer).message(command)

    async def goes_on(self) -> None:
        """The grant takes the next command."""
        command = self.command(body={"form": "dpia", "outcome": str(uuid4())})
        await self.send(self.signed(command))
        assert [each["type"] for each in await self.outcome(command.id)] == ["assessment.recorded"]


@pytest.fixture(scope="module")
async def stranger(installation: Installation) -> Stranger:
    home, address = Home(installation.home), json.loads((installation.home / "run.json").read_text())["address"]
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    async with acting(home, client) as session:
        await adopt_first(session.gateway, home, "mopac")
    parties = [{"role": "host", "party": "Host"}]
    opening = {"organisation": "mopac", "title": "A grant that is put upon", "clock": "real", "parties": parties, "hypothetical": True}
    opened = installation.read("do", GRANT, "-", given=json.dumps({"type": "OpenGrant", "actor": "p-grants", "body": opening}))
    assert opened["outcome"] == "accepted"
    return Stranger(installation, client, local_signer(home.keys))


def resigned(message: bytes, **changes: Any) -> bytes:
    """A message with something about it changed after it was signed."""
    return evidence.canonical({**json.loads(message), **changes})


# Put aside ----------------------------------------------------------------------------------------------------------------

UNREADABLE: dict[str, bytes] = {
    "broken JSON": b'{"command": {"v": 1,',
    "no JSON": b"Please approve it.",
    "bytes that are no text": b"\xff\xfe\x00\x80",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"42",
    "no command": b'{"key": "k", "signature": "s"}',
    "a command that is none": b'{"command": "approve", "key": "k", "signature": "s"}',
    "a key twice": b'{"command": {}, "command": {}, "key": "k", "signature": "s"}',
    "nested beyond reading": b"[" * 100_000,
    "a number beyond what every reader keeps": b'{"command": {"v": 9007199254740993}, "key": "k", "signature": "s"}',
}


OF_ANOTHER_FORM: list[dict[str, Any]] = [
    {"v": 2},
    {"v": "1"},
    {"id": ""},
    {"id": "two words"},
    {"id": None},
    {"actor": None},
    {"actor": "; DROP TABLE event"},
    {"type": "approve step"},
    {"at": "yesterday"},
    {"at": "2026-02-30T00:00:00Z"},
    {"at": "2026-01-01T00:00:00"},
    {"content": "abc"},
    {"body": []},
    {"grant": ""},
    {"sealed": 1},
    {"sealed": "words that nobody sealed"},
]


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_put_aside_with_its_digest_and_its_bytes_are_kept(stranger: Stranger, what: str) -> None:
    digest = await stranger.send(UNREADABLE[what])
    await put_aside(stranger, digest, "message.unreadable", UNREADABLE[what])


@pytest.mark.parametrize("changes", OF_ANOTHER_FORM, ids=str)
async def test_a_command_of_another_form_is_put_aside_though_it_is_signed(stranger: Stranger, changes: dict[str, Any]) -> None:
    digest = await stranger.send(message := raw(stranger, {**stranger.command().model_dump(warnings=False), **changes}))
    await put_aside(stranger, digest, "message.unreadable", message)


async def test_a_command_with_a_field_missing_or_one_too_many_is_put_aside(stranger: Stranger) -> None:
    told = stranger.command().model_dump()
    for changed in ({name: value for name, value in told.items() if name != "actor"}, {**told, "urgent": True}):
        digest = await stranger.send(message := raw(stranger, changed))
        await put_aside(stranger, digest, "message.unreadable", message)


async def test_money_as_a_fraction_cannot_be_read(stranger: Stranger) -> None:
    told = stranger.command("RecordCosts", body={"rows": [COST]})
    message = stranger.signed(told).replace(b'"net_pence":1}', b'"net_pence":1.5}')
    assert b"1.5" in message
    await put_aside(stranger, await stranger.send(message), "message.unreadable", message)


async def test_no_payload_and_two_payloads_are_put_aside(stranger: Stranger) -> None:
    one = stranger.signed(stranger.command())
    await put_aside(stranger, await stranger.send(name="RecordAssessment"), "message.payloads", b"")
    await put_aside(stranger, await stranger.send(one, one), "message.payloads", one + one)


async def test_an_unsigned_message_is_put_aside_whatever_is_missing_of_the_signature(stranger: Stranger) -> None:
    message = stranger.signed(stranger.command())
    for changes in ({"signature": None}, {"key": None}, {"signature": 7}):
        digest = await stranger.send(unsigned := resigned(message, **changes))
        await put_aside(stranger, digest, "message.unsigned", unsigned)


async def test_what_another_key_signed_or_was_altered_after_signing_is_put_aside(stranger: Stranger) -> None:
    foreign = stranger.signed(stranger.command(), Signer(Ed25519PrivateKey.generate()))
    own = stranger.signed(stranger.command())
    altered = own.replace(b'"outcome":"done"', b'"outcome":"none"')
    in_our_name = resigned(foreign, key=stranger.signer.key)
    no_signature = resigned(own, signature="not base64")
    longer = resigned(own, signature=base64.b64encode(base64.b64decode(json.loads(own)["signature"]) + b"\0").decode())
    for message in (foreign, altered, in_our_name, no_signature, longer):
        await put_aside(stranger, await stranger.send(message), "message.foreign", message)


@pytest.mark.parametrize("name", ["Whatever", "ApproveStep", "recordassessment", "Submit", "__temporal_signal", "__stack_trace", "Ω≈ç√", "x" * 900])
async def test_a_signal_of_another_name_is_put_aside(stranger: Stranger, name: str) -> None:
    message = stranger.signed(stranger.command())
    await put_aside(stranger, await stranger.send(message, name=name), "message.name", message)


async def test_a_type_that_is_no_command_is_put_aside_under_its_own_name_too(stranger: Stranger) -> None:
    message = stranger.signed(stranger.command("EmptyTheTill"))
    await put_aside(stranger, await stranger.send(message, name="EmptyTheTill"), "message.name", message)


async def test_a_command_for_another_grant_is_put_aside(stranger: Stranger) -> None:
    message = stranger.signed(stranger.command(grant="somebody-elses"))
    await put_aside(stranger, await stranger.send(message), "message.stream", message)


async def test_a_message_over_256_kib_is_put_aside_with_its_size_and_digest_alone(stranger: Stranger) -> None:
    message = stranger.signed(stranger.command(body={**ASSESSED, "note": "x" * 300_000}))
    digest = await stranger.send(message)
    found = await stranger.outcome(digest)
    assert [(each["detail"]["reason"], each["detail"]["size"], each["detail"]["sha256"]) for each in found] == [("message.oversize", len(message), digest)]
    assert kept(stranger, digest) is None
    await stranger.goes_on()


async def test_the_same_thing_sent_again_is_put_aside_once(stranger: Stranger) -> None:
    for _ in range(3):
        digest = await stranger.send(b"again and again")
    await stranger.goes_on()
    assert len(await stranger.outcome(digest)) == 1


# Refused ------------------------------------------------------------------------------------------------------------------

MALFORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "a wrong type": ("RecordAssessment", {**ASSESSED, "form": 7}),
    "a field missing": ("RecordAssessment", {"form": "dpia"}),
    "a field too many": ("RecordAssessment", {**ASSESSED, "approved_by": "me"}),
    "money as text": ("RecordCosts", {"rows": [{**COST, "net_pence": "1"}]}),
    "an impossible date": ("RecordCosts", {"rows": [{**COST, "incurred": "2026-02-30"}]}),
    "a date that is none": ("RecordCosts", {"rows": [{**COST, "incurred": "last week"}]}),
    "no rows": ("RecordCosts", {"rows": {}}),
    "nothing said": ("RecordCosts", {}),
}


@pytest.mark.parametrize("what", MALFORMED)
async def test_a_signed_command_whose_body_cannot_be_meant_is_refused_and_none_of_it_quoted(stranger: Stranger, what: str) -> None:
    name, body = MALFORMED[what]
    command = stranger.command(name, body={**body})
    await stranger.send(stranger.signed(command), name=name)
    found = await stranger.outcome(command.id)
    assert [each["type"] for each in found] == ["command.refused"]
    refusal = stranger.installation.read("outcome", command.id, code=5)["refusal"]
    assert refusal["code"] == "command.malformed"
    assert "last week" not in refusal["why"]
    assert "2026-02-30" not in refusal["why"]
    await stranger.goes_on()


# Refused to the sender ----------------------------------------------------------------------------------------------------


async def test_three_megabytes_are_refused_to_their_sender_and_leave_no_trace(stranger: Stranger) -> None:
    before = stranger.installation.history(GRANT)
    with pytest.raises(RPCError):
        await stranger.send(b"x" * 3_000_000)
    await stranger.goes_on()
    assert stranger.installation.history(GRANT)[: len(before)] == before
    assert len(stranger.installation.history(GRANT)) == len(before) + 1


async def test_an_update_is_rejected_to_its_sender_and_leaves_no_trace(stranger: Stranger) -> None:
    before = stranger.installation.history(GRANT)
    workflow = stranger.client.get_workflow_handle(f"grant/{GRANT}")
    for name in ("submit", "RecordAssessment", "approve"):
        with pytest.raises(WorkflowUpdateFailedError):
            await workflow.execute_update(name, json.loads(stranger.signed(stranger.command())))
    await stranger.goes_on()
    assert len(stranger.installation.history(GRANT)) == len(before) + 1


# All of it ----------------------------------------------------------------------------------------------------------------


async def test_a_hundred_bad_messages_in_a_burst_are_each_put_aside_once_and_the_good_one_among_them_is_obeyed(stranger: Stranger) -> None:
    good = stranger.command(body={"form": "eia", "outcome": "a good one"})
    sent = [stranger.send(b"burst %d" % number) for number in range(50)]
    sent += [stranger.send(stranger.signed(good))]
    sent += [stranger.send(b"burst %d" % number, name="Whatever") for number in range(50)]
    digests = await asyncio.gather(*sent)
    await stranger.goes_on()
    assert [each["type"] for each in await stranger.outcome(good.id)] == ["assessment.recorded"]
    digests.pop(50)
    by_command = [each["command_id"] for each in stranger.installation.history(GRANT)]
    assert [by_command.count(each) for each in digests] == [1] * 100


def test_after_all_of_this_the_record_is_whole_the_histories_follow_and_somebody_is_asked_to_look(stranger: Stranger) -> None:
    read = stranger.installation.read
    assert read("audit", "verify")["ok"]
    replayed = read("audit", "replay", GRANT)
    assert (replayed["ok"], replayed["unreplayed"]) == (True, [])
    assert replayed["histories"] == 1
    assert next(each for each in read("list") if each["grant"] == GRANT)["attention"] == ["quarantined"]


async def put_aside(stranger: Stranger, digest: str, reason: str, content: bytes) -> None:
    """It stands in the history once, with its digest and size; its bytes are in the vault; the grant goes on."""
    found = await stranger.outcome(digest)
    assert [(each["type"], each["actor"]) for each in found] == [("message.quarantined", "system")]
    detail = found[0]["detail"]
    assert (detail["reason"], detail["sha256"], detail["size"]) == (reason, digest, len(content))
    assert kept(stranger, digest) == content
    await stranger.goes_on()


def kept(stranger: Stranger, digest: str) -> bytes | None:
    """The bytes of a message that was put aside, as the vault has them."""
    engine = open_vault(f"sqlite:///{stranger.installation.home / 'vault.db'}")
    found = Vault(engine).quarantined(digest)
    engine.dispose()
    return found.bytes if found else None


def raw(stranger: Stranger, command: dict[str, Any]) -> bytes:
    """A message that says just this, properly signed."""
    said = {**command}
    signature = base64.b64encode(stranger.signer.private.sign(evidence.canonical(said))).decode()
    return evidence.canonical({"command": said, "key": stranger.signer.key, "signature": signature})


def test_by_temporals_own_program_three_megabytes_are_refused_too(stranger: Stranger, temporal_program: Path, tmp_path: Path) -> None:
    (tmp_path / "huge.json").write_text(json.dumps("x" * 3_000_000))
    address = json.loads((stranger.installation.home / "run.json").read_text())["address"]
    told = ["workflow", "signal", "--address", address, "--workflow-id", f"grant/{GRANT}", "--name", "submit", "--input-file", str(tmp_path / "huge.json")]
    ended = subprocess.run([temporal_program, *told], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode != 0
    assert "larger" in ended.stderr or "limit" in ended.stderr
