"""JSON Schema of what people write: cases, commands, signed messages. Made from the models, so it cannot fall behind them.

Our files are YAML whose scalars are text, so a number may stand as text and an amount as ``£1,234,567.89``.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from app.case_file import Case
from app.written_commands import WRITTEN
from domain.model import Command

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WHOLE = {"type": "string", "pattern": r"^-?([0-9]+|£[0-9]{1,3}(,[0-9]{3})*(\.[0-9]{2})?|£[0-9]+(\.[0-9]{2})?)$|^\{(today|year)"}
_TRUTH = {"enum": ["true", "false"]}


def case_schema() -> dict[str, Any]:
    """The schema of a case file: its own shape, and for each step the body that its command takes."""
    schema = _together(Case)
    steps = schema["$defs"]["Step"]
    steps["properties"]["command"] = {"enum": sorted(WRITTEN)}
    steps["allOf"] = _bodies("command")
    found: dict[str, Any] = _written({"$schema": DIALECT, "title": "Case", **schema})
    return found


def command_schema() -> dict[str, Any]:
    """The schema of one command, as ``grants do`` and ``grants sign`` read it; what they can fill in may be left out."""
    schema = _together(Command)
    schema["required"] = ["type", "actor"]
    schema["properties"]["type"] = {"enum": sorted(WRITTEN)}
    schema["properties"]["sealed"] = {
        "anyOf": [{"type": "object", "minProperties": 1}, {"type": "null"}],
        "title": "Part 2, in plain words: sealed before it is sent",
    }
    schema["allOf"] = _bodies("type")
    found: dict[str, Any] = _written({"$schema": DIALECT, "title": "Command", **schema})
    return found


def message_schema() -> dict[str, Any]:
    """The schema of a signed message: the payload of a signal (CONTRACT, Messages)."""
    text = {"type": "string"}
    return {
        "$schema": DIALECT,
        "title": "Message",
        "type": "object",
        "properties": {"command": {"type": "object"}, "key": text, "signature": text},
        "required": ["command", "key", "signature"],
    }


def _bodies(field: str) -> list[dict[str, Any]]:
    """For each type of command, named by ``field``, the body that it takes."""
    return [
        {"if": {"properties": {field: {"const": name}}}, "then": {"properties": {"body": {"$ref": f"#/$defs/{body.__name__}"}}}}
        for name, body in sorted(WRITTEN.items())
    ]


def _together(whole: type[Case | Command]) -> dict[str, Any]:
    """The schema of ``whole``, with those of all commands beside it."""
    _, schema = models_json_schema([(each, "validation") for each in (whole, *WRITTEN.values())], by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    return {**definitions.pop(whole.__name__), "$defs": definitions}


def _written(schema: Any) -> Any:
    """A schema that also takes numbers and truth values as text, as our files have them."""
    if isinstance(schema, list):
        return [_written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "integer":
        return {"anyOf": [{name: each for name, each in schema.items() if name != "default"}, _WHOLE]}
    if schema.get("type") == "boolean":
        return {"anyOf": [{"type": "boolean"}, _TRUTH]}
    return {name: _written(each) for name, each in schema.items()}
