"""What the view of a grant shows of its end, at the end of a London day: the exit, and what became of posts and assets."""

from __future__ import annotations

from datetime import date

from domain import exit as leaving
from domain.calendar import StatedDate, day_of, last_day_of
from domain.ending import Fate, Held
from domain.model import Cap, Frozen, Identifier, Instant, Name, Text


class AssetRow(Frozen):
    """An asset or contract that outlasts the grant; ``pence`` is what it cost (null: not stated)."""

    asset: Identifier
    held: Held
    words: Text
    instrument: Identifier | None
    pence: Cap | None


class DispositionRow(Frozen):
    """What became of so many posts of a rank, or of one asset or contract (``count`` null); ``evidence`` counts its documents."""

    disposition: Identifier
    what: Text
    count: int | None
    fate: Fate
    to: Name | None
    on: StatedDate
    evidence: int


class ExitRow(Frozen):
    """What happens if the funding stops: the strategy or its waiver (both null: none is stated), and how far it has come.

    ``armed`` and ``completed`` are instants (UTC), ``triggered`` the last funded day, ``retention_until`` the last day on
    which records must be kept, ``records_disposed`` whether they were disposed of since.
    """

    covers: Text | None
    trigger: Text | None
    plan: Text | None
    waived: Text | None
    armed: Instant | None
    averted_by: Name | None
    triggered: date | None
    assets: tuple[AssetRow, ...]
    dispositions: tuple[DispositionRow, ...]
    completed: Instant | None
    retention_until: date | None
    records_disposed: bool


def ending(state: leaving.State, known: leaving.State, as_of: date) -> ExitRow:
    """The exit as it stands; what became of posts and assets, as ``known`` tells it, by the end of that day."""
    stated = state.strategy.stated if state.strategy else None
    return ExitRow(
        covers=stated.covers if stated else None,
        trigger=stated.trigger if stated else None,
        plan=stated.plan if stated else None,
        waived=state.waived.reason if state.waived else None,
        armed=state.armed.recorded if state.armed else None,
        averted_by=state.averted.reference if state.averted else None,
        triggered=state.triggered.ends if state.triggered else None,
        assets=_assets(state, as_of),
        dispositions=_dispositions(known, as_of),
        completed=state.completed.recorded if state.completed else None,
        retention_until=state.closed.retention_until if state.closed else None,
        records_disposed=state.disposed is not None,
    )


def _assets(state: leaving.State, as_of: date) -> tuple[AssetRow, ...]:
    known = (each.event for each in state.assets.values() if day_of(each.recorded) <= as_of)
    return tuple(AssetRow(asset=each.asset, held=each.held, words=each.words, instrument=each.instrument, pence=each.pence) for each in known)


def _dispositions(state: leaving.State, as_of: date) -> tuple[DispositionRow, ...]:
    return tuple(
        DispositionRow(
            disposition=each.disposition,
            what=each.what,
            count=each.posts.count if each.posts else None,
            fate=each.fate,
            to=each.to,
            on=each.on,
            evidence=len(each.documents),
        )
        for each in (found.event for found in state.dispositions.values())
        if last_day_of(each.on) <= as_of
    )
