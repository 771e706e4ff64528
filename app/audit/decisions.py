"""Deciding every command of a stream again, from the log alone, and naming those that would now be decided otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from activities.turn import outcome
from app.audit.record_rules import Organisations
from app.reader import Line
from domain import evidence
from domain import grant as grants
from domain import organisation as organisations
from domain.chain import Link, Links
from domain.grant import Grant
from domain.messages import CommandRefused, MessageQuarantined
from domain.model import By, Command, Event, Frozen, Past, line_of
from domain.obligations import decide_moment, obligations
from domain.organisation import Organisation
from store.event_log import EventLog

UNKNOWN = Organisation(stream="organisation/unknown")


@dataclass(frozen=True)
class Elsewhere:
    """What other grants had done by any index of the log: the cost keys that they took, and how they were linked.

    ``claims`` are (clock, cost key) to the grant that took it and the index at which it did; ``linked`` are the grants with
    what each stated of its links at which index, nothing at the one of its opening.
    """

    claims: Mapping[tuple[str, str], tuple[str, int]]
    linked: tuple[tuple[int, str, tuple[Link, ...]], ...]

    def taken(self, clock: str, grant: str, index: int) -> dict[str, str]:
        """The keys that other grants on that clock had taken before."""
        return {key: by for (on, key), (by, at) in self.claims.items() if on == clock and by != grant and at < index}

    def links(self, index: int) -> Links:
        """The grants that had been opened before, and their links."""
        found: dict[str, tuple[Link, ...]] = {}
        for at, grant, stated in self.linked:
            if at < index:
                found[grant] = (*found.get(grant, ()), *stated)
        return found


class Difference(Frozen):
    """A command or moment that would now be decided otherwise: what the record says, and what the rules say now."""

    grant: str
    version: int
    command: str
    recorded: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """The events that one command, moment or quarantined message became."""

    command: str
    digest: str | None
    organisation: tuple[str, int] | None
    index: int
    pasts: tuple[Past, ...]


def entries(lines: Sequence[Line]) -> Iterator[Entry]:
    """The events of a stream, command by command; what was put aside and decided later stands twice."""
    for (command, _), group in groupby(lines, key=lambda line: (line.past.command, isinstance(line.past.body, MessageQuarantined))):
        together = list(group)
        envelope = evidence.read(together[0].row.envelope)
        used = envelope["organisation"]
        yield Entry(
            command=command,
            digest=envelope["command_digest"],
            organisation=(used["stream"], used["version"]) if used else None,
            index=together[0].row.index,
            pasts=tuple(line.past for line in together),
        )


def grant_differences(stream: str, lines: Sequence[Line], log: EventLog, history: Organisations, elsewhere: Elsewhere) -> Iterator[Difference]:
    """What of a grant would now be decided otherwise."""
    grant = Grant(stream=stream)
    for entry in entries(lines):
        organisation = history.at(*entry.organisation) if entry.organisation else UNKNOWN
        now = _decided_again(entry, grant, organisation, log, elsewhere)
        if now is not None and not _same(entry, now):
            yield _difference(stream, entry, now)
        grant = grants.fold(entry.pasts, grant)


def organisation_differences(stream: str, lines: Sequence[Line], log: EventLog) -> Iterator[Difference]:
    """What of an organisation would now be decided otherwise."""
    organisation = Organisation(stream=stream)
    for entry in entries(lines):
        command = _command(stream, entry, log)
        body = grants.typed(command) if command else None
        if command and isinstance(body, organisations.Command):
            by = By(actor=command.actor, on_behalf_of=command.on_behalf_of, now=entry.pasts[0].recorded, content=command.content, command=command.id)
            now = outcome(command.type, organisations.decide(body, organisation, by))
            if not _same(entry, now):
                yield _difference(stream, entry, now)
        for past in entry.pasts:
            organisation = organisations.evolve(organisation, past)


def _same(entry: Entry, now: Sequence[Event]) -> bool:
    """Whether the rules decide as the record says. What to do after a refusal is advice: in other words it is no other decision."""
    return [_decision(each.body) for each in entry.pasts] == [_decision(each) for each in now]


def _decision(event: Event) -> Event:
    return event.model_copy(update={"remedy": ""}) if isinstance(event, CommandRefused) else event


def _decided_again(entry: Entry, grant: Grant, organisation: Organisation, log: EventLog, elsewhere: Elsewhere) -> tuple[Event, ...] | None:
    """The events that would now follow; null: there is nothing to decide (what was put aside, an id used twice)."""
    if isinstance(entry.pasts[0].body, MessageQuarantined) or entry.command.endswith(f"#{entry.digest}"):
        return None
    now = entry.pasts[0].recorded
    if entry.digest is None:
        due = next((each for each in obligations(grant, organisation) if each.moment_id == entry.command), None)
        return decide_moment(due, grant, organisation, now) if due else ()
    command = _command(grant.stream, entry, log)
    if command is None:
        return ()
    taken, links = elsewhere.taken(grant.clock or "real", grant.id, entry.index), elsewhere.links(entry.index)
    return outcome(command.type, grants.decide(command, grant, organisation, now, taken, links))


def _command(stream: str, entry: Entry, log: EventLog) -> Command | None:
    kept = log.command(stream, entry.command)
    return Command.model_validate_json(kept.bytes) if kept else None


def _difference(stream: str, entry: Entry, now: Sequence[Event]) -> Difference:
    return Difference(
        grant=stream.removeprefix("grant/"),
        version=entry.pasts[0].version,
        command=entry.command,
        recorded=tuple(line_of(each.body) for each in entry.pasts),
        now=tuple(line_of(each) for each in now) or ("nothing",),
    )
