"""Acting by the command line on a real server: answers in the same breath, repeats, splits, signals by hand, rebuilding."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import CASES, ROOT, Installation

CASE = """\
case: {name}
title: A small grant
grant: {name}
organisation: mopac
hypothetical: true
facts:
  - {{fact: invented, says: All of it, mark: assumed, source: Invented}}
steps:
  - step: open
    by: p-grants
    command: OpenGrant
    facts: [invented]
    body: {{organisation: mopac, title: A small grant, clock: real, parties: [{{role: host, party: Host}}], hypothetical: true}}
  - step: agreement
    by: p-grants
    command: RecordExecution
    facts: [invented]
    body:
      agreement: agreement-1
      executed: "{{today}}"
      lines: [{{line: whole, year: "{{year}}", pence: "£1,000.00", categories: [pay]}}]
"""


@pytest.fixture
def grant(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A small open grant of this spec's own, on the real clock."""
    name = f"grant-{abs(hash(request.node.name)) % 10**8}"
    file = tmp_path / f"{name}.yaml"
    file.write_text(CASE.format(name=name))
    installation.grants("play", file)
    return name


def payment(**more: Any) -> str:
    return json.dumps({"type": "RecordDecision", "actor": "p-grants", "body": decision(), **more})


def decision() -> dict[str, Any]:
    item = {"item": "1", "verbs": ["ratify"], "words": "All", "instrument": "agreement-1", "pence": {year(): 100_000}, "outcome": "approved"}
    dates = {"decided": None, "date_signed": None, "date_published": None}
    return {"decision": "D 1", "maker": "Deputy Mayor", **dates, "document": {"kind": "decision", "kept": "here"}, "items": [item]}


def year() -> str:
    now = datetime.now(UTC)
    first = now.year if now.month >= 4 else now.year - 1
    return f"{first}/{(first + 1) % 100:02}"


def address(installation: Installation) -> str:
    return str(json.loads((installation.home / "run.json").read_text())["address"])


def temporal(installation: Installation, program: Path, grant: str, *arguments: str) -> None:
    """One command of Temporal's own command line about a grant's workflow."""
    command: list[str | Path] = [program, "workflow", arguments[0], "--address", address(installation), "--workflow-id", f"grant/{grant}", *arguments[1:]]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def signal(installation: Installation, program: Path, grant: str, name: str, *arguments: str) -> None:
    temporal(installation, program, grant, "signal", "--name", name, *arguments)


def test_a_command_is_answered_in_the_same_breath(installation: Installation, grant: str) -> None:
    assert [each["what"] for each in installation.read("show", grant)["exceptions"]] == ["late approval"]
    found = installation.read("do", grant, "-", given=payment())
    assert (found["outcome"], found["repeated"], found["refusal"]) == ("accepted", False, None)
    assert [each["type"] for each in found["events"]] == ["decision.recorded", "exception.closed"]


def test_the_same_command_again_is_a_repeat_and_another_under_its_id_is_refused(installation: Installation, grant: str) -> None:
    first = installation.read("do", grant, "-", given=payment(id="mine-1"))
    again = installation.read("do", grant, "-", given=payment(id="mine-1"))
    assert again == first | {"repeated": True}
    other = installation.read("do", grant, "-", given=payment(id="mine-1", actor="p-legal"), code=5)
    assert (other["refusal"]["code"], other["command_id"].split("#")[0]) == ("command.reused", "mine-1")


def test_a_refusal_ends_with_5_and_says_who_could(installation: Installation, grant: str) -> None:
    asked = json.dumps({"type": "StateExitStrategy", "actor": "p-legal", "body": {"covers": "a", "trigger": "b", "plan": "c"}})
    found = installation.grants("do", grant, "-", given=asked, code=5)
    assert "authority.not_mandated" in found.stdout
    assert re.search(r"Who could: .+ \(mps-project\), .+ \(grants-team\)", found.stdout)
    assert "What to do: Ask one of the offices named, or have the scheme of delegation give StateExitStrategy to yours." in found.stdout


