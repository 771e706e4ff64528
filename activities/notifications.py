"""send_notice: word to an office, by mail or printed; what came of it goes to the stream of the grant's notices.

At least once: a second copy can go out only where the worker died, or the record was away, between the mail server's 250 and our own append, and
both copies carry the same Message-ID.

The notices of an act are given with it while the mail server is prompt; once it is not, or fails, they go out by activities,
which are tried for ever and delay nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal, Protocol, TypeVar
from weakref import WeakValueDictionary

import aiosmtplib
import structlog
from temporalio import activity

from activities import answers
from activities.contracts import Answer, Effect, Notifying
from activities.results import Notice, Notices
from domain import evidence
from domain.effects import NoticeFailed, NoticeSent
from store.errors import RecordError, RecordUnavailableError

PATIENCE_SECONDS = 15
"""For each word of the mail server."""

LONGEST_SECONDS = 25
"""For an attempt until the server has taken the notice, the wait for one before it included: then another attempt begins."""

PROMPT = 10**9
"""Nanoseconds. A channel is not prompt while a notice takes longer, and until another has gone faster: then no act waits for it.
Nor does an act begin another notice once it has waited so long for its own."""

PERMANENT = range(500, 600)
"""Replies of a mail server that say: never (RFC 5321, 4.2.1)."""

log = structlog.get_logger()

Given = TypeVar("Given")


class RefusedForGoodError(Exception):
    """Raised when a notice cannot be delivered, however often it is tried; the text is the reason, with no address in it."""


class Channel(Protocol):
    """A way to tell an office something."""

    @property
    def name(self) -> Literal["smtp", "console"]:
        """What the result calls it."""

    async def deliver(self, notice: Notice, message_id: str) -> None:
        """Deliver it.

        Raises:
            RefusedForGoodError: it will never be delivered. Anything else that is raised may be tried again.

        """


class Console:
    """Prints notices: the default, where no mail server is set."""

    name: Literal["console"] = "console"

    async def deliver(self, notice: Notice, message_id: str) -> None:
        """Write the notice to the log."""
        log.info("notice.sent", to=notice.to, subject=notice.subject, text=notice.body, message_id=message_id)


@dataclass(frozen=True)
class Mail:
    """Sends notices by SMTP (aiosmtplib). ``mailboxes`` is the address of each office."""

    host: str
    port: int
    sender: str
    mailboxes: Mapping[str, str]
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    name: Literal["smtp"] = field(default="smtp", init=False)

    async def deliver(self, notice: Notice, message_id: str) -> None:
        """Hand the mail to the server. Only what concerns the recipient or the text can be refused for good."""
        try:
            await aiosmtplib.send(
                self._mail(notice, message_id),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.tls == "tls",
                start_tls=self.tls == "starttls",
                timeout=PATIENCE_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            _for_good(refused.recipients[0])
            raise
        except aiosmtplib.SMTPDataError as refused:
            _for_good(refused)
            raise

    def _mail(self, notice: Notice, message_id: str) -> EmailMessage:
        address = self.mailboxes.get(notice.to)
        if address is None:
            message = f"no address is known for {notice.to}"
            raise RefusedForGoodError(message)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, address, " ".join(notice.subject.split())
        mail["Message-ID"], mail["Auto-Submitted"] = message_id, "auto-generated"
        mail.set_content(notice.body)
        return mail


class Notifications(Notifying):
    """The notices of all grants, each grant's in the order in which they were asked for.

    ``threads`` is where the record is asked (null: the loop's own).
    """

    def __init__(self, record: Notices, channel: Channel, threads: Executor | None = None) -> None:
        self.record, self.channel, self.threads = record, channel, threads
        self._prompt = True
        self._under_way: dict[str, int] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @activity.defn(name="send_notice")
    async def send_notice(self, stream: str, effect: Effect) -> Answer:
        """Send it unless that is done already; one at a time for each grant, for a lost workflow's attempt may be under way."""
        async with asyncio.timeout(LONGEST_SECONDS) as limit:
            return await self._given(stream, effect, limit, attempt=effect.tried + activity.info().attempt)

    async def at_once(self, stream: str, answer: Answer, first: Notice | None = None) -> Answer:
        """The answer once the notices that are open in it were given; those that could not be given promptly stay open.

        ``first`` is the oldest of them, where its commit has just told it: then nobody can have given it yet. What has begun
        is not given up when the workflow waits no longer: the activity that it asks for then finds it done.
        """
        until = time.monotonic_ns() + PROMPT
        for effect in (each for each in answer.effects if each.kind == "notice"):
            if time.monotonic_ns() > until or not self._is_prompt():
                break
            told = first if first and first.version == effect.version and not self._turn_of(stream).locked() else None
            try:
                async with asyncio.timeout(LONGEST_SECONDS) as limit:
                    answer = await self._given(stream, effect, limit, attempt=1, before=answer, told=told)
            except (OSError, aiosmtplib.SMTPException, RecordError) as error:  # the activity that tries it again shows it as long as it lasts
                log.warning("notice.later", stream=stream, error=type(error).__name__)
                self._prompt &= isinstance(error, RecordError)
                return answer.tried([effect])
        return answer

    def _is_prompt(self) -> bool:
        return self._prompt and all(time.monotonic_ns() - began <= PROMPT for began in self._under_way.values())

    async def _given(
        self, stream: str, effect: Effect, limit: asyncio.Timeout, *, attempt: int, before: Answer | None = None, told: Notice | None = None
    ) -> Answer:
        """The answer once it was given; ``before`` is the one of its act."""
        more = bool(before and before.more)
        async with self._turn_of(stream):
            notice = told or await self._in_a_thread(lambda: self.record.notice(stream, effect))
            if notice is None:
                return await self._in_a_thread(lambda: self.record.answer(stream, more=more))
            result = await self._sent(notice, message_id_of(stream, effect.version, notice.to), attempt)
            limit.reschedule(None)  # what was sent is recorded, however long that takes
            known = answers.given(before, result) if before and told else None
            return await self._in_a_thread(lambda: self._concluded(stream, result, notice, known, more=more))

    def _turn_of(self, stream: str) -> asyncio.Lock:
        return self._turns.setdefault(stream, asyncio.Lock())

    async def _in_a_thread(self, asked: Callable[[], Given]) -> Given:
        return await asyncio.get_running_loop().run_in_executor(self.threads, asked)

    def _concluded(self, stream: str, result: NoticeSent | NoticeFailed, notice: Notice, known: Answer | None, *, more: bool) -> Answer:
        """Record it; the answer, read afresh where it is not known."""
        try:
            self.record.append_result(notice.head.stream, result, notice.recorded, notice.head)
        except RecordUnavailableError:  # a connection that was ended costs no second copy: the next one is a new one
            self.record.append_result(notice.head.stream, result, notice.recorded)
        return known or self.record.answer(stream, more=more)

    async def _sent(self, notice: Notice, message_id: str, attempt: int) -> NoticeSent | NoticeFailed:
        result: NoticeSent | NoticeFailed = NoticeSent(of=notice.version, to=notice.to, channel=self.channel.name, message=message_id, attempts=attempt)
        began = self._under_way[message_id] = time.monotonic_ns()
        try:
            await self.channel.deliver(notice, message_id)
        except RefusedForGoodError as refused:
            result = NoticeFailed(of=notice.version, to=notice.to, reason=str(refused), message=message_id, attempts=attempt)
        finally:
            del self._under_way[message_id]
        self._prompt = time.monotonic_ns() - began <= PROMPT
        return result


def message_id_of(stream: str, version: int, to: str) -> str:
    """The Message-ID of a notice: made from the event and the recipient alone, so every attempt carries the same one."""
    return f"<{evidence.digest(f'{stream}@{version}/{to}'.encode())[:40]}@grants.invalid>"


def _for_good(refused: aiosmtplib.SMTPResponseException) -> None:
    """Raise if the server means never. Its own words stay out of the record: they can name a person's address."""
    if refused.code in PERMANENT:
        message = f"the mail server refused it for good ({refused.code})"
        raise RefusedForGoodError(message) from refused
