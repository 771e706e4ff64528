# ruff: noqa: S608  (the statements that tamper are put together from our own words)
"""The real life in a real record: worked out anew by the domain's own rules, it is what is stored; and no edit hides."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.record import Record
from app.audit.record_check import check
from app.audit.record_rules import rules_of
from app.audit.verify import Report
from app.signing import local_signer
from store import queries
from store.database import Database, open_database, open_vault
from store.event_log import EventLog
from store.schema import migrate
from store.vault import Vault
from tests.activities.test_record import GRANT, ORGANISATION, adopt, play
from tests.app.audit.test_verify import tampered
from tests.lives import case_of

LIFE = "alpha-2020-21"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a record in which the real life was lived."""
    folder = tmp_path_factory.mktemp("life")
    database, vault = open_database(f"sqlite:///{folder}/record.db"), open_vault(f"sqlite:///{folder}/vault.db")
    migrate(database)
    migrate(vault)
    signer = local_signer(folder / "keys")
    record = Record(EventLog(database), Vault(vault), "build-1", signer.trusted)
    adopt(record, signer)
    play(record, signer, case_of(LIFE))
    database.dispose()
    vault.dispose()
    return folder / "record.db"


@pytest.fixture
def record(played: Path, tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{shutil.copy(played, tmp_path)}")
    yield database
    database.dispose()


def test_the_real_life_verifies(record: Database) -> None:
    found = verdict(record)
    assert (found.problems, found.ok, found.grants) == ((), True, 1)
    counted = queries.counts(record)
    assert (found.events, found.postings) == (counted.events, counted.postings)
    assert found.postings > 0


@pytest.mark.parametrize(
    ("table", "change", "where", "what"),
    [
        ("event", "body = replace(body, '26735464', '26735465')", "type = 'variation.received'", "its body was altered"),
        ("event", 'body = replace(body, \'"why":"\', \'"why":"x\')', "type = 'command.refused'", "its body was altered"),
        ("event", 'envelope = replace(envelope, \'"actor":"p\', \'"actor":"q\')', "type = 'return.submitted'", "its envelope or its hash was altered"),
        ("event", "hash = 'x' || substr(hash, 2)", "type = 'cap.lapsed'", "its envelope or its hash was altered"),
        ("posting", "amount = amount + 1", "credit = 'income:grant:revenue'", "posting 1: not what its event says"),
    ],
)
def test_one_edited_byte_of_the_real_life_is_named(record: Database, table: str, change: str, where: str, what: str) -> None:
    with record.connect() as connection:
        version = connection.exec_driver_sql(f"SELECT min(version) FROM {table} WHERE stream_id = '{GRANT}' AND {where}").scalar()
    tampered(record, f"UPDATE {table} SET {change} WHERE stream_id = '{GRANT}' AND version = {version} AND {where}")
    found = verdict(record)
    assert any((each.grant, each.version) == (LIFE, version) and what in each.what for each in found.problems), found.problems
    assert not found.ok


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE standing SET json = replace(json, 'closed', 'closeD') WHERE stream_id = 'grant/alpha-2020-21'", "its standing is not what its events say"),
        ("UPDATE command SET bytes = replace(bytes, 'Reconcile', 'reconcile')", "its bytes or its digest were altered"),
        (
            "UPDATE command SET signature = iif(signature LIKE 'A%', 'B', 'A') || substr(signature, 2) WHERE bytes LIKE '%CloseGrant%'",
            "its signature does not hold",
        ),
        ("UPDATE claimed SET key = key || 'x' WHERE key = (SELECT min(key) FROM claimed)", "stored, but no event says it"),
    ],
)
def test_an_edited_standing_command_or_cost_key_of_the_real_life_is_named(record: Database, statement: str, what: str) -> None:
    tampered(record, statement)
    assert any(each.grant == LIFE and what in each.what for each in verdict(record).problems)


def test_an_organisation_that_was_altered_is_named_and_does_not_stop_the_verdict(record: Database) -> None:
    tampered(record, f"UPDATE event SET body = replace(body, '\"charter\"', '\"chartEr\"') WHERE stream_id = '{ORGANISATION}'")
    found = verdict(record)
    assert any((each.grant, each.version) == (ORGANISATION, 1) and "body was altered" in each.what for each in found.problems)


def verdict(database: Database) -> Report:
    return check(database, rules_of(database))
