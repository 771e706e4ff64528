"""From what a person says of a paper to the command that says it: whose step is meant, over which content, at which instant.

Nothing is decided here: where only one step can be meant it is named, and whether it may be taken the rules answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from app.errors import MisusedError, NotFoundError
from app.ids import uuid7
from app.reader import Reader, today_of
from app.showing import instant
from app.step_asked import Answer, StepAsked
from domain.calendar import day_of
from domain.grant import Grant
from domain.model import Command
from domain.organisation import Organisation
from domain.steps import Paper

URGENTLY = "urgently"
"""The kind of a decision that the scheme's urgency rule gives, which is no step of a route."""


@dataclass(frozen=True)
class Meant:
    """The paper that a person means, the grant that it is of, and the office that they name (null: they name none).

    ``now`` is the instant by the grant's clock, ``at`` the one that the command states (both UTC; null: it states none).
    """

    grant: Grant
    organisation: Organisation
    paper: Paper
    office: str | None
    now: datetime
    at: datetime | None

    @property
    def content(self) -> str:
        """The digest of the paper as it stands."""
        return self.paper.content


def meant(reader: Reader, asked: StepAsked, now: datetime) -> Meant:
    """The paper that is meant; ``now`` is the real instant (UTC), a rehearsal stands where its last event left it.

    Raises:
        NotFoundError: no such grant, or no such paper in it.
        MisusedError: the instant cannot be read.

    """
    grant = reader.grant(asked.grant)
    papers = grant.approval.papers
    name, slash, office = asked.step.rpartition("/")
    paper = papers.get(asked.step) or papers.get(name)
    if paper is None:
        message = f"{asked.grant} has no paper {asked.step}; it has: {', '.join(papers) or 'none'}"
        raise NotFoundError(message)
    stated, today = instant(asked.at), today_of(grant, now)
    at = stated.astimezone(UTC) if stated else today if grant.clock == "rehearsal" else None
    own = office if slash and asked.step not in papers else None
    return Meant(grant, reader.organisation_of(grant), paper, own, at if at and grant.clock == "rehearsal" else now, at)


def command_of(found: Meant, asked: StepAsked, answer: Answer) -> Command:
    """The command that says the answer over the content that the person saw; without a digest, over the paper as it stands.

    Raises:
        MisusedError: several steps can be meant, or a value cannot be one.

    """
    body = {"paper": found.paper.id, **answer.body}
    if answer.says:
        body[answer.names] = found.office or _whose(found, asked, answer)
    try:
        return Command(
            v=1,
            id=uuid7(),
            grant=asked.grant,
            type=answer.command,
            actor=asked.person,
            on_behalf_of=asked.principal,
            at=found.at,
            content=asked.content or found.content,
            body=body,
            sealed=None,
        )
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False, include_input=False))
        message = f"That cannot be sent: {faults}"
        raise MisusedError(message) from error


def _whose(found: Meant, asked: StepAsked, answer: Answer) -> str:
    """Whose step is meant: the person's open one, else their only one, else the only one there is, which the rules then judge."""
    mine = _offices(found, asked)
    if URGENTLY in answer.says:
        return _only(found, asked, (_urgent(found, mine) or mine,), answer)
    if not found.paper.steps:
        return mine[0] if mine else found.paper.office
    steps = [each.step for each in found.paper.steps if each.step.says in answer.says]
    open_now = {step.whose for step, _ in found.paper.open_steps()}
    own = [each.whose for each in steps if not {each.office, *each.stand_in}.isdisjoint(mine)]
    return _only(found, asked, ([each for each in own if each in open_now], own, [each.whose for each in steps]), answer)


def _only(found: Meant, asked: StepAsked, choices: tuple[list[str], ...], answer: Answer) -> str:
    tier = next((each for each in choices if each), [])
    if len(tier) == 1:
        return tier[0]
    named = ", ".join(f"{found.paper.id}/{each}" for each in tier)
    which = f"several steps of {found.paper.id} can be meant; name one: {named}" if tier else f"nobody can {answer.words} {found.paper.id} on its route"
    message = f"{asked.principal or asked.person}: {which}"
    raise MisusedError(message)


def _offices(found: Meant, asked: StepAsked) -> list[str]:
    """The offices in which the person acts that day: their own, or those of the principal, first of all those that they cover."""
    day, charter = day_of(found.now), found.organisation.charter
    held = list(found.organisation.offices_of(asked.principal or asked.person, day))
    if asked.principal is None or charter is None:
        return held
    cover = [each for each in charter.cover if (each.person, each.principal) == (asked.person, asked.principal) and each.first <= day <= each.last]
    return [each for each in held if each in {one.office for one in cover}] or held


def _urgent(found: Meant, mine: list[str]) -> list[str]:
    scheme = found.grant.policy.scheme_on(day_of(found.now))
    return [each.office for each in (scheme.urgency if scheme else ()) if each.office in mine]
