"""From what a database says to our own errors, so that nobody above this room knows which database it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store.errors import RecordCorruptError, RecordError, RecordUnavailableError, WriteRejectedError, WrongSchemaError

MISSING = ("no such table", "no such column", "undefinedtable", "undefinedcolumn")
READ_ONLY = ("readonly database", "read-only transaction")
DAMAGED = ("malformed", "not a database")


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn the database's own errors into those of ``store.errors``, without the statement's parameters.

    Raises:
        RecordError: the one that fits.

    """
    try:
        yield
    except PoolTimeoutError as error:
        raise RecordUnavailableError(str(error)) from error
    except DBAPIError as error:
        raise error_of(error) from error


def error_of(error: DBAPIError) -> RecordError:
    """Which of our errors a database's error is."""
    what = f"{type(error.orig).__name__}: {error.orig}"
    words = what.lower()
    if any(each in words for each in MISSING):
        return WrongSchemaError(f"the tables are not those of this build ({what})")
    if any(each in words for each in READ_ONLY) or isinstance(error, IntegrityError):
        return WriteRejectedError(f"the database refused the write ({what})")
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return RecordUnavailableError(f"the database cannot be used now ({what})")
    if any(each in words for each in DAMAGED):
        return RecordCorruptError(f"the database's file is damaged, or is no database ({what})")
    return WriteRejectedError(f"the database refused the write ({what})")
