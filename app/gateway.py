"""The gateway: the one way in for commands. It signs, sends a signal that starts the workflow if need be, and reads what came.

Everything goes through Temporal; the record is only read here (DESIGN §4).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from app.errors import MisusedError, UnavailableError
from app.outcomes import Outcome, outcome_in, sent_as
from app.part_two import PartTwo
from app.rate_limit import RateLimit
from app.reader import Reader
from app.sealing import NOTHING, Sealer
from app.signing import Signer, trusted_one
from app.watch import Awaited, Watch
from domain import evidence
from domain.model import Command
from store.batch import Row
from store.event_log import EventLog
from store.folds import Folds
from store.queries import standing
from workflows.names import TASK_QUEUE, stream_of, type_of

PATIENCE_SECONDS = 10.0
"""How long an answer is waited for; then it is "received, not yet decided" (DESIGN §4.5)."""

MOST_ROWS = 1000
MOST_BYTES = 200 * 1024
"""Of the rows in one ``RecordCosts`` (CONTRACT, Sizes)."""

WHOLE = ("DraftPaper", "EditPaper")
"""The commands that give a paper's contents whole, whatever they were before."""

_TOO_LARGE = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.RESOURCE_EXHAUSTED)


@dataclass(frozen=True)
class Gateway:
    """Commands in, outcomes out. ``signer`` is the newest key of this installation, ``others`` those before it.

    ``limit`` null: it takes any number of messages.
    """

    client: Client
    log: EventLog
    signer: Signer
    sealer: Sealer
    others: tuple[Signer, ...] = ()
    limit: RateLimit | None = None

    def message(self, command: Command) -> bytes:
        """A command signed by the key that its organisation trusts: the newest one, unless it has taken only an earlier one."""
        return signed_for(self.log, (self.signer, *self.others), command)

    @property
    def unlimited(self) -> Gateway:
        """The same gateway, which counts nothing: for a play, whose one sender sends a whole life."""
        return replace(self, limit=None)

    def admit(self, *commands: Command) -> None:
        """Count these commands of one sender before any of them is sent: all of them, or none.

        Raises:
            RateLimitedError: too many; nothing may be sent.
            UnavailableError: it cannot be told.

        """
        if self.limit and commands:
            self.limit.admit(commands[0].actor, len(commands))

    def sealed(self, command: Command, part_two: PartTwo | None) -> Command:
        """The command with its Part 2 sealed, before anything of it is signed or sent; null: it has none.

        Raises:
            LeakError, RefusedError, RecordError: as ``Sealer.sealed``.

        """
        return self.sealer.sealed(stream_of_command(command), command, part_two, paper_beside(Reader(self.log), command) if part_two else NOTHING)

    async def submit(self, command: Command, within: float = PATIENCE_SECONDS) -> Outcome | None:
        """Send a command and wait for what comes of it; null: received, and not decided within so many seconds.

        Raises:
            RateLimitedError: its actor has sent too much; nothing was sent.
            UnavailableError: the Temporal server cannot be reached; whether it was received is unknown, and the same
                command may be sent again.
            MisusedError: the server refuses a message of that size.

        """
        self.admit(command)
        stream, message = stream_of_command(command), self.message(command)
        sent = sent_as(stream, message, name=command.type)
        with self._watch.waiting(sent) as awaited:
            await self.send(stream, command.type, message)
            until = _now() + within
            known = outcome_in(await self._watch.known(awaited, within), sent)
            if known and known.kind != "quarantined":
                return replace(known, repeated=True)
            return await self._come_of(awaited, until, known)

    async def send(self, stream: str, name: str, message: bytes) -> None:
        """Send the bytes of a message to a stream's workflow under a signal's name, and return once Temporal has it.

        Raises:
            UnavailableError, MisusedError: as ``submit``.

        """
        payload = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=message))
        try:
            await self._signal(stream, name, payload)
        except RPCError as error:
            if error.status in _TOO_LARGE:
                said = f"The Temporal server does not take this message of {len(message)} bytes: {error.message}"
                raise MisusedError(said) from error
            said = f"The Temporal server cannot be used now: {error.message}"
            raise UnavailableError(said) from error

    async def _signal(self, stream: str, name: str, payload: RawValue) -> None:
        """A plain signal where the workflow lives, which costs less; where it does not, one that starts it."""
        try:
            await self.client.get_workflow_handle(stream).signal(name, payload)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            await self._start(stream, name, payload)

    async def _start(self, stream: str, name: str, payload: RawValue) -> None:
        await self.client.start_workflow(
            type_of(stream),
            id=stream,
            task_queue=TASK_QUEUE,
            start_signal=name,
            start_signal_args=[payload],
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )

    async def outcome(self, stream: str, message: bytes, *, name: str, within: float = PATIENCE_SECONDS, beyond: Outcome | None = None) -> Outcome | None:
        """What comes of a message that was sent; null: nothing within so many seconds.

        ``beyond``: an older quarantine of it. A repeat is decided anew; where nothing new comes of it, that one stands.
        """
        with self._watch.waiting(sent_as(stream, message, name=name)) as awaited:
            until = _now() + within
            return _newer(await self._watch.known(awaited, within), awaited, beyond) or await self._come_of(awaited, until, beyond)

    async def _come_of(self, awaited: Awaited, until: float, beyond: Outcome | None) -> Outcome | None:
        """What comes of it once an event names it; asked once more when the time is over."""
        while True:
            if found := _newer(await self._watch.seen(awaited, until - _now()), awaited, beyond):
                return found
            if _now() >= until:
                return replace(beyond, repeated=True) if beyond else None

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self.log)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _newer(rows: Sequence[Row], awaited: Awaited, beyond: Outcome | None) -> Outcome | None:
    """What came of it by these events, where it is not that older quarantine."""
    found = outcome_in(rows, awaited.sent)
    return found if found and (beyond is None or found.pasts[-1].version > beyond.pasts[-1].version) else None


