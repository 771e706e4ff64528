"""The tables of the record and of the vault, as the migrations make them (``alembic check`` in the tests says so).

Record: ``event``, ``command``, ``posting`` and ``claimed`` are only ever added to; the database refuses anything else.
``stream`` and ``log_head`` are heads that only grow; ``standing`` is a view kept in step, rebuilt by folding.
Instants are text as ``domain.calendar.rfc3339`` writes them, inside the envelope; digests are lower-case hexadecimal.
Ids sort by their bytes on both databases, so a listing is the same everywhere.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, UniqueConstraint

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}

record = MetaData(naming_convention=NAMING)
vault = MetaData(naming_convention=NAMING)

_Id = Text().with_variant(Text(collation="C"), "postgresql")

stream = Table(
    "stream",
    record,
    Column("stream_id", _Id, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("version >= 0", name="version"),
)
"""The head of each stream: its last version and the hash that the next envelope has as ``prev``."""

command = Table(
    "command",
    record,
    Column("stream_id", _Id, primary_key=True),
    Column("command_id", _Id, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("bytes", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("build", Text, nullable=False),
    Index(None, "command_id"),
)
"""What people asked, byte for byte as signed. ``digest`` is that of ``bytes``; ``name`` the signal's; ``build`` decided it."""

event = Table(
    "event",
    record,
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    Column("stream_id", _Id, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("command_id", _Id, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("stream_id", "version"),
    CheckConstraint("log_index >= 0", name="log_index"),
    CheckConstraint("version >= 1", name="version"),
    Index(None, "command_id"),
)
"""What happened. ``hash`` is the digest of ``envelope``, which holds the digest of ``body``; the columns repeat the envelope."""

posting = Table(
    "posting",
    record,
    Column("stream_id", _Id, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("entity", Text, nullable=False),
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("booked", Date, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("debit <> credit", name="two_accounts"),
    CheckConstraint("line >= 1", name="line"),
)
"""The ledger: a row moves ``amount`` (whole pence) from credit to debit, so an unbalanced entry cannot be written."""

claimed = Table(
    "claimed",
    record,
    Column("clock", Text, primary_key=True),
    Column("key", _Id, primary_key=True),
    Column("stream_id", _Id, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index(None, "stream_id"),
)
"""Which grant a cost belongs to: one key, one grant, within the real clock and within rehearsals (DESIGN §4.8)."""

standing = Table(
    "standing",
    record,
    Column("stream_id", _Id, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("json", Text, nullable=False),
)
"""Where each stream stands, for lists and inboxes; folding rebuilds it."""

log_head = Table(
    "log_head",
    record,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""How many events there are: one row, locked last in every append, so that log indexes have no gap."""

quarantined = Table(
    "quarantined",
    vault,
    Column("id", Text, primary_key=True),
    Column("stream_id", _Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("received", Text, nullable=False),
    Index(None, "stream_id"),
)
"""The bytes of messages that were put aside, by SHA-256 of name and bytes (CONTRACT, Ids)."""

person = Table("person", vault, Column("id", _Id, primary_key=True), Column("name", Text, nullable=False))
"""The names of people, whom the record knows by opaque ids only."""

sealing_key = Table(
    "sealing_key",
    vault,
    Column("stream_id", _Id, primary_key=True),
    Column("subject", _Id, primary_key=True),
    Column("key", LargeBinary, nullable=True),
    Column("made", Text, nullable=False),
    Column("erased", Text, nullable=True),
)
"""The key of each Part 2, by its stream and its subject: the id of the command that it came with. Erased: null, and when."""
