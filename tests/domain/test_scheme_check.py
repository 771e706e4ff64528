"""What a scheme leaves open, says twice, can never mean, or gives to nobody: each is found, with what to do, and nothing else is."""

from __future__ import annotations

from datetime import date
from itertools import product
from time import perf_counter

import pytest

from domain.organisation import Charter, Holding, Office
from domain.policy import Condition, Mandate, RouteRule, SchemeEdition, UrgencyRule
from domain.scheme import Asked, AskedItem, Route, route
from domain.scheme_check import Finding, findings
from domain.scheme_holes import KINDS, VERBS, holes
from tests.domain.papers import DECIDES, FINANCE, GATE, HOLDINGS, LEGAL, OFFICES, RULES, edition, policy, rule

TODAY = date(2021, 1, 6)
SUPERIOR = {"chief-executive": "decider", "finance": "chief-executive", "legal": "chief-executive"}
ALL_OFFICES = tuple(Office(office=each, title=each, superior=SUPERIOR.get(each)) for each in OFFICES)
BARE = "approve or delegate or approve_in_principle or note"
BESIDES = "accept or ratify"


def charter(*editions: SchemeEdition, offices: tuple[Office, ...] = ALL_OFFICES, holdings: tuple[Holding, ...] = HOLDINGS) -> Charter:
    return Charter(organisation="house", title="House", offices=offices, holdings=holdings, cover=(), keys=(), policy=policy(*editions))


def found(*rules: RouteRule, on: date = TODAY) -> list[Finding]:
    """What is found in one edition of these rules, besides that its board has no gate."""
    return [each for each in findings(charter(edition(*rules)), on) if each.code != "no-gate"]


def told(*rules: RouteRule) -> list[tuple[str, str, tuple[str, ...], str]]:
    return [(each.severity, each.code, each.rules, each.words) for each in found(*rules)]


def decides(name: str, office: str = "decider", **rest: object) -> RouteRule:
    return rule(name, office, "decide", 2, **{"limit_pence": "any", **rest})


# Whole ----------------------------------------------------------------------------------------------------------------


def test_a_scheme_that_decides_everything_is_found_whole() -> None:
    assert findings(charter(edition(*RULES, GATE)), TODAY) == ()


def test_faults_come_before_doubts_and_each_says_what_to_do() -> None:
    every = findings(charter(edition(FINANCE, rule("blank", "legal", "decide", 2))), TODAY)
    assert [each.severity for each in every] == ["fault", "fault", "fault", "doubt"]
    assert [each.code for each in every] == ["blank-limit", "hole", "hole", "no-gate"]
    assert all(each.remedy and each.edition == "2020" for each in every)


# Beside each other ----------------------------------------------------------------------------------------------------


def beside(*spans: tuple[date, date | None], on: date = TODAY) -> list[tuple[str, str, str]]:
    editions = [edition(*RULES, GATE, name=f"E{place}", first=first, last=last) for place, (first, last) in enumerate(spans)]
    return [(each.severity, each.code, each.words) for each in findings(charter(*editions), on)]


def test_without_an_edition_there_is_nothing_to_find_but_that() -> None:
    assert beside() == [("fault", "no-edition", "There is no edition at all, so nothing can be approved.")]


def test_two_editions_at_one_date_are_a_fault() -> None:
    words = "Scheme E0 and Scheme E1 are both in force from 2021-03-31 to 2021-03-31."
    assert beside((date(2020, 1, 1), date(2021, 3, 31)), (date(2021, 3, 31), None)) == [("fault", "editions-overlap", words)]
    assert beside((date(2020, 1, 1), date(2021, 3, 30)), (date(2021, 3, 31), None)) == []
    assert beside((date(2020, 1, 1), None), (date(2021, 3, 31), None))[0][2].endswith("from 2021-03-31 to now on.")


def test_an_edition_inside_another_is_found_too() -> None:
    inside = ((date(2020, 1, 1), None), (date(2021, 1, 1), date(2021, 6, 30)), (date(2022, 1, 1), date(2022, 6, 30)))
    assert [code for _, code, _ in beside(*inside)] == ["editions-overlap", "editions-overlap"]


def test_a_day_between_two_editions_is_a_gap() -> None:
    words = "No edition is in force from 2021-03-31 to 2021-03-31, so nothing can be approved on those days."
    assert beside((date(2021, 4, 1), None), (date(2020, 1, 1), date(2021, 3, 30))) == [("fault", "gap", words)]


