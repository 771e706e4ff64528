"""What a room may know of the others: the few figures that the whole names for it, and nothing else (DESIGN §11.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from domain import agreement, approval, assurance, bid, break_glass, delivery, opening, recovery, restricted, variation
from domain import exit as leaving
from domain import instruments as shared
from domain.asking import InstrumentFacts
from domain.authority import Delegation, pence_by_instrument
from domain.books import Late
from domain.calendar import day_of
from domain.instruments import Instrument
from domain.model import SYSTEM
from domain.money import coarsest
from domain.opening import Clock
from domain.organisation import Organisation
from domain.paper import asked_by_instrument
from domain.policy import Policy
from domain.sending import SignOff
from domain.terms import Terms


@dataclass(frozen=True)
class Rooms:
    """The rooms of one grant, as folded. ``recorded`` is the instant of its last event: a rehearsal's clock."""

    stream: str
    opening: opening.State = field(default_factory=opening.State)
    bid: bid.State = field(default_factory=bid.State)
    approval: approval.State = field(default_factory=approval.State)
    agreement: agreement.State = field(default_factory=agreement.State)
    variation: variation.State = field(default_factory=variation.State)
    recovery: recovery.State = field(default_factory=recovery.State)
    delivery: delivery.State = field(default_factory=delivery.State)
    assurance: assurance.State = field(default_factory=assurance.State)
    exit: leaving.State = field(default_factory=leaving.State)
    restricted: restricted.State = field(default_factory=restricted.State)
    recorded: datetime | None = None

    @property
    def id(self) -> str:
        """The grant's own id, as people write it."""
        return self.stream.removeprefix("grant/")

    @property
    def clock(self) -> Clock | None:
        """Real or rehearsal; null before the opening."""
        return self.opening.opened.clock if self.opening.opened else None

    @property
    def entity(self) -> str:
        """In whose books the grant stands: the host's, else the recipient's."""
        return self.opening.party("host") or self.opening.party("recipient") or self.id

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every bid, offer, agreement and variation of the grant."""
        return shared.instruments(self.agreement, self.variation, self.bid)

    @cached_property
    def authorised(self) -> dict[str, dict[str, int]]:
        """Whole pence that decisions authorise, by instrument and year."""
        return approval.authorised(self.approval)

    @cached_property
    def terms(self) -> Terms:
        """The lines in force and pending, and how returns run."""
        return shared.terms(self.instruments, self.authorised, self.kept)

    @cached_property
    def kept(self) -> frozenset[str]:
        """The instruments in force under a decision that another has superseded since: what was accepted before stands."""
        given = self.approval.authorities
        if not any(each.until for each in given):
            return frozenset()
        came = {each: pence_by_instrument(one for one in given if one.kept_by(each)) for each in {each.in_force for each in self.instruments} if each}
        return frozenset(each.name for each in self.instruments if each.in_force and each.covered(came[each.in_force]))

    @property
    def policy(self) -> Policy:
        """The policy fixed into this grant.

        Raises:
            LookupError: the grant is not open yet.

        """
        if self.opening.policy is None:
            raise LookupError(self.stream)
        return self.opening.policy


@dataclass(frozen=True)
class Between:
    """One grant's rooms, its organisation, and the cost keys that other grants have claimed (key to grant)."""

    rooms: Rooms
    organisation: Organisation
    taken: Mapping[str, str]

    def of(self, rooms: Rooms) -> Between:
        """The same around the rooms as they stand after more events."""
        return Between(rooms, self.organisation, self.taken)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every bid, offer, agreement and variation of the grant."""
        return self.rooms.instruments

    @property
    def authorised(self) -> dict[str, dict[str, int]]:
        """Whole pence that decisions authorise, by instrument and year."""
        return self.rooms.authorised

    @cached_property
    def delegations(self) -> tuple[Delegation, ...]:
        """Every delegation that a decision gave, ended or not."""
        return approval.delegations(self.rooms.approval)

    @property
    def terms(self) -> Terms:
        """The lines in force and pending, and how returns run."""
        return self.rooms.terms

    @cached_property
    def in_decision(self) -> frozenset[str]:
        """The instruments that an undecided paper is about."""
        papers = (each for each in self.rooms.approval.papers.values() if each.items is None)
        return frozenset(name for paper in papers for name in asked_by_instrument(paper.contents.items))

    @cached_property
    def exception_owner(self) -> str:
        """The office that explains exceptions; the system where the policy names none, so that it is seen."""
        found = self.rooms.policy.duty("assurance", "exception.explained")
        return found.owner if found else SYSTEM

    @cached_property
    def open_exceptions(self) -> frozenset[str]:
        """The ids of the exceptions that stand open."""
        return frozenset(each.raised.exception for each in self.rooms.assurance.open_exceptions())

    @cached_property
    def discrepancy_owner(self) -> str:
        """The office that resolves discrepancies, where the policy names one; else the one that explains exceptions."""
        found = self.rooms.policy.duty("assurance", "discrepancy.resolved")
        return found.owner if found else self.exception_owner

    def to_opening(self) -> opening.Given:
        """The organisation as it stands."""
        return opening.Given(grant=self.rooms.id, organisation=self.organisation)

    def to_approval(self) -> approval.Given:
        """What a route is computed from: instruments, and the value of the whole with what is pending."""
        standing = [each for each in self.instruments if not each.replaced and each.kind != "bid"]
        return approval.Given(
            organisation=self.organisation,
            policy=self.rooms.policy,
            cumulative_pence=sum(each.pence for each in standing),
            instruments={each.name: InstrumentFacts(each.kind, each.caps_by_year, each.window.last, each.stands) for each in self.instruments},
            at_risk_per_day={each.name: each.at_risk_per_day_pence for each in standing if each.at_risk_per_day_pence},
            conditions=frozenset(self.rooms.assurance.conditions),
            parties=self.rooms.opening.parties,
            today=day_of(self.rooms.recorded) if self.rooms.recorded else None,
        )

    def to_bid(self, offices: tuple[str, ...] = ()) -> bid.Given:
        """What lets a bid go: decisions, and delegations of its final sign-off; ``offices`` are those that its sender acts in now."""
        sign_offs = {name: tuple(self._sign_offs(name)) for name in self.rooms.bid.bids}
        return bid.Given(
            policy=self.rooms.policy,
            authorised=self.authorised,
            decision_refs=approval.decision_refs(self.rooms.approval),
            authorised_at=approval.authorised_at(self.rooms.approval),
            sign_offs=sign_offs,
            offices=offices,
            exception_owner=self.exception_owner,
            discrepancy_owner=self.discrepancy_owner,
            in_decision=self.in_decision,
            offered=self.rooms.agreement.bids_answered,
        )

    def _sign_offs(self, name: str) -> Iterable[SignOff]:
        charter = self.organisation.charter
        ids = {each.title: each.office for each in charter.offices} if charter else {}
        for each in self.delegations:
            if each.gives("SubmitBid", (name,)):
                yield SignOff(ids.get(each.to, each.to), each.first, each.until, each.pence, each.reference, each.words)

    def to_agreement(self) -> agreement.Given:
        """The decisions that stand."""
        return agreement.Given(
            policy=self.rooms.policy,
            authorised=self.authorised,
            decision_refs=approval.decision_refs(self.rooms.approval),
            exception_owner=self.exception_owner,
            in_decision=self.in_decision,
            discrepancy_owner=self.discrepancy_owner,
        )

    def to_variation(self) -> variation.Given:
        """The decisions that stand, the caps before, and what of them is spoken for."""
        books = self.rooms.recovery
        return variation.Given(
            policy=self.rooms.policy,
            authorised=self.authorised,
            decision_refs=approval.decision_refs(self.rooms.approval),
            caps_by_year=shared.caps_by_year(self.instruments),
            agreements=frozenset(each.name for each in self.instruments if each.pays and each.kind != "variation"),
            authorised_at=approval.authorised_at(self.rooms.approval),
            in_decision=self.in_decision,
            caps_by_line=shared.caps_by_line(self.instruments),
            spoken_for={year: books.claimed_pence(year) + books.gone_pence(year) for year in shared.caps_by_year(self.instruments)},
            stated=coarsest(each.stated for each in self.instruments if each.pays),
            exception_owner=self.exception_owner,
            discrepancy_owner=self.discrepancy_owner,
        )

    def to_recovery(self) -> recovery.Given:
        """The terms, what lacks authority, and whose books these are."""
        return recovery.Given(
            policy=self.rooms.policy,
            terms=self.terms,
            unauthorised=shared.unauthorised(self.instruments, self.authorised, self.rooms.kept),
            approved=shared.lowered(self.instruments, self.authorised, self.rooms.kept),
            taken=self.taken,
            entity=self.rooms.entity,
            exception_owner=self.exception_owner,
            late=tuple(Late(name, year, each.recorded) for name, each in self.rooms.variation.variations.items() for year in each.ended_years if not each.over),
        )

    def to_delivery(self) -> delivery.Given:
        """The instruments that carry promises, until when they pay, and who explains what is wrong."""
        return delivery.Given(
            policy=self.rooms.policy,
            instruments=frozenset(each.name for each in self.instruments if each.kind != "bid"),
            variations=frozenset(self.rooms.variation.variations),
            ends=shared.last_funded_day(self.instruments),
            exception_owner=self.exception_owner,
            discrepancy_owner=self.discrepancy_owner,
            open_exceptions=self.open_exceptions,
        )

    def to_assurance(self) -> assurance.Given:
        """The policy, and whose exceptions and discrepancies are."""
        return assurance.Given(policy=self.rooms.policy, exception_owner=self.exception_owner, discrepancy_owner=self.discrepancy_owner)

    def to_exit(self) -> leaving.Given:
        """Each year's figures, what the last funded day leaves behind, and what else is open."""
        returns, ends = self.rooms.recovery.returns, shared.last_funded_day(self.instruments)
        return leaving.Given(
            policy=self.rooms.policy,
            ends=ends,
            years=self.year_figures(),
            returns_open=self._returns_open,
            gates=self._gates(),
            began=min((each.recorded for each in self.rooms.agreement.agreements.values()), default=None),
            settled=max((each.settled_at for each in returns.values() if each.settled_at), default=None) if not self._returns_open else None,
            posts=delivery.by_post(self.rooms.delivery, ends) if ends else {},
            instruments=frozenset(each.name for each in self.instruments),
            exception_owner=self.exception_owner,
            open_exceptions=self.open_exceptions,
            unfunded=self._unfunded(),
        )

    def to_restricted(self) -> break_glass.Given:
        """Who may read a Part 2, and who may open it to others."""
        today = day_of(self.rooms.recorded) if self.rooms.recorded else None
        return break_glass.Given(grant=self.rooms.id, organisation=self.organisation, policy=self.rooms.policy, today=today)

    def year_figures(self) -> tuple[leaving.YearFigures, ...]:
        """Cap, agreed, received and lapsed of each financial year in force, in whole pence."""
        return tuple(self._year(year, pence) for year, pence in shared.caps_by_year(self.instruments).items())

    def _year(self, year: str, cap: int) -> leaving.YearFigures:
        books = self.rooms.recovery
        agreed = sum(each.agreed.agreed_pence for each in books.returns_of(year) if each.agreed)
        received = sum(books.received_pence(each.opened.period) for each in books.returns_of(year))
        return leaving.YearFigures(
            year=year,
            cap_pence=cap,
            agreed_pence=agreed,
            received_pence=received,
            debtor_pence=agreed - received,
            lapsed_pence=books.lapsed_pence(year),
            forfeited_pence=books.forfeited_pence(year),
        )

    @cached_property
    def _returns_open(self) -> tuple[str, ...]:
        books = self.rooms.recovery
        owed = {duty.subject for duty in recovery.duties(books, self.to_recovery()) if duty.name == "return.opened"}
        return (*(period for period, each in books.returns.items() if not each.settled), *sorted(owed))

    def _unfunded(self) -> datetime | None:
        """When the last outcome was recorded, if nothing ever funded the grant and nothing can any more; null otherwise."""
        held = self.rooms.agreement
        bids = (each.over_at for each in self.rooms.bid.bids.values() if each.bid not in held.bids_answered)
        outcomes = [*bids, *(each.ended_at if held.over(name) else None for name, each in held.offers.items())]
        known = [each for each in outcomes if each]
        return max(known) if known and len(known) == len(outcomes) and not held.agreements else None

    def _gates(self) -> tuple[str, ...]:
        papers = (f"paper {name} is not decided" for name, each in self.rooms.approval.papers.items() if each.items is None)
        pending = (f"{each.name} is neither in force nor declined" for each in self.instruments if each.stands and not (each.in_force or each.kind == "bid"))
        lacking = (f"{name} has no approval" for name in shared.unauthorised(self.instruments, self.authorised, self.rooms.kept))
        bids = bid.gates(self.rooms.bid, self.to_bid())
        return (*papers, *bids, *pending, *lacking, *delivery.gates(self.rooms.delivery, self.to_delivery()), *assurance.gates(self.rooms.assurance))
