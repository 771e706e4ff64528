"""Specs of decisions in urgency: the scheme's own rule, its limit, the separation of duties, and the ratification that must follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.approval import Given, State, authorised, content, papers, whose_step
from domain.authority import Recorded
from domain.model import line_of
from domain.paper import DecidedItem, Item, ItemOutcome
from domain.policy import UrgencyRule
from domain.recusing import RecuseStep
from domain.saying import PaperDecided
from domain.steps import Paper
from domain.urgency import DecideUrgently, UrgencyInvoked, ratified_by, unratified
from tests.domain.papers import (
    ANN,
    BY_BOARD,
    CAP,
    CLEO,
    COVERED,
    DECIDED,
    DORA,
    EVE,
    FAY,
    GATED,
    MORNING,
    RULES,
    TO_ADVISERS,
    TO_BOARD,
    TO_DECIDER,
    WHOLE,
    Wish,
    accepted,
    advised,
    answered,
    by,
    drafted,
    edition,
    item,
    known,
    ratified,
    refused,
    state_of,
)


def urgency(limit: int | str | None = "any", office: str = "chief-executive", rule: str = "urgent") -> UrgencyRule:
    words: dict[str, Any] = {"because": "what cannot wait", "source": "paragraph 9", "assumed": True}
    return UrgencyRule.model_validate({"rule": rule, "office": office, "limit_pence": limit, **words})


def with_urgency(*rules: UrgencyRule, first: date = date(2016, 1, 1), last: date | None = None) -> Given:
    return known(editions=(edition(*RULES, first=first, last=last).model_copy(update={"urgency": rules}),))


GIVEN = with_urgency(urgency())
SILENT = known()


def urgently(*outcomes: str, office: str = "chief-executive", **other: object) -> DecideUrgently:
    plain = answered(*(outcomes or ("approved", "approved")), office=office)
    return DecideUrgently.model_validate({**dict(plain), "reason": "The funder answers tonight", **other})


def test_a_decision_in_urgency_names_its_rule_and_whose_steps_it_passes_over() -> None:
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)))
    invoked, ended = accepted(urgently(), state, by(CLEO), GIVEN)
    assert isinstance(invoked, UrgencyInvoked)
    assert (invoked.rule, invoked.because, invoked.source, invoked.assumed, invoked.edition) == ("urgent", "what cannot wait", "paragraph 9", True, "2020")
    assert (invoked.reason, invoked.passed_over, [each.office for each in invoked.advice]) == ("The funder answers tonight", ("legal", "decider"), ["finance"])
    assert line_of(invoked) == "chief-executive decided PCD 914 in urgency, passing over legal, decider, because what cannot wait: The funder answers tonight"
    assert isinstance(ended, PaperDecided)
    assert invoked.content == ended.content == state.papers["PCD 914"].contents.digest()
    assert line_of(ended) == "Paper PCD 914 decided: item 1 approved (£267,354.64 for 2020/21), item 2 approved"


def test_a_decision_in_urgency_names_nobody_unknown_to_meet_its_condition() -> None:
    lost = {"condition": "c-1", "words": "An audit", "owner": "grants-tem"}
    outcomes = ({"item": "1", "outcome": "approved", "conditions": (lost,)}, {"item": "2", "outcome": "approved"})
    assert refused(urgently(outcomes=outcomes), state_of(*TO_ADVISERS), by(CLEO), GIVEN).code == "approval.no_such_owner"


def test_what_is_decided_in_urgency_is_authorised() -> None:
    state = state_of(*TO_ADVISERS, (urgently(), by(CLEO)), given=GIVEN)
    assert authorised(state) == {"variation-1": {"2020/21": CAP}}
    again = refused(urgently(), state, by(CLEO), GIVEN)
    assert (again.code, again.why.split(";")[0]) == ("approval.already_decided", "PCD 914 has been decided by chief-executive")


def test_a_paper_shows_that_it_was_decided_in_urgency() -> None:
    (row,) = papers(state_of(*TO_ADVISERS, (urgently(), by(CLEO)), given=GIVEN))
    shown = row.urgent
    assert shown is not None
    assert (shown.office, shown.rule, shown.source, shown.actor, shown.on_behalf_of, shown.at) == (
        "chief-executive",
        "urgent",
        "paragraph 9",
        CLEO,
        None,
        MORNING,
    )
    assert (shown.because, shown.reason, shown.passed_over, shown.outcomes) == (
        "what cannot wait",
        "The funder answers tonight",
        ("finance", "legal", "decider"),
        ("item 1 approved", "item 2 approved"),
    )
    assert papers(state_of(*DECIDED))[0].urgent is None


def test_a_decider_in_the_route_passes_over_the_others_and_not_itself() -> None:
    invoked, _ = accepted(urgently(office="decider"), state_of(*TO_ADVISERS), by(DORA), with_urgency(urgency(office="decider")))
    assert isinstance(invoked, UrgencyInvoked)
    assert invoked.passed_over == ("finance", "legal")


def test_a_board_is_passed_over_as_any_other_step() -> None:
    given = known(editions=(edition(*GATED).model_copy(update={"urgency": (urgency(),)}),))
    invoked, _ = accepted(urgently(), state_of(*TO_BOARD, given=BY_BOARD), by(CLEO), given)
    assert isinstance(invoked, UrgencyInvoked)
    assert "board" in invoked.passed_over


def test_a_decision_in_urgency_can_lower_or_decline() -> None:
    lower = urgently().model_copy(update={"outcomes": answered("approved_lower", "declined", pence=1_000).outcomes})
    _, ended = accepted(lower, state_of(*TO_ADVISERS), by(CLEO), GIVEN)
    assert isinstance(ended, PaperDecided)
    assert [(each.outcome, dict(each.pence)) for each in ended.items] == [("approved_lower", {"2020/21": 1_000}), ("declined", {})]


# Who may not ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [SILENT, with_urgency(urgency(office="decider")), with_urgency(urgency(), last=date(2021, 1, 5))])
def test_without_a_rule_of_the_edition_in_force_nobody_decides_in_urgency(given: Given) -> None:
    refusal = refused(urgently(), state_of(*TO_ADVISERS), by(CLEO), given)
    assert (refusal.code, refusal.who_could) == ("approval.no_urgency_rule", ("decider",))
    assert "on 2021-01-06 has no urgency rule that lets chief-executive decide PCD 914 before its other steps" in refusal.why


def test_an_urgency_rule_reaches_to_its_limit_over_the_whole_grant_and_no_farther() -> None:
    reaching, short = (with_urgency(urgency(limit)) for limit in (WHOLE, WHOLE - 1))
    state = state_of(*TO_ADVISERS)
    assert accepted(urgently(), state, by(CLEO), reaching)
    refusal = refused(urgently(), state, by(CLEO), short)
    assert (refusal.code, refusal.who_could) == ("approval.above_limit", ("decider",))
    assert refusal.why == "chief-executive may decide up to £1,746,660.79; with PCD 914 the grant comes to £1,746,660.80."


def test_of_several_rules_the_one_that_reaches_counts_and_the_highest_limit_is_named() -> None:
    rules = (urgency(100, rule="small"), urgency(WHOLE, rule="large"), urgency(200, rule="middle"))
    invoked, _ = accepted(urgently(), state_of(*TO_ADVISERS), by(CLEO), with_urgency(*rules))
    assert isinstance(invoked, UrgencyInvoked)
    assert invoked.rule == "large"
    assert "up to £2.00;" in refused(urgently(), state_of(*TO_ADVISERS), by(CLEO), with_urgency(rules[0], rules[2])).why


def test_a_rule_with_a_blank_limit_decides_nothing() -> None:
    refusal = refused(urgently(), state_of(*TO_ADVISERS), by(CLEO), with_urgency(urgency(None)))
    assert (refusal.code, refusal.who_could) == ("scheme.blank_limit", ("decider",))


def test_what_the_scheme_cannot_route_is_not_decided_in_urgency_either() -> None:
    given = replace(GIVEN, instruments={})
    assert refused(urgently(), state_of(*TO_ADVISERS), by(CLEO), given).code == "approval.unknown_instrument"


def test_only_a_holder_of_the_office_decides_in_urgency() -> None:
    refusal = refused(urgently(), state_of(*TO_ADVISERS), by(EVE), GIVEN)
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("chief-executive",))
    cover = refused(urgently(), state_of(*TO_ADVISERS), by(EVE, COVERED, CLEO), GIVEN)
    assert (cover.code, cover.who_could) == ("authority.no_cover", ("chief-executive",))


@pytest.mark.parametrize(
    ("person", "office", "code"), [(ANN, "grants-team", "duty.own_paper"), (FAY, "finance", "duty.own_advice"), (DORA, "decider", "duty.recused")]
)
def test_urgency_sets_no_separation_of_duties_aside(person: str, office: str, code: str) -> None:
    given = with_urgency(urgency(office=office))
    wishes: tuple[Wish, ...] = (*TO_DECIDER, (RecuseStep(paper="PCD 914", office="decider", reason="An interest"), by(DORA)))
    assert refused(urgently(office=office), state_of(*wishes), by(person), given).code == code


def test_whoever_decided_in_urgency_neither_advises_on_nor_drafts_the_paper() -> None:
    state = state_of(*TO_ADVISERS, (urgently(), by(CLEO)), given=GIVEN)
    assert state.papers["PCD 914"].people["decide"] == {CLEO}


def test_nothing_is_decided_in_urgency_of_a_paper_that_is_with_its_drafter() -> None:
    refusal = refused(urgently(), state_of((drafted(), by(ANN))), by(CLEO), GIVEN)
    assert (refusal.code, refusal.who_could) == ("approval.not_submitted", ("grants-team",))


@pytest.mark.parametrize(("outcomes", "code"), [(("approved",), "approval.unanswered"), (("noted", "approved"), "approval.not_a_note")])
def test_a_decision_in_urgency_answers_what_the_paper_asks(outcomes: tuple[str, ...], code: str) -> None:
    assert refused(urgently(*outcomes), state_of(*TO_ADVISERS), by(CLEO), GIVEN).code == code


def test_a_decision_in_urgency_binds_what_its_maker_saw() -> None:
    state = state_of(*TO_ADVISERS)
    assert content(urgently(), state) == state.papers["PCD 914"].contents.digest()
    assert whose_step(urgently(), state) == ("chief-executive",)
    assert DecideUrgently.binds


# What ratifies it -----------------------------------------------------------------------------------------------------


def urgent_paper(*asked: Item) -> tuple[Paper, State]:
    items = asked or (item(), item("2", instrument=None))
    body = urgently().model_copy(update={"outcomes": tuple(ItemOutcome(item=each.item, outcome="approved") for each in items)})
    state = state_of((drafted(items=items), by(ANN)), TO_ADVISERS[1], (body, by(CLEO)), given=GIVEN)
    return state.papers["PCD 914"], state


def decision(*items: DecidedItem, name: str = "PCD 920") -> Recorded:
    return Recorded(ratified(decision=name, items=items), MORNING)


def ratifying(amount: int = CAP, **other: object) -> DecidedItem:
    plain = {"item": "1", "verbs": ("ratify",), "words": "It", "instrument": "variation-1", "pence": {"2020/21": amount}, "outcome": "approved"}
    return DecidedItem.model_validate({**plain, **other})


PLAIN = ratifying(instrument=None, pence={})


def test_a_decision_that_ratifies_every_item_as_far_closes_the_exception() -> None:
    paper, state = urgent_paper()
    assert [each.item for each in unratified(paper)] == ["1", "2"]
    assert ratified_by(paper, state.papers.values(), [decision(ratifying(), PLAIN.model_copy(update={"item": "2"}))]) == "PCD 920"


def test_several_decisions_ratify_together() -> None:
    paper, _ = urgent_paper()
    assert ratified_by(paper, (), [decision(ratifying(), name="D-1"), decision(PLAIN, name="D-2")]) == "D-1, D-2"


@pytest.mark.parametrize(
    "other",
    [
        {"pence": {"2020/21": CAP - 1}},
        {"pence": {"2021/22": CAP}},
        {"verbs": ("approve",)},
        {"outcome": "declined"},
        {"outcome": "approved_in_principle"},
        {"instrument": "bid-1"},
    ],
)
def test_what_does_not_ratify_it_whole_leaves_it_open(other: dict[str, object]) -> None:
    paper, _ = urgent_paper(item())
    assert ratified_by(paper, (), [decision(ratifying())]) == "PCD 920"
    assert ratified_by(paper, (), [decision(ratifying().model_copy(update=other))]) is None


def test_one_item_that_nobody_ratified_keeps_it_open() -> None:
    paper, _ = urgent_paper()
    assert ratified_by(paper, (), [decision(ratifying())]) is None


def test_a_later_paper_ratifies_and_an_earlier_one_or_an_urgent_one_does_not() -> None:
    paper, state = urgent_paper(item())
    decided = state_of(*DECIDED).papers["PCD 914"]
    later = replace(decided, contents=decided.contents.model_copy(update={"paper": "later"}), items=(ratifying(),))
    assert ratified_by(paper, [later], ()) == "later"
    assert ratified_by(paper, [replace(later, since=MORNING.replace(hour=8))], ()) is None
    assert ratified_by(paper, [replace(later, urgent=paper.urgent)], ()) is None
    assert ratified_by(later, state.papers.values(), [decision(ratifying())]) is None


def test_the_record_of_a_decision_made_here_ratifies_nothing_by_itself() -> None:
    paper, _ = urgent_paper(item())
    of_paper = ratified(decision="D", paper="PCD 914", items=())
    assert ratified_by(paper, (), [Recorded(of_paper.model_copy(update={"items": (ratifying(),)}), MORNING)]) is None
    assert unratified(state_of(*DECIDED).papers["PCD 914"]) == ()
