"""What acting commands need at hand: the home's record open for reading, and a gateway to its Temporal server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from app.connection import connect, identity_of
from app.gateway import Gateway
from app.home import Home
from app.rate_limit import RateLimit
from app.reader import Reader, reading
from app.sealing import Sealer
from app.settings import read_settings
from app.signing import local_signers


@dataclass(frozen=True)
class Session:
    """A gateway, and the record that it reads outcomes from."""

    gateway: Gateway
    reader: Reader


@asynccontextmanager
async def acting(home: Home, client: Client | None = None) -> AsyncIterator[Session]:
    """The session of one command; ``client`` null: of the server that this home's commands go to.

    Raises:
        MisusedError: the settings cannot be read.
        UnavailableError: the server cannot be reached.
        RecordError: the record cannot be read.

    """
    newest, *others = local_signers(home.keys)
    client = client or await connect(home, identity_of(each.key for each in (newest, *others)))
    with reading(home) as reader:
        yield Session(Gateway(client, reader.log, newest, Sealer(home.vault_url), tuple(others), limit_of(home)), reader)


def limit_of(home: Home) -> RateLimit | None:
    """How much one sender may send over this home; null: anything."""
    settings = read_settings()
    return RateLimit(home.rate_file, settings.rate_limit, settings.rate_burst) if settings.rate_limit else None
