"""A body that cannot be meant is refused: the field at fault is named, and nothing of what its sender wrote is quoted."""

from __future__ import annotations

from typing import Any

import pytest

from domain.grant import typed
from domain.model import Command, Refusal

SECRET = "a-word-of-the-sender"  # noqa: S105  (a word to look for)
ITEM: dict[str, Any] = {"item": "1", "verbs": ["note"], "words": "w", "instrument": None, "pence": {}}
FACTS = {"retrospective": False, "novel": False, "restricted": False}
PAPER: dict[str, Any] = {"paper": "p", "title": "t", "items": [ITEM], "documents": [], "facts": FACTS}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a value": ({**PAPER, "title": ["a list", SECRET]}, "title: "),
    "a value deep within": ({**PAPER, "items": [{**ITEM, "pence": {"2020/21": SECRET}}]}, "items.0.pence.(unknown): "),
    "a field that there is not": ({**PAPER, SECRET: 1}, "(unknown): "),
    "a field that there is not, deep within": ({**PAPER, "facts": {**FACTS, SECRET: 1}}, "facts.(unknown): "),
    "a key": ({**PAPER, "items": [{**ITEM, "pence": {SECRET: "no number"}}]}, "items.0.pence.(unknown)"),
    "one of a few words": ({**PAPER, "items": [{**ITEM, "verbs": [SECRET]}]}, "items.0.verbs.0: "),
}


def read(body: dict[str, Any]) -> object:
    told = {"v": 1, "id": "c", "grant": "g", "type": "DraftPaper", "actor": "ann", "on_behalf_of": None, "at": None, "content": None, "sealed": None}
    return typed(Command.model_validate(told | {"body": body}))


@pytest.mark.parametrize("what", WRONG)
def test_the_field_at_fault_is_named_and_nothing_of_the_sender_s_own_words(what: str) -> None:
    body, place = WRONG[what]
    found = read(body)
    assert isinstance(found, Refusal)
    assert found.code == "command.malformed"
    assert place in found.why
    assert SECRET not in found.why


def test_a_body_that_can_be_meant_is_read() -> None:
    assert not isinstance(read(PAPER), Refusal)
