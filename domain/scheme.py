"""The scheme of delegation at work: the route that a paper takes, and why.

A route is computed from one dated edition and what the paper asks. Whatever the edition leaves open is refused, never
approved (DESIGN §6; invariant 18): no edition, an item that nobody may decide, an office that does not exist, a blank limit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Literal

from domain.groups import differing, may_leave, members, too_few
from domain.model import Cap, Frozen, Identifier, Name, Pence, Refusal, Rule, Text
from domain.policy import Condition, RouteRule, SchemeEdition

Says = Literal["advise", "gate", "decide"]

NO_EDITION = Rule(
    "scheme.no_edition",
    "No edition of the scheme of delegation is in force on {day}, so nothing can be approved.",
    "DESIGN §6; invariant 18",
    remedy="Have an edition whose dates reach {day} entered in the organisation's files and adopted.",
)
NO_RULE = Rule(
    "scheme.no_rule",
    "No rule of {edition} lets an office decide item {item} ({verbs} of {kind}) of a grant that comes to {cumulative_pence}.",
    "DESIGN §6: no rule found, refuse; invariant 18",
    remedy="Have the scheme name an office that may decide this, and adopt it, or correct what item {item} asks.",
)
UNKNOWN_OFFICE = Rule(
    "scheme.unknown_office",
    "Rule {rule} of {edition} names {office}, an office that does not exist.",
    "DESIGN §6; invariant 18",
    remedy="Have {office} entered among the organisation's offices, or rule {rule} corrected, and adopt it.",
)
UNKNOWN_BOARD = Rule(
    "scheme.unknown_board",
    "Rule {rule} of {edition} names {board}, a board that does not exist.",
    "DESIGN §6; invariant 18",
    remedy="Have {board} entered among the organisation's boards, or rule {rule} corrected, and adopt it.",
)
NO_GATE = Rule(
    "scheme.no_gate",
    "The paper must go to {boards}, but no rule of {edition} sends it there.",
    "DESIGN §6: no rule found, refuse; R-79",
    remedy="Have the scheme say who minutes {boards}, and adopt it, or take the board out of the paper's facts.",
)
BLANK_LIMIT = Rule(
    "scheme.blank_limit",
    "Rule {rule} of {edition} lets {office} decide but states no limit, not even any.",
    "DESIGN §6: a blank limit, refuse",
    remedy="Have the rule {rule} say the highest sum that {office} may decide, or any, and adopt the scheme.",
)
QUORUM = Rule(
    "scheme.quorum",
    "Group {group} of {edition} needs {quorum} of its steps, but has only {size} for this paper.",
    "DESIGN §6; invariant 18",
    remedy="Have the scheme ask for at most {size} steps of group {group}, or add rules to it, and adopt it.",
)
MIXED_GROUP = Rule(
    "scheme.mixed_group",
    "The steps of group {group} of {edition} differ in their {what}, so no quorum can be told.",
    "DESIGN §6; invariant 18",
    remedy="Have the scheme give all rules of group {group} the same {what}, and adopt it.",
)
QUORUM_LEAVES = Rule(
    "scheme.quorum_leaves_item",
    "A quorum of group {group} of {edition} could leave item {item} without an office that may decide it.",
    "DESIGN §6: no rule found, refuse; invariant 18",
    remedy="Have the scheme raise the quorum of group {group}, or let each of its offices decide item {item}, or draft it as a paper of its own.",
)


class Reason(Frozen):
    """Why a step stands in a route: the rule, its words, where it comes from, and whether we assumed its wording."""

    rule: Identifier
    because: Text
    source: Name
    assumed: bool


class Step(Frozen):
    """One office's say, or a board's at a gate, whose minute the office keeps.

    Steps of equal order run side by side; a step starts when all steps of lower order are done. A ``group`` is done once
    ``quorum`` of its steps are taken (null: all); the others then stand down. ``stand_in`` are the offices that may take
    the step while nobody who holds its own can.
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
        instead = f" (or {' or '.join(self.stand_in)} in its place)" if self.stand_in else ""
        among = f" ({self.quorum} of the group {self.group} are enough)" if self.quorum else ""
        return f"{say}{instead}{among}, because {' and '.join(f'{each.because}: {each.source}' for each in self.reasons)}"


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

    def asks(self) -> frozenset[tuple[str, Says, str | None, int | None]]:
        """Whose say is needed, and where a quorum of a group is enough, whatever the order."""
        return frozenset((each.whose, each.says, each.group, each.quorum) for each in self.steps)


class AskedItem(Frozen):
    """One item as a rule may know it: its verbs, and the kind of its instrument (null: none)."""

    item: Identifier
    verbs: tuple[Identifier, ...]
    kind: Identifier | None


class Asked(Frozen):
    """What a paper asks, as a rule may know it. All sums are whole pence.

    ``cumulative_pence`` is what limits are held against: the grant with all its variations, or the business case where that
    is more. ``varied_pence`` is what all its variations come to, applied and pending, this paper's too; ``base_pence`` what the
    grant was given before them. The facts with defaults came later: of an older paper they are not known to hold.
    """

    items: tuple[AskedItem, ...]
    pence: Pence
    cumulative_pence: Pence
    retrospective: bool
    novel: bool
    boards: tuple[Identifier, ...] = ()
    contentious: bool = False
    repercussive: bool = False
    terms_changed: bool = False
    business_case_pence: Cap | None = None
    marks: tuple[Identifier, ...] = ()
    base_pence: Pence = 0
    varied_pence: Pence = 0


