"""An exception: something that broke a rule and stands. It is closed by ratification or correction, never removed."""

from __future__ import annotations

from domain.model import Event, Identifier, Name, Text

LATE_APPROVAL = "late approval"
"""Something of ours was signed before it was approved; a later decision ratifies it (R-78, G5)."""


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
