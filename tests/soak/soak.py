"""A soak: many grants are sent a mix of good and bad messages while workers are killed, and everything must be accounted for."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from app.adoption import adopt_first
from app.gateway import Gateway
from app.home import Home
from app.reader import reading
from app.session import acting
from domain.messages import MessageQuarantined
from store import queries
from tests.e2e.disturbed import Place
from tests.soak.mix import PAPER, Mix, Sent, command_of, expected

OF_THE_SERVER = {"FORCE_CLOSE_COMMAND", "UNHANDLED_COMMAND"}
OF_KILLED_WORKERS = {"TIMED_OUT_START_TO_CLOSE", "TIMED_OUT_SCHEDULE_TO_START"}
SETTLED_SECONDS = 900
OPENING: dict[str, Any] = {
    "organisation": "mopac",
    "title": "A grant that is put upon",
    "clock": "real",
    "parties": [{"role": "host", "party": "Host"}],
    "hypothetical": True,
}


@dataclass(frozen=True)
class Plan:
    """How much is sent, by which seed; ``breath``: seconds between two messages to one grant, on average; ``pause``: between
    how many seconds a worker that serves is killed; at least ``kills`` times.
    """

    grants: int
    messages: int
    seed: int
    breath: float
    pause: tuple[float, float]
    kills: int


@dataclass(frozen=True)
class Soaked:
    """What came of it: what was sent by kind, the verdicts of ``audit messages`` and ``audit verify``, kills and seconds."""

    plan: Plan
    sent: Counter[str]
    awaited: Counter[str]
    audited: dict[str, Any]
    verified: dict[str, Any]
    kills: int
    sending_seconds: float
    settled_seconds: float

    def faults(self) -> list[str]:
        """Everything that is not as it must be."""
        causes = set(self.audited["task_failures"]) - OF_THE_SERVER - OF_KILLED_WORKERS
        checks = {
            f"outcomes are {self.audited['outcomes']}, not {dict(sorted(self.awaited.items()))}": self.audited["outcomes"] == dict(self.awaited),
            f"{len(self.audited['unaccounted'])} signals are unaccounted for": not self.audited["unaccounted"],
            f"{len(self.audited['doubled'])} messages have two outcomes": not self.audited["doubled"],
            f"workflows failed: {self.audited['failed_workflows']}": not self.audited["failed_workflows"],
            f"histories expired: {self.audited['expired']}": not self.audited["expired"],
            f"{self.audited['without_history']} messages stand in no history": not self.audited["without_history"],
            f"workflow tasks failed for other causes: {sorted(causes)}": not causes,
            f"the record is not whole: {self.verified['problems']}": self.verified["ok"],
            f"only {self.kills} workers were killed": self.kills >= self.plan.kills,
        }
        return [fault for fault, holds in checks.items() if not holds]


async def soak(there: Place, plan: Plan, say: Callable[[str], None]) -> Soaked:
    """Open the grants, send everything while workers are killed, wait until it is decided, and have it audited."""
    grants = [f"soak-{number:02}" for number in range(plan.grants)]
    async with acting(there.home, there.client) as session:
        mix = Mix(session.gateway.signer, plan.seed)
        await _open(session.gateway.unlimited, there.home, grants)
    sent = [mix.messages(grant, plan.messages) for grant in grants]
    say(f"{plan.grants} grants are open; sending {plan.grants * plan.messages} messages")
    awaited = expected([each for of_one in sent for each in of_one]) + Counter(accepted=1 + 2 * plan.grants)
    over, started = asyncio.Event(), time.monotonic()
    killing = asyncio.create_task(_kill(there, plan, over, say))
    await asyncio.gather(*(_send(there.client, each, plan) for each in sent))
    sending = time.monotonic() - started
    say(f"all is sent after {sending:.0f} s")
    await _settled(there.home, sum(awaited.values()) - awaited["repeated"], say)
    over.set()
    kills = await killing
    settled = time.monotonic() - started
    audited, verified = await there.grants("audit", "messages"), await there.grants("audit", "verify")
    kinds = Counter(each.kind for of_one in sent for each in of_one)
    return Soaked(plan, Counter(kinds), awaited, audited, verified, kills, sending, settled)


async def _open(gateway: Gateway, home: Home, grants: Sequence[str]) -> None:
    await adopt_first(gateway, home, "mopac")
    for grant in grants:
        chance = random.Random(grant)  # noqa: S311  (chance, not secrecy)
        for kind, body in (("OpenGrant", OPENING), ("DraftPaper", PAPER)):
            outcome = await gateway.submit(command_of(grant, kind, body, chance), within=60)
            assert outcome
            assert outcome.kind == "accepted", outcome.summary


async def _send(client: Client, messages: Sequence[Sent], plan: Plan) -> None:
    chance = random.Random(f"{plan.seed}/{messages[0].grant}")  # noqa: S311  (chance, not secrecy)
    for each in messages:
        await _signal(client, each)
        await asyncio.sleep(chance.uniform(0, 2 * plan.breath))


async def _signal(client: Client, sent: Sent) -> None:
    """One signal; whatever its sender hears, the server has it once."""
    asked = SignalWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=f"grant/{sent.grant}"),
        signal_name=sent.name,
        input=Payloads(payloads=[Payload(metadata={"encoding": b"json/plain"}, data=each) for each in sent.payloads]),
        request_id=str(uuid4()),
        identity="a soak",
    )
    while True:
        try:
            await client.workflow_service.signal_workflow_execution(asked)
        except RPCError:
            await asyncio.sleep(0.2)
        else:
            return


async def _kill(there: Place, plan: Plan, over: asyncio.Event, say: Callable[[str], None]) -> int:
    """kill -9 the worker again and again, at random moments, and start another; how often."""
    chance, kills = random.Random(plan.seed), 0  # noqa: S311  (chance, not secrecy)
    while not over.is_set() or kills < plan.kills:
        await asyncio.sleep(chance.uniform(*plan.pause))
        await there.kill("worker")
        kills += 1
        say(f"worker killed ({kills})")
        await there.start_worker(waits=True)
    return kills


async def _settled(home: Home, messages: int, say: Callable[[str], None]) -> None:
    """Wait until so many messages have their outcome in the record."""
    until, said = time.monotonic() + SETTLED_SECONDS, 0.0
    while (found := await asyncio.to_thread(_decided, home)) < messages:
        assert time.monotonic() < until, f"{found} of {messages} messages are decided after {SETTLED_SECONDS} s"
        if time.monotonic() > said:
            said = time.monotonic() + 10
            say(f"{found} of {messages} decided")
        await asyncio.sleep(1)


def _decided(home: Home) -> int:
    with reading(home) as reader:
        engine = reader.log.engine
        streams = [each for each in reader.log.streams() if each.startswith(("grant/", "organisation/"))]
        aside = (len(reader.log.rows_of_types(each, [MessageQuarantined.wire], most=10_000)) for each in streams)
        return sum(len(queries.command_digests(engine, each)) for each in streams) + sum(aside)
