"""kill -9, a terminated workflow, a lost Temporal database: the same life comes of it, event by event, and nothing twice."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.case_file import read_case
from app.home import Home
from app.signing import local_signer
from store.database import open_vault
from store.schema import migrate
from store.vault import Vault
from tests.e2e.disturbed import GRANT, LIFE, Place, attempts, journals, life, place
from tests.workflows.stand_in import until

STEPS = 65
KILLS = 10
"""Of each kind; those of the worker fall into three plays, for each costs seconds of waiting."""

LONGEST_PAUSE = 0.25
"""Seconds after a step in which the moment of a kill lies: a step takes about that long."""

AT_ONCE = 5
"""How many plays run side by side: most of their time is waiting for the server to notice a death."""

Disturbance = Callable[[Place, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Life:
    """What is left of one play: its home, the mails that arrived, and what the product's own judges say of it."""

    home: Home
    seed: int
    mails: Counter[str]
    verified: Any
    replayed: Any


async def undisturbed(there: Place, _chance: random.Random) -> None:
    """Play it as it is."""
    await there.play_on()


def killed(what: str, kills: int) -> Disturbance:
    """Play it, and kill one of its programs at so many random moments."""

    async def disturb(there: Place, chance: random.Random) -> None:
        playing = asyncio.ensure_future(there.play_on())
        for step in sorted(chance.sample(range(STEPS - 1), kills)):
            pause = chance.uniform(0, LONGEST_PAUSE)
            await until(lambda step=step: there.played >= step or playing.done(), f"stuck before step {step}", 120)  # type: ignore[misc]
            await asyncio.sleep(pause)
            await there.kill(what)
            sys.stdout.write(f"killed the {what} {pause:.3f} s after step {there.played}\n")
            await (there.start_worker() if what == "worker" else there.start_server())
        await playing

    return disturb


async def terminated(there: Place, chance: random.Random) -> None:
    """Play half of it, terminate the workflow while notices are open, rebuild it, and play on."""
    await _half(there, chance)
    await there.temporal("workflow", "terminate", "--workflow-id", f"grant/{GRANT}", "--reason", "somebody in a hurry")
    await _rebuild(there)


async def forgotten(there: Place, chance: random.Random) -> None:
    """Play half of it, lose all of Temporal's database while notices are open, rebuild, and play on."""
    await _half(there, chance)
    await there.lose_temporals_database()
    await _rebuild(there)


async def _half(there: Place, chance: random.Random) -> None:
    there.postbox.slow_seconds = 2.5  # after the first of them nobody's act waits for mail, and notices gather
    half = chance.randrange(STEPS // 3, STEPS - 10)
    await there.play_on(lambda: there.played < half or not there.open_effects())
    sys.stdout.write(f"stopped after step {there.played}\n")
    assert there.open_effects()
    assert there.played < STEPS


async def _rebuild(there: Place) -> None:
    """Nothing but the rebuilding makes what is open go out; then the same steps are sent again, and the life goes on."""
    assert await there.grants("ops", "rebuild", "--all") == [{"grant": GRANT, "started": True}]
    there.postbox.slow_seconds = 0
    await there.all_done()
    assert await there.grants("ops", "rebuild", "--all") == [{"grant": GRANT, "started": False}]
    await there.play_on()


PLAYS: dict[str, Disturbance] = {
    "undisturbed": undisturbed,
    "worker killed": killed("worker", 4),
    "worker killed again": killed("worker", 3),
    "worker killed once more": killed("worker", 3),
    "server killed": killed("server", KILLS),
    "terminated": terminated,
    "forgotten": forgotten,
}
DISTURBED = [each for each in PLAYS if each != "undisturbed"]


@pytest.fixture(scope="module")
async def lives(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Life]:
    """The same life, played in every one of these ways; each installation has the same keys, for the organisation and what is sealed name them."""
    seed = int(os.environ.get("GRANTS_TEST_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"GRANTS_TEST_SEED={seed}\n")
    turns, first = asyncio.Semaphore(AT_ONCE), Home(tmp_path_factory.mktemp("keys"))
    local_signer(first.keys)
    keep_sealing_keys(first)

    async def lived(number: int, name: str) -> Life:
        folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
        shutil.copytree(first.path, folder, dirs_exist_ok=True)
        async with turns, place(temporal_program, folder) as there:
            await PLAYS[name](there, random.Random(seed + number))  # noqa: S311  (chance, not secrecy)
            await there.all_done()
            replayed = await there.grants("audit", "replay")
            return Life(there.home, seed, Counter(there.postbox.message_ids()), there.read("audit", "verify"), replayed)

    order = sorted(enumerate(PLAYS), key=lambda each: "worker" not in each[1])
    found = await asyncio.gather(*(lived(number, name) for number, name in order))
    return dict(zip([name for _, name in order], found, strict=True))


def keep_sealing_keys(home: Home) -> None:
    """Put a key for every Part 2 of the life into the vault of a home: with it the same content is sealed to the same bytes."""
    engine = open_vault(home.vault_url)
    migrate(engine)
    for number, step in enumerate(read_case(LIFE, date(2021, 1, 1)).steps):
        if step.sealed:
            Vault(engine).keep_sealing_key(f"grant/{GRANT}", f"{GRANT}/{step.step}", bytes([number + 1]) * 32)
    engine.dispose()


@pytest.mark.parametrize("name", DISTURBED)
def test_the_same_events_postings_and_outcomes_come_of_it(lives: dict[str, Life], name: str) -> None:
    expected, found = life(lives["undisturbed"].home), life(lives[name].home)
    assert len(expected[f"grant/{GRANT}"]) > STEPS
    assert found.keys() == expected.keys()
    for part, rows in expected.items():
        for row, other in zip(found[part], rows, strict=True):
            assert row == other, f"{part}, seed {lives[name].seed}"


@pytest.mark.parametrize("name", DISTURBED)
def test_no_journal_is_handed_over_twice_and_none_is_missing_or_half_written(lives: dict[str, Life], name: str) -> None:
    expected = journals(lives["undisturbed"].home)
    assert expected
    assert journals(lives[name].home) == expected


@pytest.mark.parametrize("name", PLAYS)
def test_every_notice_goes_out_and_a_second_copy_only_where_a_worker_died_over_it(lives: dict[str, Life], name: str) -> None:
    counted, came = attempts(lives[name].home), lives[name].mails
    assert came.keys() == counted.keys() == attempts(lives["undisturbed"].home).keys()
    assert all(copies <= counted[message] for message, copies in came.items())
    if not name.startswith("worker"):
        assert set(came.values()) == {1}


@pytest.mark.parametrize("name", PLAYS)
def test_its_record_is_whole_and_its_decisions_and_histories_follow_again(lives: dict[str, Life], name: str) -> None:
    assert lives[name].verified["ok"], lives[name].verified["problems"]
    assert lives[name].replayed["ok"], (lives[name].replayed["differences"], lives[name].replayed["unreplayed"])
    assert lives[name].replayed["histories"] >= 1
