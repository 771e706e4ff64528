"""Bids within the whole grant: sought beside the cap, in no sum, let go by a decision or its delegation, ended without a penny."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain import grant as grants
from domain.acting import EXPIRED
from domain.calendar import day_of
from domain.figures import Figures, figures
from domain.grant import Grant
from domain.model import By, Command, Decision, Event, Refusal
from domain.outlook import Outlook
from tests.lives import add, organisation_of, pass_moments

MOPAC = organisation_of("mopac")
GRANTS, PROJECT, CHIEF, FINANCE, BOOKS = "p-grants", "p-project", "p-chief-executive", "p-chief-finance", "p-mps-bookkeeper"
KIT = [{"line": "kit", "year": "2019/20", "pence": 12_000_000, "categories": ["equipment"]}]
PAPERS = {"kind": "decision", "kept": "here"}


def instant(stated: str) -> datetime:
    return datetime.fromisoformat(stated).replace(tzinfo=UTC)


class Life:
    """One grant of the real organisation, command by command."""

    def __init__(self) -> None:
        self.grant = Grant(stream="grant/made")
        self.do("2019-04-01T09:00", GRANTS, "OpenGrant", organisation="mopac", title="Made", programme="P", clock="rehearsal", parties=[])

    def ask(self, at: str, who: str, kind: str, **body: Any) -> Decision:
        now = instant(at)
        self.grant, _ = pass_moments(self.grant, MOPAC, now)
        command = Command(v=1, id=f"{kind}-{at}", grant="made", type=kind, actor=who, on_behalf_of=None, at=now, content=None, body=body, sealed=None)
        typed = grants.typed(command)
        assert not isinstance(typed, Refusal), typed
        content = grants.content(typed, self.grant) if type(typed).binds else None
        return grants.decide(command.model_copy(update={"content": content}), self.grant, MOPAC, now)

    def do(self, at: str, who: str, kind: str, **body: Any) -> tuple[Event, ...]:
        answer = self.ask(at, who, kind, **body)
        assert not isinstance(answer, Refusal), answer
        by = By(actor=who, on_behalf_of=None, now=instant(at), content=None, command=f"{kind}-{at}")
        self.grant, _ = add(self.grant, answer, by)
        return answer

    def refused(self, at: str, who: str, kind: str, **body: Any) -> tuple[str, tuple[str, ...]]:
        answer = self.ask(at, who, kind, **body)
        assert isinstance(answer, Refusal), answer
        return answer.code, answer.who_could

    def draft(self, at: str, lines: list[dict[str, Any]] | None = None, bid: str = "bid-1") -> None:
        self.do(at, PROJECT, "DraftBid", bid=bid, fund="A Fund", lines=lines or KIT)

    def decided(self, at: str, *items: dict[str, Any], decision: str = "DEC 1") -> None:
        dates = dict.fromkeys(("decided", "date_signed", "date_published"))
        self.do(at, GRANTS, "RecordDecision", decision=decision, maker="Decision-maker", **dates, document=PAPERS, items=list(items))

    @property
    def figures(self) -> Figures:
        assert self.grant.recorded
        return figures(self.grant, day_of(self.grant.recorded), day_of(self.grant.recorded))

    @property
    def stage(self) -> str:
        return Outlook(self.grant, MOPAC).stage


def approves(bid: str = "bid-1", pence: int = 12_000_000) -> dict[str, Any]:
    return {"item": "1", "verbs": ["approve"], "words": "A bid", "instrument": bid, "pence": {"2019/20": pence}, "outcome": "approved"}


def delegates(to: str = "chief-executive", until: str | None = "2019-05-10") -> dict[str, Any]:
    words = "The final sign-off of a bid of up to so much"
    item = {"item": "2", "verbs": ["delegate"], "words": words, "instrument": "bid-1", "pence": {"2019/20": 12_000_000}, "to": to, "outcome": "approved"}
    return item | ({"until": until} if until else {})


def submitted() -> Life:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", approves())
    life.do("2019-04-04T09:00", GRANTS, "SubmitBid", bid="bid-1")
    return life


def test_a_bid_is_sought_from_its_submission_and_never_part_of_the_cap() -> None:
    life = submitted()
    assert (life.figures.cap_pence, life.figures.sought_pence, life.figures.peak_sought_pence) == (0, 12_000_000, 12_000_000)
    assert (life.figures.windows, life.figures.lines, life.figures.years) == ((), (), ())


def test_a_bid_won_below_what_it_asks_seeks_only_what_was_won_from_that_day() -> None:
    life = submitted()
    life.do("2019-05-02T09:00", GRANTS, "RecordBidOutcome", bid="bid-1", outcome="won_lower", pence={"2019/20": 7_000_000}, dated="2019-05-01")
    assert (life.figures.sought_pence, life.figures.peak_sought_pence) == (7_000_000, 12_000_000)


def test_the_offer_that_answers_a_bid_is_sought_in_its_place_not_beside_it() -> None:
    life = submitted()
    life.do("2019-05-02T09:00", GRANTS, "RecordBidOutcome", bid="bid-1", outcome="won", dated="2019-05-01")
    life.do("2019-05-20T09:00", GRANTS, "ReceiveOffer", offer="offer-1", bid="bid-1", received="2019-05-20", lines=KIT)
    assert life.figures.sought_pence == 12_000_000
    assert life.figures.bids[0].offers == ("offer-1",)
    assert life.refused("2019-05-21T09:00", FINANCE, "AcceptOffer", offer="offer-1") == ("agreement.not_authorised", ("deputy-mayor",))
    assert life.refused("2019-05-21T09:00", GRANTS, "WithdrawBid", bid="bid-1", reason="too late")[0] == "bid.over"


def test_no_offer_goes_by_the_id_of_a_bid_whose_approval_would_then_accept_it() -> None:
    life = submitted()
    assert life.refused("2019-05-20T09:00", GRANTS, "ReceiveOffer", offer="bid-1", received="2019-05-20", lines=KIT) == ("instrument.name_taken", ())
    life.do("2019-05-20T09:00", GRANTS, "ReceiveOffer", offer="offer-1", received="2019-05-20", lines=KIT)
    assert life.refused("2019-05-20T10:00", PROJECT, "DraftBid", bid="offer-1", fund="A Fund", lines=KIT)[0] == "instrument.name_taken"


def test_a_bid_counts_in_no_papers_cumulative_value_but_in_that_of_its_own() -> None:
    life = submitted()
    life.draft("2019-04-05T09:00", bid="bid-2")
    paper: dict[str, Any] = {"paper": "p-1", "title": "T", "documents": [], "facts": {"retrospective": False, "novel": False, "restricted": False}}
    item = {name: value for name, value in approves("bid-2").items() if name != "outcome"}
    life.do("2019-04-06T09:00", GRANTS, "DraftPaper", **paper, items=[item])
    life.do("2019-04-06T10:00", GRANTS, "SubmitPaper", paper="p-1")
    assert life.grant.approval.papers["p-1"].cumulative_pence == 12_000_000


def test_a_bid_approved_before_it_is_written_is_sent_by_the_office_that_may_sign_it_off_and_cites_it() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", delegates())
    life.draft("2019-05-01T09:00", [{**KIT[0], "pence": 11_000_000}])
    assert life.refused("2019-05-02T09:00", GRANTS, "SubmitBid", bid="bid-1") == ("bid.not_delegated", ("chief-executive",))
    life.do("2019-05-10T21:00", CHIEF, "SubmitBid", bid="bid-1")
    (row,) = life.figures.bids
    assert (row.authorised_by, row.delegation) == ("DEC 1", "DEC 1: The final sign-off of a bid of up to so much")


def test_the_delegated_sign_off_ends_with_its_last_london_day() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", delegates())
    assert life.refused("2019-05-11T09:00", CHIEF, "SubmitBid", bid="bid-1")[0] == EXPIRED.code
    assert life.refused("2019-05-11T09:00", FINANCE, "SubmitBid", bid="bid-1") == ("bid.delegation_expired", ("deputy-mayor",))


def test_a_delegation_to_an_office_by_its_title_is_one_to_that_office() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", delegates("Chief Executive of MOPAC", None))
    assert [each.wire for each in life.do("2019-06-01T09:00", CHIEF, "SubmitBid", bid="bid-1")] == ["bid.submitted"]


def test_more_than_the_sign_off_covers_is_not_sent_under_it() -> None:
    life = Life()
    life.draft("2019-04-02T09:00", [{**KIT[0], "pence": 12_000_001}])
    life.decided("2019-04-03T09:00", delegates())
    assert life.refused("2019-05-02T09:00", CHIEF, "SubmitBid", bid="bid-1") == ("bid.beyond_delegation", ("deputy-mayor",))


def test_an_exception_of_a_bid_sent_without_authority_is_closed_by_its_ratification() -> None:
    life = Life()
    life.do("2019-04-05T09:00", GRANTS, "RecordSubmission", bid="bid-1", fund="A Fund", lines=KIT, submitted="2019-04")
    assert [each.exception for each in life.figures.exceptions] == ["late-approval/bid-1"]
    life.decided("2019-04-09T09:00", approves() | {"verbs": ["ratify"]})
    (row,) = life.figures.exceptions
    assert (bool(row.closed), row.how) == (True, "ratified by DEC 1")


def test_a_grant_whose_bids_all_came_to_nothing_says_so() -> None:
    life = submitted()
    assert life.stage == "bidding"
    life.draft("2019-04-05T09:00", bid="bid-2")
    life.do("2019-05-02T09:00", GRANTS, "RecordBidOutcome", bid="bid-1", outcome="lost", dated="2019-05-01")
    assert life.stage == "bidding"
    life.do("2019-05-03T09:00", GRANTS, "WithdrawBid", bid="bid-2", reason="The first was lost")
    assert life.stage == "unsuccessful"


def test_a_grant_whose_only_bid_was_withdrawn_is_withdrawn() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.do("2019-04-03T09:00", GRANTS, "WithdrawBid", bid="bid-1", reason="No team")
    assert life.stage == "withdrawn"


def test_cost_on_a_bid_is_held_and_earns_nothing() -> None:
    life = submitted()
    row = {"key": "k-1", "incurred": "2019-04-10", "category": "equipment", "line": "kit", "entity": "made", "net_pence": 500, "basis": "actual"}
    events = life.do("2019-04-11T09:00", BOOKS, "RecordCosts", rows=[{**row, "ledger_ref": "GL-1", "kept": "here"}])
    assert [each.wire for each in events] == ["costs.recorded"]
    assert (life.figures.held_pence, life.figures.accrued_pence) == (500, 0)


def test_a_bid_drafted_anew_for_other_things_than_were_approved_is_not_sent() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", approves())
    life.do("2019-04-04T09:00", PROJECT, "DraftBid", bid="bid-1", fund="Another Fund", lines=KIT)
    assert life.refused("2019-04-05T09:00", GRANTS, "SubmitBid", bid="bid-1") == ("bid.changed_since", ("deputy-mayor",))
    life.draft("2019-04-05T10:00", [KIT[0] | {"line": "travel"}])
    assert life.refused("2019-04-05T11:00", GRANTS, "SubmitBid", bid="bid-1")[0] == "bid.changed_since"
    life.draft("2019-04-06T09:00", [KIT[0] | {"pence": 11_000_000}])
    assert life.do("2019-04-06T10:00", GRANTS, "SubmitBid", bid="bid-1")[0].authorised_by == "DEC 1"  # type: ignore[attr-defined]


def test_a_bid_that_was_sent_as_nobody_approved_it_is_recorded_with_an_exception() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", approves())
    sent, raised = life.do("2019-04-05T09:00", GRANTS, "RecordSubmission", bid="bid-1", fund="Another Fund", lines=KIT, submitted="2019-04-04")
    assert (sent.wire, raised.exception) == ("bid.submitted", "other-bid/bid-1")  # type: ignore[attr-defined]
    assert [each.raised.exception for each in life.grant.assurance.open_exceptions()] == ["other-bid/bid-1"]


def test_a_bid_that_was_decided_again_as_it_is_now_is_sent() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", approves())
    life.do("2019-04-04T09:00", PROJECT, "DraftBid", bid="bid-1", fund="Another Fund", lines=KIT)
    life.decided("2019-04-05T09:00", approves(), decision="DEC 2")
    assert life.do("2019-04-06T09:00", GRANTS, "SubmitBid", bid="bid-1")[0].authorised_by == "DEC 2"  # type: ignore[attr-defined]


def test_whoever_sends_a_bid_under_a_delegation_cites_it_and_not_the_scheme() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.decided("2019-04-03T09:00", approves(), delegates())
    (sent,) = life.do("2019-04-04T09:00", CHIEF, "SubmitBid", bid="bid-1")
    assert sent.delegation == "DEC 1, item 2: delegated to chief-executive until 2019-05-10"  # type: ignore[attr-defined]


def test_a_bid_of_which_only_the_outcome_is_known_keeps_its_id_from_every_offer() -> None:
    life = Life()
    life.do("2019-04-02T09:00", GRANTS, "RecordBidOutcome", bid="bid-1", outcome="won", dated="2019-04-01")
    life.decided("2019-04-03T09:00", approves())
    assert life.refused("2019-04-04T09:00", GRANTS, "ReceiveOffer", offer="bid-1", received="2019-04-04", lines=KIT)[0] == "instrument.name_taken"


def test_a_bid_whose_outcome_was_known_before_its_submission_seeks_all_that_it_asked() -> None:
    life = Life()
    life.do("2019-04-02T09:00", GRANTS, "RecordBidOutcome", bid="bid-1", outcome="won", dated="2019-04-01")
    life.do("2019-04-03T09:00", GRANTS, "RecordSubmission", bid="bid-1", fund="A Fund", lines=KIT, submitted="2019-03-01")
    assert life.figures.sought_pence == 12_000_000


@pytest.mark.parametrize(("decided", "late"), [("2019-05-20", True), ("2019-05-01", False), ("2019-05", False), (None, False)])
def test_what_was_signed_or_sent_before_its_decision_is_an_exception_even_where_the_decision_was_recorded_first(decided: str | None, *, late: bool) -> None:
    """It is ratified by that decision at once, and stays in the register (invariant 20); a blank date is no reproach."""
    life = Life()
    terms = approves("agreement-1") | {"item": "2", "verbs": ["accept"]}
    dates = {"decided": decided, "date_signed": None, "date_published": None}
    life.do("2019-06-01T09:00", GRANTS, "RecordDecision", decision="DEC 1", maker="Somebody", **dates, document=PAPERS, items=[approves(), terms])
    life.do("2019-06-02T09:00", GRANTS, "RecordExecution", agreement="agreement-1", executed="2019-05-10", lines=KIT)
    life.do("2019-06-03T09:00", GRANTS, "RecordSubmission", bid="bid-1", fund="A Fund", lines=KIT, submitted="2019-05-10")
    found = {name: each.closed.how for name, each in life.grant.assurance.exceptions.items() if each.closed}
    assert found == (dict.fromkeys(("late-approval/agreement-1", "late-approval/bid-1"), "ratified by DEC 1") if late else {})
    assert life.grant.assurance.open_exceptions() == ()


def test_a_return_needs_a_delegation_over_each_instrument_that_it_claims_under() -> None:
    life = Life()
    gives = {"verbs": ["delegate"], "words": "Certificates", "to": "legal", "outcome": "approved"}
    agreements = ("agreement-1", "agreement-2")
    life.decided(
        "2019-04-02T09:00", *(approves(name) | {"item": name, "verbs": ["accept"]} for name in agreements), {"item": "3", "instrument": agreements[0], **gives}
    )
    for hour, (name, line) in enumerate(zip(agreements, ("kit", "van"), strict=True), 10):
        body = {"agreement": name, "lines": [KIT[0] | {"line": line}], "returns": {"months": 3, "due_days": 30}}
        life.do(f"2019-04-03T{hour}:00", CHIEF, "ExecuteAgreement", **body)
    row = {"incurred": "2019-05-01", "category": "equipment", "entity": "Police", "net_pence": 500, "basis": "actual", "ledger_ref": "GL 1", "kept": "here"}
    life.do("2019-05-02T09:00", BOOKS, "RecordCosts", rows=[{**row, "key": "v", "line": "van"}, {**row, "key": "k", "line": "kit"}])
    life.do("2019-07-01T09:00", BOOKS, "PrepareReturn", period="Q1 2019/20")
    assert life.refused("2019-07-02T09:00", "p-legal", "CertifyReturn", period="Q1 2019/20")[0] == "authority.not_mandated"
    life.decided("2019-07-02T10:00", {"item": "4", "instrument": agreements[1], **gives}, decision="DEC 2")
    (certified,) = life.do("2019-07-02T11:00", "p-legal", "CertifyReturn", period="Q1 2019/20")
    assert certified.delegation == "DEC 1, item 3: delegated to legal and DEC 2, item 4: delegated to legal"  # type: ignore[attr-defined]


def test_what_is_signed_below_an_applied_offset_leaves_a_cap_below_zero_and_the_grant_can_still_be_shown() -> None:
    life = Life()
    life.do("2019-04-02T09:00", GRANTS, "ReceiveOffer", offer="offer-1", received="2019-04-02", lines=KIT)
    approved = (approves("offer-1") | {"verbs": ["accept"]}, approves("less", -8_000_000) | {"item": "2"})
    life.decided("2019-04-03T09:00", *approved)
    life.do("2019-04-04T09:00", FINANCE, "AcceptOffer", offer="offer-1")
    less = {"variation": "less", "agreement": "offer-1", "made_available": "2019-04-04", "planned": {"first": "2019-04-04", "last": "2020-03-31"}}
    life.do("2019-04-05T09:00", GRANTS, "ReceiveVariation", **less, lines=[KIT[0] | {"pence": -8_000_000}])
    life.do("2019-04-06T09:00", FINANCE, "ApplyVariation", variation="less")
    life.do(
        "2019-04-07T09:00", GRANTS, "RecordExecution", agreement="agreement-1", offer="offer-1", executed="2019-04-07", lines=[KIT[0] | {"pence": 5_000_000}]
    )
    assert (life.figures.cap_pence, Outlook(life.grant, MOPAC).standing()["figures"]["cap_pence"]) == (-3_000_000, -3_000_000)
    assert life.refused("2019-04-08T09:00", FINANCE, "Reconcile")[0] == "reconcile.not_yet"


def test_a_delegation_goes_no_further_than_the_money_that_it_states() -> None:
    life = Life()
    life.do("2019-04-02T09:00", GRANTS, "ReceiveOffer", offer="offer-1", received="2019-04-02", lines=KIT)
    gives = {"item": "2", "verbs": ["delegate"], "words": "Signature", "instrument": "offer-1", "to": "legal", "outcome": "approved"}
    life.decided("2019-04-03T09:00", approves("offer-1") | {"verbs": ["accept"]}, gives | {"pence": {"2019/20": 11_999_999}})
    assert life.refused("2019-04-04T09:00", "p-legal", "AcceptOffer", offer="offer-1")[0] == "authority.not_mandated"
    life.decided("2019-04-05T09:00", gives | {"pence": {"2019/20": 12_000_000}}, decision="DEC 2")
    (accepted,) = life.do("2019-04-06T09:00", "p-legal", "AcceptOffer", offer="offer-1")
    assert accepted.delegation == "DEC 2, item 2: delegated to legal"  # type: ignore[attr-defined]


def test_before_an_agreement_stood_for_it_an_accepted_offer_has_its_lines_and_its_window() -> None:
    life = Life()
    life.do("2019-04-02T09:00", GRANTS, "ReceiveOffer", offer="offer-1", received="2019-04-02", lines=KIT)
    life.decided("2019-04-03T09:00", approves("offer-1") | {"verbs": ["accept"]})
    life.do("2019-04-04T09:00", FINANCE, "AcceptOffer", offer="offer-1")
    life.do("2019-06-07T09:00", CHIEF, "ExecuteAgreement", agreement="agreement-1", offer="offer-1", lines=[KIT[0] | {"pence": 5_000_000}])
    for day, name, pence in ((date(2019, 5, 1), "offer-1", 12_000_000), (date(2019, 6, 7), "agreement-1", 5_000_000)):
        then = figures(life.grant, day, date(2019, 6, 7))
        assert (then.cap_pence, [each.cap_pence for each in then.lines], [each.instrument for each in then.windows]) == (pence, [pence], [name])


def test_records_are_kept_six_years_after_the_last_funded_day_also_where_that_was_recorded_after_the_close() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    life.do("2019-04-03T09:00", GRANTS, "WithdrawBid", bid="bid-1", reason="no team to run it")
    life.do("2019-04-04T09:00", GRANTS, "CloseGrant")
    life.do("2019-04-06T09:00", GRANTS, "RecordExecution", agreement="agreement-1", executed="2019-04-06", lines=KIT)
    assert life.refused("2026-03-31T09:00", FINANCE, "DisposeRecords", how="shredded")[0] == "retention.not_over"
    (disposed,) = life.do("2026-04-01T09:00", FINANCE, "DisposeRecords", how="shredded")
    assert disposed.retention_until == date(2026, 3, 31)  # type: ignore[attr-defined]


def test_the_drafter_of_a_bid_does_not_sign_it_off_under_a_delegation_either() -> None:
    life = Life()
    life.draft("2019-04-02T09:00")
    signs_off = {"item": "1", "verbs": ["delegate"], "words": "Final sign-off", "instrument": "bid-1", "pence": {"2019/20": 12_000_000}, "outcome": "approved"}
    life.decided("2019-04-03T09:00", {**signs_off, "to": "mps-project"})
    assert life.refused("2019-04-04T09:00", PROJECT, "SubmitBid", bid="bid-1") == ("duty.pair", ("grants-team", "chief-finance-officer"))


def test_somebody_else_signs_off_under_the_same_delegation() -> None:
    life = Life()
    life.do("2019-04-02T09:00", GRANTS, "DraftBid", bid="bid-1", fund="A Fund", lines=KIT)
    signs_off = {"item": "1", "verbs": ["delegate"], "words": "Final sign-off", "instrument": "bid-1", "pence": {"2019/20": 12_000_000}, "outcome": "approved"}
    life.decided("2019-04-03T09:00", {**signs_off, "to": "mps-project"})
    (sent, *_) = life.do("2019-04-04T09:00", PROJECT, "SubmitBid", bid="bid-1")
    assert sent.wire == "bid.submitted"
