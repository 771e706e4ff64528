"""What the view of a grant shows of its assurance, at the end of a London day.

One row an exception, a discrepancy, an edition of an assessment, a condition and a review. What states its day counts from
that day, everything else from when it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from domain import assurance
from domain.assessments import Assessment, Finding
from domain.calendar import StatedDate, day_of, last_day_of
from domain.conditions import Condition
from domain.discrepancies import Discrepancy
from domain.model import Frozen, Identifier, Instant, Name, Pence, Text
from domain.reviews import Review, ReviewMade


class ExceptionRow(Frozen):
    """One exception, open or closed (instants, UTC); ``how`` says what closed it."""

    exception: Name
    what: Name
    subject: Name
    owner: Identifier
    why: Text
    explanations: tuple[Text, ...]
    opened: Instant
    closed: Instant | None
    how: Text | None


class DiscrepancyRow(Frozen):
    """One discrepancy (pence; instants, UTC); ``resolution`` null: it is open, and the parts rule."""

    discrepancy: Name
    what: Name
    subject: Name
    owner: Identifier
    why: Text
    stated_pence: Pence | None
    found_pence: Pence | None
    opened: Instant
    resolved: Instant | None
    resolution: Text | None


class AssessmentRow(Frozen):
    """One edition of an assessment."""

    form: Identifier
    edition: int
    finding: Finding
    outcome: Text
    dated: StatedDate | None
    shared_with: Name | None


class ConditionRow(Frozen):
    """One condition; ``of`` and ``words`` null: it is said to be met, and was never recorded. ``met`` null: not, or no day is stated."""

    condition: Identifier
    of: Name | None
    words: Text | None
    owner: Identifier | None
    due: date | None
    open: bool
    met: StatedDate | None
    waived: Text | None
    evidence: int


class MadeRow(Frozen):
    """A review as it was made once."""

    on: StatedDate
    outcome: Text


class ReviewRow(Frozen):
    """One review, as promised (``words`` null: it was made unpromised), each time that it was made, and by when it is owed next."""

    review: Identifier
    words: Text | None
    owner: Identifier | None
    standing: bool
    blocks_close: bool
    due: date | None
    made: tuple[MadeRow, ...]


class AssuranceFigures(Frozen):
    """The registers and what was promised, at one day."""

    exceptions: tuple[ExceptionRow, ...]
    discrepancies: tuple[DiscrepancyRow, ...]
    assessments: tuple[AssessmentRow, ...]
    conditions: tuple[ConditionRow, ...]
    reviews: tuple[ReviewRow, ...]


def assurance_figures(state: assurance.State, as_of: date) -> AssuranceFigures:
    """Every section of the room, at the end of a London day."""
    return AssuranceFigures(
        exceptions=exceptions(state, as_of),
        discrepancies=discrepancies(state, as_of),
        assessments=assessments(state.assessments, as_of),
        conditions=conditions(state, as_of),
        reviews=reviews(state, as_of),
    )


def exceptions(state: assurance.State, as_of: date) -> tuple[ExceptionRow, ...]:
    """Every exception recorded by that day, closed or not: none is ever removed."""
    return tuple(_exception(each, as_of) for each in state.exceptions.values() if _by(each.opened, as_of))


def discrepancies(state: assurance.State, as_of: date) -> tuple[DiscrepancyRow, ...]:
    """Every discrepancy recorded by that day, resolved or not."""
    return tuple(_discrepancy(each, as_of) for each in state.discrepancies.values() if _by(each.opened, as_of))


def assessments(known: Iterable[Assessment], as_of: date) -> tuple[AssessmentRow, ...]:
    """Every edition of every assessment that was made by that day."""
    named = ("form", "edition", "finding", "outcome", "dated", "shared_with")
    return tuple(AssessmentRow(**{name: getattr(each.event, name) for name in named}) for each in known if _from(each.event.dated, each.recorded, as_of))


def conditions(state: assurance.State, as_of: date) -> tuple[ConditionRow, ...]:
    """Every condition recorded by that day."""
    return tuple(_condition(name, each, as_of) for name, each in state.conditions.items() if _by(each.recorded, as_of))


def reviews(state: assurance.State, as_of: date) -> tuple[ReviewRow, ...]:
    """Every review promised or made by that day."""
    return tuple(_review(name, each, as_of) for name, each in state.reviews.items() if _by(each.recorded, as_of) or _made(each, as_of))


def _by(recorded: datetime | None, as_of: date) -> bool:
    return recorded is not None and day_of(recorded) <= as_of


def _from(stated: StatedDate | None, recorded: datetime, as_of: date) -> bool:
    return (last_day_of(stated) if stated else day_of(recorded)) <= as_of


def _made(each: Review, as_of: date) -> list[ReviewMade]:
    return [one.event for one in each.made if _from(one.event.on, one.recorded, as_of)]


def _exception(each: assurance.RegisteredException, as_of: date) -> ExceptionRow:
    closed = each.closed if each.closed and _by(each.closed.recorded, as_of) else None
    return ExceptionRow(
        exception=each.raised.exception,
        what=each.raised.what,
        subject=each.raised.subject,
        owner=each.raised.owner,
        why=each.raised.why,
        explanations=tuple(said.text for said in each.explanations if _by(said.recorded, as_of)),
        opened=each.opened,
        closed=closed.recorded if closed else None,
        how=closed.how if closed else None,
    )


def _discrepancy(each: Discrepancy, as_of: date) -> DiscrepancyRow:
    resolved = each.resolved if _by(each.resolved_at, as_of) else None
    return DiscrepancyRow(
        **each.found.model_dump(),
        opened=each.opened,
        resolved=each.resolved_at if resolved else None,
        resolution=resolved.resolution if resolved else None,
    )


def _condition(name: str, each: Condition, as_of: date) -> ConditionRow:
    met = each.met if each.met and each.met_at and _from(each.met.on, each.met_at, as_of) else None
    waived = each.waived if _by(each.waived_at, as_of) else None
    return ConditionRow(
        condition=name,
        of=each.added.of if each.added else None,
        words=each.added.words if each.added else None,
        owner=each.added.owner if each.added else None,
        due=each.added.due if each.added else None,
        open=met is None and waived is None,
        met=met.on if met else None,
        waived=waived.reason if waived else None,
        evidence=len(met.documents) if met else 0,
    )


def _review(name: str, each: Review, as_of: date) -> ReviewRow:
    made, promised = _made(each, as_of), each.promised
    return ReviewRow(
        review=name,
        words=promised.words if promised else None,
        owner=promised.owner if promised else None,
        standing=promised is not None and promised.standing,
        blocks_close=promised is not None and promised.blocks_close,
        due=made[-1].next_due if made else promised.due if promised else None,
        made=tuple(MadeRow(on=one.on, outcome=one.outcome) for one in made),
    )
