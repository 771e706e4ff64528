"""The live route of a paper: who has said what, who is waited on, why each step stands; as a table, a picture, text, and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.cli.main import run
from app.cli.routes import _tell
from app.cli.tables import _papers
from app.home import Home
from app.reader import now, reading
from app.routes import picture, route_of, told

Run = Callable[..., tuple[int, str, str]]
OPEN, CLOSED = "today", "alpha-2020-21"


@pytest.fixture
def grants(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL", "GRANTS_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRANTS_HOME", str(home.path))

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


def found(home: Home, grant: str, paper: str | None = None) -> dict[str, Any]:
    with reading(home) as reader:
        return route_of(reader, grant, paper, now())


def test_the_route_of_an_open_paper_says_who_has_said_what_and_who_is_waited_on(home: Home) -> None:
    route = found(home, OPEN, found(home, OPEN)["paper"])
    assert route["standing"] == "submitted"
    assert [(each["whose"], each["standing"]) for each in route["steps"]] == [
        ("finance", "taken"),
        ("legal", "taken"),
        ("chief-finance-officer", "taken"),
        ("deputy-mayor", "waits"),
    ]
    last, first = route["steps"][-1], route["steps"][0]
    assert last["since"] == route["steps"][2]["said"]["at"]
    assert (last["due"] is not None, last["said"], first["said"]["actor"], first["due"]) == (True, None, "p-finance", None)
    assert told(last).startswith("Waits since ")
    assert told(first).startswith("Advised on ")
    assert all(each["reasons"][0]["because"] and each["reasons"][0]["source"] for each in route["steps"])


def test_the_route_of_a_decided_paper_ends_in_its_outcome(home: Home) -> None:
    route = found(home, CLOSED)
    drawn = picture(route)
    assert {each["standing"] for each in route["steps"]} == {"taken"}
    assert drawn.columns[-1].heading == "Outcome"
    assert [line.text for line in drawn.columns[-1].boxes[0].lines] == [each["words"] for each in route["items"]]
    assert [each.tone for column in drawn.columns for each in column.boxes] == ["done"] * (len(route["steps"]) + 2)


def test_the_picture_numbers_the_steps_as_the_table_and_the_scheme_do(home: Home) -> None:
    route = found(home, OPEN)
    gap = {**route, "steps": [{**each, "order": each["order"] * 2} for each in route["steps"]]}
    orders = dict.fromkeys(each["order"] for each in gap["steps"])
    assert [each.heading for each in picture(gap).columns] == ["Draft", *(f"Step {order}" for order in orders)]


def test_an_invented_grant_on_the_real_clock_is_not_said_to_have_an_invented_clock(grants: Run) -> None:
    for verb in ("route", "show"):
        _, out, _ = grants(verb, OPEN)
        assert "real clock, an invented grant" in out.splitlines()[1]


def test_whoever_looks_at_a_paper_reads_where_it_asks_for_another_sum_than_is_approved(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    line = "offer-1 in 2020/21: £1.00 is asked here, £2.00 is approved by P1"
    route = found(home, OPEN)
    assert route["approved_otherwise"] == []
    told_so = {**route, "approved_otherwise": [line]}
    assert line in [each.text for each in picture(told_so).columns[0].boxes[0].lines]
    _tell(told_so)
    _papers([{"paper": "P2", "title": "T", "standing": "drafted", "since": "2021-01-06", "came_back": None, "approved_otherwise": [line]}])
    assert [each for each in capsys.readouterr().out.splitlines() if line in each] == [f"{line}.", f"P2: {line}."]


def test_people_get_a_table_with_the_reasons(grants: Run) -> None:
    code, out, _ = grants("route", OPEN)
    assert code == 0
    assert "Deputy Mayor for Policing and Crime" in " ".join(out.split())
    assert [word for word in ("Waits", "since", "paragraph", "4.8,", "p-finance") if word not in out] == []


def test_programs_get_the_route_as_json(grants: Run) -> None:
    code, out, _ = grants("route", CLOSED, "--json")
    shown = json.loads(out)
    assert (code, shown["edition"], shown["break_glass"]) == (0, "2016-10", [])
    assert shown["steps"][0].keys() >= {"order", "whose", "says", "standing", "said", "since", "due", "reasons", "group", "quorum", "stand_in"}


def test_the_picture_is_a_file_of_its_own_that_can_be_read_aloud(grants: Run, tmp_path: Path) -> None:
    code, out, err = grants("route", OPEN, "--svg", str(tmp_path / "route.svg"))
    assert (code, out, "route.svg" in err) == (0, "", True)
    root = ET.parse(tmp_path / "route.svg").getroot()  # noqa: S314  (we have written it ourselves)
    assert "Waits since" in (root.findtext("{http://www.w3.org/2000/svg}desc") or "")


def test_the_route_is_given_as_mermaid_text(grants: Run) -> None:
    code, out, _ = grants("route", OPEN, "--mermaid")
    assert (code, out.startswith("flowchart LR\n"), "Waits since" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere",), 4, "There is no grant"),
        ((OPEN, "no paper"), 4, "it has:"),
        ((OPEN, "--mermaid", "--json"), 2, "--mermaid"),
        ((OPEN, "--svg", "/nowhere/at/all.svg"), 2, "cannot be written"),
    ],
)
def test_what_cannot_be_shown_says_why(grants: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended, out, err = grants("route", *arguments)
    assert (ended, out, said in err) == (code, "", True)


def test_a_step_that_is_not_needed_or_not_reached_says_so() -> None:
    plain = {"says": "advise", "said": None, "group": "experts", "quorum": 1, "waits_for": ["finance", "legal"]}
    assert told({**plain, "standing": "stood down"}) == "Not needed: 1 of the group experts were enough"
    assert told({**plain, "standing": "later"}) == "Waits for finance, legal first"
    assert told({**plain, "standing": "not asked"}) == "Not asked: the paper was decided without it"
    spoken = {"actor": "p-a", "on_behalf_of": "p-b", "at": "2021-01-06T09:00:00.000000Z", "capacity": "legal"}
    assert told({**plain, "standing": "taken", "said": spoken}) == "Advised on 6 January 2021, 09:00, by p-a for p-b as legal, who stands in"
