"""Specs of who stands aside from a paper and who takes the step then: recusal, declared interests, a step passed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.approval import Given, State, duties, papers
from domain.asking import Known
from domain.interests import DeclareInterest, InterestDeclared, InterestWithdrawn, WithdrawInterest
from domain.model import line_of
from domain.organisation import Holding
from domain.pausing import PausePaper
from domain.recusing import DelegateStep, RecuseStep, StepDelegated, StepRecused, waits_on
from domain.saying import PaperDecided, StepAdvised, StepDecided, StepMinuted, StepSentBack
from domain.steps import Taken
from domain.withdrawing import WithdrawStep
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    BY_BOARD,
    CLEO,
    COVERED,
    DECIDED,
    DORA,
    EVE,
    FAY,
    FINANCE,
    HOLDINGS,
    LEGAL,
    LEO,
    MORNING,
    SAM,
    TO_ADVISERS,
    TO_BOARD,
    TO_DECIDER,
    Wish,
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

STOOD_IN = rule("all-offers", "decider", "decide", 2, limit_pence="any", stand_in=("chief-executive",), because="every offer of grant at any value")
GIVEN = known(FINANCE, LEGAL, STOOD_IN)
TODAY = date(2021, 1, 6)
SHOWN = replace(GIVEN, today=TODAY)
"""As an inbox sees it: on the day of the last thing recorded."""


def recused(office: str = "decider", reason: str = "My brother works for the funder") -> RecuseStep:
    return RecuseStep(paper="PCD 914", office=office, reason=reason)


def passed_on(to: str = "chief-executive", office: str = "decider") -> DelegateStep:
    return DelegateStep(paper="PCD 914", office=office, to=to, reason="Away from tomorrow")


def declared(about: str | None = None, interest: str = "i-1", nature: str = "Trustee of the payee") -> DeclareInterest:
    return DeclareInterest(interest=interest, about=about, nature=nature)


def withdrawn(interest: str = "i-1") -> WithdrawInterest:
    return WithdrawInterest(interest=interest, reason="I have left their board")


def of(*wishes: Wish, given: Given = GIVEN) -> State:
    return state_of(*wishes, given=given)


def with_holder(person: str, office: str) -> Given:
    more = organisation(holdings=(*HOLDINGS, Holding(person=person, office=office, first=date(2016, 1, 1))))
    return replace(GIVEN, organisation=more)


# Recusal --------------------------------------------------------------------------------------------------------------


def test_whoever_steps_aside_says_why() -> None:
    (event,) = accepted(recused(), of(*TO_DECIDER), by(DORA), GIVEN)
    assert event == StepRecused(paper="PCD 914", office="decider", person=DORA, reason="My brother works for the funder")
    assert line_of(event) == "dora stepped aside from PCD 914, in the step of decider: My brother works for the funder"


def test_whoever_has_stepped_aside_decides_the_paper_no_more() -> None:
    refusal = refused(APPROVED, of(*TO_DECIDER, (recused(), by(DORA))), by(DORA), GIVEN)
    assert (refusal.code, refusal.who_could) == ("duty.recused", ("chief-executive",))
    assert refusal.why == "dora stepped aside from the paper PCD 914, so takes no step of it any more."


@pytest.mark.parametrize("body", [sent_back(), passed_on(), answered("declined", "declined")])
def test_whoever_has_stepped_aside_takes_no_step_in_any_way(body: object) -> None:
    assert refused(body, of(*TO_DECIDER, (recused(), by(DORA))), by(DORA), GIVEN).code == "duty.recused"  # type: ignore[arg-type]


def test_whoever_has_stepped_aside_takes_no_step_as_cover_either() -> None:
    state = of(*TO_ADVISERS, (recused("finance"), by(FAY)))
    refusal = refused(answered("declined", "declined"), state, by(FAY, COVERED, DORA), GIVEN)
    assert (refusal.code, refusal.who_could) == ("duty.recused", ("decider",))


def test_whoever_has_stepped_aside_takes_no_step_after_the_paper_came_back_either() -> None:
    again: tuple[Wish, ...] = ((sent_back("legal"), by(LEO)), (TO_ADVISERS[1][0], by(ANN)))
    state = of(*TO_ADVISERS, (recused("finance"), by(FAY)), *again)
    assert refused(advised("finance"), state, by(FAY), GIVEN).code == "duty.recused"


def test_another_holder_takes_the_step_of_one_who_has_stepped_aside() -> None:
    given = with_holder(EVE, "finance")
    state = of(*TO_ADVISERS, (recused("finance"), by(FAY)), given=given)
    (event,) = accepted(advised("finance"), state, by(EVE), given)
    assert isinstance(event, StepAdvised)
    assert (event.office, event.capacity) == ("finance", None)


def test_cover_decides_for_a_holder_who_has_stepped_aside() -> None:
    state = of(*TO_DECIDER, (recused(), by(DORA)))
    event, _ = accepted(APPROVED, state, by(CLEO, COVERED, DORA), GIVEN)
    assert isinstance(event, StepDecided)


def test_the_step_opens_to_its_stand_in_once_every_holder_has_stepped_aside() -> None:
    before, after = of(*TO_DECIDER), of(*TO_DECIDER, (recused(), by(DORA)))
    refusal = refused(APPROVED, before, by(CLEO), GIVEN)
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("decider",))
    decided, ended = accepted(APPROVED, after, by(CLEO), GIVEN)
    assert isinstance(decided, StepDecided)
    assert (decided.office, decided.capacity) == ("decider", "chief-executive")
    assert isinstance(ended, PaperDecided)


def test_a_stand_in_waits_while_another_holder_is_left() -> None:
    given = with_holder(EVE, "decider")
    state = of(*TO_DECIDER, (recused(), by(DORA)), given=given)
    assert refused(APPROVED, state, by(CLEO), given).code == "approval.not_your_step"


def test_where_nobody_is_left_the_refusal_names_who_can_appoint_somebody() -> None:
    state = of(*TO_ADVISERS, (recused("finance"), by(FAY)))
    refusal = refused(advised("finance"), state, by(FAY), GIVEN)
    assert (refusal.code, refusal.who_could) == ("duty.recused", ("chief-executive",))


def test_to_step_aside_again_changes_nothing() -> None:
    assert accepted(recused(reason="As I said"), of(*TO_DECIDER, (recused(), by(DORA))), by(DORA), GIVEN) == ()


def test_nobody_steps_aside_from_a_paper_that_is_with_its_drafter() -> None:
    refusal = refused(recused(), of((drafted(), by(ANN))), by(DORA), GIVEN)
    assert (refusal.code, refusal.who_could) == ("approval.not_submitted", ("grants-team",))


def test_nobody_steps_aside_from_a_step_that_the_route_has_not() -> None:
    refusal = refused(recused("chief-executive"), of(*TO_DECIDER), by(CLEO), GIVEN)
    assert (refusal.code, refusal.why) == ("approval.no_step", "The route of PCD 914 has no step in which chief-executive could step aside.")


def test_nobody_steps_aside_from_a_paper_that_is_decided_and_they_are_told_by_whom() -> None:
    assert refused(recused("legal"), of(*DECIDED), by(LEO), GIVEN).why.startswith("PCD 914 has been decided by decider;")
    stood_in: tuple[Wish, ...] = (*TO_DECIDER, (recused(), by(DORA)), (APPROVED, by(CLEO)))
    assert refused(recused("legal"), of(*stood_in), by(LEO), GIVEN).why.startswith("PCD 914 has been decided by chief-executive;")


def test_nobody_steps_aside_for_somebody_else() -> None:
    refusal = refused(recused(), of(*TO_DECIDER), by(EVE), GIVEN)
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("decider",))
    assert refusal.why == "eve does not hold decider, whose step it is to decide the paper PCD 914."


def test_cover_steps_aside_and_the_principal_does_not() -> None:
    state = of(*TO_DECIDER, (recused(), by(CLEO, COVERED, DORA)))
    assert refused(APPROVED, state, by(CLEO, COVERED, DORA), GIVEN).code == "duty.recused"
    assert accepted(APPROVED, state, by(DORA, COVERED), GIVEN)


def test_a_boards_secretary_steps_aside_from_its_minute() -> None:
    state = state_of(*TO_BOARD, (recused("secretary"), by(SAM)), given=BY_BOARD)
    assert refused(minuted(), state, by(SAM, COVERED), BY_BOARD).code == "duty.recused"
    assert papers(state)[0].aside[0].person == SAM


# Declared interests ---------------------------------------------------------------------------------------------------


def test_an_interest_is_declared_in_the_words_of_whoever_has_it() -> None:
    (event,) = accepted(declared(), State(), by(DORA))
    assert event == InterestDeclared(interest="i-1", about=None, nature="Trustee of the payee")
    assert line_of(event) == "Interest i-1 declared: Trustee of the payee"


@pytest.mark.parametrize("about", [None, "PCD 914", "variation-1"])
def test_whoever_has_an_interest_does_not_decide_what_it_is_about(about: str | None) -> None:
    refusal = refused(APPROVED, of((declared(about), by(DORA)), *TO_DECIDER), by(DORA), GIVEN)
    assert (refusal.code, refusal.who_could) == ("duty.interest", ("chief-executive",))
    assert refusal.why == "dora has declared the interest i-1, so may neither advise on nor decide the paper PCD 914."


def test_whoever_has_an_interest_does_not_advise_either_nor_as_cover() -> None:
    state = of(*TO_DECIDER[:2], (declared(), by(FAY)))
    assert refused(advised("finance"), state, by(FAY), GIVEN).code == "duty.interest"
    assert refused(APPROVED, of(*TO_DECIDER[:2], (declared(), by(CLEO))), by(CLEO, COVERED, DORA), GIVEN).code == "duty.interest"


def test_an_interest_in_something_else_hinders_nobody() -> None:
    state = of((declared("bid-1"), by(DORA)), *TO_DECIDER)
    assert accepted(APPROVED, state, by(DORA), GIVEN)


def test_another_persons_interest_hinders_nobody() -> None:
    assert accepted(APPROVED, of((declared(), by(EVE)), *TO_DECIDER), by(DORA), GIVEN)


def test_the_step_of_a_holder_with_an_interest_opens_to_its_stand_in() -> None:
    decided, _ = accepted(APPROVED, of((declared(), by(DORA)), *TO_DECIDER), by(CLEO), GIVEN)
    assert isinstance(decided, StepDecided)
    assert decided.capacity == "chief-executive"


def test_an_interest_that_was_withdrawn_hinders_nobody_any_more() -> None:
    state = of((declared(), by(DORA)), *TO_DECIDER)
    (event,) = accepted(withdrawn(), state, by(DORA))
    assert event == InterestWithdrawn(interest="i-1", reason="I have left their board")
    after = of((declared(), by(DORA)), *TO_DECIDER, (withdrawn(), by(DORA)))
    assert accepted(APPROVED, after, by(DORA), GIVEN)
    assert papers(after)[0].aside == ()


def test_an_interest_is_withdrawn_by_whoever_declared_it_and_nobody_else() -> None:
    state = of((declared(), by(DORA)))
    refusal = refused(withdrawn(), state, by(CLEO))
    assert (refusal.code, refusal.why) == ("approval.not_your_interest", "Interest i-1 is dora's to withdraw in person, not cleo's.")


def test_an_interest_that_nobody_declared_is_not_withdrawn() -> None:
    refusal = refused(withdrawn("i-2"), of((declared(), by(DORA))), by(DORA))
    assert (refusal.code, refusal.why) == ("approval.no_interest", "No interest i-2 is declared.")


def test_to_declare_or_withdraw_the_same_again_changes_nothing() -> None:
    state = of((declared(), by(DORA)))
    assert accepted(declared(), state, by(DORA)) == ()
    assert accepted(withdrawn(), of((declared(), by(DORA)), (withdrawn(), by(DORA))), by(DORA)) == ()


@pytest.mark.parametrize(("other", "person"), [(declared("bid-1"), DORA), (declared(nature="None"), DORA), (declared(), CLEO)])
def test_a_declared_interest_is_not_rewritten(other: DeclareInterest, person: str) -> None:
    assert refused(other, of((declared(), by(DORA))), by(person)).code == "approval.interest_differs"


def test_a_paper_shows_who_stands_aside_from_it_and_why() -> None:
    (row,) = papers(of((declared("variation-1"), by(FAY)), (declared("bid-1", "i-2"), by(LEO)), *TO_ADVISERS, (recused(), by(DORA))))
    shown = [(each.person, each.interest, each.reason, each.at) for each in row.aside]
    assert shown == [(DORA, None, "My brother works for the funder", MORNING), (FAY, "i-1", "Trustee of the payee", MORNING)]


# A step passed on -----------------------------------------------------------------------------------------------------


def test_an_office_passes_its_step_on_to_one_that_may_stand_in() -> None:
    (event,) = accepted(passed_on(), of(*TO_DECIDER), by(DORA), GIVEN)
    assert event == StepDelegated(paper="PCD 914", office="decider", to="chief-executive", reason="Away from tomorrow")


def test_whoever_holds_the_office_that_a_step_was_passed_on_to_takes_it_and_both_are_recorded() -> None:
    state = of(*TO_DECIDER, (passed_on(), by(DORA)))
    decided, _ = accepted(APPROVED, state, by(CLEO), GIVEN)
    assert isinstance(decided, StepDecided)
    assert (decided.office, decided.capacity) == ("decider", "chief-executive")
    (row,) = papers(of(*TO_DECIDER, (passed_on(), by(DORA)), (APPROVED, by(CLEO))))
    assert [(each.office, each.actor, each.capacity, each.passed_to, each.stand_in) for each in row.steps][2] == (
        "decider",
        CLEO,
        "chief-executive",
        "chief-executive",
        ("chief-executive",),
    )


def test_an_office_that_passed_its_step_on_can_still_take_it() -> None:
    decided, _ = accepted(APPROVED, of(*TO_DECIDER, (passed_on(), by(DORA))), by(DORA), GIVEN)
    assert isinstance(decided, StepDecided)
    assert decided.capacity is None


@pytest.mark.parametrize(("given", "to", "named"), [(GIVEN, "legal", "chief-executive"), (known(), "chief-executive", "nobody")])
def test_a_step_is_passed_on_only_to_whom_the_route_names(given: Given, to: str, named: str) -> None:
    refusal = refused(passed_on(to), of(*TO_DECIDER, given=given), by(DORA), given)
    assert (refusal.code, refusal.who_could) == ("approval.not_delegable", ("decider",))
    assert refusal.why == f"The route of PCD 914 lets decider pass its step on to {named}, not to {to}."


def test_a_step_is_passed_on_once_to_the_same_office() -> None:
    assert accepted(passed_on(), of(*TO_DECIDER, (passed_on(), by(DORA))), by(DORA), GIVEN) == ()


def test_whoever_was_passed_a_step_does_not_pass_it_on() -> None:
    refusal = refused(passed_on(), of(*TO_DECIDER, (passed_on(), by(DORA))), by(CLEO), GIVEN)
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", ("decider",))


def test_a_step_that_is_not_open_yet_is_not_passed_on() -> None:
    assert refused(passed_on(), of(*TO_ADVISERS), by(DORA), GIVEN).code == "approval.not_yet"


def test_nothing_is_passed_on_of_a_paper_that_has_no_such_step() -> None:
    assert refused(passed_on(), of((drafted(), by(ANN))), by(DORA), GIVEN).code == "approval.not_submitted"
    refusal = refused(passed_on(office="chief-executive"), of(*TO_DECIDER), by(CLEO), GIVEN)
    assert (refusal.code, refusal.why) == ("approval.no_step", "The route of PCD 914 has no step in which chief-executive could pass on a step.")


def test_a_drafter_does_not_choose_who_decides() -> None:
    given = with_holder(ANN, "decider")
    assert refused(passed_on(), of(*TO_DECIDER, given=given), by(ANN), given).code == "duty.own_paper"


def test_who_was_passed_a_step_is_bound_by_the_separation_of_duties() -> None:
    given = known(FINANCE, LEGAL, rule("all-offers", "decider", "decide", 2, limit_pence="any", stand_in=("finance",)))
    state = of(*TO_DECIDER, (passed_on("finance"), by(DORA)), given=given)
    assert refused(APPROVED, state, by(FAY), given).code == "duty.own_advice"


@pytest.mark.parametrize("body", [advised("decider"), sent_back()])
def test_every_say_names_the_office_in_which_it_was_given(body: object) -> None:
    given = known(rule("advice", "decider", "advise", 1, stand_in=("chief-executive",)), rule("ends", "legal", "decide", 2, limit_pence="any"))
    state = of(*TO_ADVISERS, (passed_on(), by(DORA)), given=given)
    (event,) = accepted(body, state, by(CLEO), given)  # type: ignore[arg-type]
    assert isinstance(event, StepAdvised | StepSentBack)
    assert event.capacity == "chief-executive"


def test_a_minute_names_the_office_in_which_it_was_kept() -> None:
    gate = rule("gate", "secretary", "gate", 1, board="board", because="new work", stand_in=("legal",))
    given = known(gate, rule("ends", "decider", "decide", 2, limit_pence="any"))
    state = of(*TO_BOARD, (recused("secretary"), by(SAM)), given=given)
    (event,) = accepted(minuted(), state, by(LEO, COVERED), given)
    assert isinstance(event, StepMinuted)
    assert event.capacity == "legal"
    declined = accepted(minuted("declined"), state, by(LEO, COVERED), given)
    assert [getattr(each, "capacity", None) for each in declined] == ["legal", "legal"]


# Whose inbox it is in -------------------------------------------------------------------------------------------------


def inbox(state: State, given: Given = SHOWN) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.owner, each.note) for each in duties(state, given)]


def test_a_step_that_nobody_stands_aside_from_is_its_offices() -> None:
    assert inbox(of(*TO_DECIDER)) == [("decide", "decider", None)]


def test_a_step_whose_holders_stand_aside_is_in_the_stand_ins_inbox() -> None:
    assert inbox(of(*TO_DECIDER, (recused(), by(DORA)))) == [("decide", "chief-executive", "for decider, where everybody has stepped aside")]


def test_an_inbox_says_where_nobody_is_left() -> None:
    found = inbox(of(*TO_ADVISERS, (recused("finance"), by(FAY))))
    assert found == [("advise", "finance", "everybody who could has stepped aside"), ("advise", "legal", None)]


def test_a_step_that_was_passed_on_is_in_the_inbox_of_whom_it_was_passed_to() -> None:
    assert inbox(of(*TO_DECIDER, (passed_on(), by(DORA)))) == [("decide", "chief-executive", "passed on by decider")]


def test_a_step_passed_on_in_a_paper_that_rests_says_both() -> None:
    rest = PausePaper(paper="PCD 914", until=date(2021, 1, 15), reason="The funder answers")
    (found,) = inbox(of(*TO_DECIDER, (passed_on(), by(DORA)), (rest, by(DORA))))[:1]
    assert found == ("decide", "chief-executive", "passed on by decider; paused until 15 January 2021: The funder answers")


def test_before_anything_is_recorded_a_step_is_its_offices() -> None:
    (taken,) = (each for each in of(*TO_DECIDER).papers["PCD 914"].steps if each.step.office == "decider")
    assert waits_on(Taken(taken.step), Known(GIVEN.organisation, GIVEN.policy, 0), frozenset({DORA}), None) == ("decider", None)


# What else there is ---------------------------------------------------------------------------------------------------


def test_whoever_stood_aside_still_takes_back_what_they_said() -> None:
    state = of(*TO_ADVISERS, (advised("finance"), by(FAY)), (recused("finance"), by(FAY)))
    assert accepted(WithdrawStep(paper="PCD 914", office="finance", reason="I had an interest"), state, by(FAY), GIVEN)


def test_drafting_is_not_hindered_by_having_stepped_aside() -> None:
    given = with_holder(BEN, "finance")
    state = of(*TO_ADVISERS, (recused("finance"), by(BEN)), given=given)
    assert accepted(edited(title="Variation of the grant"), state, by(BEN), given)
