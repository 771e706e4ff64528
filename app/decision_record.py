"""The decision record of a paper, as it is published: Part 1 whole, and of Part 2 only that there is one.

Plain JSON: amounts in whole pence by financial year, dates as stated (null: not stated), people by their offices; the
maker of a recorded decision is named as its document names them (R-01, R-80), and where a paper was decided here and no such
decision is recorded yet, whoever stood in for somebody, by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.errors import NotFoundError
from app.part_two import public
from app.reader import Reader
from domain import approval
from domain.authority import StatedDecision
from domain.calendar import day_of
from domain.grant import Grant
from domain.organisation import Organisation
from domain.paper import DecidedItem, Item, ItemProviso, asked_by_instrument
from domain.steps import Minuted, Paper, Taken

View = dict[str, Any]

VIEWS = {"endorse": "endorses", "object": "objects"}
"""How an adviser's view is told; one that only comments advises."""


def record_of(reader: Reader, name: str, paper: str) -> View:
    """The record of a paper of a grant, found by its own id or by the reference of the decision that was made of it.

    Raises:
        NotFoundError: no such grant, or neither paper nor decision of that name in it.

    """
    grant = reader.grant(name)
    organisation = reader.organisation_of(grant)
    decisions = [each.decision for each in grant.approval.decisions.values()]
    stated = next((each for each in reversed(decisions) if paper in (each.decision, each.paper)), None)
    asked = grant.approval.papers.get(stated.paper or "" if stated else paper)
    if stated is None and asked is None:
        known = ", ".join([*grant.approval.papers, *grant.approval.decisions]) or "none"
        message = f"{name} has no paper and no decision {paper}; it has: {known}"
        raise NotFoundError(message)
    found: View = public(_head(grant, stated, asked) | _standing(grant, asked) | _content(stated, asked) | _route(grant, organisation, stated, asked))
    return found


def _head(grant: Grant, stated: StatedDecision | None, asked: Paper | None) -> View:
    opened = grant.opening.opened
    return {
        "grant": grant.id,
        "grant_title": opened.title if opened else None,
        "rehearsal": grant.clock == "rehearsal",
        "hypothetical": bool(opened and opened.hypothetical),
        "paper": asked.id if asked else None,
        "reference": stated.decision if stated else None,
        "title": asked.contents.title if asked else None,
        "decision_by": stated.maker if stated else None,
        "submitted": asked.dated.isoformat() if asked and asked.dated else None,
        "decided": stated.decided if stated else None,
        "date_signed": stated.date_signed if stated else None,
        "date_published": stated.date_published if stated else None,
        "break_glass": list(grant.restricted.banners()),
    }


def _standing(grant: Grant, asked: Paper | None) -> View:
    """What the decision binds, what stands in its place, and how far its publication has come; of a decision made elsewhere, unknown."""
    row = next((each for each in approval.papers(grant.approval, grant.opening.policy) if asked and each.paper == asked.id), None)
    return {
        "content": row.content if row else None,
        "part_one": row.part_one if row else None,
        "part_two_digest": row.part_two if row else None,
        "supersedes": row.supersedes if row else None,
        "superseded_by": list(row.superseded_by) if row else [],
        "publication": row.publication.model_dump(mode="json") if row else None,
    }


def _content(stated: StatedDecision | None, asked: Paper | None) -> View:
    """What was asked and what came of it; of a decision made elsewhere, what its document says."""
    items: tuple[Item, ...] = asked.contents.items if asked else stated.items if stated else ()
    decided = (asked.items if asked else stated.items if stated else None) or ()
    facts = asked.contents.facts if asked else None
    attached = asked.contents.documents if asked else ()
    documents = [each.model_dump(mode="json") | {"bound": each.digest is not None} for each in attached]
    return {
        "recommendations": [_recommendation(each, decided, asked.provisos if asked else ()) for each in items],
        "amounts_by_year": by_year(items, decided),
        "documents": [*documents, *([stated.document.model_dump(mode="json") | {"bound": None}] if stated else [])],
        "part_two": {
            "contains": facts.restricted if facts else None,
            "exempt": facts.exempt if facts else None,
            "review": facts.review.isoformat() if facts and facts.review else None,
        },
    }


