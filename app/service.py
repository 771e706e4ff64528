"""``grants up`` and ``grants down``: server and worker over one home, in the foreground or detached from it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from app.embedded import embedded
from app.errors import GrantsError, UnavailableError
from app.home import Home, Running, ourselves
from app.leave import told_to_stop
from app.servers import last_words
from app.settings import Settings, environment_with

PATIENCE_SECONDS = 60
"""For a detached start, and for an end: both wait for a server and a worker."""


async def serve(settings: Settings, told: Callable[[Running], None]) -> None:
    """Run over the home of these settings until a signal says stop; ``told`` hears where, once everything serves.

    Raises:
        GrantsError: this home is up already.
        UnavailableError: the home cannot be made; the server or the worker did not start, or ended.

    """
    home = Home.of(settings)
    refuse_if_up(home)
    stop = told_to_stop()
    home.make()
    async with embedded(settings, own_server=False, ui=True) as parts:
        running = ourselves(parts.address, parts.ui)
        home.says_running(running)
        try:
            told(running)
            await _until(stop, asyncio.ensure_future(parts.broken()))
        finally:
            home.run_file.unlink(missing_ok=True)


def refuse_if_up(home: Home) -> None:
    """Nothing, where nothing runs over this home.

    Raises:
        GrantsError: something does.

    """
    if running := home.running():
        message = f"{home.path} is up already: Temporal at {running.address}, process {running.pid}. `grants down` ends it."
        raise GrantsError(message)


def detach(home: Home) -> Running:
    """Start ``grants up`` as a process of its own, which outlives this one, and wait until everything serves.

    Raises:
        GrantsError: this home is up already.
        UnavailableError: the home cannot be made; or it did not come up, and its last words are in the text.

    """
    refuse_if_up(home)
    home.make()
    log = home.path / "up.log"
    command = [sys.executable, "-m", "app.cli.main", "up"]
    environment = environment_with({"GRANTS_HOME": str(home.path.absolute())})
    with log.open("wb") as words:
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, env=environment, start_new_session=True)  # noqa: S603  (ourselves)
    until = time.monotonic() + PATIENCE_SECONDS
    while started.poll() is None and time.monotonic() < until:
        if running := home.running():
            return running
        time.sleep(0.1)
    message = f"It did not come up; {log} ends with: {last_words(log)}"
    raise UnavailableError(message)


def stop(home: Home) -> Running | None:
    """End what runs over this home, and wait until it has ended; null: nothing ran.

    Raises:
        GrantsError: it does not end.

    """
    running = home.running()
    if running is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE_SECONDS
    while running.alive and time.monotonic() < until:
        time.sleep(0.1)
    if running.alive:
        message = f"Process {running.pid} does not end; look at {home.path / 'worker.log'}"
        raise GrantsError(message)
    home.run_file.unlink(missing_ok=True)
    return running


async def _until(stop: asyncio.Event, broken: asyncio.Future[str]) -> None:
    broken.add_done_callback(lambda _: stop.set())
    await stop.wait()
    if broken.done():
        message = f"The {broken.result()} ended by itself"
        raise UnavailableError(message)
    broken.cancel()
