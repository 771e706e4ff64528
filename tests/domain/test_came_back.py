"""Specs of a paper that is with its drafter again: who sent it back or edited it, why, and whose say is void."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.approval import papers
from domain.model import line_of, said
from domain.organisation import Cover
from domain.register import voided
from tests.domain.papers import (
    ANN,
    COVERED,
    DORA,
    EVE,
    FACTS,
    FAY,
    LEO,
    MORNING,
    SUBMITTED,
    TO_ADVISERS,
    TO_DECIDER,
    accepted,
    advised,
    by,
    drafted,
    edited,
    known,
    organisation,
    sent_back,
    state_of,
)

NOVEL = FACTS.model_copy(update={"novel": True})


def test_a_paper_that_came_back_says_by_whom_why_and_whose_say_is_void() -> None:
    row = papers(state_of(*TO_DECIDER, (sent_back(), by(DORA))))[0]
    assert row.sent_back is not None
    told = (row.sent_back.office, row.sent_back.actor, row.sent_back.reason, row.sent_back.voided, row.sent_back.at)
    assert told == ("decider", DORA, "The sum is not shown", ("finance", "legal"), by(DORA).now)
    assert row.came_back == said(
        "Sent back by decider ({actor}) on {at}: The sum is not shown; void is what was said by finance, legal", {"actor": DORA, "at": by(DORA).now}
    )


def test_a_paper_that_is_sent_back_before_anybody_spoke_names_nobody() -> None:
    (event,) = accepted(sent_back("finance"), state_of(*TO_ADVISERS), by(FAY))
    assert line_of(event) == "finance sent PCD 914 back: The sum is not shown"


def test_a_paper_that_goes_its_way_again_keeps_its_last_return_and_has_not_come_back() -> None:
    row = papers(state_of(*TO_DECIDER, (sent_back(), by(DORA)), (SUBMITTED, by(ANN))))[0]
    assert (row.sent_back is not None, row.came_back) == (True, None)


def test_a_paper_that_an_edit_took_off_its_route_says_what_was_changed_and_whose_say_is_void() -> None:
    edit = edited(facts=NOVEL)
    (event, *_) = accepted(edit, state_of(*TO_DECIDER), by(ANN))
    assert line_of(event) == "Paper PCD 914 edited (terms: void): as agreed; void: finance, legal"
    row = papers(state_of(*TO_DECIDER, (edit, by(ANN))))[0]
    words = "Edited by {actor} on {at} (terms): as agreed; void is what was said by finance, legal"
    assert (row.sent_back, row.came_back) == (None, said(words, {"actor": ANN, "at": by(ANN).now}))


def test_what_is_void_stays_told_of_a_paper_that_goes_its_way_again() -> None:
    later = MORNING + timedelta(days=1)
    again = state_of(*TO_DECIDER, (edited(facts=NOVEL), by(ANN)), (SUBMITTED, by(ANN)), (advised("finance"), by(FAY)), (sent_back("legal"), by(LEO, later)))
    told = voided(again.papers["PCD 914"])
    assert [words.split(" on ")[0] for words in told] == ["Edited by ann", "Sent back by legal (leo)"]
    assert [words.split("; ")[-1] for words in told] == ["void is what was said by finance, legal", "void is what was said by finance"]
    assert voided(state_of((drafted(), by(ANN)), (edited(facts=NOVEL), by(ANN))).papers["PCD 914"]) == ()


def test_cover_that_sent_it_back_is_told_with_the_principal() -> None:
    cover = Cover(person=EVE, principal=DORA, office="decider", first=COVERED.date(), last=COVERED.date(), reason="away")
    given = replace(known(), organisation=organisation(cover=(cover,)))
    row = papers(state_of(*TO_DECIDER, (sent_back(), by(EVE, COVERED, DORA)), given=given))[0]
    assert (row.sent_back and row.sent_back.on_behalf_of, (row.came_back or "").split(" on ")[0]) == (DORA, "Sent back by decider (eve for dora)")


def test_a_draft_that_never_left_has_not_come_back() -> None:
    edit = edited(facts=NOVEL)
    (event, *_) = accepted(edit, state_of((drafted(), by(ANN))), by(ANN))
    assert line_of(event) == "Paper PCD 914 edited (terms: void): as agreed"
    assert papers(state_of((drafted(), by(ANN)), (edit, by(ANN))))[0].came_back is None
