"""Another build over the same record: it names what it would decide otherwise, follows the histories, and may fail on a message."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from app.reader import reading
from tests.e2e.disturbed import GRANT, Place, place
from tests.e2e.installation import ROOT

HALF = 16
"""Steps after which the life is left for a while: the returns of two quarters were refused, ratified, and submitted."""

PARTS = ("domain", "workflows", "activities", "store", "app", "organisations", "cases", "worker.py")
SMALL = "small"
ASSESSED: dict[str, Any] = {"type": "RecordAssessment", "actor": "p-grants", "id": "assessed", "body": {"form": "dpia", "outcome": "done"}}
EXIT: dict[str, Any] = {"type": "StateExitStrategy", "actor": "p-grants", "body": {"covers": "All", "trigger": "No money", "plan": "None"}}


@pytest.fixture(scope="module")
async def there(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The real life in its middle, a small grant beside it, and both workflows running."""
    async with place(temporal_program, tmp_path_factory.mktemp("other-code")) as found:
        await found.play_on(lambda: found.played < HALF)
        await found.open(SMALL)
        yield found


@contextmanager
def another(there: Place, folder: Path, file: str, text: str, instead: str) -> Iterator[None]:
    """The code, in a copy with one change; every program that is started within is of that copy."""
    for part in PARTS:
        copied = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copied(ROOT / part, folder / part)
    before = (folder / file).read_text()
    assert before.count(text) == 1
    (folder / file).write_text(before.replace(text, instead))
    there.code, there.build = folder, "another"
    try:
        yield
    finally:
        there.code, there.build = ROOT, None


@pytest.fixture
def without_ratification(there: Place, tmp_path: Path) -> Iterator[Place]:
    """A build in which a return is submitted though nobody has approved the agreement."""
    with another(there, tmp_path, "domain/claiming.py", "refused = _unauthorised(found.prepared, by, given) or ", "refused = "):
        yield there


@pytest.fixture
def failing(there: Place, tmp_path: Path) -> Iterator[Place]:
    """A build that fails on every assessment."""
    with another(
        there, tmp_path, "domain/assurance.py", "            return assessments.record(body, state.assessments)", "            raise RuntimeError(body)"
    ):
        yield there


async def test_every_command_is_decided_so_again_and_every_history_is_followed(there: Place) -> None:
    found = await there.grants("audit", "replay")
    assert (found["ok"], found["differences"], found["unreplayed"]) == (True, [], [])
    assert (found["grants"], found["histories"]) == (2, 3)


async def test_a_changed_rule_names_what_it_would_decide_otherwise_while_running_workflows_are_followed(without_ratification: Place) -> None:
    found = await without_ratification.grants("audit", "replay", code=3)
    assert [(each["grant"], each["command"]) for each in found["differences"]] == [
        (GRANT, f"{GRANT}/submit-q1-unratified"),
        (GRANT, f"{GRANT}/submit-q2-unratified"),
    ]
    assert all("refused (recovery.unauthorised)" in each["recorded"][0] and "submitted" in each["now"][0] for each in found["differences"])
    assert (found["histories"], found["unreplayed"]) == (3, [])
    assert await running(without_ratification, GRANT)
    assert without_ratification.read("audit", "verify")["ok"]


async def test_a_running_grant_goes_on_under_another_build_which_every_event_names(without_ratification: Place) -> None:
    there = without_ratification
    await restarted(there)
    done = there.played
    await there.play_on(lambda: there.played < done + 3)
    with reading(there.home) as reader:
        builds = [json.loads(line.row.envelope)["build"] for line in reader.lines(f"grant/{GRANT}")]
    assert builds[-1] == "another"
    assert builds == sorted(builds, key=lambda build: build == "another")
    assert await running(there, GRANT)


async def test_a_message_on_which_our_own_code_fails_is_put_aside_the_grant_goes_on_and_a_later_build_decides_it(failing: Place) -> None:
    await restarted(failing)
    aside = await failing.grants("do", SMALL, "-", given=ASSESSED, code=5)
    assert (aside["outcome"], aside["reason"]["code"], aside["command_id"]) == ("quarantined", "internal", "assessed")
    assert (await failing.grants("do", SMALL, "-", given=EXIT))["outcome"] == "accepted"
    assert next(each["attention"] for each in failing.read("list") if each["grant"] == SMALL) == ["quarantined"]
    failing.code, failing.build = ROOT, None
    await restarted(failing)
    decided = await failing.grants("do", SMALL, "-", given=ASSESSED)
    assert decided["outcome"] == "accepted"
    again = await failing.grants("do", SMALL, "-", given=ASSESSED)
    assert (again["outcome"], again["repeated"]) == ("accepted", True)
    kinds = [each["type"] for each in failing.read("history", SMALL) if each["command_id"] == "assessed"]
    assert kinds == ["message.quarantined", "assessment.recorded"]
    assert failing.read("audit", "verify")["ok"]


async def restarted(there: Place) -> None:
    """A worker of the code at hand."""
    await there.kill("worker")
    await there.start_worker(waits=True)


async def running(there: Place, grant: str) -> bool:
    """Whether the workflow of a grant runs."""
    return (await there.client.get_workflow_handle(f"grant/{grant}").describe()).status == WorkflowExecutionStatus.RUNNING
