"""Journals: handed over once, whole, and found out where they are not what they were."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.contracts import Answer
from activities.ledger import JournalDiffersError, Ledger, journal
from domain import evidence
from domain.effects import JournalHandedOver, LedgerReconciled
from domain.ledger import Posting
from store.errors import RecordUnavailableError
from tests.activities.effects_record import ASKED_AT, GRANT, EffectsRecord, effect

JOURNALS = "journals/alpha"
FILE = "alpha/000007.journal"


@pytest.fixture
def record() -> EffectsRecord:
    return EffectsRecord(open_effects=[effect(7, "journal")])


@pytest.fixture
def ledger(record: EffectsRecord, tmp_path: Path) -> Ledger:
    return Ledger(record, tmp_path / "journals")


def hand_over(ledger: Ledger, version: int = 7) -> Answer:
    answer = ActivityEnvironment().run(ledger.hand_over_journal, GRANT, effect(version, "journal"))
    assert isinstance(answer, Answer)
    return answer


def verdicts(record: EffectsRecord, ledger: Ledger) -> list[tuple[str, tuple[str, ...]]]:
    ActivityEnvironment().run(ledger.reconcile_ledger, GRANT)
    return [(each.verdict, each.differences) for each in record.said(JOURNALS) if isinstance(each, LedgerReconciled)]


def test_a_journal_says_what_the_postings_say(record: EffectsRecord, ledger: Ledger) -> None:
    answer = hand_over(ledger)
    text = (ledger.folder / FILE).read_bytes()
    assert text.decode().splitlines() == [
        "; grant/alpha, version 7",
        "commodity 1000.00 GBP",
        "account assets:grants-receivable:agreed:MPS",
        "account income:grant:revenue:MPS",
        "",
        "2021-03-31 * (grant/alpha@7.1) What grant/alpha said",
        "    assets:grants-receivable:agreed:MPS  267354.64 GBP",
        "    income:grant:revenue:MPS  -267354.64 GBP",
    ]
    assert record.said(JOURNALS) == [JournalHandedOver(of=7, file=FILE, digest=evidence.digest(text), postings=1, total_pence=26_735_464)]
    assert record.results(JOURNALS)[0].recorded == ASKED_AT
    assert answer.effects == ()


def test_a_journal_that_was_handed_over_is_not_handed_over_again(record: EffectsRecord, ledger: Ledger) -> None:
    hand_over(ledger)
    (ledger.folder / FILE).unlink()
    hand_over(ledger)
    assert not (ledger.folder / FILE).exists()
    assert len(record.said(JOURNALS)) == 1


def test_a_worker_that_died_between_the_file_and_its_record_leaves_one_of_each(record: EffectsRecord, ledger: Ledger) -> None:
    record.fails_to_append = 1
    with pytest.raises(RecordUnavailableError):
        hand_over(ledger)
    before = (ledger.folder / FILE).stat().st_mtime_ns
    hand_over(ledger)
    assert (ledger.folder / FILE).stat().st_mtime_ns == before
    assert [path.name for path in ledger.folder.rglob("*") if path.is_file()] == ["000007.journal"]
    assert len(record.said(JOURNALS)) == 1


def test_a_draft_that_a_dead_worker_left_is_no_journal(ledger: Ledger) -> None:
    (ledger.folder / "alpha").mkdir(parents=True)
    (ledger.folder / "alpha" / ".000007.journal.draft").write_text("half a")
    hand_over(ledger)
    assert [path.name for path in ledger.folder.rglob("*") if path.is_file()] == ["000007.journal"]


def test_another_file_in_its_place_is_never_overwritten(record: EffectsRecord, ledger: Ledger) -> None:
    (ledger.folder / "alpha").mkdir(parents=True)
    (ledger.folder / FILE).write_text("somebody's own")
    with pytest.raises(JournalDiffersError):
        hand_over(ledger)
    assert (ledger.folder / FILE).read_text() == "somebody's own"
    assert record.said(JOURNALS) == []


def test_a_ledger_that_agrees_is_not_worth_an_event(record: EffectsRecord, ledger: Ledger) -> None:
    hand_over(ledger)
    assert verdicts(record, ledger) == []


def test_a_grant_that_handed_nothing_over_agrees(record: EffectsRecord, ledger: Ledger) -> None:
    assert verdicts(record, ledger) == []


def test_one_byte_changed_in_a_file_is_found_and_said_once(record: EffectsRecord, ledger: Ledger) -> None:
    hand_over(ledger)
    path = ledger.folder / FILE
    path.write_bytes(path.read_bytes().replace(b"267354.64", b"267354.65", 1))
    found = ("differs", (f"{FILE}: not what was handed over",))
    assert verdicts(record, ledger) == [found]
    assert verdicts(record, ledger) == [found]


def test_a_file_that_is_gone_or_that_nobody_handed_over_is_found(record: EffectsRecord, ledger: Ledger) -> None:
    hand_over(ledger)
    (ledger.folder / FILE).rename(ledger.folder / "alpha" / "000008.journal")
    assert verdicts(record, ledger) == [("differs", (f"{FILE}: missing", "alpha/000008.journal: nobody handed it over"))]


def test_postings_that_say_something_else_now_are_found(record: EffectsRecord, ledger: Ledger) -> None:
    hand_over(ledger)
    record.postings = (record.postings[0].model_copy(update={"pence": 1}),)
    assert verdicts(record, ledger) == [("differs", (f"{FILE}: the ledger now says something else",))]


def test_when_it_agrees_again_that_is_said_too(record: EffectsRecord, ledger: Ledger) -> None:
    hand_over(ledger)
    path = ledger.folder / FILE
    kept = path.read_bytes()
    path.unlink()
    assert verdicts(record, ledger) == [("differs", (f"{FILE}: missing",))]
    path.write_bytes(kept)
    assert verdicts(record, ledger)[1:] == [("agrees", ())]
    assert [each.of for each in record.said(JOURNALS)] == [7, 1, 2]


def test_a_name_cannot_break_the_journals_form(record: EffectsRecord) -> None:
    odd = Posting(entity="Mayor's  Office; of: London", debit="memo:award", credit="memo:unclaimed", pence=5, booked=date(2021, 1, 1))
    record.postings = (odd,)
    text = journal(GRANT, record.entry(GRANT, 7)).decode()
    assert "    memo:award:Mayor's Office, of London  0.05 GBP" in text


def test_hledger_reads_a_journal_strictly_and_finds_the_same_sums(record: EffectsRecord, ledger: Ledger) -> None:
    if not shutil.which("hledger"):
        pytest.skip("machine: hledger is not installed (Debian: hledger)")
    record.postings = (*record.postings, Posting(entity="A; b: c", debit="memo:award", credit="memo:unclaimed", pence=5, booked=date(2020, 1, 1)))
    hand_over(ledger)
    read = ["hledger", "--file", str(ledger.folder / FILE)]
    subprocess.run([*read, "check", "--strict"], check=True, timeout=30)
    said = subprocess.run([*read, "balance", "assets", "--output-format", "csv"], check=True, timeout=30, capture_output=True, text=True).stdout
    assert '"assets:grants-receivable:agreed:MPS","267354.64 GBP"' in said
