"""What an offer or an agreement says, and whether its stated total agrees with its own lines (DESIGN §7: the parts rule).

Part of the room ``agreement``.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from domain.exception import DiscrepancyFound
from domain.model import Cap, Document, Frozen, Identifier, fields_of, said
from domain.money import Amount, Stated
from domain.terms import CapLines, ReturnSchedule

TOTAL_DISAGREES = "a stated total that its lines do not make"
TOTAL_DISAGREES_WHY = "{instrument} states {stated_pence}, but its lines sum to {sum_pence}; the lines rule."


class Provisions(Frozen):
    """What an offer or an agreement says: its lines, who bears what, how cost is claimed back, and its documents.

    ``stated`` is how exactly its sums are stated; ``stated_cap_pence`` the total that it states itself, null where it
    states none (R-10, R-18). ``host_borne`` are the categories that the host bears and no return includes (R-41);
    ``tasked`` are those that are claimable only under a tasking (R-43). ``start_unknown``: no first day is stated, so its
    lines pay from the day on which it came into force (G13).
    ``returns`` null: no cadence is agreed yet (G12). A restricted breakdown stands among ``documents`` (R-80).
    """

    lines: CapLines
    host_borne: tuple[Identifier, ...] = ()
    tasked: tuple[Identifier, ...] = ()
    start_unknown: bool = False
    returns: ReturnSchedule | None = None
    stated: Stated = "penny"
    stated_cap_pence: Cap | None = None
    documents: tuple[Document, ...] = ()

    @model_validator(mode="after")
    def _years_as_returns_count_them(self) -> Self:
        from_january = self.returns is not None and self.returns.first_month == 1
        if self.returns and any(("/" in each.year) == from_january for each in self.lines):
            message = "a year is named by itself (2024) where returns are counted from January (first_month: 1), by two (2020/21) elsewhere"
            raise ValueError(message)
        return self


def stated_in(said_by: Provisions) -> dict[str, Any]:
    """The provisions alone, by name: what an event takes over from its command."""
    return fields_of(said_by, Provisions)


def other_sum(provisions: Provisions) -> int | None:
    """What the lines sum to, if that is not the stated total as exactly as it is stated; null: they agree, or none is stated."""
    stated, summed = provisions.stated_cap_pence, sum(each.pence for each in provisions.lines)
    if stated is None or Amount(pence=stated, stated=provisions.stated).agrees_with(Amount(pence=summed)):
        return None
    return summed


def disagrees(name: str, provisions: Provisions, owner: str) -> tuple[DiscrepancyFound, ...]:
    """The discrepancy of a stated total and its lines, for its owner; none where they agree."""
    summed = other_sum(provisions)
    if summed is None:
        return ()
    why = said(TOTAL_DISAGREES_WHY, {"instrument": name, "stated_pence": provisions.stated_cap_pence, "sum_pence": summed})
    figures = {"stated_pence": provisions.stated_cap_pence, "found_pence": summed}
    return (DiscrepancyFound(discrepancy=f"total/{name}", what=TOTAL_DISAGREES, subject=name, owner=owner, why=why, **figures),)
