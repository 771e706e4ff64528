"""Every command, event and refusal is registered, explained, and stands in the pages of ``docs/``."""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.model import COMMANDS, EVENTS, RULES, CommandBody, Event
from tests.house.source import at, python, tree
from tools.vocabulary import load, pages

load()


@pytest.mark.parametrize("base", [CommandBody, Event])
def test_every_command_and_every_event_is_registered(base: type) -> None:
    registered = {*COMMANDS.values(), *EVENTS.values()}
    ours = [each for each in leaves(base) if each.__module__.startswith("domain.")]
    assert ours
    assert [each.__name__ for each in ours if each not in registered] == []


def test_every_command_and_every_event_says_in_one_line_what_it_is() -> None:
    assert [each.__name__ for each in (*COMMANDS.values(), *EVENTS.values()) if not inspect.cleandoc(each.__doc__ or "")] == []


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.wire)
def test_the_wire_name_of_an_event_is_a_noun_and_what_happened_to_it(event: type[Event]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", event.wire)


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.wire)
def test_the_words_of_an_event_and_its_date_name_its_own_fields(event: type[Event]) -> None:
    assert event.said
    assert places(event.said) | ({event.effective_field} if event.effective_field else set()) <= set(event.model_fields)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_has_a_dotted_code_a_sentence_and_a_source(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", code)
    assert RULES[code].words.strip().endswith(".")
    assert RULES[code].source.strip()


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_what_to_do_in_sentences_that_fill_no_other_places_than_its_words(code: str) -> None:
    remedy = RULES[code].remedy
    assert re.fullmatch(r"[A-Z].*[.]", remedy), "say what to do now"
    assert places(remedy) <= places(RULES[code].words)


def test_only_a_registered_rule_can_refuse() -> None:
    made = [at(path, node) for path in python("domain", "activities", "app") if path.name != "model.py" for node in ast.walk(tree(path)) if makes_refusal(node)]
    assert made == []


@pytest.mark.parametrize("page", pages(), ids=at)
def test_the_pages_of_commands_events_and_refusals_are_those_of_the_code(page: Path) -> None:
    assert page.exists(), "write it: make docs"
    assert page.read_text() == pages()[page], "write it anew: make docs"


def places(template: str) -> set[str]:
    return {place for _, place, _, _ in string.Formatter().parse(template) if place is not None}


def makes_refusal(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal"


def leaves(base: type) -> Iterator[type]:
    below: list[type] = base.__subclasses__()
    for each in below:
        yield from leaves(each) if each.__subclasses__() else (each,)
