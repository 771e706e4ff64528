from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.approval import (
    DUTIES,
    Command,
    DecisionRecorded,
    Given,
    PaperDrafted,
    PaperEdited,
    PaperSubmitted,
    State,
    SubmitPaper,
    authorised,
    content,
    decide,
    decision_refs,
    duties,
    moment,
    papers,
)
from domain.calendar import end_of
from domain.model import Document, Duty, line_of
from domain.paper import EDITS, Contents, DecidedItem, Item, ItemOutcome
from domain.policy import Condition
from domain.saying import StepAdvised, StepDecided, StepSentBack
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    CAP,
    CAPABILITY,
    CLEO,
    DECIDED,
    DECIDES,
    DORA,
    EVE,
    FACTS,
    FAY,
    FINANCE,
    LEO,
    MORNING,
    RULES,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    UP_TO,
    WHOLE,
    Wish,
    accepted,
    advised,
    after,
    answered,
    by,
    drafted,
    edited,
    edition,
    item,
    known,
    ratified,
    refused,
    rule,
    sent_back,
    state_of,
)

SECOND = rule("board-too", "chief-executive", "decide", 3, limit_pence="any")
TWO_DECIDE = known(*RULES, SECOND)
LIMITED = known(*RULES, UP_TO)
COVERED = datetime(2021, 1, 12, 9, tzinfo=UTC)


def content_of(state: State) -> str:
    return state.papers["PCD 914"].contents.digest()


# Drafting ---------------------------------------------------------------------------------------------------------------


def test_a_paper_is_drafted_in_the_office_of_its_drafter() -> None:
    (event,) = accepted(drafted(), State(), by(ANN))
    assert isinstance(event, PaperDrafted)
    assert (event.office, event.items, line_of(event)) == ("grants-team", (item(), CAPABILITY), "Paper PCD 914 drafted by grants-team: Variation")


def test_who_may_not_draft_is_told_which_office_may() -> None:
    refusal = refused(drafted(), State(), by(EVE))
    assert (refusal.code, refusal.who_could) == ("authority.not_mandated", ("grants-team",))


def test_a_paper_is_not_drafted_twice() -> None:
    assert refused(drafted(title="Another"), state_of((drafted(), by(ANN))), by(BEN)).code == "approval.paper_exists"


@pytest.mark.parametrize("body", [SUBMITTED, edited(), advised("finance"), APPROVED, sent_back(), ratified(items=(), paper="PCD 914")])
def test_nothing_happens_to_a_paper_that_does_not_exist(body: Command) -> None:
    assert refused(body, State(), by(ANN)).code == "approval.no_paper"


