"""``grants ops rebuild``: start workflows again from the record. The record is the truth; a workflow only keeps its queue.

Its first commit also renews the row that lists read, where another build wrote it otherwise.
"""

from __future__ import annotations

from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.answers import open_effects
from app.connection import connect
from app.errors import UnavailableError
from app.home import Home
from app.reader import Reader, reading
from domain import evidence
from domain.grant import Grant, over
from domain.outlook import Outlook
from store import queries
from workflows.names import TASK_QUEUE, stream_of, type_of


async def rebuild_home(home: Home, grant: str | None) -> list[dict[str, Any]]:
    """Start the workflow of one grant, or of every grant with anything left to do or a row that another build wrote.

    One that runs already is left alone.

    Raises:
        NotFoundError: no such grant.
        UnavailableError: the Temporal server cannot be reached.

    """
    with reading(home) as reader:
        if grant is not None:
            reader.grant(grant)
        streams = [stream_of(grant)] if grant else _unfinished(reader)
    client = await connect(home)
    return [{"grant": stream.removeprefix("grant/"), "started": await _start(client, stream)} for stream in streams]


def _unfinished(reader: Reader) -> list[str]:
    """Grants that are open, or closed with a report, notices or journals still to come, or listed as this build would not list them."""
    found = []
    for stream in reader.log.streams("grant/"):
        _, grant = reader.folds.grants.at_head(stream)
        if grant.opening.opened and (not over(grant, reader.organisation_of(grant)) or open_effects(reader.log, grant) or _listed_otherwise(reader, grant)):
            found.append(stream)
    return found


def _listed_otherwise(reader: Reader, grant: Grant) -> bool:
    kept = queries.standing(reader.log.engine, grant.stream)
    return kept is None or evidence.read(kept.json) != Outlook(grant, reader.organisation_of(grant)).standing()


async def _start(client: Client, stream: str) -> bool:
    """Whether it was started; False: it runs already."""
    try:
        await client.start_workflow(
            type_of(stream),
            id=stream,
            task_queue=TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
    except WorkflowAlreadyStartedError:
        return False
    except RPCError as error:
        message = f"The Temporal server cannot be used now: {error.message}"
        raise UnavailableError(message) from error
    return True
