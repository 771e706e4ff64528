"""The life of a grant as a picture: the parts, the duties of each in its own words, and the events that each duty begins with.

Which event a duty begins with is not written down anywhere: it is what the rules answer. So every case is lived by the rules
alone, and after each event it is looked at which duties are new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.drawing import Box, Column, Line, Picture
from domain import grant as grants
from domain.chasing import DutyReminded
from domain.grant import ROOMS, Grant
from domain.model import Past, said
from domain.organisation import Organisation
from tests.lives import CASES, case_of, live, organisation_of
from workflows.lifecycle import LIFE, Part

Begun = dict[tuple[str, str], dict[str, str]]
"""For each duty, by part and name: the events that it began with, each with the part that it is of; what any part raises counts as the duty's own."""

TITLE = "The life of a grant"
DESCRIPTION = (
    "Its parts, from left to right as one leads on to another, and the duties of each. Below a duty stand the events that it begins with in the lives that "
    "come with the program; an arrow: an event of one part begins a duty of the other."
)


def begun() -> Begun:
    """With which events each duty begins, in every life that comes with us."""
    found: Begun = {}
    for path in sorted(CASES.rglob("*.yaml")):
        case = case_of(str(path.relative_to(CASES).with_suffix("")))
        organisation = organisation_of(case.organisation)
        pasts = (past for each in live(case, organisation) for past in each.pasts)
        for duty, wire, room in _began(Grant(stream=f"grant/{case.grant}"), organisation, pasts):
            found.setdefault(duty, {})[wire] = room
    return {duty: dict(sorted(events.items())) for duty, events in sorted(found.items())}


def _began(grant: Grant, organisation: Organisation, pasts: Iterable[Past]) -> Iterable[tuple[tuple[str, str], str, str]]:
    owed: set[tuple[str, str, str]] = set()
    for past in pasts:
        grant = grants.evolve(grant, past)
        if isinstance(past.body, DutyReminded) or grant.opening.policy is None:
            continue
        room = next((name for name, each in ROOMS.items() if isinstance(past.body, each.Happened)), None)
        now = {(each.part, each.name, each.subject) for each in grants.duties(grant, organisation)}
        yield from (((part, name), past.body.wire, room or part) for part, name, _ in sorted(now - owed))
        owed = now


def picture(found: Begun) -> Picture:
    """The parts in columns: each right of those whose events lead on to it, side by side in the order in which the life is told."""
    names = [part.name for part in LIFE]
    leads = sorted({(room, part) for (part, _), events in found.items() for room in events.values() if room != part and room in names}, key=_order(names))
    depth = _depths(names, leads)
    columns = [Column(_heading(place), tuple(_box(part, found) for part in LIFE if depth[part.name] == place)) for place in sorted(set(depth.values()))]
    return Picture(TITLE, DESCRIPTION, tuple(columns), tuple(leads))


def _order(names: list[str]) -> Any:
    return lambda lead: (names.index(lead[0]), names.index(lead[1]))


def _depths(names: list[str], leads: list[tuple[str, str]]) -> Mapping[str, int]:
    """How many parts come before each on the longest way to it; a way that came back to its beginning would be cut."""
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for one, other in leads:
            depth[other] = min(max(depth[other], depth[one] + 1), len(names) - 1)
    return depth


def _heading(place: int) -> str:
    return "Begins by itself" if place == 0 else "Then" if place == 1 else "And then"


def _box(part: Part, found: Begun) -> Box:
    lines: list[Line] = []
    for number, duty in enumerate(part.duties):
        lines.append(Line(said(duty.words, {"owner": "…", "subject": "…"}), apart=number > 0))
        if events := found.get((part.name, duty.name)):
            lines.append(Line(f"after {', '.join(events)}", quiet=True))
    return Box(part.name, part.name.capitalize(), tuple(lines))
