"""Run the tests part by part: ``python -m tools.run_tests [PART ...]``; each part is a folder of ``tests/``.

Each part has a process of its own, and two run side by side, for the longest one is mostly waiting for servers; what a
part prints is shown when it is done. Nothing may be skipped, unless this machine lacks a foreign judge (the reason then
begins with "machine:"); with ``GRANTS_REQUIRE_JUDGES=1`` not even that. Ends with one line, ``N passed, N failed``, and
exit code 0 or 1; 2 for a part that is not there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tools import judges
from tools.say import ROOT
from tools.versions import versions

ORDER = ("house", "tools", "domain", "store", "activities", "workflows", "app", "replay", "bench", "e2e")
"""In which they are listed: quick ones first; parts that are not named here come last."""

LONGEST = "e2e"
"""Begun before all others."""

LANES = 2
SAID_EVERY_SECONDS = 60

MACHINE = "machine:"

RUN_PYTEST = """
import atexit, os, sys, pytest
code = pytest.main(sys.argv[1:])
atexit._run_exitfuncs()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""
"""The Temporal SDK can abort an interpreter while it ends, after all work succeeded; so the process ends at once."""


@dataclass
class Tally:
    """What came of one part: counts, reasons of skips, seconds; ``broken`` says why a run gave no result."""

    part: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skips: list[str] = field(default_factory=list)
    broken: str = ""

    def bad_skips(self) -> list[str]:
        """Skips that count as failures."""
        return [reason for reason in self.skips if judges.required() or not reason.startswith(MACHINE)]

    def failures(self) -> int:
        """Failed tests, forbidden skips, and a part that broke."""
        return self.failed + len(self.bad_skips()) + bool(self.broken)


def parts() -> list[str]:
    """The folders of ``tests/`` that hold tests, and "." for tests that stand beside them."""
    tests = ROOT / "tests"
    found = {path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")}
    found |= {"."} if any(tests.glob("test_*.py")) else set()
    return sorted(found, key=lambda part: (ORDER.index(part) if part in ORDER else len(ORDER), part))


def run(part: str, folder: Path) -> Tally:
    """One part in its own process; its results come back through pytest's own report, its words stand in a file beside it."""
    report = folder / f"{part}.xml"
    where = sorted((ROOT / "tests").glob("test_*.py")) if part == "." else [ROOT / "tests" / part]
    started = time.monotonic()
    command: list[str | Path] = [sys.executable, "-c", RUN_PYTEST, "--quiet", "--durations=3", "--durations-min=5", f"--junitxml={report}", *where]
    with words_of(part, folder).open("wb") as words:
        code = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT).returncode
    return _tally(Tally(part, time.monotonic() - started), report, code)


def words_of(part: str, folder: Path) -> Path:
    """Where everything stands that a part prints."""
    return folder / f"{part}.txt"


def run_all(wanted: Sequence[str], folder: Path) -> Iterator[Tally]:
    """All of them, two at a time; each as it ends. Every minute it is said what still runs."""
    started = time.monotonic()
    with ThreadPoolExecutor(LANES) as lanes:
        waiting: dict[Future[Tally], str] = {lanes.submit(run, part, folder): part for part in sorted(wanted, key=lambda part: part != LONGEST)}
        while waiting:
            done, _ = wait(waiting, timeout=SAID_EVERY_SECONDS, return_when=FIRST_COMPLETED)
            if not done:
                still = ", ".join(part for each, part in waiting.items() if each.running())
                print(f"[tests] {time.monotonic() - started:.0f} s so far; running: {still}", flush=True)
            for each in done:
                print(f"\n== {waiting.pop(each)} ".ljust(100, "="), flush=True)
                tally = each.result()
                print(words_of(tally.part, folder).read_text(errors="replace"), flush=True)
                yield tally


def _tally(tally: Tally, report: Path, code: int) -> Tally:
    if not report.exists():
        tally.broken = f"pytest ended with code {code} and gave no report"
        return tally
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  (pytest wrote it a moment ago)
        if (skipped := case.find("skipped")) is not None:
            tally.skips.append((skipped.get("message") or "").strip())
        elif case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        else:
            tally.passed += 1
    if code and not tally.failed:
        tally.broken = f"pytest ended with code {code}"
    return tally


def tell(tallies: list[Tally], seconds: float) -> None:
    """The table by part, what was skipped and why, and the closing line; ``seconds`` is what all took together."""
    print(f"\n{'part':<14}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>10}")
    for each in tallies:
        print(f"{each.part:<14}{each.passed:>8}{each.failed:>8}{len(each.skips):>9}{each.seconds:>10.1f}  {each.broken}")
    print(f"{'all':<14}{'':>25}{seconds:>10.1f}  side by side")
    for reason in sorted({reason for each in tallies for reason in each.bad_skips()}):
        print(f"not allowed to be skipped: {reason}")
    for reason in sorted({reason for each in tallies for reason in each.skips if reason not in each.bad_skips()}):
        print(f"not run on this machine: {reason}")
    _tell_absent()
    print(f"\n{sum(each.passed for each in tallies)} passed, {sum(each.failures() for each in tallies)} failed", flush=True)


def _tell_absent() -> None:
    for line in judges.absent():
        print(f"{'MISSING' if judges.required() else 'not here'}: {line}", flush=True)


def main(wanted: list[str]) -> int:
    """Run the parts wanted (none named: all)."""
    if unknown := set(wanted) - set(parts()):
        print(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(parts())}")
        return 2
    for name, version in versions():
        print(f"{name:<24}{version}", flush=True)
    _tell_absent()
    if judges.required() and judges.absent():
        print("\n0 passed, 1 failed")
        return 1
    started, order = time.monotonic(), parts()
    with tempfile.TemporaryDirectory() as folder:
        tallies = sorted(run_all(wanted or order, Path(folder)), key=lambda each: order.index(each.part))
    tell(tallies, time.monotonic() - started)
    return 1 if not tallies or any(each.failures() for each in tallies) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
