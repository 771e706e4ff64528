"""Opening a grant, its clock, and what a command meets before any room sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain import exit as leaving
from domain import grant as grants
from domain.acting import DelegationUsed
from domain.ending import GrantClosed
from domain.grant import Grant
from domain.model import Command, Refusal
from domain.opening import AdvanceClock, Clock, Given, GrantOpened, OpenGrant, Party, PolicyAdopted, State, decide, evolve
from domain.organisation import Organisation, StandingDelegation
from domain.policy import Mandate
from tests.domain.papers import ANN, EVE, FAY, MORNING, by, edition, organisation, pasts, policy
from tests.domain.rooms import accepted, refused

LATER = datetime(2021, 1, 7, 9, tzinfo=UTC)


def opening(clock: Clock = "rehearsal", of: str = "house") -> OpenGrant:
    return OpenGrant(organisation=of, title="A grant", clock=clock, parties=(Party(role="host", party="Host"),))


def house(*, rehearses: bool = True) -> Organisation:
    found = organisation()
    assert found.charter
    mandate = Mandate(act="OpenGrant", offices=("grants-team",), source="ours", assumed=True)
    plain = edition()
    scheme = policy(plain.model_copy(update={"mandates": (*plain.mandates, mandate)}))
    return found.model_copy(update={"charter": found.charter.model_copy(update={"rehearsals_allowed": rehearses, "policy": scheme})})


def given(*, rehearses: bool = True) -> Given:
    return Given("g", house(rehearses=rehearses))


def opened(clock: Clock = "rehearsal") -> State:
    state = State()
    for past in pasts(accepted(decide(opening(clock), state, by(ANN), given())), by(ANN)):
        state = evolve(state, past)
    return state


def test_an_opening_fixes_the_policy_of_its_organisation() -> None:
    assert [type(each) for each in accepted(decide(opening(), State(), by(ANN), given()))] == [GrantOpened, PolicyAdopted]


def opening_by(actor: str, clock: Clock = "real") -> Command:
    body = opening(clock).model_dump(mode="json")
    return Command.model_validate(
        {"v": 1, "id": "c", "grant": "g", "type": "OpenGrant", "actor": actor, "on_behalf_of": None, "at": None, "content": None, "body": body, "sealed": None}
    )


def delegating(**other: object) -> Organisation:
    """The house, which delegates openings to finance (Fay) for the January of the specs."""
    found = house()
    plain: dict[str, object] = {"delegation": "openings", "acts": ("OpenGrant",), "to": "finance", "limit_pence": None, "first": date(2021, 1, 1)}
    given = StandingDelegation.model_validate({**plain, "last": date(2021, 1, 31), "decision": "PCD 700", "words": "Openings", **other})
    assert found.charter
    return found.model_copy(update={"charter": found.charter.model_copy(update={"delegations": (given,)})})


def test_an_opening_by_somebody_without_the_mandate_is_refused_as_any_act_is() -> None:
    assert refused(grants.decide(opening_by(EVE), Grant("grant/g"), house(), MORNING)) == ("authority.not_mandated", ("grants-team",))
    assert accepted(grants.decide(opening_by(ANN), Grant("grant/g"), house(), MORNING))


def test_an_opening_under_a_standing_delegation_cites_it() -> None:
    events = accepted(grants.decide(opening_by(FAY), Grant("grant/g"), delegating(), MORNING))
    assert [type(each) for each in events] == [GrantOpened, PolicyAdopted, DelegationUsed]
    assert refused(grants.decide(opening_by(EVE), Grant("grant/g"), delegating(), MORNING)) == ("authority.not_mandated", ("grants-team",))


def test_an_opening_under_a_standing_delegation_that_has_ended_is_refused_by_the_policy_of_its_organisation() -> None:
    ended = delegating(first=date(2020, 1, 1), last=date(2020, 12, 31))
    assert refused(grants.decide(opening_by(FAY), Grant("grant/g"), ended, MORNING)) == ("authority.delegation_expired", ("grants-team",))


def test_a_grant_is_opened_once() -> None:
    assert refused(decide(opening(), opened(), by(ANN), given())) == ("grant.exists", ())


def test_only_an_adopted_organisation_opens_grants() -> None:
    assert refused(decide(opening(of="elsewhere"), State(), by(ANN), given())) == ("organisation.unknown", ())


def test_an_organisation_that_allows_no_rehearsals_opens_grants_on_the_real_clock_alone() -> None:
    assert refused(decide(opening(), State(), by(ANN), given(rehearses=False))) == ("clock.rehearsal_not_allowed", ())
    assert accepted(decide(opening("real"), State(), by(ANN), given(rehearses=False)))


def test_nobody_moves_the_real_clock() -> None:
    body = AdvanceClock(to=MORNING)
    assert refused(decide(body, opened("real"), by(ANN), given())) == ("clock.real", ())
    assert accepted(decide(body, opened(), by(ANN), given()))


def test_a_rehearsals_clock_moves_to_the_instant_of_its_message() -> None:
    assert refused(decide(AdvanceClock(to=LATER), opened(), by(ANN), given())) == ("clock.two_instants", ())
    assert accepted(decide(AdvanceClock(to=LATER), opened(), by(ANN, LATER), given()))


def asked(kind: str, body: dict[str, object], actor: str = ANN) -> Command:
    return Command(v=1, id="c-1", grant="g", type=kind, actor=actor, on_behalf_of=None, at=MORNING, content=None, body=body, sealed=None)


def the_grant() -> Grant:
    return replace(Grant("grant/g"), opening=opened(), recorded=MORNING)


def test_what_an_organisation_takes_is_not_for_a_grant() -> None:
    charter = house().charter
    assert charter
    body: dict[str, object] = {"charter": charter.model_dump(mode="json"), "digest": "0" * 64}
    decision = grants.decide(asked("AdoptOrganisation", body), the_grant(), house(), MORNING)
    assert refused(decision) == ("command.elsewhere", ())


def test_a_fact_is_recorded_by_anybody_in_office_and_by_nobody_else() -> None:
    assert refused(grants.decide(asked("LinkGrant", FACT, EVE), the_grant(), house(), MORNING)) == ("authority.no_office", ())
    assert not isinstance(grants.decide(asked("LinkGrant", FACT), the_grant(), house(), MORNING), Refusal)


FACT: dict[str, object] = {"reference": "DEC 1", "external": True, "relation": "predecessor"}


def test_a_rehearsed_message_has_an_instant_and_none_before_the_last() -> None:
    undated = asked("LinkGrant", FACT).model_copy(update={"at": None})
    early = asked("LinkGrant", FACT).model_copy(update={"at": MORNING - timedelta(seconds=1)})
    codes = [refused(grants.decide(each, the_grant(), house(), MORNING))[0] for each in (undated, early)]
    assert codes == ["clock.missing", "clock.backwards"]


def test_a_body_that_cannot_be_read_is_refused_with_the_fields_at_fault_and_what_to_do() -> None:
    answer = grants.decide(asked("LinkGrant", {**FACT, "pence": "much"}), the_grant(), house(), MORNING)
    assert refused(answer) == ("command.malformed", ())
    assert isinstance(answer, Refusal)
    assert ("pence" in answer.why, "much" in answer.why, "LinkGrant" in answer.remedy) == (True, False, True)


def test_a_grant_that_nobody_opened_takes_its_opening_alone() -> None:
    nowhere = Grant("grant/g")
    assert refused(grants.decide(asked("LinkGrant", FACT), nowhere, house(), MORNING)) == ("grant.unknown", ())
    body = opening().model_dump(mode="json")
    assert not isinstance(grants.decide(asked("OpenGrant", body), nowhere, house(), MORNING), Refusal)


def test_a_closed_grant_takes_facts_and_no_acts() -> None:
    closed = replace(the_grant(), exit=leaving.State(closed=GrantClosed(retention_until=date(2027, 3, 31), note=None)))
    assert refused(grants.decide(asked("AdoptPolicy", {}), closed, house(), MORNING)) == ("grant.closed", ())
    assert not isinstance(grants.decide(asked("LinkGrant", FACT), closed, house(), MORNING), Refusal)
