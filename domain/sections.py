"""The sections of a grant's view beside its sums: windows, lines, variations, returns, exceptions, assessments, exit.

Each is read from its room as it stands, for an as-of day: what begins later is left out. Money is whole pence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain import assurance, recovery, variation
from domain import exit as leaving
from domain.calendar import StatedDate, Window, YearLabel, day_of, last_day_of
from domain.eligibility import Included, Share
from domain.instruments import Instrument
from domain.model import Cap, Frozen, Identifier, Instant, Name, Pence, Text
from domain.returns import Return
from domain.variation import Variation, WindowChanged


class WindowRow(Frozen):
    """When an instrument's cost counts: as planned and in effect, why they differ, and what the delay costs (indicative)."""

    instrument: Identifier
    planned: Window | None
    effective: Window
    reason: Text | None
    indicative_cost_pence: Cap | None


class VariationRow(Frozen):
    """A variation's letter and its money; ``applied`` is the day from which its cap counts (null: not in force).

    ``at_risk_per_day_pence`` is its net over its planned days; ``at_risk_pence`` that times the days that it has waited
    for its application (null: applied). Both are straight line and indicative.
    """

    ref: Identifier
    agreement: Identifier
    letter_date: StatedDate | None
    made_available: StatedDate
    retrospective: bool
    additions_pence: Cap
    offsets_pence: Pence
    net_pence: Pence
    applied: date | None
    at_risk_per_day_pence: Cap
    at_risk_pence: Cap | None


class LineRow(Frozen):
    """One budget line of one year: its cap in force, what was claimed and agreed on it, what no return claims of its cost."""

    line: Identifier
    year: YearLabel
    cap_pence: Pence
    claimed_pence: Cap
    agreed_pence: Cap
    unclaimed_pence: Cap


class ReturnRow(Frozen):
    """One return; a date or sum is null where that step was not taken by the as-of day."""

    period: Identifier
    due: date
    prepared_pence: Cap | None
    submitted: date | None
    days_late: int | None
    claimed_pence: Cap | None
    agreed: StatedDate | None
    agreed_pence: Cap | None
    disallowed_pence: Cap | None
    received_pence: Cap
    settled: StatedDate | None


class ExceptionRow(Frozen):
    """One exception, open or closed (instants, UTC); ``how`` says what closed it."""

    exception: Name
    what: Name
    subject: Name
    owner: Identifier
    why: Text
    explanations: tuple[Text, ...]
    opened: Instant
    closed: Instant | None
    how: Text | None


class AssessmentRow(Frozen):
    """One edition of an assessment."""

    form: Identifier
    edition: int
    outcome: Text
    dated: StatedDate | None
    shared_with: Name | None


class ReferenceRow(Frozen):
    """Another decision or grant of the programme; an external one is kept by reference only."""

    reference: Name
    external: bool
    note: Name | None


class ExitRow(Frozen):
    """What happens if the funding stops: the strategy (null: none is stated) and how far it has come."""

    covers: Text | None
    trigger: Text | None
    plan: Text | None
    armed: Instant | None
    averted_by: Name | None
    triggered: date | None
    retention_until: date | None


def windows(found: Iterable[Instrument], state: variation.State, as_of: date) -> tuple[WindowRow, ...]:
    """The windows of every instrument that had been offered or signed by that day."""
    return tuple(_window(each, state.variations.get(each.name), as_of) for each in found if not each.replaced and began(each) <= as_of)


def variations(state: variation.State, as_of: date, today: date) -> tuple[VariationRow, ...]:
    """Every variation made available by that day; money at risk is reckoned until ``today``."""
    return tuple(_variation(each, as_of, today) for each in state.variations.values() if last_day_of(each.received.made_available) <= as_of)


