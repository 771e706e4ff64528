"""Workflows changed in ways that running grants would not survive: the gate must name each, the SDK alone names few."""

from __future__ import annotations

from temporalio import workflow

from activities.contracts import Answer, Message
from workflows.grant import GrantWorkflow
from workflows.names import GRANT
from workflows.queue import Carried


@workflow.defn(name=GRANT)
class AsksOtherwise(GrantWorkflow):
    """Gives the same activity other messages."""

    @workflow.init
    def __init__(self, carried: Carried | None = None) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried | None = None) -> str:
        return await super().run(carried)

    def _batch(self) -> tuple[Message, ...]:
        return super()._batch()[::-1]


@workflow.defn(name=GRANT)
class EndsEarly(GrantWorkflow):
    """Ends where it should wait for the next message."""

    @workflow.init
    def __init__(self, carried: Carried | None = None) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried | None = None) -> str:
        return await super().run(carried)

    def over(self) -> bool:
        return not self.queue and self.answer.version > 2


@workflow.defn(name=GRANT)
class FailsInTheEnd(GrantWorkflow):
    """Raises on what the last answer says."""

    @workflow.init
    def __init__(self, carried: Carried | None = None) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried | None = None) -> str:
        return await super().run(carried)

    def obey(self, answer: Answer) -> None:
        super().obey(answer)
        if len(answer.due) > 1:
            raise LookupError(answer.version)


@workflow.defn(name=GRANT)
class ForgetsTimers(GrantWorkflow):
    """Keeps no moments at all."""

    @workflow.init
    def __init__(self, carried: Carried | None = None) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried | None = None) -> str:
        return await super().run(carried)

    async def _keep(self, part: str) -> None:
        await workflow.wait_condition(lambda: not part)
