"""Callers in a closed loop: each asks, waits for the answer, and asks again; how many answers came, and how long each took."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Ask = Callable[[], Awaitable[None]]
"""One round trip; it raises where the answer is not the one that is wanted."""


@dataclass(frozen=True)
class Round:
    """One measurement: so many seconds after the warming up, and the seconds that each answer within them took."""

    seconds: float
    took: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds


async def measured(ask: Ask, callers: int, warm: float, seconds: float) -> Round:
    """What so many callers at once are answered within ``seconds``, after ``warm`` seconds that do not count.

    Raises:
        Exception: the first that an ask raised; it ends all callers.

    """
    begin = time.perf_counter() + warm
    end = begin + seconds
    took: list[float] = []

    async def call() -> None:
        while (asked := time.perf_counter()) < end:
            await ask()
            answered = time.perf_counter()
            if begin <= answered < end:
                took.append(answered - asked)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(call())
    except ExceptionGroup as several:
        raise several.exceptions[0] from several
    return Round(seconds, tuple(took))


def percentile(took: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed (nearest rank).

    Raises:
        ValueError: there are none.

    """
    if not took:
        message = "nothing was answered in time to be counted"
        raise ValueError(message)
    return sorted(took)[max(0, math.ceil(share * len(took)) - 1)]
