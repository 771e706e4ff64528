"""Twelve mistakes that others' code makes with approvals, each as something that cannot happen here.

They were found in the open code of grant and approval systems; each spec is one mistake, exercised on a real record or on the rules.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from activities.contracts import Message
from activities.record import Record
from app.home import Home
from app.ids import uuid7
from app.organisations import digest, load
from app.signing import Signer, local_signer
from domain import chasing, evidence
from domain.approval import papers
from domain.calendar import Closures, Window
from domain.model import COMMANDS, EVENTS, LONDON, SYSTEM, Command, Duty
from domain.organisation import Holding
from domain.policy import Ladder, Rung
from domain.saying import PaperDecided
from store.batch import Row
from store.database import open_database, open_vault
from store.errors import WriteRejectedError
from store.event_log import EventLog
from store.vault import Vault
from tests.app.homes import lived, recorded
from tests.domain.papers import (
    ANN,
    APPROVED,
    CLEO,
    DORA,
    EVE,
    OFFICES,
    RULES,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    TWO_DECIDE,
    accepted,
    advised,
    by,
    edited,
    edition,
    item,
    known,
    organisation,
    refused,
    rule,
    state_of,
)
from tests.lives import case_of

TODAY, CLOSED = "grant/today", "grant/alpha-2020-21"
APPROVE: dict[str, Any] = {"paper": "more-money", "office": "deputy-mayor", "outcomes": [{"item": "1", "outcome": "approved"}]}


@pytest.fixture(scope="module")
def two_lives(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A closed grant, and one whose paper waits on its decider."""
    return lived(tmp_path_factory.mktemp("home"), case_of("alpha-2020-21"), case_of("today"))


@pytest.fixture
def home(two_lives: Home, tmp_path: Path) -> Home:
    shutil.copytree(two_lives.path, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def signer(home: Home) -> Signer:
    return local_signer(home.keys)


@pytest.fixture
def record(home: Home) -> Iterator[Record]:
    with recorded(home) as found:
        yield found


def asked(kind: str, body: dict[str, Any], **more: Any) -> Command:
    plain = {"v": 1, "id": uuid7(), "grant": "today", "type": kind, "actor": "p-deputy-mayor", "on_behalf_of": None, "at": None, "content": None}
    return Command.model_validate({**plain, "body": body, "sealed": None, **more}, strict=False)


def decision(record: Record, **more: Any) -> Command:
    """The Deputy Mayor's approval of the paper as it stands."""
    _, grant = record.folds.grants.at_head(TODAY)
    return asked("DecideStep", APPROVE, content=grant.approval.papers["more-money"].contents.digest(), **more)


def commit(record: Record, signer: Signer, command: Command, stream: str = TODAY) -> list[Row]:
    """The events that a command becomes."""
    before = len(record.log.rows(stream))
    record.commit(stream, (Message(name=command.type, payloads=(signer.message(command),)),), None)
    return record.log.rows(stream)[before:]


def refusal(rows: list[Row]) -> str | None:
    (row,) = rows
    return str(json.loads(row.body).get("code"))


def test_1_taking_away_a_person_an_office_or_what_is_kept_of_a_grant_removes_no_event(record: Record, signer: Signer) -> None:
    before = {stream: record.log.rows(stream) for stream in record.log.streams()}
    charter = load("mopac").with_keys(tuple(signer.trusted.values()))
    left = charter.model_copy(update={"holdings": tuple(each for each in charter.holdings if each.person != "p-legal"), "cover": ()})
    body = {"charter": left.model_dump(mode="json"), "digest": digest(left)}
    commit(record, signer, asked("AdoptOrganisation", body, grant="organisation/mopac", actor="p-chief-executive"), "organisation/mopac")
    record.vault.erase_person("p-legal")
    dispose = asked("DisposeRecords", {"how": "Erased"}, grant="alpha-2020-21", actor="p-chief-finance", at="2040-01-02T09:00:00Z")
    assert [each.type for each in commit(record, signer, dispose, CLOSED)] == ["records.disposed"]
    assert {stream: record.log.rows(stream)[: len(rows)] for stream, rows in before.items()} == before
    assert "p-legal" not in record.vault.names()
    with pytest.raises(DBAPIError), record.log.engine.begin() as connection:
        connection.execute(text("DELETE FROM event WHERE stream_id = 'grant/today'"))


def test_2_where_the_event_cannot_be_written_nothing_of_the_decision_is(record: Record, signer: Signer) -> None:
    asking, before = decision(record), everything(record.log.engine)
    trigger = "CREATE TRIGGER broken BEFORE INSERT ON event WHEN NEW.type = 'paper.decided' BEGIN SELECT RAISE(ABORT, 'no room'); END"
    with record.log.engine.begin() as connection:
        connection.execute(text(trigger))
    with pytest.raises(WriteRejectedError, match="no room"):
        commit(record, signer, asking)
    assert everything(record.log.engine) == before
    with record.log.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER broken"))
    assert [each.type for each in commit(record, signer, asking)][:2] == ["step.decided", "paper.decided"]


def test_3_whatever_cannot_be_told_of_limit_duty_or_calendar_holds_the_paper_and_never_approves_it(
    record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank, drafted_only = rule("blank", "decider", "decide", 2), state_of(*TO_ADVISERS[:1])
    nowhere = known(editions=(edition(*RULES, first=date(2022, 1, 1)),))
    no_office = known(rule("gone", "nobody", "decide", 2, limit_pence="any"))
    silent = (known(blank), known(*RULES[:2]), nowhere, no_office)
    codes = [refused(SUBMITTED, drafted_only, by(ANN), each).code for each in silent]
    assert codes == ["scheme.blank_limit", "scheme.no_rule", "scheme.no_edition", "scheme.unknown_office"]

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("domain.entitled.own_work", broken)
        assert [each.type for each in commit(record, signer, decision(record))] == ["message.quarantined"]
    _, grant = record.folds.grants.at_head(TODAY)
    assert grant.approval.papers["more-money"].items is None
    ended = grant.policy.closures.model_copy(update={"window": Window(first=date(2016, 1, 1), last=date(2016, 1, 2))})
    assert grant.policy.model_copy(update={"closures": ended}).working_day_after(date(2021, 1, 4), 3) is None


def test_4_one_person_with_every_office_cannot_finish_the_chain() -> None:
    everything_hers = tuple(Holding(person=person, office=office, first=date(2016, 1, 1)) for office in OFFICES for person in (EVE, ANN))
    alone = replace(known(), organisation=organisation(holdings=everything_hers))
    hers = [refused(body, state_of(*TO_ADVISERS, given=alone), by(ANN), alone).code for body in (advised("finance"), APPROVED)]
    adviser = state_of(*TO_ADVISERS, (advised("finance"), by(EVE)), (advised("legal"), by(EVE)), given=alone)
    assert (hers, refused(APPROVED, adviser, by(EVE), alone).code) == (["duty.own_paper", "duty.own_paper"], "duty.own_advice")


def test_5_after_an_edit_no_earlier_approval_counts() -> None:
    more = edited(items=(item(pence=1), item("2", instrument=None)))
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), (more, by(ANN)), (SUBMITTED, by(ANN)), given=TWO_DECIDE)
    assert all(each.at is None for each in papers(state)[0].steps)
    late = state_of(*TO_DECIDER, (APPROVED, by(DORA)), (more, by(ANN)), (SUBMITTED, by(ANN)), *TO_DECIDER[2:], (APPROVED, by(DORA)), given=TWO_DECIDE)
    second = APPROVED.model_copy(update={"office": "chief-executive"})
    assert [type(each) for each in accepted(second, late, by(CLEO), TWO_DECIDE)][1:] == [PaperDecided]


