"""One commit's worth of deciding, over a folded stream: messages in order, and the moments that fall due among them.

Pure but for the signature check inside ``inbox.read``: what it decides is appended by ``record``, or decided again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from activities import inbox
from activities.contracts import Message
from domain import grant as grants
from domain import ledger, recovery
from domain import organisation as organisations
from domain.grant import Grant
from domain.ledger import Posting
from domain.messages import CommandNoted, CommandRefused
from domain.model import SYSTEM, By, Command, Decision, Event, Past, Refusal, Rule, past_of_new
from domain.obligations import Obligation, decide_moment, due_by
from domain.organisation import AdoptOrganisation, Key, Organisation
from domain.outlook import Outlook, organisation_standing

REUSED = Rule("command.reused", "The id {id} was used before for another command.", "CONTRACT, Messages")
NOT_FOR_ORGANISATIONS = Rule("command.not_for_organisations", "{type} is for a grant, not for an organisation.", "DESIGN §4.9")
TRAILING = 50
"""How many moments one commit decides after its messages; what is left comes with the next (DESIGN §4.3)."""

log = structlog.get_logger()


class StandsStillError(AssertionError):
    """Raised when a moment is still due after it was decided: our own code is wrong, and the moment is put aside."""


class Sender(Protocol):
    """Who acts: a command, or the system."""

    @property
    def actor(self) -> str:
        """The person's id, or ``system``."""

    @property
    def on_behalf_of(self) -> str | None:
        """The principal whom the actor stands in for."""


@dataclass(frozen=True)
class _System:
    actor: str = SYSTEM
    on_behalf_of: str | None = None


System = _System()


