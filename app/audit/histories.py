"""Replaying one of Temporal's histories with this build's workflows, more closely than the SDK's own replay does.

The SDK compares the kinds and the order of what a workflow did. It does not see that an activity would now be asked
something else, that a workflow would now end where it went on, or that the last task failed. All of these are seen here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, get_type_hints

from temporalio import workflow
from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    StartActivityInput,
    StartLocalActivityInput,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from activities.contracts import Bookkeeping, Notifying, Recording
from app.conversion import CONVERTER
from workflows.grant import GrantWorkflow
from workflows.organisation import OrganisationWorkflow
from workflows.queue import Carried

TASK_FAILED = "WorkflowTaskFailure"
ASKED: dict[str, Callable[..., Any]] = {
    "commit": Recording.commit,
    "send_notice": Notifying.send_notice,
    "hand_over_journal": Bookkeeping.hand_over_journal,
    "reconcile_ledger": Bookkeeping.reconcile_ledger,
}


@dataclass
class Recorded:
    """What workflow code did while it was replayed: what it asked of whom, and how its run ended (null: it did not)."""

    asked: list[tuple[str, list[Any]]] = field(default_factory=list)
    end: tuple[str, object] | None = None
    failures: list[str] = field(default_factory=list)


async def unfollowed(history: WorkflowHistory, workflows: Sequence[type] = (GrantWorkflow, OrganisationWorkflow)) -> tuple[str, ...]:
    """What these workflows would do otherwise than the history says, in words; empty: nothing."""
    answered = WorkflowHistory(history.workflow_id, _answered(list(history.events)))
    recorded = Recorded()
    replayer = Replayer(
        workflows=workflows,
        data_converter=CONVERTER,
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=[_Recorder(recorded)],
    )
    with _listening(recorded):
        result = await replayer.replay_workflow(answered, raise_on_replay_failure=False)
    failure = [str(result.replay_failure)] if result.replay_failure else []
    return (*failure, *recorded.failures, *([] if failure else _differences(answered.events, recorded)))


def _answered(events: list[HistoryEvent]) -> list[HistoryEvent]:
    """The history without what came after the workflow's last word: nobody has answered that yet."""
    last = max((each.event_id for each in events if each.HasField("workflow_task_completed_event_attributes")), default=0)
    said = [each.event_id for each in events if _followed_from(each) == last]
    return events[: max([last, *said])]


def _followed_from(event: HistoryEvent) -> int:
    """The workflow task whose command this event is; 0: it is none's."""
    attributes = getattr(event, event.WhichOneof("attributes") or "", None)
    return int(getattr(attributes, "workflow_task_completed_event_id", 0))


def _differences(events: Sequence[HistoryEvent], recorded: Recorded) -> Iterator[str]:
    for each in events:
        if each.HasField("activity_task_scheduled_event_attributes"):
            scheduled = each.activity_task_scheduled_event_attributes
            name, number = scheduled.activity_type.name, int(scheduled.activity_id)
            if recorded.asked[number - 1 : number] != [(name, _arguments(ASKED[name], scheduled.input))]:
                yield f"activity {number} ({name}) would now be asked something else"
    if (ended := _end_of(events[-1])) != recorded.end:
        yield f"the run ended with {ended}, now with {recorded.end}"


def _end_of(event: HistoryEvent) -> tuple[str, object] | None:
    if event.HasField("workflow_execution_completed_event_attributes"):
        return "result", _decoded(event.workflow_execution_completed_event_attributes.result, [str])[0]
    if event.HasField("workflow_execution_continued_as_new_event_attributes"):
        return "new run with", _decoded(event.workflow_execution_continued_as_new_event_attributes.input, [Carried])[0].queue
    return None


def _arguments(asked: Callable[..., Any], payloads: Payloads) -> list[Any]:
    hints = get_type_hints(asked)
    return _decoded(payloads, [hint for name, hint in hints.items() if name != "return"])


def _decoded(payloads: Payloads, types: list[type]) -> list[Any]:
    return CONVERTER.payload_converter.from_payloads(payloads.payloads, types)


@contextmanager
def _listening(recorded: Recorded) -> Iterator[None]:
    """The SDK says of a failed last task nothing but a line in its log."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if getattr(record, "__temporal_error_identifier", None) == TASK_FAILED:
                recorded.failures.append(f"a workflow task fails: {record.exc_info[1]!r}" if record.exc_info else record.getMessage())

    ear, log = Ear(), logging.getLogger("temporalio")
    log.addHandler(ear)
    try:
        yield
    finally:
        log.removeHandler(ear)


class _Recorder(Interceptor):
    """Tells what workflow code does to the outside of its loop."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002  (the SDK's name)
        told: MutableMapping[str, Callable[..., Any]] = input.unsafe_extern_functions
        told["asked"] = lambda name, arguments: self.recorded.asked.append((name, arguments))
        told["ended"] = lambda how, what: setattr(self.recorded, "end", (how, what))
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002  (the SDK's name)
        result = await super().execute_workflow(input)
        workflow.extern_functions()["ended"]("result", result)
        return result


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002  (the SDK's name)
        workflow.extern_functions()["asked"](input.activity, list(input.args))
        return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002  (the SDK's name)
        """Counted with the others, as the SDK numbers them; a history does not keep what it was asked."""
        workflow.extern_functions()["asked"](input.activity, list(input.args))
        return super().start_local_activity(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002  (the SDK's name)
        workflow.extern_functions()["ended"]("new run with", tuple(input.args[0].queue))
        super().continue_as_new(input)
