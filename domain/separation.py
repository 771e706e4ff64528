"""Separation of duties over the whole grant: who did what, and which two acts no one person may both do.

People are natural persons: whoever acted, and on whose behalf. The pairs are data of the scheme in force; they count in
both directions of time, so that whoever approved does not draft an edit afterwards. What drafter, adviser and decider of one
paper, or preparer and certifier of one return, may not be holds besides, whatever a scheme says (DESIGN §6; invariant 19).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from domain.calendar import day_of
from domain.model import SYSTEM, By, CommandBody, Event, Past, Refusal, Rule
from domain.policy import DutyPair, SchemeEdition
from domain.steps import natural_persons

PAIR = Rule(
    "duty.pair",
    "{people} may not {act}: {other} of {subject} was theirs on {day}; {because} (pair {pair}: {source}).",
    "DESIGN §6: declared pairs as data; invariant 19",
    remedy="Ask somebody else in the office, who did not do the other of the two.",
)


@dataclass(frozen=True)
class Deed:
    """The act that an event tells of, and the fields that name what it was about, in the event as in the command."""

    act: str
    fields: tuple[str, ...] = ()


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "grant.opened": Deed("OpenGrant"),
        "bid.drafted": Deed("DraftBid", ("bid",)),
        "bid.submitted": Deed("SubmitBid", ("bid",)),
        "bid.withdrawn": Deed("WithdrawBid", ("bid",)),
        "paper.drafted": Deed("DraftPaper", ("paper",)),
        "paper.edited": Deed("EditPaper", ("paper",)),
        "paper.submitted": Deed("SubmitPaper", ("paper",)),
        "step.advised": Deed("AdviseStep", ("paper",)),
        "step.decided": Deed("DecideStep", ("paper",)),
        "step.minuted": Deed("MinuteStep", ("paper",)),
        "step.sent_back": Deed("SendBackStep", ("paper",)),
        "step.recused": Deed("RecuseStep", ("paper",)),
        "step.delegated": Deed("DelegateStep", ("paper",)),
        "step.withdrawn": Deed("WithdrawStep", ("paper",)),
        "paper.paused": Deed("PausePaper", ("paper",)),
        "paper.resumed": Deed("ResumePaper", ("paper",)),
        "urgency.invoked": Deed("DecideUrgently", ("paper",)),
        "interest.withdrawn": Deed("WithdrawInterest", ("interest",)),
        "offer.accepted": Deed("AcceptOffer", ("offer",)),
        "offer.ended": Deed("DeclineOffer", ("offer",)),
        "agreement.executed": Deed("ExecuteAgreement", ("agreement", "offer", "bid")),
        "variation.applied": Deed("ApplyVariation", ("variation",)),
        "work.tasked": Deed("TaskWork", ("tasking",)),
        "return.prepared": Deed("PrepareReturn", ("period",)),
        "return.certified": Deed("CertifyReturn", ("period",)),
        "return.submitted": Deed("SubmitReturn", ("period",)),
        "return.answered": Deed("AnswerQuery", ("period",)),
        "year.judged": Deed("RecordJudgement", ("year",)),
        "milestone.carried_forward": Deed("CarryForwardMilestone", ("milestone", "variation")),
        "deliverables.traded": Deed("TradeDeliverables", ("variation",)),
        "exception.explained": Deed("ExplainException", ("exception",)),
        "discrepancy.resolved": Deed("ResolveDiscrepancy", ("discrepancy",)),
        "condition.waived": Deed("WaiveCondition", ("condition",)),
        "exit.stated": Deed("StateExitStrategy"),
        "exit.waived": Deed("WaiveExit"),
        "grant.reconciled": Deed("Reconcile"),
        "grant.closed": Deed("CloseGrant"),
        "records.disposed": Deed("DisposeRecords"),
        "restricted.read": Deed("ReadRestricted"),
        "decision.published": Deed("PublishDecision", ("paper",)),
        "publication.deferred": Deed("DeferPublication", ("paper",)),
        "access.asked": Deed("AskAccess", ("access",)),
        "access.confirmed": Deed("ConfirmAccess", ("access",)),
        "access.ended": Deed("EndAccess", ("access",)),
        "access.reported": Deed("ReportAccess", ("month",)),
        "message.released": Deed("ReleaseMessage", ("sha256",)),
    }
)
"""The one table from events to acts. An exception is closed by many events that nobody asked for, so its closing is no deed here."""

ACTS: Mapping[str, Deed] = MappingProxyType({each.act: each for each in DEEDS.values()})
"""The acts that a pair can name."""

AS: Mapping[str, str] = MappingProxyType({"DecideUrgently": "DecideStep"})
"""Acts that count as another one: whoever decides in urgency decides."""

_KINDS: Mapping[str, str] = MappingProxyType(dict.fromkeys(("bid", "offer", "agreement", "variation"), "instrument"))
"""An instrument is one subject whichever command names it; every other field is a kind of its own."""

Subjects = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Done:
    """One act that was done: by which natural persons, on what, and when for the first time (UTC)."""

    act: str
    subjects: Subjects
    people: frozenset[str]
    at: datetime


@dataclass(frozen=True)
class State:
    """Every act of the grant by its name, and the instruments that each paper was ever about."""

    done: Mapping[str, tuple[Done, ...]] = field(default_factory=dict)
    papers: Mapping[str, Subjects] = field(default_factory=dict)


def refused(body: CommandBody, by: By, state: State, edition: SchemeEdition | None, naming: Callable[[Refusal, frozenset[str]], Refusal]) -> Refusal | None:
    """Why this person may not do this act, for what they did before in this grant; null: no pair of the edition in force says so.

    ``naming`` adds who could, beside all whom a pair keeps from it.
    """
    act = type(body).__name__
    if body.kind == "fact" or edition is None or act not in ACTS:
        return None
    people, subjects = natural_persons(by), _subjects(body, ACTS[act], state)
    counting = [(pair, before) for pair in edition.pairs for before in _joined(pair, act, state) if pair.within == "grant" or subjects & before.subjects]
    for pair, before in counting:
        if people & before.people:
            return naming(_refuse(pair, act, before, people), frozenset().union(*(each.people for _, each in counting)))
    return None


def _joined(pair: DutyPair, act: str, state: State) -> tuple[Done, ...]:
    """What was done of the other act of a pair; nothing where the pair is not about this one."""
    one, other = _counted(pair.one), _counted(pair.other)
    others = {one: other, other: one}
    return state.done.get(others[_counted(act)], ()) if _counted(act) in others else ()


def _counted(act: str) -> str:
    return AS.get(act, act)


def _refuse(pair: DutyPair, act: str, before: Done, people: frozenset[str]) -> Refusal:
    subject = " and ".join(sorted(name for _, name in before.subjects)) or "this grant"
    return PAIR.refuse(
        people=tuple(sorted(people & before.people)),
        act=act,
        other=before.act,
        subject=subject,
        day=day_of(before.at),
        because=pair.because,
        pair=pair.pair,
        source=pair.source,
    )


def evolve(state: State, past: Past) -> State:
    """Who did what after one event. Total: history is never refused."""
    deed = DEEDS.get(past.body.wire)
    if deed is None or past.actor == SYSTEM or _was_a_fact(past.body):
        return state
    subjects = _subjects(past.body, deed, state)
    papers = {**state.papers, past.body.paper: subjects} if hasattr(past.body, "paper") else state.papers
    done = Done(deed.act, subjects, natural_persons(past), past.recorded)
    counted = _counted(deed.act)
    before = state.done.get(counted, ())
    if any((each.subjects, each.people) == (done.subjects, done.people) for each in before):
        return replace(state, papers=papers)
    return State({**state.done, counted: (*before, done)}, papers)


def _was_a_fact(body: Event) -> bool:
    """Whether an event tells what had happened already: whoever recorded it is not whoever did it."""
    if getattr(body, "already", False):
        return True
    return "delegation" in type(body).model_fields and body.wire in _FACTS_TOO and getattr(body, "delegation", None) is None


_FACTS_TOO = frozenset({"offer.accepted", "offer.ended", "agreement.executed", "work.tasked"})
"""Events of acts and of facts: only what was done now cites what allowed it."""


def _subjects(body: CommandBody | Event, deed: Deed, state: State) -> Subjects:
    """What an act is about: what its fields name; of a paper also every instrument that it is or was about."""
    named = frozenset((_KINDS.get(name, name), str(value)) for name in deed.fields if (value := getattr(body, name)))
    if "paper" not in deed.fields:
        return named
    items = frozenset(("instrument", each.instrument) for each in getattr(body, "items", ()) if each.instrument)
    return named | items | frozenset().union(*(state.papers.get(name, frozenset()) for kind, name in named if kind == "paper"))
