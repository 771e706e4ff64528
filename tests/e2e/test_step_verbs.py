"""The verbs of a paper's further steps, on a real server: endorse and object, withdraw, recuse, delegate, pause, in principle, conditions."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import Installation
from tests.e2e.test_verbs import CASE, COVERED, PAPER


@pytest.fixture
def grant(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    name = f"newer-{zlib.crc32(request.node.name.encode())}"
    file = tmp_path / f"{name}.yaml"
    file.write_text(CASE.format(name=name, paper=PAPER.replace("WORDS", "An uplift")))
    installation.grants("play", file)
    return name


def types(installation: Installation, verb: str, grant: str, *arguments: str) -> list[str]:
    found: dict[str, Any] = installation.read(verb, grant, "more", *arguments, "--yes")
    return [each["type"] for each in found["events"]]


def advised(installation: Installation, grant: str) -> None:
    types(installation, "endorse", grant, "--as", "p-finance", "--at", "2021-01-11T10:00Z")
    types(installation, "advise", grant, "--as", "p-legal", "--object", "--comment", "Too soon", "--at", "2021-01-11T11:00Z")


def test_an_adviser_endorses_objects_and_takes_it_back_before_the_next_step(installation: Installation, grant: str) -> None:
    advised(installation, grant)
    (paper,) = installation.read("show", grant)["papers"]
    assert [each["view"] for each in paper["steps"][:2]] == ["endorse", "object"]
    assert types(installation, "withdraw-step", grant, "--as", "p-legal", "--reason", "Misread", "--at", "2021-01-11T12:00Z")[0].startswith("step.")


def test_a_decision_is_in_principle_or_under_a_condition(installation: Installation, grant: str) -> None:
    advised(installation, grant)
    at = ("--at", "2021-01-12T10:00Z")
    condition = "audit finance 2021-06-30: The audit is shown"
    done = types(installation, "approve", grant, *COVERED, "--item", "1", "--condition", condition, "--others", "note", *at)
    assert "paper.decided" in done


def test_an_approval_in_principle_authorises_no_money(installation: Installation, grant: str) -> None:
    advised(installation, grant)
    assert "paper.decided" in types(installation, "approve", grant, *COVERED, "--in-principle", "--at", "2021-01-12T10:00Z")
    (paper,) = installation.read("show", grant)["papers"]
    assert {each["outcome"] for each in paper["items"]} == {"approved_in_principle"}


def test_a_person_stands_aside(installation: Installation, grant: str) -> None:
    assert types(installation, "recuse", grant, "--as", "p-finance", "--reason", "A relation works there") == ["step.recused"]
    refused = installation.read("advise", grant, "more", "--as", "p-finance", "--comment", "Yes", "--yes", code=5)
    assert refused["refusal"]["code"] == "duty.recused"


def test_a_step_is_delegated_to_another_office(installation: Installation, grant: str) -> None:
    advised(installation, grant)
    passed = ("delegate", grant, "--as", "p-deputy-mayor", "--to", "chief-executive", "--reason", "Away", "--at", "2021-01-18T10:00Z")
    assert types(installation, *passed) == ["step.delegated"]
    decided = types(installation, "approve", grant, "--as", "p-chief-executive", "--at", "2021-01-18T11:00Z")
    assert decided[:2] == ["step.decided", "paper.decided"]


def test_a_paper_is_paused_and_chased_again(installation: Installation, grant: str) -> None:
    assert types(installation, "pause", grant, "--as", "p-grants", "--until", "2021-01-29", "--reason", "The funder confirms the sum") == ["paper.paused"]
    assert types(installation, "resume", grant, "--as", "p-grants", "--reason", "It has answered") == ["paper.resumed"]
