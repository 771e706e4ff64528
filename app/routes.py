"""The live route of a paper: who has said what and when, who is waited on since when and by when, and why each step stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from app.drawing import Box, Column, Line, Picture, Tone
from app.errors import MisusedError, NotFoundError
from app.reader import Reader, today_of
from app.scheme_pictures import beside, named
from domain.approval import AT_BOARD, otherwise
from domain.calendar import rfc3339
from domain.grant import Grant
from domain.model import said
from domain.obligations import Obligation
from domain.organisation import Charter
from domain.outlook import Outlook
from domain.paper import DecidedItem
from domain.register import came_back, voided
from domain.scheme import Step
from domain.steps import Paper, Said, Taken

View = dict[str, Any]

TONES: Mapping[str, Tone] = {"taken": "done", "waits": "open", "later": "later", "not asked": "later", "stood down": "later"}
WAITS, LATER, NOT_ASKED = "Waits since {since}, due {due}", "Waits for {first} first", "Not asked: the paper was decided without it"
STOOD_DOWN = "Not needed: {quorum} of the group {group} were enough"
SAID, FOR, AS = "{verb} on {at}, by {actor}{principal}{standing_in}", " for {principal}", " as {capacity}, who stands in"
VERBS = {"advise": "Advised", "gate": "Supported", "decide": "Decided"}
TAKES = {"advise": "Advises", "gate": "Is minuted by {office}", "decide": "Decides"}
SUBMITTED = "Submitted it on {dated}"
DRAFTED = {"drafted": "Is drafting it since {since}", "sent back": "Has it back since {since}", "submitted": SUBMITTED, "decided": SUBMITTED}


def route_of(reader: Reader, name: str, paper: str | None, now: datetime) -> View:
    """The route of a paper; ``paper`` null: of the one that is not decided, or of the only one.

    Raises:
        NotFoundError: no such grant, or no such paper in it.
        MisusedError: it is not told which paper is meant.

    """
    grant = reader.grant(name)
    organisation = reader.organisation_of(grant)
    meant = _meant(grant, paper)
    charter, outlook = organisation.charter, Outlook(grant, organisation, today_of(grant, now))
    if charter is None:
        message = f"The organisation of {name} has never been adopted"
        raise NotFoundError(message)
    opened = grant.opening.opened
    return {
        "grant": grant.id,
        "grant_title": opened.title if opened else None,
        "clock": grant.clock,
        "hypothetical": bool(opened and opened.hypothetical),
        "paper": meant.id,
        "title": meant.contents.title,
        "standing": _standing(meant),
        "since": rfc3339(meant.since),
        "drafted_by": {"office": meant.office, "title": named(charter, meant.office, None)},
        "came_back": came_back(meant),
        "void": list(voided(meant)),
        "approved_otherwise": list(otherwise(grant.approval, meant)),
        "dated": meant.dated.isoformat() if meant.dated else None,
        "edition": meant.route.edition if meant.route else None,
        "break_glass": list(grant.restricted.banners()),
        "steps": [_step(each, meant, charter, outlook) for each in meant.steps],
        "items": [_item(each) for each in meant.items or ()],
    }


def picture(found: View) -> Picture:
    """The route as it stands, left to right: its drafter, the steps by their order, what was decided."""
    sentences = [f"{found['standing']} since {_when(found['since'])}", *_kind(found), *found["break_glass"]]
    columns = [Column("Draft", (_draft(found),))]
    by_order = groupby(found["steps"], key=lambda each: each["order"])
    columns += [Column(f"Step {order}", tuple(_box(each) for each in steps)) for order, steps in by_order]
    if found["items"]:
        lines = tuple(Line(each["words"]) for each in found["items"])
        columns.append(Column("Outcome", (Box("outcome", f"Decided on {_when(found['since'])}", lines, "done"),)))
    return Picture(f"{found['paper']}: {found['title']}", f"{found['grant_title']} ({found['grant']}): {'; '.join(sentences)}.", tuple(columns))


def _kind(found: View) -> list[str]:
    return [word for word, holds in (("rehearsal", found["clock"] == "rehearsal"), ("invented", found["hypothetical"])) if holds]


def before(found: View) -> tuple[str, ...]:
    """What is void of what was said, and how the paper came to be with its drafter again, each once."""
    return tuple(dict.fromkeys(each for each in (*found["void"], found["came_back"]) if each))


def told(step: Mapping[str, Any]) -> str:
    """What came of a step, or whom it waits for, in one line."""
    match step["standing"]:
        case "taken":
            spoken = step["said"]
            principal = said(FOR, {"principal": spoken["on_behalf_of"]}) if spoken["on_behalf_of"] else ""
            standing_in = said(AS, spoken) if spoken["capacity"] else ""
            values = {"at": _when(spoken["at"]), "actor": spoken["actor"], "principal": principal, "standing_in": standing_in}
            return said(SAID, {"verb": VERBS[step["says"]], **values})
        case "waits":
            due = step["due"]
            return said(WAITS, {"since": _when(step["since"]), "due": _when(due) if due else "no date"})
        case "later":
            return said(LATER, {"first": tuple(step["waits_for"])})
        case "stood down":
            return said(STOOD_DOWN, step)
        case _:
            return NOT_ASKED


def _meant(grant: Grant, paper: str | None) -> Paper:
    papers = grant.approval.papers
    listed = ", ".join(papers) or "none"
    if paper is not None:
        if paper not in papers:
            message = f"{grant.id} has no paper {paper}; it has: {listed}"
            raise NotFoundError(message)
        return papers[paper]
    if not papers:
        message = f"{grant.id} has no paper yet, so no route"
        raise NotFoundError(message)
    for meant in ([each for each in papers.values() if each.items is None], list(papers.values())):
        if len(meant) == 1:
            return meant[0]
    message = f"Say which paper is meant: {listed}"
    raise MisusedError(message)


def _standing(paper: Paper) -> str:
    if paper.items is not None:
        return "decided"
    if paper.steps:
        return "submitted"
    return "sent back" if paper.sent_back else "drafted"


def _step(taken: Taken, paper: Paper, charter: Charter, outlook: Outlook) -> View:
    step, owed = taken.step, _owed(taken.step, paper, outlook)
    waiting = {each.whose: since for each, since in paper.open_steps()}
    standing = _stands(taken, paper)
    return {
        "order": step.order,
        "whose": step.whose,
        "office": step.office,
        "board": step.board,
        "title": named(charter, step.office, step.board),
        "says": step.says,
        "group": step.group,
        "quorum": step.quorum,
        "stand_in": list(step.stand_in),
        "beside": [each.text for each in beside(charter, step.stand_in, step.group, step.quorum)],
        "takes": said(TAKES[step.says], {"office": named(charter, step.office, None)}),
        "standing": standing,
        "said": _said(taken.said) if taken.said else None,
        "since": rfc3339(waiting[step.whose]) if standing == "waits" else None,
        "due": rfc3339(owed.duty.due) if owed and owed.duty.due else None,
        "waits_for": [each.step.whose for each in paper.before(step) if each.said is None] if standing == "later" else [],
        "reasons": [each.model_dump(mode="json") for each in step.reasons],
    }


def _stands(taken: Taken, paper: Paper) -> str:
    if taken.said:
        return "taken"
    if taken.step.whose in paper.stood_down():
        return "stood down"
    if paper.items is not None:
        return "not asked"
    return "waits" if any(each.whose == taken.step.whose for each, _ in paper.open_steps()) else "later"


def _owed(step: Step, paper: Paper, outlook: Outlook) -> Obligation | None:
    subject = f"{paper.id}{AT_BOARD}{step.board}" if step.board else paper.id
    return next((each for each in outlook.waiting if (each.duty.part, each.duty.subject, each.duty.owner) == ("approval", subject, step.office)), None)


def _said(spoken: Said) -> View:
    return {
        "actor": spoken.actor,
        "on_behalf_of": spoken.on_behalf_of,
        "capacity": spoken.capacity,
        "at": rfc3339(spoken.at),
        "comment": spoken.comment,
        "outcomes": [str(each) for each in spoken.outcomes],
    }


def _item(item: DecidedItem) -> View:
    return {"item": item.item, "outcome": item.outcome, "decided_pence": dict(item.pence), "words": str(item)}


def _draft(found: View) -> Box:
    dated, since = found["dated"], _when(found["since"])
    line = said(DRAFTED[found["standing"]], {"since": since, "dated": dated})
    told_of = tuple(Line(each) for each in (line, *before(found), *found["approved_otherwise"]))
    return Box("draft", found["drafted_by"]["title"], told_of, "done" if found["steps"] else "open")


def _box(step: Mapping[str, Any]) -> Box:
    return Box(step["whose"], step["title"], tuple(_lines(step)), TONES[step["standing"]])


def _lines(step: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(told(step))
    yield from (Line(each) for each in (step["said"] or {"outcomes": ()})["outcomes"])
    yield from (Line(each) for each in step["beside"])
    for number, each in enumerate(step["reasons"]):
        because = f"{step['takes']}, because" if number == 0 else "And because"
        yield Line(f"{because} {each['because']}", apart=number == 0)
        yield Line(f"{each['source']}{' (assumed)' if each['assumed'] else ''}", quiet=True)


def _when(instant: str) -> str:
    return said("{at}", {"at": datetime.fromisoformat(instant)})
