"""The gateway's one look at the log: whoever waits is told of what comes, and of nothing else; what cannot be read is said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.home import Home
from app.watch import Awaited, Watch
from store.errors import RecordError, RecordUnavailableError
from store.event_log import EventLog
from tests.app.homes import recorded
from tests.store.records import ALPHA, BETA, append, event

LONG = 20.0
SHORT = 0.2


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with recorded(Home(tmp_path)) as record:
        yield record.log


async def told(watch: Watch, awaited: Awaited, within: float) -> bool:
    clock = asyncio.get_running_loop().time
    begun = clock()
    await watch.seen(awaited, within)
    return clock() - begun < within


async def test_whoever_waits_is_told_of_an_event_that_names_one_of_the_ids(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(ALPHA, ["c-1", "c-2"]) as awaited:
        append(log, ALPHA, event("c-2"))
        assert await told(watch, awaited, LONG)


async def test_what_came_before_the_wait_began_and_what_names_another_id_or_stream_is_not_told(log: EventLog) -> None:
    append(log, ALPHA, event("c-1"))
    watch = Watch(log)
    with watch.waiting(ALPHA, ["c-1"]) as awaited:
        append(log, ALPHA, event("c-3"))
        append(log, BETA, event("c-1"))
        assert not await told(watch, awaited, SHORT)


async def test_several_wait_side_by_side_and_each_is_told_of_its_own(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(ALPHA, ["a"]) as one, watch.waiting(BETA, ["b"]) as other:
        append(log, BETA, event("b"))
        assert await told(watch, other, LONG)
        assert not await told(watch, one, SHORT)
        append(log, ALPHA, event("a"))
        assert await told(watch, one, LONG)


async def test_more_events_than_one_look_reads_hide_nothing(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(ALPHA, ["last"]) as awaited:
        append(log, ALPHA, *(event(f"c-{number}") for number in range(600)), event("last"))
        assert await told(watch, awaited, LONG)


async def test_a_log_that_cannot_be_read_is_said_to_whoever_waits(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(ALPHA, ["c-1"]) as awaited, log.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE event RENAME TO elsewhere")
        connection.commit()
        with pytest.raises(RecordError):
            await watch.seen(awaited, LONG)


async def test_a_log_that_could_not_be_read_once_is_looked_at_again_though_somebody_waited_all_the_while(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(log)
    with watch.waiting(ALPHA, ["a"]) as first:
        with monkeypatch.context() as broken:
            broken.setattr(EventLog, "named", _gone)
            with pytest.raises(RecordError):
                await watch.seen(first, LONG)
        append(log, ALPHA, event("a"))
        with watch.waiting(BETA, ["b"]) as later:
            append(log, BETA, event("b"))
            assert await told(watch, later, LONG)
            assert await told(watch, first, LONG)


async def test_whoever_could_not_begin_to_wait_is_not_waited_for(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(log)
    with monkeypatch.context() as broken:
        broken.setattr(EventLog, "size", _gone)
        with pytest.raises(RecordError), watch.waiting(ALPHA, ["a"]):
            pass
    with watch.waiting(ALPHA, ["a"]):
        await asyncio.sleep(SHORT)
    await asyncio.sleep(SHORT)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_whoever_stops_waiting_leaves_nothing_behind(log: EventLog) -> None:
    async def waits() -> None:
        with watch.waiting(ALPHA, ["a"]) as awaited:
            await watch.seen(awaited, LONG)

    watch = Watch(log)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waits(), SHORT)
    await asyncio.sleep(SHORT)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def _gone(*_: object) -> None:
    raise RecordUnavailableError("gone")  # noqa: EM101