def test_the_last_edition_that_has_ended_is_a_fault_and_one_that_will_a_doubt() -> None:
    span = (date(2020, 1, 1), date(2021, 3, 31))
    assert beside(span, on=date(2021, 4, 1)) == [("fault", "ended", "Scheme E0 ended on 2021-03-31 and nothing follows it, so nothing can be approved.")]
    assert beside(span, on=date(2021, 3, 31)) == [("doubt", "ends", "Scheme E0 ends on 2021-03-31 and nothing follows it yet.")]


# Holes ----------------------------------------------------------------------------------------------------------------


def holes_in(*rules: RouteRule) -> list[str]:
    return [each.words for each in found(*rules) if each.code == "hole"]


def test_a_value_between_two_limits_is_a_hole() -> None:
    small, large = decides("small", "chief-executive", limit_pence=99), decides("large", when=Condition(cumulative_at_least_pence=102))
    assert holes_in(small, large) == [
        f"No office may decide {BARE} of offer or agreement or variation or bid or no instrument of a grant of £1.00 to £1.01: such a paper is refused.",
        f"No office may decide {BESIDES} of offer or agreement or variation or bid of a grant of £1.00 to £1.01: such a paper is refused.",
    ]
    nearer = decides("large", when=Condition(cumulative_at_least_pence=101))
    assert {each.split(" of a grant ")[1] for each in holes_in(small, nearer)} == {"of £1.00: such a paper is refused."}
    assert holes_in(small, decides("large", when=Condition(cumulative_at_least_pence=100))) == []


def test_a_value_above_every_limit_is_a_hole_without_end() -> None:
    assert [each.split(" of a grant ")[1] for each in holes_in(decides("small", limit_pence=5_000))] == ["of £50.01 or more: such a paper is refused."] * 2


def test_a_small_paper_of_a_large_grant_is_a_hole_of_its_own() -> None:
    small, large = decides("small", limit_pence=5_000), decides("large", when=Condition(at_least_pence=10_000))
    spans = "of £50.01 to £99.99 and of a grant of £100.00 or more where the paper asks less than £100.00: such a paper is refused."
    assert {each.split(" of a grant ", 1)[1] for each in holes_in(small, large)} == {spans}


def test_a_kind_that_no_rule_names_is_a_hole_at_any_value() -> None:
    offers = decides("offers", when=Condition(instruments=("offer", "agreement", "variation")))
    assert holes_in(offers) == [
        f"No office may decide {BARE} of bid or no instrument at any value: such a paper is refused.",
        f"No office may decide {BESIDES} of bid at any value: such a paper is refused.",
    ]
    bids = holes_in(offers, decides("policy", when=Condition(verbs=tuple(BARE.split(" or ")), instruments=("offer",))))
    assert bids == holes_in(offers)


def test_a_verb_that_no_rule_names_is_a_hole_but_nothing_is_accepted_or_ratified_without_an_instrument() -> None:
    verbs = decides("all-but", when=Condition(verbs=("approve", "delegate", "approve_in_principle", "note")))
    assert holes_in(verbs) == ["No office may decide accept or ratify of offer or agreement or variation or bid at any value: such a paper is refused."]


def test_a_fact_that_a_rule_asks_for_leaves_a_hole_where_it_does_not_hold() -> None:
    novel = decides("novel", when=Condition(novel=True))
    assert [each.split("at any value")[1] for each in holes_in(novel)] == [", where it is not novel: such a paper is refused."] * 2
    assert holes_in(novel, decides("usual", when=Condition(novel=False))) == []


@pytest.mark.parametrize("when", [Condition(marks=("land",)), Condition(boards=("board",)), Condition(variation_share_at_least_percent=0)])
def test_what_a_paper_need_not_have_decides_nothing_for_those_without(when: Condition) -> None:
    assert [each.split(" at any ")[1] for each in holes_in(decides("some", when=when))] == ["value: such a paper is refused."] * 2


def test_a_hole_that_is_there_whatever_holds_does_not_name_the_facts() -> None:
    offers = decides("offers", when=Condition(instruments=("offer", "agreement", "variation", "bid")))
    novel = decides("novel-offers", "chief-executive", when=Condition(instruments=("offer",), novel=True))
    assert holes_in(offers, novel) == [f"No office may decide {BARE} of no instrument at any value: such a paper is refused."]


