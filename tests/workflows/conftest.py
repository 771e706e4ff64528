"""One bench a test: a stream, a task queue and a record of its own on the one real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from app import servers
from tests.workflows.stand_in import Bench, StandIn


@pytest.fixture
def bench(dev_server: Client) -> Bench:
    return Bench(dev_server, StandIn())


@pytest.fixture
async def short_runs(temporal_program: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench on a server that asks for a new run after every twenty events of history."""
    short = {**servers.TUNED, "limit.historyCount.suggestContinueAsNew": "20"}
    async with servers.dev_server(temporal_program, tmp_path, dynamic=short) as server:
        yield Bench(await Client.connect(server.address, data_converter=pydantic_data_converter), StandIn())
