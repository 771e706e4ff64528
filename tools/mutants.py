"""How much the specs of the approval chain would notice: ``python -m tools.mutants [--record]`` (``make mutants``).

mutmut (BSD) changes the rules in ``domain/approval.py`` and ``domain/scheme.py`` one place at a time, and runs the specs of
the domain that concern them; a changed place that no spec notices is a survivor. It works on a copy below ``.tools``, with
an environment of its own. Every survivor must be explained in ``docs/results/mutants-explained.yaml``, or be caught by
another spec. Exit code 0; 1 where fewer than nine of ten are noticed or a survivor is not explained; 69 where mutmut
cannot be had or cannot work.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tools.environment import sync
from tools.mutants_found import Found, Mutant, Survivor, changed_lines, explained, page, summary, verdict_of
from tools.say import ROOT, TOOLS, UNAVAILABLE, UnavailableError, answer_of, last_line, run_aloud, say
from tools.versions import versions

CHANGED = ("domain/approval.py", "domain/scheme.py")
CONCERNED = re.compile(r"\b(domain\.(approval|scheme|saying|steps|entitled|paper|asking|authority)|tests\.domain\.(papers|instrument_papers))\b")
"""What a spec that is run imports."""

KEPT_OUT = re.compile(r"test_(lives_\w+|golden|\w+_properties)\.py")
"""Whole lives and properties are slow, and a rule has a spec of its own."""

BESIDE = ("activities", "app", "cases", "organisations", "store", "tests", "tools", "workflows")
"""What specs of the domain lean on: an organisation as its folder describes it, a life as its file tells it."""

USAGE = 2

ENVIRONMENT = TOOLS / "mutants"
WORKSHOP = TOOLS / "mutants-work"
PAGE = ROOT / "docs" / "results" / "mutants.md"
EXPLAINED = PAGE.with_name("mutants-explained.yaml")

SETTINGS = """
[tool.mutmut]
source_paths = ["domain"]
only_mutate = {changed}
also_copy = {beside}
pytest_add_cli_args = ["-x", "-q", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {specs}
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
pythonpath = ["."]
asyncio_default_fixture_loop_scope = "session"
filterwarnings = ["ignore"]
"""


def workshop() -> list[str]:
    """A fresh copy of the rules and of the specs that are run; the specs."""
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for each in ("domain", *BESIDE):
        shutil.copytree(ROOT / each, WORKSHOP / each, ignore=ignored)
    found = [f"tests/domain/{path.name}" for path in sorted((ROOT / "tests" / "domain").glob("test_*.py")) if _concerned(path)]
    (WORKSHOP / "pyproject.toml").write_text(SETTINGS.format(changed=json.dumps(CHANGED), beside=json.dumps(BESIDE), specs=json.dumps(found)))
    return found


def _concerned(path: Path) -> bool:
    return not KEPT_OUT.fullmatch(path.name) and bool(CONCERNED.search(path.read_text()))


def environment() -> Path:
    """mutmut, in an environment of its own.

    Raises:
        UnavailableError: uv could not set it up.

    """
    if not sync(ENVIRONMENT, "--no-default-groups", "--group", "test", "--group", "mutants", "--no-install-project", quiet=True):
        message = "uv could not set up mutmut; its own words stand above"
        raise UnavailableError(message)
    return ENVIRONMENT / "bin" / "mutmut"


def run(mutmut: Path) -> list[Mutant]:
    """Every mutant, with what became of it.

    Raises:
        UnavailableError: mutmut failed; its last word is in the text.

    """
    log = WORKSHOP / "mutmut.log"
    command: list[str | Path] = [mutmut, "run", "--max-children", str(os.cpu_count() or 1)]
    if not run_aloud("changing the rules", command, log, dict(os.environ), WORKSHOP):
        message = f"mutmut failed ({log}): {last_line(log)}"
        raise UnavailableError(message)
    metas = [WORKSHOP / "mutants" / f"{each}.meta" for each in CHANGED]
    codes = [item for meta in metas for item in json.loads(meta.read_text())["exit_code_by_key"].items()]
    return [Mutant(name, verdict_of(code)) for name, code in codes]


def survivor(mutmut: Path, mutant: Mutant) -> Survivor:
    """What was changed in a mutant.

    Raises:
        UnavailableError: mutmut does not show it.

    """
    shown = subprocess.run([mutmut, "show", mutant.name], cwd=WORKSHOP, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if shown.returncode:
        message = f"mutmut does not show {mutant.name}: {shown.stderr.strip()[-200:]}"
        raise UnavailableError(message)
    return Survivor(mutant.function, *changed_lines(shown.stdout))


def main(arguments: Sequence[str]) -> int:
    """Change the rules, say what the specs noticed, and keep it if asked to."""
    if unknown := set(arguments) - {"--record"}:
        say(f"{', '.join(sorted(unknown))}? Only --record is known")
        return USAGE
    try:
        mutmut, specs = environment(), workshop()
        say(f"changing {' and '.join(CHANGED)}, one place at a time, before {len(specs)} files of specs")
        mutants = run(mutmut)
        found = Found(
            day=datetime.now(UTC).date(),
            machine=machine(mutmut),
            mutants=tuple(mutants),
            survivors=explained((survivor(mutmut, each) for each in mutants if not each.noticed), EXPLAINED),
        )
    except UnavailableError as reason:
        say(f"cannot go on.\n{reason}")
        return UNAVAILABLE
    print("\n".join(summary(found)))
    if "--record" in arguments:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text("\n".join(page(found)) + "\n")
    return 0 if found.good else 1


def machine(mutmut: Path) -> tuple[tuple[str, str], ...]:
    """What it ran on, by name and version; no name of a machine."""
    ours = answer_of([mutmut.with_name("python"), "-c", "from importlib.metadata import version; print(version('mutmut'))"]) or "unknown"
    memory = psutil.virtual_memory().total / 2**30
    code = tuple(each for each in versions() if each[0] == "code")
    return (("machine", f"{os.cpu_count()} cores, {memory:.0f} GiB"), ("Python", platform.python_version()), ("mutmut", ours), *code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
