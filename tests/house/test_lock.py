"""Everything that the product is made of comes from where it is known to come from, in versions that agree."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.house.source import ROOT
from tools.go_build import GO_FLOOR
from tools.temporal_server import CLI

HOSTS_DIGEST = "1280fb19fbb6ddeed93e3452ee06ad93fc736496fb5ee150ee85a499caeda181"
"""SHA-256 of the sorted names of the hosts in uv.lock, one a line: no other host has crept in, and none is named here."""


def test_the_locked_packages_come_from_the_known_hosts_only() -> None:
    assert hashlib.sha256("\n".join(sorted(set(hosts(lock())))).encode()).hexdigest() == HOSTS_DIGEST


def test_every_locked_file_has_its_digest() -> None:
    files = [file for package in lock()["package"] for file in (*package.get("wheels", ()), *filter(None, [package.get("sdist")]))]
    assert files
    assert [file["url"] for file in files if not file["hash"].startswith("sha256:")] == []


def test_the_downloaded_and_the_built_temporal_server_are_the_same_release() -> None:
    assert f"github.com/temporalio/cli {CLI} " in go_mod()


def test_the_go_that_the_bootstrap_asks_for_is_the_one_that_the_build_needs() -> None:
    assert re.search(r"^go (\S+)$", go_mod(), re.MULTILINE)[1] == ".".join(str(each) for each in GO_FLOOR)  # type: ignore[index]


def go_mod() -> str:
    return (ROOT / "tools" / "temporal-cli" / "go.mod").read_text()


def lock() -> dict:  # type: ignore[type-arg]
    return tomllib.loads((ROOT / "uv.lock").read_text())


def hosts(value: object) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from hosts(each)
        case list():
            for each in value:
                yield from hosts(each)
        case str() if "://" in value:
            yield urlsplit(value).hostname or ""
        case _:
            return
