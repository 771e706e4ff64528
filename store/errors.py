"""What can go wrong with the record. The first question is always whether trying again can help: ``retryable``."""

from __future__ import annotations

from typing import ClassVar


class RecordError(Exception):
    """Anything wrong with the record or the vault; its text says what a person can do."""

    retryable: ClassVar[bool] = False


class RecordUnavailableError(RecordError):
    """Raised when the database cannot be reached, is busy, or gave up on a deadlock: the same call may do later."""

    retryable: ClassVar[bool] = True


class RecordInUseError(RecordError):
    """Raised when another worker holds the record: one SQLite file has one writing worker."""


class NoRecordError(RecordError):
    """Raised when there is nothing to read at the address given."""


class RecordCorruptError(RecordError):
    """Raised when the database says that its own file is damaged, or is no database at all."""


class WrongSchemaError(RecordError):
    """Raised when the tables are not those of this build: older (migrate), newer (use a newer build), or foreign."""


class WriteRejectedError(RecordError):
    """Raised when the database itself refuses a write: a constraint, or a table that is only ever added to."""