def lines(found: Iterable[Instrument], shared: Iterable[Share], books: recovery.State, as_of: date) -> tuple[LineRow, ...]:
    """Every line that pays or that cost names, by year and name."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for each in found:
        for line in each.lines if each.pays and each.in_force and each.in_force <= as_of else ():
            _add(rows, line.year, line.line, "cap_pence", line.pence)
    for share in shared:
        for name in _columns(share, books, as_of):
            _add(rows, share.year, share.cost.line, name, share.pence)
    empty = dict.fromkeys(("cap_pence", "claimed_pence", "agreed_pence", "unclaimed_pence"), 0)
    return tuple(LineRow.model_validate({"line": line, "year": year, **empty, **sums}) for (year, line), sums in sorted(rows.items()))


def returns(books: recovery.State, as_of: date) -> tuple[ReturnRow, ...]:
    """Every return opened by that day, in the order of its due date."""
    opened = (each for each in books.returns.values() if each.opened.window.last <= as_of)
    return tuple(_return(each, books, as_of) for each in sorted(opened, key=lambda each: (each.opened.due, each.opened.period)))


def exceptions(state: assurance.State, as_of: date) -> tuple[ExceptionRow, ...]:
    """Every exception recorded by that day, closed or not: none is ever removed."""
    return tuple(_exception(each, as_of) for each in state.exceptions.values() if day_of(each.opened) <= as_of)


def assessments(state: assurance.State) -> tuple[AssessmentRow, ...]:
    """Every edition of every assessment."""
    return tuple(
        AssessmentRow(form=each.form, edition=each.edition, outcome=each.outcome, dated=each.dated, shared_with=each.shared_with) for each in state.assessments
    )


def ending(state: leaving.State) -> ExitRow:
    """The exit as it stands."""
    stated = state.strategy.stated if state.strategy else None
    return ExitRow(
        covers=stated.covers if stated else None,
        trigger=stated.trigger if stated else None,
        plan=stated.plan if stated else None,
        armed=state.armed.recorded if state.armed else None,
        averted_by=state.averted.reference if state.averted else None,
        triggered=state.triggered.ends if state.triggered else None,
        retention_until=state.closed.retention_until if state.closed else None,
    )


def began(each: Instrument) -> date:
    """The day from which an instrument is known to the world: offered, or in force."""
    return min(day for day in (each.offered, each.in_force, date.max) if day)


def submitted_by(found: Return, as_of: date) -> bool:
    """Whether a return had been submitted by the end of a London day."""
    return found.submitted_at is not None and day_of(found.submitted_at) <= as_of


def agreed_by(found: Return, as_of: date) -> bool:
    """Whether the funder had agreed it by the end of a day."""
    return found.agreed is not None and last_day_of(found.agreed.dated) <= as_of


def in_return(share: Share, books: recovery.State, as_of: date) -> str | None:
    """The period of the return that had these pence by the end of a day, prepared or further; null: none."""
    found = books.returns.get(share.period) if share.period else None
    return share.period if found and found.prepared_at and day_of(found.prepared_at) <= as_of else None


def _window(each: Instrument, varied: Variation | None, as_of: date) -> WindowRow:
    if varied is None:
        return WindowRow(instrument=each.name, planned=None, effective=each.window, reason=None, indicative_cost_pence=None)
    changes: list[WindowChanged] = [change for change in varied.windows if last_day_of(change.decided) <= as_of]
    return WindowRow(
        instrument=each.name,
        planned=varied.received.planned,
        effective=changes[-1].effective if changes else varied.received.planned,
        reason=changes[-1].reason if changes else None,
        indicative_cost_pence=changes[-1].indicative_cost_pence if changes else None,
    )


def _variation(each: Variation, as_of: date, today: date) -> VariationRow:
    received = each.received
    per_day, waited = received.at_risk_per_day_pence, (today - day_of(each.recorded)).days
    return VariationRow(
        ref=received.variation,
        agreement=received.agreement,
        letter_date=received.letter_date,
        made_available=received.made_available,
        retrospective=received.retrospective,
        additions_pence=received.additions_pence,
        offsets_pence=received.offsets_pence,
        net_pence=received.net_pence,
        applied=each.applied.event.in_force if each.applied and each.applied.event.in_force <= as_of else None,
        at_risk_per_day_pence=per_day,
        at_risk_pence=None if each.applied else per_day * max(waited, 0),
    )


def _columns(share: Share, books: recovery.State, as_of: date) -> tuple[str, ...]:
    if share.cost.incurred > as_of or not share.is_cost or share.host_borne:
        return ()
    period = in_return(share, books, as_of)
    if period is None:
        return ("unclaimed_pence",)
    found, agreed = books.returns[period], isinstance(share.fate, Included)
    claimed = ("claimed_pence",) if submitted_by(found, as_of) else ()
    return (*claimed, "agreed_pence") if agreed and agreed_by(found, as_of) else claimed


def _add(rows: dict[tuple[str, str], dict[str, int]], year: str, line: str, name: str, pence: int) -> None:
    sums = rows.setdefault((year, line), {})
    sums[name] = sums.get(name, 0) + pence


def _return(found: Return, books: recovery.State, as_of: date) -> ReturnRow:
    sent = found.submitted if submitted_by(found, as_of) else None
    agreed = found.agreed if agreed_by(found, as_of) else None
    settled = found.settled if found.settled and last_day_of(found.settled.on) <= as_of else None
    prepared = found.prepared if found.prepared_at and day_of(found.prepared_at) <= as_of else None
    period = found.opened.period
    return ReturnRow(
        period=period,
        due=found.opened.due,
        prepared_pence=prepared.claim_pence if prepared else None,
        submitted=day_of(found.submitted_at) if sent and found.submitted_at else None,
        days_late=sent.days_late if sent else None,
        claimed_pence=sent.claim_pence if sent else None,
        agreed=agreed.dated if agreed else None,
        agreed_pence=agreed.agreed_pence if agreed else None,
        disallowed_pence=agreed.disallowed_pence if agreed else None,
        received_pence=sum(each.paid_pence for each in books.payments.values() if each.period == period and last_day_of(each.on) <= as_of),
        settled=settled.on if settled else None,
    )


def _exception(each: assurance.RegisteredException, as_of: date) -> ExceptionRow:
    closed = each.closed if each.closed and day_of(each.closed.recorded) <= as_of else None
    return ExceptionRow(
        exception=each.raised.exception,
        what=each.raised.what,
        subject=each.raised.subject,
        owner=each.raised.owner,
        why=each.raised.why,
        explanations=tuple(said.text for said in each.explanations if day_of(said.recorded) <= as_of),
        opened=each.opened,
        closed=closed.recorded if closed else None,
        how=closed.how if closed else None,
    )
