"""YAML 1.2 as our files are written: every scalar is text, lines are kept, and the models give the types.

An unquoted ``null`` is null; ``£1,234,567.89`` is an amount and becomes whole pence, quoted or not. Nothing else is
guessed: ``2020-06`` stays a date stated to the month, ``no`` stays a word (CONTRACT, Running).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.errors import MalformedFileError, MisusedError, NotFoundError, Problem

Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]

_AMOUNT = re.compile(r"(-?)£([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{2}))?")
LARGEST_FILE = 16 * 1024 * 1024


@dataclass(frozen=True)
class YamlFile:
    """One file as read: its value, and the line (from 1) of each place in it."""

    path: Path
    value: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line_of(self, place: Path_) -> int:
        """The line of a place, or of the nearest one that holds it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Path_, what: str) -> Problem:
        """Something wrong at a place."""
        return Problem(self.line_of(place), ".".join(map(str, place)) or "file", what)

    def part(self, place: Path_) -> YamlFile:
        """What stands at a place of this file, as a file of its own with the same lines."""
        value = self.value
        for step in place:
            value = value[step]
        found = {at[len(place) :]: line for at, line in self.lines.items() if at[: len(place)] == place}
        return replace(self, value=value, lines=found)


def read_yaml(path: Path, words: Callable[[str], str] = str) -> YamlFile:
    """The file at ``path``; ``words`` is applied to each scalar first (the tokens of a case).

    Raises:
        NotFoundError: no such file.
        MalformedFileError: not UTF-8, not YAML, a key twice, a key that is no text, or an amount that is none.

    """
    try:
        text = path.read_bytes()
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise NotFoundError(message) from error
    return parse_yaml(path, text, words)


def parse_yaml(path: Path, text: bytes, words: Callable[[str], str] = str) -> YamlFile:
    """As ``read_yaml``, of bytes that stand for the file ``path``."""
    if len(text) > LARGEST_FILE:
        raise MalformedFileError(path, [Problem(1, "file", f"larger than {LARGEST_FILE} bytes")])
    reading = _Reading(path, words)
    try:
        node = YAML(typ="safe", pure=True).compose(text.decode())
        value = reading.value(node, ()) if node is not None else None
    except UnicodeDecodeError as error:
        raise MalformedFileError(path, [Problem(text[: error.start].count(b"\n") + 1, "file", "not UTF-8")]) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MalformedFileError(path, [Problem(line, "file", f"{_what(path, text)}: {error.problem or error.context}")]) from error
    except (YAMLError, RecursionError) as error:
        raise MalformedFileError(path, [Problem(1, "file", f"{_what(path, text)}: {error}")]) from error
    return YamlFile(path, value, reading.lines)


def _what(path: Path, text: bytes) -> str:
    """What a file that cannot be read is not: by its name, else by how it begins."""
    if path.suffix == ".json":
        return "not JSON"
    return "neither JSON nor YAML" if text.lstrip().startswith(b"{") else "not YAML"


def typed(file: YamlFile, model: type[Model]) -> Model:
    """The file as the model reads it: text becomes numbers, dates and so on where the model says so.

    Raises:
        MalformedFileError: every field that the model does not take, with its line.

    """
    try:
        return model.model_validate(file.value, strict=False)
    except ValidationError as error:
        raise MalformedFileError(file.path, problems_of(file, error)) from error


def problems_of(file: YamlFile, error: ValidationError) -> list[Problem]:
    """What a model found wrong, each with the line of its field."""
    return [file.problem(_place(file, each["loc"]), _said(each["msg"])) for each in error.errors(include_url=False, include_input=False)]


def pence(text: str) -> int:
    """Whole pence of an amount such as ``£1,234,567.89`` or ``-£300``.

    Raises:
        MisusedError: it is none.

    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        message = f"{text!r} is no amount: write £1,234,567.89 or £300 (quoted where commas would separate items)"
        raise MisusedError(message)
    sign, pounds, rest = found.groups()
    return int(f"{sign}{pounds.replace(',', '')}{rest or '00'}")


class _Reading:
    """One pass over the nodes of a file: values, and where each stood."""

    def __init__(self, path: Path, words: Callable[[str], str]) -> None:
        self.path, self.words, self.lines = path, words, dict[Path_, int]()

    def value(self, node: Node, place: Path_) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.value(each, (*place, index)) for index, each in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, place)
        raise MalformedFileError(self.path, [self._problem(node, place, "not a mapping, a list or text")])

    def _mapping(self, node: MappingNode, place: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, each in node.value:
            if not isinstance(key, ScalarNode) or key.value in found:
                what = f"{key.value!r} stands twice" if isinstance(key, ScalarNode) else "a key must be text"
                raise MalformedFileError(self.path, [self._problem(key, place, what)])
            name = self.words(key.value)
            found[name] = self.value(each, (*place, name))
            self.lines[*place, name] = key.start_mark.line + 1
        return found

    def _scalar(self, node: ScalarNode, place: Path_) -> str | int | None:
        if node.style is None and node.value in {"null", "~", ""}:
            return None
        text = self.words(str(node.value))
        if not text.startswith(("£", "-£")) or (node.style and not _AMOUNT.fullmatch(text)):
            return text
        try:
            return pence(text)
        except MisusedError as error:
            raise MalformedFileError(self.path, [self._problem(node, place, str(error))]) from error

    def _problem(self, node: Node, place: Path_, what: str) -> Problem:
        return Problem(node.start_mark.line + 1, ".".join(map(str, place)) or "file", what)


def _place(file: YamlFile, found: tuple[str | int, ...]) -> Path_:
    """The place that a model's error means: names of union members, which are no keys of the file, are left out."""
    place: Path_ = ()
    for index, step in enumerate(found):
        if (*place, step) in file.lines or index == len(found) - 1:
            place = (*place, step)
    return place


def _said(message: str) -> str:
    return message[:1].lower() + message[1:]
