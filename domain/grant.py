"""The whole grant: its state, what follows from a command, where it stands after an event. Dispatch only.

``decide`` and ``evolve`` are pure. A room decides over its own state and the few figures that ``domain.between`` names
for it; what follows in other rooms (income accrued, an exception closed by ratification) is added here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, reduce
from types import MappingProxyType
from typing import Any, get_args

from pydantic import ValidationError

from domain import (
    agreement,
    approval,
    assurance,
    bid,
    chain,
    chasing,
    consequences,
    delivery,
    evidence,
    intents,
    opening,
    recovery,
    releasing,
    restricted,
    separation,
    variation,
)
from domain import exit as leaving
from domain.acting import acting, cited, offices_of
from domain.belated import belated
from domain.between import Between, Rooms
from domain.calendar import day_of, rfc3339
from domain.chain import NO_LINKS, Links
from domain.effects import EffectKind
from domain.entitled import naming_others
from domain.exception import DiscrepancyFound, ExceptionClosed, ExceptionRaised
from domain.grant_rules import BACKWARDS, CLOSED, ELSEWHERE, MALFORMED, NO_INSTANT, STALE, UNBOUND, UNKNOWN
from domain.instruments import name_taken
from domain.messages import MessageQuarantined
from domain.model import COMMANDS, By, Command, CommandBody, Decision, Duty, Event, Past, Refusal, past_of_new, said
from domain.organisation import Organisation
from domain.publishing import PublishDecision
from domain.releasing import MessageReleased
from domain.saying import Saying
from domain.urgency import DecideUrgently

Commands = (
    opening.Command
    | bid.Command
    | approval.Command
    | agreement.Command
    | variation.Command
    | recovery.Command
    | delivery.Command
    | assurance.Command
    | leaving.Command
    | restricted.Command
    | releasing.Asked
)
"""Everything that can be asked of a grant."""

ROOMS: Mapping[str, Any] = MappingProxyType(
    {
        "opening": opening,
        "bid": bid,
        "approval": approval,
        "agreement": agreement,
        "variation": variation,
        "recovery": recovery,
        "delivery": delivery,
        "assurance": assurance,
        "exit": leaving,
        "restricted": restricted,
    }
)
"""The rooms of a grant's life, by the name of their state in it. A new part of the life joins here and in ``duties``."""

AFTER_CLOSE = (leaving.CloseGrant, leaving.DisposeRecords, *get_args(restricted.Command), PublishDecision, releasing.ReleaseMessage)
"""The acts that a closed grant still takes: closing it, which is so already; publishing a decision; reading what is kept of it;
disposing of that; releasing what was put aside."""

NONE_TAKEN: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Grant(Rooms):
    """One grant as folded.

    ``aside`` holds the messages that were put aside and still wait for somebody; ``asked`` the version of the newest event
    that asks for an effect, by its kind.
    """

    version: int = 0
    chasing: chasing.State = field(default_factory=chasing.State)
    separation: separation.State = field(default_factory=separation.State)
    aside: releasing.State = field(default_factory=releasing.State)
    asked: Mapping[EffectKind, int] = field(default_factory=dict)
    last: Past | None = None


def typed(command: Command) -> CommandBody | Refusal:
    """The typed body of a command, or why it cannot be read. The fields at fault are named, never their content.

    A field or key that no command has is the sender's own word, and so content: it is not named.
    """
    body = COMMANDS[command.type]
    try:
        return body.model_validate_json(evidence.canonical(command.body))
    except ValidationError as error:
        faults = "; ".join(f"{_place(each['loc'], body)}: {each['msg']}" for each in error.errors(include_input=False)[:5])
        return MALFORMED.refuse(type=command.type, faults=faults)


def _place(parts: tuple[int | str, ...], body: type[CommandBody]) -> str:
    known = _names(body)
    return ".".join(str(each) if isinstance(each, int) or each in known else "(unknown)" for each in parts) or "body"


@cache
def _names(body: type[CommandBody]) -> frozenset[str]:
    """Every field that a command's body, or any part of it, can have."""
    schema = body.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return frozenset(name for each in parts for name in each.get("properties", ()))


def instant_of(command: Command, grant: Grant, now: datetime) -> datetime:
    """The recorded instant of a message: in a rehearsal its own, where it has one; else ``now`` (UTC)."""
    rehearsed = grant.clock == "rehearsal" or (grant.clock is None and command.body.get("clock") == "rehearsal")
    if not rehearsed:
        return now
    return command.at or grant.recorded or now


