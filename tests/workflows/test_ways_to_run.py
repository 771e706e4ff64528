"""One life, run in every way that a worker can run it: nothing depends on what is loaded once, cached, or begun in one go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from tests.workflows.stand_in import PASSED_THROUGH, RELOADED, Bench, until


@pytest.mark.parametrize(
    ("restrictions", "cached"),
    [(PASSED_THROUGH, 100), (RELOADED, 100), (PASSED_THROUGH, 0)],
    ids=["loaded once", "loaded anew in the sandbox", "replayed at every task"],
)
async def test_a_life_is_the_same_however_its_worker_runs_it(bench: Bench, restrictions: SandboxRestrictions, cached: int) -> None:
    bench.restrictions, bench.cached = restrictions, cached
    async with bench.worker():
        await bench.say("Show", attributes={"stage": "deciding", "clock": "real"})
        await bench.due("approval", timedelta(days=400))
        await bench.due("recovery", timedelta(seconds=1))
        await bench.send("nonsense")
        await until(lambda: "recovery came" in bench.entries)
        for count, name in enumerate(("Notice", "Journal", "Notice"), 1):
            await bench.say(name)
            await bench.did(count)
        await bench.due("approval", timedelta(seconds=1))
        await until(lambda: "approval came" in bench.entries)
        await bench.say("Close")
        await bench.execution.result()
    assert bench.entries[3:5] == ["quarantined", "recovery came"]
    assert bench.entries[-2:] == ["approval came", "Close 5"]
    assert len(bench.entries) == 11
    assert [each.kind for each in bench.record.done] == ["notice", "journal", "notice"]
