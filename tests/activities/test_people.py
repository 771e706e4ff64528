"""People and keys in mid-route, on a real record: whoever left, and a key that was revoked, count at once in every grant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from activities.contracts import Message
from activities.record import Record
from app import organisations as described
from app.adoption import charter_of, command_of
from app.signing import OwnKeys, Signer, local_signer, make_newest, make_next
from domain.keys import RotateKey
from domain.model import Command
from domain.organisation import Charter, Holding
from store import queries
from store.database import open_database, open_vault
from store.event_log import EventLog
from store.schema import migrate
from store.vault import Vault

ORGANISATION = "organisation/mopac"
OPENING: dict[str, object] = {"organisation": "mopac", "title": "A grant", "clock": "real", "parties": [{"role": "funder", "party": "A funder"}]}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def record(tmp_path: Path, keys: Path) -> Iterator[Record]:
    engine, vault = open_database(f"sqlite:///{tmp_path}/record.db"), open_vault(f"sqlite:///{tmp_path}/vault.db")
    migrate(engine)
    migrate(vault)
    yield Record(EventLog(engine), Vault(vault), "build-1", OwnKeys(keys))
    engine.dispose()
    vault.dispose()


def send(record: Record, signer: Signer, kind: str, stream: str, body: dict[str, object], name: str, actor: str = "p-grants") -> tuple[str, str | None]:
    """The type of the first event that came of it, and its code or reason."""
    grant = stream.removeprefix("grant/")
    asked = Command(v=1, id=name, grant=grant, type=kind, actor=actor, on_behalf_of=None, at=None, content=None, body=body, sealed=None)
    before = record.log.head(stream).version
    record.commit(stream, (Message(name=kind, payloads=(signer.message(asked),)),), None)
    (row, *_) = record.log.rows(stream, after=before)
    said = json.loads(row.body)
    return row.type, said.get("code") or (said["reason"] if row.type == "message.quarantined" else None)


def adopt(record: Record, signer: Signer, person: str = "operator", **changed: object) -> Charter:
    plain = described.load("mopac")
    known = record.folds.organisations.at_head(ORGANISATION)[1]
    charter = charter_of(plain, signer, known if known.charter else None).model_copy(update=changed)
    record.commit(ORGANISATION, (Message(name="AdoptOrganisation", payloads=(signer.message(command_of(charter, person)),)),), None)
    return charter


PAPER: dict[str, object] = {
    "paper": "p-1",
    "title": "A paper",
    "items": [{"item": "1", "verbs": ["note"], "words": "To note"}],
    "documents": [],
    "facts": {"retrospective": False, "novel": False, "restricted": False},
}


def test_a_rotated_key_signs_at_once_in_every_grant_and_the_old_one_in_none(record: Record, keys: Path) -> None:
    old = local_signer(keys)
    adopt(record, old)
    for grant in ("one", "two"):
        assert send(record, old, "OpenGrant", f"grant/{grant}", OPENING, "open") == ("grant.opened", None)
    new = make_next(keys)
    turn = RotateKey(old=old.key, key=new.key, public=new.public).model_dump(mode="json")
    assert send(record, old, "RotateKey", ORGANISATION, turn, "turn", "p-chief-executive") == ("key.rotated", None)
    make_newest(keys, new)
    for grant in ("one", "two"):
        assert send(record, old, "DraftPaper", f"grant/{grant}", PAPER, "old") == ("message.quarantined", "message.foreign")
        assert send(record, local_signer(keys), "DraftPaper", f"grant/{grant}", PAPER, "new") == ("paper.drafted", None)


def test_a_key_revoked_in_mid_route_signs_no_step_any_more_and_what_it_signed_stands(record: Record, keys: Path, tmp_path: Path) -> None:
    ours, van = local_signer(keys), local_signer(tmp_path / "van")
    adopt(record, ours)
    assert send(record, ours, "AddKey", ORGANISATION, {"key": van.key, "public": van.public}, "add", "p-chief-executive") == ("key.added", None)
    assert send(record, van, "OpenGrant", "grant/one", OPENING, "open") == ("grant.opened", None)
    assert send(record, van, "DraftPaper", "grant/one", PAPER, "draft") == ("paper.drafted", None)
    revoked = send(record, ours, "RevokeKey", ORGANISATION, {"key": van.key, "reason": "stolen"}, "revoke", "p-chief-executive")
    assert revoked == ("key.revoked", None)
    assert send(record, van, "SubmitPaper", "grant/one", {"paper": "p-1"}, "submit") == ("message.quarantined", "message.foreign")
    adopt(record, ours, "p-chief-executive", title="Adopted again")
    assert send(record, van, "SubmitPaper", "grant/one", {"paper": "p-1"}, "submit-again") == ("message.quarantined", "message.foreign")
    assert record.folds.grants.at_head("grant/one")[1].approval.papers["p-1"].people["draft"] == {"p-grants"}


def test_another_organisation_can_still_be_adopted_by_the_newest_key_after_a_rotation(record: Record, keys: Path) -> None:
    old = local_signer(keys)
    adopt(record, old)
    make_newest(keys, make_next(keys))
    charter = charter_of(described.load("tidewell-trust"), local_signer(keys))
    for signer, came in ((old, "message.quarantined"), (local_signer(keys), "organisation.adopted")):
        stream = "organisation/tidewell-trust"
        record.commit(stream, (Message(name="AdoptOrganisation", payloads=(signer.message(command_of(charter, "operator")),)),), None)
        assert record.log.rows(stream)[-1].type == came


def test_a_holder_who_left_in_mid_route_acts_no_more_and_the_next_one_does_at_once(record: Record, keys: Path) -> None:
    signer = local_signer(keys)
    first = adopt(record, signer)
    assert send(record, signer, "OpenGrant", "grant/one", OPENING, "open") == ("grant.opened", None)
    assert send(record, signer, "DraftPaper", "grant/one", PAPER, "draft") == ("paper.drafted", None)
    gone = tuple(each for each in first.holdings if each.person != "p-grants")
    adopt(record, signer, "p-chief-executive", holdings=(*gone, Holding(person="p-next", office="grants-team", first=date(2016, 10, 1))))
    other = {**PAPER, "paper": "p-2"}
    assert send(record, signer, "DraftPaper", "grant/one", other, "left") == ("command.refused", "authority.not_mandated")
    assert send(record, signer, "DraftPaper", "grant/one", other, "next", "p-next") == ("paper.drafted", None)
    used = json.loads(record.log.rows("grant/one")[-1].envelope)["organisation"]
    assert (used["stream"], used["version"]) == (ORGANISATION, 2)


def test_what_an_organisation_trusts_is_folded_again_from_the_record(record: Record, keys: Path, tmp_path: Path) -> None:
    signer, van = local_signer(keys), local_signer(tmp_path / "van")
    adopt(record, signer)
    send(record, signer, "AddKey", ORGANISATION, {"key": van.key, "public": van.public}, "add", "p-chief-executive")
    again = Record(record.log, record.vault, "build-2", {}).folds.organisations.at_head(ORGANISATION)[1]
    assert [each.key for each in again.keys] == [signer.key, van.key]
    assert again.key(van.key, datetime.now(UTC)) is not None
    assert queries.standing(record.log.engine, ORGANISATION) is not None
