"""One installation that is up, on a real Temporal server with a real worker, for all specs that act; each has grants of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.installation import CASES, Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, temporal_program: Path) -> Iterator[Installation]:
    """It is brought up and taken down by its own commands."""
    assert temporal_program.exists()
    found = Installation(tmp_path_factory.mktemp("installation"))
    found.grants("up", "--detach")
    yield found
    found.grants("down")
    assert not (found.home / "run.json").exists()


@pytest.fixture(scope="session")
def alpha(installation: Installation) -> Installation:
    """The installation, the real life lived in it."""
    installation.grants("play", CASES / "alpha-2020-21.yaml")
    return installation
