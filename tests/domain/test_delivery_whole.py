"""Specs of delivery within the whole grant: what other rooms record puts its faults right, and what it owes keeps the grant open."""

from __future__ import annotations

from random import Random

from domain.grant import duties
from domain.model import Decision, Refusal
from tests.domain.test_grant_properties import ORGANISATION, Life, executed, opened

NOBODY = Random(1)  # noqa: S311  (the same life each time)
POSTS = {"team": "hub", "instrument": "base", "posts": [{"rank": "constable", "count": 4}], "first": "2020-04-01", "last": "2021-03-31"}


def wires(decision: Decision) -> list[str]:
    assert not isinstance(decision, Refusal), decision
    return [each.wire for each in decision]


def life() -> Life:
    found = Life()
    opened(found, NOBODY)
    return found


def test_posts_that_came_before_their_agreement_are_an_exception_until_it_is_recorded() -> None:
    found = life()
    assert wires(found.ask("RecordPosts", "p-grants", POSTS)) == ["posts.funded", "exception.raised"]
    assert [each.raised.owner for each in found.grant.assurance.open_exceptions()] == ["chief-finance-officer"]
    executed(found, NOBODY)
    closed = found.grant.assurance.exceptions["instrument-unknown/base"].closed
    assert closed is not None
    assert closed.how == "corrected: base is recorded"


def test_more_posts_filled_than_funded_are_put_right_by_more_posts() -> None:
    found = life()
    executed(found, NOBODY)
    found.ask("RecordPosts", "p-grants", POSTS)
    filled = {"team": "hub", "rank": "constable", "filled": 6, "on": "2020-06-01"}
    assert wires(found.ask("RecordPostsFilled", "p-grants", filled)) == ["posts.filled", "exception.raised"]
    more = POSTS | {"posts": [{"rank": "constable", "count": 2}], "first": "2020-06-01"}
    assert wires(found.ask("RecordPosts", "p-grants", more)) == ["posts.funded", "exception.closed"]


def test_a_report_that_is_owed_and_an_open_milestone_wait_on_their_offices_and_keep_the_grant_open() -> None:
    found = life()
    executed(found, NOBODY)
    found.ask("PlanMilestone", "p-grants", {"milestone": "live", "words": "It goes live", "due": "2020-12"})
    owed = {"report": "finance", "form": "financial", "to": "The unit", "months": 12, "due_days": 30, "first": "2020-04-01", "words": "yearly"}
    found.ask("OweReport", "p-grants", owed | {"owner": "mps-finance"})
    waiting = {(each.name, each.subject, each.owner) for each in duties(found.grant, ORGANISATION) if each.part == "delivery"}
    assert waiting == {("milestone.achieved", "live", "mps-project"), ("report.made", "finance for Year 2020/21", "mps-finance")}
    refused = found.ask("CloseGrant", "p-grants", {})
    assert isinstance(refused, Refusal)
    assert "milestone live, due 2020-12, is neither achieved" in refused.why
    assert "report finance for Year 2020/21 is neither made nor waived" in refused.why


def test_only_the_offices_with_the_mandate_carry_a_milestone_forward_or_trade_deliverables() -> None:
    found = life()
    executed(found, NOBODY)
    carried = found.ask("CarryForwardMilestone", "p-legal", {"milestone": "live", "to": "2021-06", "variation": "v1"})
    sides = {"gives_up": {"deliverable": "core", "count": 1}, "gains": {"deliverable": "full", "count": 1}}
    traded = found.ask("TradeDeliverables", "p-legal", {"variation": "v1", **sides})
    assert all(isinstance(each, Refusal) and each.who_could == ("grants-team", "mps-project") for each in (carried, traded))
