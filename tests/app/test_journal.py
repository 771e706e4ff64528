"""The journal of all grants, judged by hledger: strict, in order, and to the penny what the balances are."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from app import views
from app.cli.main import run
from app.home import Home
from app.journal import journal
from app.reader import reading

ROW = {
    "grant": "a",
    "version": 2,
    "line": 1,
    "entity": "The Host; its unit: A, B",
    "debit": "assets:bank",
    "credit": "income:grant",
    "amount_pence": 5,
    "booked": "2021-01-01",
}


def judged(text: str, folder: Path, *asked: str) -> str:
    if not shutil.which("hledger"):
        pytest.skip("machine: hledger is not installed (Debian: hledger)")
    file = folder / "grants.journal"
    file.write_text(text)
    return subprocess.run(["hledger", "--file", str(file), *asked], check=True, timeout=60, capture_output=True, text=True).stdout


@pytest.fixture
def of_all(every_life: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setenv("GRANTS_HOME", str(every_life.path))
    assert run(["ledger", "--journal"]) == 0
    return capsys.readouterr().out


def test_hledger_accepts_the_journal_of_all_grants_strictly_and_in_order(of_all: str, tmp_path: Path) -> None:
    judged(of_all, tmp_path, "check", "--strict", "ordereddates")


def test_hledger_finds_every_balance_to_the_penny(of_all: str, every_life: Home, tmp_path: Path) -> None:
    rows = csv.DictReader(judged(of_all, tmp_path, "balance", "--flat", "--no-total", "--empty", "--output-format", "csv").splitlines())
    with reading(every_life) as reader:
        balances = views.balances(views.ledger(reader, None))
    assert {each["account"]: each["balance"] for each in rows} == {name: amount(pence) for name, pence in balances.items()}


def test_hledger_finds_each_grant_and_each_entity_by_its_tag(of_all: str, every_life: Home, tmp_path: Path) -> None:
    with reading(every_life) as reader:
        rows = views.ledger(reader, None)
    for grant in {each["grant"] for each in rows}:
        banked = sum(each["amount_pence"] for each in rows if each["grant"] == grant and each["debit"] == "assets:bank")
        said = judged(of_all, tmp_path, "balance", f"tag:grant=^{grant}$", "assets:bank", "--no-total", "--output-format", "csv")
        assert (f'"{amount(banked)}"' in said) == bool(banked)


def test_a_balance_that_is_asserted_wrongly_is_refused(of_all: str, tmp_path: Path) -> None:
    altered = of_all.replace("  14793", "  14794", 1)
    assert altered != of_all
    with pytest.raises(subprocess.CalledProcessError):
        judged(altered, tmp_path, "check", "--strict")


def test_the_same_postings_in_any_order_give_the_same_bytes() -> None:
    rows = [ROW, {**ROW, "version": 1}, {**ROW, "booked": "2020-12-31"}]
    assert journal(rows) == journal(rows[::-1])


def test_a_name_cannot_break_the_journals_form(tmp_path: Path) -> None:
    text = journal([ROW])
    assert "; grant: a, entity: The Host its unit A B\n    assets:bank  0.05 GBP = 0.05 GBP\n    income:grant  -0.05 GBP = -0.05 GBP\n" in text
    judged(text, tmp_path, "check", "--strict")


def test_a_journal_is_no_other_form_at_once(of_all: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert of_all
    assert run(["ledger", "--journal", "--balances"]) == 2
    assert "--journal alone" in " ".join(capsys.readouterr().err.replace("│", " ").split())


def amount(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02} GBP" if pence else "0"
