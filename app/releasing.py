"""``grants release``: what was put aside is sent again as it was kept, or released because it is put right or needs nothing.

Kept bytes need no leave to be sent again: they are their sender's own message, and are decided like any other. That a
repaired command, or nothing at all, stands in the place of a message is somebody's act, and recorded as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.errors import MisusedError, NotFoundError
from app.home import Home
from app.ids import uuid7
from app.messages import Told, messages, stream_named
from app.outcomes import Outcome, outcome_of, sent_as
from app.reader import Reader
from app.session import Session
from domain.model import Command
from domain.releasing import ReleaseMessage
from store.database import open_vault
from store.schema import check_schema
from store.vault import Quarantined, Vault

UNREADABLE = ("message.unreadable", "message.payloads", "message.oversize")
"""What is put aside for these reasons is put aside again however often it comes."""


@dataclass(frozen=True)
class Releasing:
    """Who releases which message of which grant, and why."""

    grant: str
    sha256: str
    person: str
    reason: str


def put_aside(reader: Reader, grant: str, digest: str) -> Told:
    """The message that was put aside under that digest, of which the beginning is enough.

    Raises:
        NotFoundError: there is none, or more than one.

    """
    found = [each for each in messages(reader, grant) if each.outcome in ("quarantined", "released") and each.sha256.startswith(digest)]
    if len(found) != 1:
        message = f"{len(found) or 'No'} messages of {grant} stand aside under {digest}; `grants messages {grant} --quarantined` lists them."
        raise NotFoundError(message)
    return found[0]


async def send_again(session: Session, home: Home, grant: str, told: Told) -> Outcome | None:
    """Send the kept bytes of a message under the name that they came by, and say what comes of them now; null: nothing yet.

    Raises:
        MisusedError: nobody can read it, so the same would come of it.
        NotFoundError: its bytes are not in the vault (any more).

    """
    if told.reason and told.reason["code"] in UNREADABLE:
        message = (
            f"{told.sha256} is {told.reason['why']}, and would be put aside again: say --as PERSON --reason TEXT, and --with FILE for one that is put right."
        )
        raise MisusedError(message)
    stream, found = stream_named(grant), kept(home, told.sha256)
    before = outcome_of(session.reader.log, sent_as(stream, found.bytes, name=found.name))
    await session.gateway.send(stream, found.name, found.bytes)
    return await session.gateway.outcome(stream, found.bytes, name=found.name, beyond=before)


def kept(home: Home, sha256: str) -> Quarantined:
    """The bytes of a message, as the vault keeps them.

    Raises:
        NotFoundError: they are not there: too large to be kept, or erased; or nobody sent it (a duty that stands still).

    """
    engine = open_vault(home.vault_url)
    try:
        check_schema(engine)
        found = Vault(engine).quarantined(sha256)
    finally:
        engine.dispose()
    if found is None or not found.bytes:
        message = f"The vault has no bytes of {sha256} to send again; --as PERSON --reason TEXT releases it (a duty that stands still is then tried again)."
        raise NotFoundError(message)
    return found


def command_of(reader: Reader, releasing: Releasing, replaced_by: str | None) -> Command:
    """The act of a release, at the instant at which the grant stands.

    Raises:
        NotFoundError: no such grant.

    """
    grant = reader.grant(releasing.grant)
    body: dict[str, Any] = ReleaseMessage(sha256=releasing.sha256, reason=releasing.reason, replaced_by=replaced_by).model_dump(mode="json")
    at = grant.recorded if grant.clock == "rehearsal" else None
    told = {"v": 1, "id": uuid7(), "grant": releasing.grant, "type": ReleaseMessage.__name__, "actor": releasing.person, "on_behalf_of": None}
    return Command.model_validate({**told, "at": at, "content": None, "body": body, "sealed": None})


def id_in_the_place_of(sha256: str) -> str:
    """The id of a repaired command that has none of its own: it names the message that it replaces."""
    return f"{uuid7()}/replaces/{sha256}"
