"""A development server of our own: found, started, waited for, ended, and never left behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from app import servers
from app.errors import UnavailableError
from workflows.names import KEYS


async def test_a_server_serves_with_our_search_attributes_and_ends_with_the_block(temporal_program: Path, tmp_path: Path) -> None:
    async with servers.dev_server(temporal_program, tmp_path) as server:
        client = await Client.connect(server.address)
        found = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
        assert {key.name for key in KEYS.values()} <= set(found.custom_attributes)
        assert server.ui is None
    assert server.child.returncode is not None


async def test_a_server_finds_again_what_it_kept_on_its_file(temporal_program: Path, tmp_path: Path) -> None:
    async with servers.dev_server(temporal_program, tmp_path) as server:
        client = await Client.connect(server.address)
        await client.start_workflow("Grant", id="grant/kept", task_queue="nobody", start_signal="Hello")
    async with servers.dev_server(temporal_program, tmp_path) as server:
        client = await Client.connect(server.address)
        assert (await client.get_workflow_handle("grant/kept").describe()).workflow_type == "Grant"
    with closing(sqlite3.connect(tmp_path / "temporal.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_program_that_ends_at_once_is_said_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "temporal"
    broken.write_text("#!/bin/sh\necho it is broken\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(UnavailableError, match=r"ended with 3.*it is broken"):
        async with servers.dev_server(broken, tmp_path):
            pass


def test_no_program_is_said_with_the_choices_and_exit_code_69(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SET_UP", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="TEMPORAL_ADDRESS") as raised:
        servers.program(None)
    assert raised.value.exit_code == 69


def test_the_program_that_is_named_wins_and_must_be_there(tmp_path: Path) -> None:
    named = tmp_path / "mine"
    named.touch()
    assert servers.program(named) == named
    with pytest.raises(UnavailableError, match=r"names .*gone"):
        servers.program(tmp_path / "gone")


def test_the_program_that_was_set_up_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up, on_path = tmp_path / "set-up", tmp_path / "temporal"
    on_path.touch(mode=0o755)
    monkeypatch.setattr(servers, "SET_UP", set_up)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert servers.program(None) == on_path
    set_up.touch()
    assert servers.program(None) == set_up


STARTS_A_PROGRAM = """
import asyncio, sys
from pathlib import Path
from app.servers import running

async def main():
    async with running(["sleep", "600"], Path(sys.argv[1]), {"PATH": "/usr/bin:/bin"}) as child:
        print(child.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="machine: only Linux tells a program that its parent has died")
def test_a_program_of_ours_ends_even_if_we_are_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS_A_PROGRAM, str(tmp_path / "log")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(200):
        if not alive(child):
            return
        time.sleep(0.02)
    pytest.fail(f"{child} was left behind")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
