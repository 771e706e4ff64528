"""What the repository says can be read by a stranger anywhere: no private folder, no host of a registry, no loose end."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.house.source import ROOT, at
from tests.house.test_lock import hosts, lock

HERE = Path(__file__)
NOT_OURS = {"var", "dist"}
HIDDEN = {".ci", ".gitignore"}
LOCKS = {"uv.lock", "go.sum"}
LONGEST_BYTES = 2_000_000

PRIVATE = re.compile(r"(?<![\w.])/(root|work|home|Users)/\w")
LOOSE_END = re.compile(r"\b(TODO|FIXME|XXX|HACK|lorem ipsum)\b")


def texts() -> list[Path]:
    tops = [path for path in sorted(ROOT.iterdir()) if path.name not in NOT_OURS and (not path.name.startswith(".") or path.name in HIDDEN)]
    files = [file for top in tops for file in ([top] if top.is_file() else sorted(top.rglob("*"))) if file.is_file()]
    return [file for file in files if "__pycache__" not in file.parts and file.name not in LOCKS and file != HERE and is_text(file)]


def is_text(path: Path) -> bool:
    return path.stat().st_size < LONGEST_BYTES and b"\0" not in path.read_bytes()


@pytest.mark.parametrize("pattern", [PRIVATE, LOOSE_END], ids=["private folder", "loose end"])
def test_no_text_has_a_private_folder_or_a_loose_end(pattern: re.Pattern[str]) -> None:
    found = [f"{at(path)}: {match[0]}" for path in texts() for match in pattern.finditer(path.read_text(errors="replace"))]
    assert found == []


def test_no_text_but_the_lock_names_the_host_of_a_registry() -> None:
    known = set(hosts(lock()))
    assert known
    assert [at(path) for path in texts() if any(host in path.read_text(errors="replace") for host in known)] == []


def test_there_is_text_to_read() -> None:
    assert ROOT / "pyproject.toml" in texts()


def test_every_relative_link_of_a_page_leads_somewhere() -> None:
    pages = [path for path in texts() if path.suffix == ".md"]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()) if not urlsplit(link).scheme]
    assert [f"{at(page)}: {link}" for page, link in links if not (page.parent / link).exists()] == []
