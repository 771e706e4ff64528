"""Every figure of a grant at a day, in whole pence: what ``show`` and ``list`` print; of them the standing row keeps the sums.

A date means the end of that London day; facts count from the day they state, not from when we learnt of them (CONTRACT,
Figures). "As known at" is a fold of fewer events, never a figure's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from domain import approval, bid_rows, sections, terms_rows
from domain.assurance_rows import AssuranceFigures, assurance_figures
from domain.authority import StatedDecision
from domain.bid_rows import BidRow
from domain.books import State
from domain.calendar import last_day_of
from domain.chain_rows import ChainFigures, chain_figures, outturn, years
from domain.cost_rows import CostFigures, cost_figures
from domain.delivery_rows import DeliveryFigures, delivery_figures
from domain.eligibility import Share, shares
from domain.exit_rows import ExitRow, ending
from domain.grant import Grant
from domain.instruments import Instrument, last_funded_day
from domain.model import Cap, Frozen, Pence
from domain.money import Amount, Stated, coarsest
from domain.register import PaperRow
from domain.sections import LineRow, ReturnRow, WindowRow, agreed_by, submitted_by
from domain.terms_rows import JudgementRow, VariationRow


class Money(Frozen):
    """The sums. ``cap`` = ``agreed`` + ``lapsed`` + ``forfeited`` once settled; ``agreed`` = ``received`` + ``debtor`` always.

    ``excluded`` is cost in no return, less what the host bears and less the match (what the funder's rate leaves); of it,
    ``claimable`` is eligible and waits for its return, ``held`` waits for an acceptance. ``accrued`` is income not agreed
    yet. ``outturn`` null: no year is settled.
    """

    cap_pence: Pence
    caps_by_year: dict[str, Pence]
    sought_pence: Cap
    peak_sought_pence: Cap
    claimed_pence: Cap
    agreed_pence: Cap
    received_pence: Pence
    debtor_pence: Pence
    accrued_pence: Pence
    outturn_pence: Cap | None
    excluded_pence: Cap
    claimable_pence: Cap
    held_pence: Cap
    host_borne_pence: Cap
    match_pence: Cap
    lapsed_pence: Cap
    forfeited_pence: Cap


class Sums(Money, ChainFigures):
    """What the standing row keeps: what lists and programmes add up. ``precision`` as in ``Figures``."""

    precision: Stated


class Figures(Money, ChainFigures, DeliveryFigures, CostFigures, AssuranceFigures):
    """The sums and the sections at one day. ``precision`` is how exactly the caps in force were stated, the coarsest of them.

    ``cap_derived``: several instruments make the cap, and no document prints their total (R-19).
    """

    precision: Stated
    bids: tuple[BidRow, ...]
    cap_derived: bool
    windows: tuple[WindowRow, ...]
    lines: tuple[LineRow, ...]
    variations: tuple[VariationRow, ...]
    judgements: tuple[JudgementRow, ...]
    returns: tuple[ReturnRow, ...]
    papers: tuple[PaperRow, ...]
    decisions: tuple[StatedDecision, ...]
    exit: ExitRow


def figures(grant: Grant, as_of: date, today: date, then: Grant | None = None) -> Figures:
    """Everything about a grant at the end of a London day; ``today`` is the day until which a wait is reckoned.

    ``then`` is the grant as the record had it at the end of that day (null: as it is now): papers, successors and the exit
    have no dates of their own, so they come from there.
    """
    then = then or grant
    return Figures(
        **_reckoned(grant, as_of, today, then),
        papers=approval.papers(then.approval, then.opening.policy),
        decisions=approval.decisions(grant.approval, as_of),
    )


def sums(grant: Grant, day: date) -> Sums:
    """The sums at the end of a London day. All that is reckoned of money is reckoned with them, so a grant whose sums can be had can be shown."""
    found = _reckoned(grant, day, day, grant)
    return Sums(**{name: found[name] for name in Sums.model_fields})


def _reckoned(grant: Grant, as_of: date, today: date, then: Grant) -> dict[str, Any]:
    """All figures but the papers and decisions, by name."""
    found = grant.instruments
    known = shares(grant.recovery, grant.terms)
    paying = tuple(each for each in found if _pays_on(each, found, as_of))
    caps = _caps_by_year(found, as_of)
    cap = Amount(pence=sum(caps.values()), stated=coarsest(each.stated for each in paying))
    return {
        **dict(_money(grant.recovery, found, known, as_of)),
        **dict(cost_figures(grant.recovery, known, caps, as_of)),
        **dict(chain_figures(then.opening, then.exit, years(grant.recovery, caps, as_of), cap)),
        "precision": cap.stated,
        "bids": bid_rows.rows(grant.bid, grant.agreement, as_of),
        "cap_derived": terms_rows.cap_derived(paying),
        **dict(delivery_figures(grant.delivery, as_of, last_funded_day(found), grant.opening.policy)),
        "windows": sections.windows((each for each in found if not _replaced_on(each, found, as_of)), grant.variation, as_of),
        "lines": sections.lines(paying, known, grant.recovery, as_of),
        "variations": terms_rows.variations(grant.variation, as_of, today),
        "judgements": terms_rows.judgements(grant.recovery, as_of),
        "returns": sections.returns(grant.recovery, as_of),
        **dict(assurance_figures(grant.assurance, as_of)),
        "exit": ending(then.exit, grant.exit, as_of),
    }


def _money(books: State, found: Iterable[Instrument], known: Iterable[Share], as_of: date) -> Money:
    instruments_ = tuple(found)
    caps = _caps_by_year(instruments_, as_of)
    asked = [each for each in instruments_ if each.offered and each.offered <= as_of]
    agreed = sum(each.agreed.agreed_pence for each in books.returns.values() if each.agreed and agreed_by(each, as_of))
    lost = sum(each.agreed.disallowed_pence for each in books.returns.values() if each.agreed and agreed_by(each, as_of))
    received = sections.received_by(books, as_of)
    income = sum(each.accrued_pence for each in books.accrued if last_day_of(each.booked) <= as_of)
    outturns = [pence for year in books.outturns if (pence := outturn(books, year, as_of)) is not None]
    spent = [each for each in known if each.cost.incurred <= as_of and each.is_cost]
    outside = [each for each in spent if not each.own and sections.in_return(each, books, as_of) is None]
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
        match_pence=sum(each.pence for each in spent if each.match),
        lapsed_pence=sum(each.lapsed_pence for each in books.lapsed if last_day_of(each.on) <= as_of),
        forfeited_pence=sum(each.forfeited_pence for each in books.forfeits.values() if last_day_of(each.dated) <= as_of),
    )


def _caps_by_year(found: tuple[Instrument, ...], as_of: date) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in found:
        for year, pence in each.caps_by_year.items() if _pays_on(each, found, as_of) else ():
            sums[year] = sums.get(year, 0) + pence
    return dict(sorted(sums.items()))


def _pays_on(each: Instrument, found: Iterable[Instrument], as_of: date) -> bool:
    """In force by that day, and no agreement stood for it yet."""
    return each.in_force is not None and each.in_force <= as_of and not _replaced_on(each, found, as_of)


def _replaced_on(each: Instrument, found: Iterable[Instrument], as_of: date) -> bool:
    """Whether an agreement stood for this offer by that day."""
    return each.replaced and any(other.name in each.names and other.name != each.name and _pays_on(other, (), as_of) for other in found)
