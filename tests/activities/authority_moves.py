"""What can be tried in a life: by whoever may, by anybody, in time or too late; each move is drawn from a number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from domain import approval
from domain.calendar import day_of
from domain.model import Duty
from tests.activities.authority_life import BASE, VARIATIONS, YEAR, Body, Life
from tests.activities.authority_world import BOARD, DECIDERS, MEETINGS, OFFICES, PEOPLE, signer

Move = Callable[[Life, Random], object]


def begin(life: Life, drawn: Random) -> None:
    """A grant with an agreement that was ratified, and variations that the funder makes available."""
    parties = [{"role": "funder", "party": "A funder"}]
    life.ask("OpenGrant", life.holder("drafters", drawn), {"organisation": "house", "title": "Any", "clock": "rehearsal", "parties": parties})
    lines = [{"line": "whole", "year": YEAR, "pence": BASE, "categories": ["pay"]}]
    returns = {"months": 3, "due_days": 30}
    life.ask("RecordExecution", life.holder("top", drawn), {"agreement": "base", "executed": "2020-06", "lines": lines, "returns": returns})


def available(life: Life, drawn: Random) -> object:
    """The funder makes a variation available."""
    name = drawn.choice(list(VARIATIONS))
    lines = [{"line": name, "year": YEAR, "pence": VARIATIONS[name], "categories": []}]
    planned = {"first": "2020-10-01", "last": drawn.choice(("2021-03-31", "2021-01-31"))}
    body = {"variation": name, "agreement": "base", "made_available": "2020-12", "planned": planned, "lines": lines}
    return life.ask("ReceiveVariation", life.holder("top", drawn), body)


def draft(life: Life, drawn: Random) -> object:
    """A new paper about one of the grant's variations, or about none."""
    return life.ask("DraftPaper", _somebody(life, "drafters", drawn), contents(life, drawn, f"P{drawn.randint(1, 4)}"))


def edit(life: Life, drawn: Random) -> object:
    """Other contents for a paper."""
    name = _paper(life, drawn)
    body = contents(life, drawn, name)
    if name in life.grant.approval.papers and drawn.random() < 0.7:
        stands = life.grant.approval.papers[name].contents.model_dump(mode="json")
        kind = drawn.choice(("title", "title", "items", "facts"))
        body = {**stands, kind: body[kind]}
    return life.ask("EditPaper", _somebody(life, "drafters", drawn), {**body, "reason": "better", "changes": drawn.choice(([], [], ["terms"]))}, drawn=drawn)


