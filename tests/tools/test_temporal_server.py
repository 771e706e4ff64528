"""How the Temporal server's program is found: five ways in their order, each passed over for a reason that is told."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tools import go_build, temporal_server
from tools.say import UnavailableError
from tools.temporal_server import server_of, temporal

PYTHON = Path(sys.executable)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine: nothing on PATH, nothing in the cache, no download, no build."""
    for folder in ("bin", "tools", "cache"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("TEMPORAL_CLI", raising=False)
    monkeypatch.setattr(temporal_server, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(temporal_server, "_bounded", lambda _: "no network")
    monkeypatch.setattr(go_build, "build", no_build)
    return tmp_path


def test_the_program_on_path_is_taken_and_recorded(machine: Path) -> None:
    program(machine / "bin" / "temporal", "1.31.0")
    assert temporal(PYTHON) == (machine / "tools" / "temporal").resolve() == machine / "bin" / "temporal"


def test_an_old_one_on_path_is_passed_over_for_the_newest_in_the_cache(machine: Path) -> None:
    program(machine / "bin" / "temporal", "1.29.1")
    for version in ("1.31.2", "1.31.10"):
        program(machine / "cache" / "grants" / f"temporal-{version}", version)
    assert temporal(PYTHON) == machine / "cache" / "grants" / "temporal-1.31.10"


def test_the_one_that_is_named_wins(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine / "bin" / "temporal", "1.40.0")
    monkeypatch.setenv("TEMPORAL_CLI", str(program(machine / "mine", "1.31.0")))
    assert temporal(PYTHON) == machine / "mine"


def test_one_that_is_named_and_no_good_is_never_replaced_in_silence(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine / "bin" / "temporal", "1.40.0")
    monkeypatch.setenv("TEMPORAL_CLI", str(program(machine / "mine", "1.30.9")))
    with pytest.raises(UnavailableError, match=r"TEMPORAL_CLI names .*mine"):
        temporal(PYTHON)


def test_a_failed_download_is_not_tried_again_for_a_day(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def in_vain(command: list[str]) -> str:
        tries.append(command)
        return "no network"

    monkeypatch.setattr(temporal_server, "_bounded", in_vain)
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"the SDK's download: .*no network"):
            temporal(PYTHON)
    assert len(tries) == 1
    yesterday = (machine / "cache" / "grants" / "download-failed").stat().st_mtime - temporal_server.DAY_SECONDS - 1
    os.utime(machine / "cache" / "grants" / "download-failed", (yesterday, yesterday))
    with pytest.raises(UnavailableError):
        temporal(PYTHON)
    assert len(tries) == 2


def test_a_download_is_kept_in_the_cache_under_its_servers_version(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal_server, "_bounded", lambda command: str(program(Path(command[3]) / "temporal-cli", "1.31.2")))
    assert temporal(PYTHON) == machine / "cache" / "grants" / "temporal-1.31.2"


def test_a_build_is_kept_in_the_cache_and_found_there_the_next_time(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_build, "build", lambda: program(machine / "built", "1.31.2"))
    first = temporal(PYTHON)
    monkeypatch.setattr(go_build, "build", no_build)
    assert first == temporal(PYTHON) == machine / "cache" / "grants" / "temporal-1.31.2"


@pytest.mark.usefixtures("machine")
def test_where_nothing_works_one_text_says_why_and_what_would_help() -> None:
    with pytest.raises(UnavailableError) as refusal:
        temporal(PYTHON)
    assert [word for word in ("on PATH:", "in the cache:", "download: no network", "Go: no Go here", "TEMPORAL_CLI=") if word not in str(refusal.value)] == []


def test_a_program_that_is_no_temporal_has_no_server(machine: Path) -> None:
    assert [server_of(Path("/bin/true")), server_of(machine / "absent"), server_of(machine)] == [(), (), ()]


def program(place: Path, version: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\necho 'temporal version 0.0.0-DEV (Server {version}, UI 2.50.1)'\n")
    place.chmod(0o755)
    return place


def no_build() -> Path:
    message = "no Go here"
    raise UnavailableError(message)
