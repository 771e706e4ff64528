"""Is the record whole? Every stored byte against its digest, every row against the events, worked out anew.

It needs the domain alone: rows come in as plain values, rules as callables, and a report goes out. Nothing that can be
stored makes it raise; what cannot be read is a problem like any other, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

from domain import evidence
from domain.ledger import Posting
from domain.model import Frozen, said
from domain.money import CURRENCY

PROVES = (
    "Nothing was altered: each event's body has the digest that its envelope names, and each envelope the hash that the next one of its stream names.",
    "Nothing was removed from between: the versions of every stream and the indexes of the log run without a gap.",
    "Every command kept is, byte for byte, what a key of its organisation signed, and every one has its outcome.",
    "Every posting, cost key and standing is what the events say, worked out anew by the rules of this build.",
)
DOES_NOT_PROVE = (
    "That nothing was cut off at the end: whoever cuts the last events and their heads alike leaves no trace while no checkpoint is kept elsewhere.",
    "That the record was not written anew, whole, by somebody who holds both the database and the signing keys.",
    "That everything was entered: completeness is checked against the decision register, the bank and the general ledger.",
    "That what was entered is true, or was rightly decided: `grants audit replay` decides every command again.",
)
ANY_NAME = "submit"
"""The signal's name under which any command may come (CONTRACT, Messages)."""

_COLUMNS = ("index", "stream", "version", "type", "schema")
_BEYOND = "the head of the log says {after:event|events}, but {beyond:stands|stand} beyond it"
_READ = "its envelope cannot be read"

State = TypeVar("State")


@dataclass(frozen=True)
class StoredEvent:
    """A row of ``event``."""

    index: int
    stream: str
    version: int
    type: str
    schema: int
    command_id: str
    envelope: str
    body: str
    hash: str


@dataclass(frozen=True)
class StoredCommand:
    """A row of ``command``."""

    id: str
    digest: str
    bytes: str
    signature: str
    key_id: str
    name: str
    build: str


@dataclass(frozen=True)
class StoredPosting:
    """A row of ``posting``: whole pence; ``booked`` as text (2020-06-30), for a row may hold no date at all."""

    version: int
    line: int
    entity: str
    debit: str
    credit: str
    currency: str
    amount: int
    booked: str


@dataclass(frozen=True)
class StoredClaim:
    """A row of ``claimed``."""

    clock: str
    key: str
    version: int


@dataclass(frozen=True)
class StoredStream:
    """Everything stored of one stream, of one instant. ``head`` is (version, hash), ``standing`` (version, json)."""

    stream: str
    head: tuple[int, str] | None
    events: Sequence[StoredEvent]
    commands: Sequence[StoredCommand] = ()
    postings: Sequence[StoredPosting] = ()
    claims: Sequence[StoredClaim] = ()
    standing: tuple[int, str] | None = None


@dataclass(frozen=True)
class Step(Generic[State]):
    """What follows from one event: the state after it, its postings, and the cost keys that it takes (on which clock)."""

    state: State
    postings: tuple[Posting, ...] = ()
    clock: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules(Generic[State]):
    """How a record is worked out anew: ``step`` takes an envelope and a body; ``standing`` gives canonical JSON.

    ``signature_holds`` takes the signed bytes, the signature (base64) and the key's id.
    """

    signature_holds: Callable[[bytes, str, str], bool]
    begin: Callable[[str], State]
    step: Callable[[State, str, str], Step[State]]
    standing: Callable[[State], str]


class Problem(Frozen):
    """One thing wrong: in which grant (null: the log itself), at which version (null: no one event), and what."""

    grant: str | None
    version: int | None
    what: str


class Report(Frozen):
    """The verdict, what was counted, and in words what it proves and does not."""

    ok: bool
    grants: int
    events: int
    postings: int
    proves: tuple[str, ...]
    does_not_prove: tuple[str, ...] = DOES_NOT_PROVE
    problems: tuple[Problem, ...]


def verify(streams: Iterable[StoredStream | Problem], log_size: Callable[[], int | None], rules: Rules[Any]) -> Report:
    """Check every stream, and the log; a stream that could not be read comes as its problem.

    ``log_size`` is what the log's head says (null: there is none), asked before and after: a record in use grows while
    it is read.
    """
    before, indexes, problems = log_size(), set[object](), list[Problem]()
    grants = events = postings = 0
    for each in streams:
        if isinstance(each, Problem):
            problems.append(each)
            continue
        grants += each.stream.startswith("grant/") and bool(each.events)
        events, postings = events + len(each.events), postings + len(each.postings)
        indexes.update(event.index for event in each.events)
        problems += _problems(each, rules)
    problems += _log(indexes, before, log_size())
    return Report(ok=not problems, grants=grants, events=events, postings=postings, proves=() if problems else PROVES, problems=tuple(problems))