@pytest.mark.parametrize(
    "other",
    [
        {"instrument": None, "pence": {"2020/21": 1}},
        {"verbs": ("delegate",)},
        {"to": "somebody"},
        {"verbs": ()},
        {"pence": {"2020/21": 1.5}},
        {"verbs": ("bless",)},
    ],
)
def test_an_item_that_cannot_be_meant_cannot_be_written(other: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Item.model_validate({**dict(item()), **other})


def test_two_items_of_one_id_are_no_paper() -> None:
    with pytest.raises(ValidationError, match="two items have one id"):
        drafted(items=(item(), item()))


def test_the_digest_of_a_paper_covers_every_field_of_it() -> None:
    plain = drafted()
    others = (
        drafted(paper="PCD 915"),
        drafted(title="x"),
        drafted(items=(item(),)),
        drafted(documents=(Document(kind="note", kept="a file"),)),
        drafted(facts=novel()),
    )
    assert len({each.digest() for each in (plain, *others)}) == len(Contents.model_fields) + 1


# The route --------------------------------------------------------------------------------------------------------------


def test_a_submitted_paper_states_its_route_and_what_it_was_computed_from() -> None:
    event = submission(known())
    assert [(each.office, each.says) for each in event.route.steps] == [("finance", "advise"), ("legal", "advise"), ("decider", "decide")]
    assert (event.asked.pence, event.asked.cumulative_pence, event.asked.retrospective, event.dated) == (CAP, WHOLE, False, date(2021, 1, 6))
    assert (event.content, event.route.edition) == (drafted().digest(), "2020")


def test_the_edition_is_the_one_in_force_on_the_london_day_of_submission() -> None:
    old, new = edition(DECIDES, name="old", last=date(2021, 1, 5)), edition(DECIDES, name="new", first=date(2021, 1, 6))
    late, later = datetime(2021, 1, 5, 23, 59, tzinfo=UTC), datetime(2021, 1, 6, 0, 0, tzinfo=UTC)
    assert [submission(known(editions=(old, new)), now).route.edition for now in (late, later)] == ["old", "new"]


def test_a_paper_is_not_submitted_where_the_scheme_is_silent() -> None:
    state = state_of((drafted(), by(ANN)))
    outside = known(editions=(edition(*RULES, first=date(2022, 1, 1)),))
    assert [refused(SUBMITTED, state, by(ANN), given).code for given in (outside, known(FINANCE))] == ["scheme.no_edition", "scheme.no_rule"]


def test_a_paper_on_an_instrument_that_the_grant_does_not_have_is_not_submitted() -> None:
    assert refused(SUBMITTED, state_of((drafted(items=(item(instrument="offer-9"),)), by(ANN))), by(ANN)).code == "approval.unknown_instrument"


def test_a_paper_dated_after_the_period_that_it_funds_is_retrospective_whatever_its_drafter_says() -> None:
    assert [submission(known(), datetime(2021, *day, 9, tzinfo=UTC)).asked.retrospective for day in ((3, 31), (4, 1))] == [False, True]


def test_a_paper_that_asks_more_than_its_instrument_offers_raises_the_cumulative_value() -> None:
    assert submission(known(), items=(item(pence=CAP + 5),)).asked.cumulative_pence == WHOLE + 5


def test_two_items_on_one_instrument_do_not_add_up() -> None:
    assert submission(known(), items=(item(), item("2", "accept"))).asked.pence == CAP


def test_a_paper_is_submitted_once() -> None:
    assert refused(SUBMITTED, state_of(*TO_ADVISERS), by(ANN)).code == "approval.already_submitted"


# Steps ------------------------------------------------------------------------------------------------------------------


def test_a_comment_has_its_own_digest_over_the_paper_that_was_read() -> None:
    state = state_of(*TO_ADVISERS)
    first, second = (accepted(advised("finance", words), state, by(FAY))[0] for words in ("Yes", "No"))
    assert isinstance(first, StepAdvised)
    assert isinstance(second, StepAdvised)
    assert (first.content, first.comment, first.digest != second.digest) == (content_of(state), "Yes", True)


def test_advisers_of_equal_order_speak_side_by_side() -> None:
    state = state_of(*TO_ADVISERS)
    assert len(accepted(advised("legal"), state, by(LEO))) == len(accepted(advised("finance"), state, by(FAY))) == 1


def test_nobody_decides_before_the_advice_is_in() -> None:
    refusal = refused(APPROVED, state_of(*TO_ADVISERS, (advised("legal"), by(LEO))), by(DORA))
    assert (refusal.code, refusal.who_could) == ("approval.not_yet", ("finance",))


def test_a_decision_binds_the_paper_and_every_comment_on_it() -> None:
    state = state_of(*TO_DECIDER)
    said, ended = accepted(APPROVED, state, by(DORA))
    assert isinstance(said, StepDecided)
    assert (said.content, said.edition, [each.office for each in said.advice]) == (content_of(state), "2020", ["finance", "legal"])
    assert [each.digest for each in said.advice] == [each.said.digest for each in state.papers["PCD 914"].steps if each.said]
    assert line_of(ended) == "Paper PCD 914 decided: item 1 approved (£267,354.64 for 2020/21), item 2 approved"


def test_nothing_is_said_of_a_paper_that_is_with_its_drafter() -> None:
    refusal = refused(APPROVED, state_of((drafted(), by(ANN))), by(DORA))
    assert (refusal.code, refusal.who_could) == ("approval.not_submitted", ("grants-team",))


@pytest.mark.parametrize(("body", "actor", "office"), [(APPROVED, EVE, "decider"), (advised("finance"), LEO, "finance"), (sent_back(), LEO, "decider")])
def test_a_step_is_for_its_office_alone(body: Command, actor: str, office: str) -> None:
    refusal = refused(body, state_of(*TO_ADVISERS), by(actor))
    assert (refusal.code, refusal.who_could) == ("approval.not_your_step", (office,))


def test_a_route_has_no_step_for_an_office_that_it_does_not_name() -> None:
    refusal = refused(answered("approved", "approved", office="legal"), state_of(*TO_ADVISERS), by(EVE))
    assert (refusal.code, refusal.who_could) == ("approval.no_step", ("decider",))


@pytest.mark.parametrize("office", ["chief-executive", "decider"])
def test_an_office_below_whose_limit_the_grant_no_longer_is_does_not_decide(office: str) -> None:
    refusal = refused(answered("approved", "approved", office=office), state_of(*TO_DECIDER, given=LIMITED), by(CLEO), LIMITED)
    assert (refusal.code, refusal.who_could) == ("approval.above_limit", ("decider",))
    assert refusal.why == "chief-executive may decide up to £500,000.00; with PCD 914 the grant comes to £1,746,660.80."


def test_an_office_within_its_limit_decides() -> None:
    small = known(FINANCE, UP_TO, cumulative=50_000_000)
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), given=small)
    assert accepted(answered("approved", "approved", office="chief-executive"), state, by(CLEO), small)


