"""Views as tables for people. Every word in a cell comes from the record's own templates or from the view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.cli.out import lines, pounds, table, text
from domain.calendar import LONDON

View = Mapping[str, Any]

SUMS = (
    ("cap", "cap_pence"),
    ("sought, not yet ours", "sought_pence"),
    ("claimed", "claimed_pence"),
    ("agreed", "agreed_pence"),
    ("received", "received_pence"),
    ("debtor", "debtor_pence"),
    ("accrued, not yet agreed", "accrued_pence"),
    ("outturn", "outturn_pence"),
    ("excluded from returns", "excluded_pence"),
    ("borne by the host", "host_borne_pence"),
    ("lapsed", "lapsed_pence"),
    ("forfeited", "forfeited_pence"),
)
MONEY = ("cap", "outturn", "claimed", "agreed", "received", "debtor", "lapsed")


def grants(found: Sequence[View]) -> None:
    """One row a grant."""
    rows = [[each["grant"], each["stage"], clock(each), *_money(each), text(_offices(each)), text(each["attention"])] for each in found]
    table("", ["grant", "stage", "clock", *MONEY, "waits on", "attention"], rows, right=MONEY)


def grant(view: View) -> None:
    """One grant, section by section; empty ones are left out."""
    known = f", as known at {when(view['known_at'])}" if view["known_at"] else ""
    lines([f"{view['title']} ({view['grant']})", f"{view['stage']}, {clock(view)} clock, version {view['version']}; as of {view['as_of']}{known}", ""])
    table("Money", ["", "£"], [[name, pounds(view[field])] for name, field in SUMS], right=["£"])
    _section("Waiting on", view["waiting_on"], {"office": "office", "what": "what", "since": "since", "due": "due", "at risk": "at_risk_pence"})
    _section("Lines", view["lines"], {"line": "line", "year": "year", "cap": "cap_pence", "claimed": "claimed_pence", "agreed": "agreed_pence"})
    _section("Windows", view["windows"], {"instrument": "instrument", "planned": "planned", "effective": "effective", "why": "reason"})
    _section("Variations", view["variations"], {"variation": "ref", "letter": "letter_date", "net": "net_pence", "applied": "applied"})
    columns = {"period": "period", "due": "due", "submitted": "submitted", "days late": "days_late", "claimed": "claimed_pence", "agreed": "agreed_pence"}
    _section("Returns", view["returns"], columns | {"received": "received_pence", "settled": "settled"})
    _section("Papers", view["papers"], {"paper": "paper", "title": "title", "standing": "standing", "since": "since"})
    _section("Exceptions", view["exceptions"], {"what": "what", "subject": "subject", "owner": "owner", "opened": "opened", "closed": "closed", "how": "how"})
    _section("Assessments", view["assessments"], {"form": "form", "edition": "edition", "outcome": "outcome"})


def history(name: str, found: Sequence[View]) -> None:
    """One row an event."""
    rows = [[str(each["version"]), when(each["recorded"]), text(each["effective"])[:10], each["type"], _who(each), each["summary"]] for each in found]
    table(name, ["version", "recorded", "effective", "type", "who", "what"], rows, right=["version"])


def ledger(found: Sequence[View]) -> None:
    """One row a posting."""
    columns = ["grant", "version", "line", "booked", "entity", "debit", "credit", "amount"]
    rows = [
        [each["grant"], str(each["version"]), str(each["line"]), each["booked"], each["entity"], each["debit"], each["credit"], pounds(each["amount_pence"])]
        for each in found
    ]
    table("", columns, rows, right=["version", "line", "amount"])


def balances(sums: Mapping[str, int]) -> None:
    """One row an account; debits less credits."""
    table("", ["account", "balance"], [*([account, pounds(pence)] for account, pence in sums.items()), ["sum", pounds(sum(sums.values()))]], right=["balance"])


def inbox(person: str, found: Sequence[View]) -> None:
    """One row a duty."""
    if not found:
        lines([f"Nothing waits on {person}."])
        return
    columns = ["grant", "clock", "what", "since", "due", "at risk by then (indicative)", ""]
    table(f"Waits on {person}", columns, [[each["grant"], clock(each), each["what"], when(each["since"]), when(each["due"]), *_wait(each)] for each in found])


def clock(view: View) -> str:
    """The clock of a grant; an invented one says so, too."""
    return f"{view['clock']}{', invented' if view['hypothetical'] else ''}"


def when(instant: str | None) -> str:
    """An instant of the record as London reads it."""
    return text(None) if instant is None else datetime.fromisoformat(instant).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def _money(each: View) -> list[str]:
    return [pounds(each[f"{name}_pence"]) for name in MONEY]


def _wait(each: View) -> list[str]:
    per_day = each["at_risk_per_day_pence"]
    risk = text(None) if per_day is None else f"{pounds(each['at_risk_pence'])} ({pounds(per_day)} a day)"
    return [risk, "as cover" if each["as_cover"] else ""]


def _offices(each: View) -> list[str]:
    return sorted({owed["office"] for owed in each["waiting_on"]})


def _who(each: View) -> str:
    return f"{each['actor']} for {each['on_behalf_of']}" if each["on_behalf_of"] else str(each["actor"])


def _section(title: str, rows: Sequence[View], columns: Mapping[str, str]) -> None:
    if rows:
        money = [name for name, field in columns.items() if field.endswith("_pence")]
        table(title, list(columns), [[_cell(field, row[field]) for field in columns.values()] for row in rows], right=money)


def _cell(field: str, value: Any) -> str:
    if field.endswith("_pence"):
        return pounds(value)
    if isinstance(value, dict):
        return f"{value['first']} to {value['last']}"
    return when(value) if isinstance(value, str) and len(value) > len("2021-03-31") and value.endswith("Z") else text(value)
