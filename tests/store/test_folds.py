"""Folds that are kept in memory: only so many, whoever asks at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.home import Home
from domain.grant import Grant
from domain.organisation import Organisation
from store.event_log import genesis
from store.folds import KEPT, Folds
from tests.app.homes import recorded

THREADS, EACH = 16, 3000


@pytest.fixture
def eager() -> Iterator[None]:
    """Threads that give way to one another at every turn."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager")
def test_the_oldest_fold_goes_first_also_where_many_threads_keep_more_than_there_is_room_for(tmp_path: Path) -> None:
    """One that is raised here would have a good message put aside as one on which our own code raised."""
    nobody = Organisation(stream="organisation/o")
    with recorded(Home(tmp_path)) as record:
        folds = Folds(record.log)

        def keep(thread: int) -> None:
            for number in range(EACH):
                grant = Grant(stream=f"grant/{thread}-{number}")
                folds.keep(genesis(grant.stream), grant)
                folds.outlook(grant, nobody)

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(keep, range(THREADS)))
        assert (len(folds.grants._kept), len(folds._outlooks)) == (KEPT, KEPT)
