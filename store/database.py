"""Opening the databases: SQLite (the embedded default) and PostgreSQL, and their settings.

SQLite: write-ahead log, every commit synced to disk, ten seconds of patience, one writing worker. PostgreSQL: its own
defaults, the same patience for locks. Reads are short snapshots; nothing here holds one open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from math import inf
from pathlib import Path
from threading import Lock, local
from time import monotonic
from typing import TypeAlias
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from store.errors import NoRecordError, RecordInUseError
from store.faults import said_plainly

Database: TypeAlias = Engine
"""An open database, for faces, which know no SQL."""

PATIENCE_SECONDS = 10
CONNECTIONS = 20
"""That are kept open at most, where so many threads ask at once; ten more for a moment."""

TRUSTED_SECONDS = 1
"""So long after its last use a connection to PostgreSQL is taken to be there still: to ask each time costs a round trip.

One that broke within that time fails one attempt, which can be tried again."""

_PUT_DOWN = "grants_put_down"
_BEGINS = "grants_begins"
_WRITES, _READS = "writes", "reads"
_BEGIN = {
    "sqlite": {_WRITES: "BEGIN IMMEDIATE", _READS: "BEGIN"},
    "postgresql": {_WRITES: "BEGIN", _READS: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
}
"""How a transaction begins. Either driver begins none by itself (autocommit), so that a question alone costs none and switches nothing."""

_VAULT = "grants_vault"
_TURN = "grants_turn"


def open_database(url: str, *, read_only: bool = False) -> Engine:
    """The record at ``sqlite:////path/record.db`` or ``postgresql://...``; its tables come with ``migrate``.

    ``read_only`` opens a SQLite file that nobody may write, even where the folder is read-only too.

    Raises:
        NoRecordError: ``read_only``, and there is no such file.

    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, read_only=read_only)
    return _open_postgresql(parsed, *(["-c default_transaction_read_only=on"] if read_only else []))


