"""Taking an organisation's folder into the record: its charter through Temporal, its people's names into the vault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app import organisations
from app.errors import RefusedError, UndecidedError
from app.gateway import Gateway
from app.home import Home
from app.ids import uuid7
from app.organisations import FOLDER, Described
from app.signing import Signer
from domain.keys import find
from domain.model import Command
from domain.organisation import AdoptOrganisation, Charter, Organisation
from store.database import open_vault
from store.folds import Folds
from store.schema import migrate
from store.vault import Vault

OPERATOR = "operator"
"""Who adopts an organisation first: whoever runs the installation, and so holds its key."""


async def adopt_first(gateway: Gateway, home: Home, organisation: str) -> bool:
    """Have the record know an organisation that it does not know yet; whether its folder, if we have one, says what the record has.

    Raises:
        As ``adopt``.

    """
    _, known = Folds(gateway.log).organisations.at_head(f"organisation/{organisation}")
    if known.charter is None:
        await adopt(gateway, home, organisation)
        return True
    if organisation not in organisations.known():
        return True
    return known.digest == organisations.digest(charter_of(organisations.load(organisation), gateway.signer, known, gateway.others))


async def adopt(gateway: Gateway, home: Home, organisation: str, person: str = OPERATOR, folder: Path = FOLDER) -> None:
    """Have the record know this organisation as its folder describes it; nothing is sent where it does already.

    After the first adoption ``person`` needs the mandate that the scheme in force gives.

    Raises:
        NotFoundError, MalformedFileError: as ``organisations.load``.
        RefusedError: the record does not take it.
        UndecidedError: received, and not decided in time.

    """
    described = organisations.load(organisation, folder)
    name_people(home, described.names)
    _, known = Folds(gateway.log).organisations.at_head(f"organisation/{organisation}")
    charter = charter_of(described, gateway.signer, known, gateway.others)
    if known.digest == organisations.digest(charter):
        return
    outcome = await gateway.submit(command_of(charter, person))
    if outcome is None:
        message = f"{organisation} was received and is not adopted yet; the same command does it again"
        raise UndecidedError(message)
    if outcome.kind != "accepted":
        hint = f"Was the gateway's key ({home.keys}) changed?" if outcome.kind == "quarantined" else "--as says who adopts it."
        message = f"The record does not adopt {organisation}: {outcome.summary.rstrip('.')}. {hint}"
        raise RefusedError(message)


def charter_of(described: Described, signer: Signer, known: Organisation | None = None, others: Sequence[Signer] = ()) -> Charter:
    """The charter with the keys of the document before it, and ours where the record has none of ours yet."""
    keys = known.charter.keys if known and known.charter else ()
    if known is None or not any(find(known.keys, each.key) for each in (signer, *others)):
        keys = (*keys, *signer.trusted.values())
    return described.with_keys(keys)


def command_of(charter: Charter, person: str) -> Command:
    """The command that adopts a charter."""
    body = AdoptOrganisation(charter=charter, digest=organisations.digest(charter))
    return Command(
        v=1,
        id=uuid7(),
        grant=f"organisation/{charter.organisation}",
        type=AdoptOrganisation.__name__,
        actor=person,
        on_behalf_of=None,
        at=None,
        content=None,
        body=body.model_dump(mode="json"),
        sealed=None,
    )


def name_people(home: Home, names: dict[str, str]) -> None:
    """Put the names of people where they can be erased."""
    engine = open_vault(home.vault_url)
    try:
        migrate(engine)
        Vault(engine).name_people(names)
    finally:
        engine.dispose()
