"""Run the tests part by part: ``python -m tools.run_tests [PART ...]``; each part is a folder of ``tests/``.

Each part has a process of its own. Nothing may be skipped, unless this machine lacks a foreign judge (the reason then
begins with "machine:"); with ``GRANTS_REQUIRE_JUDGES=1`` not even that. Ends with one line, ``N passed, N failed``, and
exit code 0 or 1; 2 for a part that is not there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tools import judges
from tools.say import ROOT
from tools.versions import versions

ORDER = ("house", "tools", "domain", "store", "activities", "workflows", "app", "replay", "e2e")
"""Quick ones first; parts that are not named here come last."""

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
    """One part in its own process; its results come back through pytest's own report."""
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    print(f"\n== {part} ".ljust(100, "="), flush=True)
    where = sorted((ROOT / "tests").glob("test_*.py")) if part == "." else [ROOT / "tests" / part]
    started = time.monotonic()
    command: list[str | Path] = [sys.executable, "-c", RUN_PYTEST, "--quiet", "--durations=3", "--durations-min=5", f"--junitxml={report}", *where]
    code = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode
    return _tally(Tally(part, time.monotonic() - started), report, code)


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


def tell(tallies: list[Tally]) -> None:
    """The table by part, what was skipped and why, and the closing line."""
    print(f"\n{'part':<14}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>10}")
    for each in tallies:
        print(f"{each.part:<14}{each.passed:>8}{each.failed:>8}{len(each.skips):>9}{each.seconds:>10.1f}  {each.broken}")
    print(f"{'all':<14}{'':>25}{sum(each.seconds for each in tallies):>10.1f}")
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
    with tempfile.TemporaryDirectory() as folder:
        tallies = [run(part, Path(folder)) for part in wanted or parts()]
    tell(tallies)
    return 1 if not tallies or any(each.failures() for each in tallies) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
