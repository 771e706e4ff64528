"""A decision that cannot wait for the other steps: only where the scheme's own urgency rule lets an office take it, within its limit.

Nothing else gives authority (DESIGN §6). Whoever decides so is bound by the same separation of duties, and an exception
stands until a paper ratifies what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.asking import Known
from domain.authority import Recorded
from domain.calendar import day_of
from domain.entitled import Part, as_of_now, own_work, routed_now
from domain.model import By, Decision, Digest, Event, Identifier, Name, Past, Refusal, Rule, Text
from domain.paper import APPROVED, DecidedItem, ItemOutcome, decided, provisos
from domain.policy import UrgencyRule
from domain.saying import Advice, Answering, PaperDecided, advice_on, misanswered
from domain.scheme import BLANK_LIMIT
from domain.step_rules import ABOVE_LIMIT, ALREADY_DECIDED, NOT_SUBMITTED, NOT_YOUR_STEP
from domain.steps import Paper, Urgent
from domain.terms import beyond

NO_URGENCY_RULE = Rule(
    "approval.no_urgency_rule",
    "The scheme of delegation in force on {day} has no urgency rule that lets {office} decide {paper} before its other steps.",
    "DESIGN §6: urgency comes from the scheme, or from later ratification",
    remedy="Take the paper along its route; the scheme lets no one decide it sooner, and what was done without authority is ratified later.",
)


class DecideUrgently(Answering, kind="act", binds=True):
    """An office decides a paper before its other steps, under the scheme's urgency rule, and says why it cannot wait."""

    reason: Text


class UrgencyInvoked(Event, wire="urgency.invoked", said="{office} decided {paper} in urgency, passing over {passed_over}, because {because}: {reason}"):
    """The rule that allowed it (``because`` and ``source`` are the scheme's, ``reason`` the decider's), and whose steps were passed over."""

    paper: Identifier
    office: Identifier
    content: Digest
    rule: Identifier
    because: Text
    source: Name
    assumed: bool
    edition: Identifier
    reason: Text
    outcomes: tuple[ItemOutcome, ...]
    comment: Text | None
    advice: tuple[Advice, ...]
    passed_over: tuple[Identifier, ...]


def decide(body: DecideUrgently, paper: Paper, by: By, known: Known) -> Decision:
    """The decision and the end of the paper, if the scheme has a rule for it that reaches so far."""
    refused = _cannot(body, as_of_now(paper, by, known), by, known) or misanswered(body, paper, known)
    if refused:
        return refused
    rule = _rule(body, paper, by, known)
    if isinstance(rule, Refusal):
        return rule
    edition, urgency = rule
    content = paper.content
    invoked = UrgencyInvoked(
        paper=paper.id,
        office=body.office,
        content=content,
        rule=urgency.rule,
        because=urgency.because,
        source=urgency.source,
        assumed=urgency.assumed,
        edition=edition,
        reason=body.reason,
        outcomes=body.outcomes,
        comment=body.comment,
        advice=advice_on(paper),
        passed_over=tuple(each.whose for each in paper.waiting() if each.whose != body.office),
    )
    outcomes = (*paper.outcomes(), *body.outcomes)
    items = tuple(decided(item, outcomes) for item in paper.contents.items)
    return (invoked, PaperDecided(paper=paper.id, content=content, items=items, conditions=provisos(items, outcomes)))


def after(paper: Paper, body: UrgencyInvoked, past: Past) -> Paper:
    """The paper with the decision that did not wait for its steps."""
    urgent = Urgent(
        office=body.office,
        rule=body.rule,
        source=body.source,
        because=body.because,
        reason=body.reason,
        outcomes=body.outcomes,
        passed_over=body.passed_over,
        actor=past.actor,
        on_behalf_of=past.on_behalf_of,
        at=past.recorded,
    )
    return replace(paper, people=paper.with_people("decide", past), urgent=urgent)


def unratified(paper: Paper) -> tuple[DecidedItem, ...]:
    """What a decision in urgency approved, which a paper is to ratify."""
    return tuple(each for each in paper.items or () if each.outcome in APPROVED) if paper.urgent else ()


def ratified_by(paper: Paper, papers: Iterable[Paper], decisions: Iterable[Recorded]) -> str | None:
    """The decisions since that ratify all of it, item for item over the same instrument and as far; null: something is not ratified.

    What waits for a condition ratifies nothing yet.
    """
    urgent = paper.urgent
    if urgent is None:
        return None
    since = [each for each in papers if each.urgent is None and each.since >= urgent.at and each.id != paper.id]
    later = [(each.id, tuple(item for item, _ in each.in_force())) for each in since]
    later += [(each.decision.decision, each.decision.items) for each in decisions if each.at >= urgent.at and each.decision.paper is None]
    found = [next((name for name, items in later if any(_ratifies(one, asked) for one in items)), None) for asked in unratified(paper)]
    names = tuple(dict.fromkeys(each for each in found if each))
    return ", ".join(names) if names and None not in found else None


def _ratifies(item: DecidedItem, asked: DecidedItem) -> bool:
    if "ratify" not in item.verbs or item.outcome not in APPROVED or item.instrument != asked.instrument:
        return False
    given: Mapping[str, int] = item.pence
    return beyond(asked.authorised_pence, given) is None


def _cannot(body: DecideUrgently, paper: Paper, by: By, known: Known) -> Refusal | None:
    if not paper.steps:
        return NOT_SUBMITTED.refuse(paper.office, paper=paper.id)
    if paper.items is not None:
        return ALREADY_DECIDED.refuse(paper=paper.id, office=paper.decided_by)
    own = own_work(paper, by, Part("decide", "DecideUrgently", (body.office,)), known)
    if own:
        return own
    capacity = known.organisation.capacity(by, (body.office,), "DecideUrgently", paper.cumulative_pence)
    if isinstance(capacity, str):
        return None
    return capacity if by.on_behalf_of else NOT_YOUR_STEP.refuse(body.office, actor=by.actor, office=body.office, says="decide", paper=paper.id)


def _rule(body: DecideUrgently, paper: Paper, by: By, known: Known) -> tuple[str, UrgencyRule] | Refusal:
    """The edition in force and its urgency rule for the office, if one reaches so far as the grant comes to with this paper."""
    on = day_of(by.now)
    edition = known.policy.scheme_on(on)
    found = [each for each in edition.urgency if each.office == body.office] if edition else []
    if edition is None or not found:
        return NO_URGENCY_RULE.refuse(*paper.offices("decide"), day=on, office=body.office, paper=paper.id)
    laid = routed_now(paper, by, known)
    if isinstance(laid, Refusal):
        return laid
    cumulative = laid[0].cumulative_pence
    reaching = next((each for each in found if each.limit_pence == "any" or (each.limit_pence is not None and cumulative <= each.limit_pence)), None)
    return (edition.edition, reaching) if reaching else _short(body, paper, edition.title, found, cumulative)


def _short(body: DecideUrgently, paper: Paper, edition: str, found: list[UrgencyRule], cumulative: int) -> Refusal:
    limits = [each.limit_pence for each in found if isinstance(each.limit_pence, int)]
    if not limits:
        return BLANK_LIMIT.refuse(*paper.offices("decide"), rule=found[0].rule, edition=edition, office=body.office)
    could = paper.offices("decide")
    return ABOVE_LIMIT.refuse(*could, office=body.office, limit_pence=max(limits), paper=paper.id, cumulative_pence=cumulative)
