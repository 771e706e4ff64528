"""Names are the field's words: none of those that say nothing, and UK spelling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import CODE, at, names, python

EMPTY_WORDS = {
    *("status", "statuses", "process", "processes", "handle", "handles", "handler", "handlers", "manager", "managers"),
    *("helper", "helpers", "util", "utils", "data", "info"),
}
AMERICAN = {"authorize", "authorized", "behavior", "canceled", "center", "color", "favor", "fulfill", "organization", "organizations", "program", "programs"}
FOREIGN = {
    "get_info",  # the Temporal SDK calls it
    "handle_DATA",  # aiosmtpd calls it
    "handle_RCPT",  # aiosmtpd calls it
    "handle_data",  # html.parser calls it
    "handle_endtag",  # html.parser calls it
    "handle_starttag",  # html.parser calls it
    "process_bind_param",  # SQLAlchemy calls it
    "process_result_value",  # SQLAlchemy calls it
}
"""Names that another library asks for."""

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@pytest.mark.parametrize("path", python(*CODE), ids=at)
def test_names_say_something(path: Path) -> None:
    given = [(None, path.stem), *((node, name) for node, name in names(path) if name not in FOREIGN and not name.startswith("test_"))]
    empty = [f"{at(path, node)} {name}" for node, name in given if words(name) & EMPTY_WORDS]
    assert not empty, "\n".join(empty)


@pytest.mark.parametrize("path", python(*CODE), ids=at)
def test_names_are_spelt_as_in_the_united_kingdom(path: Path) -> None:
    american = [f"{at(path, node)} {name}" for node, name in names(path) if words(name) & (AMERICAN - {"program", "programs"})]
    assert not american, "\n".join(american)


@pytest.mark.parametrize(("name", "said"), [("HTTPStatus", {"http", "status"}), ("order_info2", {"order", "info", "2"}), ("metadata", {"metadata"})])
def test_a_name_falls_into_its_words(name: str, said: set[str]) -> None:
    assert words(name) == said


def words(name: str) -> set[str]:
    return {word.lower() for word in WORD.findall(name)}
