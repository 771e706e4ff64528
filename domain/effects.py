"""What came of work in the outside world that an event asked for: notices sent, journals handed over, ledgers compared.

Results have streams of their own, beside the grant's, so that the grant's stream follows from its commands alone
however slow the mail is (DESIGN §4.7). Each kind is done strictly in the order of the events that asked.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.model import Digest, Event, Name

EffectKind = Literal["notice", "journal"]

STREAMS: dict[EffectKind, str] = {"notice": "notices", "journal": "journals"}
"""Where the results of each kind stand: ``notices/<grant>``, ``journals/<grant>``."""

Version = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]


class Result(Event):
    """What came of one effect; ``of`` is the version of the grant's event that asked for it."""

    of: Version


class NoticeSent(Result, wire="notice.sent", said="Notice to {to} sent by {channel}, attempt {attempts}"):
    """A mail server took the notice (or it was printed: ``console``). ``message`` is its Message-ID, the same at each attempt."""

    to: Name
    channel: Literal["smtp", "console"]
    message: Name
    attempts: Version


class NoticeFailed(Result, wire="notice.failed", said="Notice to {to} could not be delivered: {reason}"):
    """The notice was refused for good. ``reason`` never quotes the server's text, which can name a person's address."""

    to: Name
    reason: Name
    message: Name
    attempts: Version


class JournalHandedOver(Result, wire="journal.handed_over", said="Journal {file} handed over: {postings:posting|postings}, {total_pence}"):
    """The finance system was given the postings of one event: the file's name, the digest of its bytes, the sum of its debits."""

    file: Name
    digest: Digest
    postings: Count
    total_pence: Count


class LedgerReconciled(Result, wire="ledger.reconciled", said="Ledger compared with what was handed over: {verdict}"):
    """A changed verdict on what was handed over; ``of`` is the version of this stream up to which it was compared."""

    verdict: Literal["agrees", "differs"]
    differences: tuple[Name, ...]


Happened = NoticeSent | NoticeFailed | JournalHandedOver | LedgerReconciled

RESULTS = (NoticeSent.wire, NoticeFailed.wire, JournalHandedOver.wire)
"""The events that answer an effect: the newest one on a stream says through which version they are done."""


def stream_of_results(kind: EffectKind, stream: str) -> str:
    """The stream that holds the results of one kind for a grant's stream (``grant/a`` gives ``notices/a``)."""
    return f"{STREAMS[kind]}/{stream.removeprefix('grant/')}"
