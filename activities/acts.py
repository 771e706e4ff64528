"""act: what one person did becomes history, and whoever is next is told, in one go (docs/decisions/0012).

What cannot be done promptly stays open in the answer, and the workflow has it done by activities of its own.
"""

from __future__ import annotations

import asyncio

from temporalio import activity

from activities.contracts import Acting, Answer, Effect, Message, Recording
from activities.notifications import Notifications

TOGETHER = 3
"""Commits at once: more of them only wait for each other. Notices wait for the mail server, and do not count."""


class Acts(Acting):
    """The acts of all streams."""

    def __init__(self, record: Recording, notices: Notifications) -> None:
        self.record, self.notices = record, notices
        self._places = asyncio.Semaphore(TOGETHER)

    @activity.defn(name="act")
    async def act(self, stream: str, message: Message, in_hand: tuple[Effect, ...]) -> Answer:
        """Commit, then give the notices; with older ones in hand, or tried before, all wait, for they go out in order."""
        async with self._places:
            answer = await asyncio.to_thread(self.record.commit, stream, (message,), None)
        older = (*in_hand, *(each for each in answer.effects if each.tried))
        return answer if any(each.kind == "notice" for each in older) else await self.notices.at_once(stream, answer)