def test_a_second_decision_on_a_step_is_refused() -> None:
    assert refused(answered("declined", "declined"), state_of(*DECIDED), by(DORA)).code == "approval.already_decided"


def test_a_second_comment_of_an_office_is_refused() -> None:
    assert refused(advised("finance", "On reflection"), state_of(*TO_ADVISERS, (advised("finance"), by(FAY))), by(FAY)).code == "approval.already_advised"


# Separation of duties ---------------------------------------------------------------------------------------------------


def test_the_drafter_does_not_decide() -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(ANN))
    assert (refusal.code, refusal.who_could, refusal.why) == ("duty.own_paper", ("decider",), "ann drafted the paper PCD 914, so may not decide it.")


def test_the_drafter_does_not_decide_as_cover_either() -> None:
    assert refused(APPROVED, state_of(*TO_DECIDER), by(ANN, COVERED, DORA)).code == "duty.own_paper"


def test_nobody_decides_on_behalf_of_the_drafter() -> None:
    assert refused(APPROVED, state_of(*TO_DECIDER), by(CLEO, COVERED, ANN)).code == "duty.own_paper"


def test_an_adviser_does_not_decide_even_as_cover() -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(FAY, COVERED, DORA))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("decider",))


def test_who_edited_a_paper_is_its_drafter_too() -> None:
    state = state_of((drafted(), by(BEN)), (edited(title="Better"), by(ANN)), (SUBMITTED, by(BEN)), (advised("finance"), by(FAY)), (advised("legal"), by(LEO)))
    assert refused(APPROVED, state, by(ANN, COVERED, DORA)).code == "duty.own_paper"


def test_who_advised_does_not_edit_even_once_the_advice_is_void() -> None:
    refusal = refused(edited(title="Mine"), state_of(*TO_DECIDER, (sent_back(), by(DORA))), by(FAY))
    assert (refusal.code, refusal.who_could) == ("duty.own_advice", ("grants-team",))


def test_who_sent_a_paper_back_does_not_submit_it_again() -> None:
    assert refused(SUBMITTED, state_of(*TO_DECIDER, (sent_back(), by(DORA))), by(DORA)).code == "duty.own_decision"


def test_the_drafter_does_not_advise() -> None:
    assert refused(advised("finance"), state_of(*TO_ADVISERS), by(ANN)).code == "duty.own_paper"


# Cover ------------------------------------------------------------------------------------------------------------------


def test_cover_decides_in_its_dates() -> None:
    assert isinstance(accepted(APPROVED, state_of(*TO_DECIDER), by(CLEO, COVERED, DORA))[0], StepDecided)


