"""Every case that comes with us, as an auditor asks of it: each figure is tied to a sum over the case file alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from app.audit.changes import changes
from app.audit.exceptions import exceptions
from app.audit.journals import journals
from app.audit.leads import leads
from app.audit.report import Report
from app.audit.sample import sample
from app.audit.spans import days, year
from app.home import Home
from app.reader import reading
from tests.case_sums import CASES, EVER, CaseSums

NAMES = sorted(str(path.relative_to(CASES).with_suffix("")) for path in CASES.rglob("*.yaml"))
YEARS = [f"{start}/{(start + 1) % 100:02}" for start in range(2017, 2027)]


@pytest.fixture(scope="module")
def schedules(every_life: Home) -> Mapping[str, Report]:
    with reading(every_life) as reader:
        return {label: leads(reader, year(label)) for label in YEARS}


@pytest.fixture(scope="module")
def asked(every_life: Home) -> Mapping[str, list[Any]]:
    """The rows of the reports that are asked once for all grants."""
    with reading(every_life) as reader:
        found = {"journals": journals(reader), "exceptions": exceptions(reader), "changes": changes(reader, days("2000", "2099"))}
        return {name: list(report.tables[0].rows) for name, report in found.items()}


def rows_of(schedules: Mapping[str, Report], grant: str) -> list[list[Any]]:
    return [[each for each in report.tables[0].rows if each["grant"] == grant] for report in schedules.values()]


def test_every_schedule_agrees_with_the_ledger_and_with_what_is_shown(schedules: Mapping[str, Report]) -> None:
    assert [label for label, report in schedules.items() if not report.ok] == []


@pytest.mark.parametrize("name", NAMES)
def test_all_cash_and_all_that_was_disallowed_are_those_of_the_case(schedules: Mapping[str, Report], name: str) -> None:
    case = CaseSums(name)
    rows = [row for of_year in rows_of(schedules, case.grant) for row in of_year]
    assert sum(row["cash_pence"] for row in rows) == case.cash(*EVER)
    assert sum(row["disallowed_pence"] for row in rows) == case.disallowed(*EVER)


@pytest.mark.parametrize("name", NAMES)
def test_the_cash_of_each_year_is_that_of_the_case(schedules: Mapping[str, Report], name: str) -> None:
    case = CaseSums(name)
    for label, of_year in zip(schedules, rows_of(schedules, case.grant), strict=True):
        first, last = f"{label[:4]}-04-01", f"{int(label[:4]) + 1}-03-31"
        assert sum(row["cash_pence"] for row in of_year) == case.cash(first, last), label
        assert sum(row["disallowed_pence"] for row in of_year) == case.disallowed(first, last), label


@pytest.mark.parametrize("name", NAMES)
def test_each_year_opens_with_what_the_one_before_left(schedules: Mapping[str, Report], name: str) -> None:
    owed = 0
    for of_year in rows_of(schedules, CaseSums(name).grant):
        assert of_year or owed == 0
        for row in of_year:
            assert row["opening_pence"] == owed
            owed += row["income_pence"] - row["disallowed_pence"] - row["cash_pence"]
            assert row["closing_pence"] == owed


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_owed_once_a_grant_is_closed(schedules: Mapping[str, Report], name: str) -> None:
    case = CaseSums(name)
    rows = rows_of(schedules, case.grant)[-1]
    if case.accepted("CloseGrant"):
        assert sum(row["closing_pence"] for row in rows) == 0
        assert sum(row["income_pence"] for of_year in rows_of(schedules, case.grant) for row in of_year) == case.agreed(*EVER) + case.disallowed(*EVER)


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_drawn_from_all_that_was_claimed(every_life: Home, name: str) -> None:
    case = CaseSums(name)
    costs = {each["key"]: each for each in case.rows()}
    with reading(every_life) as reader:
        found = sample(reader, 11, 30, grant=case.grant)
    assert all(each["ledger_ref"] == costs[each["key"]]["ledger_ref"] for each in found.tables[0].rows)
    if case.accepted("CloseGrant"):
        assert found.about["population_pence"] == case.agreed(*EVER) + case.disallowed(*EVER)


@pytest.mark.parametrize("name", NAMES)
def test_what_follows_from_somebodys_judgement_is_marked_with_who_that_was(asked: Mapping[str, list[Any]], name: str) -> None:
    case = CaseSums(name)
    written = [each for command in ("RecordForfeit", "RecordRepayment", "RecordJudgement") for each in case.accepted(command)]
    found = {(each["command_id"], each["actor"]) for each in asked["journals"] if each["grant"] == case.grant and "manual" in each["marks"]}
    assert found == {(f"{case.case['case']}/{each['step']}", each["by"]) for each in written}


@pytest.mark.parametrize("name", NAMES)
def test_every_discrepancy_and_explanation_of_the_case_stands_in_the_register(asked: Mapping[str, list[Any]], name: str) -> None:
    case = CaseSums(name)
    rows = {each["id"]: each for each in asked["exceptions"] if each["grant"] == case.grant}
    assert {each["body"]["discrepancy"] for each in case.accepted("RecordDiscrepancy")} <= set(rows)
    for each in case.accepted("ExplainException"):
        assert each["body"]["explanation"] in rows[each["body"]["exception"]]["explanations"]
    for each in case.accepted("ResolveDiscrepancy"):
        assert rows[each["body"]["discrepancy"]]["how"] == each["body"]["resolution"]
    if case.accepted("CloseGrant"):
        assert [row["id"] for row in rows.values() if row["closed"] is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_was_refused_is_named_with_who_tried(asked: Mapping[str, list[Any]], name: str) -> None:
    case = CaseSums(name)
    refused = [each for each in asked["changes"] if each["stream"] == f"grant/{case.grant}" and each["type"] == "command.refused"]
    assert Counter(each["actor"] for each in refused) == Counter(each["by"] for each in case.refused())
