from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from domain import agreement, grant, opening
from domain.acting import DelegationUsed, acting, cited
from domain.agreement import AcceptOffer, OfferAccepted
from domain.approval import delegations
from domain.between import Between
from domain.declining import OfferEnded
from domain.drafting import DraftPaper, PaperDrafted
from domain.model import By, Command, CommandBody, Refusal
from domain.organisation import Cover, Organisation, StandingDelegation
from domain.paper import DecidedItem, Item
from domain.policy import Mandate, SchemeEdition
from domain.returns import CertifyReturn, SubmitReturn
from tests.domain.instrument_papers import offer
from tests.domain.papers import (
    ANN,
    CLEO,
    DORA,
    EVE,
    FAY,
    LEO,
    MORNING,
    RULES,
    SUBMITTED,
    Wish,
    advised,
    answered,
    by,
    drafted,
    edition,
    item,
    organisation,
    policy,
    ratified,
    state_of,
)

"""Cleo signs by mandate; a decision gives the signature of offer alpha to legal (Leo) until 31 January 2021."""

ACTS = ("AcceptOffer", "ExecuteAgreement", "CertifyReturn", "SubmitReturn")
UNTIL = date(2021, 1, 31)
LAST_MOMENT = datetime(2021, 1, 31, 23, 59, tzinfo=UTC)
TOO_LATE = datetime(2021, 2, 1, 0, 0, tzinfo=UTC)
CAPS = {"2020/21": 147_930_616}
APPROVES = DecidedItem(item="1", verbs=("accept",), words="An offer", instrument="alpha", pence=CAPS, outcome="approved")


def delegates(**other: object) -> DecidedItem:
    plain = {"item": "2", "verbs": ("delegate",), "words": "Signature", "instrument": "alpha", "to": "legal", "until": UNTIL, "outcome": "approved"}
    return DecidedItem.model_validate({**plain, **other})


def scheme() -> SchemeEdition:
    mandates = tuple(Mandate(act=act, offices=("chief-executive",), source="paragraph 5", assumed=True) for act in ACTS)
    plain = edition(*RULES)
    return plain.model_copy(update={"mandates": (*plain.mandates, *mandates)})


def a_grant(*items: DecidedItem) -> grant.Grant:
    decisions: tuple[Wish, ...] = ((ratified(items=(APPROVES, *items)), by(EVE)),)
    offers = agreement.State(offers={"alpha": agreement.Offer(_received(), MORNING)})
    return grant.Grant("grant/g", opening=opening.State(policy=policy(scheme())), approval=state_of(*decisions), agreement=offers, recorded=MORNING)


def _received() -> agreement.OfferReceived:
    given = agreement.Given(policy=policy(scheme()), authorised={}, decision_refs={}, exception_owner="legal")
    answer = agreement.decide(offer(name="alpha"), agreement.State(), by(ANN), given)
    assert not isinstance(answer, Refusal)
    (received,) = answer
    assert isinstance(received, agreement.OfferReceived)
    return received


def allowed(body: CommandBody, who: By, *items: DecidedItem) -> By | Refusal:
    return acting(body, who, Between(a_grant(*items), organisation(), {}))


def code(found: By | Refusal) -> str | None:
    return found.code if isinstance(found, Refusal) else found.delegation


ACCEPT = AcceptOffer(offer="alpha", documents=())
CITED = "PCD 867, item 2: delegated to legal until 2021-01-31"

# The registry ---------------------------------------------------------------------------------------------------------


def test_the_registry_tells_of_each_delegation_to_whom_over_what_until_when_and_under_which_decision() -> None:
    (found,) = delegations(state_of((ratified(items=(delegates(pence={"2020/21": 5}),)), by(EVE))))
    assert (found.to, found.instrument, found.pence, found.reference) == ("legal", "alpha", {"2020/21": 5}, "PCD 867")
    assert (found.first, found.until, found.words, found.recorded) == (date(2020, 11, 30), UNTIL, "Signature", MORNING)


