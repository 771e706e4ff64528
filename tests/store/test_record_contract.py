"""What the record promises, on every database that it runs on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import event as hooks

from domain import evidence
from store import queries
from store.batch import AlreadyClaimed, Appended, Head, Moved, genesis
from store.database import Database
from store.errors import WriteRejectedError
from store.event_log import EventLog
from tests.store.records import ALPHA, BETA, MOPAC, RECORDED, append, at_once, batch, command, contend, event, kinds, posting

ROOT = Path(__file__).parents[2]
WRITERS = 8
EACH = 12

# One append ---------------------------------------------------------------------------------------------------------------


def test_a_stream_that_has_no_events_begins_at_the_digest_of_its_name(log: EventLog) -> None:
    assert log.head(ALPHA) == genesis(ALPHA) == Head(ALPHA, 0, evidence.genesis(ALPHA))
    assert log.rows(ALPHA) == []


def test_an_append_gives_the_head_that_the_next_one_expects(log: EventLog) -> None:
    first = append(log, ALPHA, event(said=1), event(said=2))
    assert (first.version, log.head(ALPHA)) == (2, first)
    assert append(log, ALPHA).version == 3


def test_an_envelope_says_everything_that_its_hash_must_cover(log: EventLog) -> None:
    organisation = append(log, MOPAC)
    ask = command()
    done = log.append(batch(log.head(ALPHA), event(digest=ask.digest), commands=(ask,), organisation=organisation))
    row = log.rows(ALPHA)[0]
    said = evidence.read(row.envelope)
    committed = datetime.fromisoformat(said.pop("committed"))
    assert abs(datetime.now(UTC) - committed) < timedelta(minutes=5)
    assert said == {
        "v": 1,
        "stream": ALPHA,
        "version": 1,
        "type": "thing.happened",
        "schema": 1,
        "effective": "2020-06",
        "recorded": RECORDED,
        "actor": "p-1",
        "on_behalf_of": None,
        "command": "c-1",
        "command_digest": ask.digest,
        "organisation": {"stream": MOPAC, "version": 1},
        "build": "b-1",
        "index": 1,
        "prev": evidence.genesis(ALPHA),
        "body_digest": evidence.digest(row.body.encode()),
    }
    assert done == Appended(Head(ALPHA, 1, row.hash), 2)


def test_each_envelope_is_canonical_and_names_the_hash_of_the_one_before(log: EventLog) -> None:
    append(log, ALPHA, event(said="\u00fc, \U0001f4dc and \u0000"), event(), event())
    append(log, ALPHA, event(), event())
    rows = log.rows(ALPHA)
    assert [evidence.canonical(evidence.read(each.envelope)).decode() for each in rows] == [each.envelope for each in rows]
    assert [each.hash for each in rows] == [evidence.digest(each.envelope.encode()) for each in rows]
    assert [evidence.read(after.envelope)["prev"] for _, after in pairwise(rows)] == [before.hash for before, _ in pairwise(rows)]


def test_the_columns_repeat_the_envelope(log: EventLog) -> None:
    append(log, ALPHA)
    row = log.rows(ALPHA)[0]
    said = evidence.read(row.envelope)
    assert (row.index, row.stream, row.version, row.type, row.schema, row.command_id) == tuple(
        said[name] for name in ("index", "stream", "version", "type", "schema", "command")
    )


def test_the_postings_of_an_event_are_written_with_it_in_their_order(log: EventLog) -> None:
    append(log, ALPHA, event(), event(postings=(posting(250), posting(7, "assets:bank", "income:grant"))))
    rows = list(queries.postings(log.engine, ALPHA))
    assert [(row.version, row.line, row.debit, row.credit, row.currency, row.amount, row.booked) for row in rows] == [
        (2, 1, "expenses:project", "liabilities:cost-clearing", "GBP", 250, "2020-06-30"),
        (2, 2, "assets:bank", "income:grant", "GBP", 7, "2020-06-30"),
    ]


def test_the_standing_is_the_newest_one_at_the_version_of_the_head(log: EventLog) -> None:
    append(log, ALPHA)
    log.append(replace(batch(log.head(ALPHA), event(), event()), standing='{"stage":"closed"}'))
    assert queries.standing(log.engine, ALPHA) == queries.StandingRow(ALPHA, 3, '{"stage":"closed"}')


def test_a_batch_without_events_renews_the_standing_and_nothing_else(log: EventLog) -> None:
    head = append(log, ALPHA)
    assert log.append(replace(batch(head), standing='{"new":true}')) == Appended(head, 1)
    assert queries.standing(log.engine, ALPHA) == queries.StandingRow(ALPHA, 1, '{"new":true}')
    assert log.size() == 1


def test_a_long_stream_is_read_whole_or_from_a_version_on(log: EventLog) -> None:
    append(log, ALPHA, *[event(said=number) for number in range(1203)])
    assert [row.version for row in log.rows(ALPHA)] == list(range(1, 1204))
    assert [row.version for row in log.rows(ALPHA, after=1200)] == [1201, 1202, 1203]
    assert log.rows(ALPHA, after=1203) == []


def test_the_clock_is_the_databases_own_in_utc(log: EventLog) -> None:
    now = log.now()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=5)


def test_commits_of_later_index_are_never_stamped_earlier(log: EventLog) -> None:
    at_once(*(partial(contend, log, f"grant/{name}", event()) for name in range(WRITERS)))
    stamps = [evidence.read(row.envelope)["committed"] for row in log.tail()]
    assert stamps == sorted(stamps)


# Somebody else was first --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"version": 0, "hash": evidence.genesis(ALPHA)}, {"version": 2}, {"hash": "0" * 64}])
def test_an_append_at_another_version_or_hash_writes_nothing_and_gives_the_true_head(log: EventLog, wrong: dict[str, object]) -> None:
    head = append(log, ALPHA)
    assert log.append(batch(replace(head, **wrong), event(), commands=(command(),))) == Moved(head)  # type: ignore[arg-type]
    assert (log.head(ALPHA), log.size(), log.command(ALPHA, "c-1")) == (head, 1, None)


def test_an_append_above_a_stream_that_never_began_is_told_so(log: EventLog) -> None:
    assert log.append(batch(Head(ALPHA, 3, "0" * 64), event())) == Moved(genesis(ALPHA))
    assert log.streams() == []


def test_an_organisation_that_moved_on_means_deciding_again(log: EventLog) -> None:
    before = append(log, MOPAC)
    after = append(log, MOPAC)
    assert log.append(batch(log.head(ALPHA), event(), organisation=before)) == Moved(after)
    assert (log.streams(), log.size()) == ([MOPAC], 2)
    assert isinstance(log.append(batch(log.head(ALPHA), event(), organisation=after)), Appended)


def test_where_both_heads_moved_on_the_streams_own_is_named(log: EventLog) -> None:
    before, organisation = append(log, ALPHA), append(log, MOPAC)
    after, _ = append(log, ALPHA), append(log, MOPAC)
    assert log.append(batch(before, event(), organisation=organisation)) == Moved(after)


def test_an_organisation_that_moves_on_while_an_append_waits_for_it_means_deciding_again(log: EventLog) -> None:
    organisation, answers = append(log, MOPAC), list[object]()
    wanted = batch(append(log, ALPHA), event(), organisation=organisation)
    with paused(log, "UPDATE stream", partial(append, log, MOPAC)) as release:
        waiting = Thread(target=lambda: answers.append(log.append(wanted)))
        waiting.start()
        waiting.join(timeout=0.3)
        assert waiting.is_alive()
        release()
        waiting.join()
    assert answers == [Moved(log.head(MOPAC))]


def test_of_two_appends_at_one_head_exactly_one_wins(log: EventLog) -> None:
    for round_ in range(10):
        head = log.head(ALPHA)
        answers = at_once(*(partial(log.append, batch(head, event(said=[round_, name]))) for name in range(2)))
        assert kinds(answers) == ["Appended", "Moved"]
        assert {each.head for each in answers if not isinstance(each, AlreadyClaimed)} == {log.head(ALPHA)}
    assert log.size() == 10


def test_an_organisation_cannot_change_under_a_grant_that_is_being_decided_by_it(log: EventLog) -> None:
    organisation = append(log, MOPAC)
    with paused(log, "UPDATE stream", partial(log.append, batch(log.head(ALPHA), event(), organisation=organisation))) as release:
        change = Thread(target=append, args=(log, MOPAC))
        change.start()
        change.join(timeout=0.3)
        assert change.is_alive()
        release()
        change.join()
    assert [row.stream for row in log.tail()] == [MOPAC, ALPHA, MOPAC]


def test_nobody_is_given_a_later_log_index_before_the_earlier_one_can_be_read(log: EventLog) -> None:
    with paused(log, "INSERT INTO event", partial(append, log, ALPHA)) as release:
        later = Thread(target=append, args=(log, BETA))
        later.start()
        later.join(timeout=0.3)
        assert (later.is_alive(), log.tail(), log.size()) == (True, [], 0)
        release()
        later.join()
    assert [(row.index, row.stream) for row in log.tail()] == [(0, ALPHA), (1, BETA)]


@contextmanager
def paused(log: EventLog, statement: str, doing: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Something that is being done, halted before its first such statement (PostgreSQL has it within a longer one) until it is released."""
    reached, released, halted = Event(), Event(), list[str]()

    def halt(_connection: object, _cursor: object, text: str, *_: object) -> None:
        if statement in text and not halted:
            halted.append(text)
            reached.set()
            released.wait(timeout=30)

    hooks.listen(log.engine, "before_cursor_execute", halt)
    thread = Thread(target=doing)
    thread.start()
    try:
        assert reached.wait(timeout=30)
        yield released.set
    finally:
        released.set()
        thread.join()
        hooks.remove(log.engine, "before_cursor_execute", halt)


