"""From what a person says of a paper to the command that says it: whose step is meant, over which content, at which instant.

Nothing is decided here: where only one step can be meant it is named, and whether it may be taken the rules answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType

from pydantic import ValidationError

from app.errors import MisusedError, NotFoundError
from app.ids import uuid7
from app.reader import Reader, today_of
from app.showing import instant
from app.step_asked import Answer, StepAsked
from app.views import office_instead
from domain.calendar import day_of
from domain.entitled import open_to
from domain.grant import Grant
from domain.model import Command
from domain.organisation import Cover, Organisation
from domain.recusing import away
from domain.scheme import Says, Step
from domain.steps import Paper

ENOUGH = 8
"""Digits of a digest that are enough to say which content a person thinks of, where it is shown to them and they confirm it.

Nobody is bound by so few: whoever drafts a paper finds two versions of it that share them in a second.
"""

WHOLE = 64
"""Digits of a whole digest (SHA-256)."""

HEXADECIMAL = frozenset("0123456789abcdef")

URGENTLY = "urgently"
"""The kind of a decision that the scheme's urgency rule gives, which is no step of a route."""

VERBS: Mapping[Says, str] = MappingProxyType(
    {
        "advise": "`grants advise` or `grants endorse`",
        "gate": "`grants minute`",
        "decide": "`grants approve`, `grants decline`, `grants defer` or `grants note`",
    }
)
"""The verbs of the command line with which each kind of step is taken."""


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
        NotFoundError: no such grant, no such paper in it, or its organisation knows no such person.
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
    organisation = reader.organisation_of(grant)
    _known(organisation, asked, day_of(today))
    return Meant(grant, organisation, paper, own, at if at and grant.clock == "rehearsal" else now, at)


def _known(organisation: Organisation, asked: StepAsked, today: date) -> None:
    charter = organisation.charter
    if charter is None:
        return
    known = {each.person for each in charter.holdings} | {each.person for each in charter.cover}
    for person in (asked.person, asked.principal):
        if person is not None and person not in known:
            message = office_instead(person, organisation, today) or f"There is no person {person} in {charter.organisation}"
            raise NotFoundError(message)


def shortened(content: str | None) -> bool:
    """Whether what a person gives is only the beginning of a digest."""
    return content is not None and len(content) < WHOLE and not set(content) - HEXADECIMAL


def command_of(found: Meant, asked: StepAsked, answer: Answer, *, shown: bool = False) -> Command:
    """The command that says the answer over the content that the person saw; without a digest, over the paper as it stands.

    ``shown``: the paper is shown to the person as it stands and they confirm it before anything is sent.

    Raises:
        MisusedError: several steps can be meant, the only open one is that of somebody whom the person covers, or a value cannot be one;
            or as ``_seen``.

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
            content=_seen(found, asked, shown=shown),
            body=body,
            sealed=None,
        )
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False, include_input=False))
        message = f"That cannot be sent: {faults}"
        raise MisusedError(message) from error


def _seen(found: Meant, asked: StepAsked, *, shown: bool) -> str:
    """The digest of what the person saw: what they give, whole; where the paper is shown now, the one that stands, if it begins as they say.

    Raises:
        MisusedError: a beginning where nothing is shown, too few digits, or the beginning of something else than stands now.

    """
    given, now = asked.content, found.content
    if given is None:
        return now
    if not shortened(given):
        return given
    if not shown:
        message = (
            f"--content takes the whole digest, all {WHOLE} digits, where the paper is not shown and confirmed first: "
            "others can be made that begin alike; `grants show --json` has it beside the paper"
        )
        raise MisusedError(message)
    if len(given) < ENOUGH:
        message = f"--content takes at least {ENOUGH} digits of the digest; `grants show --json` has it beside the paper"
        raise MisusedError(message)
    if now.startswith(given):
        return now
    message = f"{found.paper.id} does not stand so: its digest is {now} now, which does not begin with {given}; look at it again with `grants show`"
    raise MisusedError(message)


def _whose(found: Meant, asked: StepAsked, answer: Answer) -> str:
    """Whose step is meant: the person's open one, else their only one, else the only open one, else the only one, which the rules then judge."""
    mine = _offices(found, asked)
    if URGENTLY in answer.says:
        return _only(found, asked, (_urgent(found, mine) or mine,), answer)
    if not found.paper.steps:
        return mine[0] if mine else found.paper.office
    steps = [each for each in found.paper.steps if each.step.says in answer.says]
    open_now = [step for step, _ in found.paper.open_steps() if step.says in answer.says]
    waiting = [each.whose for each in open_now]
    aside, day = away(found.paper, found.grant.approval.interests.values()), day_of(found.now)
    held = [each for each in steps if not set(open_to(each, found.organisation, day, aside)).isdisjoint(mine)]
    own = [each.step.whose for each in held]
    if not own:
        _not_of_another_kind(found, asked, mine, aside)
    later = not any(each.said or each.step.whose in waiting for each in held) and answer.command != "RecuseStep"  # which needs no open step
    if later or not own:
        _not_as_cover(found, asked, open_now, answer)
    return _only(found, asked, ([each for each in own if each in waiting], own, waiting, [each.step.whose for each in steps]), answer)


def _not_of_another_kind(found: Meant, asked: StepAsked, mine: list[str], aside: frozenset[str]) -> None:
    """Who has an open step of the paper, and none of the kind that the verb is about, is told the verbs for the one that they have.

    Raises:
        MisusedError: they have one.

    """
    day, waiting = day_of(found.now), {step.whose for step, _ in found.paper.open_steps()}
    taken = (each for each in found.paper.steps if each.step.whose in waiting)
    theirs = next((each.step for each in taken if not set(open_to(each, found.organisation, day, aside)).isdisjoint(mine)), None)
    if theirs:
        message = (
            f"{asked.principal or asked.person}: the step of {found.paper.id} that is open to them, {found.paper.id}/{theirs.whose}, "
            f"is taken with {VERBS[theirs.says]}; nothing was sent"
        )
        raise MisusedError(message)


def _not_as_cover(found: Meant, asked: StepAsked, open_now: Sequence[Step], answer: Answer) -> None:
    """Nobody covers unsaid: who acts for somebody names them.

    Raises:
        MisusedError: the person covers the holder of one of the open steps that day, for such an act, and does not say so.

    """
    if asked.principal is not None:
        return
    offices, day = {each.office for each in open_now}, day_of(found.now)
    given = (each for each in _cover(found, asked.person) if each.office in offices and each.gives(answer.command, day))
    principals = [each.principal for each in given if each.principal in found.organisation.holders(each.office, day)]
    if principals:
        whom = " or ".join(dict.fromkeys(principals))
        message = f"{asked.person}: the open step of {found.paper.id} is that of {whom}; add --for {whom} to act as their cover"
        raise MisusedError(message)


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
    held = list(found.organisation.offices_of(asked.principal or asked.person, day_of(found.now)))
    covered = {each.office for each in _cover(found, asked.person) if each.principal == asked.principal}
    return [each for each in held if each in covered] or held


def _cover(found: Meant, person: str) -> list[Cover]:
    """What a person covers that day."""
    day, charter = day_of(found.now), found.organisation.charter
    return [each for each in (charter.cover if charter else ()) if each.person == person and each.first <= day <= each.last]


def _urgent(found: Meant, mine: list[str]) -> list[str]:
    scheme = found.grant.policy.scheme_on(day_of(found.now))
    return [each.office for each in (scheme.urgency if scheme else ()) if each.office in mine]
