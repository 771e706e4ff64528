"""The names by which everybody outside finds a workflow: ids, types, the task queue, and what the list is searched by."""

from __future__ import annotations

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from activities.contracts import Attributes

TASK_QUEUE = "grants"
"""Where workers of every kind take their work; a worker of activities only serves it too, one of workflows has the record beside it."""

DEPLOYMENT = "grants"
"""The name under which a worker reports its build."""

GRANT = "Grant"
ORGANISATION = "Organisation"

KEYS: dict[str, SearchAttributeKey[Any]] = {
    "stage": SearchAttributeKey.for_keyword("GrantStage"),
    "waiting_for": SearchAttributeKey.for_keyword_list("WaitingFor"),
    "due_at": SearchAttributeKey.for_datetime("DueAt"),
    "next_recovery_at": SearchAttributeKey.for_datetime("NextRecoveryAt"),
    "programme": SearchAttributeKey.for_keyword("Programme"),
    "funder": SearchAttributeKey.for_keyword("Funder"),
    "clock": SearchAttributeKey.for_keyword("Clock"),
    "attention": SearchAttributeKey.for_keyword_list("Attention"),
}
"""What the list of workflows can be searched by, registered before the first workflow starts (DESIGN §9)."""


def stream_of(grant: str) -> str:
    """The stream of a grant, which is also the id of its workflow (DESIGN §4.6)."""
    return f"grant/{grant}"


def type_of(stream: str) -> str:
    """The type of the workflow that keeps a stream."""
    return ORGANISATION if stream.startswith("organisation/") else GRANT


def changes(shown: TypedSearchAttributes, now: Attributes) -> list[SearchAttributeUpdate[Any]]:
    """The upserts that make what is shown equal to what is so; none where nothing changed, for each is kept in the history."""
    found: list[SearchAttributeUpdate[Any]] = []
    for name, key in KEYS.items():
        value = _plain(getattr(now, name))
        if value != _plain(shown.get(key)):
            found.append(key.value_unset() if value is None else key.value_set(value))
    return found


def _plain(value: object) -> object:
    """Lists compare as lists; the server keeps no empty list and no empty word."""
    return (list(value) if isinstance(value, list | tuple) else value) or None
