"""The queue of a stream, on a real server: nothing is lost, nothing is read, nothing can wedge it."""

from __future__ import annotations

import hashlib

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError

from activities.contracts import LARGEST_BATCH, MOST_MESSAGES
from tests.workflows.stand_in import Bench, bodies, eventually, of_type, raw, summary, until


async def test_a_message_starts_the_workflow_and_is_committed(bench: Bench) -> None:
    async with bench.worker():
        await bench.say("ApproveStep")
        await until(lambda: bench.entries == ["ApproveStep 1"])


async def test_a_message_sent_while_no_worker_lives_is_committed_when_one_does(bench: Bench) -> None:
    await bench.say("ApproveStep")
    async with bench.worker():
        await until(lambda: bench.entries == ["ApproveStep 1"])


@pytest.mark.parametrize(
    ("name", "payloads"),
    [
        ("ApproveStep", []),
        ("ApproveStep", [{"id": "1"}, {"id": "2"}]),
        ("ApproveStep", [raw(b"{broken")]),
        ("ApproveStep", [raw(b"\xff\xfe\x00", "binary/encrypted")]),
        ("ApproveStep", [raw(b"", "binary/null")]),
        ("ApproveStep", [raw(b"\xff", "json/protobuf")]),
        ("ApproveStep", [1.5]),
        ("a name that nobody knows; DROP TABLE", [None]),
        ("x" * 900, [{"a": 1}]),
        ("run", [{"a": 1}]),
        ("inbox", [{"a": 1}]),
    ],
)
async def test_a_signal_that_cannot_be_read_is_handed_on_as_it_came_and_the_grant_goes_on(bench: Bench, name: str, payloads: list[object]) -> None:
    async with bench.worker():
        await bench.send(name, *payloads)
        await bench.send("ApproveStep", {"id": "next"})
        await until(lambda: bench.entries == ["quarantined", "ApproveStep next"])
    first = next(message for batch in bench.record.batches for message in batch)
    assert (first.name, len(first.payloads)) == (name, len(payloads))


async def test_undecodable_bytes_arrive_byte_for_byte(bench: Bench) -> None:
    every_byte = bytes(range(256))
    async with bench.worker():
        await bench.send("ApproveStep", raw(every_byte, "binary/unknown"))
        await bench.committed(1)
    assert bench.record.batches[0][0].payloads == (every_byte,)


async def test_a_message_over_256_kib_is_kept_as_its_size_and_digest(bench: Bench) -> None:
    text = b"x" * (256 * 1024 + 1)
    async with bench.worker():
        await bench.send("RecordCosts", raw(text))
        await until(lambda: bench.entries == ["quarantined"])
    [message] = bench.record.batches[0]
    assert message.payloads == ()
    assert message.oversize is not None
    assert (message.oversize.size, message.oversize.digest) == (len(text), hashlib.sha256(b"RecordCosts\0" + text).hexdigest())


async def test_the_server_refuses_three_megabytes_to_its_sender_and_the_grant_goes_on(bench: Bench) -> None:
    async with bench.worker():
        await bench.say("Open")
        with pytest.raises((RPCError, ValueError)):
            await bench.send("RecordCosts", raw(b"x" * 3_000_000))
        await bench.send("ApproveStep", {"id": "next"})
        await until(lambda: bench.entries == ["Open 1", "ApproveStep next"])


async def test_an_update_is_rejected_to_its_sender(bench: Bench) -> None:
    async with bench.worker():
        await bench.say("Open")
        with pytest.raises(WorkflowUpdateFailedError):
            await bench.execution.execute_update("ApproveStep", {"id": "2"})
        await bench.send("ApproveStep", {"id": "next"})
        await until(lambda: bench.entries == ["Open 1", "ApproveStep next"])


