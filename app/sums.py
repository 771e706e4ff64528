"""The sums that derived facts give: names of facts and whole numbers with ``+ - * /`` between them.

Reckoned exactly; a result that is not whole is rounded half-up, as every amount is (DESIGN §7).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from domain.money import half_up

_TIMES = {"*", "/"}
_PLUS = {"+": 1, "-": -1}


class NoSumError(ValueError):
    """Raised when a text is no sum, or names no earlier fact."""


def total(text: str, values: Mapping[str, int]) -> int:
    """What a sum such as ``base + uplift`` or ``5 * rate * 3 / 12`` comes to; signs stand between spaces.

    Raises:
        NoSumError: as said above.

    """
    whole, product, sign, expected = Fraction(0), Fraction(1), "+", "*"
    words = text.split()
    if len(words) % 2 == 0:
        message = f"{text!r} is no sum of facts"
        raise NoSumError(message)
    for index, word in enumerate(words):
        if index % 2 == 0:
            product = _times(product, expected, _value(word, values))
        elif word in _TIMES:
            expected = word
        elif word in _PLUS:
            whole, product, sign, expected = whole + _PLUS[sign] * product, Fraction(1), word, "*"
        else:
            message = f"{word!r} is none of + - * /"
            raise NoSumError(message)
    whole += _PLUS[sign] * product
    return half_up(whole.numerator, whole.denominator)


def _times(product: Fraction, sign: str, value: int) -> Fraction:
    if sign == "/" and value == 0:
        message = "nothing is divided by nought"
        raise NoSumError(message)
    return product * value if sign == "*" else product / value


def _value(word: str, values: Mapping[str, int]) -> int:
    if word.isdecimal():
        return int(word)
    if word not in values:
        message = f"{word!r} is no earlier fact with a number"
        raise NoSumError(message)
    return values[word]
