"""Verdicts as people read them: of the record, of what was decided, of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.audit.messages import Messages
from app.audit.replay import Replayed
from app.audit.verify import Report
from app.checkup import Check
from app.cli.out import lines, table, text
from domain.model import said

DECIDED_AGAIN = "{verdict}: {commands:command|commands} of {grants:grant|grants} decided again; {replayed}."
HISTORIES, UNREPLAYED = "{histories:Temporal history|Temporal histories} replayed", "no Temporal server was there, so no history was replayed"
SIGNALS = "{verdict}: {signals:signal|signals} in {runs:run|runs} of {workflows:workflow|workflows}."
GONE = (
    "{without_history:message of the record stands|messages of the record stand} in no history any more; "
    "{expired:run is known to have|runs are known to have} expired."
)


def report(found: Report) -> None:
    """What was checked, what it proves and does not, and every problem."""
    verdict = "Whole" if found.ok else "NOT whole"
    lines([said("{verdict}: {grants:grant|grants}, {events:event|events}, {postings:posting|postings} checked.", vars(found) | {"verdict": verdict})])
    for title, words in (("It proves:", found.proves), ("It does not prove:", found.does_not_prove)):
        if words:
            lines(["", title, *(f"  - {each}" for each in words)])
    if found.problems:
        lines([""])
        table("Problems", ["grant", "version", "what"], [[text(each.grant), text(each.version), each.what] for each in found.problems])


def replayed(found: Replayed) -> None:
    """What was decided again, which histories were replayed, and every difference."""
    verdict = "All agree" if found.ok else "NOT all agree"
    histories = UNREPLAYED if found.histories is None else said(HISTORIES, vars(found))
    lines([said(DECIDED_AGAIN, vars(found) | {"verdict": verdict, "replayed": histories})])
    if found.differences:
        rows = [[each.grant, str(each.version), each.command, " / ".join(each.recorded), " / ".join(each.now)] for each in found.differences]
        table("Decided otherwise", ["grant", "version", "command", "recorded", "now"], rows)
    if found.unreplayed:
        table("Not replayed", ["workflow", "run", "why"], [[each.workflow, each.run, each.why] for each in found.unreplayed])


def accounted(found: Messages) -> None:
    """What the histories hold, what came of it, and every signal with no outcome or with two."""
    verdict = "Every signal has one outcome" if found.ok else "NOT every signal has one outcome, or a workflow failed"
    counted = ", ".join(f"{number} {kind}" for kind, number in found.outcomes.items()) or "none"
    failures = ", ".join(f"{number} {cause}" for cause, number in found.task_failures.items()) or "none"
    lines([said(SIGNALS, vars(found) | {"verdict": verdict}), f"Outcomes: {counted}."])
    lines([f"Workflow tasks that failed: {failures}. Workflows that failed: {len(found.failed_workflows)}."])
    if found.without_history or found.expired:
        lines([said(GONE, {"without_history": found.without_history, "expired": len(found.expired)})])
    if found.unaccounted:
        rows = [[each.workflow, each.run, str(each.event), each.at, each.name, text(each.command), each.sha256] for each in found.unaccounted]
        table("Not decided yet, or lost", ["workflow", "run", "event", "sent", "name", "command", "SHA-256"], rows)
    if found.doubled:
        rows = [[each.workflow, ", ".join(each.commands), ", ".join(map(str, each.versions))] for each in found.doubled]
        table("More than one outcome", ["workflow", "recorded under", "versions"], rows)
    for title, runs in (("Failed", found.failed_workflows), ("Expired", found.expired)):
        if runs:
            table(title, ["workflow", "run"], [[each.workflow, each.run] for each in runs])


def rebuilt(found: Sequence[Mapping[str, Any]]) -> None:
    """Which workflows were started."""
    if not found:
        lines(["No grant has anything left to do."])
    lines(f"{each['grant']}: {'started from the record' if each['started'] else 'runs already'}" for each in found)


def checks(found: Sequence[Check]) -> None:
    """One row a check."""
    table("", ["", "check", "what"], [[each.verdict, each.name, each.what] for each in found])
