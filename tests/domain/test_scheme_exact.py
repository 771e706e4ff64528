"""What the scheme answers, word for word: a refusal names the rule, the edition and the office at fault."""

from __future__ import annotations

from datetime import date

import pytest

from domain.model import Refusal
from domain.policy import Condition, RouteRule
from domain.scheme import Asked, AskedItem, Route, route
from tests.domain.papers import DECIDES, FINANCE, GATE, LEGAL, OFFICES, edition, rule

DAY = date(2021, 1, 6)
PLAIN = AskedItem(item="1", verbs=("approve", "accept"), kind="variation")


def asked(*items: AskedItem, cumulative: int = 1_000, boards: tuple[str, ...] = ()) -> Asked:
    return Asked(items=items or (PLAIN,), pence=100, cumulative_pence=cumulative, retrospective=False, novel=False, boards=boards)


def why(*rules: RouteRule, paper: Asked | None = None) -> str:
    found = route(edition(*rules), paper or asked(), OFFICES, DAY, ("board",))
    assert isinstance(found, Refusal), found
    return found.why


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((rule("odd", "nobody", "advise", 1), DECIDES), "Rule odd of Scheme 2020 names nobody, an office that does not exist."),
        (
            (rule("odd-gate", "secretary", "gate", 1, board="nowhere"), DECIDES),
            "Rule odd-gate of Scheme 2020 names nowhere, a board that does not exist.",
        ),
        ((rule("blank", "decider", "decide", 2),), "Rule blank of Scheme 2020 lets decider decide but states no limit, not even any."),
        (
            (FINANCE,),
            "No rule of Scheme 2020 lets an office decide item 1 (approve and accept of variation) of a grant that comes to £10.00.",
        ),
    ],
    ids=["office", "board", "limit", "nobody decides"],
)
def test_a_refusal_names_the_rule_the_edition_and_what_is_wrong_with_it(rules: tuple[RouteRule, ...], words: str) -> None:
    assert why(*rules) == words


def test_an_item_is_decided_only_by_a_rule_whose_condition_the_whole_paper_meets() -> None:
    dear = DECIDES.model_copy(update={"when": Condition(cumulative_at_least_pence=5_000)})
    assert "item 1" in why(FINANCE, dear)
    assert isinstance(route(edition(FINANCE, dear), asked(cumulative=5_000), OFFICES, DAY), Route)


def test_a_route_is_told_step_by_step_with_every_reason() -> None:
    twice = rule("finance-again", "finance", "advise", 1, because="money is asked", source="paragraph 5")
    found = route(edition(FINANCE, twice, LEGAL, GATE, DECIDES), asked(boards=("board",)), OFFICES, DAY, ("board",))
    assert str(found) == (
        "finance to advise, because finance says so: paragraph 4.8 and money is asked: paragraph 5, "
        "legal to advise, because legal says so: paragraph 4.8, "
        "board to support it, secretary to minute, because new work passes the board: paragraph 4.8, "
        "decider to decide, because every offer of grant at any value: paragraph 4.8 (edition 2020)"
    )


@pytest.mark.parametrize("grouped_first", [True, False])
def test_a_say_that_another_rule_needs_anyhow_belongs_to_no_group(grouped_first: bool) -> None:  # noqa: FBT001
    either = tuple(rule(f"{office}-either", office, "advise", 1, group="advisers", quorum=1) for office in ("finance", "legal"))
    anyhow = rule("finance-anyhow", "finance", "advise", 1)
    rules = (*either, anyhow) if grouped_first else (anyhow, *either)
    found = route(edition(*rules, DECIDES), asked(), OFFICES, DAY)
    assert isinstance(found, Route)
    assert [(each.group, each.quorum) for each in found.steps if each.office == "finance"] == [(None, None)]
