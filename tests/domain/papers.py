"""An invented organisation, its scheme, and the shortest way to a paper in any state. Shared by the specs of approvals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from domain.approval import Command, Given, State, decide, evolve
from domain.asking import InstrumentFacts
from domain.calendar import Closures, Window
from domain.drafting import DraftPaper, EditPaper, RecordDecision, SubmitPaper
from domain.model import By, Document, Event, Past, Refusal, past_of_new
from domain.organisation import Charter, Cover, Holding, Office, Organisation
from domain.paper import DecidedItem, Item, ItemOutcome, PaperFacts
from domain.policy import Accounts, Board, Condition, DutyPolicy, Mandate, Policy, RouteRule, SchemeEdition
from domain.saying import AdviseStep, DecideStep, MinuteStep, SendBackStep
from domain.steps import BoardOutcome

ANN, BEN, FAY, LEO, CLEO, DORA, SAM, EVE = "ann", "ben", "fay", "leo", "cleo", "dora", "sam", "eve"
"""Ann and Ben draft; Fay and Leo advise for finance and legal; Cleo is chief executive, Dora decides, Sam keeps the board's
minutes, Eve holds nothing."""

ACTS = ("DraftPaper", "EditPaper", "SubmitPaper")
CAP = 26_735_464
WHOLE = 174_666_080
MORNING = datetime(2021, 1, 6, 9, tzinfo=UTC)


def rule(name: str, office: str, says: str, order: int, **rest: object) -> RouteRule:
    words: dict[str, object] = {"when": Condition(), "ladder": "steps", "because": f"{office} says so", "source": "paragraph 4.8", "assumed": False}
    return RouteRule.model_validate({"rule": name, "office": office, "says": says, "order": order, **words, **rest})


FINANCE = rule("finance-advises", "finance", "advise", 1)
LEGAL = rule("legal-advises", "legal", "advise", 1)
DECIDES = rule("all-offers", "decider", "decide", 2, limit_pence="any", because="every offer of grant at any value")
UP_TO = rule("small-offers", "chief-executive", "decide", 2, limit_pence=50_000_000, because="offers of less than half a million")
GATE = rule("board-gate", "secretary", "gate", 1, when=Condition(boards=("board",)), board="board", because="new work passes the board")
RULES = (FINANCE, LEGAL, DECIDES)
GATED = (*RULES, GATE)
MEETINGS = (date(2021, 1, 5), date(2021, 1, 12), date(2021, 2, 9))


def edition(*rules: RouteRule, name: str = "2020", first: date = date(2016, 1, 1), last: date | None = None) -> SchemeEdition:
    mandates = tuple(Mandate(act=act, offices=("grants-team",), source="ours", assumed=True) for act in ACTS)
    mandates += (Mandate(act="AdoptOrganisation", offices=("chief-executive",), source="ours", assumed=True),)
    return SchemeEdition(edition=name, title=f"Scheme {name}", first=first, last=last, rules=rules, mandates=mandates)


def policy(*editions: SchemeEdition) -> Policy:
    closures = Closures(source="none", window=Window(first=date(2016, 1, 1), last=date(2030, 12, 31)), days=())
    duties = tuple(DutyPolicy(part="approval", duty=name, owner="grants-team", ladder="papers", working_days=days) for name, days in DAYS.items())
    boards = (Board(board="board", title="The board", secretary="secretary", meetings=MEETINGS),)
    return Policy(closures=closures, ladders=(), duties=duties, schemes=editions, accounts=Accounts(), boards=boards)


DAYS = {"submit": 5, "advise": 3, "decide": 10, "revise": 4, "minute": 20}
OFFICES = ("grants-team", "finance", "legal", "chief-executive", "decider", "secretary")
HOLDINGS = tuple(
    Holding(person=person, office=office, first=date(2016, 1, 1))
    for person, office in (
        (ANN, "grants-team"),
        (BEN, "grants-team"),
        (FAY, "finance"),
        (LEO, "legal"),
        (CLEO, "chief-executive"),
        (DORA, "decider"),
        (SAM, "secretary"),
    )
)
COVER = (
    Cover(person=CLEO, principal=DORA, office="decider", first=date(2021, 1, 11), last=date(2021, 1, 15), acts=("DecideStep",), reason="away"),
    Cover(person=ANN, principal=DORA, office="decider", first=date(2021, 1, 11), last=date(2021, 1, 15), reason="away"),
    Cover(person=FAY, principal=DORA, office="decider", first=date(2021, 1, 11), last=date(2021, 1, 15), reason="away"),
)


def organisation(*, holdings: tuple[Holding, ...] = HOLDINGS, cover: tuple[Cover, ...] = COVER) -> Organisation:
    offices = tuple(Office(office=each, title=each) for each in OFFICES)
    charter = Charter(organisation="house", title="House", offices=offices, holdings=holdings, cover=cover, keys=(), policy=policy(edition(*RULES)))
    return Organisation(stream="organisation/house", version=1, charter=charter, digest="0" * 64)


INSTRUMENTS = {
    "variation-1": InstrumentFacts("variation", {"2020/21": CAP}, date(2021, 3, 31)),
    "bid-1": InstrumentFacts("bid", {"2021/22": 500_000}, date(2022, 3, 31)),
}


def known(*rules: RouteRule, cumulative: int = WHOLE, editions: tuple[SchemeEdition, ...] = (), at_risk: Mapping[str, int] | None = None) -> Given:
    in_force = editions or (edition(*(rules or RULES)),)
    return Given(organisation(), policy(*in_force), cumulative, INSTRUMENTS, at_risk or {})


def published_in(working_days: int, *rules: RouteRule) -> Given:
    """A policy that asks for decisions to be published in so many working days, by the drafting office."""
    given = known(*rules)
    asked = DutyPolicy(part="approval", duty="publish", owner="grants-team", ladder="papers", working_days=working_days)
    return replace(given, policy=given.policy.model_copy(update={"duties": (*given.policy.duties, asked)}))


SECOND = rule("board-too", "chief-executive", "decide", 3, limit_pence="any")
TWO_DECIDE = known(*RULES, SECOND)
LIMITED = known(*RULES, UP_TO)
COVERED = datetime(2021, 1, 12, 9, tzinfo=UTC)


def item(name: str = "1", verb: str = "approve", instrument: str | None = "variation-1", pence: int | None = CAP, **rest: object) -> Item:
    money = {} if pence is None or instrument is None else {"2020/21": pence}
    return Item.model_validate({"item": name, "verbs": (verb,), "words": "An uplift", "instrument": instrument, "pence": money, **rest})


CAPABILITY = item("2", instrument=None)
FACTS = PaperFacts(retrospective=False, novel=False, restricted=True)
PLAIN = {"paper": "PCD 914", "title": "Variation", "items": (item(), CAPABILITY), "documents": (), "facts": FACTS}


def drafted(**other: object) -> DraftPaper:
    return DraftPaper.model_validate({**PLAIN, **other})


def edited(reason: str = "as agreed", **other: object) -> EditPaper:
    return EditPaper.model_validate({**PLAIN, "reason": reason, **other})


SUBMITTED = SubmitPaper(paper="PCD 914")


def advised(office: str, comment: str = "No reason against") -> AdviseStep:
    return AdviseStep(paper="PCD 914", office=office, comment=comment)


def minuted(outcome: BoardOutcome = "supported", met: date = MEETINGS[1], minute: str = "The board supports it") -> MinuteStep:
    return MinuteStep(paper="PCD 914", board="board", met=met, outcome=outcome, minute=minute)


def answered(*outcomes: str, pence: int | None = None, office: str = "decider") -> DecideStep:
    amounts = [{"2020/21": pence} if each == "approved_lower" and pence is not None else None for each in outcomes]
    items = tuple(ItemOutcome.model_validate({"item": str(n), "outcome": each, "pence": amounts[n - 1]}) for n, each in enumerate(outcomes, 1))
    return DecideStep(paper="PCD 914", office=office, outcomes=items)


def sent_back(office: str = "decider") -> SendBackStep:
    return SendBackStep(paper="PCD 914", office=office, reason="The sum is not shown")


def ratified(pence: int = 147_930_616, **other: object) -> RecordDecision:
    whole = DecidedItem(item="1", verbs=("ratify",), words="Continuation", instrument="agreement-1", pence={"2020/21": pence}, outcome="approved")
    facts = {"decision": "PCD 867", "maker": "as stated", "decided": "2020-11", "date_signed": None, "date_published": None, "items": (whole,)}
    return RecordDecision.model_validate({**facts, "document": Document(kind="decision", kept="the publisher's site"), **other})


def by(actor: str, now: datetime = MORNING, on_behalf_of: str | None = None, part_two: str | None = None) -> By:
    return By(actor=actor, on_behalf_of=on_behalf_of, now=now, content=None, command="c", part_two=part_two)


Wish = tuple[Command, By]
BY_BOARD = known(*GATED)
TO_BOARD: tuple[Wish, ...] = ((drafted(facts=FACTS.model_copy(update={"gates": ("board",)})), by(ANN)), (SUBMITTED, by(ANN)))
APPROVED = answered("approved", "approved")
TO_ADVISERS: tuple[Wish, ...] = ((drafted(), by(ANN)), (SUBMITTED, by(ANN)))
TO_DECIDER: tuple[Wish, ...] = (*TO_ADVISERS, (advised("finance"), by(FAY)), (advised("legal"), by(LEO)))
DECIDED: tuple[Wish, ...] = (*TO_DECIDER, (APPROVED, by(DORA)))


def pasts(events: Iterable[Event], who: By) -> tuple[Past, ...]:
    return tuple(past_of_new(each, "grant/g", 1, who) for each in events)


def after(state: State, events: Iterable[Event], who: By) -> State:
    for past in pasts(events, who):
        state = evolve(state, past)
    return state


def accepted(body: Command, state: State, who: By, given: Given | None = None) -> tuple[Event, ...]:
    events = decide(body, state, who, given or known())
    assert not isinstance(events, Refusal), events
    return events


def refused(body: Command, state: State, who: By, given: Given | None = None) -> Refusal:
    answer = decide(body, state, who, given or known())
    assert isinstance(answer, Refusal), answer
    return answer


def state_of(*wishes: Wish, given: Given | None = None) -> State:
    state = State()
    for body, who in wishes:
        state = after(state, accepted(body, state, who, given), who)
    return state
