"""What became of the changed places, and the page that is kept of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML

GOAL_PERCENT = 90

KILLED, TOO_LONG, SURVIVED, NOT_REACHED, BROKEN = "killed", "too long", "survived", "not reached", "broken"
VERDICTS = {0: SURVIVED, 1: KILLED, 3: KILLED, 5: NOT_REACHED, 33: NOT_REACHED, 36: TOO_LONG, 24: TOO_LONG, -24: TOO_LONG, 152: TOO_LONG, 255: TOO_LONG}
"""What mutmut's exit codes say."""

MARK = "ǁ"
"""What mutmut puts round the name of a class."""

INTRODUCTION = """# What the specs of the approval chain would notice

mutmut changes the rules in `domain/approval.py` and `domain/scheme.py`, one place at a time, and runs the specs of the domain that
concern them. Written by `make mutants ARGS=--record`; do not edit. Why a change that no spec notices is well stands in
[mutants-explained.yaml](mutants-explained.yaml)."""


@dataclass(frozen=True)
class Mutant:
    """One changed place: mutmut's name of it, and what became of it."""

    name: str
    verdict: str

    @property
    def module(self) -> str:
        """``domain.scheme``."""
        return ".".join(self.name.split(".")[:2])

    @property
    def function(self) -> str:
        """``scheme._laid``, ``scheme.Step.__str__``."""
        inside = re.sub(r"__mutmut_[0-9]+$", "", self.name.removeprefix(f"{self.module}.x"))
        own = inside.removeprefix(MARK).replace(MARK, ".") if inside.startswith(MARK) else inside.removeprefix("_")
        return f"{self.module.removeprefix('domain.')}.{own}"

    @property
    def noticed(self) -> bool:
        """Whether a spec failed, or ran for ever."""
        return self.verdict in {KILLED, TOO_LONG}


@dataclass(frozen=True)
class Survivor:
    """A changed place that no spec notices: the lines before and after, and why that is well (null: nobody has said)."""

    function: str
    before: str
    after: str
    why: str | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """What an explanation is found by; it outlives a change anywhere else."""
        return (self.function, self.before, self.after)


@dataclass(frozen=True)
class Found:
    """One run."""

    day: date
    machine: tuple[tuple[str, str], ...]
    mutants: tuple[Mutant, ...]
    survivors: tuple[Survivor, ...]

    @property
    def percent(self) -> float:
        """How many of a hundred changes are noticed."""
        return 100 * sum(each.noticed for each in self.mutants) / len(self.mutants)

    @property
    def unexplained(self) -> tuple[Survivor, ...]:
        """Those of which nobody has said why that is well."""
        return tuple(each for each in self.survivors if not each.why)

    @property
    def good(self) -> bool:
        """Nine of ten noticed, the rest explained, and every one was tried."""
        return self.percent >= GOAL_PERCENT and not self.unexplained and not any(each.verdict == BROKEN for each in self.mutants)


def verdict_of(code: int | None) -> str:
    """What mutmut's exit code for a mutant means; null: it was never run."""
    return BROKEN if code is None else VERDICTS.get(code, BROKEN)


def changed_lines(difference: str) -> tuple[str, str]:
    """The lines that a difference takes away, and those that it puts there, each without its indentation."""
    lines = [line for line in difference.splitlines() if not line.startswith(("---", "+++"))]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return before, after


def explained(survivors: Iterable[Survivor], file: Path) -> tuple[Survivor, ...]:
    """The survivors with what the file says of each: a list of ``function``, ``before``, ``after``, ``why``."""
    written = (YAML(typ="safe").load(file) if file.exists() else None) or []
    reasons = {(each["function"], each["before"], each["after"]): each["why"] for each in written}
    return tuple(replace(each, why=reasons.get(each.place)) for each in survivors)


def summary(found: Found) -> Iterator[str]:
    """What is said when it is done."""
    yield from (f"{name:<10}{version}" for name, version in found.machine)
    yield ""
    yield from (f"{module:<18}{_counts(found, module)}" for module in _modules(found))
    yield f"\n{found.percent:.1f} % of {len(found.mutants)} changes are noticed (goal {GOAL_PERCENT} %); {len(found.unexplained)} others are not explained"
    for each in found.unexplained:
        yield f"\n{each.function}\n  - {each.before}\n  + {each.after}"


def page(found: Found) -> Iterator[str]:
    """The page of results."""
    yield INTRODUCTION
    yield f"\nMeasured on {found.day:%-d %B %Y}: **{found.percent:.1f} %** of {len(found.mutants)} changes are noticed; the goal is {GOAL_PERCENT} %.\n"
    yield "| on | |\n| --- | --- |"
    yield from (f"| {name} | {version} |" for name, version in found.machine)
    yield "\n| rules | |\n| --- | --- |"
    yield from (f"| `{module}` | {_counts(found, module)} |" for module in _modules(found))
    yield "\n## Not noticed\n"
    yield "| function | before | after | why that is well |\n| --- | --- | --- | --- |" if found.survivors else "No change went unnoticed."
    yield from (f"| `{each.function}` | {_code(each.before)} | {_code(each.after)} | {each.why or '**not explained**'} |" for each in found.survivors)


def _modules(found: Found) -> list[str]:
    return sorted({each.module for each in found.mutants})


def _counts(found: Found, module: str) -> str:
    counts = Counter(each.verdict for each in found.mutants if each.module == module)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())


def _code(line: str) -> str:
    return f"`{line}`".replace("|", "\\|") if line else "(nothing)"
