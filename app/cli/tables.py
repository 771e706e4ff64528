"""Views as tables for people. Every word in a cell comes from the record's own templates or from the view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.cli.out import lines, pounds, table, text
from domain.model import LONDON

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
    ("match, borne beside the funder's rate", "match_pence"),
    ("lapsed", "lapsed_pence"),
    ("forfeited", "forfeited_pence"),
)
MONEY = ("cap", "outturn", "claimed", "agreed", "received", "debtor")
LOST = "lapsed\n+ forfeited"
"""One column, so that a row holds to the eye where nothing was forfeited, and where something was."""

ENOUGH = 12
"""Letters of a digest that nobody mistakes for another within one grant."""


def grants(found: Sequence[View]) -> None:
    """One row a grant."""
    rows = [[each["grant"], each["stage"], clock(each), *_money(each), text(_offices(each)), text(each["attention"])] for each in found]
    table("", ["grant", "stage", "clock", *MONEY, LOST, "waits on", "attention"], rows, right=(*MONEY, LOST))


def grant(view: View) -> None:
    """One grant, section by section; empty ones are left out."""
    known = f", as known at {when(view['known_at'])}" if view["known_at"] else ""
    stage = view["stage"] or "not open yet"
    lines([f"{view['title']} ({view['grant']})", f"{stage} as of {view['as_of']}{known}; {on_clock(view)}, version {view['version']}"])
    lines([*opened(view["break_glass"]), ""])
    table("Money", ["", "£"], [[_named(name, view), pounds(view[field])] for name, field in SUMS], right=["£"])
    columns = {"office": "office", "": "seat", "what": "what", "since": "since", "due": "due", "at risk a day": "at_risk_per_day_pence"}
    _section("Waiting on", view["waiting_on"], columns | {"at risk by then (indicative)": "at_risk_pence"})
    _section("Lines", view["lines"], {"line": "line", "year": "year", "cap": "cap_pence", "claimed": "claimed_pence", "agreed": "agreed_pence"})
    _section("Windows", view["windows"], {"instrument": "instrument", "planned": "planned", "effective": "effective", "why": "reason"})
    _variations(view["variations"])
    columns = {"period": "period", "due": "due", "submitted": "submitted", "days late": "days_late", "claimed": "claimed_pence", "agreed": "agreed_pence"}
    _section("Returns", view["returns"], columns | {"received": "received_pence", "settled": "settled"})
    columns = {
        "cost": "cost",
        "tasking": "tasking",
        "body": "body",
        "invoice": "invoice",
        "charged": "cost_pence",
        "claimed": "claimed_pence",
        "left out": "left_out",
    }
    _section("Cross-charges", view["cross_charges"], columns)
    _section("Beside the grant", view["related"], {"commitment": "commitment", "party": "party", "up to": "cap_pence", "per": "per", "note": "note"})
    columns = {"year": "year", "dated": "dated", "forecast": "forecast_pence", "actual": "actual_pence", "at risk": "at_risk_pence"}
    _section("Forecasts", view["forecasts"], columns)
    bids = {"bid": "bid", "fund": "fund", "also called": "aliases", "asks": "asked_pence", "standing": "standing", "submitted": "submitted"}
    _section("Bids", view["bids"], bids | {"let go by": "authorised_by", "awarded": "awarded_pence"})
    before = {"reference": "reference", "year": "year", "came to": "pence"}
    _section("Before it", view["predecessors"], before | {"this one's cap, less that": "difference_pence", "exact to the": "difference_stated"})
    _papers(view["papers"])
    _section("Posts", view["posts"], {"team": "team", "rank": "rank", "funded": "funded", "filled": "filled", "vacant": "vacant"})
    columns = {"milestone": "milestone", "first due": "original_due", "due": "due", "achieved": "achieved", "days late": "days_late", "abandoned": "abandoned"}
    _section("Milestones", view["milestones"], columns)
    _section("Deliverables", view["deliverables"], {"deliverable": "deliverable", "promised": "promised", "at most": "most", "delivered": "delivered"})
    _section("Reports", view["reports"], {"report": "report", "to": "to", "late for": "overdue", "next": "next_period", "due": "next_due"})
    _section("Exceptions", view["exceptions"], {"what": "what", "subject": "subject", "owner": "owner", "opened": "opened", "closed": "closed", "how": "how"})
    _section("Assessments", view["assessments"], {"form": "form", "edition": "edition", "outcome": "outcome"})
    part_two = {"came with": "came_with", "command": "subject", "recorded": "recorded"}
    _section("Part 2, restricted", view["restricted"], part_two)


def _papers(found: Sequence[View]) -> None:
    """The papers, of each that is with its drafter again why, and where one asks for another sum than is approved."""
    _section("Papers", found, {"paper": "paper", "title": "title", "standing": "standing", "since": "since"})
    lines(f"{each['paper']}: {each['came_back']}" for each in found if each["came_back"])
    lines(f"{each['paper']}: {line}." for each in found for line in each["approved_otherwise"])


def opened(break_glass: Iterable[str]) -> list[str]:
    """What every view says of access to Part 2 that break-glass opened, a line each."""
    return [f"{each}." for each in break_glass]


def history(name: str, found: Sequence[View], break_glass: Sequence[str] = ()) -> None:
    """One row an event, below what is said of access that break-glass opened."""
    lines(opened(break_glass))
    rows = [[str(each["version"]), when(each["recorded"]), text(each["effective"])[:10], each["type"], _who(each), _what(each)] for each in found]
    table(name, ["version", "recorded", "effective", "type", "who", "what"], rows, right=["version"])


def messages(name: str, found: Sequence[View]) -> None:
    """One row a message; of a digest its beginning, which is enough to release it."""
    columns = ["recorded", "outcome", "name", "bytes", "who", "id or digest", "why"]
    rows = [[when(each["recorded"]), _outcome(each), each["name"], str(each["size"]), _sender(each), _id(each), _why(each)] for each in found]
    table(name, columns, rows, right=["bytes"])


def _outcome(each: View) -> str:
    return f"{each['outcome']}, waits" if each["waits"] else str(each["outcome"])


def _id(each: View) -> str:
    return str(each["id"] if each["actor"] else each["sha256"][:ENOUGH])


def _sender(each: View) -> str:
    return _who(each) if each["actor"] else text(None)


def _why(each: View) -> str:
    """The reason; of a released one who released it, and what stands in its place."""
    why = each["reason"]["why"] if each["reason"] else ""
    if released := each["released"]:
        place = f"; in its place {released['replaced_by']}" if released["replaced_by"] else ""
        return f"{why}; released by {released['by']}: {released['reason']}{place}"
    return str(why)


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
    columns = ["grant", "clock", "what", "since", "due", "at risk by then (indicative)", "has said", "has not said", "yours"]
    rows = [[each["grant"], clock(each), each["what"], when(each["since"]), when(each["due"]), *_wait(each)] for each in found]
    table(f"Waits on {person}", columns, rows)
    lines(dict.fromkeys(f"{each['grant']}: {line}" for each in found for line in opened(each["break_glass"])))


def on_clock(view: View) -> str:
    """The clock of a grant, in a sentence; an invented one says so, too."""
    return f"{view['clock']} clock{', an invented grant' if view['hypothetical'] else ''}"


def clock(view: View) -> str:
    """The clock of a grant, in a cell; an invented one says so, too."""
    return f"{view['clock']}{', invented' if view['hypothetical'] else ''}"


def when(instant: str | None) -> str:
    """An instant of the record as London reads it."""
    return text(None) if instant is None else datetime.fromisoformat(instant).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def _named(name: str, view: View) -> str:
    """A sum's name; of the cap, how exactly it is known."""
    if name != "cap":
        return name
    said = [
        *(["derived: no document prints it"] if view["cap_derived"] else []),
        *([f"good to the {view['precision']}"] if view["precision"] != "penny" else []),
    ]
    return f"cap ({', '.join(said)})" if said else name


