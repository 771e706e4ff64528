"""Where it is measured: one Temporal server on its file database, our worker over a fresh record, and a bare worker beside it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from temporalio.client import Client

from app.embedded import embedded
from app.home import Home
from app.servers import running
from app.session import Session, acting
from app.settings import TEMPORAL, environment_with, read_settings
from bench import house
from bench.bare import connected
from bench.sides import accepted
from tools.postgresql import postgresql

Record = Literal["sqlite", "postgresql"]
BARE = (sys.executable, "-m", "bench.bare")
SETTINGS: Mapping[str, str] = {"GRANTS_LOG_FORMAT": "json", "GRANTS_RATE_LIMIT": "1000000", "GRANTS_RATE_BURST": "1000000"}
"""A few people send for all grants, so nobody is told to wait; every message is counted none the less, as it is in use."""


@dataclass(frozen=True)
class Stand:
    """What serves: a session of ours, a client of the bare side, and the programs whose work is counted, by name."""

    session: Session
    bare: Client
    programs: Mapping[str, psutil.Process]

    def worked(self) -> dict[str, float]:
        """The seconds of processor time that each has used so far."""
        return {name: sum(each.cpu_times()[:2]) for name, each in self.programs.items()}


@asynccontextmanager
async def stand(record: Record) -> AsyncIterator[Stand]:
    """Everything up over a fresh home below the temporary folder, the house adopted; gone after the block."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grants-bench-")))
        address = {} if record == "sqlite" else _databases(stack.enter_context(postgresql()))
        stack.enter_context(environment({**SETTINGS, "GRANTS_HOME": str(folder), **address}))
        settings = read_settings()
        parts = await stack.enter_async_context(embedded(settings, own_server=True))
        bare = await stack.enter_async_context(running((*BARE, parts.address), folder / "bare.log", environment_with({}, without=TEMPORAL)))
        session = await stack.enter_async_context(acting(Home.of(settings), parts.client))
        await accepted(session, house.adoption(session.gateway.signer))
        ours = {"worker": parts.worker.pid, "bare worker": bare.pid, "callers": os.getpid()}
        server = {"server": parts.server.child.pid} if parts.server else {}
        yield Stand(session, await connected(parts.address), {name: psutil.Process(pid) for name, pid in (ours | server).items()})


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Have these variables set until the block ends: a home is made known as its users do it."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _databases(address: str) -> dict[str, str]:
    url = address.replace("postgresql:", "postgresql+psycopg:", 1)
    return {"GRANTS_RECORD_URL": url, "GRANTS_VAULT_URL": url}
