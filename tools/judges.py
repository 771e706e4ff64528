"""The foreign judges of the tests: Temporal's time-skipping server (Java, Maven) and hledger.

They are no part of running the product. Tests that need one are run where it is; elsewhere they say so, unless
``GRANTS_REQUIRE_JUDGES=1`` makes its absence a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.say import ROOT, TOOLS, last_line, run_aloud, say

TIME_SKIPPING = TOOLS / "time-skipping" / "server"
"""A program that speaks like ``temporal-test-server`` of the SDK; tests hand it to ``start_time_skipping``."""

SERVER_SCRIPT = """#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -cp "{lib}/*" io.temporal.testserver.TestServer "$@"
"""


def required() -> bool:
    """Whether an absent judge is a failure."""
    return os.environ.get("GRANTS_REQUIRE_JUDGES") == "1"


def absent() -> tuple[str, ...]:
    """One line for each judge that is not here, and how to get it."""
    lines = []
    if not (TIME_SKIPPING.exists() and shutil.which("java")):
        lines.append("Temporal's time-skipping server (five years of timers in seconds): needs Java 11+ and Maven; Debian: default-jdk-headless maven")
    if not shutil.which("hledger"):
        lines.append("hledger (reads our journals and agrees with every balance); Debian: hledger")
    return tuple(lines)


def set_up_time_skipping() -> None:
    """Fetch the server's jars with Maven, once, where Java and Maven are; without them it stays absent, and is reported so."""
    if TIME_SKIPPING.exists() or not (shutil.which("java") and shutil.which("mvn")):
        return
    say("fetching Temporal's time-skipping server with Maven, once: less than a minute")
    repository, arriving, log = TOOLS / "maven", TOOLS / "time-skipping.arriving", TOOLS / "time-skipping.log"
    shutil.rmtree(arriving, ignore_errors=True)
    if not run_aloud("fetching the time-skipping server", _maven(repository, arriving / "lib"), log, os.environ):
        say(f"Maven failed ({log}): {last_line(log)}")
        return
    script = arriving / "server"
    script.write_text(SERVER_SCRIPT.format(lib=TIME_SKIPPING.parent / "lib"))
    script.chmod(0o755)
    shutil.rmtree(TIME_SKIPPING.parent, ignore_errors=True)
    arriving.replace(TIME_SKIPPING.parent)
    shutil.rmtree(repository, ignore_errors=True)


def _maven(repository: Path, goal: Path) -> list[str]:
    return [
        *("mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(ROOT / "tools" / "time-skipping" / "pom.xml")),
        *(f"-Dmaven.repo.local={repository}", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={goal}"),
    ]
