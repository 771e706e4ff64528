"""An answer to an auditor reads alike as JSON, as CSV and as tables, and always says what it proves and what it cannot."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

import pytest

from app.audit.report import Report, Table
from app.cli.main import run
from app.home import Home

ASKED = {
    ("leads", "--year", "2020/21"): "leads",
    ("as-of", "alpha-2020-21", "--effective", "2020-12-31", "--known", "2021-01-04"): "figures",
    ("diff", "alpha-2020-21", "--known", "2021-01-21", "--known", "2021-01-22"): "differences",
    ("changes", "--from", "2021-01", "--to", "2021-01"): "changes",
    ("journals",): "journals",
    ("sample", "--seed", "1", "--size", "5"): "sample",
    ("people", "--year", "2020/21"): "people",
    ("exceptions",): "exceptions",
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def audit(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("GRANTS_HOME", str(home.path))

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = run(["audit", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked[0])
def test_the_rows_of_csv_are_those_of_json(audit: Run, asked: tuple[str, ...]) -> None:
    code, out, err = audit(*asked, "--json")
    found = json.loads(out)
    assert (code, err, found["ok"]) == (0, "", True)
    assert found["proves"]
    assert found["does_not_prove"]
    code, out, err = audit(*asked, "--csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert (code, len(rows), list(rows[0])) == (0, len(found[ASKED[asked]]), list(found[ASKED[asked]][0]))
    assert all(each in err for each in found["does_not_prove"])


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked[0])
def test_people_get_tables_and_both_lists_in_words(audit: Run, asked: tuple[str, ...]) -> None:
    code, out, err = audit(*asked)
    assert (code, err, "{" in out) == (0, "", False)
    assert "It proves:" in out
    assert "It does not prove:" in out


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("leads", "--year", "2020"[:3]), 2, "no financial year"),
        (("leads",), 2, "Missing option"),
        (("leads", "--year", "2020/21", "--json", "--csv"), 2, "not both"),
        (("as-of", "nothing"), 4, "no grant nothing"),
        (("diff", "alpha-2020-21"), 2, "twice"),
        (("changes", "--from", "2021-02", "--to", "2021-01"), 2, "before"),
        (("sample", "--seed", "1", "--size", "0"), 2, "--size"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_message(audit: Run, asked: tuple[str, ...], code: int, said: str) -> None:
    ended, out, err = audit(*asked)
    assert (ended, out) == (code, "")
    assert said in " ".join(err.replace("│", " ").split())


def test_a_cell_is_never_a_formula_and_money_is_never_text() -> None:
    rows = [{"who": "=1+1", "list": ["@a", "b"], "nothing": None, "change_pence": -5}]
    text = Report({}, (Table("rows", "Rows", {"who": "who"}, rows),), (), ()).as_csv()
    assert text == "who,list,nothing,change_pence\r\n'=1+1,'@a; b,,-5\r\n"


def test_an_empty_answer_still_names_its_fields() -> None:
    assert Report({}, (Table("rows", "Rows", {"who": "actor"}, []),), (), ()).as_csv() == "actor\r\n"
