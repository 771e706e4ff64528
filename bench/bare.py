"""The bare side: a workflow that answers an update with one activity that does nothing. What Temporal itself costs, and no more.

``python -m bench.bare ADDRESS`` serves it with the SDK's own settings, over the same kind of connection as ours, until it is told
to stop.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from app.connection import compression
from app.leave import leave, told_to_stop

QUEUE = "bench-bare"
SHORT = timedelta(seconds=30)


@activity.defn
async def nothing(number: int) -> int:
    """Do nothing."""
    return number


@workflow.defn(name="Bare")
class Bare:
    """It lives until it is ended, and remembers what it was last asked."""

    def __init__(self) -> None:
        self.asked: deque[int] = deque(maxlen=1)

    @workflow.run
    async def run(self) -> None:
        """Wait for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def ask(self, number: int) -> int:
        """Have the activity done, and answer."""
        answer = await workflow.execute_activity(nothing, number, start_to_close_timeout=SHORT)
        self.asked.append(answer)
        return answer

    @ask.validator
    def _positive(self, number: int) -> None:
        if number < 0:
            message = "below zero"
            raise ValueError(message)


async def connected(address: str) -> Client:
    """A client of that server, which compresses what ours compress."""
    return await Client.connect(address, grpc_compression=compression(address))


async def serve(address: str) -> None:
    """Take its tasks, until told to stop."""
    told = told_to_stop()
    async with Worker(await connected(address), task_queue=QUEUE, workflows=[Bare], activities=[nothing]):
        await told.wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
    leave(0)
