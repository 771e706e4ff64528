"""Break-glass opens reading and creates no authority: no rule outside the room of Part 2 so much as looks at an access."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import at, imports, python, tree

OWN = {"domain/accesses.py", "domain/break_glass.py", "domain/restricted.py"}
"""Where reading is decided."""

LOOKS = {"accesses", "unreported", "scope", "lapsed_at"}
"""What whoever asks about accesses would read."""

TOLD = {"domain/between.py"}
"""What hands that room the policy and the organisation, and asks nothing of it."""


@pytest.mark.parametrize("path", [each for each in python("domain") if at(each) not in OWN], ids=at)
def test_no_rule_outside_reading_looks_at_an_access(path: Path) -> None:
    looked = [at(path, node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in LOOKS]
    taken = [at(path, node) for node, name in imports(path) if name.startswith(("domain.break_glass", "domain.accesses")) and at(path) not in TOLD]
    assert [*looked, *taken] == []


def test_the_search_finds_where_accesses_are_looked_at() -> None:
    found = {at(path) for path in python("domain") for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in LOOKS}
    assert found == OWN
