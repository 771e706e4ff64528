"""How Alembic runs our migrations: over the connection, and towards the tables, that ``store.database`` gives it."""

from __future__ import annotations

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=given["tables"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