LIMITS = (decides("small", "chief-executive", limit_pence=300, when=Condition(verbs=("approve", "note"))), decides("middle", "legal", limit_pence=700))
RATHER = decides("large", when=Condition(cumulative_at_least_pence=500, instruments=("offer", "bid"), contentious=False))
ASKING = decides("asking", "finance", when=Condition(at_least_pence=400, contentious=True))


@pytest.mark.parametrize("rules", [LIMITS, (*LIMITS, RATHER), (RATHER, ASKING), (*LIMITS, RATHER, ASKING)])
def test_what_is_found_is_just_what_a_route_is_refused_for(rules: tuple[RouteRule, ...]) -> None:
    """Every paper at and beside each value that a rule names, held against the holes that are told."""
    told_of = holes(rules)
    values = (0, 299, 300, 301, 399, 400, 401, 499, 500, 501, 699, 700, 701, 10_000)
    for verb, kind, contentious, whole, pence in product(VERBS, (*KINDS, None), (False, True), values, values):
        if pence > whole or (kind is None and verb in {"accept", "ratify"}):
            continue
        asked = Asked(
            items=(AskedItem(item="1", verbs=(verb,), kind=kind),),
            pence=pence,
            cumulative_pence=whole,
            retrospective=False,
            novel=False,
            contentious=contentious,
        )
        word = "contentious" if contentious else "not contentious"
        inside = any(
            verb in hole.verbs
            and (kind or "no instrument") in hole.kinds
            and (not hole.facts or word in hole.facts)
            and any(first <= whole and (last is None or whole <= last) and (below is None or pence < below) for first, last, below in hole.spans)
            for hole in told_of
        )
        assert isinstance(route(edition(*rules), asked, OFFICES, TODAY), Route) is not inside, (verb, kind, contentious, whole, pence)


# Names ----------------------------------------------------------------------------------------------------------------


def test_an_office_that_does_not_exist_is_found_wherever_it_is_named() -> None:
    rules = (*RULES, rule("ghost", "ghost", "advise", 1), decides("covered", stand_in=("legal", "spirit")))
    words = [each[3] for each in told(*rules) if each[1] == "unknown-office"]
    assert words == ["Rule ghost names ghost, an office that does not exist.", "Rule covered names spirit, an office that does not exist."]


def test_a_board_that_does_not_exist_is_found() -> None:
    ghost = rule("gate", "secretary", "gate", 1, board="ghosts")
    asks = rule("asks", "finance", "advise", 1, when=Condition(boards=("board", "spirits")))
    words = [each[3] for each in told(*RULES, ghost, asks) if each[1] == "unknown-board"]
    assert words == ["Rule gate names ghosts, a board that does not exist.", "Rule asks names spirits, a board that does not exist."]


def test_a_board_to_which_no_rule_sends_a_paper_is_a_doubt() -> None:
    assert [(each.severity, each.code, each.words) for each in findings(charter(edition(*RULES)), TODAY)] == [
        ("doubt", "no-gate", "A paper may name board, but no rule sends it there: it would be refused.")
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((), ["no-adoption"]),
        (("AdoptOrganisation",), []),
        (("AdoptOrganisation", "DraftPaper"), ["no-edit"]),
        (("AdoptOrganisation", "DraftPaper", "EditPaper"), []),
    ],
)
def test_an_edition_that_leaves_the_organisation_or_its_papers_as_they_are_for_ever_is_a_doubt(given: tuple[str, ...], found: list[str]) -> None:
    mandates = tuple(Mandate(act=each, offices=("grants-team",), source="ours", assumed=True) for each in given)
    now = edition(*RULES, GATE).model_copy(update={"mandates": mandates})
    assert [(each.severity, each.code) for each in findings(charter(now), TODAY)] == [("doubt", each) for each in found]
    over = now.model_copy(update={"mandates": (), "last": date(2020, 1, 1)})
    assert {each.code for each in findings(charter(over, edition(*RULES, GATE, first=date(2020, 1, 2))), TODAY)} == set()


def test_a_blank_limit_is_found_also_in_a_rule_of_urgency() -> None:
    urgent = [
        UrgencyRule(rule=f"urgent-{office}", office=office, limit_pence=None, because="at once", source="ours", assumed=True) for office in ("decider", "ghost")
    ]
    with_urgency = edition(*RULES, GATE, rule("blank", "legal", "decide", 3)).model_copy(update={"urgency": tuple(urgent)})
    assert [(each.code, each.rules) for each in findings(charter(with_urgency), TODAY)] == [
        ("unknown-office", ("urgent-ghost",)),
        ("blank-limit", ("blank",)),
        ("blank-limit", ("urgent-decider",)),
        ("blank-limit", ("urgent-ghost",)),
    ]


