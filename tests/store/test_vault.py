"""The vault keeps what may be erased, and erases it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store.database import open_vault
from store.schema import migrate
from store.vault import Vault
from tests.store.records import ALPHA, BETA

ONE, OTHER = "1" * 64, "2" * 64


@pytest.fixture
def vault(database_url: str) -> Iterator[Vault]:
    opened = open_vault(database_url)
    migrate(opened)
    yield Vault(opened)
    opened.dispose()


def test_the_bytes_of_a_message_are_kept_as_they_came(vault: Vault) -> None:
    vault.keep_quarantined(ONE, ALPHA, "ApproveStep", b"\x00\xff{broken")
    kept = vault.quarantined(ONE)
    assert kept
    assert (kept.id, kept.stream, kept.name, kept.bytes) == (ONE, ALPHA, "ApproveStep", b"\x00\xff{broken")
    assert datetime.fromisoformat(kept.received).utcoffset() == timedelta(0)


def test_the_same_message_again_changes_nothing(vault: Vault) -> None:
    vault.keep_quarantined(ONE, ALPHA, "submit", b"first")
    first = vault.quarantined(ONE)
    vault.keep_quarantined(ONE, ALPHA, "submit", b"first")
    assert vault.quarantined_on(ALPHA) == [first]


def test_messages_are_listed_by_stream_in_the_order_in_which_they_came(vault: Vault) -> None:
    vault.keep_quarantined(OTHER, ALPHA, "submit", b"a")
    vault.keep_quarantined(ONE, ALPHA, "submit", b"b")
    vault.keep_quarantined("3" * 64, BETA, "submit", b"c")
    assert {each.id for each in vault.quarantined_on(ALPHA)} == {ONE, OTHER}
    received = [each.received for each in vault.quarantined_on(ALPHA)]
    assert received == sorted(received)


def test_an_erased_message_is_gone_and_others_stay(vault: Vault) -> None:
    vault.keep_quarantined(ONE, ALPHA, "submit", b"a")
    vault.keep_quarantined(OTHER, ALPHA, "submit", b"b")
    vault.erase_quarantined(ONE)
    assert vault.quarantined(ONE) is None
    assert [each.id for each in vault.quarantined_on(ALPHA)] == [OTHER]


def test_people_have_names_until_they_are_erased(vault: Vault) -> None:
    vault.name_people({"p-1": "Ada Finch", "p-2": "Bo Marsh"})
    vault.name_people({"p-2": "Bo Marsh-Ellis"})
    vault.name_people({})
    assert vault.names() == {"p-1": "Ada Finch", "p-2": "Bo Marsh-Ellis"}
    vault.erase_person("p-1")
    assert vault.names() == {"p-2": "Bo Marsh-Ellis"}


def test_no_byte_of_what_was_erased_stays_in_the_files(tmp_path: Path) -> None:
    vault = Vault(open_vault(f"sqlite:///{tmp_path / 'vault.db'}"))
    migrate(vault.engine)
    vault.keep_quarantined(ONE, ALPHA, "submit", b"an address that must go " * 400)
    assert found(tmp_path, b"an address that must go")
    vault.erase_quarantined(ONE)
    assert not found(tmp_path, b"an address that must go")


def found(folder: Path, text: bytes) -> bool:
    return any(text in path.read_bytes() for path in folder.iterdir())


def test_the_first_key_of_a_part_two_stays_the_key(vault: Vault) -> None:
    first = vault.keep_sealing_key(ALPHA, "case/step", b"a" * 32)
    assert vault.keep_sealing_key(ALPHA, "case/step", b"b" * 32) == first
    assert vault.sealing_key(ALPHA, "case/step") == first
    assert (first.key, first.erased) == (b"a" * 32, None)
    assert vault.sealing_key(BETA, "case/step") is None


def test_the_keys_of_one_stream_are_erased_and_leave_the_day_on_which_they_went(vault: Vault) -> None:
    for stream, subject in ((ALPHA, "one"), (ALPHA, "other"), (BETA, "one")):
        vault.keep_sealing_key(stream, subject, b"k" * 32)
    assert vault.erase(ALPHA) == 2
    gone = vault.sealing_key(ALPHA, "one")
    assert gone is not None
    assert gone.key is None
    assert gone.erased is not None
    assert datetime.fromisoformat(gone.erased).utcoffset() == timedelta(0)
    assert [vault.sealing_key(BETA, "one").key] == [b"k" * 32]  # type: ignore[union-attr]
    assert vault.erase(ALPHA) == 0


def test_the_key_of_one_subject_is_erased_alone_and_never_comes_back(vault: Vault) -> None:
    for subject in ("one", "other"):
        vault.keep_sealing_key(ALPHA, subject, b"k" * 32)
    assert vault.erase(ALPHA, "one") == 1
    assert vault.keep_sealing_key(ALPHA, "one", b"n" * 32).key is None
    other = vault.sealing_key(ALPHA, "other")
    assert other is not None
    assert other.key == b"k" * 32


def test_an_erased_key_is_in_no_byte_of_the_file(tmp_path: Path) -> None:
    vault = Vault(open_vault(f"sqlite:///{tmp_path / 'vault.db'}"))
    migrate(vault.engine)
    vault.keep_sealing_key(ALPHA, "one", b"a key that must go, of 32 bytes.")
    vault.erase(ALPHA)
    vault.engine.dispose()
    assert not any(b"a key that must go" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_new_vault_is_for_its_owner_alone(tmp_path: Path) -> None:
    vault = open_vault(f"sqlite:///{tmp_path / 'vault.db'}")
    migrate(vault)
    vault.dispose()
    assert (tmp_path / "vault.db").stat().st_mode & 0o077 == 0
