"""Small matters of reading lists that both databases see alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, String, func, literal, select

Item = TypeVar("Item")

MOST_AT_ONCE = 500
"""How many values one statement names: far below what either database takes."""


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists short enough for one statement."""
    left = iter(items)
    while batch := list(islice(left, MOST_AT_ONCE)):
        yield batch


def starting_with(column: SQLColumnExpression[str], prefix: str) -> ColumnElement[bool]:
    """Whether an id begins so, as a range: ids sort by their bytes (``store.tables``), so the index serves it."""
    if not prefix:
        return column.is_not(None)
    return (column >= prefix) & (column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


CLOCKS: dict[str, ColumnElement[Any]] = {
    "postgresql": func.clock_timestamp(),
    "sqlite": func.strftime(literal("%Y-%m-%dT%H:%M:%fZ", String), literal("now", String)),
}
"""The clock of each database, as an expression: evaluated when the row is, not when the transaction began."""

_NOW = {dialect: select(clock) for dialect, clock in CLOCKS.items()}


def instant_of(told: datetime | str) -> datetime:
    """What the database's clock told, as an aware UTC instant."""
    return (datetime.fromisoformat(told) if isinstance(told, str) else told).astimezone(UTC)


def clock_now(connection: Connection) -> datetime:
    """What the database's clock says now (UTC)."""
    return instant_of(connection.scalars(_NOW[connection.dialect.name]).one())
