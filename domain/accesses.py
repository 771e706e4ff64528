"""What has come of each access to Part 2 that break-glass asked for: its events, and where it stands.

Part of the room ``restricted``. The rules that lead here, and who may take them, are in ``break_glass``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.calendar import day_of
from domain.model import CommandId, Event, Identifier, Instant, Past, Text, said

BANNER = "Break-glass: access to Part 2 was opened on {opened} for {person} until {until}, confirmed by {confirmed_by}; reason in history"

Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="2021-01")]
"""A calendar month in London."""

# What can have happened -----------------------------------------------------------------------------------------------


class AccessAsked(Event, wire="access.asked", said="{person} asks for break-glass access {access} to Part 2 until {until}"):
    """Somebody asks to read without the mandate. The reason is internal: the history has it, and no other view."""

    access: Identifier
    person: Identifier
    reason: Text
    until: Instant
    subjects: tuple[CommandId, ...]


class AccessConfirmed(Event, wire="access.confirmed", said="{office} confirms break-glass access {access} to Part 2 for {person} until {until}"):
    """A second person, acting in ``office``, opened the access."""

    access: Identifier
    person: Identifier
    office: Identifier
    until: Instant


class AccessEnded(Event, wire="access.ended", said="Break-glass access {access} ended early"):
    """Nothing more is read under the access. The reason is internal, as that of the asking."""

    access: Identifier
    reason: Text


class AccessLapsed(Event, wire="access.lapsed", said="Nobody confirmed break-glass access {access} for {person} by {until}"):
    """The access that was asked for was never opened: its instant came first."""

    access: Identifier
    person: Identifier
    until: Instant


class AccessReported(Event, wire="access.reported", said="Break-glass access in {month} reported to {office}: {accesses}"):
    """The named office has the report of these accesses, all confirmed in that month."""

    month: Month
    office: Identifier
    accesses: tuple[Identifier, ...]


Happened = AccessAsked | AccessConfirmed | AccessEnded | AccessLapsed | AccessReported

# Where accesses stand -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Confirmed:
    """Who opened an access, for whom if for somebody, in which office, and when (UTC)."""

    actor: str
    on_behalf_of: str | None
    office: str
    at: datetime

    def __str__(self) -> str:
        """The person, by opaque id, and the one on whose behalf."""
        return f"{self.actor} for {self.on_behalf_of}" if self.on_behalf_of else self.actor


@dataclass(frozen=True)
class Access:
    """One access as asked at an instant (UTC); ``confirmed`` null: not open yet. It can be ended early, and is reported.

    ``lapsed_at`` is when its instant had come and nobody had confirmed it (UTC; null: that did not happen).
    """

    asked: AccessAsked
    at: datetime
    confirmed: Confirmed | None = None
    ended: AccessEnded | None = None
    ended_at: datetime | None = None
    reported_at: datetime | None = None
    lapsed_at: datetime | None = None

    @property
    def id(self) -> str:
        """The id that people give it."""
        return self.asked.access

    @property
    def until(self) -> datetime:
        """The instant (UTC) at which it is over: as asked, or when it was ended."""
        return min(self.asked.until, self.ended_at or self.asked.until)

    @property
    def month(self) -> str | None:
        """The London month in which it was confirmed; null: it was not."""
        return f"{day_of(self.confirmed.at):%Y-%m}" if self.confirmed else None

    @property
    def waits(self) -> bool:
        """Whether it waits for a second person, who opens it."""
        return self.confirmed is None and self.ended is None and self.lapsed_at is None

    @property
    def unreported(self) -> bool:
        """Whether it was confirmed and nobody has its report."""
        return self.confirmed is not None and self.reported_at is None

    def scope(self, kept: Iterable[str]) -> tuple[str, ...]:
        """Which of what is kept it reaches."""
        return tuple(each for each in kept if not self.asked.subjects or each in self.asked.subjects)

    def banner(self) -> str | None:
        """What every later view of the grant says of it; null: it was never opened."""
        if self.confirmed is None:
            return None
        return said(BANNER, {"opened": self.confirmed.at, "person": self.asked.person, "until": self.until, "confirmed_by": str(self.confirmed)})


Accesses = Mapping[str, Access]
"""Every access that was asked for, by its id, in the order of asking."""


def evolve(accesses: Accesses, past: Past) -> Accesses:
    """The accesses after one of these events."""
    match past.body:
        case AccessAsked(access=name) as asked:
            return {**accesses, name: Access(asked, past.recorded)}
        case AccessConfirmed(access=name, office=office):
            return {**accesses, name: replace(accesses[name], confirmed=Confirmed(past.actor, past.on_behalf_of, office, past.recorded))}
        case AccessEnded(access=name) as ended:
            return {**accesses, name: replace(accesses[name], ended=ended, ended_at=past.recorded)}
        case AccessLapsed(access=name):
            return {**accesses, name: replace(accesses[name], lapsed_at=past.recorded)}
        case AccessReported(accesses=names):
            return {**accesses, **{each: replace(accesses[each], reported_at=past.recorded) for each in names}}
        case _:
            return accesses
