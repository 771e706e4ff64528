"""``grants demo``: every case that comes with this program, played side by side on a server of its own, and what came of it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from activities.answers import open_effects
from app import service
from app.case_file import Case
from app.cli import playing, telling
from app.cli.out import say
from app.cli.playing import PlayedCase
from app.embedded import embedded
from app.errors import GrantsError, MisusedError, UnavailableError
from app.home import Home
from app.play import case_at
from app.reader import Reader, reading
from app.session import acting
from app.settings import Settings
from domain.opening import GrantOpened
from store.errors import RecordError
from workflows.names import stream_of

CASES = Path(__file__).parents[2] / "cases"
DEFAULT = Path("var/demo")
PATIENCE_SECONDS = 30
MOST_NAMED = 5


def run(settings: Settings) -> None:
    """Play all cases into a fresh home, and print what came of them. Which they are is found by looking, also in folders below.

    Raises:
        MisusedError: as ``empty``.
        GrantsError: this home is up, or a case did not go as it expects.

    """
    path = settings.home if os.environ.get("GRANTS_HOME") else DEFAULT
    settings = settings.model_copy(update={"home": path})
    home = Home.of(settings)
    empty(home)
    cases, played = asyncio.run(_play(settings, home))
    with reading(home) as reader:
        telling.tell(home, reader, cases)
    if faults := [each.fault for each in played if each.fault]:
        raise GrantsError("\n".join(faults))


def files() -> list[Path]:
    """The files of the cases that come with this program."""
    return sorted(CASES.rglob("*.yaml"))


def empty(home: Home) -> None:
    """Remove a home in which nothing but demonstrations took place; nothing, where there is none.

    Raises:
        MisusedError: the record is a database elsewhere, files or grants in the home are somebody's own, or its record cannot be read.
        GrantsError: this home is up.

    """
    service.refuse_if_up(home)
    if home.named_record or home.named_vault:
        message = "The demonstration plays into files of its own: unset GRANTS_RECORD_URL and GRANTS_VAULT_URL."
        raise MisusedError(message)
    if not home.path.is_dir():
        return
    if foreign := home.foreign():
        message = f"{home.path} is not emptied: {', '.join(foreign[:3])} in it is not ours. Name another GRANTS_HOME."
        raise MisusedError(message)
    _refuse_if_somebodys(home)
    shutil.rmtree(home.path)


def _refuse_if_somebodys(home: Home) -> None:
    if not home.has_record:
        return
    try:
        with reading(home) as reader:
            found = _somebodys(reader)
    except (RecordError, UnavailableError) as error:
        message = f"{home.path} is not emptied, for whose grants are in it cannot be told: {error}. Name another GRANTS_HOME."
        raise MisusedError(message) from error
    if found:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        message = f"{home.path} is not emptied: {', '.join(found[:MOST_NAMED])}{more} in it did not come from a demonstration. Name another GRANTS_HOME."
        raise MisusedError(message)


def _somebodys(reader: Reader) -> list[str]:
    """The grants of a record that no step of our cases opened, whatever they are called."""
    cases = [case_at(each, reader) for each in files()]
    ours = {(stream_of(case.grant), case.id_of(step.step)) for case in cases for step in case.steps}
    opened = ((stream, _opened_by(reader, stream)) for stream in reader.log.streams("grant/"))
    return sorted(stream.removeprefix("grant/") for stream, command in opened if command is not None and (stream, command) not in ours)


def _opened_by(reader: Reader, stream: str) -> str | None:
    """The id of the command that opened a grant; null: none was opened, and all that was sent to it was refused or put aside."""
    return next((line.past.command for line in reader.lines(stream) if isinstance(line.past.body, GrantOpened)), None)


async def _play(settings: Settings, home: Home) -> tuple[list[Case], list[PlayedCase]]:
    say(f"Starting a Temporal server and a worker over {home.path} …")
    home.make()
    async with embedded(settings, own_server=True) as parts, acting(home, parts.client) as session:
        cases = [case_at(each, session.reader) for each in files()]
        played = await playing.play_cases(home, session, cases)
        await _finished(session.reader)
        return cases, played


async def _finished(reader: Reader) -> None:
    """Wait until notices and journals have gone out, so that the home is left with nothing half done."""
    for _ in range(PATIENCE_SECONDS * 10):
        if not any(open_effects(reader.log, reader.folds.grants.at_head(stream)[1]) for stream in reader.log.streams("grant/")):
            return
        await asyncio.sleep(0.1)
