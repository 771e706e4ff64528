"""Programmes: the order of the chain, the sums by year, and what is never added to them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.cli.main import run
from app.errors import NotFoundError
from app.home import Home
from app.programme import programmes
from tests.case_sums import CaseSums

NOTHING: dict[str, Any] = dict.fromkeys(
    ("cap_pence", "claimed_pence", "agreed_pence", "received_pence", "debtor_pence", "outturn_pence", "lapsed_pence", "forfeited_pence"), 0
)
DEC = {"reference": "DEC 1", "external": True, "note": None, "year": "2018/19", "pence": 500, "stated": "pound"}


def standing(grant: str, year: str, cap: int, *follows: str, **more: Any) -> dict[str, Any]:
    inside = [{"reference": each, "external": False, "note": None, "year": None, "pence": None, "stated": "penny"} for each in follows]
    figures = {
        **NOTHING,
        "cap_pence": cap,
        "sought_pence": 0,
        "precision": more.pop("precision", "penny"),
        "years": [{**NOTHING, "year": year, "cap_pence": cap, "outturn_pence": more.pop("outturn", cap)}],
        "predecessors": [*inside, *more.pop("elsewhere", ())],
        "successors": [],
        "links": [{"relation": "predecessor", "grant": each} for each in follows],
    }
    head = {"grant": grant, "title": grant, "programme": "P", "clock": "real", "hypothetical": False, "stage": "closed"}
    return {**head, **more, "figures": figures}


def test_grants_stand_in_the_order_of_their_chain_whatever_their_names() -> None:
    (found,) = programmes([standing("a", "2021/22", 3, "c"), standing("c", "2020/21", 2, "b"), standing("b", "2019/20", 1)], None)
    assert [(each["grant"], each["follows"]) for each in found["grants"]] == [("b", []), ("c", ["b"]), ("a", ["c"])]
    assert [(each["year"], each["cap_pence"]) for each in found["years"]] == [("2019/20", 1), ("2020/21", 2), ("2021/22", 3)]
    assert found["sum"]["cap_pence"] == 6


def test_two_grants_of_one_year_are_summed_and_an_open_one_leaves_its_outturn_unknown() -> None:
    (found,) = programmes([standing("a", "2020/21", 3), standing("b", "2020/21", 4, outturn=None)], "P")
    assert [(each["year"], each["cap_pence"], each["outturn_pence"]) for each in found["years"]] == [("2020/21", 7, None)]
    assert found["sum"]["outturn_pence"] is None


def test_a_sum_is_only_as_exact_as_the_least_exact_of_its_grants() -> None:
    (found,) = programmes([standing("a", "2020/21", 3), standing("b", "2021/22", 4, precision="million")], None)
    assert found["stated"] == "million"


def test_what_is_invented_or_rehearsed_is_never_added_to_what_is_real() -> None:
    kinds: tuple[dict[str, Any], ...] = ({}, {"clock": "rehearsal"}, {"hypothetical": True})
    found = programmes([standing(str(place), "2020/21", 1, **kind) for place, kind in enumerate(kinds)], None)
    assert [(each["clock"], each["hypothetical"], each["sum"]["cap_pence"]) for each in found] == [
        ("real", False, 1),
        ("rehearsal", False, 1),
        ("real", True, 1),
    ]


def test_what_stands_elsewhere_is_named_with_its_amount_and_never_summed() -> None:
    (found,) = programmes([standing("a", "2020/21", 3, elsewhere=[DEC])], None)
    expected = {"grant": "a", "relation": "predecessor", "reference": "DEC 1", "year": "2018/19", "pence": 500, "stated": "pound"}
    assert (found["elsewhere"], found["sum"]["cap_pence"]) == ([expected], 3)


def test_a_programme_that_no_grant_is_of_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="Q"):
        programmes([standing("a", "2020/21", 3)], "Q")
    assert programmes([standing("a", "2020/21", 3, programme=None)], None) == []


def test_the_command_line_adds_up_the_real_lives(every_life: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GRANTS_HOME", str(every_life.path))
    assert run(["programme", "Online capability of the regional cyber crime units", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    sums = CaseSums("online-soc-2018-20")
    years = {"2018/19": ("2018-04-01", "2019-05-31"), "2019/20": ("2019-06-01", "2020-06-30")}
    assert [(each["year"], each["cap_pence"], each["agreed_pence"]) for each in found["years"]] == [
        (year, 25_000_000, sums.agreed(*span)) for year, span in years.items()
    ]
    assert found["sum"]["cap_pence"] == 50_000_000
    assert found["sum"]["lapsed_pence"] == 50_000_000 - sums.agreed("2018-04-01", "2020-06-30")
    assert (found["clock"], found["stated"], [each["grant"] for each in found["grants"]]) == ("rehearsal", "pound", ["online-soc-2018-20"])


def test_the_variation_of_a_grant_is_counted_once_with_its_base(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GRANTS_HOME", str(home.path))
    assert run(["programme", "Project Alpha", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["sum"]["cap_pence"], len(found["grants"])) == (174_666_080, 1)
    assert [(each["reference"], each["relation"]) for each in found["elsewhere"]] == [("PCD 545", "predecessor"), ("PCD 960", "successor")]
    assert run(["programme", "Project Alpha"]) == 0
    told = capsys.readouterr().out
    assert "£1,746,660.80" in told
    assert "PCD 545" in told
