"""The chain of grants: what comes before what, inside this record and elsewhere, and never round again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import chain, opening
from domain import grant as grants
from domain.chain import Link, Links
from domain.chain_rows import chain_figures
from domain.ending import State as Ending
from domain.ending import SuccessorRecorded
from domain.grant import Grant
from domain.model import By, Command, Decision, Refusal
from domain.money import Amount, Stated
from domain.opening import GrantLinked, LinkGrant, OpenGrant, Reference
from domain.succession import RecordSuccessor
from tests.lives import add, organisation_of

NOW = datetime(2022, 4, 1, 9, tzinfo=UTC)
BEFORE = Reference(reference="first", external=False)
ELSEWHERE = Reference(reference="DEC 956", external=True, year="2021/22", pence=27_270_800, stated="pound")


def link(relation: opening.Relation, grant: str) -> Link:
    return Link(relation=relation, grant=grant)


def asks(relation: opening.Relation, reference: str, *, external: bool = False) -> LinkGrant:
    return LinkGrant(relation=relation, reference=reference, external=external)


def refused(body: Any, grant: str, links: Links) -> str | None:
    found = chain.refused(body, grant, links)
    return found.code if found else None


def test_a_grant_inside_the_record_must_be_there_and_one_elsewhere_need_not() -> None:
    assert refused(asks("predecessor", "first"), "second", {"second": ()}) == "grant.link_unknown"
    assert refused(asks("predecessor", "first"), "second", {"second": (), "first": ()}) is None
    assert refused(asks("predecessor", "DEC 956", external=True), "second", {"second": ()}) is None


def test_a_grant_neither_follows_nor_stands_above_itself() -> None:
    relations: tuple[opening.Relation, ...] = ("predecessor", "successor", "parent")
    for relation in relations:
        assert refused(asks(relation, "first"), "first", {"first": ()}) == "grant.chain_cycle"


def test_what_follows_a_grant_cannot_come_before_it_however_far_away() -> None:
    links = {"a": (), "b": (link("predecessor", "a"),), "c": (link("predecessor", "b"),), "d": ()}
    assert refused(asks("predecessor", "c"), "a", links) == "grant.chain_cycle"
    assert refused(asks("successor", "a"), "c", links) == "grant.chain_cycle"
    assert refused(asks("successor", "c"), "a", links) is None
    assert refused(asks("predecessor", "d"), "a", links) is None


def test_both_ends_of_a_chain_may_say_the_same() -> None:
    links = {"a": (link("successor", "b"),), "b": ()}
    assert refused(asks("predecessor", "a"), "b", links) is None


def test_who_stands_above_whom_is_no_matter_of_before_and_after() -> None:
    links = {"a": (), "b": (link("predecessor", "a"),)}
    assert refused(asks("parent", "b"), "a", links) is None
    assert refused(asks("parent", "a"), "b", {**links, "a": (link("parent", "b"),)}) == "grant.chain_cycle"


def test_the_links_of_one_opening_are_held_against_each_other() -> None:
    body = OpenGrant(organisation="house", title="G", clock="real", parties=(), predecessors=(BEFORE,))
    assert refused(body, "second", {"second": (), "first": (link("predecessor", "second"),)}) == "grant.chain_cycle"


def test_a_refusal_names_the_way_round() -> None:
    found = chain.refused(asks("predecessor", "c"), "a", {"a": (), "b": (link("predecessor", "a"),), "c": (link("predecessor", "b"),)})
    assert found
    assert "a → b → c → a" in found.why


def test_a_reference_inside_the_record_is_the_id_of_a_grant() -> None:
    with pytest.raises(ValidationError, match="the id of a grant"):
        Reference(reference="PCD 545", external=False)


NAMES = st.sampled_from("abcde")
LINKS = st.tuples(NAMES, st.sampled_from(("predecessor", "successor")), NAMES)


@settings(max_examples=200)
@given(st.lists(LINKS, max_size=12))
def test_whatever_is_linked_the_chain_has_an_order_in_which_nothing_stands_before_what_it_follows(
    wished: list[tuple[str, opening.Relation, str]],
) -> None:
    links: dict[str, tuple[Link, ...]] = dict.fromkeys("abcde", ())
    for grant, relation, other in wished:
        if chain.refused(asks(relation, other), grant, links) is None:
            links[grant] = (*links[grant], link(relation, other))
    order = chain.ordered(links)
    assert sorted(order) == list("abcde")
    for grant, found in links.items():
        for each in found:
            earlier, later = (grant, each.grant) if each.relation == "successor" else (each.grant, grant)
            assert order.index(earlier) < order.index(later)


# In the whole grant -----------------------------------------------------------------------------------------------------


def asked(kind: str, body: dict[str, Any], grant: Grant, links: Links) -> Decision:
    command = Command(v=1, id="c", grant=grant.id, type=kind, actor="p-grants", on_behalf_of=None, at=NOW, content=None, body=body, sealed=None)
    return grants.decide(command, grant, organisation_of("mopac"), NOW, links=links)


def opened(*predecessors: Reference, links: Links) -> Grant | Refusal:
    stated = [each.model_dump(mode="json", exclude_unset=True) for each in predecessors]
    body = {"organisation": "mopac", "title": "G", "clock": "rehearsal", "parties": [], "predecessors": stated}
    answer = asked("OpenGrant", body, Grant(stream="grant/second"), links)
    if isinstance(answer, Refusal):
        return answer
    grant, _ = add(Grant(stream="grant/second"), answer, By(actor="p-grants", on_behalf_of=None, now=NOW, content=None, command="c"))
    return grant


def test_a_grant_is_not_opened_after_one_that_the_record_does_not_have() -> None:
    answer = opened(BEFORE, links={})
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.who_could) == ("grant.link_unknown", ())
    assert isinstance(opened(BEFORE, links={"first": ()}), Grant)


def test_a_successor_inside_the_record_is_held_against_the_chain_like_any_link() -> None:
    grant = opened(BEFORE, links={"first": ()})
    assert isinstance(grant, Grant)
    answer = asked("RecordSuccessor", {"reference": "first", "external": False}, grant, {"first": ()})
    assert isinstance(answer, Refusal)
    assert answer.code == "grant.chain_cycle"
    assert not isinstance(asked("RecordSuccessor", {"reference": "third", "external": False}, grant, {"first": (), "third": ()}), Refusal)


def test_a_link_said_twice_adds_nothing_and_said_otherwise_the_later_word_counts() -> None:
    grant = opened(ELSEWHERE, links={})
    assert isinstance(grant, Grant)
    body = {"relation": "predecessor", "reference": "DEC 956", "external": True, "pence": 27_270_801}
    answer = asked("LinkGrant", body, grant, {})
    assert not isinstance(answer, Refusal)
    grant, _ = add(grant, answer, By(actor="p-grants", on_behalf_of=None, now=NOW, content=None, command="c"))
    assert [each.pence for each in grant.opening.references("predecessor")] == [27_270_801]
    assert asked("LinkGrant", body, grant, {}) == ()


# As it is shown ---------------------------------------------------------------------------------------------------------


def shown(*linked: GrantLinked, cap: Amount, stated: Stated = "pound") -> Any:
    before = ELSEWHERE.model_copy(update={"stated": stated})
    first = opening.GrantOpened(organisation="house", title="G", programme=None, clock="real", parties=(), predecessors=(before,), hypothetical=False)
    return chain_figures(opening.State(opened=first, linked=linked), Ending(), (), cap)


def test_the_difference_to_a_predecessor_is_only_as_exact_as_the_coarser_of_both() -> None:
    cases: tuple[tuple[Stated, Stated, Stated], ...] = (("penny", "pound", "pound"), ("million", "pound", "million"), ("penny", "penny", "penny"))
    for ours, stated, exact in cases:
        cap = Amount(pence=49_500_000, stated=ours)
        (row,) = shown(cap=cap, stated=stated).predecessors
        assert (row.pence, row.year, row.difference_pence, row.difference_stated) == (27_270_800, "2021/22", 22_229_200, exact)


def test_a_predecessor_without_an_amount_has_no_difference() -> None:
    linked = GrantLinked(relation="predecessor", reference="older", external=False)
    _, row = shown(linked, cap=Amount(pence=1)).predecessors
    assert (row.reference, row.difference_pence, row.difference_stated) == ("older", None, None)


def test_links_are_the_grants_of_this_record_alone_each_once() -> None:
    linked = (GrantLinked(relation="parent", reference="above", external=False), GrantLinked(relation="successor", reference="third", external=False))
    end = Ending(successors=(SuccessorRecorded(reference="third", external=False, first=None, documents=()),))
    found = chain_figures(opening.State(linked=linked), end, (), Amount(pence=0))
    assert found.links == (link("parent", "above"), link("successor", "third"))
    assert [each.reference for each in found.parents] == ["above"]
    assert [each.reference for each in found.successors] == ["third"]


def test_only_what_can_link_a_grant_asks_for_the_links_of_the_others() -> None:
    assert {each.__name__ for each in (OpenGrant, LinkGrant, RecordSuccessor)} == chain.LINKING
