"""``grants show --restricted``: the Part 2s of a grant beside what everybody may see, for whoever was allowed to read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.cli.context import wait_for
from app.cli.out import lines
from app.errors import MisusedError
from app.home import Home

Read = Mapping[str, Mapping[str, Any]]
"""What each Part 2 says, or why it cannot be read, by the id of the command that it came with."""


def read_for(home: Home, grant: str, person: str | None, purpose: str | None, known_at: datetime | None, *, wanted: bool) -> Read:
    """What was read; nothing where it is not wanted.

    Raises:
        MisusedError: who reads is not said, or is said though nothing restricted is wanted.
        GrantsError: as ``unsealing.read``.

    """
    if wanted is (person is None) or (purpose and not wanted):
        message = "Reading Part 2 is recorded: --restricted and --as PERSON come together (and --purpose TEXT with them)."
        raise MisusedError(message)
    return wait_for(_read(home, grant, person, purpose, known_at)) if person else {}


def beside(view: dict[str, Any], found: Read) -> dict[str, Any]:
    """The view of a grant, with what was read beside each Part 2."""
    return view | {"restricted": [each | found.get(each["subject"], {}) for each in view["restricted"]]}


def tell(view: Mapping[str, Any]) -> None:
    """Every Part 2 that was read, for people."""
    for each in view["restricted"]:
        if "part_two" in each:
            text = json.dumps(each["part_two"], ensure_ascii=False, indent=2).splitlines() if each["part_two"] is not None else [each["unreadable"]]
            lines(["", f"Part 2 of {each['came_with']} ({each['subject']}), restricted", *text])


async def _read(home: Home, grant: str, person: str, purpose: str | None, known_at: datetime | None) -> Read:
    from app.session import acting  # noqa: PLC0415  (only this needs a server)
    from app.unsealing import Asking, read  # noqa: PLC0415

    async with acting(home) as session:
        return await read(session, Asking(grant, person, purpose, known_at))
