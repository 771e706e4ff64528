"""What a paper asks, as the scheme may know it: kinds of instruments, its value and that of the grant, what its drafter states of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from domain.model import Refusal, Rule
from domain.organisation import Organisation
from domain.paper import Contents, asked_by_instrument
from domain.policy import Policy
from domain.scheme import Asked, AskedItem, Route, route

UNKNOWN_INSTRUMENT = Rule(
    "approval.unknown_instrument",
    "Paper {paper} asks for {instrument}, which this grant does not have.",
    "DESIGN §6: matched by instrument",
    remedy="Record the bid, offer, agreement or variation first, or correct the id of the instrument in the paper.",
)


FUNDER = "funder"
Kind = Literal["offer", "agreement", "variation", "bid"]
"""The kinds of instrument that a rule can name."""


@dataclass(frozen=True)
class InstrumentFacts:
    """What a route may know of an instrument: its kind, its cap by year (whole pence), the last day of its period.

    ``stands``: no other stands for it, and it was not declined or withdrawn.
    """

    kind: Kind
    pence: Mapping[str, int]
    period_end: date | None
    stands: bool = True


@dataclass(frozen=True)
class Known:
    """What other rooms know of a route's facts: whole pence, the caps in force and pending, the instruments of the grant.

    ``conditions`` are the ids of those that the grant has; ``parties`` its parties, by name and by role; ``away`` the people
    who stand aside from the paper in question.
    """

    organisation: Organisation
    policy: Policy
    cumulative_pence: int
    instruments: Mapping[str, InstrumentFacts] = field(default_factory=dict)
    conditions: frozenset[str] = field(default=frozenset(), kw_only=True)
    parties: frozenset[str] = field(default=frozenset(), kw_only=True)
    away: frozenset[str] = field(default=frozenset(), kw_only=True)

    def can_own(self, owner: str) -> bool:
        """Whether a condition can be theirs: an office of the organisation, a party of the grant, or its funder."""
        charter = self.organisation.charter
        return owner == FUNDER or owner in self.parties or any(each.office == owner for each in (charter.offices if charter else ()))


def routed(contents: Contents, dated: date, on: date, known: Known) -> tuple[Asked, Route] | Refusal:
    """What a paper dated ``dated`` asks, and its route under the edition in force ``on`` a day; or what cannot be told."""
    unknown = next((each.instrument for each in contents.items if each.instrument and each.instrument not in known.instruments), None)
    if unknown:
        return UNKNOWN_INSTRUMENT.refuse(paper=contents.paper, instrument=unknown)
    asked = _asked(contents, dated, known)
    offices = [each.office for each in known.organisation.charter.offices] if known.organisation.charter else []
    laid = route(known.policy.scheme_on(on), asked, offices, on, [each.board for each in known.policy.boards])
    return laid if isinstance(laid, Refusal) else (asked, laid)


def _asked(contents: Contents, dated: date, known: Known) -> Asked:
    """The facts of a paper; it is retrospective if it is dated after a period that it funds (DESIGN §5), or says so.

    The value of its business case counts where it is more than what the grant comes to: R-72, the limb of business cases.
    """
    funded = [known.instruments[each.instrument] for each in contents.items if each.instrument]
    by_instrument, facts = asked_by_instrument(contents.items), contents.facts
    wanted = [(name, year, pence) for name, years in by_instrument.items() for year, pence in years.items()]
    pence = sum(max(0, amount) for _, _, amount in wanted)
    beyond = sum(max(0, amount - _counted(known.instruments[name], year)) for name, year, amount in wanted)
    kinds = {each.item: known.instruments[each.instrument].kind if each.instrument else None for each in contents.items}
    return Asked(
        items=tuple(AskedItem(item=each.item, verbs=each.verbs, kind=kinds[each.item]) for each in contents.items),
        pence=pence,
        cumulative_pence=max(pence, known.cumulative_pence + beyond, facts.business_case_pence or 0),
        retrospective=facts.retrospective or any(each.period_end and each.period_end < dated for each in funded),
        novel=facts.novel,
        boards=facts.gates,
        contentious=facts.contentious,
        repercussive=facts.repercussive,
        terms_changed=facts.terms_changed,
        business_case_pence=facts.business_case_pence,
        marks=facts.marks,
        base_pence=sum(sum(each.pence.values()) for each in known.instruments.values() if each.stands and each.kind in {"offer", "agreement"}),
        varied_pence=sum(_varied(each, by_instrument.get(name, {})) for name, each in known.instruments.items() if each.kind == "variation"),
    )


def _varied(found: InstrumentFacts, asked: Mapping[str, int]) -> int:
    """What a variation comes to in whole pence, applied or pending: in each year its cap, or what the paper asks where that is more."""
    standing = found.pence if found.stands else {}
    return sum(max(pence for pence in (standing.get(year), asked.get(year)) if pence is not None) for year in {*standing, *asked})


def _counted(found: InstrumentFacts, year: str) -> int:
    """What the cumulative value holds of an instrument already, in whole pence: nothing of a bid, which only a paper brings into it."""
    return 0 if found.kind == "bid" else found.pence.get(year, 0)
