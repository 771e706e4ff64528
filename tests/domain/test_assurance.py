"""Specs of assessments and of the register of exceptions, read as sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import assurance
from domain.assessments import AssessmentRecorded, RecordAssessment
from domain.assurance import CloseException, ExplainException, Given, State
from domain.calendar import end_of
from domain.exception import ExceptionClosed, ExceptionRaised
from domain.model import Document, Event, Refusal
from tests.domain.rooms import accepted, after, at, once, owed_by, policy, refused

GIVEN = Given(policy=policy(owed_by("assurance", "exception.explained", owner="someone-else", working_days=5)), exception_owner="finance-chief")
DAY = at("2020-06-15")
LATER = at("2020-11-16", actor="p-ash", on_behalf_of="p-beech")
NAME = "late-approval/alpha"
RAISED = ExceptionRaised(exception=NAME, what="late approval", subject="alpha", owner="chief-finance-officer", why="No decision authorises alpha.")
CLOSED = ExceptionClosed(exception=NAME, how="ratified by PCD 867")
EXPLAIN = ExplainException(exception=NAME, explanation="The funder needed a signature before the board met.")
COMPLETED = RecordAssessment(form="dpia", outcome="Data Protection Impact Assessment completed.")


def told(*steps: Any) -> State:
    """After events that other rooms raised, and commands to this one."""
    state = State()
    for step in steps:
        events = (step,) if isinstance(step, Event) else accepted(assurance.decide(step, state, DAY, GIVEN))
        state = after(assurance, state, events, LATER if isinstance(step, ExceptionClosed) else DAY)
    return state


def decide(body: Any, state: State = State()) -> Any:  # noqa: B008  (frozen)
    return assurance.decide(body, state, DAY, GIVEN)


# Assessments ----------------------------------------------------------------------------------------------------------


def test_an_assessment_without_a_date_is_recorded_in_its_own_words() -> None:
    (recorded,) = accepted(decide(COMPLETED))
    assert isinstance(recorded, AssessmentRecorded)
    assert (recorded.form, recorded.edition, recorded.outcome, recorded.dated) == ("dpia", 1, COMPLETED.outcome, None)


def test_a_review_is_another_edition_beside_the_first() -> None:
    review = RecordAssessment(form="dpia", outcome="Inaccuracies found; no higher risk.", dated="2022-03", shared_with="Project Alpha")
    state = told(COMPLETED, RecordAssessment(form="eia", outcome="No negative impact."), review)
    assert [(each.event.form, each.event.edition) for each in state.assessments] == [("dpia", 1), ("eia", 1), ("dpia", 2)]


def test_the_same_assessment_once_more_is_no_other_edition() -> None:
    assert decide(COMPLETED, told(COMPLETED)) == ()


def test_what_was_screened_out_with_nothing_to_show_for_it_has_an_exception_until_it_is_shown() -> None:
    screened = RecordAssessment(form="dpia", outcome="Screened; not needed.", finding="screened_out")
    _, raised = accepted(decide(screened))
    assert isinstance(raised, ExceptionRaised)
    assert (raised.exception, raised.owner) == ("screening/dpia", "finance-chief")
    shown = screened.model_copy(update={"documents": (Document(kind="screening", kept="the project's file"),)})
    assert [each.wire for each in accepted(decide(shown))] == ["assessment.recorded"]
    assert accepted(decide(shown, told(screened)))[1:] == (ExceptionClosed(exception="screening/dpia", how="put right by what was recorded since"),)


@pytest.mark.parametrize(("finding", "words"), [("commenced", "is begun and not completed"), ("update_due", "is to be brought up to date")])
def test_an_assessment_begun_or_out_of_date_waits_to_be_completed_and_keeps_the_grant_open(finding: Any, words: str) -> None:
    state = told(RecordAssessment(form="dpia", outcome="Not there yet.", finding=finding))
    (duty,) = assurance.duties(state, Given(policy=policy(owed_by("assurance", "assessment.made", owner="project", working_days=5))))
    assert (duty.name, duty.subject, duty.owner, duty.due) == ("assessment.made", "dpia", "project", end_of(date(2020, 6, 22)))
    assert assurance.gates(state) == (f"assessment dpia {words}",)
    assert assurance.gates(told(RecordAssessment(form="dpia", outcome="Not there yet.", finding=finding), COMPLETED)) == ()


# Exceptions -----------------------------------------------------------------------------------------------------------


def test_an_exception_waits_for_its_own_owner_to_explain_it() -> None:
    (duty,) = assurance.duties(told(RAISED), GIVEN)
    assert (duty.name, duty.subject, duty.owner, duty.ladder) == ("exception.explained", NAME, "chief-finance-officer", "grants")
    assert (duty.since, duty.due) == (DAY.now, end_of(DAY.now.date().replace(day=22)))


def test_once_explained_it_waits_to_be_ratified_or_corrected() -> None:
    (duty,) = assurance.duties(told(RAISED, EXPLAIN), GIVEN)
    assert (duty.name, duty.owner, duty.due, duty.ladder) == ("exception.closed", "chief-finance-officer", None, None)


def test_an_explanation_stands_in_the_register_with_who_gave_it_and_when() -> None:
    (row,) = told(RAISED, EXPLAIN).open_exceptions()
    assert [(each.text, each.person, each.recorded) for each in row.explanations] == [(EXPLAIN.explanation, "p-hazel", DAY.now)]


def test_a_ratified_exception_is_closed_by_its_principal_and_never_removed() -> None:
    state = told(RAISED, EXPLAIN, CLOSED)
    row = state.exceptions[NAME]
    assert (state.open_exceptions(), assurance.duties(state, GIVEN)) == ((), ())
    assert row.closed
    assert (row.opened, row.closed.how, row.closed.person, row.closed.recorded) == (DAY.now, "ratified by PCD 867", "p-beech", LATER.now)


def test_an_exception_raised_again_is_open_again_and_keeps_its_explanations() -> None:
    (row,) = told(RAISED, EXPLAIN, CLOSED, RAISED).open_exceptions()
    assert len(row.explanations) == 1


def test_what_was_never_raised_cannot_be_explained() -> None:
    assert refused(decide(EXPLAIN))[0] == "assurance.exception_unknown"


def test_a_closed_exception_is_not_explained_anew() -> None:
    answer = decide(EXPLAIN, told(RAISED, CLOSED))
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("assurance.exception_closed", f"Exception {NAME} is closed: ratified by PCD 867.")


@pytest.mark.parametrize("closed", [(), (CLOSED,)])
def test_the_same_explanation_once_more_changes_nothing(closed: tuple[Event, ...]) -> None:
    assert decide(EXPLAIN, told(RAISED, EXPLAIN, *closed)) == ()


# Corrected ------------------------------------------------------------------------------------------------------------

BEYOND = ExceptionRaised(
    exception="disposed-beyond/x", what="more posts disposed of than funded", subject="x", owner="chief-finance-officer", why="Seven of six."
)
EXPLAIN_BEYOND = ExplainException(exception=BEYOND.exception, explanation="One was counted twice.")
CLOSE = CloseException(exception=BEYOND.exception, how="The list was checked: six.")
OTHER = at("2020-06-20", actor="p-oak")


def test_a_correction_is_accepted_by_somebody_who_did_not_explain_it() -> None:
    state = told(BEYOND, EXPLAIN_BEYOND)
    assert refused(decide(CLOSE, state))[0] == "duty.own_explanation"
    assert accepted(assurance.decide(CLOSE, state, OTHER, GIVEN)) == (ExceptionClosed(exception=BEYOND.exception, how=CLOSE.how),)


def test_whoever_explained_it_does_not_accept_it_in_another_name_either() -> None:
    state = told(BEYOND, EXPLAIN_BEYOND)
    assert refused(assurance.decide(CLOSE, state, at("2020-06-20", actor="p-oak", on_behalf_of="p-hazel"), GIVEN))[0] == "duty.own_explanation"


def test_what_nobody_has_explained_is_not_accepted() -> None:
    answer = assurance.decide(CLOSE, told(BEYOND), OTHER, GIVEN)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.why) == ("assurance.exception_unexplained", "Exception disposed-beyond/x is not explained by chief-finance-officer yet.")


def test_what_lacks_an_approval_is_closed_by_ratification_alone() -> None:
    late = CloseException(exception=NAME, how="It was all right.")
    assert refused(assurance.decide(late, told(RAISED, EXPLAIN), OTHER, GIVEN)) == ("assurance.needs_ratification", ("decision-maker",))


def test_what_is_closed_stays_closed_as_it_was() -> None:
    state = told(BEYOND, EXPLAIN_BEYOND, ExceptionClosed(exception=BEYOND.exception, how=CLOSE.how))
    assert assurance.decide(CLOSE, state, OTHER, GIVEN) == ()
    assert refused(assurance.decide(CLOSE.model_copy(update={"how": "Otherwise."}), state, OTHER, GIVEN))[0] == "assurance.exception_closed"
    assert refused(decide(CLOSE))[0] == "assurance.exception_unknown"


STEPS = st.lists(
    st.one_of(
        st.sampled_from((RAISED, CLOSED)),
        st.builds(ExplainException, exception=st.sampled_from((NAME, "unheard-of")), explanation=st.sampled_from(("Because.", "Also because."))),
        st.builds(
            RecordAssessment, form=st.sampled_from(("dpia", "eia")), outcome=st.sampled_from(("Done.", "Reviewed.")), dated=st.sampled_from((None, "2020-06"))
        ),
    ),
    max_size=10,
)


def test_whatever_happens_no_exception_and_no_edition_is_ever_lost() -> None:
    reached: set[str] = set()

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(STEPS)
    def live(steps: list[Any]) -> None:
        state = State()
        for step in steps:
            before = state
            if isinstance(step, Event):
                state = after(assurance, state, (step,) if NAME in state.exceptions or step is RAISED else (), DAY)
            else:
                state, answer = once(assurance, state, step, DAY, GIVEN)
                reached.add(answer.code if isinstance(answer, Refusal) else "".join(each.wire for each in answer))
            assert state.exceptions.keys() >= before.exceptions.keys()
            assert state.assessments[: len(before.assessments)] == before.assessments
            assert len(assurance.duties(state, GIVEN)) == len(state.open_exceptions())

    live()
    assert reached >= {"assessment.recorded", "exception.explained", "assurance.exception_unknown", "assurance.exception_closed", ""}


def test_the_room_has_nothing_that_falls_due_by_itself_and_binds_no_content() -> None:
    (duty,) = assurance.duties(told(RAISED), GIVEN)
    assert assurance.moment(duty, told(RAISED), DAY, GIVEN) == ()
    assert assurance.content(EXPLAIN, State()) is None