# Cost keys ------------------------------------------------------------------------------------------------------------------


def test_a_cost_key_that_another_grant_has_is_named_with_that_grant(log: EventLog) -> None:
    append(log, ALPHA, event(claims=("inv-1", "inv-2")))
    append(log, BETA, event(claims=("inv-3",)))
    answer = log.append(batch(log.head("grant/gamma"), event(claims=("inv-4", "inv-3")), event(claims=("inv-1",)), commands=(command(),)))
    assert answer == AlreadyClaimed({"inv-1": "alpha", "inv-3": "beta"})
    assert (log.streams("grant/"), log.size(), log.claimed_by("real", ["inv-4"])) == ([ALPHA, BETA], 2, {})


def test_a_grant_may_claim_its_own_cost_again(log: EventLog) -> None:
    append(log, ALPHA, event(claims=("inv-1",)), event(claims=("inv-1",)))
    assert append(log, ALPHA, event(claims=("inv-1", "inv-2"))).version == 3
    assert [(row.key, row.version) for row in queries.whole_stream(log.engine, ALPHA).claims] == [("inv-1", 1), ("inv-2", 3)]
    assert log.claimed_by("real", ["inv-1", "inv-2", "inv-3"]) == {"inv-1": "alpha", "inv-2": "alpha"}