def test_a_deciders_office_that_nobody_holds_that_day_is_a_doubt() -> None:
    vacant = tuple(each for each in HOLDINGS if each.office != "decider")
    until = (*vacant, Holding(person="dora", office="decider", first=date(2016, 1, 1), last=date(2021, 1, 5)))
    (doubt,) = findings(charter(edition(*RULES, GATE), holdings=until), TODAY)
    assert (doubt.severity, doubt.code, doubt.rules) == ("doubt", "vacant", ("all-offers",))
    assert doubt.words == "Nobody holds decider on 2021-01-06, whose step rule all-offers asks for."
    assert findings(charter(edition(*RULES, GATE), holdings=until), date(2021, 1, 5)) == ()


def test_a_vacant_office_is_no_doubt_where_another_that_is_held_may_stand_in() -> None:
    vacant = tuple(each for each in HOLDINGS if each.office != "decider")
    covered = edition(*(each.model_copy(update={"stand_in": ("chief-executive",)}) if each == DECIDES else each for each in RULES), GATE)
    assert findings(charter(covered, holdings=vacant), TODAY) == ()
    none_left = tuple(each for each in vacant if each.office != "chief-executive")
    assert [each.code for each in findings(charter(covered, holdings=none_left), TODAY)] == ["vacant"]


def test_only_the_edition_in_force_is_asked_who_holds_its_offices() -> None:
    past = edition(*RULES, name="2016", first=date(2016, 1, 1), last=date(2021, 1, 5))
    now = edition(FINANCE, LEGAL, decides("executive", "chief-executive"), GATE, first=date(2021, 1, 6))
    vacant = tuple(each for each in HOLDINGS if each.office != "decider")
    assert findings(charter(past, now, holdings=vacant), TODAY) == ()


# Twice, and never -----------------------------------------------------------------------------------------------------


def test_two_limits_of_one_office_under_one_condition_are_a_fault() -> None:
    when = Condition(verbs=("approve", "note"), novel=True)
    turned = Condition(verbs=("note", "approve"), novel=True)
    one, other = decides("one", limit_pence=5, when=when), decides("other", limit_pence=6, when=turned)
    words = "Rules one and other give decider two limits under one condition."
    assert told(*RULES, one, other) == [("fault", "two-limits", ("one", "other"), words)]


@pytest.mark.parametrize(
    "other",
    [
        decides("other", limit_pence=5, when=Condition(novel=True)),
        decides("other", limit_pence=6, when=Condition(novel=False)),
        decides("other", "chief-executive", limit_pence=6, when=Condition(novel=True)),
        rule("other", "decider", "advise", 1, when=Condition(novel=True)),
    ],
)
def test_other_conditions_offices_or_says_are_no_second_limit(other: RouteRule) -> None:
    assert [each.code for each in found(*RULES, decides("one", limit_pence=5, when=Condition(novel=True)), other) if each.code == "two-limits"] == []


@pytest.mark.parametrize(
    ("never", "why"),
    [
        (decides("never", limit_pence=99, when=Condition(at_least_pence=100)), "its limit of £0.99 lies below the £1.00 from which it applies"),
        (decides("never", limit_pence=99, when=Condition(cumulative_at_least_pence=100)), "its limit of £0.99 lies below the £1.00 from which it applies"),
        (decides("never", limit_pence=99, when=Condition(business_case_at_least_pence=100)), "its limit of £0.99 lies below the £1.00 from which it applies"),
        (rule("never", "legal", "advise", 1, when=Condition(verbs=())), "it asks for verbs of which there are none: not one is named"),
        (rule("never", "legal", "advise", 1, when=Condition(verbs=("aprove",))), "it asks for verbs of which there are none: aprove"),
        (rule("never", "legal", "advise", 1, when=Condition(instruments=("grant", "loan"))), "it asks for instruments of which there are none: grant, loan"),
        (rule("never", "legal", "advise", 1, when=Condition(boards=())), "it asks for boards of which there are none: not one is named"),
        (rule("never", "legal", "advise", 1, when=Condition(marks=())), "it asks for marks and names not one"),
    ],
)
def test_a_rule_that_can_never_give_a_step_is_a_fault(never: RouteRule, why: str) -> None:
    assert told(*RULES, never) == [("fault", "unreachable", ("never",), f"Rule never can never give a step: {why}.")]


