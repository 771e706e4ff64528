"""What an organisation fixes into each of its grants: working days, reminder ladders, scheme editions, accounts.

A grant keeps the policy it was opened under; another one comes only by a visible ``policy.adopted`` (DESIGN §4.9).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.calendar import Closures, day_of, end_of
from domain.model import Duty, Frozen, Identifier, Instant, Name, Pauses, Pence, Text
from domain.paper import ALWAYS_VOID, EDITS, Change, Effect

SUPERIOR = "superior"
"""Where a rung escalates to: the office above the owner of the duty, by the charter."""


class Rung(Frozen):
    """One reminder: so many working days after the duty began or was due (negative: before), at 09:00 London.

    ``to`` null: the owner of the duty; else the office that it escalates to, or ``superior`` for the one above the owner.
    Zero days after the beginning: at once.
    """

    rung: Identifier
    counted_from: Literal["since", "due"]
    working_days: Annotated[int, Field(ge=-250, le=250)]
    to: Identifier | None = None


class Ladder(Frozen):
    """The reminders that chase one kind of duty, in order of time."""

    ladder: Identifier
    rungs: tuple[Rung, ...]


class Condition(Frozen):
    """When a rule of the scheme applies; every field that is set must hold.

    ``business_case_at_least_pence`` is the limb of business cases (R-72), whole pence; ``variation_share_at_least_percent``
    holds all variations of the grant, applied and pending, against what it was given before them (whole per cent);
    ``marks`` are the scheme's own words for papers, of which one must be stated.
    """

    verbs: tuple[Identifier, ...] | None = None
    instruments: tuple[Identifier, ...] | None = None
    at_least_pence: Pence | None = None
    cumulative_at_least_pence: Pence | None = None
    retrospective: bool | None = None
    novel: bool | None = None
    boards: tuple[Identifier, ...] | None = None
    contentious: bool | None = None
    repercussive: bool | None = None
    terms_changed: bool | None = None
    business_case_at_least_pence: Pence | None = None
    variation_share_at_least_percent: Annotated[int, Field(ge=0, le=10_000)] | None = None
    marks: tuple[Identifier, ...] | None = None


class Board(Frozen):
    """A board that a paper must pass before its decision: the days on which it meets (London), whose office keeps its minutes."""

    board: Identifier
    title: Name
    secretary: Identifier
    meetings: tuple[date, ...]

    def next_meeting(self, after: date) -> date | None:
        """The first meeting on that day or later; null: none is fixed."""
        return min((each for each in self.meetings if each >= after), default=None)


class RouteRule(Frozen):
    """A paper that meets ``when`` needs this office's say: advice, the minute of a board, or decision, in this order (equal: side by side).

    ``board`` is whose support a gate needs; ``office`` is then that of its secretary. ``limit_pence`` is the highest
    cumulative value that the office may decide; ``any`` says so in words, and a blank limit decides nothing (DESIGN §6).
    ``stand_in`` names the offices that may take the step while nobody who holds ``office`` can; the steps of one ``group``
    are done once ``quorum`` of them are taken (null: all of them).
    """

    rule: Identifier
    when: Condition
    office: Identifier
    says: Literal["advise", "gate", "decide"]
    order: Annotated[int, Field(ge=1, le=99)]
    board: Identifier | None = None
    limit_pence: Pence | Literal["any"] | None = None
    ladder: Identifier
    because: Text
    source: Name
    assumed: bool
    stand_in: tuple[Identifier, ...] = ()
    group: Identifier | None = None
    quorum: Annotated[int, Field(ge=1, le=20)] | None = None

    @model_validator(mode="after")
    def _quorum_of_a_group(self) -> Self:
        if self.quorum is not None and self.group is None:
            message = "a quorum is that of a group"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _board_at_a_gate(self) -> Self:
        if (self.says == "gate") != (self.board is not None):
            message = "a gate names its board, and nothing else does"
            raise ValueError(message)
        return self

    def reaches(self, pence: int) -> bool:
        """Whether the office's limit allows so much; a blank limit allows nothing."""
        return self.limit_pence == "any" or (self.limit_pence is not None and pence <= self.limit_pence)


class Mandate(Frozen):
    """Which offices may do one kind of act, and the delegation that says so."""

    act: Identifier
    offices: tuple[Identifier, ...]
    source: Name
    assumed: bool


class UrgencyRule(Frozen):
    """An office that the scheme itself lets decide a paper before its other steps, up to a limit (as in ``RouteRule``)."""

    rule: Identifier
    office: Identifier
    limit_pence: Pence | Literal["any"] | None
    because: Text
    source: Name
    assumed: bool


class DutyPair(Frozen):
    """Two acts that no natural person may both do: on one subject (paper, bid, return), or anywhere in one grant."""

    pair: Identifier
    one: Identifier
    other: Identifier
    within: Literal["subject", "grant"]
    because: Text
    source: Name
    assumed: bool


class EditRule(Frozen):
    """What one kind of change of a submitted paper does: it voids what was said of the paper, or whoever said it is told."""

    change: Change
    effect: Effect
    source: Name
    assumed: bool

    @model_validator(mode="after")
    def _never_over_other_content(self) -> Self:
        if self.change in ALWAYS_VOID and self.effect != "void":
            message = f"a change of {self.change} always voids: an approval never stands over other content"
            raise ValueError(message)
        return self


class SchemeEdition(Frozen):
    """One dated edition of the scheme of delegation: routes of papers, mandates for every other act, what one person may not join.

    ``edits`` says what an edit of a submitted paper does, by its kind; of a kind that it does not name, ``domain.paper.EDITS`` does.
    """

    edition: Identifier
    title: Name
    first: date
    last: date | None
    rules: tuple[RouteRule, ...]
    mandates: tuple[Mandate, ...]
    urgency: tuple[UrgencyRule, ...] = ()
    pairs: tuple[DutyPair, ...] = ()
    edits: tuple[EditRule, ...] = ()

    @model_validator(mode="after")
    def _each_change_once(self) -> Self:
        if len({each.change for each in self.edits}) < len(self.edits):
            message = "two rows say what one kind of change does"
            raise ValueError(message)
        return self