def test_rehearsals_and_real_grants_do_not_compete_for_cost(log: EventLog) -> None:
    append(log, ALPHA, event(claims=("inv-1",)))
    assert isinstance(log.append(batch(log.head(BETA), event(claims=("inv-1",)), clock="rehearsal")), Appended)
    assert log.claimed_by("rehearsal", ["inv-1"]) == {"inv-1": "beta"}


def test_of_two_grants_that_claim_the_same_costs_at_once_exactly_one_wins(log: EventLog) -> None:
    for round_ in range(6):
        keys = [f"inv-{round_}-{number}" for number in range(400)]
        there, back = event(claims=tuple(keys)), event(claims=tuple(reversed(keys)))
        answers = at_once(*(partial(log.append, batch(log.head(stream), each)) for stream, each in ((ALPHA, there), (BETA, back))))
        assert kinds(answers) == ["AlreadyClaimed", "Appended"]
        assert len(set(log.claimed_by("real", keys).values())) == 1


def test_a_thousand_cost_keys_are_claimed_in_one_append(log: EventLog) -> None:
    keys = tuple(f"inv-{number}" for number in range(1000))
    append(log, ALPHA, event(claims=keys))
    answer = log.append(batch(log.head(BETA), event(claims=keys)))
    assert isinstance(answer, AlreadyClaimed)
    assert dict(answer.taken) == dict.fromkeys(keys, "alpha")


# Trying again ---------------------------------------------------------------------------------------------------------------


def test_after_a_lost_answer_the_first_outcome_is_found_by_the_commands_id(log: EventLog) -> None:
    ask = command()
    lost = batch(log.head(ALPHA), event(digest=ask.digest), event(digest=ask.digest), commands=(ask,))
    first = log.append(lost)
    assert isinstance(first, Appended)
    assert log.append(lost) == Moved(first.head)
    kept = log.command(ALPHA, ask.id)
    assert kept
    assert (kept.digest, kept.bytes, kept.build) == (ask.digest, ask.bytes, "b-1")
    assert [row.version for row in log.rows_of_command(ALPHA, ask.id)] == [1, 2]


