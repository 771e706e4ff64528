from __future__ import annotations

from datetime import date

import pytest

from domain.model import Refusal
from domain.policy import Condition, RouteRule, SchemeEdition
from domain.scheme import Asked, AskedItem, Route, route
from tests.domain.papers import DECIDES, FINANCE, LEGAL, OFFICES, RULES, UP_TO, edition, policy, rule

VARIATION = AskedItem(item="1", verbs=("approve",), kind="variation")
CAPABILITY = AskedItem(item="2", verbs=("approve",), kind=None)
DAY = date(2021, 1, 6)


def asked(*items: AskedItem, pence: int = 100, cumulative: int = 1_000, retrospective: bool = False, novel: bool = False) -> Asked:
    return Asked(items=items or (VARIATION,), pence=pence, cumulative_pence=cumulative, retrospective=retrospective, novel=novel)


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
    assert open_question(None).code == "scheme.no_edition"


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
    assert open_question(edition(*RULES, rule("ghost", "ghost", "advise", 1))).code == "scheme.unknown_office"


def test_an_unknown_office_in_a_rule_that_does_not_apply_hinders_nothing() -> None:
    elsewhere = rule("ghost", "ghost", "advise", 1, when=Condition(novel=True))
    assert laid(DECIDES, elsewhere).says() == {("decider", "decide")}


def test_a_blank_limit_decides_nothing() -> None:
    assert open_question(edition(rule("blank", "decider", "decide", 1))).code == "scheme.blank_limit"


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
    ],
)
def test_a_rule_applies_where_all_that_it_names_holds(when: Condition, hit: Asked, miss: Asked) -> None:
    extra = rule("extra", "legal", "advise", 1, when=when)
    assert [("legal", "advise") in laid(DECIDES, extra, paper=paper).says() for paper in (hit, miss)] == [True, False]


def test_one_office_has_one_step_with_all_its_reasons() -> None:
    (step,) = laid(DECIDES, rule("novel-too", "decider", "decide", 3, limit_pence="any")).steps
    assert (step.order, [each.rule for each in step.reasons]) == (3, ["all-offers", "novel-too"])


def test_an_office_that_would_advise_and_decide_only_decides() -> None:
    (step,) = laid(DECIDES, rule("also-advises", "decider", "advise", 9)).steps
    assert (step.says, step.order) == ("decide", 2)


def test_an_act_is_for_the_offices_that_the_edition_in_force_names_and_without_one_for_nobody() -> None:
    dated = policy(edition(first=date(2021, 1, 6)))
    assert [dated.mandated(act, date(2021, 1, day)) for act, day in (("DraftPaper", 6), ("CloseGrant", 6), ("DraftPaper", 5))] == [("grants-team",), (), ()]
