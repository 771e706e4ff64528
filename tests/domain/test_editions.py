"""What advisers and deciders bind, what an edit does to it, and what a stale command is told: each edition of a paper counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain import grant, opening, outlook
from domain.approval import Command, State, decide, papers
from domain.drafting import PaperDrafted, PaperEdited
from domain.drafting import PaperSubmitted as Submitted
from domain.editions import NEVER, OfficeTold, bound, since
from domain.evidence import canonical, digest
from domain.grant import Grant
from domain.model import Command as Signed
from domain.model import Document, Refusal, line_of
from domain.paper import ALWAYS_VOID, EDITS, Change
from domain.policy import EditRule, SchemeEdition
from domain.restricted import digest_of
from domain.saying import StepDecided
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    BY_BOARD,
    CAP,
    CAPABILITY,
    DORA,
    FACTS,
    FAY,
    LEO,
    MORNING,
    RULES,
    SAM,
    SUBMITTED,
    TO_ADVISERS,
    TO_BOARD,
    TO_DECIDER,
    accepted,
    advised,
    after,
    by,
    drafted,
    edited,
    edition,
    item,
    known,
    minuted,
    organisation,
    policy,
    refused,
    state_of,
)
from tests.lives import SEALED

ONE, OTHER = "1" * 64, "2" * 64
"""Digests of two ciphertexts."""

RELEASED = "718906244b1c3a1e5c5a1d29401fed13321ca7602efe004ffb9212c975471eba"
LATER = MORNING + timedelta(hours=2)
LETTER = Document(kind="letter", kept="a file", digest="a" * 64)


def only(state: State) -> Any:
    (row,) = papers(state)
    return row


def one_edit(event: object) -> PaperEdited:
    assert isinstance(event, PaperEdited)
    return event


# The digest -----------------------------------------------------------------------------------------------------------


def test_a_paper_without_a_part_two_is_bound_by_its_contents_alone() -> None:
    row = only(state_of(*TO_ADVISERS))
    assert (row.content, row.part_one, row.part_two) == (drafted().digest(), drafted().digest(), None)


def test_a_paper_with_a_part_two_is_bound_by_both_digests_together() -> None:
    row = only(state_of((drafted(), by(ANN, part_two=ONE))))
    assert (row.part_one, row.part_two) == (drafted().digest(), ONE)
    assert row.content == digest(canonical({"part_one": drafted().digest(), "part_two": ONE})) == bound(drafted().digest(), ONE)
    assert row.content not in (row.part_one, row.part_two)


def test_what_was_bound_before_papers_had_their_later_fields_stays_bound() -> None:
    """The digest that the first release gave these contents; a field that came later counts as soon as it says something."""
    assert drafted().digest() == RELEASED
    assert drafted(facts=FACTS.model_copy(update={"marks": ("new",)})).digest() != RELEASED
    assert drafted(supersedes="PCD 867").digest() != RELEASED


def test_the_digest_binds_each_attachment_by_its_own_digest() -> None:
    letters = (LETTER, LETTER.model_copy(update={"digest": "b" * 64}), LETTER.model_copy(update={"digest": None}))
    assert len({drafted(documents=(each,)).digest() for each in letters}) == len(letters)


def test_an_attachment_whose_digest_nobody_knows_is_said_not_to_be_bound() -> None:
    unknown = Document(kind="breakdown", kept="a cabinet")
    row = only(state_of((drafted(documents=(LETTER, unknown)), by(ANN)), (SUBMITTED, by(ANN))))
    assert [(each.document, each.bound) for each in row.attachments] == [(LETTER, True), (unknown, False)]


def test_a_decision_binds_the_part_two_with_the_contents() -> None:
    state = state_of((drafted(), by(ANN, part_two=ONE)), (SUBMITTED, by(ANN)), (advised("finance"), by(FAY)), (advised("legal"), by(LEO)))
    decided, *_ = accepted(APPROVED, state, by(DORA))
    assert isinstance(decided, StepDecided)
    assert decided.content == bound(drafted().digest(), ONE)
    assert {each.content for each in decided.advice} == {decided.content}


# Edits ----------------------------------------------------------------------------------------------------------------


def test_an_edit_that_brings_only_another_part_two_changes_the_terms_and_voids() -> None:
    state = state_of((drafted(), by(ANN, part_two=ONE)), (SUBMITTED, by(ANN)), (advised("finance"), by(FAY)), (advised("legal"), by(LEO)))
    event = one_edit(*accepted(edited("another breakdown"), state, by(ANN, part_two=OTHER)))
    assert (event.changes, event.effect, event.voided, event.part_two) == (("terms",), "void", ("finance", "legal"), OTHER)
    row = only(after(state, (event,), by(ANN)))
    assert (row.standing, row.content) == ("drafted", bound(drafted().digest(), OTHER))


def test_a_first_part_two_on_a_submitted_paper_voids_as_well() -> None:
    event = one_edit(*accepted(edited(), state_of(*TO_DECIDER), by(ANN, part_two=ONE)))
    assert (event.effect, event.voided) == ("void", ("finance", "legal"))


def test_an_edit_without_a_part_two_leaves_the_one_that_is_there() -> None:
    state = state_of((drafted(), by(ANN, part_two=ONE)))
    assert decide(edited(), state, by(ANN), known()) == ()
    event = one_edit(*accepted(edited(title="Variation."), state, by(ANN)))
    assert (event.changes, event.part_two) == (("wording",), ONE)


def test_a_part_two_that_comes_with_the_submission_is_bound_by_the_route() -> None:
    state = state_of((drafted(), by(ANN)))
    (event,) = accepted(SUBMITTED, state, by(ANN, part_two=ONE))
    assert isinstance(event, Submitted)
    assert (event.part_two, event.content) == (ONE, bound(drafted().digest(), ONE))
    row = only(after(state, (event,), by(ANN)))
    assert (row.content, [each.part_two_changed for each in row.editions]) == (event.content, [False, True])


def test_a_submission_without_a_part_two_keeps_that_of_the_draft() -> None:
    state = state_of((drafted(), by(ANN, part_two=ONE)), (SUBMITTED, by(ANN)))
    assert (only(state).part_two, len(only(state).editions)) == (ONE, 1)


def test_an_edit_that_changes_an_attachments_digest_voids() -> None:
    state = state_of((drafted(documents=(LETTER,)), by(ANN)), (SUBMITTED, by(ANN)), (advised("finance"), by(FAY)))
    event = one_edit(*accepted(edited(documents=(LETTER.model_copy(update={"digest": "b" * 64}),)), state, by(ANN)))
    assert (event.changes, event.effect, event.voided) == (("terms",), "void", ("finance",))


def with_edits(*rows: tuple[Change, str]) -> SchemeEdition:
    given = tuple(EditRule.model_validate({"change": change, "effect": effect, "source": "ours", "assumed": True}) for change, effect in rows)
    return edition(*RULES).model_copy(update={"edits": given})


def test_the_edition_in_force_says_what_a_change_does() -> None:
    strict, mild = known(editions=(with_edits(("wording", "void")),)), known(editions=(with_edits(("parties", "notify")),))
    typo = one_edit(*accepted(edited("a typo", title="Variation."), state_of(*TO_DECIDER, given=strict), by(ANN), strict))
    assert (typo.changes, typo.effect, typo.voided) == (("wording",), "void", ("finance", "legal"))
    delegates = (item("1", "delegate", to="one"), CAPABILITY)
    state = state_of((drafted(items=delegates), by(ANN)), (SUBMITTED, by(ANN)), (advised("finance"), by(FAY)), given=mild)
    other, *_ = accepted(edited(items=(item("1", "delegate", to="another"), CAPABILITY)), state, by(ANN), mild)
    assert (one_edit(other).changes, one_edit(other).effect) == (("parties",), "notify")


def test_where_the_edition_is_silent_or_none_is_in_force_the_table_of_edits_holds() -> None:
    day = MORNING.date()
    for given in (policy(edition(*RULES)), policy()):
        assert {each: given.effect_of(each, day) for each in EDITS} == dict(EDITS)


@pytest.mark.parametrize("change", sorted(ALWAYS_VOID))
def test_no_edition_lets_money_or_terms_pass_with_a_notice(change: str) -> None:
    row = {"change": change, "source": "ours", "assumed": True}
    assert EditRule.model_validate(row | {"effect": "void"}).effect == "void"
    with pytest.raises(ValidationError, match="an approval never stands over other content"):
        EditRule.model_validate(row | {"effect": "notify"})


def test_an_edition_says_once_what_a_kind_of_change_does() -> None:
    twice = with_edits(("dates", "void"), ("dates", "notify"))
    with pytest.raises(ValidationError, match="two rows say what one kind of change does"):
        SchemeEdition.model_validate(twice.model_dump())


# Word to those who had their say --------------------------------------------------------------------------------------


def test_whoever_had_their_say_is_sent_word_of_an_edit_that_lets_it_stand() -> None:
    _, word, _ = accepted(edited("a typo", title="Variation."), state_of(*TO_DECIDER), by(ANN))
    assert isinstance(word, OfficeTold)
    assert line_of(word) == "finance is told: Paper PCD 914 was edited (wording): a typo. What finance said of it stands"
    subject, text = outlook.notice(word, opened())
    assert (subject, "PCD 914" in text, "stands" in text) == (f"G: {word.words}", True, True)


def test_word_of_an_edit_goes_to_the_office_that_keeps_a_boards_minutes() -> None:
    state = state_of(*TO_BOARD, (minuted(), by(SAM, MORNING + timedelta(days=7))), given=BY_BOARD)
    facts = {"facts": FACTS.model_copy(update={"gates": ("board",)})}
    _, *words = accepted(edited("a typo", title="Variation.", **facts), state, by(ANN, MORNING + timedelta(days=7)), BY_BOARD)
    assert [each.to for each in words if isinstance(each, OfficeTold)] == ["secretary"]


def test_an_edit_that_voids_sends_no_word_for_everybody_is_asked_anew() -> None:
    assert len(accepted(edited(items=(item(),)), state_of(*TO_DECIDER), by(ANN))) == 1


def test_an_edit_of_which_nobody_had_a_say_yet_sends_no_word() -> None:
    assert len(accepted(edited("a typo", title="Variation."), state_of(*TO_ADVISERS), by(ANN))) == 1


def test_a_long_reason_still_fits_into_the_word_of_it() -> None:
    _, word, _ = accepted(edited("x" * 4000, title="Variation."), state_of(*TO_DECIDER), by(ANN))
    assert isinstance(word, OfficeTold)


# Superseding ----------------------------------------------------------------------------------------------------------


def test_a_paper_supersedes_only_a_decided_one() -> None:
    state = state_of(*TO_ADVISERS)
    refusal = refused(drafted(paper="PCD 915", supersedes="PCD 914"), state, by(ANN))
    assert (refusal.code, refusal.who_could) == ("approval.supersedes_undecided", ("grants-team",))
    assert accepted(drafted(paper="PCD 915", supersedes="PCD 914"), decided_first(), by(ANN))


@pytest.mark.parametrize("supersedes", ["PCD 1", "PCD 915"])
def test_a_paper_supersedes_nothing_that_does_not_exist_and_not_itself(supersedes: str) -> None:
    assert refused(drafted(paper="PCD 915", supersedes=supersedes), decided_first(), by(ANN)).code == "approval.no_paper"


def test_an_edit_cannot_make_a_paper_supersede_itself() -> None:
    assert refused(edited(supersedes="PCD 914"), state_of((drafted(), by(ANN))), by(ANN)).code == "approval.supersedes_undecided"


def test_a_paper_is_superseded_once_and_then_the_later_one_is() -> None:
    state = decided_first()
    for body, who in second("PCD 915", "PCD 914"):
        state = after(state, accepted(body, state, who), who)
    refusal = refused(drafted(paper="PCD 916", supersedes="PCD 914"), state, by(ANN))
    assert (refusal.code, "by PCD 915" in refusal.why) == ("approval.superseded_already", True)
    assert accepted(drafted(paper="PCD 916", supersedes="PCD 915"), state, by(ANN))


def test_a_change_of_what_is_superseded_is_one_of_the_terms() -> None:
    state = after(decided_first(), accepted(drafted(paper="PCD 915"), decided_first(), by(ANN)), by(ANN))
    event = one_edit(*accepted(edited(paper="PCD 915", supersedes="PCD 914"), state, by(ANN)))
    assert event.changes == ("terms",)


def test_the_lineage_names_what_stands_in_whose_place_once_it_is_decided() -> None:
    state = decided_first()
    lineage = []
    for body, who in second("PCD 915", "PCD 914"):
        state = after(state, accepted(body, state, who), who)
        lineage.append(papers(state)[0].superseded_by)
    first, later = papers(state)
    assert (lineage[0], first.superseded_by, later.supersedes, later.superseded_by) == ((), ("PCD 915",), "PCD 914", ())


# Lineage and stale content --------------------------------------------------------------------------------------------


def test_every_edition_of_a_paper_stays_with_who_when_why_and_whose_say_was_void() -> None:
    state = state_of(*TO_DECIDER, (edited("the sum was wrong", items=(item(pence=CAP + 1), CAPABILITY)), by(BEN, LATER)))
    first, second_ = only(state).editions
    assert (first.actor, first.at, first.content, first.effect, first.changes) == (ANN, MORNING, drafted().digest(), None, ())
    assert (second_.actor, second_.at, second_.changes, second_.effect, second_.voided, second_.told, second_.reason) == (
        BEN,
        LATER,
        ("money",),
        "void",
        ("finance", "legal"),
        (),
        "the sum was wrong",
    )
    assert second_.content == only(state).content


def test_a_stale_command_is_told_what_changed_since_by_whom_when_and_why() -> None:
    state = state_of((drafted(), by(ANN)), (edited("the sum was wrong", items=(item(pence=CAP + 1), CAPABILITY)), by(BEN, LATER)))
    told = stale(state, drafted().digest())
    assert told == (
        "command.stale",
        "What SubmitPaper speaks of has changed since you saw it (money by ben on 6 January 2021, 11:00: the sum was wrong): look again.",
    )


def test_of_several_edits_a_stale_command_is_told_each_since_what_its_sender_saw() -> None:
    state = state_of((drafted(), by(ANN)), (edited("one", title="One"), by(ANN)), (edited("two", title="Two"), by(BEN, part_two=ONE)))
    _, since_first = stale(state, drafted().digest())
    _, since_second = stale(state, edited(title="One").digest())
    assert "(wording by ann on 6 January 2021, 09:00: one; then terms, wording, also its Part 2 by ben on 6 January 2021, 09:00: two)" in since_first
    assert "one" not in since_second
    assert "also its Part 2 by ben" in since_second


def test_of_contents_that_came_back_the_last_time_counts() -> None:
    first = drafted()
    state = state_of((first, by(ANN)), (edited("away", title="Away"), by(ANN)), (edited("back"), by(ANN)), (edited("away again", title="Away"), by(ANN)))
    _, told = stale(state, first.digest())
    assert ("away again" in told, "back" in told) == (True, False)


def test_content_that_never_was_one_of_the_papers_is_said_to_be_none() -> None:
    assert stale(state_of((drafted(), by(ANN))), ONE) == ("command.stale", f"What SubmitPaper speaks of {NEVER}: look again.")


def test_the_content_as_it_stands_is_not_stale() -> None:
    state = state_of((drafted(), by(ANN, part_two=ONE)))
    assert stale(state, bound(drafted().digest(), ONE))[0] == "approval.unknown_instrument"


def test_since_the_newest_edition_nothing_has_changed() -> None:
    state = state_of((drafted(), by(ANN)))
    assert since(state.papers["PCD 914"].editions, drafted().digest()) == "has changed since you saw it ()"


def test_the_ciphertext_of_a_signed_command_is_what_its_paper_binds() -> None:
    wish = command("DraftPaper", drafted().model_dump(mode="json"), sealed=SEALED)
    events = grant.decide(wish, opened(), organisation(), MORNING)
    assert isinstance(events, tuple)
    draft = next(each for each in events if isinstance(each, PaperDrafted))
    assert draft.part_two == digest_of(wish) == digest(SEALED.encode())


def opened(state: State | None = None) -> Grant:
    body = opening.GrantOpened(organisation="house", title="G", programme=None, clock="real", parties=(), predecessors=(), hypothetical=False)
    return Grant("grant/g", opening=opening.State(opened=body, policy=policy(edition(*RULES))), approval=state or State(), recorded=MORNING)


def command(kind: str, body: dict[str, Any], content: str | None = None, sealed: str | None = None) -> Signed:
    return Signed(v=1, id="c", grant="g", type=kind, actor=ANN, on_behalf_of=None, at=None, content=content, body=body, sealed=sealed)


def stale(state: State, seen: str) -> tuple[str, str]:
    answer = grant.decide(command("SubmitPaper", {"paper": "PCD 914"}, seen), opened(state), organisation(), MORNING)
    assert isinstance(answer, Refusal)
    return answer.code, answer.why


def decided_first() -> State:
    return state_of(*TO_DECIDER, (APPROVED, by(DORA)))


def second(paper: str, supersedes: str | None, *, at: Any = MORNING, **other: object) -> tuple[tuple[Command, Any], ...]:
    """The same route once more, for a paper that stands in the place of another."""
    return (
        (drafted(paper=paper, supersedes=supersedes, **other), by(ANN, at)),
        (SUBMITTED.model_copy(update={"paper": paper}), by(ANN, at)),
        (advised("finance").model_copy(update={"paper": paper}), by(FAY, at)),
        (advised("legal").model_copy(update={"paper": paper}), by(LEO, at)),
        (APPROVED.model_copy(update={"paper": paper}), by(DORA, at)),
    )
