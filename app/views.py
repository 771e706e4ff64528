"""What faces show, as plain JSON: the fixed shapes of ``show``, ``list``, ``history``, ``ledger`` and ``inbox``.

Amounts are whole pence, instants RFC 3339 in UTC, dates as stated; unknown is null. Nothing restricted is shown here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from app.errors import NotFoundError
from app.reader import Line, Reader, readable
from app.standing_rows import papers_of
from domain import evidence
from domain.accesses import AccessAsked, AccessEnded
from domain.approval import AT_BOARD
from domain.calendar import day_of
from domain.messages import REASONS, MessageQuarantined
from domain.model import line_of
from domain.money import at_risk_pence
from domain.organisation import Organisation
from domain.releasing import MessageReleased
from domain.restricted import PartTwoKept, RestrictedRead
from store import queries
from workflows.names import stream_of

View = dict[str, Any]

LIST_FIGURES = (
    "cap_pence",
    "sought_pence",
    "claimed_pence",
    "agreed_pence",
    "received_pence",
    "debtor_pence",
    "outturn_pence",
    "lapsed_pence",
    "forfeited_pence",
)


def grants(reader: Reader, now: datetime) -> list[View]:
    """Every grant, shortly, as its standing has it; ``now`` is the real instant (UTC)."""
    organisations = reader.organisations()
    return [_short(row, now, organisations.get(row["organisation"])) for row in standings(reader)]


def history(reader: Reader, grant: str) -> list[View]:
    """The events of a grant, in order; also of a stream that no grant was opened on, and of an organisation's.

    ``restricted``: a Part 2 came with the command that an event follows from; what it says stands nowhere here. ``reason``:
    why break-glass was asked for or ended, which no other view says; ``access``: under which of them a Part 2 was read.

    Raises:
        NotFoundError: nothing is recorded there.

    """
    lines = reader.lines(grant if grant.startswith("organisation/") else stream_of(grant))
    if not lines:
        message = f"Nothing is recorded of {grant}"
        raise NotFoundError(message)
    sealed = {each.past.body.subject for each in lines if isinstance(each.past.body, PartTwoKept)}
    return [_event(each) | {"restricted": each.past.command in sealed} for each in lines]


def opened(reader: Reader, grant: str) -> list[str]:
    """What every view of a grant says of access that break-glass opened; nothing of a stream that is no open grant."""
    row = queries.standing(reader.log.engine, stream_of(grant))
    return list(json.loads(row.json).get("break_glass", [])) if row else []


def ledger(reader: Reader, grant: str | None) -> list[View]:
    """The postings of one grant, or of all.

    Raises:
        NotFoundError: no such grant.

    """
    if grant is not None:
        reader.grant(grant)
    rows = queries.postings(reader.log.engine, None if grant is None else stream_of(grant))
    return [
        {
            "grant": row.stream.removeprefix("grant/"),
            "version": row.version,
            "line": row.line,
            "entity": row.entity,
            "debit": row.debit,
            "credit": row.credit,
            "amount_pence": row.amount,
            "booked": str(row.booked),
        }
        for row in rows
    ]


def balances(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """What each account comes to over these postings: debits less credits; they sum to nothing."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["debit"]] = sums.get(row["debit"], 0) + row["amount_pence"]
        sums[row["credit"]] = sums.get(row["credit"], 0) - row["amount_pence"]
    return dict(sorted(sums.items()))


def inbox(reader: Reader, person: str, now: datetime) -> list[View]:
    """What waits on a person: the duties of each office that they hold, or stand in for, on the day of that grant's clock.

    ``seat``: nobody sits in the office that owes it (``vacant`` or ``away``); then its step of a paper waits also on whoever
    holds an office that the scheme lets stand in. A step comes with who has and who has not had their say on the paper.

    Raises:
        NotFoundError: no organisation knows the person.

    """
    organisations = reader.organisations()
    charters = [each.charter for each in organisations.values() if each.charter]
    known = {each.person for one in charters for each in one.holdings} | {each.person for one in charters for each in one.cover}
    if person not in known:
        message = _unknown(person, organisations, day_of(now))
        raise NotFoundError(message)
    found = [each for row in standings(reader) for each in _owed_by(person, row, organisations.get(row["organisation"]), now)]
    return sorted(found, key=lambda each: (each["due"] is None, each["due"] or each["since"], each["grant"]))


def _unknown(person: str, organisations: Mapping[str, Organisation], day: date) -> str:
    """Why nobody is known under that id, and what to do."""
    if said := next(filter(None, (office_instead(person, each, day) for each in organisations.values())), None):
        return said
    adopt = "" if organisations else ": none is adopted yet, and `grants adopt ORGANISATION` adopts one"
    return f"No organisation knows a person {person}{adopt}"


def office_instead(person: str, organisation: Organisation, day: date) -> str | None:
    """That what is given for a person is an office, and who holds it on a London day; null: it is none."""
    charter = organisation.charter
    if charter is None or person not in {each.office for each in charter.offices}:
        return None
    holders = organisation.holders(person, day)
    return f"{person} is an office of {charter.organisation}, not a person; {' and '.join(holders) or 'nobody'} holds it: name a person"


