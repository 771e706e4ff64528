"""A Temporal development server of our own: found, started on a file and a free port, waited for, and ended with us.

It ends only what it started. The settings are measured: the write-ahead log makes its file as quick as memory, without the
poll setting every activity waits a tenth of a second, and an eager activity goes to the worker that asks for it, in the
same answer.
"""

from __future__ import annotations

import asyncio
import ctypes
import shutil
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from temporalio.client import Client
from temporalio.service import RPCError

from app.errors import UnavailableError
from app.settings import TEMPORAL, environment_with
from workflows.names import KEYS

CHECKOUT = Path(__file__).parents[1]
SET_UP = CHECKOUT / ".tools" / "temporal"
"""Where the checkout's set-up puts the program."""

PATIENCE_SECONDS = 20
"""For a server to serve, and for a program to end after it was asked to."""

TUNED: Mapping[str, str] = {"history.transferProcessorMaxPollRPS": "2000", "system.enableActivityEagerExecution": "true"}
ON_A_FILE = ("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal")

MISSING = """No Temporal server's program was found. Any one of these helps:
- run `make setup`, which builds or fetches one below this checkout;
- put `temporal` (https://docs.temporal.io/cli, server 1.31 or newer) on the PATH;
- name one with TEMPORAL_CLI=/path/to/temporal;
- name a running server with TEMPORAL_ADDRESS=host:port."""


@dataclass(frozen=True)
class DevServer:
    """A server that serves: its address, its UI's (null: none), its process."""

    address: str
    ui: str | None
    child: Process


def program(named: Path | None) -> Path:
    """The server's program: the one that was named, else the one that was set up, else ``temporal`` on the PATH.

    Raises:
        UnavailableError: there is none.

    """
    if named is not None:
        candidates = [named]
    else:
        on_path = shutil.which("temporal")
        candidates = [SET_UP, *([Path(on_path)] if on_path else [])]
    found = next((each for each in candidates if each.is_file()), None)
    if found is None:
        raise UnavailableError(f"TEMPORAL_CLI names {named}, which is no file." if named else MISSING)
    return found


@asynccontextmanager
async def dev_server(path: Path, folder: Path, *, ui: bool = False, dynamic: Mapping[str, str] = TUNED) -> AsyncIterator[DevServer]:
    """Run a development server over ``folder/temporal.db`` until the block ends; its own words go to ``folder/temporal.log``.

    ``path`` is its program, ``dynamic`` its dynamic configuration (values as JSON).

    Raises:
        UnavailableError: it ended, or did not serve in time.

    """
    port, ui_port = free_ports(2)
    log = folder / "temporal.log"
    async with running(_start_dev(path, folder, port, ui_port if ui else None, dynamic), log, environment_with({}, without=TEMPORAL)) as child:
        await _serving(f"127.0.0.1:{port}", child, log)
        yield DevServer(f"127.0.0.1:{port}", f"http://127.0.0.1:{ui_port}" if ui else None, child)


@asynccontextmanager
async def running(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """Run a program until the block ends; then ask it to end, and make it. It ends with us even if we are killed.

    It has a session of its own: an interrupt at the terminal is ours to pass on, in order.
    """
    with _begun(log) as words:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent if _LIBC else None,
        )
    try:
        yield child
    finally:
        await _ended(child)


def free_ports(count: int) -> list[int]:
    """So many TCP ports of the loopback interface on which nobody listens now."""
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in holders]
    for each in holders:
        each.close()
    return ports


def last_words(log: Path) -> str:
    """The end of a program's log, as one line."""
    return " | ".join(log.read_text(errors="replace").splitlines()[-3:])


def _start_dev(path: Path, folder: Path, port: int, ui_port: int | None, dynamic: Mapping[str, str]) -> list[str]:
    ui = ["--ui-port", str(ui_port), "--ui-disable-news-fetch"] if ui_port else ["--headless"]
    command = [str(path), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), *ui, "--log-level", "error"]
    command += ["--db-filename", str(folder / "temporal.db"), *ON_A_FILE]
    for name, value in dynamic.items():
        command += ["--dynamic-config-value", f"{name}={value}"]
    for key in KEYS.values():
        command += ["--search-attribute", f"{key.name}={_type_of(key.indexed_value_type.name)}"]
    return command


async def _serving(address: str, child: Process, log: Path) -> None:
    clock = asyncio.get_running_loop().time
    until = clock() + PATIENCE_SECONDS
    while child.returncode is None and clock() < until:
        with suppress(RuntimeError, RPCError):
            client = await Client.connect(address)
            if await client.service_client.check_health():
                return
        await asyncio.sleep(0.05)
    how = "did not serve in time" if child.returncode is None else f"ended with {child.returncode}"
    message = f"The Temporal server {how}; {log} ends with: {last_words(log)}"
    raise UnavailableError(message)


async def _ended(child: Process) -> None:
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), PATIENCE_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()


def _begun(log: Path) -> BinaryIO:
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("wb")


def _type_of(indexed: str) -> str:
    """The server's name of a search attribute's type: ``KEYWORD_LIST`` is ``KeywordList``."""
    return "".join(part.capitalize() for part in indexed.split("_"))


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Ask the kernel to end this program when its parent dies: nobody else can, after a kill -9."""
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
