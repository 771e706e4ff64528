"""The opening of a grant: who is in it, under whose policy, and by which clock it lives.

A room like the others, but no part of the life: it owes no duty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Self, assert_never

from pydantic import TypeAdapter, ValidationError, model_validator

from domain.calendar import YearLabel
from domain.model import By, Cap, CommandBody, Decision, Digest, DutyWords, Event, Frozen, GrantId, Identifier, Instant, Name, Past, Refusal, Rule, fields_of
from domain.money import Stated
from domain.organisation import Organisation
from domain.policy import Policy

Clock = Literal["real", "rehearsal"]
Relation = Literal["predecessor", "successor", "parent"]
"""What another grant or decision is to this one: it came before, it carries on, or it stands above."""

EXISTS = Rule("grant.exists", "{grant} is open already.", "DESIGN §4.6: one stream, one grant, one id", remedy="Give the new grant an id of its own.")
NO_ORGANISATION = Rule(
    "organisation.unknown", "No organisation {organisation} has been adopted.", "DESIGN §4.9", remedy="Adopt it first: `grants adopt {organisation}`."
)
NO_REHEARSALS = Rule(
    "clock.rehearsal_not_allowed",
    "{organisation} does not allow rehearsals.",
    "DESIGN §5",
    remedy="Open the grant on the real clock, or rehearse in an installation whose organisation allows it.",
)
REAL = Rule(
    "clock.real",
    "The clock of {grant} is the real one; nobody moves it.",
    "CONTRACT, Moments",
    remedy="Wait for the day itself, or try it out in a grant that is opened as a rehearsal.",
)
OTHER_INSTANT = Rule(
    "clock.two_instants", "The clock would move to {to}, but the message is of {at}.", "CONTRACT, Moments", remedy="Give `at` and `to` the same instant."
)


class Party(Frozen):
    """A body in a role: funder, recipient, host, payee, sponsor, oversight, partner (R-03, R-04)."""

    role: Identifier
    party: Name


class Reference(Frozen):
    """An earlier or later decision or grant of the programme; an external one is kept by reference only (R-05).

    One that is not external is the id of a grant of this record. ``pence`` is what it came to, in whole pence as exactly as
    ``stated``, in the financial year ``year`` (null: the source states none, R-16).
    """

    reference: Name
    external: bool
    note: Name | None = None
    year: YearLabel | None = None
    pence: Cap | None = None
    stated: Stated = "penny"

    @model_validator(mode="after")
    def _a_grant_inside(self) -> Self:
        if not self.external:
            try:
                _GRANT.validate_python(self.reference)
            except ValidationError as error:
                message = "one that is not external is the id of a grant"
                raise ValueError(message) from error
        return self


_GRANT: TypeAdapter[str] = TypeAdapter(GrantId)


class OpenGrant(CommandBody, kind="act"):
    """Open the stream of one grant. Its id is the message's ``grant``; the policy in force is fixed into it."""

    organisation: Identifier
    title: Name
    programme: Name | None = None
    clock: Clock
    parties: tuple[Party, ...]
    predecessors: tuple[Reference, ...] = ()
    hypothetical: bool = False


class AdoptPolicy(CommandBody, kind="act"):
    """Take the organisation's policy, as it stands now, into the grant."""


class LinkGrant(CommandBody, Reference, kind="fact"):
    """Another grant or decision came before this one, carries on from it, or stands above it. Said again, the later word counts."""

    relation: Relation


class AdvanceClock(CommandBody, kind="fact"):
    """Move a rehearsal's clock to an instant: what falls due on the way falls due."""

    to: Instant


Command = OpenGrant | AdoptPolicy | LinkGrant | AdvanceClock


class GrantOpened(Event, wire="grant.opened", said="{title} opened ({clock} clock)"):
    """The grant exists from here on."""

    organisation: Identifier
    title: Name
    programme: Name | None
    clock: Clock
    parties: tuple[Party, ...]
    predecessors: tuple[Reference, ...]
    hypothetical: bool


class PolicyAdopted(Event, wire="policy.adopted", said="Policy of {organisation} adopted, version {organisation_version}"):
    """Working days, ladders, scheme editions and accounts that hold in this grant from here on."""

    organisation: Identifier
    organisation_version: int
    digest: Digest
    policy: Policy