def _variations(found: Sequence[View]) -> None:
    """One row a variation, then one a line of each letter under its own heading."""
    columns = {"variation": "ref", "letter": "letter_date", "retrospective": "retrospective", "net": "net_pence", "counts from": "applied"}
    _section("Variations", found, columns)
    for each in found:
        _section(f"Letter of {each['ref']}", each["lines"], {"heading": "heading", "line": "line", "year": "year", "sum": "pence"})


def _money(each: View) -> list[str]:
    lost = [each["lapsed_pence"], *filter(None, [each["forfeited_pence"]])]
    return [*(pounds(each[f"{name}_pence"]) for name in MONEY), "\n+ ".join(map(pounds, lost))]


def _wait(each: View) -> list[str]:
    per_day = each["at_risk_per_day_pence"]
    risk = text(None) if per_day is None else f"{pounds(each['at_risk_pence'])} ({pounds(per_day)} a day)"
    return [risk, ", ".join(one["whose"] for one in each["said"]), ", ".join(each["not_said"]), _standing_in(each)]


def _standing_in(each: View) -> str:
    """Why it waits on this person, where the office is not theirs; and that nobody sits in it."""
    how = f"as cover for {' or '.join(each['covers'])}" if each["as_cover"] else "as stand-in" if each["as_stand_in"] else ""
    return ", ".join(filter(None, (how, f"office {each['seat']}" if each["seat"] else "")))


def _offices(each: View) -> list[str]:
    return sorted({f"{owed['office']} ({owed['seat']})" if owed["seat"] else owed["office"] for owed in each["waiting_on"]})


def _who(each: View) -> str:
    return f"{each['actor']} for {each['on_behalf_of']}" if each["on_behalf_of"] else str(each["actor"])


def _what(each: View) -> str:
    """The line of an event, with what only the history says of it."""
    beside = [f"{name}: {each[name]}" for name in ("reason", "access") if each.get(name)]
    return "; ".join([each["summary"], *beside])


def _section(title: str, rows: Sequence[View], columns: Mapping[str, str]) -> None:
    if rows:
        money = [name for name, field in columns.items() if field.endswith("pence")]
        table(title, list(columns), [[_cell(field, row[field]) for field in columns.values()] for row in rows], right=money)


def _cell(field: str, value: Any) -> str:
    if field.endswith("pence"):
        return pounds(value)
    if isinstance(value, dict):
        return f"{value['first']} to {value['last']}"
    return when(value) if isinstance(value, str) and len(value) > len("2021-03-31") and value.endswith("Z") else text(value)
