"""One look at the log for everybody who waits for an outcome, instead of a question each.

Each look reads which commands the newest events name, and then the events of those who were waited for, and of those who
began to wait since the look before. It is taken often while something happens, and more and more seldom while nothing does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from app.outcomes import Sent, rows_of
from store.batch import Row
from store.database import conversation
from store.errors import RecordUnavailableError
from store.event_log import EventLog

SOON_SECONDS = 0.002
"""Between two looks where one has just found something, or somebody new waits."""

LONG_SECONDS = 0.02
SLOWER = 1.2

EACH_SECONDS = 0.0006
"""Longer for each who waits beside the first: where many wait, one look answers several of them."""

MOST_SECONDS = 0.05
"""Between two looks, however many wait."""


@dataclass(eq=False)
class Awaited:
    """A message whose outcome is waited for, since the log was known to hold the event of index ``since``.

    ``rows`` are the events that name it, as of the last look that found a new one; null: no look has asked for it yet.
    """

    sent: Sent
    since: int
    rows: Sequence[Row] | None = None
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def known(self) -> list[Row]:
        """Those that named it when the wait began."""
        return [each for each in self.rows or () if each.index <= self.since]

    def tell(self, rows: Sequence[Row]) -> None:
        """These are its events now."""
        told = len(self.rows) if self.rows else len([each for each in rows if each.index <= self.since])
        self.rows = rows
        self.looked.set()
        if len(rows) > told:
            self.came.set()


class Watch:
    """Who waits in this program, and the one task that looks for all of them; there is none while nobody waits."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: list[Awaited] = []
        self._looking: asyncio.Task[None] | None = None
        self._index = self._told = 0
        self._pause = SOON_SECONDS

    @contextmanager
    def waiting(self, sent: Sent) -> Iterator[Awaited]:
        """Look for the events that name this message, those that do already among them.

        Nothing is missed. Where others wait already, what came since the last look and was told to none of them counts as come
        now, though it may have come a moment before. Where the log could not be read, a new look goes on from where that one stopped.

        Raises:
            RecordError: the log cannot be read.

        """
        if not self._waiting:
            self._index = self._told = self._log.size() - 1
        awaited = Awaited(sent, max(self._index, self._told))
        self._waiting.append(awaited)
        self._begin()
        try:
            yield awaited
        finally:
            self._waiting.remove(awaited)
            if not self._waiting and self._looking:
                self._looking.cancel()
                self._looking = None

    async def known(self, awaited: Awaited, within: float) -> list[Row]:
        """The events that named it when the wait began; none, where no look has ended after so many seconds.

        Raises:
            RecordError: the log cannot be read.

        """
        looking = await self._waited(awaited, awaited.looked, within)
        if looking.done():
            looking.result()
        if awaited.rows is None and awaited.looked.is_set():  # the look failed, and somebody else has begun another one
            awaited.tell(await asyncio.to_thread(rows_of, self._log, awaited.sent))
        return awaited.known

    async def seen(self, awaited: Awaited, within: float) -> Sequence[Row]:
        """The events that name it, once one has come since the wait began, or since they were last seen; or after so many seconds.

        Raises:
            RecordError: the log cannot be read.

        """
        looking = await self._waited(awaited, awaited.came, within)
        told = awaited.came.is_set()
        awaited.came.clear()
        if looking.done():
            looking.result()
        return awaited.rows if told and awaited.rows else await asyncio.to_thread(rows_of, self._log, awaited.sent)

    async def _waited(self, awaited: Awaited, event: asyncio.Event, within: float) -> asyncio.Task[None]:
        """Until the event is set, or the seconds are over; the task that was looking when the wait began: if it has ended, it raised."""
        if self._looking is None:
            raise LookupError(awaited.sent.stream)
        looking = self._looking
        if not looking.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await event.wait()
        return looking

    def _begin(self) -> None:
        self._pause = SOON_SECONDS
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(self._ended)

    async def _look(self) -> None:
        while True:
            index, found = await asyncio.to_thread(self._found, tuple(self._waiting))
            for awaited, rows in found:
                awaited.tell(rows)
                self._told = max([self._told, *(each.index for each in rows)])
            self._pause = min(self._pause * SLOWER, LONG_SECONDS) if index == self._index else SOON_SECONDS
            self._index = index
            await asyncio.sleep(pause_for(len(self._waiting), self._pause))

    def _found(self, waiting: Sequence[Awaited]) -> tuple[int, list[tuple[Awaited, list[Row]]]]:
        """What a look finds. That a connection was ended shows when it is used; the next one is a new one."""
        try:
            return self._named(waiting)
        except RecordUnavailableError:
            return self._named(waiting)

    def _named(self, waiting: Sequence[Awaited]) -> tuple[int, list[tuple[Awaited, list[Row]]]]:
        """How far the log was read, and the events of those who were named, or who began to wait since the last look.

        Their events are asked for after how far the log goes, all in one question: whoever begins meanwhile is asked for by the next look.
        """
        with conversation(self._log.engine):
            newest = self._log.named(self._index)
            named = {(each.stream, each.command) for each in newest}
            asked = [each for each in waiting if each.rows is None or not named.isdisjoint(each.sent.names)]
            rows = self._log.rows_naming(frozenset().union(*(each.sent.names for each in asked))) if asked else []
        index = newest[-1].index if newest else self._index
        return index, [(each, [row for row in rows if (row.stream, row.command_id) in each.sent.names]) for each in asked]

    def _ended(self, looking: asyncio.Task[None]) -> None:
        """Whoever waits learns what the look raised, if it was not ended because nobody waits."""
        if not looking.cancelled():
            for each in self._waiting:
                each.looked.set()
                each.came.set()


def pause_for(waiting: int, alone: float) -> float:
    """The seconds between two looks where so many wait; ``alone``: where one does."""
    return min(alone + EACH_SECONDS * (waiting - 1), MOST_SECONDS)
