"""The register of papers, as every view reads it: what was asked, who said what in which order, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Literal

from domain.authority import StatedDecision
from domain.editions import EditionRow, rows
from domain.model import Digest, Document, Frozen, Identifier, Instant, Name, Pence, Text
from domain.paper import Item, Outcome, Verb
from domain.publishing import PublicationRow
from domain.scheme import Reason, Says
from domain.steps import BoardOutcome, Paper, Taken

Standing = Literal["drafted", "submitted", "sent back", "decided"]


class ItemRow(Frozen):
    """An item with the amount asked and, once decided, its outcome and amount (whole pence by year)."""

    item: Identifier
    verbs: tuple[Verb, ...]
    words: Text
    instrument: Identifier | None
    pence: Mapping[str, Pence]
    outcome: Outcome | None
    decided_pence: Mapping[str, Pence] | None


class MinuteRow(Frozen):
    """What a board said of the paper at a meeting (London day), minuted by ``actor``."""

    board: Identifier
    met: date
    outcome: BoardOutcome
    minute: Text
    actor: Identifier
    at: Instant


class StepRow(Frozen):
    """One office's step, or a board's: why it stands in the route, and who took it when; null where it has not been taken.

    ``stood_down``: it is not needed any more, since ``quorum`` of the steps of its ``group`` were enough. ``stand_in`` are the
    offices that may take it while nobody sits in its own, ``capacity`` the one of them that did.
    """

    office: Identifier
    says: Says
    order: int
    reasons: tuple[Reason, ...]
    actor: Identifier | None
    on_behalf_of: Identifier | None
    at: Instant | None
    comment: Text | None
    outcomes: tuple[Name, ...]
    board: Identifier | None = None
    capacity: Identifier | None = None
    stand_in: tuple[Identifier, ...] = ()
    group: Identifier | None = None
    quorum: int | None = None
    stood_down: bool = False


class AttachmentRow(Frozen):
    """A document that a paper brings; ``bound``: its digest is known, so that the decision holds its very bytes."""

    document: Document
    bound: bool


class PaperRow(Frozen):
    """A paper as it stands; ``edition`` is that of the scheme under which its route was laid, ``editions`` are its own.

    ``content`` is the digest that its advisers and deciders bind: over ``part_one``, that of its contents, and ``part_two``,
    that of its sealed content (null: it has none). ``superseded_by`` names the decided papers that stand in its place.
    """

    paper: Identifier
    title: Name
    standing: Standing
    since: Instant
    office: Identifier
    content: Digest
    part_one: Digest
    part_two: Digest | None
    restricted: bool
    edition: Identifier | None
    items: tuple[ItemRow, ...]
    steps: tuple[StepRow, ...]
    decisions: tuple[StatedDecision, ...]
    minutes: tuple[MinuteRow, ...] = ()
    attachments: tuple[AttachmentRow, ...] = ()
    supersedes: Identifier | None = None
    superseded_by: tuple[Identifier, ...] = ()
    editions: tuple[EditionRow, ...] = ()
    publication: PublicationRow


def row_of(paper: Paper, decisions: Iterable[StatedDecision], papers: Iterable[Paper], publication: PublicationRow) -> PaperRow:
    """The row of a paper, with those of the decisions that are on it and of the ``papers`` that supersede it."""
    over = paper.stood_down()
    return PaperRow(
        paper=paper.id,
        title=paper.contents.title,
        standing=_standing(paper),
        since=paper.since,
        office=paper.office,
        content=paper.content,
        part_one=paper.contents.digest(),
        part_two=paper.part_two,
        restricted=paper.contents.facts.restricted,
        edition=paper.route.edition if paper.route else None,
        items=tuple(_item(each, paper) for each in paper.contents.items),
        steps=tuple(_step(each, stood_down=each.step.whose in over) for each in paper.steps),
        decisions=tuple(each for each in decisions if each.paper == paper.id),
        minutes=tuple(MinuteRow(**asdict(each)) for each in paper.minutes),
        attachments=tuple(AttachmentRow(document=each, bound=each.digest is not None) for each in paper.contents.documents),
        supersedes=paper.contents.supersedes,
        superseded_by=tuple(each.id for each in papers if each.contents.supersedes == paper.id and each.items is not None),
        editions=rows(paper.editions),
        publication=publication,
    )


def _standing(paper: Paper) -> Standing:
    if paper.items is not None:
        return "decided"
    if paper.steps:
        return "submitted"
    return "sent back" if paper.sent_back else "drafted"


def _item(item: Item, paper: Paper) -> ItemRow:
    decided = next((each for each in paper.items or () if each.item == item.item), None)
    return ItemRow(
        item=item.item,
        verbs=item.verbs,
        words=item.words,
        instrument=item.instrument,
        pence=item.pence,
        outcome=decided.outcome if decided else None,
        decided_pence=decided.pence if decided else None,
    )


def _step(taken: Taken, *, stood_down: bool) -> StepRow:
    said = taken.said
    return StepRow(
        office=taken.step.office,
        says=taken.step.says,
        order=taken.step.order,
        reasons=taken.step.reasons,
        actor=said.actor if said else None,
        on_behalf_of=said.on_behalf_of if said else None,
        at=said.at if said else None,
        comment=said.comment if said else None,
        outcomes=tuple(str(each) for each in said.outcomes) if said else (),
        board=taken.step.board,
        capacity=said.capacity if said else None,
        stand_in=taken.step.stand_in,
        group=taken.step.group,
        quorum=taken.step.quorum,
        stood_down=stood_down,
    )
