"""The whole grant: its state, what follows from a command, where it stands after an event. Dispatch only.

``decide`` and ``evolve`` are pure. A room decides over its own state and the few figures that ``domain.between`` names
for it; what follows in other rooms (income accrued, an exception closed by ratification) is added here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from types import MappingProxyType

from pydantic import ValidationError

from domain import agreement, approval, assurance, chasing, delivery, evidence, opening, recovery, variation
from domain import exit as leaving
from domain.between import Between, Rooms
from domain.calendar import day_of, rfc3339
from domain.exception import LATE_APPROVAL, ExceptionClosed, ExceptionRaised
from domain.messages import MessageQuarantined
from domain.model import COMMANDS, By, Command, CommandBody, Decision, Duty, Event, Past, Refusal, Rule, past_of_new, said
from domain.organisation import NO_OFFICE, Organisation, may
from domain.saying import Saying

RATIFIED = "ratified by {decision}"
Commands = (
    opening.Command | approval.Command | agreement.Command | variation.Command | recovery.Command | delivery.Command | assurance.Command | leaving.Command
)
"""Everything that can be asked of a grant."""

NONE_TAKEN: Mapping[str, str] = MappingProxyType({})

MALFORMED = Rule("command.malformed", "The body of {type} cannot be read: {faults}.", "CONTRACT, Messages")
UNKNOWN = Rule("grant.unknown", "There is no grant {grant}; OpenGrant begins one.", "CONTRACT, Messages")
ELSEWHERE = Rule("command.elsewhere", "{type} is not for a grant but for an organisation.", "DESIGN §4.9")
NO_INSTANT = Rule("clock.missing", "{type} states no instant, and this grant is rehearsed: its messages carry their own.", "CONTRACT, Messages")
BACKWARDS = Rule("clock.backwards", "The message is of {at}, but the rehearsal has come to {recorded}.", "CONTRACT, Moments")
UNBOUND = Rule("command.content_missing", "{type} binds content: say the digest of what you saw.", "CONTRACT, Messages")
STALE = Rule("command.stale", "What {type} speaks of has changed since you saw it: look again.", "CONTRACT, Messages")
CLOSED = Rule("grant.closed", "{grant} is closed; facts are still recorded, acts are not taken.", "DESIGN §2, Fact and Act")


@dataclass(frozen=True)
class Grant(Rooms):
    """One grant as folded. ``recorded`` is the instant of its last event: a rehearsal's clock."""

    version: int = 0
    recorded: datetime | None = None
    chasing: chasing.State = field(default_factory=chasing.State)
    quarantined: int = 0
    last: Past | None = None


def typed(command: Command) -> CommandBody | Refusal:
    """The typed body of a command, or why it cannot be read. The fields at fault are named, never their content."""
    try:
        return COMMANDS[command.type].model_validate_json(evidence.canonical(command.body))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors(include_input=False)[:5])
        return MALFORMED.refuse(type=command.type, faults=faults)


def instant_of(command: Command, grant: Grant, now: datetime) -> datetime:
    """The recorded instant of a message: in a rehearsal its own, where it has one; else ``now`` (UTC)."""
    rehearsed = grant.clock == "rehearsal" or (grant.clock is None and command.body.get("clock") == "rehearsal")
    if not rehearsed:
        return now
    return command.at or grant.recorded or now


def decide(command: Command, grant: Grant, organisation: Organisation, now: datetime, taken: Mapping[str, str] = NONE_TAKEN) -> Decision:
    """What follows from a command: events, none (already so), or a refusal. Pure; ``now`` is its recorded instant (UTC).

    ``taken`` names, for cost keys that another grant has claimed already, that grant (DESIGN §4.8).
    """
    body = typed(command)
    if isinstance(body, Refusal):
        return body
    by = By(actor=command.actor, on_behalf_of=command.on_behalf_of, now=now, content=command.content, command=command.id)
    between = Between(grant, organisation, taken)
    refused = _unknown(body, grant) or _untimely(command, body, grant) or _closed(body, grant)
    if refused := refused or _unauthorised(body, by, grant, organisation) or _stale(body, by, grant):
        return refused
    events = _room_decides(body, grant, by, between)
    if isinstance(events, Refusal):
        return events
    return (*events, *_consequences(events, grant, by, between))


