"""The durable life of one grant: its queue, one timer a part of its life, and its effects beside (DESIGN §4).

What the parts are, and what each owes, is told in ``workflows.lifecycle``; what follows from a message is decided by
``commit``, against the record. Here stands only what waits.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import assert_never, get_args

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

from activities.contracts import Answer, Bookkeeping, Due, Effect, Notifying
from domain.effects import EffectKind
from workflows import lifecycle, words
from workflows.names import GRANT
from workflows.queue import ACT, LONGEST, SILENCE, UNTIL_DONE, Carried, Queue

FINISHED = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
"""An effect that is being done when a run ends is waited for: else the next run would do it beside."""


MAIL = timedelta(seconds=30)
"""For one attempt at a notice, which ends itself before that (``activities.notifications``): short enough to go without heartbeats."""


@workflow.defn(name=GRANT)
class GrantWorkflow(Queue):
    """One grant. Its id is its stream's name, ``grant/<id>``."""

    @workflow.init
    def __init__(self, carried: Carried | None = None) -> None:
        super().__init__(carried)
        self.working = 0
        self.resting = False

    @workflow.run
    async def run(self, carried: Carried | None = None) -> str:  # noqa: ARG002  (Temporal gives it to both)
        """Live until the grant is closed, every effect is done, and no message waits."""
        return await self.live()

    def company(self) -> tuple[asyncio.Task[None], ...]:
        """A timer for each part of the life, and a pair of hands for each kind of effect."""
        timers = [asyncio.create_task(self._keep(part.name)) for part in lifecycle.LIFE]
        hands = [asyncio.create_task(self._perform(kind)) for kind in get_args(EffectKind)]
        return (*timers, *hands)

    def details(self) -> str:
        """Where in its life the grant stands, and what the record says of it: markdown."""
        return f"{lifecycle.place(each.part for each in self.answer.due)}\n\n{self.answer.details}"

    def over(self) -> bool:
        """Closed, every effect done, and no message waiting."""
        return super().over() and not self.working

    async def rest(self) -> None:
        """End the timers, and let an effect that is being done come to its end, so that it is done once."""
        self.resting = True
        for task in self.beside:
            task.cancel()
        await asyncio.gather(*self.beside, return_exceptions=True)

    async def _keep(self, part: str) -> None:
        """One timer at most, named in the duty's words; set anew only when its moment moves."""
        while True:
            await workflow.wait_condition(lambda: self._due(part) is not None)
            due = self._due(part)
            if due and due.at and await self._came(due, due.at):
                self.woken_for = max(due.at, self.woken_for or due.at)
                await self._gone(due)

    async def _came(self, due: Due, at: datetime) -> bool:
        """Wait for the moment; false if it moved before it came."""
        wait = at - workflow.now()
        if wait <= timedelta():
            return True
        try:
            await workflow.wait_condition(lambda: not self._stands(due), timeout=wait, timeout_summary=words.short(due.words))
        except TimeoutError:
            return True
        return False

    async def _gone(self, due: Due) -> None:
        """Wait until the moment is decided. One that stands still (CONTRACT, Messages) is not tried again by itself."""
        await workflow.wait_condition(lambda: not self._stands(due))

    def _due(self, part: str) -> Due | None:
        return next((each for each in self.answer.due if each.part == part and each.at), None)

    def _stands(self, due: Due) -> bool:
        now = self._due(due.part)
        return now is not None and (now.subject, now.duty, now.at) == (due.subject, due.duty, due.at)

    async def _perform(self, kind: EffectKind) -> None:
        """Every effect of one kind, the oldest first; the other kinds and the queue do not wait for it."""
        while not self.resting:
            await workflow.wait_condition(lambda: bool(self._open(kind)))
            self.working += 1
            try:
                await self._do(kind, self._open(kind)[0])
            except ActivityError:
                continue  # ended by hand or by rest: the effect is still open
            finally:
                self.working -= 1

    async def _do(self, kind: EffectKind, effect: Effect) -> None:
        match kind:
            case "notice":
                await self._send(effect)
            case "journal":
                await self._hand_over(effect)
                if not self._open(kind):
                    await self._reconcile()
            case _:
                assert_never(kind)

    async def _send(self, effect: Effect) -> None:
        answer = await workflow.execute_activity_method(
            Notifying.send_notice,
            args=[self.stream, effect],
            start_to_close_timeout=MAIL,
            retry_policy=UNTIL_DONE,
            cancellation_type=FINISHED,
            summary=words.short(effect.summary),
        )
        self._obey_beside(answer)

    async def _hand_over(self, effect: Effect) -> None:
        answer = await workflow.execute_activity_method(
            Bookkeeping.hand_over_journal,
            args=[self.stream, effect],
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENCE,
            retry_policy=UNTIL_DONE,
            cancellation_type=FINISHED,
            summary=words.short(effect.summary),
        )
        self._obey_beside(answer)

    async def _reconcile(self) -> None:
        answer = await workflow.execute_activity_method(
            Bookkeeping.reconcile_ledger,
            self.stream,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENCE,
            retry_policy=UNTIL_DONE,
            cancellation_type=FINISHED,
            summary="Compare the ledger with what was handed over",
        )
        self._obey_beside(answer)

    def _obey_beside(self, answer: Answer) -> None:
        """Obey what an effect answers. A notice that no commit has told of was asked for by an act that was cut off, perhaps while it gave it."""
        known = {each.key for each in self.answer.effects}
        untold = [each for each in answer.effects if each.kind == "notice" and each.key not in known]
        self.obey(answer.tried(untold) if untold and workflow.patched(ACT) else answer)

    def _open(self, kind: EffectKind) -> tuple[Effect, ...]:
        return tuple(each for each in self.answer.effects if each.kind == kind)
