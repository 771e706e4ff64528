"""A paper that is with its drafter again: the route and the grant say who sent it back, why, and whose say is void."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.case_file import Case, Step
from app.cli.main import run
from app.home import Home
from tests.app.homes import lived
from tests.lives import case_of

BACK = "Sent back by deputy-mayor (p-deputy-mayor) on"
WHY = "The sum is not shown; void is what was said by finance, legal, chief-finance-officer"


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The invented open grant, its paper sent back by its decider."""
    return lived(tmp_path_factory.mktemp("returned"), sent_back())


def sent_back(*steps: Step) -> Case:
    """That grant's case with its paper sent back, and what comes after."""
    case, body = case_of("today"), {"paper": "more-money", "office": "deputy-mayor", "reason": "The sum is not shown"}
    back = Step(step="back", by="p-deputy-mayor", command="SendBackStep", body=body, facts=("route",), saw="current")
    return case.model_copy(update={"steps": (*case.steps, back, *steps)})


@pytest.fixture
def grants(returned: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL", "GRANTS_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRANTS_HOME", str(returned.path))


@pytest.mark.usefixtures("grants")
@pytest.mark.parametrize("asked", [("route", "today", "more-money"), ("route", "today", "more-money", "--mermaid"), ("show", "today")])
def test_whoever_looks_at_a_paper_that_came_back_reads_why(asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(list(asked)) == 0
    out = " ".join(capsys.readouterr().out.replace("<br>", " ").split())
    assert [each for each in (BACK, WHY) if each not in out] == []


@pytest.mark.usefixtures("grants")
def test_the_route_of_a_paper_that_goes_its_way_again_still_says_what_is_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    again = Step(step="again", by="p-grants", command="SubmitPaper", body={"paper": "more-money"}, facts=("route",), saw="current")
    monkeypatch.setenv("GRANTS_HOME", str(lived(tmp_path / "again", sent_back(again)).path))
    for asked in (["--mermaid"], []):
        assert run(["route", "today", "more-money", *asked]) == 0
        out = " ".join(capsys.readouterr().out.replace("<br>", " ").split())
        assert (out.count(f"{BACK} "), WHY in out, "Waits since" in out) == (1, True, True)


@pytest.mark.usefixtures("grants")
def test_the_route_of_a_paper_that_came_back_says_how_to_know_the_next_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["route", "today", "more-money"]) == 0
    out = capsys.readouterr().out
    assert (out.count(BACK), "On no route now" in out, "grants scheme route FILE --grant today" in out) == (1, True, True)


@pytest.mark.usefixtures("grants")
def test_programs_get_how_the_paper_came_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "today", "--json"]) == 0
    (paper,) = json.loads(capsys.readouterr().out)["papers"]
    assert paper["came_back"].startswith(BACK)
    told = {name: each for name, each in paper["sent_back"].items() if name != "at"}
    voided = ["finance", "legal", "chief-finance-officer"]
    assert told == {"office": "deputy-mayor", "actor": "p-deputy-mayor", "on_behalf_of": None, "reason": "The sum is not shown", "voided": voided}
