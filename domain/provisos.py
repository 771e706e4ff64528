"""Conditions of an approval that are to be met before: until then it authorises nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.model import Event, Identifier
from domain.steps import Paper


class AuthorityGiven(Event, wire="authority.given", said="Item {item} of {paper} counts from here on: {conditions} met or waived"):
    """What was approved under conditions that had to be met before authorises from here on."""

    paper: Identifier
    item: Identifier
    conditions: tuple[Identifier, ...]


def given(papers: Iterable[Paper], settled: Collection[str]) -> tuple[AuthorityGiven, ...]:
    """What is authorised now that the conditions in ``settled`` are met or waived, and was not before."""
    found = ((paper, item, _before(paper, item)) for paper in papers for item in sorted(paper.withheld))
    return tuple(AuthorityGiven(paper=paper.id, item=item, conditions=names) for paper, item, names in found if all(each in settled for each in names))


def _before(paper: Paper, item: str) -> tuple[str, ...]:
    return tuple(each.condition for each in paper.provisos if each.before and each.item == item)
