"""What must not be public because it is sealed: texts of a Part 2, and its sums of money however they are spelt.

A text counts from 12 characters on, wherever it stands, whatever its capitals, spaces, quotes and dashes. A sum counts in any usual spelling
(£76,500; 76500.00; £76.5k; 7650000 pence) where it is said to be money. A finding names the public field, and quotes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.errors import RefusedError

SHORTEST_TEXT = 12
"""Shorter texts are names of headings and yes or no: they stand everywhere, and betray nothing."""

_THOUSAND, _MILLION, _BILLION = 10**3, 10**6, 10**9
SCALES: Mapping[str, int] = MappingProxyType(
    {"k": _THOUSAND, "thousand": _THOUSAND, "m": _MILLION, "mn": _MILLION, "million": _MILLION, "bn": _BILLION, "billion": _BILLION}
)
MONEY = re.compile(
    r"(?P<mark>[£\uffe1]|\bGBP|\bpounds?)?\s*(?P<whole>\d{1,3}(?:[, \u00a0\u2009\u202f]\d{3})+|\d+)(?P<part>\.\d+)?(?![\d.]*\d)"
    r"\s*(?P<scale>(?:k|thousand|mn?|million|bn|billion)(?!\w))?\s*(?P<after>(?:GBP|pounds?|pence|p)(?!\w))?(?(mark)|(?!\w))",
    re.IGNORECASE,
)
FORMAT = "Cf"
"""Unicode's word for what is not seen: a soft hyphen, a space of no width."""

STRAIGHT: Mapping[int, str] = MappingProxyType({ord(bent): plain for plain, forms in (("'", "‘’‚‛"), ('"', "“”„‟«»"), ("-", "‐‒–—―−")) for bent in forms})  # noqa: RUF001
"""Quotes and dashes as word processors bend them, and as they are typed."""

LEAST_PENCE = 100
"""A smaller number under a key that says nothing of pence is a count."""

PLAIN_DIGITS = 5
"""A number of fewer digits with nothing about it that says money is a year, a paragraph, or a count."""


class LeakError(RefusedError):
    """Raised when something public repeats what is to be sealed."""


@dataclass(frozen=True)
class Leak:
    """A public field, by its path, that repeats a text or a sum of a Part 2."""

    path: str
    what: str

    def __str__(self) -> str:
        """The finding in words: where it is, never what it says."""
        return f"{self.path} repeats {self.what} of the Part 2"


def leaks(part_two: Mapping[str, Any], public: Mapping[str, Any]) -> tuple[Leak, ...]:
    """Every public field that repeats something of a Part 2, in the order of the fields."""
    texts = tuple(dict.fromkeys(plain for _, said in _leaves(part_two) if isinstance(said, str) and len(plain := _plain(said)) >= SHORTEST_TEXT))
    sums = frozenset(pence for path, said in _leaves(part_two) for pence in (*_sums(path, said), *_amount(said)))
    return tuple(Leak(".".join(path), what) for path, said in _leaves(public) for what in _repeated(path, said, texts, sums))


def no_leak(part_two: Mapping[str, Any], public: Mapping[str, Any]) -> None:
    """Nothing, where nothing public repeats what is to be sealed.

    Raises:
        LeakError: some of it does; each field is named, and nothing of it quoted.

    """
    if found := leaks(part_two, public):
        message = f"Nothing was sealed or sent: {'; '.join(map(str, found))}. Take it out of what is public, or out of the Part 2 what is public anyway."
        raise LeakError(message)


def _repeated(path: tuple[str, ...], said: object, texts: Iterable[str], sums: frozenset[int]) -> Iterator[str]:
    if isinstance(said, str) and any(each in _plain(said) for each in texts):
        yield "a text"
    if not sums.isdisjoint(_sums(path, said)):
        yield "a sum"


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value that has no parts, with the keys that lead to it."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _leaves(each, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _leaves(each, (*path, str(number)))
    else:
        yield path, value


def _plain(text: str) -> str:
    """A text as it is compared: one form of each letter, quote and dash, no capitals, one space for any, nothing that is not seen."""
    seen = "".join(each for each in text if unicodedata.category(each) != FORMAT)
    return " ".join(unicodedata.normalize("NFKC", seen).translate(STRAIGHT).casefold().split())


def _amount(said: object) -> tuple[int, ...]:
    """A whole number of a Part 2, whatever its key, as pence: what its writer typed as an amount stands there as such a number."""
    return (abs(said),) if isinstance(said, int) and not isinstance(said, bool) and abs(said) >= LEAST_PENCE else ()


def _sums(path: tuple[str, ...], said: object) -> Iterator[int]:
    """The sums of money (whole pence, above zero) that a value says: a number under a key of pence, or money in a text."""
    pence = any(name == "pence" or name.endswith("_pence") for name in path)
    if isinstance(said, int) and not isinstance(said, bool) and pence and said:
        yield abs(said)
    if isinstance(said, str):
        yield from (found for match in MONEY.finditer(said) if (found := _pence(match, stated=pence)))
        if pence and said.isdecimal() and (whole := int(Decimal(said))):
            yield whole


def _pence(match: re.Match[str], *, stated: bool) -> int | None:
    """The whole pence of a number that is money: its mark, its commas or its two places say so, or it has many digits."""
    whole, part, scale, after = match["whole"], match["part"] or "", (match["scale"] or "").lower(), (match["after"] or "").lower()
    said = match["mark"] or after or stated or scale or not whole.isdigit() or len(part) == len(".00") or len(whole) >= PLAIN_DIGITS
    if not said:
        return None
    amount = Decimal(re.sub(r"\D", "", whole) + part) * SCALES.get(scale, 1)
    pence = amount if after in {"pence", "p"} else amount * 100
    return int(pence) if pence == int(pence) and pence else None
