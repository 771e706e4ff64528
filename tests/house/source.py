"""The code as the house tests read it: files, syntax trees, imports, the names that it defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "workflows", "activities", "store", "domain")
CODE = (*ROOMS, "tools", "tests", "bench")


def python(*folders: str) -> list[Path]:
    """Every Python file below the folders named, in order; ``worker.py`` too where all of the code is meant."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return found + ([ROOT / "worker.py"] if folders == CODE else [])


@cache
def tree(path: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(path.read_text(), str(path))


def at(path: Path, node: ast.AST | None = None) -> str:
    """``domain/money.py:12``, for a failing test to point at."""
    place = path.relative_to(ROOT).as_posix()
    return f"{place}:{getattr(node, 'lineno', 1)}" if node else place


def imports(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Each module that a file imports, with the place; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module or ''}.{each.name}") for each in node.names)


def names(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Each name that a file gives: classes, functions, parameters, variables, fields, own attributes, new names of imports."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield node, name
            case ast.alias(asname=str(name)):
                yield node, name
            case _:
                pass
