"""Folds that are kept in memory: only so many, whoever asks at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event as hooks

from app.home import Home
from domain.grant import Grant
from domain.organisation import Organisation
from store.batch import genesis
from store.event_log import EventLog
from store.folds import KEPT, Folds
from tests.app.homes import lived, recorded
from tests.lives import case_of

THREADS, EACH = 16, 3000
GRANT = "grant/alpha-2020-21"


def test_the_beginning_of_a_turn_on_a_grant_that_is_kept_is_one_question_and_tells_what_the_record_folds_to(tmp_path: Path) -> None:
    with recorded(lived(tmp_path, case_of("alpha-2020-21"))) as record:
        first = glanced(record.folds)
        with asked(record.log) as questions:
            assert glanced(record.folds) == first
        assert questions == ["SELECT"]
        assert glanced(Folds(record.log)) == first


def glanced(folds: Folds) -> tuple[object, ...]:
    """What a turn begins with, but for the clock."""
    seen = folds.glance(GRANT)
    head, grant = folds.grants.at_head(GRANT, seen.heads)
    return seen.size, head, grant, folds.organisation_of(grant, seen.heads)


@contextmanager
def asked(log: EventLog) -> Iterator[list[str]]:
    """What the database is asked, by its first word."""
    questions: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_: object) -> None:
        questions.append(text.split(maxsplit=1)[0])

    hooks.listen(log.engine, "before_cursor_execute", note)
    try:
        yield questions
    finally:
        hooks.remove(log.engine, "before_cursor_execute", note)


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
