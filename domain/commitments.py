"""What stands beside the money of the grant: commitments of others, and what we expect still to spend. Part of the room ``recovery``.

A commitment of the host or of a third party has its own cap and never enters a return (R-20, invariant 11). A forecast adds
nothing to a cap or to income (invariant 10); with it the money at risk of a year is its cap less actual less forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from domain.calendar import StatedDate, YearLabel
from domain.model import Cap, CommandBody, Decision, Event, Frozen, Identifier, Name, Rule, Text, fields_of
from domain.money import Stated

DIFFERS = Rule(
    "recovery.commitment_differs",
    "Commitment {commitment} is recorded already, with other content.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other commitment an id of its own.",
)
FORECAST_DIFFERS = Rule(
    "recovery.forecast_differs",
    "The forecast of {year} dated {dated} is recorded already, as {forecast_pence}.",
    "DESIGN §5: nothing is rewritten",
    remedy="Date the new forecast of {year} with another day.",
)

# What can be asked for --------------------------------------------------------------------------------------------------


class Commitment(Frozen):
    """What a party of its own pays towards the undertaking: at most so many pence, a year or in all, stated so exactly.

    From the first day to the last, both included (null: no end is stated). ``note`` quotes what the source says of it.
    """

    commitment: Identifier
    party: Name
    cap_pence: Cap
    per: Literal["year", "whole"]
    stated: Stated = "penny"
    first: date
    last: date | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last is not None and self.last < self.first:
            message = "the commitment ends before it begins"
            raise ValueError(message)
        return self


class RecordCommitment(CommandBody, Commitment, kind="fact"):
    """Another pays beside the grant; it is shown, and no return ever includes it."""


class RecordForecast(CommandBody, kind="fact"):
    """What we expected, on the day stated, still to spend of a financial year, in whole pence. The latest one counts."""

    year: YearLabel
    pence: Cap
    dated: StatedDate


# What can have happened -------------------------------------------------------------------------------------------------


class CommitmentRecorded(
    Event, Commitment, wire="commitment.recorded", said="{party} commits up to {cap_pence} (per {per}) beside the grant: {commitment}", effective="first"
):
    """Money of another, beside the cap and never inside it."""


class ForecastRecorded(Event, wire="forecast.recorded", said="{forecast_pence} still expected to be spent of {year}", effective="dated"):
    """An expectation: it adds nothing to a cap, to income or to a return."""

    year: YearLabel
    forecast_pence: Cap
    dated: StatedDate


Happened = CommitmentRecorded | ForecastRecorded

# The rules --------------------------------------------------------------------------------------------------------------


def commit(body: RecordCommitment, known: Mapping[str, CommitmentRecorded]) -> Decision:
    """A commitment is recorded once; one that changed is another commitment."""
    recorded = CommitmentRecorded(**fields_of(body, Commitment))
    before = known.get(body.commitment)
    if before is None:
        return (recorded,)
    return () if before == recorded else DIFFERS.refuse(commitment=body.commitment)


def forecast(body: RecordForecast, known: Mapping[tuple[str, str], ForecastRecorded]) -> Decision:
    """A forecast of a year stands beside the earlier ones; two of one day cannot both be."""
    recorded = ForecastRecorded(year=body.year, forecast_pence=body.pence, dated=body.dated)
    before = known.get((body.year, body.dated))
    if before is None:
        return (recorded,)
    return () if before == recorded else FORECAST_DIFFERS.refuse(year=body.year, dated=body.dated, forecast_pence=before.forecast_pence)
