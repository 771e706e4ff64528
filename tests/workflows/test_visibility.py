"""What operations see of a grant in the Temporal UI: search attributes, current details, summaries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from activities.contracts import Attributes, Message
from domain import agreement, approval, assurance, bid, delivery, recovery, restricted, variation
from domain import exit as leaving
from tests.workflows.stand_in import Bench, eventually, of_type, summary
from workflows import words
from workflows.lifecycle import LIFE, place
from workflows.names import KEYS, changes, stream_of, type_of

DUE = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)


async def test_a_grant_is_found_by_whom_it_waits_for(bench: Bench) -> None:
    shown = {"stage": "delivering", "waiting_for": ["finance", "legal"], "due_at": DUE, "attention": ["overdue"]}
    query = "GrantStage = 'delivering' AND WaitingFor = 'legal' AND DueAt > '2027-01-01T00:00:00Z' AND Attention = 'overdue'"

    async def found() -> bool:
        return (await bench.client.count_workflows(f"WorkflowId = '{bench.stream}' AND {query}")).count == 1

    async with bench.worker():
        await bench.say("Show", attributes=shown)
        await eventually(found)


async def test_search_attributes_are_written_only_when_they_change(bench: Bench) -> None:
    shown = {"stage": "delivering", "waiting_for": ["finance"], "due_at": DUE, "programme": "Police uplift"}
    async with bench.worker():
        await bench.say("Show", attributes=shown)
        await bench.committed(1)
        for number in range(3):
            await bench.send("ApproveStep", {"id": str(number)})
            await bench.committed(number + 2)
        await bench.send("Show", {"id": "again", "attributes": shown | {"waiting_for": []}})
        await bench.committed(5)
        await bench.send("Close", {"id": "last"})
        await bench.execution.result()
    upserts = of_type(await bench.history(), "upsert_workflow_search_attributes_event_attributes")
    ours = [sorted(each.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields) for each in upserts]
    assert [each for each in ours if each != ["TemporalChangeVersion"]] == [
        ["DueAt", "GrantStage", "Programme", "WaitingFor"],
        ["WaitingFor"],
    ]


async def test_the_details_say_where_in_its_life_the_grant_stands(bench: Bench) -> None:
    async with bench.worker():
        await bench.due("recovery", timedelta(days=90))
        wanted = "bid · approval · agreement · variation · **recovery** · delivery · assurance · exit · restricted\n\nversion 1"

        async def shown() -> bool:
            found = await bench.execution.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
            return bool(found.current_details == wanted)

        await eventually(shown)


async def test_a_commit_is_named_by_the_messages_that_it_settles(bench: Bench) -> None:
    for number in range(3):
        await bench.send("RecordCosts", {"id": str(number)})
    await bench.say("SubmitReturn")
    async with bench.worker():
        await bench.committed(4)
        [scheduled] = of_type(await bench.history(), "activity_task_scheduled_event_attributes")
        assert summary(scheduled) == "Record costs (3), Submit return"


def test_words_that_a_stranger_wrote_are_not_shown() -> None:
    assert words.of_commit([Message(name="<script>alert(1)</script>"), Message(name="ApproveStep")], None, ()) == "A message, Approve step"


def test_a_summary_is_never_longer_than_the_server_takes() -> None:
    assert len(words.short("é" * 500).encode()) <= 200
    assert words.short("short") == "short"


def test_nothing_is_written_where_nothing_changed() -> None:
    now = Attributes(stage="exiting", waiting_for=("finance",), due_at=DUE)
    shown = TypedSearchAttributes(
        [SearchAttributePair(KEYS["stage"], "exiting"), SearchAttributePair(KEYS["waiting_for"], ["finance"]), SearchAttributePair(KEYS["due_at"], DUE)]
    )
    assert changes(shown, now) == []


def test_what_is_no_longer_so_is_taken_away() -> None:
    shown = TypedSearchAttributes([SearchAttributePair(KEYS["attention"], ["overdue"])])
    assert [(each.key.name, each.value) for each in changes(shown, Attributes())] == [("Attention", None)]


def test_no_search_attribute_is_called_status() -> None:
    assert sorted(key.name for key in KEYS.values()) == ["Attention", "Clock", "DueAt", "Funder", "GrantStage", "NextRecoveryAt", "Programme", "WaitingFor"]
    assert set(KEYS) == set(Attributes.model_fields)


def test_a_stream_names_the_type_of_its_workflow() -> None:
    assert (type_of(stream_of("alpha-2020-21")), type_of("organisation/mopac")) == ("Grant", "Organisation")


def test_every_part_of_the_life_tells_its_story_and_the_duties_of_its_room() -> None:
    rooms = (bid, approval, agreement, variation, recovery, delivery, assurance, leaving, restricted)
    assert [(part.name, part.duties) for part in LIFE] == [(room.__name__.removeprefix("domain."), room.DUTIES) for room in rooms]
    assert all(len(part.story.split()) > 20 for part in LIFE)


def test_the_place_marks_the_parts_with_a_moment_to_come() -> None:
    assert place(["exit", "recovery"]) == "bid · approval · agreement · variation · **recovery** · delivery · assurance · **exit** · restricted"
