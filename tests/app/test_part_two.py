"""What everybody may see of Part 2: that it is there. And what whoever may read it sees, as long as its key is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app import showing, views
from app.audit.record_check import check
from app.audit.record_rules import rules_of
from app.errors import NotFoundError
from app.home import Home
from app.part_two import PART_TWO, kept, public
from app.reader import Reader, now, reading
from app.sealing import FORM, Sealer
from app.unsealing import Asking, command_of, opened
from domain.model import Document
from domain.restricted import ReadRestricted
from store.database import open_vault
from store.vault import Vault
from tests.app.homes import lived
from tests.lives import case_of

NAME = "alpha-2020-21"
STREAM = f"grant/{NAME}"


@pytest.fixture
def reader(home: Home) -> Iterator[Reader]:
    with reading(home) as found:
        yield found


def restricted_document(**more: Any) -> dict[str, Any]:
    return Document(kind="breakdown", dated="2020-06", digest="0" * 64, kept="The safe", grade="restricted").model_dump(mode="json") | more


def test_of_a_restricted_document_a_view_says_that_it_exists_and_its_kind() -> None:
    view = {"papers": [{"documents": (restricted_document(),)}], "other": {"kind": "letter", "kept": "Here", "grade": "public"}}
    seen = public(view)
    assert seen["papers"][0]["documents"] == [
        {"kind": "breakdown", "dated": None, "received": None, "digest": None, "kept": None, "grade": "restricted", "said": "a restricted document (breakdown)"}
    ]
    assert seen["other"] == view["other"]


def test_a_line_of_words_that_names_documents_says_of_a_restricted_one_that_it_exists() -> None:
    assert str(Document(kind="breakdown", kept="The safe", grade="restricted")) == "a restricted document (breakdown)"
    assert str(Document(kind="letter", kept="The file")) == "letter (The file)"


@pytest.mark.parametrize("wrong", [{}, "words", ["a list"], None, {"a": 0.5}])
def test_a_part_two_is_an_object_that_can_be_hashed(wrong: Any) -> None:
    with pytest.raises(ValueError, match="validation error"):
        PART_TWO.validate_python(wrong)


def test_show_names_every_part_two_by_its_command_and_says_nothing_of_it(reader: Reader) -> None:
    found = showing.show(reader, NAME, None, None, now())
    sealed = [(each.command, case_id(each.step)) for each in case_of(NAME).steps if each.sealed]
    assert [(each["came_with"], each["subject"]) for each in found["restricted"]] == sealed
    assert "nvented sentence" not in json.dumps(found)


def test_a_part_two_is_known_from_the_day_on_which_it_was_recorded(reader: Reader) -> None:
    state = reader.grant(NAME).restricted
    assert [each["subject"] for each in kept(state, date(2020, 7, 1))] == [f"{NAME}/agreement"]
    assert kept(state, date(2020, 6, 30)) == []
    assert showing.show(reader, NAME, None, showing.instant("2020-07"), now())["restricted"] == kept(state, date(2020, 7, 31))


def test_the_history_marks_every_event_that_a_part_two_came_with(reader: Reader) -> None:
    found = views.history(reader, NAME)
    assert {each["command_id"] for each in found if each["restricted"]} == {case_id(each.step) for each in case_of(NAME).steps if each.sealed}
    assert "nvented sentence" not in json.dumps(found)


def test_what_was_sealed_opens_as_the_case_has_it(reader: Reader, home: Home) -> None:
    steps = {case_id(each.step): each.sealed for each in case_of(NAME).steps if each.sealed}
    assert opened(reader, Sealer(home.vault_url), STREAM, steps) == {name: {"part_two": said, "unreadable": None} for name, said in steps.items()}


def test_asking_to_read_asks_for_what_was_known_then(reader: Reader) -> None:
    asked = command_of(reader, Asking(NAME, "p-legal", "To advise"))
    assert (asked.type, asked.actor, asked.body, asked.sealed) == (ReadRestricted.__name__, "p-legal", {"subjects": [], "purpose": "To advise"}, None)
    assert asked.at == reader.grant(NAME).recorded
    then = command_of(reader, Asking(NAME, "p-legal", None, showing.instant("2020-07")))
    assert then.body["subjects"] == [f"{NAME}/agreement"]
    with pytest.raises(NotFoundError, match="has no Part 2"):
        command_of(reader, Asking("today", "p-legal", None))


def test_erasing_the_keys_changes_no_state_and_no_evidence(tmp_path: Path) -> None:
    home = lived(tmp_path / "home", case_of(NAME))
    with reading(home) as reader:
        before, sealer = (reader.grant(NAME), views.history(reader, NAME)), Sealer(home.vault_url)
        text = ciphertext(reader)
        vault = open_vault(home.vault_url)
        assert Vault(vault).erase(STREAM) == 3
        vault.dispose()
        found = opened(reader, sealer, STREAM, reader.grant(NAME).restricted.kept)
        assert {each["part_two"] for each in found.values()} == {None}
        assert all("was erased at" in each["unreadable"] for each in found.values())
    with reading(home) as reader:
        assert (reader.grant(NAME), views.history(reader, NAME)) == before
        assert ciphertext(reader) == text
        assert check(reader.log.engine, rules_of(reader.log.engine)).ok


def test_a_part_two_whose_command_is_gone_is_said_to_be_so(reader: Reader, home: Home) -> None:
    found = opened(reader, Sealer(home.vault_url), STREAM, ["never-sent"])
    assert found["never-sent"]["part_two"] is None
    assert "does not have the sealed content" in found["never-sent"]["unreadable"]


def ciphertext(reader: Reader) -> str:
    row = reader.log.command(STREAM, f"{NAME}/draft")
    assert row is not None
    sealed: str = json.loads(row.bytes)["sealed"]
    assert sealed.startswith(FORM)
    return sealed


def case_id(step: str) -> str:
    return f"{NAME}/{step}"
