"""The way to the Temporal server: the standard ``TEMPORAL_*`` settings first, else the server that ``grants up`` runs."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig

from app.errors import UnavailableError
from app.home import Home
from app.settings import temporal_is_named


async def connect(home: Home) -> Client:
    """A client of the server that this home's commands go to.

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
        return await Client.connect(**settings, data_converter=pydantic_data_converter)
    except RuntimeError as error:
        message = f"The Temporal server at {address} does not answer: {error}"
        raise UnavailableError(message) from error
