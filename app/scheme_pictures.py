"""Pictures of a scheme of delegation: for one edition and one kind of instrument, every step that a paper may have to take, and when."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from app.drawing import Box, Column, Line, Picture
from domain.model import said
from domain.organisation import Charter
from domain.policy import Condition, RouteRule, SchemeEdition

KINDS = ("bid", "offer", "agreement", "variation")
"""The kinds of instrument that a paper can be about."""

WHEN: dict[str, str] = {
    "verbs": "it asks to {any}",
    "instruments": "it is about {any}",
    "at_least_pence": "it is for {amount_pence} or more",
    "cumulative_at_least_pence": "the grant comes to {amount_pence} or more",
    "retrospective": "it is {not_}retrospective",
    "novel": "it is {not_}novel",
    "boards": "it goes to {any}",
    "contentious": "it is {not_}contentious",
    "repercussive": "it is {not_}repercussive",
    "terms_changed": "it {keeps} the terms",
    "business_case_at_least_pence": "its business case is for {amount_pence} or more",
    "variation_share_at_least_percent": "variations come to {number} % of the grant or more",
    "marks": "it is marked {any}",
}
"""What each field of a condition says of a paper."""

GATE = "Supports it, defers or declines it ({office} minutes)"
SAYS = {"advise": "Advises", "decide": "Decides {limit}"}
ANY_VALUE, UP_TO, BLANK = "at any value", "while the grant comes to {limit_pence} at most", "nothing: no limit is stated"
ONLY, ALWAYS = "{say}, if {when}", "{say}, always"
INSTEAD = "In its absence: {offices}"
SUFFICE, ALL = "{quorum} of the group {group} suffice", "All of the group {group} are needed"
DESCRIPTION = "Every step that {title} can ask of a paper about {kind}; a step stands where one of its rules applies. Steps of one column run side by side."


def when(condition: Condition, *, instruments: bool = True) -> str | None:
    """When a rule applies, in words; null: always. ``instruments`` false: leaves out the kinds of instrument."""
    values = {name: getattr(condition, name) for name in Condition.model_fields if instruments or name != "instruments"}
    found = [said(WHEN[name], _spoken(each)) for name, each in values.items() if each is not None]
    return " and ".join(found) or None


def route(charter: Charter, edition: SchemeEdition, kind: str) -> Picture:
    """The steps of an edition for one kind of instrument: one column an order, one box an office or board."""
    rules = sorted((each for each in edition.rules if each.when.instruments is None or kind in each.when.instruments), key=lambda each: each.order)
    columns = tuple(Column(f"Step {order}", tuple(_boxes(charter, list(of_order)))) for order, of_order in groupby(rules, key=lambda each: each.order))
    about = f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
    return Picture(f"{charter.title}: a paper about {about}", said(DESCRIPTION, {"title": edition.title, "kind": about}), columns)


def _boxes(charter: Charter, rules: list[RouteRule]) -> Iterator[Box]:
    for whose in dict.fromkeys((each.board or each.office, each.says) for each in rules):
        of_step = [each for each in rules if (each.board or each.office, each.says) == whose]
        lines = tuple(line for number, each in enumerate(of_step) for line in _lines(charter, each, first=number == 0))
        yield Box(of_step[0].rule, named(charter, of_step[0].office, of_step[0].board), lines)


def _lines(charter: Charter, rule: RouteRule, *, first: bool) -> Iterator[Line]:
    applies = when(rule.when, instruments=False)
    yield Line(said(ONLY if applies else ALWAYS, {"say": _say(charter, rule), "when": applies}), apart=not first)
    yield from beside(charter, rule.stand_in, rule.group, rule.quorum)
    yield Line(f"Because {rule.because}")
    yield Line(f"{rule.source}{' (assumed)' if rule.assumed else ''}", quiet=True)


def _say(charter: Charter, rule: RouteRule) -> str:
    if rule.says == "gate":
        return said(GATE, {"office": named(charter, rule.office, None)})
    limit = ANY_VALUE if rule.limit_pence == "any" else said(UP_TO if rule.limit_pence is not None else BLANK, {"limit_pence": rule.limit_pence})
    return said(SAYS[rule.says], {"limit": limit})


def beside(charter: Charter, stand_in: tuple[str, ...], group: str | None, quorum: int | None) -> Iterator[Line]:
    """Who may take a step in its office's place, and how many of its group suffice; nothing where the scheme says nothing."""
    if stand_in:
        yield Line(said(INSTEAD, {"offices": tuple(named(charter, each, None) for each in stand_in)}))
    if group:
        yield Line(said(SUFFICE if quorum else ALL, {"quorum": quorum, "group": group}))


def named(charter: Charter, office: str, board: str | None) -> str:
    """The title of a board, else of an office; one that is not defined goes by its id."""
    if board:
        return next((each.title for each in charter.policy.boards if each.board == board), board)
    return next((each.title for each in charter.offices if each.office == office), office)


def _spoken(value: Any) -> dict[str, object]:
    words = value if isinstance(value, tuple) else ()
    listed = " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:]))).replace("_", " ")
    return {"any": listed, "amount_pence": value, "number": value, "not_": "" if value else "not ", "keeps": "changes" if value else "keeps"}
