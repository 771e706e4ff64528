"""``make soak``: 50 grants, 200 messages each, a third of them bad, workers killed every few seconds; nothing may be lost or doubled."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import secrets
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from app import servers
from app.leave import leave
from app.settings import read_settings
from tests.e2e.disturbed import place
from tests.e2e.installation import ROOT
from tests.soak.soak import Plan, Soaked, soak
from tools.versions import versions

PAGE = ROOT / "docs" / "results" / "soak.md"


def main(arguments: list[str]) -> int:
    """Soak as the arguments say; 1 where something was not as it must be."""
    asked = _parser().parse_args(arguments)
    plan = Plan(asked.grants, asked.messages, asked.seed, asked.breath, (asked.every * 2 / 3, asked.every * 4 / 3), asked.kills)
    _say(f"seed {plan.seed}")
    found = asyncio.run(_soaked(plan))
    page = _page(found)
    sys.stdout.write(page)
    if asked.record and not found.faults():
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page)
    return bool(found.faults())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--grants", type=int, default=50)
    parser.add_argument("--messages", type=int, default=200, help="for each grant")
    parser.add_argument("--breath", type=float, default=0.4, help="seconds between two messages to one grant, about")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from a worker that serves to its death, about")
    parser.add_argument("--kills", type=int, default=5, help="at least so many")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--record", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser


async def _soaked(plan: Plan) -> Soaked:
    with tempfile.TemporaryDirectory(prefix="grants-soak-") as folder:
        async with place(servers.program(read_settings().temporal_cli), Path(folder)) as there:
            return await soak(there, plan, _say)


def _page(found: Soaked) -> str:
    """The figures of one soak, as a page."""
    sent, plan = found.sent, found.plan
    total = sum(sent.values())
    failures = ", ".join(f"{number} {cause}" for cause, number in found.audited["task_failures"].items()) or "none"
    return "\n".join(
        [
            "# Soak",
            "",
            f"`make soak`, {datetime.now(UTC):%Y-%m-%d}: {plan.grants} grants, {plan.messages} messages each, seed {plan.seed}.",
            "Written by the program itself (`python -m tests.soak --record`).",
            "",
            "| | |",
            "| --- | --- |",
            f"| machine | {os.cpu_count()} cores, {platform.machine()}, {platform.system()} |",
            *(f"| {name} | {version} |" for name, version in versions()),
            f"| sent | {total}: {', '.join(f'{number} {kind}' for kind, number in sorted(sent.items()))} |",
            f"| workers killed (SIGKILL) | {found.kills} |",
            f"| sending took | {found.sending_seconds:.0f} s |",
            f"| everything decided after | {found.settled_seconds:.0f} s: {total / found.settled_seconds:.0f} messages a second, deaths included |",
            f"| signals in the histories | {found.audited['signals']} in {found.audited['runs']} runs of {found.audited['workflows']} workflows |",
            f"| outcomes | {', '.join(f'{number} {kind}' for kind, number in found.audited['outcomes'].items())} |",
            f"| signals with no outcome, with two | {len(found.audited['unaccounted'])}, {len(found.audited['doubled'])} |",
            f"| workflows that failed | {len(found.audited['failed_workflows'])} |",
            f"| workflow tasks that failed | {failures} |",
            f"| `audit verify` | {'whole' if found.verified['ok'] else 'NOT whole'}: {found.verified['events']} events |",
            *(f"| FAULT | {each} |" for each in found.faults()),
            "",
            "A workflow task that failed with FORCE_CLOSE_COMMAND or UNHANDLED_COMMAND is the server's own way with many signals at once;",
            "a time-out is a killed worker's.",
            "",
        ]
    )


def _say(words: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
