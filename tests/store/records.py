"""What the tests of the record write: small batches, in few words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import TypeVar

from domain import evidence
from domain.ledger import Posting
from store.batch import AlreadyClaimed, Appended, Batch, Head, Moved, NewCommand, NewEvent
from store.event_log import EventLog

RECORDED = "2020-06-30T22:59:59.000000Z"
ALPHA = "grant/alpha"
BETA = "grant/beta"
MOPAC = "organisation/mopac"

Answer = TypeVar("Answer")


def posting(pence: int = 100, debit: str = "expenses:project", credit: str = "liabilities:cost-clearing") -> Posting:
    return Posting(entity="MPS", debit=debit, credit=credit, pence=pence, booked=date(2020, 6, 30))


def event(
    command_id: str = "c-1", *, said: object = "something", digest: str | None = None, claims: tuple[str, ...] = (), postings: tuple[Posting, ...] = ()
) -> NewEvent:
    return NewEvent(
        type="thing.happened",
        schema=1,
        body=evidence.canonical({"said": said}).decode(),
        effective="2020-06",
        recorded=RECORDED,
        actor="p-1",
        on_behalf_of=None,
        command_id=command_id,
        command_digest=digest,
        postings=postings,
        claims=claims,
    )


def command(command_id: str = "c-1", said: str = "do it") -> NewCommand:
    text = evidence.canonical({"id": command_id, "type": "DoIt", "said": said})
    return NewCommand(id=command_id, digest=evidence.digest(text), bytes=text.decode(), signature="c2lnbmVk", key_id="key-1", name="DoIt")


def batch(head: Head, *events: NewEvent, commands: tuple[NewCommand, ...] = (), organisation: Head | None = None, clock: str = "real") -> Batch:
    return Batch(stream=head.stream, expected=head, organisation=organisation, clock=clock, build="b-1", events=events, commands=commands, standing="{}")


def append(log: EventLog, stream: str, *events: NewEvent, commands: tuple[NewCommand, ...] = ()) -> Head:
    """Append at the head as it is; the new head."""
    done = log.append(batch(log.head(stream), *(events or (event(),)), commands=commands))
    assert isinstance(done, Appended)
    return done.head


def contend(log: EventLog, stream: str, *events: NewEvent) -> Head:
    """Append as one of many writers: again, until the head holds."""
    while True:
        done = log.append(batch(log.head(stream), *events))
        if isinstance(done, Appended):
            return done.head


def at_once(*doings: Callable[[], Answer]) -> list[Answer]:
    """What each of them gives, all begun together."""
    answers: list[Answer] = []
    gate = Barrier(len(doings))

    def begin(doing: Callable[[], Answer]) -> None:
        gate.wait()
        answers.append(doing())

    threads = [Thread(target=begin, args=(doing,)) for doing in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def kinds(answers: list[Appended | Moved | AlreadyClaimed]) -> list[str]:
    return sorted(type(each).__name__ for each in answers)