def decide(
    command: Command, grant: Grant, organisation: Organisation, now: datetime, taken: Mapping[str, str] = NONE_TAKEN, links: Links = NO_LINKS
) -> Decision:
    """What follows from a command: events, none (already so), or a refusal. Pure; ``now`` is its recorded instant (UTC).

    ``taken`` names, for cost keys that another grant has claimed already, that grant (DESIGN §4.8); ``links`` every
    grant of the record with what it follows and what follows it (invariant 31).
    """
    body = typed(command)
    if isinstance(body, Refusal):
        return body
    part_two = restricted.digest_of(command)
    sent = By(actor=command.actor, on_behalf_of=command.on_behalf_of, now=now, content=command.content, command=command.id, part_two=part_two)
    between = Between(grant, organisation, taken)
    refused = _unknown(body, grant) or _untimely(command, body, grant) or _closed(body, grant)
    by = refused or acting(body, sent, between)
    if isinstance(by, Refusal):
        return by
    if refused := _joined_duties(body, by, grant, organisation):
        return refused
    around = {**links, grant.id: chain.own(grant.opening, grant.exit)}
    if refused := _stale(body, by, grant) or name_taken(body, between.instruments, grant.bid.bids) or chain.refused(body, grant.id, around):
        return refused
    events = _room_decides(body, grant, by, between)
    if isinstance(events, Refusal):
        return events
    return (*events, *cited(events, command.type, by), *restricted.came_with(command), *_consequences(events, grant, by, between))


def evolve(grant: Grant, past: Past) -> Grant:
    """The grant after one event. Total: history is never refused; each room takes what is its own."""
    aside, duties_done = releasing.decided(grant.aside, past.command), separation.evolve(grant.separation, past)
    asked = intents.evolve(grant.asked, past)
    moved = replace(grant, version=past.version, recorded=past.recorded, last=past, aside=aside, separation=duties_done, asked=asked)
    for name, room in ROOMS.items():
        if isinstance(past.body, room.Happened):
            return replace(moved, **{name: room.evolve(getattr(grant, name), past)})
    return _evolve_shared(moved, past)


def fold(pasts: Iterable[Past], grant: Grant) -> Grant:
    """The grant after all of these events."""
    return reduce(evolve, pasts, grant)


def closed(grant: Grant) -> bool:
    """Whether the grant is closed."""
    return grant.exit.closed is not None


def over(grant: Grant, organisation: Organisation) -> bool:
    """Whether the grant is closed and nothing is owed of it any more."""
    return closed(grant) and not duties(grant, organisation)


# Duties -----------------------------------------------------------------------------------------------------------------

WORDS = {(part, each.name): each.words for part, room in ROOMS.items() for each in room.DUTIES}
"""The words of every duty, by part and name."""


def words_of(duty: Duty, organisation: Organisation) -> str:
    """A duty in words, its owner by title: "MPS Finance certifies the return for Q3 2020/21"."""
    words = said(WORDS[duty.part, duty.name], {"owner": organisation.title_of(duty.owner), "subject": duty.subject})
    return f"{words} ({duty.note})" if duty.note else words


def duties(grant: Grant, organisation: Organisation) -> tuple[Duty, ...]:
    """What is owed in every room; nothing before the opening, and after the close only what break-glass still asks for."""
    if grant.opening.opened is None:
        return ()
    between = Between(grant, organisation, NONE_TAKEN)
    opened = restricted.duties(grant.restricted, between.to_restricted())
    if closed(grant):
        return opened
    return (
        *bid.duties(grant.bid, between.to_bid()),
        *approval.duties(grant.approval, between.to_approval()),
        *agreement.duties(grant.agreement, between.to_agreement()),
        *variation.duties(grant.variation, between.to_variation()),
        *recovery.duties(grant.recovery, between.to_recovery()),
        *delivery.duties(grant.delivery, between.to_delivery()),
        *assurance.duties(grant.assurance, between.to_assurance()),
        *leaving.duties(grant.exit, between.to_exit()),
        *opened,
    )


def moment(duty: Duty, grant: Grant, organisation: Organisation, by: By) -> tuple[Event, ...]:
    """What follows when the date of one of the system's duties has come.

    Raises:
        ValueError: no room gives the system that duty; our own code is wrong.

    """
    between = Between(grant, organisation, NONE_TAKEN)
    match duty.part:
        case "approval":
            events = approval.moment(duty, grant.approval, by, between.to_approval())
        case "recovery":
            events = recovery.moment(duty, grant.recovery, by, between.to_recovery())
        case "exit":
            events = leaving.moment(duty, grant.exit, by, between.to_exit())
        case "restricted":
            events = restricted.moment(duty, grant.restricted, by, between.to_restricted())
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
    if closed(grant) and body.kind == "act" and not isinstance(body, AFTER_CLOSE):
        return CLOSED.refuse(grant=grant.id)
    return None


