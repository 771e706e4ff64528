"""Each signal is the first of its message or a repeat of one, and each message has one outcome; whatever else is so is named."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest

from app.audit.messages import Messages, Recorded, outcomes, verdict
from app.audit.signals import Histories, Signal
from store.queries import Came

STREAM = "grant/g"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def signal(text: str, command: str | None = None, content: str = "", event: int = 1) -> Signal:
    """A signal of these bytes; ``content`` tells commands of one id apart."""
    digest = sha(f"{command}{content}") if command else None
    return Signal(STREAM, "run-1", event, "2026-01-01T00:00:00.000Z", "submit", sha(text), command, digest)


def recorded(events: dict[str, list[tuple[int, str]]], *commands: tuple[str, str]) -> Recorded:
    """These events by id; each command is an id and the content that it was decided over."""
    digests = {name: sha(f"{name.split('#')[0]}{content}") for name, content in commands}
    return Recorded({name: [Came(version, kind) for version, kind in each] for name, each in events.items()}, digests)


def came(signals: list[Signal], record: Recorded) -> list[str | None]:
    return [kind for _, kind, _ in outcomes(signals, record)]


def judged(signals: list[Signal], record: Recorded, **more: object) -> Messages:
    found = Histories(STREAM, signals, ["run-1"], **more)  # type: ignore[arg-type]
    return verdict([found], {STREAM: record})


AGAIN = f"c#{sha('cother')}"
KINDS = [
    ("accepted", {"c": [(1, "assessment.recorded")]}),
    ("accepted", {"c": [(1, "costs.recorded"), (2, "income.accrued")]}),
    ("refused", {"c": [(1, "command.refused")]}),
    ("noted", {"c": [(1, "command.noted")]}),
]


@pytest.mark.parametrize(("kind", "events"), KINDS)
def test_a_decided_command_has_its_outcome_once_and_repeats_of_it_are_repeats(kind: str, events: dict[str, list[tuple[int, str]]]) -> None:
    found = judged([signal("m", "c"), signal("m", "c"), signal("m", "c")], recorded(events, ("c", "")))
    assert (found.ok, found.outcomes) == (True, {kind: 1, "repeated": 2})


def test_a_command_on_which_our_code_raised_has_its_outcome_also_where_its_id_was_given_to_a_corrected_one() -> None:
    events = {"c": [(1, "message.quarantined"), (2, "assessment.recorded")]}
    record = replace(recorded(events, ("c", "corrected")), aside={"c": {sha("m")}})
    sent = [signal("m", "c"), signal("put right", "c", "corrected")]
    assert judged(sent, record).ok
    assert [each.sha256 for each in judged([*sent, signal("lost", "c", "a third")], record).unaccounted] == [sha("lost")]


def test_what_nobody_could_read_was_put_aside_under_its_own_digest() -> None:
    record = recorded({sha("junk"): [(1, "message.quarantined")]})
    assert came([signal("junk"), signal("junk"), signal("other junk")], record) == ["quarantined", "repeated", None]


def test_an_id_used_for_another_command_is_refused_under_both() -> None:
    record = recorded({"c": [(1, "assessment.recorded")], AGAIN: [(2, "command.refused")]}, ("c", ""), (AGAIN, "other"))
    assert came([signal("m", "c"), signal("n", "c", "other"), signal("n", "c", "other")], record) == ["accepted", "refused", "repeated"]


def test_a_forged_copy_of_a_command_has_an_outcome_of_its_own() -> None:
    record = recorded({"c": [(2, "assessment.recorded")], sha("forged"): [(1, "message.quarantined")]}, ("c", ""))
    assert came([signal("forged", "c"), signal("forged", "c"), signal("m", "c")], record) == ["quarantined", "repeated", "accepted"]


def test_what_was_put_aside_and_could_be_read_when_it_came_again_has_one_outcome_a_time() -> None:
    record = recorded({"c": [(2, "assessment.recorded")], sha("m"): [(1, "message.quarantined")]}, ("c", ""))
    assert came([signal("m", "c"), signal("m", "c"), signal("m", "c")], record) == ["quarantined", "accepted", "repeated"]


def test_what_our_own_code_raised_on_is_accounted_for_before_and_after_it_is_decided() -> None:
    before = recorded({"c": [(1, "message.quarantined")]})
    assert came([signal("m", "c")], before) == ["quarantined"]
    after = judged([signal("m", "c"), signal("m", "c")], recorded({"c": [(1, "message.quarantined"), (5, "assessment.recorded")]}, ("c", "")))
    assert (after.ok, after.outcomes) == (True, {"accepted": 1, "repeated": 1})


def test_a_signal_of_which_nothing_is_recorded_is_named_with_its_place() -> None:
    found = judged([signal("m", "c", event=7), signal("junk", event=8)], recorded({}))
    assert not found.ok
    assert [(each.workflow, each.run, each.event, each.command) for each in found.unaccounted] == [(STREAM, "run-1", 7, "c"), (STREAM, "run-1", 8, None)]


def test_another_command_of_the_id_is_not_the_outcome_of_this_one() -> None:
    assert came([signal("n", "c", "other")], recorded({"c": [(1, "assessment.recorded")]}, ("c", ""))) == [None]


TWICE: list[dict[str, list[tuple[int, str]]]] = [
    {"c": [(1, "assessment.recorded"), (5, "assessment.recorded")]},
    {"c": [(1, "command.refused"), (2, "command.refused")]},
    {"c": [(1, "command.refused"), (2, "assessment.recorded")]},
    {"c": [(1, "assessment.recorded")], AGAIN: [(2, "command.refused")]},
]


@pytest.mark.parametrize("events", TWICE)
def test_a_message_with_two_outcomes_is_named(events: dict[str, list[tuple[int, str]]]) -> None:
    commands = [("c", "other" if AGAIN in events else ""), *([(AGAIN, "other")] if AGAIN in events else [])]
    found = judged([signal("m", "c", "other" if AGAIN in events else "")], recorded(events, *commands))
    assert not found.ok
    assert [each.versions for each in found.doubled] == [tuple(version for each in events.values() for version, _ in each)]


def test_junk_that_was_put_aside_twice_is_named() -> None:
    found = judged([signal("junk")], recorded({sha("junk"): [(1, "message.quarantined"), (4, "message.quarantined")]}))
    assert [(each.commands, each.versions) for each in found.doubled] == [((sha("junk"),), (1, 4))]


def test_messages_whose_history_is_gone_are_counted_and_are_no_fault() -> None:
    record = recorded({"c": [(1, "grant.opened")], sha("junk"): [(2, "message.quarantined")], "recovery/Q1/x/2021": [(3, "return.opened")]}, ("c", ""))
    found = judged([], record, expired=["run-0"])
    assert (found.ok, found.without_history, [each.run for each in found.expired]) == (True, 2, ["run-0"])


def test_a_failed_workflow_is_no_agreement_and_failed_tasks_are_counted_by_cause() -> None:
    failed = judged([], recorded({}), failed=["run-1"], task_failures=Counter({"FORCE_CLOSE_COMMAND": 2}))
    assert (failed.ok, [each.run for each in failed.failed_workflows], failed.task_failures) == (False, ["run-1"], {"FORCE_CLOSE_COMMAND": 2})
