"""Write docs/commands.md, docs/events.md and docs/refusals.md from what the rooms of the domain have registered."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import activities
import domain
from domain.model import COMMANDS, EVENTS, RULES, CommandBody, Event, Frozen
from domain.organisation import AdoptOrganisation

DOCS = Path(__file__).resolve().parent.parent / "docs"
BY_MACHINE = "Written by `make docs` from the code; a test compares. Do not edit."


def load() -> None:
    """Import every room, and whatever else has rules, so that all is registered."""
    for package in (domain, activities):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")


def pages() -> dict[Path, str]:
    """Each page's text, by its place."""
    load()
    return {DOCS / "commands.md": _commands(), DOCS / "events.md": _events(), DOCS / "refusals.md": _refusals()}


def _commands() -> str:
    intro = (
        "What can be asked. A *fact* happened in the world and is always recorded; an *act* needs our authority now and may be refused.\n"
        "A command that *binds* needs `content`, the digest of what its sender saw; `grants do` takes `content: current` for it as it stands.\n"
        "How values are written: [cases.md](cases.md#how-values-are-written). Parts with a name of their own, as Line or Item, are at the end."
    )
    return _page("Commands", intro, (*_rooms(COMMANDS.values(), _command), "## Parts", *_parts()))


def _parts() -> Iterator[str]:
    """Every named part of a command's body, but for those of an organisation, which its files give."""
    found: dict[str, dict[str, Any]] = {}
    for command in COMMANDS.values():
        if command is not AdoptOrganisation:
            found |= command.model_json_schema().get("$defs", {})
    for name, schema in sorted(found.items()):
        explained = str(schema.get("description", "")).replace("``", "`")
        yield f"### {name}\n\n{explained}\n\n{_listed(schema['properties'], set(schema.get('required', ())))}"


def _command(command: type[CommandBody]) -> str:
    kind = f"{command.kind}, binds" if command.binds else command.kind
    bases = (base for base in command.__mro__[1:] if issubclass(base, Frozen) and not issubclass(base, CommandBody) and base is not Frozen)
    explained = "\n\n".join((inspect.getdoc(each) or "").replace("``", "`") for each in (command, *bases))
    return f"### {command.__name__} ({kind})\n\n{explained}\n\n{_fields(command)}"


def _events() -> str:
    intro = (
        "What has happened: the wire names below stand in the record for ever. The quoted line is the event's words in every history.\n"
        "It counts from the instant it was recorded, unless a field is named that states when it counts in the world."
    )
    return _page("Events", intro, _rooms(EVENTS.values(), _event))


def _event(event: type[Event]) -> str:
    version = f", version {event.version}" if event.version > 1 else ""
    counts = f" Counts from `{event.effective_field}`." if event.effective_field else ""
    return f"### `{event.wire}`{version}\n\n> {event.said}\n\n{_first_line(event)}{counts}\n\n{_fields(event)}"


def _refusals() -> str:
    intro = (
        "Why an act can be refused, and what to do then: the code is stable; the words are filled with names, days and sums.\n"
        "Each answer also names the offices that could act, where there are any."
    )
    rows = [f"| `{code}` | {_cell(rule.words)} | {_cell(rule.remedy)} | {_cell(rule.source)} |" for code, rule in sorted(RULES.items())]
    return _page("Refusals", intro, ["\n".join(["| code | the rule in words | what to do | source |", "| --- | --- | --- | --- |", *rows])])


def _rooms(entries: Iterable[Any], words: Callable[[Any], str]) -> Iterator[str]:
    ordered = sorted(entries, key=lambda entry: entry.__module__)
    for module, of_room in groupby(ordered, key=lambda entry: entry.__module__):
        yield f"## {module.removeprefix('domain.').capitalize()}"
        yield from (words(entry) for entry in of_room)


def _fields(model: type[Frozen]) -> str:
    properties = model.model_json_schema().get("properties", {})
    if not properties:
        return "No fields."
    return _listed(properties, {name for name, field in model.model_fields.items() if field.is_required()})


def _listed(properties: dict[str, dict[str, Any]], needed: set[str]) -> str:
    return "\n".join(f"- `{name}`: {_form(schema)}{'' if name in needed else _left_out(schema)}" for name, schema in properties.items())


def _left_out(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return f" (left out: `{json.dumps(default).strip(chr(34))}`)" if isinstance(default, bool | int | str) else " (may be left out)"


def _form(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "anyOf" in schema:
        return " or ".join(_form(each) for each in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_form(schema.get('items', {}))}"
    if schema.get("type") == "object":
        values = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        return f"object of {_form(values)}" if isinstance(values, dict) else "object"
    written = f" ({schema['description']})" if "description" in schema else ""
    return f"{schema.get('format') or schema.get('type') or 'value'}{written}"


def _first_line(model: type[Frozen]) -> str:
    return (inspect.getdoc(model) or "").split("\n\n")[0].replace("\n", " ").replace("``", "`")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _page(title: str, intro: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", BY_MACHINE, intro, *parts]) + "\n"


if __name__ == "__main__":
    for place, text in pages().items():
        place.write_text(text)
        print(place.relative_to(DOCS.parent))
