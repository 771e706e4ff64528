"""Groups of steps: side by side, and done once a quorum of them is taken; the others then stand down.

Whatever makes a quorum uncertain is told here, so that a route with such a group is never laid (DESIGN §6; invariant 18).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar


class Grouped(Protocol):
    """What of a step a group rests on."""

    @property
    def office(self) -> str:
        """The office that takes it."""

    @property
    def whose(self) -> str:
        """Whose say it is; no two steps of a route have the same."""

    @property
    def says(self) -> str:
        """What is said at it."""

    @property
    def order(self) -> int:
        """When its turn comes."""

    @property
    def group(self) -> str | None:
        """The group that it belongs to; null: it is needed by itself."""

    @property
    def quorum(self) -> int | None:
        """How many steps of its group are enough; null: all."""


Each = TypeVar("Each", bound=Grouped)


def members(steps: Iterable[Each]) -> Mapping[str, Sequence[Each]]:
    """The steps of each group, in the order in which they are given."""
    found: dict[str, list[Each]] = {}
    for step in steps:
        if step.group is not None:
            found.setdefault(step.group, []).append(step)
    return found


def stood_down(steps: Iterable[Grouped], taken: Collection[str]) -> frozenset[str]:
    """Whose steps nobody waits for any more, given those that are taken: the rest of every group that has its quorum."""
    return frozenset(each.whose for of_it in members(steps).values() if _done(of_it, taken) for each in of_it if each.whose not in taken)


def differing(of_it: Sequence[Grouped]) -> str | None:
    """In what the steps of one group differ, where they must agree: their order, say or quorum; null: in nothing."""
    for what, found in (("order", {each.order for each in of_it}), ("say", {each.says for each in of_it}), ("quorum", {each.quorum for each in of_it})):
        if len(found) > 1:
            return what
    return None


def too_few(of_it: Sequence[Grouped]) -> bool:
    """Whether a group can never have its quorum."""
    return _needed(of_it) > len(of_it)


def may_leave(deciding: Iterable[Grouped], offices: Collection[str]) -> str | None:
    """The group that may leave undecided what only ``offices`` may decide: its quorum can be had without any of them.

    Null where one of them is needed by itself, or every quorum of some group has one of them.
    """
    able = [each for each in deciding if each.office in offices]
    groups = members(deciding)
    for each in able:
        if each.group is None or _certain(groups[each.group], offices):
            return None
    return able[0].group if able else None


def _certain(of_it: Sequence[Grouped], offices: Collection[str]) -> bool:
    return sum(each.office not in offices for each in of_it) < _needed(of_it)


def _needed(of_it: Sequence[Grouped]) -> int:
    return of_it[0].quorum or len(of_it)


def _done(of_it: Sequence[Grouped], taken: Collection[str]) -> bool:
    return sum(each.whose in taken for each in of_it) >= _needed(of_it)
