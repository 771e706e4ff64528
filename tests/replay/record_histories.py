"""Record the golden histories anew: ``python -m tests.replay.record_histories`` with TEMPORAL_CLI naming a server's program.

They stand for what is running somewhere: each is made once for a build and kept for ever. Make new ones beside the old
when a workflow learns something; an old one that no longer replays means that running grants would break.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from app import servers
from app.leave import leave
from app.settings import Settings
from tests.workflows.stand_in import Bench, StandIn, raw

HISTORIES = Path(__file__).parent / "histories"
"""A folder for each way in which workflows have done their work: every commit by an activity; one message at once; its notices with it."""

NEWEST = HISTORIES / "with_notices"
SHORT = {**servers.TUNED, "limit.historyCount.suggestContinueAsNew": "30"}


async def whole_life(bench: Bench) -> None:
    """Messages, timers that ran and moved, both kinds of effects, and the end."""
    async with bench.worker():
        await bench.say("Show", attributes={"stage": "deciding", "waiting_for": ["finance"], "clock": "real"})
        await bench.due("approval", timedelta(days=400), "the chief decides the paper")
        await bench.due("recovery", timedelta(seconds=1), "finance certifies the return for Q3")
        for name in ("Notice", "Journal", "Notice"):
            await bench.say(name)
        await bench.did(3)
        await bench.committed(7)
        await bench.due("approval", timedelta(seconds=1), "the chief decides another paper")
        await bench.committed(9)
        await bench.say("Close")
        await bench.ended()


async def waiting(bench: Bench) -> None:
    """A grant that waits: timers of two parts ahead, nothing in hand."""
    async with bench.worker():
        await bench.say("Show", attributes={"stage": "delivering", "due_at": "2027-01-31T23:59:59Z"})
        await bench.due("recovery", timedelta(days=30))
        await bench.due("exit", timedelta(days=300), "finance names a successor")
        await bench.committed(3)
        await bench.idle()


async def mail_is_down(bench: Bench) -> None:
    """A notice that is being tried for ever, and a queue that goes on beside it."""
    bench.record.mail_is_prompt, bench.record.mail_takes_seconds = False, 60
    async with bench.worker():
        await bench.say("Notice")
        for _ in range(4):
            await bench.say("ApproveStep")
            await bench.committed(bench.said)
        await asyncio.sleep(0.5)


async def hundred_at_once(bench: Bench) -> None:
    """A backlog, with unreadable messages in it."""
    for number in range(100):
        await bench.send("ApproveStep", {"id": str(number)})
    await bench.send("ApproveStep")
    await bench.send("ApproveStep", 1, 2)
    await bench.send("nobody knows", raw(b"\xff\x00", "binary/unknown"))
    async with bench.worker():
        await bench.committed(103)
        await bench.idle()


async def another_build(bench: Bench) -> None:
    """A run that ended because another build took over."""
    bench.cached = 0
    async with bench.worker():
        await bench.say("Open")
        await bench.committed(1)
        await bench.idle()
    bench.build = "two"
    async with bench.worker():
        await bench.say("ApproveStep")
        await bench.committed(2)
        await bench.idle()


async def grown_long(bench: Bench) -> None:
    """A run that ended because its history had grown long."""
    async with bench.worker():
        await bench.due("recovery", timedelta(days=30))
        for _ in range(10):
            await bench.say("ApproveStep")
            await bench.committed(bench.said + 1)
        await bench.idle()


async def cancelled(bench: Bench) -> None:
    """A run that somebody cancelled, with messages waiting."""
    await bench.say("Open")
    await bench.execution.cancel()
    for _ in range(3):
        await bench.say("ApproveStep")
    async with bench.worker():
        await bench.ended()


async def organisation(bench: Bench) -> None:
    """An organisation's queue."""
    bench.stream = bench.stream.replace("grant/", "organisation/")
    async with bench.worker():
        for _ in range(3):
            await bench.say("AdoptOrganisation")
        await bench.say("Close")
        await bench.ended()


Life = Callable[[Bench], Awaitable[None]]

LIVES: tuple[Life, ...] = (whole_life, waiting, mail_is_down, hundred_at_once, another_build, cancelled, organisation)
SHORT_LIVES: tuple[Life, ...] = (grown_long,)


async def record(lives: tuple[Life, ...], dynamic: Mapping[str, str]) -> None:
    """Live each life once on a server of our own, and keep the history of its first run."""
    with tempfile.TemporaryDirectory() as folder:
        async with servers.dev_server(servers.program(Settings().temporal_cli), Path(folder), dynamic=dynamic) as server:
            client = await Client.connect(server.address, data_converter=pydantic_data_converter, identity="worker")
            for life in lives:
                bench = Bench(client, StandIn(), stream=f"grant/{life.__name__}", queue=life.__name__)
                await life(bench)
                first = (await bench.execution.describe()).raw_description.workflow_execution_info.first_run_id
                found = await client.get_workflow_handle(bench.stream, run_id=first).fetch_history()
                (NEWEST / f"{life.__name__}.json").write_text(f"{found.to_json()}\n")


async def main() -> None:
    """Record them all."""
    NEWEST.mkdir(parents=True, exist_ok=True)
    await record(LIVES, servers.TUNED)
    await record(SHORT_LIVES, SHORT)
    leave(0)


if __name__ == "__main__":
    asyncio.run(main())