@pytest.mark.parametrize(
    "reachable",
    [
        decides("at", "legal", limit_pence=100, when=Condition(at_least_pence=100, cumulative_at_least_pence=100, business_case_at_least_pence=100)),
        rule("advice", "legal", "advise", 1, limit_pence=99, when=Condition(at_least_pence=100)),
        rule("some", "legal", "advise", 1, when=Condition(verbs=("aprove", "note"), marks=("land",))),
    ],
)
def test_a_rule_that_can_give_a_step_is_not_found(reachable: RouteRule) -> None:
    assert [each.code for each in found(*RULES, reachable)] == []


def test_a_superior_that_decides_less_than_the_office_below_it_is_a_doubt() -> None:
    below = decides("executive", "chief-executive", limit_pence=200)
    above = decides("small", limit_pence=199, when=Condition(verbs=("approve", "note"), instruments=("offer",)))
    (doubt,) = [each for each in found(below, above, decides("rest", "secretary")) if each.code == "limits-shrink"]
    assert doubt.words == "decider, above chief-executive, decides approve or note of offer only up to £1.99, less than chief-executive."
    assert (doubt.severity, doubt.rules) == ("doubt", ("executive", "small"))


def test_limits_that_grow_or_stay_upward_are_as_they_should_be() -> None:
    below = decides("executive", "chief-executive", limit_pence=200)
    for limit in (200, 201, "any"):
        assert "limits-shrink" not in [each.code for each in found(below, decides("above", limit_pence=limit))]


def test_the_superior_of_a_superior_counts_and_a_circle_of_them_ends() -> None:
    far = decides("finance-decides", "finance", limit_pence="any")
    shrinking = [each.words for each in found(far, decides("above", limit_pence=5)) if each.code == "limits-shrink"]
    assert [each.split(" decides ")[0] for each in shrinking] == ["decider, above finance,"]
    round_about = tuple(each.model_copy(update={"superior": "finance"}) if each.office == "decider" else each for each in ALL_OFFICES)
    assert findings(charter(edition(*RULES, GATE), offices=round_about), TODAY) == ()


# Groups ---------------------------------------------------------------------------------------------------------------


def in_group(office: str, order: int = 1, **rest: object) -> RouteRule:
    return rule(f"{office}-advises", office, "advise", order, **{"group": "advisers", "quorum": 2, **rest})


def test_a_quorum_larger_than_its_group_is_a_fault() -> None:
    again = in_group("finance").model_copy(update={"rule": "again"})
    words = "Group advisers needs 2 of its steps, but its rules finance-advises and again are for 1."
    assert told(DECIDES, in_group("finance"), again) == [("fault", "quorum", ("finance-advises", "again"), words)]
    assert told(DECIDES, in_group("finance"), in_group("legal")) == []


def test_a_group_whose_steps_do_not_agree_is_a_fault() -> None:
    words = "The rules finance-advises and legal-advises of group advisers differ in their order: each paper that needs them is refused."
    assert told(DECIDES, in_group("finance"), in_group("legal", order=2)) == [("fault", "mixed-group", ("finance-advises", "legal-advises"), words)]


def test_a_quorum_of_rules_that_do_not_always_apply_together_is_a_doubt() -> None:
    rules = (in_group("finance"), in_group("legal", when=Condition(novel=True)))
    assert [(severity, code) for severity, code, _, _ in told(DECIDES, *rules)] == [("doubt", "quorum-varies")]
    assert told(DECIDES, *(each.model_copy(update={"quorum": None}) for each in rules)) == []


# Speed ----------------------------------------------------------------------------------------------------------------


def test_a_large_scheme_is_checked_in_less_than_two_seconds() -> None:
    facts = ("retrospective", "novel", "contentious", "repercussive", "terms_changed")
    rules = [decides(f"r{n}", OFFICES[n % 6], limit_pence=1_000 * n, when=Condition.model_validate({facts[n % 5]: bool(n % 2)})) for n in range(1, 30)]
    began = perf_counter()
    assert findings(charter(edition(*rules, DECIDES)), TODAY)
    assert perf_counter() - began < 2
