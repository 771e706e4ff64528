"""The grant sub-ledger: postings as a pure function of events, each row a debit, a credit and an amount above nothing.

Written in the event's own transaction and recomputed by the audit (DESIGN §7; docs/decisions/0001). Cost and cash are
mirrored from the general ledger and never sent back; what a cap is worth and what the host bears are memos; income, its
disallowance and the debtor are ours, and are handed to the finance system.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from domain.adjustments import CapForfeited, PaymentRepaid
from domain.agreement import AgreementExecuted, OfferAccepted
from domain.books import CapLapsed, IncomeAccrued
from domain.calendar import last_day_of
from domain.changes import VariationApplied
from domain.expenditure import Cost, CostsRecorded, Replacement, SupportRecorded
from domain.grant import Grant, evolve
from domain.instruments import caps_by_year
from domain.model import LARGEST, Frozen, Name, Past
from domain.policy import Accounts
from domain.returns import PaymentReceived, ReturnAgreed


class Posting(Frozen):
    """One row of the ledger: whole pence (more than none) from the credit account to the debit account of one entity.

    ``booked`` is the accounting date (Europe/London).
    """

    entity: Name
    debit: Name
    credit: Name
    pence: Annotated[int, Field(gt=0, le=LARGEST)]
    booked: date


def postings(past: Past, before: Grant) -> tuple[Posting, ...]:
    """What an event posts, given the grant as it stood before it; nothing for most events."""
    accounts = before.policy.accounts if before.opening.policy else Accounts()
    match past.body:
        case CostsRecorded() as costs:
            return _costs(costs, accounts)
        case SupportRecorded(entity=entity, borne_pence=pence, last=last):
            return _move(entity, accounts.host_borne, accounts.host_contribution, pence, last)
        case OfferAccepted() | AgreementExecuted() | VariationApplied():
            return _move(before.entity, accounts.award, accounts.unclaimed, _cap(evolve(before, past)) - _cap(before), str(past.effective))
        case IncomeAccrued(entity=entity, accrued_pence=pence, booked=booked):
            return _move(entity, accounts.receivable_accrued, accounts.income, pence, booked)
        case ReturnAgreed() as agreed:
            return _agreed(agreed, accounts)
        case PaymentReceived(entity=entity, paid_pence=pence, on=on):
            return _move(entity, accounts.bank, accounts.receivable_agreed, pence, on)
        case PaymentRepaid(entity=entity, repaid_pence=pence, on=on):
            return _move(entity, accounts.receivable_agreed, accounts.bank, pence, on)
        case CapLapsed(entity=entity, lapsed_pence=pence, on=on):
            return _move(entity, accounts.unclaimed, accounts.lapsed, pence, on)
        case CapForfeited(entity=entity, forfeited_pence=pence, dated=dated):
            return _move(entity, accounts.unclaimed, accounts.forfeited, pence, dated)
        case _:
            return ()


def balances(rows: Iterable[Posting]) -> dict[str, int]:
    """Debits less credits of each account over all entities, in whole pence, accounts in order; the whole sums to nothing."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.debit] = sums.get(row.debit, 0) + row.pence
        sums[row.credit] = sums.get(row.credit, 0) - row.pence
    return dict(sorted(sums.items()))


def _costs(recorded: CostsRecorded, accounts: Accounts) -> tuple[Posting, ...]:
    memo = frozenset(recorded.host_borne)
    rows = (posting for row in recorded.rows for posting in _cost(row, accounts, memo=row.key in memo))
    return (*rows, *(posting for each in recorded.replaced for posting in _reversed(each, accounts)))


def _cost(row: Cost, accounts: Accounts, *, memo: bool) -> tuple[Posting, ...]:
    on = row.incurred.isoformat()
    if memo:
        return _move(row.entity, accounts.host_borne, accounts.host_contribution, row.pence, on)
    return _move(row.entity, accounts.cost, accounts.accruals if row.basis == "accrual" else accounts.cost_clearing, row.pence, on)


def _reversed(each: Replacement, accounts: Accounts) -> tuple[Posting, ...]:
    on = each.on.isoformat()
    if each.memo:
        return _move(each.entity, accounts.host_contribution, accounts.host_borne, each.pence, on)
    return _move(each.entity, accounts.accruals, accounts.cost, each.pence, on)


def _agreed(agreed: ReturnAgreed, accounts: Accounts) -> tuple[Posting, ...]:
    return (
        *_move(agreed.entity, accounts.receivable_agreed, accounts.receivable_accrued, agreed.agreed_pence, agreed.dated),
        *_move(agreed.entity, accounts.disallowed, accounts.receivable_accrued, agreed.disallowed_pence, agreed.dated),
    )


def _cap(grant: Grant) -> int:
    return sum(caps_by_year(grant.instruments).values())


def _move(entity: str, debit: str, credit: str, pence: int, on: str) -> tuple[Posting, ...]:
    """One posting on a stated day, the other way round for an amount below nothing; none for nothing."""
    if not pence:
        return ()
    sides = {"debit": debit, "credit": credit} if pence > 0 else {"debit": credit, "credit": debit}
    return (Posting(entity=entity, **sides, pence=abs(pence), booked=last_day_of(on)),)
