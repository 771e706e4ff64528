"""What is asked of the log in one question, on either database."""

from __future__ import annotations

from datetime import timedelta

from store.batch import Appended, genesis
from store.event_log import EventLog
from store.listing import MOST_AT_ONCE
from tests.store.records import ALPHA, BETA, MOPAC, append, batch, command, event, posting


def test_one_question_tells_the_clock_the_size_and_the_heads(log: EventLog) -> None:
    alpha, mopac = append(log, ALPHA), append(log, MOPAC)
    seen, alone = log.glance(ALPHA, MOPAC), log.glance(BETA)
    assert (seen.size, seen.heads) == (2, {ALPHA: alpha, MOPAC: mopac})
    assert (alone.size, alone.heads) == (2, {BETA: genesis(BETA)})
    assert timedelta(0) <= alone.now - seen.now < timedelta(minutes=1)


def test_the_same_question_tells_the_first_command_of_an_id_on_the_stream(log: EventLog) -> None:
    append(log, ALPHA, commands=(command("c-1"), command("c-2", said="other")))
    append(log, BETA, commands=(command("c-3"),))
    assert [log.glance(ALPHA, BETA, each).first for each in ("c-1", "c-2", "c-3", None)] == [
        command("c-1").digest,
        command("c-2", said="other").digest,
        None,
        None,
    ]
    assert log.glance(BETA, None, "c-1").heads == {BETA: log.head(BETA)}


def test_the_events_that_name_any_of_several_commands_come_in_the_order_of_the_log(log: EventLog) -> None:
    append(log, ALPHA, event("c-2"), event("c-1"), event("c-2"))
    append(log, BETA, event("c-1"), event("c-3"))
    found = log.rows_naming({(BETA, "c-3"), (ALPHA, "c-2"), (ALPHA, "c-9")})
    assert [(row.index, row.stream, row.command_id) for row in found] == [(0, ALPHA, "c-2"), (2, ALPHA, "c-2"), (4, BETA, "c-3")]
    assert log.rows_naming(set()) == []


def test_more_commands_than_one_statement_names_are_found_all_the_same(log: EventLog) -> None:
    append(log, ALPHA, *(event(f"c-{number}") for number in range(MOST_AT_ONCE + 1)))
    asked = {(ALPHA, f"c-{number}") for number in range(MOST_AT_ONCE + 1)} | {(BETA, f"c-{number}") for number in range(MOST_AT_ONCE)}
    assert [row.version for row in log.rows_naming(asked)] == list(range(1, MOST_AT_ONCE + 2))


def test_a_build_goes_on_where_a_newer_one_has_added_a_column_with_a_value_of_its_own(log: EventLog) -> None:
    head = append(log, ALPHA)
    with log.engine.begin() as connection:
        for table in ("command", "event", "posting"):
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN newer TEXT NOT NULL DEFAULT 'x'")
    done = log.append(batch(head, event(postings=(posting(),)), commands=(command(),)))
    assert isinstance(done, Appended)
