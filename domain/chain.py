"""How grants follow one another: predecessors, successors, and the grant above. The chain never comes round again (invariant 31).

Links are read from the rooms ``opening`` and ``exit``. Only references inside this record are links; external ones are kept
by reference, and nothing is known of what they lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from domain import ending, opening
from domain.model import CommandBody, Event, Frozen, GrantId, Refusal, Rule
from domain.opening import Relation
from domain.succession import RecordSuccessor

UNKNOWN = Rule(
    "grant.link_unknown",
    "{reference} is no grant of this record; one that stands elsewhere is an external reference.",
    "R-05; invariant 31",
    remedy="Correct the id, open that grant first, or say that the reference is external.",
)
CIRCLE = Rule(
    "grant.chain_cycle",
    "{reference} cannot be the {relation} of {grant}: the chain would come round again ({path}).",
    "Invariant 31",
    remedy="Correct the reference or the relation: a grant follows only what came before it.",
)

LINKING = frozenset(each.__name__ for each in (opening.OpenGrant, opening.LinkGrant, RecordSuccessor))
"""The commands that can link a grant with another one of the record."""


class Link(Frozen):
    """Another grant of the record, and what it is to the one that says so."""

    relation: Relation
    grant: GrantId


Links = Mapping[str, tuple[Link, ...]]
"""Every grant of the record with the links that it states itself (none: an empty tuple)."""

NO_LINKS: Links = MappingProxyType({})


def asked(body: CommandBody) -> tuple[Link, ...]:
    """The links that a command would state."""
    match body:
        case opening.OpenGrant(predecessors=predecessors):
            return _inside("predecessor", *predecessors)
        case opening.LinkGrant() | RecordSuccessor():
            return _inside(body.relation if isinstance(body, opening.LinkGrant) else "successor", body)
        case _:
            return ()


def stated(event: Event) -> tuple[Link, ...]:
    """The links that an event states."""
    match event:
        case opening.GrantOpened(predecessors=predecessors):
            return _inside("predecessor", *predecessors)
        case opening.GrantLinked(relation=relation):
            return _inside(relation, event)
        case ending.SuccessorRecorded():
            return _inside("successor", event)
        case _:
            return ()


def own(opened: opening.State, ending: ending.State) -> tuple[Link, ...]:
    """The links that a grant states itself, each once."""
    first = stated(opened.opened) if opened.opened else ()
    later = (link for event in (*opened.linked, *ending.successors) for link in stated(event))
    return tuple(dict.fromkeys((*first, *later)))


def refused(body: CommandBody, grant: str, links: Links) -> Refusal | None:
    """Why a grant cannot have the links that a command asks for; null: it can, or it asks for none."""
    known = dict(links)
    for link in asked(body):
        if link.grant != grant and link.grant not in links:
            return UNKNOWN.refuse(reference=link.grant)
        earlier, later = _edge(grant, link)
        path = _path(later, earlier, _onward(known, hierarchy=link.relation == "parent"))
        if path:
            return CIRCLE.refuse(reference=link.grant, relation=link.relation, grant=grant, path=" → ".join((*path, later)))
        known[grant] = (*known.get(grant, ()), link)
    return None


def ordered(links: Links) -> tuple[str, ...]:
    """The grants, each after all that it follows; those that nothing orders stand by their ids."""
    after = {name: set[str]() for name in links}
    for earlier, onward in _onward(links, hierarchy=False).items():
        for later in onward:
            if earlier in after and later in after:
                after[later].add(earlier)
    found: dict[str, None] = {}
    while waiting := sorted(after.keys() - found.keys()):
        found[next((name for name in waiting if after[name] <= found.keys()), waiting[0])] = None
    return tuple(found)


def _inside(relation: Relation, *references: Any) -> tuple[Link, ...]:
    return tuple(Link(relation=relation, grant=each.reference) for each in references if not each.external)


def _edge(grant: str, link: Link) -> tuple[str, str]:
    """From the earlier or higher grant to the later or lower one."""
    return (grant, link.grant) if link.relation == "successor" else (link.grant, grant)


def _onward(links: Links, *, hierarchy: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, each in links.items():
        for link in each:
            if (link.relation == "parent") == hierarchy:
                earlier, later = _edge(name, link)
                found.setdefault(earlier, []).append(later)
    return found


def _path(first: str, last: str, onward: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """A way from one grant to another along the chain; none: there is none."""
    ways: list[tuple[str, ...]] = [(first,)]
    seen = {first}
    while ways:
        way = ways.pop()
        if way[-1] == last:
            return way
        fresh = [each for each in onward.get(way[-1], ()) if each not in seen]
        seen.update(fresh)
        ways.extend((*way, each) for each in fresh)
    return ()
