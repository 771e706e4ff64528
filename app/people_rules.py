"""What must hold of an organisation's people in its files: absences, cover that goes in no circle, delegations, pairs of duties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.yaml_file import Path_
from domain import separation
from domain.model import COMMANDS
from domain.organisation import Charter, Cover
from domain.policy import SchemeEdition

Fault = tuple[Path_, str]
"""Where in its file something is wrong, and what."""


def faults(charter: Charter, people: Sequence[str]) -> Iterator[Fault]:
    """What is wrong with absences, cover and delegations, by their place in the file of offices."""
    yield from _absences(charter, people)
    yield from _circles(charter.cover)
    yield from _delegations(charter)


def pair_faults(scheme: SchemeEdition) -> Iterator[Fault]:
    """What is wrong with an edition's pairs, by their place in its file."""
    for index, pair in enumerate(scheme.pairs):
        if any(pair.pair == earlier.pair for earlier in scheme.pairs[:index]):
            yield ("pairs", index, "pair"), f"{pair.pair} stands twice"
        for name, act in (("one", pair.one), ("other", pair.other)):
            if act not in separation.ACTS:
                yield ("pairs", index, name), f"{act} is no act that a pair can name"
        if pair.one == pair.other:
            yield ("pairs", index, "other"), "a pair is of two acts"


def _absences(charter: Charter, people: Sequence[str]) -> Iterator[Fault]:
    for index, each in enumerate(charter.absences):
        if each.person not in people:
            yield ("absences", index, "person"), f"there is no person {each.person}"
        if each.last < each.first:
            yield ("absences", index, "last"), "lies before the first day"


def _circles(cover: Sequence[Cover]) -> Iterator[Fault]:
    """Whoever stands in for somebody cannot lean on them, directly or through others, on one and the same day."""
    for index, each in enumerate(cover):
        if each.person == each.principal:
            yield ("cover", index, "principal"), f"{each.person} cannot stand in for themselves"
        elif (day := _leads_back(each, cover, each.principal, (each.first, each.last), frozenset({index}))) is not None:
            yield (
                ("cover", index, "principal"),
                f"on {day} {each.person} would stand in for {each.principal}, who stands in for {each.person} (or for whoever does)",
            )


def _leads_back(start: Cover, cover: Sequence[Cover], reached: str, days: tuple[date, date], seen: frozenset[int]) -> date | None:
    """The first day on which cover leads from a person back to where it started; null: it never does."""
    for index, each in enumerate(cover):
        first, last = max(days[0], each.first), min(days[1], each.last)
        if each.person != reached or index in seen or last < first:
            continue
        if each.principal == start.person:
            return first
        if (found := _leads_back(start, cover, each.principal, (first, last), seen | {index})) is not None:
            return found
    return None


def _delegations(charter: Charter) -> Iterator[Fault]:
    offices = {each.office for each in charter.offices}
    mandated = {each.act for scheme in charter.policy.schemes for each in scheme.mandates}
    for index, each in enumerate(charter.delegations):
        if any(each.delegation == earlier.delegation for earlier in charter.delegations[:index]):
            yield ("delegations", index, "delegation"), f"{each.delegation} stands twice"
        if each.to not in offices:
            yield ("delegations", index, "to"), f"there is no office {each.to}"
        if each.last is not None and each.last < each.first:
            yield ("delegations", index, "last"), "lies before the first day"
        for act in each.acts:
            if act not in COMMANDS:
                yield ("delegations", index, "acts"), f"there is no command {act}"
            elif act not in mandated:
                yield ("delegations", index, "acts"), f"no edition of the scheme gives {act} to an office, which alone could delegate it"
