"""``grants doctor``: whether everything that an installation needs is there, and well."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from app import organisations, servers, views
from app.connection import connect
from app.errors import GrantsError
from app.home import Home
from app.reader import now, reading
from app.settings import Settings, temporal_is_named, unknown_variables
from app.signing import KEY_FILE, local_signer
from domain.break_glass import reported_to
from domain.model import said
from domain.policy import Policy
from store import queries
from store.errors import NoRecordError, RecordError
from workflows.names import TASK_QUEUE

Found = tuple[Literal["ok", "note"], str]


@dataclass(frozen=True)
class Check:
    """One thing looked at: ``note`` is worth knowing and not wrong."""

    name: str
    verdict: Literal["ok", "note", "wrong"]
    what: str

    def as_json(self) -> dict[str, Any]:
        """The check for programs."""
        return {"check": self.name, "verdict": self.verdict, "what": self.what}


async def checkup(settings: Settings) -> list[Check]:
    """Every check, in the order in which things depend on each other."""
    home = Home.of(settings)
    looks: Sequence[tuple[str, Callable[[], Found]]] = (
        ("Python", lambda: ("ok", sys.version.split()[0])),
        ("settings", _settings),
        ("organisations", _organisations),
        ("home", lambda: ("ok", str(home.path.absolute())) if home.path.is_dir() else ("note", f"{home.path} is not there yet")),
        ("adopted", lambda: _adopted(home)),
        ("key", lambda: _key(home)),
        ("record", lambda: _record(home)),
        ("Temporal's program", lambda: _program(settings)),
    )
    return [*(_look(name, look) for name, look in looks), *await _temporal(home)]


def well(found: Sequence[Check]) -> bool:
    """Whether nothing is wrong."""
    return all(each.verdict != "wrong" for each in found)


def _look(name: str, look: Callable[[], Found]) -> Check:
    try:
        return Check(name, *look())
    except (GrantsError, RecordError) as error:
        return Check(name, "wrong", str(error))


def _settings() -> Found:
    unknown = unknown_variables()
    return ("note", f"nothing reads {', '.join(unknown)}; misspelt?") if unknown else ("ok", "every GRANTS_ variable is known")


def _organisations() -> Found:
    found = {each: organisations.load(each).charter.policy for each in organisations.known()}
    return _reported(", ".join(found), found)


def _reported(found: str, policies: Mapping[str, Policy]) -> Found:
    """What was found, with the organisations in which break-glass would be reported to nobody."""
    silent = [name for name, policy in policies.items() if reported_to(policy) is None]
    unnamed = f"; nobody is named to have the report of break-glass access in {', '.join(silent)}: duties.yaml, part restricted, duty access.reported"
    return ("note", f"{found}{unnamed}") if silent else ("ok", found)


def _adopted(home: Home) -> Found:
    """The organisations that the record knows, wherever their folders are."""
    try:
        with reading(home) as reader:
            known = reader.organisations()
    except NoRecordError as error:
        return "note", str(error)
    if not known:
        return "note", "none in the record yet"
    versions = ", ".join(f"{name} (version {each.version})" for name, each in known.items())
    return _reported(versions, {name: each.charter.policy for name, each in known.items() if each.charter})


def _key(home: Home) -> Found:
    if not (home.keys / KEY_FILE).exists():
        return "note", "made on first use"
    return "ok", local_signer(home.keys).key


def _record(home: Home) -> Found:
    try:
        with reading(home) as reader:
            counts = queries.counts(reader.log.engine)
            attention = [each["grant"] for each in views.grants(reader, now()) if each["attention"]]
    except NoRecordError as error:
        return "note", str(error)
    counted = said("{grants:grant|grants}, {events:event|events}, {postings:posting|postings}", vars(counts))
    return ("note", f"{counted}; look at {', '.join(attention)}") if attention else ("ok", counted)


def _program(settings: Settings) -> Found:
    return ("note", "not needed: a server is named") if temporal_is_named() else ("ok", str(servers.program(settings.temporal_cli)))


async def _temporal(home: Home) -> list[Check]:
    """Whether the server that commands go to answers, and whether a worker takes tasks from it."""
    if not temporal_is_named() and home.running() is None:
        return [Check("Temporal", "note", f"nothing runs over {home.path}: `grants up` starts it")]
    try:
        client = await connect(home)
        asked = DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=TASK_QUEUE), task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        )
        found = await client.workflow_service.describe_task_queue(asked)
    except (GrantsError, RPCError) as error:
        return [Check("Temporal", "wrong", str(error))]
    address = client.service_client.config.target_host
    if not found.pollers:
        return [Check("Temporal", "ok", address), Check("worker", "wrong", "no worker takes tasks: messages wait until one does")]
    return [Check("Temporal", "ok", address), Check("worker", "ok", ", ".join(each.identity for each in found.pollers))]
