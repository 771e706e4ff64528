"""`grants up` killed in the middle of its work: nothing of it stays behind, and it comes up again at once with nothing lost."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.home import Home, Running
from tests.e2e.installation import Installation

PARTIES = [{"role": "host", "party": "Host"}]
OPENING = {"organisation": "mopac", "title": "A small grant", "clock": "real", "parties": PARTIES, "hypothetical": True}
LIMIT_SECONDS = 60


@pytest.fixture
def here(tmp_path: Path, temporal_program: Path) -> Iterator[Installation]:
    """An installation of its own, for it is killed."""
    assert temporal_program.exists()
    found = Installation(tmp_path)
    found.grants("up", "--detach")
    yield found
    found.grants("down")


def programs(here: Installation) -> list[int]:
    """The programs that run over a home: the command, its server, its worker."""
    found = psutil.process_iter(["pid", "cmdline", "environ"])
    return [each.info["pid"] for each in found if str(here.home) in f"{each.info['cmdline']}{each.info['environ']}"]


def test_killed_it_leaves_no_program_behind_and_comes_up_again_at_once_with_nothing_lost(here: Installation) -> None:
    here.grants("adopt", "mopac")
    before = programs(here)
    assert len(before) == 3
    assert Home(here.home).foreign() == ()
    here.grants("do", "small", "-", "--no-wait", given=json.dumps({"type": "OpenGrant", "actor": "p-grants", "id": "sent", "body": OPENING}))
    os.kill(Running(**json.loads((here.home / "run.json").read_text())).pid, signal.SIGKILL)
    here.grants("up", "--detach")
    until = time.monotonic() + LIMIT_SECONDS
    while set(before) & set(programs(here)) or not opened(here):
        assert time.monotonic() < until, set(before) & set(programs(here))
        time.sleep(0.1)
    assert [each["command_id"] for each in here.history("small") if each["type"] == "grant.opened"] == ["sent"]
    assert here.read("audit", "verify")["ok"]


def opened(here: Installation) -> bool:
    return "small" in {each["grant"] for each in here.read("list")}


def test_brought_down_it_leaves_nothing_running_and_the_record_in_one_file(here: Installation) -> None:
    here.grants("adopt", "mopac")
    here.grants("down")
    assert programs(here) == []
    assert not (here.home / "run.json").exists()
    assert not (here.home / "record.db-wal").exists()
    assert Home(here.home).foreign() == ()
    assert here.read("audit", "verify")["ok"]
