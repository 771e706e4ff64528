"""Heads as the database tells them, and whether those that an append expects still stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from store.batch import Batch, Head, Moved, genesis


def heads_of(streams: Iterable[str | None], found: Iterable[Any]) -> dict[str, Head]:
    """The heads of these streams as the rows tell them, by stream; of those that have none, as they are before their first event."""
    begun = {row.stream_id: Head(row.stream_id, row.version, row.hash) for row in found if row.stream_id}
    return {each: begun.get(each) or genesis(each) for each in streams if each}


def organisation_of(batch: Batch) -> str | None:
    """The stream of the organisation that was used, if any."""
    return batch.organisation.stream if batch.organisation else None


def moved(batch: Batch, found: Iterable[Any]) -> Moved | None:
    """The first of the expected heads that the rows tell otherwise; null: they stand."""
    heads = heads_of((batch.stream, organisation_of(batch)), found)
    expected = (each for each in (batch.expected, batch.organisation) if each)
    return next((Moved(heads[each.stream]) for each in expected if each != heads[each.stream]), None)
