"""Bids, offers, agreements and variations alike: what each pays for, since when, and whether a decision covers it.

Read from the rooms ``bid``, ``agreement`` and ``variation`` for the whole grant; it keeps nothing of its own. Authority is looked
up here each time, so a later ratification changes no instrument (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain import agreement, bid, variation
from domain.bidding import Application, Bid, DraftBid, RecordBidOutcome, RecordSubmission
from domain.calendar import Window, day_of, last_day_of
from domain.changes import ReceiveVariation, Variation
from domain.model import CommandBody, Refusal, Rule
from domain.money import Stated
from domain.provisions import Provisions
from domain.terms import Line, ReturnSchedule, TermLine, Terms, by_line, covering, window_of

Authorised = Mapping[str, Mapping[str, int]]
"""Whole pence that decisions authorise, by instrument and financial year."""


NAME_TAKEN = Rule(
    "instrument.name_taken",
    "{instrument} is the id of a recorded {kind}; another instrument needs another id.",
    "DESIGN §6: by instrument",
    remedy="Give it an id that no bid, offer, agreement or variation of this grant has.",
)
"""Amounts are approved by an instrument's id: were an offer named as a bid, the bid's approval would accept it (invariant 15)."""


@dataclass(frozen=True)
class Instrument:
    """One bid, offer, agreement or variation. Its lines carry their categories and effective windows.

    It is sought from ``offered`` until ``taken`` and in force from ``in_force`` (null: not yet, or never offered).
    ``names`` are those under which a decision may authorise it: its own, and those of the offer or the agreements that
    are the same undertaking. ``replaced``: an agreement stands for this offer now; ``over``: nothing came of it.
    Caps are whole pence by year.
    ``start_unknown``: its first day was not stated, so its lines begin with the day on which it came into force (G13).
    A bid is never in force: ``lowered`` says from which day it seeks only so many pence, won below what it asks (null: it
    is not). ``under_offer`` is the cap by year of all agreements that put its offer in writing up to this one: together they
    take no more than the offer's own authority (null: it has no offer). ``stated_total_pence`` is the revised total of the
    whole grant that a variation's letter prints (null: none, R-19).
    """

    name: str
    kind: Literal["bid", "offer", "agreement", "variation"]
    lines: tuple[Line, ...]
    caps_by_year: Mapping[str, int]
    stated: Stated
    offered: date | None
    taken: date | None
    in_force: date | None
    names: tuple[str, ...]
    replaced: bool = False
    host_borne: tuple[str, ...] = ()
    tasked: tuple[str, ...] = ()
    start_unknown: bool = False
    returns: ReturnSchedule | None = None
    at_risk_per_day_pence: int | None = None
    stated_total_pence: int | None = None
    lowered: tuple[date, int] | None = None
    over: bool = False
    under_offer: Mapping[str, int] | None = None

    @property
    def pence(self) -> int:
        """What it pays at most, net."""
        return sum(self.caps_by_year.values())

    @property
    def window(self) -> Window:
        """From the first day that it pays for to the last."""
        return window_of(self.lines)

    @property
    def pays(self) -> bool:
        """Whether it is in force and no other stands for it."""
        return self.in_force is not None and not self.replaced

    @property
    def stands(self) -> bool:
        """Whether cost can be held for it, or claimed under it: no other stands for it, an offer is not over, a bid is sent and not over."""
        return not (self.replaced or self.over) and (self.kind != "bid" or (self.offered is not None and self.taken is None))

    def covered(self, authorised: Authorised) -> bool:
        """Whether decisions authorise every year's cap (invariant 16)."""
        if self.under_offer is None:
            return covering(self.caps_by_year, self.names, authorised) is not None
        own, offers = self.names[:1], self.names[1:]
        return (covering(self.caps_by_year, own, authorised) or covering(self.under_offer, offers, authorised)) is not None

    def sought_on(self, day: date) -> int:
        """What it was seeking that day: beside the cap, never inside it (invariant 10)."""
        open_then = self.offered is not None and self.offered <= day and (self.taken is None or day < self.taken)
        seeks = self.lowered[1] if self.lowered and self.lowered[0] <= day else self.pence
        return max(seeks, 0) if open_then else 0


def instruments(agreements: agreement.State, variations: variation.State, bids: bid.State) -> tuple[Instrument, ...]:
    """Every bid, offer, agreement and variation, each kind in the order in which it was recorded."""
    asked = ((each, each.application) for each in bids.bids.values())
    first = (
        *(_of_bid(each, application, agreements) for each, application in asked if application),
        *(_of_offer(each, agreements) for each in agreements.offers.values()),
        *(_of_agreement(each, agreements) for each in agreements.agreements.values()),
    )
    inherited = {each.name: each for each in first}
    return (*first, *(_of_variation(each, inherited) for each in variations.variations.values()))


