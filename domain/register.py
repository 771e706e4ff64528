"""The register of papers, as every view reads it: what was asked, who said what in which order, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Literal

from domain.authority import Authority, StatedDecision, pence_by_instrument
from domain.editions import Edition, EditionRow, SentBack, rows
from domain.interests import Interest, concerning
from domain.model import Digest, Document, Frozen, Identifier, Instant, Name, Pence, Text, said
from domain.paper import Item, ItemOutcome, ItemProviso, Outcome, Verb, asked_by_instrument
from domain.publishing import PublicationRow
from domain.scheme import Reason, Says
from domain.steps import BoardOutcome, Paper, Taken, Urgent, View, Withdrawn

BACK = "Sent back by {office} ({actor}{on_behalf_of: for }) on {at}: {reason}{voided:; void is what was said by }"
EDITED = "Edited by {actor}{on_behalf_of: for } on {at} ({changes}): {reason}{voided:; void is what was said by }"

OTHERWISE = "{instrument} in {year}: {asked_pence} is asked here, {approved_pence} is approved by {reference}; {then}"
TAKES_ITS_PLACE = "where {superseded} gave that, what this paper is approved at takes its place"
HIGHER_COUNTS = "as this paper supersedes none, the higher sum counts once it is approved"

Standing = Literal["drafted", "submitted", "sent back", "decided"]


class ItemRow(Frozen):
    """An item with the amount asked and, once decided, its outcome and amount (whole pence by year).

    ``reasons`` are those that its deciders gave; ``deferred_until`` the day until which it is put off; ``conditions`` those of
    its approval; ``counts_from`` is when it began to count (null: it is not decided, or waits for a condition).
    """

    item: Identifier
    verbs: tuple[Verb, ...]
    words: Text
    instrument: Identifier | None
    pence: Mapping[str, Pence]
    outcome: Outcome | None
    decided_pence: Mapping[str, Pence] | None
    deferred_until: date | None = None
    reasons: tuple[Text, ...] = ()
    conditions: tuple[ItemProviso, ...] = ()
    counts_from: Instant | None = None


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
    offices that may take it while nobody can in its own, ``passed_to`` the one that it was passed on to, ``capacity`` the one
    that took it in the place of its own.
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
    view: View | None = None
    passed_to: Identifier | None = None


class WithdrawnRow(Frozen):
    """What an office had said of the paper and took back: the say that is void, who withdrew it, and why."""

    office: Identifier
    says: Says
    actor: Identifier
    at: Instant
    comment: Text | None
    outcomes: tuple[Name, ...]
    withdrawn_by: Identifier
    withdrawn: Instant
    reason: Text


class AsideRow(Frozen):
    """Somebody who takes no step of the paper: they stepped aside from it, or declared an interest (which is named)."""

    person: Identifier
    at: Instant
    reason: Text
    interest: Identifier | None = None


class SentBackRow(Frozen):
    """How the paper last came back to its drafter: by whom and why, and whose say is void with it."""

    office: Identifier
    actor: Identifier
    on_behalf_of: Identifier | None
    at: Instant
    reason: Text
    voided: tuple[Identifier, ...]


class PauseRow(Frozen):
    """A pause of the paper; ``ended`` null: it rests now."""

    began: Instant
    until: date
    ended: Instant | None
    reason: Text
    actor: Identifier


class UrgentRow(Frozen):
    """A decision in urgency: under which rule, why, and whose steps it passed over."""

    office: Identifier
    rule: Identifier
    because: Text
    source: Name
    reason: Text
    outcomes: tuple[Name, ...]
    passed_over: tuple[Identifier, ...]
    actor: Identifier
    on_behalf_of: Identifier | None
    at: Instant


class AttachmentRow(Frozen):
    """A document that a paper brings; ``bound``: its digest is known, so that the decision holds its very bytes."""

    document: Document
    bound: bool


class PaperRow(Frozen):
    """A paper as it stands; ``edition`` is that of the scheme under which its route was laid, ``editions`` are its own.

    ``content`` is the digest that its advisers and deciders bind: over ``part_one``, that of its contents, and ``part_two``,
    that of its sealed content (null: it has none). ``superseded_by`` names the decided papers that stand in its place;
    ``sent_back`` is its last return to its drafter (null: it never was), ``came_back``
    says in words how it came to be with its drafter now (null: it is not, or never left). ``approved_otherwise`` says where it
    is not decided and asks for another sum of an instrument in a year than is approved already.
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
    withdrawn: tuple[WithdrawnRow, ...] = ()
    aside: tuple[AsideRow, ...] = ()
    pauses: tuple[PauseRow, ...] = ()
    urgent: UrgentRow | None = None
    sent_back: SentBackRow | None = None
    came_back: str | None = None
    approved_otherwise: tuple[str, ...] = ()


