"""The gateway's one look at the log: whoever waits is given what comes, whole, and nothing else; what cannot be read is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from app.home import Home
from app.outcomes import Sent
from app.watch import LONG_SECONDS, MOST_SECONDS, SOON_SECONDS, Awaited, Watch, pause_for
from store.batch import Row
from store.errors import RecordError, RecordUnavailableError
from store.event_log import EventLog, Named
from store.listing import MOST_AT_ONCE
from tests.app.homes import recorded
from tests.store.records import ALPHA, BETA, append, event

LONG = 20.0
SHORT = 0.2


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with recorded(Home(tmp_path)) as record:
        yield record.log


def sent(stream: str, own: str) -> Sent:
    return Sent(stream, "digest", own, f"{own}#digest", f"aside of {own}")


async def told(watch: Watch, awaited: Awaited, within: float = LONG) -> list[int] | None:
    """The versions of the events that are given before the time is over; null: it was over."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    rows = await watch.seen(awaited, within)
    return versions(rows) if clock() - begun < within else None


def versions(rows: Sequence[Row]) -> list[int]:
    return [each.version for each in rows]


@pytest.mark.parametrize("name", ["c", "c#digest", "aside of c"])
async def test_whoever_waits_is_given_an_event_that_names_any_of_the_ids(log: EventLog, name: str) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "c")) as awaited:
        append(log, ALPHA, event(name))
        assert await told(watch, awaited) == [1]


async def test_what_came_before_the_wait_began_is_known_and_not_told(log: EventLog) -> None:
    append(log, ALPHA, event("c-1"))
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "c-1")) as awaited:
        assert versions(await watch.known(awaited, LONG)) == [1]
        assert await told(watch, awaited, SHORT) is None


async def test_what_names_another_id_or_is_of_another_stream_is_not_told(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "c-1")) as awaited:
        append(log, ALPHA, event("c-3"))
        append(log, BETA, event("c-1"))
        assert await watch.known(awaited, LONG) == []
        assert await told(watch, awaited, SHORT) is None


async def test_whoever_joins_others_who_wait_knows_what_came_before_the_look_that_they_saw(log: EventLog) -> None:
    append(log, BETA, event("b"))
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as first:
        append(log, ALPHA, event("a"))
        assert await told(watch, first) == [1]
        with watch.waiting(sent(ALPHA, "a")) as again, watch.waiting(sent(BETA, "b")) as other:
            assert [versions(await watch.known(each, LONG)) for each in (again, other, first)] == [[1], [1], []]
            append(log, ALPHA, event("a"))
            assert await told(watch, again) == [1, 2]
            assert await told(watch, other, SHORT) is None