def _recommendation(item: Item, decided: Iterable[DecidedItem], provisos: Iterable[ItemProviso]) -> View:
    answer = next((each for each in decided if each.item == item.item), None)
    return {
        "item": item.item,
        "verbs": list(item.verbs),
        "words": item.words,
        "instrument": item.instrument,
        "asked_pence": dict(item.pence),
        "to": item.to,
        "until": item.until.isoformat() if item.until else None,
        "outcome": answer.outcome if answer else None,
        "deferred_until": answer.deferred_until.isoformat() if answer and answer.deferred_until else None,
        "conditions": [each.model_dump(mode="json") for each in provisos if each.item == item.item],
        "decided_pence": dict(answer.pence) if answer else None,
    }


def by_year(items: Iterable[Item], decided: Iterable[DecidedItem]) -> list[View]:
    """Asked and authorised by instrument and year: items of one instrument state its whole, and a bid never adds to an offer (invariant 15)."""
    asked = asked_by_instrument(each for each in items if each.authorises)
    authorised = asked_by_instrument(each for each in decided if each.authorised_pence)
    return [
        {"instrument": name, "year": year, "asked_pence": pence, "approved_pence": authorised.get(name, {}).get(year, 0)}
        for name, years in asked.items()
        for year, pence in sorted(years.items())
    ]


def _route(grant: Grant, organisation: Organisation, stated: StatedDecision | None, asked: Paper | None) -> View:
    """Why each office was asked, and what it said; a decider's own words stand with its step."""
    here = stated is None and asked is not None and asked.items is not None
    steps = asked.steps if asked else ()
    boards = {each.board: each.title for each in grant.policy.boards}
    over = asked.stood_down() if asked else frozenset()
    route = [{**_step(each, organisation, boards, here=here), "stood_down": each.step.whose in over} for each in steps]
    said = [_said(each, organisation, boards) for each in steps if each.said]
    minutes = [_minuted(each, boards) for each in asked.minutes] if asked else []
    return {
        "edition": asked.route.edition if asked and asked.route else None,
        "route": route,
        "decided_here": [each for each in route if here and each["says"] == "decide" and each["taken"]],
        "comments": [*minutes, *(each for each in said if each["comment"] or each["says"] == "decide")],
    }


def _step(taken: Taken, organisation: Organisation, boards: dict[str, str], *, here: bool) -> View:
    """A step; ``here``: decided here with no decision recorded, so it says who stood in for whom."""
    said = taken.said
    return {
        "office": _title(taken, organisation, boards),
        "says": taken.step.says,
        "order": taken.step.order,
        "taken": day_of(said.at).isoformat() if said else None,
        "stood_in": f"{said.actor} for {said.on_behalf_of}" if here and said and said.on_behalf_of else None,
        "reasons": [{"because": each.because, "source": each.source, "assumed": each.assumed} for each in taken.step.reasons],
    }


def _said(taken: Taken, organisation: Organisation, boards: dict[str, str]) -> View:
    said = taken.said
    return {
        "section": _title(taken, organisation, boards),
        "says": VIEWS.get(said.view or "comment", taken.step.says) if said else taken.step.says,
        "dated": day_of(said.at).isoformat() if said else None,
        "comment": said.comment if said else None,
    }


def _minuted(minute: Minuted, boards: dict[str, str]) -> View:
    return {"section": boards.get(minute.board, minute.board), "says": minute.outcome, "dated": minute.met.isoformat(), "comment": minute.minute}


def _title(taken: Taken, organisation: Organisation, boards: dict[str, str]) -> str:
    return boards.get(taken.step.board, taken.step.board) if taken.step.board else organisation.title_of(taken.step.office)
