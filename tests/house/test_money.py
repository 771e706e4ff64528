"""Pence are whole: nothing on the way of money knows a float."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import at, python, tree

MONEY_PATH = ("domain", "store", "activities")


@pytest.mark.parametrize("path", python(*MONEY_PATH), ids=at)
def test_no_float_stands_in_a_money_path(path: Path) -> None:
    floats = [at(path, node) for node in ast.walk(tree(path)) if is_float(node)]
    assert floats == []


@pytest.mark.parametrize("path", python("domain"), ids=at)
def test_the_domain_divides_whole_numbers_only(path: Path) -> None:
    divisions = [at(path, node) for node in ast.walk(tree(path)) if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)]
    assert divisions == []


@pytest.mark.parametrize("text", ["0.5", "x: float", "float(pence)", "1j", "round(pence * 1e2)"])
def test_a_float_is_found_however_it_is_written(text: str) -> None:
    assert any(is_float(node) for node in ast.walk(ast.parse(text)))


def is_float(node: ast.AST) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)) or (isinstance(node, ast.Name) and node.id == "float")
