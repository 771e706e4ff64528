"""The gateway's own part: ids, streams, and costs in lots that one command may carry."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest

from app.gateway import MOST_BYTES, MOST_ROWS, split, stream_of_command
from app.ids import uuid7
from domain import evidence
from domain.model import Command


def costs(*rows: dict[str, Any], kind: str = "RecordCosts", grant: str = "g") -> Command:
    return Command(v=1, id="c", grant=grant, type=kind, actor="p", on_behalf_of=None, at=None, content=None, body={"rows": list(rows)}, sealed=None)


def rows(count: int, kept: str = "here") -> list[dict[str, Any]]:
    return [{"key": f"k-{number}", "kept": kept} for number in range(count)]


@pytest.mark.parametrize(("count", "lots"), [(1, [1]), (MOST_ROWS, [MOST_ROWS]), (MOST_ROWS + 1, [MOST_ROWS, 1]), (2500, [1000, 1000, 500])])
def test_more_rows_than_one_command_may_have_become_several_commands(count: int, lots: list[int]) -> None:
    parts = split(costs(*rows(count)))
    assert [len(each.body["rows"]) for each in parts] == lots
    assert [each.id for each in parts] == ["c", "c.2", "c.3"][: len(lots)]
    assert [row for each in parts for row in each.body["rows"]] == rows(count)


def test_long_rows_are_split_by_their_bytes() -> None:
    parts = split(costs(*rows(300, kept="x" * 1024)))
    assert len(parts) == 2
    assert all(len(evidence.canonical(each.body["rows"])) <= MOST_BYTES for each in parts)


def test_nothing_else_is_split() -> None:
    other = costs(*rows(2500), kind="CloseGrant")
    assert split(other) == (other,)
    empty = costs()
    assert split(empty) == (empty,)


def test_a_command_goes_to_the_stream_of_its_grant_or_organisation() -> None:
    assert stream_of_command(costs(grant="alpha-2020-21")) == "grant/alpha-2020-21"
    assert stream_of_command(costs(grant="organisation/mopac")) == "organisation/mopac"


def test_ids_sort_by_time_and_are_version_7() -> None:
    first = uuid7()
    time.sleep(0.002)
    assert UUID(first).version == 7
    assert first < uuid7()
    assert len({uuid7() for _ in range(1000)}) == 1000
