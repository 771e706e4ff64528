"""The section of bids in a grant's view: what each asks for, what let it go, and what became of it by an as-of day.

Money is whole pence; what happened later than the day is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from domain import agreement
from domain.bidding import Answer, Bid, Call, State, Submission
from domain.calendar import StatedDate, YearLabel, day_of, last_day_of
from domain.model import Cap, Frozen, Identifier, Instant, Name, Text
from domain.money import Stated

Standing = Literal["drafted", "submitted", "won", "won below the bid", "lost", "withdrawn"]
_ANSWERED: dict[str, Standing] = {"won": "won", "won_lower": "won below the bid", "lost": "lost"}


class BidRow(Frozen):
    """One bid. ``authorised_by`` is the decision that let it go, ``delegation`` under what; null: it is not sent, or nothing did.

    ``offers`` are the offers and agreements that answer it; ``awarded_pence`` null: the funder has not answered.
    """

    bid: Identifier
    opportunity: Identifier | None
    fund: Name
    aliases: tuple[Name, ...]
    closes: Instant | None
    standing: Standing
    edition: int | None
    asked_pence: Cap
    asked_by_year: dict[YearLabel, Cap]
    stated: Stated
    submitted: StatedDate | None
    authorised_by: Name | None
    delegation: Text | None
    answered: StatedDate | None
    awarded_pence: Cap | None
    awarded_by_year: dict[YearLabel, Cap] | None
    reason: Text | None
    offers: tuple[Identifier, ...]


def rows(state: State, agreements: agreement.State, as_of: date) -> tuple[BidRow, ...]:
    """Every bid that was written or sent by the end of that London day."""
    return tuple(row for each in state.bids.values() if (row := _row(each, state, agreements, as_of)))


def _row(found: Bid, state: State, agreements: agreement.State, as_of: date) -> BidRow | None:
    sent, answer = _sent_by(found, as_of), _answer_by(found, as_of)
    drafted = found.draft is not None and day_of(found.draft.recorded) <= as_of
    application = found.application if sent or drafted else None
    if application is None:
        return None
    withdrawn = found.withdrawal if found.withdrawal and day_of(found.withdrawal.recorded) <= as_of else None
    call = state.opportunities.get(application.opportunity or "")
    fact = answer.answered if answer else None
    return BidRow(
        bid=found.bid,
        opportunity=application.opportunity,
        fund=application.fund,
        aliases=tuple(dict.fromkeys((*application.aliases, *(each for each in _names(call) if each != application.fund)))),
        closes=call.closes if call else None,
        standing="withdrawn" if withdrawn else _ANSWERED[fact.outcome] if fact else "submitted" if sent else "drafted",
        edition=found.draft.edition if found.draft else None,
        asked_pence=sum(application.caps_by_year.values()),
        asked_by_year=application.caps_by_year,
        stated=application.stated,
        submitted=sent.submitted.submitted if sent else None,
        authorised_by=sent.submitted.authorised_by if sent else None,
        delegation=sent.submitted.delegation if sent else None,
        answered=fact.dated if fact else None,
        awarded_pence=fact.awarded_pence if fact else None,
        awarded_by_year=fact.awarded_by_year if fact else None,
        reason=withdrawn.reason if withdrawn else fact.reason if fact else None,
        offers=tuple(_offers(found.bid, agreements, as_of)),
    )


def _names(call: Call | None) -> tuple[str, ...]:
    return (call.fund, *call.aliases) if call else ()


def _sent_by(found: Bid, as_of: date) -> Submission | None:
    return found.submission if found.submission and last_day_of(found.submission.submitted.submitted) <= as_of else None


def _answer_by(found: Bid, as_of: date) -> Answer | None:
    return found.answer if found.answer and last_day_of(found.answer.answered.dated) <= as_of else None


def _offers(bid: str, agreements: agreement.State, as_of: date) -> Iterable[str]:
    yield from (name for name, each in agreements.offers.items() if each.received.bid == bid and last_day_of(each.received.received) <= as_of)
    yield from (name for name, each in agreements.agreements.items() if each.executed.bid == bid and last_day_of(each.executed.executed) <= as_of)
