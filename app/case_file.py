"""A case: the life of one grant as data, each fact marked with where it comes from (docs/cases.md).

Reading one gives typed commands; nothing is sent here. In a case on the real clock ``{today}`` and ``{today+14}`` stand
for dates, ``{year}``, ``{year-first}`` and ``{year-last}`` for the financial year of today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from app.errors import MalformedFileError, Problem
from app.part_two import PartTwo
from app.sums import NoSumError, total
from app.written_commands import WRITTEN
from app.yaml_file import Path_, YamlFile, problems_of, read_yaml, typed
from domain.calendar import StatedDate, year_of, year_window
from domain.model import Command, CommandBody, Frozen, GrantId, Identifier, Instant, Name, Text
from domain.opening import OpenGrant

CURRENT = "current"
"""What a step says that it ``saw`` when it acts on the content as it stands."""

Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]

_TOKEN = re.compile(r"\{(?:today(?:([+-])([0-9]{1,4}))?|(year|year-first|year-last))\}")


class CaseFact(Frozen):
    """One fact that the case rests on: what it says, its value (whole pence for an amount), and how it is known.

    ``source``: the paragraph of a stated fact, whose rule a policy is, why something is assumed. A derived fact gives its
    ``sum`` over other facts instead, and the value must come out.
    """

    fact: Word
    says: Text
    value: str | int | None = None
    mark: Literal["stated", "derived", "policy", "assumed"]
    source: Text | None = None
    sum: Name | None = None


class Refused(Frozen):
    """That a step is refused: the code, the offices that could have done it, and the source of the rule."""

    refused: Name
    who_could: tuple[Identifier, ...] = ()
    source: Name


class Step(Frozen):
    """One command of the life: who (``for``: on whose behalf) does what at which instant, and what must come of it.

    ``sealed`` is its Part 2, in plain words here and nowhere else: it is sealed before it is sent.
    """

    model_config = ConfigDict(populate_by_name=True)

    step: Word
    note: Text | None = None
    at: Instant | None = None
    by: Identifier
    on_behalf_of: Annotated[Identifier | None, Field(alias="for")] = None
    command: Name
    body: Annotated[dict[str, Any], Field(default_factory=dict)]
    sealed: PartTwo | None = None
    facts: Annotated[tuple[Word, ...], Field(min_length=1)]
    saw: Word | None = None
    expect: Literal["accepted"] | Refused = "accepted"


class Shown(Frozen):
    """A question about the grant that the demonstration answers: as effective on a date (null: today), as known at one (null: now)."""

    title: Name
    as_of: StatedDate | None = None
    known_at: StatedDate | None = None


class Case(Frozen):
    """A whole life: which grant of which organisation, the facts it rests on, and its steps in order.

    ``after`` names the cases that are played first where they are played together; ``show`` the questions, and ``decision``
    the paper or decision, that the demonstration prints of this grant.
    """

    case: Word
    title: Name
    about: Text | None = None
    grant: GrantId
    organisation: Identifier
    hypothetical: bool = False
    after: tuple[Word, ...] = ()
    show: tuple[Shown, ...] = ()
    decision: Identifier | None = None
    facts: tuple[CaseFact, ...]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    def command_of(self, step: Step, content: str | None) -> Command:
        """The command that a step sends, its Part 2 not sealed yet; ``content``: the digest of what its actor saw."""
        return Command(
            v=1,
            id=self.id_of(step.step),
            grant=self.grant,
            type=step.command,
            actor=step.by,
            on_behalf_of=step.on_behalf_of,
            at=step.at,
            content=content,
            body=self.body_of(step).model_dump(mode="json", exclude_unset=True),
            sealed=None,
        )

    def body_of(self, step: Step) -> CommandBody:
        """What a step asks for, typed."""
        return WRITTEN[step.command].model_validate(step.body, strict=False)

    def id_of(self, step: str) -> str:
        """The command id of a step: the same in every play, so that a second play repeats outcomes."""
        return f"{self.case}/{step}"


def read_case(path: Path, today: date, people: Callable[[str], frozenset[str]] = lambda _: frozenset()) -> Case:
    """The case in the file at ``path``; ``today`` is the London day that the tokens mean.

    ``people`` gives the people of an organisation, among whom every actor must be; nobody: they are not known here.

    Raises:
        NotFoundError: no such file.
        MalformedFileError: what is wrong in it, each with its line and field.

    """
    file = read_yaml(path, tokens(today))
    case = typed(file, Case)
    faults = [*_faults(case), *_strangers(case, people(case.organisation))]
    if found := sorted([*_bodies(file, case), *(file.problem(*fault) for fault in faults)], key=lambda each: each.line):
        raise MalformedFileError(path, found)
    return case


def tokens(today: date) -> Callable[[str], str]:
    """What fills ``{today}``, ``{today+14}``, ``{today-30}``, ``{year}``, ``{year-first}`` and ``{year-last}`` in a text."""
    year = year_of(today)
    of_year = {"year": year, "year-first": str(year_window(year).first), "year-last": str(year_window(year).last)}

    def fill(found: re.Match[str]) -> str:
        sign, days, word = found.groups()
        return of_year[word] if word else str(today + timedelta(days=int(f"{sign or '+'}{days or 0}")))

    return lambda text: _TOKEN.sub(fill, text)


def _bodies(file: YamlFile, case: Case) -> Iterator[Problem]:
    for index, step in enumerate(case.steps):
        if step.command not in WRITTEN:
            yield file.problem(("steps", index, "command"), f"there is no command {step.command}; grants schema lists them")
            continue
        try:
            case.body_of(step)
        except ValidationError as error:
            place: Path_ = ("steps", index, "body") if step.body else ("steps", index)
            yield from _below(file, place, error) if step.body else [file.problem((*place, "body"), problems_of(file, error)[0].what)]


def _below(file: YamlFile, place: Path_, error: ValidationError) -> Iterator[Problem]:
    for each in problems_of(file.part(place), error):
        yield Problem(each.line, ".".join(map(str, (*place, each.field))), each.what)


def _faults(case: Case) -> Iterator[tuple[Path_, str]]:
    yield from _fact_faults(case)
    yield from _step_faults(case)
    yield from _clock_faults(case)


def _fact_faults(case: Case) -> Iterator[tuple[Path_, str]]:
    values: dict[str, int] = {}
    for index, each in enumerate(case.facts):
        if each.fact in {earlier.fact for earlier in case.facts[:index]}:
            yield ("facts", index, "fact"), f"{each.fact} stands twice"
        if (each.sum is None) is (each.mark == "derived"):
            yield ("facts", index, "mark"), "a derived fact, and no other, gives its sum"
        if each.source is None and each.mark != "derived":
            yield ("facts", index, "mark"), f"a fact that is {each.mark} gives its source"
        if each.sum is not None and (fault := _sum_fault(each, values)):
            yield ("facts", index, "sum"), fault
        if (number := _number(each.value)) is not None:
            values[each.fact] = number


def _sum_fault(each: CaseFact, values: dict[str, int]) -> str | None:
    try:
        comes_out = total(each.sum or "", values)
    except NoSumError as error:
        return str(error)
    return None if comes_out == _number(each.value) else f"comes out as {comes_out}, not {each.value}"


def _number(value: str | int | None) -> int | None:
    return int(value) if isinstance(value, int) or (value and value.isdecimal()) else None


def _step_faults(case: Case) -> Iterator[tuple[Path_, str]]:
    facts = {each.fact for each in case.facts}
    before: set[str] = set()
    for index, each in enumerate(case.steps):
        if each.step in before:
            yield ("steps", index, "step"), f"{each.step} stands twice"
        for fact in each.facts:
            if fact not in facts:
                yield ("steps", index, "facts"), f"there is no fact {fact}"
        binds = each.command in WRITTEN and WRITTEN[each.command].binds
        if binds and each.saw is None:
            yield ("steps", index), f"{each.command} binds what its actor saw: say saw: current, or the step after which they saw it"
        if each.saw is not None and not binds:
            yield ("steps", index, "saw"), f"{each.command} binds no content"
        if each.saw not in before | {CURRENT, None}:
            yield ("steps", index, "saw"), f"there is no earlier step {each.saw}"
        before.add(each.step)


def _strangers(case: Case, people: frozenset[str]) -> Iterator[tuple[Path_, str]]:
    for index, each in enumerate(case.steps if people else ()):
        for field, person in (("by", each.by), ("for", each.on_behalf_of)):
            if person is not None and person not in people:
                yield ("steps", index, field), f"there is no person {person} in {case.organisation}"


def _clock_faults(case: Case) -> Iterator[tuple[Path_, str]]:
    opened = next((each.body.get("clock") for each in case.steps if each.command == OpenGrant.__name__), None)
    last: Instant | None = None
    for index, each in enumerate(case.steps):
        if opened == "rehearsal" and each.at is None:
            yield ("steps", index), "a step of a rehearsal says at which instant (at)"
        if opened == "real" and each.at is not None:
            yield ("steps", index, "at"), "a step on the real clock happens when it is played: leave at out"
        if each.at and last and each.at < last:
            yield ("steps", index, "at"), "lies before the step above it"
        last = each.at or last
