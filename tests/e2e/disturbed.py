"""A life whose worker and servers can be killed at any moment, and what two plays of one life must have in common."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
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
from app.play import case_at, play
from app.reader import reading
from app.servers import TUNED, free_ports, running
from app.session import acting
from app.settings import environment_with
from domain import evidence
from store import queries
from tests.e2e.installation import CASES, ROOT, Installation
from tests.postbox import Postbox, listening
from tests.workflows.stand_in import until

GRANT = "alpha-2020-21"
LIFE = CASES / f"{GRANT}.yaml"
OFFICES = ("grants-team", "finance", "legal", "chief-finance-officer", "deputy-mayor", "mps-finance", "mps-chief-finance-officer", "chief-executive")
OF_ONE_RUN = ("committed", "index", "prev")
"""What the envelopes of two runs of one life may differ in (CONTRACT, Bytes)."""


@dataclass
class Place:
    """A home, a Temporal server on a port of its own, a worker beside it, and a mail server."""

    home: Home
    program: Path
    address: str
    postbox: Postbox
    stack: AsyncExitStack
    mail: dict[str, str]
    code: Path = ROOT
    build: str | None = None
    tuned: Mapping[str, str] = field(default_factory=lambda: TUNED)
    begun: int = 0
    played: int = 0
    children: dict[str, Process] = field(default_factory=dict)
    client: Client = field(init=False)

    @property
    def told(self) -> dict[str, str]:
        """What every program of this place is told."""
        build = {"GRANTS_BUILD": self.build} if self.build else {}
        return environment_with({**self.mail, **build, "GRANTS_HOME": str(self.home.path), "TEMPORAL_ADDRESS": self.address}, without="TEMPORAL_")

    async def start_server(self) -> None:
        """Start the Temporal server over its file, and wait until it serves."""
        command = servers._start_dev(self.program, self.home.path, int(self.address.rpartition(":")[2]), None, self.tuned)
        child, log = await self._start("server", command)
        await servers._serving(self.address, child, log)
        self.client = await Client.connect(self.address, data_converter=pydantic_data_converter)

    async def start_worker(self, *, waits: bool = False) -> None:
        """Start a worker of the code at hand, and wait until it serves if told to."""
        child, log = await self._start("worker", [*("env", "-C", str(self.code)), *WORKER])
        if waits:
            await until(lambda: "worker.serves" in log.read_text() or child.returncode is not None, "no worker", 60)
            assert child.returncode is None, log.read_text()

    async def kill(self, name: str) -> None:
        """kill -9."""
        child = self.children.pop(name)
        child.kill()
        await child.wait()

    async def lose_temporals_database(self) -> None:
        """kill -9 the Temporal server, take its database away, and start it anew."""
        await self.kill("server")
        lost = list(self.home.path.glob("temporal.db*"))
        assert lost
        for each in lost:
            each.unlink()
        await self.start_server()

    async def grants(self, *arguments: str, code: int = 0, given: dict[str, Any] | None = None) -> Any:
        """One command of the command line, and what it prints for programs; null: nothing but a message for people."""
        command = (sys.executable, "-m", "app.cli.main", *arguments, "--json")
        child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=self.told, cwd=self.code)
        said, complained = await child.communicate(json.dumps(given).encode())
        assert child.returncode == code, complained.decode()
        assert b"Traceback" not in complained, complained.decode()
        return json.loads(said) if said else None

    def read(self, *arguments: str, code: int = 0) -> Any:
        """What a command that only reads prints for programs."""
        return Installation(self.home.path).read(*arguments, code=code)

    async def temporal(self, *arguments: str) -> None:
        """One command of Temporal's own program."""
        child = await asyncio.create_subprocess_exec(self.program, *arguments, "--address", self.address, stdout=PIPE, stderr=PIPE)
        _, complained = await child.communicate()
        assert child.returncode == 0, complained.decode()

    async def open(self, grant: str) -> None:
        """Open a small invented grant, on the real clock."""
        async with acting(self.home, self.client) as session:
            await adopt_first(session.gateway, self.home, "mopac")
        parties = [{"role": "host", "party": "Host"}]
        body = {"organisation": "mopac", "title": "A small grant", "clock": "real", "parties": parties, "hypothetical": True}
        assert (await self.grants("do", grant, "-", given={"type": "OpenGrant", "actor": "p-grants", "body": body}))["outcome"] == "accepted"

    async def play_on(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Play the real life, as long as it goes on; whoever hears nothing, or reaches nobody, sends again under the same id."""
        while True:
            try:
                await self._play(goes_on)
            except (UnavailableError, UndecidedError):
                await asyncio.sleep(0.2)
            else:
                return

    async def _play(self, goes_on: Callable[[], bool]) -> None:
        async with acting(self.home, self.client) as session:
            await adopt_first(session.gateway, self.home, "mopac")
            async for played in play(case_at(LIFE, session.reader), session.gateway, session.reader):
                self.played += not played.outcome.repeated
                if not goes_on():
                    return

    async def all_done(self) -> None:
        """Wait until every notice has gone out and every journal is handed over."""
        await until(lambda: not self.open_effects(), "effects stay open", 90)

    def open_effects(self) -> int:
        """How many notices and journals were asked for and have no result."""
        with reading(self.home) as reader:
            return len(open_effects(reader.log, reader.folds.grants.at_head(f"grant/{GRANT}")[1]))

    async def _start(self, name: str, command: Sequence[str]) -> tuple[Process, Path]:
        self.begun += 1
        log = self.home.path / f"{name}-{self.begun:02}.log"
        child = await self.stack.enter_async_context(running(command, log, self.told))
        self.children[name] = child
        return child, log


@asynccontextmanager
async def place(program: Path, folder: Path, tuned: Mapping[str, str] = TUNED) -> AsyncIterator[Place]:
    """A place where everything serves; ``tuned`` is the server's dynamic configuration."""
    postbox = Postbox()
    with listening(postbox) as port:
        mailboxes = json.dumps({office: f"{office}@example.org" for office in OFFICES})
        mail = {"GRANTS_SMTP_HOST": "127.0.0.1", "GRANTS_SMTP_PORT": str(port), "GRANTS_SMTP_TLS": "none", "GRANTS_MAILBOXES": mailboxes}
        async with AsyncExitStack() as stack:
            found = Place(Home(folder), program, f"127.0.0.1:{free_ports(1)[0]}", postbox, stack, mail, tuned=tuned)
            await found.start_server()
            await found.start_worker(waits=True)
            yield found
            if worker := found.children.get("worker"):
                worker.terminate()
                await worker.wait()


# What two plays of one life have in common ---------------------------------------------------------------------------------


def life(home: Home) -> dict[str, list[Any]]:
    """Everything recorded of the life, but for what may differ between two runs of it."""
    with reading(home) as reader:
        streams = [queries.whole_stream(reader.log.engine, stream) for stream in reader.log.streams() if stream.endswith(f"/{GRANT}")]
    return {each.stream: [_event(json.loads(row.envelope), json.loads(row.body)) for row in each.events] for each in streams} | {
        "commands": [(row.id, row.digest, row.bytes, row.name) for each in streams for row in each.commands],
        "postings": [vars(row) for each in streams for row in each.postings],
        "cost keys": [vars(row) for each in streams for row in each.claims],
        "standing": [vars(each.standing) for each in streams if each.standing],
    }


def journals(home: Home) -> dict[str, str]:
    """The digest of every file that stands among the journals, whatever its name."""
    folder = home.path / "journals"
    return {str(path.relative_to(folder)): evidence.digest(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def attempts(home: Home) -> dict[str, int]:
    """The message id of every notice that went out, and how many attempts its result counts."""
    with reading(home) as reader:
        bodies = [json.loads(line.row.body) for line in reader.lines(f"notices/{GRANT}")]
    return {each["message"]: each["attempts"] for each in bodies}


def _event(envelope: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """One event as it compares; of a notice neither the attempts nor the digest over them."""
    of_body = dict(body)
    left_out: tuple[str, ...] = OF_ONE_RUN if of_body.pop("attempts", None) is None else (*OF_ONE_RUN, "body_digest")
    return {name: value for name, value in envelope.items() if name not in left_out} | {"body": of_body}
