from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.model import RULES as RULES_OF_ALL
from domain.model import Refusal
from domain.policy import Condition, RouteRule, SchemeEdition
from domain.scheme import Asked, AskedItem, Route, route
from tests.domain.papers import DECIDES, FINANCE, LEGAL, OFFICES, RULES, UP_TO, edition, policy, rule

VARIATION = AskedItem(item="1", verbs=("approve",), kind="variation")
CAPABILITY = AskedItem(item="2", verbs=("approve",), kind=None)
DAY = date(2021, 1, 6)


def asked(*items: AskedItem, pence: int = 100, cumulative: int = 1_000, retrospective: bool = False, novel: bool = False, **more: Any) -> Asked:
    return Asked(items=items or (VARIATION,), pence=pence, cumulative_pence=cumulative, retrospective=retrospective, novel=novel, **more)


def laid(*rules: RouteRule, paper: Asked | None = None) -> Route:
    found = route(edition(*rules), paper or asked(), OFFICES, DAY)
    assert isinstance(found, Route), found
    return found


def open_question(in_force: SchemeEdition | None, paper: Asked | None = None) -> Refusal:
    found = route(in_force, paper or asked(), OFFICES, DAY)
    assert isinstance(found, Refusal), found
    return found


def test_a_route_tells_each_office_its_say_its_order_and_why() -> None:
    finance, legal, decider = laid(*RULES).steps
    assert [(each.office, each.says, each.order) for each in (finance, legal, decider)] == [
        ("finance", "advise", 1),
        ("legal", "advise", 1),
        ("decider", "decide", 2),
    ]
    assert [(each.because, each.source, each.assumed) for each in decider.reasons] == [("every offer of grant at any value", "paragraph 4.8", False)]


def test_a_route_is_told_in_one_line() -> None:
    assert str(laid(DECIDES)) == "decider to decide, because every offer of grant at any value: paragraph 4.8 (edition 2020)"


def test_steps_stand_in_the_order_of_the_scheme_not_in_that_of_its_lines() -> None:
    assert [each.office for each in laid(DECIDES, LEGAL).steps] == ["legal", "decider"]


def test_without_an_edition_nothing_can_be_approved() -> None:
    refusal = open_question(None)
    assert (refusal.code, refusal.why) == (
        "scheme.no_edition",
        "No edition of the scheme of delegation is in force on 2021-01-06, so nothing can be approved.",
    )


def test_without_a_rule_that_decides_nothing_can_be_approved() -> None:
    assert open_question(edition(FINANCE, LEGAL)).code == "scheme.no_rule"


def test_each_item_needs_a_rule_that_decides_it() -> None:
    variations_only = rule("variations", "decider", "decide", 1, limit_pence="any", when=Condition(instruments=("variation",)))
    bids_only = rule("bids", "decider", "decide", 1, limit_pence="any", when=Condition(instruments=("bid",)))
    refusals = [open_question(edition(each), asked(VARIATION, CAPABILITY)) for each in (variations_only, bids_only)]
    assert [(each.code, each.why) for each in refusals] == [
        ("scheme.no_rule", "No rule of Scheme 2020 lets an office decide item 2 (approve of no instrument) of a grant that comes to £10.00."),
        ("scheme.no_rule", "No rule of Scheme 2020 lets an office decide item 1 (approve of variation) of a grant that comes to £10.00."),
    ]


def test_an_office_that_does_not_exist_is_no_way_to_an_approval() -> None:
    refusal = open_question(edition(*RULES, rule("haunted", "ghost", "advise", 1)))
    assert (refusal.code, refusal.why) == ("scheme.unknown_office", "Rule haunted of Scheme 2020 names ghost, an office that does not exist.")


def test_an_unknown_office_in_a_rule_that_does_not_apply_hinders_nothing() -> None:
    elsewhere = rule("ghost", "ghost", "advise", 1, when=Condition(novel=True))
    assert laid(DECIDES, elsewhere).says() == {("decider", "decide")}


def test_a_blank_limit_decides_nothing() -> None:
    refusal = open_question(edition(DECIDES, rule("blank", "legal", "decide", 1)))
    assert (refusal.code, refusal.why) == ("scheme.blank_limit", "Rule blank of Scheme 2020 lets legal decide but states no limit, not even any.")


