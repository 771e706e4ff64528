from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.approval import DUTIES, Command, Given, State, content, decide, duties, papers
from domain.asking import InstrumentFacts
from domain.calendar import end_of
from domain.drafting import PaperDrafted, PaperEdited, PaperSubmitted, SubmitPaper
from domain.editions import OfficeTold
from domain.model import Document, Duty, line_of
from domain.organisation import Organisation
from domain.paper import EDITS, Contents, Item
from domain.policy import Condition
from domain.saying import StepSentBack
from domain.scheme import AskedItem
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    BY_BOARD,
    CAP,
    CAPABILITY,
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
    TO_BOARD,
    TO_DECIDER,
    TWO_DECIDE,
    WHOLE,
    Wish,
    accepted,
    advised,
    after,
    by,
    drafted,
    edited,
    edition,
    item,
    known,
    published_in,
    ratified,
    refused,
    rule,
    sent_back,
    state_of,
)

# Drafting -------------------------------------------------------------------------------------------------------------


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
        drafted(supersedes="PCD 867"),
    )
    assert len({each.digest() for each in (plain, *others)}) == len(Contents.model_fields) + 1


# The route ------------------------------------------------------------------------------------------------------------


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


def test_a_paper_is_retrospective_if_its_drafter_says_so() -> None:
    assert submission(known(), facts=FACTS.model_copy(update={"retrospective": True})).asked.retrospective


def test_one_instrument_whose_period_has_ended_makes_a_paper_retrospective() -> None:
    bid = Item(item="3", verbs=("approve",), words="A bid", instrument="bid-1", pence={"2021/22": 9})
    assert submission(known(), datetime(2021, 4, 1, 9, tzinfo=UTC), items=(item(), bid)).asked.retrospective


def test_a_period_without_an_end_makes_no_paper_retrospective() -> None:
    endless = replace(known(), instruments={"variation-1": InstrumentFacts("variation", {"2020/21": CAP}, None)})
    assert not submission(endless, datetime(2030, 1, 2, 9, tzinfo=UTC)).asked.retrospective


def test_the_kind_of_an_instrument_finds_its_rule() -> None:
    variations = known(rule("variations", "decider", "decide", 1, limit_pence="any", when=Condition(instruments=("variation",))))
    assert submission(variations, items=(item(),)).asked.items == (AskedItem(item="1", verbs=("approve",), kind="variation"),)


def test_an_organisation_without_offices_approves_nothing() -> None:
    nobody = replace(known(), organisation=Organisation(stream="organisation/house"))
    assert refused(SUBMITTED, state_of((drafted(), by(ANN))), by(ANN), nobody).code == "scheme.unknown_office"


def test_a_paper_that_asks_more_than_its_instrument_offers_raises_the_cumulative_value() -> None:
    assert submission(known(), items=(item(pence=CAP + 5),)).asked.cumulative_pence == WHOLE + 5


def test_two_items_on_one_instrument_do_not_add_up() -> None:
    assert submission(known(), items=(item(), item("2", "accept"))).asked.pence == CAP


def test_a_paper_is_submitted_once() -> None:
    assert refused(SUBMITTED, state_of(*TO_ADVISERS), by(ANN)).code == "approval.already_submitted"


# Sent back and edited -------------------------------------------------------------------------------------------------


def test_a_paper_sent_back_is_with_its_drafter_and_what_was_said_of_it_is_void() -> None:
    state = state_of(*TO_DECIDER)
    (event,) = accepted(sent_back(), state, by(DORA))
    assert isinstance(event, StepSentBack)
    assert (event.voided, event.says) == (("finance", "legal"), "decide")
    row = papers(after(state, (event,), by(DORA)))[0]
    assert (row.standing, row.steps, row.edition) == ("sent back", (), None)
    assert line_of(event) == "decider sent PCD 914 back: The sum is not shown; void: finance, legal"


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
    event, *told = accepted(edited("a typo", **other), state, by(ANN))
    assert isinstance(event, PaperEdited)
    assert (event.changes, event.effect, event.voided, event.told) == (("wording",), "notify", (), ("finance", "legal"))
    assert [(each.to, each.stands) for each in told if isinstance(each, OfficeTold)] == [("finance", True), ("legal", True)]
    assert accepted(APPROVED, after(state, (event,), by(ANN)), by(DORA))


def test_an_approval_does_not_stand_over_other_wording() -> None:
    state = state_of(*TO_DECIDER, (APPROVED, by(DORA)), given=TWO_DECIDE)
    event, *told = accepted(edited("a typo", title="Variation."), state, by(ANN), TWO_DECIDE)
    assert isinstance(event, PaperEdited)
    assert (event.voided, event.told) == (("decider",), ("finance", "legal"))
    assert [(each.to, each.stands) for each in told if isinstance(each, OfficeTold)] == [("finance", True), ("legal", True), ("decider", False)]
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


# What a command binds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [edited(), SUBMITTED, advised("finance"), APPROVED, sent_back()])
def test_a_binding_command_binds_the_contents_as_they_stand(body: Command) -> None:
    before, later = state_of(*TO_DECIDER), state_of(*TO_DECIDER, (edited(items=MORE), by(ANN)))
    assert (body.binds, content(body, before), content(body, later)) == (True, drafted().digest(), edited(items=MORE).digest())


def test_what_binds_nothing_has_no_content() -> None:
    state = state_of(*TO_DECIDER)
    assert (content(drafted(), state), content(ratified(), state), content(SUBMITTED, State())) == (None, None, None)


# Duties ---------------------------------------------------------------------------------------------------------------


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


def test_every_duty_has_its_words_and_none_but_the_end_of_a_pause_is_the_systems() -> None:
    stages: tuple[tuple[Wish, ...], ...] = (TO_ADVISERS[:1], TO_ADVISERS, TO_DECIDER, (*TO_DECIDER, (sent_back(), by(DORA))))
    owed = [duty for wishes in stages for duty in duties(state_of(*wishes), known())]
    owed += duties(state_of(*TO_BOARD, given=BY_BOARD), BY_BOARD)
    owed += duties(state_of(*DECIDED), published_in(5))
    assert {each.name for each in owed} == {each.name for each in DUTIES if each.name != "resume"}
    assert "system" not in {each.owner for each in owed}


# Views ----------------------------------------------------------------------------------------------------------------


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
