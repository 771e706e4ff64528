"""How many messages one sender may send: so many a minute, so many at once. The gateway asks before it sends.

All programs of one home share what was sent, in a small file under an operating system's lock. It keeps one instant a
sender: when everything that they have sent so far would be spread at the even rate (the generic cell rate algorithm).

A program that dies leaves the file whole. It is filled up with blanks to a page, and a page is written over where it is, in
one call: replacing a file waits on many disks for what others write there. One that is larger, or new, is replaced.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from app.errors import RateLimitedError, UnavailableError

MINUTE = 60 * 1_000_000
"""Microseconds."""

SET_BACK = 1_000_000
"""Microseconds by which a clock must be behind what stands in the file to have been set back: clocks are corrected by less."""

LOCK_SECONDS = 10
AGAIN_SECONDS = 0.002

PAGE = 4096
"""Bytes that an operating system writes whole, whatever happens to the program that writes them."""


@dataclass(frozen=True)
class RateLimit:
    """``a_minute`` messages of one sender in the long run, ``at_once`` of them in a burst; kept in ``file``."""

    file: Path
    a_minute: int
    at_once: int

    def admit(self, sender: str, count: int = 1, now: int | None = None) -> None:
        """Count so many messages of a sender; all of them, or none. ``now``: microseconds since 1970 (null: the clock's).

        More at once than a burst holds (a file of costs in many lots) wait until the sender has nothing else counted.

        Raises:
            RateLimitedError: too many; when to try again stands in it, and nothing was counted.
            UnavailableError: the file cannot be used.

        """
        try:
            with self._locked():
                self._count(sender, count, time.time_ns() // 1000 if now is None else now)
        except OSError as error:
            message = f"{self.file} cannot be used: {error.strerror or error}"
            raise UnavailableError(message) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the operating system, which lets go of it when its holder dies. It is taken for every message, so at its bare cost."""
        until = time.monotonic() + LOCK_SECONDS
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_name(f"{self.file.name}.lock").open("ab", buffering=0) as held:
            while not _taken(held):
                if time.monotonic() > until:
                    message = f"{self.file} is locked by another program for longer than {LOCK_SECONDS} seconds"
                    raise UnavailableError(message)
                time.sleep(AGAIN_SECONDS)
            try:
                yield
            finally:
                fcntl.flock(held, fcntl.LOCK_UN)  # a program that was forked meanwhile holds the file open, not the lock

    def _count(self, sender: str, count: int, now: int) -> None:
        apart, counted = MINUTE // self.a_minute, self._read(now)
        room = max(self.at_once, count) * apart
        spread = max(counted.get(sender, now), now) + count * apart
        if spread > now + room:
            raise self._refused(sender, count, now, spread - room)
        self._write(now, {name: each for name, each in counted.items() if each > now} | {sender: spread})

    def _refused(self, sender: str, count: int, now: int, when: int) -> RateLimitedError:
        wait = -(-(when - now) // 1_000_000)
        again = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now, seconds=wait)
        what = f"{sender} would send more than {self.at_once} messages at once, or {self.a_minute} a minute"
        return RateLimitedError(f"{what}; none of {count} was sent, and nothing is recorded. Try again in {wait} s.", wait, again)

    def _read(self, now: int) -> dict[str, int]:
        """What stands counted; nothing where the clock was set back since, or somebody would wait for as long as it was."""
        try:
            read = json.loads(self.file.read_bytes())
            found: dict[str, int] = read["counted"] if read["at"] <= now + SET_BACK else {}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{self.file} cannot be read ({error}); remove it: it only counts the messages of the last minutes"
            raise UnavailableError(message) from error
        return found

    def _write(self, now: int, counted: dict[str, int]) -> None:
        text = json.dumps({"at": now, "counted": counted}).encode().ljust(PAGE)
        if len(text) == PAGE and self.file.exists() and self.file.stat().st_size == PAGE:
            with self.file.open("r+b", buffering=0) as file:
                file.write(text)
            return
        draft = self.file.with_suffix(".draft")
        draft.write_bytes(text)
        draft.replace(self.file)


def _taken(held: IO[bytes]) -> bool:
    """Whether the lock is ours now; what other programs of ours hold it by is the same one."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