@pytest.mark.parametrize("day", [10, 16])
def test_cover_outside_its_dates_does_not_decide(day: int) -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER), by(CLEO, datetime(2021, 1, day, 9, tzinfo=UTC), DORA))
    assert (refusal.code, refusal.who_could) == ("authority.no_cover", ("decider",))


def test_cover_does_not_reach_beyond_the_acts_that_it_names() -> None:
    assert refused(sent_back(), state_of(*TO_DECIDER), by(CLEO, COVERED, DORA)).code == "authority.no_cover"


def test_cover_is_bounded_by_the_limit_of_its_principal() -> None:
    refusal = refused(APPROVED, state_of(*TO_DECIDER, given=LIMITED), by(EVE, COVERED, CLEO), with_cover_for_cleo(LIMITED))
    assert (refusal.code, refusal.who_could) == ("approval.above_limit", ("decider",))


# Outcomes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "pence", "standing"),
    [
        ("approved", None, {"variation-1": {"2020/21": CAP}}),
        ("approved_lower", 5, {"variation-1": {"2020/21": 5}}),
        ("declined", None, {}),
        ("deferred", None, {}),
    ],
)
def test_what_is_approved_is_authorised_and_nothing_else(outcome: str, pence: int | None, standing: dict[str, dict[str, int]]) -> None:
    state = state_of(*TO_DECIDER, (answered(outcome, "approved", pence=pence), by(DORA)))
    assert (authorised(state), set(decision_refs(state))) == (standing, set(standing))


@pytest.mark.parametrize(
    ("verb", "money"), [("approve", True), ("accept", True), ("ratify", True), ("delegate", False), ("approve_in_principle", False), ("note", False)]
)
def test_only_approving_accepting_and_ratifying_authorise_money(*, verb: str, money: bool) -> None:
    one = item("1", verb, to="the chief finance officer" if verb == "delegate" else None)
    state = state_of((drafted(items=(one,)), by(ANN)), *TO_DECIDER[1:], (answered("approved"), by(DORA)))
    assert bool(authorised(state)) is money


def test_an_item_with_two_verbs_authorises_by_the_one_that_can() -> None:
    state = state_of((drafted(items=(item(verbs=("note", "approve")),)), by(ANN)), *TO_DECIDER[1:], (answered("approved"), by(DORA)))
    assert authorised(state) == {"variation-1": {"2020/21": CAP}}


def test_approving_a_bid_authorises_the_bid_alone() -> None:
    bid = Item(item="1", verbs=("approve",), words="A bid", instrument="bid-1", pence={"2021/22": 9})
    state = state_of((drafted(items=(bid,)), by(ANN)), *TO_DECIDER[1:], (answered("approved"), by(DORA)))
    assert authorised(state) == {"bid-1": {"2021/22": 9}}


def test_nothing_is_authorised_before_the_last_step_is_taken() -> None:
    assert authorised(state_of(*TO_DECIDER, (APPROVED, by(DORA)), given=TWO_DECIDE)) == {}


def test_of_two_deciders_the_more_reserved_prevails() -> None:
    lower = answered("approved_lower", "approved", pence=7, office="chief-executive")
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), (lower, by(CLEO)), given=TWO_DECIDE)
    assert (authorised(state), papers(state)[0].standing) == ({"variation-1": {"2020/21": 7}}, "decided")


def test_a_paper_of_which_nothing_is_left_to_approve_waits_for_nobody() -> None:
    state = state_of(*TO_DECIDER, (answered("declined", "deferred"), by(DORA)), given=TWO_DECIDE)
    assert (papers(state)[0].standing, duties(state, TWO_DECIDE)) == ("decided", ())
    late = refused(answered("approved", "approved", office="chief-executive"), state, by(CLEO), TWO_DECIDE)
    assert late.code == "approval.already_decided"


@pytest.mark.parametrize("outcomes", [("approved",), ("approved", "approved", "approved")])
def test_a_decision_answers_each_item_once(outcomes: tuple[str, ...]) -> None:
    assert refused(answered(*outcomes), state_of(*TO_DECIDER), by(DORA)).code == "approval.unanswered"


