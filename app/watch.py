"""One look at the log for everybody who waits for an outcome, instead of a question each.

Each look reads only which commands the newest events name. It is taken often while something happens, and more and more
seldom while nothing does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from store.event_log import EventLog

SOON_SECONDS = 0.002
"""Between two looks where one has just found something, or somebody new waits; longer by a tenth for each who waits."""

LONG_SECONDS = 0.02
SLOWER = 1.2


@dataclass(frozen=True, eq=False)
class Awaited:
    """The ids on one stream under which an outcome can come; ``came`` is set once an event names one of them."""

    stream: str
    ids: frozenset[str]
    came: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Who waits in this program, and the one task that looks for all of them; there is none while nobody waits."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: list[Awaited] = []
        self._looking: asyncio.Task[None] | None = None
        self._index = 0
        self._pause = SOON_SECONDS

    @contextmanager
    def waiting(self, stream: str, ids: Iterable[str]) -> Iterator[Awaited]:
        """Look for events from now on that name one of these ids on that stream.

        Whoever asks the record after this has begun misses nothing: what is not there yet will be seen. Where the log could
        not be read, a new look goes on from where that one stopped.

        Raises:
            RecordError: the log cannot be read.

        """
        awaited = Awaited(stream, frozenset(ids))
        if not self._waiting:
            self._index = self._log.size() - 1
        self._waiting.append(awaited)
        self._pause = SOON_SECONDS
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield awaited
        finally:
            self._waiting.remove(awaited)
            if not self._waiting and self._looking:
                self._looking.cancel()
                self._looking = None

    async def seen(self, awaited: Awaited, within: float) -> None:
        """Wait until one of its ids was named since it began, or was last seen; or so many seconds.

        Raises:
            RecordError: the log cannot be read.

        """
        if self._looking is None:
            raise LookupError(awaited.stream)
        looking, named = self._looking, asyncio.create_task(awaited.came.wait())
        try:
            await asyncio.wait({named, looking}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            named.cancel()
        awaited.came.clear()
        if looking.done():
            looking.result()

    async def _look(self) -> None:
        while True:
            named = await asyncio.to_thread(self._log.named, self._index)
            self._tell({(each.stream, each.command) for each in named})
            self._index = named[-1].index if named else self._index
            self._pause = SOON_SECONDS if named else min(self._pause * SLOWER, LONG_SECONDS)
            await asyncio.sleep(self._pause * (1 + len(self._waiting) / 10))

    def _tell(self, named: set[tuple[str, str]]) -> None:
        for each in self._waiting:
            if not named.isdisjoint((each.stream, command) for command in each.ids):
                each.came.set()
