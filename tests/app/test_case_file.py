"""Cases: ours hold together, and a broken one is refused with the line and field of everything wrong in it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.case_file import Shown, read_case, tokens
from app.errors import MalformedFileError
from app.schemas import case_schema, command_schema
from app.yaml_file import read_yaml

CASES = sorted((Path(__file__).parents[2] / "cases").glob("*.yaml"))
TODAY = date(2026, 11, 22)

WHOLE = """\
case: small
title: A small case
grant: small
organisation: mopac
facts:
  - {fact: base, says: The cap, value: "£600.00", mark: assumed, source: Invented}
  - {fact: more, says: Twice that, value: "£1,200.00", mark: derived, sum: base * 2}
steps:
  - step: open
    at: 2020-07-01T08:00Z
    by: p-grants
    command: OpenGrant
    facts: [base]
    body:
      organisation: mopac
      title: A small case
      clock: rehearsal
      parties: []
  - step: submit
    at: 2020-07-02T08:00Z
    by: p-grants
    command: SubmitPaper
    facts: [base, more]
    saw: current
    body: {paper: p}
    expect: {refused: approval.no_paper, source: "DESIGN §2, Paper"}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "small.yaml"
    path.write_text(text)
    return path


def faults(folder: Path, old: str, new: str) -> list[tuple[int, str, str]]:
    assert old in WHOLE
    with pytest.raises(MalformedFileError) as raised:
        read_case(written(folder, WHOLE.replace(old, new)), TODAY)
    return [(each.line, each.field, each.what) for each in raised.value.problems]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_our_cases_hold_together(path: Path) -> None:
    case = read_case(path, TODAY)
    assert case.case == path.stem
    assert {each.command for each in case.steps} >= {"OpenGrant", "DraftPaper"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_our_cases_are_valid_by_the_published_schema(path: Path) -> None:
    validator = Draft202012Validator(case_schema())
    assert [each.message for each in validator.iter_errors(read_yaml(path, tokens(TODAY)).value)] == []


@pytest.mark.parametrize(
    ("at", "wrong"),
    [
        (("steps", 0, "command"), "OpenTheGrant"),
        (("steps", 0, "body", "clock"), "slow"),
        (("steps", 0, "body", "title"), None),
        (("facts", 0, "mark"), "guessed"),
        (("steps", 1, "expect"), {"refused": "x"}),
        (("steps", 1, "by"), ""),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path, at: tuple[str | int, ...], wrong: Any) -> None:
    value: Any = read_yaml(written(tmp_path, WHOLE)).value
    schema = Draft202012Validator(case_schema())
    assert schema.is_valid(value)
    place = value
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = wrong
    assert not schema.is_valid(value)
    (tmp_path / "wrong.yaml").write_text(json.dumps(value))
    with pytest.raises(MalformedFileError):
        read_case(tmp_path / "wrong.yaml", TODAY)


def test_the_schemas_are_schemas() -> None:
    Draft202012Validator.check_schema(case_schema())
    Draft202012Validator.check_schema(command_schema())


def test_a_whole_case_is_read(tmp_path: Path) -> None:
    case = read_case(written(tmp_path, WHOLE), TODAY)
    command = case.command_of(case.steps[0], None)
    assert (command.id, command.grant, command.actor) == ("small/open", "small", "p-grants")
    assert command.body == {"organisation": "mopac", "title": "A small case", "clock": "rehearsal", "parties": []}


def test_a_case_says_what_is_asked_of_its_grant_and_what_is_played_before_it(tmp_path: Path) -> None:
    plain = read_case(written(tmp_path, WHOLE), TODAY)
    asked = "after: [earlier]\nshow:\n  - {title: Then, as_of: 2020-06, known_at: 2020-07-01T08:00Z}\ndecision: PCD 1\nfacts:"
    case = read_case(written(tmp_path, WHOLE.replace("facts:", asked, 1)), TODAY)
    assert (plain.after, plain.show, plain.decision) == ((), (), None)
    assert (case.after, case.show, case.decision) == (("earlier",), (Shown(title="Then", as_of="2020-06", known_at="2020-07-01T08:00Z"),), "PCD 1")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('value: "£1,200.00"', 'value: "£1,200.01"', (7, "facts.1.sum", "comes out as 120000, not 120001")),
        ("sum: base * 2", "sum: bass * 2", (7, "facts.1.sum", "'bass' is no earlier fact with a number")),
        ("mark: derived, sum: base * 2", "mark: stated, source: x, sum: base", (7, "facts.1.mark", "a derived fact, and no other, gives its sum")),
        ("mark: assumed, source: Invented", "mark: assumed", (6, "facts.0.mark", "a fact that is assumed gives its source")),
        ("command: SubmitPaper", "command: PostPaper", (22, "steps.1.command", "there is no command PostPaper; grants schema lists them")),
        ("facts: [base]", "facts: [bass]", (13, "steps.0.facts", "there is no fact bass")),
        ("step: submit", "step: open", (19, "steps.1.step", "open stands twice")),
        ("    saw: current\n", "", (19, "steps.1", "SubmitPaper binds what its actor saw: say saw: current, or the step after which they saw it")),
        ("saw: current", "saw: later", (24, "steps.1.saw", "there is no earlier step later")),
        ("    facts: [base]\n", "    facts: [base]\n    saw: current\n", (14, "steps.0.saw", "OpenGrant binds no content")),
        ("    at: 2020-07-02T08:00Z\n", "", (19, "steps.1", "a step of a rehearsal says at which instant (at)")),
        ("2020-07-02T08:00Z", "2020-06-30T08:00Z", (20, "steps.1.at", "lies before the step above it")),
        ("clock: rehearsal", "clock: real", (10, "steps.0.at", "a step on the real clock happens when it is played: leave at out")),
        ("      parties: []\n", "      partys: []\n", (18, "steps.0.body.partys", "extra inputs are not permitted")),
        ("{paper: p}", "{paper: '?'}", (25, "steps.1.body.paper", "string should match pattern '^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}$'")),
        ("2020-07-01T08:00Z", "2020-07-01T08:00", (10, "steps.0.at", "input should have timezone info")),
        ("2020-07-01T08:00Z", "2020-07-01T08:00+01:00", (10, "steps.0.at", "value error, an instant is written in UTC, with Z")),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_field(tmp_path: Path, old: str, new: str, fault: tuple[int, str, str]) -> None:
    assert fault in faults(tmp_path, old, new)


def test_tokens_stand_for_days_around_today_and_for_its_financial_year() -> None:
    fill = tokens(date(2027, 2, 10))
    assert fill("{today} {today+14} {today-41}") == "2027-02-10 2027-02-24 2026-12-31"
    assert fill("{year} {year-first} {year-last}") == "2026/27 2026-04-01 2027-03-31"
    assert fill("{tomorrow} {today*2}") == "{tomorrow} {today*2}"


def test_the_invented_grant_is_dated_from_the_day_it_is_played() -> None:
    path = next(each for each in CASES if each.stem == "today")
    offered = {step.step: step for step in read_case(path, date(2027, 4, 3)).steps}["offered"]
    assert offered.body["planned"] == {"first": "2027-04-03", "last": "2028-03-31"}
