"""The vault: what may be erased, apart from the record. Nothing in the record needs it to be folded or verified.

The bytes of messages that were put aside, the names of people, and the keys of sealed content: never the content itself,
whose ciphertext stands in the record. On SQLite erased bytes are overwritten; on PostgreSQL they are gone once the table
was vacuumed and its write-ahead log has expired.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, text, update

from domain.calendar import rfc3339
from store import tables
from store.database import is_sqlite, reading, writing
from store.listing import clock_now

_KEEP = text("INSERT INTO quarantined (id, stream_id, name, bytes, received) VALUES (:id, :stream, :name, :bytes, :received) ON CONFLICT DO NOTHING")
_NAME = text("INSERT INTO person (id, name) VALUES (:id, :name) ON CONFLICT (id) DO UPDATE SET name = excluded.name")
_KEY = text("INSERT INTO sealing_key (stream_id, subject, key, made) VALUES (:stream, :subject, :key, :made) ON CONFLICT DO NOTHING")


@dataclass(frozen=True)
class Quarantined:
    """A message that was put aside: SHA-256 of name and bytes, the stream it came to, and when (RFC 3339, UTC)."""

    id: str
    stream: str
    name: str
    bytes: bytes
    received: str


@dataclass(frozen=True)
class SealingKey:
    """The key of one Part 2; ``key`` null: it was erased at ``erased`` (RFC 3339, UTC), and nothing opens the content again."""

    stream: str
    subject: str
    key: bytes | None
    made: str
    erased: str | None


class Vault:
    """The erasable store beside the record. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep_quarantined(self, sha256: str, stream: str, name: str, content: bytes) -> None:
        """Keep the bytes of a message; the same one again changes nothing."""
        with writing(self.engine) as connection:
            received = rfc3339(clock_now(connection))
            connection.execute(_KEEP, {"id": sha256, "stream": stream, "name": name, "bytes": content, "received": received})

    def quarantined(self, sha256: str) -> Quarantined | None:
        """The message of that digest; none if it was never kept, or was erased."""
        with reading(self.engine) as connection:
            found = connection.execute(select(tables.quarantined).where(tables.quarantined.c.id == sha256)).one_or_none()
        return Quarantined(*found) if found else None

    def quarantined_on(self, stream: str) -> list[Quarantined]:
        """The messages put aside on a stream, in the order in which they came."""
        wanted = select(tables.quarantined).where(tables.quarantined.c.stream_id == stream)
        with reading(self.engine) as connection:
            return [Quarantined(*row) for row in connection.execute(wanted.order_by(tables.quarantined.c.received, tables.quarantined.c.id))]

    def name_people(self, names: Mapping[str, str]) -> None:
        """Give people their names, by id; a name given before is replaced."""
        if names:
            with writing(self.engine) as connection:
                connection.execute(_NAME, [{"id": person, "name": name} for person, name in sorted(names.items())])

    def names(self) -> dict[str, str]:
        """The names of people, by id."""
        with reading(self.engine) as connection:
            return {row.id: row.name for row in connection.execute(select(tables.person).order_by(tables.person.c.id))}

    def erase_quarantined(self, sha256: str) -> None:
        """Erase the bytes of a message. The record keeps its digest and its size."""
        with writing(self.engine) as connection:
            connection.execute(delete(tables.quarantined).where(tables.quarantined.c.id == sha256))
        self._overwrite()

    def erase_person(self, person: str) -> None:
        """Erase a person's name. The record goes on to know the person by id."""
        with writing(self.engine) as connection:
            connection.execute(delete(tables.person).where(tables.person.c.id == person))
        self._overwrite()

    def sealing_key(self, stream: str, subject: str) -> SealingKey | None:
        """The key of a Part 2, or that it was erased; none: this vault never had one."""
        mine = (tables.sealing_key.c.stream_id == stream) & (tables.sealing_key.c.subject == subject)
        with reading(self.engine) as connection:
            found = connection.execute(select(tables.sealing_key).where(mine)).one_or_none()
        return SealingKey(*found) if found else None

    def keep_sealing_key(self, stream: str, subject: str, key: bytes) -> SealingKey:
        """Keep a fresh key for a Part 2, and give the one that holds: of two at once the first, of an erased one its erasure."""
        with writing(self.engine) as connection:
            connection.execute(_KEY, {"stream": stream, "subject": subject, "key": key, "made": rfc3339(clock_now(connection))})
        held = self.sealing_key(stream, subject)
        if held is None:
            raise LookupError(stream, subject)
        return held

    def erase(self, stream: str, *subjects: str) -> int:
        """Erase the keys of a stream's sealed content, of these subjects or of all; how many were there.

        The record keeps the ciphertext, verifies and folds as before; nobody can open what these keys had sealed.
        """
        mine = (tables.sealing_key.c.stream_id == stream) & tables.sealing_key.c.key.is_not(None)
        wanted = mine & tables.sealing_key.c.subject.in_(subjects) if subjects else mine
        with writing(self.engine) as connection:
            gone = connection.execute(update(tables.sealing_key).where(wanted).values(key=None, erased=rfc3339(clock_now(connection))))
        self._overwrite()
        return gone.rowcount

    def _overwrite(self) -> None:
        """On SQLite, empty the write-ahead log, where the erased bytes still stand."""
        if is_sqlite(self.engine):
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
