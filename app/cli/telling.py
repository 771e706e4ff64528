"""What the demonstration tells once its cases are played: all of it read from the record, by the views that everybody has.

Which questions are asked, and which decision is printed, the cases say themselves.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from app import showing, views
from app.audit.record_check import check
from app.audit.record_rules import rules_of
from app.case_file import Case, Shown
from app.cli import answering, deciding, tables, verdicts
from app.cli.out import lines, pounds, table, text
from app.decision_record import record_of
from app.home import Home
from app.outcomes import recorded, titled
from app.reader import Reader, now
from domain.messages import CommandRefused

REHEARSED = "Rehearsal: spend, days, people and outcomes invented; stated facts are marked."
ASKED = ("stage", "cap", "agreed", "received", "lapsed")
"""What the answer to a question of a case tells besides its two dates."""


def tell(home: Home, reader: Reader, cases: Sequence[Case]) -> None:
    """Every grant, what was tried and refused, what the cases ask, what waits on whom, and whether the record is whole."""
    lines(["", "Every grant: agreed = received + debtor; once closed, cap = agreed + lapsed + forfeited", ""])
    tables.grants(views.grants(reader, now()))
    lines(["", REHEARSED, "", "One of the things that were tried, and refused:", "", *_refusal(reader), ""])
    for case in cases:
        _answers(reader, case)
    for case in cases:
        if case.decision:
            deciding.tell(record_of(reader, case.grant, case.decision))
    for person, rows in _waited_on(reader):
        tables.inbox(person, rows)
    lines([""])
    verdicts.report(check(reader.log.engine, rules_of(reader.log.engine)))
    lines(["", *_next(home, cases)])


def _refusal(reader: Reader) -> Sequence[str]:
    """The first refusal that somebody else could have spared."""
    for stream in reader.log.streams("grant/"):
        for line in reader.lines(stream):
            if isinstance(line.past.body, CommandRefused) and line.past.body.who_could:
                return answering.words(replace(titled(recorded(reader.log, line.past.command)[0], reader), repeated=False))
    return ["nothing was refused"]


def _answers(reader: Reader, case: Case) -> None:
    if case.show:
        columns = ["question", "as of", "known at", *ASKED]
        table(case.title, columns, [_answer(reader, case.grant, each) for each in case.show], right=ASKED[1:])


def _answer(reader: Reader, grant: str, asked: Shown) -> list[str]:
    found = showing.show(reader, grant, showing.day(asked.as_of), showing.instant(asked.known_at), now())
    sums = [pounds(found[f"{name}_pence"]) for name in ASKED[1:]]
    return [asked.title, found["as_of"], asked.known_at or "now", text(found["stage"]), *sums]


def _waited_on(reader: Reader) -> Iterable[tuple[str, list[views.View]]]:
    """Everybody on whom money at risk waits, with what waits on them."""
    people = [each.person for one in reader.organisations().values() if one.charter for each in one.charter.holdings]
    for person in dict.fromkeys(people):
        rows = views.inbox(reader, person, now())
        if any(each["at_risk_pence"] for each in rows):
            yield person, rows


def _next(home: Home, cases: Sequence[Case]) -> list[str]:
    here = f"GRANTS_HOME={home.path} {_program()}"
    asked = next(((case.grant, each) for case in cases for each in case.show if each.as_of and each.known_at), None)
    known = [f"  {here} show {asked[0]} --as-of {asked[1].as_of} --known-at {asked[1].known_at}"] if asked else []
    grant = asked[0] if asked else cases[0].grant
    return [
        f"All of it is in {home.path}. Try next:",
        *known,
        f"  {here} history {grant}",
        f"  {here} ledger {grant} --balances",
        f"  {here} audit replay",
        f"  {here} up        (the same grants in the Temporal UI, with live timers)",
    ]


def _program() -> str:
    """What to type for this program: its name where the shell finds it, else its path."""
    called, found = Path(sys.argv[0]), shutil.which("grants")
    if called.name != "grants" or (found and Path(found).resolve() == called.resolve()):
        return "grants"
    return os.path.relpath(called)
