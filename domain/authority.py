"""What decisions authorise: by instrument and year, from what was decided here and from decisions recorded as facts.

Approving a bid never authorises its acceptance: amounts are matched by instrument, year and cap (DESIGN §6; invariants 15
and 16). An item states the whole cap of its instrument for a year, so several decisions on one never add up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from pydantic import model_validator

from domain.calendar import StatedDate, day_of, first_day_of, last_day_of
from domain.model import Document, Frozen, Identifier, Name
from domain.paper import APPROVED, DecidedItem, highest
from domain.steps import Paper
from domain.terms import beyond


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

    @property
    def effective(self) -> date:
        """The London day from which it counts: the last one of its stated date, else that of its recording."""
        return last_day_of(self.decision.decided) if self.decision.decided else day_of(self.at)


@dataclass(frozen=True)
class Authority:
    """What one decision authorises of one instrument: whole pence by year, under its reference, from a London day on.

    ``recorded`` is when the record learnt of it (UTC); ``earliest`` the first day that its stated date can mean (null: none is
    stated, which is no reproach: R-01); ``until`` the London day from which a later paper stands in its place (null: none does).
    """

    instrument: str
    pence: Mapping[str, int]
    reference: str
    effective: date
    recorded: datetime
    earliest: date | None = None
    until: date | None = None

    def on(self, day: date | None) -> bool:
        """Whether it stands at the end of a London day (null: as the record knows now)."""
        return self.until is None if day is None else self.effective <= day and (self.until is None or day < self.until)

    def can_count_by(self, day: date) -> bool:
        """Whether it can have counted by a London day: it is dated no later, or states no date, and no later one stood in its place."""
        return (self.earliest is None or self.earliest <= day) and (self.until is None or day < self.until)

    def kept_by(self, day: date) -> bool:
        """Whether what came into force under it on a London day keeps it: nothing stands in its place, or only from then on or later."""
        return self.until is None or day <= self.until


@dataclass(frozen=True)
class Delegation:
    """What an approved item gives to an office (``to``): over an instrument, for ``acts`` (none named: each that concerns it).

    It counts from the London day ``first`` to the end of ``until`` (null: without end), up to ``pence`` by year where the
    item states money. ``reference`` is the decision's; the words are the item's.
    """

    item: str
    to: str
    instrument: str | None
    acts: tuple[str, ...]
    pence: Mapping[str, int]
    words: str
    reference: str
    first: date
    until: date | None
    recorded: datetime

    def gives(self, act: str, instruments: Collection[str]) -> bool:
        """Whether it is about this act: over one of these instruments, or, where it names none, over any if it names the act."""
        if self.instrument is None:
            return act in self.acts
        return self.instrument in instruments and (not self.acts or act in self.acts)

    def reaches(self, pence: Mapping[str, int]) -> bool:
        """Whether it goes so far by year, in whole pence; one that states no money has no limit of its own."""
        return not self.pence or beyond(pence, self.pence) is None

    def on(self, day: date) -> bool:
        """Whether it stands on that London day."""
        return self.first <= day and (self.until is None or day <= self.until)

    def __str__(self) -> str:
        """How an act that rests on it cites it."""
        end = f" until {self.until.isoformat()}" if self.until else ""
        return f"{self.reference}, item {self.item}: delegated to {self.to}{end}"


def authorities(papers: Iterable[Paper], decisions: Iterable[Recorded]) -> tuple[Authority, ...]:
    """Every authority that was given, ended or not, in the order in which the record learnt of them."""
    recorded, asked = tuple(decisions), {each.id: each for each in papers}
    references, ended = {each.decision.paper: each.decision.decision for each in recorded}, _superseded(asked)
    found = [each for paper in asked.values() for given in _of_paper(paper, references.get(paper.id, paper.id)) for each in _parted(given, paper.id, ended)]
    found += [each for alone in recorded if alone.decision.paper is None for each in _of_decision(alone)]
    return tuple(sorted(found, key=lambda each: each.recorded))


def pence_by_instrument(found: Iterable[Authority]) -> dict[str, dict[str, int]]:
    """The highest amount that the authorities state for each instrument and year."""
    sums: dict[str, dict[str, int]] = {}
    for each in found:
        highest(sums.setdefault(each.instrument, {}), each.pence)
    return sums


def delegated(papers: Iterable[Paper], decisions: Iterable[Recorded]) -> tuple[Delegation, ...]:
    """Every delegation that was approved, in the order in which the record learnt of them."""
    recorded = tuple(decisions)
    references = {each.decision.paper: each.decision.decision for each in recorded}
    found = [each for paper in papers for item, at in paper.in_force() for each in _given((item,), references.get(paper.id, paper.id), day_of(at), at)]
    alone = [each for each in recorded if each.decision.paper is None]
    found += [each for one in alone for each in _given(one.decision.items, one.decision.decision, one.effective, one.at)]
    return tuple(sorted(found, key=lambda each: each.recorded))


def _given(items: Iterable[DecidedItem], reference: str, effective: date, recorded: datetime) -> Iterable[Delegation]:
    return (
        Delegation(each.item, each.to, each.instrument, each.acts, each.pence, each.words, reference, effective, each.until, recorded)
        for each in items
        if each.to and each.outcome in APPROVED
    )


_Ended = Mapping[tuple[str, str, str], date]
"""From which London day a later paper stands in an earlier one's place, by the earlier paper, the instrument and the year."""


def _superseded(papers: Mapping[str, Paper]) -> _Ended:
    """Where a decided paper authorises money of an instrument for a year, the papers that it supersedes no longer do, however far back.

    What waits for a condition authorises nothing yet, so ends nothing either.
    """
    found: dict[tuple[str, str, str], date] = {}
    for later in papers.values():
        given = {each.item: day_of(at) for each, at in later.in_force() if each.authorises and each.outcome in APPROVED}
        money = [(each.instrument, year, given[each.item]) for each in later.contents.items if each.item in given for year in each.pence]
        for earlier in _before(later, papers):
            for name, year, day in money:
                key = (earlier, str(name), year)
                found[key] = min(found.get(key, day), day)
    return found


def _before(later: Paper, papers: Mapping[str, Paper]) -> Iterable[str]:
    """The papers that one supersedes, the newest first; each was decided before the next was drafted, so this ends."""
    name = later.contents.supersedes
    while name:
        yield name
        name = papers[name].contents.supersedes


def _parted(given: Authority, paper: str, ended: _Ended) -> Iterable[Authority]:
    """An authority, apart for the years in which it ends on different days, or not at all."""
    for until in dict.fromkeys(ended.get((paper, given.instrument, year)) for year in given.pence):
        pence = {year: amount for year, amount in given.pence.items() if ended.get((paper, given.instrument, year)) == until}
        yield replace(given, pence=pence, until=until)


def _of_paper(paper: Paper, reference: str) -> Iterable[Authority]:
    return (each for item, at in paper.in_force() for each in _of_items((item,), reference, day_of(at), at, day_of(at)))


def _of_decision(recorded: Recorded) -> Iterable[Authority]:
    stated = recorded.decision.decided
    return _of_items(recorded.decision.items, recorded.decision.decision, recorded.effective, recorded.at, first_day_of(stated) if stated else None)


def _of_items(items: Iterable[DecidedItem], reference: str, effective: date, recorded: datetime, earliest: date | None) -> Iterable[Authority]:
    money = ((each.instrument, each.authorised_pence) for each in items)
    return (Authority(name, pence, reference, effective, recorded, earliest) for name, pence in money if name and pence)
