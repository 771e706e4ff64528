"""Where nothing has begun yet: no home, no record, nobody adopted. Whoever meets that is told what begins it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.home import Home
from tests.app.homes import recorded

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """The exit code of a command over a home, and what it says to people."""
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL", "GRANTS_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)

    def ran(home: Path, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("GRANTS_HOME", str(home))
        return run(list(arguments)), capsys.readouterr().err

    return ran


def test_where_there_is_no_record_reading_says_so_and_what_begins_one(said: Said, tmp_path: Path) -> None:
    code, err = said(tmp_path, "list")
    assert (code, f"there is no record at {tmp_path}" in err) == (69, True)
    assert [each for each in ("GRANTS_HOME names the home", "`grants up`", "`grants adopt ORGANISATION`") if each not in err] == []


def test_where_nobody_was_adopted_a_person_who_is_not_known_is_told_what_adopts(said: Said, tmp_path: Path) -> None:
    with recorded(Home(tmp_path)):
        pass
    code, err = said(tmp_path, "inbox", "--as", "p-grants")
    assert (code, "No organisation knows a person p-grants: none is adopted yet, and `grants adopt ORGANISATION` adopts one" in err) == (4, True)


@pytest.mark.parametrize("command", [("up",), ("up", "--detach"), ("demo",)])
@pytest.mark.parametrize("named", ["a-file", "a-file/home"])
def test_a_home_that_cannot_be_made_is_said_in_one_line(said: Said, tmp_path: Path, command: tuple[str, ...], named: str) -> None:
    (tmp_path / "a-file").write_text("")
    code, err = said(tmp_path / named, *command)
    last = err.splitlines()[-1]
    assert (code, last.startswith(f"Error: The home {tmp_path / named} cannot be made"), "GRANTS_HOME" in last, "Traceback" in err) == (69, True, True, False)
