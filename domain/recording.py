"""What is put on record about cost: costs and support, the work of others that is tasked, what others commit, what we expect.

Part of the room ``recovery``. Costs are facts: every one is recorded, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from domain import commitments, tasking
from domain.books import KEY_REUSED, Given, State, submitted_claims
from domain.charging import RecordTasking, TaskWork
from domain.commitments import RecordCommitment, RecordForecast
from domain.exception import ExceptionRaised
from domain.expenditure import Cost, CostsRecorded, RecordCosts, RecordSupport, Replacement, SupportRecorded, support_pence
from domain.model import By, Decision, Event, said

Command = RecordCosts | RecordSupport | TaskWork | RecordTasking | RecordCommitment | RecordForecast

DIFFERS = "{actual} is {actual_pence}; {accrual}, which it replaces, was claimed for {period} at {accrual_pence}."


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from a cost, a tasking, a commitment or a forecast."""
    match body:
        case RecordCosts():
            return _record_costs(body, state, given)
        case RecordSupport():
            return _record_support(body, state, given)
        case TaskWork() | RecordTasking():
            return tasking.task(body, state, by, given)
        case RecordCommitment():
            return commitments.commit(body, state.commitments)
        case RecordForecast():
            return commitments.forecast(body, state.forecasts)
        case _:
            assert_never(body)


def _record_costs(body: RecordCosts, state: State, given: Given) -> Decision:
    fresh: dict[str, Cost] = {}
    for row in body.rows:
        known = state.costs.get(row.key) or fresh.get(row.key)
        if known not in (None, row):
            return KEY_REUSED.refuse(key=row.key)
        if known is None:
            fresh[row.key] = row
    if not fresh:
        return ()
    rows = tuple(fresh.values())
    memo = tuple(row.key for row in rows if row.category in given.terms.host_borne)
    replaced = _replacements(rows, state, state.memo | set(memo))
    recorded = CostsRecorded(
        rows=rows,
        count=len(rows),
        total_pence=sum(row.pence for row in rows),
        replaced=replaced,
        host_borne=memo,
    )
    return (recorded, *_differences(replaced, recorded, state, given))


def _replacements(rows: Iterable[Cost], state: State, memo: frozenset[str]) -> tuple[Replacement, ...]:
    known = dict(state.costs)
    found: dict[str, Replacement] = {}
    for row in rows:
        accrual_row = known.get(row.replaces) if row.replaces else None
        if accrual_row and accrual_row.basis == "accrual" and accrual_row.key not in {**state.replaced, **found}:
            key, pence, entity = accrual_row.key, accrual_row.pence, accrual_row.entity
            found[key] = Replacement(accrual=key, actual=row.key, pence=pence, entity=entity, on=row.incurred, memo=key in memo)
        known[row.key] = row
    return tuple(found.values())


def _differences(replaced: Iterable[Replacement], recorded: CostsRecorded, state: State, given: Given) -> tuple[Event, ...]:
    held, actual = submitted_claims(state), {row.key: row.pence for row in recorded.rows}
    return tuple(
        ExceptionRaised(
            exception=f"accrual/{each.accrual}",
            what="claimed accrual differs from its actual",
            subject=held[each.accrual],
            owner=given.exception_owner,
            why=said(
                DIFFERS,
                {
                    "actual": each.actual,
                    "actual_pence": actual[each.actual],
                    "accrual": each.accrual,
                    "period": held[each.accrual],
                    "accrual_pence": each.pence,
                },
            ),
        )
        for each in replaced
        if each.accrual in held and actual[each.actual] != each.pence
    )


def _record_support(body: RecordSupport, state: State, given: Given) -> Decision:
    borne = SupportRecorded(
        **body.model_dump(exclude={"window"}), window=body.window, borne_pence=support_pence(body), entity=given.entity, last=body.window.last.isoformat()
    )
    known = state.support.get(body.support)
    if known is None:
        return (borne,)
    return () if known == borne else KEY_REUSED.refuse(key=body.support)
