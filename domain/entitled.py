"""Who may take a step of a paper now, in which office, and who may not.

Drafter, adviser and decider of one paper are different natural persons over its whole life, pairwise, whatever the
cover (DESIGN §6; invariant 19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain.asking import Known, routed
from domain.calendar import day_of
from domain.model import By, Refusal, Rule, said
from domain.organisation import VACANT, Organisation
from domain.scheme import Asked, Route, Says, Step
from domain.step_rules import (
    ABOVE_LIMIT,
    ALREADY_ADVISED,
    ALREADY_DECIDED,
    ALREADY_SUPPORTED,
    ALREADY_TAKEN,
    NO_STEP,
    NOT_SUBMITTED,
    NOT_YET,
    NOT_YOUR_STEP,
    OWN_ADVICE,
    OWN_DECISION,
    OWN_OTHER_DECISION,
    OWN_PAPER,
    OWN_QUORUM,
    STOOD_DOWN,
)
from domain.steps import ROLES, TAKING, Paper, Role, Taken, natural_persons

NO_SAY = frozenset(("SendBackStep", "DelegateStep"))
"""What can be done with a step without making a quorum."""

_CONFLICTS: Mapping[Role, Rule] = {"draft": OWN_PAPER, "advise": OWN_ADVICE, "decide": OWN_DECISION}


DOES: Mapping[Role, str] = {"draft": "draft", "advise": "advise on", "decide": "decide"}
"""What each role does with a paper, in words."""


NOBODY_LEFT = "Nobody is left for it in {offices}."
APPOINT = f"{NOBODY_LEFT} Ask {{appoint}} to have another holder, or cover, entered in the organisation's files and adopted."
"""What to do where a duty keeps everybody from it."""


@dataclass(frozen=True)
class Part:
    """A part that somebody would have in a paper: as what, by which act, in which offices; ``step``: the one that they would take, if it is one."""

    role: Role
    act: str
    offices: tuple[str, ...]
    step: Step | None = None


def own_work(paper: Paper, by: By, part: Part, known: Known) -> Refusal | None:
    """The refusal of somebody who had another role in this paper; null: they had none."""
    for other, rule in _CONFLICTS.items():
        overlap = natural_persons(by) & paper.people[other]
        if other != part.role and overlap:
            return elsewhere(rule.refuse(people=tuple(sorted(overlap)), paper=paper.id, act=DOES[part.role]), paper, part, by, known)
    return None


def not_drafting(paper: Paper, by: By, act: str, known: Known) -> Refusal | None:
    """The refusal of somebody who advised on a paper or decided it, and would draft it further; null: they did neither."""
    return own_work(paper, by, Part("draft", act, known.policy.mandated(act, day_of(by.now)) or (paper.office,)), known)


def elsewhere(refusal: Refusal, paper: Paper, part: Part, by: By, known: Known) -> Refusal:
    """The refusal with the offices in which somebody else could have that part: who had no other, decided no other step, and does not stand aside."""
    barred = known.away.union(*(paper.people[each] for each in _CONFLICTS if each != part.role))
    if part.step:
        barred |= _decided_elsewhere(paper, part.step) | _spoke(paper, part.step)
    return naming_others(refusal, part.offices, part.act, barred, known.organisation, day_of(by.now))


def naming_others(refusal: Refusal, offices: Iterable[str], act: str, barred: frozenset[str], organisation: Organisation, day: date) -> Refusal:
    """The refusal with the offices in which somebody who is not barred could do an act that day.

    Where nobody is there, those of holders who are away, who may act all the same; where all are barred, those that can appoint another holder, if any.
    """
    asked, charter = tuple(dict.fromkeys(offices)), organisation.charter
    there = tuple(each for each in asked if organisation.others(each, act, day, barred))
    away = tuple(each for each in asked if not barred.issuperset(organisation.holders(each, day)))
    if there or away or not asked:
        return refusal.model_copy(update={"who_could": there or away})
    appoint = charter.policy.mandated("AdoptOrganisation", day) if charter else ()
    remedy = said(APPOINT if appoint else NOBODY_LEFT, {"offices": " or ".join(asked), "appoint": " or ".join(appoint)})
    return refusal.model_copy(update={"who_could": appoint, "remedy": remedy})


def open_to(taken: Taken, organisation: Organisation, day: date, away: frozenset[str]) -> tuple[str, ...]:
    """The offices that may take a step: its own, the one that it was passed on to, and those that stand in while nobody of its own can."""
    own, *standing_in = organisation.stands_for(taken.step.office, taken.step.stand_in, day, away)
    passed = (taken.passed.to,) if taken.passed else ()
    return tuple(dict.fromkeys((own, *passed, *standing_in)))


def left(taken: Taken, organisation: Organisation, day: date, away: frozenset[str]) -> tuple[str, ...]:
    """Those of them in which somebody is left who does not stand aside."""
    return tuple(each for each in open_to(taken, organisation, day, away) if organisation.in_office(each, day) - away)


def cannot_take(paper: Paper, whose: str, says: Says, act: str, by: By, known: Known) -> Refusal | None:
    """Why ``by`` cannot take the step of an office or board now; null: nothing hinders. ``act`` is the command's type."""
    if not paper.steps:
        return NOT_SUBMITTED.refuse(paper.office, paper=paper.id)
    taken = paper.step(whose)
    mine = taken if taken and taken.step.says == says else None
    offices = open_to(mine, known.organisation, day_of(by.now), known.away) if mine else paper.offices(says)
    part = Part(ROLES[says], act, offices, mine.step if mine else None)
    own = own_work(paper, by, part, known)
    if own:
        return (_not_now(paper, mine) if mine and paper.items is not None else None) or own
    if mine is None:
        none = NO_STEP.refuse(*paper.offices(says), paper=paper.id, office=whose, says=TAKING[says])
        return (_above_limit(paper, whose) if says == "decide" else None) or none
    refused = _not_theirs(paper, mine, act, by, known) or _not_now(paper, mine)
    return refused or (None if act in NO_SAY else _said_another(paper, part, mine.step, by, known))


