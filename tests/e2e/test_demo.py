"""``grants demo`` as it is: every case that comes with us, side by side on a real server of its own, and all that it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.home import Home
from tests.e2e.installation import CASES, Installation
from tests.e2e.searching import files, holds, texts

WAITS = {"today", "what-if/alpha-2020-12-15"}
"""The grants that are left waiting on an office, on purpose."""


@dataclass(frozen=True)
class Demonstration:
    """What the command printed, and the home that it left, with no server running."""

    here: Installation
    printed: str

    def shown(self, grant: str, *also: str) -> Any:
        """A grant as ``show`` gives it to programs."""
        return self.here.read("show", grant, *also)


def cases() -> list[Any]:
    return [YAML(typ="safe", pure=True).load(path.read_text()) for path in sorted(CASES.rglob("*.yaml"))]


GRANTS = sorted(case["grant"] for case in cases())


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory, temporal_program: Path) -> Demonstration:
    assert temporal_program.exists()
    here = Installation(tmp_path_factory.mktemp("demonstration"))
    return Demonstration(here, here.grants("demo").stdout)


def test_every_case_that_comes_with_us_is_played_and_has_its_row(demonstration: Demonstration) -> None:
    assert [grant for grant in GRANTS if f"  {grant} " not in demonstration.printed] == []
    assert sorted(each["grant"] for each in demonstration.here.read("list")) == GRANTS


@pytest.mark.parametrize("grant", GRANTS)
def test_the_sums_of_every_grant_hold_and_all_but_those_that_wait_are_closed(demonstration: Demonstration, grant: str) -> None:
    shown = demonstration.shown(grant)
    assert shown["agreed_pence"] == shown["received_pence"] + shown["debtor_pence"]
    assert (shown["stage"] == "closed") == (grant not in WAITS)
    if shown["stage"] == "closed":
        assert shown["cap_pence"] == shown["agreed_pence"] + shown["lapsed_pence"] + shown["forfeited_pence"]
        assert 0 < shown["agreed_pence"] < shown["cap_pence"]


def test_what_was_known_of_a_year_before_and_after_its_late_letter_are_two_answers(demonstration: Demonstration) -> None:
    before = demonstration.shown("dpc-2021-22", "--as-of", "2022-03-31", "--known-at", "2022-04-01")
    after = demonstration.shown("dpc-2021-22", "--as-of", "2022-03-31", "--known-at", "2022-12-31")
    assert (before["cap_pence"], after["cap_pence"]) == (1_300_000_000, 1_418_300_000)
    assert "As known on 1 April 2022" in demonstration.printed


def test_it_ends_with_a_decision_a_refusal_what_waits_and_what_is_proved(demonstration: Demonstration) -> None:
    for words in ("PCD 914", "Contains Part 2", "refused: ", "£1,468.98 a day", "Rehearsal: spend, days, people and outcomes invented", "Whole: "):
        assert words in demonstration.printed


def test_nothing_that_any_case_seals_stands_in_any_file_or_was_printed(demonstration: Demonstration) -> None:
    words = [text for case in cases() for step in case["steps"] if "sealed" in step for text in texts(step["sealed"])]
    assert len(words) >= 6
    left = {path.name for path in files(demonstration.here.home)}
    assert left >= {"record.db", "temporal.db", "vault.db", "worker.log", "temporal.log"}
    found = [f"{path.name}: {word}" for path in files(demonstration.here.home) for word in words if holds(path.read_bytes(), word)]
    assert found == []
    assert [word for word in words if word in demonstration.printed] == []


def test_the_record_that_it_leaves_is_whole(demonstration: Demonstration) -> None:
    verdict = demonstration.here.read("audit", "verify")
    assert (verdict["ok"], verdict["grants"]) == (True, len(GRANTS))


def test_every_file_that_it_leaves_is_one_that_the_next_demonstration_empties(demonstration: Demonstration) -> None:
    assert {"rate.json", "rate.json.lock"} <= {each.name for each in demonstration.here.home.iterdir()}
    assert Home(demonstration.here.home).foreign() == ()
