"""Verdicts as people read them: of the record, of what was decided, of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.audit.replay import Replayed
from app.audit.verify import Report
from app.checkup import Check
from app.cli.out import lines, table, text


def report(found: Report) -> None:
    """What was checked, what it proves and does not, and every problem."""
    verdict = "Whole" if found.ok else "NOT whole"
    lines([f"{verdict}: {found.grants} grants, {found.events} events, {found.postings} postings checked."])
    for title, words in (("It proves:", found.proves), ("It does not prove:", found.does_not_prove)):
        if words:
            lines(["", title, *(f"  - {each}" for each in words)])
    if found.problems:
        lines([""])
        table("Problems", ["grant", "version", "what"], [[text(each.grant), text(each.version), each.what] for each in found.problems])


def replayed(found: Replayed) -> None:
    """What was decided again, which histories were replayed, and every difference."""
    verdict = "All agree" if found.ok else "NOT all agree"
    histories = "no Temporal server was there, so no history was replayed" if found.histories is None else f"{found.histories} Temporal histories replayed"
    lines([f"{verdict}: {found.commands} commands of {found.grants} grants decided again; {histories}."])
    if found.differences:
        rows = [[each.grant, str(each.version), each.command, " / ".join(each.recorded), " / ".join(each.now)] for each in found.differences]
        table("Decided otherwise", ["grant", "version", "command", "recorded", "now"], rows)
    if found.unreplayed:
        table("Not replayed", ["workflow", "run", "why"], [[each.workflow, each.run, each.why] for each in found.unreplayed])


def rebuilt(found: Sequence[Mapping[str, Any]]) -> None:
    """Which workflows were started."""
    if not found:
        lines(["No grant has anything left to do."])
    lines(f"{each['grant']}: {'started from the record' if each['started'] else 'runs already'}" for each in found)


def checks(found: Sequence[Check]) -> None:
    """One row a check."""
    table("", ["", "check", "what"], [[each.verdict, each.name, each.what] for each in found])