def name_taken(body: CommandBody, found: Iterable[Instrument], bids: Iterable[str] = ()) -> Refusal | None:
    """Why what a command names cannot have that id; null: it can, or it names nothing new. ``bids`` are all, also those of which only the outcome is known."""
    match body:
        case DraftBid(bid=name) | RecordSubmission(bid=name) | RecordBidOutcome(bid=name):
            kind = "bid"
        case agreement.ReceiveOffer(offer=name):
            kind = "offer"
        case agreement.RecordExecution(agreement=name) | agreement.ExecuteAgreement(agreement=name):
            kind = "agreement"
        case ReceiveVariation(variation=name):
            kind = "variation"
        case _:
            return None
    known = [*((each.name, each.kind) for each in found), *((bid, "bid") for bid in bids)]
    other = next((each for each in known if each[0] == name and each[1] != kind), None)
    return NAME_TAKEN.refuse(instrument=name, kind=other[1]) if other else None


def terms(found: Iterable[Instrument], authorised: Authorised, kept: Container[str] = ()) -> Terms:
    """All that recovery may know: the lines in force and pending, what the host bears, how returns run.

    ``kept`` names the instruments that came into force under a decision that another one has superseded since.
    Returns run as the latest instrument in force says; null: none does yet (G12).
    """
    standing = [each for each in found if each.stands]
    pays = [each for each in standing if each.in_force]
    return Terms(
        lines=tuple(line for each in standing for line in _term_lines(each, covered=each.covered(authorised) or each.name in kept)),
        host_borne=tuple(dict.fromkeys(category for each in pays for category in each.host_borne)),
        tasked=tuple(dict.fromkeys(category for each in pays for category in each.tasked)),
        schedule=next((each.returns for each in reversed(pays) if each.returns), None),
    )


def unauthorised(found: Iterable[Instrument], authorised: Authorised, kept: Container[str] = ()) -> tuple[str, ...]:
    """The instruments in force that decisions do not wholly cover: what a return waits for, and an exception stands for.

    One that an agreement has replaced pays nothing, so it waits for nothing: its agreement does. ``kept`` as in ``terms``.
    """
    return tuple(each.name for each in found if each.pays and not (each.covered(authorised) or each.name in kept))


def lowered(found: Iterable[Instrument], authorised: Authorised, kept: Container[str]) -> dict[str, int]:
    """What decisions still approve of a year's caps in force, in whole pence, where a later one has lowered some of it (invariant 16)."""
    pays = [each for each in found if each.pays]
    short = {each.name: _approved(each, authorised) for each in pays if each.name in kept and not each.covered(authorised)}
    years = {year for each in pays if each.name in short for year in each.caps_by_year}
    return {year: sum(short.get(each.name, each.caps_by_year).get(year, 0) for each in pays) for year in years}


def _approved(each: Instrument, authorised: Authorised) -> Mapping[str, int]:
    """The most by year, of its cap, that is approved under one of its names."""
    most = {year: max((authorised.get(name, {}).get(year, 0) for name in each.names), default=0) for year in each.caps_by_year}
    return {year: min(pence, most[year]) for year, pence in each.caps_by_year.items()}


def caps_by_year(found: Iterable[Instrument]) -> dict[str, int]:
    """Whole pence in force by financial year: no offer, bid or pending variation counts (invariants 3, 10)."""
    sums: dict[str, int] = {}
    for each in found:
        for year, pence in each.caps_by_year.items() if each.pays else ():
            sums[year] = sums.get(year, 0) + pence
    return dict(sorted(sums.items()))


def caps_by_line(found: Iterable[Instrument]) -> dict[tuple[str, str], int]:
    """Whole pence in force by financial year and line, offsets taken off."""
    return by_line(line for each in found if each.pays for line in each.lines)


def last_funded_day(found: Iterable[Instrument]) -> date | None:
    """The last day that anything in force pays for; null: nothing is in force."""
    return max((each.window.last for each in found if each.pays), default=None)


def _term_lines(each: Instrument, *, covered: bool) -> Iterable[TermLine]:
    claimable = covered or each.kind != "offer"
    for line in each.lines:
        yield TermLine(
            instrument=each.name,
            line=line.line,
            year=line.year,
            pence=line.pence,
            categories=line.categories,
            window=line.days(),
            in_force=each.in_force if claimable else None,
            authorised=covered,
            rate=line.rate,
            of_bid=each.kind == "bid",
        )