def _problems(stored: StoredStream, rules: Rules[Any]) -> Iterator[Problem]:
    """One check after the other; a row so foreign that a check cannot go on is a problem, too."""
    envelopes = {each.version: _envelope(each) for each in stored.events}
    checks = (_chain(stored, envelopes), _head(stored), _commands(stored, envelopes, rules), _outcomes(stored, envelopes), _rebuilt(stored, rules))
    for check in checks:
        try:
            yield from check
        except Exception as error:  # noqa: BLE001  (whatever a row holds, the verdict must be given)
            yield _problem(stored, None, f"its rows cannot be checked ({type(error).__name__})")


# Bytes ------------------------------------------------------------------------------------------------------------------


def _chain(stored: StoredStream, envelopes: Mapping[int, Mapping[str, Any]]) -> Iterator[Problem]:
    """Each event against its own bytes, and against the one before it."""
    known, expected = {evidence.genesis(stored.stream)}, 1
    for each in stored.events:
        if each.version != expected:
            yield _problem(stored, expected, f"missing: the event before version {each.version} is gone")
        elif envelopes[each.version] and envelopes[each.version].get("prev") not in known:
            yield _problem(stored, each.version, "its envelope does not follow from the event before it")
        for what in _altered(each, envelopes[each.version]):
            yield _problem(stored, each.version, what)
        known, expected = {each.hash, evidence.digest(_raw(each.envelope))}, each.version + 1


def _altered(event: StoredEvent, envelope: Mapping[str, Any]) -> Iterator[str]:
    if evidence.digest(_raw(event.envelope)) != event.hash:
        yield "its envelope or its hash was altered: the hash is not that of the envelope"
    if not envelope:
        yield _READ
        return
    if evidence.digest(_raw(event.body)) != envelope.get("body_digest"):
        yield "its body was altered: the digest in its envelope is another"
    columns = {name: getattr(event, name) for name in _COLUMNS} | {"command": event.command_id}
    if wrong := [name for name, value in columns.items() if envelope.get(name) != value]:
        yield f"its columns differ from its envelope: {', '.join(wrong)}"


def _head(stored: StoredStream) -> Iterator[Problem]:
    """The stream's head against its last event: a tail cut off without its head shows here."""
    if stored.head is None:
        yield _problem(stored, None, "the head of the stream is missing")
        return
    version, hashed = stored.head
    if not stored.events:
        if stored.head != (0, evidence.genesis(stored.stream)):
            yield _problem(stored, version, f"missing: the head says version {version}, but there are no events")
        return
    last = stored.events[-1]
    if version != last.version:
        yield _problem(stored, version, f"the head says version {version}, but the last event is version {last.version}")
    elif hashed not in {last.hash, evidence.digest(_raw(last.envelope))}:
        yield _problem(stored, version, "the head's hash is not that of the last event")


def _log(indexes: set[object], before: int | None, after: int | None) -> Iterator[Problem]:
    """The log's indexes against its head: none missing, none beyond."""
    if before is None or after is None:
        yield Problem(grant=None, version=None, what="the head of the log is missing")
        return
    for first, last in _runs([index for index in range(before) if index not in indexes]):
        yield Problem(grant=None, version=None, what=f"missing from the log: index {first}" + (f" to {last}" if last > first else ""))
    if beyond := [index for index in indexes if not (isinstance(index, int) and 0 <= index < after)]:
        yield Problem(grant=None, version=None, what=said(_BEYOND, {"after": after, "beyond": len(beyond)}))


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        together = [number for _, number in run]
        yield together[0], together[-1]


# Commands ---------------------------------------------------------------------------------------------------------------


def _commands(stored: StoredStream, envelopes: Mapping[int, Mapping[str, Any]], rules: Rules[Any]) -> Iterator[Problem]:
    """Each command against its digest, its signature, and the events that answer it."""
    answers: dict[object, dict[int, Mapping[str, Any]]] = {each.command_id: {} for each in stored.events}
    for version, read in envelopes.items():
        if read.get("command_digest") is not None:
            answers.setdefault(read.get("command"), {})[version] = read
    for each in stored.commands:
        mine = answers.get(each.id)
        for what in (*_command(each, rules), *_answered(each, mine)):
            yield _problem(stored, min(mine or (), default=None), f"command {each.id}: {what}")


def _command(command: StoredCommand, rules: Rules[Any]) -> Iterator[str]:
    text = _raw(command.bytes)
    if evidence.digest(text) != command.digest:
        yield "its bytes or its digest were altered: the digest is not that of the bytes"
    if not rules.signature_holds(text, command.signature, command.key_id):
        yield "its signature does not hold over its bytes with the key that it names"
    try:
        told = evidence.read(text)
        names = {ANY_NAME, told["type"]}
        unlike = command.id.partition("#")[0] != told["id"] or evidence.canonical(told) != text
    except (evidence.NotCanonicalError, KeyError, TypeError):
        yield "its bytes cannot be read"
        return
    if unlike:
        yield "its bytes are not the canonical ones of that id"
    if command.name not in names:
        yield "the name that it came under is not its own"


