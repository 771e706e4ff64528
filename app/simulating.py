"""What a proposed edition of the scheme would have made of the papers that were submitted: every route that it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from app.errors import MisusedError, NotFoundError
from app.reader import Reader
from app.yaml_file import read_yaml, typed
from domain.drafting import PaperSubmitted
from domain.model import Refusal
from domain.organisation import Charter
from domain.policy import SchemeEdition
from domain.scheme import Route, Step, route
from workflows.names import stream_of

View = dict[str, Any]


def edition_of(path: Path) -> SchemeEdition:
    """The edition that a file describes, as one of an organisation's ``scheme-*.yaml``.

    Raises:
        NotFoundError, MalformedFileError: as ``read_yaml`` and ``typed``.

    """
    return typed(read_yaml(path), SchemeEdition)


def simulate(reader: Reader, edition: SchemeEdition, since: date, grant: str | None, organisation: str | None) -> View:
    """Every paper submitted on a London day or later, sent through the edition as if it had been in force, whatever days it states.

    A paper counts once for each time that it was submitted. ``grant`` null: all grants of the organisation.

    Raises:
        NotFoundError: no such grant, or no such organisation in the record.
        MisusedError: it cannot be told whose edition it is.

    """
    charter = _charter(reader, grant, organisation)
    changed, papers = [], 0
    for name, submitted in _submitted(reader, charter.organisation, grant):
        if submitted.dated >= since:
            papers += 1
            way = route(edition, submitted.asked, [each.office for each in charter.offices], submitted.dated, [each.board for each in charter.policy.boards])
            found = differences(submitted.route, way)
            if found:
                changed.append({"grant": name, "paper": submitted.paper, "dated": submitted.dated.isoformat(), "was": submitted.route.edition, **found})
    return {
        "organisation": charter.organisation,
        "edition": edition.edition,
        "since": since.isoformat(),
        "papers": papers,
        "unchanged": papers - len(changed),
        "changed": changed,
    }


def differences(was: Route, way: Route | Refusal) -> View:
    """What differs between a route that was laid and the one that would be: nothing where each office says the same in the same order."""
    if isinstance(way, Refusal):
        return {"added": [], "removed": [], "altered": [], "reordered": [], "refused": {"code": way.code, "why": way.why}}
    old, new = ({each.whose: each for each in laid.steps} for laid in (was, way))
    both = [whose for whose in new if whose in old]
    found: View = {
        "added": [_said(new[whose]) for whose in new if whose not in old],
        "removed": [_said(old[whose]) for whose in old if whose not in new],
        "altered": [f"{_said(old[whose])} becomes {_said(new[whose])}" for whose in both if _said(old[whose]) != _said(new[whose])],
        "reordered": [whose for whose in both if _before(old, whose, both) != _before(new, whose, both)],
    }
    return {**found, "refused": None} if any(found.values()) else {}


def _before(steps: dict[str, Step], whose: str, among: list[str]) -> set[str]:
    """Whose steps come before that one, of those that both routes have."""
    return {each for each in among if steps[each].order < steps[whose].order}


def _said(step: Step) -> str:
    """What a step is, less why: whose say, which, and where others may do instead."""
    return str(step.model_copy(update={"reasons": ()})).removesuffix(", because ")


def _charter(reader: Reader, grant: str | None, organisation: str | None) -> Charter:
    if grant is not None:
        found = reader.organisation_of(reader.grant(grant))
    else:
        known = reader.organisations()
        if organisation is None and len(known) != 1:
            message = f"The record has {len(known)} organisations ({', '.join(known)}): say whose edition it is with --organisation, or name a grant"
            raise MisusedError(message)
        found = reader.organisation(organisation or next(iter(known)))
    if found.charter is None:
        message = f"The record has no organisation {organisation}"
        raise NotFoundError(message)
    return found.charter


def _submitted(reader: Reader, organisation: str, only: str | None) -> Iterator[tuple[str, PaperSubmitted]]:
    for stream in [stream_of(only)] if only else reader.log.streams("grant/"):
        name = stream.removeprefix("grant/")
        lines = reader.lines(stream)
        papers = [line.past.body for line in lines if isinstance(line.past.body, PaperSubmitted)]
        if papers:
            opened = reader.grant(name).opening.opened
            if opened and opened.organisation == organisation:
                yield from ((name, each) for each in papers)
