"""The organisation as a stream of its own: offices, who holds them, who covers, and the gateways' keys.

People are opaque ids; their names are in the vault. Cover and holdings end by their dates; a revoked key counts at once
in every grant (DESIGN §4.9).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from domain.calendar import day_of
from domain.evidence import canonical, digest
from domain.model import By, Cap, CommandBody, Decision, Digest, Event, Frozen, Identifier, Instant, Name, Past, Refusal, Rule, Text
from domain.policy import Policy

NO_OFFICE = Rule("authority.no_office", "{actor} holds no office of {organisation} on {day}.", "DESIGN §6; R-72")
NO_COVER = Rule("authority.no_cover", "{actor} does not stand in for {principal} as {office} on {day}.", "DESIGN §6: cover is dated and scoped; R-72")
NO_MANDATE = Rule("authority.no_mandate", "The scheme of delegation in force on {day} gives {act} to no office.", "DESIGN §6: no rule found, refuse")
NOT_MANDATED = Rule("authority.not_mandated", "{act} is for {offices}, not for {actor} on {day}.", "Scheme of delegation in force; R-72")
FOREIGN_NAME = Rule("organisation.other", "The document describes {organisation}; it was sent to {stream}.", "DESIGN §4.9")
FOREIGN_DIGEST = Rule("organisation.digest", "The digest given is not that of the document.", "CONTRACT, Messages")


class Office(Frozen):
    """A role that a natural person holds; ``superior`` is where its duties escalate."""

    office: Identifier
    title: Name
    superior: Identifier | None = None


class Holding(Frozen):
    """Who holds an office from a day to a day (null: still)."""

    person: Identifier
    office: Identifier
    first: date
    last: date | None = None

    def on(self, day: date) -> bool:
        """Whether it stands that day."""
        return self.first <= day and (self.last is None or day <= self.last)


class Cover(Frozen):
    """A dated stand-in: ``person`` acts for ``principal`` in one office, for the acts named (empty: all of them).

    ``limit_pence`` is how far the stand-in decides (whole pence; null: as far as the principal, and never farther).
    """

    person: Identifier
    principal: Identifier
    office: Identifier
    first: date
    last: date
    acts: tuple[Identifier, ...] = ()
    reason: Text
    limit_pence: Cap | None = None


class Absence(Frozen):
    """A holder who is away from a day to a day (London, both included), and why."""

    person: Identifier
    first: date
    last: date
    reason: Text


class StandingDelegation(Frozen):
    """What a decision gave to an office beyond one grant: acts, up to a limit (whole pence; null: none is stated), between its days.

    ``decision`` is the reference under which it was given; each use cites it.
    """

    delegation: Identifier
    acts: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    to: Identifier
    limit_pence: Cap | None = None
    first: date
    last: date | None
    decision: Name
    words: Text


class Key(Frozen):
    """The public half of a gateway's Ed25519 key (32 bytes, base64), from an instant, until it is revoked."""

    key: Identifier
    public: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    first: Instant
    revoked: Instant | None = None


class Charter(Frozen):
    """An organisation as data: what ``organisations/<id>/`` says, less the names of people."""

    organisation: Identifier
    title: Name
    offices: tuple[Office, ...]
    holdings: tuple[Holding, ...]
    cover: tuple[Cover, ...]
    keys: tuple[Key, ...]
    rehearsals_allowed: bool = False
    policy: Policy
    absences: tuple[Absence, ...] = ()
    delegations: tuple[StandingDelegation, ...] = ()


class AdoptOrganisation(CommandBody, kind="act"):
    """Take an organisation's document into the record, whole; ``digest`` is that of its canonical bytes."""

    charter: Charter
    digest: Digest


class OrganisationAdopted(Event, wire="organisation.adopted", said="{title} adopted as described by {digest}"):
    """The organisation's document as it now stands."""

    title: Name
    charter: Charter
    digest: Digest


