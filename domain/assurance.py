"""Assurance: assessments, conditions, promised reviews, and the registers of exceptions and of discrepancies.

The room's front, and its register of exceptions: what broke a rule and stands. An exception is explained by its owner and
closed by ratification, or by correction that somebody else accepts; it stays in the register for ever (DESIGN §2). The rest
of the room stands in ``assessments``, ``conditions``, ``reviews`` and ``discrepancies``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from domain import assessments, conditions, discrepancies, reviews
from domain.assessments import Assessment, AssessmentRecorded, RecordAssessment
from domain.calendar import day_of
from domain.conditions import Condition
from domain.discrepancies import Discrepancy, DiscrepancyResolved
from domain.exception import FOR_RATIFICATION, LATE_DECISION, DiscrepancyFound, ExceptionClosed, ExceptionRaised
from domain.model import SYSTEM, By, CommandBody, Decision, Duty, DutyWords, Event, Name, Past, Refusal, Rule, Text, past_of_new
from domain.policy import Policy
from domain.reviews import Review

EXCEPTION_UNKNOWN = Rule(
    "assurance.exception_unknown",
    "There is no exception {exception}.",
    "DESIGN §2, Exception",
    remedy="Correct the id: `grants show` and `grants audit exceptions` list them.",
)
EXCEPTION_CLOSED = Rule(
    "assurance.exception_closed", "Exception {exception} is closed: {how}.", "DESIGN §2, Exception", remedy="Leave it; nothing more is owed for it."
)
NOT_EXPLAINED = Rule(
    "assurance.exception_unexplained",
    "Exception {exception} is not explained by {owner} yet.",
    "DESIGN §2, Exception",
    remedy="Ask {owner} to explain it first, with ExplainException.",
)
NEEDS_RATIFICATION = Rule(
    "assurance.needs_ratification",
    "Exception {exception} is closed only by a decision that ratifies {subject}.",
    "DESIGN §6; R-78, G5",
    remedy="Take a paper with the verb ratify for {subject} to whoever decides such papers; its approval closes the exception.",
)
OWN_EXPLANATION = Rule(
    "duty.own_explanation",
    "Whoever explained exception {exception} does not accept its correction.",
    "DESIGN §6; invariant 19",
    remedy="Ask somebody else in an office named to accept the correction.",
)

PUT_RIGHT = "put right by what was recorded since"

# What can be asked for ------------------------------------------------------------------------------------------------


class ExplainException(CommandBody, kind="act"):
    """Say how an exception came about, and what is done about it. A later explanation stands beside the earlier ones."""

    exception: Name
    explanation: Text


class CloseException(CommandBody, kind="act"):
    """Accept that an exception, once explained by somebody else, is corrected; ``how`` says what was done.

    One that was raised because an approval lacks, or because a paper was decided in urgency, is closed by ratification alone.
    """

    exception: Name
    how: Text


Command = RecordAssessment | ExplainException | CloseException | conditions.Command | reviews.Command | discrepancies.Command

# What can have happened -----------------------------------------------------------------------------------------------


class ExceptionExplained(Event, wire="exception.explained", said="Exception {exception} explained: {explanation}"):
    """What the owner says of it. It stays open."""

    exception: Name
    explanation: Text


Happened = AssessmentRecorded | ExceptionExplained | conditions.Happened | reviews.Happened | DiscrepancyResolved
DUTIES = (
    DutyWords(name="exception.explained", words="{owner} explains exception {subject}"),
    DutyWords(name="exception.closed", words="{owner} has exception {subject} ratified or corrected"),
    *discrepancies.DUTIES,
    *assessments.DUTIES,
    *conditions.DUTIES,
    *reviews.DUTIES,
)

# Where assurance stands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explanation:
    """What was said of an exception, by whom (the person acted for, where there was one), and when it was recorded (UTC).

    ``people`` are the actor and the person acted for: neither accepts the correction.
    """

    text: str
    person: str
    recorded: datetime
    people: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Closing:
    """What closed an exception, whose act did (who accepted it), and when it was recorded (UTC)."""

    how: str
    person: str
    recorded: datetime


@dataclass(frozen=True)
class RegisteredException:
    """One row of the register; ``closed`` null: it stands open. ``opened`` is the recorded instant (UTC)."""

    raised: ExceptionRaised
    opened: datetime
    explanations: tuple[Explanation, ...] = ()
    closed: Closing | None = None


@dataclass(frozen=True)
class State:
    """Assessments in the order in which they were recorded, and by id: every exception, discrepancy, condition and review."""

    assessments: tuple[Assessment, ...] = ()
    exceptions: Mapping[str, RegisteredException] = field(default_factory=dict)
    discrepancies: Mapping[str, Discrepancy] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)

    def open_exceptions(self) -> tuple[RegisteredException, ...]:
        """Those that neither ratification nor correction has closed."""
        return tuple(each for each in self.exceptions.values() if each.closed is None)


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: the policy, and the offices that own exceptions and discrepancies."""

    policy: Policy
    exception_owner: str = SYSTEM
    discrepancy_owner: str = SYSTEM


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a command; a fact that breaks a rule raises its exception, and one that mends it closes it."""
    events = _answer(body, state, by, given)
    if isinstance(events, Refusal):
        return events
    after = state
    for event in events:
        after = evolve(after, past_of_new(event, "", 0, by))
    return (*events, *_raised(state, after, given), *_put_right(state, after, given))


def evolve(state: State, past: Past) -> State:
    """The register after one of the room's events, or after an exception or a discrepancy came up anywhere."""
    match past.body:
        case AssessmentRecorded() as assessment:
            return replace(state, assessments=(*state.assessments, Assessment(assessment, past.recorded)))
        case body if isinstance(body, conditions.Happened):
            return replace(state, conditions=conditions.evolve(state.conditions, past))
        case body if isinstance(body, reviews.Happened):
            return replace(state, reviews=reviews.evolve(state.reviews, past))
        case DiscrepancyFound() | DiscrepancyResolved():
            return replace(state, discrepancies=discrepancies.evolve(state.discrepancies, past))
        case _:
            return replace(state, exceptions=_registered(state.exceptions, past))


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """Owners explain exceptions and resolve discrepancies, meet conditions, make reviews and finish assessments."""
    return (
        *(_owed(each, given) for each in state.open_exceptions()),
        *discrepancies.duties(state.discrepancies, given.policy),
        *assessments.duties(state.assessments, given.policy),
        *conditions.duties(state.conditions, given.policy),
        *reviews.duties(state.reviews, given.policy),
    )


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen."""
    return None


def gates(state: State) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words (invariants 34 and 35).

    That a decision came late is explained, but nothing puts it right any more: the close closes it.
    """
    return (
        *(f"exception {each.raised.exception} is open" for each in state.open_exceptions() if each.raised.what != LATE_DECISION),
        *discrepancies.gates(state.discrepancies),
        *assessments.gates(state.assessments),
        *conditions.gates(state.conditions),
        *reviews.gates(state.reviews),
    )


