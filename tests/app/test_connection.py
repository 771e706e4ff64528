"""The way to the Temporal server."""

from __future__ import annotations

import pytest
from temporalio.client import GrpcCompression

from app.connection import compression


@pytest.mark.parametrize("address", ["127.0.0.1:7233", "localhost:7233", "[::1]:7233", "127.1.2.3:1"])
def test_what_goes_to_a_server_on_this_machine_is_not_compressed(address: str) -> None:
    assert compression(address) is GrpcCompression.NONE


@pytest.mark.parametrize("address", ["temporal.example:7233", "10.0.0.7:7233", "[2001:db8::1]:7233", "localhost.example:7233"])
def test_what_goes_over_a_network_is(address: str) -> None:
    assert compression(address) is GrpcCompression.GZIP