def _said_another(paper: Paper, part: Part, step: Step, by: By, known: Known) -> Refusal | None:
    """Why somebody who has said something of a paper says nothing more, in their own office or as cover.

    Nobody makes the quorum of a group with two of its steps, and nobody who decided one step decides another: nobody approves alone.
    """
    people = natural_persons(by)
    if twice := people & _spoke(paper, step):
        return elsewhere(OWN_QUORUM.refuse(people=tuple(sorted(twice)), group=step.group, paper=paper.id), paper, part, by, known)
    if twice := people & _decided_elsewhere(paper, step):
        return elsewhere(OWN_OTHER_DECISION.refuse(people=tuple(sorted(twice)), paper=paper.id, office=step.office), paper, part, by, known)
    return None


def _decided_elsewhere(paper: Paper, step: Step) -> frozenset[str]:
    """Who decided another step of the paper; nobody counts where the step decides nothing."""
    others = [each for each in paper.steps if each.step.says == "decide" and each.step.whose != step.whose] if step.says == "decide" else []
    return _voices(others)


def _spoke(paper: Paper, step: Step) -> frozenset[str]:
    """Who has spoken in the group whose quorum the step is of; a board's minute is the board's say, not theirs."""
    return _voices(each for each in paper.steps if each.step.group == step.group) if step.quorum is not None and not step.board else frozenset()


def _voices(steps: Iterable[Taken]) -> frozenset[str]:
    said = [each.said for each in steps if each.said]
    return frozenset(person for each in said for person in (each.actor, each.on_behalf_of) if person)


def _above_limit(paper: Paper, office: str) -> Refusal | None:
    short = next((each for each in paper.route.short if each.office == office), None) if paper.route else None
    if short is None:
        return None
    could = paper.offices("decide")
    return ABOVE_LIMIT.refuse(*could, office=office, limit_pence=short.limit_pence, paper=paper.id, cumulative_pence=paper.cumulative_pence)


def routed_now(paper: Paper, by: By, known: Known) -> tuple[Asked, Route] | Refusal:
    """What a paper asks, by its own date, and its route under the edition in force now; or what cannot be told."""
    on = day_of(by.now)
    return routed(paper.contents, paper.dated or on, on, known)


def as_of_now(paper: Paper, by: By, known: Known) -> Paper:
    """The paper with what the grant comes to with it now, which limits are held against; as submitted where no route can be told."""
    laid = routed_now(paper, by, known)
    return paper if isinstance(laid, Refusal) else replace(paper, cumulative_pence=laid[0].cumulative_pence)


def capacity(paper: Paper, taken: Taken, act: str, by: By, known: Known) -> str | Refusal:
    """The office in which ``by`` takes a step now: its own, the one that it was passed on to, or one that stands in; or why none."""
    offices = open_to(taken, known.organisation, day_of(by.now), known.away)
    return known.organisation.capacity(by, offices, act, paper.cumulative_pence if act == "DecideStep" else 0)


def stood_in(paper: Paper, whose: str, act: str, by: By, known: Known) -> str | None:
    """The office that takes a step in the place of the step's own; null: its own does."""
    taken = paper.step(whose)
    found = capacity(paper, taken, act, by, known) if taken else None
    return found if taken and isinstance(found, str) and found != taken.step.office else None


def _not_theirs(paper: Paper, taken: Taken, act: str, by: By, known: Known) -> Refusal | None:
    step, organisation = taken.step, known.organisation
    found = capacity(paper, taken, act, by, known)
    if isinstance(found, str):
        return None
    if step.says == "decide" and paper.route:
        short = organisation.capacity(by, tuple(each.office for each in paper.route.short), act)
        if isinstance(short, str):
            return _above_limit(paper, short)
    if by.on_behalf_of:
        return found
    day = day_of(by.now)
    if organisation.seat(step.office, day) == "vacant":
        could = tuple(each for each in step.stand_in if organisation.holders(each, day))
        return VACANT.refuse(*(could or (step.office,)), act=act, offices=step.office, day=day, stand_in=" or ".join(could) or "nobody")
    offices = open_to(taken, organisation, day, known.away) if known.away or taken.passed else (step.office,)
    return NOT_YOUR_STEP.refuse(*offices, actor=by.actor, office=" or ".join(offices), says=TAKING[step.says], paper=paper.id)


def _not_now(paper: Paper, taken: Taken) -> Refusal | None:
    office = taken.step.office
    if paper.items is not None:
        return ALREADY_DECIDED.refuse(paper=paper.id, office=paper.decided_by)
    if taken.said and taken.step.says == "advise":
        return ALREADY_ADVISED.refuse(paper=paper.id, office=office)
    if taken.said and taken.step.board:
        return ALREADY_SUPPORTED.refuse(paper=paper.id, board=taken.step.board)
    step, open_now = taken.step, [each for each, _ in paper.open_steps()]
    if taken.said:
        return ALREADY_TAKEN.refuse(*(each.office for each in open_now), paper=paper.id, office=office, waiting=tuple(each.whose for each in open_now))
    if step.whose in paper.stood_down():
        return STOOD_DOWN.refuse(*(each.office for each in paper.waiting()), paper=paper.id, office=step.whose, quorum=step.quorum, group=step.group)
    first = [each.step for each in paper.before(step) if each.said is None]
    could = (each.office for each in open_now if each in first)
    return NOT_YET.refuse(*could, paper=paper.id, offices=tuple(each.whose for each in first)) if first else None
