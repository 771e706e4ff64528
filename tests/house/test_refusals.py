"""Every code in ``docs/refusals.md`` stands in a spec that expects it, or in a case that does."""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache

import pytest
from typer.core import TyperArgument, TyperGroup
from typer.main import get_command

from app.cli.main import app
from domain.model import COMMANDS, RULES
from tests.house.source import ROOT, python, tree
from tools.vocabulary import load

GIVEN = re.compile(r"`grants ([^`]+)`")
TYPE = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")
EXPECTED = re.compile(r"refused: ([a-z_]+\.[a-z_]+)")

load()


@pytest.mark.parametrize("code", RULES)
def test_a_refusal_is_expected_somewhere(code: str) -> None:
    assert code in expected()


@pytest.mark.parametrize("code", RULES)
def test_the_page_of_refusals_says_of_each_code_what_to_do(code: str) -> None:
    (row,) = (each for each in (ROOT / "docs" / "refusals.md").read_text().splitlines() if each.startswith(f"| `{code}` |"))
    assert all(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1])


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if GIVEN.search(rule.remedy)])
def test_what_a_remedy_bids_to_run_is_a_command_with_such_arguments(code: str) -> None:
    assert [fault for line in GIVEN.findall(RULES[code].remedy) if (fault := misnamed(shlex.split(line)))] == []


@pytest.mark.parametrize("code", RULES)
def test_what_a_rule_bids_to_send_is_a_command(code: str) -> None:
    named = TYPE.findall(f"{RULES[code].words} {RULES[code].remedy}")
    assert [each for each in named if each not in COMMANDS] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("break-glass report {month}", None),
        ("show --json", None),
        ("schema command", None),
        ("audit", None),
        ("break-glass tell", "break-glass has no tell"),
        ("reports", "grants has no reports"),
        ("show --yesterday", "show has no --yesterday"),
        ("doctor {grant}", "doctor takes no {grant}"),
    ],
)
def test_a_line_that_names_no_command_is_found(line: str, fault: str | None) -> None:
    assert misnamed(shlex.split(line)) == fault


def misnamed(words: list[str]) -> str | None:
    """What is wrong with the words after ``grants``: no such command, option or further argument; null: nothing. Arguments may be left out."""
    command, name = get_command(app), "grants"
    while words and isinstance(command, TyperGroup):
        if words[0] not in command.commands:
            return f"{name} has no {words[0]}"
        name, command, words = words[0], command.commands[words[0]], words[1:]
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    if unknown := [each for each in words if each.startswith("-") and each not in options]:
        return f"{name} has no {unknown[0]}"
    places = sum(100 if each.nargs < 0 else each.nargs for each in command.params if isinstance(each, TyperArgument))
    beyond = [each for each in words if not each.startswith("-")][places:]
    return f"{name} takes no {beyond[0]}" if beyond else None


@cache
def expected() -> frozenset[str]:
    """Each whole string in a spec outside this folder, and each refusal that a case expects."""
    files = [path for path in python("tests") if "house" not in path.relative_to(ROOT / "tests").parts]
    written = {node.value for path in files for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(written).union(*(EXPECTED.findall(path.read_text()) for path in sorted((ROOT / "cases").rglob("*.yaml"))))
