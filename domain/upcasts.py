"""From stored bytes to typed events: old versions are brought up to the newest shape, purely, one step at a time.

Stored bytes never change, and an upcaster never invents a fact: a new meaning is a new type (DESIGN §11.5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain import evidence
from domain.model import EVENTS, Event, Past

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTS: dict[tuple[str, int], Upcaster] = {}
"""(wire name, version) to the step from that version to the next. Every old version that was released has one."""


class UnknownEventError(ValueError):
    """Raised when stored bytes name a type or version that this build does not know: a newer build can read it."""


def event_of(wire: str, version: int, body: str) -> Event:
    """The typed event, in its newest shape.

    Raises:
        UnknownEventError: the type, or that version of it, is not known to this build.

    """
    if step := UPCASTS.get((wire, version)):
        return event_of(wire, version + 1, evidence.canonical(step(evidence.read(body))).decode())
    if found := EVENTS.get((wire, version)):
        return found.model_validate_json(body)
    message = f"{wire} version {version} is not known to this build"
    raise UnknownEventError(message)


def past_of(envelope: str, body: str) -> Past:
    """One stored event as rules fold it.

    Raises:
        UnknownEventError: as ``event_of``.

    """
    read = evidence.read(envelope)
    return Past.model_validate(
        {
            "stream": read["stream"],
            "version": read["version"],
            "body": event_of(read["type"], read["schema"], body),
            "effective": read["effective"],
            "recorded": read["recorded"],
            "actor": read["actor"],
            "on_behalf_of": read["on_behalf_of"],
            "command": read["command"],
        },
        strict=False,
    )