async def test_a_hundred_signals_in_one_task_are_committed_in_order_fifty_at_a_time(bench: Bench) -> None:
    for number in range(100):
        await bench.send("ApproveStep", {"id": str(number)})
    async with bench.worker():
        await bench.committed(100)
    assert [len(each) for each in bench.record.batches] == [MOST_MESSAGES, MOST_MESSAGES]
    assert bench.entries == [f"ApproveStep {number}" for number in range(100)]


async def test_one_commit_is_given_at_most_512_kib(bench: Bench) -> None:
    for number in range(7):
        await bench.send("RecordCosts", {"id": str(number), "rows": "x" * 200_000})
    async with bench.worker():
        await bench.committed(7)
    assert max(sum(each.size for each in batch) for batch in bench.record.batches) <= LARGEST_BATCH
    assert [each["id"] for batch in bench.record.batches for each in bodies(batch)] == [str(number) for number in range(7)]


async def test_moments_left_over_are_committed_until_none_is(bench: Bench) -> None:
    async with bench.worker():
        await bench.say("Later", times=3)
        await until(lambda: len(bench.record.batches) == 4)
        await bench.say("Close")
        await bench.execution.result()
    assert [len(each) for each in bench.record.batches] == [1, 0, 0, 0, 1]


async def test_a_commit_that_fails_is_tried_again_and_nothing_is_lost_or_reordered(bench: Bench) -> None:
    bench.record.commits_that_fail = 3
    async with bench.worker():
        for number in range(5):
            await bench.send("ApproveStep", {"id": str(number)})
        await bench.committed(5)
    assert bench.entries == [f"ApproveStep {number}" for number in range(5)]


async def test_a_commit_that_an_operator_fails_by_hand_is_asked_for_again_with_its_messages(bench: Bench) -> None:
    bench.record.commits_hang = True
    await bench.say("ApproveStep")
    await bench.say("ApproveStep")
    async with bench.worker():
        await until(lambda: bench.record.hanging)
        await bench.client.get_async_activity_handle(workflow_id=bench.stream, run_id=None, activity_id="1").fail(RuntimeError("by hand"))
        bench.record.commits_hang = False
        await until(lambda: bench.entries == ["ApproveStep 1", "ApproveStep 2"])


async def test_one_message_is_committed_within_the_task_that_brought_it(bench: Bench) -> None:
    async with bench.worker():
        for count, name in enumerate(("Open", "ApproveStep"), 1):
            await bench.say(name)
            await bench.committed(count)
            await bench.idle()
        history = await bench.history()
    assert [of_type(history, "activity_task_scheduled_event_attributes"), len(of_type(history, "workflow_task_completed_event_attributes"))] == [[], 2]
    told = [each for each in of_type(history, "marker_recorded_event_attributes") if each.user_metadata.HasField("summary")]
    assert [summary(each) for each in told] == ["Open", "Approve step"]


async def test_a_crowd_of_messages_is_committed_by_an_activity(bench: Bench) -> None:
    for _ in range(2):
        await bench.say("ApproveStep")
    async with bench.worker():
        await bench.committed(2)
        await bench.idle()
        assert len(of_type(await bench.history(), "activity_task_scheduled_event_attributes")) == 1


async def test_a_message_that_cannot_be_committed_at_once_is_by_an_activity_that_shows_its_error(bench: Bench) -> None:
    bench.record.commits_that_fail = 3

    async def seen_to_fail() -> bool:
        pending = (await bench.execution.describe()).raw_description.pending_activities
        return [(each.activity_type.name, each.last_failure.application_failure_info.type) for each in pending] == [("commit", "NotNowError")]

    async with bench.worker():
        await bench.say("ApproveStep")
        await eventually(seen_to_fail)
        await bench.committed(1)
        await bench.idle()
        history = await bench.history()
    assert bench.entries == ["ApproveStep 1"]
    assert not of_type(history, "workflow_task_failed_event_attributes")


