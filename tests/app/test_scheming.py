"""``grants scheme``: what a scheme leaves open, which way a paper would go and why, and what another edition would change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import run
from app.errors import MisusedError
from app.home import Home
from app.organisations import FOLDER
from app.scheming import WhatIf
from app.simulating import differences
from domain.model import Refusal
from domain.scheme import Route, route
from tests.domain.papers import DECIDES, FINANCE, LEGAL, OFFICES, RULES, edition, rule
from tests.domain.test_scheme import asked

Run = Callable[..., tuple[int, str, str]]
DAY = date(2021, 1, 6)
WHAT_IF = ("scheme", "route", "--what-if", "--organisation")


@pytest.fixture
def grants(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL", "GRANTS_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)

    def ran(*arguments: str, over: Path = home.path) -> tuple[int, str, str]:
        monkeypatch.setenv("GRANTS_HOME", str(over))
        code = run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


def read(grants: Run, *arguments: str, code: int = 0, **where: Any) -> Any:
    ended, out, err = grants(*arguments, "--json", **where)
    assert (ended, err) == (code, "")
    return json.loads(out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER / "tidewell-trust", tmp_path / "tidewell-trust")
    return tmp_path


def changed(folder: Path, old: str, new: str) -> None:
    path = folder / "tidewell-trust" / "scheme-2022.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# Check ----------------------------------------------------------------------------------------------------------------


def test_every_scheme_that_comes_with_us_is_whole(grants: Run, tmp_path: Path) -> None:
    assert read(grants, "scheme", "check") == read(grants, "scheme", "check", over=tmp_path) == []
    code, out, err = grants("scheme", "check")
    assert (code, out) == (0, "")
    assert err.splitlines() == [f"{name}: nothing is left open, said twice or given to nobody." for name in ("mopac", "tidewell-trust")]


def test_faults_are_told_with_what_to_do_and_end_with_one(grants: Run, folder: Path) -> None:
    changed(folder, "limit_pence: £25,000", "limit_pence: £24,000")
    (fault, other) = read(grants, "scheme", "check", "tidewell-trust", "--folder", str(folder), code=1)
    assert (fault["organisation"], fault["severity"], fault["code"], fault["edition"]) == ("tidewell-trust", "fault", "hole", "2022")
    assert "of a grant of £24,000.01 to £25,000.00" in fault["words"]
    assert (other["code"], other["remedy"]) == ("hole", "Give an office a rule that decides it, or raise a limit.")
    code, out, _ = grants("scheme", "check", "--folder", str(folder))
    assert code == 1
    assert "Give an office a rule that decides it, or raise a limit." in out
    assert "fault: hole" in out


def test_an_office_that_nobody_set_up_is_found_in_a_folder_that_could_not_be_adopted(grants: Run, folder: Path) -> None:
    changed(folder, "office: treasurer", "office: bursar")
    codes = [each["code"] for each in read(grants, "scheme", "check", "--folder", str(folder), code=1)]
    assert codes == ["unknown-office"]


def test_doubts_alone_are_no_failure(grants: Run, folder: Path) -> None:
    changed(folder, "last: null", "last: 2039-12-31")
    (doubt,) = read(grants, "scheme", "check", "tidewell-trust", "--folder", str(folder))
    assert (doubt["severity"], doubt["code"]) == ("doubt", "ends")


def test_an_office_is_vacant_on_a_day_on_which_nobody_holds_it(grants: Run, folder: Path) -> None:
    path = folder / "tidewell-trust" / "offices.yaml"
    path.write_text(path.read_text().replace("person: p-t-chair, office: chair, first: 2022-01-01", "person: p-t-chair, office: chair, first: 2023-01-01", 1))
    for day, codes in (("2022-12-31", ["vacant"]), ("2023-01-01", [])):
        assert [each["code"] for each in read(grants, "scheme", "check", "--folder", str(folder), "--on", day)] == codes


def test_an_organisation_that_nobody_described_is_not_found(grants: Run) -> None:
    code, _, err = grants("scheme", "check", "nobody")
    assert (code, "There is no organisation nobody" in err) == (4, True)


# Route ----------------------------------------------------------------------------------------------------------------


def test_a_route_is_explained_step_by_step_before_anything_is_drafted(grants: Run, tmp_path: Path) -> None:
    wish = (*WHAT_IF, "mopac", "--kind", "variation", "--verb", "approve", "--value", "£50,000.00", "--cumulative", "£100,000.01", "--contentious")
    found = read(grants, *wish, "--on", "2021-01-06", over=tmp_path)
    assert [(each["order"], each["whose"], each["says"]) for each in found["steps"]] == [
        (1, "finance", "advise"),
        (1, "legal", "advise"),
        (2, "chief-executive", "advise"),
        (4, "deputy-mayor", "decide"),
    ]
    reason = found["steps"][3]["reasons"][0]
    assert (reason["rule"], reason["rule_limit_pence"], reason["assumed"]) == ("deputy-mayor-grants", "any", False)
    assert reason["source"].startswith("Scheme of Consent and Delegation, paragraph 4.8")
    assert [(each["office"], each["limit_pence"], each["rule"]) for each in found["short"]] == [
        ("chief-executive", 10_000_000, "chief-executive-small-variations")
    ]
    assert (found["edition"], found["day"], found["refused"]) == ("2016-10", "2021-01-06", None)
    code, out, err = grants(*wish, over=tmp_path)
    assert (code, err) == (0, "")
    assert "asks £50,000.00, held against limits £100,000.01, variations £50,000.00 of £50,000.01; contentious" in out
    for words in ("Steps; those of one order run side by side", "Limits that the grant exceeds", "£100,000.00", "[finance-advice]", "assumed"):
        assert words in out


def test_a_limit_is_exceeded_by_a_penny_and_not_before(grants: Run) -> None:
    wish = (*WHAT_IF, "mopac", "--kind", "variation", "--value", "£100,000")
    assert read(grants, *wish)["short"] == []
    assert len(read(grants, *wish, "--cumulative", "£100,000.01")["short"]) == 1
    assert len(read(grants, *wish, "--business-case", "£100,000.01")["short"]) == 1


@pytest.mark.parametrize(("case", "limb"), [("£499,999.99", False), ("£500,000", True)])
def test_a_business_case_goes_by_its_own_limb(grants: Run, case: str, *, limb: bool) -> None:
    found = read(grants, *WHAT_IF, "mopac", "--kind", "bid", "--business-case", case)
    rules = [reason["rule"] for step in found["steps"] for reason in step["reasons"]]
    assert ("deputy-mayor-business-cases" in rules) is limb


def test_boards_and_marks_move_a_route(grants: Run) -> None:
    gated = read(grants, *WHAT_IF, "mopac", "--kind", "bid", "--board", "investment-board")
    assert [(each["whose"], each["board"]) for each in gated["steps"] if each["says"] == "gate"] == [("investment-board", "investment-board")]
    marked = read(grants, *WHAT_IF, "tidewell-trust", "--kind", "offer", "--verb", "accept", "--value", "£10,000", "--mark", "reserves")
    assert [each["whose"] for each in marked["steps"]] == ["finance-manager", "treasurer", "director"]
    _, out, _ = grants(*WHAT_IF, "tidewell-trust", "--mark", "reserves", "--business-case", "£1", "--terms-changed")
    assert "; terms changed; business case of £1.00; reserves" in out


def test_what_the_scheme_leaves_open_ends_with_five_and_the_rule(grants: Run) -> None:
    wish = (*WHAT_IF, "mopac", "--kind", "offer", "--verb", "accept", "--value", "£5,000", "--on", "2016-09-30")
    refused = read(grants, *wish, code=5)["refused"]
    assert refused["code"] == "scheme.no_edition"
    code, out, err = grants(*wish)
    assert (code, out) == (5, "")
    assert err.splitlines() == [
        "Error: No route: No edition of the scheme of delegation is in force on 2016-09-30, so nothing can be approved.",
        "Rule: scheme.no_edition (DESIGN §6; invariant 18)",
    ]


def test_groups_and_stand_ins_are_shown_with_the_step(grants: Run, folder: Path) -> None:
    changed(folder, "    office: finance-manager", "    office: finance-manager\n    stand_in: [bookkeeper]\n    group: money\n    quorum: 1")
    changed(folder, "    office: treasurer", "    office: treasurer\n    group: money\n    quorum: 1")
    wish = (*WHAT_IF, "tidewell-trust", "--folder", str(folder), "--kind", "offer", "--verb", "accept", "--value", "£60,000")
    steps = read(grants, *wish)["steps"]
    assert [(each["whose"], each["group"], each["quorum"], each["stand_in"]) for each in steps[:2]] == [
        ("finance-manager", "money", 1, ["bookkeeper"]),
        ("treasurer", "money", 1, []),
    ]
    _, out, _ = grants(*wish)
    assert "or bookkeeper in its place" in out
    assert "1 of the group money needed" in out


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ((), "Say either FILE and --grant GRANT, or --what-if and --organisation ORGANISATION."),
        (("--what-if",), "Say either FILE"),
        (("draft.yaml",), "Say either FILE"),
        (("draft.yaml", "--what-if", "--organisation", "mopac"), "Say either FILE"),
        (("--what-if", "--organisation", "mopac", "--kind", "loan"), "There is no loan: offer, agreement, variation, bid"),
        (("--what-if", "--organisation", "mopac", "--verb", "endorse"), "There is no endorse: approve, accept"),
        (("--what-if", "--organisation", "mopac", "--value", "250000"), "'250000' is no amount"),
        (("--what-if", "--organisation", "mopac", "--base", "-£1"), "-£1 lies below nothing"),
        (("--what-if", "--organisation", "mopac", "--kind", "bid", "--mark", ""), "There can be no such paper: marks.0: "),
    ],
)
def test_what_cannot_be_meant_is_said_with_what_to_write(grants: Run, wish: tuple[str, ...], said: str) -> None:
    code, out, err = grants("scheme", "route", *wish)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("wish", "sums"),
    [
        (WhatIf(("approve",), "variation", 30), (30, 30, 0, 30)),
        (WhatIf(("approve",), "variation", 30, 130), (30, 130, 100, 30)),
        (WhatIf(("approve",), "variation", 30, 130, 80), (30, 130, 80, 50)),
        (WhatIf(("accept",), "offer", 30, 130), (30, 130, 130, 0)),
        (WhatIf(("accept",), "offer", 30, 20), (30, 30, 30, 0)),
        (WhatIf(("accept",), "offer", 30, 20, 90), (30, 30, 90, 0)),
        (WhatIf(("note",), None, 0, business_case_pence=500), (0, 500, 0, 0)),
    ],
)
def test_the_sums_of_a_paper_that_nobody_drafted_follow_from_those_that_are_given(wish: WhatIf, sums: tuple[int, int, int, int]) -> None:
    found = wish.asked()
    assert (found.pence, found.cumulative_pence, found.base_pence, found.varied_pence) == sums


def test_a_kind_that_there_is_not_is_misused() -> None:
    with pytest.raises(MisusedError, match="There is no gift"):
        WhatIf(("approve",), "gift", 1).asked()


DRAFT = """
type: DraftPaper
actor: p-grants
body:
  paper: another
  title: More for an invented grant
  items: [{item: "1", verbs: [approve], words: More, instrument: %s, pence: {2020/21: "£267,354.64"}}]
  documents: []
  facts: {retrospective: false, novel: false, restricted: false, contentious: true}
