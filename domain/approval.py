"""The room of approvals: a paper is drafted, submitted along its route, advised on, decided, and its decision recorded.

Authority comes from what is decided here by the offices that the scheme names, or from a decision recorded as a fact.
An approval never stands over other content than the one that it was given for (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from domain import editing, editions, interests, pausing, publishing, recusing, stepping
from domain.asking import Known, routed
from domain.authority import Authority, Delegation, Recorded, StatedDecision, authorities, delegated, pence_by_instrument
from domain.calendar import day_of, end_of
from domain.drafting import DecisionRecorded, DraftPaper, EditPaper, PaperDrafted, PaperEdited, PaperSubmitted, RecordDecision, SubmitPaper
from domain.editing import NO_PAPER, not_superseded
from domain.entitled import not_drafting
from domain.interests import Declared, Interest, Interested
from domain.model import By, CommandBody, Decision, Duty, DutyWords, Event, Past, Refusal, Rule, fields_of
from domain.paper import APPROVED, asked_by_instrument
from domain.policy import Policy
from domain.publishing import NOTHING_YET, DeferPublication, Publication, PublishDecision, Publishing
from domain.register import PaperRow, approved_otherwise, row_of
from domain.saying import MinuteStep, PaperDecided, Saying
from domain.scheme import Step
from domain.step_rules import ALREADY_DECIDED
from domain.stepping import Stepped, Stepping
from domain.steps import NOBODY, Paper, Taken, natural_persons
from domain.urgency import DecideUrgently

PAPER_EXISTS = Rule(
    "approval.paper_exists",
    "There is a paper {paper} already; it is edited, not drafted again.",
    "DESIGN §2, Paper",
    remedy="Edit {paper} with EditPaper, or give the other paper an id of its own.",
)
SUBMITTED = Rule(
    "approval.already_submitted",
    "Paper {paper} has been submitted already.",
    "DESIGN §6",
    remedy="Wait for the offices on its route; to change it, edit it or have it sent back.",
)
NOT_DECIDED = Rule(
    "approval.not_decided",
    "{paper} is not decided here; a decision made elsewhere is recorded alone, with its items.",
    "DESIGN §6",
    remedy="Wait until its route has come to an end, or record the decision alone, with its own items.",
)

# What can be asked for, and what can have happened ----------------------------------------------------------------------

BINDING = EditPaper | SubmitPaper | Saying | DecideUrgently
Command = DraftPaper | EditPaper | SubmitPaper | Stepping | RecordDecision | Publishing | Interested
UNMANDATED = Stepping | interests.WithdrawInterest
"""The acts for which no mandate is asked: the room itself says whose they are."""

Happened = PaperDrafted | PaperEdited | PaperSubmitted | Stepped | DecisionRecorded | Declared | editions.OfficeTold | publishing.Outcome

AT_BOARD = " at "
"""Between a paper and its board, in the subject of the duty to minute what the board says of it."""

# Where papers can stand -------------------------------------------------------------------------------------------------

DUTIES = (
    DutyWords(name="submit", words="{owner} submits the paper {subject}"),
    DutyWords(name="advise", words="{owner} advises on the paper {subject}"),
    DutyWords(name="minute", words="{owner} minutes the paper {subject}"),
    DutyWords(name="decide", words="{owner} decides the paper {subject}"),
    DutyWords(name="revise", words="{owner} revises the paper {subject}, which was sent back"),
    DutyWords(name="publish", words="{owner} publishes the decision on the paper {subject}"),
    DutyWords(name="resume", words="the pause of the paper {subject} ends"),
)


@dataclass(frozen=True)
class State:
    """The papers, the recorded decisions and the declared interests of a grant, by id, in the order in which they came."""

    papers: Mapping[str, Paper] = field(default_factory=dict)
    decisions: Mapping[str, Recorded] = field(default_factory=dict)
    publications: Mapping[str, Publication] = field(default_factory=dict)
    interests: Mapping[str, Interest] = field(default_factory=dict)

    def publication(self, paper: str) -> Publication:
        """How far the publication of a paper's decision has come."""
        return self.publications.get(paper, NOTHING_YET)

    @cached_property
    def authorities(self) -> tuple[Authority, ...]:
        """Every authority that a decision gave, ended or not."""
        return authorities(self.papers.values(), self.decisions.values())


@dataclass(frozen=True)
class Given(Known):
    """What other rooms know, and the money at risk a day (whole pence, indicative) by instrument.

    ``today`` is the London day of the last thing recorded (null: none is): who is in office is asked as of it.
    """

    at_risk_per_day: Mapping[str, int] = field(default_factory=dict)
    today: date | None = field(default=None, kw_only=True)


