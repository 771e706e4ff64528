"""The record: streams, commands, events, postings, claimed cost keys, standings, the head of the log; and its guards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations import guards_0001

revision = "r0001"
down_revision = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables, then the triggers that keep what is written. There is no way back: a record is never dropped."""
    _heads()
    _log()
    _ledger()
    op.execute("INSERT INTO log_head (id, size) VALUES (1, 0)")
    for statement in guards_0001.POSTGRESQL if op.get_bind().dialect.name == "postgresql" else guards_0001.SQLITE:
        op.execute(statement)


def _heads() -> None:
    op.create_table(
        "stream",
        sa.Column("stream_id", ID, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.CheckConstraint("version >= 0", name="version"),
    )
    op.create_table(
        "standing",
        sa.Column("stream_id", ID, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("json", sa.Text, nullable=False),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )


def _log() -> None:
    op.create_table(
        "command",
        sa.Column("stream_id", ID, primary_key=True),
        sa.Column("command_id", ID, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("bytes", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("build", sa.Text, nullable=False),
    )
    op.create_index(op.f("ix_command_command_id"), "command", ["command_id"])
    op.create_table(
        "event",
        sa.Column("log_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stream_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("schema", sa.Integer, nullable=False),
        sa.Column("command_id", ID, nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("stream_id", "version"),
        sa.CheckConstraint("log_index >= 0", name="log_index"),
        sa.CheckConstraint("version >= 1", name="version"),
    )
    op.create_index(op.f("ix_event_command_id"), "event", ["command_id"])


def _ledger() -> None:
    op.create_table(
        "posting",
        sa.Column("stream_id", ID, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("debit", sa.Text, nullable=False),
        sa.Column("credit", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("booked", sa.Date, nullable=False),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.CheckConstraint("line >= 1", name="line"),
    )
    op.create_table(
        "claimed",
        sa.Column("clock", sa.Text, primary_key=True),
        sa.Column("key", ID, primary_key=True),
        sa.Column("stream_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index(op.f("ix_claimed_stream_id"), "claimed", ["stream_id"])
