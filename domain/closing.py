"""The last steps of a grant: its figures are reconciled, it is closed, and after years its records may be disposed of.

Part of the room ``exit``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain import dispositions, succession
from domain.calendar import add_months, day_of, end_of
from domain.ending import THE_GRANT, Given, GrantClosed, GrantReconciled, Reconciled, RecordsDisposed, State, YearFigures
from domain.model import By, CommandBody, Decision, Duty, DutyWords, Rule, Text, said

RECONCILE_NOT_YET = Rule(
    "reconcile.not_yet", "The grant cannot be reconciled yet: {points}.", "DESIGN §7; invariants 12, 14", remedy="Settle these first: {points}."
)
CLOSE_NOT_YET = Rule("close.not_yet", "The grant cannot be closed yet: {gates}.", "DESIGN §7; invariant 35", remedy="Settle these first: {gates}.")
NOT_CLOSED = Rule(
    "retention.not_closed", "The grant is not closed: its records are kept.", "Invariant 35", remedy="Close the grant first; its retention counts from then."
)
NOT_OVER = Rule(
    "retention.not_over", "Records are kept until {retention_until}; today is {today}.", "Invariant 35", remedy="Keep them until {retention_until}."
)

RETENTION_MONTHS = 72
"""Records are kept for at least six years after the end of the funded period, as grant terms ask (invariant 35)."""

DUTIES = (
    DutyWords(name="grant.reconciled", words="{owner} reconciles the {subject}"),
    DutyWords(name="grant.closed", words="{owner} closes the {subject}"),
)


class Reconcile(CommandBody, kind="act"):
    """Find that each year's figures agree, and say so."""

    note: Text | None = None


class CloseGrant(CommandBody, kind="act"):
    """Close the grant: nothing is open any more. One that nothing ever funded closes once its last bid or offer has its outcome."""

    note: Text | None = None


class DisposeRecords(CommandBody, kind="act"):
    """Dispose of what is kept apart for a closed grant, after the last day of its retention (invariant 35).

    The events stay and can be verified as before; what was sealed can be read no more.
    """

    how: Text


def reconcile(body: Reconcile, state: State, given: Given) -> Decision:
    """Every year's figures, if they agree."""
    if _reconciled(state, given):
        return ()
    if points := _points(given):
        return RECONCILE_NOT_YET.refuse(points="; ".join(points))
    names = ("cap_pence", "agreed_pence", "received_pence", "debtor_pence", "lapsed_pence", "forfeited_pence")
    sums = {name: sum(getattr(year, name) for year in given.years) for name in names}
    return (GrantReconciled(years=given.years, **sums, note=body.note),)


def close(body: CloseGrant, state: State, given: Given) -> Decision:
    """The close, and until when records are kept; or every reason against it."""
    if state.closed:
        return ()
    last = _last_day(given)
    if (reasons := gates(state, given)) or last is None:
        return CLOSE_NOT_YET.refuse(gates="; ".join(reasons))
    return (GrantClosed(retention_until=add_months(last, RETENTION_MONTHS), note=body.note),)


def dispose(body: DisposeRecords, state: State, by: By, given: Given) -> Decision:
    """The disposal, once the last day of the retention has passed; what was disposed of is disposed of.

    What was recorded after the close can have moved the last funded day: the records are kept for as long after that one.
    """
    if state.disposed:
        return ()
    if state.closed is None:
        return NOT_CLOSED.refuse()
    kept, today = add_months(given.ends, RETENTION_MONTHS) if given.ends else state.closed.retention_until, day_of(by.now)
    until = max(kept, state.closed.retention_until)
    if today <= until:
        return NOT_OVER.refuse(retention_until=until, today=today)
    return (RecordsDisposed(retention_until=until, how=body.how),)


def gates(state: State, given: Given) -> tuple[str, ...]:
    """Every reason why the grant cannot be closed yet, in plain words."""
    if given.unfunded:
        return given.gates
    reconciled = () if _reconciled(state, given) else ("its figures are not reconciled",)
    funded = () if given.ends else ("nothing that funds it is in force",)
    leaving = (*succession.gates(state), *dispositions.gates(state, given))
    return tuple(dict.fromkeys((*_unsettled(given), *reconciled, *funded, *leaving, *given.gates)))


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """The grant waits to be reconciled, then to be closed; one that was never funded, only to be closed."""
    since = given.unfunded
    if since is None and (found := _reconciled(state, given)):
        since = found.recorded
    if since:
        return () if gates(state, given) else given.policy.owed("exit", "grant.closed", THE_GRANT, since)
    if given.ends is None or _points(given):
        return ()
    return given.policy.owed("exit", "grant.reconciled", THE_GRANT, given.settled or end_of(given.ends))


def _last_day(given: Given) -> date | None:
    return day_of(given.unfunded) if given.unfunded else given.ends


def _reconciled(state: State, given: Given) -> Reconciled | None:
    """The reconciliation, if the figures are still those that were found to agree."""
    return state.reconciled if state.reconciled and state.reconciled.event.years == given.years else None


def _points(given: Given) -> tuple[str, ...]:
    unfunded = () if given.years else ("no year has a cap",)
    return (*_unsettled(given), *unfunded, *(point for year in given.years for point in _differences(year)))


def _unsettled(given: Given) -> tuple[str, ...]:
    return tuple(f"return {name} is not settled" for name in given.returns_open)


def _differences(year: YearFigures) -> Iterable[str]:
    if year.cap_pence != year.agreed_pence + year.lapsed_pence + year.forfeited_pence:
        words = "in {year} the cap {cap_pence} is not what was agreed {agreed_pence}, lapsed {lapsed_pence} and was forfeited {forfeited_pence}"
        yield said(words, dict(year))
    if year.agreed_pence != year.received_pence + year.debtor_pence:
        yield said("in {year} what was agreed {agreed_pence} is not what was received {received_pence} and is owed {debtor_pence}", dict(year))
    if year.debtor_pence < 0:
        yield said("in {year} more was received {received_pence} than was agreed {agreed_pence}: the rest is to be paid back", dict(year))
