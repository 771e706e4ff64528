"""How a record is worked out anew: the domain's own rules, over each organisation as it stood when an event was decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from activities.inbox import holds
from app.audit.verify import Rules, Step
from domain import evidence, ledger, outlook, recovery
from domain import grant as grants
from domain import organisation as organisations
from domain.grant import Grant
from domain.keys import Key
from domain.organisation import Organisation
from domain.upcasts import past_of
from store.database import Database
from store.event_log import EventLog

ORGANISATIONS = "organisation/"
GRANTS = "grant/"


@dataclass(frozen=True)
class Folded:
    """A stream as folded so far, and the organisation (stream, version) that its last event was decided by.

    ``state`` null: a stream of results, which has none.
    """

    state: Grant | Organisation | None
    organisation: tuple[str, int] | None = None


@dataclass
class Organisations:
    """Every version of every organisation in the record, read as far as it is asked for."""

    log: EventLog
    installation: tuple[Key, ...]
    known: dict[str, list[Organisation]] = field(default_factory=dict)

    def at(self, stream: str, version: int) -> Organisation:
        """An organisation as it stood at a version.

        Raises:
            LookupError: it has no such version.

        """
        if version >= len(self.known.get(stream, ())):
            self._read_on(stream)
        return self.known[stream][version]

    def signature_holds(self, text: bytes, signature: str, key_id: str) -> bool:
        """Whether a key of that id, which this installation or any version of an organisation has, signed the bytes."""
        if any(holds(text, signature, key) for key in self._keys(key_id)):
            return True
        for stream in self.log.streams(ORGANISATIONS):
            self._read_on(stream)
        return any(holds(text, signature, key) for key in self._keys(key_id))

    def _keys(self, key_id: str) -> list[Key]:
        trusted = (key for versions in self.known.values() for key in versions[-1].keys)
        return [key for key in (*self.installation, *trusted) if key.key == key_id]

    def _read_on(self, stream: str) -> None:
        """Fold what is new; where an event cannot be read, its stream's own check says so, and later versions are unknown."""
        versions = self.known.setdefault(stream, [Organisation(stream=stream)])
        for row in self.log.rows(stream, after=len(versions) - 1):
            try:
                versions.append(organisations.evolve(versions[-1], past_of(row.envelope, row.body)))
            except (ValueError, LookupError, TypeError):
                return


def rules_of(database: Database, installation: Iterable[Key] = ()) -> Rules[Folded]:
    """The rules for a record. ``installation``: keys that signed before any organisation was adopted."""
    known = Organisations(EventLog(database), tuple(installation))

    def standing(folded: Folded) -> str:
        return evidence.canonical(_standing(folded, known)).decode()

    return Rules(signature_holds=known.signature_holds, begin=_begun, step=_step, standing=standing)


def _begun(stream: str) -> Folded:
    if stream.startswith(GRANTS):
        return Folded(Grant(stream=stream))
    return Folded(Organisation(stream=stream) if stream.startswith(ORGANISATIONS) else None)


def _step(folded: Folded, envelope: str, body: str) -> Step[Folded]:
    past, used = past_of(envelope, body), evidence.read(envelope)["organisation"]
    organisation = (used["stream"], used["version"]) if used else None
    match folded.state:
        case Grant() as grant:
            after = grants.evolve(grant, past)
            return Step(Folded(after, organisation), ledger.postings(past, grant), after.clock or "real", recovery.claimed(past.body))
        case Organisation() as before:
            return Step(Folded(organisations.evolve(before, past), organisation))
        case None:
            return Step(folded)


def _standing(folded: Folded, known: Organisations) -> object:
    match folded.state:
        case Grant() as grant:
            organisation = known.at(*folded.organisation) if folded.organisation else Organisation(stream="organisation/unknown")
            return outlook.Outlook(grant, organisation).standing()
        case Organisation() as organisation:
            return outlook.organisation_standing(organisation)
        case None:
            return {}
