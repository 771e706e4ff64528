"""The triggers that make the database itself keep what is written, for both databases.

A superuser, or the owner of a file, can still drop them: that is what the chain of hashes is for. On PostgreSQL they are
``ENABLE ALWAYS``, for an ordinary trigger does not fire under ``session_replication_role = replica``. On SQLite a
``REPLACE`` deletes rows without firing a delete trigger; so a row that stands already is guarded at the insert too.
"""

from __future__ import annotations

ONLY_ADDED_TO = ("event", "command", "posting", "claimed")
"""Tables of which no row ever changes."""

GROWING = {"stream": ("stream_id", "version"), "log_head": ("id", "size")}
"""Heads: table to (key, the number that only grows). No row of them is ever deleted."""

_SAME_ROW = {
    "event": "log_index = NEW.log_index OR (stream_id = NEW.stream_id AND version = NEW.version)",
    "command": "stream_id = NEW.stream_id AND command_id = NEW.command_id",
    "posting": "stream_id = NEW.stream_id AND version = NEW.version AND line = NEW.line",
    "claimed": "clock = NEW.clock AND key = NEW.key",
    "stream": "stream_id = NEW.stream_id",
    "log_head": "id = NEW.id",
}
_LEFT_AS_IT_IS = ("claimed", "stream")
"""Where an append inserts what may stand already (``ON CONFLICT DO NOTHING``), the second row is passed over."""

_KEEP_FOR_EVER = """
CREATE FUNCTION keep_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are kept for ever and never change', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def _sqlite() -> tuple[str, ...]:
    statements = []
    for table in (*ONLY_ADDED_TO, *GROWING):
        kept = f"RAISE(ABORT, '{table} rows are kept for ever')"
        statements.append(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT {kept}; END")
        twice = "RAISE(IGNORE)" if table in _LEFT_AS_IT_IS else kept
        stands = f"SELECT 1 FROM {table} WHERE {_SAME_ROW[table]}"  # noqa: S608  (our own constants)
        statements.append(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({stands}) BEGIN SELECT {twice}; END")
    statements += [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} rows never change'); END" for table in ONLY_ADDED_TO
    ]
    for table, (key, number) in GROWING.items():
        shrinks = f"NEW.{key} <> OLD.{key} OR NEW.{number} <= OLD.{number}"
        statements.append(f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE ON {table} WHEN {shrinks} BEGIN SELECT RAISE(ABORT, '{table} only grows'); END")
    return tuple(statements)


def _postgresql() -> tuple[str, ...]:
    statements = [_KEEP_FOR_EVER]
    for table in ONLY_ADDED_TO:
        statements += _always(table, "no_change", f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_for_ever()")
    for table, (key, number) in GROWING.items():
        shrinks = f"NEW.{key} <> OLD.{key} OR NEW.{number} <= OLD.{number}"
        statements += _always(table, "no_delete", f"BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_for_ever()")
        statements += _always(table, "only_grows", f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({shrinks}) EXECUTE FUNCTION keep_for_ever()")
    for table in (*ONLY_ADDED_TO, *GROWING):
        statements += _always(table, "no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()")
    return tuple(statements)


def _always(table: str, name: str, when: str) -> tuple[str, str]:
    return f"CREATE TRIGGER {table}_{name} {when}", f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}"


SQLITE = _sqlite()
POSTGRESQL = _postgresql()
