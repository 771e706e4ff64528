"""Break-glass as its people meet it: the commands that are made of it, the banner in every view, the auditor's list, doctor's note."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.contracts import Message
from app import organisations
from app.audit.access import ROWS, _row
from app.break_glass import Asking, Wanted, command_of
from app.checkup import _reported
from app.cli.main import run
from app.errors import MisusedError
from app.home import Home
from app.reader import now, reading
from app.signing import local_signer
from app.unsealing import Asking as Reading
from app.unsealing import command_of as read_command
from domain.accesses import Access, AccessAsked
from domain.break_glass import ConfirmAccess, EndAccess, ReportAccess
from domain.model import Command
from tests.app.homes import lived, recorded
from tests.lives import case_of
from workflows.names import stream_of

GRANT, READER, SECOND, NAMED = "alpha-2020-21", "p-mps-accountant", "p-legal", "p-chief-executive"
REASON = "The external auditor asks for the breakdown"


def done(home: Home, command: Command) -> None:
    """Commit a command as the worker does."""
    with recorded(home) as record:
        record.commit(stream_of(command.grant), (Message(name=command.type, payloads=(local_signer(home.keys).message(command),)),), None)


def wanted(home: Home, *wishes: Wanted) -> None:
    for each in wishes:
        with reading(home) as reader:
            command = command_of(reader, each, now())
        done(home, command)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The real life, closed; access was opened and read under once, another one was asked for and ended."""
    home = lived(tmp_path_factory.mktemp("opened"), case_of(GRANT))
    wanted(home, Wanted(GRANT, READER, Asking(REASON, 4).of), Wanted(GRANT, SECOND, lambda *_: ConfirmAccess(access="access-1")))
    with reading(home) as reader:
        command = read_command(reader, Reading(GRANT, READER, "To answer"))
    done(home, command)
    wanted(home, Wanted(GRANT, READER, Asking("Twice by mistake", 1).of), Wanted(GRANT, READER, lambda *_: EndAccess(access="access-2", reason="Not needed")))
    return home


