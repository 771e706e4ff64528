"""The record as activities see it, on a real database: one outcome a message, repeats, quarantine, the whole real life."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from activities.contracts import Message, Oversize
from activities.record import Record
from app import organisations as described
from app.case_file import Case
from app.signing import Signer, local_signer
from domain import grant as grants
from domain.effects import LedgerReconciled, NoticeFailed, NoticeSent
from domain.grant import Grant
from domain.model import Command
from store import queries, tables
from store.batch import Row
from store.database import open_database, open_vault
from store.event_log import EventLog
from store.folds import Folds
from store.schema import migrate
from store.vault import Vault
from tests.lives import SEALED, case_of

ORGANISATION = "organisation/mopac"
GRANT = "grant/alpha-2020-21"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return local_signer(tmp_path / "keys")


@pytest.fixture
def record(tmp_path: Path, signer: Signer) -> Iterator[Record]:
    engine, vault = open_database(f"sqlite:///{tmp_path}/record.db"), open_vault(f"sqlite:///{tmp_path}/vault.db")
    migrate(engine)
    migrate(vault)
    yield Record(EventLog(engine), Vault(vault), "build-1", signer.trusted)
    engine.dispose()
    vault.dispose()


def command(kind: str, grant: str, body: dict[str, object], name: str = "c-1", **more: object) -> Command:
    fields: dict[str, object] = {"v": 1, "id": name, "grant": grant, "type": kind, "actor": "p-grants", "on_behalf_of": None, "at": None, "content": None}
    return Command.model_validate({**fields, "body": body, "sealed": None, **more}, strict=False)


def sent(signer: Signer, asked: Command, name: str | None = None) -> Message:
    return Message(name=name or asked.type, payloads=(signer.message(asked),))


def adopt(record: Record, signer: Signer) -> None:
    charter = described.load("mopac").with_keys(tuple(signer.trusted.values()))
    body: dict[str, object] = {"charter": charter.model_dump(mode="json"), "digest": described.digest(charter)}
    record.commit(ORGANISATION, (sent(signer, command("AdoptOrganisation", ORGANISATION, body)),), None)


def play(record: Record, signer: Signer, case: Case) -> None:
    seen: dict[str, Grant] = {}
    for step in case.steps:
        _, grant = record.folds.grants.at_head(GRANT)
        body = case.body_of(step)
        content = grants.content(body, seen.get(step.saw or "current", grant)) if type(body).binds else None
        asked = case.command_of(step, content).model_copy(update={"sealed": SEALED if step.sealed else None})
        record.commit(GRANT, (sent(signer, asked),), None)
        seen[step.step] = record.folds.grants.at_head(GRANT)[1]


def rows(record: Record, stream: str = GRANT) -> list[Row]:
    return record.log.rows(stream)


def attention(record: Record) -> list[str]:
    kept = queries.standing(record.log.engine, GRANT)
    assert kept
    found: list[str] = json.loads(kept.json)["attention"]
    return found


OPENING: dict[str, object] = {
    "organisation": "mopac",
    "title": "A grant",
    "clock": "rehearsal",
    "parties": [{"role": "funder", "party": "A funder"}],
}


def opened(record: Record, signer: Signer) -> Command:
    adopt(record, signer)
    asked = command("OpenGrant", "alpha-2020-21", OPENING, at="2020-07-01T08:00:00Z")
    record.commit(GRANT, (sent(signer, asked),), None)
    return asked


def test_the_real_life_is_recorded_whole_and_closes(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    play(record, signer, case_of("alpha-2020-21"))
    answer = record.answer(GRANT)
    assert answer.closed
    assert answer.due == ()
    assert {effect.kind for effect in answer.effects} == {"notice", "journal"}


def test_a_repeat_adds_nothing(record: Record, signer: Signer) -> None:
    asked = opened(record, signer)
    before = rows(record)
    record.commit(GRANT, (sent(signer, asked), sent(signer, asked)), None)
    assert rows(record) == before


def test_an_id_used_for_another_command_is_refused_once(record: Record, signer: Signer) -> None:
    asked = opened(record, signer)
    other = asked.model_copy(update={"body": {**OPENING, "title": "Another"}})
    record.commit(GRANT, (sent(signer, other),), None)
    record.commit(GRANT, (sent(signer, other),), None)
    refused = [row for row in rows(record) if row.type == "command.refused"]
    assert [json.loads(row.body)["code"] for row in refused] == ["command.reused"]
    assert json.loads(refused[0].body)["why"].endswith("was used before for another command: give the corrected step or command another id.")
    assert refused[0].command_id.startswith(f"{asked.id}#")


def test_two_messages_of_one_id_in_one_batch_count_once(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    asked = command("OpenGrant", "alpha-2020-21", OPENING, at="2020-07-01T08:00:00Z")
    record.commit(GRANT, (sent(signer, asked), sent(signer, asked)), None)
    assert [row.type for row in rows(record)] == ["grant.opened", "policy.adopted"]


def test_an_opening_by_somebody_without_the_mandate_is_refused_and_not_put_aside(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    asked = command("OpenGrant", "alpha-2020-21", OPENING, at="2020-07-01T08:00:00Z", actor="p-legal")
    record.commit(GRANT, (sent(signer, asked),), None)
    (refusal,) = (json.loads(row.body) for row in rows(record))
    assert (refusal["code"], refusal["who_could"]) == ("authority.not_mandated", ["grants-team"])


def test_a_grant_that_nobody_opened_is_refused_as_unknown(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    answer = record.commit(GRANT, (sent(signer, command("Reconcile", "alpha-2020-21", {})),), None)
    assert [json.loads(row.body)["code"] for row in rows(record)] == ["grant.unknown"]
    assert answer.closed


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message(name="OpenGrant", payloads=()), "message.payloads"),
        (Message(name="OpenGrant", payloads=(b"{}", b"{}")), "message.payloads"),
        (Message(name="OpenGrant", payloads=(b"{broken",)), "message.unreadable"),
        (Message(name="OpenGrant", payloads=(b"\xff\xfe\x00",)), "message.unreadable"),
        (Message(name="OpenGrant", payloads=(b"[1, 2]",)), "message.unreadable"),
        (Message(name="OpenGrant", payloads=(b'{"command": {"v": 1.0}}',)), "message.unreadable"),
        (Message(name="", payloads=(b"null",)), "message.unreadable"),
        (Message(name="OpenGrant", oversize=Oversize(size=300_000, digest="0" * 64)), "message.oversize"),
    ],
)
def test_what_cannot_be_read_is_quarantined_once_and_the_grant_goes_on(record: Record, signer: Signer, message: Message, reason: str) -> None:
    opened(record, signer)
    record.commit(GRANT, (message, message), None)
    record.commit(GRANT, (message,), None)
    aside = [row for row in rows(record) if row.type == "message.quarantined"]
    assert [json.loads(row.body)["reason"] for row in aside] == [reason]
    record.commit(GRANT, (sent(signer, command("AdvanceClock", "alpha-2020-21", {"to": "2020-07-02T08:00:00Z"}, "next", at="2020-07-02T08:00:00Z")),), None)
    assert rows(record)[-1].command_id == "next"


def test_an_unsigned_a_foreign_and_a_misnamed_message_are_quarantined_and_their_bytes_kept(record: Record, signer: Signer, tmp_path: Path) -> None:
    asked = opened(record, signer)
    unsigned = Message(name="OpenGrant", payloads=(json.dumps({"command": asked.model_dump(mode="json")}).encode(),))
    foreign = sent(local_signer(tmp_path / "elsewhere"), asked)
    misnamed = sent(signer, asked, "CloseGrant")
    elsewhere = sent(signer, asked.model_copy(update={"grant": "another"}))
    record.commit(GRANT, (unsigned, foreign, misnamed, elsewhere), None)
    aside = [json.loads(row.body) for row in rows(record) if row.type == "message.quarantined"]
    assert [each["reason"] for each in aside] == ["message.unsigned", "message.foreign", "message.name", "message.stream"]
    kept = record.vault.quarantined(aside[0]["sha256"])
    assert kept is not None
    assert kept.bytes == unsigned.payloads[0]


def test_a_body_that_cannot_be_typed_is_refused_without_its_content(record: Record, signer: Signer) -> None:
    opened(record, signer)
    wrong = command("RecordExecution", "alpha-2020-21", {"agreement": "secret words", "executed": "2020-13"}, "wrong", at="2020-07-02T08:00:00Z")
    record.commit(GRANT, (sent(signer, wrong),), None)
    refused = json.loads(rows(record)[-1].body)
    assert refused["code"] == "command.malformed"
    assert "secret words" not in rows(record)[-1].body


def test_a_rehearsal_refuses_messages_without_an_instant_or_of_an_earlier_one(record: Record, signer: Signer) -> None:
    opened(record, signer)
    undated = command("AdvanceClock", "alpha-2020-21", {"to": "2020-07-02T08:00:00Z"}, "undated")
    early = command("AdvanceClock", "alpha-2020-21", {"to": "2020-06-01T08:00:00Z"}, "early", at="2020-06-01T08:00:00Z")
    record.commit(GRANT, (sent(signer, undated), sent(signer, early)), None)
    assert [json.loads(row.body)["code"] for row in rows(record)[-2:]] == ["clock.missing", "clock.backwards"]


def test_our_own_error_is_quarantined_and_a_repeat_is_decided_anew(record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(record, signer)
    asked = command("AdvanceClock", "alpha-2020-21", {"to": "2020-07-02T08:00:00Z"}, "later", at="2020-07-02T08:00:00Z")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(grants, "decide", broken)
        record.commit(GRANT, (sent(signer, asked), sent(signer, asked)), None)
    assert [row.type for row in rows(record)][2:] == ["message.quarantined"]
    assert json.loads(rows(record)[-1].body)["reason"] == "internal"
    assert attention(record) == ["quarantined"]
    record.commit(GRANT, (sent(signer, asked),), None)
    assert (rows(record)[-1].type, attention(record)) == ("clock.advanced", [])


def test_a_message_that_is_put_right_needs_nobodys_attention_any_more(record: Record, signer: Signer, tmp_path: Path) -> None:
    opened(record, signer)
    asked = command("AdvanceClock", "alpha-2020-21", {"to": "2020-07-02T08:00:00Z"}, "later", at="2020-07-02T08:00:00Z")
    other = asked.model_copy(update={"id": "another"})
    record.commit(GRANT, (sent(signer, asked, "CloseGrant"), sent(local_signer(tmp_path / "elsewhere"), asked)), None)
    assert "later" not in rows(record)[-1].body
    record.commit(GRANT, (sent(signer, other),), None)
    assert attention(record) == ["quarantined"]
    record.commit(GRANT, (sent(signer, asked),), None)
    assert attention(record) == []


def test_the_row_for_lists_is_renewed_when_a_workflow_begins_anew_and_nothing_is_appended(record: Record, signer: Signer) -> None:
    opened(record, signer)
    before, kept = len(rows(record)), queries.standing(record.log.engine, GRANT)
    assert kept
    with record.log.engine.begin() as connection:
        connection.execute(update(tables.standing).values(json="{}"))
    record.commit(GRANT, (), None)
    assert (queries.standing(record.log.engine, GRANT), len(rows(record))) == (kept, before)


def test_a_moment_is_recorded_at_its_own_instant_in_a_rehearsal_and_at_the_real_one_otherwise(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    play(record, signer, case_of("alpha-2020-21"))
    opened_at = [json.loads(row.envelope)["recorded"] for row in rows(record) if row.type == "return.opened"]
    assert opened_at[0] == "2020-07-01T08:30:00.000000Z"
    assert opened_at[1] == "2020-09-30T22:59:59.000000Z"


def test_a_result_is_appended_once_to_its_own_stream(record: Record, signer: Signer) -> None:
    opened(record, signer)
    result = NoticeFailed(of=1, to="nobody", reason="refused", message="<a@b>", attempts=1)
    for _ in range(2):
        record.append_result("notices/alpha-2020-21", result, datetime(2020, 7, 1, tzinfo=UTC) + timedelta(hours=1))
    assert len(rows(record, "notices/alpha-2020-21")) == 1


def test_what_came_before_the_opening_does_not_hinder_a_rehearsal(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    record.commit(GRANT, (Message(name="submit", payloads=(b"junk",)), sent(signer, command("CloseGrant", "alpha-2020-21", {}, "early"))), None)
    record.commit(GRANT, (sent(signer, command("OpenGrant", "alpha-2020-21", OPENING, at="2020-07-01T08:00:00Z")),), None)
    assert [each.type for each in rows(record)] == ["message.quarantined", "command.refused", "grant.opened", "policy.adopted"]
    _, grant = record.folds.grants.at_head(GRANT)
    assert grant.recorded == datetime(2020, 7, 1, 8, tzinfo=UTC)


def test_only_a_key_of_the_organisation_opens_its_grants(record: Record, signer: Signer, tmp_path: Path) -> None:
    adopt(record, signer)
    stranger = local_signer(tmp_path / "stranger")
    other = described.load("mopac").with_keys(tuple(stranger.trusted.values())).model_copy(update={"organisation": "other"})
    body: dict[str, object] = {"charter": other.model_dump(mode="json"), "digest": described.digest(other)}
    record.commit("organisation/other", (sent(signer, command("AdoptOrganisation", "organisation/other", body)),), None)
    record.commit(GRANT, (sent(stranger, command("OpenGrant", "alpha-2020-21", OPENING, at="2020-07-01T08:00:00Z")),), None)
    (refused,) = rows(record)
    assert json.loads(refused.body)["code"] == "organisation.unknown"


def test_an_opening_that_is_refused_names_the_version_of_the_organisation_that_refused_it(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    record.commit(GRANT, (sent(signer, command("OpenGrant", "alpha-2020-21", OPENING, at="2005-07-01T08:00:00Z")),), None)
    (refused,) = rows(record)
    assert json.loads(refused.body)["code"] == "authority.no_mandate"
    assert json.loads(refused.envelope)["organisation"] == {"stream": ORGANISATION, "version": 1}


def test_a_rehearsal_beyond_the_table_of_working_days_goes_on(record: Record, signer: Signer) -> None:
    opened(record, signer)
    offer: dict[str, object] = {"offer": "o", "received": "2045-07", "lines": [{"line": "whole", "year": "2045/46", "pence": 100, "categories": ["c"]}]}
    record.commit(GRANT, (sent(signer, command("ReceiveOffer", "alpha-2020-21", offer, "c-2", at="2045-07-02T08:00:00Z")),), None)
    assert "offer.received" in [each.type for each in rows(record)]


def test_a_message_after_which_the_grant_could_not_be_shown_is_put_aside(record: Record, signer: Signer) -> None:
    opened(record, signer)
    cost = {"incurred": "2020-07-01", "category": "c", "line": "l", "entity": "E", "net_pence": 2**53 - 1, "basis": "actual", "ledger_ref": "g", "kept": "k"}
    for key in ("a", "b"):
        asked = command("RecordCosts", "alpha-2020-21", {"rows": [{**cost, "key": key}]}, key, at="2020-07-02T08:00:00Z")
        record.commit(GRANT, (sent(signer, asked),), None)
    assert [each.type for each in rows(record)][-2:] == ["costs.recorded", "message.quarantined"]


def test_a_refusal_with_very_many_words_is_still_a_refusal(record: Record, signer: Signer) -> None:
    opened(record, signer)
    record.commit(GRANT, (sent(signer, command("RecordCosts", "alpha-2020-21", {"x" * 5000: 1}, "c-2", at="2020-07-02T08:00:00Z")),), None)
    assert json.loads(rows(record)[-1].body)["code"] == "command.malformed"


def test_the_newest_notice_refused_for_good_and_a_ledger_that_differs_ask_for_attention(record: Record, signer: Signer) -> None:
    opened(record, signer)
    at = datetime(2020, 7, 1, tzinfo=UTC)
    head, grant = record.folds.grants.at_head(GRANT)
    record.folds.grants.keep(head, replace(grant, asked={"notice": 1, "journal": 1}))
    assert record.answer(GRANT).attributes.attention == ()
    record.append_result("notices/alpha-2020-21", NoticeFailed(of=1, to="nobody", reason="refused", message="<a@b>", attempts=1), at)
    record.append_result("journals/alpha-2020-21", LedgerReconciled(of=1, verdict="differs", differences=("a: missing",)), at)
    assert record.answer(GRANT).attributes.attention == ("ledger-mismatch", "undelivered")
    record.append_result("notices/alpha-2020-21", NoticeSent(of=2, to="somebody", channel="console", message="<c@b>", attempts=1), at)
    record.append_result("journals/alpha-2020-21", LedgerReconciled(of=2, verdict="agrees", differences=()), at)
    assert record.answer(GRANT).attributes.attention == ()


@pytest.mark.parametrize(("entity", "became"), [("E\0", "message.quarantined"), ("E\\0 \\u0000", "costs.recorded")])
def test_a_text_that_not_every_database_can_keep_is_put_aside(record: Record, signer: Signer, entity: str, became: str) -> None:
    opened(record, signer)
    cost = {"key": "k", "incurred": "2020-07-01", "category": "c", "line": "l", "net_pence": 1, "basis": "actual", "ledger_ref": "g", "kept": "k"}
    asked = command("RecordCosts", "alpha-2020-21", {"rows": [{**cost, "entity": entity}]}, "c-2", at="2020-07-02T08:00:00Z")
    record.commit(GRANT, (sent(signer, asked),), None)
    assert rows(record)[-1].type == became


def test_a_signal_s_name_is_kept_as_every_database_can(record: Record, signer: Signer) -> None:
    opened(record, signer)
    record.commit(GRANT, (Message(name="Sub\0mit", payloads=(b"junk",)),), None)
    assert json.loads(rows(record)[-1].body)["name"] == "Sub\N{REPLACEMENT CHARACTER}mit"


def test_a_signature_is_ratified_by_the_decision_on_its_offer_and_named_so(record: Record, signer: Signer) -> None:
    opened(record, signer)
    lines = [{"line": "whole", "year": "2020/21", "pence": 100, "categories": ["c"]}]
    item = {"item": "1", "verbs": ["ratify"], "words": "w", "instrument": "o", "pence": {"2020/21": 100}, "outcome": "approved"}
    stated = {"maker": "X", "decided": "2020-07-05", "date_signed": None, "date_published": None, "document": {"kind": "d", "kept": "k"}}
    life: tuple[tuple[str, dict[str, object]], ...] = (
        ("ReceiveOffer", {"offer": "o", "received": "2020-07", "lines": lines}),
        ("RecordExecution", {"agreement": "a", "offer": "o", "executed": "2020-07", "lines": lines}),
        ("RecordDecision", {"decision": "D9", **stated, "items": [item]}),
    )
    for number, (kind, body) in enumerate(life, 2):
        record.commit(GRANT, (sent(signer, command(kind, "alpha-2020-21", body, f"c-{number}", at=f"2020-07-0{number}T08:00:00Z")),), None)
    (closed,) = (each for each in rows(record) if each.type == "exception.closed")
    assert json.loads(closed.body)["how"] == "ratified by D9"


def test_once_records_are_disposed_of_nothing_that_was_sealed_opens_again(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    play(record, signer, case_of("alpha-2020-21"))
    record.vault.keep_sealing_key(GRANT, "alpha-2020-21/draft", b"k" * 32)
    record.vault.keep_sealing_key("grant/other", "other/draft", b"k" * 32)
    dispose = command("DisposeRecords", "alpha-2020-21", {"how": "Erased"}, actor="p-chief-finance", at="2040-01-02T09:00:00Z")
    for _ in range(2):
        record.commit(GRANT, (sent(signer, dispose),), None)
        gone, other = record.vault.sealing_key(GRANT, "alpha-2020-21/draft"), record.vault.sealing_key("grant/other", "other/draft")
        assert [each.type for each in rows(record)[-1:]] == ["records.disposed"]
        assert gone is not None
        assert other is not None
        assert (gone.key, other.key) == (None, b"k" * 32)


def test_an_organisation_takes_no_part_two(record: Record, signer: Signer) -> None:
    charter = described.load("mopac").with_keys(tuple(signer.trusted.values()))
    body: dict[str, object] = {"charter": charter.model_dump(mode="json"), "digest": described.digest(charter)}
    record.commit(ORGANISATION, (sent(signer, command("AdoptOrganisation", ORGANISATION, body, sealed=SEALED)),), None)
    assert [(each.type, json.loads(each.body)["code"]) for each in rows(record, ORGANISATION)] == [("command.refused", "command.sealed_elsewhere")]


def test_what_a_grant_takes_is_not_for_an_organisation(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    record.commit(ORGANISATION, (sent(signer, command("CloseGrant", ORGANISATION, {}, "c-2")),), None)
    assert [(each.type, json.loads(each.body)["code"]) for each in rows(record, ORGANISATION)[1:]] == [("command.refused", "command.not_for_organisations")]


def test_a_refused_part_two_stands_with_its_command_and_in_no_event(record: Record, signer: Signer) -> None:
    opened(record, signer)
    record.commit(GRANT, (sent(signer, command("CloseGrant", "alpha-2020-21", {}, "c-2", at="2020-07-02T08:00:00Z", sealed=SEALED)),), None)
    kept = record.log.command(GRANT, "c-2")
    assert kept is not None
    assert json.loads(kept.bytes)["sealed"] == SEALED
    assert [each.type for each in rows(record) if each.command_id == "c-2"] == ["command.refused"]
    assert not any(SEALED in each.body + each.envelope for each in rows(record))


def test_what_a_commit_leaves_in_memory_is_what_the_record_folds_to(record: Record, signer: Signer) -> None:
    adopt(record, signer)
    play(record, signer, case_of("alpha-2020-21"))
    fresh, kept = Folds(record.log), record.folds
    assert (kept.grants.at_head(GRANT), kept.all_organisations()) == (fresh.grants.at_head(GRANT), fresh.all_organisations())
