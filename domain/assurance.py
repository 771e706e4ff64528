"""Assurance: assessments of data protection and equality, and the register of exceptions.

An assessment is a versioned record, never a yes or no (G30, invariant 34). An exception is explained by its owner and
closed by ratification or correction; it stays in the register for ever (DESIGN §2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from domain.calendar import StatedDate
from domain.exception import ExceptionClosed, ExceptionRaised
from domain.model import By, CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Name, Past, Rule, Text
from domain.policy import Policy

EXCEPTION_UNKNOWN = Rule("assurance.exception_unknown", "There is no exception {exception}.", "DESIGN §2, Exception")
EXCEPTION_CLOSED = Rule("assurance.exception_closed", "Exception {exception} is closed: {how}.", "DESIGN §2, Exception")

# What can be asked for ------------------------------------------------------------------------------------------------


class RecordAssessment(CommandBody, kind="fact"):
    """An assessment was made, screened out, or reviewed: ``form`` names which (dpia, eia), ``outcome`` quotes its words.

    ``dated`` null: the source gives no date (R-90, R-92). ``shared_with`` names the grant or programme whose assessment
    it is, null where it is our own.
    """

    form: Identifier
    outcome: Text
    dated: StatedDate | None = None
    shared_with: Name | None = None
    documents: tuple[Document, ...] = ()


class ExplainException(CommandBody, kind="act"):
    """Say how an exception came about, and what is done about it. A later explanation stands beside the earlier ones."""

    exception: Name
    explanation: Text


Command = RecordAssessment | ExplainException

# What can have happened -----------------------------------------------------------------------------------------------


class AssessmentRecorded(Event, wire="assessment.recorded", said="Assessment {form}, edition {edition}: {outcome}", effective="dated"):
    """One edition of an assessment; the first is 1, and each later one stands beside it."""

    form: Identifier
    edition: int
    outcome: Text
    dated: StatedDate | None
    shared_with: Name | None
    documents: tuple[Document, ...]


class ExceptionExplained(Event, wire="exception.explained", said="Exception {exception} explained: {explanation}"):
    """What the owner says of it. It stays open."""

    exception: Name
    explanation: Text


Happened = AssessmentRecorded | ExceptionExplained
DUTIES = (
    DutyWords(name="exception.explained", words="{owner} explains exception {subject}"),
    DutyWords(name="exception.closed", words="{owner} has exception {subject} ratified or corrected"),
)

# Where assurance stands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explanation:
    """What was said of an exception, by whom (the person acted for, where there was one), and when it was recorded (UTC)."""

    text: str
    person: str
    recorded: datetime


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
    """Assessments in the order of their editions, and every exception that there ever was, by id."""

    assessments: tuple[AssessmentRecorded, ...] = ()
    exceptions: Mapping[str, RegisteredException] = field(default_factory=dict)

    def open_exceptions(self) -> tuple[RegisteredException, ...]:
        """Those that neither ratification nor correction has closed."""
        return tuple(each for each in self.exceptions.values() if each.closed is None)


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: the policy."""

    policy: Policy


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:  # noqa: ARG001  (every room is asked alike)
    """What follows from an assessment or an explanation."""
    match body:
        case RecordAssessment():
            return _assess(body, state)
        case ExplainException(exception=exception, explanation=explanation):
            return _explain(exception, explanation, state)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """The register after one of the room's events, or after an exception was raised or closed anywhere."""
    match past.body:
        case AssessmentRecorded() as assessment:
            return replace(state, assessments=(*state.assessments, assessment))
        case ExceptionRaised() as raised:
            before = state.exceptions.get(raised.exception, RegisteredException(raised, past.recorded))
            return _with(state, replace(before, raised=raised, closed=None))
        case ExceptionExplained(exception=name, explanation=text):
            before = state.exceptions[name]
            return _with(state, replace(before, explanations=(*before.explanations, Explanation(text, _person(past), past.recorded))))
        case ExceptionClosed(exception=name, how=how):
            return _with(state, replace(state.exceptions[name], closed=Closing(how, _person(past), past.recorded)))
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """Its owner explains an exception, then has it ratified or corrected."""
    return tuple(_owed(each, given) for each in state.open_exceptions())


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room is asked alike)
    """Nothing here falls due by itself."""
    return ()


def content(body: Command, state: State) -> str | None:  # noqa: ARG001  (every room is asked alike)
    """Nothing here binds what was seen."""
    return None


def _assess(body: RecordAssessment, state: State) -> Decision:
    editions = [each for each in state.assessments if each.form == body.form]
    recorded = AssessmentRecorded(**{name: getattr(body, name) for name in RecordAssessment.model_fields}, edition=len(editions) + 1)
    if editions and editions[-1].model_dump(exclude={"edition"}) == recorded.model_dump(exclude={"edition"}):
        return ()
    return (recorded,)


def _explain(exception: str, explanation: str, state: State) -> Decision:
    known = state.exceptions.get(exception)
    if known is None:
        return EXCEPTION_UNKNOWN.refuse(exception=exception)
    if any(each.text == explanation for each in known.explanations):
        return ()
    if known.closed:
        return EXCEPTION_CLOSED.refuse(exception=exception, how=known.closed.how)
    return (ExceptionExplained(exception=exception, explanation=explanation),)


def _owed(each: RegisteredException, given: Given) -> Duty:
    """The duty is the exception's owner's, whatever office the policy names; the policy says by when, and what chases it."""
    name = "exception.closed" if each.explanations else "exception.explained"
    since = each.explanations[0].recorded if each.explanations else each.opened
    duty = Duty(part="assurance", subject=each.raised.exception, name=name, owner=each.raised.owner, since=since, due=None)
    owed = given.policy.owed("assurance", name, each.raised.exception, since)
    return owed[0].model_copy(update={"owner": each.raised.owner}) if owed else duty


def _person(past: Past) -> str:
    return past.on_behalf_of or past.actor


def _with(state: State, row: RegisteredException) -> State:
    return replace(state, exceptions={**state.exceptions, row.raised.exception: row})
