"""What a grant can promise or bid for, and what can become of it, as commands for lives that are drawn by chance; in their order they follow."""

from __future__ import annotations

from typing import Any

PROMISES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RecordPosts", {"team": "hub", "instrument": "v1", "posts": [{"rank": "constable", "count": 4}], "first": "2020-10-01"}),
    ("RecordPostsFilled", {"team": "hub", "rank": "constable", "filled": 5, "on": "2020-10-05"}),
    ("PlanMilestone", {"milestone": "live", "words": "It goes live", "due": "2020-12"}),
    ("AchieveMilestone", {"milestone": "live", "on": "2021-02"}),
    ("CarryForwardMilestone", {"milestone": "live", "to": "2021-06", "variation": "v1"}),
    ("OweReport", {"report": "month", "form": "finance", "to": "A funder", "months": 1, "due_days": 10, "first": "2020-06-01", "words": "monthly"}),
    ("MakeReport", {"reports": ["month"], "period": "2020-06", "on": "2020-07-20"}),
    ("PlanDeliverable", {"deliverable": "core", "words": "Core", "most": 4}),
    ("PlanDeliverable", {"deliverable": "full", "words": "Full"}),
    ("RecordDelivered", {"deliverable": "core", "count": 5, "on": "2020-09"}),
    (
        "TradeDeliverables",
        {"variation": "v1", "gives_up": {"deliverable": "core", "count": 2}, "gains": {"deliverable": "full", "count": 1}},
    ),
)

_KIT = [{"line": "whole", "year": "2020/21", "pence": 5_000_00, "categories": ["pay"]}]
_PAPER = {"kind": "decision", "kept": "the register"}
_SIGN_OFF = {"verbs": ["approve", "delegate"], "words": "the bid", "instrument": "bid", "pence": {"2020/21": 5_000_00}, "to": "finance", "outcome": "approved"}
_DECIDED = {"decision": "D-bid", "maker": "The maker", "decided": "2020-07", "date_signed": None, "date_published": None}

BIDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RegisterOpportunity", {"opportunity": "call", "fund": "A fund", "closes": "2020-09-30T11:00:00Z"}),
    ("DraftBid", {"bid": "bid", "opportunity": "call", "fund": "A fund", "lines": _KIT}),
    ("RecordDecision", {**_DECIDED, "document": _PAPER, "items": [{"item": "1", **_SIGN_OFF}]}),
    ("SubmitBid", {"bid": "bid"}),
    ("RecordSubmission", {"bid": "other", "fund": "Another fund", "lines": _KIT, "submitted": "2020-08"}),
    ("RecordBidOutcome", {"bid": "bid", "outcome": "won_lower", "pence": {"2020/21": 4_000_00}, "dated": "2020-10"}),
    ("ReceiveOffer", {"offer": "answer", "bid": "bid", "received": "2020-11", "lines": _KIT}),
    ("RecordBidOutcome", {"bid": "other", "outcome": "lost", "dated": "2020-10"}),
    ("WithdrawBid", {"bid": "bid", "reason": "not wanted any more"}),
)