class Organisation(Frozen):
    """The organisation as folded: its charter (null before the first adoption) and the version of its stream."""

    stream: str
    version: int = 0
    recorded: Instant | None = None
    charter: Charter | None = None
    digest: Digest | None = None

    def offices_of(self, person: str, day: date) -> tuple[str, ...]:
        """The offices that a person holds that day."""
        return tuple(each.office for each in self._holdings() if each.person == person and each.on(day))

    def holders(self, office: str, day: date) -> tuple[str, ...]:
        """Who holds an office that day."""
        return tuple(each.person for each in self._holdings() if each.office == office and each.on(day))

    def covers(self, person: str, principal: str, office: str, act: str, day: date) -> bool:
        """Whether a person stands in for the principal in that office, for that act, that day."""
        if self.charter is None or principal not in self.holders(office, day):
            return False
        return any(
            (each.person, each.principal, each.office) == (person, principal, office) and each.first <= day <= each.last and (not each.acts or act in each.acts)
            for each in self.charter.cover
        )

    def covered(self, by: By, act: str) -> tuple[str, ...]:
        """The offices in which ``by`` stands in for a principal for that act now."""
        day, principal = day_of(by.now), by.on_behalf_of
        return tuple(office for office in self.offices_of(principal, day) if self.covers(by.actor, principal, office, act, day)) if principal else ()

    def title_of(self, office: str) -> str:
        """The title of an office; a party that is no office of ours goes by its own name."""
        offices = self.charter.offices if self.charter else ()
        return next((each.title for each in offices if each.office == office), office)

    def capacity(self, by: By, offices: tuple[str, ...], act: str) -> str | Refusal:
        """The office among ``offices`` in which ``by`` acts now, in person or as cover; or why none.

        The refusal is ``authority.no_cover`` for cover that does not hold, else ``authority.not_mandated``.
        """
        day = day_of(by.now)
        for office in offices:
            held = by.actor in self.holders(office, day) if by.on_behalf_of is None else self.covers(by.actor, by.on_behalf_of, office, act, day)
            if held:
                return office
        if by.on_behalf_of is not None:
            return NO_COVER.refuse(*offices, actor=by.actor, principal=by.on_behalf_of, office=" or ".join(offices), day=day)
        return NOT_MANDATED.refuse(*offices, act=act, offices=" or ".join(offices), actor=by.actor, day=day)

    def key(self, name: str, at: datetime) -> Key | None:
        """The key of that id, if it holds at that instant: from its first one until it is revoked."""
        keys = self.charter.keys if self.charter else ()
        return next((each for each in keys if each.key == name and each.first <= at and (each.revoked is None or at < each.revoked)), None)

    def _holdings(self) -> tuple[Holding, ...]:
        return self.charter.holdings if self.charter else ()


def decide(body: AdoptOrganisation, organisation: Organisation, by: By) -> Decision:
    """Adoption is whole: another document replaces the one before; the same one changes nothing.

    The first one needs only the key of the installation; each later one the mandate that the scheme in force gives.
    """
    if organisation.digest == body.digest:
        return ()
    if body.digest != digest(canonical(body.charter.model_dump(mode="json"))):
        return FOREIGN_DIGEST.refuse()
    if f"organisation/{body.charter.organisation}" != organisation.stream:
        return FOREIGN_NAME.refuse(organisation=body.charter.organisation, stream=organisation.stream)
    refused = may(by, "AdoptOrganisation", organisation.charter.policy, organisation) if organisation.charter else None
    return refused or (OrganisationAdopted(title=body.charter.title, charter=body.charter, digest=body.digest),)


def may(by: By, act: str, policy: Policy, organisation: Organisation) -> Refusal | None:
    """Why ``by`` may not do an act now under this policy's scheme of delegation; null: they may."""
    day = day_of(by.now)
    offices = policy.mandated(act, day)
    if not offices:
        return NO_MANDATE.refuse(act=act, day=day)
    capacity = organisation.capacity(by, offices, act)
    return capacity if isinstance(capacity, Refusal) else None


def evolve(organisation: Organisation, past: Past) -> Organisation:
    """The organisation after one event. Total: history is never refused."""
    changed: dict[str, object] = {"version": past.version, "recorded": past.recorded}
    if isinstance(past.body, OrganisationAdopted):
        changed |= {"charter": past.body.charter, "digest": past.body.digest}
    return organisation.model_copy(update=changed)
