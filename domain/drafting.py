"""A paper as it is drafted, edited and submitted, and a decision as its document states it: what is asked, what has happened.

Part of the room ``approval``; the rules are in ``domain.approval``.
"""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import model_validator

from domain.authority import StatedDecision
from domain.model import CommandBody, Digest, Event, Identifier, Text
from domain.paper import Change, Contents, Effect
from domain.scheme import Asked, Route

# What can be asked for --------------------------------------------------------------------------------------------------


class DraftPaper(Contents, CommandBody, kind="act"):
    """Begin a paper: a request for a decision, item by item."""


class EditPaper(Contents, CommandBody, kind="act", binds=True):
    """Give a paper these contents, whole, and say why. ``changes`` names what the edit touches beyond what its fields show."""

    changes: tuple[Change, ...] = ()
    reason: Text


class SubmitPaper(CommandBody, kind="act", binds=True):
    """Send a paper along the route that the scheme in force today asks for it."""

    paper: Identifier


class RecordDecision(StatedDecision, CommandBody, kind="fact"):
    """A decision as its document states it: of a paper decided here, or alone with the items that it decided."""

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.paper and self.items:
            message = "the items of a paper decided here are known; only a decision that stands alone brings its own"
            raise ValueError(message)
        return self


# What can have happened -------------------------------------------------------------------------------------------------


class PaperDrafted(Contents, Event, wire="paper.drafted", said="Paper {paper} drafted by {office}: {title}"):
    """A paper begins, in the office that drafts it; ``part_two`` is the digest of its sealed content (null: none came with it)."""

    office: Identifier
    part_two: Digest | None = None


class PaperEdited(Contents, Event, wire="paper.edited", said="Paper {paper} edited ({changes}: {effect}): {reason}{voided:; void: }"):
    """The paper's contents from here on; whose say is void, and who is told that theirs was given over older wording.

    ``part_two`` is the digest of its sealed content from here on (null: it has none).
    """

    changes: tuple[Change, ...]
    effect: Effect
    voided: tuple[Identifier, ...]
    told: tuple[Identifier, ...]
    reason: Text
    part_two: Digest | None = None


class PaperSubmitted(Event, wire="paper.submitted", said="Paper {paper} submitted: {route}"):
    """The route with its reasons, and what it was computed from; the paper is dated the London day of its submission.

    ``content`` is bound over the contents and ``part_two``, the digest of the paper's sealed content (null: it has none).
    """

    paper: Identifier
    content: Digest
    dated: date
    asked: Asked
    route: Route
    part_two: Digest | None = None


class DecisionRecorded(StatedDecision, Event, wire="decision.recorded", said="Decision {decision} of {maker} recorded: {items}", effective="decided"):
    """A decision as its document states it; with a paper, the items repeat what was decided here and authorise nothing more."""