def contents(life: Life, drawn: Random, name: str) -> Body:
    """What a paper says."""
    known = list(life.grant.variation.variations) or ["v1"]
    about = drawn.choice((*known, *known, "base", "base")) if drawn.random() < 0.97 else "v9"
    full = VARIATIONS.get(about, BASE)
    pence = drawn.choice((full, full, full, full // 2))
    verb = "ratify" if about == "base" else drawn.choice(("approve", "approve", "approve", "note", "approve_in_principle"))
    items: list[Body] = [{"item": "1", "verbs": [verb], "words": "the money", "instrument": about, "pence": {YEAR: pence}}]
    if drawn.random() < 0.2:
        items.append({"item": "2", "verbs": ["delegate"], "words": "to sign", "to": "finance", "acts": ["ApplyVariation"], "instrument": about})
    flags = {each: drawn.random() < 0.3 for each in ("retrospective", "novel", "contentious", "repercussive", "terms_changed")}
    facts = {**flags, "restricted": False, "gates": [BOARD] if drawn.random() < 0.25 else []}
    supersedes = drawn.choice([each.id for each in life.papers if each.items is not None] or [each.id for each in life.papers] or [None])
    extra = {"supersedes": supersedes} if supersedes and supersedes != name and drawn.random() < 0.3 else {}
    return {"paper": name, "title": drawn.choice(("A paper", "A paper.")), "items": items, "documents": [], "facts": facts, **extra}


def submit(life: Life, drawn: Random) -> object:
    """A paper sent along its route."""
    return life.ask("SubmitPaper", _somebody(life, "drafters", drawn), {"paper": _paper(life, drawn)}, drawn=drawn)


def following(life: Life, drawn: Random) -> object:
    """What is owed next, by somebody who may; nothing owed: a new paper."""
    owed = life.owed()
    if not owed:
        return draft(life, drawn)
    duty = drawn.choice(owed)
    paper, actor = duty.subject.split(" at ")[0], life.holder(duty.owner, drawn)
    if duty.name in ("submit", "revise"):
        return life.ask("SubmitPaper", actor, {"paper": paper})
    if duty.name == "minute":
        return life.ask("MinuteStep", actor, _minute(life, drawn, paper), drawn=None)
    if duty.name == "advise":
        return life.ask("AdviseStep", actor, {"paper": paper, "office": duty.owner, "comment": "No reason against"})
    if duty.name == "decide":
        return life.ask("DecideStep", actor, {"paper": paper, "office": duty.owner, "outcomes": outcomes(life, drawn, paper, plain=True)})
    return advance(life, drawn)


def advise(life: Life, drawn: Random) -> object:
    """Somebody's comment at some step."""
    office = drawn.choice(OFFICES)
    body = {"paper": _paper(life, drawn), "office": office, "comment": "So it is", "view": drawn.choice(("comment", "endorse", "object"))}
    return life.ask("AdviseStep", _somebody(life, office, drawn), body, _principal(drawn), drawn=drawn)


def decide(life: Life, drawn: Random) -> object:
    """Somebody's decision at some step."""
    office, paper = drawn.choice((*DECIDERS, *DECIDERS, *OFFICES)), _paper(life, drawn)
    body = {"paper": paper, "office": office, "outcomes": outcomes(life, drawn, paper)}
    return life.ask("DecideStep", _somebody(life, office, drawn), body, _principal(drawn), drawn=drawn)


def covered(life: Life, drawn: Random) -> object:
    """Whoever stands in for the holder of an office takes its step; time passes where nobody does."""
    day, owed = day_of(life.now), [each for each in life.owed() if each.name in ("advise", "decide")]
    rows = [row for row in life.world.charter.cover if row.principal in life.world.holders(row.office, day)]
    fitting = [(row, each) for row in rows for each in owed if each.owner == row.office and row.first <= day]
    if not fitting:
        return advance(life, drawn)
    row, duty = drawn.choice(fitting)
    return _take(life, drawn, duty, row.person, row.principal)


def stands_in(life: Life, drawn: Random) -> object:
    """Somebody in an office that the route lets stand in takes the step; time passes where it lets none."""
    found = [(each, step) for each in life.owed() for step in life.steps(each) if step.stand_in and each.name in ("advise", "decide")]
    if not found:
        return advance(life, drawn)
    duty, step = drawn.choice(found)
    return _take(life, drawn, duty, life.holder(drawn.choice(step.stand_in), drawn), None)


def _take(life: Life, drawn: Random, duty: Duty, actor: str, principal: str | None) -> object:
    body = {"paper": duty.subject, "office": duty.owner}
    if duty.name == "advise":
        return life.ask("AdviseStep", actor, {**body, "comment": "For them"}, principal)
    return life.ask("DecideStep", actor, {**body, "outcomes": outcomes(life, drawn, duty.subject, plain=True)}, principal)


def late_voice(life: Life, drawn: Random) -> object:
    """Somebody speaks at a step that is taken already, or that nobody needs any more."""
    found = [(paper, each.step) for paper in life.papers for each in paper.steps if each.said or each.step.whose in paper.stood_down()]
    if not found:
        return advance(life, drawn)
    paper, step = drawn.choice(found)
    actor, body = life.holder(step.office, drawn), {"paper": paper.id, "office": step.office}
    if step.board:
        return life.ask("MinuteStep", actor, _minute(life, drawn, paper.id))
    if step.says == "advise":
        return life.ask("AdviseStep", actor, {**body, "comment": "Once more"})
    return life.ask("DecideStep", actor, {**body, "outcomes": outcomes(life, drawn, paper.id, plain=True)})


def urgent(life: Life, drawn: Random) -> object:
    """A decision before its turn."""
    office, paper = drawn.choice(DECIDERS), _paper(life, drawn)
    body = {"paper": paper, "office": office, "outcomes": outcomes(life, drawn, paper, plain=True), "reason": "it cannot wait"}
    return life.ask("DecideUrgently", _somebody(life, office, drawn), body, drawn=drawn)


def outcomes(life: Life, drawn: Random, paper: str, *, plain: bool = False) -> list[Body]:
    """An answer to each item."""
    found = life.grant.approval.papers.get(paper)
    items = found.contents.items if found else ()
    answers = [_outcome(each.item, dict(each.pence), drawn, plain=plain) for each in items] or [{"item": "1", "outcome": "approved"}]
    return answers if plain or drawn.random() < 0.9 else [*answers, {"item": "9", "outcome": "approved"}]


def _outcome(item: str, pence: dict[str, int], drawn: Random, *, plain: bool) -> Body:
    kinds = ("approved",) * 6 + ("declined", "deferred", "approved_lower", "approved_in_principle") + (() if plain else ("noted", "approved_lower"))
    kind = drawn.choice(kinds)
    lower = {year: max(0, amount - drawn.choice((0, 1, 100))) for year, amount in pence.items()} or {YEAR: 1}
    proviso = {
        "condition": "k",
        "words": "insured first",
        "owner": drawn.choice(("finance", "finance", "A funder", "nobody-there")),
        "before": drawn.random() < 0.5,
    }
    conditions = [proviso] if kind == "approved" and drawn.random() < 0.25 else []
    return {"item": item, "outcome": kind, **({"pence": lower} if kind == "approved_lower" else {}), **({"conditions": conditions} if conditions else {})}


def simple(kind: str, **rest: object) -> Move:
    """A step's command that names the paper and the office, sent by somebody."""

    def move(life: Life, drawn: Random) -> object:
        office = drawn.choice(OFFICES)
        owed = [each for each in life.owed() if each.owner in OFFICES]
        if owed and drawn.random() < 0.7:
            office = drawn.choice(owed).owner
        body: Body = {"paper": _paper(life, drawn), "office": office, "reason": "so", **rest}
        if kind == "DelegateStep":
            body["to"] = drawn.choice(("chief", "legal", "finance"))
        return life.ask(kind, _somebody(life, office, drawn), body, _principal(drawn), drawn=drawn)

    return move


def minute(life: Life, drawn: Random) -> object:
    """The board's secretary writes down what the board said."""
    return life.ask("MinuteStep", _somebody(life, "secretary", drawn), _minute(life, drawn, _paper(life, drawn)), drawn=drawn)


def _minute(life: Life, drawn: Random, paper: str) -> Body:
    past = [each for each in MEETINGS if each <= day_of(life.now)]
    met = past[-1] if past and drawn.random() < 0.9 else day_of(life.now) + timedelta(days=drawn.randint(-9, 9))
    outcome = drawn.choice(("supported", "supported", "deferred", "declined"))
    return {"paper": paper, "board": BOARD, "met": met.isoformat(), "outcome": outcome, "minute": drawn.choice(("Yes", "So"))}


def interest(life: Life, drawn: Random) -> object:
    """Somebody declares an interest."""
    name = f"i{drawn.randint(1, 3)}"
    if drawn.random() < 0.5:
        return life.ask("WithdrawInterest", drawn.choice(PEOPLE), {"interest": name, "reason": "it is over"})
    body = {"interest": name, "about": drawn.choice((None, _paper(life, drawn), _paper(life, drawn))), "nature": drawn.choice(("a friend", "a share"))}
    return life.ask("DeclareInterest", drawn.choice(PEOPLE), body)


def record(life: Life, drawn: Random) -> object:
    """A decision as a document states it: of a paper here, or alone."""
    base = {"decision": f"D{drawn.randint(1, 3)}", "maker": "as stated", "decided": "2021-01", "date_signed": None, "date_published": None}
    body: Body = {**base, "document": {"kind": "decision", "kept": "the register"}}
    if drawn.random() < 0.6:
        return life.ask("RecordDecision", life.holder("top", drawn), {**body, "paper": _paper(life, drawn)})
    alone = {"item": "1", "verbs": ["ratify"], "words": "ratified", "instrument": "base", "pence": {YEAR: BASE}, "outcome": "approved"}
    return life.ask("RecordDecision", life.holder("top", drawn), {**body, "items": [alone]})


def apply(life: Life, drawn: Random) -> object:
    """A variation taken into the cap."""
    approved = [name for name in life.grant.variation.variations if name in approval.authorised(life.grant.approval)]
    office = drawn.choice(("finance", "finance", "legal", "chief"))
    return life.ask("ApplyVariation", _somebody(life, office, drawn), {"variation": drawn.choice(approved or list(VARIATIONS))})


def pause(life: Life, drawn: Random) -> object:
    """A paper waits, for a reason and until a day; or goes on."""
    paper, until = _paper(life, drawn), (day_of(life.now) + timedelta(days=drawn.randint(-1, 9))).isoformat()
    if drawn.random() < 0.3:
        return life.ask("ResumePaper", _somebody(life, "drafters", drawn), {"paper": paper, "reason": "answered"})
    return life.ask("PausePaper", _somebody(life, "drafters", drawn), {"paper": paper, "until": until, "reason": "the funder is asked"})


def publish(life: Life, drawn: Random) -> object:
    """A decision is published, or put off."""
    paper = _paper(life, drawn)
    if drawn.random() < 0.5:
        until = (day_of(life.now) + timedelta(days=drawn.randint(-2, 20))).isoformat()
        return life.ask("DeferPublication", _somebody(life, "drafters", drawn), {"paper": paper, "until": until, "reason": "a tender is open"})
    return life.ask("PublishDecision", _somebody(life, "drafters", drawn), {"paper": paper, "document": {"kind": "decision", "kept": "the register"}})


def forged(life: Life, drawn: Random) -> object:
    """A step under a stranger's key."""
    body = {"paper": _paper(life, drawn), "office": "top", "outcomes": [{"item": "1", "outcome": "approved"}]}
    return life.ask("DecideStep", life.holder("top", drawn), body, by=signer(1))


def advance(life: Life, drawn: Random) -> object:
    """Time passes."""
    life.now += timedelta(hours=drawn.choice((1, 5, 24, 24, 72, 200)))
    return life.ask("AdvanceClock", life.holder("drafters", drawn), {"to": life.now.isoformat().replace("+00:00", "Z")})


def _paper(life: Life, drawn: Random) -> str:
    """A paper that stands, most often one that is undecided; now and then one that does not exist."""
    open_ones = [each.id for each in life.papers if each.items is None]
    names = [each.id for each in life.papers]
    return drawn.choice(open_ones or names or ["P1"]) if drawn.random() < 0.85 else drawn.choice([*names, "P9"])


def _somebody(life: Life, office: str, drawn: Random) -> str:
    return life.holder(office, drawn) if drawn.random() < (0.9 if office == "drafters" else 0.7) else drawn.choice(PEOPLE)


def _principal(drawn: Random) -> str | None:
    return drawn.choice(PEOPLE) if drawn.random() < 0.12 else None


MOVES: dict[str, tuple[int, Move]] = {
    "following": (30, following),
    "available": (2, available),
    "draft": (3, draft),
    "edit": (4, edit),
    "submit": (4, submit),
    "advise": (2, advise),
    "decide": (4, decide),
    "covered": (5, covered),
    "stands in": (3, stands_in),
    "late voice": (2, late_voice),
    "urgent": (2, urgent),
    "send back": (1, simple("SendBackStep")),
    "recuse": (1, simple("RecuseStep")),
    "delegate": (1, simple("DelegateStep")),
    "withdraw": (2, simple("WithdrawStep")),
    "minute": (3, minute),
    "interest": (2, interest),
    "record": (2, record),
    "apply": (3, apply),
    "pause": (2, pause),
    "publish": (2, publish),
    "forged": (1, forged),
    "advance": (4, advance),
}
"""What can be tried, each with how often among the others."""
