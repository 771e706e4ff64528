"""The gateways' keys of an organisation: added, rotated, revoked, kept for ever; what an adoption does to them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.evidence import canonical, digest
from domain.keys import AddKey, Key, KeyAdded, KeyRevoked, KeyRotated, RevokeKey, RotateKey, with_stated
from domain.model import Event, Refusal, past_of_new
from domain.organisation import AdoptOrganisation, Command, Organisation, decide, evolve
from domain.policy import Mandate
from tests.domain.papers import CLEO, EVE, RULES, by, edition, organisation, policy


def public(letter: str) -> str:
    return letter * 43 + "="


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2021, 1, day, hour, tzinfo=UTC)


THIRD = at(3)
MANDATES = tuple(Mandate(act=act, offices=("chief-executive",), source="ours", assumed=True) for act in ("AddKey", "RotateKey", "RevokeKey"))
SCHEME = edition(*RULES)
KEYED = policy(SCHEME.model_copy(update={"mandates": (*SCHEME.mandates, *MANDATES)}))
DESK = Key(key="desk", public=public("A"), first=at(1))


def adopting(*keys: Key) -> AdoptOrganisation:
    charter = organisation().charter
    assert charter
    stated = charter.model_copy(update={"policy": KEYED, "keys": keys})
    return AdoptOrganisation(charter=stated, digest=digest(canonical(stated.model_dump(mode="json"))))


def after(before: Organisation, events: tuple[Event, ...], when: datetime) -> Organisation:
    for event in events:
        before = evolve(before, past_of_new(event, before.stream, before.version + 1, by(CLEO, when)))
    return before


def accepted(before: Organisation, body: Command, when: datetime, person: str = CLEO) -> tuple[Event, ...]:
    found = decide(body, before, by(person, when))
    assert not isinstance(found, Refusal), found
    return found


def then(before: Organisation, *bodies: tuple[Command, datetime]) -> Organisation:
    for body, when in bodies:
        before = after(before, accepted(before, body, when), when)
    return before


EMPTY = Organisation(stream="organisation/house")
ADOPTED = then(EMPTY, (adopting(DESK), at(1)))
ADD = AddKey(key="van", public=public("B"))
ROTATE = RotateKey(old="desk", key="new", public=public("C"))
REVOKE = RevokeKey(key="desk", reason="lost")


def code(before: Organisation, body: Command, when: datetime = THIRD, person: str = CLEO) -> str | None:
    found = decide(body, before, by(person, when))
    return found.code if isinstance(found, Refusal) else None


def holding(found: Organisation, when: datetime) -> list[str]:
    return [each.key for each in found.keys if found.key(each.key, when) == each]


def test_an_added_key_holds_from_the_instant_at_which_it_was_added() -> None:
    assert accepted(ADOPTED, ADD, at(2)) == (KeyAdded(key="van", public=public("B"), first=at(2)),)
    both = then(ADOPTED, (ADD, at(2)))
    assert [holding(both, when) for when in (at(1, 23), at(2))] == [["desk"], ["desk", "van"]]


def test_a_rotated_key_goes_out_at_once_and_the_new_one_comes_in() -> None:
    assert accepted(ADOPTED, ROTATE, at(2)) == (KeyRotated(old="desk", key="new", public=public("C"), first=at(2), at=at(2)),)
    turned = then(ADOPTED, (ROTATE, at(2)))
    assert [holding(turned, when) for when in (at(1, 23), at(2))] == [["desk"], ["new"]]


def test_a_rotated_key_can_go_out_later_so_that_both_hold_for_a_while() -> None:
    turned = then(ADOPTED, (ROTATE.model_copy(update={"at": at(5)}), at(2)))
    assert [holding(turned, when) for when in (at(2), at(4, 23), at(5))] == [["desk", "new"], ["desk", "new"], ["new"]]


def test_a_revoked_key_holds_no_more_and_its_history_is_kept() -> None:
    left = then(ADOPTED, (ADD, at(2)), (REVOKE, at(3)))
    assert holding(left, at(3)) == ["van"]
    assert left.keys[0] == DESK.model_copy(update={"revoked": at(3)})


def test_a_key_that_was_to_go_out_later_can_be_revoked_now() -> None:
    left = then(ADOPTED, (ROTATE.model_copy(update={"at": at(9)}), at(2)), (REVOKE, at(3)))
    assert holding(left, at(3)) == ["new"]


@pytest.mark.parametrize("body", [ADD, ROTATE, REVOKE], ids=lambda body: type(body).__name__)
def test_asking_again_for_what_is_so_changes_nothing(body: Command) -> None:
    both = then(ADOPTED, (AddKey(key="spare", public=public("S")), at(1, 10)))
    assert accepted(then(both, (body, at(2))), body, at(3)) == ()


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (AddKey(key="desk", public=public("B")), "key.exists"),
        (AddKey(key="other", public=public("A")), "key.exists"),
        (RotateKey(old="desk", key="desk", public=public("B")), "key.exists"),
        (RotateKey(old="nobody", key="new", public=public("B")), "key.unknown"),
        (RotateKey(old="desk", key="new", public=public("B"), at=at(2)), "key.in_the_past"),
        (RevokeKey(key="nobody", reason="lost"), "key.unknown"),
        (REVOKE, "key.last"),
    ],
)
def test_what_would_break_the_ring_is_refused(body: Command, refused: str) -> None:
    assert code(ADOPTED, body) == refused


@pytest.mark.parametrize("body", [ADD, ROTATE, REVOKE], ids=lambda body: type(body).__name__)
def test_keys_are_changed_only_by_whom_the_scheme_names(body: Command) -> None:
    assert code(ADOPTED, body, person=EVE) == "authority.not_mandated"


def test_keys_come_with_the_first_document_and_not_before() -> None:
    assert code(EMPTY, ADD) == "organisation.not_adopted"


def test_a_revoked_key_does_not_come_back_under_another_id() -> None:
    left = then(ADOPTED, (ADD, at(2)), (REVOKE, at(3)))
    assert code(left, AddKey(key="desk-again", public=public("A"))) == "key.exists"
    assert code(left, AddKey(key="desk", public=public("A"))) == "key.exists"


# What an adoption does --------------------------------------------------------------------------------------------------


def test_a_later_document_neither_revives_a_revoked_key_nor_drops_an_added_one() -> None:
    left = then(ADOPTED, (ADD, at(2)), (REVOKE, at(3)))
    again = then(left, (adopting(DESK, Key(key="spare", public=public("S"), first=at(4))), at(4)))
    assert holding(again, at(5)) == ["van", "spare"]


def test_a_document_that_leaves_a_key_out_drops_it_not() -> None:
    spare = adopting(Key(key="spare", public=public("S"), first=at(4)))
    assert holding(then(ADOPTED, (spare, at(4))), at(5)) == ["desk", "spare"]


def test_a_document_may_say_that_a_key_goes_out() -> None:
    out = adopting(DESK.model_copy(update={"revoked": at(4)}), Key(key="spare", public=public("S"), first=at(4)))
    assert holding(then(ADOPTED, (out, at(4))), at(5)) == ["spare"]


@pytest.mark.parametrize("stated", [Key(key="desk", public=public("Z"), first=at(4)), Key(key="other", public=public("A"), first=at(4))])
def test_a_document_that_gives_a_known_key_another_half_or_another_id_is_refused(stated: Key) -> None:
    assert code(ADOPTED, adopting(stated), at(4)) == "key.exists"


def test_history_that_states_a_known_half_again_is_folded_all_the_same() -> None:
    assert with_stated((DESK,), (Key(key="other", public=public("A"), first=at(4)),)) == (DESK,)


def test_the_events_say_which_key_and_why() -> None:
    assert accepted(then(ADOPTED, (ADD, at(2))), REVOKE, at(3)) == (KeyRevoked(key="desk", at=at(3), reason="lost"),)


def test_a_document_does_not_shut_out_the_last_key_that_holds() -> None:
    out = DESK.model_copy(update={"revoked": at(2)})
    refusal = decide(adopting(out), ADOPTED, by(CLEO, at(3)))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.why) == (
        "key.last",
        "desk is the only key that holds: rotate it, or add another first, else nothing could be signed any more.",
    )
    assert accepted(ADOPTED, adopting(out, Key(key="van", public=public("B"), first=at(2))), at(3))
