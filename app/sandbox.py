"""How workflows are run, by the worker and by whoever replays what it did."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info


@dataclass(frozen=True)
class Runner(SandboxedWorkflowRunner):
    """The SDK's sandbox, entered for the workflow's own code only."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """One run of one workflow."""
        return _Run(super().create_instance(det))


@dataclass(frozen=True)
class _Run(WorkflowInstance):
    """One run in its sandbox.

    The SDK also enters the sandbox several times for every payload, to ask in whose context it is to be converted, and
    compiles the question anew each time: a sixth of what our workers did. Our converter asks for no context and nothing
    is stored elsewhere (CONTRACT, Restricted content), so it is answered here.
    """

    within: WorkflowInstance

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self.within.activate(act)

    def get_serialization_context(self, _command: object) -> None:
        return None

    def get_external_store_context(self, _command: object) -> StorageDriverStoreContext:
        return NOWHERE

    def get_info(self) -> Info:
        return self.within.get_info()

    def get_thread_id(self) -> int | None:
        return self.within.get_thread_id()


NOWHERE = StorageDriverStoreContext(target=None)
RUNNER = Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules("domain", "activities.contracts"))
"""What workflows see of ours is loaded once, not anew for each run."""
