"""Random organisations, schemes, people and clocks, for the machine that tries to break the chain of approvals.

A world is drawn from a number, so the same one comes from the same number; some worlds have holes in their schemes on purpose.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.signing import Signer
from domain import keys as keyring
from domain.calendar import Closures, Window
from domain.keys import Key
from domain.organisation import Absence, Charter, Cover, Holding, Office, Organisation, StandingDelegation
from domain.policy import (
    Accounts,
    Board,
    Condition,
    DutyPair,
    DutyPolicy,
    Ladder,
    Mandate,
    Policy,
    RouteRule,
    Rung,
    SchemeEdition,
    UrgencyRule,
)

BEGIN = datetime(2021, 1, 4, 9, tzinfo=UTC)
CHANGE = date(2021, 1, 25)
FIRST, NEVER = date(2016, 1, 1), date(2040, 1, 1)
PEOPLE = tuple(f"p{number}" for number in range(10))
OFFICES = ("drafters", "finance", "legal", "secretary", "trustee-1", "trustee-2", "trustee-3", "chief", "top")
DECIDERS = ("chief", "top")
BOARD = "board"
MEETINGS = tuple(date(2021, 1, 5) + timedelta(days=each) for each in range(0, 80, 3))
MANDATED = {
    "drafters": ("OpenGrant", "AdoptPolicy", "DraftPaper", "EditPaper", "SubmitPaper", "PublishDecision", "DeferPublication"),
    "finance": ("AcceptOffer", "ExecuteAgreement", "ApplyVariation", "PausePaper", "ResumePaper"),
}
FLAWS = ("none",) * 25 + ("blank limit", "no office", "no board", "quorum", "scattered", "alone", "alone", "alone")
"""What can be wrong with a scheme."""
SMALL, LARGE = 5_000_000, 50_000_000
"""Limits of offices, whole pence."""


@dataclass(frozen=True)
class World:
    """One organisation as the record would have it, and the key that its gateway signs with."""

    seed: int
    organisation: Organisation
    signer: Signer

    @property
    def charter(self) -> Charter:
        assert self.organisation.charter
        return self.organisation.charter

    def edition_on(self, day: date) -> SchemeEdition | None:
        return next((each for each in self.charter.policy.schemes if each.first <= day and (each.last is None or day <= each.last)), None)

    def holders(self, office: str, day: date) -> set[str]:
        rows = (each for each in self.charter.holdings if each.office == office)
        return {each.person for each in rows if each.first <= day and (each.last is None or day <= each.last)}

    def absent(self, person: str, day: date) -> bool:
        return any(each.person == person and each.first <= day <= each.last for each in self.charter.absences)

    def covers(self, person: str, principal: str, office: str, act: str, day: date) -> list[Cover]:
        rows = (each for each in self.charter.cover if (each.person, each.principal, each.office) == (person, principal, office))
        return [each for each in rows if each.first <= day <= each.last and (not each.acts or act in each.acts)]


@cache
def signer(number: int = 0) -> Signer:
    """A gateway's key; another number is a stranger's."""
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


@cache
def world(seed: int) -> World:
    """The world of that number."""
    drawn = Random(seed)  # noqa: S311  (the same world each time)
    holdings = _holdings(drawn)
    charter = Charter(
        organisation="house",
        title="House",
        offices=tuple(Office(office=each, title=each, superior=None if each == "top" else "top") for each in OFFICES),
        holdings=holdings,
        cover=tuple(_cover(drawn, holdings) for _ in range(drawn.randint(1, 6))),
        keys=(_key(signer()),),
        rehearsals_allowed=True,
        policy=_policy(drawn),
        absences=tuple(_absence(drawn) for _ in range(drawn.randint(0, 3))),
        delegations=tuple(_delegation(drawn) for _ in range(drawn.choice((0, 1)))),
    )
    keys = keyring.with_stated((), charter.keys)
    return World(seed, Organisation(stream="organisation/house", version=1, charter=charter, digest="0" * 64, keys=keys), signer())


def _key(of: Signer) -> Key:
    assert base64.b64decode(of.public)
    return Key(key=of.key, public=of.public, first=datetime(2016, 1, 1, tzinfo=UTC))


def _holdings(drawn: Random) -> tuple[Holding, ...]:
    """Mostly one holder an office; some hold several, some leave or come in the middle, some offices fall vacant."""
    free = drawn.sample(PEOPLE, len(PEOPLE))
    rows = []
    for number, office in enumerate(OFFICES):
        person = free[number] if drawn.random() < 0.85 else drawn.choice(PEOPLE)
        left = BEGIN.date() + timedelta(days=drawn.randint(5, 40)) if drawn.random() < 0.2 else None
        rows.append(Holding(person=person, office=office, first=FIRST, last=left))
        if left and drawn.random() < 0.6:
            rows.append(Holding(person=drawn.choice(PEOPLE), office=office, first=left + timedelta(days=drawn.choice((1, 1, 6)))))
        if drawn.random() < 0.25:
            rows.append(Holding(person=drawn.choice(PEOPLE), office=office, first=FIRST))
    return tuple(rows)


def _days(drawn: Random) -> tuple[date, date]:
    first = BEGIN.date() + timedelta(days=drawn.randint(-3, 30))
    return first, first + timedelta(days=drawn.randint(0, 20))


def _cover(drawn: Random, holdings: tuple[Holding, ...]) -> Cover:
    first, last = _days(drawn)
    acts = drawn.choice(((), (), ("DecideStep",), ("AdviseStep", "RecuseStep")))
    limit = drawn.choice((None, None, SMALL))
    held = drawn.choice([each for each in holdings if each.office in ("finance", "chief", "top", "drafters")])
    person = drawn.choice([each for each in PEOPLE if each != held.person])
    return Cover(person=person, principal=held.person, office=held.office, first=first, last=last, acts=acts, reason="away", limit_pence=limit)


def _absence(drawn: Random) -> Absence:
    first, last = _days(drawn)
    return Absence(person=drawn.choice(PEOPLE), first=first, last=last, reason="away")


def _delegation(drawn: Random) -> StandingDelegation:
    first, last = _days(drawn)
    limit = drawn.choice((None, 500_000, 100_000))
    return StandingDelegation(
        delegation="d",
        acts=("ApplyVariation",),
        to=drawn.choice(("legal", "chief")),
        limit_pence=limit,
        first=first,
        last=last,
        decision="D 7",
        words="to apply",
    )


def _policy(drawn: Random) -> Policy:
    changes = drawn.random() < 0.4
    gap = timedelta(days=drawn.choice((1, 1, 8)))
    first = _edition("old", drawn, FIRST, CHANGE - gap if changes else None)
    ladder = Ladder(
        ladder="steps", rungs=(Rung(rung="told", counted_from="since", working_days=0), Rung(rung="late", counted_from="due", working_days=1, to="top"))
    )
    duties = tuple(
        DutyPolicy(part="approval", duty=name, owner="drafters", ladder="steps", working_days=days)
        for name, days in (("submit", 5), ("advise", 3), ("decide", 5), ("minute", 9), ("revise", 4))
    )
    explained = DutyPolicy(part="assurance", duty="exception.explained", owner="top", ladder=None, working_days=20)
    return Policy(
        closures=Closures(source="none", window=Window(first=FIRST, last=NEVER), days=()),
        ladders=(ladder,),
        duties=(*duties, explained),
        schemes=(first, _edition("new", drawn, CHANGE, None)) if changes else (first,),
        accounts=Accounts(),
        boards=(Board(board=BOARD, title="The board", secretary="secretary", meetings=MEETINGS),),
    )


def _edition(name: str, drawn: Random, first: date, last: date | None) -> SchemeEdition:
    rules = [each for each in _rules(drawn) if drawn.random() > 0.03]
    mandates = tuple(Mandate(act=act, offices=(office,), source="ours", assumed=True) for office, acts in MANDATED.items() for act in acts)
    return SchemeEdition(
        edition=name,
        title=f"Scheme {name}",
        first=first,
        last=last,
        rules=tuple(rules),
        mandates=mandates,
        urgency=tuple(
            UrgencyRule(
                rule="urgent",
                office=drawn.choice(DECIDERS),
                limit_pence=drawn.choice((SMALL, LARGE, "any")),
                because="it cannot wait",
                source="7",
                assumed=True,
            )
            for _ in range(drawn.choice((0, 1)))
        ),
        pairs=tuple(_pair(drawn) for _ in range(drawn.choice((0, 0, 1, 2)))),
    )


def _pair(drawn: Random) -> DutyPair:
    one, other = drawn.choice(
        (
            ("DraftPaper", "ApplyVariation"),
            ("AdviseStep", "ApplyVariation"),
            ("DecideStep", "ApplyVariation"),
            ("EditPaper", "SubmitPaper"),
            ("EditPaper", "PausePaper"),
        )
    )
    return DutyPair(pair=f"{one}-{other}", one=one, other=other, within=drawn.choice(("grant", "grant", "subject")), because="apart", source="8", assumed=True)


def _rules(drawn: Random) -> list[RouteRule]:
    flaw = drawn.choice(FLAWS)
    others = Condition(verbs=("approve", "accept"))
    return [
        _rule("finance", "finance", "advise", 1, stand_in=drawn.choice(((), ("chief",)))),
        _rule("legal", "legal", "advise", 1, when=drawn.choice((Condition(), Condition(terms_changed=True), Condition(novel=True)))),
        *([_rule("share", "chief", "advise", 2, when=Condition(variation_share_at_least_percent=50))] if drawn.random() < 0.3 else []),
        _rule("gate", "secretary", "gate", 2, when=Condition(boards=(BOARD,)), board="other" if flaw == "no board" else BOARD),
        *_trustees(drawn, flaw),
        _rule(
            "small",
            "chief",
            "decide",
            4,
            when=others if flaw == "alone" else Condition(),
            limit_pence=None if flaw == "blank limit" else drawn.choice((SMALL, LARGE, LARGE)),
        ),
        _rule(
            "all",
            "nobody" if flaw == "no office" else "top",
            "decide",
            5,
            limit_pence=drawn.choice(("any", "any", LARGE)),
            when=others if flaw == "alone" else drawn.choice((Condition(), Condition(), Condition(cumulative_at_least_pence=SMALL + 1), others)),
            stand_in=drawn.choice(((), ("chief",), ("legal",))),
        ),
    ]


def _trustees(drawn: Random, flaw: str) -> list[RouteRule]:
    """A group of three, of whom a quorum is enough; they advise, or decide beside the others."""
    if drawn.random() > 0.35 and flaw not in ("quorum", "scattered", "alone"):
        return []
    quorum = {"quorum": 5, "alone": 1}.get(flaw) or drawn.choice((1, 2, 2, None))
    says = "decide" if flaw == "alone" else drawn.choice(("advise", "decide"))
    rows = [(each, 4 if flaw == "scattered" and each == "trustee-1" else 3) for each in OFFICES[4:7]]
    only = Condition(verbs=("ratify",)) if flaw == "alone" else Condition()
    return [
        _rule(
            each,
            each,
            says,
            order,
            group="trustees",
            quorum=quorum,
            limit_pence="any",
            when=only if each == "trustee-1" else Condition(verbs=("delegate",)) if flaw == "alone" else Condition(),
        )
        for each, order in rows
    ]


def _rule(name: str, office: str, says: str, order: int, **rest: object) -> RouteRule:
    words: dict[str, object] = {"when": Condition(), "ladder": "steps", "because": f"{office} has its say", "source": "4.8", "assumed": False, **rest}
    if says != "decide":
        words.pop("limit_pence", None)
    return RouteRule.model_validate({"rule": name, "office": office, "says": says, "order": order, **words})
