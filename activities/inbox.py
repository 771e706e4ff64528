"""Reading what arrived: from a message's raw bytes to a signed command, or the reason why it was put aside. Never raises.

The order of the checks is the order of trust: size, form, signature, and only then what the message says.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from activities.contracts import Message, digest_of
from domain import evidence
from domain.keys import Key
from domain.messages import MessageQuarantined, Reason
from domain.model import COMMANDS, Command

ANY_NAME = "submit"
"""The one signal name, besides a command's own type, under which a command may come."""

NULL_CHARACTER = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""U+0000 as canonical bytes write it, and not a backslash before such a word."""

Keys = Callable[[str], Key | None]
"""The key of an id that holds now, or none."""


@dataclass(frozen=True)
class Signed:
    """A readable command, its canonical bytes, their digest, and the signature that holds over them."""

    message: Message
    command: Command
    text: str
    digest: str
    signature: str
    key: str

    @property
    def name(self) -> str:
        """The signal's."""
        return self.message.name


@dataclass(frozen=True)
class Opened:
    """A readable command, its canonical bytes, and the signature that is said to hold over them; whether it does was not asked yet."""

    message: Message
    command: Command
    text: bytes
    signature: str
    key: str


@dataclass(frozen=True)
class PutAside:
    """A message that is not obeyed: why, its bytes (null: never kept, too large), and the id that it is recorded under."""

    id: str
    event: MessageQuarantined
    text: bytes | None


def opened(message: Message) -> Opened | PutAside:
    """What arrived, as far as it can be told without anybody's key."""
    if message.oversize is not None:
        return PutAside(
            id=message.oversize.digest,
            event=MessageQuarantined(reason="message.oversize", name=_plain(message.name), sha256=message.oversize.digest, size=message.oversize.size),
            text=None,
        )
    if len(message.payloads) != 1:
        return put_aside(message, "message.payloads")
    try:
        parts = evidence.read(message.payloads[0])
        text = _storable(evidence.canonical(parts["command"]))
        command = Command.model_validate_json(text)
    except (evidence.NotCanonicalError, ValidationError, KeyError, TypeError):
        return put_aside(message, "message.unreadable")
    key, signature = parts.get("key"), parts.get("signature")
    if not isinstance(key, str) or not isinstance(signature, str):
        return put_aside(message, "message.unsigned", command.id)
    return Opened(message, command, text, signature, key)


def read(opened: Opened, stream: str, keys: Keys) -> Signed | PutAside:
    """What was opened, if this stream is to obey it; ``keys`` finds the public key that holds now."""
    message, command, key = opened.message, opened.command, keys(opened.key)
    if key is None or not holds(opened.text, opened.signature, key):
        return put_aside(message, "message.foreign", command.id)
    if command.type not in COMMANDS or message.name not in (command.type, ANY_NAME):
        return put_aside(message, "message.name", command.id)
    if stream_of(command.grant) != stream:
        return put_aside(message, "message.stream", command.id)
    return Signed(message, command, opened.text.decode(), evidence.digest(opened.text), opened.signature, opened.key)


def put_aside(message: Message, reason: Reason, claims: str | None = None) -> PutAside:
    """The message as quarantined: its id is the digest of its name and bytes, so a repeat of it adds nothing.

    ``claims`` is the id that its command claims to have; of it, too, the record keeps the digest alone.
    """
    text = b"".join(message.payloads)
    sha256 = digest_of(message.name, message.payloads)
    claimed = evidence.digest(claims.encode()) if claims else None
    event = MessageQuarantined(reason=reason, name=_plain(message.name), sha256=sha256, size=len(text), claims=claimed)
    return PutAside(id=sha256, event=event, text=text)


def _storable(text: bytes) -> bytes:
    """The canonical bytes; raises where a text in them holds U+0000, which no text of PostgreSQL can."""
    if NULL_CHARACTER.search(text):
        message = "a text holds U+0000"
        raise evidence.NotCanonicalError(message)
    return text


def _plain(name: str) -> str:
    """A signal's name as the record can keep it: not too long, and without U+0000."""
    return name[:200].replace("\0", "\N{REPLACEMENT CHARACTER}")


def holds(text: bytes, signature: str, key: Key) -> bool:
    """Whether the signature (base64, Ed25519) of that key stands over the bytes, written in the one way that base64 has for it."""
    try:
        signed = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public, validate=True)).verify(signed, text)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return base64.b64encode(signed).decode() == signature


def stream_of(grant: str) -> str:
    """The stream of a command's ``grant``: an organisation's own name, or ``grant/<id>``."""
    return grant if grant.startswith("organisation/") else f"grant/{grant}"