@pytest.mark.parametrize("pence", [CAP, CAP + 1])
def test_an_approval_at_a_lower_amount_is_lower(pence: int) -> None:
    assert refused(answered("approved_lower", "approved", pence=pence), state_of(*TO_DECIDER), by(DORA)).code == "approval.not_lower"


@pytest.mark.parametrize(("outcome", "pence"), [("approved_lower", None), ("approved", {"2020/21": 1})])
def test_an_amount_is_given_where_it_is_lower_and_only_there(outcome: str, pence: object) -> None:
    with pytest.raises(ValidationError, match="only there"):
        ItemOutcome.model_validate({"item": "1", "outcome": outcome, "pence": pence})


def test_a_decision_is_refused_where_the_scheme_has_changed_since_the_submission() -> None:
    old = edition(*RULES, name="old", last=date(2021, 1, 10))
    stricter = known(editions=(old, edition(*RULES, SECOND, name="new", first=date(2021, 1, 11))))
    state = state_of(*TO_DECIDER, given=stricter)
    assert refused(APPROVED, state, by(DORA, COVERED), stricter).code == "approval.route_changed"


def test_a_decision_under_a_new_edition_that_asks_the_same_names_that_edition() -> None:
    same = known(editions=(edition(*RULES, name="old", last=date(2021, 1, 10)), edition(*RULES, name="new", first=date(2021, 1, 11))))
    event = accepted(APPROVED, state_of(*TO_DECIDER, given=same), by(DORA, COVERED), same)[0]
    assert isinstance(event, StepDecided)
    assert event.edition == "new"


def test_a_decision_is_refused_where_no_edition_is_in_force_any_more() -> None:
    ended = known(editions=(edition(*RULES, last=date(2021, 1, 10)),))
    assert refused(APPROVED, state_of(*TO_DECIDER, given=ended), by(DORA, COVERED), ended).code == "scheme.no_edition"


def test_a_grant_that_grew_beyond_an_offices_limit_since_the_submission_is_not_decided_by_it() -> None:
    small = known(FINANCE, UP_TO, DECIDES, cumulative=50_000_000)
    state = state_of(*TO_ADVISERS, (advised("finance"), by(FAY)), given=small)
    grown = replace(small, cumulative_pence=50_000_001)
    assert refused(answered("approved", "approved", office="chief-executive"), state, by(CLEO), grown).code == "approval.route_changed"


# Sent back and edited ---------------------------------------------------------------------------------------------------


def test_a_paper_sent_back_is_with_its_drafter_and_what_was_said_of_it_is_void() -> None:
    state = state_of(*TO_DECIDER)
    (event,) = accepted(sent_back(), state, by(DORA))
    assert isinstance(event, StepSentBack)
    assert (event.voided, event.says) == (("finance", "legal"), "decide")
    row = papers(after(state, (event,), by(DORA)))[0]
    assert (row.standing, row.steps) == ("sent back", ())


def test_an_adviser_can_send_a_paper_back() -> None:
    assert isinstance(accepted(sent_back("finance"), state_of(*TO_ADVISERS), by(FAY))[0], StepSentBack)


def test_a_paper_sent_back_needs_every_advice_anew() -> None:
    state = state_of(*TO_DECIDER, (sent_back(), by(DORA)), (SUBMITTED, by(ANN)))
    assert refused(APPROVED, state, by(DORA)).code == "approval.not_yet"


MORE = (item(pence=CAP + 1), CAPABILITY)
VOIDING: list[tuple[str, dict[str, Any]]] = [
    ("money", {"items": MORE}),
    ("money", {"items": (item(instrument="bid-1", pence=CAP), CAPABILITY)}),
    ("terms", {"items": (item(),)}),
    ("terms", {"items": (item(verb="accept"), CAPABILITY)}),
    ("terms", {"documents": (Document(kind="letter", kept="a file"),)}),
    ("terms", {"facts": FACTS.model_copy(update={"novel": True})}),
    ("dates", {"items": (item(until=date(2021, 6, 30)), CAPABILITY)}),
]


