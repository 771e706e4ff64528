"""A play whose worker and servers can be killed at any moment, and what two plays of one life must have in common."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.answers import open_effects
from app import servers
from app.adoption import adopt_first
from app.embedded import WORKER
from app.errors import UnavailableError, UndecidedError
from app.home import Home
from app.play import Played, case_at, play
from app.reader import reading
from app.servers import TUNED, free_ports, running
from app.session import acting
from app.settings import environment_with
from domain import evidence
from store import queries
from tests.e2e.installation import CASES
from tests.postbox import Postbox, listening
from tests.workflows.stand_in import until

GRANT = "alpha-2020-21"
LIFE = CASES / f"{GRANT}.yaml"
OFFICES = ("grants-team", "finance", "legal", "chief-finance-officer", "deputy-mayor", "mps-finance", "mps-chief-finance-officer", "chief-executive")
OF_ONE_RUN = ("committed", "index", "prev", "body_digest")
"""What the envelopes of two runs of one life may differ in (CONTRACT, Bytes)."""


@dataclass
class Place:
    """A home, a Temporal server on a port of its own, a worker beside it, and a mail server."""

    home: Home
    program: Path
    address: str
    client: Client
    postbox: Postbox
    stack: AsyncExitStack
    mail: dict[str, str]
    began: int = 0
    played: int = 0
    asked_again: int = 0
    children: dict[str, Process] = field(default_factory=dict)

    @property
    def logs(self) -> str:
        """All that the workers have said."""
        return "".join(each.read_text() for each in sorted(self.home.path.glob("worker-*.log")))

    async def start_server(self) -> None:
        """Start the Temporal server over its file, and wait until it serves."""
        command = servers._start_dev(self.program, self.home.path, int(self.address.rpartition(":")[2]), None, TUNED)
        child = await self._start("server", command, {})
        await servers._serving(self.address, child, self.home.path / f"server-{self.began}.log")

    async def start_worker(self) -> None:
        """Start a worker; nobody waits until it serves."""
        await self._start("worker", WORKER, {**self.mail, "GRANTS_HOME": str(self.home.path), "TEMPORAL_ADDRESS": self.address})

    async def kill(self, name: str) -> None:
        """kill -9."""
        child = self.children.pop(name)
        child.kill()
        await child.wait()

    async def play_on(self) -> None:
        """Play the real life; whoever hears nothing, or reaches nobody, sends again under the same id, as senders do."""
        while True:
            try:
                async with acting(self.home, self.client) as session:
                    await adopt_first(session.gateway, self.home, "mopac")
                    async for played in play(case_at(LIFE, session.reader), session.gateway, session.reader):
                        self._note(played)
                    return
            except (UnavailableError, UndecidedError):
                self.asked_again += 1
                await asyncio.sleep(0.2)

    async def all_done(self) -> None:
        """Wait until every notice has gone out and every journal is handed over."""
        with reading(self.home) as reader:
            stream = f"grant/{GRANT}"
            await until(lambda: not open_effects(reader.log, reader.folds.grants.at_head(stream)[1]), "effects stay open", 90)

    def _note(self, played: Played) -> None:
        self.played += not played.outcome.repeated

    async def _start(self, name: str, command: Any, changes: dict[str, str]) -> Process:
        self.began += 1
        log = self.home.path / f"{name}-{self.began}.log"
        child = await self.stack.enter_async_context(running(command, log, environment_with(changes, without="TEMPORAL_")))
        self.children[name] = child
        return child


@asynccontextmanager
async def place(program: Path, folder: Path) -> AsyncIterator[Place]:
    """A place where everything serves."""
    postbox = Postbox()
    with listening(postbox) as port:
        mailboxes = json.dumps({office: f"{office}@example.org" for office in OFFICES})
        mail = {"GRANTS_SMTP_HOST": "127.0.0.1", "GRANTS_SMTP_PORT": str(port), "GRANTS_SMTP_TLS": "none", "GRANTS_MAILBOXES": mailboxes}
        address = f"127.0.0.1:{free_ports(1)[0]}"
        client = await Client.connect(address, data_converter=pydantic_data_converter, lazy=True)
        async with AsyncExitStack() as stack:
            found = Place(Home(folder), program, address, client, postbox, stack, mail)
            await found.start_server()
            await found.start_worker()
            await until(lambda: "worker.serves" in found.logs or found.children["worker"].returncode is not None, "no worker", 60)
            assert "worker.serves" in found.logs, found.logs
            yield found


# What two plays of one life have in common ---------------------------------------------------------------------------------


def life(home: Home) -> dict[str, Any]:
    """Everything recorded of the life, but for what may differ between two runs of it."""
    with reading(home) as reader:
        streams = {stream: queries.whole_stream(reader.log.engine, stream) for stream in reader.log.streams() if stream.endswith(f"/{GRANT}")}
    return {stream: [_event(json.loads(row.envelope), json.loads(row.body)) for row in whole.events] for stream, whole in streams.items()} | {
        "commands": [(each.id, each.digest, each.bytes, each.name) for whole in streams.values() for each in whole.commands],
        "postings": [vars(each) for whole in streams.values() for each in whole.postings],
        "cost keys": [vars(each) for whole in streams.values() for each in whole.claims],
        "standing": [(each.standing.stream, each.standing.version, each.standing.json) for each in streams.values() if each.standing],
    }


def journals(home: Home) -> dict[str, str]:
    """The digest of every file that was handed over, whatever its name."""
    folder = home.path / "journals"
    return {str(path.relative_to(folder)): evidence.digest(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def _event(envelope: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    attempts = {"attempts": None} if envelope["type"].startswith("notice.") else {}
    return {name: value for name, value in envelope.items() if name not in OF_ONE_RUN} | {"body": body | attempts}