def test_advice_needs_no_limit() -> None:
    assert [each.rule for each in RULES if each.limit_pence is None] == ["finance-advises", "legal-advises"]
    assert len(laid(*RULES).steps) == 3


@pytest.mark.parametrize(("cumulative", "decides"), [(50_000_000, True), (50_000_001, False)])
def test_an_office_decides_up_to_its_limit_and_not_a_penny_more(*, cumulative: int, decides: bool) -> None:
    assert (("chief-executive", "decide") in laid(DECIDES, UP_TO, paper=asked(cumulative=cumulative)).says()) is decides


def test_a_small_variation_of_a_large_grant_is_above_the_limit_so_that_no_grant_is_split_below_it() -> None:
    (short,) = laid(DECIDES, UP_TO, paper=asked(pence=1, cumulative=60_000_000)).short
    assert (short.office, short.limit_pence, short.reason.rule) == ("chief-executive", 50_000_000, "small-offers")


def test_a_limit_does_not_bound_advice() -> None:
    assert ("legal", "advise") in laid(DECIDES, rule("small", "legal", "advise", 1, limit_pence=1)).says()


def test_if_only_offices_below_their_limit_could_decide_nobody_does() -> None:
    assert open_question(edition(FINANCE, UP_TO), asked(cumulative=50_000_001)).code == "scheme.no_rule"


@pytest.mark.parametrize(
    ("when", "hit", "miss"),
    [
        (Condition(verbs=("accept",)), asked(AskedItem(item="1", verbs=("note", "accept"), kind=None)), asked()),
        (Condition(instruments=("variation",)), asked(), asked(AskedItem(item="1", verbs=("approve",), kind="bid"))),
        (Condition(instruments=("variation",)), asked(), asked(CAPABILITY)),
        (Condition(at_least_pence=100), asked(pence=100), asked(pence=99)),
        (Condition(cumulative_at_least_pence=1_000), asked(cumulative=1_000), asked(cumulative=999)),
        (Condition(retrospective=True), asked(retrospective=True), asked(retrospective=False)),
        (Condition(retrospective=False), asked(retrospective=False), asked(retrospective=True)),
        (Condition(novel=True), asked(novel=True), asked(novel=False)),
        (Condition(novel=False), asked(novel=False), asked(novel=True)),
        (Condition(contentious=True), asked(contentious=True), asked()),
        (Condition(contentious=False), asked(), asked(contentious=True)),
        (Condition(repercussive=True), asked(repercussive=True), asked()),
        (Condition(repercussive=False), asked(), asked(repercussive=True)),
        (Condition(terms_changed=True), asked(terms_changed=True), asked()),
        (Condition(terms_changed=False), asked(), asked(terms_changed=True)),
        (Condition(marks=("land", "reserves")), asked(marks=("reserves", "other")), asked(marks=("other",))),
        (Condition(marks=("land",)), asked(marks=("land",)), asked()),
        (Condition(boards=("board", "other")), asked(boards=("board",)), asked()),
        (Condition(business_case_at_least_pence=500), asked(business_case_pence=500), asked(business_case_pence=499)),
        (Condition(business_case_at_least_pence=0), asked(business_case_pence=0), asked()),
        (Condition(variation_share_at_least_percent=15), asked(base_pence=1_000, varied_pence=150), asked(base_pence=1_000, varied_pence=149)),
        (Condition(variation_share_at_least_percent=33), asked(base_pence=100, varied_pence=33), asked(base_pence=101, varied_pence=33)),
        (Condition(variation_share_at_least_percent=10_000), asked(base_pence=0, varied_pence=1), asked(base_pence=1, varied_pence=99)),
        (Condition(variation_share_at_least_percent=0), asked(base_pence=10, varied_pence=1), asked(base_pence=10, varied_pence=0)),
        (Condition(variation_share_at_least_percent=1), asked(base_pence=0, varied_pence=1), asked(base_pence=0, varied_pence=0)),
        (Condition(novel=True, contentious=True), asked(novel=True, contentious=True), asked(novel=True)),
        (Condition(at_least_pence=100, cumulative_at_least_pence=1_000), asked(), asked(cumulative=999)),
    ],
)
def test_a_rule_applies_where_all_that_it_names_holds(when: Condition, hit: Asked, miss: Asked) -> None:
    extra = rule("extra", "legal", "advise", 1, when=when)
    gate = rule("to-board", "secretary", "gate", 1, board="board")
    ways = [route(edition(DECIDES, gate, extra), paper, OFFICES, DAY, ("board",)) for paper in (hit, miss)]
    assert [isinstance(way, Route) and ("legal", "advise") in way.says() for way in ways] == [True, False]


