"""The way to the Temporal server: the standard ``TEMPORAL_*`` settings first, else the server that ``grants up`` runs."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from ipaddress import ip_address

from temporalio.client import Client, GrpcCompression
from temporalio.envconfig import ClientConfig

from app.conversion import CONVERTER
from app.errors import UnavailableError
from app.home import Home
from app.settings import temporal_is_named

GATEWAY = "gateway/"
"""How the identity of a gateway's calls to Temporal begins; the ids of its keys follow. Free text, and no proof."""


def identity_of(keys: Iterable[str]) -> str:
    """What a gateway with these keys calls itself to Temporal."""
    return f"{GATEWAY}{'+'.join(keys)} {os.getpid()}@{socket.gethostname()}"


async def connect(home: Home, identity: str | None = None) -> Client:
    """A client of the server that this home's commands go to; ``identity``: what it calls itself (null: process and host).

    Raises:
        UnavailableError: none is named and none runs, or it does not answer.

    """
    settings = ClientConfig.load_client_connect_config()
    running = home.running()
    if not temporal_is_named():
        if running is None:
            message = f"Nothing runs over {home.path}: start it with `grants up`, or name a Temporal server with TEMPORAL_ADDRESS."
            raise UnavailableError(message)
        settings["target_host"] = running.address
    address = settings.setdefault("target_host", "localhost:7233")
    try:
        return await Client.connect(**settings, identity=identity, data_converter=CONVERTER, grpc_compression=compression(address))
    except RuntimeError as error:
        message = f"The Temporal server at {address} does not answer: {error}"
        raise UnavailableError(message) from error


def compression(address: str) -> GrpcCompression:
    """How what goes to a Temporal server is compressed: on this machine not at all, for it costs more there than it saves."""
    return GrpcCompression.NONE if _is_here(address.rpartition(":")[0].strip("[]")) else GrpcCompression.GZIP


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
