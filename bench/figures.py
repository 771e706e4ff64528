"""What was measured: a cell for each record, side and number of callers; its rates, percentiles, and what it cost."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from bench.callers import Round, percentile

Name = Literal["bare", "no notice", "notice"]
BARE: Name = "bare"
RATES: tuple[tuple[Name, float, float], ...] = (("no notice", 0.65, 0.8), ("notice", 0.45, 0.6))
"""The rate of each of our sides against bare's: what it must be, and what it aims at."""

WAIT = 2.0
"""One caller's p99 against bare's, at most."""


@dataclass
class Cell:
    """One side over one record with so many callers: its rounds, how many asks they took, warming up included.

    ``notices`` were asked for meanwhile; ``late`` are the seconds that the last of them were still being sent after the
    callers had gone, by round; ``work`` is the processor time of each process, in seconds, of all rounds together.
    """

    record: str
    side: Name
    callers: int
    rounds: list[Round] = field(default_factory=list)
    asked: int = 0
    notices: int = 0
    late: list[float] = field(default_factory=list)
    work: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second: the median of the rounds."""
        return statistics.median(each.rate for each in self.rounds)

    def took(self, share: float) -> float:
        """The seconds that this share of all its answers took at most."""
        return percentile([took for each in self.rounds for took in each.took], share)

    def add_work(self, before: Mapping[str, float], after: Mapping[str, float]) -> None:
        """Count the processor time between two looks at the processes."""
        for name, seconds in after.items():
            self.work[name] = self.work.get(name, 0.0) + seconds - before[name]

    def as_json(self) -> dict[str, Any]:
        """Its figures: answers a second, milliseconds."""
        return {
            "record": self.record,
            "side": self.side,
            "callers": self.callers,
            "rate": round(self.rate, 1),
            "rates": [round(each.rate, 1) for each in self.rounds],
            "p50_ms": _milliseconds(self.took(0.5)),
            "p99_ms": _milliseconds(self.took(0.99)),
            "answers": sum(len(each.took) for each in self.rounds),
            "asked": self.asked,
            "notices": self.notices,
            "notices_late_seconds": [round(each, 2) for each in self.late],
            "processor_ms_an_answer": {name: _milliseconds(seconds / self.asked) for name, seconds in sorted(self.work.items())} if self.asked else {},
        }


@dataclass(frozen=True)
class Goal:
    """What a figure must reach, and what it aims at (null: nothing further); ``most``: it must stay at or below."""

    words: str
    value: float
    must: float
    aim: float | None = None
    most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is as it must be."""
        return self.value <= self.must if self.most else self.value >= self.must

    def __str__(self) -> str:
        """The goal as a line says it."""
        bound = f"at most {self.must:g}" if self.most else f"at least {self.must:g}"
        aim = f", aim {self.aim:g}{' reached' if self.value >= self.aim else ''}" if self.aim else ""
        return f"{'met' if self.met else 'NOT MET'}: {self.words}: {self.value:.2f} ({bound}{aim})"


@dataclass(frozen=True)
class Measured:
    """One run: how it was measured, on what (by name), and what came of it."""

    day: date
    plan: str
    machine: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]

    def goals(self) -> tuple[Goal, ...]:
        """What must be reached (requirement of the approval chain), for each record."""
        return tuple(goal for record in dict.fromkeys(each.record for each in self.cells) for goal in self._goals(record))

    def _goals(self, record: str) -> Iterable[Goal]:
        many, one = ({each.side: each for each in self.cells if each.record == record and (each.callers == 1) == alone} for alone in (False, True))
        for side, must, aim in RATES if many else ():
            yield Goal(f"{record}, {side}: rate against bare", many[side].rate / many[BARE].rate, must, aim)
        for side, *_ in RATES if one else ():
            yield Goal(f"{record}, {side}, one caller: p99 against bare's", one[side].took(0.99) / one[BARE].took(0.99), WAIT, most=True)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        goals = [{"goal": each.words, "value": round(each.value, 3), "must": each.must, "aim": each.aim, "met": each.met} for each in self.goals()]
        cells = [each.as_json() for each in self.cells]
        return {"day": self.day.isoformat(), "plan": self.plan, "machine": dict(self.machine), "cells": cells, "goals": goals}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
