"""Exact money: integer pence, how exactly they were stated, and the only places where anything is rounded.

Nothing here is ever a float. A cap and a claim are exact; what is rounded (a rate by the day, a part of a year) is
rounded half-up, at the functions of this page and nowhere else (DESIGN §7, invariant 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from domain.model import Frozen, Pence

CURRENCY = "GBP"
"""The ISO 4217 code of every sum in the record."""

Stated = Literal["penny", "pound", "thousand", "million"]
"""How exactly a source states a sum ("£7m" is stated to the million: R-18, G23)."""

_UNITS: dict[Stated, int] = {"penny": 1, "pound": 100, "thousand": 100_000, "million": 100_000_000}

MONTHS_OF_A_YEAR = 12

WHOLE_RATE = 10_000
"""All of a sum, in basis points."""


class Amount(Frozen):
    """Whole pence, exactly as far as they were stated."""

    pence: Pence
    stated: Stated = "penny"

    def agrees_with(self, other: Amount) -> bool:
        """Whether both are the same sum, as far as the coarser of them says ("£7m" agrees with 7,300,000.01)."""
        unit = _UNITS[coarsest((self.stated, other.stated))]
        return half_up(self.pence, unit) == half_up(other.pence, unit)


def coarsest(stated: Iterable[Stated]) -> Stated:
    """The least exact of the precisions; a penny where there are none."""
    return max(stated, key=_UNITS.__getitem__, default="penny")


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum, only as precise as its parts (7,000,000 to the million + 1,300,000 = 8,300,000 to the million)."""
    parts = tuple(amounts)
    return Amount(pence=sum(each.pence for each in parts), stated=coarsest(each.stated for each in parts))


def half_up(numerator: int, denominator: int) -> int:
    """The quotient, rounded to the nearest whole number; a half goes away from zero, so an offset rounds as an addition does.

    Raises:
        ValueError: the denominator is not positive.

    """
    if denominator <= 0:
        message = "a sum is divided by a positive number only"
        raise ValueError(message)
    quotient, rest = divmod(abs(numerator), denominator)
    whole = quotient + (2 * rest >= denominator)
    return whole if numerator >= 0 else -whole


def hundredths(number: int) -> str:
    """So many hundredths as people write them: 750 is "7.5"."""
    whole, rest = divmod(number, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def per_day(pence: int, days: int) -> int:
    """Pence a day, straight line: indicative, never a new cap (1,000 over 7 days: 143)."""
    return half_up(pence, days)


def pro_rata(pence: int, part: int, whole: int = MONTHS_OF_A_YEAR) -> int:
    """The part of a yearly sum; by whole months unless another basis is given (resolution G3)."""
    return half_up(pence * part, whole)


def allocate(pence: int, weights: Sequence[int]) -> tuple[int, ...]:
    """The sum split by weight to the penny, by largest remainder; equal remainders go to the earlier share.

    The shares sum to the whole, always, and the same input gives the same shares.

    Raises:
        ValueError: a weight is negative, or none is positive.

    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        message = "a sum is split by weights that are not negative and not all zero"
        raise ValueError(message)
    shares = [abs(pence) * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(abs(pence) * weights[place] % whole), place))
    for place in by_remainder[: abs(pence) - sum(shares)]:
        shares[place] += 1
    return tuple(share if pence >= 0 else -share for share in shares)


def at_risk_pence(per_day_pence: int, since: date, due: date | None, today: date) -> int:
    """What a wait costs: so much a day from ``since`` to the later of ``due`` and ``today``; straight line, indicative."""
    return per_day_pence * max((max(due or today, today) - since).days, 0)