class GrantLinked(Event, Reference, wire="grant.linked", said="{reference} is its {relation}"):
    """How the grant stands to another one, or to a decision elsewhere."""

    relation: Relation


class ClockAdvanced(Event, wire="clock.advanced", said="The rehearsal's clock moved to {to}"):
    """Business time of a rehearsal passed."""

    to: Instant


Happened = GrantOpened | PolicyAdopted | GrantLinked | ClockAdvanced
DUTIES: tuple[DutyWords, ...] = ()


@dataclass(frozen=True)
class State:
    """What the opening fixed; ``opened`` null: no such grant yet."""

    opened: GrantOpened | None = None
    policy: Policy | None = None
    digest: str | None = None
    linked: tuple[GrantLinked, ...] = ()

    def references(self, relation: Relation) -> tuple[Reference, ...]:
        """What stands in that relation to the grant, each as it was last said."""
        opened = self.opened.predecessors if self.opened and relation == "predecessor" else ()
        later = {each.reference: each for each in self.linked if each.relation == relation}
        kept = (each for each in opened if each.reference not in later)
        return (*kept, *later.values())

    def party(self, role: str) -> str | None:
        """The body in a role, as named at the opening."""
        parties = self.opened.parties if self.opened else ()
        return next((each.party for each in parties if each.role == role), None)

    @property
    def parties(self) -> frozenset[str]:
        """Every party that was named at the opening, by its name and by its role."""
        return frozenset(name for each in (self.opened.parties if self.opened else ()) for name in (each.party, each.role))


@dataclass(frozen=True)
class Given:
    """The grant's id, and the organisation as it stands."""

    grant: str
    organisation: Organisation


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from an opening, a change of policy, or the passing of a rehearsal's time."""
    match body:
        case OpenGrant():
            return _cannot_open(body, state, given) or (_opened(body), *_policy(state, given))
        case AdoptPolicy():
            return _policy(state, given)
        case LinkGrant():
            linked = GrantLinked(**fields_of(body, LinkGrant))
            return () if _said(state, linked) else (linked,)
        case AdvanceClock(to=to):
            return _cannot_advance(to, state, by, given) or (ClockAdvanced(to=to),)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The opening after one of its events."""
    match past.body:
        case GrantOpened():
            return replace(state, opened=past.body)
        case PolicyAdopted(policy=policy, digest=digest):
            return replace(state, policy=policy, digest=digest)
        case GrantLinked():
            return replace(state, linked=(*state.linked, past.body))
        case _:
            return state


def _said(state: State, linked: GrantLinked) -> bool:
    """Whether that is what was last said of the reference."""
    said = [each for each in state.linked if (each.relation, each.reference) == (linked.relation, linked.reference)]
    return bool(said) and said[-1] == linked


def _cannot_open(body: OpenGrant, state: State, given: Given) -> Refusal | None:
    if state.opened:
        return EXISTS.refuse(grant=given.grant)
    charter = given.organisation.charter
    if charter is None or charter.organisation != body.organisation:
        return NO_ORGANISATION.refuse(organisation=body.organisation)
    if body.clock == "rehearsal" and not charter.rehearsals_allowed:
        return NO_REHEARSALS.refuse(organisation=body.organisation)
    return None


def _opened(body: OpenGrant) -> GrantOpened:
    return GrantOpened(**body.model_dump(exclude={"parties", "predecessors"}), parties=body.parties, predecessors=body.predecessors)


def _policy(state: State, given: Given) -> tuple[Event, ...]:
    organisation = given.organisation
    if organisation.charter is None or organisation.digest is None or organisation.digest == state.digest:
        return ()
    charter = organisation.charter
    return (PolicyAdopted(organisation=charter.organisation, organisation_version=organisation.version, digest=organisation.digest, policy=charter.policy),)


def _cannot_advance(to: Instant, state: State, by: By, given: Given) -> Refusal | None:
    if state.opened and state.opened.clock == "real":
        return REAL.refuse(grant=given.grant)
    if abs(by.now - to) >= timedelta(microseconds=1):
        return OTHER_INSTANT.refuse(to=to, at=by.now)
    return None
