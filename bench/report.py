"""What a run says to whoever waits for it, and the page of results that is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench.figures import BARE, Cell, Measured
from tools.say import ROOT

PAGE = ROOT / "docs" / "results" / "bench-approvals.md"
INTRODUCTION = """# An approver's round trip

How long an approver waits, beside what Temporal itself costs. Written by `make bench-approvals`; do not edit.

*Ours*: an adviser's act is signed, sent as a signal, decided and committed, and its outcome is read from the record. Search
attributes are on, and each act changes whom the grant waits for. *Bare*: a Temporal update with a validator and one activity
that does nothing. Both run on one development server with its file database, in one run, in turn. *Notice*: each act tells
the next adviser, so a notice is sent and recorded beside. Under many callers the percentiles are mostly queueing; the wait of
one approver is in the rows of one caller.
"""


def show(measured: Measured) -> str:
    """The run as text."""
    return "\n".join([measured.plan, "", *_lines(measured), "", *map(str, measured.goals())])


def record(measured: Measured) -> None:
    """Keep the run: the page, and its figures as JSON beside it."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(_page(measured)) + "\n")
    PAGE.with_suffix(".json").write_text(json.dumps(measured.as_json(), indent=1, ensure_ascii=False) + "\n")


def _page(measured: Measured) -> Iterator[str]:
    yield INTRODUCTION
    yield f"Measured on {measured.day:%-d %B %Y}. {measured.plan}"
    yield ""
    yield "| on | |\n| --- | --- |"
    yield from (f"| {name} | {version} |" for name, version in measured.machine)
    yield "\n| record | side | callers | a second (rounds) | of bare | p50, ms | p99, ms | notices an act | processor, ms an answer |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    yield from (f"| {' | '.join(_row(measured, cell))} |" for cell in measured.cells)
    yield "\n## Goals\n"
    yield from (f"- {each}" for each in measured.goals())


def _lines(measured: Measured) -> Iterator[str]:
    form = "{:<11} {:<10} {:>7}  {:<26} {:>7} {:>8} {:>8} {:>8}  {}"
    yield form.format("record", "side", "callers", "a second (rounds)", "of bare", "p50 ms", "p99 ms", "notices", "processor, ms an answer")
    yield from (form.format(*_row(measured, cell)) for cell in measured.cells)


def _row(measured: Measured, cell: Cell) -> tuple[str, ...]:
    found = cell.as_json()
    bare = next(each for each in measured.cells if (each.record, each.side, each.callers) == (cell.record, BARE, cell.callers))
    rates = f"{found['rate']} ({', '.join(map(str, found['rates']))})"
    work = ", ".join(f"{name} {cost}" for name, cost in found["processor_ms_an_answer"].items() if cost)
    notices = f"{cell.notices / cell.asked:.2f}" if cell.asked else "-"
    share = f"{cell.rate / bare.rate:.2f}"
    return (cell.record, cell.side, str(cell.callers), rates, share, str(found["p50_ms"]), str(found["p99_ms"]), notices, work)