async def test_however_many_wait_a_look_asks_two_questions(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    naming = EventLog.rows_naming

    def counted(self: EventLog, names: frozenset[tuple[str, str]]) -> list[Row]:
        asked.append(len(names))
        return naming(self, names)

    monkeypatch.setattr(EventLog, "rows_naming", counted)
    watch = Watch(log)
    with ExitStack() as several:
        waiting = [several.enter_context(watch.waiting(sent(ALPHA, f"a-{number}"))) for number in range(50)]
        assert [await watch.known(each, LONG) for each in waiting] == [[]] * 50
        assert asked == [150]
        append(log, ALPHA, *(event(f"a-{number}") for number in range(50)))
        assert [await told(watch, each) for each in waiting] == [[number + 1] for number in range(50)]
        assert asked == [150, 150]


async def test_where_a_look_failed_and_another_began_whoever_waited_still_knows_what_was_there(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, ALPHA, event("a"))
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as first:
        with monkeypatch.context() as broken:
            broken.setattr(EventLog, "named", _gone)
            await asyncio.sleep(SHORT)
        with watch.waiting(sent(BETA, "b")):
            assert versions(await watch.known(first, LONG)) == [1]


async def test_what_one_was_told_is_known_to_whoever_begins_after_him(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    named = EventLog.named

    def then_it_comes(self: EventLog, after: int) -> list[Named]:
        found = named(self, after)
        if not log.size():
            append(log, ALPHA, event("a"))
        return found

    monkeypatch.setattr(EventLog, "named", then_it_comes)
    watch = Watch(log)
    with watch.waiting(sent(BETA, "other")), watch.waiting(sent(ALPHA, "a")) as first:
        assert await told(watch, first) == [1]
        with watch.waiting(sent(ALPHA, "a")) as again:
            assert versions(await watch.known(again, LONG)) == [1]


async def test_a_slow_look_keeps_nobody_longer_than_he_waits(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    go = Event()

    def slow(*_: object) -> list[Named]:
        go.wait(LONG)
        return []

    monkeypatch.setattr(EventLog, "named", slow)
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as awaited:
        begun = time.monotonic()
        assert await watch.known(awaited, SHORT) == []
        assert time.monotonic() - begun < LONG / 2
        go.set()


async def test_several_wait_side_by_side_and_each_is_told_of_its_own(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as one, watch.waiting(sent(BETA, "b")) as other:
        append(log, BETA, event("b"))
        assert await told(watch, other) == [1]
        assert await told(watch, one, SHORT) is None
        append(log, ALPHA, event("a"))
        assert await told(watch, one) == [1]


async def test_two_that_wait_for_the_same_message_are_both_told(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as one, watch.waiting(sent(ALPHA, "a")) as other:
        append(log, ALPHA, event("a"))
        assert list(await asyncio.gather(told(watch, one), told(watch, other))) == [[1], [1]]


async def test_an_outcome_of_several_events_comes_whole(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as awaited:
        append(log, ALPHA, event("other"), event("a"), event("a"), event("a"))
        assert await told(watch, awaited) == [2, 3, 4]


async def test_an_outcome_that_two_looks_read_in_part_comes_whole(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as awaited:
        append(log, ALPHA, *(event(f"c-{number}") for number in range(MOST_AT_ONCE - 1)), event("a"), event("a"), event("a"))
        assert await told(watch, awaited) == [MOST_AT_ONCE, MOST_AT_ONCE + 1, MOST_AT_ONCE + 2]


async def test_more_events_than_one_look_reads_hide_nothing(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "last")) as awaited:
        append(log, ALPHA, *(event(f"c-{number}") for number in range(600)), event("last"))
        assert await told(watch, awaited) == [601]


async def test_what_comes_again_is_told_again(log: EventLog) -> None:
    append(log, ALPHA, event("a"))
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as awaited:
        for count in (2, 3):
            append(log, ALPHA, event("a"))
            assert await told(watch, awaited) == list(range(1, count + 1))
        assert await told(watch, awaited, SHORT) is None


async def test_what_came_while_nobody_asked_is_given_at_once(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as awaited:
        append(log, ALPHA, event("a"))
        await asyncio.sleep(SHORT)
        assert await told(watch, awaited, SHORT) == [1]


async def test_whoever_begins_to_wait_while_a_look_is_under_way_is_told_of_what_that_look_finds(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, go = Event(), Event()
    named = EventLog.named

    def held(self: EventLog, after: int) -> list[Named]:
        looks.set()
        assert go.wait(LONG)
        return named(self, after)

    monkeypatch.setattr(EventLog, "named", held)
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")):
        await asyncio.to_thread(looks.wait, LONG)
        with watch.waiting(sent(BETA, "b")) as later:
            append(log, BETA, event("b"))
            go.set()
            assert await told(watch, later, 10 * SHORT) == [1]


async def test_the_record_is_asked_once_more_when_the_time_is_over(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventLog, "named", lambda *_: [])
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as awaited:
        append(log, ALPHA, event("a"))
        assert versions(await watch.seen(awaited, SHORT)) == [1]


async def test_a_log_that_cannot_be_read_is_said_to_everybody_who_waits(log: EventLog) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as one, watch.waiting(sent(BETA, "b")) as other:
        with log.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE event RENAME TO elsewhere")
        begun = time.monotonic()
        found = await asyncio.gather(watch.seen(one, LONG), watch.seen(other, LONG), return_exceptions=True)
        assert [isinstance(each, RecordError) for each in found] == [True, True]
        with pytest.raises(RecordError):
            await watch.seen(one, LONG)
        assert time.monotonic() - begun < LONG


async def test_a_log_that_could_not_be_read_once_is_looked_at_again_though_somebody_waited_all_the_while(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(log)
    with watch.waiting(sent(ALPHA, "a")) as first:
        with monkeypatch.context() as broken:
            broken.setattr(EventLog, "named", _gone)
            for asking in (watch.known(first, LONG), watch.seen(first, LONG)):
                with pytest.raises(RecordError):
                    await asking
        append(log, ALPHA, event("a"))
        with watch.waiting(sent(BETA, "b")) as later:
            append(log, BETA, event("b"))
            assert await told(watch, later) == [1]
            assert await told(watch, first) == [1]


async def test_whoever_could_not_begin_to_wait_is_not_waited_for(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(log)
    with monkeypatch.context() as broken:
        broken.setattr(EventLog, "size", _gone)
        with pytest.raises(RecordError), watch.waiting(sent(ALPHA, "a")):
            pass
    with watch.waiting(sent(ALPHA, "a")):
        await asyncio.sleep(SHORT)
    await asyncio.sleep(SHORT)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_whoever_stops_waiting_leaves_nothing_behind(log: EventLog) -> None:
    async def waits() -> None:
        with watch.waiting(sent(ALPHA, "a")) as awaited:
            await watch.seen(awaited, LONG)

    watch = Watch(log)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waits(), SHORT)
    await asyncio.sleep(SHORT)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_where_many_wait_there_are_fewer_looks_and_one_waits_no_longer() -> None:
    assert pause_for(1, SOON_SECONDS) == SOON_SECONDS
    assert 0.025 < pause_for(50, SOON_SECONDS) < 0.035
    assert pause_for(1, LONG_SECONDS) == LONG_SECONDS
    assert pause_for(10_000, LONG_SECONDS) == MOST_SECONDS


async def test_fifty_who_wait_cost_some_thirty_looks_a_second_while_something_happens(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def always(_: EventLog, after: int) -> list[Named]:
        looks.append(after)
        return [Named(after + 1, ALPHA, "of another")]

    monkeypatch.setattr(EventLog, "named", always)
    watch = Watch(log)
    with ExitStack() as several:
        for number in range(50):
            several.enter_context(watch.waiting(sent(BETA, f"b-{number}")))
        await asyncio.sleep(0.5)
    assert looks == list(range(-1, len(looks) - 1))
    assert 1 < len(looks) < 20


def _gone(*_: object) -> None:
    raise RecordUnavailableError("gone")  # noqa: EM101
