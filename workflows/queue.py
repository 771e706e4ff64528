"""What every stream's workflow does: take messages in, have them committed in order, and obey the newest answer.

A workflow's whole memory is its queue and the last answer (DESIGN §4.2). It decides nothing, reads no message and sees no
event, so a change of rule, of an event or of a state needs no versioning here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from activities.contracts import LARGEST_BATCH, MOST_MESSAGES, Acting, Answer, Message, Recording, Travelling, received
from workflows import words
from workflows.names import changes

UNTIL_DONE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))
"""For ever: a stuck activity is seen in the UI with its last error, and goes on by itself once the cause is mended."""

LONGEST = timedelta(minutes=5)
"""For one attempt."""

ONCE = RetryPolicy(maximum_attempts=1)
PATIENCE = timedelta(seconds=5)
"""For an act within the workflow's own task, which has ten seconds."""

ACT = "act-at-once"
"""Histories without this mark were made before an act's notices were given with it."""

AT_ONCE = "commit-at-once"
"""Histories without either mark were made before single messages were committed within the task."""

SILENCE = timedelta(seconds=10)
"""How long a worker may say nothing of an attempt before another worker begins it anew."""


class Carried(Travelling):
    """What one run of a workflow leaves to the next. Its stream is the workflow's own id."""

    queue: tuple[Message, ...] = ()


class Queue:
    """The queue of one stream, whose name is the workflow's id."""

    def __init__(self, carried: Carried | None) -> None:
        self.stream = workflow.info().workflow_id
        self.queue: list[Message] = list(carried.queue) if carried else []
        self.answer = Answer(version=0, seen=0)
        self.woken_for: datetime | None = None
        self.beside: tuple[asyncio.Task[None], ...] = ()
        self._build = workflow.info().get_current_deployment_version()

    @workflow.signal(dynamic=True, description="A signed message, under its command's name or as `submit`")
    def inbox(self, name: str, args: Sequence[RawValue]) -> None:
        """Every signal, whatever its name and form, kept as it came. Nothing here can fail (DESIGN §4.5)."""
        self.queue.append(received(name, [each.payload.data for each in args]))

    async def live(self) -> str:
        """Read the record, then commit what arrives and what falls due, until the stream is closed and nothing is left to do."""
        try:
            await self.commit()
            self.beside = self.company()
            return await self._listen()
        except (asyncio.CancelledError, ActivityError):  # the second: a commit was under way when somebody asked it to end
            await self._settle()  # what has arrived is committed first
            raise

    async def _listen(self) -> str:
        while True:
            await workflow.wait_condition(lambda: self._called() or self.over() or self._may_roll() or self._broken())
            if self._broken():
                await asyncio.gather(*self.beside)  # nothing beside the queue ends by itself: its error must be seen
            elif self.over() or self._may_roll():
                return await self._end()
            else:
                await self.commit()

    async def commit(self) -> None:
        """Have the oldest messages and the moments due committed, and obey the answer; again while moments are left over."""
        woken_for, self.woken_for = self.woken_for, None
        more = True
        while more:
            batch = self._batch()
            try:
                answer = await self._at_once(batch, woken_for) or await self._in_the_end(batch, woken_for)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                continue  # an operator made it fail: the messages are still in the queue
            del self.queue[: len(batch)]
            self.obey(answer)
            more = answer.more

    async def _at_once(self, batch: tuple[Message, ...], woken_for: datetime | None) -> Answer | None:
        """One person's act, tried once within the workflow's own task, which costs less than an activity; null: it takes an activity.

        A crowd of messages, a moment and whatever did not come off at once take the activity, which the UI shows with its
        attempts and its error, and which keeps the task short (docs/decisions/0012).
        """
        if len(batch) != 1 or woken_for:
            return None
        try:
            return await self._act(batch)
        except FailureError as error:  # of one that raised, the SDK gives the bare cause, not an ActivityError around it
            if is_cancelled_exception(error):
                raise
            return None

    async def _act(self, batch: tuple[Message, ...]) -> Answer | None:
        called = words.of_commit(batch, None, self.answer.due)
        if workflow.patched(ACT):
            acted = [self.stream, batch[0], self.answer.effects]
            return await workflow.execute_local_activity_method(Acting.act, args=acted, schedule_to_close_timeout=PATIENCE, retry_policy=ONCE, summary=called)
        if workflow.patched(AT_ONCE):
            return await workflow.execute_local_activity_method(
                Recording.commit, args=[self.stream, batch, None], schedule_to_close_timeout=PATIENCE, retry_policy=ONCE, summary=called
            )
        return None

    async def _in_the_end(self, batch: tuple[Message, ...], woken_for: datetime | None) -> Answer:
        """The same by an activity, until it is done; to commit again what was committed already adds nothing."""
        return await workflow.execute_activity_method(
            Recording.commit,
            args=[self.stream, batch, woken_for],
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENCE,
            retry_policy=UNTIL_DONE,
            summary=words.of_commit(batch, woken_for, self.answer.due),
        )

    def obey(self, answer: Answer) -> None:
        """Take an answer for the truth, unless a fresher one came first: activities end in any order."""
        if answer.seen < self.answer.seen:
            return
        self.answer = answer.knowing(self.answer.effects) if self.answer.effects else answer  # tries are counted from when it is first seen
        workflow.set_current_details(self.details())
        if updates := changes(workflow.info().typed_search_attributes, answer.attributes):
            workflow.upsert_search_attributes(updates)

    def over(self) -> bool:
        """Whether nothing is left to live for. The next message starts the workflow again (DESIGN §4.6)."""
        return self.answer.closed and not (self.answer.effects or self._called())

    def details(self) -> str:
        """What the UI shows of this stream: markdown."""
        return self.answer.details

    def company(self) -> tuple[asyncio.Task[None], ...]:
        """What runs beside the queue."""
        return ()

    async def rest(self) -> None:
        """End what runs beside the queue."""

    async def _end(self) -> str:
        await self.rest()
        while self._size() >= LARGEST_BATCH:
            await self.commit()
        if not self.over():
            workflow.continue_as_new(Carried(queue=tuple(self.queue)))
        return f"{self.stream}, version {self.answer.version}: nothing left to do"

    async def _settle(self) -> None:
        await self.rest()
        while self.queue:
            await self.commit()

    def _called(self) -> bool:
        return bool(self.queue or self.woken_for)

    def _may_roll(self) -> bool:
        """Whether a new run should begin: the history has grown long, or another build has taken over."""
        run = workflow.info()
        return run.is_continue_as_new_suggested() or run.get_current_deployment_version() != self._build

    def _size(self) -> int:
        return sum(each.size for each in self.queue)

    def _broken(self) -> bool:
        return any(task.done() for task in self.beside)

    def _batch(self) -> tuple[Message, ...]:
        """As many of the oldest messages as one commit takes."""
        size = 0
        for count, message in enumerate(self.queue[:MOST_MESSAGES]):
            size += message.size
            if size > LARGEST_BATCH:
                return tuple(self.queue[:count])
        return tuple(self.queue[:MOST_MESSAGES])