def route(edition: SchemeEdition | None, asked: Asked, offices: Collection[str], day: date, boards: Collection[str] = ()) -> Route | Refusal:
    """The route under ``edition``, the one in force on ``day``, among the ``offices`` and ``boards`` that exist; or what it leaves open.

    A limit is held against the cumulative value, so that a grant cannot be split below it. Every rule that applies and
    whose limit suffices gives a step; every item needs a rule that decides it, whichever quorum of a group speaks, and every
    board that the paper names one that sends it there.
    """
    if edition is None:
        return NO_EDITION.refuse(day=day)
    rules = tuple(rule for rule in edition.rules if any(applies(rule.when, item, asked) for item in asked.items))
    unanswered = (
        _unknown(edition, rules, offices, boards) or _ungated(edition, rules, asked) or _blank_limit(edition, rules) or _undecided(edition, rules, asked)
    )
    if unanswered:
        return unanswered
    way = _laid(edition, rules, asked)
    return _misgrouped(edition, way.steps) or _left_open(edition, rules, asked, way.steps) or way


def applies(when: Condition, item: AskedItem, asked: Asked) -> bool:
    """Whether a rule with this condition is about an item of a paper: everything that the condition states holds."""
    return all(
        (
            when.verbs is None or not set(when.verbs).isdisjoint(item.verbs),
            when.instruments is None or item.kind in when.instruments,
            when.boards is None or not set(when.boards).isdisjoint(asked.boards),
            when.marks is None or not set(when.marks).isdisjoint(asked.marks),
            when.retrospective is None or asked.retrospective == when.retrospective,
            when.novel is None or asked.novel == when.novel,
            when.contentious is None or asked.contentious == when.contentious,
            when.repercussive is None or asked.repercussive == when.repercussive,
            when.terms_changed is None or asked.terms_changed == when.terms_changed,
            _worth(when, asked),
        ),
    )


def _worth(when: Condition, asked: Asked) -> bool:
    """Whether the paper comes to what a condition states of value; a paper without a business case meets no value of one."""
    return all(
        (
            when.at_least_pence is None or asked.pence >= when.at_least_pence,
            when.cumulative_at_least_pence is None or asked.cumulative_pence >= when.cumulative_at_least_pence,
            when.business_case_at_least_pence is None
            or (asked.business_case_pence is not None and asked.business_case_pence >= when.business_case_at_least_pence),
            when.variation_share_at_least_percent is None or _varied(asked, when.variation_share_at_least_percent),
        ),
    )


def _varied(asked: Asked, percent: int) -> bool:
    """Whether the variations come to that share of what was given before them; where nothing was, any of them does."""
    return asked.varied_pence > 0 and asked.varied_pence * 100 >= asked.base_pence * percent


def _unknown(edition: SchemeEdition, rules: Iterable[RouteRule], offices: Collection[str], boards: Collection[str]) -> Refusal | None:
    for rule in rules:
        nobody = next((each for each in (rule.office, *rule.stand_in) if each not in offices), None)
        if nobody:
            return UNKNOWN_OFFICE.refuse(rule=rule.rule, edition=edition.title, office=nobody)
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
    deciding = [rule for rule in rules if _decides(rule, asked)]
    for item in asked.items:
        if not any(applies(rule.when, item, asked) for rule in deciding):
            kind, verbs = item.kind or "no instrument", " and ".join(item.verbs)
            return NO_RULE.refuse(edition=edition.title, item=item.item, verbs=verbs, kind=kind, cumulative_pence=asked.cumulative_pence)
    return None


def _decides(rule: RouteRule, asked: Asked) -> bool:
    return rule.says == "decide" and rule.reaches(asked.cumulative_pence)


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
    """One office or board has one step: deciding outweighs advising, and it comes as late as the latest rule for it says.

    It belongs to a group only if each of its rules says so: a say that another rule needs anyhow cannot stand down. Whoever
    may stand in to advise may not therefore decide.
    """
    last = max(rules, key=lambda rule: (rule.says == "decide", rule.order))
    grouped = {(each.group, each.quorum) for each in rules} == {(last.group, last.quorum)}
    return Step(
        office=last.office,
        says=last.says,
        order=last.order,
        ladder=last.ladder,
        reasons=tuple(_reason(each) for each in rules),
        board=last.board,
        stand_in=tuple(dict.fromkeys(office for each in rules if each.says == last.says for office in each.stand_in)),
        group=last.group if grouped else None,
        quorum=last.quorum if grouped else None,
    )


def _misgrouped(edition: SchemeEdition, steps: Sequence[Step]) -> Refusal | None:
    """Why the quorum of a group cannot be told, or cannot be reached."""
    for group, of_it in members(steps).items():
        what = differing(of_it)
        if what:
            return MIXED_GROUP.refuse(group=group, edition=edition.title, what=what)
        if too_few(of_it):
            return QUORUM.refuse(group=group, edition=edition.title, quorum=of_it[0].quorum, size=len(of_it))
    return None


def _left_open(edition: SchemeEdition, rules: Iterable[RouteRule], asked: Asked, steps: Sequence[Step]) -> Refusal | None:
    """An item that is decided only by steps that a quorum of their group can do without."""
    deciding = [rule for rule in rules if _decides(rule, asked)]
    for item in asked.items:
        offices = {rule.office for rule in deciding if applies(rule.when, item, asked)}
        group = may_leave([each for each in steps if each.says == "decide"], offices)
        if group:
            return QUORUM_LEAVES.refuse(group=group, edition=edition.title, item=item.item)
    return None


def _reason(rule: RouteRule) -> Reason:
    return Reason(rule=rule.rule, because=rule.because, source=rule.source, assumed=rule.assumed)