@pytest.mark.parametrize("outcome", ["deferred", "declined"])
def test_what_was_not_approved_delegates_nothing(outcome: str) -> None:
    assert delegations(state_of((ratified(items=(delegates(outcome=outcome),)), by(EVE)))) == ()


def test_a_paper_decided_here_delegates_from_its_decision_under_the_reference_that_is_recorded() -> None:
    paper = drafted(items=(item("1", "delegate", pence=None, to="legal"),))
    steps: tuple[Wish, ...] = ((SUBMITTED, by(ANN)), (advised("finance"), by(FAY)), (advised("legal"), by(LEO)), (answered("approved"), by(DORA)))
    decided = state_of((paper, by(ANN)), *steps)
    recorded = state_of((paper, by(ANN)), *steps, (ratified(decision="PCD 914/1", items=(), paper="PCD 914"), by(EVE)))
    assert [(each.reference, each.first, each.until) for each in delegations(decided)] == [("PCD 914", date(2021, 1, 6), None)]
    assert [each.reference for each in delegations(recorded)] == ["PCD 914/1"]


def test_only_a_delegation_gives_acts() -> None:
    with pytest.raises(ValidationError, match="only a delegation gives acts"):
        Item(item="1", verbs=("approve",), words="x", acts=("AcceptOffer",))


# Who may --------------------------------------------------------------------------------------------------------------


def test_the_office_that_the_scheme_names_acts_on_the_scheme_and_cites_no_delegation() -> None:
    assert code(allowed(ACCEPT, by(CLEO), delegates())) is None


def test_the_office_to_which_it_was_delegated_acts_and_cites_the_decision() -> None:
    assert code(allowed(ACCEPT, by(LEO), delegates())) == CITED


def test_a_decision_may_name_the_office_by_its_title() -> None:
    charter = organisation().charter
    assert charter
    titled = charter.model_copy(update={"offices": tuple(each.model_copy(update={"title": f"The {each.office} adviser"}) for each in charter.offices)})
    between = Between(a_grant(delegates(to="The legal adviser")), Organisation(stream="organisation/house", version=1, charter=titled), {})
    found = acting(ACCEPT, by(LEO), between)
    assert code(found) == "PCD 867, item 2: delegated to The legal adviser until 2021-01-31"


def test_a_delegation_ends_with_its_last_london_day() -> None:
    assert code(allowed(ACCEPT, by(LEO, LAST_MOMENT), delegates())) == CITED
    refusal = allowed(ACCEPT, by(LEO, TOO_LATE), delegates())
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.who_could) == ("authority.delegation_expired", ("chief-executive",))
    assert refusal.why == "AcceptOffer was delegated to legal until 2021-01-31: PCD 867."


def test_one_that_stands_counts_however_many_have_ended() -> None:
    again = delegates(item="3", until=None)
    assert code(allowed(ACCEPT, by(LEO, TOO_LATE), delegates(), again)) == "PCD 867, item 3: delegated to legal"


def test_a_delegation_does_not_count_before_its_decision() -> None:
    assert code(allowed(ACCEPT, by(LEO, datetime(2020, 11, 29, 9, tzinfo=UTC)), delegates())) == "authority.not_mandated"


@pytest.mark.parametrize("other", [{"instrument": "beta"}, {"acts": ("ExecuteAgreement",)}, {"instrument": None}, {"to": "finance"}])
def test_a_delegation_gives_no_more_than_it_says(other: dict[str, object]) -> None:
    assert code(allowed(ACCEPT, by(LEO), delegates(**other))) == "authority.not_mandated"


def test_a_delegation_over_no_instrument_gives_the_acts_that_it_names() -> None:
    assert code(allowed(CertifyReturn(period="Q1 2020/21"), by(LEO), delegates(instrument=None, acts=("CertifyReturn",)))) == CITED


def test_a_delegation_over_what_pays_gives_its_returns() -> None:
    accepted = replace(_offer(), accepted=OfferAccepted.model_validate(_ACCEPTED))
    held = replace(a_grant(delegates(acts=("SubmitReturn",))), agreement=agreement.State(offers={"alpha": accepted}))
    between = Between(held, organisation(), {})
    assert code(acting(SubmitReturn(period="Q1 2020/21"), by(LEO), between)) == CITED
    assert code(acting(CertifyReturn(period="Q1 2020/21"), by(LEO), between)) == "authority.not_mandated"


