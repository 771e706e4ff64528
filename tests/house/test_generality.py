"""The engine knows nobody: no party, person, id or amount of any organisation or case stands in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.house.source import ROOMS, ROOT, at, python

NAMING = {
    "organisation", "grant", "case", "person", "name", "office", "principal", "entity", "party", "offer", "agreement", "variation", "bid", "paper",
    "decision", "opportunity", "team", "board", "programme", "fund", "reference", "line", "category", "report", "milestone", "deliverable",
    "tasking", "commitment", "condition", "review", "asset", "by", "to", "owner", "superior", "secretary", "instrument",
}  # fmt: skip
"""The fields whose value names somebody or something of an organisation's or a grant's own."""

PLAIN = re.compile(r"[a-z]+")
"""A single ordinary word (``whole``, ``finance``, ``legal``) is English, and no name; the ids of organisations and people always are."""

ALWAYS = {"organisation", "person"}
AMOUNT = re.compile(r"£\s?([0-9][0-9,]*)(?:\.([0-9]{2}))?")
LEAST_DIGITS = 5


def yamls() -> list[Path]:
    return sorted(path for folder in ("organisations", "cases") for path in (ROOT / folder).rglob("*.yaml"))


def read(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    return yaml.load(path.read_text())


def walked(node: Any) -> Iterator[tuple[str, Any]]:
    """Every field of a document with its value, lists taken apart."""
    if isinstance(node, dict):
        for field, value in node.items():
            yield from ((str(field), each) for each in (value if isinstance(value, list) else [value]))
            yield from walked(value)
    elif isinstance(node, list):
        for each in node:
            yield from walked(each)


def is_name(field: str, value: str) -> bool:
    long_enough = len(value) >= 4 and "{" not in value
    return long_enough and field in NAMING and (field in ALWAYS or not PLAIN.fullmatch(value.lower()))


@cache
def own_words() -> frozenset[str]:
    """What names a party, a person or a thing of theirs, in lower case."""
    return frozenset(value.lower() for path in yamls() for field, value in walked(read(path)) if isinstance(value, str) and is_name(field, value))


@cache
def own_amounts() -> frozenset[str]:
    """Every amount as digits, in pence and in pounds; a power of ten is anybody's number."""
    found = {pence for path in yamls() for match in AMOUNT.finditer(path.read_text()) for pence in forms(match)}
    return frozenset(each for each in found if len(each) >= LEAST_DIGITS and not re.fullmatch(r"10*", each))


def forms(match: re.Match[str]) -> tuple[str, str]:
    pounds, pence = match[1].replace(",", ""), match[2] or "00"
    return pounds, f"{pounds}{pence}"


def written(path: Path) -> str:
    """The text of a file in lower case, digits without their separators."""
    return re.sub(r"(?<=[0-9])[,_](?=[0-9])", "", path.read_text().lower())


def test_there_is_something_to_look_for() -> None:
    assert len(own_words()) > 100
    assert len(own_amounts()) > 100


@pytest.mark.parametrize("path", [*python(*ROOMS), ROOT / "worker.py"], ids=at)
def test_no_word_of_an_organisation_stands_in_the_code(path: Path) -> None:
    text = written(path)
    assert sorted(word for word in own_words() if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text)) == []


@pytest.mark.parametrize("path", [*python(*ROOMS), ROOT / "worker.py"], ids=at)
def test_no_amount_of_a_grant_stands_in_the_code(path: Path) -> None:
    numbers = set(re.findall(r"[0-9]+", re.sub(r"(?<=[0-9])\.(?=[0-9]{2}(?![0-9]))", "", written(path)))) | set(re.findall(r"[0-9]+", written(path)))
    assert sorted(numbers & own_amounts()) == []
