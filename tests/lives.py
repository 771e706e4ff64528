"""A case lived by the rules alone: no server, no database. For specs of the whole grant, beside the plays on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from app import organisations as described
from app.case_file import Case, Step, read_case
from domain import grant as grants
from domain.grant import Grant
from domain.messages import CommandRefused
from domain.model import SYSTEM, By, Command, Decision, Event, Past, Refusal, past_of_new
from domain.obligations import Obligation, decide_moment
from domain.organisation import Organisation
from domain.outlook import Outlook

CASES = Path(__file__).parent.parent / "cases"
TODAY = date(2026, 11, 22)
SEALED = "v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""What stands for sealed content where no vault is: no rule reads it."""


@dataclass(frozen=True)
class Lived:
    """One step of a life: what was asked, what became of it, and the grant before and after it."""

    step: Step
    command: Command
    decision: Decision
    before: Grant
    after: Grant
    pasts: tuple[Past, ...]
    owed: tuple[Obligation, ...]


def organisation_of(name: str) -> Organisation:
    charter = described.load(name).charter
    return Organisation(stream=f"organisation/{name}", version=1, charter=charter, digest=described.digest(charter))


def case_of(name: str) -> Case:
    return read_case(CASES / f"{name}.yaml", TODAY)


def live(case: Case, organisation: Organisation) -> Iterator[Lived]:
    """Every step in order, with the moments that fall due before it."""
    grant, seen = Grant(stream=f"grant/{case.grant}"), dict[str, Grant]()
    for step in case.steps:
        body, start = case.body_of(step), grant
        content = grants.content(body, seen.get(step.saw or "current", grant)) if type(body).binds else None
        command = case.command_of(step, content).model_copy(update={"sealed": SEALED if step.sealed else None})
        at = grants.instant_of(command, grant, step.at or datetime.combine(TODAY, datetime.min.time(), UTC))
        grant, pasts = pass_moments(grant, organisation, at)
        decision = grants.decide(command, grant, organisation, at)
        events: tuple[Event, ...] = (CommandRefused(type=command.type, **decision.model_dump()),) if isinstance(decision, Refusal) else decision
        by = By(actor=command.actor, on_behalf_of=command.on_behalf_of, now=at, content=None, command=command.id)
        before = grant
        grant, more = add(grant, events, by)
        after_moments, trailing = pass_moments(grant, organisation, at)
        grant = after_moments
        seen[step.step] = grant
        yield Lived(step, command, decision, before if before is not start else start, grant, (*pasts, *more, *trailing), Outlook(grant, organisation).owed)


def add(grant: Grant, events: tuple[Event, ...], by: By) -> tuple[Grant, tuple[Past, ...]]:
    pasts = []
    for event in events:
        pasts.append(past_of_new(event, grant.stream, grant.version + 1, by))
        grant = grants.evolve(grant, pasts[-1])
    return grant, tuple(pasts)


def pass_moments(grant: Grant, organisation: Organisation, upto: datetime) -> tuple[Grant, tuple[Past, ...]]:
    passed: tuple[Past, ...] = ()
    while grant.opening.opened and (due := Outlook(grant, organisation).due_by(upto)):
        moment = due.next or upto
        at = max(moment, grant.recorded or moment) if grant.clock == "rehearsal" else upto
        by = By(actor=SYSTEM, on_behalf_of=None, now=at, content=None, command=due.moment_id)
        grant, pasts = add(grant, decide_moment(due, grant, organisation, at), by)
        passed += pasts
        still = Outlook(grant, organisation).due_by(moment)
        assert still is None or still.moment_id != due.moment_id, due.moment_id
    return grant, passed
