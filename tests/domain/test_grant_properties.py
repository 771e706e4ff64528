"""Properties of the whole grant under any order of commands: the fold is the state, money is conserved, moments pass once.

Reachability is asserted too: a machine that never gets anywhere proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import grant as grants
from domain import ledger
from domain.between import Between
from domain.grant import Grant
from domain.model import COMMANDS, By, Command, Decision, Event, Past, Refusal, line_of
from domain.obligations import obligations
from domain.organisation import Organisation
from tests.domain.promises import BIDS, PROMISES
from tests.lives import add, organisation_of, pass_moments

ORGANISATION: Organisation = organisation_of("mopac")
BEGIN = datetime(2020, 6, 1, 9, tzinfo=UTC)
REACHED: set[str] = set()
Body = dict[str, Any]


class Life:
    """One grant that is asked many things, each held against the properties."""

    def __init__(self) -> None:
        self.grant = Grant(stream="grant/any")
        self.pasts: list[Past] = []
        self.postings: list[ledger.Posting] = []
        self.count = 0
        self.now = BEGIN
        self.period: str | None = None

    def ask(self, kind: str, actor: str, body: Body) -> Decision:
        self.count += 1
        typed = COMMANDS[kind].model_validate(body, strict=False)
        content = grants.content(typed, self.grant) if type(typed).binds else None
        command = Command(
            v=1,
            id=f"c-{self.count}",
            grant="any",
            type=kind,
            actor=actor,
            on_behalf_of=None,
            at=self.now,
            content=content or ("0" * 64 if type(typed).binds else None),
            body=typed.model_dump(mode="json", exclude_unset=True),
            sealed=None,
        )
        self.moments()
        decision = grants.decide(command, self.grant, ORGANISATION, self.now)
        if isinstance(decision, Refusal):
            REACHED.add(decision.code)
        else:
            self.take(decision, By(actor=actor, on_behalf_of=None, now=self.now, content=None, command=command.id))
            again = grants.decide(command, self.grant, ORGANISATION, self.now)
            assert isinstance(again, Refusal) or not {each.wire for each in again} & MONEY, (kind, again)
        self.moments()
        self.hold()
        return decision

    def moments(self) -> None:
        if self.grant.opening.opened is None:
            return
        before = self.grant
        self.grant, passed = pass_moments(self.grant, ORGANISATION, self.now)
        self.post(before, passed)
        assert all(each.next is None or each.next > self.now for each in obligations(self.grant, ORGANISATION))

    def take(self, events: tuple[Event, ...], by: By) -> None:
        before = self.grant
        self.grant, pasts = add(self.grant, events, by)
        self.post(before, pasts)

    def post(self, before: Grant, pasts: tuple[Past, ...]) -> None:
        for past in pasts:
            REACHED.add(past.body.wire)
            assert line_of(past.body)
            self.postings += ledger.postings(past, before)
            before = grants.evolve(before, past)
        self.pasts += pasts

    def hold(self) -> None:
        assert grants.fold(self.pasts, Grant(stream="grant/any")) == self.grant
        if self.grant.opening.opened is None:
            return
        balance = ledger.balances(self.postings)
        assert sum(balance.values()) == 0
        years = Between(self.grant, ORGANISATION, {}).year_figures()
        assert balance.get("assets:grants-receivable:agreed", 0) == sum(each.debtor_pence for each in years)
        assert balance.get("assets:grants-receivable:accrued", 0) >= 0
        assert balance.get("memo:award", 0) == sum(each.cap_pence for each in years)
        for each in years:
            assert each.agreed_pence <= each.cap_pence
            gone = each.agreed_pence + each.lapsed_pence + each.forfeited_pence
            assert gone == each.cap_pence if grants.closed(self.grant) else gone <= each.cap_pence
        assert -balance.get("memo:forfeited", 0) == sum(each.forfeited_pence for each in years)
        assert -balance.get("memo:lapsed", 0) == sum(each.lapsed_pence for each in years)


MONEY = {"costs.recorded", "income.accrued", "return.submitted", "return.agreed", "payment.received", "variation.applied", "agreement.executed", "cap.lapsed"}
Step = Callable[[Life, Random], object]


def opened(life: Life, _: Random) -> object:
    parties = [{"role": "funder", "party": "A funder"}, {"role": "host", "party": "A host"}]
    return life.ask("OpenGrant", "p-grants", {"organisation": "mopac", "title": "Any", "clock": "rehearsal", "parties": parties})


def executed(life: Life, drawn: Random) -> object:
    lines = [{"line": "whole", "year": "2020/21", "pence": drawn.randint(0, 90_000_00), "categories": ["pay", "overtime"]}]
    returns = {"months": 3, "due_days": 30}
    return life.ask("RecordExecution", "p-grants", {"agreement": "base", "executed": "2020-06", "lines": lines, "host_borne": ["support"], "returns": returns})


def ratified(life: Life, drawn: Random) -> object:
    return life.ask("RecordDecision", "p-grants", ratification(drawn.choice((90_000_00, 1_000_00))))


def ratification(pence: int) -> Body:
    items = [{"item": "1", "verbs": ["ratify"], "words": "ratify", "instrument": "base", "pence": {"2020/21": pence}, "outcome": "approved"}]
    document = {"kind": "decision", "kept": "the register"}
    body = {"decision": f"D-{pence}", "maker": "The maker", "decided": "2020-07", "date_signed": None, "date_published": None}
    return {**body, "document": document, "items": items}


def offered(life: Life, drawn: Random) -> object:
    lines = [{"line": "uplift", "year": "2020/21", "pence": drawn.randint(1, 20_000_00), "categories": []}]
    planned = {"first": "2020-10-01", "last": "2021-03-31"}
    return life.ask("ReceiveVariation", "p-grants", {"variation": "v1", "agreement": "base", "made_available": "2020-09", "planned": planned, "lines": lines})


def cut(life: Life, _: Random) -> object:
    window = {"first": "2021-01-01", "last": "2021-03-31"}
    return life.ask("RecordFunderDecision", "p-grants", {"variation": "v1", "decided": "2020-12", "effective": window, "reason": "late"})


def approved(life: Life, _: Random) -> object:
    items = [{"item": "1", "verbs": ["approve"], "words": "the variation", "instrument": "v1", "pence": {"2020/21": 20_000_00}, "outcome": "approved"}]
    document = {"kind": "decision", "kept": "the register"}
    body = {"decision": "D-v1", "maker": "The maker", "decided": None, "date_signed": None, "date_published": None}
    return life.ask("RecordDecision", "p-grants", {**body, "document": document, "items": items})


def came_late(life: Life, drawn: Random) -> object:
    """A letter that is dated after the year it funds, approved and applied at once."""
    lines = [{"line": "late", "year": "2020/21", "pence": drawn.randint(1, 20_000_00), "categories": [], "heading": "New"}]
    planned = {"first": "2020-04-01", "last": "2021-03-31"}
    dates = {"letter_date": "2021-04-05", "made_available": "2021-04-05"}
    life.ask("ReceiveVariation", "p-grants", {"variation": "v2", "agreement": "base", **dates, "planned": planned, "lines": lines})
    items = [{"item": "1", "verbs": ["approve"], "words": "the late one", "instrument": "v2", "pence": {"2020/21": 20_000_00}, "outcome": "approved"}]
    body = {"decision": "D-v2", "maker": "The maker", "decided": None, "date_signed": None, "date_published": None}
    life.ask("RecordDecision", "p-grants", {**body, "document": {"kind": "decision", "kept": "the register"}, "items": items})
    words = {"treatment": drawn.choice(("adjusting", "non_adjusting")), "words": "so it seems"}
    life.ask("RecordJudgement", "p-chief-finance", {"judgement": "j", "year": "2020/21", "instrument": "v2", **words})
    return life.ask("ApplyVariation", "p-chief-finance", {"variation": "v2"})


def forfeited(life: Life, drawn: Random) -> object:
    body = {"forfeit": f"f{drawn.randint(0, 2)}", "year": "2020/21", "pence": drawn.randint(1, 9_000_00), "why": "too late", "dated": "2020-11"}
    return life.ask("RecordForfeit", "p-mps-accountant", body)


def paid_too_much(life: Life, drawn: Random) -> object:
    """More comes in than was agreed, and goes back, at once or never."""
    period, money = _period(life, drawn), {"pence": drawn.randint(1, 500), "on": life.now.date().isoformat(), "ledger_ref": "GL"}
    found = life.grant.recovery.returns.get(period)
    life.ask("RecordPayment", "p-mps-accountant", {"payment": f"over {life.count}", "period": period, **money})
    if found is None or not found.settled or drawn.choice((True, False)):
        return None
    return life.ask("RecordRepayment", "p-mps-accountant", {"repayment": f"back {life.count}", "period": period, **money})


def applied(life: Life, _: Random) -> object:
    return life.ask("ApplyVariation", "p-chief-finance", {"variation": "v1"})


def spent(life: Life, drawn: Random) -> object:
    row = {
        "key": f"k{drawn.randint(0, 30)}",
        "incurred": (date(2020, 3, 20) + timedelta(days=drawn.randint(0, 400))).isoformat(),
        "category": drawn.choice(("pay", "overtime", "support", "lunch")),
        "line": drawn.choice(("whole", "whole", "uplift", "none", "late")),
        "entity": "A host",
        "net_pence": drawn.randint(0, 40_000_00),
        "basis": "actual",
        "ledger_ref": "GL",
        "kept": "the finance system",
    }
    return life.ask("RecordCosts", "p-mps-accountant", {"rows": [row]})


def _period(life: Life, drawn: Random) -> str:
    if life.period:
        return life.period
    return drawn.choice(list(life.grant.recovery.returns) or ["Q1 2020/21"])


def prepared(life: Life, drawn: Random) -> object:
    claim = drawn.choice((None, drawn.randint(0, 50_000_00)))
    return life.ask("PrepareReturn", "p-mps-accountant", {"period": _period(life, drawn), "claim_pence": claim})


def certified(life: Life, drawn: Random) -> object:
    return life.ask("CertifyReturn", "p-mps-chief-finance", {"period": _period(life, drawn)})


def submitted(life: Life, drawn: Random) -> object:
    return life.ask("SubmitReturn", "p-mps-accountant", {"period": _period(life, drawn)})


def agreed(life: Life, drawn: Random) -> object:
    period = _period(life, drawn)
    found = life.grant.recovery.returns.get(period)
    claim = found.submitted.claim_pence if found and found.submitted else 0
    lost = [(row.key, row.pence) for row in found.included[:1] if row.pence and drawn.choice((True, False))] if found and found.submitted else []
    disallowed = [{"key": key, "pence": pence, "why": "no evidence"} for key, pence in lost]
    body = {"period": period, "agreed_pence": claim - sum(pence for _, pence in lost), "disallowed": disallowed, "dated": life.now.date().isoformat()}
    return life.ask("RecordReturnAgreed", "p-mps-accountant", body)


def paid(life: Life, drawn: Random) -> object:
    period = _period(life, drawn)
    found = life.grant.recovery.returns.get(period)
    pence = found.agreed.agreed_pence if found and found.agreed else 1
    if life.period and not pence:
        return None
    body = {"payment": f"pay {period}", "period": period, "pence": max(pence, 1), "on": life.now.date().isoformat(), "ledger_ref": "GL"}
    return life.ask("RecordPayment", "p-mps-accountant", body)


def claimed_whole(life: Life, drawn: Random) -> object:
    """Every open return's whole way, so that the year's end is reached; what is above the cap is not claimed."""
    for period in tuple(life.grant.recovery.returns):
        life.period = period
        if isinstance(life.ask("PrepareReturn", "p-mps-accountant", {"period": period}), Refusal):
            life.ask("PrepareReturn", "p-mps-accountant", {"period": period, "claim_pence": 0})
        for step in (certified, submitted, agreed, paid):
            step(life, drawn)
    life.period = None
    return None


def succeeded(life: Life, _: Random) -> object:
    life.ask("StateExitStrategy", "p-grants", {"covers": "all staff", "trigger": "no funding", "plan": "back to posts"})
    return life.ask("RecordSuccessor", "p-grants", {"reference": "next", "external": True})


def ended(life: Life, _: Random) -> object:
    life.ask("Reconcile", "p-chief-finance", {})
    return life.ask("CloseGrant", "p-grants", {})


def promised(life: Life, drawn: Random) -> object:
    """Some of what is promised or bid for and what becomes of it, in their order or in any."""
    kinds = drawn.choice((PROMISES, BIDS))
    some = drawn.sample(kinds, 6)
    return [life.ask(kind, "p-grants", body) for kind, body in drawn.choice((some, sorted(some, key=kinds.index)))]


def passed(life: Life, drawn: Random) -> object:
    life.now += timedelta(days=drawn.choice((1, 7, 45, 95)))
    return life.ask("AdvanceClock", "p-grants", {"to": life.now.isoformat()})


TERMS: tuple[Step, ...] = (executed, ratified, offered, cut, approved, applied, came_late)
CLAIMS: tuple[Step, ...] = (spent, spent, spent, prepared, certified, submitted, agreed, paid, forfeited, paid_too_much)
STEPS: tuple[Step, ...] = (*TERMS, *CLAIMS, succeeded, promised, promised, passed, passed)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.randoms(use_true_random=False), steps=st.lists(st.sampled_from((*STEPS, claimed_whole, claimed_whole, ended)), min_size=5, max_size=25))
def test_whatever_is_asked_in_whatever_order_the_grant_keeps_its_word(drawn: Random, steps: list[Step]) -> None:
    life = Life()
    for step in (opened, executed, *steps):
        step(life, drawn)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.randoms(use_true_random=False))
def test_whatever_is_spent_a_grant_can_be_claimed_settled_and_closed(drawn: Random) -> None:
    assert grants.closed(whole(drawn).grant)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.randoms(use_true_random=False))
def test_a_letter_that_comes_after_the_year_is_settled_is_claimed_in_a_supplementary_return_and_the_grant_closes(drawn: Random) -> None:
    life = whole(drawn, came_late)
    books = life.grant.recovery
    assert grants.closed(life.grant)
    assert list(books.returns)[-1] == "S1 2020/21"
    assert len(books.outturns["2020/21"]) == 2
    assert books.outturns["2020/21"][0].outturn_pence <= books.outturns["2020/21"][1].outturn_pence


def whole(drawn: Random, *besides: Step) -> Life:
    """A life from opening to close, with whatever spend, and whatever comes when all was settled once."""
    life = Life()
    for step in (opened, executed, ratified, spent, spent, passed, passed, offered, approved, cut, applied, spent, spent, succeeded):
        step(life, drawn)
    life.ask("RecordDecision", "p-grants", ratification(90_000_00))
    life.now = max(life.now, datetime(2021, 4, 20, 9, tzinfo=UTC))
    life.ask("AdvanceClock", "p-grants", {"to": life.now.isoformat()})
    claimed_whole(life, drawn)
    for late in besides:
        late(life, drawn)
        claimed_whole(life, drawn)
    ended(life, drawn)
    return life


def test_a_return_under_an_agreement_that_nobody_approved_is_prepared_but_not_submitted() -> None:
    life = Life()
    life.ask("OpenGrant", "p-grants", {"organisation": "mopac", "title": "Any", "clock": "rehearsal", "parties": []})
    lines = [{"line": "whole", "year": "2020/21", "pence": 100, "categories": ["pay"]}]
    life.ask("RecordExecution", "p-grants", {"agreement": "base", "executed": "2020-06", "lines": lines, "returns": {"months": 3, "due_days": 30}})
    row = {
        "key": "k",
        "incurred": "2020-06-30",
        "category": "pay",
        "line": "whole",
        "entity": "A host",
        "net_pence": 100,
        "basis": "actual",
        "ledger_ref": "GL",
        "kept": "GL",
    }
    life.ask("RecordCosts", "p-grants", {"rows": [row]})
    life.now = datetime(2020, 7, 2, 9, tzinfo=UTC)
    for kind, actor in (("PrepareReturn", "p-mps-accountant"), ("CertifyReturn", "p-mps-chief-finance")):
        assert not isinstance(life.ask(kind, actor, {"period": "Q1 2020/21"}), Refusal)
    refused = life.ask("SubmitReturn", "p-mps-accountant", {"period": "Q1 2020/21"})
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.who_could) == ("recovery.unauthorised", ("chief-executive", "deputy-mayor"))


def test_such_lives_reach_every_kind_of_outcome() -> None:
    for seed in range(6):
        drawn = Random(seed)  # noqa: S311  (the same lives each time)
        whole(drawn, paid_too_much)
        first: tuple[Step, ...] = (opened, executed, *[spent] * 6, passed, passed)
        unratified: tuple[Step, ...] = (*first, claimed_whole)
        any_order = (*first, offered, forfeited, *[promised] * 3, *drawn.choices((*STEPS, claimed_whole), k=20), claimed_whole, ended)
        for steps in (unratified, any_order):
            life = Life()
            for step in steps:
                step(life, drawn)
    wanted = {
        "exception.raised",
        "exception.closed",
        "milestone.achieved",
        "milestone.carried_forward",
        "report.made",
        "deliverables.traded",
        "variation.applied",
        "variation.window_changed",
        "income.accrued",
        "return.submitted",
        "return.agreed",
        "return.settled",
        "year.ended",
        "outturn.fixed",
        "cap.lapsed",
        "cap.forfeited",
        "payment.repaid",
        "year.judged",
        "duty.reminded",
        "duty.escalated",
        "grant.closed",
        "variation.not_authorised",
        "recovery.unauthorised",
        "recovery.above_cap",
        "close.not_yet",
    }
    assert wanted <= REACHED, wanted - REACHED
