"""By both clocks: what counted when as known when, what differs between two looks, and what was recorded in between."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app import showing
from app.audit.as_of import as_of
from app.audit.changes import changes
from app.audit.difference import difference, looks
from app.audit.report import Report
from app.audit.spans import days
from app.errors import MisusedError, NotFoundError
from app.home import Home
from app.reader import reading
from tests.case_sums import CaseSums, pennies

ALPHA = CaseSums("alpha-2020-21")
BASE = pennies("£1,479,306.16")
UPLIFT = pennies("£267,354.64")


def looked(home: Home, effective: str | None, known: str | None) -> dict[str, Any]:
    with reading(home) as reader:
        return as_of(reader, ALPHA.grant, showing.day(effective), showing.instant(known)).as_json()


def differs(home: Home, effective: list[str], known: list[str]) -> Report:
    with reading(home) as reader:
        return difference(reader, ALPHA.grant, *looks(effective, known))


def changed(home: Home, first: str, last: str, grant: str | None = None) -> dict[str, Any]:
    with reading(home) as reader:
        return changes(reader, days(first, last), grant).as_json()


def figure(found: dict[str, Any], name: str) -> Any:
    return next(each["value_pence"] if each["value"] is None else each["value"] for each in found["figures"] if each["figure"] == name)


# As of ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effective", "known", "cap"),
    [
        ("2020-06-29", None, 0),
        ("2020-06", None, BASE),
        ("2020-12-31", None, BASE),
        ("2021-01-31", None, BASE + UPLIFT),
        ("2021-01-31", "2021-01-21", BASE),
        ("2021-01-31", "2021-01-22", BASE + UPLIFT),
    ],
)
def test_the_cap_is_what_counted_that_day_as_known_then(home: Home, effective: str, known: str | None, cap: int) -> None:
    assert figure(looked(home, effective, known), "cap") == cap


def test_an_answer_says_up_to_which_event_it_knows(home: Home) -> None:
    found = looked(home, "2020-07-21", "2020-07-21T10:00Z")
    assert found["last_event"][0]["command_id"] == f"{ALPHA.grant}/submit-q1-unratified"
    assert found["events_known"] == found["last_event"][0]["version"]
    assert found["events_known"] + found["events_since"] == looked(home, None, None)["events_known"]
    assert (found["effective"], found["known"]) == ("2020-07-21", "2020-07-21T10:00:00.000000Z")


def test_who_was_allowed_then_is_said_beside_what_counted(home: Home) -> None:
    offices = {each["office"]: each for each in looked(home, "2021-01-12", None)["offices"]}
    assert offices["deputy-mayor"]["covers"] == ["p-chief-executive for p-deputy-mayor"]
    assert "CertifyReturn" in offices["mps-chief-finance-officer"]["acts"]
    later = {each["office"]: each for each in looked(home, "2021-01-18", None)["offices"]}
    assert (later["deputy-mayor"]["covers"], later["deputy-mayor"]["holders"]) == ([], ["p-deputy-mayor"])


def test_a_grant_that_was_not_known_then_is_not_found(home: Home) -> None:
    with pytest.raises(NotFoundError, match="as known at 2020-06-30"):
        looked(home, None, "2020-06-30")


# What differs -----------------------------------------------------------------------------------------------------------


def test_the_variation_is_all_that_made_the_cap_differ(home: Home) -> None:
    report = differs(home, ["2021-01-31"], ["2021-01-21", "2021-01-22"])
    rows = {(each["section"], each["row"], each["field"]): each for each in report.tables[0].rows}
    assert rows["cap_pence", None, None]["difference_pence"] == UPLIFT
    assert rows["caps_by_year", None, "2020/21"]["difference_pence"] == UPLIFT
    assert rows["lines", "uplift", "cap_pence"]["after"] == UPLIFT
    assert rows["variations", "variation-1", "applied"]["before"] is None
    assert ("agreed_pence", None, None) not in rows
    commands = {each["command_id"] for each in report.tables[1].rows}
    assert {f"{ALPHA.grant}/apply", f"{ALPHA.grant}/posts"} <= commands
    assert f"{ALPHA.grant}/decision" not in commands


def test_two_days_as_known_once_differ_by_what_counts_between_them(home: Home) -> None:
    report = differs(home, ["2020-12-31", "2021-01-31"], [])
    rows = {(each["section"], each["field"]): each for each in report.tables[0].rows if each["row"] is None}
    cash = ALPHA.cash("2021-01-01", "2021-01-31")
    assert (rows["cap_pence", None]["difference_pence"], rows["received_pence", None]["difference_pence"]) == (UPLIFT, cash)
    assert rows["debtor_pence", None]["difference_pence"] == -cash
    assert report.tables[1].rows == []


def test_the_same_look_twice_differs_in_nothing(home: Home) -> None:
    report = differs(home, ["2021-01-31"], ["2021-01-21", "2021-01-21"])
    assert [list(each.rows) for each in report.tables] == [[], []]


@pytest.mark.parametrize(
    ("effective", "known"), [([], []), (["2021-01-01"], ["2021-01-01"]), (["2021-01-01"] * 2, ["2021-01-01"] * 2), ([], ["2021-01-01"] * 3)]
)
def test_what_means_no_two_looks_is_refused(effective: list[str], known: list[str]) -> None:
    with pytest.raises(MisusedError, match="twice"):
        looks(effective, known)


# What was recorded ------------------------------------------------------------------------------------------------------


def test_every_step_of_these_days_is_there_and_no_other(home: Home) -> None:
    found = changed(home, "2021-01-11", "2021-01-20", ALPHA.grant)
    written = {f"{ALPHA.grant}/{each['step']}" for each in ALPHA.steps if date(2021, 1, 11) <= london_day(each["at"]) <= date(2021, 1, 20)}
    assert {each["command_id"] for each in found["changes"] if each["actor"] != "system"} == written
    assert sum(each["events"] for each in found["counts"]) == len(found["changes"])


def test_refusals_are_counted_by_whom(home: Home) -> None:
    found = changed(home, "2020", "2021", ALPHA.grant)
    by_whom: dict[str, int] = {}
    for each in ALPHA.refused():
        by_whom[each["by"]] = by_whom.get(each["by"], 0) + 1
    counted: dict[str, int] = {}
    for each in found["counts"]:
        counted[each["actor"]] = counted.get(each["actor"], 0) + each["refused"]
    assert {name: count for name, count in counted.items() if count} == by_whom


def test_a_year_holds_its_months_and_a_stream_is_named(home: Home) -> None:
    whole = changed(home, "2021", "2021", ALPHA.grant)["changes"]
    months = [changed(home, f"2021-{month:02}", f"2021-{month:02}", ALPHA.grant)["changes"] for month in range(1, 13)]
    assert [row for rows in months for row in rows] == whole
    everything = changed(home, "2000", "2099")["changes"]
    assert {"grant/alpha-2020-21", "grant/today", "organisation/mopac"} <= {each["stream"] for each in everything}
    assert [each["recorded"] for each in everything] == sorted(each["recorded"] for each in everything)


def test_days_in_the_wrong_order_and_unknown_grants_are_refused(home: Home) -> None:
    with pytest.raises(MisusedError, match="before"):
        changed(home, "2021-02", "2021-01")
    with pytest.raises(NotFoundError, match="Nothing is recorded"):
        changed(home, "2021", "2021", "nothing")


def london_day(at: object) -> date:
    instant = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(ZoneInfo("Europe/London")).date()
