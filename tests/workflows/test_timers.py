"""The timers of a grant, on a real server: one a part, named in business words, set anew only when the moment moves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.workflows.stand_in import Bench, of_type, summary, until

YEARS = timedelta(days=3 * 365)
SOON = timedelta(seconds=0.5)


async def test_a_timer_is_named_in_the_words_of_its_duty(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("recovery", YEARS, "MPS Finance certifies the return for Q3 2020/21")
        await bench.committed(1)
        assert [summary(each) for each in await timers(bench)] == ["MPS Finance certifies the return for Q3 2020/21"]


async def test_each_part_has_a_timer_of_its_own(bench: Bench) -> None:
    async with bench.worker():
        for part in ("approval", "recovery", "exit"):
            await bench.due(part, YEARS, f"finance does {part}")
        await bench.committed(3)
        assert sorted(summary(each) for each in await timers(bench, 3)) == ["finance does approval", "finance does exit", "finance does recovery"]


async def test_a_moment_that_stands_keeps_its_timer_through_other_messages(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("recovery", YEARS)
        for number in range(5):
            await bench.send("ApproveStep", {"id": str(number)})
            await bench.committed(number + 2)
        assert len(await timers(bench)) == 1
        assert not of_type(await bench.history(), "timer_canceled_event_attributes")


async def test_a_moment_that_moves_sets_its_timer_anew_and_no_other(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("approval", YEARS, "the chief decides")
        await bench.due("recovery", YEARS, "finance certifies")
        await bench.committed(2)
        await timers(bench, 2)
        await bench.due("recovery", YEARS + timedelta(days=1), "finance certifies later")
        await bench.committed(3)
        assert [summary(each) for each in await timers(bench, 3)][-1] == "finance certifies later"
        assert len(of_type(await bench.history(), "timer_canceled_event_attributes")) == 1


async def test_when_the_moment_comes_commit_is_told_so_under_the_name_of_the_duty(bench: Bench) -> None:
    async with bench.worker():
        at = await bench.due("recovery", SOON, "finance certifies")
        await until(lambda: bench.entries[1:] == ["recovery came"])
        assert bench.record.woken[-1] == at
        scheduled = of_type(await bench.history(), "activity_task_scheduled_event_attributes")
        assert summary(scheduled[-1]) == "finance certifies"


async def test_a_moment_that_has_passed_already_is_committed_at_once(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("recovery", timedelta(days=-400))
        await until(lambda: bench.entries[1:] == ["recovery came"])
        assert not of_type(await bench.history(), "timer_started_event_attributes")


async def test_moments_of_several_parts_at_once_are_told_as_the_latest(bench: Bench) -> None:
    for part, wait in (("approval", 0.4), ("recovery", 0.4), ("exit", 0.4)):
        await bench.due(part, timedelta(seconds=wait))
    await asyncio.sleep(0.6)
    async with bench.worker():
        await bench.committed(6)
        assert sorted(bench.entries[3:]) == ["approval came", "exit came", "recovery came"]


async def test_in_a_rehearsal_nothing_waits_for_real_time(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("recovery", None)
        await bench.say("ApproveStep")
        await bench.committed(2)
        assert not of_type(await bench.history(), "timer_started_event_attributes")


async def test_a_moment_that_stands_still_is_not_tried_again_by_itself(bench: Bench) -> None:
    bench.record.stands_still = True
    async with bench.worker():
        await bench.due("recovery", SOON)
        await until(lambda: len(bench.record.batches) == 2)
        await asyncio.sleep(1)
        assert len(bench.record.batches) == 2


async def test_a_timer_outlives_its_worker(bench: Bench) -> None:
    bench.cached = 0
    async with bench.worker():
        await bench.due("recovery", timedelta(seconds=1))
        await timers(bench)
        await bench.idle()
    await asyncio.sleep(1)
    async with bench.worker():
        await until(lambda: bench.entries[1:] == ["recovery came"])


async def test_a_terminated_grant_gets_its_timer_back_with_the_next_message(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("recovery", timedelta(seconds=1.5))
        await bench.committed(1)
        await bench.execution.terminate()
        await bench.say("ApproveStep")
        await until(lambda: bench.entries[2:] == ["recovery came"])


async def timers(bench: Bench, count: int = 1) -> list[object]:
    """The timers that were started, once there are so many."""
    for _ in range(200):
        if len(found := of_type(await bench.history(), "timer_started_event_attributes")) >= count:
            return found
        await asyncio.sleep(0.02)
    return found
