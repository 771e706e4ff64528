"""A record in memory: it settles messages, keeps moments and open effects, and answers whole, as ``commit`` does.

It knows a few words, so that a test says by messages what the workflow is to be told: ``Due`` sets the moment of a part,
``Notice`` and ``Journal`` open an effect, ``Later`` leaves moments over, ``Close`` closes. Everything else is noted.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import RawValue, WorkerDeploymentVersion, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.contracts import Acting, Answer, Attributes, Bookkeeping, Due, Effect, Message, Notifying, Recording
from activities.finishing import Finishing
from workflows.grant import GrantWorkflow
from workflows.organisation import OrganisationWorkflow

PASSED_THROUGH = SandboxRestrictions.default.with_passthrough_modules("domain", "activities.contracts")
RELOADED = SandboxRestrictions.default


class NotNowError(Exception):
    """Raised where a test wants an activity to fail."""


@dataclass
class Stream:
    """What one stream holds: an entry a message or moment, in order."""

    entries: list[str] = field(default_factory=list)
    moments: dict[str, Due] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    attributes: Attributes = field(default_factory=Attributes)
    closed: bool = False
    left_over: int = 0


class StandIn(Acting, Recording, Notifying, Bookkeeping):
    """All activities of a worker. ``batches`` holds what each commit was given; ``done`` the effects in the order
    done; ``sent`` every notice that went out, so also one that went out twice; ``tries`` how often each had been tried
    before an activity of its own tried it.
    """

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.batches: list[tuple[Message, ...]] = []
        self.woken: list[datetime | None] = []
        self.done: list[Effect] = []
        self.sent: list[int] = []
        self.tries: list[int] = []
        self.reconciled = 0
        self.seen = 0
        self.commits_that_fail = 0
        self.commits_hang = self.hanging = False
        self.mail_works = self.mail_is_prompt = True
        self.mail_takes_seconds = 0.0
        self.stands_still = False
        self.before_handing_over: Callable[[], None] = lambda: None
        self._turn = threading.Lock()

    @activity.defn(name="commit")
    def commit(self, stream: str, messages: tuple[Message, ...], woken_for: datetime | None) -> Answer:
        with self._turn:
            self._fail_if_wanted()
            self.batches.append(messages)
            self.woken.append(woken_for)
            here = self.streams.setdefault(stream, Stream())
            if woken_for and not self.stands_still:
                self._pass(here, max(datetime.now(UTC), woken_for))
            for message in messages:
                self._take(here, message)
            here.left_over -= not messages and here.left_over > 0
            return self.answer(stream, more=here.left_over > 0)

    @activity.defn(name="act")
    async def act(self, stream: str, message: Message, in_hand: tuple[Effect, ...]) -> Answer:
        answer = await asyncio.to_thread(self.commit, stream, (message,), None)
        asked = [] if in_hand or not self.mail_is_prompt else [each for each in answer.effects if each.kind == "notice"]
        for effect in asked:
            if not self.mail_works:
                return answer.tried([effect])
            self.sent.append(effect.version)
            answer = self._did(stream, effect)
        return answer

    @activity.defn(name="send_notice")
    async def send_notice(self, stream: str, effect: Effect) -> Answer:
        self.tries.append(effect.tried)
        if not self.mail_works:
            raise NotNowError
        await asyncio.sleep(self.mail_takes_seconds)
        self.sent.append(effect.version)
        return self._did(stream, effect)

    @activity.defn(name="hand_over_journal")
    def hand_over_journal(self, stream: str, effect: Effect) -> Answer:
        self.before_handing_over()
        return self._did(stream, effect)

    @activity.defn(name="reconcile_ledger")
    def reconcile_ledger(self, stream: str) -> Answer:
        self.reconciled += 1
        return self.answer(stream)

    def answer(self, stream: str, *, more: bool = False) -> Answer:
        here = self.streams[stream]
        return Answer(
            version=len(here.entries),
            seen=self.seen,
            closed=here.closed,
            more=more,
            due=tuple(here.moments.values()),
            effects=tuple(here.effects),
            details=f"version {len(here.entries)}",
            attributes=here.attributes,
        )

    def _take(self, here: Stream, message: Message) -> None:
        self.seen += 1
        try:
            [payload] = message.payloads
            body = json.loads(payload)
            entry = f"{message.name} {body['id']}"
        except (ValueError, TypeError, KeyError):
            here.entries.append("quarantined")
            return
        if entry in here.entries:
            return
        here.entries.append(entry)
        match message.name:
            case "Due":
                at = datetime.fromisoformat(body["at"]) if body["at"] else None
                here.moments[body["part"]] = Due(part=body["part"], subject="Q3", duty="d", owner="finance", at=at, words=body["words"])
            case "Notice":
                here.effects.append(Effect(kind="notice", version=len(here.entries), summary=f"notice {body['id']}"))
            case "Journal":
                here.effects.append(Effect(kind="journal", version=len(here.entries), summary=f"journal {body['id']}"))
            case "Show":
                here.attributes = Attributes.model_validate_json(json.dumps(body["attributes"]))
            case "Later":
                here.left_over = body["times"]
            case "Close":
                here.closed = True

    def _fail_if_wanted(self) -> None:
        if self.commits_hang:
            self.hanging = True
            while self.commits_hang:
                time.sleep(0.01)
            raise NotNowError
        if self.commits_that_fail:
            self.commits_that_fail -= 1
            raise NotNowError

    def _pass(self, here: Stream, upto: datetime) -> None:
        for part, due in list(here.moments.items()):
            if due.at and due.at <= upto:
                self.seen += 1
                here.entries.append(f"{part} came")
                del here.moments[part]

    def _did(self, stream: str, effect: Effect) -> Answer:
        with self._turn:
            here = self.streams[stream]
            for known in [each for each in here.effects if each.version == effect.version]:
                self.seen += 1
                here.effects.remove(known)
                self.done.append(known)
            return self.answer(stream)


@dataclass
class Bench:
    """A client, a record, and one stream of its own, with the task queue on which workers for it listen."""

    client: Client
    record: StandIn
    stream: str = field(default_factory=lambda: f"grant/{uuid.uuid4()}")
    queue: str = field(default_factory=lambda: f"queue-{uuid.uuid4()}")
    restrictions: SandboxRestrictions = PASSED_THROUGH
    cached: int = 100
    build: str = "one"
    said: int = 0

    @property
    def execution(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(self.stream)

    @property
    def entries(self) -> list[str]:
        return self.record.streams[self.stream].entries if self.stream in self.record.streams else []

    async def send(self, name: str, *payloads: object) -> None:
        """A signal that starts the workflow if need be, as the gateway sends it."""
        await self.client.start_workflow(
            "Organisation" if self.stream.startswith("organisation/") else "Grant",
            id=self.stream,
            task_queue=self.queue,
            start_signal=name,
            start_signal_args=list(payloads),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )

    async def say(self, name: str, **body: object) -> None:
        """A readable message with an id of its own: 1, 2, 3."""
        self.said += 1
        await self.send(name, {"id": str(self.said), **body})

    async def due(self, part: str, wait: timedelta | None, words: str = "finance certifies the return for Q3") -> datetime | None:
        """A message after which this part has a moment to come; ``wait`` null: it is a rehearsal's."""
        at = datetime.now(UTC) + wait if wait is not None else None
        await self.send("Due", {"id": str(uuid.uuid4()), "part": part, "at": at.isoformat() if at else None, "words": words})
        return at

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker]:
        with ThreadPoolExecutor(8) as threads:
            running = Worker(
                self.client,
                task_queue=self.queue,
                workflows=[GrantWorkflow, OrganisationWorkflow],
                activities=[
                    self.record.act,
                    self.record.commit,
                    self.record.send_notice,
                    self.record.hand_over_journal,
                    self.record.reconcile_ledger,
                ],
                interceptors=[Finishing()],
                activity_executor=threads,
                workflow_runner=SandboxedWorkflowRunner(restrictions=self.restrictions),
                max_cached_workflows=self.cached,
                deployment_config=WorkerDeploymentConfig(version=WorkerDeploymentVersion("grants", self.build), use_worker_versioning=False),
            )
            async with running:
                yield running

    async def committed(self, count: int) -> None:
        """Wait until the record holds so many entries."""
        await until(lambda: len(self.entries) == count, f"there never were {count} entries")

    async def did(self, count: int) -> None:
        """Wait until so many effects are done."""
        await until(lambda: len(self.record.done) == count, f"there never were {count} effects done")

    async def idle(self) -> None:
        """Wait until the workflow has nothing in hand, so that a worker that ends now takes nothing with it."""

        async def nothing_pending() -> bool:
            found = (await self.execution.describe()).raw_description
            return not (found.pending_activities or found.HasField("pending_workflow_task"))

        await eventually(nothing_pending)

    async def ended(self) -> None:
        """Wait until the newest run is over, however it ends."""

        async def over() -> bool:
            return (await self.execution.describe()).status != WorkflowExecutionStatus.RUNNING

        await eventually(over)

    async def history(self, run_id: str | None = None) -> Sequence[Any]:
        found = self.client.get_workflow_handle(self.stream, run_id=run_id)
        return (await found.fetch_history()).events

    async def runs(self) -> int:
        """How many runs this workflow has had."""
        return len([each async for each in self.client.list_workflows(f"WorkflowId = '{self.stream}'")])


async def until(holds: Callable[[], bool], what: str = "it never came true", seconds: float = 20) -> None:
    """Wait until something holds."""
    end = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < end, what
        await asyncio.sleep(0.01)


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait until something holds that must be asked for."""
    end = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < end, "it never came true"
        await asyncio.sleep(0.02)


def raw(text: bytes, encoding: str = "json/plain") -> RawValue:
    """A payload as bytes, of any encoding."""
    return RawValue(Payload(metadata={"encoding": encoding.encode()}, data=text))


def of_type(events: Sequence[Any], attributes: str) -> list[Any]:
    """The events of a history that have these attributes."""
    return [each for each in events if each.HasField(attributes)]


def summary(event: Any) -> str:
    """The words that the UI shows beside an event."""
    return str(json.loads(event.user_metadata.summary.data or b'""'))


def bodies(messages: Sequence[Message]) -> list[Mapping[str, Any]]:
    """What the messages say."""
    return [json.loads(each.payloads[0]) for each in messages]
