"""The lead schedule: every figure is what an independent sum over the case file says, and a ledger that differs is found."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from app.audit.leads import leads
from app.audit.report import Report, View
from app.audit.spans import year
from app.errors import MisusedError
from app.home import Home
from app.reader import reading
from tests.case_sums import EVER, CaseSums

ALPHA = CaseSums("alpha-2020-21")
DEBTOR = {"assets:grants-receivable:accrued", "assets:grants-receivable:agreed"}


def asked(home: Home, label: str) -> Report:
    with reading(home) as reader:
        return leads(reader, year(label))


def alpha(report: Report) -> View:
    (row,) = (each for each in report.tables[0].rows if each["grant"] == ALPHA.grant)
    return row


def test_a_years_income_less_its_cash_is_owed_at_its_end(home: Home) -> None:
    claimed = ALPHA.agreed(*EVER) + ALPHA.disallowed(*EVER)
    cash = ALPHA.cash("2020-04-01", "2021-03-31")
    expected = {
        "entity": "Metropolitan Police Service",
        "opening_pence": 0,
        "income_pence": claimed,
        "disallowed_pence": 0,
        "cash_pence": cash,
        "closing_pence": claimed - cash,
        "closing_agreed_pence": ALPHA.agreed("2020-04-01", "2021-03-31") - cash,
        "difference_pence": 0,
        "shown_difference_pence": 0,
    }
    row = alpha(asked(home, "2020/21"))
    assert {name: row[name] for name in expected} == expected
    assert row["closing_pence"] == 46_633_494


def test_the_next_year_opens_with_it_and_ends_with_nothing_owed(home: Home) -> None:
    before, row = alpha(asked(home, "2020/21")), alpha(asked(home, "2021/22"))
    assert row["opening_pence"] == before["closing_pence"]
    assert row["income_pence"] == 0
    assert row["disallowed_pence"] == ALPHA.disallowed("2021-04-01", "2022-03-31") == 56_199
    assert row["cash_pence"] == ALPHA.cash("2021-04-01", "2022-03-31") == 46_577_295
    assert row["closing_pence"] == row["closing_accrued_pence"] == row["closing_agreed_pence"] == 0


def test_the_schedule_ties_to_the_trial_balance(home: Home) -> None:
    for label in ("2019/20", "2020/21", "2021/22"):
        report = asked(home, label)
        balances = [each for each in report.tables[2].rows if each["clock"] == "rehearsal"]
        assert sum(each["balance_pence"] for each in balances if each["account"] in DEBTOR) == sum(
            each["closing_pence"] for each in report.tables[0].rows if each["clock"] == "rehearsal"
        )
        assert sum(each["balance_pence"] for each in balances) == sum(each["balance_pence"] for each in balances if each["memo"]) == 0
        assert report.ok


def test_the_bank_of_the_trial_balance_is_the_cash_of_the_case(home: Home) -> None:
    balances = {each["account"]: each["balance_pence"] for each in asked(home, "2021/22").tables[2].rows if each["clock"] == "rehearsal"}
    assert balances["assets:bank"] == ALPHA.cash(*EVER)
    assert balances["income:grant:revenue"] == -(ALPHA.agreed(*EVER) + ALPHA.disallowed(*EVER))
    assert balances["income:grant:disallowed"] == ALPHA.disallowed(*EVER)


def test_what_is_invented_is_never_summed_with_what_is_not(home: Home) -> None:
    totals = asked(home, "2020/21").tables[1].rows
    assert [(each["clock"], each["hypothetical"]) for each in totals] == [("rehearsal", False)]
    assert totals[0]["cash_pence"] == ALPHA.cash("2020-04-01", "2021-03-31")


def test_a_grant_that_neither_owes_nor_moves_has_no_row(home: Home) -> None:
    assert [len(asked(home, label).tables[0].rows) for label in ("2019/20", "2020/21", "2021/22", "2022/23", "2021")] == [0, 1, 1, 0, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posting SET amount = amount + 1 WHERE rowid = (SELECT min(rowid) FROM posting WHERE credit = 'income:grant:revenue')",
        "UPDATE posting SET booked = '2021-04-01' WHERE rowid = (SELECT max(rowid) FROM posting WHERE debit = 'assets:bank' AND booked < '2021-04-01')",
        "UPDATE posting SET credit = 'income:grant:disallowed' WHERE rowid = (SELECT min(rowid) FROM posting WHERE credit = 'income:grant:revenue')",
        "UPDATE posting SET entity = 'Somebody else' WHERE rowid = (SELECT min(rowid) FROM posting WHERE debit = 'assets:bank')",
    ],
    ids=["amount", "date", "account", "entity"],
)
def test_a_ledger_that_does_not_agree_is_found(home: Home, tmp_path: Path, statement: str) -> None:
    shutil.copytree(home.path, tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy" / "record.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(statement).rowcount == 1
    connection.close()
    report = asked(Home(tmp_path / "copy"), "2020/21")
    assert not report.ok
    assert any(each["difference_pence"] for each in report.tables[0].rows)


@pytest.mark.parametrize("label", ["2021/23", "21/22", "2021-22", "", "year"])
def test_what_labels_no_year_is_refused(home: Home, label: str) -> None:
    with pytest.raises(MisusedError, match="no financial year"):
        asked(home, label)
