"""Two acts that no one person may both do: over the whole grant, in both directions of time, cover included."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from domain import grant as grants
from domain.bidding import BidDrafted, DraftBid, RecordSubmission, SubmitBid
from domain.drafting import DraftPaper, EditPaper, PaperDrafted, PaperEdited
from domain.model import COMMANDS, EVENTS, By, CommandBody, Event, Refusal, past_of_new
from domain.organisation import Holding, Organisation
from domain.paper import ItemOutcome
from domain.policy import DutyPair, SchemeEdition
from domain.saying import DecideStep, StepDecided
from domain.separation import ACTS, DEEDS, State, evolve, refused
from domain.urgency import DecideUrgently, UrgencyInvoked
from tests.domain.papers import ANN, BEN, CLEO, DORA, EVE, RULES, answered, by, drafted, edited, edition, item
from tests.lives import CASES, Lived, case_of, live, organisation_of
from tools.vocabulary import load

load()
LINE = {"line": "whole", "year": "2021/22", "pence": 100, "categories": ("pay",), "window": None}


def pair(one: str, other: str, within: str = "subject") -> DutyPair:
    words = {"because": "two people see more than one", "source": "order 7", "assumed": False}
    return DutyPair.model_validate({"pair": "p", "one": one, "other": other, "within": within, **words})


def scheme(*pairs: DutyPair) -> SchemeEdition:
    return edition(*RULES).model_copy(update={"pairs": pairs})


def bid(name: str = "bid-1") -> DraftBid:
    return DraftBid.model_validate({"bid": name, "fund": "A fund", "lines": (LINE,)})


def bid_drafted(name: str = "bid-1") -> BidDrafted:
    return BidDrafted(**dict(bid(name)), edition=1, asked_pence=100)


def done(*events: tuple[Event, By]) -> State:
    state = State()
    for event, who in events:
        state = evolve(state, past_of_new(event, "grant/g", 1, who))
    return state


def code(body: CommandBody, who: By, state: State, *pairs: DutyPair) -> str | None:
    found = refused(body, who, state, scheme(*pairs), lambda refusal, _: refusal)
    return found.code if found else None


def paper_drafted(name: str = "PCD 914") -> Event:
    return PaperDrafted(**dict(drafted(paper=name)), office="grants-team")


def paper_decided() -> StepDecided:
    given = {"paper": "PCD 914", "office": "decider", "content": "0" * 64, "advice": (), "edition": "2020", "outcomes": (), "comment": None}
    return StepDecided.model_validate(given)


# The table --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", sorted(DEEDS))
def test_every_deed_is_an_act_that_exists_told_by_an_event_that_exists_about_what_both_name(wire: str) -> None:
    deed, event = DEEDS[wire], EVENTS[wire, 1]
    assert COMMANDS[deed.act].kind == "act"
    assert set(deed.fields) <= event.model_fields.keys() & COMMANDS[deed.act].model_fields.keys()


def test_every_act_is_told_by_one_event() -> None:
    assert len(ACTS) == len(DEEDS)


def test_every_act_on_a_grant_is_a_deed_but_those_that_no_one_event_tells() -> None:
    elsewhere = {"AdoptOrganisation", "AddKey", "RotateKey", "RevokeKey", "AdoptPolicy", "CloseException"}
    rooms = {name for name, each in COMMANDS.items() if each.kind == "act" and each.__module__.startswith("domain.")}
    assert {name for name in rooms - elsewhere if name not in ACTS} == set()


@pytest.mark.parametrize("one", ["DecideStep", "DecideUrgently"])
def test_whoever_decides_in_urgency_decides_in_both_directions_of_time(one: str) -> None:
    urgent = DecideUrgently(paper="PCD 914", office="decider", outcomes=(ItemOutcome(item="1", outcome="approved"),), reason="Tonight")
    drafter = done((paper_drafted(), by(ANN)))
    assert code(urgent, by(ANN), drafter, pair("DraftPaper", one)) == "duty.pair"
    assert code(urgent, by(BEN), drafter, pair("DraftPaper", one)) is None
    rule: dict[str, object] = {"rule": "u", "because": "what cannot wait", "source": "s", "assumed": True, "edition": "2020", "reason": "Tonight"}
    said = {"paper": "PCD 914", "office": "decider", "content": "0" * 64, "outcomes": (), "comment": None, "advice": (), "passed_over": ()}
    decided = done((UrgencyInvoked.model_validate({**rule, **said}), by(ANN)))
    assert code(drafted(), by(ANN), decided, pair("DraftPaper", one)) == "duty.pair"


# One pair ---------------------------------------------------------------------------------------------------------------

BID_PAIR = pair("DraftBid", "SubmitBid")


def test_whoever_drafted_a_bid_does_not_send_it_and_somebody_else_may() -> None:
    state = done((bid_drafted(), by(ANN)))
    assert code(SubmitBid(bid="bid-1"), by(ANN), state, BID_PAIR) == "duty.pair"
    assert code(SubmitBid(bid="bid-1"), by(BEN), state, BID_PAIR) is None


def test_the_refusal_names_the_pair_its_words_its_source_both_acts_the_people_and_who_could() -> None:
    def naming(refusal: Refusal, barred: frozenset[str]) -> Refusal:
        return refusal.model_copy(update={"who_could": tuple(f"{each}'s colleague" for each in barred)})

    found = refused(SubmitBid(bid="bid-1"), by(ANN), done((bid_drafted(), by(ANN))), scheme(BID_PAIR), naming)
    assert found
    assert found.why == "ann may not SubmitBid: DraftBid of bid-1 was theirs on 2021-01-06; two people see more than one (pair p: order 7)."
    assert (found.who_could, found.source) == (("ann's colleague",), "DESIGN §6: declared pairs as data; invariant 19")


def test_a_pair_within_a_subject_leaves_other_subjects_alone_and_one_within_the_grant_does_not() -> None:
    state = done((bid_drafted("bid-2"), by(ANN)))
    found = [code(SubmitBid(bid="bid-1"), by(ANN), state, each) for each in (BID_PAIR, pair("DraftBid", "SubmitBid", "grant"))]
    assert found == [None, "duty.pair"]


def test_a_pair_counts_whichever_of_its_acts_came_first() -> None:
    state, approves = done((paper_decided(), by(DORA))), pair("EditPaper", "DecideStep")
    edit = EditPaper.model_validate(dict(edited()))
    assert [code(edit, by(who), state, approves) for who in (DORA, ANN)] == ["duty.pair", None]
    earlier = done((paper_drafted(), by(ANN)))
    assert code(answered("approved", "approved"), by(ANN), earlier, pair("DraftPaper", "DecideStep")) == "duty.pair"


def test_cover_counts_for_both_whoever_acts_and_on_whose_behalf() -> None:
    for_dora = done((bid_drafted(), by(CLEO, on_behalf_of=DORA)))
    assert [code(SubmitBid(bid="bid-1"), by(who), for_dora, BID_PAIR) for who in (CLEO, DORA, EVE)] == ["duty.pair", "duty.pair", None]
    own = done((bid_drafted(), by(DORA)))
    assert code(SubmitBid(bid="bid-1"), by(CLEO, on_behalf_of=DORA), own, BID_PAIR) == "duty.pair"


def test_a_paper_is_also_about_the_instruments_that_it_asks_for_or_ever_asked_for() -> None:
    about = pair("DraftBid", "DecideStep")
    asks = PaperDrafted(**dict(drafted(items=(item(instrument="bid-1"),))), office="grants-team")
    changed = PaperEdited(**dict(drafted()), changes=("money",), effect="void", voided=(), told=(), reason="another")
    decides = DecideStep.model_validate(dict(answered("approved", "approved")))
    for events in ((asks,), (asks, changed)):
        state = done((bid_drafted(), by(DORA)), *((each, by(ANN)) for each in events))
        assert code(decides, by(DORA), state, about) == "duty.pair"
    assert code(decides, by(DORA), done((bid_drafted(), by(DORA)), (paper_drafted(), by(ANN))), about) is None


def test_an_act_that_no_pair_of_the_edition_in_force_names_is_free() -> None:
    state = done((bid_drafted(), by(ANN)))
    assert code(SubmitBid(bid="bid-1"), by(ANN), state) is None
    assert refused(SubmitBid(bid="bid-1"), by(ANN), state, None, lambda refusal, _: refusal) is None


def test_facts_are_recorded_by_anybody_and_whoever_records_one_has_not_done_it() -> None:
    state, sent = done((bid_drafted(), by(ANN))), RecordSubmission.model_validate({**dict(bid()), "submitted": "2021-01", "sent_by": None})
    assert code(sent, by(ANN), state, BID_PAIR) is None
    sent_already = {**dict(bid_drafted()), "submitted": "2021-01", "content": "0" * 64, "authorised_by": None, "delegation": "D", "sent_by": None}
    del sent_already["edition"]
    submitted = EVENTS["bid.submitted", 1].model_validate({**sent_already, "already": True})
    assert code(bid(), by(ANN), done((submitted, by(ANN))), BID_PAIR) is None
    assert code(bid(), by(ANN), done((submitted.model_copy(update={"already": False}), by(ANN))), BID_PAIR) == "duty.pair"


def test_a_signature_that_was_recorded_as_a_fact_is_nobody_s_act_here() -> None:
    signs = pair("DraftPaper", "ExecuteAgreement", "grant")
    (executed, who), *_ = [(past.body, past) for each in lived("dpc-2021-22") for past in each.pasts if past.body.wire == "agreement.executed"]
    acted = evolve(State(), who)
    recorded = evolve(State(), who.model_copy(update={"body": executed.model_copy(update={"delegation": None})}))
    draft = DraftPaper.model_validate(dict(drafted()))
    assert [code(draft, by(who.actor), state, signs) for state in (acted, recorded)] == ["duty.pair", None]


def test_the_same_person_doing_the_same_twice_is_kept_once() -> None:
    twice = done((bid_drafted(), by(ANN)), (bid_drafted(), by(ANN)))
    assert twice == done((bid_drafted(), by(ANN)))


# Over whole lives -------------------------------------------------------------------------------------------------------


@cache
def lived(name: str) -> tuple[Lived, ...]:
    case = case_of(name)
    return tuple(live(case, organisation_of(case.organisation)))


def test_whoever_executed_the_agreement_of_a_real_life_may_not_draft_a_paper_in_it() -> None:
    last = lived("dpc-2021-22")[-1].after
    signer = next(iter(last.separation.done["ExecuteAgreement"][0].people))
    found = refused(
        DraftPaper.model_validate(dict(drafted())), by(signer), last.separation, last.policy.scheme_on(date(2021, 6, 1)), lambda refusal, _: refusal
    )
    assert found
    assert found.code == "duty.pair"


NAMES = sorted(str(path.relative_to(CASES).with_suffix("")) for path in CASES.rglob("*.yaml"))
FINISHED = {"step.decided", "paper.decided", "return.certified", "return.submitted"}
"""What only a second person can bring about, however many offices the first one has."""


def of_one_person(organisation: Organisation) -> Organisation:
    """The organisation with one person in every office."""
    charter = organisation.charter
    assert charter
    everything = tuple(Holding(person="p-one", office=each.office, first=date(2010, 1, 1)) for each in charter.offices)
    return organisation.model_copy(update={"charter": charter.model_copy(update={"holdings": everything, "cover": (), "absences": ()})})


@pytest.mark.parametrize("name", NAMES)
def test_one_person_with_every_office_cannot_finish_any_chain(name: str) -> None:
    case = case_of(name)
    alone = case.model_copy(update={"steps": tuple(each.model_copy(update={"by": "p-one", "on_behalf_of": None}) for each in case.steps)})
    life = tuple(live(alone, of_one_person(organisation_of(case.organisation))))
    assert life[-1].after.opening.opened
    assert {past.body.wire for each in life for past in each.pasts} & FINISHED == set()
    assert not grants.closed(life[-1].after)
