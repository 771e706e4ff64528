"""The inbox that loses nothing, on a real server with a real record: floods, pauses, new runs, older builds, releases, limits."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest

from activities.contracts import digest_of
from app.adoption import adopt_first
from app.play import case_at, play
from app.reader import reading
from app.servers import TUNED
from app.session import acting
from domain.model import Command
from tests.e2e.disturbed import GRANT, LIFE, Place, place
from tests.e2e.installation import ROOT
from tests.e2e.searching import holds
from tests.e2e.test_other_code import another, restarted
from tests.soak.soak import OF_KILLED_WORKERS, OF_THE_SERVER
from tests.workflows.stand_in import eventually, until

SMALL = "put-upon"
SECRETS = ("words-of-the-unreadable", "words-of-the-misnamed", "words-of-the-refused", "words-of-the-failing")
FLOOD = 2000
ABREAST = 64
DEAD = "0" * 64


@pytest.fixture(scope="module")
async def there(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    tuned = {**TUNED, "frontend.WorkflowPauseEnabled": "true"}
    async with place(temporal_program, tmp_path_factory.mktemp("inbox"), tuned) as found:
        await found.open(SMALL)
        yield found


@pytest.fixture
async def served(there: Place) -> Place:
    """The place, with a worker of this code."""
    if "worker" not in there.children:
        await there.start_worker(waits=True)
    return there


def assessed(command: str, outcome: str = "done", grant: str = SMALL, **more: object) -> Command:
    told = {"v": 1, "id": command, "grant": grant, "type": "RecordAssessment", "actor": "p-grants", "on_behalf_of": None, "at": None}
    return Command.model_validate(told | {"content": None, "body": {"form": "dpia", "outcome": outcome}, "sealed": None} | more)


async def signal(there: Place, *payloads: bytes, name: str = "submit", grant: str = SMALL) -> str:
    """Send a signal as a stranger does; the digest of its name and bytes."""
    asked = SignalWorkflowExecutionRequest(
        namespace=there.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=f"grant/{grant}"),
        signal_name=name,
        input=Payloads(payloads=[Payload(metadata={"encoding": b"json/plain"}, data=each) for each in payloads]),
        request_id=str(uuid4()),
        identity="a stranger",
    )
    await there.client.workflow_service.signal_workflow_execution(asked)
    return digest_of(name, payloads)


async def signed(there: Place, command: Command) -> bytes:
    async with acting(there.home, there.client) as session:
        return session.gateway.signer.message(command)


def events_of(there: Place, command: str, grant: str = SMALL) -> list[dict[str, Any]]:
    return [each for each in there.read("history", grant) if each["command_id"] == command]


async def settled(there: Place, command: str, grant: str = SMALL) -> list[dict[str, Any]]:
    await until(lambda: bool(events_of(there, command, grant)), f"nothing came of {command}", 60)
    return events_of(there, command, grant)


def attention(there: Place, grant: str = SMALL) -> list[str]:
    return next(list(each["attention"]) for each in there.read("list") if each["grant"] == grant)


async def accounted(there: Place, grant: str = SMALL) -> dict[str, Any]:
    """Every signal to the grant has its one outcome, and nothing failed but what the server or a dead worker may."""
    found: dict[str, Any] = await there.grants("audit", "messages", grant)
    assert found["ok"]
    assert set(found["task_failures"]) <= OF_THE_SERVER | OF_KILLED_WORKERS
    return found


# Release ------------------------------------------------------------------------------------------------------------------


async def test_a_repaired_command_names_the_message_that_it_replaces_and_the_release_names_the_command(served: Place, tmp_path: Path) -> None:
    digest = await signal(served, b'{"command": {"type": "RecordAssess')
    await settled(served, digest)
    assert attention(served) == ["quarantined"]
    assert await served.grants("release", SMALL, digest[:12], code=2) is None
    repaired = tmp_path / "repaired.json"
    repaired.write_text(json.dumps({"type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": "as it was meant"}}))
    told = await served.grants("release", SMALL, digest[:12], "--with", str(repaired), "--as", "p-grants", "--reason", "cut off on its way")
    instead, release = told
    assert instead["command_id"].endswith(f"/replaces/{digest}")
    assert [each["events"][-1]["type"] for each in told] == ["assessment.recorded", "message.released"]
    (event,) = events_of(served, release["command_id"])
    assert event["detail"] == {"sha256": digest, "replaced_by": instead["command_id"]}
    assert attention(served) == []
    (listed,) = [each for each in served.read("messages", SMALL, "--quarantined") if each["sha256"] == digest]
    assert (listed["outcome"], listed["released"]["by"], listed["released"]["replaced_by"]) == ("released", "p-grants", instead["command_id"])


async def test_a_message_is_not_released_for_a_repaired_command_that_is_refused(served: Place, tmp_path: Path) -> None:
    digest = await signal(served, b"not a message at all")
    await settled(served, digest)
    repaired = tmp_path / "refused.json"
    repaired.write_text(json.dumps({"type": "CloseGrant", "actor": "p-grants", "body": {}}))
    told = await served.grants("release", SMALL, digest, "--with", str(repaired), "--as", "p-grants", "--reason", "r", code=5)
    assert told["outcome"] == "refused"
    assert attention(served) == ["quarantined"]
    assert await served.grants("release", SMALL, digest, "--replaced-by", told["command_id"], "--as", "p-grants", "--reason", "r", code=2) is None
    await served.grants("release", SMALL, digest, "--as", "p-mps-finance", "--reason", "not mine to say", code=5)
    assert attention(served) == ["quarantined"]
    done = await served.grants("release", SMALL, digest, "--as", "p-grants", "--reason", "a scanner's")
    assert (done["outcome"], attention(served)) == ("accepted", [])


async def test_a_release_that_does_not_say_whose_and_why_or_of_what_is_told_so(served: Place) -> None:
    digest = await signal(served, b"another one")
    await settled(served, digest)
    assert await served.grants("release", SMALL, digest, "--as", "p-grants", code=2) is None
    assert await served.grants("release", SMALL, DEAD, "--as", "p-grants", "--reason", "r", code=4) is None
    await served.grants("release", SMALL, digest, "--as", "p-grants", "--reason", "a scanner's")


async def test_a_worker_of_an_older_build_puts_an_unknown_command_aside_and_a_newer_one_decides_its_kept_bytes(served: Place, tmp_path: Path) -> None:
    known = 'class RecordAssessment(CommandBody, kind="fact"):'
    message = await signed(served, assessed("from-a-newer-gateway"))
    with another(served, tmp_path, "domain/assessments.py", known, "class RecordAssessment(CommandBody):"):
        await restarted(served)
        digest = await signal(served, message, name="RecordAssessment")
        (aside,) = await settled(served, digest)
        assert aside["detail"]["reason"] == "message.name"
    await restarted(served)
    assert attention(served) == ["quarantined"]
    told = await served.grants("release", SMALL, digest)
    assert (told["command_id"], told["outcome"]) == ("from-a-newer-gateway", "accepted")
    assert attention(served) == []
    assert [each["type"] for each in served.read("history", SMALL)].count("message.quarantined") == len(served.read("messages", SMALL, "--quarantined"))
    found = await accounted(served)
    assert found["outcomes"]["accepted"] >= 2


async def test_what_an_organisation_put_aside_is_sent_again_to_the_organisation(served: Place) -> None:
    told = {"v": 1, "id": "revoke-nothing", "grant": (organisation := "organisation/mopac"), "type": "RevokeKey", "actor": "p-grants", "on_behalf_of": None}
    message = await signed(served, Command.model_validate(told | {"at": None, "content": None, "body": {"key": "k", "reason": "r"}, "sealed": None}))
    async with acting(served.home, served.client) as session:
        await session.gateway.send(organisation, "AddKey", message)
    await until(lambda: bool(served.read("messages", organisation, "--quarantined")), "nothing was put aside", 60)
    (aside,) = served.read("messages", organisation, "--quarantined")
    again = await served.grants("release", organisation, aside["sha256"], code=5)
    assert (again["grant"], again["outcome"], again["repeated"]) == (organisation, "quarantined", True)
    with reading(served.home) as reader:
        assert f"grant/{organisation}" not in reader.log.streams()
    assert (await served.grants("audit", "messages"))["unaccounted"] == []


# Nowhere ------------------------------------------------------------------------------------------------------------------


async def test_nothing_that_was_put_aside_is_in_the_record_the_logs_or_what_temporal_shows(served: Place, tmp_path: Path) -> None:
    unreadable, misnamed, refused, failing = SECRETS
    digests = [await signal(served, unreadable.encode())]
    digests.append(await signal(served, await signed(served, assessed("misnamed", misnamed)), name="CloseGrant"))
    await signal(served, await signed(served, assessed("refused", body={"form": "dpia", "outcome": "done", refused: refused})))
    with another(
        served, tmp_path, "domain/assurance.py", "            return assessments.record(body, state.assessments)", "            raise RuntimeError(body)"
    ):
        await restarted(served)
        await signal(served, await signed(served, assessed("failing", failing)))
        (aside,) = await settled(served, "failing")
        assert aside["detail"]["reason"] == "internal"
    for command in (*digests, "refused"):
        await settled(served, command)
    described = await served.client.get_workflow_handle(f"grant/{SMALL}").describe()
    shown = f"{described.raw_description} {described.typed_search_attributes} {await described.memo()}".encode()
    (refusal,) = events_of(served, "refused")
    assert refusal["type"] == "command.refused"
    found = {secret: [name for name, content in written(served).items() if holds(content, secret)] for secret in SECRETS if secret != refused}
    assert found == {secret: ["vault.db"] for secret in SECRETS if secret != refused}
    assert [table for table, content in tables(served).items() if holds(content, refused)] == ["command"]
    assert not [secret for secret in SECRETS if holds(shown, secret)]
    await restarted(served)
    assert (await served.grants("release", SMALL, aside["detail"]["sha256"]))["outcome"] == "accepted"
    for digest in digests:
        await served.grants("release", SMALL, digest, "--as", "p-grants", "--reason", "looked at")
    assert attention(served) == []


def written(there: Place) -> dict[str, bytes]:
    """What the installation wrote, by file; Temporal's own history holds every signal, and is left out."""
    files = (path for path in sorted(there.home.path.rglob("*")) if path.is_file() and not path.name.startswith("temporal.db"))
    found: dict[str, bytes] = {}
    for path in files:
        name = path.name.removesuffix("-wal").removesuffix("-shm")
        found[name] = found.get(name, b"") + path.read_bytes()
    return found


