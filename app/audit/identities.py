"""``grants audit identities``: of each command, who signed it, whose act it says it is, whose act its events say it was, who sent it.

The signer is a gateway, by its key; the actor a person, by the command that the gateway signed; the sender whoever spoke to
Temporal. A server that knows its callers states a principal, which nobody can forge; any other states an identity, which is
free text of the caller: it is compared only where it claims to be one of our gateways.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.api.history.v1 import HistoryEvent
from temporalio.service import RPCError

from activities.contracts import digest_of
from activities.inbox import holds
from app.audit.record_rules import Organisations
from app.audit.replay import runs
from app.audit.report import Report, Table, View
from app.connection import GATEWAY, connect
from app.errors import UnavailableError
from app.home import Home
from app.reader import Line, Reader, reading
from app.settings import temporal_is_named
from domain import evidence
from domain.keys import find
from domain.messages import MessageQuarantined
from domain.model import SYSTEM, Command
from domain.organisation import Organisation
from store import queries
from store.event_log import CommandRow
from workflows.names import stream_of

PROVES = (
    "That each command was signed by a key which its organisation trusted then, and that its events say the same actor and principal as its signed bytes.",
    "Where a Temporal server was there: who sent each signal that its histories still hold, as far as the server knows its callers.",
)
DOES_NOT_PROVE = (
    "Which natural person was at the keyboard: the gateway that signs vouches for it.",
    "Anything by an identity: it is free text of whoever called the server. A principal is stated by the server itself.",
)
ROWS = {
    "grant": "grant",
    "command": "command",
    "type": "type",
    "event": "version",
    "signed by": "key",
    "of": "trusted_by",
    "actor": "actor",
    "for": "on_behalf_of",
    "sent by": "sent_by",
    "compared": "compared",
    "differences": "differences",
}
COMMIT_TAKES = timedelta(minutes=1)
"""How long after a key went out its last message can be committed: it was checked before the commit began."""


@dataclass(frozen=True)
class Sender:
    """Who sent a signal, as its history says: the server's own word (null: it has none), and the caller's.

    ``sha256`` is the digest of the signal's name and bytes, under which it may have been put aside (null: not told).
    """

    principal: str | None
    identity: str
    sha256: str | None = None


Senders = Mapping[str, tuple[Sender, ...]]
"""By the digest of the command that was signed."""


async def identities_home(home: Home, grant: str | None) -> Report:
    """The comparison for one grant, or for every grant and organisation of the record.

    Raises:
        NotFoundError: no such grant.
        UnavailableError: a server is named or runs over this home, and does not answer.

    """
    with reading(home) as reader:
        if grant is not None:
            reader.grant(grant)
        streams = [stream_of(grant)] if grant else [each for each in reader.log.streams() if each.startswith(("grant/", "organisation/"))]
        senders = await _senders(home, streams)
        return identities(reader, streams, senders)


def identities(reader: Reader, streams: Sequence[str], senders: Senders | None) -> Report:
    """The comparison. ``senders`` null: no server was there."""
    known = Organisations(reader.log, ())
    rows = [row for stream in streams for row in _stream(reader, stream, known, senders)]
    different = [each for each in rows if each["differences"]]
    compared = sorted({each["compared"] for each in rows})
    return Report(
        about={"commands": len(rows), "different": len(different), "temporal": _said(senders, rows)},
        tables=(Table("identities", "Every command", ROWS, rows), Table("differences", "Commands whose identities differ", ROWS, different)),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
        ok=not different,
        beside={"compared": compared},
    )


def _said(senders: Senders | None, rows: Sequence[View]) -> str:
    if senders is None:
        return "no server was there: not compared"
    principals = sum(each["principal"] is not None for each in rows)
    found = sum(each["sent_by"] is not None for each in rows)
    if principals:
        return f"principal compared for {principals} of {len(rows)} commands; {len(rows) - found} stand in no history any more"
    return f"this server states no principal: identity read for {found} of {len(rows)} commands, compared where it claims a gateway's key"


def _stream(reader: Reader, stream: str, known: Organisations, senders: Senders | None) -> Iterator[View]:
    lines, commands = reader.lines(stream), queries.whole_stream(reader.log.engine, stream).commands
    by_command: dict[str, list[Line]] = {}
    aside = {line.past.body.sha256 for line in lines if isinstance(line.past.body, MessageQuarantined)}
    for line in lines:
        if not isinstance(line.past.body, MessageQuarantined):
            by_command.setdefault(line.past.command, []).append(line)
    for row in commands:
        events = by_command.pop(row.id, [])
        trusting = _trusting(reader, stream, events, known)
        yield _compared(row, events, trusting, (senders or {}).get(row.digest, ()), aside)
    for name, events in by_command.items():
        if strays := [each for each in events if each.past.actor != SYSTEM]:
            yield _unsigned(stream, name, strays)


def _compared(row: CommandRow, events: Sequence[Line], trusting: Sequence[Organisation], sent: Sequence[Sender], aside: Collection[str]) -> View:
    """``aside`` are the digests of the messages that were put aside: those anybody may send again as they were kept."""
    command = Command.model_validate_json(row.bytes)
    at = datetime.fromisoformat(evidence.read(events[0].row.envelope)["committed"]) if events else None
    trusted = [each for each in trusting if find(each.keys, row.key_id)]
    principal = next((each.principal for each in sent if each.principal), None)
    return {
        "grant": row.stream.removeprefix("grant/"),
        "command": row.id,
        "type": command.type,
        "version": events[0].past.version if events else None,
        "key": row.key_id,
        "trusted_by": ", ".join(each.stream.removeprefix("organisation/") for each in trusted) or None,
        "actor": command.actor,
        "on_behalf_of": command.on_behalf_of,
        "sent_by": principal or ", ".join(dict.fromkeys(each.identity for each in sent)) or None,
        "principal": principal,
        "compared": _compared_with(sent),
        "differences": [
            *_of_key(row, trusting, at),
            *_of_events(command, events),
            *_of_senders(command, row.key_id, (each for each in sent if each.sha256 not in aside)),
        ],
    }


def _compared_with(sent: Iterable[Sender]) -> str:
    if any(each.principal for each in sent):
        return "key, events, principal"
    return "key, events, identity" if any(each.identity.startswith(GATEWAY) for each in sent) else "key, events"


def _unsigned(stream: str, name: str, strays: Sequence[Line]) -> View:
    first = strays[0].past
    why = f"event {first.version} is said to be of {first.actor}, but no signed command stands behind it"
    empty: View = dict.fromkeys((*ROWS.values(), "principal"))
    named = {"grant": stream.removeprefix("grant/"), "command": name, "version": first.version, "actor": first.actor, "on_behalf_of": first.on_behalf_of}
    return {**empty, **named, "compared": "events", "differences": [why]}


def _trusting(reader: Reader, stream: str, events: Sequence[Line], known: Organisations) -> tuple[Organisation, ...]:
    """The organisation whose keys counted for a command; before a grant was open, every one that the record has.

    Of what came before the first adoption, the document that was adopted then names the key.
    """
    if stream.startswith("organisation/"):
        before = known.at(stream, events[0].past.version - 1) if events else reader.organisation(stream.removeprefix("organisation/"))
        return (before if before.charter else reader.organisation(stream.removeprefix("organisation/")),)
    used = evidence.read(events[0].row.envelope)["organisation"] if events else None
    return (known.at(used["stream"], used["version"]),) if used else tuple(reader.organisations().values())


def _of_key(row: CommandRow, trusting: Sequence[Organisation], at: datetime | None) -> Iterator[str]:
    """What is wrong with the signer: unknown then, out by then, or not the one whose signature it is. Nothing where nobody was adopted."""
    keys = [key for each in trusting if (key := find(each.keys, row.key_id))]
    if not keys and any(each.charter for each in trusting):
        yield f"signed by {row.key_id}, which the organisation did not trust"
    elif at and not any(each.holds(at) or each.holds(at - COMMIT_TAKES) for each in keys):
        yield f"signed by {row.key_id}, which did not hold when it was committed"
    if keys and not any(holds(row.bytes.encode(), row.signature, each) for each in keys):
        yield f"the signature is not that of {row.key_id}"


def _of_events(command: Command, events: Sequence[Line]) -> Iterator[str]:
    """Where the events say somebody else than the signed command."""
    if not events:
        yield "no event tells what came of it"
    for each in events:
        if (each.past.actor, each.past.on_behalf_of) != (command.actor, command.on_behalf_of):
            yield f"event {each.past.version} says {_who(each.past.actor, each.past.on_behalf_of)}, the command {_who(command.actor, command.on_behalf_of)}"


def _of_senders(command: Command, key: str, sent: Iterable[Sender]) -> Iterator[str]:
    """Where Temporal names another person than the actor, or another gateway than the one that signed."""
    for each in dict.fromkeys(sent):
        if each.principal and each.principal not in (command.actor, key):
            yield f"the Temporal principal is {each.principal}, the command's actor {command.actor}"
        if not each.principal and each.identity.startswith(GATEWAY) and key not in each.identity:
            yield f"the signal says that it comes from {each.identity}, the command was signed by {key}"


def _who(actor: str, on_behalf_of: str | None) -> str:
    return f"{actor} for {on_behalf_of}" if on_behalf_of else actor


# What the histories say ---------------------------------------------------------------------------------------------------


async def _senders(home: Home, streams: Sequence[str]) -> Senders | None:
    if not temporal_is_named() and home.running() is None:
        return None
    client = await connect(home)
    found: dict[str, tuple[Sender, ...]] = {}
    try:
        async for run in runs(client, streams):
            history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
            for digest, sender in filter(None, map(sender_of, history.events)):
                found[digest] = (*found.get(digest, ()), sender)
    except RPCError as error:
        message = f"The Temporal server cannot be used now: {error.message}"
        raise UnavailableError(message) from error
    return found


def sender_of(event: HistoryEvent) -> tuple[str, Sender] | None:
    """The digest of the command that a signal brought, and its sender; null: it is no signal, or it brings nothing readable."""
    if not event.HasField("workflow_execution_signaled_event_attributes"):
        return None
    signal = event.workflow_execution_signaled_event_attributes
    try:
        digest = evidence.digest(evidence.canonical(evidence.read(signal.input.payloads[0].data)["command"]))
    except (IndexError, KeyError, TypeError, evidence.NotCanonicalError):
        return None
    sha256 = digest_of(signal.signal_name, [each.data for each in signal.input.payloads])
    return digest, Sender(event.principal.name or None, signal.identity, sha256)
