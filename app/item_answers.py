"""What a decision says of each item of a paper, from what a person says of some: every item is answered once, none by accident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.errors import MisusedError
from app.step_asked import Verdict
from app.yaml_file import pence
from domain.paper import Contents, Item

OUTCOMES = {"approve": "approved", "decline": "declined", "defer": "deferred", "note": "noted"}
"""What the verbs of the command line come to in a decision."""

_CONDITION = re.compile(r"(?P<condition>\S+) (?P<owner>\S+?)(?: (?P<due>\d{4}-\d{2}-\d{2}))?(?P<first> first)?: (?P<words>.*\S.*)", re.DOTALL)


def answers(contents: Contents, said: Verdict) -> list[dict[str, Any]]:
    """The outcomes of a decision as its command has them, in the order of the items.

    Raises:
        MisusedError: an item that the paper does not have, one that is left open, an amount or condition that is none, or one
            beside an outcome that it does not go with.

    """
    names = [each.item for each in contents.items]
    if said.lower and said.outcome != "approved":
        message = "--lower authorises money, and in principle none is: say one of the two"
        raise MisusedError(message)
    if unknown := [each for each in said.items if each not in names]:
        message = f"{contents.paper} has no item {', '.join(unknown)}; it has: {', '.join(names)}"
        raise MisusedError(message)
    chosen = _lowered(contents, said) if said.lower and not said.items else set(said.items or names)
    left = [each for each in names if each not in chosen]
    rest = OUTCOMES[said.others] if said.others else "approved" if said.lower else None
    if left and rest is None:
        message = f"Say what becomes of item {', '.join(left)} too: --others {'|'.join(OUTCOMES)}"
        raise MisusedError(message)
    return [_of_named(each, said) if each.item in chosen else {"item": each.item, "outcome": rest} for each in contents.items]


def _lowered(contents: Contents, said: Verdict) -> set[str]:
    """The one item that carries money, where nobody says which is approved at a lower amount."""
    carrying = [each.item for each in contents.items if each.pence]
    if len(carrying) != 1:
        message = f"Say with --item which item is approved at {', '.join(said.lower)}; money stands in: {', '.join(carrying) or 'none'}"
        raise MisusedError(message)
    return set(carrying)


def _of_named(item: Item, said: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = {"item": item.item, "outcome": said.outcome}
    if said.lower:
        found |= {"outcome": "approved_lower", "pence": _amounts(item, said.lower)}
    if said.reason:
        found["reason"] = said.reason
    if said.until:
        found["until"] = said.until
    if said.conditions:
        found["conditions"] = [_condition(each) for each in said.conditions]
    return found


def _amounts(item: Item, lower: tuple[str, ...]) -> Mapping[str, int]:
    """Whole pence by year, of every year that the item asks for: what nobody says is not guessed."""
    found = {}
    for each in lower:
        year, equals, amount = each.partition("=")
        if not equals:
            message = f"{each!r} is no amount of a year: write 2020/21=£1,234.56"
            raise MisusedError(message)
        if year.strip() in found:
            message = f"{each!r} says another amount of {year.strip()}: say one of each year"
            raise MisusedError(message)
        found[year.strip()] = pence(amount.strip())
    if set(found) != set(item.pence):
        message = f"Item {item.item} asks for money in {', '.join(sorted(item.pence)) or 'no year'}: say a --lower amount for each of these, and no other"
        raise MisusedError(message)
    return found


def _condition(text: str) -> dict[str, Any]:
    found = _CONDITION.fullmatch(text)
    if found is None:
        message = f"{text!r} is no condition: write ID OWNER: WORDS, as in 'audit finance 2021-06-30 first: The audit is shown'"
        raise MisusedError(message)
    stated = {name: found[name] for name in ("condition", "owner", "words")}
    return {**stated, **({"due": found["due"]} if found["due"] else {}), **({"before": True} if found["first"] else {})}