def test_sent_without_waiting_it_is_decided_all_the_same(installation: Installation, grant: str) -> None:
    sent = installation.read("do", grant, "-", "--no-wait", given=payment(id="later-1"))
    assert (sent["command_id"], sent["outcome"]) == ("later-1", None)
    again = installation.read("do", grant, "-", given=payment(id="later-1"))
    assert again["outcome"] == "accepted"


def test_a_grant_that_nobody_opened_is_refused(installation: Installation) -> None:
    found = installation.read("do", "nobody-opened-this", "-", given=payment(), code=5)
    assert found["refusal"]["code"] == "grant.unknown"
    installation.grants("show", "nobody-opened-this", code=4)


def test_more_costs_than_one_command_may_carry_are_split(installation: Installation, grant: str) -> None:
    row = {"incurred": str(datetime.now(UTC).date()), "category": "pay", "line": "whole", "entity": "Host", "net_pence": 1, "basis": "actual", "kept": "here"}
    rows = [{"key": f"{grant}/{number}", "ledger_ref": f"GL-{number}", **row} for number in range(1_200)]
    found = installation.read("do", grant, "-", given=json.dumps({"type": "RecordCosts", "actor": "p-mps-bookkeeper", "body": {"rows": rows}}))
    assert len(found) > 1
    assert {each["outcome"] for each in found} == {"accepted"}
    assert installation.read("show", grant)["claimable_pence"] == 1_200


def test_a_signed_file_sent_by_hand_is_obeyed_and_anything_else_put_aside(
    installation: Installation, grant: str, tmp_path: Path, temporal_program: Path
) -> None:
    (tmp_path / "command.json").write_text(payment(id="by-hand"))
    (tmp_path / "signed.json").write_text(installation.grants("sign", tmp_path / "command.json", "--grant", grant).stdout)
    signal(installation, temporal_program, grant, "submit", "--input-file", str(tmp_path / "signed.json"))
    signal(installation, temporal_program, grant, "submit", "--input", '{"command": 1}')
    signal(installation, temporal_program, grant, "Whatever", "--input-file", str(tmp_path / "signed.json"))
    signal(installation, temporal_program, grant, "submit")
    asked = json.dumps({"type": "RecordAssessment", "actor": "p-grants", "id": "after", "body": {"form": "dpia", "outcome": "done"}})
    assert installation.read("do", grant, "-", given=asked)["outcome"] == "accepted"
    events = installation.history(grant)
    assert [each["type"] for each in events if each["command_id"] == "by-hand"] == ["decision.recorded", "exception.closed"]
    aside = [each["detail"] for each in events if each["type"] == "message.quarantined"]
    assert [each["reason"] for each in aside] == ["message.unreadable", "message.name", "message.payloads"]
    assert all(len(each["sha256"]) == 64 for each in aside)
    assert installation.read("audit", "verify")["ok"]


def test_a_message_too_large_for_the_server_is_refused_to_its_sender(installation: Installation, grant: str) -> None:
    huge = json.dumps({"type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": "x"}, "sealed": {"text": "x" * 3_000_000}})
    ended = installation.grants("do", grant, "-", given=huge, code=2)
    assert "does not take this message" in ended.stderr


def test_a_terminated_workflow_is_rebuilt_from_the_record(installation: Installation, grant: str, temporal_program: Path) -> None:
    before = installation.history(grant)
    temporal(installation, temporal_program, grant, "terminate", "--reason", "spec")
    assert installation.read("ops", "rebuild", grant) == [{"grant": grant, "started": True}]
    assert installation.read("ops", "rebuild", grant) == [{"grant": grant, "started": False}]
    assert installation.history(grant) == before
    assert installation.read("do", grant, "-", given=payment())["outcome"] == "accepted"


