"""What a grant's view shows of its delivery at a day: posts, baselines, milestones, deliverables, reports.

What states its own date counts from that date; a plan, a carry forward and a trade count from the day on which they were
recorded, because no source dates them (CONTRACT, Figures).
"""

from __future__ import annotations

from datetime import date, datetime

from domain import delivery
from domain.calendar import StatedDate, day_of, last_day_of
from domain.deliverables import Deliverable, Traded
from domain.milestones import Milestone
from domain.model import Frozen, Identifier, Name, Text
from domain.policy import Policy
from domain.reports import Report
from domain.undertakings import Given


class PostRow(Frozen):
    """The posts of one rank in a team: funded, filled and vacant; null: nobody has said how many are filled."""

    team: Name
    rank: Name
    funded: int
    filled: int | None
    vacant: int | None


class BaselineRow(Frozen):
    """What was there without the grant, over and above which it funds."""

    team: Name
    headcount: int
    as_of: date
    words: Text


class CarriedRow(Frozen):
    """A milestone's later date, and the variation that allows it."""

    to: StatedDate
    variation: Identifier


class MilestoneRow(Frozen):
    """One milestone: the date first promised, the one that stands, and what became of it (null: nothing yet)."""

    milestone: Identifier
    words: Text
    instrument: Identifier | None
    original_due: StatedDate
    due: StatedDate
    carried: tuple[CarriedRow, ...]
    achieved: StatedDate | None
    days_late: int | None
    abandoned: Text | None


class TradeRow(Frozen):
    """Some of one deliverable for some of another, and the variation that allows it."""

    variation: Identifier
    gives_up: Identifier
    gives_up_count: int
    gains: Identifier
    gains_count: int


class DeliverableRow(Frozen):
    """One deliverable: at most how many were promised, how many with every trade (null: no number), how many are delivered."""

    deliverable: Identifier
    words: Text
    instrument: Identifier | None
    promised: int | None
    most: int | None
    delivered: int
    trades: tuple[TradeRow, ...]


class MadeRow(Frozen):
    """A report as made for one period."""

    period: Name
    due: date
    on: date
    days_late: int


class ReportRow(Frozen):
    """One report: to whom, how often, what was made of it, for which periods it is waived or late, and which it waits for next."""

    report: Identifier
    form: Name
    to: Name
    words: Text
    months: int
    made: tuple[MadeRow, ...]
    waived: tuple[Name, ...]
    overdue: tuple[Name, ...]
    next_period: Name | None
    next_due: date | None


class DeliveryFigures(Frozen):
    """Delivery at one day. ``posts_funded`` are those of the day, or of the last funded day once that is past.

    ``posts_filled`` and ``posts_vacant`` are null while it is unknown of some rank how many are filled.
    """

    posts_funded: int
    posts_filled: int | None
    posts_vacant: int | None
    posts_by_rank: dict[str, int]
    posts: tuple[PostRow, ...]
    baselines: tuple[BaselineRow, ...]
    milestones: tuple[MilestoneRow, ...]
    deliverables: tuple[DeliverableRow, ...]
    reports: tuple[ReportRow, ...]


def delivery_figures(state: delivery.State, as_of: date, ends: date | None, policy: Policy | None) -> DeliveryFigures:
    """Delivery at the end of a London day; ``ends`` is the last funded day of what is in force, ``policy`` null before the opening."""
    rows = _posts(state, min(as_of, ends or as_of))
    filled = [each.filled for each in rows]
    vacant = [each.vacant for each in rows]
    return DeliveryFigures(
        posts_funded=sum(each.funded for each in rows),
        posts_filled=_sum(filled),
        posts_vacant=_sum(vacant),
        posts_by_rank=delivery.by_rank(state, min(as_of, ends or as_of)),
        posts=rows,
        baselines=tuple(
            BaselineRow(team=each.team, headcount=each.headcount, as_of=each.as_of, words=each.words) for each in state.posts.baselines if each.as_of <= as_of
        ),
        milestones=tuple(_milestone(each, as_of) for each in state.milestones.milestones.values() if day_of(each.recorded) <= as_of),
        deliverables=tuple(_deliverable(each, state, as_of) for each in state.deliverables.deliverables.values() if day_of(each.recorded) <= as_of),
        reports=_reports(state, as_of, Given(policy=policy, instruments=(), ends=ends)) if policy else (),
    )


