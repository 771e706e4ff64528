"""The lead schedule of a year's grant debtors: opening + income - disallowed - cash = closing, tied to the trial balance.

The movements are summed from the events; the balances beside them from the stored postings, and from the figures that
every view shows. Three ways to one closing balance, by grant and entity; where they differ, the difference is a column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.audit.lives import Life, lives
from app.audit.report import Report, Table, View
from app.audit.spans import Year
from app.reader import Reader
from domain.adjustments import PaymentRepaid
from domain.books import IncomeAccrued
from domain.calendar import StatedDate, last_day_of
from domain.figures import figures
from domain.model import Event
from domain.returns import PaymentReceived, ReturnAgreed
from store.queries import PostingRow

MEMO = ("award", "unclaimed", "lapsed", "forfeited", "host_borne", "host_contribution")
"""The uses of accounts that are memos: beside the trial balance, never in it."""

PROVES = (
    "For each grant and entity: opening debtor, income, disallowances and cash, as the events state them, come to the closing debtor.",
    "That closing debtor is the balance of the debtor's accounts over all stored postings up to the year's last day, and what `show` gives for that day.",
    "The trial balance sums to nothing, entity by entity: every posting has a debit and a credit.",
)
DOES_NOT_PROVE = (
    "That every cost, agreement and payment was recorded: compare the returns with the funder's, the cash with the bank, the cost with the general ledger.",
    "That nothing was altered since: `grants audit verify` does.",
    "That the debtor will be paid.",
)


@dataclass(frozen=True)
class Movement:
    """What one event does to the debtor of an entity on an accounting date, in whole pence."""

    entity: str
    on: date
    income_pence: int = 0
    agreed_pence: int = 0
    disallowed_pence: int = 0
    cash_pence: int = 0

    @property
    def net_pence(self) -> int:
        """What it adds to the debtor."""
        return self.income_pence - self.disallowed_pence - self.cash_pence


def leads(reader: Reader, year: Year) -> Report:
    """The lead schedule of a year, with its totals and the trial balance at its end. Where nothing was owed or moved, no row stands."""
    found = list(lives(reader))
    rows = [row for life in found for row in _rows(life, year) if any(row[name] for name in (*SUMS, *DIFFERENCES))]
    balances = list(_trial_balance(found, year))
    return Report(
        about=year.about(),
        tables=(
            Table("leads", f"Grant debtors, {year.label} ({year.window})", LEADS, rows),
            Table("totals", "In all", TOTALS, list(_totals(rows))),
            Table("trial_balance", f"Trial balance at {year.window.last} (debits less credits)", BALANCES, balances),
        ),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
        ok=all(row[name] == 0 for row in rows for name in DIFFERENCES) and _balanced(balances),
    )


SUMS = ("opening_pence", "income_pence", "disallowed_pence", "cash_pence", "closing_pence", "closing_accrued_pence", "closing_agreed_pence", "ledger_pence")
DIFFERENCES = ("difference_pence", "shown_difference_pence")
MONEY = {"opening": "opening_pence", "+ income": "income_pence", "- disallowed": "disallowed_pence", "- cash": "cash_pence", "= closing": "closing_pence"}
LEADS = {"grant": "grant", "entity": "entity", **MONEY, "of it agreed": "closing_agreed_pence", "difference": "difference_pence"}
TOTALS = {"clock": "clock", "invented": "hypothetical", **MONEY, "of it agreed": "closing_agreed_pence", "in the ledger": "ledger_pence"}
BALANCES = {"clock": "clock", "invented": "hypothetical", "entity": "entity", "account": "account", "memo": "memo", "balance": "balance_pence"}


def _rows(life: Life, year: Year) -> Iterator[View]:
    """A row an entity; what `show` says is said of the whole grant, so it is compared with the grant's closing debtor."""
    movements = [each for line in life.lines for each in movements_of(line.past.body)]
    debtors = {name for accounts in life.accounts() for name in (accounts.receivable_accrued, accounts.receivable_agreed)}
    entities = {each.entity for each in movements} | {each.entity for each in life.postings if debtors & {each.debit, each.credit}}
    shown = figures(life.grant, year.window.last, year.window.last) if entities else None
    rows = [_row(life, entity, [each for each in movements if each.entity == entity], year) for entity in sorted(entities)]
    closing = sum(row["closing_pence"] for row in rows)
    for row in rows:
        yield {**row, "shown_difference_pence": closing - (shown.debtor_pence + shown.accrued_pence) if shown else 0}


