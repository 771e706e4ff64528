"""Files as people write them: every scalar is text, amounts are whole pence, and what is wrong has its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.errors import MalformedFileError, MisusedError, NotFoundError
from app.yaml_file import parse_yaml, pence, read_yaml, typed
from domain.model import Frozen

HERE = Path("here.yaml")


class Row(Frozen):
    name: str
    count: int
    on: date | None = None
    sure: bool = True


class Rows(Frozen):
    rows: tuple[Row, ...]


def read(text: str) -> object:
    return parse_yaml(HERE, text.encode()).value


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(MalformedFileError) as raised:
        typed(parse_yaml(HERE, text.encode()), Rows)
    return [(each.line, each.field) for each in raised.value.problems]


def test_every_scalar_is_text() -> None:
    assert read("a: 2020-06\nb: no\nc: 1.50\nd: 0x1f\ne: true") == {"a": "2020-06", "b": "no", "c": "1.50", "d": "0x1f", "e": "true"}


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [("a.json", "{\n[", "a.json:2: file: not JSON"), ("stdin", "{\n[", "stdin:2: file: neither JSON nor YAML"), ("a.yaml", "a: [", "a.yaml:1: file: not YAML")],
)
def test_what_cannot_be_read_is_called_by_what_it_should_be(name: str, text: str, what: str) -> None:
    with pytest.raises(MalformedFileError, match=what):
        parse_yaml(Path(name), text.encode())


def test_null_is_null_only_where_it_is_not_quoted() -> None:
    assert read("a: null\nb: ~\nc:\nd: 'null'") == {"a": None, "b": None, "c": None, "d": "null"}


@pytest.mark.parametrize(
    ("text", "whole"),
    [("£1,479,306.16", 147_930_616), ("£16,000", 1_600_000), ("£300", 30_000), ("-£0.01", -1), ("£1479306.16", 147_930_616)],
)
def test_an_amount_becomes_whole_pence(text: str, whole: int) -> None:
    assert pence(text) == whole
    assert read(f"a: {text}\nb: '{text}'") == {"a": whole, "b": whole}


@pytest.mark.parametrize("text", ["£1,47", "£1.5", "£", "£1,479,306.161", "£ 3", "£1,4790"])
def test_what_is_nearly_an_amount_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(MisusedError):
        pence(text)
    with pytest.raises(MalformedFileError, match=r"^here.yaml:2: b: "):
        read(f"a: 1\nb: {text}")


def test_a_quoted_sentence_may_begin_with_a_pound_sign() -> None:
    assert read("a: '£16,000 a year'") == {"a": "£16,000 a year"}


def test_the_model_gives_the_types() -> None:
    found = typed(parse_yaml(HERE, b"rows:\n  - {name: 7, count: 7, on: 2020-02-29, sure: false}"), Rows)
    assert found.rows == (Row(name="7", count=7, on=date(2020, 2, 29), sure=False),)


def test_every_fault_is_named_with_its_line_and_field() -> None:
    text = "rows:\n  - name: a\n    count: 1.5\n  - name: b\n    count: 1\n    on: 2021-02-30\n  - count: 2\n    extra: 1\n"
    assert sorted(faults(text)) == [(3, "rows.0.count"), (6, "rows.1.on"), (7, "rows.2.name"), (8, "rows.2.extra")]


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(MalformedFileError, match=r"here\.yaml:3: file: 'a' stands twice"):
        read("a: 1\nb: 2\na: 3")


@pytest.mark.parametrize(("text", "line"), [(b"a: [1", 1), (b"a: 1\n\tb: 2", 2), (b"a: 1\nb: \xff\n", 2), (b"a: &x [*x]", 1), (b"? [1, 2]\n: 3", 1)])
def test_what_is_no_yaml_is_refused_with_a_line(text: bytes, line: int) -> None:
    with pytest.raises(MalformedFileError) as raised:
        parse_yaml(HERE, text)
    assert raised.value.problems[0].line >= line


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="No such file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(NotFoundError, match="Is a directory"):
        read_yaml(tmp_path)
