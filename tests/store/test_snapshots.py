"""Snapshots and conversations: what one thread reads in one transaction, or asks on one connection, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import event as hooks
from sqlalchemy import select

from store import tables
from store.database import conversation, reading, snapshot
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


def test_in_a_conversation_each_answer_is_of_its_own_instant(log: EventLog) -> None:
    append(log, ALPHA)
    with conversation(log.engine):
        assert log.size() == 1
        at_once(lambda: append(log, ALPHA))
        assert (log.size(), log.head(ALPHA).version, len(log.rows(ALPHA))) == (2, 2, 2)


def test_all_of_a_conversation_is_asked_over_one_connection(log: EventLog) -> None:
    with taken(log) as connections, conversation(log.engine), conversation(log.engine):
        assert (log.size(), log.head(ALPHA).version, log.streams()) == (0, 0, [])
    assert len(connections) == 1


def test_a_conversation_in_which_nothing_is_asked_opens_nothing(log: EventLog) -> None:
    with taken(log) as connections, conversation(log.engine):
        pass
    assert connections == []


def test_within_a_snapshot_a_conversation_is_of_its_instant(log: EventLog) -> None:
    append(log, ALPHA)
    with snapshot(log.engine), conversation(log.engine):
        assert log.size() == 1
        at_once(lambda: append(log, ALPHA))
        assert log.size() == 1


def test_within_a_conversation_what_must_be_of_one_instant_is(log: EventLog) -> None:
    append(log, ALPHA)
    with conversation(log.engine):
        assert log.size() == 1
        with snapshot(log.engine):
            assert log.size() == 1
            at_once(lambda: append(log, ALPHA))
            assert log.size() == 1
        assert log.size() == 2
        with reading(log.engine) as connection:
            assert connection.in_transaction()
            wanted = select(tables.log_head.c.size)
            assert connection.scalar(wanted) == 2
            at_once(lambda: append(log, ALPHA))
            assert connection.scalar(wanted) == 2
        assert log.size() == 3


def test_an_answer_within_a_conversation_is_written_on_after_it(log: EventLog) -> None:
    with conversation(log.engine):
        assert log.size() == 0
        append(log, ALPHA)
        assert log.size() == 1


def taken(log: EventLog) -> AbstractContextManager[list[object]]:
    """The connections that are taken from the pool."""
    return heard(log, "checkout")


def begun(log: EventLog) -> AbstractContextManager[list[object]]:
    """The connections on which a transaction begins."""
    return heard(log, "begin")


@contextmanager
def heard(log: EventLog, what: str) -> Iterator[list[object]]:
    """The connections to which this happens."""
    connections: list[object] = []

    def note(connection: object, *_more: object) -> None:
        connections.append(connection)

    hooks.listen(log.engine, what, note)
    try:
        yield connections
    finally:
        hooks.remove(log.engine, what, note)