# The rules --------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a command about a paper or a decision: events, none (already so), or a refusal."""
    if isinstance(body, DraftPaper):
        return _draft(body, state, by, given)
    if isinstance(body, RecordDecision):
        return _record(body, state)
    if isinstance(body, Interested):
        return interests.decide(body, state.interests, by)
    paper = state.papers.get(body.paper)
    if paper is None:
        return NO_PAPER.refuse(paper=body.paper)
    match body:
        case EditPaper():
            return _edit(body, paper, state, by, given)
        case SubmitPaper():
            return _submit(paper, state, by, given)
        case PublishDecision() | DeferPublication():
            return publishing.decide(body, paper, state.publication(paper.id), by)
        case _:
            taken = stepping.take(body, paper, by, given, state.interests)
            return not_superseded(paper.contents, state.papers) or taken if _approves(taken) else taken


def _draft(body: DraftPaper, state: State, by: By, given: Given) -> Decision:
    if body.paper in state.papers:
        return PAPER_EXISTS.refuse(paper=body.paper)
    office = by.office or given.organisation.capacity(by, given.policy.mandated("DraftPaper", day_of(by.now)), "DraftPaper")
    refused = office if isinstance(office, Refusal) else not_superseded(body, state.papers)
    return refused or (PaperDrafted(**fields_of(body.contents()), office=str(office), part_two=by.part_two),)


def _edit(body: EditPaper, paper: Paper, state: State, by: By, given: Given) -> Decision:
    contents, part_two = body.contents(), by.part_two or paper.part_two
    if (contents, part_two) == (paper.contents, paper.part_two):
        return ()
    touched = editing.touched(paper, contents, part_two, body.changes, given.policy, day_of(by.now))
    edited = PaperEdited(**fields_of(contents), **asdict(touched), reason=body.reason, part_two=part_two)
    refused = _decided_already(paper) or not_drafting(paper, by, "EditPaper", given) or not_superseded(contents, state.papers)
    return refused or (edited, *touched.word(paper, body.reason))


def _submit(paper: Paper, state: State, by: By, given: Given) -> Decision:
    if paper.steps:
        return _decided_already(paper) or SUBMITTED.refuse(paper=paper.id)
    refused = not_drafting(paper, by, "SubmitPaper", given) or not_superseded(paper.contents, state.papers)
    if refused:
        return refused
    day = day_of(by.now)
    laid = routed(paper.contents, day, day, given)
    if isinstance(laid, Refusal):
        return laid
    asked, way = laid
    part_two = by.part_two or paper.part_two
    content = editions.bound(paper.contents.digest(), part_two)
    return (PaperSubmitted(paper=paper.id, content=content, dated=day, asked=asked, route=way, part_two=part_two),)


def _record(body: RecordDecision, state: State) -> Decision:
    items = body.items
    if body.paper:
        paper = state.papers.get(body.paper)
        if paper is None:
            return NO_PAPER.refuse(paper=body.paper)
        if paper.items is None:
            return NOT_DECIDED.refuse(*(each.office for each, _ in paper.open_steps()), paper=paper.id)
        items = paper.items
    recorded = DecisionRecorded(**fields_of(body, but=("items",)), items=items)
    known = state.decisions.get(body.decision)
    return () if known and known.decision == recorded else (recorded,)


def _approves(taken: Decision) -> bool:
    """Whether a paper ends with it, and something of it is approved: it would stand in the place of the one that it supersedes."""
    ended = [] if isinstance(taken, Refusal) else [each for each in taken if isinstance(each, PaperDecided)]
    return any(item.outcome in APPROVED for each in ended for item in each.items)


def _decided_already(paper: Paper) -> Refusal | None:
    return ALREADY_DECIDED.refuse(paper=paper.id, office=paper.decided_by) if paper.items is not None else None


# What has happened ------------------------------------------------------------------------------------------------------


def evolve(state: State, past: Past) -> State:
    """The papers and decisions after one of this room's events. Total: history is never refused."""
    body = past.body
    match body:
        case DecisionRecorded(decision=decision):
            return _recorded(replace(state, decisions={**state.decisions, decision: Recorded(body, past.recorded)}), body, past)
        case PaperDrafted():
            return _with(state, _drafted(body, past))
        case PaperEdited(paper=paper):
            return _with(state, _edited(state.papers[paper], body, past))
        case PaperSubmitted(paper=paper):
            return _with(state, _submitted(state.papers[paper], body, past))
        case publishing.DecisionPublished() | publishing.PublicationDeferred():
            return _publication(state, body.paper, publishing.after(state.publication(body.paper), body, past))
        case _ if isinstance(body, Stepped):
            return _with(state, stepping.after(state.papers[body.paper], body, past))
        case _:
            return replace(state, interests=interests.evolve(state.interests, past))


