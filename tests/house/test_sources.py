"""Every source that a refusal or a page of code names can be looked up in ``docs/``: design, contract, requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from domain.model import RULES
from tests.house.source import ROOMS, ROOT, at, python
from tools.vocabulary import load

DOCS = ROOT / "docs"
SCHEME = "Scheme of delegation in force"

NUMBERED = re.compile(r"(?:DESIGN )?§(\d+(?:\.\d+)?)")
WORD = re.compile(r", ([A-Z][a-z]+)(?: and ([A-Z][a-z]+))?")
INVARIANTS = re.compile(r"invariants? (\d+(?:(?:, | and | to )\d+)*)", re.IGNORECASE)
ENTRY = re.compile(r"\b(?:R-\d+|G[1-9]\d?|B[1-9]|T[1-9]\d?)\b")
CONTRACT = re.compile(r"CONTRACT, ([A-Z][a-z]+)")
CITATION = re.compile(
    r"DESIGN §\d+(?:\.\d+)?(?:, §\d+(?:\.\d+)?|, [A-Z][a-z]+(?: and [A-Z][a-z]+)?)?|CONTRACT, [A-Z][a-z]+"
    r"|[Ii]nvariants? \d+(?:(?:, | and | to )\d+)*|\b(?:R-\d+|G[1-9]\d?|B[1-9])\b"
)
"""A citation where it stands in running text."""

load()


@pytest.mark.parametrize("code", RULES)
def test_the_source_of_a_refusal_can_be_looked_up(code: str) -> None:
    cited = [found for part in RULES[code].source.split(";") for found in sources(part.split(":")[0].strip())]
    assert cited
    assert set(cited) <= entries()


def test_every_source_that_code_organisations_cases_and_pages_name_can_be_looked_up() -> None:
    written = [path for folder, form in (("organisations", "*.yaml"), ("cases", "*.yaml"), ("docs", "*.md")) for path in sorted((ROOT / folder).rglob(form))]
    files = [*python(*ROOMS), *written]
    named = [(at(path), match[0]) for path in files for match in re.finditer(CITATION, path.read_text())]
    assert named
    assert [f"{place}: {text}" for place, text in named if not set(sources(text)) <= entries()] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("DESIGN §4.9", ["DESIGN §4.9"]),
        ("DESIGN §4.8, §7", ["DESIGN §4.8", "DESIGN §7"]),
        ("DESIGN §2, Fact and Act", ["DESIGN §2", "DESIGN §2, Fact", "DESIGN §2, Act"]),
        ("CONTRACT, Restricted content", ["CONTRACT, Restricted"]),
        ("R-12, R-41, R-42", ["R-12", "R-41", "R-42"]),
        ("Invariants 7 and 8", ["invariant 7", "invariant 8"]),
        ("invariants 15 to 17", ["invariant 15", "invariant 16", "invariant 17"]),
        ("common sense", ["common sense"]),
    ],
)
def test_a_citation_falls_into_its_sources(text: str, names: list[str]) -> None:
    assert list(sources(text)) == names


@pytest.mark.parametrize(
    "invented", ["DESIGN §13", "DESIGN §4.11", "DESIGN §2, Widget", "CONTRACT, Weather", "R-07", "G31", "invariant 37", "B9", "common sense"]
)
def test_what_no_page_has_cannot_be_looked_up(invented: str) -> None:
    assert not set(sources(invented)) <= entries()


def test_no_entry_of_the_requirements_stands_twice() -> None:
    found = list(requirements())
    assert sorted(found) == sorted(set(found))


def test_every_page_of_docs_stands_in_its_index() -> None:
    index = (DOCS / "README.md").read_text()
    assert [at(page) for page in sorted(DOCS.glob("*.md")) if page.name != "README.md" and f"]({page.name})" not in index] == []


def sources(citation: str) -> Iterator[str]:
    """What one citation names, as ``entries`` calls it; a text that names nothing known is given as it stands."""
    if sections := NUMBERED.findall(citation):
        yield from (f"DESIGN §{number}" for number in sections)
        for words in WORD.findall(citation):
            yield from (f"DESIGN §{sections[0]}, {word}" for word in words if word)
    elif heading := CONTRACT.match(citation):
        yield f"CONTRACT, {heading[1]}"
    elif invariants := INVARIANTS.fullmatch(citation):
        yield from (f"invariant {number}" for number in spelt_out(invariants[1]))
    else:
        yield from ENTRY.findall(citation) or [citation]


def spelt_out(numbers: str) -> Iterator[int]:
    """The numbers of "7 and 8", "5, 7" or "15 to 17"."""
    for run in re.split(r", | and ", numbers):
        first, *last = map(int, run.split(" to "))
        yield from range(first, (last or [first])[0] + 1)


@cache
def entries() -> frozenset[str]:
    """Everything that can be cited: numbered sections and their bold words, sections of the contract, requirements."""
    return frozenset((*design(), *contract(), *requirements()))


def design() -> Iterator[str]:
    for level, number, text in sections(DOCS / "design.md", r"(##|###) (\d+(?:\.\d+)?)\.? .*"):
        yield f"DESIGN §{number}"
        if level == "##":
            yield from (f"DESIGN §{number}, {word}" for word in re.findall(r"\*\*(\w+)\.?\*\*", text))


def contract() -> Iterator[str]:
    yield from (f"CONTRACT, {word}" for word in re.findall(r"^## (\w+)", (DOCS / "contract.md").read_text(), re.MULTILINE))


def requirements() -> Iterator[str]:
    text = (DOCS / "requirements.md").read_text()
    yield from re.findall(r"^\| ((?:R-|G|T)\d+) \|", text, re.MULTILINE)
    yield from re.findall(r"^### (B\d) ", text, re.MULTILINE)
    yield from (f"invariant {number}" for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE))
    yield from re.findall(rf"^## ({SCHEME})$", text, re.MULTILINE)


def sections(page: Path, heading: str) -> Iterator[tuple[str, str, str]]:
    """Each section of a page by its numbered heading: level, number, and the text up to the next heading."""
    _, *parts = re.split(rf"^{heading}$", page.read_text(), flags=re.MULTILINE)
    yield from zip(parts[::3], parts[1::3], parts[2::3], strict=True)
