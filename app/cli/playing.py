"""Playing cases with a progress bar a case, on stderr, and adopting organisations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.adoption import OPERATOR, adopt, adopt_first
from app.case_file import Case
from app.cli.out import print_json, say, table
from app.errors import GrantsError, MisusedError
from app.home import Home
from app.organisations import FOLDER
from app.play import Played, case_at, play
from app.session import Session, acting


@dataclass(frozen=True)
class PlayedCase:
    """A case as played: how many steps were accepted and refused as expected, how many were repeats, and what went wrong."""

    case: str
    grant: str
    steps: int
    accepted: int
    refused: int
    repeated: int
    fault: str | None


async def play_files(home: Home, files: Sequence[Path]) -> list[PlayedCase]:
    """Play the cases of these files side by side, on the server that this home's commands go to.

    Raises:
        NotFoundError, MalformedFileError: a file; nothing was sent then.

    """
    async with acting(home) as session:
        return await play_cases(home, session, [case_at(each, session.reader) for each in files])


async def play_cases(home: Home, session: Session, cases: Sequence[Case]) -> list[PlayedCase]:
    """Adopt the organisations of the cases where the record has none, and play the cases side by side, each after those it names.

    Raises:
        MisusedError: some of them wait for each other; nothing was sent then.

    """
    ends = _ends(cases)
    for organisation in sorted({each.organisation for each in cases}):
        if not await adopt_first(session.gateway, home, organisation):
            say(f"Note: {organisation} is in the record as it was adopted, which is not what its folder says now; `grants adopt` would change that.")
    with _progress() as bar:
        return await asyncio.gather(*(_in_turn(each, session, _ticks(bar, each), ends) for each in cases))


async def adopt_one(home: Home, organisation: str, person: str | None, folder: Path | None) -> None:
    """Adopt one organisation as its folder says."""
    async with acting(home) as session:
        await adopt(session.gateway, home, organisation, person or OPERATOR, folder or FOLDER)


def report(found: Sequence[PlayedCase], *, as_json: bool) -> None:
    """What came of the cases; what went wrong is said once, by the error.

    Raises:
        GrantsError: one of them did not go as it expects.

    """
    if as_json:
        print_json([vars(each) for each in found])
    else:
        rows = [
            [each.case, each.grant, str(each.steps), str(each.accepted), str(each.refused), str(each.repeated), "ended early" if each.fault else "as expected"]
            for each in found
        ]
        table("", ["case", "grant", "steps", "accepted", "refused", "repeated", "verdict"], rows, right=["steps", "accepted", "refused", "repeated"])
    if faults := [each.fault for each in found if each.fault]:
        raise GrantsError("\n".join(faults))


def _ends(cases: Sequence[Case]) -> dict[str, asyncio.Event]:
    """What says that a case has been played, by its name.

    Raises:
        MisusedError: some cases wait for each other.

    """
    try:
        TopologicalSorter({each.case: each.after for each in cases}).prepare()
    except CycleError as error:
        message = f"These cases wait for each other: {', '.join(error.args[1])}"
        raise MisusedError(message) from error
    return {each.case: asyncio.Event() for each in cases}


async def _in_turn(case: Case, session: Session, tick: Callable[[Played], None], ends: Mapping[str, asyncio.Event]) -> PlayedCase:
    for first in case.after:
        if first in ends:
            await ends[first].wait()
    try:
        return await _play(case, session, tick)
    finally:
        ends[case.case].set()


async def _play(case: Case, session: Session, tick: Callable[[Played], None]) -> PlayedCase:
    kinds: list[str] = []
    repeated, fault = 0, None
    try:
        async for played in play(case, session.gateway, session.reader):
            kinds.append(played.outcome.kind)
            repeated += played.outcome.repeated
            tick(played)
    except GrantsError as error:
        fault = str(error)
    return PlayedCase(case.case, case.grant, len(kinds), kinds.count("accepted"), kinds.count("refused"), repeated, fault)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[step]}"))
    return Progress(*columns, console=Console(stderr=True))


def _ticks(bar: Progress, case: Case) -> Callable[[Played], None]:
    task = bar.add_task(case.case, total=len(case.steps), step="")
    return lambda played: bar.update(task, advance=1, step=played.step.step)
