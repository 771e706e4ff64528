"""``grants demo``: every case that comes with this program, played on a server of its own, and what came of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from activities.answers import open_effects
from app import service, views
from app.audit.record_check import check
from app.audit.record_rules import rules_of
from app.cli import answering, playing, tables, verdicts
from app.cli.out import lines, say
from app.cli.playing import PlayedCase
from app.embedded import embedded
from app.errors import GrantsError, MisusedError
from app.home import Home
from app.outcomes import recorded
from app.reader import Reader, now, reading
from app.session import acting
from app.settings import Settings
from domain.messages import CommandRefused

CASES = Path(__file__).parents[2] / "cases"
DEFAULT = Path("var/demo")
OURS = {"record.db", "vault.db", "temporal.db", "keys", "journals", "temporal.log", "worker.log", "up.log", "run.json"}
"""What a home of ours holds; nothing else is ever emptied."""

PATIENCE_SECONDS = 30
REHEARSED = "Rehearsal: spend, days, people and outcomes invented; stated facts are marked."


def run(settings: Settings) -> None:
    """Play all cases into a fresh home, and print what came of them.

    Raises:
        MisusedError: the home is no folder of ours, or the record is a database elsewhere: neither is ever emptied.
        GrantsError: this home is up, or a case did not go as it expects.

    """
    path = settings.home if os.environ.get("GRANTS_HOME") else DEFAULT
    settings = settings.model_copy(update={"home": path})
    home = Home.of(settings)
    _empty(home)
    played = asyncio.run(_play(settings, home))
    with reading(home) as reader:
        _tell(home, reader)
    if faults := [each.fault for each in played if each.fault]:
        raise GrantsError("\n".join(faults))


def _empty(home: Home) -> None:
    service.refuse_if_up(home)
    if home.named_record or home.named_vault:
        message = "The demonstration plays into files of its own: unset GRANTS_RECORD_URL and GRANTS_VAULT_URL."
        raise MisusedError(message)
    if not home.path.exists():
        return
    foreign = [each.name for each in home.path.iterdir() if each.name not in OURS and not each.name.startswith(("record.db", "vault.db", "temporal.db"))]
    if foreign:
        message = f"{home.path} is not emptied: {', '.join(sorted(foreign)[:3])} in it is not ours. Name another GRANTS_HOME."
        raise MisusedError(message)
    shutil.rmtree(home.path)


async def _play(settings: Settings, home: Home) -> list[PlayedCase]:
    say(f"Starting a Temporal server and a worker over {home.path} …")
    home.path.mkdir(parents=True, exist_ok=True)
    async with embedded(settings, own_server=True) as parts, acting(home, parts.client) as session:
        played = await playing.play_cases(home, session, sorted(CASES.glob("*.yaml")))
        await _finished(session.reader)
        return played


async def _finished(reader: Reader) -> None:
    """Wait until notices and journals have gone out, so that the home is left with nothing half done."""
    for _ in range(PATIENCE_SECONDS * 10):
        if not any(open_effects(reader.log, reader.folds.grants.at_head(stream)[1]) for stream in reader.log.streams("grant/")):
            return
        await asyncio.sleep(0.1)


def _tell(home: Home, reader: Reader) -> None:
    found = views.grants(reader, now())
    lines(["", "Every grant: agreed = received + debtor; once closed, cap = agreed + lapsed + forfeited", ""])
    tables.grants(found)
    lines(["", REHEARSED, "", "One of the things that were tried, and refused:", "", *_refusal(reader), ""])
    for person in _waited_on(reader, found):
        tables.inbox(person, views.inbox(reader, person, now()))
    lines([""])
    verdicts.report(check(reader.log.engine, rules_of(reader.log.engine)))
    lines(["", *_next(home)])


def _refusal(reader: Reader) -> Sequence[str]:
    """The first refusal that somebody else could have spared."""
    for stream in reader.log.streams("grant/"):
        for line in reader.lines(stream):
            if isinstance(line.past.body, CommandRefused) and line.past.body.who_could:
                return answering.words(replace(recorded(reader.log, line.past.command)[0], repeated=False))
    return ["nothing was refused"]


def _waited_on(reader: Reader, found: Sequence[views.View]) -> list[str]:
    """Who holds the office that an open grant waits on while money is at risk."""
    owed = next((owed for each in found for owed in each["waiting_on"] if each["clock"] == "real" and owed["at_risk_pence"]), None)
    if owed is None:
        return []
    holders = (each.charter.holdings for each in reader.organisations().values() if each.charter)
    return sorted({each.person for rows in holders for each in rows if each.office == owed["office"] and each.last is None})


def _next(home: Home) -> list[str]:
    here = f"GRANTS_HOME={home.path} {_program()}"
    return [
        f"All of it is in {home.path}. Try next:",
        f"  {here} show alpha-2020-21 --as-of 2020-12-31",
        f"  {here} show alpha-2020-21 --known-at 2021-01-04",
        f"  {here} history alpha-2020-21",
        f"  {here} ledger alpha-2020-21 --balances",
        f"  {here} audit replay",
        f"  {here} up        (the same grants in the Temporal UI, with live timers)",
    ]


def _program() -> str:
    """What to type for this program: its name where the shell finds it, else its path."""
    called, found = Path(sys.argv[0]), shutil.which("grants")
    if called.name != "grants" or (found and Path(found).resolve() == called.resolve()):
        return "grants"
    return os.path.relpath(called)
