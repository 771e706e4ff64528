"""The home that the specs of the command line read."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from app.home import Home
from tests.app.homes import lived
from tests.lives import CASES, case_of


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The real life and the invented open grant; nothing runs over it."""
    return lived(tmp_path_factory.mktemp("home"), case_of("alpha-2020-21"), case_of("today"))


@pytest.fixture(scope="session")
def every_life(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Every case that comes with us, each after those that it follows; nothing runs over it."""
    found = [case_of(str(path.relative_to(CASES).with_suffix(""))) for path in sorted(CASES.rglob("*.yaml"))]
    cases = {each.case: each for each in found}
    order = TopologicalSorter({name: each.after for name, each in cases.items()}).static_order()
    return lived(tmp_path_factory.mktemp("every-life"), *(cases[name] for name in order))
