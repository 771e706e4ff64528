"""Snapshots: what one thread reads in one transaction, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event as hooks

from store.database import snapshot
from store.event_log import EventLog
from tests.store.records import ALPHA, append, at_once


def test_everything_read_in_one_snapshot_is_of_the_same_instant(log: EventLog) -> None:
    append(log, ALPHA)
    with snapshot(log.engine):
        assert log.size() == 1
        at_once(lambda: append(log, ALPHA))
        with snapshot(log.engine):
            assert (log.size(), log.head(ALPHA).version, len(log.rows(ALPHA))) == (1, 1, 1)
        assert log.size() == 1
    assert (log.size(), log.head(ALPHA).version) == (2, 2)


def test_a_snapshot_in_which_nothing_is_asked_opens_nothing(log: EventLog) -> None:
    with begun(log) as transactions:
        with snapshot(log.engine), snapshot(log.engine):
            pass
        assert transactions == []
        with snapshot(log.engine):
            assert (log.size(), log.streams()) == (0, [])
    assert len(transactions) == 1


@contextmanager
def begun(log: EventLog) -> Iterator[list[object]]:
    """The connections on which a transaction begins."""
    transactions: list[object] = []

    def note(connection: object) -> None:
        transactions.append(connection)

    hooks.listen(log.engine, "begin", note)
    try:
        yield transactions
    finally:
        hooks.remove(log.engine, "begin", note)