def row_of(
    paper: Paper, decisions: Iterable[StatedDecision], papers: Iterable[Paper], publication: PublicationRow, interests: Iterable[Interest] = ()
) -> PaperRow:
    """The row of a paper, with those of the decisions that are on it, of the ``papers`` that supersede it, of the interests that concern it."""
    over = paper.stood_down()
    return PaperRow(
        paper=paper.id,
        title=paper.contents.title,
        standing=_standing(paper),
        since=paper.since,
        office=paper.office,
        content=paper.content,
        part_one=paper.part_one,
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
        withdrawn=tuple(map(_withdrawn, paper.withdrawn)),
        aside=(*(AsideRow(person=each.person, at=each.at, reason=each.reason) for each in paper.recused), *map(_interested, concerning(paper, interests))),
        pauses=tuple(PauseRow(began=each.began, until=each.until, ended=each.ended, reason=each.reason, actor=each.actor) for each in paper.pauses),
        urgent=_urgent(paper.urgent) if paper.urgent else None,
        sent_back=SentBackRow(**vars(paper.returned)) if paper.returned else None,
        came_back=came_back(paper),
    )


def came_back(paper: Paper) -> str | None:
    """How a paper came to be with its drafter again, and whose say is void with it; null: it is on its route, decided, or never left."""
    if paper.steps or paper.items is not None or paper.dated is None:
        return None
    if paper.sent_back and paper.returned:
        return _told(BACK, paper.returned)
    return next((_told(EDITED, each) for each in reversed(paper.editions) if each.effect == "void" and each.at == paper.since), None)


def voided(paper: Paper) -> tuple[str, ...]:
    """What was said of a paper and is void: by each edit and by its last return, the oldest first."""
    edits = ((each.at, _told(EDITED, each)) for each in paper.editions if each.voided)
    back = ((each.at, _told(BACK, each)) for each in (paper.returned,) if each and each.voided)
    return tuple(words for _, words in sorted((*edits, *back)))


def _told(words: str, of: Edition | SentBack) -> str:
    return said(words, vars(of) | {"on_behalf_of": (of.on_behalf_of,) if of.on_behalf_of else ()})


def approved_otherwise(paper: Paper, standing: Iterable[Authority]) -> tuple[str, ...]:
    """Where an undecided paper asks for another sum of an instrument in a year than is approved already: both, by whom, and what then counts.

    Of several items of one instrument the highest sum counts, as of several authorities that stand; those that state it are named.
    """
    if paper.items is not None:
        return ()
    superseded, given = paper.contents.supersedes, tuple(standing)
    then = said(TAKES_ITS_PLACE, {"superseded": superseded}) if superseded else HIGHER_COUNTS
    approved = pence_by_instrument(given)
    asked = asked_by_instrument(each for each in paper.contents.items if each.authorises)
    sums = [(name, year, pence, approved.get(name, {}).get(year)) for name, by_year in asked.items() for year, pence in by_year.items()]
    return tuple(
        said(
            OTHERWISE,
            {"instrument": name, "year": year, "asked_pence": pence, "approved_pence": now, "reference": _stating(given, name, year, now), "then": then},
        )
        for name, year, pence, now in sums
        if now is not None and now != pence
    )


def _stating(standing: Iterable[Authority], instrument: str, year: str, pence: int) -> tuple[str, ...]:
    """The references under which that sum of the instrument in the year is approved."""
    return tuple(dict.fromkeys(each.reference for each in standing if each.instrument == instrument and each.pence.get(year) == pence))


def _withdrawn(each: Withdrawn) -> WithdrawnRow:
    return WithdrawnRow(
        office=each.office,
        says=each.says,
        actor=each.said.actor,
        at=each.said.at,
        comment=each.said.comment,
        outcomes=tuple(map(str, each.said.outcomes)),
        withdrawn_by=each.actor,
        withdrawn=each.at,
        reason=each.reason,
    )


def _interested(each: Interest) -> AsideRow:
    return AsideRow(person=each.person, at=each.at, reason=each.declared.nature, interest=each.declared.interest)


def _urgent(each: Urgent) -> UrgentRow:
    return UrgentRow(**{**vars(each), "outcomes": tuple(map(str, each.outcomes))})


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
        deferred_until=decided.deferred_until if decided else None,
        reasons=tuple(each.reason for each in _answers(paper) if each.item == item.item and each.reason),
        conditions=tuple(each for each in paper.provisos if each.item == item.item),
        counts_from=next((at for each, at in paper.in_force() if each.item == item.item), None),
    )


def _answers(paper: Paper) -> tuple[ItemOutcome, ...]:
    return (*paper.outcomes(), *(paper.urgent.outcomes if paper.urgent else ()))


def _step(taken: Taken, *, stood_down: bool) -> StepRow:
    spoken = taken.said
    return StepRow(
        office=taken.step.office,
        says=taken.step.says,
        order=taken.step.order,
        reasons=taken.step.reasons,
        actor=spoken.actor if spoken else None,
        on_behalf_of=spoken.on_behalf_of if spoken else None,
        at=spoken.at if spoken else None,
        comment=spoken.comment if spoken else None,
        outcomes=tuple(str(each) for each in spoken.outcomes) if spoken else (),
        board=taken.step.board,
        capacity=spoken.capacity if spoken else None,
        stand_in=taken.step.stand_in,
        group=taken.step.group,
        quorum=taken.step.quorum,
        stood_down=stood_down,
        view=spoken.view if spoken else None,
        passed_to=taken.passed.to if taken.passed else None,
    )