@pytest.fixture
def grants(opened: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL", "GRANTS_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRANTS_HOME", str(opened.path))

    def ran(*arguments: str) -> tuple[str, str]:
        assert run(list(arguments)) == 0
        said = capsys.readouterr()
        return said.out, said.err

    return ran


def the_banner(grants: Any) -> str:
    (found,) = json.loads(grants("show", GRANT, "--json")[0])["break_glass"]
    assert found.startswith("Break-glass: access to Part 2 was opened on ")
    assert f"for {READER} until" in found
    assert found.endswith(f"confirmed by {SECOND}; reason in history")
    return str(found)


@pytest.mark.parametrize("view", [("show", GRANT), ("history", GRANT), ("inbox", "--as", NAMED), ("decision", GRANT, "PCD 914")], ids=lambda view: view[0])
def test_every_later_view_of_the_grant_says_that_access_was_opened(grants: Any, view: tuple[str, ...]) -> None:
    assert the_banner(grants) in " ".join(grants(*view)[0].split())


def test_programs_are_told_too(grants: Any) -> None:
    banner = the_banner(grants)
    assert [each["break_glass"] for each in json.loads(grants("list", "--json")[0])] == [[banner]]
    assert [each["break_glass"] for each in json.loads(grants("inbox", "--as", NAMED, "--json")[0])] == [[banner]]
    assert json.loads(grants("decision", GRANT, "PCD 914", "--json")[0])["break_glass"] == [banner]
    out, err = grants("history", GRANT, "--json")
    assert (isinstance(json.loads(out), list), err) == (True, f"{banner}.\n")


def test_a_page_of_a_decision_says_it_too(grants: Any, tmp_path: Path) -> None:
    _, err = grants("decision", GRANT, "PCD 914", "--html", str(tmp_path / "decision.html"))
    assert err == f"The page is written: {tmp_path / 'decision.html'}.\n"
    assert f'<p class="note">{the_banner(grants)}.</p>' in (tmp_path / "decision.html").read_text()


def test_a_look_at_what_was_known_before_says_nothing_of_it(grants: Any) -> None:
    assert json.loads(grants("show", GRANT, "--known-at", "2021-01", "--json")[0])["break_glass"] == []


def test_the_reason_stands_in_the_history_and_in_the_auditors_list_alone(grants: Any) -> None:
    out, _ = grants("history", GRANT)
    assert f"reason: {REASON}" in " ".join(out.split())
    found = [each for each in json.loads(grants("history", GRANT, "--json")[0]) if "reason" in each]
    assert [(each["type"], each["reason"]) for each in found] == [
        ("access.asked", REASON),
        ("access.asked", "Twice by mistake"),
        ("access.ended", "Not needed"),
    ]
    for view in (("show", GRANT), ("show", GRANT, "--json"), ("list", "--json"), ("inbox", "--as", NAMED, "--json"), ("decision", GRANT, "PCD 914")):
        assert REASON not in grants(*view)[0]


def test_the_history_says_under_which_access_a_part_two_was_read(grants: Any) -> None:
    found = [each for each in json.loads(grants("history", GRANT, "--json")[0]) if each["type"] == "restricted.read" and each["actor"] == READER]
    assert [each["access"] for each in found] == ["access-1"]


def test_one_command_lists_every_break_glass(grants: Any) -> None:
    report = json.loads(grants("audit", "access", "--json")[0])
    assert {name: report[name] for name in ("asked", "opened", "unreported")} == {"asked": 2, "opened": 1, "unreported": 1}
    first, second = report["access"]
    assert (first["person"], first["confirmed_by"], first["office"], first["reason"]) == (READER, SECOND, "legal", REASON)
    assert (first["scope"], first["readings"], first["reported"], first["grant"]) == ("all of the grant", 1, None, GRANT)
    assert first["read"] == first["read_when"][0]["subjects"] != []
    assert (second["confirmed"], second["readings"], second["ended_why"]) == (None, 0, "Not needed")
    out, _ = grants("audit", "access")
    assert [word for word in (*REASON.split(), READER, SECOND, "access-2") if word not in out] == []
    assert grants("audit", "access", "--csv")[0].startswith("grant,")


def test_the_list_says_of_an_access_that_nobody_confirmed_when_it_lapsed() -> None:
    until = datetime(2021, 6, 1, 13, tzinfo=UTC)
    asked = AccessAsked(access="access-1", person=READER, reason=REASON, until=until, subjects=())
    waits = Access(asked, until - timedelta(hours=4))
    assert [_row(each)["lapsed"] for each in (waits, replace(waits, lapsed_at=until))] == [None, "2021-06-01T13:00:00.000000Z"]
    assert ROWS["lapsed"] == "lapsed"


@pytest.mark.parametrize(("since", "asked"), [("2021-06-01", 2), ("2021-06", 2), ("2022", 0)])
def test_the_list_begins_with_a_day(grants: Any, since: str, asked: int) -> None:
    assert json.loads(grants("audit", "access", "--since", since, "--json")[0])["asked"] == asked


def test_the_people_of_a_year_have_the_opening_and_the_reading(grants: Any) -> None:
    rows = [each for each in json.loads(grants("audit", "people", "--year", "2021/22", "--json")[0])["people"] if each["grant"] == GRANT]
    assert [each["person"] for each in rows if each["kind"] == "break-glass confirmed"] == [SECOND]
    (read,) = [each["source"] for each in rows if each["kind"] == "Part 2 read" and each["person"] == READER]
    assert read.endswith("under break-glass access access-1")


def test_a_command_of_a_rehearsal_is_of_the_instant_to_which_that_has_come(opened: Home) -> None:
    with reading(opened) as reader:
        at = reader.grant(GRANT).recorded
        command = command_of(reader, Wanted(GRANT, NAMED, lambda *_: ReportAccess(month="2021-06"), "p-x"), now())
    assert (command.type, command.at, command.body, command.on_behalf_of) == ("ReportAccess", at, {"month": "2021-06"}, "p-x")


def test_an_access_is_named_by_the_next_free_number_and_ends_so_many_hours_ahead(opened: Home) -> None:
    with reading(opened) as reader:
        grant = reader.grant(GRANT)
        asked = Asking(REASON, 4).of(grant, datetime(2021, 6, 1, 9, tzinfo=UTC))
        assert (asked.access, asked.until) == ("access-3", datetime(2021, 6, 1, 9, tzinfo=UTC) + timedelta(hours=4))
        for hours in (0, -1, 10**9):
            with pytest.raises(MisusedError, match="--hours"):
                Asking(REASON, hours).of(grant, datetime(2021, 6, 1, 9, tzinfo=UTC))


def test_doctor_says_where_nobody_is_named_to_have_the_report() -> None:
    policy = organisations.load("mopac").charter.policy
    silent = policy.model_copy(update={"duties": tuple(each for each in policy.duties if each.duty != "access.reported")})
    assert _reported("a, b", {"a": policy, "b": policy}) == ("ok", "a, b")
    verdict, said = _reported("a, b", {"a": policy, "b": silent})
    assert (verdict, "nobody is named to have the report of break-glass access in b" in said) == ("note", True)


@pytest.mark.parametrize(("organisation", "hours"), [("mopac", 72), ("tidewell-trust", 48)])
def test_an_organisation_says_for_how_many_hours_access_is_opened_at_most(organisation: str, hours: int) -> None:
    assert organisations.load(organisation).charter.policy.access_hours == hours
