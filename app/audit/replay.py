"""``grants audit replay``: every command decided again from the log, and the Temporal histories replayed with this build's workflows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from app.audit.decisions import Difference, Elsewhere, grant_differences, organisation_differences
from app.audit.histories import unfollowed
from app.audit.record_rules import Organisations
from app.connection import connect
from app.errors import UnavailableError
from app.home import Home
from app.reader import Reader, reading
from app.settings import temporal_is_named
from domain import chain
from domain.chain import Link
from domain.model import Frozen
from domain.opening import GrantOpened
from store import queries
from workflows.names import stream_of


class Unreplayed(Frozen):
    """A workflow run whose history this build's workflows do not follow."""

    workflow: str
    run: str
    why: str


class Replayed(Frozen):
    """The verdict. ``histories`` null: no Temporal server was there to ask."""

    ok: bool
    grants: int
    commands: int
    differences: tuple[Difference, ...]
    histories: int | None
    unreplayed: tuple[Unreplayed, ...]


async def replay_home(home: Home, grant: str | None) -> Replayed:
    """Decide again and replay, for one grant or for all.

    Raises:
        NotFoundError: no such grant.
        UnavailableError: a server is named or runs over this home, and does not answer.

    """
    with reading(home) as reader:
        if grant is not None:
            reader.grant(grant)
        streams = [stream_of(grant)] if grant else [each for each in reader.log.streams() if each.startswith(("grant/", "organisation/"))]
        differences = tuple(_differences(reader, streams))
        commands = sum(len(queries.whole_stream(reader.log.engine, stream).commands) for stream in streams)
    replayed, failed = await _histories(home, streams)
    return Replayed(
        ok=not differences and not failed,
        grants=sum(stream.startswith("grant/") for stream in streams),
        commands=commands,
        differences=differences,
        histories=replayed,
        unreplayed=failed,
    )


def _differences(reader: Reader, streams: Sequence[str]) -> Iterator[Difference]:
    history, elsewhere = Organisations(reader.log, ()), _elsewhere(reader)
    for stream in streams:
        lines = reader.lines(stream)
        if stream.startswith("organisation/"):
            yield from organisation_differences(stream, lines, reader.log)
        else:
            yield from grant_differences(stream, lines, reader.log, history, elsewhere)


def _elsewhere(reader: Reader) -> Elsewhere:
    claims: dict[tuple[str, str], tuple[str, int]] = {}
    linked: list[tuple[int, str, tuple[Link, ...]]] = []
    for stream in reader.log.streams("grant/"):
        whole, grant = queries.whole_stream(reader.log.engine, stream), stream.removeprefix("grant/")
        indexes = {each.version: each.index for each in whole.events}
        claims |= {(each.clock, each.key): (grant, indexes[each.version]) for each in whole.claims}
        stated = ((line.row.index, chain.stated(line.past.body), line.past.body) for line in reader.lines(stream))
        linked += [(index, grant, found) for index, found, body in stated if found or isinstance(body, GrantOpened)]
    return Elsewhere(claims=claims, linked=tuple(linked))


async def _histories(home: Home, streams: Sequence[str]) -> tuple[int | None, tuple[Unreplayed, ...]]:
    if not temporal_is_named() and home.running() is None:
        return None, ()
    client = await connect(home)
    count, failed = 0, list[Unreplayed]()
    try:
        async for run in runs(client, streams):
            count += 1
            if why := await unfollowed(await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()):
                failed.append(Unreplayed(workflow=run.id, run=run.run_id, why="; ".join(why)))
    except RPCError as error:
        message = f"The Temporal server cannot be used now: {error.message}"
        raise UnavailableError(message) from error
    return count, tuple(failed)


async def runs(client: Client, streams: Sequence[str]) -> AsyncIterator[WorkflowExecution]:
    """Every run of the streams' workflows that the server still knows."""
    for stream in streams:
        async for run in client.list_workflows(f"WorkflowId = '{stream}'"):
            yield run
