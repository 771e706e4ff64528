"""Steps that run side by side until enough of them are taken: what opens, what stands down, and what a paper then comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.approval import Given, State, duties, papers
from domain.groups import stood_down
from domain.organisation import Holding
from domain.paper import ItemOutcome
from domain.saying import DecideStep, PaperDecided, StepDecided
from tests.domain.papers import (
    ANN,
    APPROVED,
    CLEO,
    DECIDES,
    DORA,
    FACTS,
    FAY,
    GATE,
    HOLDINGS,
    LEO,
    MEETINGS,
    MORNING,
    SAM,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    accepted,
    advised,
    answered,
    by,
    drafted,
    edited,
    known,
    minuted,
    organisation,
    refused,
    rule,
    sent_back,
    state_of,
)

EITHER = tuple(rule(f"{office}-advises", office, "advise", 1, group="advisers", quorum=1) for office in ("finance", "legal"))
ONE_ADVISES = known(*EITHER, DECIDES)
ALL_ADVISE = known(*(each.model_copy(update={"quorum": None}) for each in EITHER), DECIDES)
DECIDERS = tuple(
    rule(f"{office}-decides", office, "decide", 2, group="deciders", quorum=2, limit_pence="any") for office in ("decider", "chief-executive", "secretary")
)
TWO_OF_THREE = known(*DECIDERS)
LATER = MORNING + timedelta(hours=5)


def open_to(state: State) -> list[str]:
    return [step.whose for step, _ in state.papers["PCD 914"].open_steps()]


def test_the_steps_of_a_group_are_open_side_by_side() -> None:
    assert open_to(state_of(*TO_ADVISERS, given=ONE_ADVISES)) == ["finance", "legal"]


def test_a_group_is_done_with_its_quorum_and_opens_what_comes_after_it() -> None:
    state = state_of(*TO_ADVISERS, (advised("legal"), by(LEO, LATER)), given=ONE_ADVISES)
    assert [(each.name, each.owner, each.since) for each in duties(state, ONE_ADVISES)] == [("decide", "decider", LATER)]


def test_a_group_without_a_quorum_waits_for_all_of_its_steps() -> None:
    state = state_of(*TO_ADVISERS, (advised("legal"), by(LEO)), given=ALL_ADVISE)
    assert open_to(state) == ["finance"]
    refusal = refused(APPROVED, state, by(DORA), ALL_ADVISE)
    assert (refusal.code, refusal.who_could) == ("approval.not_yet", ("finance",))


def test_before_its_quorum_a_group_holds_up_what_comes_after_it() -> None:
    refusal = refused(APPROVED, state_of(*TO_ADVISERS, given=ONE_ADVISES), by(DORA), ONE_ADVISES)
    assert (refusal.code, refusal.who_could, refusal.why) == ("approval.not_yet", ("finance", "legal"), "PCD 914 waits for finance, legal first.")


def test_a_step_whose_group_is_done_cannot_be_taken_any_more() -> None:
    state = state_of(*TO_ADVISERS, (advised("legal"), by(LEO)), given=ONE_ADVISES)
    for late in (advised("finance"), sent_back("finance")):
        refusal = refused(late, state, by(FAY), ONE_ADVISES)
        assert (refusal.code, refusal.who_could) == ("approval.stood_down", ("decider",))
        assert refusal.why == "finance is not needed for PCD 914 any more: 1 of the group advisers were enough."


def test_a_step_of_a_group_that_waits_for_all_never_stands_down() -> None:
    state = state_of(*TO_ADVISERS, (advised("legal"), by(LEO)), (advised("finance"), by(FAY)), given=ALL_ADVISE)
    assert open_to(state) == ["decider"]


def test_the_register_tells_which_steps_stood_down() -> None:
    (row,) = papers(state_of(*TO_ADVISERS, (advised("legal"), by(LEO)), (APPROVED, by(DORA)), given=ONE_ADVISES))
    assert [(each.office, each.at is not None, each.group, each.quorum, each.stood_down) for each in row.steps] == [
        ("finance", False, "advisers", 1, True),
        ("legal", True, "advisers", 1, False),
        ("decider", True, None, None, False),
    ]
    assert row.standing == "decided"


def decided_by(office: str, outcome: str = "approved") -> DecideStep:
    pence = 1 if outcome == "approved_lower" else None
    return answered(outcome, "approved", pence=pence, office=office)


def test_a_paper_is_decided_by_the_quorum_of_its_deciders() -> None:
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), (decided_by("decider"), by(DORA)), given=TWO_OF_THREE)
    assert open_to(state) == ["chief-executive", "secretary"]
    said, ended = accepted(decided_by("secretary"), state, by(SAM), TWO_OF_THREE)
    assert isinstance(said, StepDecided)
    assert isinstance(ended, PaperDecided)
    assert [each.outcome for each in ended.items] == ["approved", "approved"]


def test_of_differing_deciders_the_most_reserved_counts() -> None:
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), (decided_by("decider"), by(DORA)), given=TWO_OF_THREE)
    for outcome, said in (("approved_lower", {"2020/21": 1}), ("declined", {}), ("deferred", {})):
        *_, ended = accepted(decided_by("chief-executive", outcome), state, by(CLEO), TWO_OF_THREE)
        assert isinstance(ended, PaperDecided)
        assert [(each.outcome, each.pence) for each in ended.items] == [(outcome, said), ("approved", {})]


def test_a_decider_who_declines_everything_ends_the_paper_before_the_quorum() -> None:
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), given=TWO_OF_THREE)
    nothing = DecideStep(paper="PCD 914", office="decider", outcomes=tuple(ItemOutcome(item=each, outcome="declined") for each in ("1", "2")))
    assert isinstance(accepted(nothing, state, by(DORA), TWO_OF_THREE)[-1], PaperDecided)
    assert len(accepted(decided_by("decider"), state, by(DORA), TWO_OF_THREE)) == 1


def test_an_edit_that_voids_what_was_said_lets_a_group_begin_again() -> None:
    state = state_of(
        (drafted(), by(ANN)), (SUBMITTED, by(ANN)), (decided_by("decider"), by(DORA)), (edited(title="Another title"), by(ANN)), given=TWO_OF_THREE
    )
    assert open_to(state) == ["decider", "chief-executive", "secretary"]


def test_boards_can_be_a_group_too() -> None:
    gates = (GATE, rule("other-gate", "secretary", "gate", 1, board="council"))
    either = tuple(each.model_copy(update={"group": "boards", "quorum": 1, "when": DECIDES.when}) for each in gates)
    given = known(*either, DECIDES)
    boards = (*given.policy.boards, given.policy.boards[0].model_copy(update={"board": "council"}))
    given = type(given)(given.organisation, given.policy.model_copy(update={"boards": boards}), given.cumulative_pence, given.instruments)
    to_boards = ((drafted(facts=FACTS.model_copy(update={"gates": ("board",)})), by(ANN)), (SUBMITTED, by(ANN)))
    met = MORNING + timedelta(days=8)
    state = state_of(*to_boards, (minuted(met=MEETINGS[1]), by(SAM, met)), given=given)
    assert open_to(state) == ["decider"]
    refusal = refused(minuted().model_copy(update={"board": "council"}), state, by(SAM, met), given)
    assert (refusal.code, refusal.why) == ("approval.stood_down", "council is not needed for PCD 914 any more: 1 of the group boards were enough.")


def test_a_scheme_that_now_asks_another_quorum_asks_another_route() -> None:
    state = state_of(*TO_DECIDER, given=ALL_ADVISE)
    refusal = refused(APPROVED, state, by(DORA), ONE_ADVISES)
    assert (refusal.code, refusal.who_could) == ("approval.route_changed", ("decider",))
    assert accepted(APPROVED, state, by(DORA), ALL_ADVISE)


def holding(given: Given, *more: tuple[str, str]) -> Given:
    """What is known where these people hold these offices besides."""
    holdings = (*HOLDINGS, *(Holding(person=person, office=office, first=MORNING.date()) for person, office in more))
    return replace(given, organisation=organisation(holdings=holdings))


def test_one_person_with_two_offices_makes_no_quorum() -> None:
    given = holding(TWO_OF_THREE, (DORA, "secretary"))
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), (decided_by("decider"), by(DORA)), given=given)
    refusal = refused(decided_by("secretary"), state, by(DORA), given)
    assert (refusal.code, refusal.who_could) == ("duty.own_quorum", ("secretary",))
    assert refusal.why == "dora spoke in the group deciders of PCD 914 already; a quorum is of different people."
    assert isinstance(accepted(decided_by("secretary"), state, by(SAM), given)[-1], PaperDecided)


def test_one_person_with_two_offices_may_still_send_a_paper_back() -> None:
    given = holding(TWO_OF_THREE, (DORA, "secretary"))
    state = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), (decided_by("decider"), by(DORA)), given=given)
    assert accepted(sent_back("secretary"), state, by(DORA), given)


def test_without_a_quorum_one_person_may_advise_for_two_offices() -> None:
    given = holding(ALL_ADVISE, (FAY, "legal"))
    assert accepted(advised("legal"), state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), given=given), by(FAY), given)


def test_only_the_rest_of_a_done_group_stands_down() -> None:
    steps = state_of((drafted(), by(ANN)), (SUBMITTED, by(ANN)), given=TWO_OF_THREE).papers["PCD 914"].steps
    route = [each.step for each in steps]
    assert stood_down(route, {"decider"}) == frozenset()
    assert stood_down(route, {"decider", "secretary"}) == {"chief-executive"}
    assert stood_down(route, {"decider", "secretary", "chief-executive"}) == frozenset()
