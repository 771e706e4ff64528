"""``grants audit messages``: every signal in Temporal's histories held against the one outcome that the record has of it.

A signal is the first of its message, or a repeat of one. A message has one outcome: its command was accepted, refused or
noted, under its id (or under ``<id>#<digest>``, where the id was used before for another), or it was put aside, under the
digest of its name and bytes or, where our own code raised, under its id.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from app.audit.signals import Histories, Signal, histories
from app.connection import connect
from app.home import Home
from app.reader import Reader, reading
from domain.messages import CommandNoted, CommandRefused, MessageQuarantined
from domain.model import Frozen
from store import queries
from store.queries import Came
from workflows.names import stream_of

Kind = Literal["accepted", "refused", "noted", "quarantined", "repeated"]

ONLY_ONCE = (CommandRefused.wire, CommandNoted.wire, MessageQuarantined.wire)
"""Events of which one alone is the whole outcome of a message."""

DIGEST = re.compile(r"[0-9a-f]{64}")


class Unaccounted(Frozen):
    """A signal of which the record says nothing: not decided yet, or lost."""

    workflow: str
    run: str
    event: int
    at: str
    name: str
    sha256: str
    command: str | None


class Doubled(Frozen):
    """A message with more than one outcome: the ids that they stand under, and the versions of their events."""

    workflow: str
    commands: tuple[str, ...]
    versions: tuple[int, ...]


class Run(Frozen):
    """One run of a workflow."""

    workflow: str
    run: str


class Messages(Frozen):
    """The verdict. ``signals`` is the sum of ``outcomes`` and of those unaccounted for.

    ``without_history`` counts messages in the record whose signals stand in no history any more; ``expired`` names runs that
    the server no longer has. ``task_failures`` counts failed and timed-out workflow tasks by their cause.
    """

    ok: bool
    workflows: int
    runs: int
    signals: int
    outcomes: dict[str, int]
    unaccounted: tuple[Unaccounted, ...]
    doubled: tuple[Doubled, ...]
    failed_workflows: tuple[Run, ...]
    task_failures: dict[str, int]
    expired: tuple[Run, ...]
    without_history: int


@dataclass(frozen=True)
class Recorded:
    """What the record has of one stream: the events of each id, the digest of each command, and of the messages put aside under an id."""

    events: Mapping[str, Sequence[Came]]
    digests: Mapping[str, str]
    aside: Mapping[str, Collection[str]] = field(default_factory=dict)

    def put_aside(self, signal: Signal) -> str | None:
        """The id under which its bytes were put aside unread."""
        return signal.sha256 if self._kind(signal.sha256) == "quarantined" else None

    def decided(self, signal: Signal) -> tuple[str, ...]:
        """The ids under which its command was decided, or put aside by an error of our own; one, if all is well."""
        if signal.command is None or signal.digest is None:
            return ()
        own, again = signal.command, f"{signal.command}#{signal.digest}"
        found = [each for each in (own, again) if self.digests.get(each) == signal.digest]
        undecided = signal.sha256 in self.aside.get(own, ()) or (own not in self.digests and self._kind(own))
        return tuple(found) or ((own,) if undecided else ())

    def kind(self, name: str) -> Kind:
        """What came of the message under that id, last of all."""
        return self._kind(name) or "accepted"

    def times(self, name: str) -> int:
        """How many outcomes stand under an id, not counting that it was put aside before it was decided."""
        events = self.events[name]
        once = Counter(each.type for each in events if each.type in ONLY_ONCE)
        accepted = [each.version for each in events if each.type not in ONLY_ONCE]
        commits = sum(later != earlier + 1 for earlier, later in pairwise(accepted)) + bool(accepted)
        aside = once.pop(MessageQuarantined.wire, 0)
        return max(aside, commits + once.total())

    def _kind(self, name: str) -> Kind | None:
        kinds: dict[str, Kind] = {CommandRefused.wire: "refused", CommandNoted.wire: "noted", MessageQuarantined.wire: "quarantined"}
        events = self.events.get(name)
        return kinds.get(events[-1].type, "accepted") if events else None

    def of_people(self) -> set[str]:
        """Every id under which a message that somebody sent has its outcome."""
        aside = {name for name, each in self.events.items() if DIGEST.fullmatch(name) and each[-1].type == MessageQuarantined.wire}
        return aside | set(self.digests)


async def audit_home(home: Home, grant: str | None) -> Messages:
    """Hold the signals of one grant, or of all grants and organisations, against the record.

    The histories are read first: what stands in them has had its time to be decided when the record is read.

    Raises:
        NotFoundError: no such grant.
        UnavailableError: the Temporal server cannot be used.

    """
    if grant is not None:
        with reading(home) as reader:
            reader.grant(grant)
    found = await histories(await connect(home), None if grant is None else [stream_of(grant)])
    with reading(home) as reader:
        return verdict(found, {each.workflow: _recorded(reader, each.workflow) for each in found} | _unheard(reader, grant))


def _recorded(reader: Reader, stream: str) -> Recorded:
    return Recorded(queries.outcomes(reader.log.engine, stream), queries.command_digests(reader.log.engine, stream), _aside(reader, stream))


def _aside(reader: Reader, stream: str) -> Mapping[str, Collection[str]]:
    """The digests of the messages that were put aside, by the id that each is recorded under."""
    found: dict[str, set[str]] = {}
    after = 0
    while rows := reader.log.rows_of_types(stream, [MessageQuarantined.wire], after):
        for each in rows:
            found.setdefault(each.command_id, set()).add(json.loads(each.body)["sha256"])
        after = rows[-1].version
    return found


def _unheard(reader: Reader, grant: str | None) -> dict[str, Recorded]:
    """The streams of the record; also of those that the server knows nothing of any more."""
    streams = [stream_of(grant)] if grant else [each for each in reader.log.streams() if each.startswith(("grant/", "organisation/"))]
    return {each: _recorded(reader, each) for each in streams}


def verdict(found: Sequence[Histories], records: Mapping[str, Recorded]) -> Messages:
    """The signals of these histories held against the records of their streams."""
    counted: Counter[str] = Counter()
    unaccounted, doubled = list[Unaccounted](), list[Doubled]()
    heard = {each.workflow: each.signals for each in found}
    without = 0
    for stream, record in records.items():
        came = outcomes(heard.get(stream, ()), record)
        counted.update(kind for _, kind, _ in came if kind)
        unaccounted += [Unaccounted.model_validate({name: getattr(each, name) for name in Unaccounted.model_fields}) for each, kind, _ in came if not kind]
        names = {name for _, _, ids in came for name in ids}
        doubled += _doubled(stream, came, record)
        without += len(record.of_people() - names)
    failed = tuple(Run(workflow=each.workflow, run=run) for each in found for run in each.failed)
    return Messages(
        ok=not (unaccounted or doubled or failed),
        workflows=len(found),
        runs=sum(len(each.runs) for each in found),
        signals=sum(len(each.signals) for each in found),
        outcomes=dict(sorted(counted.items())),
        unaccounted=tuple(unaccounted),
        doubled=tuple(doubled),
        failed_workflows=failed,
        task_failures=dict(sorted(sum((each.task_failures for each in found), Counter()).items())),
        expired=tuple(Run(workflow=each.workflow, run=run) for each in found for run in each.expired),
        without_history=without,
    )


Answered = tuple[Signal, Kind | None, tuple[str, ...]]
"""A signal, what came of it (null: nothing is recorded), and the ids under which its outcome stands."""


def outcomes(signals: Sequence[Signal], record: Recorded) -> list[Answered]:
    """What came of each signal, in order: the first one of a message has its outcome, later ones are repeats.

    A message that was put aside unread and came again when it could be read has two outcomes, one a time; unless another
    message brought the same command, signed or named rightly: then the decision is that one's.
    """
    plain = {name for each in signals if not record.put_aside(each) for name in record.decided(each)}
    answered: list[Answered] = []
    taken: set[str] = set()
    for each in signals:
        ids = _ids(each, record, taken, plain)
        answered.append((each, _came(ids, taken, record), ids))
        taken.update(ids)
    return answered


def _ids(signal: Signal, record: Recorded, taken: set[str], plain: set[str]) -> tuple[str, ...]:
    aside = record.put_aside(signal)
    if aside is None:
        return record.decided(signal)
    later = tuple(name for name in record.decided(signal) if name not in plain)
    return later if aside in taken and later else (aside,)


def _came(ids: tuple[str, ...], taken: set[str], record: Recorded) -> Kind | None:
    if not ids:
        return None
    return "repeated" if taken.issuperset(ids) else record.kind(ids[0])


def _doubled(stream: str, came: Sequence[Answered], record: Recorded) -> Iterator[Doubled]:
    for ids in sorted({ids for _, _, ids in came if ids}):
        if len(ids) > 1 or record.times(ids[0]) > 1:
            yield Doubled(workflow=stream, commands=ids, versions=tuple(each.version for name in ids for each in record.events.get(name, ())))
