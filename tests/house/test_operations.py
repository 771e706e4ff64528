"""The queries that operations are given ask only for what the server knows, and each link is its query."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from tests.house.source import ROOT
from workflows.names import KEYS

PAGE = (ROOT / "docs" / "operations.md").read_text()
OWN = {key.name for key in KEYS.values()}
SERVER = {"ExecutionStatus", "TemporalReportedProblems", "WorkflowType"}
CONDITION = r"\b([A-Z][A-Za-z]+) (?:=|<|>|IN|IS)(?= )"
QUERIES = sorted({each for each in re.findall(r"[`\"]([^`\"\n|]+)[`\"]", PAGE) if re.search(CONDITION, each)})
LINKS = re.findall(r"`/namespaces/default/workflows\?query=([^`]+)` \| `([^`]+)`", PAGE)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_only_registered_search_attributes(query: str) -> None:
    assert set(re.findall(CONDITION, query)) <= OWN | SERVER


def test_every_search_attribute_is_explained() -> None:
    explained = {name for row in re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert explained >= OWN


def test_every_link_opens_the_query_beside_it() -> None:
    assert len(LINKS) == PAGE.count("workflows?query=")
    assert [unquote(link) for link, _ in LINKS] == [query for _, query in LINKS]