def _recorded(state: State, body: DecisionRecorded, past: Past) -> State:
    return _publication(state, body.paper, publishing.stated(state.publication(body.paper), body, past)) if body.paper else state


def _publication(state: State, paper: str, found: Publication) -> State:
    return replace(state, publications={**state.publications, paper: found})


def _drafted(body: PaperDrafted, past: Past) -> Paper:
    contents, people = body.contents(), {**NOBODY, "draft": natural_persons(past)}
    first = editions.begun(contents.digest(), body.part_two, past)
    return Paper(contents, body.office, past.recorded, people, part_two=body.part_two, editions=(first,))


def _submitted(paper: Paper, body: PaperSubmitted, past: Past) -> Paper:
    sealed = body.part_two is not None and body.part_two != paper.part_two
    return replace(
        paper,
        part_two=body.part_two if sealed else paper.part_two,
        editions=(*paper.editions, editions.begun(paper.contents.digest(), body.part_two, past)) if sealed else paper.editions,
        since=past.recorded,
        people=paper.with_people("draft", past),
        sent_back=False,
        dated=body.dated,
        route=body.route,
        cumulative_pence=body.asked.cumulative_pence,
        steps=tuple(Taken(each) for each in body.route.steps),
    )


def _edited(paper: Paper, body: PaperEdited, past: Past) -> Paper:
    edition = editions.begun(body.contents().digest(), body.part_two, past)
    edition = replace(edition, changes=body.changes, effect=body.effect, voided=body.voided, told=body.told, reason=body.reason)
    edited = replace(paper, contents=body.contents(), people=paper.with_people("draft", past), part_two=body.part_two, editions=(*paper.editions, edition))
    if not paper.steps:
        return edited
    if body.effect == "void":
        return replace(edited, since=past.recorded, route=None, steps=())
    return replace(edited, steps=tuple(replace(each, said=None) if each.step.whose in body.voided else each for each in paper.steps))


def _with(state: State, paper: Paper) -> State:
    return replace(state, papers={**state.papers, paper.id: paper})


# What is owed, and what stands ------------------------------------------------------------------------------------------


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """Who owes a paper its next step, or a decision its publication; and that a pause ends by its date."""
    papers = state.papers.values()
    owed = (duty for paper in papers for duty in _of(paper, state, given))
    return (*owed, *publishing.owed(papers, state.publications, given.policy), *pausing.duties(papers))


def owed_by(paper: str, state: State, given: Given) -> dict[str, Duty]:
    """The duty of each open step of a paper, by the office or board whose step it is."""
    found = state.papers[paper]
    away = recusing.away(found, state.interests.values())
    return {
        taken.step.whose: _waiting(_owed(found, given, taken.step, since), taken, given, away)
        for step, since in found.open_steps()
        if (taken := found.step(step.whose))
    }


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """What follows when a date of this room has come: the pause of a paper is over."""
    return (pausing.ended(duty.subject),)


def content(body: CommandBody, state: State) -> str | None:
    """The digest that a binding command binds, as the paper stands; null: there is no such paper, or it binds none."""
    paper = state.papers.get(body.paper) if isinstance(body, BINDING) else None
    return paper.content if paper else None


def since(body: CommandBody, state: State, seen: str) -> str:
    """What has changed of the paper that a binding command speaks of since the content ``seen``, as far as it is one of a paper."""
    paper = state.papers.get(body.paper) if isinstance(body, BINDING) else None
    return editions.since(paper.editions, seen) if paper else editions.UNCHANGED


def whose_step(body: Saying | DecideUrgently, state: State) -> tuple[str, ...]:
    """The office whose step a command would take: the one that it names, at a gate that of the board's secretary."""
    if not isinstance(body, MinuteStep):
        return (body.office,)
    taken = state.papers[body.paper].step(body.board) if body.paper in state.papers else None
    return (taken.step.office,) if taken else ()


def delegations(state: State) -> tuple[Delegation, ...]:
    """Every delegation that was approved, ended or not, in the order in which the record learnt of them."""
    return delegated(state.papers.values(), state.decisions.values())


def authorised(state: State, on: date | None = None) -> dict[str, dict[str, int]]:
    """Whole pence by instrument and year that decisions authorise, at the end of a London day (null: as the record knows now)."""
    return pence_by_instrument(each for each in state.authorities if each.on(on))