class DutyPolicy(Frozen):
    """Whose a duty is, how long it may take where nothing else says, and what chases it."""

    part: Identifier
    duty: Identifier
    owner: Identifier
    ladder: Identifier | None
    working_days: Annotated[int, Field(ge=0, le=250)] | None = None


class Accounts(Frozen):
    """The accounts of the grant sub-ledger, by use; the entity stands beside each posting."""

    receivable_accrued: Name = "assets:grants-receivable:accrued"
    receivable_agreed: Name = "assets:grants-receivable:agreed"
    bank: Name = "assets:bank"
    income: Name = "income:grant:revenue"
    disallowed: Name = "income:grant:disallowed"
    cost: Name = "expenses:project"
    cost_clearing: Name = "liabilities:cost-clearing"
    accruals: Name = "liabilities:accruals"
    award: Name = "memo:award"
    unclaimed: Name = "memo:unclaimed"
    lapsed: Name = "memo:lapsed"
    forfeited: Name = "memo:forfeited"
    host_borne: Name = "memo:host-borne"
    host_contribution: Name = "memo:host-contribution"


AccessHours = Annotated[int, Field(ge=1, le=720)]
"""For how many hours, at most, break-glass opens access to Part 2 (DESIGN §6)."""


class Policy(Frozen):
    """All of it, as one value that an event fixes into a grant."""

    closures: Closures
    ladders: tuple[Ladder, ...]
    duties: tuple[DutyPolicy, ...]
    schemes: tuple[SchemeEdition, ...]
    accounts: Accounts
    boards: tuple[Board, ...] = ()
    access_hours: AccessHours = 72

    def scheme_on(self, day: date) -> SchemeEdition | None:
        """The edition in force that day; null: none, so nothing can be approved."""
        return next((each for each in self.schemes if each.first <= day and (each.last is None or day <= each.last)), None)

    def effect_of(self, change: Change, day: date) -> Effect:
        """What a change of a submitted paper does under the edition in force that day, or where that is silent by default."""
        scheme = self.scheme_on(day)
        return next((each.effect for each in (scheme.edits if scheme else ()) if each.change == change), EDITS[change])

    def duty(self, part: str, name: str) -> DutyPolicy | None:
        """What this policy says of one duty; null: nothing."""
        return next((each for each in self.duties if (each.part, each.duty) == (part, name)), None)

    def owed(self, part: str, name: str, subject: str, since: Instant, due: date | None = None, at_risk: int | None = None) -> tuple[Duty, ...]:
        """The duty as this policy says it: whose it is, and what chases it; none where the policy says nothing of it.

        It falls due at the end of the London day ``due``, else after the policy's working days; ``at_risk`` is in whole
        pence a day.
        """
        found = self.duty(part, name)
        if found is None:
            return ()
        day = due or self.working_day_after(day_of(since), found.working_days)
        return (
            Duty(
                part=part,
                subject=subject,
                name=name,
                owner=found.owner,
                since=since,
                due=end_of(day) if day else None,
                ladder=found.ladder,
                at_risk_per_day_pence=at_risk,
            ),
        )

    def owed_by(self, owner: str, part: str, name: str, subject: str, since: Instant, due: date | None = None) -> Duty:
        """The duty of an owner whom the record names; this policy says by when and what chases it, if it says anything of it."""
        owed = self.owed(part, name, subject, since, due)
        plain = Duty(part=part, subject=subject, name=name, owner=owner, since=since, due=end_of(due) if due else None)
        return owed[0].model_copy(update={"owner": owner}) if owed else plain

    def working_day_after(self, day: date, working_days: int | None) -> date | None:
        """That many working days later (negative: before); null where no number is given or the table does not reach so far."""
        try:
            return None if working_days is None else self.closures.add(day, working_days)
        except ValueError:
            return None

    def after_pauses(self, at: Instant, since: Instant, pauses: Pauses) -> Instant | None:
        """When something is due that rested meanwhile (``Closures.after_pauses``); null where the table does not reach so far."""
        try:
            return self.closures.after_pauses(at, since, pauses)
        except ValueError:
            return None

    def deciders(self, day: date, pence: int) -> tuple[str, ...]:
        """The offices that decide papers of so many pence under the edition in force: who could give an authority that lacks."""
        scheme = self.scheme_on(day)
        rules = scheme.rules if scheme else ()
        return tuple(dict.fromkeys(each.office for each in rules if each.says == "decide" and each.reaches(pence)))

    def mandated(self, act: str, day: date) -> tuple[str, ...]:
        """The offices that the edition in force that day gives an act to; none where it is silent."""
        scheme = self.scheme_on(day)
        return tuple(dict.fromkeys(office for each in (scheme.mandates if scheme else ()) if each.act == act for office in each.offices))

    def delegation(self, act: str, day: date) -> str | None:
        """What allows that act: the edition in force that day, and the source that it names (DESIGN §6)."""
        scheme = self.scheme_on(day)
        mandate = next((each for each in scheme.mandates if each.act == act), None) if scheme else None
        return f"{scheme.title}: {mandate.source}" if scheme and mandate else None

    def board(self, name: str) -> Board | None:
        """The board of that name."""
        return next((each for each in self.boards if each.board == name), None)

    def ladder(self, name: str) -> Ladder | None:
        """The ladder of that name."""
        return next((each for each in self.ladders if each.ladder == name), None)
