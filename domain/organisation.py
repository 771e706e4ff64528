"""The organisation as a stream of its own: offices, who holds them, who is away, who covers, and the gateways' keys.

People are opaque ids; their names are in the vault. Cover, absences and holdings end by their dates; a revoked key counts
at once in every grant (DESIGN §4.9).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from domain import keys as keyring
from domain.calendar import day_of
from domain.evidence import canonical, digest
from domain.keys import Key, KeyAdded, KeyRevoked, KeyRotated, Ring
from domain.model import By, Cap, CommandBody, Decision, Digest, Event, Frozen, Identifier, Instant, Name, Past, Refusal, Rule, Text
from domain.policy import Policy

NO_OFFICE = Rule(
    "authority.no_office",
    "{actor} holds no office of {organisation} on {day}.",
    "DESIGN §6; R-72",
    remedy="Ask somebody in office to record it, or have the office entered in the organisation's files and adopted.",
)
NO_COVER = Rule(
    "authority.no_cover",
    "{actor} does not stand in for {principal} as {office} on {day}, for {act}.",
    "DESIGN §6: cover is dated and scoped; R-72",
    remedy="Ask {principal} or another holder of {office}, or have the cover entered in the organisation's files and adopted.",
)
NO_MANDATE = Rule(
    "authority.no_mandate",
    "The scheme of delegation in force on {day} gives {act} to no office.",
    "DESIGN §6: no rule found, refuse",
    remedy="Have the scheme of delegation give {act} to an office, and adopt it; until then nobody may.",
)
NOT_MANDATED = Rule(
    "authority.not_mandated",
    "{act} is for {offices}, not for {actor} on {day}.",
    "Scheme of delegation in force; R-72",
    remedy="Ask one of the offices named, or have the scheme of delegation give {act} to yours.",
)
VACANT = Rule(
    "authority.vacant",
    "{act} is for {offices}, which nobody holds on {day}; who could instead: {stand_in}.",
    "DESIGN §2, Office; R-72",
    remedy="Have somebody entered as holder of {offices} in the organisation's files, and adopt them, or ask whoever stands in.",
)
COVER_LIMIT = Rule(
    "authority.cover_limit",
    "{actor} stands in for {principal} as {office} up to {limit_pence}; this comes to {comes_to_pence}.",
    "DESIGN §6: cover is bounded by a limit; R-72",
    remedy="Ask {principal}, or somebody who covers {office} up to {comes_to_pence}.",
)
NOT_ADOPTED = Rule(
    "organisation.not_adopted",
    "Nobody has adopted {stream} yet; its keys come with its document.",
    "DESIGN §4.9",
    remedy="Adopt the organisation first, with `grants adopt`.",
)
FOREIGN_NAME = Rule(
    "organisation.other",
    "The document describes {organisation}; it was sent to {stream}.",
    "DESIGN §4.9",
    remedy="Send it to the organisation that it describes, {organisation}.",
)
FOREIGN_DIGEST = Rule(
    "organisation.digest",
    "The digest given is not that of the document.",
    "CONTRACT, Messages",
    remedy="Take the digest over the canonical bytes of the charter; `grants adopt` does so.",
)


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

    def gives(self, act: str, day: date) -> bool:
        """Whether it gives that act that day; nobody stands in for themselves."""
        return self.first <= day <= self.last and (not self.acts or act in self.acts) and self.person != self.principal

    def reaches(self, pence: int) -> bool:
        """Whether it goes so far, in whole pence."""
        return self.limit_pence is None or pence <= self.limit_pence


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

    def on(self, day: date) -> bool:
        """Whether it stands that day."""
        return self.first <= day and (self.last is None or day <= self.last)

    def reaches(self, pence: int) -> bool:
        """Whether it goes so far, in whole pence."""
        return self.limit_pence is None or pence <= self.limit_pence

    def __str__(self) -> str:
        """How an act that rests on it cites it."""
        return f"{self.decision}: {self.delegation}, delegated to {self.to}{f' until {self.last.isoformat()}' if self.last else ''}"


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


Seat = Literal["vacant", "away"]
"""Why nobody sits in an office: nobody holds it, or all who hold it are away."""

Command = AdoptOrganisation | keyring.Command


class Organisation(Frozen):
    """The organisation as folded: its charter (null before the first adoption), every key that it ever trusted, the version of its stream."""

    stream: str
    version: int = 0
    recorded: Instant | None = None
    charter: Charter | None = None
    digest: Digest | None = None
    keys: Ring = ()

    def offices_of(self, person: str, day: date) -> tuple[str, ...]:
        """The offices that a person holds that day."""
        return tuple(each.office for each in self._holdings() if each.person == person and each.on(day))

    def holders(self, office: str, day: date) -> tuple[str, ...]:
        """Who holds an office that day, absent or not: whoever is away still holds it."""
        return tuple(each.person for each in self._holdings() if each.office == office and each.on(day))

    def absent(self, person: str, day: date) -> bool:
        """Whether a person is away that day (London, first and last day included)."""
        absences = self.charter.absences if self.charter else ()
        return any(each.person == person and each.first <= day <= each.last for each in absences)

    def in_office(self, office: str, day: date) -> frozenset[str]:
        """The natural persons who sit in an office that day: its holders who are not away, and whoever covers one of its holders."""
        held = self.holders(office, day)
        cover = self.charter.cover if self.charter else ()
        covering = {each.person for each in cover if each.office == office and each.principal in held and each.first <= day <= each.last}
        return frozenset({each for each in held if not self.absent(each, day)} | covering)

    def others(self, office: str, act: str, day: date, barred: Collection[str]) -> frozenset[str]:
        """Who could do an act in an office that day and is not barred: holders who are not away, and cover that gives it, of a holder who is not barred."""
        held = frozenset(self.holders(office, day)).difference(barred)
        cover = self.charter.cover if self.charter else ()
        covering = {each.person for each in cover if each.office == office and each.principal in held and each.gives(act, day)}
        return frozenset({each for each in held if not self.absent(each, day)} | covering.difference(barred))

    def seat(self, office: str, day: date, away: Collection[str] = ()) -> Seat | None:
        """Why nobody sits in an office that day; null: somebody does. ``away``: persons who cannot take this step besides those absent."""
        holders = self.holders(office, day)
        if not holders:
            return "vacant"
        return "away" if all(each in away or self.absent(each, day) for each in holders) else None

    def empty_seat(self, owner: str, day: date) -> Seat | None:
        """As ``seat``, of the owner of a duty; a party that is no office of ours sits nowhere, and null."""
        offices = self.charter.offices if self.charter else ()
        return self.seat(owner, day) if any(each.office == owner for each in offices) else None

    def stands_for(self, office: str, stand_in: tuple[str, ...], day: date, away: Collection[str] = ()) -> tuple[str, ...]:
        """The offices whose holders may take a step that day: its own, and its stand-ins while nobody sits in that one.

        ``away``: persons who cannot take it besides those who are absent (they recused themselves, or gave it away).
        """
        return (office, *stand_in) if self.seat(office, day, away) else (office,)

    def covers(self, person: str, principal: str, office: str, act: str, day: date) -> bool:
        """Whether a person stands in for the principal in that office, for that act, that day, however far."""
        return bool(self._cover(person, principal, office, act, day))

    def covered(self, by: By, act: str, pence: int = 0) -> tuple[str, ...]:
        """The offices in which ``by`` stands in for a principal for that act now, as far as whole ``pence``."""
        day, principal = day_of(by.now), by.on_behalf_of
        if principal is None:
            return ()
        held = self.offices_of(principal, day)
        return tuple(office for office in held if any(each.reaches(pence) for each in self._cover(by.actor, principal, office, act, day)))

    def above(self, office: str, day: date) -> str | None:
        """The nearest office above one that somebody holds that day, by the charter; null: nobody stands above it."""
        superiors = {each.office: each.superior for each in self.charter.offices} if self.charter else {}
        seen, found = {office}, superiors.get(office)
        while found is not None and found not in seen and not self.holders(found, day):
            seen.add(found)
            found = superiors.get(found)
        return None if found in seen else found

    def title_of(self, office: str) -> str:
        """The title of an office; a party that is no office of ours goes by its own name."""
        offices = self.charter.offices if self.charter else ()
        return next((each.title for each in offices if each.office == office), office)

    def capacity(self, by: By, offices: tuple[str, ...], act: str, pence: int = 0) -> str | Refusal:
        """The office among ``offices`` in which ``by`` acts now, in person or as cover; or why none.

        ``pence``: what is decided comes to so much, which cover with a limit of its own must reach. The refusal is
        ``authority.no_cover`` or ``authority.cover_limit`` for cover that does not hold or not so far, ``authority.vacant``
        where nobody holds any of the offices, else ``authority.not_mandated``.
        """
        day = day_of(by.now)
        if by.on_behalf_of is not None:
            return self._stands_in(by, by.on_behalf_of, offices, act, pence)
        held = next((office for office in offices if by.actor in self.holders(office, day)), None)
        if held is not None:
            return held
        if not any(self.holders(office, day) for office in offices):
            return VACANT.refuse(*offices, act=act, offices=" or ".join(offices), day=day, stand_in="nobody")
        return NOT_MANDATED.refuse(*offices, act=act, offices=" or ".join(offices), actor=by.actor, day=day)

    def key(self, name: str, at: datetime) -> Key | None:
        """The key of that id, if it holds at that instant: from its first one until it is revoked."""
        found = keyring.find(self.keys, name)
        return found if found and found.holds(at) else None

    def _stands_in(self, by: By, principal: str, offices: tuple[str, ...], act: str, pence: int) -> str | Refusal:
        """The office in which ``by`` covers the principal, so far as their cover goes. Cover is given, never passed on."""
        day = day_of(by.now)
        given = [(office, each) for office in offices for each in self._cover(by.actor, principal, office, act, day)]
        reaching = next((office for office, each in given if each.reaches(pence)), None)
        if reaching is not None:
            return reaching
        if given:
            office, short = given[0]
            return COVER_LIMIT.refuse(office, actor=by.actor, principal=principal, office=office, limit_pence=short.limit_pence, comes_to_pence=pence)
        return NO_COVER.refuse(*offices, actor=by.actor, principal=principal, office=" or ".join(offices), day=day, act=act)

    def _cover(self, person: str, principal: str, office: str, act: str, day: date) -> tuple[Cover, ...]:
        """The covers that give a person this act: only of somebody who holds the office, so cover of a cover gives nothing."""
        if self.charter is None or principal not in self.holders(office, day):
            return ()
        return tuple(each for each in self.charter.cover if (each.person, each.principal, each.office) == (person, principal, office) and each.gives(act, day))

    def _holdings(self) -> tuple[Holding, ...]:
        return self.charter.holdings if self.charter else ()


def decide(body: Command, organisation: Organisation, by: By) -> Decision:
    """What follows from a command to an organisation: its document, or its keys."""
    if isinstance(body, AdoptOrganisation):
        return _adopt(body, organisation, by)
    if organisation.charter is None:
        return NOT_ADOPTED.refuse(stream=organisation.stream)
    refused = may(by, type(body).__name__, organisation.charter.policy, organisation)
    return refused or keyring.decide(body, organisation.keys, by.now)


def _adopt(body: AdoptOrganisation, organisation: Organisation, by: By) -> Decision:
    """Adoption is whole: another document replaces the one before; the same one changes nothing.

    The first one needs only the key of the installation; each later one the mandate that the scheme in force gives. Keys
    alone are not replaced: the ring keeps what it has (``domain.keys``).
    """
    if organisation.digest == body.digest:
        return ()
    if body.digest != digest(canonical(body.charter.model_dump(mode="json"))):
        return FOREIGN_DIGEST.refuse()
    if f"organisation/{body.charter.organisation}" != organisation.stream:
        return FOREIGN_NAME.refuse(organisation=body.charter.organisation, stream=organisation.stream)
    refused = may(by, "AdoptOrganisation", organisation.charter.policy, organisation) if organisation.charter else None
    return (
        refused
        or keyring.differing(body.charter.keys, organisation.keys)
        or keyring.shut_out(body.charter.keys, organisation.keys, by.now)
        or (OrganisationAdopted(title=body.charter.title, charter=body.charter, digest=body.digest),)
    )


def may(by: By, act: str, policy: Policy, organisation: Organisation, pence: int = 0) -> Refusal | None:
    """Why ``by`` may not do an act about so many pence now under this policy's scheme of delegation; null: they may."""
    day = day_of(by.now)
    offices = policy.mandated(act, day)
    if not offices:
        return NO_MANDATE.refuse(act=act, day=day)
    capacity = organisation.capacity(by, offices, act, pence)
    return capacity if isinstance(capacity, Refusal) else None


def evolve(organisation: Organisation, past: Past) -> Organisation:
    """The organisation after one event. Total: history is never refused."""
    changed: dict[str, object] = {"version": past.version, "recorded": past.recorded}
    match past.body:
        case OrganisationAdopted(charter=charter, digest=adopted):
            changed |= {"charter": charter, "digest": adopted, "keys": keyring.with_stated(organisation.keys, charter.keys)}
        case KeyAdded() | KeyRotated() | KeyRevoked() as happened:
            changed["keys"] = keyring.evolve(organisation.keys, happened)
        case _:
            pass
    return organisation.model_copy(update=changed)
