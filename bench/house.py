"""An invented organisation whose papers pass many advisers, one after the other: every step is one approver's act.

A paper that says ``novel`` goes along a ladder that tells each adviser at once, so every act gives one notice; any other
paper along one whose first reminder comes in five working days, so no act gives one. Both re-arm the grant's timer.
"""

from __future__ import annotations

from datetime import date

from app.ids import uuid7
from app.signing import Signer
from domain.calendar import Closures, Window
from domain.drafting import DraftPaper, SubmitPaper
from domain.evidence import canonical, digest
from domain.model import Command, CommandBody
from domain.opening import OpenGrant, Party
from domain.organisation import AdoptOrganisation, Charter, Holding, Office
from domain.paper import Item, ItemOutcome, PaperFacts
from domain.policy import Accounts, Condition, DutyPolicy, Ladder, Mandate, Policy, RouteRule, Rung, SchemeEdition
from domain.saying import AdviseStep, DecideStep

HOUSE = "bench-house"
DRAFTER, DECIDER = "drafter", "decider"
ADVISERS = tuple(f"adviser-{number}" for number in range(1, 13))
SINCE = date(2020, 1, 1)
UNTIL = date(2099, 12, 31)
TOLD = {False: "reminded-later", True: "told-at-once"}
"""The ladder of a step, by whether its act gives a notice."""


def charter(signer: Signer) -> Charter:
    """The organisation as its first adoption describes it; each office is held by a person of the same name."""
    offices = (DRAFTER, *ADVISERS, DECIDER)
    return Charter(
        organisation=HOUSE,
        title="A house that is measured",
        offices=tuple(Office(office=each, title=each) for each in offices),
        holdings=tuple(Holding(person=_person(each), office=each, first=SINCE) for each in offices),
        cover=(),
        keys=tuple(signer.trusted.values()),
        policy=_policy(),
    )


def adoption(signer: Signer) -> Command:
    """The command that adopts it."""
    adopted = charter(signer)
    body = AdoptOrganisation(charter=adopted, digest=digest(canonical(adopted.model_dump(mode="json"))))
    return _command(f"organisation/{HOUSE}", body, "operator")


def opening(grant: str) -> Command:
    """The command that opens a grant of this house, on the real clock."""
    parties = (Party(role="funder", party="A funder"), Party(role="recipient", party="The house"))
    return _command(grant, OpenGrant(organisation=HOUSE, title=f"Grant {grant}", programme="Measured", clock="real", parties=parties), _person(DRAFTER))


def draft(grant: str, paper: str, *, noticed: bool) -> Command:
    """The command that drafts a paper; ``noticed``: each act on its route gives one notice."""
    items = (Item(item="1", verbs=("approve",), words="A request without money"),)
    facts = PaperFacts(retrospective=False, novel=noticed, restricted=False)
    return _command(grant, DraftPaper(paper=paper, title=f"Paper {paper}", items=items, documents=(), facts=facts), _person(DRAFTER))


def submission(grant: str, paper: str) -> Command:
    """The command that sends it along its route."""
    return _command(grant, SubmitPaper(paper=paper), _person(DRAFTER))


def advice(grant: str, paper: str, office: str) -> Command:
    """The command by which an adviser takes their step."""
    return _command(grant, AdviseStep(paper=paper, office=office, comment="No reason against it is known."), _person(office))


def decision(grant: str, paper: str) -> Command:
    """The command by which the last office decides."""
    answers = (ItemOutcome(item="1", outcome="approved"),)
    return _command(grant, DecideStep(paper=paper, office=DECIDER, outcomes=answers), _person(DECIDER))


def _policy() -> Policy:
    later = Rung(rung="reminded", counted_from="since", working_days=5)
    told = Rung(rung="told", counted_from="since", working_days=0)
    acts = {"OpenGrant", "DraftPaper", "SubmitPaper"}
    edition = SchemeEdition(
        edition="2020",
        title="The scheme of the house",
        first=SINCE,
        last=None,
        rules=tuple(rule for noticed in TOLD for rule in _rules(noticed=noticed)),
        mandates=tuple(Mandate(act=each, offices=(DRAFTER,), source="Invented", assumed=True) for each in sorted(acts)),
    )
    owners = {"submit": DRAFTER, "advise": ADVISERS[0], "decide": DECIDER, "revise": DRAFTER}
    return Policy(
        closures=Closures(source="none", window=Window(first=SINCE, last=UNTIL), days=()),
        ladders=(Ladder(ladder=TOLD[False], rungs=(later,)), Ladder(ladder=TOLD[True], rungs=(told, later))),
        duties=tuple(DutyPolicy(part="approval", duty=duty, owner=owner, ladder=TOLD[False], working_days=10) for duty, owner in owners.items()),
        schemes=(edition,),
        accounts=Accounts(),
    )


def _rules(*, noticed: bool) -> tuple[RouteRule, ...]:
    offices = (*ADVISERS, DECIDER)
    return tuple(
        RouteRule(
            rule=f"{TOLD[noticed]}-{office}",
            when=Condition(novel=noticed),
            office=office,
            says="decide" if office == DECIDER else "advise",
            order=order,
            limit_pence="any" if office == DECIDER else None,
            ladder=TOLD[noticed],
            because="every paper passes every adviser",
            source="Invented",
            assumed=True,
        )
        for order, office in enumerate(offices, 1)
    )


def _person(office: str) -> str:
    return f"p-{office}"


def _command(grant: str, body: CommandBody, actor: str) -> Command:
    return Command(
        v=1,
        id=uuid7(),
        grant=grant,
        type=type(body).__name__,
        actor=actor,
        on_behalf_of=None,
        at=None,
        content=None,
        body=body.model_dump(mode="json"),
        sealed=None,
    )