@pytest.mark.parametrize(("change", "other"), VOIDING)
def test_an_edit_of_substance_voids_what_was_said_and_the_route(change: str, other: dict[str, Any]) -> None:
    state = state_of(*TO_DECIDER)
    (event,) = accepted(edited(**other), state, by(ANN))
    assert isinstance(event, PaperEdited)
    assert (event.changes, event.effect, event.voided, event.reason) == ((change,), "void", ("finance", "legal"), "as agreed")
    row = papers(after(state, (event,), by(ANN)))[0]
    assert (row.standing, row.steps, row.edition) == ("drafted", (), None)


def test_a_change_of_whom_a_delegation_goes_to_is_one_of_parties() -> None:
    state = state_of((drafted(items=(item("1", "delegate", to="one"),)), by(ANN)))
    (event,) = accepted(edited(items=(item("1", "delegate", to="another"),)), state, by(ANN))
    assert isinstance(event, PaperEdited)
    assert event.changes == ("parties",)


@pytest.mark.parametrize("other", [{"title": "Variation."}, {"items": (item(words="An uplift."), CAPABILITY)}])
def test_an_edit_of_wording_leaves_advice_standing_and_tells_the_advisers(other: dict[str, Any]) -> None:
    state = state_of(*TO_DECIDER)
    (event,) = accepted(edited("a typo", **other), state, by(ANN))
    assert isinstance(event, PaperEdited)
    assert (event.changes, event.effect, event.voided, event.told) == (("wording",), "notify", (), ("finance", "legal"))
    assert accepted(APPROVED, after(state, (event,), by(ANN)), by(DORA))


def test_an_approval_does_not_stand_over_other_wording() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), given=TWO_DECIDE)
    (event,) = accepted(edited("a typo", title="Variation."), state, by(ANN), TWO_DECIDE)
    assert isinstance(event, PaperEdited)
    assert (event.voided, event.told) == (("decider",), ("finance", "legal"))
    waiting = duties(after(state, (event,), by(ANN)), TWO_DECIDE)
    assert [each.owner for each in waiting] == ["decider"]


def test_an_edit_of_wording_that_its_editor_says_changes_the_terms_voids() -> None:
    (event,) = accepted(edited(title="Variation of all", changes=("terms",)), state_of(*TO_DECIDER), by(ANN))
    assert isinstance(event, PaperEdited)
    assert (event.changes, event.effect) == (("terms", "wording"), "void")


def test_the_table_of_edits_says_what_each_change_does() -> None:
    assert dict(EDITS) == {"money": "void", "terms": "void", "parties": "void", "dates": "void", "wording": "notify"}


def test_an_edit_that_changes_nothing_is_none() -> None:
    assert decide(edited(), state_of(*TO_DECIDER), by(ANN), known()) == ()


def test_a_decided_paper_is_not_edited_nor_submitted_again() -> None:
    state = state_of(*DECIDED)
    assert [refused(body, state, by(ANN)).code for body in (edited(items=MORE), SUBMITTED)] == ["approval.already_decided"] * 2


def test_the_route_is_computed_anew_when_an_edited_paper_is_submitted_again() -> None:
    novelty = known(*RULES, rule("novelty", "chief-executive", "advise", 1, when=Condition(novel=True)))
    state = state_of(*TO_DECIDER, (edited(facts=novel()), by(ANN)), (SUBMITTED, by(ANN)), given=novelty)
    assert [each.office for each in papers(state)[0].steps] == ["finance", "legal", "chief-executive", "decider"]


# What a command binds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [edited(), SUBMITTED, advised("finance"), APPROVED, sent_back()])
def test_a_binding_command_binds_the_contents_as_they_stand(body: Command) -> None:
    before, later = state_of(*TO_DECIDER), state_of(*TO_DECIDER, (edited(items=MORE), by(ANN)))
    assert (body.binds, content(body, before), content(body, later)) == (True, drafted().digest(), edited(items=MORE).digest())


