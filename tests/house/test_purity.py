"""The domain is a set of pure functions: no clock, no ids, no chance, no machine; and who verifies needs nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import ROOT, at, imports, python, tree

PURE = {
    *("__future__", "abc", "base64", "binascii", "bisect", "calendar", "collections", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "hashlib", "heapq", "itertools", "json", "operator", "re", "string", "textwrap", "types", "typing", "zoneinfo"),
    *("pydantic", "domain"),
}
"""What the domain may import: what gives the same answer on every machine, at every time."""

CLOCKS = {"now", "today", "utcnow"}
MACHINE = {"open", "input", "print", "eval", "exec", "__import__"}


@pytest.mark.parametrize("path", python("domain"), ids=at)
def test_the_domain_imports_only_what_is_pure(path: Path) -> None:
    foreign = [f"{at(path, node)} {name}" for node, name in imports(path) if name.split(".")[0] not in PURE]
    assert foreign == []


@pytest.mark.parametrize("path", python("domain"), ids=at)
def test_the_domain_asks_neither_the_clock_nor_the_machine(path: Path) -> None:
    asked = [at(path, node) for node in ast.walk(tree(path)) if asks(node)]
    assert asked == []


@pytest.mark.parametrize("text", ["datetime.now(UTC)", "datetime.datetime.now()", "Field(default_factory=date.today)", "open('x')"])
def test_asking_is_found_however_it_is_written(text: str) -> None:
    assert any(asks(node) for node in ast.walk(ast.parse(text)))


def test_whoever_verifies_the_record_needs_the_domain_alone() -> None:
    verifier = [*ROOT.glob("app/audit/verify.py"), *ROOT.glob("app/audit/verify/**/*.py")]
    ours = [f"{at(path, node)} {name}" for path in verifier for node, name in imports(path) if name.split(".")[0] not in PURE | {"sys", "pathlib"}]
    assert ours == []


def asks(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in MACHINE
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name):
            return name in CLOCKS
        case _:
            return False
