"""A real mail server on the loopback interface, whose manners a test chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.servers import free_ports


@dataclass
class Postbox:
    """It takes mails, or says these words instead: each list is used up from its front. ``begun`` counts texts that came."""

    mails: list[bytes] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_text: list[str] = field(default_factory=list)
    slow_seconds: float = 0
    begun: int = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: ARG002, N802
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        self.begun += 1
        await asyncio.sleep(self.slow_seconds)
        if self.to_text:
            return self.to_text.pop(0)
        self.mails.append(envelope.content if isinstance(envelope.content, bytes) else b"")
        return "250 OK"

    def read(self) -> list[Message]:
        """The mails that it took."""
        return [message_from_bytes(each, policy=default) for each in self.mails]

    def message_ids(self) -> list[str]:
        """The ids of the mails that it took."""
        return [str(each["Message-ID"]) for each in self.read()]


@contextmanager
def listening(postbox: Postbox) -> Iterator[int]:
    """Its port, while it listens."""
    [port] = free_ports(1)
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
