"""The tables' versions: bringing them to what this build knows, and saying clearly where they are not that.

Alembic takes half a second to import, and a reader never needs it: so it is imported where tables are changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from store import tables
from store.database import is_sqlite, is_vault, reading, writing
from store.errors import WrongSchemaError

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = {"record": "r0001", "vault": "v0002"}
"""The last migration of each, as this build knows it."""


def migrate(engine: Engine) -> None:
    """Bring the tables of the record, or of the vault, to what this build knows; running it again changes nothing.

    All steps in one transaction, one process at a time.

    Raises:
        WrongSchemaError: the tables are newer than this build.
        RecordError: the database cannot be written.

    """
    from alembic import command, util  # noqa: PLC0415

    with writing(engine) as connection:
        if not is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('grants migrations'))"))
            if is_vault(engine):
                connection.execute(text("CREATE SCHEMA IF NOT EXISTS vault"))
        try:
            command.upgrade(migrations(engine, connection), "head")
        except util.CommandError as error:
            raise _foreign(engine) from error


def check_schema(engine: Engine) -> None:
    """Nothing, where the tables are those of this build.

    Raises:
        WrongSchemaError: they are older, newer, or not there.
        RecordError: the database cannot be read.

    """
    try:
        with reading(engine) as connection:
            found = list(connection.scalars(text("SELECT version_num FROM alembic_version")))
    except WrongSchemaError as error:
        raise _foreign(engine) from error
    if found != [NEWEST[_part(engine)]]:
        raise _foreign(engine)


def migrations(engine: Engine, connection: Connection) -> Config:
    """Alembic's settings for the record or the vault, over an open connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "store:migrations")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"store:migrations/{_part(engine)}")
    config.attributes.update(connection=connection, tables=getattr(tables, _part(engine)))
    return config


def _part(engine: Engine) -> str:
    return "vault" if is_vault(engine) else "record"


def _foreign(engine: Engine) -> WrongSchemaError:
    where = engine.url.render_as_string()
    return WrongSchemaError(f"the tables at {where} are not those of this build: start its worker, which migrates them, or use the build that made them")
