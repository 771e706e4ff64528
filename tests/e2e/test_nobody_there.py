"""A worker or a server that is away: what was sent is kept and decided later, once; whoever asks is told how things stand."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.session import acting
from domain.model import Command
from tests.e2e.disturbed import Place, place
from tests.workflows.stand_in import until

GRANT = "waiting"


@pytest.fixture(scope="module")
async def there(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with place(temporal_program, tmp_path_factory.mktemp("nobody-there")) as found:
        await found.open(GRANT)
        yield found


@pytest.fixture
async def no_worker(there: Place) -> Place:
    if "worker" in there.children:
        await there.kill("worker")
    return there


def assessed(command: str, outcome: str) -> dict[str, Any]:
    return {"v": 1, "id": command, "grant": GRANT, "type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": outcome}}


def full(command: str, outcome: str) -> Command:
    return Command.model_validate(assessed(command, outcome) | {"on_behalf_of": None, "at": None, "content": None, "sealed": None})


def counted(there: Place, grant: str = GRANT) -> Counter[tuple[str, str]]:
    return Counter((each["command_id"], each["type"]) for each in there.read("history", grant))


async def test_a_command_sent_while_no_worker_lives_is_decided_when_one_does(no_worker: Place) -> None:
    sent = await no_worker.grants("do", GRANT, "-", "--no-wait", given=assessed("fire-and-forget", "one"))
    assert (sent["command_id"], sent["outcome"]) == ("fire-and-forget", None)
    waited = await no_worker.grants("do", GRANT, "-", given=assessed("waited-for", "two"), code=75)
    assert (waited["command_id"], waited["outcome"], waited["said"]) == ("waited-for", None, "received, not yet decided")
    assert ("waited-for", "assessment.recorded") not in counted(no_worker)
    await no_worker.start_worker(waits=True)
    for command in ("fire-and-forget", "waited-for"):
        await settled(no_worker, command)
        assert no_worker.read("outcome", command)["outcome"] == "accepted"
    again = await no_worker.grants("do", GRANT, "-", given=assessed("waited-for", "two"))
    assert (again["outcome"], again["repeated"]) == ("accepted", True)
    assert counted(no_worker)["waited-for", "assessment.recorded"] == 1


@pytest.mark.parametrize("arguments", [("do", GRANT, "-"), ("approve", "today", "more-money", "--as", "p-deputy-mayor", "--yes")])
async def test_whoever_is_interrupted_after_it_was_sent_is_told_its_id_and_it_is_decided_all_the_same(no_worker: Place, arguments: tuple[str, ...]) -> None:
    if arguments[0] == "approve":
        await no_worker.start_worker(waits=True)
        await no_worker.grants("play", "cases/today.yaml")
        await no_worker.kill("worker")
    before = await signals(no_worker, arguments[1])
    command = (sys.executable, "-m", "app.cli.main", *arguments)
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=no_worker.told)
    assert child.stdin is not None
    child.stdin.write(json.dumps(assessed("broken-off", "six")).encode())
    child.stdin.close()
    while await signals(no_worker, arguments[1]) == before:
        assert child.returncode is None
        await asyncio.sleep(0.05)
    child.send_signal(signal.SIGINT)
    said, complained = (each.decode() for each in await child.communicate())
    assert (child.returncode, said, "Traceback" in complained) == (130, "", False)
    (sent,) = re.findall(r"`grants outcome (\S+)` tells what comes of it", complained)
    assert complained.startswith(f"{sent}: interrupted")
    await no_worker.start_worker(waits=True)
    await settled(no_worker, sent, arguments[1])
    assert no_worker.read("outcome", sent)["outcome"] == "accepted"


async def test_one_signal_sent_three_times_and_its_id_used_for_another_have_one_effect_each(no_worker: Place) -> None:
    async with acting(no_worker.home, no_worker.client) as session:
        message = session.gateway.signer.message
        sent = [message(full("thrice", "three"))] * 3 + [message(full("thrice", "other words"))] * 2 + [message(full("thrice", "three"))]
        for each in sent:
            await session.gateway.send(f"grant/{GRANT}", "RecordAssessment", each)
    await no_worker.start_worker(waits=True)
    await settled(no_worker, "thrice")
    again = await no_worker.grants("do", GRANT, "-", given=assessed("thrice", "three"))
    assert (again["outcome"], again["repeated"]) == ("accepted", True)
    other = await no_worker.grants("do", GRANT, "-", given=assessed("thrice", "other words"), code=5)
    assert (other["outcome"], other["repeated"], other["refusal"]["code"]) == ("refused", True, "command.reused")
    assert sorted((command.split("#")[0], kind, count) for (command, kind), count in counted(no_worker).items() if command.startswith("thrice")) == [
        ("thrice", "assessment.recorded", 1),
        ("thrice", "command.refused", 1),
    ]


async def test_what_was_sent_before_the_server_died_is_decided_when_it_is_back(no_worker: Place) -> None:
    await no_worker.grants("do", GRANT, "-", "--no-wait", given=assessed("kept", "four"))
    await no_worker.kill("server")
    await no_worker.start_server()
    await no_worker.start_worker(waits=True)
    await settled(no_worker, "kept")
    assert counted(no_worker)["kept", "assessment.recorded"] == 1


async def test_without_a_server_acting_ends_with_69_and_reading_goes_on(there: Place) -> None:
    await there.kill("server")
    assert await there.grants("do", GRANT, "-", given=assessed("nowhere", "five"), code=69) is None
    assert await there.grants("ops", "rebuild", "--all", code=69) is None
    assert await there.grants("audit", "replay", code=69) is None
    assert there.read("show", GRANT)["grant"] == GRANT
    assert there.read("audit", "verify")["ok"]
    await there.start_server()
    sent = await there.grants("do", GRANT, "-", given=assessed("nowhere", "five"))
    assert sent["outcome"] == "accepted"


async def signals(there: Place, grant: str) -> int:
    """How many signals the workflow of a grant has been sent."""
    history = await there.client.get_workflow_handle(f"grant/{grant}").fetch_history()
    return sum(each.HasField("workflow_execution_signaled_event_attributes") for each in history.events)


async def settled(there: Place, command: str, grant: str = GRANT) -> None:
    """Wait until something is recorded under an id."""
    await until(lambda: any(name == command for name, _ in counted(there, grant)), f"nothing came of {command}", 30)