def test_what_binds_nothing_has_no_content() -> None:
    state = state_of(*TO_DECIDER)
    assert (content(drafted(), state), content(ratified(), state), content(SUBMITTED, State())) == (None, None, None)


# Recorded decisions -----------------------------------------------------------------------------------------------------


def test_a_decision_recorded_alone_authorises_what_it_ratifies_under_its_own_reference() -> None:
    state = state_of((ratified(), by(EVE)))
    assert (authorised(state), decision_refs(state)) == ({"agreement-1": {"2020/21": 147_930_616}}, {"agreement-1": "PCD 867"})


def test_a_decision_stated_to_the_month_counts_from_its_last_day() -> None:
    state = state_of((ratified(), by(EVE)))
    assert [bool(authorised(state, date(2020, 11, day))) for day in (29, 30)] == [False, True]


def test_a_decision_without_a_date_counts_from_when_it_was_recorded() -> None:
    state = state_of((ratified(decided=None), by(EVE)))
    assert [bool(authorised(state, date(2021, 1, day))) for day in (5, 6)] == [False, True]


def test_a_decision_made_here_counts_from_the_london_day_of_its_last_step() -> None:
    assert [bool(authorised(state_of(*DECIDED), date(2021, 1, day))) for day in (5, 6)] == [False, True]


def test_recording_the_decision_on_a_paper_publishes_it_and_authorises_nothing_twice() -> None:
    before = state_of(*DECIDED)
    record = ratified(decision="PCD 914/1", items=(), paper="PCD 914", decided=None)
    (event,) = accepted(record, before, by(EVE))
    assert isinstance(event, DecisionRecorded)
    assert (event.items, event.date_signed) == (before.papers["PCD 914"].items, None)
    state = after(before, (event,), by(EVE))
    assert (authorised(state), decision_refs(before), decision_refs(state)) == (authorised(before), {"variation-1": "PCD 914"}, {"variation-1": "PCD 914/1"})


def test_a_decision_on_a_paper_that_is_not_decided_here_is_not_recorded_as_its() -> None:
    refusal = refused(ratified(items=(), paper="PCD 914"), state_of(*TO_DECIDER), by(EVE))
    assert (refusal.code, refusal.who_could) == ("approval.not_decided", ("decider",))


def test_several_decisions_on_one_instrument_do_not_add_up() -> None:
    state = state_of((ratified(5), by(EVE)), (ratified(7, decision="PCD 868"), by(EVE)), (ratified(6, decision="PCD 869"), by(EVE)))
    assert authorised(state) == {"agreement-1": {"2020/21": 7}}


def test_a_declined_item_of_a_recorded_decision_authorises_nothing() -> None:
    declined = DecidedItem(item="1", verbs=("ratify",), words="Continuation", instrument="agreement-1", pence={"2020/21": 1}, outcome="declined")
    assert authorised(state_of((ratified(items=(declined,)), by(EVE)))) == {}


def test_recording_a_decision_again_changes_nothing_and_with_a_date_since_known_states_it() -> None:
    state = state_of((ratified(), by(EVE)))
    assert decide(ratified(), state, by(ANN), known()) == ()
    (event,) = accepted(ratified(date_signed="2020-11-19"), state, by(EVE))
    later = after(state, (event,), by(EVE))
    assert (later.decisions["PCD 867"].decision.date_signed, authorised(later)) == ("2020-11-19", authorised(state))