"""


def drafted(tmp_path: Path, instrument: str = "variation-1") -> str:
    path = tmp_path / "draft.yaml"
    path.write_text(DRAFT % instrument)
    return str(path)


def test_a_draft_is_shown_its_route_in_the_grant_that_it_is_for(grants: Run, tmp_path: Path) -> None:
    found = read(grants, "scheme", "route", drafted(tmp_path), "--grant", "alpha-2020-21", "--on", "2021-01-04")
    assert [each["whose"] for each in found["steps"]] == ["finance", "legal", "chief-finance-officer", "chief-executive", "deputy-mayor"]
    assert found["day"] == "2021-01-04"
    asked = found["asked"]
    assert (asked["cumulative_pence"], asked["base_pence"], asked["varied_pence"]) == (174_666_080, 147_930_616, 26_735_464)


def test_a_draft_is_dated_the_grants_own_day_and_on_that_day_is_retrospective(grants: Run, tmp_path: Path) -> None:
    found = read(grants, "scheme", "route", drafted(tmp_path), "--grant", "alpha-2020-21")
    assert (found["day"], found["asked"]["retrospective"]) == ("2021-06-16", True)


def test_a_draft_about_what_the_grant_does_not_have_is_refused(grants: Run, tmp_path: Path) -> None:
    found = read(grants, "scheme", "route", drafted(tmp_path, "variation-9"), "--grant", "alpha-2020-21", code=5)
    assert (found["refused"]["code"], found["asked"], found["steps"]) == ("approval.unknown_instrument", None, [])


def test_only_a_paper_has_a_route(grants: Run, tmp_path: Path) -> None:
    path = tmp_path / "submit.yaml"
    path.write_text("{type: SubmitPaper, actor: p-grants, body: {paper: another}}")
    code, _, err = grants("scheme", "route", str(path), "--grant", "alpha-2020-21")
    assert code == 2
    assert "is no paper but SubmitPaper: a route is that of DraftPaper or EditPaper" in err
    code, _, err = grants("scheme", "route", drafted(tmp_path), "--grant", "nothing")
    assert (code, "There is no grant nothing" in err) == (4, True)


# Simulate -------------------------------------------------------------------------------------------------------------


def proposed(tmp_path: Path, old: str = "", new: str = "") -> str:
    text = (FOLDER / "mopac" / "scheme-2016-10.yaml").read_text()
    assert old in text
    path = tmp_path / "proposed.yaml"
    path.write_text(text.replace(old, new, 1).replace('edition: "2016-10"', 'edition: "2027"'))
    return str(path)


def test_the_edition_in_force_changes_no_route_of_the_past(grants: Run, tmp_path: Path) -> None:
    found = read(grants, "scheme", "simulate", proposed(tmp_path), "--since", "2016-10-01")
    assert found == {"organisation": "mopac", "edition": "2027", "since": "2016-10-01", "papers": 2, "unchanged": 2, "changed": []}


def test_a_proposed_edition_lists_each_route_that_it_would_change(grants: Run, tmp_path: Path) -> None:
    path = proposed(tmp_path, "office: legal\n    says: advise\n    order: 1", "office: chief-executive\n    says: advise\n    order: 1")
    found = read(grants, "scheme", "simulate", path, "--since", "2021-01-01")
    assert (found["papers"], found["unchanged"], len(found["changed"])) == (2, 0, 2)
    first = next(each for each in found["changed"] if each["grant"] == "alpha-2020-21")
    assert (first["paper"], first["was"], first["added"], first["removed"]) == ("paper-914", "2016-10", ["chief-executive to advise"], ["legal to advise"])
    assert (first["altered"], first["reordered"], first["refused"]) == ([], [], None)
    code, out, err = grants("scheme", "simulate", path, "--since", "2021-01-01")
    assert code == 0
    assert "removed: legal to advise" in out
    assert err == "2 papers submitted since 2021-01-01: 2 would go another way, 0 as before.\n"


def test_a_proposed_edition_that_would_refuse_a_paper_says_so(grants: Run, tmp_path: Path) -> None:
    path = proposed(tmp_path, "limit_pence: any", "limit_pence: null")
    found = read(grants, "scheme", "simulate", path, "--since", "2020-01-01", "--grant", "alpha-2020-21")
    (only,) = found["changed"]
    assert (found["papers"], only["refused"]["code"], only["added"]) == (1, "scheme.blank_limit", [])
    _, out, _ = grants("scheme", "simulate", path, "--since", "2020-01-01", "--grant", "alpha-2020-21")
    assert "refused: Rule deputy-mayor-grants of" in out


def test_only_papers_submitted_on_that_day_or_later_are_asked(grants: Run, tmp_path: Path) -> None:
    days = ("2021-01-07", "2021-01-08")
    asked_of = [read(grants, "scheme", "simulate", proposed(tmp_path), "--since", day, "--grant", "alpha-2020-21")["papers"] for day in days]
    assert asked_of == [1, 0]


def test_whose_edition_it_is_must_be_told_where_the_record_has_several(grants: Run, tmp_path: Path, every_life: Home) -> None:
    code, _, err = grants("scheme", "simulate", proposed(tmp_path), "--since", "2016-10-01", over=every_life.path)
    assert code == 2
    assert "The record has 2 organisations (mopac, tidewell-trust): say whose edition it is with --organisation" in err
    found = read(grants, "scheme", "simulate", proposed(tmp_path), "--since", "2016-10-01", "--organisation", "mopac", over=every_life.path)
    assert (found["papers"] > 5, found["changed"]) == (True, [])
    trusts = str(FOLDER / "tidewell-trust" / "scheme-2022.yaml")
    found = read(grants, "scheme", "simulate", trusts, "--since", "2022-01-01", "--organisation", "tidewell-trust", over=every_life.path)
    assert (found["papers"] > 2, found["changed"]) == (True, [])
    code, _, err = grants("scheme", "simulate", trusts, "--since", "2022-01-01", "--organisation", "nobody", over=every_life.path)
    assert (code, "The record has no organisation nobody" in err) == (4, True)


def test_a_file_that_is_no_edition_is_told_line_by_line(grants: Run, tmp_path: Path) -> None:
    code, _, err = grants("scheme", "simulate", proposed(tmp_path, "first: 2016-10-01", "first: soon"), "--since", "2016-10-01")
    assert (code, "proposed.yaml:5: first: input should be a valid date" in err) == (2, True)


def laid(*rules: Any) -> Route | Refusal:
    return route(edition(*rules), asked(), OFFICES, DAY)


def compared(was: Any, *rules: Any) -> dict[str, Any]:
    before = laid(*was)
    assert isinstance(before, Route)
    return differences(before, laid(*rules))


def test_the_same_says_in_the_same_order_are_no_change_whatever_their_numbers_and_reasons() -> None:
    later = DECIDES.model_copy(update={"order": 9, "because": "for another reason", "rule": "other"})
    assert compared(RULES, *RULES) == {}
    assert compared(RULES, FINANCE, LEGAL, later) == {}


def test_a_step_that_falls_away_reorders_nothing() -> None:
    between = rule("between", "chief-executive", "advise", 2)
    moved = DECIDES.model_copy(update={"order": 3})
    assert compared((FINANCE, between, moved), FINANCE, DECIDES)["reordered"] == []
    assert compared((FINANCE, between, moved), FINANCE, DECIDES)["removed"] == ["chief-executive to advise"]


def test_steps_that_change_places_are_reordered_and_one_that_says_otherwise_is_altered() -> None:
    second = FINANCE.model_copy(update={"order": 2})
    found = compared((FINANCE, LEGAL, DECIDES), second, LEGAL, DECIDES.model_copy(update={"order": 3}))
    assert (found["reordered"], found["added"], found["removed"], found["altered"]) == (["finance"], [], [], [])
    grouped = tuple(each.model_copy(update={"group": "advisers", "quorum": 1}) for each in (FINANCE, LEGAL))
    found = compared(RULES, *grouped, DECIDES)
    assert found["altered"] == [
        "finance to advise becomes finance to advise (1 of the group advisers are enough)",
        "legal to advise becomes legal to advise (1 of the group advisers are enough)",
    ]
