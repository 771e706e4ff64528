"""A home whose record holds the real life, made by the same commit that the worker runs, with no server beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from activities.contracts import Message
from activities.record import Record
from app.adoption import OPERATOR, charter_of, command_of, name_people
from app.case_file import Case
from app.home import Home
from app.organisations import load
from app.play import content_seen
from app.reader import Reader
from app.sealing import Sealer
from app.signing import local_signer
from store.database import open_database, open_vault
from store.event_log import EventLog
from store.schema import migrate
from store.vault import Vault
from workflows.names import stream_of


@contextmanager
def recorded(home: Home) -> Iterator[Record]:
    """The record of a home, as the worker opens it."""
    engine, vault = open_database(home.record_url), open_vault(home.vault_url)
    migrate(engine)
    migrate(vault)
    yield Record(EventLog(engine), Vault(vault), "test", local_signer(home.keys).trusted)
    engine.dispose()
    vault.dispose()


def lived(path: Path, *cases: Case) -> Home:
    """A home in which these cases were lived."""
    home = Home(path)
    signer, sealer = local_signer(home.keys), Sealer(home.vault_url)
    with recorded(home) as record:
        for name in sorted({"mopac", *(each.organisation for each in cases)}):
            described = load(name)
            name_people(home, described.names)
            adopting = command_of(charter_of(described, signer), OPERATOR)
            record.commit(f"organisation/{name}", (Message(name=adopting.type, payloads=(signer.message(adopting),)),), None)
        for case in cases:
            for step in case.steps:
                command = case.command_of(step, content_seen(case, step, Reader(record.log)))
                command = sealer.sealed(stream_of(case.grant), command, step.sealed)
                record.commit(stream_of(case.grant), (Message(name=command.type, payloads=(signer.message(command),)),), None)
    return home
