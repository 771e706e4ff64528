"""Reading Part 2: first the reading itself is decided and recorded, through Temporal like every act; then it is opened.

Nothing is unsealed without a ``restricted.read`` of this very asking in the record (CONTRACT, Restricted content).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import GrantsError, NotFoundError, RefusedError, UndecidedError
from app.ids import uuid7
from app.reader import Reader
from app.sealing import Sealer
from app.session import Session
from domain import evidence
from domain.messages import CommandRefused
from domain.model import Command
from domain.restricted import ReadRestricted, RestrictedRead
from workflows.names import stream_of


@dataclass(frozen=True)
class Asking:
    """Who wants to read the Part 2 of which grant, and what for (null: not told), as known at an instant (UTC; null: now)."""

    grant: str
    person: str
    purpose: str | None
    known_at: datetime | None = None


async def read(session: Session, asking: Asking) -> dict[str, dict[str, Any]]:
    """What each Part 2 says, by the id of the command that it came with.

    Raises:
        NotFoundError: no such grant, or it had no Part 2 then.
        RefusedError: the person may not read it; nothing is unsealed.
        UndecidedError: the reading is not decided yet; nothing is unsealed.

    """
    command = command_of(session.reader, asking)
    outcome = await session.gateway.submit(command)
    if outcome is None:
        message = f"{command.id}: received, not yet decided, so nothing is unsealed; the same again reads it."
        raise UndecidedError(message)
    if not isinstance(outcome.pasts[0].body, RestrictedRead):
        message = f"{outcome.summary}{_next(outcome.last)} Nothing is unsealed."
        raise RefusedError(message)
    return opened(session.reader, session.gateway.sealer, stream_of(asking.grant), outcome.pasts[0].body.subjects)


def _next(refused: object) -> str:
    """Who could, and what to do, of a refusal."""
    if not isinstance(refused, CommandRefused):
        return ""
    could = f" Who could: {', '.join(refused.who_could)}." if refused.who_could else ""
    return f"{could} {refused.remedy}"


def command_of(reader: Reader, asking: Asking) -> Command:
    """The command that asks to read: every Part 2, or those that were known then.

    Raises:
        NotFoundError: no such grant, or it had no Part 2 then.

    """
    grant = reader.grant(asking.grant, asking.known_at)
    if not grant.restricted.kept:
        message = f"{asking.grant} has no Part 2{', as known then' if asking.known_at else ''}"
        raise NotFoundError(message)
    body = ReadRestricted(subjects=tuple(grant.restricted.kept) if asking.known_at else (), purpose=asking.purpose)
    now = reader.grant(asking.grant)
    return Command(
        v=1,
        id=uuid7(),
        grant=asking.grant,
        type=ReadRestricted.__name__,
        actor=asking.person,
        on_behalf_of=None,
        at=now.recorded if now.clock == "rehearsal" else None,
        content=None,
        body=body.model_dump(mode="json"),
        sealed=None,
    )


def opened(reader: Reader, sealer: Sealer, stream: str, subjects: Collection[str]) -> dict[str, dict[str, Any]]:
    """What each of these says (``part_two``), or why it cannot be read any more (``unreadable``)."""
    return {each: _opened(reader, sealer, stream, each) for each in subjects}


def _opened(reader: Reader, sealer: Sealer, stream: str, subject: str) -> dict[str, Any]:
    row = reader.log.command(stream, subject)
    sealed = evidence.read(row.bytes)["sealed"] if row else None
    if sealed is None:
        return {"part_two": None, "unreadable": f"The record does not have the sealed content of {subject}; `grants audit verify` tells what else it lacks"}
    try:
        return {"part_two": sealer.opened(stream, subject, sealed), "unreadable": None}
    except GrantsError as error:
        return {"part_two": None, "unreadable": str(error)}
