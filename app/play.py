"""Playing a case: every step goes through Temporal, its outcome is read from the record and held against what the case expects.

A second play of the same case sends the same commands under the same ids, so it repeats outcomes and adds nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from app import organisations
from app.case_file import CURRENT, Case, Refused, Step, read_case
from app.errors import GrantsError, UndecidedError
from app.gateway import Gateway, split
from app.outcomes import Outcome
from app.reader import Reader
from domain.calendar import day_of
from domain.grant import content
from domain.messages import CommandRefused
from domain.model import Command
from domain.organisation import OrganisationAdopted
from store.folds import fold_grant
from workflows.names import stream_of


class NotAsExpectedError(GrantsError):
    """Raised when what came of a step is not what its case expects; the play of that case ends there."""


@dataclass(frozen=True)
class Played:
    """A step, and what came of it, as expected."""

    step: Step
    outcome: Outcome


def case_at(path: Path, reader: Reader) -> Case:
    """The case in a file; where its grant is open already, "today" stays the day on which it was opened.

    Raises:
        NotFoundError, MalformedFileError: as ``read_case``.

    """
    today, people = day_of(datetime.now(UTC)), partial(_people, reader)
    case = read_case(path, today, people)
    opened = _opened_on(case, reader)
    return case if opened in (None, today) else read_case(path, opened or today, people)


async def play(case: Case, gateway: Gateway, reader: Reader) -> AsyncIterator[Played]:
    """The steps of a case, one after the other, each as soon as its outcome stands in the record.

    Raises:
        NotAsExpectedError: something else came of a step than the case expects.
        UndecidedError: nothing came of it in time.
        UnavailableError: the Temporal server cannot be reached.

    """
    gateway = gateway.unlimited
    for step in case.steps:
        parts = split(gateway.sealed(case.command_of(step, content_seen(case, step, reader)), step.sealed))
        outcomes = [await _played(case, step, part, gateway) for part in parts]
        yield Played(step, outcomes[-1])


async def _played(case: Case, step: Step, command: Command, gateway: Gateway) -> Outcome:
    outcome = await gateway.submit(command)
    if outcome is None:
        message = f"{case.case}, step {step.step}: received, not yet decided ({command.id}); play the case again"
        raise UndecidedError(message)
    _hold(case, step, outcome)
    return outcome


def content_seen(case: Case, step: Step, reader: Reader) -> str | None:
    """The digest of what the actor of a step saw: as the grant stood just before, or after the step that it names."""
    if step.saw is None:
        return None
    stream, own = stream_of(case.grant), case.id_of(step.step)
    pasts = [line.past for line in reader.lines(stream)]
    upto = next((past.version - 1 for past in pasts if past.command == own), len(pasts))
    if step.saw != CURRENT:
        upto = max((past.version for past in pasts if past.command == case.id_of(step.saw)), default=upto)
    return content(case.body_of(step), fold_grant(stream, pasts[:upto]))


def _hold(case: Case, step: Step, outcome: Outcome) -> None:
    expected, came = step.expect, _as_expectation(outcome)
    if expected == came:
        return
    message = f"{case.case}, step {step.step}: expected {_said(expected)}; came {_said(came)}: {outcome.summary}"
    raise NotAsExpectedError(message)


def _as_expectation(outcome: Outcome) -> Refused | str:
    match outcome.last:
        case CommandRefused(code=code, who_could=who_could, source=source):
            return Refused(refused=code, who_could=who_could, source=source)
        case _:
            return outcome.kind


def _said(expected: Refused | str) -> str:
    if isinstance(expected, str):
        return expected
    could = f", {' or '.join(expected.who_could)} could" if expected.who_could else ""
    return f"refused {expected.refused} ({expected.source}{could})"


def _people(reader: Reader, organisation: str) -> frozenset[str]:
    """Whom an organisation's folder names, and whoever held an office in it or stood in for one, by any charter in the record."""
    bodies = (line.past.body for line in reader.lines(f"organisation/{organisation}"))
    charters = [each.charter for each in bodies if isinstance(each, OrganisationAdopted)]
    held = {each.person for charter in charters for each in charter.holdings}
    return organisations.people(organisation).union(held, (each.person for charter in charters for each in charter.cover))


def _opened_on(case: Case, reader: Reader) -> date | None:
    lines = reader.lines(stream_of(case.grant))
    first = next((line.past for line in lines if line.past.command == case.id_of(case.steps[0].step)), None)
    return day_of(first.recorded) if first else None
