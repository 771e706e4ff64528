"""Declared interests: who says of themself that they have a stake, in a paper, an instrument, or the whole grant.

Whoever has one neither advises on nor decides a paper that it is about, in whatever office or cover, until they have
withdrawn it (DESIGN §6; invariant 19). Both the declaration and its withdrawal stay in the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.model import By, CommandBody, Decision, Event, Identifier, Past, Rule, Text
from domain.steps import Paper

DIFFERS = Rule(
    "approval.interest_differs",
    "Interest {interest} is declared already, and says something else.",
    "DESIGN §5: nothing is rewritten",
    remedy="Declare it under an id of its own, or withdraw interest {interest} first.",
)
NO_INTEREST = Rule(
    "approval.no_interest",
    "No interest {interest} is declared.",
    "DESIGN §6; invariant 19",
    remedy="Correct the id; `grants history` has the interests that are declared.",
)
NOT_THEIRS = Rule(
    "approval.not_your_interest",
    "Interest {interest} is {person}'s to withdraw in person, not {actor}'s.",
    "DESIGN §6; invariant 19",
    remedy="Ask {person} to withdraw it.",
)


class DeclareInterest(CommandBody, kind="fact"):
    """Somebody says that they have an interest: ``about`` names a paper or an instrument, null: it is in the whole grant."""

    interest: Identifier
    about: Identifier | None = None
    nature: Text


class WithdrawInterest(CommandBody, kind="act"):
    """Whoever declared an interest says in person that they have it no more, and why."""

    interest: Identifier
    reason: Text


Interested = DeclareInterest | WithdrawInterest


class InterestDeclared(Event, wire="interest.declared", said="Interest {interest} declared: {nature}"):
    """From here on its person stands aside; ``about`` null: from every paper of the grant."""

    interest: Identifier
    about: Identifier | None
    nature: Text


class InterestWithdrawn(Event, wire="interest.withdrawn", said="Interest {interest} withdrawn: {reason}"):
    """Its person has it no more."""

    interest: Identifier
    reason: Text


Declared = InterestDeclared | InterestWithdrawn


@dataclass(frozen=True)
class Interest:
    """An interest as it stands: whose, since when (UTC), and whether it was withdrawn."""

    declared: InterestDeclared
    person: str
    at: datetime
    withdrawn: str | None = None

    def concerns(self, paper: Paper) -> bool:
        """Whether it stands and is about this paper, by itself, by an instrument that it asks for, or by the whole grant."""
        about = self.declared.about
        return self.withdrawn is None and (about is None or about == paper.id or any(about == each.instrument for each in paper.contents.items))


Interests = Mapping[str, Interest]


def decide(body: Interested, known: Interests, by: By) -> Decision:
    """What follows from an interest that is declared or withdrawn."""
    found = known.get(body.interest)
    if isinstance(body, DeclareInterest):
        declared = InterestDeclared(interest=body.interest, about=body.about, nature=body.nature)
        if found is None:
            return (declared,)
        return () if (found.declared, found.person) == (declared, by.actor) else DIFFERS.refuse(interest=body.interest)
    if found is None:
        return NO_INTEREST.refuse(interest=body.interest)
    if found.person != by.actor or by.on_behalf_of is not None:
        return NOT_THEIRS.refuse(interest=body.interest, person=found.person, actor=by.on_behalf_of or by.actor)
    return () if found.withdrawn else (InterestWithdrawn(interest=body.interest, reason=body.reason),)


def evolve(known: Interests, past: Past) -> dict[str, Interest]:
    """The interests after one event. Total: history is never refused."""
    match past.body:
        case InterestDeclared() as declared:
            return {**known, declared.interest: Interest(declared, past.actor, past.recorded)}
        case InterestWithdrawn(interest=name, reason=reason):
            found = known[name]
            return {**known, name: Interest(found.declared, found.person, found.at, reason)}
        case _:
            return dict(known)


def concerning(paper: Paper, known: Iterable[Interest]) -> tuple[Interest, ...]:
    """Those that stand and are about a paper."""
    return tuple(each for each in known if each.concerns(paper))
