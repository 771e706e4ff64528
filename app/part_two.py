"""Part 2 in files and in views: how it is written before it is sealed, and what everybody may see of it: that it is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter

from domain import evidence
from domain.calendar import day_of, rfc3339
from domain.restricted import State

RESTRICTED = "restricted"
UNSEEN: Mapping[str, None] = {"digest": None, "kept": None, "dated": None, "received": None}
"""What a public view does not say of a restricted document."""


def _canonical(value: dict[str, Any]) -> dict[str, Any]:
    evidence.canonical(value)
    return value


PartTwo = Annotated[dict[str, Any], Field(min_length=1), AfterValidator(_canonical)]
"""What is to be sealed, as its writer has it: an object of text, whole numbers, truth values, lists and objects."""

PART_TWO: TypeAdapter[dict[str, Any]] = TypeAdapter(PartTwo)


def public(view: Any) -> Any:
    """A view as everybody may see it: of a document graded restricted nothing but that it exists, and its kind."""
    if isinstance(view, Mapping):
        hidden = UNSEEN if view.get("grade") == RESTRICTED and "kind" in view else {}
        said = {"said": f"a restricted document ({view['kind']})"} if hidden else {}
        return {name: None if name in hidden else public(each) for name, each in view.items()} | said
    return [public(each) for each in view] if isinstance(view, list | tuple) else view


def kept(state: State, as_of: date) -> list[dict[str, Any]]:
    """Every Part 2 recorded by the end of a London day: which command it came with, never what it says."""
    found = ((subject, each) for subject, each in state.kept.items() if day_of(each.recorded) <= as_of)
    return [{"subject": subject, "came_with": each.came_with, "recorded": rfc3339(each.recorded)} for subject, each in found]
