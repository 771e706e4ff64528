"""What faces read."""

from __future__ import annotations

from store import queries
from store.event_log import EventLog
from store.listing import MOST_AT_ONCE
from store.queries import Counts, StandingRow
from tests.store.records import ALPHA, BETA, MOPAC, append, command, event, posting


def test_streams_and_standings_are_listed_by_what_they_begin_with_in_the_order_of_their_bytes(log: EventLog) -> None:
    for stream in ("grant/b", MOPAC, "grant/B", "grant/a-2", "grant/a", "grants/x", "journals/a", "grant/a/1"):
        append(log, stream)
    assert log.streams("grant/") == ["grant/B", "grant/a", "grant/a-2", "grant/a/1", "grant/b"]
    assert list(queries.all_standings(log.engine)) == [StandingRow(stream, 1, "{}") for stream in log.streams("grant/")]
    assert list(queries.all_standings(log.engine, "organisation/")) == [StandingRow(MOPAC, 1, "{}")]
    assert len(log.streams()) == 8


def test_a_stream_that_never_began_stands_nowhere(log: EventLog) -> None:
    assert queries.standing(log.engine, ALPHA) is None


def test_the_ledger_is_read_whole_or_by_stream_however_long(log: EventLog) -> None:
    append(log, BETA, event(postings=tuple(posting(pence) for pence in range(1, MOST_AT_ONCE + 2))))
    append(log, ALPHA, event(), event(postings=(posting(5),)), event(postings=(posting(6), posting(7))))
    assert [(row.version, row.line, row.amount) for row in queries.postings(log.engine, ALPHA)] == [(2, 1, 5), (3, 1, 6), (3, 2, 7)]
    assert [row.amount for row in queries.postings(log.engine)] == [5, 6, 7, *range(1, MOST_AT_ONCE + 2)]


def test_commands_and_their_events_are_found_by_id_with_those_that_reused_it(log: EventLog) -> None:
    first, again, other = command("c_1"), command("c_1#ab12", said="something else"), command("c_10")
    append(log, ALPHA, event("c_1", digest=first.digest), event("c_1#ab12"), event("c_10"), event("cx1#"), commands=(first, again, other))
    append(log, BETA, event("c_1"), commands=(first,))
    assert [(row.stream, row.id) for row in queries.commands_by_id(log.engine, "c_1")] == [(ALPHA, "c_1"), (ALPHA, "c_1#ab12"), (BETA, "c_1")]
    assert [(row.stream, row.version) for row in queries.events_by_command(log.engine, "c_1")] == [(ALPHA, 1), (ALPHA, 2), (BETA, 1)]
    assert queries.commands_by_id(log.engine, "c_") == []


def test_events_of_a_type_are_found_by_what_stands_in_them_on_any_stream(log: EventLog) -> None:
    append(log, ALPHA, event("c-1"), event("c-2"))
    append(log, BETA, event("c-3"))
    first, _ = log.rows(ALPHA)
    found = queries.events_saying(log.engine, first.type, first.body[1:-1])
    assert [(row.stream, row.version) for row in found][:1] == [(ALPHA, 1)]
    assert queries.events_saying(log.engine, first.type, "%") == queries.events_saying(log.engine, "other.type", first.body) == []


def test_only_grants_are_counted_as_grants(log: EventLog) -> None:
    append(log, MOPAC)
    append(log, ALPHA, event(postings=(posting(), posting())), event())
    append(log, BETA)
    assert queries.counts(log.engine) == Counts(grants=2, events=4, postings=2)


def test_a_whole_stream_holds_all_its_rows_and_no_others(log: EventLog) -> None:
    append(log, ALPHA, event(claims=("inv-1",), postings=(posting(3),)), event("c-2"), commands=(command(),))
    append(log, BETA, event(claims=("inv-2",), postings=(posting(4),)), commands=(command(),))
    whole = queries.whole_stream(log.engine, ALPHA)
    assert (whole.head, list(whole.events), whole.commands) == (log.head(ALPHA), log.rows(ALPHA), (log.command(ALPHA, "c-1"),))
    assert ([row.amount for row in whole.postings], [row.key for row in whole.claims]) == ([3], ["inv-1"])
    assert whole.standing == StandingRow(ALPHA, 2, "{}")


def test_a_stream_that_lost_its_head_is_still_among_every_stream(log: EventLog) -> None:
    append(log, ALPHA)
    with log.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO standing VALUES ('grant/ghost', 1, '{}')")
    assert queries.every_stream(log.engine) == [ALPHA, "grant/ghost"]
    assert queries.whole_stream(log.engine, "grant/ghost").head is None


def test_a_sound_database_finds_no_damage_in_itself(log: EventLog) -> None:
    append(log, ALPHA)
    assert queries.damage(log.engine) == []


def test_which_commands_the_newest_events_name_can_be_asked_alone(log: EventLog) -> None:
    append(log, ALPHA, event("c-1"), event("c-1"))
    append(log, BETA, event("c-2"))
    assert [(each.index, each.stream, each.command) for each in log.named(0)] == [(1, ALPHA, "c-1"), (2, BETA, "c-2")]
    assert log.named(2) == []
