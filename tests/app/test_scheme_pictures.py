"""Pictures of a scheme: every step that a paper about a kind of instrument may have to take, when, and why."""

from __future__ import annotations

import pytest

from app import organisations
from app.scheme_pictures import KINDS, WHEN, route, when
from domain.organisation import Charter
from domain.policy import Condition, RouteRule, SchemeEdition


def charter() -> Charter:
    return organisations.load("mopac").charter


def lines(rules: tuple[RouteRule, ...], kind: str = "offer") -> list[str]:
    edition = charter().policy.schemes[0].model_copy(update={"rules": rules})
    return [line.text for column in route(charter(), edition, kind).columns for box in column.boxes for line in box.lines]


def rule(**other: object) -> RouteRule:
    plain = {"rule": "r", "when": Condition(), "office": "finance", "says": "advise", "order": 1, "ladder": "paper-step", "because": "it is so"}
    return RouteRule.model_validate({**plain, "source": "paragraph 1", "assumed": False, **other})


def edition() -> SchemeEdition:
    return charter().policy.schemes[0]


def test_every_field_of_a_condition_has_its_words() -> None:
    assert set(WHEN) == set(Condition.model_fields)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition(), None),
        (Condition(verbs=("approve", "approve_in_principle", "ratify")), "it asks to approve, approve in principle or ratify"),
        (Condition(instruments=("bid", "offer")), "it is about bid or offer"),
        (Condition(at_least_pence=10_000_000, novel=True), "it is for £100,000.00 or more and it is novel"),
        (Condition(cumulative_at_least_pence=1), "the grant comes to £0.01 or more"),
        (Condition(retrospective=False, contentious=True, repercussive=True), "it is not retrospective and it is contentious and it is repercussive"),
        (Condition(boards=("board",), terms_changed=True), "it goes to board and it changes the terms"),
        (Condition(terms_changed=False), "it keeps the terms"),
        (Condition(business_case_at_least_pence=100), "its business case is for £1.00 or more"),
        (Condition(variation_share_at_least_percent=10), "variations come to 10 % of the grant or more"),
        (Condition(marks=("press",)), "it is marked press"),
    ],
)
def test_a_condition_is_said_in_words(condition: Condition, said: str | None) -> None:
    wanted = None if said is None else set(said.split(" and "))
    found = when(condition)
    assert (None if found is None else set(found.split(" and "))) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_drawn_with_the_rules_that_can_apply_to_it_in_their_order(kind: str) -> None:
    drawn = route(charter(), edition(), kind)
    rules = [each for each in edition().rules if each.when.instruments is None or kind in each.when.instruments]
    assert len(drawn.columns) == len({each.order for each in rules})
    because = [line.text for column in drawn.columns for box in column.boxes for line in box.lines if line.text.startswith("Because ")]
    assert sorted(because) == sorted(f"Because {each.because}" for each in rules)


def test_one_office_has_one_box_with_all_its_reasons() -> None:
    drawn = route(charter(), edition(), "offer")
    assert [box.heading for box in drawn.columns[-1].boxes] == ["Deputy Mayor for Policing and Crime"]
    own = [each for each in edition().rules if each.office == "deputy-mayor" and "offer" in (each.when.instruments or KINDS)]
    assert sum(line.text.startswith("Because") for line in drawn.columns[-1].boxes[0].lines) == len(own) > 1


def test_a_step_says_up_to_which_limit_it_decides() -> None:
    assert lines((rule(says="decide", limit_pence=10_000_000),))[0] == "Decides while the grant comes to £100,000.00 at most, always"
    assert lines((rule(says="decide", limit_pence="any"),))[0] == "Decides at any value, always"
    assert lines((rule(says="decide", limit_pence=None),))[0] == "Decides nothing: no limit is stated, always"


def test_a_board_is_drawn_by_its_own_name_with_its_secretary() -> None:
    drawn = route(charter(), edition(), "bid")
    gate = next(box for column in drawn.columns for box in column.boxes if box.id == "investment-board-gate")
    assert gate.heading == "Investment board of the MPS (PIB)"
    assert gate.lines[0].text.startswith("Supports it, defers or declines it (Secretary to the investment board")


def test_who_may_stand_in_and_how_many_of_a_group_suffice_are_drawn() -> None:
    found = lines((rule(stand_in=("legal",), group="experts", quorum=2), rule(rule="s", office="legal", group="experts")))
    assert "In its absence: Legal adviser to MOPAC" in found
    assert [each for each in found if "group" in each] == ["2 of the group experts suffice", "All of the group experts are needed"]


def test_what_is_assumed_says_so() -> None:
    assert lines((rule(assumed=True),))[-1] == "paragraph 1 (assumed)"
    assert lines((rule(),))[-1] == "paragraph 1"
