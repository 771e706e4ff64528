"""The worker as a program: it ends well when asked, loses nothing when killed, and is alone on its record."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from app import servers
from app.adoption import adopt_first
from app.embedded import WORKER
from app.errors import UndecidedError
from app.home import Home
from app.play import case_at, play
from app.reader import reading
from app.servers import running
from app.session import acting
from app.settings import environment_with
from domain.chasing import DutyReminded
from domain.effects import NoticeSent
from tests.e2e.installation import CASES
from tests.postbox import Postbox, listening
from tests.workflows.stand_in import until

OFFICES = ("grants-team", "finance", "legal", "chief-finance-officer", "deputy-mayor", "mps-finance", "mps-chief-finance-officer", "chief-executive")


@dataclass
class Place:
    """A home, a server for it, a mail server, and what a worker is told."""

    home: Home
    client: Client
    postbox: Postbox
    told: dict[str, str]
    workers: int = field(default=0)

    @property
    def log(self) -> str:
        """What the newest worker has said."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.home.path / f"worker-{self.workers}.log"

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Process]:
        """A worker that serves."""
        self.workers += 1
        async with running(WORKER, self._log, self.told) as child:
            await until(lambda: "worker.serves" in self.log or child.returncode is not None, "no worker", 60)
            assert child.returncode is None, self.log
            yield child

    async def lives(self) -> None:
        """Play the case of the grant that waits; again, as its sender is told to, where no answer came in time."""
        async with acting(self.home, self.client) as session:
            for _ in range(6):
                with suppress(UndecidedError):
                    await adopt_first(session.gateway, self.home, "mopac")
                    async for _ in play(case_at(CASES / "today.yaml", session.reader), session.gateway, session.reader):
                        pass
                    return
        pytest.fail("it is never decided")

    def asked_and_sent(self) -> tuple[int, list[str]]:
        """How many notices the grant asked for, and the message ids of those whose result is recorded."""
        with reading(self.home) as reader:
            asked = [line.past for line in reader.lines("grant/today") if isinstance(line.past.body, DutyReminded)]
            return len(asked), [line.past.body.message for line in reader.lines("notices/today") if isinstance(line.past.body, NoticeSent)]

    async def all_sent(self) -> None:
        """Wait until every notice that was asked for has its result."""
        await until(lambda: self.asked_and_sent()[0] == len(self.asked_and_sent()[1]) > 0, "notices are still open", 60)


@pytest.fixture
async def place(temporal_program: Path, tmp_path: Path) -> AsyncIterator[Place]:
    postbox = Postbox()
    with listening(postbox) as port:
        async with servers.dev_server(temporal_program, tmp_path) as server:
            mail = {"GRANTS_SMTP_HOST": "127.0.0.1", "GRANTS_SMTP_PORT": str(port), "GRANTS_SMTP_TLS": "none"}
            mailboxes = json.dumps({office: f"{office}@example.org" for office in OFFICES})
            changes = {**mail, "GRANTS_MAILBOXES": mailboxes, "GRANTS_HOME": str(tmp_path), "TEMPORAL_ADDRESS": server.address, "GRANTS_MISSPELT": "x"}
            client = await Client.connect(server.address, data_converter=pydantic_data_converter)
            yield Place(Home(tmp_path), client, postbox, environment_with(changes, without="TEMPORAL_"))


WITH_AN_ACT, BY_AN_ACTIVITY = (0.5, 1), (2, 2)
"""How slow the mail server is, in seconds, and how many notices it was given by then: the first of a slow one goes with its act."""


@pytest.mark.parametrize(("slow", "begun"), [WITH_AN_ACT, BY_AN_ACTIVITY])
async def test_told_to_stop_it_ends_what_it_has_begun_and_leaves_with_nothing_said_twice(place: Place, slow: float, begun: int) -> None:
    place.postbox.slow_seconds = slow
    async with place.worker() as child:
        life = asyncio.create_task(place.lives())
        await until(lambda: place.postbox.begun == begun)
        child.terminate()
        assert await child.wait() == 0
    assert len(place.postbox.mails) == len(place.asked_and_sent()[1]) == place.postbox.begun
    lines = [json.loads(line) for line in place.log.splitlines()]
    assert [line["event"] for line in lines if line["event"].startswith(("worker.", "setting."))] == ["setting.unknown", "worker.serves", "worker.ended"]
    assert not any("exception" in line for line in lines), place.log
    place.postbox.slow_seconds = 0
    async with place.worker():
        await life
        await place.all_sent()
    assert place.postbox.message_ids() == place.asked_and_sent()[1]


@pytest.mark.parametrize(("slow", "begun"), [WITH_AN_ACT, BY_AN_ACTIVITY])
async def test_killed_while_a_mail_is_on_its_way_it_may_be_sent_again_under_the_same_id_and_is_recorded_once(place: Place, slow: float, begun: int) -> None:
    place.postbox.slow_seconds = slow
    async with place.worker() as child:
        life = asyncio.create_task(place.lives())
        await until(lambda: place.postbox.begun == begun)
        child.kill()
        await child.wait()
    place.postbox.slow_seconds = 0
    async with place.worker():
        await life
        await place.all_sent()
    asked, sent = place.asked_and_sent()
    assert len(sent) == len(set(sent)) == asked
    assert set(place.postbox.message_ids()) == set(sent)
    assert len(place.postbox.mails) <= asked + 1


async def test_a_second_worker_over_the_same_record_says_so_and_leaves(place: Place) -> None:
    async with place.worker():
        with suppress(AssertionError):
            async with place.worker():
                pytest.fail("two workers serve one SQLite record")
    assert "another worker is using" in place.log
    assert "Traceback" not in place.log
