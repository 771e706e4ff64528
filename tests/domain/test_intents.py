"""What a grant has asked of the outside world, as its fold knows it."""

from __future__ import annotations

import pytest

from domain import intents
from tests.lives import case_of, live, organisation_of


@pytest.mark.parametrize("name", ["alpha-2020-21", "smclin-2022-23"])
def test_a_grant_knows_the_newest_event_that_asks_for_an_effect_of_each_kind(name: str) -> None:
    case = case_of(name)
    lived = list(live(case, organisation_of("mopac")))
    pasts = [past for step in lived for past in step.pasts]
    found = {kind: [each.version for each in pasts if each.body.wire in wires] for kind, wires in intents.INTENTS.items()}
    assert {kind: versions[-1] for kind, versions in found.items()} == lived[-1].after.asked
