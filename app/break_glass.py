"""Break-glass by a comfortable way: the commands that ask for access to Part 2, confirm, end and report it, sent like every other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import MisusedError
from app.ids import uuid7
from app.outcomes import Outcome, titled
from app.reader import Reader, now, today_of
from app.session import Session
from domain.break_glass import AskAccess
from domain.break_glass import Command as Wish
from domain.grant import Grant
from domain.model import Command

MOST_HOURS = 24 * 365
"""Beyond it no policy goes; how many hours one allows its rule says."""


@dataclass(frozen=True)
class Wanted:
    """Who wants what of which grant, for whom if for somebody; ``wish`` makes the command's body of the grant, and of its now (UTC)."""

    grant: str
    person: str
    wish: Callable[[Grant, datetime], Wish]
    principal: str | None = None


@dataclass(frozen=True)
class Asking:
    """Access for so many hours from now, for a reason, to what came with these commands (none: all); ``name`` null: the next free one."""

    reason: str
    hours: int
    subjects: tuple[str, ...] = ()
    name: str | None = None

    def of(self, grant: Grant, at: datetime) -> AskAccess:
        """The command's body.

        Raises:
            MisusedError: no such number of hours.

        """
        if not 0 < self.hours <= MOST_HOURS:
            message = f"--hours {self.hours}: a number of hours from now, such as 4"
            raise MisusedError(message)
        return AskAccess(access=self.name or next_name(grant), reason=self.reason, until=at + timedelta(hours=self.hours), subjects=self.subjects)


def next_name(grant: Grant) -> str:
    """The next id of an access that nobody has taken in this grant: short, for whoever confirms has to say it."""
    taken = grant.restricted.accesses
    return next(name for number in range(1, len(taken) + 2) if (name := f"access-{number}") not in taken)


def command_of(reader: Reader, wanted: Wanted, real: datetime) -> Command:
    """The command as it will be signed; in a rehearsal it is of the instant to which that has come.

    Raises:
        NotFoundError: no such grant.
        MisusedError: as ``Asking.of``.

    """
    grant = reader.grant(wanted.grant)
    body = wanted.wish(grant, today_of(grant, real))
    return Command(
        v=1,
        id=uuid7(),
        grant=wanted.grant,
        type=type(body).__name__,
        actor=wanted.person,
        on_behalf_of=wanted.principal,
        at=grant.recorded if grant.clock == "rehearsal" else None,
        content=None,
        body=body.model_dump(mode="json"),
        sealed=None,
    )


async def send(session: Session, wanted: Wanted) -> tuple[Command, Outcome | None]:
    """The command that was sent, and what came of it (null: not decided yet).

    Raises:
        NotFoundError, MisusedError: as ``command_of``.
        UnavailableError: the server cannot be reached.

    """
    command = command_of(session.reader, wanted, now())
    outcome = await session.gateway.submit(command)
    return command, titled(outcome, session.reader) if outcome else None
