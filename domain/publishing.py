"""Publishing decisions: who owes it by when, until the decision is published, or its publication deferred for a reason (R-75).

A paper's decision is published by the act that says where it stands, or by the record of its decision with a public document.
A deferral ends with a London day; a decision that is still not published then is overdue again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from domain.authority import StatedDecision
from domain.calendar import day_of
from domain.model import By, CommandBody, Decision, Document, Duty, Event, Frozen, Identifier, Instant, Past, Rule, Text, fields_of
from domain.policy import Policy
from domain.steps import Paper

SOURCE = "R-75; R-80"
UNDECIDED = Rule("publication.undecided", "{paper} is not decided yet, so there is nothing to publish.", SOURCE, remedy="Wait until {paper} is decided.")
PUBLISHED = Rule(
    "publication.published_already", "The decision on {paper} is published already: {document}.", SOURCE, remedy="Leave it; {paper} is published in {document}."
)
NOT_PUBLIC = Rule(
    "publication.not_public",
    "The document that publishes the decision on {paper} is {grade}; only a public one does.",
    SOURCE,
    remedy="Name a public document, and leave Part 2 out of it.",
)
NOT_AHEAD = Rule(
    "publication.not_ahead",
    "The publication of {paper} would be deferred until {until}, which is not after {today}.",
    SOURCE,
    remedy="Name a day after {today}, or publish the decision on {paper} now.",
)

# What can be asked for ------------------------------------------------------------------------------------------------


class PublishDecision(CommandBody, kind="act"):
    """Say where the decision on a paper, its Part 1, is published."""

    paper: Identifier
    document: Document


class DeferPublication(CommandBody, kind="act"):
    """Put the publication of a decision off until the end of a London day, and say why."""

    paper: Identifier
    until: date
    reason: Text


Publishing = PublishDecision | DeferPublication

# What can have happened -----------------------------------------------------------------------------------------------


class DecisionPublished(Event, wire="decision.published", said="The decision on {paper} is published: {document}"):
    """The decision on a paper stands where anybody can read it."""

    paper: Identifier
    document: Document


class PublicationDeferred(Event, wire="publication.deferred", said="Publication of {paper} deferred until {until}: {reason}"):
    """The decision on a paper is to be published by the end of another London day."""

    paper: Identifier
    until: date
    reason: Text


Outcome = DecisionPublished | PublicationDeferred


@dataclass(frozen=True)
class Publication:
    """How far the publication of one decision has come: the document (null: none yet), when (UTC), and its last deferral."""

    document: Document | None = None
    at: datetime | None = None
    deferred: PublicationDeferred | None = None


NOTHING_YET = Publication()


class PublicationRow(Frozen):
    """The publication of a paper's decision as views read it; ``until`` and ``reason`` are those of its last deferral.

    ``due``: it is owed; ``deferred``: owed by the day ``until``; ``none``: not decided, or the policy asks for none.
    """

    standing: Literal["none", "due", "deferred", "published"]
    document: Document | None = None
    at: Instant | None = None
    until: date | None = None
    reason: Text | None = None


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Publishing, paper: Paper, known: Publication, by: By) -> Decision:
    """What follows from publishing a decision, or from putting that off: once published, it is."""
    if paper.items is None:
        return UNDECIDED.refuse(*(each.office for each, _ in paper.open_steps()), paper=paper.id)
    if known.document:
        same = isinstance(body, PublishDecision) and body.document == known.document
        return () if same else PUBLISHED.refuse(paper=paper.id, document=known.document)
    return _publish(body, paper) if isinstance(body, PublishDecision) else _defer(body, known, by)


def _publish(body: PublishDecision, paper: Paper) -> Decision:
    if body.document.grade != "public":
        return NOT_PUBLIC.refuse(paper=paper.id, grade=body.document.grade)
    return (DecisionPublished(**fields_of(body)),)


def _defer(body: DeferPublication, known: Publication, by: By) -> Decision:
    today, deferred = day_of(by.now), PublicationDeferred(**fields_of(body))
    if body.until <= today:
        return NOT_AHEAD.refuse(paper=body.paper, until=body.until, today=today)
    return () if deferred == known.deferred else (deferred,)


def after(known: Publication, body: Outcome, past: Past) -> Publication:
    """The publication after one of its events. Total: history is never refused."""
    if isinstance(body, DecisionPublished):
        return replace(known, document=body.document, at=past.recorded)
    return replace(known, deferred=body)


def stated(known: Publication, decision: StatedDecision, past: Past) -> Publication:
    """The publication after a decision was recorded: a public document of it publishes it, the first one that is known."""
    public = decision.document.grade == "public" and known.document is None
    return replace(known, document=decision.document, at=past.recorded) if public else known


def owed(papers: Iterable[Paper], known: Mapping[str, Publication], policy: Policy) -> tuple[Duty, ...]:
    """Who owes the publication of a decision from when it was made; nobody where the policy asks for none, or it is published."""
    return tuple(duty for paper in papers for duty in _owed(paper, known.get(paper.id, NOTHING_YET), policy))


def row_of(paper: Paper, known: Publication, policy: Policy | None) -> PublicationRow:
    """The publication of a paper's decision as views read it; without a policy (null) nothing is asked for."""
    until, reason = (known.deferred.until, known.deferred.reason) if known.deferred else (None, None)
    asked = policy is not None and bool(_owed(paper, known, policy))
    standing = "published" if known.document else "none" if not asked else "deferred" if known.deferred else "due"
    return PublicationRow.model_validate({"standing": standing, "document": known.document, "at": known.at, "until": until, "reason": reason})


def _owed(paper: Paper, known: Publication, policy: Policy) -> tuple[Duty, ...]:
    if paper.items is None or known.document:
        return ()
    return policy.owed("approval", "publish", paper.id, paper.since, known.deferred.until if known.deferred else None)
