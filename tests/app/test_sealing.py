"""Sealing: the same content under the same id gives the same bytes, nothing else opens them, and an erased key never does."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from app.errors import RefusedError
from app.part_two import PART_TWO
from app.sealing import FORM, ErasedError, SealBrokenError, Sealer
from domain.evidence import NotCanonicalError
from domain.model import Command
from store.database import open_vault
from store.errors import WrongSchemaError
from store.schema import migrate
from store.vault import Vault

STREAM = "grant/g"
PART_TWO_OF_IT = {"breakdown": [{"post": "inspector", "pence": 5_000_000}], "ground": "Kept from the public: £5"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    engine = open_vault(made := f"sqlite:///{tmp_path / 'vault.db'}")
    migrate(engine)
    engine.dispose()
    return made


def command(name: str = "c-1") -> Command:
    return Command(v=1, id=name, grant="g", type="DraftPaper", actor="p", on_behalf_of=None, at=None, content=None, body={}, sealed=None)


def sealed(url: str, name: str = "c-1", said: dict[str, object] | None = None) -> str:
    text = Sealer(url).sealed(STREAM, command(name), said or PART_TWO_OF_IT).sealed
    assert text is not None
    return text


def erase(url: str, *subjects: str) -> None:
    engine = open_vault(url)
    Vault(engine).erase(STREAM, *subjects)
    engine.dispose()


def test_what_was_sealed_opens_as_it_was_written(url: str) -> None:
    assert Sealer(url).opened(STREAM, "c-1", sealed(url)) == PART_TWO_OF_IT


def test_a_sealed_command_is_a_command_and_holds_no_word_of_its_content(url: str) -> None:
    made = Sealer(url).sealed(STREAM, command(), PART_TWO_OF_IT)
    assert Command.model_validate_json(made.model_dump_json()) == made
    assert b"inspector" not in base64.b64decode((made.sealed or "").removeprefix(FORM))


def test_a_command_without_a_part_two_stays_as_it_is(url: str) -> None:
    assert Sealer(url).sealed(STREAM, command(), None) == command()


def test_sealing_it_again_gives_the_same_bytes_so_that_a_repeat_is_one(url: str) -> None:
    assert sealed(url) == sealed(url)


def test_other_content_or_another_id_gives_other_bytes(url: str) -> None:
    assert len({sealed(url), sealed(url, "c-2"), sealed(url, "c-1", {"other": "words"})}) == 3


@pytest.mark.parametrize(("stream", "subject"), [("grant/other", "c-1"), (STREAM, "c-2")])
def test_a_ciphertext_moved_to_another_command_does_not_open(url: str, stream: str, subject: str) -> None:
    Sealer(url).sealed(stream, command(subject), PART_TWO_OF_IT)
    with pytest.raises(SealBrokenError, match="does not open"):
        Sealer(url).opened(stream, subject, sealed(url))


@pytest.mark.parametrize("place", [len(FORM), -5])
def test_one_changed_letter_of_a_ciphertext_is_noticed(url: str, place: int) -> None:
    text = list(sealed(url))
    text[place] = "A" if text[place] != "A" else "B"
    with pytest.raises(SealBrokenError):
        Sealer(url).opened(STREAM, "c-1", "".join(text))


def test_an_erased_key_says_since_when_and_seals_nothing_again(url: str) -> None:
    text = sealed(url)
    erase(url, "c-1")
    with pytest.raises(ErasedError, match=r"was erased at 20.*nobody can read it again"):
        Sealer(url).opened(STREAM, "c-1", text)
    with pytest.raises(RefusedError, match="was erased at"):
        sealed(url)


def test_a_vault_that_never_had_the_key_says_so(url: str) -> None:
    with pytest.raises(ErasedError, match="is not in this vault"):
        Sealer(url).opened(STREAM, "c-1", f"{FORM}{'A' * 40}")


def test_a_vault_without_its_tables_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(WrongSchemaError, match="not those of this build"):
        Sealer(f"sqlite:///{tmp_path / 'other.db'}").sealed(STREAM, command(), PART_TWO_OF_IT)


@pytest.mark.parametrize("wrong", [{"a": 0.5}, {"ä": "x"}, {"a": "\ud800"}])
def test_what_cannot_be_hashed_cannot_be_sealed(url: str, wrong: dict[str, object]) -> None:
    with pytest.raises(NotCanonicalError):
        sealed(url, said=wrong)
    with pytest.raises(ValueError, match="Value error"):
        PART_TWO.validate_python(wrong)
