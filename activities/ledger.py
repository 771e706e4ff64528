"""hand_over_journal and reconcile_ledger: our postings go to the finance system once, as files that anybody can read.

A file is the whole of one event's postings in hledger's format; it appears complete under its name or not at all, and is
never changed. What it says follows from the postings alone, so to write it twice gives the same bytes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from temporalio import activity

from activities.contracts import Answer, Bookkeeping, Effect
from activities.results import Books, Entry
from domain import evidence
from domain.effects import JournalHandedOver, LedgerReconciled, stream_of_results
from domain.model import Past
from domain.money import CURRENCY


class JournalDiffersError(Exception):
    """Raised when a file of that name stands there with other content: nothing is overwritten, somebody must look."""


class Ledger(Bookkeeping):
    """The journals of all grants, below one folder: a folder a grant, a file an event."""

    def __init__(self, books: Books, folder: Path) -> None:
        self.books, self.folder = books, folder
        self._turn = threading.Lock()

    @activity.defn(name="hand_over_journal", no_thread_cancel_exception=True)
    def hand_over_journal(self, stream: str, effect: Effect) -> Answer:
        """Hand over the postings of one event.

        Raises:
            JournalDiffersError: another file stands in its place. Tried again for ever, visibly.

        """
        with self._turn:
            if not self.books.is_open(stream, effect):
                return self.books.answer(stream)
            entry = self.books.entry(stream, effect.version)
            path = self.folder / file_of(stream, entry.version)
            text = journal(stream, entry)
            _place(path, text)
            self.books.append_result(stream_of_results("journal", stream), self._handed_over(stream, entry, text), entry.recorded)
            return self.books.answer(stream)

    @activity.defn(name="reconcile_ledger", no_thread_cancel_exception=True)
    def reconcile_ledger(self, stream: str) -> Answer:
        """Compare every file with the ledger; a verdict is recorded when it is another than the last one."""
        with self._turn:
            results = stream_of_results("journal", stream)
            done = self.books.results(results)
            differences = tuple(self._differences(stream, done))
            if done and differences != _last_differences(done):
                verdict = LedgerReconciled(of=done[-1].version, verdict="differs" if differences else "agrees", differences=differences)
                self.books.append_result(results, verdict, done[-1].recorded)
            return self.books.answer(stream)

    def _handed_over(self, stream: str, entry: Entry, text: bytes) -> JournalHandedOver:
        return JournalHandedOver(
            of=entry.version,
            file=file_of(stream, entry.version),
            digest=evidence.digest(text),
            postings=len(entry.postings),
            total_pence=sum(each.pence for each in entry.postings),
        )

    def _differences(self, stream: str, done: Iterable[Past]) -> Iterator[str]:
        known = set()
        for past in done:
            if isinstance(past.body, JournalHandedOver):
                known.add(past.body.file)
                if difference := self._difference(stream, past.body):
                    yield difference
        mine = self.folder / stream.removeprefix("grant/")
        for path in sorted(mine.glob("*.journal")):
            if (file := str(path.relative_to(self.folder))) not in known:
                yield f"{file}: nobody handed it over"

    def _difference(self, stream: str, given: JournalHandedOver) -> str | None:
        if evidence.digest(journal(stream, self.books.entry(stream, given.of))) != given.digest:
            return f"{given.file}: the ledger now says something else"
        path = self.folder / given.file
        if not path.exists():
            return f"{given.file}: missing"
        if evidence.digest(path.read_bytes()) != given.digest:
            return f"{given.file}: not what was handed over"
        return None


def file_of(stream: str, version: int) -> str:
    """The name of an event's journal below the folder of journals; a grant's id makes no other path than its own."""
    return f"{stream.removeprefix('grant/')}/{version:06}.journal"


def journal(stream: str, entry: Entry) -> bytes:
    """The postings of one event as an hledger journal: accounts and currency declared, one transaction a posting."""
    accounts = sorted({_account(account, each.entity) for each in entry.postings for account in (each.debit, each.credit)})
    lines = [f"; {stream}, version {entry.version}", f"commodity 1000.00 {CURRENCY}", *(f"account {each}" for each in accounts)]
    for number, each in enumerate(entry.postings, 1):
        amount = f"{each.pence // 100}.{each.pence % 100:02} {CURRENCY}"
        lines += [
            "",
            f"{each.booked} * ({stream}@{entry.version}.{number}) {_plain(entry.words)}",
            f"    {_account(each.debit, each.entity)}  {amount}",
            f"    {_account(each.credit, each.entity)}  -{amount}",
        ]
    return "\n".join([*lines, ""]).encode()


def _account(account: str, entity: str) -> str:
    return f"{_plain(account)}:{_plain(entity.replace(':', ' '))}"


def _plain(words: str) -> str:
    """One line with single spaces and no semicolon: two spaces end an account's name, a semicolon begins a comment."""
    return " ".join(words.replace(";", ",").split())


def _last_differences(done: Iterable[Past]) -> tuple[str, ...]:
    verdicts = [past.body.differences for past in done if isinstance(past.body, LedgerReconciled)]
    return verdicts[-1] if verdicts else ()


def _place(path: Path, text: bytes) -> None:
    """Make the file appear whole, and survive the machine's sudden end; the same bytes may stand there already."""
    if path.exists():
        if path.read_bytes() != text:
            message = f"{path} stands there with other content"
            raise JournalDiffersError(message)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
