"""What the runner of the tests counts: nothing is lost, and a skip is no success."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.run_tests import Tally, _tally

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><failure message="no"/></testcase><testcase name="d"><error message="no"/></testcase>
<testcase name="e"><skipped message="machine: hledger is not here"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(autouse=True)
def judges_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRANTS_REQUIRE_JUDGES", raising=False)


def test_failures_and_errors_count_and_a_judge_that_is_not_here_is_told(tmp_path: Path) -> None:
    tally = counted(tmp_path, REPORT, 1)
    assert (tally.passed, tally.failures(), tally.skips) == (2, 2, ["machine: hledger is not here"])


def test_where_judges_are_required_their_absence_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTS_REQUIRE_JUDGES", "1")
    assert counted(tmp_path, REPORT, 1).failures() == 3


def test_any_other_skip_fails(tmp_path: Path) -> None:
    report = '<testsuite><testcase name="a"><skipped message="flaky"/></testcase></testsuite>'
    assert counted(tmp_path, report, 0).bad_skips() == ["flaky"]


@pytest.mark.parametrize(("report", "code"), [(None, -6), ('<testsuite><testcase name="a"/></testsuite>', -11), ("<testsuite/>", 5)])
def test_a_run_that_broke_fails_even_if_no_test_did(tmp_path: Path, report: str | None, code: int) -> None:
    assert counted(tmp_path, report, code).failures() == 1


def counted(folder: Path, report: str | None, code: int) -> Tally:
    place = folder / "report.xml"
    if report is not None:
        place.write_text(report)
    return _tally(Tally("domain", 1.0), place, code)