@pytest.mark.parametrize("other", [{"items": ()}, {"paper": "PCD 914"}])
def test_a_decision_is_that_of_a_paper_or_has_items_of_its_own(other: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ratified(**other)


# Duties -----------------------------------------------------------------------------------------------------------------


def test_a_draft_is_owed_by_the_office_that_drafted_it() -> None:
    assert duties(state_of((drafted(), by(ANN))), known(at_risk={"variation-1": 146_898})) == (
        Duty(
            part="approval",
            subject="PCD 914",
            name="submit",
            owner="grants-team",
            since=MORNING,
            due=end_of(date(2021, 1, 13)),
            ladder="papers",
            at_risk_per_day_pence=146_898,
        ),
    )


def test_each_open_step_is_owed_by_its_office_and_chased_as_its_rule_says() -> None:
    state = state_of(*TO_ADVISERS)
    assert [(each.name, each.owner, each.ladder, each.due) for each in duties(state, known())] == [
        ("advise", "finance", "steps", end_of(date(2021, 1, 11))),
        ("advise", "legal", "steps", end_of(date(2021, 1, 11))),
    ]


def test_a_step_is_owed_from_when_the_last_one_before_it_was_taken() -> None:
    later = MORNING + timedelta(hours=5)
    state = state_of(*TO_ADVISERS, (advised("legal"), by(LEO, later)), (advised("finance"), by(FAY)))
    assert [(each.name, each.owner, each.since) for each in duties(state, known())] == [("decide", "decider", later)]


def test_a_paper_sent_back_is_owed_by_its_drafters_from_then_on() -> None:
    later = MORNING + timedelta(days=1)
    state = state_of(*TO_DECIDER, (sent_back(), by(DORA, later)))
    assert [(each.name, each.owner, each.since, each.due) for each in duties(state, known())] == [("revise", "grants-team", later, end_of(date(2021, 1, 13)))]


def test_a_decided_paper_is_owed_by_nobody() -> None:
    assert duties(state_of(*DECIDED), known()) == ()


def test_a_duty_of_which_the_policy_says_nothing_is_owed_all_the_same_without_a_date() -> None:
    given = known()
    silent = replace(given, policy=given.policy.model_copy(update={"duties": ()}))
    assert [(each.owner, each.due) for each in duties(state_of((drafted(), by(ANN))), silent)] == [("grants-team", None)]


def test_every_duty_has_its_words_and_none_is_the_systems() -> None:
    stages: tuple[tuple[Wish, ...], ...] = (TO_ADVISERS[:1], TO_ADVISERS, TO_DECIDER, (*TO_DECIDER, (sent_back(), by(DORA))))
    owed = [duty for wishes in stages for duty in duties(state_of(*wishes), known())]
    assert {each.name for each in owed} == {each.name for each in DUTIES}
    assert [moment(each, State(), by("system"), known()) for each in owed] == [()] * len(owed)


# Views ------------------------------------------------------------------------------------------------------------------


def test_the_register_tells_who_said_what_when_and_what_was_decided() -> None:
    (row,) = papers(state_of(*DECIDED, (ratified(decision="PCD 914", items=(), paper="PCD 914", decided=None), by(EVE))))
    assert (row.standing, row.restricted, row.content) == ("decided", True, drafted().digest())
    assert [(each.office, each.says, each.actor, each.on_behalf_of, each.at) for each in row.steps] == [
        ("finance", "advise", FAY, None, MORNING),
        ("legal", "advise", LEO, None, MORNING),
        ("decider", "decide", DORA, None, MORNING),
    ]
    assert [(each.item, each.outcome, each.decided_pence) for each in row.items] == [("1", "approved", {"2020/21": CAP}), ("2", "approved", {})]
    assert [(each.decision, each.date_signed) for each in row.decisions] == [("PCD 914", None)]


def test_a_step_not_taken_is_nobodys_yet() -> None:
    (row,) = papers(state_of(*TO_ADVISERS))
    assert [(each.actor, each.at, each.comment, each.outcomes) for each in row.steps] == [(None, None, None, ())] * 3


def submission(given: Given, now: datetime = MORNING, **other: object) -> PaperSubmitted:
    (event,) = accepted(SubmitPaper(paper="PCD 914"), state_of((drafted(**other), by(ANN)), given=given), by(ANN, now), given)
    assert isinstance(event, PaperSubmitted)
    return event


def novel() -> object:
    return FACTS.model_copy(update={"novel": True})


def with_cover_for_cleo(given: Given) -> Given:
    charter = given.organisation.charter
    assert charter is not None
    stand_in = charter.cover[0].model_copy(update={"person": EVE, "principal": CLEO, "office": "chief-executive"})
    return replace(given, organisation=given.organisation.model_copy(update={"charter": charter.model_copy(update={"cover": (stand_in,)})}))
