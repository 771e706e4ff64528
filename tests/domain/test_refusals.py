"""Every rule has refused something: a rule that no spec ever ran into may as well not be there."""

from __future__ import annotations

from domain.model import RULES, Rule
from tools.vocabulary import load

ELSEWHERE = {"command.not_for_organisations", "command.reused", "command.sealed_elsewhere"}
"""Of the commit itself: their specs are in ``tests/activities``."""

load()


def test_every_rule_of_the_domain_has_refused_something_by_the_end_of_its_specs(refusals: set[str]) -> None:
    assert sorted(RULES.keys() - ELSEWHERE - refusals) == []


def test_a_refusal_is_noted_when_it_is_made(refusals: set[str]) -> None:
    plain = Rule("made.here", "No {what}.", "DESIGN §6", remedy="Say another {what}.")
    try:
        made = plain.refuse("finance", what="sum")
    finally:
        del RULES["made.here"]
    assert (made.why, made.remedy, made.who_could) == ("No sum.", "Say another sum.", ("finance",))
    assert "made.here" in refusals
