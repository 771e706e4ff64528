"""Reading Temporal's histories for what was sent: every signal of every run that the server still has, and what went wrong there.

Read page by page; of a signal only its name, its digests and its place are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.contracts import digest_of
from app.errors import UnavailableError
from domain import evidence
from workflows.names import GRANT, ORGANISATION

PAGE = 1000
"""Events of a history that are asked for at once."""

FAILED = (WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.TIMED_OUT)


@dataclass(frozen=True)
class Signal:
    """One signal: where it stands (run and event of the history), and the digest of its name and bytes.

    ``command`` and ``digest`` are the id and the digest of the command that its bytes claim to be; null: they can be read
    as none.
    """

    workflow: str
    run: str
    event: int
    at: str
    name: str
    sha256: str
    command: str | None
    digest: str | None


@dataclass
class Histories:
    """What the server still has of one workflow: its signals in order, the runs read, those expired, and what failed there."""

    workflow: str
    signals: list[Signal] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    task_failures: Counter[str] = field(default_factory=Counter)


async def histories(client: Client, streams: Sequence[str] | None) -> list[Histories]:
    """The histories of these workflows; null: of every grant and organisation.

    Raises:
        UnavailableError: the Temporal server cannot be used.

    """
    try:
        runs = await _runs(client, streams)
        return [await _read(client, workflow, of_one) for workflow, of_one in sorted(runs.items())]
    except RPCError as error:
        message = f"The Temporal server cannot be used now: {error.message}"
        raise UnavailableError(message) from error


async def _runs(client: Client, streams: Sequence[str] | None) -> dict[str, dict[str, WorkflowExecution]]:
    """The runs of each workflow by their ids; the newest is asked for by itself, for lists follow a moment later."""
    queries = [f"WorkflowType IN ('{GRANT}', '{ORGANISATION}')"] if streams is None else [f"WorkflowId = '{each}'" for each in streams]
    found: dict[str, dict[str, WorkflowExecution]] = {each: {} for each in streams or ()}
    for query in queries:
        async for run in client.list_workflows(query):
            found.setdefault(run.id, {})[run.run_id] = run
    for workflow, runs in found.items():
        if newest := await _newest(client, workflow):
            runs[newest.run_id] = newest
    return found


async def _newest(client: Client, workflow: str) -> WorkflowExecution | None:
    try:
        return await client.get_workflow_handle(workflow).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _read(client: Client, workflow: str, runs: dict[str, WorkflowExecution]) -> Histories:
    found = Histories(workflow)
    for run in sorted(runs.values(), key=lambda each: (each.start_time, each.run_id)):
        if run.status in FAILED:
            found.failed.append(run.run_id)
        try:
            async for event in client.get_workflow_handle(workflow, run_id=run.run_id).fetch_history_events(page_size=PAGE):
                _take(found, run.run_id, event)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            found.expired.append(run.run_id)
        else:
            found.runs.append(run.run_id)
    found.expired = [each for each in dict.fromkeys(found.expired) if each not in found.runs]
    return found


def _take(found: Histories, run: str, event: HistoryEvent) -> None:
    match event.WhichOneof("attributes"):
        case "workflow_execution_signaled_event_attributes":
            found.signals.append(_signal(found.workflow, run, event))
        case "workflow_execution_started_event_attributes":
            before = event.workflow_execution_started_event_attributes.continued_execution_run_id
            if before and before not in found.runs:
                found.expired.append(before)
        case "workflow_task_failed_event_attributes":
            cause = WorkflowTaskFailedCause.Name(event.workflow_task_failed_event_attributes.cause)
            found.task_failures[cause.removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")] += 1
        case "workflow_task_timed_out_event_attributes":
            kind = TimeoutType.Name(event.workflow_task_timed_out_event_attributes.timeout_type)
            found.task_failures[kind.replace("TIMEOUT_TYPE_", "TIMED_OUT_")] += 1
        case _:
            pass


def _signal(workflow: str, run: str, event: HistoryEvent) -> Signal:
    sent = event.workflow_execution_signaled_event_attributes
    payloads = [each.data for each in sent.input.payloads]
    command, digest = _claimed(payloads)
    at = event.event_time.ToDatetime(tzinfo=UTC)
    sha256 = digest_of(sent.signal_name, payloads)
    return Signal(workflow, run, event.event_id, _written(at), sent.signal_name, sha256, command, digest)


def _claimed(payloads: Sequence[bytes]) -> tuple[str | None, str | None]:
    """The id and the digest of the command that a message claims to be, whoever signed it."""
    if len(payloads) != 1:
        return None, None
    try:
        command: Any = evidence.read(payloads[0])["command"]
        return str(command["id"]), evidence.digest(evidence.canonical(command))
    except (evidence.NotCanonicalError, KeyError, TypeError):
        return None, None


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
