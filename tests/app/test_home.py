"""A home knows what runs over it, and takes nobody else's program for its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.errors import UnavailableError
from app.home import Home, Running, ourselves
from app.service import stop
from app.session import limit_of

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def foreign() -> Iterator[int]:
    """The id of a program that has nothing to do with us."""
    with subprocess.Popen(SLEEP) as child:
        yield child.pid
        child.kill()


def test_what_runs_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    home, running = Home(tmp_path), ourselves("127.0.0.1:7233", None)
    home.says_running(running)
    assert home.running() == running
    assert running.pid == os.getpid()


def test_nothing_runs_where_nothing_says_so_or_its_program_is_gone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.running() is None
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    home.says_running(replace(ourselves("127.0.0.1:7233", None), pid=ended.pid))
    assert home.running() is None


def test_a_killed_program_that_nobody_has_buried_yet_does_not_run() -> None:
    with subprocess.Popen(SLEEP) as child:
        running = Running("127.0.0.1:7233", None, child.pid, psutil.Process(child.pid).create_time())
        assert running.alive
        child.send_signal(signal.SIGKILL)
        time.sleep(0.2)
        assert not running.alive


def test_a_later_program_of_the_same_id_is_not_taken_for_ours_and_not_ended(tmp_path: Path, foreign: int) -> None:
    home = Home(tmp_path)
    home.says_running(replace(ourselves("127.0.0.1:7233", None), pid=foreign))
    assert home.running() is None
    assert stop(home) is None
    os.kill(foreign, 0)


def test_a_file_that_says_nothing_is_pointed_out(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run_file.write_text("{")
    with pytest.raises(UnavailableError, match="remove it if nothing runs"):
        home.running()


def test_every_file_of_a_home_that_was_used_is_known_as_ours_and_nothing_else_is(home: Home, tmp_path: Path) -> None:
    used = Home(tmp_path / "used")
    shutil.copytree(home.path, used.path)
    used.says_running(ourselves("127.0.0.1:7233", None))
    limit = limit_of(used)
    assert limit is not None
    limit.admit("p-grants")
    assert {"rate.json", "rate.json.lock", "run.json", "record.db", "vault.db", "keys"} <= {each.name for each in used.path.iterdir()}
    assert used.foreign() == ()
    (used.path / "thesis.txt").write_text("years of work")
    (used.path / "rate.json.bak").write_text("{}")
    assert used.foreign() == ("rate.json.bak", "thesis.txt")


def test_drafts_that_a_killed_program_left_are_known_as_ours(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for each in (home.run_file, home.rate_file):
        each.with_suffix(".draft").write_text("{")
    assert home.foreign() == ()


def test_a_home_that_is_made_leaves_nothing_in_it_and_may_be_made_again(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    home.make()
    home.make()
    assert list(home.path.iterdir()) == []
