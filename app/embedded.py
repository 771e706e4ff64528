"""Everything in one command: a development server where none is named, a worker beside it, and a client that speaks to both."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from app import servers
from app.connection import compression, connect
from app.conversion import CONVERTER
from app.errors import UnavailableError
from app.home import Home
from app.servers import DevServer, dev_server, last_words, running
from app.settings import TEMPORAL, Settings, environment_with, temporal_is_named
from store.database import writer_lock
from store.errors import RecordInUseError
from workflows.names import TASK_QUEUE

WORKER = (sys.executable, "-m", "worker")


@dataclass(frozen=True)
class Embedded:
    """A server that serves, ours or the one that is named, and a worker of ours that takes tasks from it."""

    client: Client
    worker: Process
    server: DevServer | None

    @property
    def address(self) -> str:
        """Where the Temporal server is."""
        return self.client.service_client.config.target_host

    @property
    def ui(self) -> str | None:
        """Where its UI is; null: it is not ours, or has none."""
        return self.server.ui if self.server else None

    async def broken(self) -> str:
        """Wait until the worker or our server ends, which neither does by itself; which of them it was."""
        ends = {"worker": self.worker.wait()} | ({"Temporal server": self.server.child.wait()} if self.server else {})
        tasks = {asyncio.ensure_future(end): name for name, end in ends.items()}
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in others:
            each.cancel()
        return tasks[done.pop()]


@asynccontextmanager
async def embedded(settings: Settings, *, own_server: bool, ui: bool = False) -> AsyncIterator[Embedded]:
    """Run a worker over the home of these settings until the block ends, and a server for it: our own, or else the one that is named.

    Their words go to ``worker.log`` and ``temporal.log`` in the home.

    Raises:
        UnavailableError: one of them did not start; its last words are in the text.

    """
    home = Home.of(settings)
    async with AsyncExitStack() as stack:
        server = None
        if own_server or not temporal_is_named():
            server = await stack.enter_async_context(dev_server(servers.program(settings.temporal_cli), home.path, ui=ui))
            client = await Client.connect(server.address, data_converter=CONVERTER, grpc_compression=compression(server.address))
        else:
            client = await connect(home)
        log = home.path / "worker.log"
        await _left(home)
        worker = await stack.enter_async_context(running(WORKER, log, _environment(home, server)))
        await _polling(client, worker, log)
        yield Embedded(client, worker, server)


async def _left(home: Home) -> None:
    """Wait for a worker that is still ending: one whose command was killed finishes first what it has begun."""
    clock = asyncio.get_running_loop().time
    until = clock() + servers.PATIENCE_SECONDS
    while home.named_record is None and clock() < until:
        with suppress(RecordInUseError), writer_lock(home.path / "record.db"):
            return
        await asyncio.sleep(0.1)


def _environment(home: Home, server: DevServer | None) -> dict[str, str]:
    """What the worker is told. Beside our own server nothing of the user's Temporal settings may reach it."""
    changes = {"GRANTS_HOME": str(home.path.absolute())}
    if server is None:
        return environment_with(changes)
    return environment_with({**changes, "TEMPORAL_ADDRESS": server.address, "TEMPORAL_CONFIG_FILE": os.devnull}, without=TEMPORAL)


async def _polling(client: Client, worker: Process, log: Path) -> None:
    """Wait until the worker asks the server for tasks."""
    clock = asyncio.get_running_loop().time
    until = clock() + servers.PATIENCE_SECONDS
    asked = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=TASK_QUEUE), task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    while worker.returncode is None and clock() < until:
        found = await client.workflow_service.describe_task_queue(asked)
        if any(each.identity.startswith(f"{worker.pid}@") for each in found.pollers):
            return
        await asyncio.sleep(0.05)
    how = "did not start in time" if worker.returncode is None else f"ended with {worker.returncode}"
    message = f"The worker {how}; {log} ends with: {last_words(log)}"
    raise UnavailableError(message)
