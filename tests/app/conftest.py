"""The home that the specs of the command line read."""

from __future__ import annotations

import pytest

from app.home import Home
from tests.app.homes import lived
from tests.lives import case_of


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The real life and the invented open grant; nothing runs over it."""
    return lived(tmp_path_factory.mktemp("home"), case_of("alpha-2020-21"), case_of("today"))