def _answer(body: Command, state: State, by: By, given: Given) -> Decision:
    match body:
        case RecordAssessment():
            return assessments.record(body, state.assessments)
        case ExplainException(exception=exception, explanation=explanation):
            return _explain(exception, explanation, state)
        case CloseException():
            return _close(body, state, by, given)
        case conditions.AddCondition() | conditions.MeetCondition() | conditions.WaiveCondition():
            return conditions.decide(body, state.conditions)
        case reviews.PromiseReview() | reviews.RecordReview():
            return reviews.decide(body, state.reviews)
        case discrepancies.RecordDiscrepancy() | discrepancies.ResolveDiscrepancy():
            return discrepancies.decide(body, state.discrepancies, given.discrepancy_owner)
        case _:
            assert_never(body)


def _explain(exception: str, explanation: str, state: State) -> Decision:
    known = state.exceptions.get(exception)
    if known is None:
        return EXCEPTION_UNKNOWN.refuse(exception=exception)
    if any(each.text == explanation for each in known.explanations):
        return ()
    if known.closed:
        return EXCEPTION_CLOSED.refuse(exception=exception, how=known.closed.how)
    return (ExceptionExplained(exception=exception, explanation=explanation),)


def _close(body: CloseException, state: State, by: By, given: Given) -> Decision:
    known = state.exceptions.get(body.exception)
    if known is None:
        return EXCEPTION_UNKNOWN.refuse(exception=body.exception)
    if known.closed:
        return () if known.closed.how == body.how else EXCEPTION_CLOSED.refuse(exception=body.exception, how=known.closed.how)
    raised, day = known.raised, day_of(by.now)
    if raised.what in FOR_RATIFICATION:
        return NEEDS_RATIFICATION.refuse(*given.policy.deciders(day, 0), exception=body.exception, subject=raised.subject)
    if not known.explanations:
        return NOT_EXPLAINED.refuse(*given.policy.mandated("ExplainException", day), exception=body.exception, owner=raised.owner)
    if any(each.people & {by.actor, by.on_behalf_of} for each in known.explanations):
        return OWN_EXPLANATION.refuse(*given.policy.mandated("CloseException", day), exception=body.exception)
    return (ExceptionClosed(exception=body.exception, how=body.how),)


# Exceptions that records raise and mend -------------------------------------------------------------------------------


def _faults(state: State, given: Given) -> dict[str, ExceptionRaised]:
    """What breaks a rule as things stand, by the name of its exception."""
    owner = given.exception_owner
    found: Iterable[ExceptionRaised] = (*assessments.faults(state.assessments, owner), *conditions.faults(state.conditions, owner))
    return {each.exception: each for each in found}


def _raised(before: State, after: State, given: Given) -> tuple[Event, ...]:
    known = _faults(before, given)
    return tuple(each for name, each in _faults(after, given).items() if name not in known)


def _put_right(before: State, after: State, given: Given) -> tuple[Event, ...]:
    gone = _faults(before, given).keys() - _faults(after, given).keys()
    return tuple(ExceptionClosed(exception=each.raised.exception, how=PUT_RIGHT) for each in before.open_exceptions() if each.raised.exception in gone)


def _registered(known: Mapping[str, RegisteredException], past: Past) -> Mapping[str, RegisteredException]:
    """The register of exceptions after one event; every other event leaves it as it is."""
    match past.body:
        case ExceptionRaised() as raised:
            row = replace(known.get(raised.exception, RegisteredException(raised, past.recorded)), raised=raised, closed=None)
        case ExceptionExplained(exception=name, explanation=text):
            said = Explanation(text, _person(past), past.recorded, frozenset(each for each in (past.actor, past.on_behalf_of) if each))
            row = replace(known[name], explanations=(*known[name].explanations, said))
        case ExceptionClosed(exception=name, how=how):
            row = replace(known[name], closed=Closing(how, _person(past), past.recorded))
        case _:
            return known
    return {**known, row.raised.exception: row}


def _owed(each: RegisteredException, given: Given) -> Duty:
    """The duty is the exception's owner's, whatever office the policy names; the policy says by when, and what chases it."""
    name = "exception.closed" if each.explanations else "exception.explained"
    since = each.explanations[0].recorded if each.explanations else each.opened
    return given.policy.owed_by(each.raised.owner, "assurance", name, each.raised.exception, since)


def _person(past: Past) -> str:
    return past.on_behalf_of or past.actor
