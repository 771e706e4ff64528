"""Whether a scheme of delegation says what it has to: what it leaves open, says twice, can never mean, or gives to nobody.

Pure, and quick: a rule can turn only at the values that it names, so one paper at each of them stands for all between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, product
from typing import Literal

from domain.groups import differing, members, too_few
from domain.model import Frozen, Identifier, Name, Text, said
from domain.organisation import Charter
from domain.policy import RouteRule, SchemeEdition
from domain.scheme_holes import KINDS, NO_INSTRUMENT, VERBS, holes

Severity = Literal["fault", "doubt"]


class Finding(Frozen):
    """One thing that a scheme should not say, or should: a *fault* refuses papers or contradicts itself, a *doubt* may be meant.

    ``remedy`` is what to do; ``rules`` are those that it is about, of ``edition`` (null: of none alone).
    """

    severity: Severity
    code: Identifier
    edition: Identifier | None
    words: Text
    remedy: Text
    rules: tuple[Name, ...] = ()


class Sort:
    """One sort of finding: its words and its remedy are templates that are filled as those of a refusal are."""

    def __init__(self, severity: Severity, code: str, words: str, remedy: str) -> None:
        self.severity, self.code, self.words, self.remedy = severity, code, words, remedy

    def found(self, edition: SchemeEdition | None, rules: Iterable[str] = (), **values: object) -> Finding:
        """Such a finding; ``values`` fill the places of its words."""
        named = tuple(rules)
        filled = {"rules": " and ".join(named), "edition": edition.title if edition else None, **values}
        return Finding(
            severity=self.severity,
            code=self.code,
            edition=edition.edition if edition else None,
            words=said(self.words, filled),
            remedy=said(self.remedy, filled),
            rules=named,
        )


# The editions beside each other
NO_EDITIONS = Sort("fault", "no-edition", "There is no edition at all, so nothing can be approved.", "Write a first edition.")
OVERLAP = Sort("fault", "editions-overlap", "{one} and {edition} are both in force from {first} to {last}.", "End the one on the day before the other begins.")
GAP = Sort(
    "fault",
    "gap",
    "No edition is in force from {first} to {last}, so nothing can be approved on those days.",
    "Let {edition} begin, or the one before it end, so that no day is left.",
)
ENDED = Sort(
    "fault", "ended", "{edition} ended on {last} and nothing follows it, so nothing can be approved.", "Write the edition that follows it, or let it go on."
)
ENDS = Sort("doubt", "ends", "{edition} ends on {last} and nothing follows it yet.", "Write the edition that follows it before then.")

# What one edition leaves open
HOLE = Sort(
    "fault",
    "hole",
    "No office may decide {verbs} of {kinds} {values}{facts}: such a paper is refused.",
    "Give an office a rule that decides it, or raise a limit.",
)
BLANK = Sort(
    "fault", "blank-limit", "Rule {rules} lets {office} decide but states no limit: each paper that it applies to is refused.", "State an amount, or any."
)
UNKNOWN_OFFICE = Sort(
    "fault", "unknown-office", "Rule {rules} names {office}, an office that does not exist.", "Name an office of offices.yaml, or add it there."
)
UNKNOWN_BOARD = Sort("fault", "unknown-board", "Rule {rules} names {board}, a board that does not exist.", "Name a board of boards.yaml, or add it there.")
UNGATED = Sort("doubt", "no-gate", "A paper may name {board}, but no rule sends it there: it would be refused.", "Add a gate for it, if papers still go to it.")
VACANT = Sort("doubt", "vacant", "Nobody holds {office} on {day}, whose step rule {rules} asks for.", "Name its holder in offices.yaml, or who stands in.")

UNCHANGING = Sort(
    "doubt",
    "no-adoption",
    "While {edition} is in force no office may AdoptOrganisation, so nothing of the organisation can be changed, this edition included.",
    "Give AdoptOrganisation to an office.",
)
UNEDITED = Sort(
    "doubt",
    "no-edit",
    "No office may EditPaper, so a paper that is sent back can only be submitted again as it is.",
    "Give EditPaper to the office that drafts them.",
)

# What it says twice, or can never mean
TWO_LIMITS = Sort("fault", "two-limits", "Rules {rules} give {office} two limits under one condition.", "Keep one of them.")
UNREACHABLE = Sort("fault", "unreachable", "Rule {rules} can never give a step: {why}.", "Mend its condition or its limit, or take it out.")
SHRINKS = Sort(
    "doubt",
    "limits-shrink",
    "{superior}, above {office}, decides {verbs} of {kinds} only up to {limit_pence}, less than {office}.",
    "Raise the limit of the superior, or lower the other.",
)
GROUP = Sort(
    "fault",
    "mixed-group",
    "The rules {rules} of group {group} differ in their {what}: each paper that needs them is refused.",
    "Give them one order, say and quorum.",
)
QUORUM = Sort("fault", "quorum", "Group {group} needs {quorum} of its steps, but its rules {rules} are for {size}.", "Lower the quorum, or add to the group.")

QUORUM_VARIES = Sort(
    "doubt",
    "quorum-varies",
    "The rules {rules} of group {group} do not all apply to the same papers: one that has fewer than {quorum} of them is refused.",
    "Give them one condition and limit, or make sure that enough of them always apply.",
)


def findings(charter: Charter, day: date) -> tuple[Finding, ...]:
    """All that is wrong or doubtful in the editions of an organisation, faults first; ``day`` (London) says who holds an office now."""
    schemes = charter.policy.schemes
    found = [*_beside(schemes, day), *(each for edition in schemes for each in _within(edition, charter, day))]
    return tuple(sorted(found, key=lambda each: each.severity != "fault"))


def _within(edition: SchemeEdition, charter: Charter, day: date) -> Iterator[Finding]:
    yield from _unknown(edition, charter)
    yield from _blank(edition)
    for hole in holes(edition.rules):
        yield HOLE.found(edition, **hole.words())
    yield from _twice(edition)
    yield from _unreachable(edition, charter)
    yield from _grouped(edition)
    yield from _shrinking(edition, charter)
    if edition.first <= day and (edition.last is None or day <= edition.last):
        yield from _vacant(edition, charter, day)
        yield from _ungated(edition, charter)
    if edition.last is None or day <= edition.last:
        yield from _ungiven(edition)


# Beside each other ------------------------------------------------------------------------------------------------------


def _beside(schemes: Sequence[SchemeEdition], day: date) -> Iterator[Finding]:
    if not schemes:
        yield NO_EDITIONS.found(None)
        return
    dated = sorted(schemes, key=lambda each: each.first)
    for one, other in combinations(dated, 2):
        both = min((each for each in (one.last, other.last) if each), default=None)
        if one.last is None or other.first <= one.last:
            yield OVERLAP.found(other, one=one.title, first=other.first, last=both or "now on")
    yield from _gaps(dated)
    if all(each.last for each in dated):
        last = max(dated, key=lambda each: each.last or each.first)
        yield (ENDED if last.last and last.last < day else ENDS).found(last, last=last.last)


def _gaps(dated: Sequence[SchemeEdition]) -> Iterator[Finding]:
    until = dated[0].last
    for each in dated[1:]:
        if until is not None and each.first > until + timedelta(days=1):
            yield GAP.found(each, first=until + timedelta(days=1), last=each.first - timedelta(days=1))
        until = None if until is None or each.last is None else max(until, each.last)


# One edition ------------------------------------------------------------------------------------------------------------


def _unknown(edition: SchemeEdition, charter: Charter) -> Iterator[Finding]:
    offices, boards = {each.office for each in charter.offices}, {each.board for each in charter.policy.boards}
    for rule in edition.rules:
        for office in (rule.office, *rule.stand_in):
            if office not in offices:
                yield UNKNOWN_OFFICE.found(edition, [rule.rule], office=office)
        for board in (*([rule.board] if rule.board else []), *(rule.when.boards or ())):
            if board not in boards:
                yield UNKNOWN_BOARD.found(edition, [rule.rule], board=board)
    for urgent in edition.urgency:
        if urgent.office not in offices:
            yield UNKNOWN_OFFICE.found(edition, [urgent.rule], office=urgent.office)


def _blank(edition: SchemeEdition) -> Iterator[Finding]:
    deciding = ((each.rule, each.office, each.limit_pence) for each in edition.rules if each.says == "decide")
    urgent = ((each.rule, each.office, each.limit_pence) for each in edition.urgency)
    for rule, office, limit in (*deciding, *urgent):
        if limit is None:
            yield BLANK.found(edition, [rule], office=office)


def _vacant(edition: SchemeEdition, charter: Charter, day: date) -> Iterator[Finding]:
    held = {each.office for each in charter.holdings if each.on(day)}
    known = {each.office for each in charter.offices}
    for office in dict.fromkeys(each.office for each in edition.rules):
        rules = [each for each in edition.rules if each.office == office]
        if office in known - held and not all(held.intersection(each.stand_in) for each in rules):
            yield VACANT.found(edition, [each.rule for each in rules], office=office, day=day)


def _ungiven(edition: SchemeEdition) -> Iterator[Finding]:
    given = {each.act for each in edition.mandates if each.offices}
    if "AdoptOrganisation" not in given:
        yield UNCHANGING.found(edition)
    if "DraftPaper" in given and "EditPaper" not in given:
        yield UNEDITED.found(edition)


def _ungated(edition: SchemeEdition, charter: Charter) -> Iterator[Finding]:
    gates = {each.board for each in edition.rules}
    for each in charter.policy.boards:
        if each.board not in gates:
            yield UNGATED.found(edition, board=each.board)


def _twice(edition: SchemeEdition) -> Iterator[Finding]:
    deciding = [each for each in edition.rules if each.says == "decide"]
    for one, other in combinations(deciding, 2):
        if one.office == other.office and one.limit_pence != other.limit_pence and _condition(one) == _condition(other):
            yield TWO_LIMITS.found(edition, [one.rule, other.rule], office=one.office)


def _condition(rule: RouteRule) -> dict[str, object]:
    """What a rule asks, whatever the order of its words."""
    return {name: frozenset(value) if isinstance(value, tuple) else value for name, value in dict(rule.when).items()}


def _unreachable(edition: SchemeEdition, charter: Charter) -> Iterator[Finding]:
    boards = {each.board for each in charter.policy.boards}
    for rule in edition.rules:
        for why in _never(rule, boards):
            yield UNREACHABLE.found(edition, [rule.rule], why=why)


def _never(rule: RouteRule, boards: set[str]) -> Iterator[str]:
    when, limit = rule.when, rule.limit_pence
    for name, stated, known in (("verbs", when.verbs, set(VERBS)), ("instruments", when.instruments, set(KINDS)), ("boards", when.boards, boards)):
        if stated is not None and known.isdisjoint(stated):
            yield f"it asks for {name} of which there are none: {', '.join(stated) or 'not one is named'}"
    if when.marks == ():
        yield "it asks for marks and names not one"
    least = max((when.at_least_pence or 0, when.cumulative_at_least_pence or 0, when.business_case_at_least_pence or 0))
    if rule.says == "decide" and isinstance(limit, int) and limit < least:
        yield said("its limit of {limit_pence} lies below the {least_pence} from which it applies", {"limit_pence": limit, "least_pence": least})


def _grouped(edition: SchemeEdition) -> Iterator[Finding]:
    for group, of_it in members(Member(each) for each in edition.rules).items():
        rules, what = [each.rule.rule for each in of_it], differing(of_it)
        size = len({each.whose for each in of_it})
        if what:
            yield GROUP.found(edition, rules, group=group, what=what)
        elif too_few(list({each.whose: each for each in of_it}.values())):
            yield QUORUM.found(edition, rules, group=group, quorum=of_it[0].quorum, size=size)
        elif of_it[0].quorum and any(
            (_condition(each.rule), each.rule.limit_pence) != (_condition(of_it[0].rule), of_it[0].rule.limit_pence) for each in of_it
        ):
            yield QUORUM_VARIES.found(edition, rules, group=group, quorum=of_it[0].quorum)


class Member:
    """A rule as the step that it would give alone."""

    def __init__(self, rule: RouteRule) -> None:
        self.rule, self.office, self.whose = rule, rule.office, rule.board or rule.office
        self.says, self.order, self.group, self.quorum = rule.says, rule.order, rule.group, rule.quorum


def _shrinking(edition: SchemeEdition, charter: Charter) -> Iterator[Finding]:
    above = {each.office: each.superior for each in charter.offices}
    deciding = [each for each in edition.rules if each.says == "decide" and each.limit_pence is not None]
    for office in dict.fromkeys(each.office for each in deciding):
        for superior in _superiors(office, above):
            less = dict(_less(deciding, office, superior))
            if less:
                verbs, kinds = (tuple(dict.fromkeys(found)) for found in zip(*less, strict=True))
                rules = [each.rule for each in deciding if each.office in {office, superior}]
                named = {"verbs": " or ".join(verbs), "kinds": " or ".join(kinds), "limit_pence": min(less.values())}
                yield SHRINKS.found(edition, rules, office=office, superior=superior, **named)


def _less(deciding: Sequence[RouteRule], office: str, superior: str) -> Iterator[tuple[tuple[str, str], int]]:
    """Each verb and kind of which a superior may decide less than the office below it, and how much; what it decides nothing of is not its."""
    for verb, kind in product(VERBS, (*KINDS, None)):
        own, most = _most(deciding, office, verb, kind), _most(deciding, superior, verb, kind)
        if own is not None and isinstance(most, int) and (own == "any" or most < own):
            yield (verb, kind or NO_INSTRUMENT), most


def _superiors(office: str, above: dict[str, str | None]) -> Iterator[str]:
    seen, superior = {office}, above.get(office)
    while superior and superior not in seen:
        yield superior
        seen.add(superior)
        superior = above.get(superior)


def _most(deciding: Iterable[RouteRule], office: str, verb: str, kind: str | None) -> int | Literal["any"] | None:
    """The highest limit that an office has for a verb and kind; null: it decides none."""
    limits = [
        each.limit_pence
        for each in deciding
        if each.office == office and (each.when.verbs is None or verb in each.when.verbs) and (each.when.instruments is None or kind in each.when.instruments)
    ]
    if "any" in limits:
        return "any"
    return max((each for each in limits if isinstance(each, int)), default=None)
