"""The Python environment of the checkout: uv, found or installed below ``.tools``, and ``.venv`` as ``uv.lock`` says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.say import ROOT, TOOLS, UnavailableError, answer_of, last_line, run_aloud, say

UV = "uv==0.13.8"
UV_FLOOR = (0, 13)
"""Older ones do not read the lock file's form."""

CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the authorities that they trust, an organisation's own among them."""


def virtual_environment() -> Path:
    """``.venv`` brought in line with the lock file; its Python.

    Raises:
        UnavailableError: no uv and no pip, or the registry cannot be reached.

    """
    folder = ROOT / ".venv"
    if not sync(folder, quiet=folder.exists()):
        message = (
            "uv could not set up .venv; its own words stand above.\n"
            "If the network is closed: a package index can be named with UV_DEFAULT_INDEX, a proxy with HTTPS_PROXY,\n"
            "a private certificate authority with SSL_CERT_FILE. Then run the same command again."
        )
        raise UnavailableError(message)
    return folder / "bin" / "python"


def sync(folder: Path, *what: str, quiet: bool) -> bool:
    """Whether uv could make that folder an environment with the locked packages of the groups named (none: the default ones)."""
    command: list[str | Path] = [uv(), "sync", "--locked", "--compile-bytecode", "--python", sys.executable, *what, *(["--quiet"] if quiet else [])]
    return subprocess.run(command, env=_variables(folder), cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode == 0


def uv() -> Path:
    """The program ``uv``: from PATH, from ``.tools``, or installed there with pip."""
    ours = TOOLS / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), ours):
        if candidate and _version_of(Path(candidate)) >= UV_FLOOR:
            return Path(candidate)
    say(f"installing {UV} below .tools with pip")
    log = TOOLS / "uv.log"
    install = [*_pip(), "install", "--quiet", "--no-input", "--disable-pip-version-check", "--upgrade", "--target", TOOLS / "uv", UV]
    if not run_aloud("installing uv", install, log, {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}):
        message = f"uv is not on PATH, and pip could not install it ({log}): {last_line(log)}"
        raise UnavailableError(message)
    return ours


def _pip() -> list[str | Path]:
    if answer_of([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    home = TOOLS / "pip"
    if run_aloud("making an environment for pip", [sys.executable, "-m", "venv", home], TOOLS / "pip.log", os.environ):
        return [home / "bin" / "python", "-m", "pip"]
    message = f"{sys.executable} has neither pip nor venv, and uv is not on PATH. Install one of them (Debian: apt-get install python3-venv)."
    raise UnavailableError(message)


def _version_of(program: Path) -> tuple[int, ...]:
    found = re.match(r"uv (\d+)\.(\d+)", answer_of([program, "--version"]) or "")
    return tuple(int(each) for each in found.groups()) if found else ()


def _variables(folder: Path) -> dict[str, str]:
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    variables |= {"UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(folder)}
    if any(Path(each).exists() for each in CERTIFICATES):
        variables.setdefault("UV_SYSTEM_CERTS", "1")
    return variables
