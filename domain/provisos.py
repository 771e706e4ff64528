"""Conditions of an approval: what can stand against them; until one is met that is to be met before, it authorises nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.asking import Known
from domain.model import Event, Identifier, Refusal, Rule
from domain.paper import ItemOutcome
from domain.steps import Paper

CONDITION_EXISTS = Rule(
    "approval.condition_exists",
    "There is a condition {condition} already; that of an approval is another one.",
    "DESIGN §2: a condition has an owner",
    remedy="Give the condition of the approval another id than {condition}.",
)
NO_SUCH_OWNER = Rule(
    "approval.no_such_owner",
    "{owner}, who would meet condition {condition} of {paper}, is neither an office of the organisation nor a party of the grant.",
    "DESIGN §2: a condition has an owner",
    remedy="Name an office or a party of the grant as the owner of condition {condition}; `grants show --json` lists the parties.",
)


class AuthorityGiven(Event, wire="authority.given", said="Item {item} of {paper} counts from here on: {conditions} met or waived"):
    """What was approved under conditions that had to be met before authorises from here on."""

    paper: Identifier
    item: Identifier
    conditions: tuple[Identifier, ...]


def misstated(office: str, outcomes: Iterable[ItemOutcome], paper: Paper, known: Known) -> Refusal | None:
    """Why an office cannot approve under these conditions: one would be nobody's, or has the id of another; null: it can."""
    own = [one for each in outcomes for one in each.conditions]
    lost = next((each for each in own if not known.can_own(each.owner)), None)
    if lost:
        return NO_SUCH_OWNER.refuse(office, owner=lost.owner, condition=lost.condition, paper=paper.id)
    stated = [one.condition for each in paper.outcomes() for one in each.conditions] + [each.condition for each in own]
    taken = next((each for each in stated if each in known.conditions or stated.count(each) > 1), None)
    return CONDITION_EXISTS.refuse(office, condition=taken) if taken else None


def given(papers: Iterable[Paper], settled: Collection[str]) -> tuple[AuthorityGiven, ...]:
    """What is authorised now that the conditions in ``settled`` are met or waived, and was not before."""
    found = ((paper, item, _before(paper, item)) for paper in papers for item in sorted(paper.withheld))
    return tuple(AuthorityGiven(paper=paper.id, item=item, conditions=names) for paper, item, names in found if all(each in settled for each in names))


def _before(paper: Paper, item: str) -> tuple[str, ...]:
    return tuple(each.condition for each in paper.provisos if each.before and each.item == item)
