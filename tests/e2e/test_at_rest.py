"""Reading needs no server: over a home where nothing runs, everything can be read, and only acting says that it cannot."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.e2e.installation import CASES, Installation

GRANT = "alpha-2020-21"


@pytest.fixture(scope="module")
def at_rest(alpha: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What is left when everything has ended: the record and the keys."""
    folder = tmp_path_factory.mktemp("at-rest")
    shutil.copytree(alpha.home / "keys", folder / "keys")
    with closing(sqlite3.connect(alpha.home / "record.db")) as live, closing(sqlite3.connect(folder / "record.db")) as copied:
        live.backup(copied)
    return Installation(folder)


def test_every_reading_command_reads_what_it_read_while_all_was_up(alpha: Installation, at_rest: Installation) -> None:
    for arguments in (("show", GRANT), ("history", GRANT), ("ledger", GRANT), ("ledger", GRANT, "--balances"), ("outcome", f"{GRANT}/close")):
        assert at_rest.read(*arguments) == alpha.read(*arguments)
    assert at_rest.read("list") == alpha.read("list")
    assert at_rest.read("inbox", "--as", "p-deputy-mayor") == alpha.read("inbox", "--as", "p-deputy-mayor")
    assert at_rest.read("audit", "verify") == alpha.read("audit", "verify")


@pytest.mark.parametrize("arguments", [("list",), ("show", GRANT), ("audit", "verify")], ids=" ".join)
def test_as_programs_of_their_own_they_end_with_0(at_rest: Installation, arguments: tuple[str, ...]) -> None:
    ended = at_rest.grants(*arguments)
    assert ended.stdout
    assert ended.stderr == ""


def test_what_nobody_opened_is_not_found(at_rest: Installation) -> None:
    for arguments in (("show", "unknown"), ("outcome", "unknown")):
        ended = at_rest.grants(*arguments, code=4)
        assert ended.stdout == ""
        assert "unknown" in ended.stderr


def test_decisions_are_replayed_from_the_log_alone_and_no_history_is_claimed(at_rest: Installation) -> None:
    found = at_rest.read("audit", "replay", GRANT)
    assert (found["ok"], found["histories"]) == (True, None)


def test_only_acting_needs_a_server_and_says_how_to_get_one(at_rest: Installation) -> None:
    command = '{"type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": "done"}}'
    for arguments in (("do", GRANT, "-"), ("play", CASES / f"{GRANT}.yaml"), ("adopt", "mopac"), ("ops", "rebuild", "--all")):
        ended = at_rest.grants(*arguments, code=69, given=command)
        assert "grants up" in ended.stderr
    assert at_rest.read("history", GRANT)[-1]["type"] == "grant.closed"


def test_nothing_that_was_read_has_left_anything_behind(at_rest: Installation) -> None:
    left = {each.name for each in at_rest.home.iterdir()}
    assert left <= {"record.db", "record.db-shm", "record.db-wal", "keys"}
