"""Where the route asks several offices to decide, several people do: cover and a second office make nobody two people."""

from __future__ import annotations

from tests.domain.papers import APPROVED, CLEO, COVERED, DORA, TO_DECIDER, TWO_DECIDE, accepted, answered, by, refused, state_of

AS_CHIEF = answered("approved", "approved", office="chief-executive")


def test_nobody_decides_two_steps_of_one_paper_in_their_own_office_and_as_cover() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(CLEO, COVERED, DORA)), given=TWO_DECIDE)
    refusal = refused(AS_CHIEF, state, by(CLEO, COVERED), TWO_DECIDE)
    assert (refusal.code, refusal.who_could) == ("duty.own_other_decision", ("chief-executive",))
    assert refusal.why == "cleo decided another step of PCD 914 already; where several offices decide, of which chief-executive is one, several people do."


def test_where_two_offices_decide_two_people_do() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA, COVERED)), given=TWO_DECIDE)
    accepted(AS_CHIEF, state, by(CLEO, COVERED), TWO_DECIDE)
