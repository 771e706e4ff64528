"""One bench a test: a stream, a task queue and a record of its own on the one real server."""

from __future__ import annotations

import pytest
from temporalio.client import Client

from tests.workflows.stand_in import Bench, StandIn


@pytest.fixture
def bench(dev_server: Client) -> Bench:
    return Bench(dev_server, StandIn())
