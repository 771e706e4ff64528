"""One look at the log for everybody who waits for an outcome, instead of a question each.

Each look reads which commands the newest events name, and then the events of those who were waited for, in the same
snapshot. It is taken often while something happens, and more and more seldom while nothing does.
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
    """A message whose outcome is waited for.

    ``known`` are the events that named it when the wait began; ``rows`` all that do, as of the last look that found one.
    """

    sent: Sent
    known: Sequence[Row] = ()
    rows: Sequence[Row] = ()
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def is_named(self, named: set[tuple[str, str]]) -> bool:
        """Whether one of these commands (stream, id) is one under which its outcome can come."""
        return not named.isdisjoint((self.sent.stream, each) for each in self.sent.ids)

    def tell(self, rows: Sequence[Row]) -> None:
        """These are its events now."""
        self.rows = rows
        self.came.set()


class Watch:
    """Who waits in this program, and the one task that looks for all of them; there is none while nobody waits."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: list[Awaited] = []
        self._looking: asyncio.Task[None] | None = None
        self._index = 0
        self._pause = SOON_SECONDS

    @contextmanager
    def waiting(self, sent: Sent) -> Iterator[Awaited]:
        """Look for events from now on that name this message; ``known`` are those that name it already.

        Nothing is missed: what is not among them will be seen. Where the log could not be read, a new look goes on from
        where that one stopped.

        Raises:
            RecordError: the log cannot be read.

        """
        awaited = Awaited(sent)
        self._waiting.append(awaited)
        try:
            self._begin(awaited)
            yield awaited
        finally:
            self._waiting.remove(awaited)
            if not self._waiting and self._looking:
                self._looking.cancel()
                self._looking = None

    async def seen(self, awaited: Awaited, within: float) -> Sequence[Row]:
        """The events that name it, once one has come since the wait began, or since they were last seen; or after so many seconds.

        Raises:
            RecordError: the log cannot be read.

        """
        if self._looking is None:
            raise LookupError(awaited.sent.stream)
        looking = self._looking
        if not looking.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await awaited.came.wait()
        told = awaited.came.is_set()
        awaited.came.clear()
        if looking.done():
            looking.result()
        return awaited.rows if told else await asyncio.to_thread(rows_of, self._log, awaited.sent)

    def _begin(self, awaited: Awaited) -> None:
        """It is among those who wait before its events are read, so that a look of that moment tells it of newer ones."""
        with conversation(self._log.engine):
            if len(self._waiting) == 1:
                self._index = self._log.size() - 1
            awaited.known = rows_of(self._log, awaited.sent)
        self._pause = SOON_SECONDS
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(self._ended)

    async def _look(self) -> None:
        while True:
            index, found = await asyncio.to_thread(self._found)
            for awaited, rows in found:
                awaited.tell(rows)
            self._pause = min(self._pause * SLOWER, LONG_SECONDS) if index == self._index else SOON_SECONDS
            self._index = index
            await asyncio.sleep(pause_for(len(self._waiting), self._pause))

    def _found(self) -> tuple[int, list[tuple[Awaited, list[Row]]]]:
        """What a look finds. That a connection was ended shows when it is used; the next one is a new one."""
        try:
            return self._named()
        except RecordUnavailableError:
            return self._named()

    def _named(self) -> tuple[int, list[tuple[Awaited, list[Row]]]]:
        """How far the log was read, and the events of those who wait and were named.

        Who waits is asked after the log: whoever began meanwhile, and whose events this look has passed, is told too.
        """
        with conversation(self._log.engine):
            newest = self._log.named(self._index)
            named = {(each.stream, each.command) for each in newest}
            found = [(each, rows_of(self._log, each.sent)) for each in tuple(self._waiting) if each.is_named(named)]
        return newest[-1].index if newest else self._index, found

    def _ended(self, looking: asyncio.Task[None]) -> None:
        """Whoever waits learns what the look raised, if it was not ended because nobody waits."""
        if not looking.cancelled():
            for each in self._waiting:
                each.came.set()


def pause_for(waiting: int, alone: float) -> float:
    """The seconds between two looks where so many wait; ``alone``: where one does."""
    return min(alone + EACH_SECONDS * (waiting - 1), MOST_SECONDS)