def signed_for(log: EventLog, signers: Sequence[Signer], command: Command) -> bytes:
    """The signed message of a command, by the one of an installation's keys that the record trusts for it now; else by the newest."""
    if len(signers) == 1:
        return signers[0].message(command)
    found = Folds(log).organisations.at_head(f"organisation/{_organisation_of(log, command)}")[1]
    return (trusted_one(signers, found.keys, log.now()) or signers[0]).message(command)


def _organisation_of(log: EventLog, command: Command) -> str:
    """The id of the organisation whose command it is; of a grant that is not open, the one that it would be opened for."""
    stream = stream_of_command(command)
    if not stream.startswith("grant/"):
        return stream.removeprefix("organisation/")
    kept = standing(log.engine, stream)
    row: dict[str, Any] = json.loads(kept.json) if kept else {}
    return str(row.get("organisation") or command.body.get("organisation") or "unknown")


def stream_of_command(command: Command) -> str:
    """The stream, and so the workflow, that a command goes to."""
    return command.grant if command.grant.startswith("organisation/") else stream_of(command.grant)


def paper_beside(reader: Reader, command: Command) -> Mapping[str, Any]:
    """The public contents of the paper that a command names, as the record has them; nothing where it names none, or gives them itself."""
    paper = command.body.get("paper")
    if command.type in WHOLE or not isinstance(paper, str) or command.grant.startswith("organisation/"):
        return NOTHING
    _, grant = reader.folds.grants.at_head(stream_of(command.grant))
    found = grant.approval.papers.get(paper)
    return {"paper": found.contents.model_dump(mode="json")} if found else NOTHING


def split(command: Command) -> tuple[Command, ...]:
    """The command, or several where it has more rows of costs than one may have: the second one's id ends in ``.2``.

    A Part 2 stays with the first, whose id it is sealed for.
    """
    rows = command.body.get("rows")
    if command.type != "RecordCosts" or not isinstance(rows, list):
        return (command,)
    lots = list(_lots(rows))
    return tuple(
        command.model_copy(update={"body": {**command.body, "rows": lot}, **({} if number == 1 else {"id": f"{command.id}.{number}", "sealed": None})})
        for number, lot in enumerate(lots or [rows], 1)
    )


def _lots(rows: list[Any]) -> Iterator[list[Any]]:
    lot: list[Any] = []
    size = 0
    for row in rows:
        added = len(evidence.canonical(row)) + 1
        if lot and (len(lot) == MOST_ROWS or size + added > MOST_BYTES):
            yield lot
            lot, size = [], 0
        lot.append(row)
        size += added
    if lot:
        yield lot
