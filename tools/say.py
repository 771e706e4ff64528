"""How the set-up speaks: progress on stderr, and one honest text with exit code 69 when it cannot go on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

UNAVAILABLE = 69
"""The exit code for "a dependency is unavailable" (sysexits: EX_UNAVAILABLE)."""

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
"""What the set-up fetches or builds for this checkout; ignored by git."""


class UnavailableError(Exception):
    """Something that the set-up needs can neither be found nor made; the text says what would help."""


def say(line: str) -> None:
    """One line for the person who waits."""
    sys.stderr.write(f"[set-up] {line}\n")
    sys.stderr.flush()


def answer_of(command: Sequence[str | Path], environment: Mapping[str, str] | None = None, seconds: float = 15) -> str | None:
    """What a short command prints on stdout; null if it is missing, fails, or takes longer than that many seconds."""
    try:
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout.strip() if ran.returncode == 0 else None


def run_aloud(what: str, command: Sequence[str | Path], log: Path, environment: Mapping[str, str], folder: Path = ROOT) -> bool:
    """Run a long command with its output in a log file, and say every half minute that it still runs; whether it ended well."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("wb") as output:
        try:
            running = subprocess.Popen(command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        except OSError as error:
            output.write(str(error).encode())
            return False
        with running:
            _wait(running, lambda: say(f"{what}: {time.monotonic() - started:.0f} s so far"))
    return running.returncode == 0


def last_line(log: Path) -> str:
    """The last line of a log that says anything, for a reason in one line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"


def _wait(running: subprocess.Popen[bytes], still: Callable[[], None]) -> None:
    try:
        while True:
            try:
                running.wait(timeout=30)
            except subprocess.TimeoutExpired:
                still()
            else:
                return
    except BaseException:
        running.terminate()
        raise
