"""Every code in ``docs/refusals.md`` stands in a spec that expects it, or in a case that does."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from domain.model import RULES
from tests.house.source import ROOT, python, tree
from tools.vocabulary import load

EXPECTED = re.compile(r"refused: ([a-z_]+\.[a-z_]+)")

load()


@pytest.mark.parametrize("code", RULES)
def test_a_refusal_is_expected_somewhere(code: str) -> None:
    assert code in expected()


@pytest.mark.parametrize("code", RULES)
def test_the_page_of_refusals_says_of_each_code_what_to_do(code: str) -> None:
    (row,) = (each for each in (ROOT / "docs" / "refusals.md").read_text().splitlines() if each.startswith(f"| `{code}` |"))
    assert all(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1])


@cache
def expected() -> frozenset[str]:
    """Each whole string in a spec outside this folder, and each refusal that a case expects."""
    files = [path for path in python("tests") if "house" not in path.relative_to(ROOT / "tests").parts]
    written = {node.value for path in files for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(written).union(*(EXPECTED.findall(path.read_text()) for path in sorted((ROOT / "cases").rglob("*.yaml"))))