def _answered(command: StoredCommand, answers: Mapping[int, Mapping[str, Any]] | None) -> Iterator[str]:
    if answers is None:
        yield "it has no outcome"
        return
    if any(each.get("command_digest") != command.digest for each in answers.values()):
        yield "its digest is not the one that its outcome names"
    if any(each.get("build") != command.build for each in answers.values()):
        yield "its build is not the one that its outcome names"


def _outcomes(stored: StoredStream, envelopes: Mapping[int, Mapping[str, Any]]) -> Iterator[Problem]:
    """Each event that answers a command has that command."""
    kept = {each.id for each in stored.commands}
    for version, read in envelopes.items():
        if read.get("command_digest") is not None and read.get("command") not in kept:
            yield _problem(stored, version, f"the command that it answers is missing: {read.get('command')}")


# Rules ------------------------------------------------------------------------------------------------------------------


def _rebuilt(stored: StoredStream, rules: Rules[Any]) -> Iterator[Problem]:
    """Postings, cost keys and standing, worked out from the events and compared with what is stored."""
    state, postings, claims = rules.begin(stored.stream), dict[tuple[int, int], tuple[object, ...]](), dict[tuple[str, str], int]()
    for each in stored.events:
        try:
            step = rules.step(state, each.envelope, each.body)
        except Exception as error:  # noqa: BLE001  (whatever a body holds, the verdict must be given)
            yield _problem(stored, each.version, f"the rules cannot read it ({type(error).__name__}): what follows from here on was not compared")
            yield from _ledger(stored, postings, each.version)
            yield from _claims(stored, claims, each.version)
            return
        state = step.state
        postings |= {(each.version, line): _said(posting) for line, posting in enumerate(step.postings, 1)}
        for key in step.claims:
            claims.setdefault((step.clock, key), each.version)
    yield from _ledger(stored, postings, None)
    yield from _claims(stored, claims, None)
    yield from _standing(stored, rules.standing(state) if stored.events else None)


def _ledger(stored: StoredStream, expected: Mapping[tuple[int, int], tuple[object, ...]], before: int | None) -> Iterator[Problem]:
    rows = {(row.version, row.line): (row.entity, row.debit, row.credit, row.currency, row.amount, row.booked) for row in stored.postings}
    for version, line in sorted(expected.keys() | rows.keys()):
        if (before is None or version < before) and rows.get((version, line)) != expected.get((version, line)):
            yield _problem(stored, version, f"posting {line}: {_difference((version, line), rows, expected)}")


def _claims(stored: StoredStream, expected: Mapping[tuple[str, str], int], before: int | None) -> Iterator[Problem]:
    rows = {(row.clock, row.key): row.version for row in stored.claims}
    for each in sorted(expected.keys() | rows.keys()):
        version = expected.get(each, rows.get(each, 0))
        if (before is None or version < before) and rows.get(each) != expected.get(each):
            yield _problem(stored, version, f"cost key {each[1]}: {_difference(each, rows, expected)}")


def _standing(stored: StoredStream, rebuilt: str | None) -> Iterator[Problem]:
    version = stored.events[-1].version if stored.events else 0
    if stored.standing != (None if rebuilt is None else (version, rebuilt)):
        yield _problem(stored, version, "its standing is not what its events say" if stored.standing else "its standing is missing")


def _difference(key: object, rows: Mapping[Any, object], expected: Mapping[Any, object]) -> str:
    if key not in rows:
        return "missing"
    return "stored, but no event says it" if key not in expected else "not what its event says"


def _said(posting: Posting) -> tuple[object, ...]:
    return (posting.entity, posting.debit, posting.credit, CURRENCY, posting.pence, posting.booked.isoformat())


def _envelope(event: StoredEvent) -> Mapping[str, Any]:
    """What an envelope says; nothing where it cannot be read, or is not written in the one canonical way."""
    try:
        read = evidence.read(_raw(event.envelope))
    except evidence.NotCanonicalError:
        return {}
    return read if isinstance(read, dict) and evidence.canonical(read) == _raw(event.envelope) else {}


def _raw(stored: object) -> bytes:
    """The stored bytes, also where they are no text: readers keep such bytes as lone surrogates."""
    return stored.encode(errors="surrogateescape") if isinstance(stored, str) else repr(stored).encode()


def _problem(stored: StoredStream, version: int | None, what: str) -> Problem:
    return Problem(grant=stored.stream.removeprefix("grant/"), version=version, what=what)
