"""A malformed case, organisation or command: said with file, line and field, with the right exit code, and nothing is sent."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.home import Home
from app.reader import reading
from tests.e2e.installation import CASES, ROOT, Installation

CASE = (CASES / "today.yaml").read_text()
CASE_FAULTS = {
    "no YAML": ("facts:", "facts: [", "not YAML"),
    "a command that is none": ("command: OpenGrant", "command: OpenGrants", "steps.0.command: there is no command OpenGrants"),
    "an impossible date": ('decided: "{today}"', 'decided: "2026-02-30"', "steps.1.body.decided"),
    "a fact that nobody stated": ("facts: [route]", "facts: [rout]", "there is no fact rout"),
}
COMMAND = {"type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": "done"}}


@pytest.fixture(autouse=True)
def nothing_is_sent(alpha: Installation) -> Iterator[None]:
    """Whatever the files say, the record stays as it is, and no workflow has begun or heard anything."""
    before = size(alpha)
    yield
    assert size(alpha) == before


def size(there: Installation) -> int:
    with reading(Home(there.home)) as reader:
        return reader.log.size()


@pytest.mark.parametrize("what", CASE_FAULTS)
def test_a_malformed_case_is_said_with_line_and_field(alpha: Installation, tmp_path: Path, what: str) -> None:
    text, instead, said = CASE_FAULTS[what]
    assert text in CASE
    file = tmp_path / "case.yaml"
    file.write_text(CASE.replace("grant: today", "grant: malformed").replace(text, instead, 1))
    line = next(number for number, each in enumerate(file.read_text().splitlines(), 1) if instead.splitlines()[-1] in each)
    complained = alpha.grants("play", file, CASES / "alpha-2020-21.yaml", code=2).stderr
    assert said in complained
    assert f"{file}:" in complained
    assert f"{file}:{line}:" in complained or what == "no YAML"


def test_a_malformed_organisation_is_said_with_line_and_field(alpha: Installation, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "organisations" / "mopac", tmp_path / "mopac")
    file = tmp_path / "mopac" / "offices.yaml"
    lines = file.read_text().splitlines()
    number = next(number for number, each in enumerate(lines) if "person:" in each)
    lines[number] = lines[number].replace("person:", "persons:", 1)
    file.write_text("\n".join(lines))
    complained = alpha.grants("adopt", "mopac", "--as", "p-chief-executive", "--folder", tmp_path, code=2).stderr
    assert f"{file}:{number + 1}:" in complained
    alpha.grants("adopt", "nobodys", "--folder", tmp_path, code=4)


@pytest.mark.parametrize("command", [("do", "alpha-2020-21"), ("sign", "--grant", "alpha-2020-21")], ids=" ".join)
def test_a_malformed_command_is_neither_sent_nor_signed(alpha: Installation, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "command.yaml"
    file.write_text("type: RecordAssessment\nactor: p-grants\nbody:\n  form: dpia\n  outcome: [done]\n")
    ended = alpha.grants(*command, file, code=2)
    assert f"{file}:5: body.outcome: " in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "file: "),
        (json.dumps({**COMMAND, "type": "EmptyTheTill"}), ":1: type: there is no command EmptyTheTill"),
        (json.dumps({**COMMAND, "grant": "another"}), "names another, but it is sent to alpha-2020-21"),
        (json.dumps({**COMMAND, "body": {"form": "dpia", "outcome": 1.5}}), "1.5"),
    ],
)
def test_a_malformed_command_is_said_with_line_and_field(alpha: Installation, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "command.yaml"
    file.write_text(text)
    complained = alpha.grants("do", "alpha-2020-21", file, code=2).stderr
    assert f"{file}:" in complained
    assert said in complained
