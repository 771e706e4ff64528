"""What changes a year's money beside cost and returns: a forfeit, money paid back, the accountant's judgement of the year.

Part of the room ``recovery``: words only; the rules are in ``domain.adjusting``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import StatedDate, YearLabel
from domain.model import Cap, CommandBody, Event, Identifier, Name, Text

Treatment = Literal["adjusting", "non_adjusting"]
"""An adjusting event belongs to the year that has ended, a non-adjusting one to the year in which it came about (IAS 10)."""

# What can be asked for --------------------------------------------------------------------------------------------------


class RecordForfeit(CommandBody, kind="fact"):
    """Money of a year's cap is lost because the funder's cut-off was missed (DESIGN §2, Forfeit). Whole pence.

    ``period`` names the return that came too late, null where it was none; ``dated`` is when the funder said so.
    """

    forfeit: Identifier
    year: YearLabel
    pence: Annotated[int, Field(gt=0)]
    period: Identifier | None = None
    why: Text
    dated: StatedDate


class RecordRepayment(CommandBody, kind="fact"):
    """Money went back to the funder, which had paid more than it agreed (invariant 14).

    Mirrored from the general ledger under its reference; ``on`` is the London day. Whole pence.
    """

    repayment: Identifier
    period: Identifier
    pence: Annotated[int, Field(gt=0)]
    on: date
    ledger_ref: Name


class RecordJudgement(CommandBody, kind="act"):
    """The accountant's judgement of the year to which the income of a late instrument belongs (DESIGN §7).

    ``adjusting``: the year that it funds, on its last day; ``non_adjusting``: the day on which it is recorded. It holds for
    income that accrues from then on.
    """

    judgement: Identifier
    year: YearLabel
    instrument: Identifier
    treatment: Treatment
    words: Text


# What can have happened -------------------------------------------------------------------------------------------------


class CapForfeited(Event, wire="cap.forfeited", said="{forfeited_pence} of {year} forfeited: {why}", effective="dated"):
    """Part of a cap is gone before the year is settled. ``forfeited_pence`` is what counts: never more than was left of the cap.

    ``stated_pence`` is the sum as it was recorded. Whole pence.
    """

    forfeit: Identifier
    year: YearLabel
    stated_pence: Cap
    forfeited_pence: Cap
    period: Identifier | None
    why: Text
    dated: StatedDate
    entity: Name


class PaymentRepaid(Event, wire="payment.repaid", said="{repaid_pence} paid back for {period}", effective="on"):
    """Money went back to the funder."""

    repayment: Identifier
    period: Identifier
    repaid_pence: Cap
    on: StatedDate
    ledger_ref: Name
    entity: Name


class YearJudged(Event, wire="year.judged", said="{instrument} judged {treatment} for {year}: {words}"):
    """Where the income of an instrument belongs, in the accountant's words."""

    judgement: Identifier
    year: YearLabel
    instrument: Identifier
    treatment: Treatment
    words: Text


Happened = CapForfeited | PaymentRepaid | YearJudged
"""What happens to a year's money."""
