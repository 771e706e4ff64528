"""Cross-charges: work of another body, tasked by whoever controls the fund, and charged by that body. Part of the room ``recovery``.

A tasking names the body, the kinds of cost, the days and the hours; a charge names its tasking, its body, its hours and the
body's invoice (R-43, invariant 27). What becomes of a charge is judged in ``domain.tasking``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.calendar import StatedDate, Window
from domain.model import CommandBody, Document, Event, Frozen, Identifier, Name, Text

Hours = Annotated[int, Field(gt=0, le=100_000_000)]
"""Whole hundredths of an hour, more than none: seven and a half hours are 750."""


class Charge(Frozen):
    """What makes a cost a cross-charge: the tasking it answers, the body that charges, its hours, and the body's own invoice.

    ``invoice`` is the body's number of that one row (its line, where an invoice has several); null: not invoiced yet.
    """

    tasking: Identifier
    body: Name
    hours_hundredths: Hours
    invoice: Name | None

    @property
    def claimed_as(self) -> str | None:
        """The invoice as one thing that a single grant can claim, whatever key its cost has; null: not invoiced yet."""
        return f"{self.invoice} of {self.body}" if self.invoice else None


class Tasking(Frozen):
    """Work asked of another body: which, for which kinds of cost, from the first day to the last, for how many hours at most.

    The hours are hundredths of an hour, over all days; ``words`` say what the work is.
    """

    tasking: Identifier
    body: Name
    categories: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    most_hours_hundredths: Hours
    first: date
    last: date
    words: Text
    documents: tuple[Document, ...] = ()

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last < self.first:
            message = "the work ends before it begins"
            raise ValueError(message)
        return self

    @property
    def window(self) -> Window:
        """Its days, both ends included."""
        return Window(first=self.first, last=self.last)


class TaskWork(CommandBody, Tasking, kind="act"):
    """Task another body's work now, before it begins, within what an instrument in force pays for."""


class RecordTasking(CommandBody, Tasking, kind="fact"):
    """Work has been tasked already, on the day stated; ``tasked_by`` is the name or rank as the source states it."""

    tasked: StatedDate
    tasked_by: Name | None = None


class WorkTasked(Event, Tasking, wire="work.tasked", said="{body} tasked under {tasking}, {first} to {last}: {words}", effective="tasked"):
    """Another body's work is tasked, on the day stated; ``delegation``: what allowed it (null where it was a fact already)."""

    tasked: StatedDate
    tasked_by: Name | None
    delegation: Text | None


Happened = WorkTasked
