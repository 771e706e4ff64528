"""Every figure of a grant at a day, in whole pence: what ``show`` and ``list`` print, and what the standing row keeps.

A date means the end of that London day; facts count from the day they state, not from when we learnt of them (CONTRACT,
Figures). "As known at" is a fold of fewer events, never a figure's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain import approval, delivery, sections
from domain.authority import StatedDecision
from domain.books import State
from domain.calendar import last_day_of
from domain.eligibility import Share, shares
from domain.grant import Grant
from domain.instruments import Instrument, instruments, terms
from domain.model import Cap, Frozen, Pence
from domain.money import Stated, coarsest
from domain.register import PaperRow
from domain.sections import AssessmentRow, ExceptionRow, ExitRow, LineRow, ReferenceRow, ReturnRow, VariationRow, WindowRow, agreed_by, submitted_by


class Money(Frozen):
    """The sums. ``cap`` = ``agreed`` + ``lapsed`` + ``forfeited`` once settled; ``agreed`` = ``received`` + ``debtor`` always.

    ``excluded`` is cost in no return less what the host bears; of it, ``claimable`` is eligible and waits for its return,
    ``held`` waits for an acceptance. ``accrued`` is income not agreed yet. ``outturn`` null: no year is settled.
    """

    cap_pence: Pence
    caps_by_year: dict[str, Pence]
    sought_pence: Cap
    peak_sought_pence: Cap
    claimed_pence: Cap
    agreed_pence: Cap
    received_pence: Cap
    debtor_pence: Pence
    accrued_pence: Pence
    outturn_pence: Cap | None
    excluded_pence: Cap
    claimable_pence: Cap
    held_pence: Cap
    host_borne_pence: Cap
    lapsed_pence: Cap
    forfeited_pence: Cap


class Figures(Money):
    """The sums and the sections at one day. ``precision`` is how exactly the caps in force were stated, the coarsest of them.

    ``posts_funded`` are those of the day, or of the last funded day once that is past.
    """

    precision: Stated
    posts_funded: int
    posts_by_rank: dict[str, int]
    windows: tuple[WindowRow, ...]
    lines: tuple[LineRow, ...]
    variations: tuple[VariationRow, ...]
    returns: tuple[ReturnRow, ...]
    papers: tuple[PaperRow, ...]
    decisions: tuple[StatedDecision, ...]
    exceptions: tuple[ExceptionRow, ...]
    assessments: tuple[AssessmentRow, ...]
    predecessors: tuple[ReferenceRow, ...]
    related: tuple[ReferenceRow, ...]
    milestones: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    exit: ExitRow


def figures(grant: Grant, as_of: date, today: date) -> Figures:
    """Everything about a grant at the end of a London day; ``today`` is the day until which a wait is reckoned."""
    found = instruments(grant.agreement, grant.variation)
    known = shares(grant.recovery, terms(found, approval.authorised(grant.approval)))
    funded = _last_of(as_of, found)
    return Figures(
        **dict(_money(grant.recovery, found, known, as_of)),
        precision=coarsest(each.stated for each in found if _pays_on(each, found, as_of)),
        posts_funded=delivery.headcount(grant.delivery, funded),
        posts_by_rank=delivery.by_rank(grant.delivery, funded),
        windows=sections.windows(found, grant.variation, as_of),
        lines=sections.lines(found, known, grant.recovery, as_of),
        variations=sections.variations(grant.variation, as_of, today),
        returns=sections.returns(grant.recovery, as_of),
        papers=approval.papers(grant.approval),
        decisions=tuple(each.decision for each in grant.approval.decisions.values()),
        exceptions=sections.exceptions(grant.assurance, as_of),
        assessments=sections.assessments(grant.assurance),
        predecessors=_predecessors(grant),
        related=tuple(ReferenceRow(reference=each.reference, external=each.external, note=None) for each in grant.exit.successors),
        exit=sections.ending(grant.exit),
    )


def at_risk_pence(per_day_pence: int, since: date, due: date | None, today: date) -> int:
    """What a wait costs: so much a day from ``since`` to the later of ``due`` and ``today``; straight line, indicative."""
    return per_day_pence * max((max(due or today, today) - since).days, 0)


def _money(books: State, found: Iterable[Instrument], known: Iterable[Share], as_of: date) -> Money:
    instruments_ = tuple(found)
    caps = _caps_by_year(instruments_, as_of)
    asked = [each for each in instruments_ if each.offered and each.offered <= as_of]
    agreed = sum(each.agreed.agreed_pence for each in books.returns.values() if each.agreed and agreed_by(each, as_of))
    lost = sum(each.agreed.disallowed_pence for each in books.returns.values() if each.agreed and agreed_by(each, as_of))
    received = sum(each.paid_pence for each in books.payments.values() if last_day_of(each.on) <= as_of)
    income = sum(each.accrued_pence for each in books.accrued if last_day_of(each.booked) <= as_of)
    outturns = [each.outturn_pence for each in books.outturns.values() if last_day_of(each.on) <= as_of]
    spent = [each for each in known if each.cost.incurred <= as_of and each.is_cost]
    outside = [each for each in spent if not each.host_borne and sections.in_return(each, books, as_of) is None]
    support = sum(each.borne_pence for each in books.support.values() if last_day_of(each.last) <= as_of)
    return Money(
        cap_pence=sum(caps.values()),
        caps_by_year=caps,
        sought_pence=sum(each.sought_on(as_of) for each in asked),
        peak_sought_pence=max((sum(other.sought_on(each.offered) for other in asked) for each in asked if each.offered), default=0),
        claimed_pence=sum(each.submitted.claim_pence for each in books.returns.values() if each.submitted and submitted_by(each, as_of)),
        agreed_pence=agreed,
        received_pence=received,
        debtor_pence=agreed - received,
        accrued_pence=income - agreed - lost,
        outturn_pence=sum(outturns) if outturns else None,
        excluded_pence=sum(each.pence for each in outside),
        claimable_pence=sum(each.pence for each in outside if each.open_to_claim),
        held_pence=sum(each.pence for each in outside if each.held),
        host_borne_pence=support + sum(each.pence for each in spent if each.host_borne),
        lapsed_pence=sum(each.lapsed_pence for each in books.lapsed if last_day_of(each.on) <= as_of),
        forfeited_pence=0,
    )


def _caps_by_year(found: tuple[Instrument, ...], as_of: date) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in found:
        for year, pence in each.caps_by_year.items() if _pays_on(each, found, as_of) else ():
            sums[year] = sums.get(year, 0) + pence
    return dict(sorted(sums.items()))


def _pays_on(each: Instrument, found: Iterable[Instrument], as_of: date) -> bool:
    """In force by that day, and no agreement stood for it yet."""
    if each.in_force is None or each.in_force > as_of:
        return False
    return not (each.replaced and any(other.name in each.names and other.name != each.name and _pays_on(other, (), as_of) for other in found))


def _last_of(as_of: date, found: Iterable[Instrument]) -> date:
    """That day, or the last funded one once it is past."""
    last = max((each.window.last for each in found if each.pays), default=as_of)
    return min(as_of, last)


def _predecessors(grant: Grant) -> tuple[ReferenceRow, ...]:
    stated = grant.opening.opened.predecessors if grant.opening.opened else ()
    return tuple(ReferenceRow(reference=each.reference, external=each.external, note=each.note) for each in stated)