def test_who_stands_in_for_the_office_has_what_was_delegated_to_it() -> None:
    now = datetime(2021, 1, 12, 9, tzinfo=UTC)
    assert code(allowed(ACCEPT, by(ANN, now, DORA), delegates(to="decider"))) == "PCD 867, item 2: delegated to decider until 2021-01-31"
    assert code(allowed(ACCEPT, by(ANN, TOO_LATE, DORA), delegates(to="decider"))) == "authority.no_cover"


def test_where_the_scheme_is_silent_no_delegation_helps() -> None:
    silent = replace(a_grant(delegates()), opening=opening.State(policy=policy(edition(*RULES))))
    assert code(acting(ACCEPT, by(LEO), Between(silent, organisation(), {}))) == "authority.no_mandate"


def test_an_act_that_concerns_no_instrument_is_delegated_only_by_name() -> None:
    draft = DraftPaper.model_validate(dict(drafted()))
    assert code(allowed(draft, by(LEO), delegates())) == "authority.not_mandated"
    assert code(allowed(draft, by(LEO), delegates(instrument=None, acts=("DraftPaper",)))) == CITED


# Through the whole grant ----------------------------------------------------------------------------------------------


def test_what_was_signed_under_a_delegation_says_so_in_the_record() -> None:
    opened = opening.GrantOpened(organisation="house", title="G", programme=None, clock="real", parties=(), predecessors=(), hypothetical=False)
    ready = replace(a_grant(delegates()), opening=opening.State(opened=opened, policy=policy(scheme())))
    command = Command(
        v=1, id="c", grant="g", type="AcceptOffer", actor=LEO, on_behalf_of=None, at=None, content=None, body={"offer": "alpha", "documents": []}, sealed=None
    )
    answer = grant.decide(command, ready, organisation(), MORNING)
    assert not isinstance(answer, Refusal), answer
    (accepted, *_) = answer
    assert isinstance(accepted, OfferAccepted)
    assert (accepted.delegation, accepted.authorised_by) == (CITED, "PCD 867")


def _offer() -> agreement.Offer:
    return agreement.Offer(_received(), MORNING)


_ACCEPTED = {
    "offer": "alpha",
    "accepted": "2020-12-01",
    "cap_pence": 147_930_616,
    "authorised_by": None,
    "signed_by": None,
    "delegation": None,
    "documents": (),
}


# Standing delegations ---------------------------------------------------------------------------------------------------

GIVEN = StandingDelegation(
    delegation="signature",
    acts=("AcceptOffer",),
    to="legal",
    limit_pence=147_930_616,
    first=date(2021, 1, 1),
    last=UNTIL,
    decision="PCD 700",
    words="Small offers",
)
STANDING = "PCD 700: signature, delegated to legal until 2021-01-31"


def standing(body: CommandBody, who: By, *items: DecidedItem, **other: object) -> By | Refusal:
    charter = organisation().charter
    assert charter
    given = charter.model_copy(update={"delegations": (GIVEN.model_copy(update=other),)})
    return acting(body, who, Between(a_grant(*items), Organisation(stream="organisation/house", version=1, charter=given), {}))


def test_an_office_to_which_the_act_was_delegated_for_all_grants_acts_and_cites_the_decision() -> None:
    found = standing(ACCEPT, by(LEO))
    assert isinstance(found, By)
    assert (found.delegation, found.office) == (STANDING, "legal")


def test_the_mandate_of_the_scheme_comes_first_and_then_what_this_grant_delegated() -> None:
    assert code(standing(ACCEPT, by(CLEO))) is None
    assert code(standing(ACCEPT, by(LEO), delegates())) == CITED


def test_a_standing_delegation_steps_in_where_that_of_the_grant_has_ended() -> None:
    ended = delegates(until=date(2020, 12, 31))
    assert code(standing(ACCEPT, by(LEO), ended)) == STANDING


