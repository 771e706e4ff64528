"""What holds for all tests, and what every test may ask for: real databases of both kinds, fresh for each test,
and a real Temporal server.

Examples take the time that they take, for the machine has two cores and servers on both.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import make_url
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from app import servers
from app.settings import Settings
from tools.postgresql import postgresql

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL whose user may make databases: the one named by the environment, else one of our own."""
    with postgresql() as address:
        yield make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, gone after the test."""
    name = f"grants_test_{os.getpid()}_{next(NUMBERS)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind; ``store.database.migrate`` makes its tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'record.db'}"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture(scope="session")
def temporal_program() -> Path:
    """The Temporal server's program, as the product itself finds it."""
    return servers.program(Settings().temporal_cli)


@pytest.fixture(scope="session")
async def dev_server(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of one real server for the whole run. Each test keeps to streams and a task queue of its own."""
    async with servers.dev_server(temporal_program, tmp_path_factory.mktemp("temporal")) as server:
        yield await Client.connect(server.address, data_converter=pydantic_data_converter)
