"""Whoever changes one byte of a record is found out, and the verdict says where."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audit.record_check import check, stored
from app.audit.verify import DOES_NOT_PROVE, PROVES, Problem, Report, Rules, Step, StoredEvent, StoredStream, verify
from domain import evidence
from domain.ledger import Posting
from store import queries
from store.database import Database, migrate, open_database
from store.event_log import Batch, EventLog, NewCommand, NewEvent
from tests.store.records import ALPHA, BETA, RECORDED, append, event, posting

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)

# A record to tamper with: what is posted and claimed stands in the events' bodies -------------------------------------------


def test_a_whole_record_verifies_and_the_verdict_says_what_that_proves_and_what_not(record: Database) -> None:
    assert verdict(record) == Report(ok=True, grants=2, events=5, postings=3, proves=PROVES, does_not_prove=DOES_NOT_PROVE, problems=())
    assert "nothing was altered" in " ".join(PROVES).lower()
    assert "cut off at the end" in DOES_NOT_PROVE[0]
    assert any("everything was entered" in each for each in DOES_NOT_PROVE)


def test_an_empty_record_verifies(database: Database) -> None:
    assert verdict(database).ok


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
    "hash": Edit(f"UPDATE event SET hash = '0' || substr(hash, 2) WHERE {E}", 2, "its envelope or its hash was altered"),
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
    "head of the log lowered": Edit("UPDATE log_head SET size = 4", None, "the head of the log says 4 events, but 1 stand beyond it", None),
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
    "command's signature": Edit(f"UPDATE command SET signature = 'A' || substr(signature, 2) WHERE {C}", 2, "command c-2: its signature does not hold"),
    "command's key": Edit(f"UPDATE command SET key_id = 'key-2' WHERE {C}", 2, "command c-2: its signature does not hold"),
    "command's name": Edit(f"UPDATE command SET name = 'DoIT' WHERE {C}", 2, "command c-2: the name that it came under is not its own"),
    "command's build": Edit(f"UPDATE command SET build = 'b-2' WHERE {C}", 2, "command c-2: its build is not the one that its outcome names"),
    "command's id": Edit(f"UPDATE command SET command_id = 'c-9' WHERE {C}", None, "command c-9: it has no outcome"),
    "command taken out": Edit(f"DELETE FROM command WHERE {C}", 2, "the command that it answers is missing: c-2"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_one_edited_byte_is_named_on_sqlite(sqlite_record: Database, edit: Edit) -> None:
    named(sqlite_record, edit)


def test_one_edited_byte_of_each_kind_is_named_on_both_databases(record: Database) -> None:
    unguard(record)
    for edit in EDITS.values():
        with record.connect() as connection, connection.begin() as undone:
            before = connection.exec_driver_sql("SELECT count(*) FROM event").scalar()
            undone.rollback()
        assert before
    named(record, EDITS["body"])
    named(record, EDITS["posting's date"])
    named(record, EDITS["command's signature"])


def test_many_edits_at_once_are_each_named(record: Database) -> None:
    chosen = ["body of a refusal", "hash of the last event", "posting's account", "standing", "command's bytes"]
    unguard(record)
    edit(record, *(EDITS[each].statement for each in chosen))
    found = verdict(record)
    for each in chosen:
        assert is_named(found, EDITS[each])
    assert (found.ok, found.proves, found.does_not_prove) == (False, (), DOES_NOT_PROVE)


def test_a_tail_cut_off_together_with_its_heads_is_not_found_and_the_verdict_says_so(record: Database) -> None:
    unguard(record)
    before = EventLog(record).rows(ALPHA)[2]
    edit(
        record,
        "DELETE FROM event WHERE stream_id = 'grant/alpha' AND version = 4",
        f"UPDATE stream SET version = 3, hash = '{before.hash}' WHERE stream_id = 'grant/alpha'",  # noqa: S608  (our own row)
        "UPDATE standing SET version = 3, json = replace(json, '4', '3') WHERE stream_id = 'grant/alpha'",
        "UPDATE log_head SET size = 4",
    )
    found = verdict(record)
    assert found.ok
    assert "cut off at the end" in found.does_not_prove[0]
