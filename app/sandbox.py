"""How workflows are run, by the worker and by whoever replays what it did."""

from __future__ import annotations

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

RUNNER = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules("domain", "activities.contracts"))
"""What workflows see of ours is loaded once, not anew for each run."""
