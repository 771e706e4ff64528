"""Whatever is sealed stands in no public face: decision record, page, show, history, inbox, details, notices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.contracts import Message
from activities.record import Record
from app import showing, views
from app.adoption import OPERATOR, charter_of, command_of
from app.cli import redacting
from app.cli.decision_page import page
from app.cli.decision_words import sections
from app.decision_record import record_of
from app.home import Home
from app.organisations import load
from app.reader import Reader
from app.redaction import leaks
from app.sealing import Sealer
from app.signing import Signer, local_signer
from app.unsealing import opened
from domain.chasing import DutyReminded
from domain.editions import OfficeTold
from domain.grant import content, typed
from domain.messages import CommandRefused
from domain.model import Command, CommandBody
from domain.outlook import Outlook, notice
from tests.app.homes import recorded
from workflows.names import stream_of

PEOPLE = ("p-grants", "p-finance", "p-legal", "p-deputy-mayor", "p-chief-executive")
WORDS = st.text("qxzjvkw", min_size=12, max_size=30)
"""Letters that no word of ours is made of."""

SUMS = st.integers(10_000_000_01, 99_999_999_99).filter(lambda pence: pence % 100)
NUMBERS = count()


class Written:
    """A record into which commands are committed, sealed and signed as the gateway does it."""

    def __init__(self, home: Home, record: Record, signer: Signer) -> None:
        self.record, self.signer, self.sealer = record, signer, Sealer(home.vault_url)
        self.now = datetime(2021, 1, 6, 9, tzinfo=UTC)

    def does(self, grant: str, who: str, kind: str, part_two: dict[str, Any] | None = None, **body: Any) -> None:
        self.now += timedelta(minutes=1)
        fields = {"v": 1, "id": f"{grant}-{next(NUMBERS)}", "grant": grant, "type": kind, "actor": who, "on_behalf_of": None}
        asked = Command.model_validate({**fields, "at": self.now, "content": None, "body": body, "sealed": None})
        meant = typed(asked)
        seen = content(meant, self.reader.grant(grant)) if isinstance(meant, CommandBody) and type(meant).binds else None
        asked = self.sealer.sealed(stream_of(grant), asked.model_copy(update={"content": seen}), part_two)
        self.record.commit(stream_of(grant), (Message(name=kind, payloads=(self.signer.message(asked),)),), None)

    @property
    def reader(self) -> Reader:
        return Reader(self.record.log)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    home = Home(tmp_path_factory.mktemp("faces") / "home")
    signer, described = local_signer(home.keys), load("mopac")
    with recorded(home) as record:
        adopting = command_of(charter_of(described, signer, None), OPERATOR)
        record.commit("organisation/mopac", (Message(name=adopting.type, payloads=(signer.message(adopting),)),), None)
        yield Written(home, record, signer)


def lives(written: Written, grant: str, secrets: list[str], pence: int) -> None:
    """A grant in which every command about a paper brings a Part 2: drafted, submitted, advised on, edited, advised on again."""
    one, two, three, four, five = secrets
    facts = {"retrospective": False, "novel": False, "restricted": True, "exempt": "Personal data", "review": "2022-01-31"}
    kept = {"kind": "breakdown", "kept": one, "grade": "restricted"}
    asked = {"item": "1", "verbs": ["note"], "words": "What is to be noted"}
    paper: dict[str, Any] = {"paper": "paper-1", "title": "A paper", "items": [asked], "documents": [kept], "facts": facts}
    parties = [{"role": "host", "party": "A host"}]
    written.does(grant, "p-grants", "OpenGrant", {"a": two}, organisation="mopac", title="G", programme="P", clock="rehearsal", parties=parties)
    written.does(grant, "p-grants", "DraftPaper", {"why": three, "of": {"which_pence": pence}}, **paper)
    written.does(grant, "p-grants", "SubmitPaper", paper="paper-1")
    written.does(grant, "p-finance", "AdviseStep", {"aside": four}, paper="paper-1", office="finance", comment="No reason against it")
    written.does(grant, "p-grants", "EditPaper", **(paper | {"title": "The paper"}), reason="a misprint")
    written.does(grant, "p-grants", "EditPaper", {"why": five, "pence": pence}, **(paper | {"title": "The paper"}), reason="the breakdown was wrong")
    written.does(grant, "p-grants", "SubmitPaper", paper="paper-1")
    written.does(grant, "p-legal", "AdviseStep", paper="paper-1", office="legal", comment="No reason against it")
    written.now += timedelta(days=30)
    written.does(grant, "p-grants", "AdvanceClock", to=f"{written.now + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}")


def faces(reader: Reader, grant: str) -> dict[str, Any]:
    """All that anybody may see of a grant."""
    now = datetime.now(UTC)
    found, held = record_of(reader, grant, "paper-1"), reader.grant(grant)
    organisation = reader.organisation_of(held)
    bodies = [line.past.body for line in reader.lines(stream_of(grant))]
    return {
        "record": found,
        "words": [each.rows for each in sections(found)],
        "page": page(found),
        "show": showing.show(reader, grant, None, None, now),
        "history": views.history(reader, grant),
        "list": views.grants(reader, now),
        "inbox": [views.inbox(reader, person, now) for person in PEOPLE],
        "details": Outlook(held, organisation).details(),
        "notices": [notice(each, held) for each in bodies if isinstance(each, DutyReminded | OfficeTold)],
    }


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secrets=st.lists(WORDS, min_size=5, max_size=5, unique=True), pence=SUMS)
def test_whatever_is_sealed_stands_in_no_public_face(written: Written, secrets: list[str], pence: int) -> None:
    grant = f"faces-{next(NUMBERS)}"
    lives(written, grant, secrets, pence)
    reader = written.reader
    assert not [line.past.body for line in reader.lines(stream_of(grant)) if isinstance(line.past.body, CommandRefused)]
    shown = faces(reader, grant)
    assert leaks({"texts": secrets, "pence": pence}, shown) == ()
    assert [each for each in secrets if each in json.dumps(shown, default=str)] == []
    assert shown["notices"]
    assert any("edited" in subject for subject, _ in shown["notices"])
    read = opened(reader, written.sealer, stream_of(grant), reader.grant(grant).restricted.kept)
    assert len(read) == 4
    assert redacting.checked(shown["record"], read).clean


def test_a_record_that_repeats_something_of_a_part_two_is_not_clean_and_names_the_section_alone(written: Written) -> None:
    lives(written, "faces-leak", [letter * 12 for letter in "qxzjv"], 7_651_213)
    found = record_of(written.reader, "faces-leak", "paper-1")
    read = {"c-1": {"part_two": {"why": "No reason against it", "sum": 12_345}, "unreadable": None}}
    leaking = redacting.checked(found, read)
    assert redacting.view(leaking) == {
        "clean": False,
        "compared": ["c-1"],
        "leaks": [{"section": "Advice and decision", "repeats": "a text"}],
        "unread": [],
    }


def test_a_record_is_not_clean_while_a_part_two_cannot_be_compared_with_it(written: Written, capsys: pytest.CaptureFixture[str]) -> None:
    lives(written, "faces-gone", [letter * 12 for letter in "qxzjv"], 7_651_213)
    gone = redacting.checked(record_of(written.reader, "faces-gone", "paper-1"), {"c-1": {"part_two": None, "unreadable": "Its key was erased."}})
    redacting.tell(gone)
    assert (gone.clean, "not compared: Its key was erased." in capsys.readouterr().out) == (False, True)


def test_the_edit_that_brought_only_another_part_two_voided_what_was_said(written: Written) -> None:
    lives(written, "faces-void", [letter * 12 for letter in "qxzjv"], 7_651_213)
    (row,) = showing.show(written.reader, "faces-void", None, None, datetime.now(UTC))["papers"]
    assert [(each["changes"], each["effect"], each["voided"], each["told"]) for each in row["editions"]] == [
        ([], None, [], []),
        (["wording"], "notify", [], ["finance"]),
        (["terms"], "void", ["finance"], []),
    ]
    assert (row["part_two"], row["content"]) == (row["editions"][-1]["part_two"], row["editions"][-1]["content"])
    assert row["editions"][0]["part_two"] == row["editions"][1]["part_two"] != row["part_two"]
