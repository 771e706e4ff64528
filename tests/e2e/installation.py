"""One installation as its users meet it: the command line, over a home of its own, as programs of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

from app.cli.main import run

GRANTS = (sys.executable, "-m", "app.cli.main")
READING = {("list",), ("show",), ("history",), ("outcome",), ("ledger",), ("inbox",), ("messages",), ("audit", "verify")}
"""Commands that need no server; they are read within this program, which is quicker."""

ROOT = Path(__file__).parents[2]
CASES = ROOT / "cases"


@dataclass(frozen=True)
class Installation:
    """A home, and the command line over it."""

    home: Path

    def grants(self, *arguments: str | Path, code: int = 0, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one command, and hold it to its exit code."""
        named = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE"))}
        variables = named | {"GRANTS_HOME": str(self.home)}
        ran = subprocess.run([*GRANTS, *map(str, arguments)], input=given, capture_output=True, text=True, timeout=240, env=variables, cwd=ROOT, check=False)
        assert ran.returncode == code, f"{arguments} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr
        return ran

    def read(self, *arguments: str | Path, code: int = 0, given: str | None = None) -> Any:
        """What one command prints for programs."""
        if arguments[:1] in READING or arguments[:2] in READING:
            return self._read_here([*map(str, arguments), "--json"], code)
        return json.loads(self.grants(*arguments, "--json", code=code, given=given).stdout)

    def history(self, grant: str) -> list[dict[str, Any]]:
        """The history of a grant."""
        found: list[dict[str, Any]] = self.read("history", grant)
        return found

    def _read_here(self, arguments: list[str], code: int) -> Any:
        with mock.patch.dict(os.environ, {"GRANTS_HOME": str(self.home)}), redirect_stdout(StringIO()) as out:
            assert run(arguments) == code
        return json.loads(out.getvalue())
