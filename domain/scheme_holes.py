"""Which papers no office may decide under the rules of an edition, whatever they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, get_args

from domain.asking import Kind
from domain.model import said
from domain.paper import AUTHORISING, Verb
from domain.policy import RouteRule
from domain.scheme import Asked, AskedItem, applies

VERBS: tuple[str, ...] = get_args(Verb)
KINDS: tuple[str, ...] = get_args(Kind)
FACTS = ("retrospective", "novel", "contentious", "repercussive", "terms_changed")
NO_INSTRUMENT = "no instrument"
CARRIED_BY_NONE = AUTHORISING - {"approve"}
"""The verbs that say nothing without an instrument: there is nothing to accept or to ratify."""

Span = tuple[int, int | None, int | None]
"""A run of values of the whole grant (whole pence; the last one null: without end), and below which amount asked (null: any)."""


@dataclass(frozen=True)
class Hole:
    """Verbs and kinds that nobody decides at these values, where these facts hold, or do not."""

    verbs: tuple[str, ...]
    kinds: tuple[str, ...]
    spans: tuple[Span, ...]
    facts: tuple[str, ...]

    def words(self) -> dict[str, str]:
        """The hole as its finding says it."""
        return {
            "verbs": " or ".join(self.verbs),
            "kinds": " or ".join(self.kinds),
            "values": " and ".join(_said(each) for each in self.spans),
            "facts": f", where it is {' and '.join(self.facts)}" if self.facts else "",
        }


def holes(rules: Iterable[RouteRule]) -> tuple[Hole, ...]:
    """What no rule decides, told together where it is the same for several verbs, kinds or facts.

    Conditions of value, share, marks and boards only ever let more offices decide, and limits fewer: so the least that a
    paper can ask at each value of the whole stands for all others there.
    """
    deciding = [each for each in rules if each.says == "decide" and each.limit_pence is not None]
    facts = [name for name in FACTS if any(getattr(each.when, name) is not None for each in deciding)]
    found: dict[tuple[tuple[Span, ...], tuple[str, ...]], list[tuple[str, str]]] = defaultdict(list)
    for (verbs, kinds), values in product(_alike(deciding), product((False, True), repeat=len(facts))):
        holding = dict(zip(facts, values, strict=True))
        spans = tuple(_spans(deciding, AskedItem(item="1", verbs=(verbs[0],), kind=kinds[0]), holding))
        if spans:
            said_of = tuple(f"{'' if holds else 'not '}{name.replace('_', ' ')}" for name, holds in holding.items())
            found[spans, said_of] += [(verb, kind or NO_INSTRUMENT) for verb in verbs for kind in kinds]
    return tuple(_whatever_holds(found, facts))


def _alike(deciding: Sequence[RouteRule]) -> Iterator[tuple[tuple[str, ...], tuple[str | None, ...]]]:
    """Verbs and kinds of instrument, those together that no rule tells apart; no verb that a missing instrument leaves empty."""
    kinds: dict[tuple[bool, ...], list[str | None]] = defaultdict(list)
    for kind in KINDS:
        kinds[tuple(each.when.instruments is None or kind in each.when.instruments for each in deciding)].append(kind)
    for_none: list[list[str | None]] = [[None]]
    for kept, names in ((VERBS, list(kinds.values())), (tuple(each for each in VERBS if each not in CARRIED_BY_NONE), for_none)):
        verbs: dict[tuple[bool, ...], list[str]] = defaultdict(list)
        for verb in kept:
            verbs[tuple(each.when.verbs is None or verb in each.when.verbs for each in deciding)].append(verb)
        yield from ((tuple(one), tuple(other)) for one, other in product(verbs.values(), names))


def _spans(deciding: Sequence[RouteRule], item: AskedItem, holding: dict[str, bool]) -> Iterator[Span]:
    """The values of the whole at which nobody decides a paper; runs that follow each other are told as one."""
    turns, asks = _turns(deciding)
    begun: tuple[int, int | None] | None = None
    for start in turns:
        decided = next((each for each in asks if each <= start and _decided(deciding, item, start, each, holding)), None)
        if begun and begun[1] != decided:
            yield begun[0], start - 1, begun[1]
            begun = None
        if begun is None and decided != 0:
            begun = (start, decided)
    if begun:
        yield begun[0], None, begun[1]


def _turns(deciding: Sequence[RouteRule]) -> tuple[list[int], list[int]]:
    """Where the answer can turn: values of the whole, and values that a paper asks. Each is the first of a run."""
    asks = {0, *(each.when.at_least_pence for each in deciding if each.when.at_least_pence and each.when.at_least_pence > 0)}
    wholes = {each.when.cumulative_at_least_pence or 0 for each in deciding} | {each.when.business_case_at_least_pence or 0 for each in deciding}
    limits = {each.limit_pence + 1 for each in deciding if isinstance(each.limit_pence, int)}
    return sorted(each for each in {*asks, *wholes, *limits} if each >= 0), sorted(asks)


def _decided(deciding: Iterable[RouteRule], item: AskedItem, whole: int, pence: int, holding: dict[str, bool]) -> bool:
    facts: dict[str, Any] = {"retrospective": False, "novel": False, **holding}
    asked = Asked(items=(item,), pence=pence, cumulative_pence=whole, **facts)
    return any(each.reaches(whole) and applies(each.when, item, asked) for each in deciding)


def _whatever_holds(found: dict[tuple[tuple[Span, ...], tuple[str, ...]], list[tuple[str, str]]], facts: Sequence[str]) -> Iterator[Hole]:
    """The holes; one that stands under every fact without the facts."""
    under: dict[tuple[tuple[Span, ...], tuple[tuple[str, str], ...]], list[tuple[str, ...]]] = defaultdict(list)
    for (spans, holding), pairs in found.items():
        under[spans, tuple(pairs)].append(holding)
    for (spans, alike), each in under.items():
        for holding in [()] if len(each) == 2 ** len(facts) else each:
            yield from (Hole(verbs, kinds, spans, holding) for verbs, kinds in _rectangles(alike))


def _rectangles(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Pairs of verb and kind as whole tables of verbs by kinds."""
    kinds_of: dict[str, list[str]] = defaultdict(list)
    for verb, kind in pairs:
        kinds_of[verb].append(kind)
    verbs_of: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for verb, kinds in kinds_of.items():
        verbs_of[tuple(kinds)].append(verb)
    yield from ((tuple(verbs), kinds) for kinds, verbs in verbs_of.items())


def _said(span: Span) -> str:
    first, last, below = span
    words = "of a grant of {first_pence} or more" if last is None else "of a grant of {first_pence} to {last_pence}"
    if first == last:
        words = "of a grant of {first_pence}"
    if (first, last) == (0, None):
        words = "at any value"
    asking = " where the paper asks less than {below_pence}" if below is not None else ""
    return said(words + asking, {"first_pence": first, "last_pence": last, "below_pence": below})
