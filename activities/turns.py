"""The turns of the two kinds of streams: a grant, with its moments; an organisation, the queue alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activities import inbox
from activities.contracts import Message
from activities.turn import TheSystem, Turn, Written
from domain import grant as grants
from domain import ledger, recovery
from domain import organisation as organisations
from domain.chain import LINKING, NO_LINKS, Links
from domain.grant import Grant
from domain.keys import Key
from domain.model import By, Command, Decision, Event, Refusal, Rule, past_of_new
from domain.obligations import Obligation, decide_moment
from domain.organisation import Organisation
from domain.outlook import Outlook, organisation_standing

NOT_FOR_ORGANISATIONS = Rule(
    "command.not_for_organisations", "{type} is for a grant, not for an organisation.", "DESIGN §4.9", remedy="Send it to the grant that it is about."
)
NO_PART_TWO = Rule(
    "command.sealed_elsewhere",
    "{type} is for an organisation, which keeps no Part 2; sealed content belongs to a grant.",
    "DESIGN §8",
    remedy="Leave out `sealed`.",
)
NOBODY = Organisation(stream="organisation/unknown")
"""Whose a grant is that was not opened."""

TRAILING = 50
"""How many moments one commit decides after its messages; what is left comes with the next (DESIGN §4.3)."""


class StandsStillError(AssertionError):
    """Raised when a moment is still due after it was decided: our own code is wrong, and the moment is put aside."""


@dataclass
class GrantTurn(Turn[Grant]):
    """The turn of a grant, with its organisation (before the opening: every one) and the cost keys that others have claimed.

    ``links`` reads how the grants of the record follow one another: only what links a grant asks for it. ``look`` gives
    the outlook on a state, the same one while the state stands.
    """

    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    links: Callable[[], Links] = lambda: NO_LINKS
    look: Callable[[Grant, Organisation], Outlook] = Outlook
    asked: str | None = field(default=None, init=False)

    @property
    def organisation(self) -> Organisation:
        """The organisation whose grant this is; before the opening, one that nobody adopted."""
        opened = self.state.opening.opened
        return self.organisations.get(opened.organisation if opened else "", NOBODY)

    @property
    def outlook(self) -> Outlook:
        """Where the grant stands now."""
        return self.look(self.state, self.organisation)

    @property
    def stream(self) -> str:
        """The grant's stream."""
        return self.state.stream

    @property
    def organisation_stream(self) -> str | None:
        """The organisation's stream; before the opening, that of the one which was asked to open it, if any."""
        return self.organisation.stream if self.state.opening.opened else self.asked

    @property
    def clock(self) -> str:
        """The grant's own clock."""
        return self.state.clock or "real"

    @property
    def disposed(self) -> bool:
        """Whether its records were disposed of, after their retention."""
        return self.state.exit.disposed is not None

    def standing(self) -> dict[str, Any]:
        """The grant's row."""
        return self.outlook.standing()

    def key(self, name: str) -> Key | None:
        """A key of the grant's organisation; before the opening, of any organisation in the record."""
        mine = [self.organisation] if self.state.opening.opened else list(self.organisations.values())
        return next((key for each in mine if (key := each.key(name, self.now))), None)

    def recorded(self) -> datetime:
        """Now; a rehearsal's clock stands where its last event left it."""
        if self.state.clock == "rehearsal" and self.state.recorded:
            return self.state.recorded
        return self._not_before(self.now)

    def pass_trailing(self) -> bool:
        """The moments that have come by now, at most fifty of them."""
        return self.state.opening.opened is not None and self._pass_moments(self.recorded(), TRAILING)

    def _decide(self, read: inbox.Signed) -> None:
        at = self._not_before(grants.instant_of(read.command, self.state, self.now))
        if self.state.opening.opened:
            self._pass_moments(at)
        links = self.links() if read.command.type in LINKING else NO_LINKS
        self._enter(read.command.id, read, at, grants.decide(read.command, self.state, self._organisation_for(read), at, self.taken, links))
        self.standing()  # a message after which the grant's money cannot be reckoned any more is put aside, or every commit would fail

    def _organisation_for(self, read: inbox.Signed) -> Organisation:
        """The grant's own; before the opening the one that is named, if the key that signed is one of its keys."""
        named = None if self.state.opening.opened else self.organisations.get(str(read.command.body.get("organisation")))
        own, held = named.key(read.key, self.now) if named else None, self.key(read.key)
        if named is None or own is None or held is None or own.public != held.public:
            return self.organisation
        self.asked = named.stream
        return named

    def _pass_moments(self, upto: datetime, most: int | None = None) -> bool:
        """Decide every moment at or before an instant, the earliest first; True where ``most`` left some undecided."""
        count = 0
        while due := self.outlook.due_by(upto):
            if count == most:
                return True
            self._pass(due, upto)
            count += 1
        return False

    def _pass(self, due: Obligation, upto: datetime) -> None:
        moment = due.next or upto
        at = self._not_before(moment if self.state.clock == "rehearsal" else upto)

        def attempt() -> None:
            self._add(due.moment_id, TheSystem(), at, decide_moment(due, self.state, self.organisation, at))
            still = self.outlook.due_by(moment)
            if still and still.moment_id == due.moment_id:
                raise StandsStillError(due.moment_id)

        self._guarded(due.moment_id, Message(name=due.moment_id), attempt, again=True)

    def _not_before(self, at: datetime) -> datetime:
        """Never earlier than the event before. Before the opening there is no clock yet: what came is of the real instant."""
        return max(at, self.state.recorded) if self.state.opening.opened and self.state.recorded else at

    def _write(self, event: Event, by: By) -> Written:
        past = past_of_new(event, self.state.stream, self.state.version + 1, by)
        written = Written(past, ledger.postings(past, self.state), recovery.claimed(event))
        self.state = grants.evolve(self.state, written.stored)
        return written


