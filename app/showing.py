"""``grants show``: one grant at a date, by both clocks, as plain JSON (the shape of the issue and of CONTRACT, Figures)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.errors import MisusedError
from app.part_two import kept, public
from app.reader import Reader, today_of
from domain.calendar import day_of, end_of, last_day_of, precision_of, rfc3339
from domain.figures import figures
from domain.grant import Grant
from domain.money import at_risk_pence
from domain.obligations import Obligation
from domain.outlook import Outlook


def show(reader: Reader, name: str, as_of: date | None, known_at: datetime | None, now: datetime) -> dict[str, Any]:
    """Everything public about a grant; ``as_of`` null: today by the grant's own clock; ``known_at`` null: all that is known.

    Money counts at that day from what is known; the stage, the papers, the exit and who is waited on are those that the
    record had at the end of that day (a stage of null: the grant was not open yet).

    Raises:
        NotFoundError: no such grant, as known then.

    """
    grant = reader.grant(name, known_at)
    latest = known_at or today_of(grant, now)
    today = day_of(latest)
    day = as_of or today
    then = reader.grant_then(grant, day)
    outlook = Outlook(then, reader.organisation_of(grant), min(end_of(day), latest))
    until = min(day, today)
    found = {
        **_head(grant),
        "stage": outlook.stage if then.opening.opened else None,
        "as_of": day.isoformat(),
        "known_at": rfc3339(known_at) if known_at else None,
        **figures(grant, day, until, then).model_dump(mode="json"),
        "waiting_on": [_waiting(each, until) | {"seat": outlook.seat(each.duty.owner)} for each in outlook.waiting],
        "obligations": [_owed(each) for each in outlook.owed],
        "attention": list(outlook.attention),
        "break_glass": list(grant.restricted.banners()),
        "restricted": kept(grant.restricted, day),
    }
    shown: dict[str, Any] = public(found)
    return shown


def day(text: str | None) -> date | None:
    """The day that a person means: a date, or a month or year from its last day.

    Raises:
        MisusedError: it is none.

    """
    if text is None:
        return None
    try:
        return last_day_of(text)
    except ValueError as error:
        message = f"{text!r} is no date: 2021-03-31, 2021-03 or 2021"
        raise MisusedError(message) from error


def instant(text: str | None) -> datetime | None:
    """The instant that a person means: itself (UTC), or the end of a London day.

    Raises:
        MisusedError: it is none.

    """
    if text is None:
        return None
    day_meant = day(text)
    if precision_of(text) == "instant":
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            message = f"{text!r} says no time zone: 2021-01-05T12:00Z"
            raise MisusedError(message)
        return found
    return end_of(day_meant) if day_meant else None


def _head(grant: Grant) -> dict[str, Any]:
    opened = grant.opening.opened
    return {
        "grant": grant.id,
        "title": opened.title if opened else None,
        "programme": opened.programme if opened else None,
        "organisation": opened.organisation if opened else None,
        "parties": [each.model_dump(mode="json") for each in opened.parties] if opened else [],
        "hypothetical": opened.hypothetical if opened else None,
        "clock": grant.clock,
        "version": grant.version,
        "recorded": rfc3339(grant.recorded) if grant.recorded else None,
    }


def _waiting(each: Obligation, today: date) -> dict[str, Any]:
    duty = each.duty
    per_day, due = duty.at_risk_per_day_pence, day_of(duty.due) if duty.due else None
    return {
        "office": duty.owner,
        "what": each.words,
        "since": rfc3339(duty.since),
        "due": rfc3339(duty.due) if duty.due else None,
        "note": duty.note,
        "at_risk_per_day_pence": per_day,
        "at_risk_pence": None if per_day is None else at_risk_pence(per_day, day_of(duty.since), due, today),
    }


def _owed(each: Obligation) -> dict[str, Any]:
    duty = each.duty
    return {
        "part": duty.part,
        "subject": duty.subject,
        "duty": duty.name,
        "owner": duty.owner,
        "what": each.words,
        "since": rfc3339(duty.since),
        "due": rfc3339(duty.due) if duty.due else None,
        "next": rfc3339(each.next) if each.next else None,
    }
