"""Every activity that has begun comes to its end, and is known to be alive while it does.

A cancelled half of an effect would be done twice, so a worker that is told to stop, and a workflow that begins a new run,
wait for what is under way. The heartbeats let the server give the work of a killed worker to another one within seconds,
however long an activity may take; what runs within a workflow's own task has none, for that task's own limit serves.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

BEAT_SECONDS = 2


class Finishing(Interceptor):
    """For every worker of ours."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002  (the SDK's name)
        """Put ourselves around the activity."""
        return _Finished(next)


class _Finished(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  (the SDK's name)
        work = asyncio.ensure_future(self.next.execute_activity(input))
        beat = None if activity.info().is_local else BEAT_SECONDS
        while not work.done():
            try:
                await asyncio.wait({work}, timeout=beat)
            except asyncio.CancelledError:
                continue
            if not work.done():
                await self._beat(input)
        return work.result()

    async def _beat(self, input: ExecuteActivityInput) -> None:  # noqa: A002  (the SDK's name)
        """Where the activity has a thread of its own, the SDK's heartbeat waits for this loop: it must not stand on it."""
        if input.executor is None:
            activity.heartbeat()
        else:
            with suppress(asyncio.CancelledError):
                await asyncio.to_thread(activity.heartbeat)
