"""Bids: which funds can be bid to, what we ask them for, what lets a bid go, and what becomes of it.

A bid is sought beside the cap and never inside it; what is approved as a bid is never claimable (invariants 10 and 15).
What was sent already is a fact: it is recorded, with an exception where nothing allowed it or the fund had closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from domain.bidding import (
    Answer,
    Application,
    Bid,
    BidAnswered,
    BidDrafted,
    BidSubmitted,
    BidWithdrawn,
    Command,
    Draft,
    DraftBid,
    Happened,
    OpportunityRegistered,
    RecordBidOutcome,
    RecordSubmission,
    RegisterOpportunity,
    State,
    Submission,
    SubmitBid,
    Withdrawal,
    WithdrawBid,
)
from domain.calendar import day_of, end_of, last_day_of, precision_of, start_of
from domain.exception import LATE_APPROVAL, DiscrepancyFound, ExceptionRaised
from domain.model import By, Decision, Duty, DutyWords, Event, Past, Refusal, Rule, fields_of
from domain.sending import CHANGED, Given, Leave, leave, too_late
from domain.terms import beyond

__all__ = ["DUTIES", "Command", "Given", "Happened", "State", "content", "decide", "duties", "evolve", "gates", "moment"]

UNKNOWN = Rule("bid.unknown", "There is no bid {bid}; DraftBid begins one.", "DESIGN §2, Bid", remedy="Correct the id, or begin the bid with DraftBid.")
NO_OPPORTUNITY = Rule(
    "bid.no_opportunity",
    "No opportunity {opportunity} is registered; RegisterOpportunity records it.",
    "DESIGN §2, Bid",
    remedy="Register the fund's call with RegisterOpportunity first, or correct its id.",
)
DIFFERS = Rule(
    "bid.differs",
    "Bid {bid} is recorded already, with other content.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other bid an id of its own; a bid not yet sent is drafted anew with DraftBid.",
)
SUBMITTED = Rule(
    "bid.already_submitted",
    "Bid {bid} was submitted ({submitted}); another one needs another id.",
    "DESIGN §5: nothing is rewritten",
    remedy="Leave it; another bid is drafted under an id of its own.",
)
OVER = Rule("bid.over", "Bid {bid} is over: {how}.", "DESIGN §2, Bid", remedy="Leave it; a new attempt is a bid under an id of its own.")

OTHER_BID = "another bid than was approved"
"""It was sent for other things than the decision had before it."""
LATE_BID = "late bid"
"""It was sent after its fund had closed."""
STRAY_OUTCOME = "outcome without a bid"
"""The funder answered what the record does not know as sent."""
AWARD_DIFFERS = "award and bid"
"""It is said to be won below the bid, and is not below it."""

DUTIES = (
    DutyWords(name="bid.submitted", words="{owner} submits bid {subject}, or withdraws it"),
    DutyWords(name="bid.answered", words="{owner} obtains the outcome of bid {subject}"),
    DutyWords(name="bid.offered", words="{owner} obtains the offer that answers bid {subject}"),
)

# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, state: State, by: By, given: Given) -> Decision:
    """What follows from an opportunity, a bid, its sending, its outcome or its end."""
    match body:
        case RegisterOpportunity():
            registered = OpportunityRegistered(**fields_of(body))
            return () if state.opportunities.get(body.opportunity) == registered else (registered,)
        case DraftBid():
            return _draft(body, state)
        case SubmitBid():
            return _submit(body, state, by, given)
        case RecordSubmission():
            return _sent(body, state, by, given)
        case RecordBidOutcome():
            return _answer(body, state, given)
        case WithdrawBid():
            return _withdraw(body, state, given)
        case _:
            assert_never(body)


def evolve(state: State, past: Past) -> State:
    """Opportunities and bids after one of their events."""
    match past.body:
        case OpportunityRegistered() as registered:
            return replace(state, opportunities={**state.opportunities, registered.opportunity: registered})
        case BidDrafted() as drafted:
            before = state.bids.get(drafted.bid, Bid(drafted.bid))
            earlier = (*before.earlier, before.draft) if before.draft else before.earlier
            return _with(state, drafted.bid, draft=Draft(drafted.application(), drafted.edition, drafted.digest(), past.recorded), earlier=earlier)
        case BidSubmitted() as submitted:
            return _with(state, submitted.bid, submission=Submission(submitted, past.recorded))
        case BidAnswered() as answered:
            return _with(state, answered.bid, answer=Answer(answered, past.recorded))
        case BidWithdrawn(bid=bid, reason=reason):
            return _with(state, bid, withdrawal=Withdrawal(reason, past.recorded))
        case _:
            return state


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """A bid waits to be sent (unless a paper about it is under way), then for its outcome, then for its offer."""
    return tuple(duty for each in state.bids.values() if not each.over for duty in _of(each, state, given))


def moment(duty: Duty, state: State, by: By, given: Given) -> tuple[Event, ...]:  # noqa: ARG001  (every room answers alike)
    """Nothing here falls due by itself: a fund that has closed leaves a bid to be withdrawn."""
    return ()


def content(body: Command, state: State) -> str | None:
    """The digest of the bid as last written, which its sending binds; null: there is none."""
    found = state.bids.get(body.bid) if isinstance(body, SubmitBid) else None
    return found.draft.content if found and found.draft else None


def gates(state: State, given: Given) -> tuple[str, ...]:
    """Why the grant cannot close because of its bids, in plain words."""
    open_ones = (each for each in state.bids.values() if not each.over and each.bid not in given.offered)
    return tuple(f"bid {each.bid} is {_waiting(each)}" for each in open_ones)


def _draft(body: DraftBid, state: State) -> Decision:
    found = state.bids.get(body.bid)
    if found and (found.submission or found.over):
        return _over(found) or SUBMITTED.refuse(bid=body.bid, submitted=found.submission.submitted.submitted if found.submission else None)
    if body.opportunity and body.opportunity not in state.opportunities:
        return NO_OPPORTUNITY.refuse(opportunity=body.opportunity)
    before = found.draft if found else None
    if before and before.application == body.application():
        return ()
    return (BidDrafted(**fields_of(body, Application), edition=before.edition + 1 if before else 1, asked_pence=sum(body.caps_by_year.values())),)


def _submit(body: SubmitBid, state: State, by: By, given: Given) -> Decision:
    found = state.bids.get(body.bid)
    if found and found.submission:
        return ()
    if found is None or found.draft is None:
        return UNKNOWN.refuse(bid=body.bid)
    bid = found.draft.application
    if refused := _over(found) or too_late(bid, state.closes(bid), by.now):
        return refused
    allowed = leave(bid, found.drafted_by(given.authorised_at.get(body.bid)), by, given)
    return allowed if isinstance(allowed, Refusal) else (_submitted(bid, day_of(by.now).isoformat(), allowed, None),)


def _sent(body: RecordSubmission, state: State, by: By, given: Given) -> Decision:
    found, bid = state.bids.get(body.bid), body.application()
    then = by.model_copy(update={"now": min(by.now, _latest(body.submitted))})
    anybody = tuple(each.office for each in given.sign_offs.get(body.bid, ()))
    approved_as = found.drafted_by(given.authorised_at.get(body.bid)) if found else None
    allowed = leave(bid, approved_as, then, replace(given, offices=anybody))
    submitted = _submitted(bid, body.submitted, allowed, body.sent_by).model_copy(update={"already": True})
    if found and found.submission:
        same = (bid, body.submitted) == (found.submission.submitted.application(), found.submission.submitted.submitted)
        return () if same else DIFFERS.refuse(bid=body.bid)
    late = too_late(bid, state.closes(bid), _earliest(body.submitted))
    lacking = allowed if isinstance(allowed, Refusal) else None
    unapproved = (OTHER_BID, "other-bid") if lacking and lacking.code == CHANGED.code else (LATE_APPROVAL, "late-approval")
    raised = [(*unapproved, lacking), (LATE_BID, "late-bid", late)]
    return (submitted, *(_exception(body.bid, what, name, why.why, given) for what, name, why in raised if why))


def _answer(body: RecordBidOutcome, state: State, given: Given) -> Decision:
    found = state.bids.get(body.bid)
    bid = found.application if found else None
    awarded = dict(body.pence) if body.pence is not None else bid.caps_by_year if bid and body.outcome == "won" else {}
    answered = BidAnswered(**fields_of(body, but=("pence",)), awarded_pence=sum(awarded.values()), awarded_by_year=awarded)
    if found and found.answer:
        return () if found.answer.answered == answered else DIFFERS.refuse(bid=body.bid)
    aside: list[Event] = []
    if found is None or found.submission is None:
        aside.append(_exception(body.bid, STRAY_OUTCOME, "bid-outcome", f"{body.outcome} ({body.dated}), but no such bid was recorded as sent", given))
    if bid and body.pence is not None and not _is_lower(body.pence, bid.caps_by_year):
        aside.append(_not_lower(body, bid, given))
    return (answered, *aside)


def _withdraw(body: WithdrawBid, state: State, given: Given) -> Decision:
    found = state.bids.get(body.bid)
    if found is None:
        return UNKNOWN.refuse(bid=body.bid)
    if found.withdrawal:
        return () if found.withdrawal.reason == body.reason else DIFFERS.refuse(bid=body.bid)
    answered = OVER.refuse(bid=body.bid, how="an offer has answered it") if body.bid in given.offered else None
    return _over(found) or answered or (BidWithdrawn(bid=body.bid, reason=body.reason),)


# What the rules are made of -------------------------------------------------------------------------------------------


def _submitted(bid: Application, submitted: str, allowed: Leave | Refusal, sent_by: str | None) -> BidSubmitted:
    lets = allowed if isinstance(allowed, Leave) else None
    return BidSubmitted(
        **fields_of(bid, Application),
        submitted=submitted,
        content=bid.digest(),
        asked_pence=sum(bid.caps_by_year.values()),
        authorised_by=lets.authorised_by if lets else None,
        delegation=lets.delegation if lets else None,
        sent_by=sent_by,
    )


def _over(found: Bid) -> Refusal | None:
    if found.withdrawal:
        return OVER.refuse(bid=found.bid, how=f"withdrawn, {found.withdrawal.reason}")
    return OVER.refuse(bid=found.bid, how="lost") if found.lost else None


def _latest(stated: str) -> datetime:
    """The last instant (UTC) that a stated date can mean."""
    return datetime.fromisoformat(stated) if precision_of(stated) == "instant" else end_of(last_day_of(stated))


def _earliest(stated: str) -> datetime:
    """The first instant (UTC) of the day from which a stated date counts: a day on which the fund still took bids is in time."""
    return datetime.fromisoformat(stated) if precision_of(stated) == "instant" else start_of(last_day_of(stated))


def _exception(bid: str, what: str, name: str, why: str, given: Given) -> ExceptionRaised:
    return ExceptionRaised(exception=f"{name}/{bid}", what=what, subject=bid, owner=given.exception_owner, why=why)


def _is_lower(pence: Mapping[str, int], asked: Mapping[str, int]) -> bool:
    return beyond(pence, asked) is None and sum(pence.values()) < sum(asked.values())


def _not_lower(body: RecordBidOutcome, bid: Application, given: Given) -> DiscrepancyFound:
    return DiscrepancyFound(
        discrepancy=f"award/{body.bid}",
        what=AWARD_DIFFERS,
        subject=body.bid,
        owner=given.discrepancy_owner,
        why="it is said to be won below the bid, and in some year or in sum it is not below",
        stated_pence=sum((body.pence or {}).values()),
        found_pence=sum(bid.caps_by_year.values()),
    )


def _of(each: Bid, state: State, given: Given) -> tuple[Duty, ...]:
    owed = given.policy.owed
    if each.bid in given.offered:
        return ()
    if each.answer:
        return owed("bid", "bid.offered", each.bid, each.answer.recorded)
    if each.submission:
        return owed("bid", "bid.answered", each.bid, each.submission.recorded)
    if each.draft is None or each.bid in given.in_decision:
        return ()
    closes = state.closes(each.draft.application)
    found = owed("bid", "bid.submitted", each.bid, each.draft.recorded, day_of(closes) if closes else None)
    return tuple(duty.model_copy(update={"due": closes or duty.due}) for duty in found)


def _waiting(each: Bid) -> str:
    if each.answer:
        return "won, and no offer has answered it"
    return "sent, and its outcome is not known" if each.submission else "neither sent nor withdrawn"


def _with(state: State, bid: str, **changed: Any) -> State:
    return replace(state, bids={**state.bids, bid: replace(state.bids.get(bid, Bid(bid)), **changed)})