def _stale(body: CommandBody, by: By, grant: Grant) -> Refusal | None:
    """A command that binds content names what its sender saw; what does not exist is the room's to refuse."""
    stands = content(body, grant) if body.binds else None
    if stands is None or stands == by.content:
        return None
    who_could = _who_could(body, by, grant)
    if by.content is None:
        return UNBOUND.refuse(*who_could, type=type(body).__name__)
    return STALE.refuse(*who_could, type=type(body).__name__, since=approval.since(body, grant.approval, by.content))


def _joined_duties(body: CommandBody, by: By, grant: Grant, organisation: Organisation) -> Refusal | None:
    """The refusal of an act that the scheme in force lets nobody join with what they did before in this grant."""
    policy, day = grant.opening.policy, day_of(by.now)
    if policy is None:
        return None

    def naming(refusal: Refusal, barred: frozenset[str]) -> Refusal:
        return naming_others(refusal, _who_could(body, by, grant), type(body).__name__, barred, organisation, day)

    return separation.refused(body, by, grant.separation, policy.scheme_on(day), naming)


def _who_could(body: CommandBody, by: By, grant: Grant) -> tuple[str, ...]:
    """The offices whose act it is: of a step the one that the route names, else those that the scheme in force gives it to."""
    return (
        approval.whose_step(body, grant.approval) if isinstance(body, Saying | DecideUrgently) else grant.policy.mandated(type(body).__name__, day_of(by.now))
    )


def content(body: CommandBody, grant: Grant) -> str | None:
    """The digest of what a binding command binds, as it stands; null: there is nothing of that name."""
    if isinstance(body, bid.Command):
        return bid.content(body, grant.bid)
    return approval.content(body, grant.approval) or recovery.content(body, grant.recovery)


def _room_decides(body: CommandBody, grant: Grant, by: By, between: Between) -> Decision:
    if isinstance(body, releasing.Asked):
        return releasing.decide(body, grant.aside, by)
    if isinstance(body, bid.Command):
        return bid.decide(body, grant.bid, by, between.to_bid(offices_of(by, type(body).__name__, between.organisation)))
    for name, room in ROOMS.items():
        if isinstance(body, room.Command):
            decision: Decision = room.decide(body, getattr(grant, name), by, getattr(between, f"to_{name}")())
            return decision
    raise TypeError(type(body).__name__)


# What follows in other rooms --------------------------------------------------------------------------------------------


def _consequences(events: tuple[Event, ...], grant: Grant, by: By, between: Between) -> tuple[Event, ...]:
    """A supplementary return opens; conditions of an approval stand, or are met and it counts; what came too late is an exception.

    What was put right is closed, and income follows every change of cost or terms.
    """
    after = _after(events, grant, by)
    if after.opening.opened is None:
        return ()
    stated = consequences.conditions(events)
    after = _after(stated, after, by)
    counting = consequences.authorised(between.of(after))
    after = _after(counting, after, by)
    now = between.of(after)
    opened = (*consequences.supplementary(events, now, by), *consequences.late(events, now), *belated(events, between, by))
    after = _after(opened, after, by)
    around = between.of(after)
    return (*stated, *counting, *opened, *consequences.put_right(around), *recovery.accrual(after.recovery, around.to_recovery(), by))


def _after(events: Iterable[Event], grant: Grant, by: By) -> Grant:
    for event in events:
        grant = evolve(grant, past_of_new(event, grant.stream, grant.version + 1, by))
    return grant


def _evolve_shared(grant: Grant, past: Past) -> Grant:
    match past.body:
        case DiscrepancyFound() | ExceptionRaised() | ExceptionClosed():
            return replace(grant, assurance=assurance.evolve(grant.assurance, past))
        case MessageQuarantined() | MessageReleased():
            stuck = _still_stuck(past.body, past.command, grant)
            return replace(grant, aside=releasing.evolve(grant.aside, past), chasing=replace(grant.chasing, stuck=stuck))
        case _:
            return replace(grant, chasing=chasing.evolve(grant.chasing, past))


def _still_stuck(body: MessageQuarantined | MessageReleased, command: str, grant: Grant) -> frozenset[str]:
    """The moments that stand still: those on which our own code raised, until they are released."""
    stuck = grant.chasing.stuck
    if isinstance(body, MessageQuarantined):
        return stuck | {command} if body.reason == "internal" else stuck
    claimed = grant.aside.claimed(body.sha256)
    return frozenset(each for each in stuck if evidence.digest(each.encode()) != claimed)
