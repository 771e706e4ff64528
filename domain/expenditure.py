"""Expenditure: cost as it was incurred, mirrored from the general ledger, and support that the host bears.

Part of the room ``recovery``. Facts: every cost is recorded, whatever becomes of it (DESIGN §7); ``domain.eligibility``
says what that is.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.calendar import Window, add_months
from domain.charging import Charge
from domain.model import Cap, CommandBody, Event, Frozen, Identifier, Name, Text
from domain.money import MONTHS_OF_A_YEAR, pro_rata

MOST_ROWS = 1000
"""Rows in one command (CONTRACT, Sizes)."""

DAYS_OF_A_YEAR = 365

# What can be recorded ---------------------------------------------------------------------------------------------------


class Cost(Frozen):
    """One cost, under its own key, in whole pence.

    ``incurred`` is the London day on which goods or services were received, whenever they are paid (accruals basis, B4).
    VAT that is recovered elsewhere is no cost and never enters a return (B4); VAT that is not is part of the cost.
    An actual may replace one accrual, once; ``ledger_ref`` is the general ledger's own reference, ``kept`` says where the
    evidence is. ``charge``: another body did the work and charges it (R-43); null: the entity's own cost.
    """

    key: Identifier
    incurred: date
    category: Identifier
    line: Identifier
    entity: Name
    net_pence: Cap
    vat_pence: Cap = 0
    vat_recoverable: bool = True
    charge: Charge | None = None
    basis: Literal["actual", "accrual"]
    replaces: Identifier | None = None
    ledger_ref: Name
    evidence: Text | None = None
    kept: Name

    @model_validator(mode="after")
    def _only_an_actual_replaces(self) -> Self:
        if self.replaces is not None and self.basis == "accrual":
            message = "an accrual replaces nothing"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _a_charge_is_invoiced(self) -> Self:
        if self.charge and self.charge.invoice is None and self.basis == "actual":
            message = "a charge names its invoice, unless it is accrued"
            raise ValueError(message)
        return self

    @property
    def pence(self) -> int:
        """What it costs: the net, and with it VAT that nobody gives back."""
        return self.net_pence if self.vat_recoverable else self.net_pence + self.vat_pence


class RecordCosts(CommandBody, kind="fact"):
    """A batch of costs. A key that is recorded already with the same row adds nothing."""

    rows: Annotated[tuple[Cost, ...], Field(min_length=1, max_length=MOST_ROWS)]


class RecordSupport(CommandBody, kind="fact"):
    """Support cost of so many officers, at a rate a year in pence, which the host bears itself (R-21, R-41).

    ``basis``: whole months of the window over 12, or its days over 365 (resolution G3; the first is our default).
    """

    support: Identifier
    officers: Annotated[int, Field(ge=1, le=100_000)]
    annual_rate_pence: Cap
    window: Window
    basis: Literal["whole_months", "days"] = "whole_months"


# What can have happened -------------------------------------------------------------------------------------------------


class Replacement(Frozen):
    """An accrual gives way to its actual: ``pence`` of it are reversed on the day of the actual.

    ``memo``: the host bears it, so it was never more than a memo.
    """

    accrual: Identifier
    actual: Identifier
    pence: Cap
    entity: Name
    on: date
    memo: bool


class CostsRecorded(Event, wire="costs.recorded", said="{count:cost|costs} recorded, {total_pence} in all"):
    """The rows that were new. ``host_borne`` names the keys of those that the host bears under the terms of that day."""

    rows: tuple[Cost, ...]
    count: int
    total_pence: Cap
    replaced: tuple[Replacement, ...]
    host_borne: tuple[Identifier, ...]


class SupportRecorded(Event, wire="support.recorded", said="Support by {officers:officer|officers}, {borne_pence}, borne by {entity}", effective="last"):
    """A memo of what the host bears; it counts from the window's last day and never enters a return (invariants 8, 9)."""

    support: Identifier
    officers: int
    annual_rate_pence: Cap
    window: Window
    basis: Literal["whole_months", "days"]
    borne_pence: Cap
    entity: Name
    last: str


# The rules --------------------------------------------------------------------------------------------------------------


def support_pence(body: RecordSupport) -> int:
    """Officers times rate times the part of a year, half-up to the penny (T4: three of twelve months are a quarter)."""
    part, whole = (whole_months(body.window), MONTHS_OF_A_YEAR) if body.basis == "whole_months" else (body.window.days(), DAYS_OF_A_YEAR)
    return pro_rata(body.officers * body.annual_rate_pence, part, whole)


def whole_months(window: Window) -> int:
    """How many whole months fit between the first day and the last, both included (1 January to 31 March: 3)."""
    after = window.last + timedelta(days=1)
    months = (after.year - window.first.year) * 12 + after.month - window.first.month
    return max(months if add_months(window.first, months) <= after else months - 1, 0)
