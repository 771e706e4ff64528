"""How long an approver waits: an act signed, sent, committed and answered, beside a bare Temporal update that does nothing.

``python -m bench.approvals [--seconds 6] [--rounds 3] [--grants 200] [--callers 50] [--over sqlite postgresql] [--record]``

Both sides run on one server in one run, in turn, so that whatever else the machine does meets both. An act that is not
accepted, or that gives another number of notices than it should, ends the run: its figures would mean nothing. Exit code 0
whatever was measured; 1 where the run ended so; 69 where a server cannot be had.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

import psutil

from app.errors import GrantsError
from app.leave import leave
from bench import report
from bench.callers import measured
from bench.figures import Cell, Measured
from bench.sides import ApproversActs, Counted, NotAcceptedError, Side, approvers_acts, bare_updates
from bench.stand import Record, Stand, stand
from tools.versions import versions

DRAINED_SECONDS = 60.0
"""For notices to be sent after the callers have gone."""

FIRST_GUESS = 200
"""Acts a second for which papers are prepared where nothing is measured yet; for one caller a quarter of them."""

AMPLE = 1.5
UNSAID = {"time-skipping server", "hledger"}
"""Programs that have no part in it."""


@dataclass(frozen=True)
class Plan:
    """How it is measured."""

    seconds: float
    rounds: int
    grants: int
    callers: int
    over: tuple[Record, ...]

    @property
    def warm(self) -> float:
        """The seconds before each round that do not count."""
        return self.seconds / 4

    def __str__(self) -> str:
        """In a sentence."""
        many = f"{self.callers} callers over {self.grants} grants, one command of a grant in flight, and one caller"
        return f"{many}; {self.rounds} rounds of {self.seconds:g} s a side, in turn, each after {self.warm:g} s that do not count."


async def run(plan: Plan) -> Measured:
    """All of it, record by record."""
    cells: list[Cell] = []
    for each in plan.over:
        async with stand(each) as at:
            cells += await over(each, at, plan)
    return Measured(datetime.now(UTC).date(), str(plan), machine(), tuple(cells))


async def over(record: Record, at: Stand, plan: Plan) -> list[Cell]:
    """Every side over one record, with many callers and with one, round by round in turn."""
    sides: tuple[Side, ...] = (
        await bare_updates(at.bare, plan.grants),
        await approvers_acts(at.session, plan.grants, noticed=False),
        await approvers_acts(at.session, plan.grants, noticed=True),
    )
    cells = [(Cell(record, side.name, callers), side) for callers in dict.fromkeys((plan.callers, 1)) for side in sides]
    log = Counted(at.session.reader.log)
    for number in range(plan.rounds):
        for cell, side in _turned(cells, number):
            say(f"{record}, round {number + 1} of {plan.rounds}: {side.name}, {cell.callers} at once")
            await side.ready(_enough(cell, plan))
            await _drained(log)
            await _round(cell, side, at, log, plan)
    return [cell for cell, _ in cells]


async def _round(cell: Cell, side: Side, at: Stand, log: Counted, plan: Plan) -> None:
    reminded, asked, worked = log.reminded, side.asked, at.worked()
    cell.rounds.append(await measured(side.ask, cell.callers, plan.warm, plan.seconds))
    cell.add_work(worked, at.worked())
    if isinstance(side, ApproversActs):
        cell.late.append(await _drained(log))
    acts, notices = side.asked - asked, log.reminded - reminded
    if notices != (acts if cell.side == "notice" else 0):
        message = f"{acts} asks of {cell.side} gave {notices} notices"
        raise NotAcceptedError(message)
    cell.asked += acts
    cell.notices += notices


async def _drained(log: Counted) -> float:
    """Wait until every notice that was asked for is sent; the seconds that it took."""
    begun = time.monotonic()
    while log.sent < log.reminded:
        if time.monotonic() > begun + DRAINED_SECONDS:
            message = f"{log.reminded - log.sent} notices are still not sent"
            raise NotAcceptedError(message)
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


def _turned(cells: Sequence[tuple[Cell, Side]], number: int) -> Iterator[tuple[Cell, Side]]:
    """The sides of one number of callers in turn, each round beginning with another one."""
    for callers in dict.fromkeys(cell.callers for cell, _ in cells):
        alike = [each for each in cells if each[0].callers == callers]
        first = number % len(alike)
        yield from (*alike[first:], *alike[:first])


def _enough(cell: Cell, plan: Plan) -> int:
    """The acts that may be asked for in one round."""
    guess = max((each.rate for each in cell.rounds), default=FIRST_GUESS if cell.callers > 1 else FIRST_GUESS / 4)
    return int(AMPLE * guess * (plan.seconds + plan.warm)) + cell.callers


def machine() -> tuple[tuple[str, str], ...]:
    """What it runs on, with no name of a machine in it."""
    memory = psutil.virtual_memory().total / 2**30
    said = ((name, platform.python_version() if name == "Python" else version) for name, version in versions() if name not in UNSAID)
    return (("machine", f"{os.cpu_count()} cores, {memory:.0f} GiB"), *said)


def say(line: str) -> None:
    """One line for whoever waits."""
    sys.stderr.write(f"[bench] {line}\n")
    sys.stderr.flush()


def asked(arguments: Sequence[str]) -> tuple[Plan, bool]:
    """The plan, and whether its results are kept in ``docs/results``."""
    parser = argparse.ArgumentParser(prog="python -m bench.approvals", description="An approver's round trip beside a bare Temporal update.")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each round (6)")
    parser.add_argument("--rounds", type=int, default=3, help="of each side (3)")
    parser.add_argument("--grants", type=int, default=200, help="and as many bare workflows (200)")
    parser.add_argument("--callers", type=int, default=50, help="at once, no more than grants (50); one alone is always measured too")
    parser.add_argument("--over", nargs="+", choices=get_args(Record), default=get_args(Record), help="the record's database (both)")
    parser.add_argument("--record", action="store_true", help="write docs/results/bench-approvals.md and .json")
    given = parser.parse_args(arguments)
    if given.callers > given.grants:
        parser.error("more callers than grants: one command of a grant is in flight at most")
    return Plan(given.seconds, given.rounds, given.grants, given.callers, tuple(given.over)), given.record


def main(arguments: Sequence[str]) -> int:
    """Measure, say what came of it, and keep it if asked to."""
    plan, kept = asked(arguments)
    try:
        found = asyncio.run(run(plan))
    except (NotAcceptedError, GrantsError) as error:
        say(str(error))
        return getattr(error, "exit_code", 1)
    print(report.show(found), flush=True)
    if kept:
        report.record(found)
    return 0


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