def test_6_the_record_dates_a_decision_and_the_sender_only_claims_an_instant(record: Record, signer: Signer) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    asking = decision(record, at="2020-01-01T00:00:00Z")
    decided = commit(record, signer, asking)[0]
    envelope = json.loads(decided.envelope)
    assert datetime.fromisoformat(envelope["recorded"]) > before
    assert datetime.fromisoformat(envelope["effective"]) > before
    kept = record.log.command(TODAY, asking.id)
    assert kept
    assert json.loads(kept.bytes)["at"] == "2020-01-01T00:00:00Z"


def test_7_no_amount_is_ever_a_float_on_its_way_or_in_the_log(record: Record, signer: Signer) -> None:
    schemas = [each.model_json_schema() for each in (*COMMANDS.values(), *EVENTS.values())]
    assert [each["title"] for each in schemas if '"type": "number"' in json.dumps(each)] == []
    rows = [row for stream in record.log.streams() for row in record.log.rows(stream)]
    for row in rows:
        assert json.loads(row.body, parse_float=no_float) is not None
    fraction = signer.message(decision(record)).replace(b'"v":1', b'"v":1.0')
    record.commit(TODAY, (Message(name="DecideStep", payloads=(fraction,)),), None)
    assert json.loads(record.log.rows(TODAY)[-1].body)["reason"] == "message.unreadable"


