"""A paper as a value: what it asks item by item, what an edit of it changes, what its decisions come to.

Shared by the room of approvals and whoever reads its decisions. Money is whole pence by financial year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.calendar import YearLabel
from domain.evidence import canonical, digest
from domain.model import Cap, Document, Frozen, Identifier, Name, Pence, Text, said

Verb = Literal["approve", "accept", "ratify", "delegate", "approve_in_principle", "note"]
AUTHORISING: frozenset[Verb] = frozenset(("approve", "accept", "ratify"))
"""The verbs that authorise money; the others never do (R-71, invariant 17)."""

Outcome = Literal["approved", "approved_lower", "approved_in_principle", "noted", "deferred", "declined"]
APPROVED: frozenset[Outcome] = frozenset(("approved", "approved_lower"))
"""The outcomes that give what was asked for; an approval in principle gives nothing yet (R-71, invariant 17)."""
NOTHING_LEFT: frozenset[Outcome] = frozenset(("declined", "deferred"))
"""The outcomes after which no other office need answer an item any more."""
_LEAST_FIRST: tuple[Outcome, ...] = ("declined", "deferred", "noted", "approved_in_principle", "approved_lower", "approved")
_OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {"approved_lower": "approved at a lower amount", "approved_in_principle": "approved in principle, which authorises nothing yet"},
)

Change = Literal["money", "terms", "parties", "dates", "wording"]
Effect = Literal["void", "notify"]
EDITS: Mapping[Change, Effect] = MappingProxyType(
    {"money": "void", "terms": "void", "parties": "void", "dates": "void", "wording": "notify"},
)
"""What an edit of a submitted paper does to what was said of it, where a scheme says nothing else (DESIGN §6)."""
ALWAYS_VOID: frozenset[Change] = frozenset(("money", "terms"))
"""The changes that no scheme can let pass with a notice: an approval never stands over other content (DESIGN §6)."""

_PAPER_FIELDS: Mapping[str, Change] = MappingProxyType({"title": "wording", "documents": "terms", "facts": "terms", "supersedes": "terms"})
_ITEM_FIELDS: Mapping[str, Change] = MappingProxyType(
    {"verbs": "terms", "words": "wording", "instrument": "money", "pence": "money", "to": "parties", "until": "dates", "acts": "terms"},
)

_LATER: Mapping[str, object] = MappingProxyType(
    {"contentious": False, "repercussive": False, "terms_changed": False, "business_case_pence": None, "marks": [], "supersedes": None},
)
"""Fields of the contents, and of the facts, that no paper had at first, with what they hold where they say nothing."""


class Item(Frozen):
    """One thing that a paper asks for; an item may carry no money, and two verbs (DESIGN §2).

    ``pence`` is the instrument's whole cap by financial year, not an addition to what other items say of it. ``to`` and
    ``until`` say to which office a delegation goes and until the end of which London day (null: without end); ``acts``
    which kinds of act it gives over the instrument (none named: each that concerns it).
    """

    item: Identifier
    verbs: Annotated[tuple[Verb, ...], Field(min_length=1)]
    words: Text
    instrument: Identifier | None = None
    pence: Mapping[YearLabel, Pence] = Field(default_factory=dict)
    to: Name | None = None
    until: date | None = None
    acts: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.pence and self.instrument is None:
            message = "money is asked for an instrument"
            raise ValueError(message)
        if ("delegate" in self.verbs) != (self.to is not None):
            message = "a delegation names to whom, and nothing else does"
            raise ValueError(message)
        if self.acts and self.to is None:
            message = "only a delegation gives acts"
            raise ValueError(message)
        return self

    @property
    def authorises(self) -> bool:
        """Whether one of its verbs can authorise money."""
        return not AUTHORISING.isdisjoint(self.verbs)


class PaperFacts(Frozen):
    """What the drafter states of the paper as a whole: what rules read, and ``restricted``, that it has a Part 2.

    ``gates`` names the boards that must support it before it is decided (R-79). ``exempt`` is the ground on which its Part 2
    is not published, ``review`` the day on which that is looked at again (null: neither is stated). ``business_case_pence`` is
    the value of the business case that it puts forward (whole pence; null: it puts none); ``marks`` are the scheme's own words.
    """

    retrospective: bool
    novel: bool
    restricted: bool
    gates: tuple[Identifier, ...] = ()
    exempt: Text | None = None
    review: date | None = None
    contentious: bool = False
    repercussive: bool = False
    terms_changed: bool = False
    business_case_pence: Cap | None = None
    marks: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _exempt_where_restricted(self) -> Self:
        if (self.exempt or self.review) and not self.restricted:
            message = "only a paper with a Part 2 says why that is exempt and when to look at it again"
            raise ValueError(message)
        return self


class Contents(Frozen):
    """All that a decision binds besides the advice and the Part 2: the paper's title, items, attachments (by their digests) and facts.

    ``supersedes`` names the decided paper of this grant in whose place this one stands once it is decided (null: none).
    """

    paper: Identifier
    title: Name
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=50)]
    documents: tuple[Document, ...]
    facts: PaperFacts
    supersedes: Identifier | None = None

    @model_validator(mode="after")
    def _each_item_once(self) -> Self:
        if len({each.item for each in self.items}) < len(self.items):
            message = "two items have one id"
            raise ValueError(message)
        return self

    def contents(self) -> Contents:
        """The contents alone, without what a command or event says around them."""
        return Contents(**{name: getattr(self, name) for name in Contents.model_fields})

    def digest(self) -> str:
        """SHA-256 of the canonical bytes of the contents: what a reader of this paper's Part 1 has seen.

        A field that came later counts only where it says something, so that what was bound before it came stays bound.
        """
        stated = self.contents().model_dump(mode="json")
        stated["facts"] = {name: value for name, value in stated["facts"].items() if name not in _LATER or value != _LATER[name]}
        return digest(canonical({name: value for name, value in stated.items() if name not in _LATER or value != _LATER[name]}))


class Proviso(Frozen):
    """A condition under which an item is approved: what its owner (an office or a party) does by the end of a London day (null: none is set).

    ``before``: the approval authorises nothing until the condition is met, with documents that show it, or waived.
    """

    condition: Identifier
    words: Text
    owner: Identifier
    due: date | None = None
    before: bool = False


class ItemProviso(Proviso):
    """A condition of an approval, with the item that was approved under it."""

    item: Identifier


class ItemOutcome(Frozen):
    """What one decider says of one item; ``pence`` by year only where it is approved at a lower amount.

    ``until`` is the London day until which it is deferred (null: none is said); ``conditions`` are those of an approval.
    """

    item: Identifier
    outcome: Outcome
    pence: Mapping[YearLabel, Pence] | None = None
    reason: Text | None = None
    until: date | None = None
    conditions: tuple[Proviso, ...] = ()

    @model_validator(mode="after")
    def _amount_where_lower(self) -> Self:
        if (self.outcome == "approved_lower") != (self.pence is not None):
            message = "an amount is given where it is approved at a lower one, and only there"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _what_an_outcome_takes(self) -> Self:
        if self.until and self.outcome != "deferred":
            message = "only what is deferred is deferred until a day"
            raise ValueError(message)
        if self.conditions and self.outcome not in APPROVED:
            message = "only an approval that gives something has conditions"
            raise ValueError(message)
        return self

    def __str__(self) -> str:
        """The outcome as a line of the history says it."""
        given = f", under {len(self.conditions)} condition{'s' if len(self.conditions) > 1 else ''}" if self.conditions else ""
        return f"{_said_of(self.item, self.outcome, self.pence or {}, self.until)}{given}"


class DecidedItem(Item):
    """An item with what became of it; ``pence`` is what was decided, nothing where it was deferred or declined.

    ``deferred_until`` is the London day until which it was put off (null: none was said, or it was not).
    """

    outcome: Outcome
    deferred_until: date | None = None

    def __str__(self) -> str:
        """The item and its outcome as a line of the history says them."""
        return _said_of(self.item, self.outcome, self.pence, self.deferred_until)

    @property
    def authorised_pence(self) -> Mapping[str, int]:
        """The money by year that this decision authorises, if any (invariants 15 to 17)."""
        return self.pence if self.authorises and self.outcome in APPROVED else {}


def changes(before: Contents, after: Contents) -> tuple[Change, ...]:
    """The kinds of change between two contents of one paper, by its fields; an item added or removed changes its terms."""
    old, new = ({each.item: each for each in contents.items} for contents in (before, after))
    found = _differing(before, after, _PAPER_FIELDS)
    found |= {"terms"} if old.keys() != new.keys() else set()
    for item in old.keys() & new.keys():
        found |= _differing(old[item], new[item], _ITEM_FIELDS)
    return tuple(change for change in EDITS if change in found)


def asked_by_instrument(items: Iterable[Item]) -> dict[str, dict[str, int]]:
    """The highest amount that the items state for each instrument and year: several items of one do not add up."""
    asked: dict[str, dict[str, int]] = {}
    for each in items:
        if each.instrument is not None and each.pence:
            highest(asked.setdefault(each.instrument, {}), each.pence)
    return asked


def highest(sums: dict[str, int], pence: Mapping[str, int]) -> None:
    """Raise each year of ``sums`` to what ``pence`` states for it."""
    for year, amount in pence.items():
        sums[year] = max(amount, sums.get(year, amount))


def is_lower(outcome: ItemOutcome, item: Item) -> bool:
    """Whether an approval at a lower amount is one: in no year above what was asked, and below it in sum."""
    pence = outcome.pence or {}
    return all(year in item.pence and amount <= item.pence[year] for year, amount in pence.items()) and sum(pence.values()) < sum(item.pence.values())


def decided(item: Item, outcomes: Iterable[ItemOutcome]) -> DecidedItem:
    """What several deciders say of an item comes to: the most reserved outcome, and of amounts the lowest by year."""
    given = [each for each in outcomes if each.item == item.item]
    outcome = min((each.outcome for each in given), key=_LEAST_FIRST.index)
    pence: Mapping[str, int] = item.pence if outcome in APPROVED else {}
    for lower in (each.pence for each in given if each.pence is not None):
        pence = {year: min(amount, lower[year]) for year, amount in pence.items() if year in lower}
    until = max((each.until for each in given if each.until), default=None) if outcome == "deferred" else None
    return DecidedItem(**item.model_dump(exclude={"pence"}), pence=pence, outcome=outcome, deferred_until=until)


def provisos(items: Iterable[DecidedItem], outcomes: Iterable[ItemOutcome]) -> tuple[ItemProviso, ...]:
    """The conditions under which items were approved, whoever of their deciders stated them; of an item that was not, none stands."""
    approved = {each.item for each in items if each.outcome in APPROVED}
    stated = ((each.item, one) for each in outcomes if each.item in approved for one in each.conditions)
    return tuple(ItemProviso(item=item, **dict(one)) for item, one in stated)


def _differing(before: Frozen, after: Frozen, fields: Mapping[str, Change]) -> set[Change]:
    return {change for name, change in fields.items() if getattr(before, name) != getattr(after, name)}


def _said_of(item: str, outcome: Outcome, pence: Mapping[str, int], until: date | None) -> str:
    amounts = " and ".join(said("{amount_pence} for {year}", {"amount_pence": amount, "year": year}) for year, amount in sorted(pence.items()))
    return f"item {item} {outcome_words(outcome)}{f' until {until:%-d %B %Y}' if until else ''}{f' ({amounts})' if amounts else ''}"


def outcome_words(outcome: Outcome) -> str:
    """An outcome as people say it."""
    return _OUTCOME_WORDS.get(outcome, outcome)
