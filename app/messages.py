"""``grants messages``: every message of a grant with its one outcome, as the record says it. Of no message its content.

What anybody sent stands here once: under the id of its command, or, of one that could not be obeyed, under the digest of
its name and bytes. Moments, which nobody sends, are none; only one that stands still is told, for it waits for a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from app.errors import NotFoundError
from app.reader import Line, Reader
from domain.calendar import rfc3339
from domain.grant import Grant
from domain.messages import REASONS, CommandNoted, CommandRefused, MessageQuarantined
from domain.model import Command, Past
from domain.releasing import MessageReleased
from store import queries
from store.event_log import CommandRow
from store.folds import fold_grant
from workflows.names import stream_of

Outcome = Literal["accepted", "refused", "noted", "quarantined", "released"]


@dataclass(frozen=True)
class Told:
    """One message: what is known of it, and what came of it last.

    ``sha256`` is of a command's canonical bytes, of what was put aside of its name and bytes; ``size`` counts those bytes.
    ``waits``: it is put aside, and somebody is asked to look. Null: unknown, as who sent what nobody could read.
    """

    id: str
    outcome: Outcome
    name: str
    sha256: str
    size: int
    recorded: str
    actor: str | None
    on_behalf_of: str | None
    waits: bool = False
    reason: Mapping[str, Any] | None = None
    released: Mapping[str, Any] | None = None
    put_aside: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON of ``grants messages``."""
        return {**vars(self), "put_aside": list(self.put_aside)}


def stream_named(grant: str) -> str:
    """The stream of a grant, or the one that ``organisation/<id>`` is itself."""
    return grant if grant.startswith("organisation/") else stream_of(grant)


def messages(reader: Reader, grant: str) -> list[Told]:
    """Every message of a grant, or of ``organisation/<id>``, in the order in which they were first recorded.

    Raises:
        NotFoundError: nothing is recorded there.

    """
    stream = stream_named(grant)
    lines = reader.lines(stream)
    if not lines:
        message = f"Nothing is recorded of {grant}"
        raise NotFoundError(message)
    commands = {each.id: each for each in queries.whole_stream(reader.log.engine, stream).commands}
    return list(_told(lines, commands, fold_grant(stream, (each.past for each in lines)) if stream.startswith("grant/") else None))


def _told(lines: Sequence[Line], commands: Mapping[str, CommandRow], grant: Grant | None) -> Iterator[Told]:
    released = {each.past.body.sha256: each.past for each in lines if isinstance(each.past.body, MessageReleased)}
    for name, entries in _by_command(lines).items():
        last = entries[-1][-1].past
        put = tuple(each.past.body for entry in entries for each in entry if isinstance(each.past.body, MessageQuarantined))
        if isinstance(last.body, MessageQuarantined):
            yield _aside(last, last.body, released.get(last.body.sha256), grant)
        elif name in commands:
            yield _decided(commands[name], last, tuple(each.sha256 for each in put))


def _by_command(lines: Sequence[Line]) -> dict[str, list[list[Line]]]:
    """The events of each id, one list a commit that decided it: more than one where it was put aside first."""
    found: dict[str, list[list[Line]]] = {}
    for name, group in groupby(lines, key=lambda line: line.past.command):
        found.setdefault(name, []).append(list(group))
    return found


def _decided(row: CommandRow, last: Past, put_aside: tuple[str, ...]) -> Told:
    command = Command.model_validate_json(row.bytes)
    return Told(
        id=row.id,
        outcome=_outcome(last),
        name=command.type,
        sha256=row.digest,
        size=len(row.bytes.encode()),
        recorded=rfc3339(last.recorded),
        actor=command.actor,
        on_behalf_of=command.on_behalf_of,
        reason={"code": last.body.code, "why": last.body.why} if isinstance(last.body, CommandRefused) else None,
        put_aside=put_aside,
    )


def _outcome(last: Past) -> Outcome:
    match last.body:
        case CommandRefused():
            return "refused"
        case CommandNoted():
            return "noted"
        case _:
            return "accepted"


def _aside(last: Past, body: MessageQuarantined, release: Past | None, grant: Grant | None) -> Told:
    freed = release if release and release.version > last.version else None
    return Told(
        id=last.command,
        outcome="released" if freed else "quarantined",
        name=body.name,
        sha256=body.sha256,
        size=body.size,
        recorded=rfc3339(last.recorded),
        actor=None,
        on_behalf_of=None,
        waits=grant.aside.waits(body.sha256) if grant else True,
        reason={"code": body.reason, "why": REASONS[body.reason]},
        released=_released(freed) if freed else None,
    )


def _released(past: Past) -> dict[str, Any]:
    body = past.body
    if not isinstance(body, MessageReleased):
        raise TypeError(past.command)
    return {"command_id": past.command, "by": past.actor, "recorded": rfc3339(past.recorded), "reason": body.reason, "replaced_by": body.replaced_by}