def authorised_by(state: State, day: date) -> dict[str, dict[str, int]]:
    """Whole pence that decisions authorise which can have counted by a London day: those dated no later, or that state no date."""
    return pence_by_instrument(each for each in state.authorities if each.can_count_by(day))


def authorised_at(state: State) -> dict[str, datetime]:
    """When the record learnt of the latest decision that authorises each instrument (UTC)."""
    return {each.instrument: each.recorded for each in state.authorities if each.on(None)}


def decision_refs(state: State, on: date | None = None) -> dict[str, str]:
    """The reference of the latest decision that authorises each instrument."""
    return {each.instrument: each.reference for each in state.authorities if each.on(on)}


def papers(state: State, policy: Policy | None = None) -> tuple[PaperRow, ...]:
    """Every paper with its items, steps, decisions, editions and publication, in the order in which they were drafted."""
    stated, every = [each.decision for each in state.decisions.values()], tuple(state.papers.values())
    declared = tuple(state.interests.values())
    rows = ((each, row_of(each, stated, every, publishing.row_of(each, state.publication(each.id), policy), declared)) for each in every)
    return tuple(row.model_copy(update={"approved_otherwise": otherwise(state, each)}) for each, row in rows)


def otherwise(state: State, paper: Paper) -> tuple[str, ...]:
    """Where a paper asks for another sum than is approved already, as ``approved_otherwise`` says it."""
    return approved_otherwise(paper, (each for each in state.authorities if each.on(None)))


def decisions(state: State, on: date) -> tuple[StatedDecision, ...]:
    """The recorded decisions that stood at the end of a London day: by their stated date, else by when they were recorded."""
    return tuple(each.decision for each in state.decisions.values() if each.effective <= on)


def _of(paper: Paper, state: State, given: Given) -> tuple[Duty, ...]:
    if paper.steps:
        return _once(owed_by(paper.id, state, given).values())
    name = "revise" if paper.sent_back else "submit"
    policy = given.policy.duty("approval", name)
    return (_duty(paper, given, name, paper.office, paper.since, policy.ladder if policy else None),)


def _once(owed: Iterable[Duty]) -> tuple[Duty, ...]:
    """One duty for each office and say: an office that also has another's step owes it once, by the sooner day; the note tells of both."""
    found: dict[tuple[str, str, str], Duty] = {}
    for each in sorted(owed, key=lambda duty: (duty.due is None, duty.due)):
        first = found.setdefault((each.subject, each.name, each.owner), each)
        notes = dict.fromkeys(note for note in (first.note, each.note) if note)
        found[each.subject, each.name, each.owner] = first.model_copy(update={"note": "; ".join(notes) or None})
    return tuple(found.values())


def _waiting(owed: Duty, taken: Taken, given: Given, away: frozenset[str]) -> Duty:
    """The duty in the inbox of the office that can take the step now, and what else is to be said of it."""
    owner, said = recusing.waits_on(taken, given, away, given.today)
    return owed.model_copy(update={"owner": owner, "note": "; ".join(each for each in (said, owed.note) if each) or None})


def _owed(paper: Paper, given: Given, step: Step, since: datetime) -> Duty:
    """The duty of an open step; at a gate, minuting the board's next meeting, which is the next one after a deferral."""
    if step.board is None:
        return _duty(paper, given, step.says, step.office, since, step.ladder)
    board, deferred = given.policy.board(step.board), paper.deferred(step)
    meeting = board.next_meeting(deferred + timedelta(days=1) if deferred else day_of(since)) if board else None
    owed = _duty(paper, given, "minute", step.office, since, step.ladder)
    return owed.model_copy(update={"subject": f"{paper.id}{AT_BOARD}{step.board}", **({"due": end_of(meeting)} if meeting else {})})


def _duty(paper: Paper, given: Given, name: str, owner: str, since: datetime, ladder: str | None) -> Duty:
    policy = given.policy.duty("approval", name)
    due = given.policy.working_day_after(day_of(since), policy.working_days if policy else None)
    rested = paper.rested()
    at_risk = [given.at_risk_per_day[each] for each in asked_by_instrument(paper.contents.items) if each in given.at_risk_per_day]
    return Duty(
        part="approval",
        subject=paper.id,
        name=name,
        owner=owner,
        since=since,
        due=given.policy.after_pauses(end_of(due), since, rested) if due else None,
        ladder=ladder,
        at_risk_per_day_pence=sum(at_risk) if at_risk else None,
        pauses=rested,
        note=pausing.note(paper),
    )
