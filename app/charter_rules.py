"""What must hold inside an organisation's files besides their shape: each name that is used is defined, dates make sense."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import get_args

from app import people_rules
from app.errors import Problem
from app.yaml_file import Path_, YamlFile
from domain.approval import UNMANDATED
from domain.grant import WORDS
from domain.groups import differing, members
from domain.model import COMMANDS, SYSTEM
from domain.organisation import Charter, Cover, Holding, Office
from domain.policy import SUPERIOR, SchemeEdition
from domain.scheme_check import Member
from domain.scheme_holes import KINDS, VERBS

FUNDER = "funder"
"""The one party that a duty can be owned by besides an office."""

OWN_ACTS = frozenset({*(each.__name__ for each in get_args(UNMANDATED)), "AskAccess", "ReportAccess"})
"""The acts that no mandate gives: steps follow from the rules of the scheme, an interest is its person's; whoever holds an office
asks for access, and its report is a duty's."""

NOBODY_ABOVE = "{ladder} escalates to the superior of {office}, which has none"

Fault = tuple[YamlFile, Path_, str]


@dataclass(frozen=True)
class Written:
    """The files of one organisation as written, for the lines of what is wrong in them."""

    folder: str
    head: YamlFile
    offices: YamlFile
    duties: YamlFile
    schemes: Sequence[YamlFile]
    boards: YamlFile | None = None


def problems(written: Written, charter: Charter, people: Sequence[str]) -> Iterator[tuple[YamlFile, list[Problem]]]:
    """Each file that has faults, with all of them in order of their lines; what others build on comes first."""
    faults = [
        *_head(written, charter),
        *_offices(written, charter),
        *_people(written, charter, people),
        *_cover(written, charter),
        *((written.offices, *each) for each in people_rules.faults(charter, people)),
        *_duties(written, charter),
        *_boards(written, charter),
        *_schemes(written, charter),
    ]
    for file in (written.head, written.offices, written.duties, *([written.boards] if written.boards else []), *written.schemes):
        if found := [file.problem(place, what) for of, place, what in faults if of is file]:
            yield file, sorted(found, key=lambda each: each.line)


def _head(written: Written, charter: Charter) -> Iterator[Fault]:
    if charter.organisation != written.folder:
        yield written.head, ("organisation",), f"the folder is named {written.folder}, not {charter.organisation}"


def _offices(written: Written, charter: Charter) -> Iterator[Fault]:
    offices = {each.office: each for each in charter.offices}
    for index, each in enumerate(charter.offices):
        if any(each.office == earlier.office for earlier in charter.offices[:index]):
            yield written.offices, ("offices", index, "office"), f"{each.office} stands twice"
        if each.office == SUPERIOR:
            yield written.offices, ("offices", index, "office"), f"no office is named {SUPERIOR}: a ladder calls so the one above"
        if each.superior and each.superior not in offices:
            yield written.offices, ("offices", index, "superior"), f"there is no office {each.superior}"
        if _above(each, offices):
            yield written.offices, ("offices", index, "superior"), f"{each.office} would stand above itself"


def _above(office: Office, offices: dict[str, Office]) -> bool:
    seen, above = {office.office}, office.superior
    while above in offices and above not in seen:
        seen.add(above)
        above = offices[above].superior
    return above == office.office


def _people(written: Written, charter: Charter, people: Sequence[str]) -> Iterator[Fault]:
    offices = {each.office for each in charter.offices}
    for index, person in enumerate(people):
        if person in people[:index]:
            yield written.offices, ("people", index, "person"), f"{person} stands twice"
    kinds: tuple[tuple[str, tuple[Holding | Cover, ...]], ...] = (("holdings", charter.holdings), ("cover", charter.cover))
    for kind, rows in kinds:
        for index, each in enumerate(rows):
            if each.office not in offices:
                yield written.offices, (kind, index, "office"), f"there is no office {each.office}"
            if each.person not in people:
                yield written.offices, (kind, index, "person"), f"there is no person {each.person}"
            if each.last is not None and each.last < each.first:
                yield written.offices, (kind, index, "last"), "lies before the first day"


def _cover(written: Written, charter: Charter) -> Iterator[Fault]:
    for index, cover in enumerate(charter.cover):
        if not any((each.person, each.office) == (cover.principal, cover.office) for each in charter.holdings):
            yield written.offices, ("cover", index, "principal"), f"{cover.principal} never holds the office {cover.office}"
        for act in cover.acts:
            if act not in COMMANDS:
                yield written.offices, ("cover", index, "acts"), f"there is no command {act}"


def _duties(written: Written, charter: Charter) -> Iterator[Fault]:
    offices = {each.office for each in charter.offices}
    ladders = {each.ladder for each in charter.policy.ladders}
    for index, ladder in enumerate(charter.policy.ladders):
        for step, rung in enumerate(ladder.rungs):
            if rung.to and rung.to not in offices | {SUPERIOR}:
                yield written.duties, ("ladders", index, "rungs", step, "to"), f"there is no office {rung.to}"
    for index, duty in enumerate(charter.policy.duties):
        if duty.owner not in offices | {FUNDER, SYSTEM}:
            yield written.duties, ("duties", index, "owner"), f"there is no office {duty.owner}"
        if (duty.part, duty.duty) not in WORDS:
            yield written.duties, ("duties", index, "duty"), f"{duty.part} owes no duty {duty.duty}"
        if duty.ladder and duty.ladder not in ladders:
            yield written.duties, ("duties", index, "ladder"), f"there is no ladder {duty.ladder}"
        if duty.owner in offices and _chased_above(duty.owner, duty.ladder, charter):
            yield written.duties, ("duties", index, "ladder"), NOBODY_ABOVE.format(ladder=duty.ladder, office=duty.owner)


