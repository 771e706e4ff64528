"""A grant's recovery on its own: terms as PCD 914 has them, one policy, and a life that commands and dates move on.

The base agreement pays 147,930,616p on the line ``whole`` through 2020/21; the variation 26,735,464p on ``uplift`` from
1 January 2021. People are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from domain import recovery
from domain.calendar import Closures, Window
from domain.expenditure import Cost, RecordCosts
from domain.model import SYSTEM, By, Decision, Duty, Event, Past, Refusal, past_of_new
from domain.policy import Accounts, Condition, DutyPolicy, Mandate, Policy, RouteRule, SchemeEdition
from domain.recovery import Given, State
from domain.returns import CertifyReturn, Disallowed, PrepareReturn, RecordPayment, RecordReturnAgreed, SubmitReturn
from domain.terms import ReturnSchedule, TermLine, Terms

YEAR = "2020/21"
BASE_PENCE, UPLIFT_PENCE = 147_930_616, 26_735_464
WHOLE_YEAR = Window(first=date(2020, 4, 1), last=date(2021, 3, 31))
PLANNED = Window(first=date(2020, 10, 1), last=date(2021, 3, 31))
EFFECTIVE = Window(first=date(2021, 1, 1), last=date(2021, 3, 31))
PAID_FOR = ("direct_pay", "overtime", "role_training", "role_equipment")
BOOKKEEPER, ACCOUNTANT, FINANCE_CHIEF = "p-bookkeeper", "p-accountant", "p-finance-chief"

MANDATES = {
    "PrepareReturn": ("mps-finance",),
    "CertifyReturn": ("chief-finance-officer",),
    "SubmitReturn": ("mps-finance",),
    "AcceptOffer": ("chief-executive",),
    "ExecuteAgreement": ("chief-executive",),
    "ApplyVariation": ("grants-team",),
}
OWNERS = {
    "return.prepared": "mps-finance",
    "return.certified": "chief-finance-officer",
    "return.submitted": "mps-finance",
    "query.answered": "mps-finance",
    "return.agreed": "home-office",
    "payment.received": "home-office",
    "year.judged": "chief-finance-officer",
}


def policy() -> Policy:
    decided = RouteRule(
        rule="offers",
        when=Condition(),
        office="deputy-mayor",
        says="decide",
        order=2,
        limit_pence="any",
        ladder="steps",
        because="every offer",
        source="4.8",
        assumed=False,
    )
    scheme = SchemeEdition(
        edition="2016-10",
        title="Scheme of Delegation and Consent",
        first=date(2016, 10, 1),
        last=None,
        rules=(decided,),
        mandates=tuple(Mandate(act=act, offices=offices, source="assumed", assumed=True) for act, offices in MANDATES.items()),
    )
    holidays = (date(2020, 5, 8), date(2020, 12, 25), date(2020, 12, 28), date(2021, 1, 1), date(2021, 4, 2), date(2021, 4, 5), date(2021, 5, 3))
    return Policy(
        closures=Closures(source="by hand", window=Window(first=date(2020, 1, 1), last=date(2022, 12, 31)), days=holidays),
        ladders=(),
        duties=tuple(DutyPolicy(part="recovery", duty=duty, owner=owner, ladder="returns", working_days=30) for duty, owner in OWNERS.items()),
        schemes=(scheme,),
        accounts=Accounts(),
    )


def line(
    name: str = "whole", pence: int = BASE_PENCE, window: Window = WHOLE_YEAR, in_force: date | None = date(2020, 6, 30), instrument: str = "agreement-2020"
) -> TermLine:
    return TermLine(instrument=instrument, line=name, year=YEAR, pence=pence, categories=PAID_FOR, window=window, in_force=in_force, authorised=True)


def uplift(name: str = "uplift", pence: int = UPLIFT_PENCE, window: Window = EFFECTIVE, in_force: date | None = date(2021, 1, 1)) -> TermLine:
    return line(name, pence, window, in_force, "PCD 914")


def terms(*lines: TermLine) -> Terms:
    return Terms(lines=lines or (line(), uplift()), host_borne=("mps_support_costs",), schedule=ReturnSchedule(months=3, due_days=30))


def given(*lines: TermLine, unauthorised: tuple[str, ...] = (), taken: dict[str, str] | None = None) -> Given:
    return Given(policy=policy(), terms=terms(*lines), unauthorised=unauthorised, taken=taken or {}, entity="MPS", exception_owner="finance")


def cost(key: str, pence: int = 100_00, on: str = "2020-05-15", **other: object) -> Cost:
    stated = {"category": "direct_pay", "line": "whole", "basis": "actual", "entity": "MPS", "ledger_ref": f"GL {key}", "kept": "general ledger"}
    return Cost.model_validate({"key": key, "incurred": date.fromisoformat(on), "net_pence": pence, **stated, **other})


def costs(*rows: Cost) -> RecordCosts:
    return RecordCosts(rows=rows)


@dataclass
class Recovery:
    """One life of recovery. ``does`` obeys a command as the whole grant would: it folds the events, then accrues income."""

    given: Given = field(default_factory=given)
    state: State = field(default_factory=State)
    now: datetime = datetime(2020, 7, 1, 9, tzinfo=UTC)
    pasts: list[Past] = field(default_factory=list)

    def on(self, day: str) -> Recovery:
        """The clock moves to 09:00 UTC of that day; what falls due by then falls due."""
        self.now = datetime.fromisoformat(f"{day}T09:00:00+00:00")
        while due := self.moment():
            self._fold(recovery.moment(due, self.state, self._by(SYSTEM), self.given), SYSTEM)
        return self

    def moment(self) -> Duty | None:
        open_now = (each for each in recovery.duties(self.state, self.given) if each.owner == SYSTEM and each.due and each.due <= self.now)
        return min(open_now, key=lambda each: (each.due, each.subject), default=None)

    def does(self, body: recovery.Command, actor: str = BOOKKEEPER, on_behalf_of: str | None = None) -> tuple[Event, ...]:
        events = self.tries(body, actor, on_behalf_of)
        assert not isinstance(events, Refusal), events
        self._fold(events, actor, on_behalf_of)
        return events

    def tries(self, body: recovery.Command, actor: str = BOOKKEEPER, on_behalf_of: str | None = None) -> Decision:
        return recovery.decide(body, self.state, self._by(actor, on_behalf_of), self.given)

    def refused(self, body: recovery.Command, actor: str = BOOKKEEPER, on_behalf_of: str | None = None) -> Refusal:
        answer = self.tries(body, actor, on_behalf_of)
        assert isinstance(answer, Refusal), answer
        return answer

    def under(self, *lines: TermLine, unauthorised: tuple[str, ...] = ()) -> Recovery:
        """Other terms from here on: a window cut, a variation applied, an approval that is missing."""
        self.given = given(*lines, unauthorised=unauthorised)
        self._accrue()
        return self

    def applies(self, *lines: TermLine) -> Recovery:
        """A variation is applied: other terms, and a supplementary return where all returns of the year were made."""
        self.given = replace(self.given, terms=terms(*lines))
        self._fold(recovery.supplementary((YEAR,), self.state, self.given, self._by(SYSTEM)), SYSTEM)
        return self

    def submits(self, period: str) -> Recovery:
        """Prepared by the bookkeeper, certified by the chief of finance, submitted by the accountant."""
        self.does(PrepareReturn(period=period))
        self.does(CertifyReturn(period=period), FINANCE_CHIEF)
        return self.submits_as_certified(period)

    def submits_as_certified(self, period: str) -> Recovery:
        self.does(SubmitReturn(period=period), ACCOUNTANT)
        return self

    def agrees(self, period: str, dated: str, *disallowed: Disallowed) -> Recovery:
        claim = self.claim(period) - sum(each.pence for each in disallowed)
        self.does(RecordReturnAgreed(period=period, agreed_pence=claim, disallowed=disallowed, dated=dated))
        return self

    def pays(self, period: str, on: str, pence: int | None = None) -> tuple[Event, ...]:
        agreed = self.state.returns[period].agreed
        owed = (agreed.agreed_pence if agreed else 0) - self.state.received_pence(period)
        number = f"{period} {len(self.state.payments) + 1}"
        return self.does(RecordPayment(payment=number, period=period, pence=pence or owed, on=date.fromisoformat(on), ledger_ref=f"BACS {number}"))

    def claim(self, period: str) -> int:
        prepared = self.state.returns[period].prepared
        assert prepared
        return prepared.claim_pence

    def income(self) -> int:
        return sum(each.accrued_pence for each in self.state.accrued)

    def _by(self, actor: str, on_behalf_of: str | None = None) -> By:
        return By(actor=actor, on_behalf_of=on_behalf_of, now=self.now, content=None, command="c")

    def _fold(self, events: tuple[Event, ...], actor: str, on_behalf_of: str | None = None) -> None:
        for event in events:
            past = past_of_new(event, "grant/g", len(self.pasts) + 1, self._by(actor, on_behalf_of))
            self.state = recovery.evolve(self.state, past)
            self.pasts.append(past)
        self._accrue()

    def _accrue(self) -> None:
        events = recovery.accrual(self.state, self.given, self._by(SYSTEM))
        for event in events:
            past = past_of_new(event, "grant/g", len(self.pasts) + 1, self._by(SYSTEM))
            self.state = recovery.evolve(self.state, past)
            self.pasts.append(past)


def wires(events: tuple[Event, ...]) -> list[str]:
    return [each.wire for each in events]
