"""The house stays small and open: empty ``__init__`` files, short files and functions, a worker that nobody imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import CODE, ROOMS, ROOT, at, imports, python, tree

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_WORKER = 100


def test_every_init_file_is_empty() -> None:
    filled = [at(path) for path in python(*CODE) if path.name == "__init__.py" and path.read_text()]
    assert filled == []


def test_every_room_is_a_package_but_for_the_migrations_that_alembic_reads_by_path() -> None:
    folders = {path.parent for room in ROOMS for path in python(room) if "migrations" not in path.parts}
    assert [at(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {at(path): len(path.read_text().splitlines()) for path in python(*CODE)}
    assert {place: length for place, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    assert {at(path, node): length for path in python(*CODE) for node, length in functions(tree(path)) if length > LONGEST_FUNCTION} == {}


def test_a_docstring_does_not_make_a_function_long() -> None:
    module = ast.parse('def told() -> None:\n    """One.\n\n    Two.\n    """\n    pass\n')
    assert [length for _, length in functions(module)] == [2]


def test_the_worker_is_imported_by_nothing() -> None:
    importers = [at(path, node) for path in python(*CODE) for node, name in imports(path) if name.split(".")[0] == "worker"]
    assert importers == []


def test_the_worker_stays_under_a_hundred_lines() -> None:
    assert len((ROOT / "worker.py").read_text().splitlines()) < LONGEST_WORKER


@pytest.mark.parametrize("path", python(*CODE), ids=at)
def test_every_file_reads_annotations_lazily(path: Path) -> None:
    assert path.name == "__init__.py" or not path.read_text() or any(name == "__future__.annotations" for _, name in imports(path))


def functions(module: ast.Module) -> Iterator[tuple[ast.AST, int]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or 0) - node.lineno + 1 - docstring_lines(node)


def docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    return (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
