"""Opening databases: SQLite's settings and its one worker, reading copies, and errors in our own words."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from store import queries
from store.database import Database, open_database, reading, writer_lock, writing
from store.errors import NoRecordError, RecordCorruptError, RecordInUseError, RecordUnavailableError, WriteRejectedError, WrongSchemaError
from store.event_log import EventLog
from store.faults import error_of
from store.schema import migrate
from tests.store.records import ALPHA, append, event

NOBODY = 65534
ROOT = Path(__file__).parents[2]


def test_sqlite_syncs_every_commit_and_waits_ten_seconds_for_its_turn(record: Path) -> None:
    with reading(open_database(f"sqlite:///{record}")) as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "busy_timeout")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000}


def test_postgresql_waits_ten_seconds_for_a_lock(postgres_database: str) -> None:
    database = open_database(postgres_database)
    with reading(database) as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "10s"
    database.dispose()


def test_a_second_worker_on_the_file_is_refused_in_clear_words(record: Path) -> None:
    with writer_lock(record), pytest.raises(RecordInUseError, match=f"another worker is using {record}"), writer_lock(record):
        pass
    with writer_lock(record):
        pass


def test_a_worker_that_was_killed_leaves_no_lock(record: Path) -> None:
    script = "import os, pathlib, sys\nfrom store.database import writer_lock\nwith writer_lock(pathlib.Path(sys.argv[1])):\n    os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", script, str(record)], cwd=ROOT, check=False).returncode == -9
    with writer_lock(record):
        pass


def test_a_reading_is_one_snapshot_and_keeps_nobody_from_writing(log: EventLog) -> None:
    append(log, ALPHA)
    with reading(log.engine) as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM event").scalar()
        append(log, ALPHA)
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar() == before == 1
    assert log.size() == 2


def test_a_record_opened_for_reading_cannot_be_written(log: EventLog, read_only_log: EventLog) -> None:
    append(log, ALPHA)
    assert len(read_only_log.rows(ALPHA)) == 1
    with pytest.raises(WriteRejectedError):
        append(read_only_log, ALPHA)


def test_a_record_is_read_while_its_worker_has_it_open(log: EventLog, read_only_log: EventLog) -> None:
    append(log, ALPHA)
    assert read_only_log.size() == 1
    append(log, ALPHA)
    assert read_only_log.size() == 2


def test_a_copy_without_its_write_ahead_log_is_read_in_a_folder_that_nobody_may_write(record: Path) -> None:
    with public_folder() as folder:
        shutil.copy(record, folder)
        with read_only(folder), as_nobody():
            assert EventLog(open_database(f"sqlite:///{folder / record.name}", read_only=True)).size() == 1


def test_a_copy_with_its_write_ahead_log_is_never_read_without_it(record: Path) -> None:
    opened = EventLog(open_database(f"sqlite:///{record}"))
    append(opened, ALPHA)
    with public_folder() as folder:
        for name in (record.name, f"{record.name}-wal"):
            shutil.copy(record.with_name(name), folder)
        with read_only(folder), as_nobody(), pytest.raises(RecordUnavailableError):
            EventLog(open_database(f"sqlite:///{folder / record.name}", read_only=True)).size()
        assert EventLog(open_database(f"sqlite:///{folder / record.name}", read_only=True)).size() == 2


def test_a_path_with_signs_that_mean_something_in_an_address_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "what? 50% #1" / "record.db"
    append(migrated(f"sqlite:///{path}"), ALPHA)
    assert EventLog(open_database(f"sqlite:///{path}", read_only=True)).size() == 1


def test_text_that_is_no_text_can_still_be_read_and_named(record: Path) -> None:
    with sqlite3.connect(record) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET body = CAST(x'ff' AS TEXT)")
    assert queries.whole_stream(open_database(f"sqlite:///{record}", read_only=True), ALPHA).events[0].body == "\udcff"


def test_a_database_that_is_busy_for_too_long_can_be_tried_again(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.database.PATIENCE_SECONDS", 0.1)
    one, other = open_database(f"sqlite:///{record}"), open_database(f"sqlite:///{record}")
    with writing(one), pytest.raises(RecordUnavailableError, match="locked") as raised, writing(other):
        pass
    assert raised.value.retryable


def test_a_postgresql_that_does_not_answer_can_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(RecordUnavailableError) as raised:
        EventLog(open_database(f"postgresql:///grants?host={tmp_path}")).size()
    assert raised.value.retryable


def test_connections_that_broke_while_they_rested_are_opened_anew_and_nobody_is_told(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.database.TRUSTED_SECONDS", 0)
    log = migrated(postgres_database)
    append(log, ALPHA)
    hung_up_on(postgres_database)
    assert log.size() == 1
    append(log, ALPHA)
    log.engine.dispose()


def test_connections_that_broke_in_the_moment_of_trust_fail_one_attempt_that_can_be_made_again(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.database.TRUSTED_SECONDS", 60)
    log = migrated(postgres_database)
    with reading(log.engine), reading(log.engine):
        pass
    hung_up_on(postgres_database)
    with pytest.raises(RecordUnavailableError) as raised:
        log.size()
    assert raised.value.retryable
    with reading(log.engine), reading(log.engine):
        assert log.size() == 0
    log.engine.dispose()


def hung_up_on(postgres_database: str) -> None:
    """Have PostgreSQL end every connection to that database, as it does when it is restarted."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    path.write_text("This is a letter about a grant, not a record of it. " * 100)
    with pytest.raises(RecordCorruptError, match="no database") as raised:
        EventLog(open_database(f"sqlite:///{path}", read_only=True)).size()
    assert not raised.value.retryable


def test_tables_that_are_not_there_are_no_reason_to_try_again(database_url: str) -> None:
    database = open_database(database_url)
    with pytest.raises(WrongSchemaError) as raised:
        EventLog(database).size()
    assert not raised.value.retryable
    database.dispose()


def test_reading_where_nothing_is_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoRecordError, match="there is no record at"):
        open_database(f"sqlite:///{tmp_path}/none.db", read_only=True)


def test_an_error_never_shows_what_was_being_written() -> None:
    error = error_of(OperationalError("INSERT INTO event VALUES (?)", ("a secret",), sqlite3.OperationalError("disk I/O error")))
    assert "disk I/O error" in str(error)
    assert "secret" not in str(error)


@pytest.fixture
def read_only_log(log: EventLog) -> Iterator[EventLog]:
    """The same record, opened for reading."""
    database = open_database(log.engine.url.render_as_string(hide_password=False), read_only=True)
    yield EventLog(database)
    database.dispose()


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A SQLite record with one event, closed, so that its write-ahead log is gone."""
    path = tmp_path / "record.db"
    log = migrated(f"sqlite:///{path}")
    append(log, ALPHA, event())
    log.engine.dispose()
    assert not path.with_name("record.db-wal").exists()
    return path


def migrated(url: str) -> EventLog:
    database: Database = open_database(url)
    migrate(database)
    return EventLog(database)


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that any user may enter: pytest's own are its owner's alone."""
    with tempfile.TemporaryDirectory(prefix="grants-copy-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions do not bind root; so be nobody for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
