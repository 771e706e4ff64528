"""An exception: something that broke a rule and stands. It is closed by ratification or correction, never removed.

A discrepancy: what was stated disagrees with its own parts, or with another paper. It is recorded, never refused; the
parts rule until its owner resolves it (DESIGN §7).
"""

from __future__ import annotations

from domain.model import Event, Identifier, Name, Pence, Text

LATE_APPROVAL = "late approval"
"""Something of ours was signed before it was approved; a later decision ratifies it (R-78, G5)."""

LATE_DECISION = "late decision"
"""A step or a paper was decided after the day by which that was due, or by which the funder wanted to know."""

DECIDED_IN_URGENCY = "decided in urgency"
"""A paper was decided before its other steps, under the scheme's urgency rule; a later paper ratifies it (DESIGN §6)."""

FOR_RATIFICATION = frozenset((LATE_APPROVAL, DECIDED_IN_URGENCY))
"""What is closed by ratification alone."""


class ExceptionRaised(Event, wire="exception.raised", said="Exception: {what} ({subject}), for {owner} to explain: {why}"):
    """A recorded fact broke a rule. ``subject`` is the instrument or return that it concerns; ``owner`` an office (R-78, G5)."""

    exception: Name
    what: Name
    subject: Name
    owner: Identifier
    why: Text


class ExceptionClosed(Event, wire="exception.closed", said="Exception {exception} closed: {how}"):
    """What closed it: a ratification with its decision, or a correction."""

    exception: Name
    how: Text


class DiscrepancyFound(Event, wire="discrepancy.found", said="Discrepancy: {what} ({subject}), for {owner} to resolve: {why}"):
    """Two statements of one thing disagree: a stated total and its parts, or two papers. The parts rule (DESIGN §7).

    ``discrepancy`` names it; found again with the same name it is the same one. ``subject`` is the instrument, return or
    paper concerned; ``owner`` an office. ``stated_pence`` is the figure as stated, ``found_pence`` what its parts come to
    (pence; null: not about money).
    """

    discrepancy: Name
    what: Name
    subject: Name
    owner: Identifier
    why: Text
    stated_pence: Pence | None = None
    found_pence: Pence | None = None