def tables(there: Place) -> dict[str, bytes]:
    """Every table of the record, whole."""
    with sqlite3.connect(there.home.path / "record.db") as record:
        names = [name for (name,) in record.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {name: repr(record.execute(f"SELECT * FROM {name}").fetchall()).encode() for name in names}  # noqa: S608  (its own names)
    record.close()
    return found


# Paused, and nobody there ---------------------------------------------------------------------------------------------------


async def test_what_is_sent_to_a_paused_workflow_is_decided_once_when_it_goes_on(served: Place) -> None:
    await served.temporal("workflow", "pause", "--workflow-id", f"grant/{SMALL}", "--reason", "a look")
    command = {"type": "RecordAssessment", "actor": "p-grants", "id": "while-paused", "body": {"form": "dpia", "outcome": "paused"}}
    waiting = await served.grants("do", SMALL, "-", given=command, code=75)
    assert (waiting["outcome"], waiting["said"]) == (None, "received, not yet decided")
    again = await served.grants("do", SMALL, "-", "--no-wait", given=command)
    assert again["outcome"] is None
    assert events_of(served, "while-paused") == []
    await served.temporal("workflow", "unpause", "--workflow-id", f"grant/{SMALL}", "--reason", "seen")
    assert [each["type"] for each in await settled(served, "while-paused")] == ["assessment.recorded"]
    told = await served.grants("do", SMALL, "-", given=command)
    assert (told["outcome"], told["repeated"]) == ("accepted", True)
    found = await accounted(served)
    assert found["outcomes"]["repeated"] >= 2


async def test_a_signal_that_nobody_has_decided_is_named_until_somebody_does(served: Place) -> None:
    await served.kill("worker")
    message = await signed(served, assessed("waits-for-a-worker"))
    digest = await signal(served, message)
    junk = await signal(served, b"waits too")
    found = await served.grants("audit", "messages", SMALL, code=3)
    assert [(each["sha256"], each["command"], each["name"]) for each in found["unaccounted"]] == [
        (digest, "waits-for-a-worker", "submit"),
        (junk, None, "submit"),
    ]
    assert not found["ok"]
    await served.start_worker(waits=True)
    await settled(served, "waits-for-a-worker")
    await settled(served, junk)
    await accounted(served)
    await served.grants("release", SMALL, junk, "--as", "p-grants", "--reason", "a scanner's")


# How much ---------------------------------------------------------------------------------------------------------------


async def test_whoever_sends_too_much_is_told_when_to_try_again_and_nothing_of_it_is_recorded(served: Place) -> None:
    served.mail |= {"GRANTS_RATE_LIMIT": "2", "GRANTS_RATE_BURST": "2"}
    try:
        command = {"type": "RecordAssessment", "actor": "p-legal", "body": {"form": "dpia", "outcome": "quickly"}}
        for number in range(2):
            assert (await served.grants("do", SMALL, "-", given={**command, "id": f"quick-{number}"}))["outcome"] in ("accepted", "noted")
        before = served.read("history", SMALL)
        slowed = await served.grants("do", SMALL, "-", given={**command, "id": "too-quick"}, code=75)
        assert (slowed["outcome"], slowed["said"]) == (None, "not sent")
        assert 0 < slowed["try_again_seconds"] <= 30
        assert slowed["try_again_at"].endswith("Z")
        for verb in (
            ("break-glass", "ask", SMALL, "--reason", "To see", "--hours", "1"),
            ("keys", "revoke", "key-1", "mopac", "--reason", "lost"),
        ):
            assert (await served.grants(*verb, "--as", "p-legal", code=75))["said"] == "not sent", verb
        other = await served.grants("do", SMALL, "-", given={**command, "actor": "p-finance", "id": "another-sender"})
        assert other["outcome"] == "accepted"
        assert [each["command_id"] for each in served.read("history", SMALL)][len(before) :] == ["another-sender"]
    finally:
        del served.mail["GRANTS_RATE_LIMIT"], served.mail["GRANTS_RATE_BURST"]


async def test_a_flood_of_two_thousand_signals_to_one_grant_is_accounted_for_one_by_one(served: Place) -> None:
    grant = "flooded"
    await served.open(grant)
    good = await signed(served, assessed("among-them", "a good one", grant))
    turns = asyncio.Semaphore(ABREAST)

    async def one(number: int) -> str:
        async with turns:
            return await signal(served, good if number == FLOOD // 2 else b"flood %d" % number, grant=grant)

    digests = await asyncio.gather(*(one(number) for number in range(FLOOD)))
    with reading(served.home) as reader:
        await until(lambda: reader.log.head(f"grant/{grant}").version == FLOOD + 2, "the flood is not decided", 240)
    assert len(served.read("messages", grant)) == FLOOD + 1
    assert [each["type"] for each in events_of(served, "among-them", grant)] == ["assessment.recorded"]
    counted = Counter(each["command_id"] for each in served.read("history", grant))
    assert {counted[each] for number, each in enumerate(digests) if number != FLOOD // 2} == {1}
    found = await accounted(served, grant)
    assert (found["signals"], found["outcomes"]) == (FLOOD + 1, {"accepted": 2, "quarantined": FLOOD - 1})


def test_after_all_of_this_the_record_is_whole(there: Place) -> None:
    assert there.read("audit", "verify")["ok"]
    assert there.code == ROOT


# A new run ----------------------------------------------------------------------------------------------------------------


async def test_an_approval_goes_on_where_it_was_when_the_workflow_continues_as_new_in_its_middle(temporal_program: Path, tmp_path: Path) -> None:
    short = {**TUNED, "limit.historyCount.suggestContinueAsNew": "20"}
    async with place(temporal_program, tmp_path, short) as there:
        runs: list[str] = []
        workflow = there.client.get_workflow_handle(f"grant/{GRANT}")
        async for step in steps(there):
            runs += [(await workflow.describe()).run_id] if runs or step == "submit" else []
            if step == "decide":
                break
        assert len(runs) > 3
        assert len(set(runs)) > 1, "no new run began while the paper was on its way"
        types = [each["type"] for each in there.read("history", GRANT)]
        assert types.count("paper.submitted") == types.count("paper.decided") == 1

        async def listed() -> bool:
            found = await there.grants("audit", "messages", GRANT)
            return bool(found["ok"] and found["runs"] > 1 and not found["expired"])

        await eventually(listed, 30)
        found = await accounted(there, GRANT)
        assert found["signals"] == found["outcomes"]["accepted"] + found["outcomes"].get("refused", 0) + found["outcomes"].get("repeated", 0)
        replayed = await there.grants("audit", "replay", GRANT)
        assert (replayed["ok"], replayed["unreplayed"]) == (True, [])


async def steps(there: Place) -> AsyncIterator[str]:
    """The real life, step by step: the name of each once it is decided."""
    async with acting(there.home, there.client) as session:
        await adopt_first(session.gateway, there.home, "mopac")
        async for played in play(case_at(LIFE, session.reader), session.gateway, session.reader):
            yield played.step.step