@dataclass(frozen=True)
class Written:
    """One event as it will be appended: its postings, and the cost keys that it claims."""

    past: Past
    postings: tuple[Posting, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One message or moment, and the events that it became."""

    id: str
    digest: str | None
    written: tuple[Written, ...]
    signed: inbox.Signed | None = None
    put_aside: inbox.PutAside | None = None


class Before(Protocol):
    """What the record already knows of an id on this stream."""

    def first_digest(self, command_id: str) -> str | None:
        """The digest of the first command with that id."""

    def quarantined(self, command_id: str) -> bool:
        """Whether the newest event under that id is a quarantine."""


@dataclass
class GrantTurn:
    """The turn of a grant. ``grant`` moves on with each entry; ``now`` is the real instant of this commit (UTC)."""

    grant: Grant
    organisations: Mapping[str, Organisation]
    before: Before
    now: datetime
    taken: Mapping[str, str]
    entries: list[Entry] = field(default_factory=list)

    @property
    def organisation(self) -> Organisation:
        """The organisation whose grant this is; before the opening, one that nobody adopted."""
        opened = self.grant.opening.opened
        return self.organisations.get(opened.organisation if opened else "", Organisation(stream="organisation/unknown"))

    @property
    def stream(self) -> str:
        """The stream that the turn is of."""
        return self.grant.stream

    @property
    def organisation_stream(self) -> str | None:
        """The stream whose head must still stand when the turn is appended."""
        return self.organisation.stream if self.grant.opening.opened else None

    @property
    def clock(self) -> str:
        """The clock on which cost keys are claimed once."""
        return self.grant.clock or "real"

    def standing(self) -> dict[str, Any]:
        """The row for lists and inboxes, after this turn."""
        return Outlook(self.grant, self.organisation).standing()

    def key(self, name: str) -> Key | None:
        """A key of the grant's organisation; before the opening, of any organisation in the record."""
        mine = [self.organisation] if self.grant.opening.opened else list(self.organisations.values())
        return next((key for each in mine if (key := each.key(name, self.now))), None)

    def take(self, message: Message) -> None:
        """Decide one message: exactly one outcome, or none where it is a repeat."""
        read = inbox.read(message, self.grant.stream, self.key)
        if isinstance(read, inbox.PutAside):
            self._put_aside(read, read.id)
        elif (first := self._first(read.command.id)) is None:
            self._decide(read, message)
        elif first != read.digest and self._first(f"{read.command.id}#{read.digest}") is None:
            self._enter(f"{read.command.id}#{read.digest}", read, self._recorded(), REUSED.refuse(id=read.command.id))

    def pass_moments(self, upto: datetime, most: int | None = None) -> bool:
        """Decide every moment at or before an instant, the earliest first; True where ``most`` left some undecided."""
        count = 0
        while due := due_by(self.grant, self.organisation, upto):
            if count == most:
                return True
            self._pass(due, upto)
            count += 1
        return False

    def pass_trailing(self) -> bool:
        """Decide what has fallen due after the messages; True where more is left for the next commit."""
        if self.grant.opening.opened is None:
            return False
        return self.pass_moments(self._recorded(), TRAILING)

    def _decide(self, read: inbox.Signed, message: Message) -> None:
        kept = (self.grant, len(self.entries))
        try:
            at = max(grants.instant_of(read.command, self.grant, self.now), self._floor())
            if self.grant.opening.opened:
                self.pass_moments(at)
            self._enter(read.command.id, read, at, grants.decide(read.command, self.grant, self._organisation_for(read.command), at, self.taken))
        except Exception:
            log.exception("message.quarantined", stream=self.grant.stream, command=read.command.id)
            self.grant = kept[0]
            del self.entries[kept[1] :]
            self._put_aside(inbox.put_aside(message, "internal"), read.command.id)

    def _organisation_for(self, command: Command) -> Organisation:
        if self.grant.opening.opened:
            return self.organisation
        return self.organisations.get(str(command.body.get("organisation")), self.organisation)

    def _pass(self, due: Obligation, upto: datetime) -> None:
        moment = due.next or upto
        at = max(moment if self.grant.clock == "rehearsal" else upto, self._floor())
        try:
            entry, after = self._entry(due.moment_id, System, at, decide_moment(due, self.grant, self.organisation, at))
            self._must_be_gone(due, after)
            self._add(entry, after)
        except Exception:
            log.exception("message.quarantined", stream=self.grant.stream, command=due.moment_id)
            self._put_aside(inbox.put_aside(Message(name=due.moment_id, payloads=()), "internal"), due.moment_id)

    def _must_be_gone(self, due: Obligation, after: Grant) -> None:
        still = due_by(after, self.organisation, due.next) if due.next else None
        if still and still.moment_id == due.moment_id:
            raise StandsStillError(due.moment_id)

    def _enter(self, entry_id: str, read: inbox.Signed, at: datetime, decision: Decision) -> None:
        entry, after = self._entry(entry_id, read.command, at, outcome(read.command.type, decision))
        self._add(replace(entry, digest=read.digest, signed=read), after)

    def _put_aside(self, aside: inbox.PutAside, entry_id: str) -> None:
        if self.before.quarantined(entry_id) or any(each.id == entry_id for each in self.entries):
            return
        entry, after = self._entry(entry_id, System, self._recorded(), (aside.event,))
        self._add(replace(entry, put_aside=aside), after)

    def _entry(self, entry_id: str, sender: Sender, at: datetime, events: tuple[Event, ...]) -> tuple[Entry, Grant]:
        grant, written = self.grant, list[Written]()
        by = By(actor=sender.actor, on_behalf_of=sender.on_behalf_of, now=at, content=None, command=entry_id)
        for event in events:
            past = past_of_new(event, grant.stream, grant.version + 1, by)
            written.append(Written(past, ledger.postings(past, grant), recovery.claimed(event)))
            grant = grants.evolve(grant, past)
        return Entry(entry_id, None, tuple(written)), grant

    def _first(self, command_id: str) -> str | None:
        mine = next((each.digest for each in self.entries if each.id == command_id and each.signed), None)
        return mine or self.before.first_digest(command_id)

    def _floor(self) -> datetime:
        return self.grant.recorded or datetime.min.replace(tzinfo=self.now.tzinfo)

    def _recorded(self) -> datetime:
        """The instant of what no command dates: a rehearsal's clock stands where its last event left it."""
        if self.grant.clock == "rehearsal" and self.grant.recorded:
            return self.grant.recorded
        return max(self.now, self._floor())

    def _add(self, entry: Entry, after: Grant) -> None:
        self.entries.append(entry)
        self.grant = after


@dataclass
class OrganisationTurn:
    """The turn of an organisation: the queue alone, no moments. ``genesis`` holds the installation's own keys.

    An organisation that nobody has adopted yet trusts only those: whoever runs the installation brings it to life.
    """

    organisation: Organisation
    genesis: Mapping[str, Key]
    before: Before
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    organisation_stream = None
    clock = "real"

    @property
    def stream(self) -> str:
        """The stream that the turn is of."""
        return self.organisation.stream

    def standing(self) -> dict[str, Any]:
        """The row for lists, after this turn."""
        return organisation_standing(self.organisation)

    def key(self, name: str) -> Key | None:
        """A key of the organisation that holds now; of the installation, before the first adoption."""
        return self.organisation.key(name, self.now) if self.organisation.charter else self.genesis.get(name)

    def take(self, message: Message) -> None:
        """Decide one message: exactly one outcome, or none where it is a repeat."""
        read = inbox.read(message, self.organisation.stream, self.key)
        if isinstance(read, inbox.PutAside):
            if not self._known(read.id):
                self._add(Entry(read.id, None, self._written(read.id, System, (read.event,)), put_aside=read))
            return
        entry_id, decision = read.command.id, self._decide(read.command)
        if (first := self._first(entry_id)) is not None:
            if first == read.digest or self._first(f"{entry_id}#{read.digest}"):
                return
            entry_id, decision = f"{entry_id}#{read.digest}", REUSED.refuse(id=entry_id)
        self._add(Entry(entry_id, read.digest, self._written(entry_id, read.command, outcome(read.command.type, decision)), signed=read))

    def pass_trailing(self) -> bool:
        """Nothing falls due in an organisation: cover and holdings end by their dates."""
        return False

    def _decide(self, command: Command) -> Decision:
        body = grants.typed(command)
        if isinstance(body, Refusal):
            return body
        if not isinstance(body, AdoptOrganisation):
            return NOT_FOR_ORGANISATIONS.refuse(type=command.type)
        by = By(actor=command.actor, on_behalf_of=command.on_behalf_of, now=self._at(), content=command.content, command=command.id)
        return organisations.decide(body, self.organisation, by)

    def _written(self, entry_id: str, sender: Sender, events: tuple[Event, ...]) -> tuple[Written, ...]:
        version = self.organisation.version
        by = By(actor=sender.actor, on_behalf_of=sender.on_behalf_of, now=self._at(), content=None, command=entry_id)
        return tuple(Written(past_of_new(event, self.organisation.stream, version + n, by), (), ()) for n, event in enumerate(events, 1))

    def _at(self) -> datetime:
        return max(self.now, self.organisation.recorded or self.now)

    def _known(self, entry_id: str) -> bool:
        return self.before.quarantined(entry_id) or any(each.id == entry_id for each in self.entries)

    def _first(self, command_id: str) -> str | None:
        mine = next((each.digest for each in self.entries if each.id == command_id and each.signed), None)
        return mine or self.before.first_digest(command_id)

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        for written in entry.written:
            self.organisation = organisations.evolve(self.organisation, written.past)


Turn = GrantTurn | OrganisationTurn


def outcome(command_type: str, decision: Decision) -> tuple[Event, ...]:
    """The events that a decision becomes: a refusal and "already so" are events too, so every message leaves a trace."""
    if isinstance(decision, Refusal):
        return (CommandRefused(type=command_type, **decision.model_dump()),)
    return decision or (CommandNoted(type=command_type),)
