"""Effects beside the queue, on a real server: in order within a kind, and no kind waits for another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus

from activities.contracts import Answer, Effect
from tests.workflows.stand_in import Bench, StandIn, eventually, of_type, summary, until


async def test_the_notice_of_one_act_is_given_within_the_task_that_brings_the_act(bench: Bench) -> None:
    async with bench.worker():
        await bench.say("Notice")
        await bench.did(1)
        await bench.idle()
        assert not of_type(await bench.history(), "activity_task_scheduled_event_attributes")
    assert bench.record.sent == [1]


async def test_a_notice_that_cannot_be_given_within_the_task_is_given_by_an_activity_that_counts_on(bench: Bench) -> None:
    bench.record.mail_works = False
    async with bench.worker():
        await bench.say("Notice")
        await until(lambda: bool(bench.record.tries))
        bench.record.mail_works = True
        await bench.did(1)
    assert set(bench.record.tries) == {1}


async def test_a_notice_of_which_a_journal_tells_first_counts_as_tried(bench: Bench) -> None:
    cut_off = Effect(kind="notice", version=99, summary="asked for by an act that was cut off")
    async with bench.worker():
        await bench.say("Open")
        await bench.committed(1)
        await bench.idle()
        hand_over = bench.record.streams[bench.stream].effects
        bench.record.before_handing_over = lambda: hand_over.append(cut_off)
        await bench.say("Journal")
        await bench.did(2)
    assert bench.record.tries == [1]


async def test_a_notice_waits_for_older_ones_that_are_still_being_given(bench: Bench) -> None:
    bench.record.mail_is_prompt = False
    bench.record.mail_takes_seconds = 0.5
    async with bench.worker():
        await bench.say("Notice")
        await bench.committed(1)
        bench.record.mail_is_prompt = True
        await bench.say("Notice")
        await bench.did(2)
    assert bench.record.sent == [1, 2]


async def test_effects_of_a_kind_are_done_in_the_order_of_the_events_that_asked(bench: Bench) -> None:
    async with bench.worker():
        for number in range(12):
            await bench.send("Notice", {"id": str(number)})
        await bench.did(12)
        assert [each.version for each in bench.record.done] == list(range(1, 13))


async def test_a_dead_mail_server_delays_nothing_else(bench: Bench) -> None:
    bench.record.mail_works = False

    async def seen_to_fail() -> bool:
        pending = (await bench.execution.describe()).raw_description.pending_activities
        return [(each.activity_type.name, each.last_failure.application_failure_info.type) for each in pending] == [("send_notice", "NotNowError")]

    async with bench.worker():
        await bench.say("Notice")
        await bench.due("recovery", timedelta(seconds=0.3))
        await bench.say("Journal")
        await bench.say("ApproveStep")
        await bench.committed(5)
        await until(lambda: [each.kind for each in bench.record.done] == ["journal"])
        await eventually(seen_to_fail)
        bench.record.mail_works = True
        await until(lambda: [each.kind for each in bench.record.done] == ["journal", "notice"])


async def test_an_effect_is_named_in_business_words(bench: Bench) -> None:
    bench.record.mail_is_prompt = False
    async with bench.worker():
        await bench.send("Notice", {"id": "to finance: certify the return"})
        await bench.did(1)
        scheduled = of_type(await bench.history(), "activity_task_scheduled_event_attributes")
        assert "notice to finance: certify the return" in [summary(each) for each in scheduled]


async def test_the_ledger_is_compared_once_nothing_more_is_to_be_handed_over(bench: Bench) -> None:
    for number in range(4):
        await bench.send("Journal", {"id": str(number)})
    async with bench.worker():
        await bench.did(4)
        await until(lambda: bench.record.reconciled == 1)


@pytest.mark.parametrize(("asked", "mail_takes_seconds"), [(["Journal"], 0), (["Notice", "Journal"], 0.3), (["Journal", "Journal", "Notice"], 0)])
async def test_a_grant_does_not_end_before_its_effects_are_done_and_compared(bench: Bench, asked: list[str], mail_takes_seconds: float) -> None:
    bench.record.mail_is_prompt, bench.record.mail_takes_seconds = not mail_takes_seconds, mail_takes_seconds
    for name in (*asked, "Close"):
        await bench.say(name)
    async with bench.worker():
        await bench.execution.result()
    assert sorted(each.kind for each in bench.record.done) == sorted(each.lower() for each in asked)
    assert bench.record.reconciled == 1


async def test_an_effect_that_a_lost_workflow_left_open_is_done_by_the_next(bench: Bench) -> None:
    bench.record.mail_works = False
    async with bench.worker():
        await bench.say("Notice")
        await bench.committed(1)
        await bench.execution.terminate()
        bench.record.mail_works = True
        await bench.say("ApproveStep")
        await bench.did(1)


async def test_a_new_run_waits_for_an_effect_that_is_being_done_and_does_it_once(short_runs: Bench) -> None:
    bench = short_runs
    bench.record.mail_is_prompt, bench.record.mail_takes_seconds = False, 1
    async with bench.worker():
        await bench.say("Notice")
        for _ in range(12):
            await bench.say("ApproveStep")
            await asyncio.sleep(0.03)
        await bench.say("Close")
        await bench.did(1)
        await bench.ended()
    assert (await bench.execution.describe()).run_id != (await first_run(bench))
    assert len(bench.record.sent) == 1


async def test_a_new_run_is_given_no_more_messages_than_it_can_take(short_runs: Bench) -> None:
    bench = short_runs
    bench.record.mail_is_prompt, bench.record.mail_takes_seconds = False, 3

    async def asked_to_end() -> bool:
        return bool(of_type(await bench.history(await first_run(bench)), "activity_task_cancel_requested_event_attributes"))

    async with bench.worker():
        await bench.say("Notice")
        for number in range(3):
            await bench.say("ApproveStep")
            await bench.committed(number + 2)
        await eventually(asked_to_end)
        for _ in range(4):
            await bench.say("RecordCosts", rows="x" * 200_000)
        await bench.committed(8)
        await bench.did(1)
        assert (await bench.execution.describe()).run_id != await first_run(bench)
        started = (await bench.history())[0].workflow_execution_started_event_attributes
    assert len(started.input.payloads[0].data) < 512 * 1024 * 4 / 3 + 1024


class SlowNews(StandIn):
    """A record whose first notice comes back with an answer that was read before other things happened."""

    begun = False

    @activity.defn(name="send_notice")
    async def send_notice(self, stream: str, effect: Effect) -> Answer:
        self.begun = True
        early = self.answer(stream).model_copy(update={"details": "early", "closed": True, "effects": ()})
        await asyncio.sleep(0.5)
        late = await super().send_notice(stream, effect)
        return early if len(self.sent) == 1 else late


async def test_an_answer_that_was_read_earlier_does_not_replace_a_later_one(dev_server: Client) -> None:
    record = SlowNews()
    record.mail_is_prompt = False
    bench = Bench(dev_server, record)
    async with bench.worker():
        await bench.say("Notice")
        await until(lambda: record.begun)
        await bench.say("ApproveStep")
        await bench.committed(2)
        await bench.did(1)
        await bench.idle()
        assert (await bench.execution.describe()).status == WorkflowExecutionStatus.RUNNING


async def first_run(bench: Bench) -> str:
    """The run with which a stream's workflow began."""
    return (await bench.execution.describe()).raw_description.workflow_execution_info.first_run_id