def test_one_office_has_one_step_with_all_its_reasons() -> None:
    (step,) = laid(DECIDES, rule("novel-too", "decider", "decide", 3, limit_pence="any")).steps
    assert (step.order, [each.rule for each in step.reasons]) == (3, ["all-offers", "novel-too"])


def test_an_office_that_would_advise_and_decide_only_decides() -> None:
    (step,) = laid(DECIDES, rule("also-advises", "decider", "advise", 9)).steps
    assert (step.says, step.order) == ("decide", 2)


def test_an_act_is_for_the_offices_that_the_edition_in_force_names_and_without_one_for_nobody() -> None:
    dated = policy(edition(first=date(2021, 1, 6)))
    assert [dated.mandated(act, date(2021, 1, day)) for act, day in (("DraftPaper", 6), ("CloseGrant", 6), ("DraftPaper", 5))] == [("grants-team",), (), ()]


def test_only_a_fact_that_is_stated_moves_a_route_each_in_its_own_way() -> None:
    facts = ("retrospective", "novel", "contentious", "repercussive", "terms_changed")
    rules = [rule(f"on-{name}", office, "advise", 1, when=Condition.model_validate({name: True})) for name, office in zip(facts, OFFICES, strict=False)]
    ways = [laid(DECIDES, *rules, paper=asked(**{name: True})) for name in facts]
    assert [[reason.rule for step in way.steps for reason in step.reasons if reason.rule != "all-offers"] for way in ways] == [[f"on-{name}"] for name in facts]


# Boards ---------------------------------------------------------------------------------------------------------------


def test_a_board_that_nobody_set_up_is_no_way_to_an_approval() -> None:
    refusal = route(edition(DECIDES, rule("gate", "secretary", "gate", 1, board="ghosts")), asked(), OFFICES, DAY, ("board",))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.why) == ("scheme.unknown_board", "Rule gate of Scheme 2020 names ghosts, a board that does not exist.")


def test_a_paper_that_must_pass_boards_needs_a_rule_that_sends_it_to_each() -> None:
    gate = rule("gate", "secretary", "gate", 1, board="board")
    refusal = route(edition(DECIDES, gate), asked(boards=("board", "council", "senate")), OFFICES, DAY, ("board",))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.why) == ("scheme.no_gate", "The paper must go to council, senate, but no rule of Scheme 2020 sends it there.")


def test_a_board_is_told_with_whose_minute_it_is() -> None:
    way = route(edition(DECIDES, rule("gate", "secretary", "gate", 1, board="board")), asked(), OFFICES, DAY, ("board",))
    assert isinstance(way, Route)
    assert str(way.steps[0]) == "board to support it, secretary to minute, because secretary says so: paragraph 4.8"
    assert [(each.whose, each.office, each.board) for each in way.steps] == [("board", "secretary", "board"), ("decider", "decider", None)]


# Stand-ins ------------------------------------------------------------------------------------------------------------


def test_a_step_names_every_office_that_may_stand_in_once() -> None:
    one = rule("one", "decider", "decide", 2, limit_pence="any", stand_in=("legal", "finance"))
    other = rule("other", "decider", "decide", 2, limit_pence="any", stand_in=("finance", "chief-executive"))
    (step,) = laid(one, other).steps
    assert step.stand_in == ("legal", "finance", "chief-executive")
    assert str(step).startswith("decider to decide (or legal or finance or chief-executive in its place), because ")


def test_whoever_may_stand_in_to_advise_may_not_therefore_decide() -> None:
    advises, also = rule("advises", "decider", "advise", 1, stand_in=("legal",)), rule("also", "decider", "decide", 2, limit_pence="any", stand_in=("finance",))
    (step,) = laid(advises, also).steps
    assert (step.says, step.stand_in) == ("decide", ("finance",))