def test_a_play_that_does_not_go_as_expected_says_where_and_ends_with_1(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    wrong = "{refused: grant.closed, source: 'DESIGN §2, Fact and Act'}"
    file.write_text(CASE.format(name="wrong") + f"    expect: {wrong}\n")
    ended = installation.grants("play", file, code=1)
    assert "wrong, step agreement: expected refused grant.closed (DESIGN §2, Fact and Act); came accepted" in ended.stderr


def test_the_case_of_the_page_about_cases_plays_as_it_stands_there(installation: Installation, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "cases.md").read_text()
    (tmp_path / "small.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    played = installation.read("play", tmp_path / "small.yaml")
    assert [(each["case"], each["accepted"], each["refused"], each["fault"]) for each in played] == [("small", 2, 1, None)]


def test_the_organisation_and_the_whole_life_of_the_pages_play_to_the_close(installation: Installation, tmp_path: Path) -> None:
    """As a stranger would who has only the pages: an organisation in a folder of one's own, adopted, and a grant of it."""
    home = tmp_path / "reading-room"
    home.mkdir()
    for name, text in re.findall(r"`([\w-]+\.yaml)`:\n\n```yaml\n(.*?)```", (ROOT / "docs" / "organisations.md").read_text(), re.DOTALL):
        (home / name).write_text(text)
    (tmp_path / "books.yaml").write_text((ROOT / "docs" / "cases.md").read_text().split("```yaml\n")[2].split("```")[0])
    installation.grants("adopt", "reading-room", "--folder", tmp_path)
    played = installation.read("play", tmp_path / "books.yaml")
    assert [(each["case"], each["refused"], each["fault"]) for each in played] == [("books", 1, None)]
    shown = installation.read("show", "books")
    assert [shown[name] for name in ("stage", "cap_pence", "agreed_pence", "received_pence", "lapsed_pence")] == ["closed", 100_000, 64_050, 64_050, 35_950]


def test_a_malformed_case_sends_nothing(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "malformed.yaml"
    file.write_text(CASE.format(name="malformed").replace("categories: [pay]", "categories: pay"))
    ended = installation.grants("play", file, CASES / "alpha-2020-21.yaml", code=2)
    assert "malformed.yaml:" in ended.stderr
    assert "body.lines.0.categories" in ended.stderr
    installation.grants("history", "malformed", code=4)


def test_an_organisation_is_adopted_again_by_whom_its_scheme_names(installation: Installation, grant: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "organisations" / "mopac", tmp_path / "mopac")
    file = tmp_path / "mopac" / "organisation.yaml"
    file.write_text(file.read_text().replace("closed: []", "closed: [{day: 2039-12-28, reason: Closed}]"))
    adopt = ("adopt", "mopac", "--folder", tmp_path)
    assert "AdoptOrganisation" in installation.grants(*adopt, "--as", "p-legal", code=5).stderr
    installation.grants(*adopt, "--as", "p-chief-executive")
    installation.grants(*adopt)
    adopted = [each for each in installation.history("organisation/mopac") if each["type"] == "organisation.adopted"]
    assert [each["actor"] for each in adopted] == ["operator", "p-chief-executive"]
    file.write_text(file.read_text().replace("country: GB", "countries: GB"))
    assert "organisation.yaml:" in installation.grants(*adopt, code=2).stderr
    taken = installation.read("do", grant, "-", given=json.dumps({"type": "AdoptPolicy", "actor": "p-grants", "body": {}}))
    assert [each["type"] for each in taken["events"]] == ["policy.adopted"]


def test_an_installation_that_is_up_says_so(installation: Installation) -> None:
    assert "is up already" in installation.grants("up", "--detach", code=1).stderr
    assert "is up already" in installation.grants("demo", code=1).stderr
    checks = {each["check"]: each["verdict"] for each in installation.read("doctor")["checks"]}
    assert (checks["Temporal"], checks["worker"]) == ("ok", "ok")
