"""One command as a person writes it: JSON as it will be signed, or YAML as cases have it; what can be left out is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.case_file import CURRENT
from app.errors import MalformedFileError, Problem
from app.ids import uuid7
from app.part_two import PART_TWO, PartTwo
from app.written_commands import WRITTEN
from app.yaml_file import YamlFile, parse_yaml, problems_of
from domain import evidence
from domain.model import Command, CommandBody

_NAMED = ": the grant that it is for, here or with --grant"

Content = Callable[[str, CommandBody], str | None]
"""The digest of what a binding command binds as it stands now, in the grant named; null: there is nothing of that name."""

Seal = Callable[[Command, PartTwo], Command]
"""The command with a Part 2, sealed."""


def command_of(path: Path, text: bytes, grant: str | None, content: Content, seal: Seal, named: str | None = None) -> Command:
    """The command that a file says. ``grant`` is the one it goes to; null: the file names it.

    Left out, the id is ``named`` (null: it is made) and everything else is null. ``content: current`` stands for the digest as it is now. What
    stands under ``sealed`` is its Part 2, in plain words: no command is made of it but a sealed one.

    Raises:
        MalformedFileError: what is wrong in it, each with its line and field.

    """
    file = parse_yaml(path, text)
    if not isinstance(file.value, dict):
        raise MalformedFileError(path, [Problem(1, "file", "a command is a mapping: type, actor, body, …")])
    written = _from_json(file, text) if text.lstrip().startswith(b"{") else file.value
    stated = {name: each for name, each in written.items() if name != "grant" or each is not None}
    sent = {} if grant is None else {"grant": grant}
    filled = {"v": 1, "id": named or uuid7(), **sent, "on_behalf_of": None, "at": None, "content": None, "body": {}, "sealed": None, **stated}
    if grant is not None and filled["grant"] != grant:
        raise MalformedFileError(path, [file.problem(("grant",), f"names {filled['grant']}, but it is sent to {grant}")])
    saw_current, part_two = filled["content"] == CURRENT, _part_two(file, filled["sealed"])
    command = _typed(file, filled | {"content": None if saw_current else filled["content"], "sealed": None})
    body = _body(file, command)
    seen = content(command.grant, body) if saw_current else command.content
    whole = command.model_copy(update={"body": body.model_dump(mode="json", exclude_unset=True), "content": seen})
    return whole if part_two is None else seal(whole, part_two)


def _part_two(file: YamlFile, written: Any) -> PartTwo | None:
    if written is None:
        return None
    try:
        return PART_TWO.validate_python(written)
    except ValidationError as error:
        faults = problems_of(file.part(("sealed",)), error)
        raise MalformedFileError(file.path, [Problem(each.line, f"sealed.{each.field}", each.what) for each in faults]) from error


def _from_json(file: YamlFile, text: bytes) -> dict[str, Any]:
    """JSON says its own types: a number is a number, and a fraction is refused. What is no JSON at all is YAML in braces."""
    try:
        read: dict[str, Any] = evidence.read(text)
    except evidence.NotCanonicalError as error:
        if isinstance(error.__cause__, JSONDecodeError):
            return dict(file.value)
        raise MalformedFileError(file.path, [Problem(1, "file", str(error))]) from error
    return read


def _typed(file: YamlFile, filled: dict[str, Any]) -> Command:
    try:
        return Command.model_validate(filled, strict=False)
    except ValidationError as error:
        found = [replace(each, what=f"{each.what}{_NAMED}") if each.field == "grant" and "grant" not in filled else each for each in problems_of(file, error)]
        raise MalformedFileError(file.path, found) from error


def _body(file: YamlFile, command: Command) -> CommandBody:
    if command.type not in WRITTEN:
        raise MalformedFileError(file.path, [file.problem(("type",), f"there is no command {command.type}; grants schema lists them")])
    try:
        return WRITTEN[command.type].model_validate(command.body, strict=False)
    except ValidationError as error:
        within = file.part(("body",)) if "body" in file.value else file
        faults = problems_of(within, error)
        raise MalformedFileError(file.path, [Problem(each.line, f"body.{each.field}", each.what) for each in faults]) from error
