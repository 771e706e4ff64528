"""How a grant stands in its chain: what came before and what follows, and its money year by year, as a programme adds it up.

Money is whole pence at an as-of day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from domain import ending, opening
from domain.books import State
from domain.calendar import YearLabel, last_day_of
from domain.chain import Link, own
from domain.model import Cap, Frozen, Name, Pence
from domain.money import Amount, Stated, total
from domain.opening import Reference
from domain.sections import agreed_by, received_by, submitted_by


class ReferenceRow(Frozen):
    """Another decision or grant of the programme; an external one is kept by reference only."""

    reference: Name
    external: bool
    note: Name | None


class PredecessorRow(ReferenceRow):
    """What came before, and what it came to (null: not stated). The difference is this grant's cap less that, as exact as both are."""

    year: YearLabel | None
    pence: Cap | None
    stated: Stated
    difference_pence: Pence | None
    difference_stated: Stated | None


class YearRow(Frozen):
    """One financial year of the grant; ``outturn_pence`` null: it is not settled."""

    year: YearLabel
    cap_pence: Pence
    claimed_pence: Cap
    agreed_pence: Cap
    received_pence: Pence
    debtor_pence: Pence
    outturn_pence: Cap | None
    lapsed_pence: Cap
    forfeited_pence: Cap


class ChainFigures(Frozen):
    """The sections of the chain. ``links`` are the grants of this record among them; ``parents`` stand above this one."""

    predecessors: tuple[PredecessorRow, ...]
    successors: tuple[ReferenceRow, ...]
    parents: tuple[ReferenceRow, ...]
    links: tuple[Link, ...]
    years: tuple[YearRow, ...]


def chain_figures(opened: opening.State, end: ending.State, years: tuple[YearRow, ...], cap: Amount) -> ChainFigures:
    """The sections of the chain; ``cap`` is this grant's, as exactly as it is stated."""
    carries_on = {each.reference: ReferenceRow(reference=each.reference, external=each.external, note=None) for each in end.successors}
    linked = {each.reference: _reference(each) for each in opened.references("successor")}
    return ChainFigures(
        predecessors=tuple(_predecessor(each, cap) for each in opened.references("predecessor")),
        successors=tuple({**carries_on, **linked}.values()),
        parents=tuple(_reference(each) for each in opened.references("parent")),
        links=own(opened, end),
        years=years,
    )


def years(books: State, caps: Mapping[str, int], as_of: date) -> tuple[YearRow, ...]:
    """Every year that has a cap or a return, in order."""
    named = {*caps, *(each.opened.year for each in books.returns.values() if each.submitted)}
    return tuple(_year(year, books, caps.get(year, 0), as_of) for year in sorted(named))


def outturn(books: State, year: str, as_of: date) -> int | None:
    """The latest outturn that a year had by the end of a day; null: it was not settled yet."""
    return next((each.outturn_pence for each in reversed(books.outturns.get(year, ())) if last_day_of(each.on) <= as_of), None)


def _year(year: str, books: State, cap: int, as_of: date) -> YearRow:
    made = books.returns_of(year)
    agreed = sum(each.agreed.agreed_pence for each in made if each.agreed and agreed_by(each, as_of))
    received = sum(received_by(books, as_of, each.opened.period) for each in made)
    return YearRow(
        year=year,
        cap_pence=cap,
        claimed_pence=sum(each.submitted.claim_pence for each in made if each.submitted and submitted_by(each, as_of)),
        agreed_pence=agreed,
        received_pence=received,
        debtor_pence=agreed - received,
        outturn_pence=outturn(books, year, as_of),
        lapsed_pence=sum(each.lapsed_pence for each in books.lapsed if each.year == year and last_day_of(each.on) <= as_of),
        forfeited_pence=sum(each.forfeited_pence for each in books.forfeits.values() if each.year == year and last_day_of(each.dated) <= as_of),
    )


def _reference(each: Reference) -> ReferenceRow:
    return ReferenceRow(reference=each.reference, external=each.external, note=each.note)


def _predecessor(each: Reference, cap: Amount) -> PredecessorRow:
    before = None if each.pence is None else Amount(pence=-each.pence, stated=each.stated)
    rise = total((cap, before)) if before else None
    return PredecessorRow(
        **dict(_reference(each)),
        year=each.year,
        pence=each.pence,
        stated=each.stated,
        difference_pence=rise.pence if rise else None,
        difference_stated=rise.stated if rise else None,
    )
