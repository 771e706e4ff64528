"""An organisation as a durable stream: the queue alone. Cover ends by its date, so nothing is ever due (DESIGN §4.9)."""

from __future__ import annotations

from temporalio import workflow

from workflows.names import ORGANISATION
from workflows.queue import Carried, Queue


@workflow.defn(name=ORGANISATION)
class OrganisationWorkflow(Queue):
    """One organisation. Its id is its stream's name, ``organisation/<id>``."""

    @workflow.init
    def __init__(self, carried: Carried | None = None) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried | None = None) -> str:  # noqa: ARG002  (Temporal gives it to both)
        """Have everything committed until nothing is left to do."""
        return await self.live()
