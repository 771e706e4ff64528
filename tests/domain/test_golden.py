"""Golden bytes: whatever was stored once is read for ever, and written the same."""

from __future__ import annotations

import json

import pytest

from domain.upcasts import event_of
from tests.domain.golden_samples import FOLDER, path_of, registered, written

SAMPLES = sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_stored_body_is_read_and_written_back_byte_for_byte(name: str) -> None:
    wire, version = name.split("@")
    body = path_of(wire, int(version)).read_text()
    event = event_of(wire, int(version), body)
    assert event.wire == wire
    if event.version == int(version):
        assert written(event, as_stored=True) == body


def test_a_body_that_was_stored_before_a_field_was_added_gains_only_the_fields_default() -> None:
    body = path_of("paper.drafted", 1).read_text()
    grown = json.loads(written(event_of("paper.drafted", 1, body)))["facts"]
    stored = json.loads(body)["facts"]
    assert {name: value for name, value in grown.items() if name in stored} == stored
    assert not any(value for name, value in grown.items() if name not in stored)


@pytest.mark.parametrize(("wire", "version"), sorted(registered()))
def test_every_shape_of_an_event_that_is_registered_has_a_sample(wire: str, version: int) -> None:
    assert path_of(wire, version).exists(), "python -m tests.domain.golden_samples writes it"