def test_an_office_that_does_not_exist_stands_in_for_nobody() -> None:
    refusal = open_question(edition(rule("covered", "decider", "decide", 2, limit_pence="any", stand_in=("legal", "ghost"))))
    assert (refusal.code, refusal.why) == ("scheme.unknown_office", "Rule covered of Scheme 2020 names ghost, an office that does not exist.")


# Groups ---------------------------------------------------------------------------------------------------------------


def advises(office: str, order: int = 1, **rest: object) -> RouteRule:
    return rule(f"{office}-of-two", office, "advise", order, **{"group": "advisers", "quorum": 1, **rest})


def decides(office: str, **rest: object) -> RouteRule:
    return rule(f"{office}-decides", office, "decide", 2, **{"group": "deciders", "quorum": 1, "limit_pence": "any", **rest})


def test_a_group_carries_its_quorum_to_each_of_its_steps() -> None:
    way = laid(DECIDES, advises("finance"), advises("legal"))
    assert [(each.office, each.group, each.quorum) for each in way.steps] == [("finance", "advisers", 1), ("legal", "advisers", 1), ("decider", None, None)]
    assert str(way.steps[0]) == "finance to advise (1 of the group advisers are enough), because finance says so: paragraph 4.8"
    assert way.asks() == {("finance", "advise", "advisers", 1), ("legal", "advise", "advisers", 1), ("decider", "decide", None, None)}
    assert way.says() == {("finance", "advise"), ("legal", "advise"), ("decider", "decide")}


def test_a_group_without_a_quorum_is_told_as_any_other_steps() -> None:
    way = laid(DECIDES, advises("finance", quorum=None), advises("legal", quorum=None))
    assert [(each.group, each.quorum) for each in way.steps[:2]] == [("advisers", None)] * 2
    assert str(way.steps[0]) == "finance to advise, because finance says so: paragraph 4.8"


@pytest.mark.parametrize("quorum", [1, 2])
def test_a_quorum_of_all_can_be_had(quorum: int) -> None:
    assert len(laid(DECIDES, advises("finance", quorum=quorum), advises("legal", quorum=quorum)).steps) == 3


def test_a_quorum_that_a_paper_does_not_give_leaves_it_open() -> None:
    novel = advises("legal", quorum=2, when=Condition(novel=True))
    rules = edition(DECIDES, advises("finance", quorum=2), novel)
    refusal = open_question(rules)
    assert (refusal.code, refusal.why) == ("scheme.quorum", "Group advisers of Scheme 2020 needs 2 of its steps, but has only 1 for this paper.")
    assert isinstance(route(rules, asked(novel=True), OFFICES, DAY), Route)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (advises("legal", order=2), "order"),
        (advises("legal", quorum=2), "quorum"),
        (advises("legal", quorum=None), "quorum"),
        (rule("decides-among-them", "legal", "decide", 1, limit_pence="any", group="advisers", quorum=1), "say"),
    ],
)
def test_the_steps_of_a_group_have_one_order_one_say_and_one_quorum(other: RouteRule, what: str) -> None:
    refusal = open_question(edition(DECIDES, advises("finance"), other))
    assert (refusal.code, refusal.why) == (
        "scheme.mixed_group",
        f"The steps of group advisers of Scheme 2020 differ in their {what}, so no quorum can be told.",
    )


def test_two_groups_are_each_for_themselves() -> None:
    way = laid(advises("finance"), advises("legal"), decides("decider"), decides("chief-executive"))
    assert [(each.office, each.group) for each in way.steps] == [
        ("finance", "advisers"),
        ("legal", "advisers"),
        ("decider", "deciders"),
        ("chief-executive", "deciders"),
    ]


def test_an_office_that_another_rule_needs_anyhow_belongs_to_no_group() -> None:
    way = laid(DECIDES, FINANCE, advises("finance"), advises("legal"))
    assert [(each.office, each.group, each.quorum) for each in way.steps] == [("finance", None, None), ("legal", "advisers", 1), ("decider", None, None)]


