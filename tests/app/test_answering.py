"""What came of several commands of one file: of those decided, what; of those not, that they are not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from app.cli.answering import Sent, answer_sent
from app.cli.doing import claimed_at
from app.errors import UnavailableError
from app.home import Home
from app.outcomes import Outcome
from app.reader import reading
from domain.messages import CommandRefused
from domain.model import By, Command, past_of_new

REFUSED = CommandRefused(type="RecordCosts", code="recovery.already_claimed", why="It is another grant's.", who_could=(), source="s", remedy="r")
BY = By(actor="p", on_behalf_of=None, now=datetime(2026, 1, 1, tzinfo=UTC), content=None, command="c")
SENT = (Sent("c", "g", Outcome("grant/g", "c", (past_of_new(REFUSED, "grant/g", 1, BY),)), waited=True), Sent("c.2", "g", None, waited=True))


@pytest.mark.parametrize("as_json", [True, False])
def test_a_refusal_is_told_also_where_another_part_is_not_decided_yet(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    with pytest.raises(typer.Exit) as ended:
        answer_sent(SENT, as_json=as_json)
    said = capsys.readouterr()
    assert ended.value.exit_code == 75
    assert "c.2: received, not yet decided" in said.err
    if as_json:
        assert [(each["command_id"], each["outcome"]) for each in json.loads(said.out)] == [("c", "refused"), ("c.2", None)]
    else:
        assert "It is another grant's." in said.out


STATED = datetime(2021, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("as_json", [True, False])
def test_an_instant_that_a_command_states_on_the_real_clock_is_said_to_be_only_claimed(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    with pytest.raises(typer.Exit) as ended:
        answer_sent([replace(SENT[0], claimed_at=STATED)], as_json=as_json)
    said = capsys.readouterr()
    assert ended.value.exit_code == 5
    assert "g is on the real clock, so what came of c is recorded as of now; 5 January 2021, 12:00, stands in the command, as claimed." in said.err
    if as_json:
        assert json.loads(said.out)["claimed_at"] == "2021-01-05T12:00:00.000000Z"


@pytest.mark.parametrize("as_json", [True, False])
def test_where_nothing_is_only_claimed_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    with pytest.raises(typer.Exit):
        answer_sent(SENT[:1], as_json=as_json)
    said = capsys.readouterr()
    assert ("real clock" in said.err, "claimed_at" in said.out) == (False, False)


def command(grant: str, at: datetime | None, type_: str = "ResumePaper", **body: str) -> Command:
    return Command(v=1, id="c", grant=grant, type=type_, actor="p-grants", on_behalf_of=None, at=at, content=None, body=body, sealed=None)


@pytest.mark.parametrize(("grant", "claimed"), [("today", STATED), ("organisation/mopac", STATED), ("alpha-2020-21", None), ("nowhere", None)])
def test_an_instant_is_only_claimed_where_the_clock_is_the_real_one(home: Home, grant: str, claimed: datetime | None) -> None:
    with reading(home) as reader:
        assert claimed_at(reader, command(grant, STATED)) == claimed
        assert claimed_at(reader, command(grant, None)) is None


@pytest.mark.parametrize(
    ("grant", "clock", "claimed"),
    [("not-open-yet", "real", STATED), ("not-open-yet", "rehearsal", None), ("today", "rehearsal", STATED), ("alpha-2020-21", "real", None)],
)
def test_an_opening_states_the_clock_itself_unless_the_grant_has_one(home: Home, grant: str, clock: str, claimed: datetime | None) -> None:
    with reading(home) as reader:
        assert claimed_at(reader, command(grant, STATED, "OpenGrant", clock=clock)) == claimed


@pytest.fixture
def unreadable(home: Home, tmp_path: Path) -> Home:
    """The same record, but no build can read an event of it any more."""
    copied = Home(tmp_path / "home", None, None)
    shutil.copytree(home.path, copied.path)
    altered(copied, "DROP TRIGGER event_no_update", "UPDATE event SET body = '{}'")
    return copied


def altered(home: Home, *statements: str) -> None:
    with closing(sqlite3.connect(home.path / "record.db", isolation_level=None)) as record:
        for each in statements:
            record.execute(each)


def test_the_clock_is_known_where_this_build_cannot_read_the_events(unreadable: Home) -> None:
    with reading(unreadable) as reader:
        with pytest.raises(UnavailableError):
            reader.grant("today")
        assert claimed_at(reader, command("today", STATED)) == STATED


@pytest.mark.parametrize("statement", ["UPDATE standing SET json = '{'", "UPDATE standing SET json = '[]'", "DROP TABLE standing"])
def test_where_the_clock_cannot_be_known_the_command_is_answered_all_the_same(unreadable: Home, statement: str) -> None:
    with reading(unreadable) as reader:
        altered(unreadable, statement)
        assert claimed_at(reader, command("today", STATED)) is None
