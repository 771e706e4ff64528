"""One grant in a random world, asked many things through the same door as in production: signed messages, one outcome each."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from activities import inbox
from activities.contracts import Message
from activities.turn import Entry
from activities.turns import GrantTurn
from app.signing import Signer
from domain import grant as grants
from domain.calendar import day_of
from domain.grant import Grant
from domain.messages import CommandRefused, MessageQuarantined
from domain.model import COMMANDS, Command, Duty, Past
from domain.organisation import Organisation
from domain.outlook import Outlook
from domain.scheme import Step
from domain.steps import Paper
from tests.activities.authority_world import BEGIN, PEOPLE, World

Body = dict[str, Any]
YEAR = "2020/21"
BASE = 3_000_000
VARIATIONS = {"v1": 300_000, "v2": 700_000, "v3": 900_000, "v4": 40_000_000}
"""What the funder makes available under the agreement, whole pence: some below every limit, together above."""


@dataclass(frozen=True)
class Sent:
    """One message with what came of it: the grant before and after, and every event, those of moments that passed first too."""

    command: Command
    before: Grant
    after: Grant
    entry: Entry
    pasts: tuple[Past, ...]

    @property
    def events(self) -> tuple[Past, ...]:
        """The events of the message itself."""
        return tuple(each.past for each in self.entry.written)

    @property
    def code(self) -> str | None:
        """The code or reason, where it was refused or put aside."""
        match self.events[0].body:
            case CommandRefused(code=code):
                return code
            case MessageQuarantined(reason=reason):
                return reason
            case _:
                return None


@dataclass
class Life:
    """A grant, its clock, and all that was ever sent to it."""

    world: World
    grant: Grant = field(default_factory=lambda: Grant(stream="grant/any"))
    pasts: list[Past] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    now: Any = BEGIN
    seen: dict[str, str] = field(default_factory=dict)
    looked: Outlook | None = None

    def looks(self, grant: Grant, organisation: Organisation) -> Outlook:
        """The outlook on a state, the same one while the state stands, as the record has it."""
        if self.looked is None or self.looked.grant is not grant:
            self.looked = Outlook(grant, organisation)
        return self.looked

    def first_digest(self, command_id: str) -> str | None:
        """What the record knows of an id."""
        return self.digests.get(command_id)

    def quarantined(self, command_id: str) -> bool:
        """Whether the record has put it aside."""
        return command_id in self.aside

    def ask(self, kind: str, actor: str, body: Body, principal: str | None = None, *, drawn: Random | None = None, by: Signer | None = None) -> Sent:
        """Send a command, and once more: it counts once."""
        command = Command.model_validate(
            {
                "v": 1,
                "id": f"c{len(self.sent)}",
                "grant": "any",
                "type": kind,
                "actor": actor,
                "on_behalf_of": principal,
                "at": self.now,
                "content": self.content(kind, body, drawn),
                "body": body,
                "sealed": None,
            },
            strict=False,
        )
        message = Message(name=kind, payloads=((by or self.world.signer).message(command),))
        found = self._take(command, message)
        again = GrantTurn(self.grant, self, self.now, {"house": self.world.organisation}, look=self.looks)
        again.take(inbox.opened(message))
        assert again.entries == [], "a repeat adds nothing"
        self.sent.append(found)
        return found

    def content(self, kind: str, body: Body, drawn: Random | None) -> str | None:
        """What the sender saw: mostly what stands, sometimes what stood when they looked last, or nothing."""
        typed = COMMANDS[kind].model_validate(body, strict=False)
        if not type(typed).binds:
            return None
        stands = grants.content(typed, self.grant)
        luck = drawn.random() if drawn else 1.0
        before = self.seen.get(str(body.get("paper")))
        if luck < 0.04:
            return None
        if stands and luck > 0.3:
            self.seen[str(body.get("paper"))] = stands
        return (before if luck < 0.2 and before else stands) or "0" * 64

    def _take(self, command: Command, message: Message) -> Sent:
        turn = GrantTurn(self.grant, self, self.now, {"house": self.world.organisation}, look=self.looks)
        before = self.grant
        turn.take(inbox.opened(message))
        turn.pass_trailing()
        pasts = tuple(written.past for entry in turn.entries for written in entry.written)
        mine = [each for each in turn.entries if each.signed or (each.put_aside and each.put_aside.event.claims)]
        assert len(mine) == 1, "each message has exactly one outcome"
        assert mine[0].written, "which leaves a trace"
        for entry in turn.entries:
            assert not (entry.put_aside and entry.put_aside.event.reason == "internal"), (command, "our own code raised")
            if entry.signed:
                self.digests[entry.id] = entry.signed.digest
            elif entry.put_aside:
                self.aside.add(entry.id)
        self.grant = turn.state
        self.pasts += pasts
        return Sent(command, before, self.grant, mine[0], pasts)

    @property
    def papers(self) -> list[Paper]:
        """Every paper, the newest last."""
        return list(self.grant.approval.papers.values())

    def holder(self, office: str, drawn: Random) -> str:
        """Somebody who holds the office today; anybody where nobody does."""
        return drawn.choice(sorted(self.world.holders(office, day_of(self.now))) or PEOPLE)

    def owed(self) -> list[Duty]:
        """The duties that stand open in the room of approvals."""
        return [each.duty for each in self.looks(self.grant, self.world.organisation).owed if each.duty.part == "approval"]

    def steps(self, duty: Duty) -> list[Step]:
        """The step of a paper that a duty is about."""
        paper = self.grant.approval.papers.get(duty.subject)
        return [each.step for each in paper.steps if each.step.office == duty.owner] if paper else []