def evolve(grant: Grant, past: Past) -> Grant:
    """The grant after one event. Total: history is never refused; each room takes what is its own."""
    moved = replace(grant, version=past.version, recorded=past.recorded, last=past)
    match past.body:
        case body if isinstance(body, opening.Happened):
            return replace(moved, opening=opening.evolve(grant.opening, past))
        case body if isinstance(body, approval.Happened):
            return replace(moved, approval=approval.evolve(grant.approval, past))
        case body if isinstance(body, agreement.Happened):
            return replace(moved, agreement=agreement.evolve(grant.agreement, past))
        case body if isinstance(body, variation.Happened):
            return replace(moved, variation=variation.evolve(grant.variation, past))
        case body if isinstance(body, recovery.Happened):
            return replace(moved, recovery=recovery.evolve(grant.recovery, past))
        case body if isinstance(body, delivery.Happened):
            return replace(moved, delivery=delivery.evolve(grant.delivery, past))
        case body if isinstance(body, assurance.Happened | ExceptionRaised | ExceptionClosed):
            return replace(moved, assurance=assurance.evolve(grant.assurance, past))
        case body if isinstance(body, leaving.Happened):
            return replace(moved, exit=leaving.evolve(grant.exit, past))
        case _:
            return _evolve_shared(moved, past)


def fold(pasts: Iterable[Past], grant: Grant) -> Grant:
    """The grant after all of these events."""
    return reduce(evolve, pasts, grant)


def closed(grant: Grant) -> bool:
    """Whether the grant is closed."""
    return grant.exit.closed is not None


# Duties -----------------------------------------------------------------------------------------------------------------

WORDS = {
    (part, each.name): each.words
    for part, found in {
        "approval": approval.DUTIES,
        "agreement": agreement.DUTIES,
        "variation": variation.DUTIES,
        "recovery": recovery.DUTIES,
        "delivery": delivery.DUTIES,
        "assurance": assurance.DUTIES,
        "exit": leaving.DUTIES,
    }.items()
    for each in found
}
"""The words of every duty, by part and name."""


def words_of(duty: Duty, organisation: Organisation) -> str:
    """A duty in words, its owner by title: "MPS Finance certifies the return for Q3 2020/21"."""
    return said(WORDS[duty.part, duty.name], {"owner": organisation.title_of(duty.owner), "subject": duty.subject})


def duties(grant: Grant, organisation: Organisation) -> tuple[Duty, ...]:
    """What is owed in every room; nothing before the opening or after the close."""
    if grant.opening.opened is None or closed(grant):
        return ()
    between = Between(grant, organisation, NONE_TAKEN)
    return (
        *approval.duties(grant.approval, between.to_approval()),
        *agreement.duties(grant.agreement, between.to_agreement()),
        *variation.duties(grant.variation, between.to_variation()),
        *recovery.duties(grant.recovery, between.to_recovery()),
        *delivery.duties(grant.delivery, between.to_delivery()),
        *assurance.duties(grant.assurance, between.to_assurance()),
        *leaving.duties(grant.exit, between.to_exit()),
    )


def moment(duty: Duty, grant: Grant, organisation: Organisation, by: By) -> tuple[Event, ...]:
    """What follows when the date of one of the system's duties has come.

    Raises:
        ValueError: no room gives the system that duty; our own code is wrong.

    """
    between = Between(grant, organisation, NONE_TAKEN)
    match duty.part:
        case "recovery":
            events = recovery.moment(duty, grant.recovery, by, between.to_recovery())
        case "exit":
            events = leaving.moment(duty, grant.exit, by, between.to_exit())
        case _:
            raise ValueError(duty.part)
    return (*events, *_consequences(events, grant, by, between))


# What a command meets on its way ----------------------------------------------------------------------------------------


def _unknown(body: CommandBody, grant: Grant) -> Refusal | None:
    if not isinstance(body, Commands):
        return ELSEWHERE.refuse(type=type(body).__name__)
    if grant.opening.opened is None and not isinstance(body, opening.OpenGrant):
        return UNKNOWN.refuse(grant=grant.id)
    return None


def _untimely(command: Command, body: CommandBody, grant: Grant) -> Refusal | None:
    rehearsal = grant.clock == "rehearsal" or (isinstance(body, opening.OpenGrant) and body.clock == "rehearsal")
    if not rehearsal:
        return None
    if command.at is None:
        return NO_INSTANT.refuse(type=command.type)
    if grant.opening.opened and grant.recorded and command.at < grant.recorded:
        return BACKWARDS.refuse(at=rfc3339(command.at), recorded=rfc3339(grant.recorded))
    return None


