"""The real life on a real server: its figures are what an independent sum over the case file says, its refusals are held to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.installation import CASES, Installation

GRANT = "alpha-2020-21"
REFUSED = {
    "submit-q1-unratified": ("recovery.unauthorised", "deputy-mayor"),
    "submit-q2-unratified": ("recovery.unauthorised", "deputy-mayor"),
    "claim-unaccepted": ("recovery.not_accepted", "chief-finance-officer"),
    "read-by-project": ("authority.not_mandated", "deputy-mayor"),
    "decide-by-drafter": ("duty.own_paper", "deputy-mayor"),
    "decide-above-limit": ("approval.above_limit", "deputy-mayor"),
    "decide-stale": ("command.stale", "deputy-mayor"),
    "decide-after-cover": ("authority.no_cover", "deputy-mayor"),
    "decide-twice": ("approval.already_decided", None),
    "certify-own": ("duty.own_preparation", "chief-finance-officer"),
    "claim-excluded": ("recovery.excluded_cost", None),
    "claim-above-cap": ("recovery.above_cap", "mps-finance"),
}
"""What must be refused: each code, and one office that could (null: nobody could)."""


class Sums:
    """What the case file alone says, added up without a line of the product."""

    def __init__(self) -> None:
        read: Any = YAML(typ="safe", pure=True)
        self.steps = {each["step"]: each for each in read.load((CASES / f"{GRANT}.yaml").read_text())["steps"]}
        replaced = {row["replaces"] for row in self.rows() if "replaces" in row}
        self.cost = [row for row in self.rows() if row["key"] not in replaced]

    def rows(self) -> Iterator[Any]:
        return (row for step in self.steps.values() if step["command"] == "RecordCosts" for row in step["body"]["rows"])

    def cap(self) -> int:
        agreed, more = self.steps["agreement"]["body"]["lines"][0], self.steps["offered"]["body"]["lines"][0]
        return pennies(agreed["pence"]) + pennies(more["pence"])

    def eligible(self, first: str, last: str) -> int:
        """Cost of those days: of the uplift only from 2021-01-01, its effective window."""
        inside = [row for row in self.cost if date.fromisoformat(first) <= day(row) <= date.fromisoformat(last)]
        return sum(pennies(row["net_pence"]) for row in inside if row["line"] == "whole" or day(row) >= date(2021, 1, 1))

    def too_early(self) -> int:
        return sum(pennies(row["net_pence"]) for row in self.cost if row["line"] == "uplift" and day(row) < date(2021, 1, 1))

    def disallowed(self) -> int:
        return sum(pennies(row["pence"]) for row in self.steps["agreed-q4"]["body"]["disallowed"])


def pennies(amount: str) -> int:
    pounds, _, rest = amount.removeprefix("£").replace(",", "").partition(".")
    return int(pounds) * 100 + int(rest or 0)


def day(row: Any) -> date:
    return date.fromisoformat(str(row["incurred"]))


@pytest.fixture(scope="module")
def shown(alpha: Installation) -> Any:
    return alpha.read("show", GRANT)


def test_the_figures_at_the_close_are_those_of_the_case(shown: Any) -> None:
    sums = Sums()
    claimed = sums.eligible("2020-04-01", "2021-03-31")
    agreed = claimed - sums.disallowed()
    expected = {
        "stage": "closed",
        "cap_pence": sums.cap(),
        "caps_by_year": {"2020/21": sums.cap()},
        "peak_sought_pence": pennies(sums.steps["offered"]["body"]["lines"][0]["pence"]),
        "claimed_pence": claimed,
        "agreed_pence": agreed,
        "received_pence": sum(pennies(step["body"]["pence"]) for step in sums.steps.values() if step["command"] == "RecordPayment"),
        "debtor_pence": 0,
        "accrued_pence": 0,
        "outturn_pence": agreed,
        "lapsed_pence": sums.cap() - agreed,
        "forfeited_pence": 0,
        "excluded_pence": sums.too_early(),
        "host_borne_pence": 5 * 1_600_000 * 3 // 12,
        "posts_funded": 17 + 5,
        "waiting_on": [],
        "obligations": [],
    }
    assert {name: shown[name] for name in expected} == expected
    assert sums.cap() == 174_666_080


def test_each_return_is_the_eligible_cost_of_its_quarter(shown: Any) -> None:
    quarters = [("2020-04-01", "2020-06-30"), ("2020-07-01", "2020-09-30"), ("2020-10-01", "2020-12-31"), ("2021-01-01", "2021-03-31")]
    assert [each["claimed_pence"] for each in shown["returns"]] == [Sums().eligible(*each) for each in quarters]
    assert [each["days_late"] for each in shown["returns"]] == [124, 32, 0, 0]


def test_the_uplift_came_to_less_than_its_cap(shown: Any) -> None:
    line = next(each for each in shown["lines"] if each["line"] == "uplift")
    early = sum(pennies(row["net_pence"]) for row in Sums().cost if row["line"] == "uplift")
    assert line["agreed_pence"] == early - Sums().too_early() - Sums().disallowed()
    assert line["agreed_pence"] < line["cap_pence"] == 26_735_464


def test_the_cap_of_every_date_stays_readable(alpha: Installation) -> None:
    known = [alpha.read("show", GRANT, "--as-of", each)["cap_pence"] for each in ("2020-06-29", "2020-06-30", "2020-12-31", "2021-01-01", "2021-03-31")]
    assert known == [0, 147_930_616, 147_930_616, 174_666_080, 174_666_080]
    assert alpha.read("show", GRANT, "--as-of", "2021-01-31", "--known-at", "2021-01-21")["cap_pence"] == 147_930_616


def test_the_window_was_cut_and_the_cap_was_not(shown: Any) -> None:
    window = next(each for each in shown["windows"] if each["instrument"] == "variation-1")
    assert window["planned"] == {"first": "2020-10-01", "last": "2021-03-31"}
    assert window["effective"] == {"first": "2021-01-01", "last": "2021-03-31"}
    assert window["indicative_cost_pence"] == 146_898 * (182 - 90)
    assert "COVID" in window["reason"]


def test_the_late_approval_was_ratified_and_stays_in_the_register(shown: Any) -> None:
    assert [(each["what"], each["owner"], each["opened"][:10], each["closed"][:10], each["how"]) for each in shown["exceptions"]] == [
        ("late approval", "chief-finance-officer", "2020-07-01", "2020-11-30", "ratified by PCD 867")
    ]


def test_the_decision_keeps_its_unknown_dates_and_the_maker_as_stated(shown: Any) -> None:
    stated = next(each for each in shown["decisions"] if each["decision"] == "PCD 914")
    assert (stated["decided"], stated["date_signed"], stated["date_published"]) == (None, None, None)
    assert stated["maker"] == "Sophie Linden, Deputy Mayor, Policing and Crime"


def test_the_route_explains_itself(shown: Any) -> None:
    paper = shown["papers"][0]
    assert [(each["office"], each["says"]) for each in paper["steps"]] == [
        ("finance", "advise"),
        ("legal", "advise"),
        ("chief-finance-officer", "advise"),
        ("deputy-mayor", "decide"),
    ]
    assert any("paragraph 4.8" in reason["source"] and not reason["assumed"] for reason in paper["steps"][-1]["reasons"])


def test_march_overtime_was_accrued_and_replaced_once(alpha: Installation) -> None:
    accrued = sum(pennies(row["net_pence"]) for row in Sums().rows() if row["basis"] == "accrual")
    rows = alpha.read("ledger", GRANT)
    came = sum(each["amount_pence"] for each in rows if each["credit"] == "liabilities:accruals")
    went = sum(each["amount_pence"] for each in rows if each["debit"] == "liabilities:accruals")
    assert (came, went) == (accrued, accrued)


def test_the_exit_covered_everybody_and_was_averted(shown: Any) -> None:
    assert "22 officers" in shown["exit"]["covers"]
    assert shown["exit"]["armed"] is not None
    assert shown["exit"]["averted_by"] == "PCD 960"


@pytest.mark.parametrize("step", REFUSED)
def test_what_must_be_refused_was_refused_with_its_rule_and_who_could(alpha: Installation, step: str) -> None:
    code, could = REFUSED[step]
    found = alpha.read("outcome", f"{GRANT}/{step}", code=5)
    refusal = found["refusal"]
    assert (found["outcome"], refusal["code"]) == ("refused", code)
    assert could in (refusal["who_could"] or [None])
    assert refusal["source"]
    assert [each["type"] for each in found["events"]] == ["command.refused"]


def test_nothing_else_was_refused(alpha: Installation) -> None:
    assert {each["command_id"] for each in alpha.history(GRANT) if each["type"] == "command.refused"} == {f"{GRANT}/{step}" for step in REFUSED}


def test_a_second_play_repeats_every_outcome_and_adds_nothing(alpha: Installation) -> None:
    before = alpha.history(GRANT)
    played = alpha.read("play", CASES / f"{GRANT}.yaml")[0]
    assert (played["repeated"], played["fault"]) == (played["steps"], None)
    assert alpha.history(GRANT) == before


def test_the_record_is_whole_and_every_command_would_be_decided_so_again(alpha: Installation) -> None:
    assert alpha.read("audit", "verify")["ok"]
    replayed = alpha.read("audit", "replay", GRANT)
    assert (replayed["ok"], replayed["differences"], replayed["unreplayed"]) == (True, [], [])
    assert replayed["histories"] >= 1