def _row(life: Life, entity: str, movements: Sequence[Movement], year: Year) -> View:
    """What the events of an entity state, beside what its postings come to; the difference sums all six comparisons."""
    stated, posted = _stated(movements, year), _posted(life, entity, year)
    return {
        **life.named(),
        "entity": entity,
        **stated,
        "closing_pence": stated["closing_accrued_pence"] + stated["closing_agreed_pence"],
        "ledger_pence": posted["closing_accrued_pence"] + posted["closing_agreed_pence"],
        "difference_pence": sum(abs(stated[name] - posted[name]) for name in stated),
    }


def _stated(movements: Sequence[Movement], year: Year) -> dict[str, int]:
    """The schedule of one entity from its events, in whole pence."""
    during = [each for each in movements if year.window.holds(each.on)]
    upto = [each for each in movements if each.on <= year.window.last]
    agreed = sum(each.agreed_pence - each.cash_pence for each in upto)
    return {
        "opening_pence": sum(each.net_pence for each in movements if each.on < year.window.first),
        "income_pence": sum(each.income_pence for each in during),
        "disallowed_pence": sum(each.disallowed_pence for each in during),
        "cash_pence": sum(each.cash_pence for each in during),
        "closing_accrued_pence": sum(each.net_pence for each in upto) - agreed,
        "closing_agreed_pence": agreed,
    }


def _posted(life: Life, entity: str, year: Year) -> dict[str, int]:
    """The same from its stored postings: balances of accounts, debits less credits."""
    before = [each for each in life.postings if each.entity == entity and each.booked < str(year.window.first)]
    during = [each for each in life.postings if each.entity == entity and year.holds(each.booked)]
    used = life.accounts()
    accrued, agreed = {each.receivable_accrued for each in used}, {each.receivable_agreed for each in used}
    return {
        "opening_pence": _balance(before, accrued | agreed),
        "income_pence": -_balance(during, {each.income for each in used}),
        "disallowed_pence": _balance(during, {each.disallowed for each in used}),
        "cash_pence": _balance(during, {each.bank for each in used}),
        "closing_accrued_pence": _balance((*before, *during), accrued),
        "closing_agreed_pence": _balance((*before, *during), agreed),
    }


def _balance(rows: Iterable[PostingRow], accounts: Collection[str]) -> int:
    return sum(each.amount * ((each.debit in accounts) - (each.credit in accounts)) for each in rows)


def movements_of(body: Event) -> tuple[Movement, ...]:
    """What an event does to the debtor; nothing for most events."""
    match body:
        case IncomeAccrued(entity=entity, booked=booked, accrued_pence=pence):
            return (Movement(entity, _day(booked), income_pence=pence),)
        case ReturnAgreed(entity=entity, dated=dated, agreed_pence=agreed, disallowed_pence=lost):
            return (Movement(entity, _day(dated), agreed_pence=agreed, disallowed_pence=lost),)
        case PaymentReceived(entity=entity, on=on, paid_pence=pence):
            return (Movement(entity, _day(on), cash_pence=pence),)
        case PaymentRepaid(entity=entity, on=on, repaid_pence=pence):
            return (Movement(entity, _day(on), cash_pence=-pence),)
        case _:
            return ()


def _totals(rows: Iterable[View]) -> Iterator[View]:
    """Sums by clock, invented grants apart: what was rehearsed or invented is never added to what is real."""
    found: dict[tuple[str, bool], list[View]] = {}
    for row in rows:
        found.setdefault((row["clock"], row["hypothetical"]), []).append(row)
    for (clock, hypothetical), those in sorted(found.items()):
        sums = {name: sum(each[name] for each in those) for name in (*SUMS, "difference_pence")}
        yield {"clock": clock, "hypothetical": hypothetical, **sums}


def _trial_balance(found: Iterable[Life], year: Year) -> Iterator[View]:
    sums: dict[tuple[str, bool, str, str], int] = {}
    memos: set[str] = set()
    for life in found:
        memos |= {str(getattr(accounts, use)) for accounts in life.accounts() for use in MEMO}
        for row in life.postings:
            for account, pence in ((row.debit, row.amount), (row.credit, -row.amount)) if row.booked <= str(year.window.last) else ():
                spot = (str(life.grant.clock), life.invented, row.entity, account)
                sums[spot] = sums.get(spot, 0) + pence
    for (clock, hypothetical, entity, account), pence in sorted(sums.items()):
        yield {"clock": clock, "hypothetical": hypothetical, "entity": entity, "account": account, "memo": account in memos, "balance_pence": pence}


def _balanced(rows: Iterable[View]) -> bool:
    """Whether the accounts of each entity, and its memos, sum to nothing."""
    sums: dict[tuple[object, ...], int] = {}
    for row in rows:
        spot = (row["clock"], row["hypothetical"], row["entity"], row["memo"])
        sums[spot] = sums.get(spot, 0) + row["balance_pence"]
    return not any(sums.values())


def _day(stated: StatedDate) -> date:
    return last_day_of(stated)