def test_an_office_that_two_rules_put_into_one_group_is_in_it_once() -> None:
    again = advises("finance").model_copy(update={"rule": "finance-again"})
    way = laid(DECIDES, advises("finance"), again, advises("legal"))
    assert [(each.office, each.group) for each in way.steps[:2]] == [("finance", "advisers"), ("legal", "advisers")]
    assert open_question(edition(DECIDES, advises("finance", quorum=2), again.model_copy(update={"quorum": 2}))).code == "scheme.quorum"


def test_no_quorum_may_leave_an_item_to_an_office_that_may_not_decide_it() -> None:
    for_variations = decides("decider", when=Condition(instruments=("variation",)))
    refusal = open_question(edition(for_variations, decides("chief-executive")), asked(VARIATION, CAPABILITY))
    assert (refusal.code, refusal.why) == (
        "scheme.quorum_leaves_item",
        "A quorum of group deciders of Scheme 2020 could leave item 2 without an office that may decide it.",
    )
    assert laid(for_variations, decides("chief-executive"), paper=asked(VARIATION)).asks() == {
        ("decider", "decide", "deciders", 1),
        ("chief-executive", "decide", "deciders", 1),
    }


def test_an_item_is_safe_where_every_quorum_has_an_office_that_may_decide_it_or_one_is_needed_anyhow() -> None:
    only = {"quorum": 2, "when": Condition(instruments=("variation",))}
    two_of_three = (decides("finance", **only), decides("decider", quorum=2), decides("chief-executive", quorum=2))
    assert len(laid(*two_of_three, paper=asked(VARIATION, CAPABILITY)).steps) == 3
    besides = (decides("decider", when=Condition(instruments=("variation",))), decides("chief-executive"), rule("all", "legal", "decide", 3, limit_pence="any"))
    assert len(laid(*besides, paper=asked(VARIATION, CAPABILITY)).steps) == 3


def test_an_office_above_its_limit_is_no_part_of_its_group() -> None:
    pair = (decides("decider"), decides("chief-executive", limit_pence=999))
    assert [each.office for each in laid(*pair, paper=asked(cumulative=999)).steps] == ["decider", "chief-executive"]
    above = laid(*pair)
    assert ([each.office for each in above.steps], [each.office for each in above.short]) == (["decider"], ["chief-executive"])


# Words ----------------------------------------------------------------------------------------------------------------


def test_a_route_tells_every_step_and_every_reason() -> None:
    both = rule("too", "decider", "decide", 2, limit_pence="any", because="it is new")
    words = "finance to advise, because finance says so: paragraph 4.8, decider to decide, because every offer of grant at any value: paragraph 4.8"
    assert str(laid(FINANCE, DECIDES, both)) == f"{words} and it is new: paragraph 4.8 (edition 2020)"


def test_an_item_that_nobody_decides_is_named_with_all_its_verbs() -> None:
    item = AskedItem(item="1", verbs=("note", "delegate"), kind="offer")
    words = "No rule of Scheme 2020 lets an office decide item 1 (note and delegate of offer) of a grant that comes to £10.00."
    assert open_question(edition(FINANCE), asked(item)).why == words


def test_a_paper_of_before_there_were_words_for_a_fact_is_not_known_to_hold_it() -> None:
    old = Asked(items=(VARIATION,), pence=1, cumulative_pence=1, retrospective=False, novel=False)
    assert (old.boards, old.marks, old.business_case_pence, old.base_pence, old.varied_pence) == ((), (), None, 0, 0)
    assert (old.contentious, old.repercussive, old.terms_changed) == (False, False, False)


def test_every_refusal_of_the_scheme_says_where_its_rule_comes_from() -> None:
    assert {code: each.source for code, each in RULES_OF_ALL.items() if code.startswith("scheme.")} == {
        "scheme.no_edition": "DESIGN §6; invariant 18",
        "scheme.no_rule": "DESIGN §6: no rule found, refuse; invariant 18",
        "scheme.unknown_office": "DESIGN §6; invariant 18",
        "scheme.unknown_board": "DESIGN §6; invariant 18",
        "scheme.no_gate": "DESIGN §6: no rule found, refuse; R-79",
        "scheme.blank_limit": "DESIGN §6: a blank limit, refuse",
        "scheme.quorum": "DESIGN §6; invariant 18",
        "scheme.mixed_group": "DESIGN §6; invariant 18",
        "scheme.quorum_leaves_item": "DESIGN §6: no rule found, refuse; invariant 18",
    }
