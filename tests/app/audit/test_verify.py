# ruff: noqa: S608  (the statements that tamper are put together from our own words)
"""Whoever changes one byte of a record is found out, and the verdict says where."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.inbox import holds
from app.audit.record_check import check, stored
from app.audit.verify import DOES_NOT_PROVE, PROVES, Report, Rules, Step, StoredStream, verify
from domain import evidence
from domain.keys import Key
from store import queries, tables
from store.batch import Appended, NewCommand, NewEvent
from store.database import Database, open_database
from store.event_log import EventLog
from store.schema import migrate
from tests.store.records import ALPHA, BETA, batch, event, posting

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = Key(key="key-1", public=base64.b64encode(KEY.public_key().public_bytes_raw()).decode(), first=datetime(2020, 1, 1, tzinfo=UTC))

# A record to tamper with: what is posted and claimed stands in the events' bodies -------------------------------------------


def test_a_whole_record_verifies_and_the_verdict_says_what_that_proves_and_what_not(record: Database) -> None:
    assert verdict(record) == Report(ok=True, grants=2, events=5, postings=3, proves=PROVES, does_not_prove=DOES_NOT_PROVE, problems=())
    assert "nothing was altered" in " ".join(PROVES).lower()
    assert "cut off at the end" in DOES_NOT_PROVE[0]
    assert any("everything was entered" in each for each in DOES_NOT_PROVE)


def test_an_empty_record_verifies(database_url: str) -> None:
    database = open_database(database_url)
    migrate(database)
    assert verdict(database).ok
    database.dispose()


@dataclass(frozen=True)
class Edit:
    """One edit of the stored rows, and what the verdict must then name."""

    statement: str
    version: int | None
    what: str
    grant: str | None = "alpha"


E = "stream_id = 'grant/alpha' AND version = 2"
C = "stream_id = 'grant/alpha' AND command_id = 'c-2'"
EDITS = {
    "body": Edit(f"UPDATE event SET body = replace(body, '250', '251') WHERE {E}", 2, "its body was altered"),
    "body of a refusal": Edit(
        "UPDATE event SET body = replace(body, 'refused', 'refuseD') WHERE stream_id = 'grant/alpha' AND version = 3", 3, "its body was altered"
    ),
    "envelope": Edit(f"UPDATE event SET envelope = replace(envelope, 'p-1', 'p-2') WHERE {E}", 2, "its envelope or its hash was altered"),
    "envelope made unreadable": Edit(f"UPDATE event SET envelope = replace(envelope, '\"v\":1', '\"v\":.') WHERE {E}", 2, "its envelope cannot be read"),
    "envelope with a space": Edit(f"UPDATE event SET envelope = replace(envelope, '\"v\":1', '\"v\": 1') WHERE {E}", 2, "its envelope or its hash was altered"),
    "hash": Edit(f"UPDATE event SET hash = 'x' || substr(hash, 2) WHERE {E}", 2, "its envelope or its hash was altered"),
    "hash of the last event": Edit(
        "UPDATE event SET hash = 'x' || substr(hash, 2) WHERE stream_id = 'grant/alpha' AND version = 4", 4, "its envelope or its hash was altered"
    ),
    "type": Edit(f"UPDATE event SET type = 'thing.happenes' WHERE {E}", 2, "its columns differ from its envelope: type"),
    "schema": Edit(f"UPDATE event SET schema = 2 WHERE {E}", 2, "its columns differ from its envelope: schema"),
    "command id of an event": Edit(f"UPDATE event SET command_id = 'c-3' WHERE {E}", 2, "its columns differ from its envelope: command"),
    "log index": Edit(f"UPDATE event SET log_index = 77 WHERE {E}", 2, "its columns differ from its envelope: index"),
    "stream of an event": Edit(f"UPDATE event SET stream_id = 'grant/alphb' WHERE {E}", 2, "its columns differ from its envelope: stream", "alphb"),
    "version of an event": Edit("UPDATE event SET version = 9 WHERE stream_id = 'grant/alpha' AND version = 4", 9, "its columns differ from its envelope"),
    "an event taken out": Edit(f"DELETE FROM event WHERE {E}", 2, "missing: the event before version 3 is gone"),
    "the last event taken out": Edit(
        "DELETE FROM event WHERE stream_id = 'grant/alpha' AND version = 4", 4, "the head says version 4, but the last event is version 3"
    ),
    "all events of a grant taken out": Edit("DELETE FROM event WHERE stream_id = 'grant/beta'", 1, "but there are no events", "beta"),
    "an event taken out of the log": Edit(f"DELETE FROM event WHERE {E}", None, "missing from the log: index 2", None),
    "head's version": Edit("UPDATE stream SET version = 5 WHERE stream_id = 'grant/alpha'", 5, "the head says version 5, but the last event is version 4"),
    "head's hash": Edit("UPDATE stream SET hash = 'x' || substr(hash, 2) WHERE stream_id = 'grant/alpha'", 4, "the head's hash is not that of the last event"),
    "head taken out": Edit("DELETE FROM stream WHERE stream_id = 'grant/alpha'", None, "the head of the stream is missing"),
    "head of the log lowered": Edit("UPDATE log_head SET size = 4", None, "the head of the log says 4 events, but 1 stands beyond it", None),
    "head of the log raised": Edit("UPDATE log_head SET size = 7", None, "missing from the log: index 5 to 6", None),
    "head of the log taken out": Edit("DELETE FROM log_head", None, "the head of the log is missing", None),
    "posting's amount": Edit(f"UPDATE posting SET amount = amount + 1 WHERE {E} AND line = 1", 2, "posting 1: not what its event says"),
    "posting's account": Edit(f"UPDATE posting SET debit = 'expenses:projecT' WHERE {E} AND line = 1", 2, "posting 1: not what its event says"),
    "posting's entity": Edit(f"UPDATE posting SET entity = 'MPs' WHERE {E} AND line = 2", 2, "posting 2: not what its event says"),
    "posting's currency": Edit(f"UPDATE posting SET currency = 'GBp' WHERE {E} AND line = 1", 2, "posting 1: not what its event says"),
    "posting's date": Edit(f"UPDATE posting SET booked = '2020-06-20' WHERE {E} AND line = 1", 2, "posting 1: not what its event says"),
    "posting's line": Edit(f"UPDATE posting SET line = 3 WHERE {E} AND line = 2", 2, "posting 3: stored, but no event says it"),
    "posting's version": Edit(f"UPDATE posting SET version = 3 WHERE {E} AND line = 2", 2, "posting 2: missing"),
    "posting taken out": Edit(f"DELETE FROM posting WHERE {E} AND line = 2", 2, "posting 2: missing"),
    "posting's stream": Edit(f"UPDATE posting SET stream_id = 'grant/gamma' WHERE {E}", 2, "posting 1: stored, but no event says it", "gamma"),
    "cost key": Edit("UPDATE claimed SET key = 'inv-2' WHERE key = 'inv-1'", 2, "cost key inv-1: missing"),
    "cost key's grant": Edit("UPDATE claimed SET stream_id = 'grant/beta' WHERE key = 'inv-1'", 2, "cost key inv-1: stored, but no event says it", "beta"),
    "cost key's clock": Edit("UPDATE claimed SET clock = 'reaL' WHERE key = 'inv-1'", 2, "cost key inv-1: missing"),
    "cost key's version": Edit("UPDATE claimed SET version = 3 WHERE key = 'inv-1'", 2, "cost key inv-1: not what its event says"),
    "standing": Edit("UPDATE standing SET json = replace(json, '4', '5') WHERE stream_id = 'grant/alpha'", 4, "its standing is not what its events say"),
    "standing's version": Edit("UPDATE standing SET version = 3 WHERE stream_id = 'grant/alpha'", 4, "its standing is not what its events say"),
    "standing taken out": Edit("DELETE FROM standing WHERE stream_id = 'grant/alpha'", 4, "its standing is missing"),
    "command's bytes": Edit(f"UPDATE command SET bytes = replace(bytes, 'please', 'pleasE') WHERE {C}", 2, "command c-2: its bytes or its digest were altered"),
    "command's digest": Edit(
        f"UPDATE command SET digest = 'x' || substr(digest, 2) WHERE {C}", 2, "command c-2: its digest is not the one that its outcome names"
    ),
    "command's signature": Edit(f"UPDATE command SET signature = '!' || substr(signature, 2) WHERE {C}", 2, "command c-2: its signature does not hold"),
    "command's key": Edit(f"UPDATE command SET key_id = 'key-2' WHERE {C}", 2, "command c-2: its signature does not hold"),
    "command's name": Edit(f"UPDATE command SET name = 'DoIT' WHERE {C}", 2, "command c-2: the name that it came under is not its own"),
    "command's build": Edit(f"UPDATE command SET build = 'b-2' WHERE {C}", 2, "command c-2: its build is not the one that its outcome names"),
    "command's id": Edit(f"UPDATE command SET command_id = 'c-9' WHERE {C}", None, "command c-9: it has no outcome"),
    "command taken out": Edit(f"DELETE FROM command WHERE {C}", 2, "the command that it answers is missing: c-2"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_one_edited_byte_is_named(sqlite_record: Database, edit: Edit) -> None:
    tampered(sqlite_record, edit.statement)
    found = verdict(sqlite_record)
    assert is_named(found, edit), found.problems
    assert not found.ok


def test_many_edits_at_once_are_each_named(record: Database) -> None:
    chosen = ["body of a refusal", "hash of the last event", "posting's account", "standing", "command's bytes"]
    tampered(record, *(EDITS[each].statement for each in chosen))
    found = verdict(record)
    for each in chosen:
        assert is_named(found, EDITS[each])
    assert (found.ok, found.proves, found.does_not_prove) == (False, (), DOES_NOT_PROVE)


@pytest.mark.parametrize("text", [b'{"id":"c-2","type":"DoIt"}', b'{"id": "c-1", "type": "DoIt"}', b'{"type":"DoIt"}', b"DoIt", b"[]"])
def test_a_command_that_is_signed_but_not_the_one_of_its_id_is_named(sqlite_record: Database, text: bytes) -> None:
    tampered(
        sqlite_record,
        f"UPDATE command SET bytes = '{text.decode()}', digest = '{evidence.digest(text)}', signature = '{sign(text)}'"
        " WHERE stream_id = 'grant/alpha' AND command_id = 'c-1'",
    )
    named = [each.what for each in verdict(sqlite_record).problems]
    assert any("its bytes are not the canonical ones of that id" in each or "its bytes cannot be read" in each for each in named)


def test_a_tail_cut_off_together_with_its_heads_is_not_found_and_the_verdict_says_so(record: Database) -> None:
    before = EventLog(record).rows(ALPHA)[2]
    tampered(
        record,
        "DELETE FROM event WHERE stream_id = 'grant/alpha' AND version = 4",
        "DELETE FROM posting WHERE stream_id = 'grant/alpha' AND version = 4",
        f"UPDATE stream SET version = 3, hash = '{before.hash}' WHERE stream_id = 'grant/alpha'",
        "UPDATE standing SET version = 3, json = replace(json, '4', '3') WHERE stream_id = 'grant/alpha'",
        "UPDATE log_head SET size = 4",
    )
    found = verdict(record)
    assert found.ok
    assert "cut off at the end" in found.does_not_prove[0]


def test_a_record_may_grow_while_it_is_read(record: Database) -> None:
    log = EventLog(record)

    def in_use() -> Iterator[StoredStream]:
        for stream in (ALPHA, BETA):
            yield stored(queries.whole_stream(record, stream))
            written(log, ALPHA, (), happened(None, posts=[1]))

    assert verify(in_use(), log.size, RULES).problems == ()


def test_a_copy_that_nobody_may_write_is_verified(sqlite_record: Database) -> None:
    assert verdict(open_database(sqlite_record.url.render_as_string(), read_only=True)).ok


def test_bytes_that_are_no_text_are_named_not_stumbled_over(sqlite_record: Database) -> None:
    tampered(sqlite_record, "UPDATE event SET body = CAST(x'7bff7d' AS TEXT) WHERE stream_id = 'grant/alpha' AND version = 2")
    found = verdict(open_database(sqlite_record.url.render_as_string(), read_only=True))
    assert is_named(found, EDITS["body"])


def test_a_damaged_file_gives_a_verdict_and_no_traceback(sqlite_record: Database) -> None:
    path = Path(str(sqlite_record.url.database))
    sqlite_record.dispose()
    page = 4096
    whole = path.read_bytes()
    for number in range(1, len(whole) // page):
        path.write_bytes(whole[: number * page] + b"\xff" * 8 + whole[number * page + 8 :])
        assert not verdict(open_database(f"sqlite:///{path}", read_only=True)).ok, number


# Every byte -----------------------------------------------------------------------------------------------------------------


def test_any_one_character_changed_in_any_row_is_found(sqlite_record: Database) -> None:
    whole = stored(queries.whole_stream(sqlite_record, ALPHA))
    assert judged(whole).ok
    missed = [where for where, changed in each_changed(whole) if judged(changed).ok]
    assert missed == []


ANYTHING = st.none() | st.integers() | st.text(st.characters(), max_size=20) | st.binary(max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(drawn=st.data())
def test_whatever_stands_in_a_row_there_is_a_verdict(sqlite_record: Database, drawn: st.DataObject) -> None:
    whole = stored(queries.whole_stream(sqlite_record, ALPHA))
    rows = [*whole.events, *whole.commands, *whole.postings, *whole.claims]
    row = drawn.draw(st.sampled_from(rows))
    name = drawn.draw(st.sampled_from(sorted(vars(row))))
    value = drawn.draw(ANYTHING)
    before = vars(row)[name]
    object.__setattr__(row, name, value)
    assert judged(whole).ok == (value == before and type(value) is type(before))


def each_changed(whole: StoredStream) -> Iterator[tuple[str, StoredStream]]:
    """The stream with one character of one field changed, each in its turn, and where; a number is one more."""
    for row in (*whole.events, *whole.commands, *whole.postings, *whole.claims):
        for name, value in vars(row).copy().items():
            for place, changed in enumerate(each_edit(value)):
                object.__setattr__(row, name, changed)
                yield f"{type(row).__name__}.{name}[{place}]", whole
            object.__setattr__(row, name, value)
    version, text = whole.standing or (0, "")
    for changed in each_edit(text):
        yield "standing", StoredStream(**vars(whole) | {"standing": (version, changed)})


def each_edit(value: str | int) -> Iterator[str | int]:
    if isinstance(value, int):
        yield value + 1
        return
    for place, letter in enumerate(value):
        yield value[:place] + ("y" if letter == "x" else "x") + value[place + 1 :]


def judged(whole: StoredStream) -> Report:
    """The verdict over one stream: what the log lacks of others is no matter here."""
    found = verify([whole], lambda: None, RULES)
    problems = tuple(each for each in found.problems if each.grant is not None)
    return found.model_copy(update={"problems": problems, "ok": not problems})


# How this record follows from its events ------------------------------------------------------------------------------------


def facts_of(body: str) -> dict[str, Any]:
    read = evidence.read(body)
    assert isinstance(read, dict)
    return read


def step(count: int, _envelope: str, body: str) -> Step[int]:
    said = facts_of(body)
    return Step(count + 1, tuple(map(posting, said.get("posts", []))), "real", tuple(said.get("claims", [])))


@cache
def signed(text: bytes, signature: str, key_id: str) -> bool:
    return holds(text, signature, PUBLIC) and key_id == PUBLIC.key


RULES = Rules(signature_holds=signed, begin=lambda _: 0, step=step, standing=lambda count: f'{{"events":{count}}}')


def happened(command: NewCommand | None, **said: object) -> NewEvent:
    posts = tuple(map(posting, said.get("posts", ())))  # type: ignore[call-overload]
    claims = tuple(map(str, said.get("claims", ())))  # type: ignore[call-overload]
    body = evidence.canonical(said).decode()
    digest, command_id = (command.digest, command.id) if command else (None, "recovery/q1/open/2020-07-01")
    return replace(event(command_id, digest=digest, postings=posts, claims=claims), body=body)


def asked(command_id: str) -> NewCommand:
    text = evidence.canonical({"id": command_id.partition("#")[0], "type": "DoIt", "said": "please"})
    return NewCommand(id=command_id, digest=evidence.digest(text), bytes=text.decode(), signature=sign(text), key_id="key-1", name="DoIt")


def sign(text: bytes) -> str:
    return base64.b64encode(KEY.sign(text)).decode()


def filled(database: Database) -> Database:
    """Grant beta opened; grant alpha opened, costs recorded, an act refused, and a moment passed: five events."""
    log = EventLog(database)
    opened, costs, refused = asked("c-1"), asked("c-2"), asked("c-3#ab12")
    written(log, BETA, (), happened(None, said="opened"))
    written(log, ALPHA, (opened,), happened(opened, said="opened"))
    written(log, ALPHA, (costs, refused), happened(costs, posts=[250, 70], claims=["inv-1"]), happened(refused, said="refused"))
    written(log, ALPHA, (), happened(None, posts=[9], claims=["inv-1"]))
    return database


def written(log: EventLog, stream: str, commands: tuple[NewCommand, ...], *events: NewEvent) -> None:
    head = log.head(stream)
    standing = f'{{"events":{head.version + len(events)}}}'
    assert isinstance(log.append(replace(batch(head, *events, commands=commands), standing=standing)), Appended)


@pytest.fixture
def record(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    migrate(database)
    yield filled(database)
    database.dispose()


@pytest.fixture
def sqlite_record(tmp_path: Path) -> Database:
    database = open_database(f"sqlite:///{tmp_path / 'record.db'}")
    migrate(database)
    return filled(database)


def verdict(database: Database) -> Report:
    return check(database, RULES)


def is_named(found: Report, edit: Edit) -> bool:
    return any((each.grant, each.version) == (edit.grant, edit.version) and edit.what in each.what for each in found.problems)


def tampered(database: Database, *statements: str) -> None:
    """Do to the rows what only somebody with the database in hand can do: first take the guards away."""
    with database.begin() as connection:
        if database.dialect.name == "sqlite":
            guards = connection.exec_driver_sql("SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'").scalars().all()
        else:
            guards = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables.record.tables]
        for statement in (*guards, *statements):
            assert connection.exec_driver_sql(statement).rowcount, statement
