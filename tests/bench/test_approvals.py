"""The measurement runs on real servers, and its figures fit one another; no time is asserted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bench import approvals, report
from bench.approvals import Plan
from bench.callers import Round, measured, percentile
from bench.figures import Cell, Goal, Measured, Name


async def test_every_side_is_answered_and_every_act_gives_the_notices_that_it_should(temporal_program: Path) -> None:
    assert temporal_program.name
    found = await approvals.run(Plan(seconds=0.5, rounds=1, grants=4, callers=2, over=("sqlite",)))
    figures = found.as_json()
    assert [(each["side"], each["callers"]) for each in figures["cells"]] == [(side, callers) for callers in (2, 1) for side in ("bare", "no notice", "notice")]
    assert all(each["asked"] >= each["answers"] > 0 and 0 < each["p50_ms"] <= each["p99_ms"] for each in figures["cells"])
    assert [each["notices"] for each in figures["cells"]] == [each["asked"] if each["side"] == "notice" else 0 for each in figures["cells"]]
    assert len(found.goals()) == 4


def test_more_callers_than_grants_are_no_plan() -> None:
    with pytest.raises(SystemExit):
        approvals.asked(["--grants", "2", "--callers", "3"])


async def test_what_an_ask_raises_ends_the_measurement() -> None:
    async def ask() -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await measured(ask, callers=3, warm=0, seconds=1)


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.99, 4.0), (0.0, 1.0)])
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_of_nothing_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was answered"):
        percentile([], 0.5)


def test_a_goal_says_whether_it_is_met() -> None:
    assert str(Goal("rate", 0.7, 0.65, 0.8)) == "met: rate: 0.70 (at least 0.65, aim 0.8)"
    assert str(Goal("rate", 0.85, 0.65, 0.8)) == "met: rate: 0.85 (at least 0.65, aim 0.8 reached)"
    assert str(Goal("wait", 2.5, 2.0, most=True)) == "NOT MET: wait: 2.50 (at most 2)"


def test_the_page_and_its_figures_are_kept_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PAGE", tmp_path / "results" / "bench-approvals.md")
    sides: tuple[tuple[Name, float], ...] = (("bare", 0.01), ("no notice", 0.012), ("notice", 0.02))
    cells = tuple(Cell("sqlite", side, callers, [Round(1.0, (took,) * 10)], asked=10) for callers in (50, 1) for side, took in sides)
    report.record(Measured(date(2026, 11, 27), "A plan.", (("machine", "2 cores, 4 GiB"),), cells))
    page = (tmp_path / "results" / "bench-approvals.md").read_text()
    assert "Measured on 27 November 2026. A plan." in page
    assert "| sqlite | no notice | 50 | 10.0 (10.0) | 1.00 | 12.0 | 12.0 | 0.00 |" in page
    assert len(json.loads((tmp_path / "results" / "bench-approvals.json").read_text())["cells"]) == 6
