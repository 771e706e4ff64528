"""What decisions authorise: by instrument and year, from what was decided here and from decisions recorded as facts.

Approving a bid never authorises its acceptance: amounts are matched by instrument, year and cap (DESIGN §6; invariants 15
and 16). An item states the whole cap of its instrument for a year, so several decisions on one never add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from pydantic import model_validator

from domain.calendar import StatedDate, day_of, last_day_of
from domain.model import Document, Frozen, Identifier, Name
from domain.paper import DecidedItem, highest
from domain.steps import Paper


class StatedDecision(Frozen):
    """A decision as its document states it, its maker quoted as stated; an unknown date stays null (R-01).

    It publishes what came of a ``paper`` decided here, or it stands alone with its ``items``.
    """

    decision: Identifier
    maker: Name
    decided: StatedDate | None
    date_signed: StatedDate | None
    date_published: StatedDate | None
    document: Document
    paper: Identifier | None = None
    items: tuple[DecidedItem, ...] = ()

    @model_validator(mode="after")
    def _each_item_once(self) -> Self:
        if len({each.item for each in self.items}) < len(self.items):
            message = "two items have one id"
            raise ValueError(message)
        if self.paper is None and not self.items:
            message = "a decision is that of a paper, or it has items of its own"
            raise ValueError(message)
        return self


@dataclass(frozen=True)
class Recorded:
    """A recorded decision, and when the record learnt of it (UTC)."""

    decision: StatedDecision
    at: datetime


@dataclass(frozen=True)
class Authority:
    """What one decision authorises of one instrument: whole pence by year, under its reference, from a London day on.

    ``recorded`` is when the record learnt of it (UTC).
    """

    instrument: str
    pence: Mapping[str, int]
    reference: str
    effective: date
    recorded: datetime


def authorities(papers: Iterable[Paper], decisions: Iterable[Recorded]) -> tuple[Authority, ...]:
    """Every authority that stands, in the order in which the record learnt of them."""
    recorded = tuple(decisions)
    references = {each.decision.paper: each.decision.decision for each in recorded}
    found = [each for paper in papers for each in _of_paper(paper, references.get(paper.id, paper.id))]
    found += [each for alone in recorded if alone.decision.paper is None for each in _of_decision(alone)]
    return tuple(sorted(found, key=lambda each: each.recorded))


def pence_by_instrument(found: Iterable[Authority]) -> dict[str, dict[str, int]]:
    """The highest amount that the authorities state for each instrument and year."""
    sums: dict[str, dict[str, int]] = {}
    for each in found:
        highest(sums.setdefault(each.instrument, {}), each.pence)
    return sums


def _of_paper(paper: Paper, reference: str) -> Iterable[Authority]:
    return _of_items(paper.items or (), reference, day_of(paper.since), paper.since)


def _of_decision(recorded: Recorded) -> Iterable[Authority]:
    stated = recorded.decision
    return _of_items(stated.items, stated.decision, last_day_of(stated.decided) if stated.decided else day_of(recorded.at), recorded.at)


def _of_items(items: Iterable[DecidedItem], reference: str, effective: date, recorded: datetime) -> Iterable[Authority]:
    return (Authority(each.instrument, each.authorised_pence, reference, effective, recorded) for each in items if each.instrument and each.authorised_pence)
