"""All that workflows may see of activities: the values that travel, and what each activity promises.

These values stand in Temporal's histories for years: add fields with a default, never rename or take one away. A reader
ignores fields that it does not know, so that two builds can work side by side while a release rolls out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from temporalio import activity

from domain import evidence
from domain.effects import EffectKind

LARGEST_MESSAGE = 256 * 1024
"""Bytes of one message; a larger one is kept as its size and digest only (CONTRACT, Sizes)."""

LARGEST_BATCH = 512 * 1024
"""Bytes of the messages in one commit, and of the queue that a new run of the workflow is given (CONTRACT, Sizes)."""

MOST_MESSAGES = 50
"""Messages in one commit (CONTRACT, Sizes)."""

MOST_EFFECTS = 50
"""Open effects in one answer, the oldest ones (CONTRACT, Sizes)."""


class Travelling(BaseModel):
    """A value between workflow and activity. Bytes are base64 in its JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True, ser_json_bytes="base64", val_json_bytes="base64")


class Oversize(Travelling):
    """What is kept of a message too large to keep: its size in bytes, and its digest (see ``digest_of``)."""

    size: int
    digest: str


class Message(Travelling):
    """One signal as it came: its name and the raw bytes of its payloads, unread. ``oversize``: too large, so no bytes."""

    name: str
    payloads: tuple[bytes, ...] = ()
    oversize: Oversize | None = None

    @property
    def size(self) -> int:
        """The bytes that it holds."""
        return len(self.name) + sum(map(len, self.payloads))


class Due(Travelling):
    """The next moment of one part of a grant's life, in the words of its duty; ``at`` null: a rehearsal, nothing to wait for."""

    part: str
    subject: str
    duty: str
    owner: str
    at: AwareDatetime | None
    words: str


class Effect(Travelling):
    """Work in the outside world that an event asked for and no result has answered yet. ``version`` is that event's.

    ``tried``: how often it was tried, perhaps, when it was first seen, by somebody whose tries the next one does not count.
    """

    kind: EffectKind
    version: int
    summary: str
    tried: int = 0

    @property
    def key(self) -> tuple[EffectKind, int]:
        """Which effect of its stream it is, however it is told."""
        return self.kind, self.version


class Attributes(Travelling):
    """What the list of workflows can be searched by (DESIGN §9). No personal data; null or empty: not set."""

    stage: str | None = None
    waiting_for: tuple[str, ...] = ()
    due_at: AwareDatetime | None = None
    next_recovery_at: AwareDatetime | None = None
    programme: str | None = None
    funder: str | None = None
    clock: str | None = None
    attention: tuple[str, ...] = ()


class Answer(Travelling):
    """What the record says: all that a workflow knows of its stream, never a difference; at most 64 KiB.

    ``seen`` is how many events the whole log held when this was read, at the latest: of two answers, the one that has
    seen more holds. ``more``: moments that have passed are still undecided, so commit once again. ``due`` has at most one
    entry a part. ``details`` is markdown of at most 4 KiB.
    """

    version: int
    seen: int
    closed: bool = False
    more: bool = False
    due: tuple[Due, ...] = ()
    effects: tuple[Effect, ...] = ()
    details: str = ""
    attributes: Attributes = Attributes()

    def tried(self, effects: Iterable[Effect]) -> Answer:
        """The answer in which these of its effects were tried once."""
        return self.knowing(each.model_copy(update={"tried": 1}) for each in effects)

    def knowing(self, effects: Iterable[Effect]) -> Answer:
        """The answer in which these of its effects stand as they are given."""
        known = {each.key: each for each in effects}
        return self.model_copy(update={"effects": tuple(known.get(each.key, each) for each in self.effects)})


class Recording(ABC):
    """The one way into the record."""

    @abstractmethod
    @activity.defn(name="commit")
    def commit(self, stream: str, messages: tuple[Message, ...], woken_for: datetime | None) -> Answer:
        """Give every message exactly one recorded outcome, in order, together with all moments due by then.

        ``woken_for`` is the moment (UTC) that a timer ran for: the record's clock counts as at least that. All of the
        messages are settled when it returns, and none when it raises; to repeat it adds nothing.
        """


class Acting(ABC):
    """One person's act, within the workflow task that brings it."""

    @abstractmethod
    @activity.defn(name="act")
    async def act(self, stream: str, message: Message, in_hand: tuple[Effect, ...]) -> Answer:
        """Commit the message as ``commit`` does, give the notices that it asks for if they can be given promptly, and answer afresh.

        ``in_hand`` are the effects that the workflow has open already: where there are any, the new ones wait for their turn.
        What was not given stays open in the answer, so that the workflow has it done. To repeat it adds nothing.
        """


class Notifying(ABC):
    """Word to people."""

    @abstractmethod
    @activity.defn(name="send_notice")
    async def send_notice(self, stream: str, effect: Effect) -> Answer:
        """Send the notice that the event asks for, record what came of it, and answer afresh; a sent one is not sent again."""


class Bookkeeping(ABC):
    """Word to the finance system."""

    @abstractmethod
    @activity.defn(name="hand_over_journal")
    def hand_over_journal(self, stream: str, effect: Effect) -> Answer:
        """Hand over the postings of the event, exactly once, record that, and answer afresh."""

    @abstractmethod
    @activity.defn(name="reconcile_ledger")
    def reconcile_ledger(self, stream: str) -> Answer:
        """Compare what was handed over with the ledger, record a changed verdict, and answer afresh."""


def digest_of(name: str, payloads: Sequence[bytes]) -> str:
    """SHA-256 of a message's name and bytes: the id under which a message that cannot be read is recorded (CONTRACT, Ids)."""
    return evidence.digest(name.encode() + b"\0" + b"".join(payloads))


def received(name: str, payloads: Sequence[bytes]) -> Message:
    """The message that a signal brings; one that is too large keeps its size and digest only. Raises nothing."""
    message = Message(name=name, payloads=tuple(payloads))
    if message.size <= LARGEST_MESSAGE:
        return message
    return Message(name=name, oversize=Oversize(size=message.size - len(name), digest=digest_of(name, payloads)))