def at_risk(owed: Mapping[str, Any], today: date) -> int | None:
    """What waiting costs by today; null: no money is at risk."""
    per_day = owed["at_risk_per_day_pence"]
    due = day_of(datetime.fromisoformat(owed["due"])) if owed["due"] else None
    return None if per_day is None else at_risk_pence(per_day, day_of(datetime.fromisoformat(owed["since"])), due, today)


def standings(reader: Reader) -> Iterable[View]:
    """The standing of every grant that was opened, whole."""
    for row in queries.all_standings(reader.log.engine):
        with readable(row.stream):
            read: View = json.loads(row.json)
        if read.get("opened"):
            yield read | {"version": row.version}


def _today(standing: Mapping[str, Any], now: datetime) -> date:
    return day_of(datetime.fromisoformat(standing["recorded"]) if standing["clock"] == "rehearsal" else now)


def _short(standing: Mapping[str, Any], now: datetime, organisation: Organisation | None) -> View:
    named = ("grant", "title", "programme", "stage", "clock", "hypothetical", "version")
    today = _today(standing, now)
    seats = {each["office"]: organisation.empty_seat(each["office"], today) if organisation else None for each in standing["waiting_on"]}
    waiting = [each | {"at_risk_pence": at_risk(each, today), "seat": seats[each["office"]]} for each in standing["waiting_on"]]
    figures = {name: standing["figures"].get(name) for name in LIST_FIGURES}
    return {name: standing[name] for name in named} | figures | {"attention": standing["attention"], "waiting_on": waiting, **_opened(standing)}


def _owed_by(person: str, standing: Mapping[str, Any], organisation: Organisation | None, now: datetime) -> Iterable[View]:
    if organisation is None or organisation.charter is None:
        return
    today = _today(standing, now)
    held = set(organisation.offices_of(person, today))
    covers = [each for each in organisation.charter.cover if each.person == person and each.first <= today <= each.last and each.principal != person]
    covered = {each.office for each in covers}
    for owed in standing["waiting_on"]:
        seat = organisation.empty_seat(owed["office"], today)
        stands_in = seat is not None and not held.isdisjoint(_stand_ins(owed, standing))
        if owed["office"] in held | covered or stands_in:
            yield {
                "grant": standing["grant"],
                "title": standing["title"],
                "clock": standing["clock"],
                "hypothetical": standing["hypothetical"],
                **owed,
                "at_risk_pence": at_risk(owed, today),
                "seat": seat,
                "as_cover": owed["office"] in covered - held,
                "covers": sorted({each.principal for each in covers if each.office == owed["office"] and owed["office"] not in held}),
                "as_stand_in": stands_in and owed["office"] not in held | covered,
                **_opened(standing),
                **_voices(owed, standing),
            }


def _opened(standing: Mapping[str, Any]) -> View:
    """What every view of the grant says of access that break-glass opened; none: it never did."""
    return {"break_glass": standing.get("break_glass", [])}


def _voices(owed: Mapping[str, Any], standing: Mapping[str, Any]) -> View:
    """Of a step of a paper: which offices and boards have had their say, since when, and which have not."""
    steps = _steps(owed, standing)
    return {
        "said": [{"whose": step["board"] or step["office"], "at": step["at"]} for step in steps if step["at"]],
        "not_said": [step["board"] or step["office"] for step in steps if not step["at"] and not step.get("stood_down")],
    }


def _steps(owed: Mapping[str, Any], standing: Mapping[str, Any]) -> list[View]:
    """The steps of the paper that a duty is about; none where it is about another thing."""
    papers = papers_of(standing) if owed["part"] == "approval" else []
    return [step for paper in papers if f"{owed['subject']}{AT_BOARD}".startswith(f"{paper['paper']}{AT_BOARD}") for step in paper["steps"]]


def _stand_ins(owed: Mapping[str, Any], standing: Mapping[str, Any]) -> set[str]:
    """The offices that may take the step which an office owes, while nobody sits in that one."""
    return {office for step in _steps(owed, standing) if step["office"] == owed["office"] and not step["at"] for office in step.get("stand_in", ())}


def _event(line: Line) -> View:
    past, envelope = line.past, evidence.read(line.row.envelope)
    found = {
        "version": past.version,
        "type": line.row.type,
        "effective": past.effective,
        "recorded": envelope["recorded"],
        "committed": envelope["committed"],
        "actor": past.actor,
        "on_behalf_of": past.on_behalf_of,
        "command_id": past.command,
        "hash": line.row.hash,
        "summary": line_of(past.body),
    }
    match past.body:
        case AccessAsked(reason=reason) | AccessEnded(reason=reason):
            found["reason"] = reason
        case RestrictedRead(access=str(access)):
            found["access"] = access
        case MessageQuarantined() as put:
            found["detail"] = {"reason": put.reason, "why": REASONS[put.reason], "name": put.name, "sha256": put.sha256, "size": put.size}
        case MessageReleased() as released:
            found["detail"] = {"sha256": released.sha256, "replaced_by": released.replaced_by}
        case _:
            pass
    return found