def open_vault(url: str) -> Engine:
    """The vault: a SQLite file of its own (what is erased is overwritten), or the schema ``vault`` on PostgreSQL.

    A new file is for its owner alone: it holds keys and names.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(parsed, read_only=False)
        Path(parsed.database or "").touch(mode=0o600)
        event.listen(engine, "connect", _erase_for_good)
    else:
        engine = _open_postgresql(parsed, "-c search_path=vault")
    return engine.execution_options(**{_VAULT: True})


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; on SQLite it takes the one write lock at once, so that nothing read in it can move.

    Raises:
        RecordError: what the database said, in our own words.

    """
    with said_plainly(), _turn(engine), engine.connect().execution_options(**{_BEGINS: _WRITES}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One short snapshot: everything read in it is of the same instant. Within ``snapshot`` it is that one.

    Raises:
        RecordError: what the database said, in our own words.

    """
    shared = _open_shares().get(engine)
    if shared and shared.opened_by is _unchanging:
        with said_plainly():
            yield shared.connection
        return
    with _unchanging(engine) as connection:
        yield connection


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """A connection for one question, which needs no transaction: a statement by itself is of one instant.

    Within ``snapshot`` or ``conversation`` it is that one's.

    Raises:
        RecordError: what the database said, in our own words.

    """
    if shared := _open_shares().get(engine):
        with said_plainly():
            yield shared.connection
        return
    with _each_alone(engine) as connection:
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[None]:
    """One short snapshot for everything that this thread reads until the block ends: one transaction instead of one a question.

    Nothing is written in it. It begins with the first question; a block that asks nothing costs nothing.

    Raises:
        RecordError: what the database said, in our own words.

    """
    with _sharing(engine, _unchanging):
        yield


@contextmanager
def conversation(engine: Engine) -> Iterator[None]:
    """One connection for every question that this thread asks until the block ends, each answered as of its own instant.

    For those who lose nothing by that: what they write is compared with the heads that they saw, or they ask first for
    what must not be missed. It costs less than a snapshot, and nothing where nothing is asked.

    Raises:
        RecordError: what the database said, in our own words.

    """
    with _sharing(engine, _each_alone):
        yield


@contextmanager
def left_whole(*engines: Engine) -> Iterator[None]:
    """Close them after the block, so that a SQLite file is left whole, with nothing in a write-ahead log beside it."""
    try:
        yield
    finally:
        for each in engines:
            each.dispose()


@contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Hold a SQLite record for one worker: an operating system's lock beside the file, gone when its holder dies.

    Raises:
        RecordInUseError: another worker holds it.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        message = f"another worker is using {path}; a SQLite record has one worker (stop it with `make down`, or use PostgreSQL)"
        raise RecordInUseError(message) from error
    try:
        yield
    finally:
        lock.release()


def is_sqlite(engine: Engine) -> bool:
    """Whether it is SQLite; else it is PostgreSQL."""
    return engine.dialect.name == "sqlite"


def is_vault(engine: Engine) -> bool:
    """Whether it was opened by ``open_vault``."""
    return bool(engine.get_execution_options().get(_VAULT))


_THREAD = local()


Opening: TypeAlias = Callable[[Engine], AbstractContextManager[Connection]]


@dataclass
class _Share:
    """A connection that the thread will have, and go on with, once it asks for it."""

    engine: Engine
    opened_by: Opening
    until_the_end: ExitStack

    @cached_property
    def connection(self) -> Connection:
        """The same for every question."""
        return self.until_the_end.enter_context(self.opened_by(self.engine))


def _open_shares() -> dict[Engine, _Share]:
    """What this thread shares between its questions, by database."""
    found: dict[Engine, _Share] = _THREAD.__dict__.setdefault("shares", {})
    return found


@contextmanager
def _sharing(engine: Engine, opened_by: Opening) -> Iterator[None]:
    """Within a snapshot everything is of it; within a conversation a snapshot is a new one."""
    open_now = _open_shares()
    around = open_now.get(engine)
    if around and around.opened_by in (opened_by, _unchanging):
        yield
        return
    with ExitStack() as until_the_end:
        open_now[engine] = _Share(engine, opened_by, until_the_end)
        try:
            yield
        finally:
            del open_now[engine]
            if around:
                open_now[engine] = around


@contextmanager
def _unchanging(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads, all of it of the instant of its first question."""
    with said_plainly(), engine.connect().execution_options(**{_BEGINS: _READS}) as connection, connection.begin():
        yield connection


@contextmanager
def _each_alone(engine: Engine) -> Iterator[Connection]:
    """A connection without transactions."""
    with said_plainly(), engine.connect().execution_options(**{_BEGINS: None}) as connection:
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Our own writers of a SQLite file one after the other: each goes on the moment the one before is done.

    Waiting for the file's lock instead, SQLite asks again at ever longer intervals. That lock still is what counts.
    """
    lock: Lock | None = engine.get_execution_options().get(_TURN)
    mine = lock is not None and lock.acquire(timeout=PATIENCE_SECONDS)
    try:
        yield
    finally:
        if lock and mine:
            lock.release()


def _open_postgresql(url: URL, *options: str) -> Engine:
    settings = {"options": " ".join([f"-c lock_timeout={PATIENCE_SECONDS}s", *options]), "autocommit": True}
    engine = create_engine(url, pool_size=CONNECTIONS, pool_use_lifo=True, connect_args=settings)
    event.listen(engine, "begin", _begin)
    _ask_the_rested(engine)
    return engine


def _ask_the_rested(engine: Engine) -> None:
    """Ask a connection that nobody used for a while whether its server is still there; if not, open all of them anew."""

    @event.listens_for(engine, "checkin")
    def put_down(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info[_PUT_DOWN] = monotonic()

    @event.listens_for(engine, "checkout")
    def take_up(connection: DBAPIConnection, record: ConnectionPoolEntry, _pooled: object) -> None:
        if monotonic() - record.info.get(_PUT_DOWN, inf) < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _open_sqlite(url: URL, *, read_only: bool) -> Engine:
    path = Path(url.database or "").absolute()
    if read_only and not path.exists():
        message = f"there is no record at {path}"
        raise NoRecordError(message)
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    creator = partial(_connect_read_only if read_only else _connect, path)
    engine = create_engine(url, creator=creator, poolclass=QueuePool, pool_size=CONNECTIONS, pool_use_lifo=True, execution_options={_TURN: Lock()})
    event.listen(engine, "begin", _begin)
    return engine


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Open without writing. A copy whose folder cannot hold the write-ahead log's index is read as unchanging.

    That is right only while nobody writes; so never where a write-ahead log lies beside the file.
    """
    uri = f"file:{quote(str(path))}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        connection = sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text_as_stored
    return connection


def _text_as_stored(stored: bytes) -> str:
    """Text, also where somebody has put bytes that are none: whoever verifies must be able to name them."""
    return stored.decode(errors="surrogateescape")


def _begin(connection: Connection) -> None:
    """A connection of no other choice of ours, as a migration or a test has it, begins what writes."""
    begins = connection.get_execution_options().get(_BEGINS, _WRITES)
    if begins:
        connection.exec_driver_sql(_BEGIN[connection.dialect.name][begins])


def _erase_for_good(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA secure_delete=ON")
