"""The gateway's key, and what it signs."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from activities import inbox
from activities.contracts import Message
from app.errors import MisusedError, UnavailableError
from app.signing import KEY_FILE, OwnKeys, Signer, key_id, local_signer, local_signers, make_newest, make_next, trusted_one
from domain import evidence
from domain.keys import Key
from domain.messages import MessageQuarantined
from domain.model import Command

RFC_8032_TEST_1 = Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")))
"""The first test key of RFC 8032, 7.1."""

ASKED = Command(v=1, id="c-1", grant="g", type="CloseGrant", actor="p-grants", on_behalf_of=None, at=None, content=None, body={"note": "£1: done"}, sealed=None)


def test_the_public_half_is_that_of_the_published_test_key() -> None:
    assert base64.b64decode(RFC_8032_TEST_1.public).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert RFC_8032_TEST_1.key == "key-21fe31dfa154a261"


def test_a_message_is_readable_json_over_the_canonical_bytes_of_its_command() -> None:
    message = json.loads(RFC_8032_TEST_1.message(ASKED))
    assert message.keys() == {"command", "key", "signature"}
    assert message["command"] == ASKED.model_dump(mode="json")
    signed = evidence.canonical(message["command"])
    assert signed.startswith(b'{"actor":"p-grants","at":null,"body":{"note":"\xc2\xa31')
    assert inbox.holds(signed, message["signature"], RFC_8032_TEST_1.trusted[message["key"]])
    assert not inbox.holds(signed + b" ", message["signature"], RFC_8032_TEST_1.trusted[message["key"]])


def test_the_inbox_obeys_it_and_puts_the_same_message_of_another_key_aside() -> None:
    opened = inbox.opened(Message(name="CloseGrant", payloads=(RFC_8032_TEST_1.message(ASKED),)))
    assert isinstance(opened, inbox.Opened)
    read = inbox.read(opened, "grant/g", RFC_8032_TEST_1.trusted.get)
    assert isinstance(read, inbox.Signed)
    foreign = inbox.read(opened, "grant/g", Signer(Ed25519PrivateKey.generate()).trusted.get)
    assert isinstance(foreign, inbox.PutAside)
    assert isinstance(foreign.event, MessageQuarantined)
    assert foreign.event.reason == "message.foreign"


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first, second = local_signer(tmp_path / "keys"), local_signer(tmp_path / "keys")
    assert first.key == second.key
    assert stat.S_IMODE((tmp_path / "keys" / KEY_FILE).stat().st_mode) == 0o600
    assert [each.name for each in (tmp_path / "keys").iterdir()] == [KEY_FILE]


def test_of_many_first_uses_at_once_one_key_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"from pathlib import Path; from app.signing import local_signer; print(local_signer(Path({str(tmp_path)!r})).key)"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({each.communicate(timeout=60)[0] for each in started}) == 1


def test_a_file_that_is_no_ed25519_key_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("not a key")
    with pytest.raises(UnavailableError, match="cannot be used"):
        local_signer(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UnavailableError, match="no Ed25519 key"):
        local_signer(tmp_path)


# More keys than one -----------------------------------------------------------------------------------------------------


def test_a_rotated_installation_signs_with_its_newest_key_and_keeps_the_one_before(tmp_path: Path) -> None:
    first = local_signer(tmp_path)
    following = make_next(tmp_path)
    assert local_signer(tmp_path).key == first.key
    make_newest(tmp_path, following)
    make_newest(tmp_path, following)
    assert [each.key for each in local_signers(tmp_path)] == [following.key, first.key]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_its_own_keys_are_read_anew_each_time_and_only_the_newest_is_trusted_before_an_adoption(tmp_path: Path) -> None:
    own, first = OwnKeys(tmp_path), local_signer(tmp_path)
    assert list(own) == [first.key]
    following = make_next(tmp_path)
    make_newest(tmp_path, following)
    assert (list(own), len(own), own.get(first.key), own[following.key].public) == ([following.key], 1, None, following.public)


def test_of_its_keys_the_one_signs_that_the_organisation_has_trusted_last_and_that_still_holds(tmp_path: Path) -> None:
    old, new = local_signer(tmp_path), make_next(tmp_path)
    at = [datetime(2027, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    ring = (Key(key=old.key, public=old.public, first=at[0], revoked=at[2]), Key(key=new.key, public=new.public, first=at[1], revoked=at[3]))
    found = [trusted_one((new, old), ring, when) for when in at]
    assert [each.key if each else None for each in found] == [old.key, new.key, new.key, None]


def test_a_key_of_that_id_with_another_half_is_not_ours(tmp_path: Path) -> None:
    ours = local_signer(tmp_path)
    foreign = Key(key=ours.key, public=RFC_8032_TEST_1.public, first=datetime(2027, 1, 1, tzinfo=UTC))
    assert trusted_one((ours,), (foreign,), datetime(2027, 1, 2, tzinfo=UTC)) is None


def test_the_id_of_a_key_follows_from_its_public_half() -> None:
    assert key_id(RFC_8032_TEST_1.public) == RFC_8032_TEST_1.key
    for wrong in ("not base64", "AAAA"):
        with pytest.raises(MisusedError, match="no public half"):
            key_id(wrong)
