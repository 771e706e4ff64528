"""The two sides that are compared, each over as many workflows as the other: a bare update, and an approver's act."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from temporalio.client import Client, WorkflowHandle

from app.session import Session
from bench import house
from bench.bare import QUEUE, Bare
from bench.figures import BARE, Name
from domain.chasing import DutyReminded
from domain.effects import NoticeSent
from domain.grant import content, typed
from domain.model import Command, Refusal
from store.event_log import EventLog

TOGETHER = 50
"""How many preparations are under way at once."""

Given = TypeVar("Given")


class NotAcceptedError(Exception):
    """Raised when something else came of a command than was asked for: then the figures mean nothing."""


class Side(Protocol):
    """What is measured."""

    @property
    def name(self) -> Name:
        """What the tables call it."""

    @property
    def asked(self) -> int:
        """How many round trips there have been."""

    async def ready(self, asks: int) -> None:
        """Prepare for so many asks; none of it is measured."""

    async def ask(self) -> None:
        """One round trip."""


@dataclass
class BareUpdates:
    """Updates of workflows of the bare side, one after the other round all of them."""

    workflows: deque[WorkflowHandle[Bare, None]]
    name: Name = BARE
    asked: int = 0

    async def ready(self, asks: int) -> None:
        """Nothing is used up."""

    async def ask(self) -> None:
        """One update of the workflow whose turn it is; nobody else asks it meanwhile."""
        workflow = self.workflows.popleft()
        self.asked += 1
        number = self.asked
        if await workflow.execute_update(Bare.ask, number) != number:
            message = f"{workflow.id} answered something else"
            raise NotAcceptedError(message)
        self.workflows.append(workflow)


async def bare_updates(client: Client, size: int) -> BareUpdates:
    """So many bare workflows, started, and each asked once."""
    started = [await client.start_workflow(Bare.run, id=f"bare-{number}", task_queue=QUEUE) for number in range(size)]
    side = BareUpdates(deque(started))
    await together(side.ask() for _ in started)
    return side


@dataclass
class Desk:
    """One grant: what its advisers are still asked for, in order, and how many papers it has had."""

    grant: str
    acts: deque[Command] = field(default_factory=deque)
    papers: int = 0


@dataclass
class ApproversActs:
    """Acts of advisers over many grants, at most one in flight in each. ``noticed``: each gives one notice."""

    session: Session
    desks: deque[Desk]
    noticed: bool
    asked: int = 0

    @property
    def name(self) -> Name:
        """Ours, with or without a notice."""
        return "notice" if self.noticed else "no notice"

    async def ready(self, asks: int) -> None:
        """Papers enough in each grant that none of the asks waits for one."""
        each = -(-asks // len(self.desks)) + 1
        await together(self._stock(desk, each) for desk in self.desks)

    async def ask(self) -> None:
        """The act of the next adviser in the grant whose turn it is: signed, sent, committed, and its outcome read."""
        desk = self.desks.popleft()
        if not desk.acts:
            message = f"the papers of {desk.grant} ran out"
            raise NotAcceptedError(message)
        self.asked += 1
        await accepted(self.session, desk.acts.popleft())
        self.desks.append(desk)

    async def _stock(self, desk: Desk, least: int) -> None:
        while len(desk.acts) < least:
            await self._paper(desk)

    async def _paper(self, desk: Desk) -> None:
        """Another paper on its route; the one before is decided where all of its advisers have spoken."""
        if desk.papers and not desk.acts:
            await accepted(self.session, self._bound(house.decision(desk.grant, f"paper-{desk.papers}")))
        desk.papers += 1
        paper = f"paper-{desk.papers}"
        await accepted(self.session, house.draft(desk.grant, paper, noticed=self.noticed))
        await accepted(self.session, self._bound(house.submission(desk.grant, paper)))
        desk.acts.extend(self._bound(house.advice(desk.grant, paper, office)) for office in house.ADVISERS)

    def _bound(self, command: Command) -> Command:
        """The command with the digest of what its actor sees."""
        body = typed(command)
        if isinstance(body, Refusal):
            raise NotAcceptedError(body.why)
        return command.model_copy(update={"content": content(body, self.session.reader.grant(command.grant))})


async def approvers_acts(session: Session, size: int, *, noticed: bool) -> ApproversActs:
    """So many grants of the house, opened."""
    desks = deque(Desk(f"{'notice' if noticed else 'quiet'}-{number}") for number in range(size))
    await together(accepted(session, house.opening(desk.grant)) for desk in desks)
    return ApproversActs(session, desks, noticed)


async def accepted(session: Session, command: Command) -> None:
    """Send a command and read its outcome.

    Raises:
        NotAcceptedError: it was refused, put aside, or not decided in time.

    """
    outcome = await session.gateway.submit(command)
    if outcome is None or outcome.kind != "accepted":
        message = f"{command.type} in {command.grant}: {outcome.summary if outcome else 'not decided in time'}"
        raise NotAcceptedError(message)


async def together(work: Iterable[Awaitable[Given]]) -> list[Given]:
    """All of it, so many at once."""
    slots = asyncio.Semaphore(TOGETHER)

    async def one(each: Awaitable[Given]) -> Given:
        async with slots:
            return await each

    return await asyncio.gather(*map(one, work))


@dataclass
class Counted:
    """How many events of each type the log holds, as far as it was read."""

    log: EventLog
    index: int = -1
    found: dict[str, int] = field(default_factory=dict)

    def of(self, *types: str) -> int:
        """How many of these types there are now."""
        while rows := self.log.tail(self.index):
            for row in rows:
                self.found[row.type] = self.found.get(row.type, 0) + 1
            self.index = rows[-1].index
        return sum(self.found.get(each, 0) for each in types)

    @property
    def reminded(self) -> int:
        """Notices that were asked for."""
        return self.of(DutyReminded.wire)

    @property
    def sent(self) -> int:
        """Notices that were sent."""
        return self.of(NoticeSent.wire)
