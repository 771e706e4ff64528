"""The steps of a paper by the command line's own verbs, on a real server: a whole approval, with refusals, cover, and an edit in between."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import GRANTS, ROOT, Installation

CASE = """\
case: {name}
title: A small approval
grant: {name}
organisation: mopac
hypothetical: true
facts:
  - {{fact: invented, says: All of it, mark: assumed, source: Invented}}
steps:
  - step: open
    at: 2021-01-04T09:00Z
    by: p-grants
    command: OpenGrant
    facts: [invented]
    body: {{organisation: mopac, title: A small approval, clock: rehearsal, parties: [{{role: host, party: Host}}], hypothetical: true}}
  - step: agreement
    at: 2021-01-04T10:00Z
    by: p-grants
    command: RecordExecution
    facts: [invented]
    body: {{agreement: agreement-1, executed: "2020-06", lines: [{{line: whole, year: 2020/21, pence: "£600,000.00", categories: [pay]}}]}}
  - step: offered
    at: 2021-01-05T10:00Z
    by: p-grants
    command: ReceiveVariation
    facts: [invented]
    body:
      variation: variation-1
      agreement: agreement-1
      letter_date: 2021-01-05
      made_available: 2021-01-05
      planned: {{first: 2021-01-06, last: 2021-03-31}}
      lines: [{{line: more, year: 2020/21, pence: "£500.00", categories: [pay]}}]
  - step: draft
    at: 2021-01-06T10:00Z
    by: p-grants
    command: DraftPaper
    facts: [invented]
    body: {paper}
  - {{step: submit, at: 2021-01-06T11:00Z, by: p-grants, command: SubmitPaper, facts: [invented], saw: current, body: {{paper: more}}}}
"""
ITEMS = '[{item: "1", verbs: [approve], words: WORDS, instrument: variation-1, pence: {2020/21: "£500.00"}}, {item: "2", verbs: [note], words: The plan}]'
PAPER = f"{{paper: more, title: More, items: {ITEMS}, documents: [], facts: {{retrospective: false, novel: false, restricted: false}}}}"
COVERED = ("--as", "p-chief-executive", "--for", "p-deputy-mayor")
MADE = ("--yes", "--at")


@pytest.fixture
def grant(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A rehearsed grant of this spec's own, whose paper waits for its advisers."""
    name = f"verbs-{abs(hash(request.node.name)) % 10**8}"
    file = tmp_path / f"{name}.yaml"
    file.write_text(CASE.format(name=name, paper=PAPER.replace("WORDS", "An uplift")))
    installation.grants("play", file)
    return name


def said(installation: Installation, verb: str, grant: str, *arguments: str, code: int = 0) -> Any:
    return installation.read(verb, grant, *arguments, code=code)


def refusal(installation: Installation, verb: str, grant: str, *arguments: str) -> str:
    return str(said(installation, verb, grant, *arguments, code=5)["refusal"]["code"])


def advised_by_all(installation: Installation, grant: str, day: str) -> None:
    for person in ("p-finance", "p-legal"):
        said(installation, "advise", grant, "more", "--as", person, "--comment", "No reason against", *MADE, f"{day}T10:00Z")


def paper_of(installation: Installation, grant: str) -> dict[str, Any]:
    (found,) = installation.read("show", grant)["papers"]
    return dict(found)


def test_a_paper_is_refused_to_its_drafter_sent_back_by_cover_edited_and_approved_at_a_lower_amount(installation: Installation, grant: str) -> None:
    assert refusal(installation, "approve", grant, "more", "--as", "p-grants", "--yes") == "duty.own_paper"
    assert refusal(installation, "approve", grant, "more", "--as", "p-deputy-mayor", "--yes") == "approval.not_yet"
    advised_by_all(installation, grant, "2021-01-11")
    seen = paper_of(installation, grant)["content"]
    back = said(installation, "send-back", grant, "more", *COVERED, "--reason", "The sum is not shown", *MADE, "2021-01-12T10:00Z")
    assert [each["type"] for each in back["events"]] == ["step.sent_back"]
    edited = PAPER.replace("WORDS", "An uplift as shown").removesuffix("}") + ", reason: shown}"
    edit = f"type: EditPaper\nactor: p-grants\nat: 2021-01-12T11:00Z\ncontent: current\nbody: {edited}\n"
    installation.read("do", grant, "-", given=edit)
    installation.read("do", grant, "-", given="{type: SubmitPaper, actor: p-grants, at: 2021-01-12T12:00Z, content: current, body: {paper: more}}")
    advised_by_all(installation, grant, "2021-01-13")
    lower = ("more", *COVERED, "--item", "1", "--lower", "2020/21=£400.00", "--at", "2021-01-14T10:00Z")
    assert refusal(installation, "approve", grant, *lower, "--content", seen) == "command.stale"
    decided = said(installation, "approve", grant, *lower, "--content", paper_of(installation, grant)["content"])
    assert [each["type"] for each in decided["events"]][:2] == ["step.decided", "paper.decided"]
    assert [(each["item"], each["outcome"], each["decided_pence"]) for each in paper_of(installation, grant)["items"]] == [
        ("1", "approved_lower", {"2020/21": 40_000}),
        ("2", "approved", {}),
    ]
    again = said(installation, "decline", grant, "more", "--as", "p-deputy-mayor", "--reason", "Too late", "--yes", code=5)
    assert (again["refusal"]["code"], again["refusal"]["remedy"][:4]) == ("approval.already_decided", "Read")


def test_on_a_terminal_the_paper_is_shown_first_and_nothing_is_sent_unless_it_is_confirmed(installation: Installation, grant: str) -> None:
    before = installation.history(grant)
    asked = ("advise", grant, "more", "--as", "p-finance", "--comment", "Affordable")
    code, shown = typed(installation, "n\n", *asked)
    assert (code, installation.history(grant)) == (1, before)
    for words in ("An uplift", "£500.00", "p-finance would advise on more as finance", "Nothing was sent."):
        assert words in shown
    code, shown = typed(installation, "y\n", *asked)
    assert (code, "finance advised on more" in shown) == (0, True)
    assert [each["type"] for each in installation.history(grant)][len(before) :] == ["step.advised"]


def typed(installation: Installation, keys: str, *arguments: str) -> tuple[int, str]:
    """What a command prints on a terminal, and its exit code, where a person types these keys."""
    ours, theirs = pty.openpty()
    variables = {**os.environ, "GRANTS_HOME": str(installation.home), "COLUMNS": "200"}
    with subprocess.Popen([*GRANTS, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=variables, cwd=ROOT) as ran:
        os.close(theirs)
        os.write(ours, keys.encode())
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return ran.returncode, shown.decode()


def _read(ours: int) -> bytes:
    """What the terminal shows next; nothing once the program has ended, which a terminal says as an error."""
    try:
        return os.read(ours, 65_536)
    except OSError:
        return b""


def test_an_outcome_of_a_verb_can_be_asked_for_like_any_other(installation: Installation, grant: str) -> None:
    sent = said(installation, "advise", grant, "more", "--as", "p-legal", "--comment", "None", "--yes")
    assert installation.read("outcome", sent["command_id"]) == sent | {"repeated": True}
    assert json.dumps(sent)
