"""act: what one person did becomes history, and whoever is next is told, in one go (docs/decisions/0013).

What cannot be done promptly stays open in the answer, and the workflow has it done by activities of its own.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Executor
from typing import Protocol

from temporalio import activity

from activities.contracts import Acting, Answer, Effect, Message
from activities.notifications import Notifications
from activities.results import Settled

TOGETHER = 3
"""Commits at once, and threads for them: more only wait for each other. A notice that waits for the mail server takes none."""

PLACE_SECONDS = 3
"""For a place among them; then the message takes an activity, which the UI shows."""


SURE_SECONDS = 2
"""So long after an act began the workflow surely waits for it still, so nobody else was asked to give its notices."""


class Settling(Protocol):
    """The record, as acts use it."""

    def settle(self, stream: str, messages: tuple[Message, ...]) -> Settled:
        """Commit the messages."""


class Acts(Acting):
    """The acts of all streams. ``threads`` is where they are committed."""

    def __init__(self, record: Settling, notices: Notifications, threads: Executor) -> None:
        self.record, self.notices, self.threads = record, notices, threads
        self._places = asyncio.Semaphore(TOGETHER)

    @activity.defn(name="act")
    async def act(self, stream: str, message: Message, in_hand: tuple[Effect, ...]) -> Answer:
        """Commit, then give the notices that this asked for.

        With older ones in hand, left by another run, or tried by an attempt that was cut off, all wait: they go out in order.
        """
        began = time.monotonic()
        async with asyncio.timeout(PLACE_SECONDS) as limit, self._places:
            limit.reschedule(None)
            done = await asyncio.get_running_loop().run_in_executor(self.threads, self.record.settle, stream, (message,))
        notices = [each for each in done.answer.effects if each.kind == "notice"]
        if any(each.kind == "notice" for each in in_hand) or any(each.tried or each.version <= done.before for each in notices):
            return done.answer
        alone = not in_hand and len(notices) == len(done.answer.effects)  # else another answer, given meanwhile, may show the notice open again
        sure = alone and time.monotonic() - began < SURE_SECONDS
        return await self.notices.at_once(stream, done.answer, done.notice if sure else None)
