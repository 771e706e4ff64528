"""Assessments of data protection, equality and the like: one edition after the other, each with its finding.

Part of the room ``assurance``. An assessment is never a yes or a no (G30, invariant 34): it is completed, begun, screened
out with its screening, reviewed, or to be brought up to date.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.calendar import StatedDate
from domain.exception import ExceptionRaised
from domain.model import CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Name, Text, fields_of
from domain.policy import Policy

Finding = Literal["completed", "commenced", "screened_out", "reviewed", "update_due"]
"""What an edition comes to: made; begun; not needed; looked at again; in need of being brought up to date (R-90, R-92)."""

UNFINISHED: dict[Finding, str] = {"commenced": "is begun and not completed", "update_due": "is to be brought up to date"}
"""The findings that leave work to do, in words."""

NO_SCREENING = "no evidence of the screening"
"""Somebody found that no assessment is needed, and nothing shows how (invariant 34)."""

DUTIES = (DutyWords(name="assessment.made", words="{owner} completes the assessment {subject}"),)


class RecordAssessment(CommandBody, kind="fact"):
    """An assessment was made, begun, screened out, reviewed, or found out of date: ``form`` names which (dpia, eia).

    ``outcome`` quotes the source's words. ``dated`` null: the source gives no date (R-90, R-92). ``shared_with`` names the
    grant or programme whose assessment it is, null where it is our own. What was screened out names the screening among
    its documents, or an exception stands until it does (invariant 34).
    """

    form: Identifier
    outcome: Text
    finding: Finding = "completed"
    dated: StatedDate | None = None
    shared_with: Name | None = None
    documents: tuple[Document, ...] = ()


class AssessmentRecorded(Event, wire="assessment.recorded", said="Assessment {form}, edition {edition} ({finding}): {outcome}", effective="dated"):
    """One edition of an assessment; the first is 1, and each later one stands beside it."""

    form: Identifier
    edition: int
    outcome: Text
    finding: Finding = "completed"
    dated: StatedDate | None
    shared_with: Name | None
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Assessment:
    """One edition as recorded, and when that was (UTC)."""

    event: AssessmentRecorded
    recorded: datetime


def record(body: RecordAssessment, known: Iterable[Assessment]) -> Decision:
    """The next edition; none, if the last one says the same."""
    editions = [each.event for each in known if each.event.form == body.form]
    stated = fields_of(body, RecordAssessment)
    recorded = AssessmentRecorded(**stated, edition=len(editions) + 1)
    if editions and editions[-1].model_dump(exclude={"edition"}) == recorded.model_dump(exclude={"edition"}):
        return ()
    return (recorded,)


def latest(known: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """The last edition of each form."""
    return tuple({each.event.form: each for each in known}.values())


def faults(known: Iterable[Assessment], owner: str) -> tuple[ExceptionRaised, ...]:
    """What was screened out with nothing to show for it."""
    return tuple(
        ExceptionRaised(
            exception=f"screening/{each.event.form}",
            what=NO_SCREENING,
            subject=each.event.form,
            owner=owner,
            why=f"Assessment {each.event.form} was screened out, and no document shows the screening.",
        )
        for each in latest(known)
        if each.event.finding == "screened_out" and not each.event.documents
    )


def duties(known: Iterable[Assessment], policy: Policy) -> tuple[Duty, ...]:
    """An assessment that is begun, or out of date, waits to be completed."""
    unfinished = (each for each in latest(known) if each.event.finding in UNFINISHED)
    return tuple(duty for each in unfinished for duty in policy.owed("assurance", "assessment.made", each.event.form, each.recorded))


def gates(known: Iterable[Assessment]) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words."""
    return tuple(f"assessment {each.event.form} {UNFINISHED[each.event.finding]}" for each in latest(known) if each.event.finding in UNFINISHED)
