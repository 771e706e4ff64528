"""The commit tells a grant how the others of the record are linked, and the audit tells it again as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from activities.contracts import Message
from activities.record import Record
from app.audit.replay import _differences
from app.home import Home
from app.reader import reading
from app.signing import Signer, local_signer
from domain.chain import Links
from domain.messages import CommandRefused
from domain.model import Command
from store import queries
from store.errors import RecordUnavailableError
from tests.app.homes import lived, recorded


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return lived(tmp_path)


def sent(record: Record, signer: Signer, grant: str, kind: str, body: dict[str, Any], day: int) -> str | None:
    """What a command was refused for; null: it was not."""
    fields = {"v": 1, "id": f"{grant}-{kind}-{day}", "grant": grant, "type": kind, "actor": "p-grants", "on_behalf_of": None, "content": None, "sealed": None}
    asked = Command.model_validate({**fields, "at": f"2020-04-{day:02}T09:00:00Z", "body": body}, strict=False)
    record.commit(f"grant/{grant}", (Message(name=kind, payloads=(signer.message(asked),)),), None)
    rows = record.log.rows_of_command(f"grant/{grant}", asked.id)
    return CommandRefused.model_validate_json(rows[-1].body).code if rows[-1].type == CommandRefused.wire else None


def opening(*predecessors: str) -> dict[str, Any]:
    stated = [{"reference": each, "external": False} for each in predecessors]
    return {"organisation": "mopac", "title": "G", "programme": "P", "clock": "rehearsal", "parties": [], "predecessors": stated}


def test_a_chain_grows_over_several_grants_and_never_comes_round_again(home: Home) -> None:
    signer = local_signer(home.keys)
    with recorded(home) as record:
        assert sent(record, signer, "second", "OpenGrant", opening("first"), 1) == "grant.link_unknown"
        assert sent(record, signer, "first", "OpenGrant", opening(), 1) is None
        assert sent(record, signer, "second", "OpenGrant", opening("first"), 2) is None
        assert sent(record, signer, "third", "OpenGrant", opening("second"), 3) is None
        back = {"relation": "predecessor", "reference": "third", "external": False}
        assert sent(record, signer, "first", "LinkGrant", back, 4) == "grant.chain_cycle"
        assert sent(record, signer, "third", "RecordSuccessor", {"reference": "first", "external": False}, 4) == "grant.chain_cycle"
        assert sent(record, signer, "first", "RecordSuccessor", {"reference": "third", "external": False}, 5) is None
        found = {grant: [(each["relation"], each["grant"]) for each in links] for grant, links in queries.links(record.log.engine)}
    assert found == {"first": [("successor", "third")], "second": [("predecessor", "first")], "third": [("predecessor", "second")]}
    with reading(home) as reader:
        assert list(_differences(reader, reader.log.streams("grant/"))) == []


def test_a_message_is_not_put_aside_because_the_database_failed_while_it_was_decided(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = local_signer(home.keys)

    def fails() -> Links:
        message = "the disk is gone"
        raise RecordUnavailableError(message)

    with recorded(home) as record:
        with monkeypatch.context() as broken:
            broken.setattr(record, "_links", fails)
            with pytest.raises(RecordUnavailableError):
                sent(record, signer, "first", "OpenGrant", opening(), 1)
        assert record.log.rows("grant/first") == []
        assert sent(record, signer, "first", "OpenGrant", opening(), 1) is None