@pytest.mark.parametrize("other", [{"acts": ("ExecuteAgreement",)}, {"to": "finance"}, {"first": date(2021, 1, 7)}])
def test_a_standing_delegation_gives_no_more_than_it_says(other: dict[str, object]) -> None:
    assert code(standing(ACCEPT, by(LEO), **other)) == "authority.not_mandated"


def test_above_its_limit_a_standing_delegation_gives_nothing_and_the_refusal_says_how_far_it_goes() -> None:
    found = standing(ACCEPT, by(LEO), limit_pence=147_930_615)
    assert isinstance(found, Refusal)
    assert (found.code, found.who_could) == ("authority.beyond_delegation", ("chief-executive",))
    assert found.why == "PCD 700 lets legal go up to £1,479,306.15; this comes to £1,479,306.16."
    assert code(standing(ACCEPT, by(LEO), limit_pence=None)) == STANDING


def test_a_standing_delegation_ends_with_its_last_london_day() -> None:
    assert code(standing(ACCEPT, by(LEO, LAST_MOMENT))) == STANDING
    assert code(standing(ACCEPT, by(LEO, TOO_LATE))) == "authority.delegation_expired"
    assert code(standing(ACCEPT, by(LEO, TOO_LATE), last=None)) == "PCD 700: signature, delegated to legal"


def test_a_person_of_another_office_is_told_who_could() -> None:
    found = standing(ACCEPT, by(FAY))
    assert isinstance(found, Refusal)
    assert (found.code, found.who_could) == ("authority.not_mandated", ("chief-executive",))


def test_cover_with_a_limit_is_held_against_what_an_act_comes_to() -> None:
    def covering(limit: int | None) -> str | None:
        charter = organisation().charter
        assert charter
        cover = Cover(person=FAY, principal=CLEO, office="chief-executive", first=date(2021, 1, 1), last=UNTIL, reason="leave", limit_pence=limit)
        house = Organisation(stream="organisation/house", version=1, charter=charter.model_copy(update={"cover": (cover,)}))
        return code(acting(ACCEPT, by(FAY, MORNING, CLEO), Between(a_grant(), house, {})))

    assert [covering(limit) for limit in (147_930_615, 147_930_616, None)] == ["authority.cover_limit", None, None]


def test_an_act_whose_events_cite_nothing_is_followed_by_one_that_cites_its_delegation() -> None:
    who = by(LEO).model_copy(update={"delegation": STANDING})
    plain, citing = OfferEnded.model_validate(_ENDED), OfferEnded.model_validate({**_ENDED, "delegation": STANDING})
    assert cited((plain,), "DeclineOffer", who) == (DelegationUsed(act="DeclineOffer", delegation=STANDING),)
    assert [cited(events, "DeclineOffer", each) for events, each in (((citing,), who), ((), who), ((plain,), by(LEO)))] == [(), (), ()]


def test_a_paper_drafted_under_a_delegation_is_that_office_s_and_the_record_cites_the_decision() -> None:
    opened = opening.GrantOpened(organisation="house", title="G", programme=None, clock="real", parties=(), predecessors=(), hypothetical=False)
    ready = replace(a_grant(), opening=opening.State(opened=opened, policy=policy(scheme())))
    charter = organisation().charter
    assert charter
    house = Organisation(
        stream="organisation/house", version=1, charter=charter.model_copy(update={"delegations": (GIVEN.model_copy(update={"acts": ("DraftPaper",)}),)})
    )
    body = drafted(items=(item(instrument=None, pence=None),)).model_dump(mode="json")
    command = Command(v=1, id="c", grant="g", type="DraftPaper", actor=LEO, on_behalf_of=None, at=None, content=None, body=body, sealed=None)
    answer = grant.decide(command, ready, house, MORNING)
    assert not isinstance(answer, Refusal), answer
    assert [each.wire for each in answer[:2]] == ["paper.drafted", "delegation.used"]
    assert isinstance(answer[0], PaperDrafted)
    assert answer[0].office == "legal"


_ENDED = {"offer": "alpha", "how": "declined", "ended": "2021-01", "reason": "no", "delegation": None, "documents": ()}