@dataclass
class OrganisationTurn(Turn[Organisation]):
    """The turn of an organisation. ``genesis`` holds the installation's own keys.

    An organisation that nobody has adopted yet trusts only those: whoever runs the installation brings it to life.
    """

    genesis: Mapping[str, Key] = field(default_factory=dict)
    organisation_stream = None
    clock = "real"
    disposed = False

    @property
    def stream(self) -> str:
        """The organisation's stream."""
        return self.state.stream

    def standing(self) -> dict[str, Any]:
        """The organisation's row."""
        return organisation_standing(self.state)

    def key(self, name: str) -> Key | None:
        """A key of the organisation that holds now; of the installation, before the first adoption."""
        return self.state.key(name, self.now) if self.state.charter else self.genesis.get(name)

    def recorded(self) -> datetime:
        """Now, never before the event before."""
        return max(self.now, self.state.recorded or self.now)

    def pass_trailing(self) -> bool:
        """Nothing falls due in an organisation: cover and holdings end by their dates."""
        return False

    def _decide(self, read: inbox.Signed) -> None:
        self._enter(read.command.id, read, self.recorded(), self._decision(read.command))

    def _decision(self, command: Command) -> Decision:
        body = grants.typed(command)
        if isinstance(body, Refusal):
            return body
        if not isinstance(body, organisations.Command):
            return NOT_FOR_ORGANISATIONS.refuse(type=command.type)
        if command.sealed is not None:
            return NO_PART_TWO.refuse(type=command.type)
        by = By(actor=command.actor, on_behalf_of=command.on_behalf_of, now=self.recorded(), content=command.content, command=command.id)
        return organisations.decide(body, self.state, by)

    def _write(self, event: Event, by: By) -> Written:
        past = past_of_new(event, self.state.stream, self.state.version + 1, by)
        written = Written(past)
        self.state = organisations.evolve(self.state, written.stored)
        return written