def _closed(body: CommandBody, grant: Grant) -> Refusal | None:
    if closed(grant) and body.kind == "act" and not isinstance(body, leaving.CloseGrant):
        return CLOSED.refuse(grant=grant.id)
    return None


def _unauthorised(body: CommandBody, by: By, grant: Grant, organisation: Organisation) -> Refusal | None:
    """A fact may be recorded by anybody in office; an act by the offices that the scheme in force gives it to."""
    day, act = day_of(by.now), type(body).__name__
    offices = organisation.offices_of(by.actor, day) if by.on_behalf_of is None else organisation.covered(by, act)
    if body.kind == "fact":
        return None if offices else NO_OFFICE.refuse(actor=by.actor, organisation=organisation.stream, day=day)
    if isinstance(body, Saying):
        return None
    policy = grant.opening.policy or (organisation.charter.policy if organisation.charter else None)
    return may(by, act, policy, organisation) if policy else None


def _stale(body: CommandBody, by: By, grant: Grant) -> Refusal | None:
    if not body.binds:
        return None
    who_could = (body.office,) if isinstance(body, Saying) else grant.policy.mandated(type(body).__name__, day_of(by.now))
    if by.content is None:
        return UNBOUND.refuse(*who_could, type=type(body).__name__)
    stands = content(body, grant)
    return STALE.refuse(*who_could, type=type(body).__name__) if stands is not None and stands != by.content else None


def content(body: CommandBody, grant: Grant) -> str | None:
    """The digest of what a binding command binds, as it stands; null: there is nothing of that name."""
    return approval.content(body, grant.approval) or recovery.content(body, grant.recovery)


def _room_decides(body: CommandBody, grant: Grant, by: By, between: Between) -> Decision:
    match body:
        case _ if isinstance(body, opening.Command):
            return opening.decide(body, grant.opening, by, between.to_opening())
        case _ if isinstance(body, approval.Command):
            return approval.decide(body, grant.approval, by, between.to_approval())
        case _ if isinstance(body, agreement.Command):
            return agreement.decide(body, grant.agreement, by, between.to_agreement())
        case _ if isinstance(body, variation.Command):
            return variation.decide(body, grant.variation, by, between.to_variation())
        case _ if isinstance(body, recovery.Command):
            return recovery.decide(body, grant.recovery, by, between.to_recovery())
        case _ if isinstance(body, delivery.Command):
            return delivery.decide(body, grant.delivery, by, between.to_delivery())
        case _ if isinstance(body, assurance.Command):
            return assurance.decide(body, grant.assurance, by, between.to_assurance())
        case _ if isinstance(body, leaving.Command):
            return leaving.decide(body, grant.exit, by, between.to_exit())
        case _:
            raise TypeError(type(body).__name__)


# What follows in other rooms --------------------------------------------------------------------------------------------


def _consequences(events: tuple[Event, ...], grant: Grant, by: By, between: Between) -> tuple[Event, ...]:
    """An exception that a decision has ratified is closed; income follows every change of cost or terms."""
    after = _after(events, grant, by)
    if after.opening.opened is None:
        return ()
    around = Between(after, between.organisation, between.taken)
    lacking = around.to_recovery().unauthorised
    refs, names = approval.decision_refs(after.approval), {each.name: each.names for each in around.instruments}
    ratified = tuple(
        ExceptionClosed(
            exception=each.raised.exception,
            how=RATIFIED.format(decision=next((refs[name] for name in names[each.raised.subject] if name in refs), None)),
        )
        for each in after.assurance.open_exceptions()
        if each.raised.what == LATE_APPROVAL and each.raised.subject not in lacking
    )
    return (*ratified, *recovery.accrual(after.recovery, around.to_recovery(), by))


def _after(events: Iterable[Event], grant: Grant, by: By) -> Grant:
    for event in events:
        grant = evolve(grant, past_of_new(event, grant.stream, grant.version + 1, by))
    return grant


def _evolve_shared(grant: Grant, past: Past) -> Grant:
    match past.body:
        case MessageQuarantined(reason=reason):
            stuck = grant.chasing.stuck | {past.command} if reason == "internal" else grant.chasing.stuck
            return replace(grant, quarantined=grant.quarantined + 1, chasing=replace(grant.chasing, stuck=stuck))
        case _:
            return replace(grant, chasing=chasing.evolve(grant.chasing, past))