def _posts(state: delivery.State, day: date) -> tuple[PostRow, ...]:
    return tuple(_post(state, key, funded, day) for key, funded in state.posts.by_post(day).items())


def _post(state: delivery.State, key: tuple[str, str], funded: int, day: date) -> PostRow:
    team, rank = key
    filled = state.posts.filled_on(team, rank, day)
    return PostRow(team=team, rank=rank, funded=funded, filled=filled, vacant=None if filled is None else max(funded - filled, 0))


def _sum(counts: list[int | None]) -> int | None:
    known = [each for each in counts if each is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _milestone(each: Milestone, as_of: date) -> MilestoneRow:
    planned = each.planned
    carried = [one.event for one in each.carried if day_of(one.recorded) <= as_of]
    achieved = each.achieved if each.achieved and last_day_of(each.achieved.on) <= as_of else None
    return MilestoneRow(
        milestone=planned.milestone,
        words=planned.words,
        instrument=planned.instrument,
        original_due=planned.due,
        due=carried[-1].to if carried else planned.due,
        carried=tuple(CarriedRow(to=one.to, variation=one.variation) for one in carried),
        achieved=achieved.on if achieved else None,
        days_late=achieved.days_late if achieved else None,
        abandoned=each.abandoned.reason if each.abandoned and _abandoned_by(each, as_of) else None,
    )


def _abandoned_by(each: Milestone, as_of: date) -> bool:
    stated = each.abandoned.on if each.abandoned else None
    return each.abandoned_at is not None and _counts_from(stated, each.abandoned_at) <= as_of


def _counts_from(stated: str | None, recorded: datetime) -> date:
    """The day that the source states, else the one on which we learnt of it."""
    return last_day_of(stated) if stated else day_of(recorded)


def _deliverable(each: Deliverable, state: delivery.State, as_of: date) -> DeliverableRow:
    planned = each.planned
    return DeliverableRow(
        deliverable=planned.deliverable,
        words=planned.words,
        instrument=planned.instrument,
        promised=planned.most,
        most=state.deliverables.most(planned.deliverable, as_of),
        delivered=each.count(as_of),
        trades=tuple(_trade(one) for one in state.deliverables.trades if _of(one, planned.deliverable) and day_of(one.recorded) <= as_of),
    )


def _of(trade: Traded, deliverable: str) -> bool:
    return deliverable in (trade.event.gives_up_deliverable, trade.event.gains_deliverable)


def _trade(trade: Traded) -> TradeRow:
    event = trade.event
    return TradeRow(
        variation=event.variation,
        gives_up=event.gives_up_deliverable,
        gives_up_count=event.gives_up_count,
        gains=event.gains_deliverable,
        gains_count=event.gains_count,
    )


def _reports(state: delivery.State, as_of: date, given: Given) -> tuple[ReportRow, ...]:
    known = (each for each in state.reports.reports.values() if min(each.owed.first, day_of(each.recorded)) <= as_of)
    return tuple(_report(each, as_of, given) for each in known)


def _report(each: Report, as_of: date, given: Given) -> ReportRow:
    made = {name: one for name, one in each.made.items() if one.on <= as_of}
    waived = tuple(name for name, one in each.waived.items() if _counts_from(one.event.on, one.recorded) <= as_of)
    waiting, overdue = None, []
    for period in each.periods(given):
        if period.name in made or period.name in waived:
            continue
        waiting = waiting or period
        if period.due >= as_of:
            break
        overdue.append(period.name)
    return ReportRow(
        report=each.owed.report,
        form=each.owed.form,
        to=each.owed.to,
        words=each.owed.words,
        months=each.owed.months,
        made=tuple(MadeRow(period=one.period, due=one.due, on=one.on, days_late=one.days_late) for one in made.values()),
        waived=waived,
        overdue=tuple(overdue),
        next_period=waiting.name if waiting else None,
        next_due=waiting.due if waiting else None,
    )
