"""What came of a command, as the record says it: the events that name its id. Nothing is stored twice (DESIGN §4.10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from activities.contracts import digest_of
from app.reader import Reader
from domain import evidence
from domain.messages import REASONS, CommandRefused, MessageQuarantined
from domain.model import Past, line_of
from domain.upcasts import past_of
from store.batch import Row
from store.event_log import EventLog
from store.queries import events_by_command, events_saying

Kind = Literal["accepted", "refused", "quarantined"]


@dataclass(frozen=True)
class Outcome:
    """One outcome. ``repeated``: it stood in the record before this asking. ``command`` is the id it is recorded under.

    ``titles`` are those of offices, by id, as far as whoever tells the outcome looked them up. ``also`` is what came of other
    messages under the same id. ``claims`` is the id that was asked for, where this is a message that only claims it (null: it is no such).
    """

    stream: str
    command: str
    pasts: tuple[Past, ...]
    repeated: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Outcome, ...] = ()
    claims: str | None = None

    @property
    def grant(self) -> str:
        """The grant, or the organisation's stream, as the verbs name it."""
        return self.stream.removeprefix("grant/")

    @property
    def kind(self) -> Kind:
        """Accepted, refused, or put aside."""
        if isinstance(self.last, MessageQuarantined):
            return "quarantined"
        return "refused" if isinstance(self.last, CommandRefused) else "accepted"

    @property
    def last(self) -> object:
        """The body of its last event."""
        return self.pasts[-1].body

    @property
    def summary(self) -> str:
        """Its last event in one line of business words."""
        return line_of(self.pasts[-1].body)

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON of ``grants do`` and ``grants outcome``."""
        found: dict[str, Any] = {
            "grant": self.grant,
            "command_id": self.command,
            "outcome": self.kind,
            "repeated": self.repeated,
            "events": [{"version": each.version, "type": each.body.wire, "summary": line_of(each.body)} for each in self.pasts],
            "refusal": None,
            "also": [{"command_id": each.command, "outcome": each.kind, "why": each.summary} for each in self.also],
        }
        match self.last:
            case CommandRefused() as refused:
                told = refused.model_dump(mode="json", include={"code", "why", "who_could", "source", "remedy"})
                found["refusal"] = told | {"titles": {each: self.titles.get(each, each) for each in refused.who_could}}
            case MessageQuarantined() as aside:
                found["reason"] = {"code": aside.reason, "why": REASONS[aside.reason], "sha256": aside.sha256, "size": aside.size, "claims": self.claims}
            case _:
                pass
        return found


@dataclass(frozen=True)
class Sent:
    """A message by what its outcome is found with: its stream, the digest of its command, and the ids that it can be recorded under.

    An id that was used for other content is refused under ``<id>#<digest>``; what cannot be obeyed is recorded under
    the digest of its name and bytes (CONTRACT, Messages).
    """

    stream: str
    digest: str
    own: str
    reused: str
    aside: str

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """All of those ids, each with the stream."""
        return frozenset((self.stream, each) for each in (self.own, self.reused, self.aside))


def sent_as(stream: str, message: bytes, *, name: str) -> Sent:
    """A message that is sent, or was, to a stream under that signal's name."""
    command = evidence.read(message)["command"]
    digest = evidence.digest(evidence.canonical(command))
    return Sent(stream, digest, command["id"], f"{command['id']}#{digest}", digest_of(name, [message]))


def outcome_of(log: EventLog, sent: Sent) -> Outcome | None:
    """What came of a message; null: not decided yet."""
    return outcome_in(rows_of(log, sent), sent)


def rows_of(log: EventLog, sent: Sent) -> list[Row]:
    """The events that name a message by any of its ids, in order."""
    return log.rows_naming(sent.names)


def outcome_in(rows: Sequence[Row], sent: Sent) -> Outcome | None:
    """What came of a message, by all of the events that name it; null: not decided yet."""
    others = any(each.command_id == sent.own and _answers(each) not in (None, sent.digest) for each in rows)
    for command_id in (sent.reused if others else sent.own, sent.aside):
        if found := [each for each in rows if each.command_id == command_id]:
            return Outcome(sent.stream, command_id, _pasts(found))
    return None


def recorded(log: EventLog, command_id: str) -> tuple[Outcome, ...]:
    """Every outcome recorded under an id, whatever its stream; asking for one is a repeat.

    With each comes what was refused because the id was used already. Where nothing is recorded under the id, what was put
    aside and claims it.
    """
    by_stream: dict[str, dict[str, list[Row]]] = {}
    for each in events_by_command(log.engine, command_id):
        by_stream.setdefault(each.stream, {}).setdefault(each.command_id, []).append(each)
    return tuple(_with_others(stream, command_id, found) for stream, found in by_stream.items() if command_id in found) or _claiming(log, command_id)


def _with_others(stream: str, command_id: str, found: Mapping[str, Sequence[Row]]) -> Outcome:
    also = tuple(Outcome(stream, name, _pasts(rows), repeated=True) for name, rows in found.items() if name != command_id)
    return Outcome(stream, command_id, _pasts(found[command_id]), repeated=True, also=also)


def _claiming(log: EventLog, command_id: str) -> tuple[Outcome, ...]:
    """What was put aside of which the record keeps that its command claims this id."""
    claimed = evidence.digest(command_id.encode())
    pasts = (past_of(each.envelope, each.body) for each in events_saying(log.engine, MessageQuarantined.wire, claimed))
    asides = (each for each in pasts if isinstance(each.body, MessageQuarantined) and each.body.claims == claimed)
    return tuple(Outcome(each.stream, each.command, (each,), repeated=True, claims=command_id) for each in asides)


def titled(outcome: Outcome, reader: Reader) -> Outcome:
    """An outcome as it is told: a refusal with the titles of the offices of its organisation."""
    return replace(outcome, titles=reader.titles(outcome.stream)) if outcome.kind == "refused" else outcome


def _answers(row: Row) -> str | None:
    """The digest of the command that an event answers; null: it answers none, as where our own code raised on one."""
    found: str | None = json.loads(row.envelope)["command_digest"]
    return found


def _pasts(rows: Sequence[Row]) -> tuple[Past, ...]:
    return tuple(past_of(each.envelope, each.body) for each in rows)
