"""The demonstration empties its home before it plays: one in which only demonstrations took place, and no other."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from app.cli import demonstration
from app.cli.main import run
from app.errors import MisusedError
from app.home import Home
from tests.app.homes import lived
from tests.lives import case_of


@pytest.fixture
def played(home: Home, tmp_path: Path) -> Home:
    """A home of its own with two of our cases in it, one of them on the real clock."""
    shutil.copytree(home.path, tmp_path / "played")
    return Home(tmp_path / "played")


def held_with_own(path: Path, grant: str) -> Home:
    """A home with one of our cases, and somebody's own grant on the real clock under that id."""
    own = case_of("today")
    return lived(path, case_of("alpha-2020-21"), own.model_copy(update={"case": "own", "grant": grant, "steps": own.steps[:1]}))


def test_a_home_in_which_only_our_cases_were_played_is_emptied(played: Home) -> None:
    demonstration.empty(played)
    assert not played.path.exists()


def test_nothing_is_done_where_there_is_no_home_yet(tmp_path: Path) -> None:
    demonstration.empty(Home(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_a_folder_with_a_file_that_is_not_ours_is_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(MisusedError, match=r"thesis\.txt in it is not ours"):
        demonstration.empty(Home(tmp_path))
    assert (tmp_path / "thesis.txt").exists()


def test_a_home_without_a_record_is_emptied(tmp_path: Path) -> None:
    home = Home(tmp_path / "begun")
    home.keys.mkdir(parents=True)
    demonstration.empty(home)
    assert not home.path.exists()


@pytest.mark.parametrize("grant", ["bridge-2027", "today"])
def test_a_home_with_a_grant_of_somebodys_own_is_kept_even_where_it_is_called_as_one_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], grant: str
) -> None:
    home = held_with_own(tmp_path / "own", grant)
    monkeypatch.setenv("GRANTS_HOME", str(home.path))
    code, said = run(["demo"]), capsys.readouterr().err
    assert (code, f"is not emptied: {grant} in it" in said, "Name another GRANTS_HOME" in said, "alpha-2020-21" in said) == (2, True, True, False)
    assert home.has_record


def test_a_home_whose_record_cannot_be_read_is_kept(played: Home) -> None:
    with sqlite3.connect(played.path / "record.db") as connection:
        connection.execute("DROP TABLE alembic_version")
    connection.close()
    with pytest.raises(MisusedError, match="cannot be told"):
        demonstration.empty(played)
    (played.path / "record.db").write_bytes(b"no database at all")
    with pytest.raises(MisusedError, match="cannot be told"):
        demonstration.empty(played)
    assert played.has_record


def test_a_home_with_an_event_that_this_build_cannot_read_is_kept(played: Home) -> None:
    with sqlite3.connect(played.path / "record.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE event SET body = '{}' WHERE stream_id = 'grant/today' AND version = 1")
    connection.close()
    with pytest.raises(MisusedError, match="cannot read grant/today"):
        demonstration.empty(played)
    assert played.has_record
