"""The register of discrepancies: what was stated and does not agree with its parts, or with another paper.

Part of the room ``assurance``. The parts rule until the owner resolves it; an open one keeps the grant from being closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.exception import DiscrepancyFound
from domain.model import CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Name, Past, Pence, Rule, Text
from domain.policy import Policy

UNKNOWN = Rule(
    "assurance.discrepancy_unknown",
    "There is no discrepancy {discrepancy}.",
    "DESIGN §7; G9, G10",
    remedy="Correct the id: `grants audit exceptions` lists what is open.",
)
DIFFERS = Rule(
    "assurance.discrepancy_differs",
    "Discrepancy {discrepancy} is recorded already, and says something else.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other discrepancy an id of its own.",
)
RESOLVED = Rule(
    "assurance.discrepancy_resolved",
    "Discrepancy {discrepancy} is resolved: {resolution}.",
    "DESIGN §7; G9, G10",
    remedy="Leave it; if the sums differ again, record another discrepancy.",
)

DUTIES = (DutyWords(name="discrepancy.resolved", words="{owner} resolves discrepancy {subject}"),)


class RecordDiscrepancy(CommandBody, kind="fact"):
    """Two statements of one thing disagree: a total and its parts, two papers, two names of one fund.

    ``stated_pence`` is the figure as stated, ``found_pence`` what its parts come to, or what the other paper says (pence;
    null: not about money). ``owner`` null: the office that the policy names.
    """

    discrepancy: Identifier
    what: Name
    subject: Name
    why: Text
    owner: Identifier | None = None
    stated_pence: Pence | None = None
    found_pence: Pence | None = None


class ResolveDiscrepancy(CommandBody, kind="act"):
    """Say what holds, and on what ground. Nothing that was recorded is changed by it."""

    discrepancy: Name
    resolution: Text
    documents: tuple[Document, ...] = ()


Command = RecordDiscrepancy | ResolveDiscrepancy


class DiscrepancyResolved(Event, wire="discrepancy.resolved", said="Discrepancy {discrepancy} resolved: {resolution}"):
    """What holds, as its owner says."""

    discrepancy: Name
    resolution: Text
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Discrepancy:
    """One row of the register, and when it was opened and resolved (UTC; null: it is open)."""

    found: DiscrepancyFound
    opened: datetime
    resolved: DiscrepancyResolved | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None


Known = Mapping[str, Discrepancy]


def decide(body: Command, known: Known, owner: str) -> Decision:
    """What follows from a discrepancy that is recorded or resolved; ``owner`` is the office that the policy names."""
    row = known.get(body.discrepancy)
    match body:
        case RecordDiscrepancy():
            stated = body.model_dump(exclude={"owner"})
            found = DiscrepancyFound(**stated, owner=body.owner or owner)
            if row is None:
                return (found,)
            return () if row.found == found else DIFFERS.refuse(discrepancy=body.discrepancy)
        case ResolveDiscrepancy():
            return _resolve(body, row)


def evolve(known: Known, past: Past) -> dict[str, Discrepancy]:
    """The register after a discrepancy was found anywhere, or resolved. Found anew in the same words it stays as it is."""
    match past.body:
        case DiscrepancyFound() as found:
            row = known.get(found.discrepancy)
            if row and row.found == found:
                return dict(known)
            return {**known, found.discrepancy: Discrepancy(found, row.opened if row else past.recorded)}
        case DiscrepancyResolved() as resolved:
            row = replace(known[resolved.discrepancy], resolved=resolved, resolved_at=past.recorded, resolved_by=past.on_behalf_of or past.actor)
            return {**known, resolved.discrepancy: row}
        case _:
            return dict(known)


def duties(known: Known, policy: Policy) -> tuple[Duty, ...]:
    """Its owner resolves an open discrepancy."""
    open_ones = (each for each in known.values() if each.resolved is None)
    return tuple(policy.owed_by(each.found.owner, "assurance", "discrepancy.resolved", each.found.discrepancy, each.opened) for each in open_ones)


def gates(known: Known) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words."""
    return tuple(f"discrepancy {name} is not resolved" for name, each in known.items() if each.resolved is None)


def _resolve(body: ResolveDiscrepancy, row: Discrepancy | None) -> Decision:
    if row is None:
        return UNKNOWN.refuse(discrepancy=body.discrepancy)
    resolved = DiscrepancyResolved(discrepancy=body.discrepancy, resolution=body.resolution, documents=body.documents)
    if row.resolved:
        return () if row.resolved == resolved else RESOLVED.refuse(discrepancy=body.discrepancy, resolution=row.resolved.resolution)
    return (resolved,)