def _with_windows(said: Provisions, since: date) -> tuple[Line, ...]:
    """Lines with the days that they pay for; where the first is not stated, from the day on which they are in force (G13)."""
    first_month = said.returns.first_month if said.returns else 4
    spans = [(line, line.days(first_month)) for line in said.lines]
    if said.start_unknown:
        spans = [(line, Window(first=min(max(span.first, since), span.last), last=span.last)) for line, span in spans]
    return tuple(line.model_copy(update={"window": span}) for line, span in spans)


def _of_bid(found: Bid, asked: Application, agreements: agreement.State) -> Instrument:
    offers = (last_day_of(each.received.received) for each in agreements.offers.values() if each.received.bid == found.bid)
    signed = (last_day_of(each.executed.executed) for each in agreements.agreements.values() if each.executed.bid == found.bid)
    lost = [last_day_of(found.answer.answered.dated)] if found.answer and found.lost else []
    withdrawn = [day_of(found.withdrawal.recorded)] if found.withdrawal else []
    return Instrument(
        name=found.bid,
        kind="bid",
        lines=tuple(line.model_copy(update={"window": line.days()}) for line in asked.lines),
        caps_by_year=asked.caps_by_year,
        stated=asked.stated,
        offered=last_day_of(found.submission.submitted.submitted) if found.submission else None,
        taken=min([*offers, *signed, *lost, *withdrawn], default=None),
        in_force=None,
        names=(found.bid,),
        lowered=(found.won_on, found.answer.answered.awarded_pence) if found.answer and found.won_on and found.answer.answered.outcome == "won_lower" else None,
    )


def _of_offer(offer: agreement.Offer, state: agreement.State) -> Instrument:
    received = offer.received
    after, over = state.agreements_after(received.offer), state.over(received.offer)
    accepted = [last_day_of(offer.accepted.accepted)] if offer.accepted else []
    executed = [last_day_of(state.agreements[name].executed.executed) for name in after]
    return Instrument(
        name=received.offer,
        kind="offer",
        lines=_with_windows(received, accepted[0] if accepted else last_day_of(received.received)),
        caps_by_year=received.caps_by_year,
        stated=received.stated,
        offered=last_day_of(received.received),
        taken=min([*accepted, *executed], default=last_day_of(over.ended) if over else None),
        in_force=accepted[0] if accepted else None,
        names=(received.offer, *after),
        replaced=bool(after),
        over=over is not None,
        host_borne=received.host_borne,
        tasked=received.tasked,
        start_unknown=received.start_unknown,
        returns=received.returns,
    )


def _of_agreement(found: agreement.Agreement, state: agreement.State) -> Instrument:
    executed = found.executed
    return Instrument(
        name=executed.agreement,
        kind="agreement",
        lines=_with_windows(executed, _since(executed, state)),
        caps_by_year=executed.caps_by_year,
        stated=executed.stated,
        offered=None,
        taken=None,
        in_force=_since(executed, state),
        names=(executed.agreement, executed.offer) if executed.offer else (executed.agreement,),
        under_offer=state.under_offer(executed) if executed.offer else None,
        host_borne=executed.host_borne,
        tasked=executed.tasked,
        start_unknown=executed.start_unknown,
        returns=executed.returns,
    )


def _since(executed: agreement.AgreementExecuted, state: agreement.State) -> date:
    """From its own date; from the acceptance where it puts an accepted offer in writing, with the same caps."""
    own = last_day_of(executed.executed)
    offer = state.offers.get(executed.offer) if executed.offer else None
    if offer and offer.accepted and offer.received.caps_by_year == executed.caps_by_year:
        return min(own, last_day_of(offer.accepted.accepted))
    return own


def _of_variation(found: Variation, inherited: Mapping[str, Instrument]) -> Instrument:
    received, applied = found.received, found.applied
    from_agreement = inherited.get(received.agreement)
    categories = tuple(dict.fromkeys(name for line in (from_agreement.lines if from_agreement else ()) for name in line.categories))
    lines = found.lines()
    in_force = found.effective.first if applied else None
    return Instrument(
        name=received.variation,
        kind="variation",
        lines=tuple(line if line.categories else line.model_copy(update={"categories": categories}) for line in lines),
        caps_by_year=received.net_by_year,
        stated=received.stated,
        offered=last_day_of(received.made_available),
        taken=min(in_force, day_of(applied.recorded)) if applied and in_force else last_day_of(found.over.ended) if found.over else None,
        in_force=in_force,
        over=found.over is not None,
        names=(received.variation,),
        at_risk_per_day_pence=None if applied or found.over or received.retrospective else received.at_risk_per_day_pence,
        stated_total_pence=received.stated_total_pence,
    )
