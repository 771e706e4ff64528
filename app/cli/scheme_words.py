"""How findings, routes and changed routes are told: as tables for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from app.cli.out import lines, pounds, print_json, say, table, text
from app.errors import RefusedError
from domain.model import said

SIMULATED = "{papers:paper|papers} submitted since {since}: {changed} would go another way, {unchanged} as before."

View = Mapping[str, Any]


def findings(names: Sequence[str], found: Sequence[View], *, as_json: bool) -> None:
    """A row a finding; for people, a word about those without any."""
    if as_json:
        print_json(found)
        return
    if found:
        rows = [[each["organisation"], text(each["edition"]), f"{each['severity']}: {each['code']}", f"{each['words']}\n{each['remedy']}"] for each in found]
        table("", ["organisation", "edition", "finding", "what it is, and what to do"], rows)
    for name in names:
        if not any(each["organisation"] == name for each in found):
            say(f"{name}: nothing is left open, said twice or given to nobody.")


def route(found: View, *, as_json: bool) -> None:
    """A route with its reasons, or the refusal; exit code 5 for that."""
    if as_json:
        print_json(found)
    refused = found["refused"]
    if refused:
        if as_json:
            raise typer.Exit(RefusedError.exit_code)
        could = f"\nWho could: {', '.join(refused['who_could'])}" if refused["who_could"] else ""
        message = f"No route: {refused['why']}\nRule: {refused['code']} ({refused['source']}){could}"
        raise RefusedError(message)
    if as_json:
        return
    lines([f"{found['scheme']}, edition {found['edition']}, on {found['day']}", _asked(found["asked"]), ""])
    rows = [[str(each["order"]), each["title"], _says(each), "\n".join(map(_reason, each["reasons"]))] for each in found["steps"]]
    table("Steps; those of one order run side by side", ["order", "whose", "says", "because"], rows)
    if found["short"]:
        table(
            "Limits that the grant exceeds",
            ["office", "limit", "because"],
            [[each["office"], pounds(each["limit_pence"]), _reason(each)] for each in found["short"]],
        )


def simulated(found: View, *, as_json: bool) -> None:
    """A row a paper whose route would change, and how many would not."""
    if as_json:
        print_json(found)
        return
    if found["changed"]:
        rows = [[each["grant"], each["paper"], each["dated"], each["was"], _changes(each)] for each in found["changed"]]
        table(f"Routes that edition {found['edition']} would change", ["grant", "paper", "submitted", "edition then", "what changes"], rows)
    say(said(SIMULATED, {**found, "changed": len(found["changed"])}))


def _asked(asked: View) -> str:
    items = "; ".join(f"{' and '.join(each['verbs'])} of {each['kind'] or 'no instrument'}" for each in asked["items"])
    facts = [name.replace("_", " ") for name in ("retrospective", "novel", "contentious", "repercussive", "terms_changed") if asked[name]]
    case = [f"business case of {pounds(asked['business_case_pence'])}"] if asked["business_case_pence"] is not None else []
    known = "; ".join([*facts, *case, *asked["marks"], *(f"to {each}" for each in asked["boards"])])
    sums = f"asks {pounds(asked['pence'])}, held against limits {pounds(asked['cumulative_pence'])}"
    return f"{items}: {sums}, variations {pounds(asked['varied_pence'])} of {pounds(asked['base_pence'])}{f'; {known}' if known else ''}"


def _says(step: View) -> str:
    instead = f"\nor {' or '.join(step['stand_in'])} in its place" if step["stand_in"] else ""
    enough = step["quorum"] or "all"
    group = f"\n{enough} of the group {step['group']} needed" if step["group"] else ""
    return f"{step['says']}{instead}{group}"


def _reason(reason: View) -> str:
    limit = reason["rule_limit_pence"]
    up_to = "" if limit is None else " (at any value)" if limit == "any" else f" (up to {pounds(limit)})"
    return f"{reason['because']}{up_to}: {reason['source']}{', assumed' if reason['assumed'] else ''} [{reason['rule']}]"


def _changes(each: View) -> str:
    if each["refused"]:
        return f"refused: {each['refused']['why']} [{each['refused']['code']}]"
    changes = [("added", each["added"]), ("removed", each["removed"]), ("altered", each["altered"]), ("in another order", each["reordered"])]
    return "\n".join(f"{name}: {'; '.join(found)}" for name, found in changes if found)
