"""The scheme of delegation at work: the route that a paper takes, and why.

A route is computed from one dated edition and what the paper asks. Whatever the edition leaves open is refused, never
approved (DESIGN §6; invariant 18): no edition, an item that nobody may decide, an office that does not exist, a blank limit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Literal

from domain.model import Frozen, Identifier, Name, Pence, Refusal, Rule, Text
from domain.policy import Condition, RouteRule, SchemeEdition

Says = Literal["advise", "gate", "decide"]

NO_EDITION = Rule("scheme.no_edition", "No edition of the scheme of delegation is in force on {day}, so nothing can be approved.", "DESIGN §6; invariant 18")
NO_RULE = Rule(
    "scheme.no_rule",
    "No rule of {edition} lets an office decide item {item} ({verbs} of {kind}) of a grant that comes to {cumulative_pence}.",
    "DESIGN §6: no rule found, refuse; invariant 18",
)
UNKNOWN_OFFICE = Rule("scheme.unknown_office", "Rule {rule} of {edition} names {office}, an office that does not exist.", "DESIGN §6; invariant 18")
UNKNOWN_BOARD = Rule("scheme.unknown_board", "Rule {rule} of {edition} names {board}, a board that does not exist.", "DESIGN §6; invariant 18")
NO_GATE = Rule("scheme.no_gate", "The paper must go to {boards}, but no rule of {edition} sends it there.", "DESIGN §6: no rule found, refuse; R-79")
BLANK_LIMIT = Rule("scheme.blank_limit", "Rule {rule} of {edition} lets {office} decide but states no limit, not even any.", "DESIGN §6: a blank limit, refuse")


class Reason(Frozen):
    """Why a step stands in a route: the rule, its words, where it comes from, and whether we assumed its wording."""

    rule: Identifier
    because: Text
    source: Name
    assumed: bool


class Step(Frozen):
    """One office's say, or a board's at a gate, whose minute the office keeps.

    Steps of equal order run side by side; a step starts when all steps of lower order are done.
    """

    office: Identifier
    says: Says
    order: int
    ladder: Identifier
    reasons: tuple[Reason, ...]
    board: Identifier | None = None
    stand_in: tuple[Identifier, ...] = ()
    group: Identifier | None = None
    quorum: int | None = None

    @property
    def whose(self) -> str:
        """Whose say it is: the board's at a gate, else the office's; a route has one step of each at most."""
        return self.board or self.office

    def __str__(self) -> str:
        """The step with its reasons, as a line of the history says it."""
        say = f"{self.board} to support it, {self.office} to minute" if self.board else f"{self.office} to {self.says}"
        return f"{say}, because {' and '.join(f'{each.because}: {each.source}' for each in self.reasons)}"


class Short(Frozen):
    """An office that may decide such a paper, but only up to a limit (whole pence) that this one exceeds."""

    office: Identifier
    limit_pence: Pence
    reason: Reason


class Route(Frozen):
    """The approvals that a paper needs under one edition, in order, and whose limits it exceeds."""

    edition: Identifier
    steps: tuple[Step, ...]
    short: tuple[Short, ...]

    def __str__(self) -> str:
        """The route as a line of the history says it."""
        return f"{', '.join(map(str, self.steps))} (edition {self.edition})"

    def says(self) -> frozenset[tuple[str, Says]]:
        """Whose say is needed, whatever the order."""
        return frozenset((each.whose, each.says) for each in self.steps)


class AskedItem(Frozen):
    """One item as a rule may know it: its verbs, and the kind of its instrument (null: none)."""

    item: Identifier
    verbs: tuple[Identifier, ...]
    kind: Identifier | None


class Asked(Frozen):
    """What a paper asks, as a rule may know it. Whole pence; ``cumulative_pence`` is the grant with all its variations."""

    items: tuple[AskedItem, ...]
    pence: Pence
    cumulative_pence: Pence
    retrospective: bool
    novel: bool
    boards: tuple[Identifier, ...] = ()


def route(edition: SchemeEdition | None, asked: Asked, offices: Collection[str], day: date, boards: Collection[str] = ()) -> Route | Refusal:
    """The route under ``edition``, the one in force on ``day``, among the ``offices`` and ``boards`` that exist; or what it leaves open.

    A limit is held against the cumulative value, so that a grant cannot be split below it. Every rule that applies and
    whose limit suffices gives a step; every item needs a rule that decides it, and every board that the paper names one that
    sends it there.
    """
    if edition is None:
        return NO_EDITION.refuse(day=day)
    rules = tuple(rule for rule in edition.rules if any(_applies(rule.when, item, asked) for item in asked.items))
    return (
        _unknown(edition, rules, offices, boards)
        or _ungated(edition, rules, asked)
        or _blank_limit(edition, rules)
        or _undecided(edition, rules, asked)
        or _laid(edition, rules, asked)
    )


def _applies(when: Condition, item: AskedItem, asked: Asked) -> bool:
    return all(
        (
            when.verbs is None or not set(when.verbs).isdisjoint(item.verbs),
            when.instruments is None or item.kind in when.instruments,
            when.at_least_pence is None or asked.pence >= when.at_least_pence,
            when.cumulative_at_least_pence is None or asked.cumulative_pence >= when.cumulative_at_least_pence,
            when.retrospective is None or asked.retrospective == when.retrospective,
            when.novel is None or asked.novel == when.novel,
            when.boards is None or not set(when.boards).isdisjoint(asked.boards),
        ),
    )


def _unknown(edition: SchemeEdition, rules: Iterable[RouteRule], offices: Collection[str], boards: Collection[str]) -> Refusal | None:
    for rule in rules:
        if rule.office not in offices:
            return UNKNOWN_OFFICE.refuse(rule=rule.rule, edition=edition.title, office=rule.office)
        if rule.board and rule.board not in boards:
            return UNKNOWN_BOARD.refuse(rule=rule.rule, edition=edition.title, board=rule.board)
    return None


def _ungated(edition: SchemeEdition, rules: Iterable[RouteRule], asked: Asked) -> Refusal | None:
    gates = {rule.board for rule in rules}
    missing = tuple(each for each in asked.boards if each not in gates)
    return NO_GATE.refuse(boards=missing, edition=edition.title) if missing else None


def _blank_limit(edition: SchemeEdition, rules: Iterable[RouteRule]) -> Refusal | None:
    blank = next((rule for rule in rules if rule.says == "decide" and rule.limit_pence is None), None)
    return BLANK_LIMIT.refuse(rule=blank.rule, edition=edition.title, office=blank.office) if blank else None


def _undecided(edition: SchemeEdition, rules: Iterable[RouteRule], asked: Asked) -> Refusal | None:
    deciding = [rule for rule in rules if rule.says == "decide" and _limit_below(rule, asked) is None]
    for item in asked.items:
        if not any(_applies(rule.when, item, asked) for rule in deciding):
            kind, verbs = item.kind or "no instrument", " and ".join(item.verbs)
            return NO_RULE.refuse(edition=edition.title, item=item.item, verbs=verbs, kind=kind, cumulative_pence=asked.cumulative_pence)
    return None


def _limit_below(rule: RouteRule, asked: Asked) -> int | None:
    """The limit of a deciding rule that the cumulative value exceeds; null: it does not."""
    limit = rule.limit_pence
    return limit if rule.says == "decide" and isinstance(limit, int) and limit < asked.cumulative_pence else None


def _laid(edition: SchemeEdition, rules: Iterable[RouteRule], asked: Asked) -> Route:
    short: list[Short] = []
    by_whom: dict[str, list[RouteRule]] = {}
    for rule in rules:
        limit = _limit_below(rule, asked)
        if limit is None:
            by_whom.setdefault(rule.board or rule.office, []).append(rule)
        else:
            short.append(Short(office=rule.office, limit_pence=limit, reason=_reason(rule)))
    steps = sorted((_step(each) for each in by_whom.values()), key=lambda step: step.order)
    return Route(edition=edition.edition, steps=tuple(steps), short=tuple(short))


def _step(rules: list[RouteRule]) -> Step:
    """One office or board has one step: deciding outweighs advising, and it comes as late as the latest rule for it says."""
    last = max(rules, key=lambda rule: (rule.says == "decide", rule.order))
    reasons = tuple(_reason(each) for each in rules)
    return Step(office=last.office, says=last.says, order=last.order, ladder=last.ladder, reasons=reasons, board=last.board, stand_in=last.stand_in)


def _reason(rule: RouteRule) -> Reason:
    return Reason(rule=rule.rule, because=rule.because, source=rule.source, assumed=rule.assumed)