def _chased_above(office: str, ladder: str | None, charter: Charter) -> bool:
    """Whether a ladder escalates above an office that stands above all others."""
    found = charter.policy.ladder(ladder) if ladder else None
    escalates = found is not None and any(rung.to == SUPERIOR for rung in found.rungs)
    return escalates and next(each.superior for each in charter.offices if each.office == office) is None


def _boards(written: Written, charter: Charter) -> Iterator[Fault]:
    offices, boards = {each.office for each in charter.offices}, charter.policy.boards
    for index, each in enumerate(boards if written.boards else ()):
        file = written.boards or written.head
        if each.board in {*offices, *(earlier.board for earlier in boards[:index])}:
            yield file, ("boards", index, "board"), f"{each.board} is the name of another board, or of an office"
        if each.secretary not in offices:
            yield file, ("boards", index, "secretary"), f"there is no office {each.secretary}"
        for meeting, day in enumerate(each.meetings):
            if day in each.meetings[:meeting]:
                yield file, ("boards", index, "meetings", meeting), f"the meeting of {day} stands twice"


def _schemes(written: Written, charter: Charter) -> Iterator[Fault]:
    for file, scheme in zip(written.schemes, charter.policy.schemes, strict=True):
        if scheme.last and scheme.last < scheme.first:
            yield file, ("last",), "lies before the first day"
        yield from _rules(file, scheme, charter)
        yield from _conditions(file, scheme, charter)
        yield from _groups(file, scheme)
        yield from _urgency(file, scheme, charter)
        yield from _mandates(file, scheme, charter)
        yield from ((file, *each) for each in people_rules.pair_faults(scheme))
    for (_, one), (file, other) in combinations(zip(written.schemes, charter.policy.schemes, strict=True), 2):
        if (one.last is None or other.first <= one.last) and (other.last is None or one.first <= other.last):
            yield file, ("first",), f"overlaps the edition {one.edition}"


def _rules(file: YamlFile, scheme: SchemeEdition, charter: Charter) -> Iterator[Fault]:
    offices = {each.office for each in charter.offices}
    for index, rule in enumerate(scheme.rules):
        if rule.office not in offices:
            yield file, ("rules", index, "office"), f"there is no office {rule.office}"
        if charter.policy.ladder(rule.ladder) is None:
            yield file, ("rules", index, "ladder"), f"there is no ladder {rule.ladder}"
        if rule.office in offices and _chased_above(rule.office, rule.ladder, charter):
            yield file, ("rules", index, "ladder"), NOBODY_ABOVE.format(ladder=rule.ladder, office=rule.office)
        board = charter.policy.board(rule.board) if rule.board else None
        if rule.board and board is None:
            yield file, ("rules", index, "board"), f"there is no board {rule.board}"
        if board and rule.office != board.secretary:
            yield file, ("rules", index, "office"), f"the minutes of {board.board} are its secretary's: {board.secretary}"
        for office in rule.stand_in:
            if office not in offices or office == rule.office:
                yield file, ("rules", index, "stand_in"), f"there is no other office {office}"


def _conditions(file: YamlFile, scheme: SchemeEdition, charter: Charter) -> Iterator[Fault]:
    known = {"boards": {each.board for each in charter.policy.boards}, "verbs": set(VERBS), "instruments": set(KINDS)}
    for index, rule in enumerate(scheme.rules):
        named = {"boards": rule.when.boards, "verbs": rule.when.verbs, "instruments": rule.when.instruments}
        for field, names in named.items():
            for name in names or ():
                if name not in known[field]:
                    yield file, ("rules", index, "when", field), f"there is no {field.removesuffix('s')} {name}"


def _groups(file: YamlFile, scheme: SchemeEdition) -> Iterator[Fault]:
    for group, of_it in members(Member(rule) for rule in scheme.rules).items():
        what, size = differing(of_it), len({each.whose for each in of_it})
        for index, rule in enumerate(scheme.rules):
            if rule.group == group and what:
                yield file, ("rules", index, "group"), f"the steps of {group} differ in their {what}"
            if rule.group == group and rule.quorum and rule.quorum > size:
                yield file, ("rules", index, "quorum"), f"{group} has only {size}"


def _urgency(file: YamlFile, scheme: SchemeEdition, charter: Charter) -> Iterator[Fault]:
    offices = {each.office for each in charter.offices}
    for index, urgent in enumerate(scheme.urgency):
        if urgent.office not in offices:
            yield file, ("urgency", index, "office"), f"there is no office {urgent.office}"
        if urgent.limit_pence is None:
            yield file, ("urgency", index, "limit_pence"), "a blank limit decides nothing"


def _mandates(file: YamlFile, scheme: SchemeEdition, charter: Charter) -> Iterator[Fault]:
    offices = {each.office for each in charter.offices}
    for index, mandate in enumerate(scheme.mandates):
        command = COMMANDS.get(mandate.act)
        if command is None or command.kind != "act" or mandate.act in OWN_ACTS:
            yield file, ("mandates", index, "act"), f"{mandate.act} is no act that a mandate allows"
        for office in mandate.offices:
            if office not in offices:
                yield file, ("mandates", index, "offices"), f"there is no office {office}"
