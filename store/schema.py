"""The tables' versions: bringing them to what this build knows, and saying clearly where they are not that."""

from __future__ import annotations

from alembic import command as alembic
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from store import tables
from store.database import is_sqlite, is_vault, reading, writing
from store.errors import WrongSchemaError


def migrate(engine: Engine) -> None:
    """As ``store.database.migrate``: all steps in one transaction, one process at a time.

    Raises:
        WrongSchemaError: the tables are newer than this build.
        RecordError: the database cannot be written.

    """
    with writing(engine) as connection:
        if not is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('grants migrations'))"))
            if is_vault(engine):
                connection.execute(text("CREATE SCHEMA IF NOT EXISTS vault"))
        try:
            alembic.upgrade(migrations(engine, connection), "head")
        except CommandError as error:
            raise _foreign(engine) from error


def check_schema(engine: Engine) -> None:
    """Nothing, where the tables are those of this build.

    Raises:
        WrongSchemaError: they are older, newer, or not there.
        RecordError: the database cannot be read.

    """
    with reading(engine) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        known = ScriptDirectory.from_config(migrations(engine, connection)).get_current_head()
    if found != known:
        raise _foreign(engine)


def migrations(engine: Engine, connection: Connection) -> Config:
    """Alembic's settings for the record or the vault, over an open connection."""
    part = "vault" if is_vault(engine) else "record"
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"store:migrations/{part}")
    config.attributes.update(connection=connection, tables=getattr(tables, part))
    return config


def _foreign(engine: Engine) -> WrongSchemaError:
    where = engine.url.render_as_string()
    return WrongSchemaError(f"the tables at {where} are not those of this build: start its worker, which migrates them, or use the build that made them")