async def test_a_commit_that_hangs_within_the_task_is_taken_over_by_an_activity(bench: Bench) -> None:
    bench.record.commits_hang = True
    async with bench.worker():
        await bench.say("ApproveStep")
        await until(lambda: bench.record.hanging)

        async def taken_over() -> bool:
            return len((await bench.execution.describe()).raw_description.pending_activities) == 1

        await eventually(taken_over)
        bench.record.commits_hang = False
        await until(lambda: bench.entries == ["ApproveStep 1"])
        await bench.idle()
        assert not of_type(await bench.history(), "workflow_task_timed_out_event_attributes")


async def test_a_closed_stream_completes_and_the_next_message_starts_it_again(bench: Bench) -> None:
    async with bench.worker():
        await bench.say("Close")
        assert await bench.execution.result() == f"{bench.stream}, version 1: nothing left to do"
        await bench.say("ApproveStep")
        assert await bench.execution.result() == f"{bench.stream}, version 2: nothing left to do"


@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_a_workflow_that_was_ended_from_outside_is_started_again_by_the_next_message(bench: Bench, end: str) -> None:
    async with bench.worker():
        await bench.say("Open")
        await bench.committed(1)
        await getattr(bench.execution, end)()
        await bench.ended()
        await bench.say("ApproveStep")
        await until(lambda: bench.entries == ["Open 1", "ApproveStep 2"])
        assert (await bench.execution.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_what_came_before_a_cancellation_is_committed_before_the_workflow_ends(bench: Bench) -> None:
    await bench.say("Open")
    await bench.execution.cancel()
    for number in range(60):
        await bench.send("ApproveStep", {"id": str(number)})
    async with bench.worker():
        await bench.ended()
    assert bench.entries == ["Open 1", *(f"ApproveStep {number}" for number in range(60))]


async def test_a_cancellation_while_a_commit_is_under_way_loses_no_message(bench: Bench) -> None:
    bench.record.commits_hang = True
    async with bench.worker():
        await bench.say("Open")
        await until(lambda: bench.record.hanging)
        for number in range(3):
            await bench.send("ApproveStep", {"id": str(number)})
        await bench.execution.cancel()
        bench.record.commits_hang = False
        await bench.ended()
        assert (await bench.execution.describe()).status == WorkflowExecutionStatus.CANCELED
    assert bench.entries == ["Open 1", *(f"ApproveStep {number}" for number in range(3))]


async def test_another_build_begins_a_new_run_at_the_next_message(bench: Bench) -> None:
    bench.cached = 0
    async with bench.worker():
        await bench.say("Open")
        await bench.committed(1)
        await bench.idle()
    bench.build = "two"
    async with bench.worker():
        await bench.say("ApproveStep")
        await bench.say("Close")
        await bench.execution.result()
    await more_runs_than(1, bench)
    assert bench.entries[0] == "Open 1"
    assert len(bench.entries) == 3


async def test_runs_that_are_made_short_lose_and_double_nothing(short_runs: Bench) -> None:
    bench = short_runs
    async with bench.worker():
        for number in range(50):
            await bench.send("Notice" if number % 10 == 0 else "ApproveStep", {"id": str(number)})
        await bench.committed(50)
        await bench.did(5)
        await bench.say("Close")
        await bench.execution.result()
    assert [each.split()[1] for each in bench.entries[:50]] == [str(number) for number in range(50)]
    assert len(bench.record.sent) == len(set(bench.record.sent)) == 5
    await more_runs_than(2, bench)


async def test_an_organisation_is_the_same_queue_alone(bench: Bench) -> None:
    bench.stream = bench.stream.replace("grant/", "organisation/")
    async with bench.worker():
        await bench.say("AdoptOrganisation")
        await bench.send("nonsense")
        await until(lambda: bench.entries == ["AdoptOrganisation 1", "quarantined"])
        assert not of_type(await bench.history(), "timer_started_event_attributes")
        await bench.say("Close")
        assert await bench.execution.result() == f"{bench.stream}, version 3: nothing left to do"


async def more_runs_than(count: int, bench: Bench) -> None:
    """Wait until the list of workflows shows them; it follows a moment later."""

    async def shown() -> bool:
        return await bench.runs() > count

    await eventually(shown)