def test_an_id_used_again_for_something_else_shows_in_its_digest(log: EventLog) -> None:
    append(log, ALPHA, event(digest=command().digest), commands=(command(),))
    other = command(said="do something else")
    kept = log.command(ALPHA, other.id)
    assert kept
    assert kept.digest != other.digest


def test_a_command_is_never_kept_twice_on_its_stream(log: EventLog) -> None:
    head = append(log, ALPHA, commands=(command(),))
    with pytest.raises(WriteRejectedError):
        log.append(batch(head, event(), commands=(command(said="again"),)))
    assert log.head(ALPHA) == head


def test_a_fault_at_any_statement_leaves_nothing_and_the_next_try_succeeds(log: EventLog, database: Database) -> None:
    full = event(claims=("inv-1",), postings=(posting(),), digest=command().digest)
    organisation = append(log, MOPAC)
    wanted = batch(log.head(ALPHA), full, full, commands=(command(),), organisation=organisation)
    like = batch(log.head(BETA), *(event(claims=("inv-2",), postings=(posting(),)),) * 2, commands=(command(),), organisation=organisation)
    with interrupted(database, after=10_000) as count:
        log.append(like)
    statements = count[0]
    assert statements >= 6
    for after in range(statements):
        with interrupted(database, after=after), pytest.raises(InterruptedError):
            log.append(wanted)
        assert (log.head(ALPHA).version, log.size(), log.command(ALPHA, "c-1"), log.claimed_by("real", ["inv-1"])) == (0, 3, None, {})
    assert log.append(wanted) == Appended(log.head(ALPHA), 5)
    assert [row.index for row in log.tail()] == [0, 1, 2, 3, 4]


def test_a_writer_killed_in_the_middle_leaves_nothing_and_holds_up_nobody(log: EventLog, database_url: str) -> None:
    append(log, BETA)
    killed = subprocess.run([sys.executable, "-c", KILLED, database_url], cwd=ROOT, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert (log.head(ALPHA).version, log.command(ALPHA, "c-1"), log.claimed_by("real", ["inv-1"])) == (0, None, {})
    append(log, ALPHA)
    assert [row.index for row in log.tail()] == [0, 1]


KILLED = """
import os, signal, sys
from sqlalchemy import event as hooks
from store.database import open_database
from store.event_log import EventLog
from tests.store.records import ALPHA, append, command, event
database = open_database(sys.argv[1])
@hooks.listens_for(database, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if "INSERT INTO event" in statement:
        os.kill(os.getpid(), signal.SIGKILL)
append(EventLog(database), ALPHA, event(claims=("inv-1",)), commands=(command(),))
"""


@contextmanager
def interrupted(database: Database, after: int) -> Iterator[list[int]]:
    """Let so many statements through, then fail as a lost connection does; gives the count of statements."""
    count = [0]

    def check(*_: object) -> None:
        if count[0] == after:
            raise InterruptedError
        count[0] += 1

    hooks.listen(database, "before_cursor_execute", check)
    try:
        yield count
    finally:
        hooks.remove(database, "before_cursor_execute", check)


# Many at once ---------------------------------------------------------------------------------------------------------------


def test_with_eight_writers_the_log_has_no_gap_and_a_reader_that_follows_it_loses_nothing(log: EventLog) -> None:
    seen: list[int] = []
    total = WRITERS * EACH * 3 // 2

    def follow() -> None:
        while len(seen) < total:
            seen.extend(row.index for row in log.tail(after=seen[-1] if seen else -1, most=50))

    def write(name: int) -> int:
        for number in range(EACH):
            contend(log, f"grant/{name % 5}", *(event(said=number),) * (1 + number % 2))
            log.append(batch(Head(ALPHA, 7, "0" * 64), event()))
        return name

    reader = Thread(target=follow, daemon=True)
    reader.start()
    at_once(*(partial(write, name) for name in range(WRITERS)))
    reader.join(timeout=60)
    assert seen == list(range(total))
    assert log.size() == total
    for stream in log.streams():
        rows = log.rows(stream)
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        assert [row.index for row in rows] == sorted(row.index for row in rows)
