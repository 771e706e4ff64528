"""What became of a message that changed nothing: refused, noted, or quarantined. No content of it stands here."""

from __future__ import annotations

from typing import Literal

from domain.model import Digest, Event, Name, Text

Reason = Literal[
    "message.unreadable",
    "message.payloads",
    "message.oversize",
    "message.unsigned",
    "message.foreign",
    "message.name",
    "message.stream",
    "internal",
]
"""Why a message was put aside; ``internal``: our own code raised on it (CONTRACT, Messages)."""

REASONS: dict[Reason, str] = {
    "message.unreadable": "not readable as a message",
    "message.payloads": "not exactly one payload",
    "message.oversize": "larger than a message may be",
    "message.unsigned": "not signed",
    "message.foreign": "not signed by a key of the organisation",
    "message.name": "sent under another name than its type",
    "message.stream": "meant for another grant",
    "internal": "an error of our own while deciding it",
}


class CommandRefused(Event, wire="command.refused", said="{type} refused ({code}): {why}"):
    """A readable command that the rules refuse: the code, the rule in words, who could, the rule's source, and what to do."""

    type: Name
    code: Name
    why: Text
    who_could: tuple[str, ...]
    source: Text
    remedy: str = ""


class CommandNoted(Event, wire="command.noted", said="{type} changed nothing: it was already so"):
    """A command that found everything as it asks."""

    type: Name


class MessageQuarantined(Event, wire="message.quarantined", said="A message was put aside: {reason}"):
    """A message that could not be decided; its bytes are kept in the vault under their digest.

    ``claims`` is the SHA-256 of the id that its command claims to have (null: none can be read): once a command of that id
    is decided, released or repaired, the message needs nobody's attention any more.
    """

    reason: Reason
    name: str
    sha256: Digest
    size: int
    claims: Digest | None = None