def test_8_a_reminder_keeps_its_working_day_over_missed_days_clock_changes_leap_days_holidays_and_the_year_end() -> None:
    closures = Closures(
        source="made", window=Window(first=date(2019, 1, 1), last=date(2022, 12, 31)), days=(date(2020, 12, 25), date(2020, 12, 28), date(2021, 1, 1))
    )
    ladder = Ladder(ladder="l", rungs=tuple(Rung(rung=name, counted_from="since", working_days=days) for name, days in (("first", 1), ("second", 3))))
    began = {"2020-02-28": ("2020-03-02", "2020-03-04"), "2020-12-24": ("2020-12-29", "2020-12-31"), "2021-03-26": ("2021-03-29", "2021-03-31")}
    for since, days in began.items():
        found = chasing.steps(a_duty(since), ladder, closures, chasing.State())
        assert tuple(f"{each.at.astimezone(LONDON):%Y-%m-%d %H:%M}" for each in found) == tuple(f"{day} 09:00" for day in days)
    missed = chasing.steps(a_duty("2020-12-24"), ladder, closures, chasing.State())
    (sent,) = chasing.remind(a_duty("2020-12-24"), "late", missed)
    assert isinstance(sent, chasing.DutyReminded)
    assert (sent.rung, len(sent.skipped)) == ("second", 1)


def test_9_a_second_decision_on_a_step_gets_an_answer_of_its_own(record: Record, signer: Signer) -> None:
    commit(record, signer, decision(record))
    again = commit(record, signer, decision(record))
    assert refusal(again) == "approval.already_decided"
    assert json.loads(again[0].body)["remedy"].startswith("Read the decision")


def test_10_nothing_happens_without_an_actor_and_the_systems_acts_name_their_cause(record: Record, signer: Signer) -> None:
    pasts = [json.loads(row.envelope) for stream in record.log.streams() for row in record.log.rows(stream)]
    assert all(each["actor"] and each["command"] for each in pasts)
    moments = [each["command"] for each in pasts if each["actor"] == SYSTEM]
    assert moments
    assert [each for each in moments if each.count("/") < 3] == []
    nobody = evidence.read(signer.message(decision(record)))
    nobody["command"]["actor"] = ""
    record.commit(TODAY, (Message(name="DecideStep", payloads=(evidence.canonical(nobody),)),), None)
    assert record.log.rows(TODAY)[-1].type == "message.quarantined"


def test_11_numbers_are_given_once_however_many_write_at_the_same_time(home: Home, record: Record, signer: Signer) -> None:
    parties = [{"role": "host", "party": "Host"}]
    body = {"organisation": "mopac", "title": "One of many", "clock": "real", "parties": parties, "hypothetical": True}

    def open_one(number: int) -> None:
        with opened(home, signer) as another:
            for stream in (f"grant/many-{number}", f"grant/many-{number}-more"):
                commit(another, signer, asked("OpenGrant", body, grant=stream.removeprefix("grant/"), actor="p-grants"), stream)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(open_one, range(6)))
    indexes = sorted(row.index for stream in record.log.streams() for row in record.log.rows(stream))
    assert indexes == list(range(record.log.size()))


def test_12_taking_evidence_away_is_an_event_and_an_approval_that_was_voided_keeps_its_date(record: Record, signer: Signer) -> None:
    dispose = asked("DisposeRecords", {"how": "Shredded"}, grant="alpha-2020-21", actor="p-chief-finance", at="2040-01-02T09:00:00Z")
    (disposed,) = commit(record, signer, dispose, CLOSED)
    assert (disposed.type, json.loads(disposed.body)["how"], json.loads(disposed.envelope)["actor"]) == ("records.disposed", "Shredded", "p-chief-finance")
    said = [each for each in record.log.rows(TODAY) if each.type == "step.advised"]
    back = asked("SendBackStep", {"paper": "more-money", "office": "deputy-mayor", "reason": "The sum is not shown"}, content=decision(record).content)
    event, *_ = commit(record, signer, back)
    assert (json.loads(event.body)["voided"], len(said)) == (["finance", "legal", "chief-finance-officer"], 3)
    assert [each for each in record.log.rows(TODAY) if each.type == "step.advised"] == said


@contextmanager
def opened(home: Home, signer: Signer) -> Iterator[Record]:
    """The record of a home as one more worker opens it."""
    engine, vault = open_database(home.record_url), open_vault(home.vault_url)
    yield Record(EventLog(engine), Vault(vault), "test", signer.trusted)
    engine.dispose()
    vault.dispose()


def everything(engine: Engine) -> dict[str, list[Any]]:
    """Every row of the record's tables."""
    with engine.connect() as connection:
        tables = ("stream", "event", "command", "posting", "claimed", "standing", "log_head")
        return {each: list(connection.execute(text(f"SELECT * FROM {each} ORDER BY 1, 2"))) for each in tables}  # noqa: S608  (our own names)


def no_float(written: str) -> None:
    raise AssertionError(written)


def a_duty(since: str) -> Duty:
    at = datetime.combine(date.fromisoformat(since), datetime.min.time(), UTC).replace(hour=12)
    return Duty(part="approval", subject="p", name="decide", owner="decider", since=at, due=None, ladder="l")
