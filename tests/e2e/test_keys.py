"""A gateway's key is rotated on a running installation: the same home signs at once with the new one, for each organisation with the one it trusts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import CASES, Installation


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, temporal_program: Path) -> Iterator[Installation]:
    """An installation of this spec's own: it changes the keys that others sign with."""
    assert temporal_program.exists()
    found = Installation(tmp_path_factory.mktemp("keys"))
    found.grants("up", "--detach")
    yield found
    found.grants("down")


def read(own: Installation, *arguments: str, code: int = 0) -> Any:
    return json.loads(own.grants(*arguments, "--json", code=code).stdout)


def test_a_home_signs_with_its_new_key_at_once_and_for_others_with_the_one_that_they_trust(own: Installation, tmp_path: Path) -> None:
    for organisation in ("mopac", "tidewell-trust"):
        own.grants("adopt", organisation)
    refused = read(own, "keys", "rotate", "mopac", "--as", "p-legal", code=5)
    assert refused["refusal"]["code"] == "authority.not_mandated"
    assert refused["refusal"]["titles"]["chief-executive"] == "Chief Executive of MOPAC"
    rotated = read(own, "keys", "rotate", "mopac", "--as", "p-chief-executive")
    assert [each["type"] for each in rotated["events"]] == ["key.rotated"]
    newest = read(own, "keys", "mine")[0]["key"]
    holding = {each["organisation"]: each["key"] for each in read(own, "keys", "list") if each["holds"]}
    assert holding["mopac"] == newest != holding["tidewell-trust"]
    own.grants("play", CASES / "today.yaml")
    link = tmp_path / "link.yaml"
    link.write_text("type: OpenGrant\nactor: p-t-fundraiser\nbody: {organisation: tidewell-trust, title: Small, clock: real, parties: [], programme: null}\n")
    assert read(own, "do", "small", str(link))["outcome"] == "accepted"
    read(own, "keys", "rotate", "tidewell-trust", "--as", "p-t-chair")
    assert {each["key"] for each in read(own, "keys", "list") if each["holds"]} == {newest}
    found = read(own, "audit", "identities")
    assert (found["ok"], found["different"]) == (True, 0)
    assert found["temporal"].startswith("this server states no principal: identity read for ")
    assert {each["compared"] for each in found["identities"]} == {"key, events, identity"}
    own.grants("audit", "verify")
    own.grants("audit", "replay")


def test_a_key_of_another_installation_is_added_and_revoked_and_the_record_keeps_why(own: Installation, tmp_path: Path) -> None:
    own.grants("adopt", "mopac")
    (theirs,) = read(Installation(tmp_path / "van"), "keys", "mine")
    read(own, "keys", "add", "mopac", "--public", theirs["public"], "--as", "p-chief-executive")
    read(own, "keys", "revoke", theirs["key"], "mopac", "--reason", "stolen", "--as", "p-chief-finance")
    kept = next(each for each in read(own, "keys", "list", "mopac") if each["key"] == theirs["key"])
    assert (kept["holds"], kept["because"], kept["ours"]) == (False, "stolen", False)
    own.grants("keys", "add", "mopac", "--public", "AAAA", "--as", "p-chief-executive", code=2)
    own.grants("keys", "list", "nowhere", code=4)
