"""The keys of sealed content: one a Part 2. An erased key leaves its row, so that its loss can be told from an accident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sealing_key",
        sa.Column("stream_id", ID, primary_key=True),
        sa.Column("subject", ID, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=True),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("erased", sa.Text, nullable=True),
    )
