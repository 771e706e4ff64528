"""The vault: bytes that were put aside, and the names of people. Nothing here is append-only: it can be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "quarantined",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("stream_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.Text, nullable=False),
    )
    op.create_index(op.f("ix_quarantined_stream_id"), "quarantined", ["stream_id"])
    op.create_table("person", sa.Column("id", ID, primary_key=True), sa.Column("name", sa.Text, nullable=False))
