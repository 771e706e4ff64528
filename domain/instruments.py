"""Offers, agreements and variations alike: what each pays for, since when, and whether a decision covers it.

Read from the rooms ``agreement`` and ``variation`` for the whole grant; it keeps nothing of its own. Authority is looked
up here each time, so a later ratification changes no instrument (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain import agreement, variation
from domain.calendar import Window, day_of, last_day_of
from domain.money import Stated
from domain.terms import Line, ReturnSchedule, TermLine, Terms, covering, window_of

Authorised = Mapping[str, Mapping[str, int]]
"""Whole pence that decisions authorise, by instrument and financial year."""


@dataclass(frozen=True)
class Instrument:
    """One offer, agreement or variation. Its lines carry their categories and effective windows.

    It is sought from ``offered`` until ``taken`` and in force from ``in_force`` (null: not yet, or never offered).
    ``names`` are those under which a decision may authorise it: its own, and those of the offer or the agreements that
    are the same undertaking. ``replaced``: an agreement stands for this offer now. Caps are whole pence by year.
    """

    name: str
    kind: Literal["offer", "agreement", "variation"]
    lines: tuple[Line, ...]
    caps_by_year: Mapping[str, int]
    stated: Stated
    offered: date | None
    taken: date | None
    in_force: date | None
    names: tuple[str, ...]
    replaced: bool = False
    host_borne: tuple[str, ...] = ()
    returns: ReturnSchedule | None = None
    at_risk_per_day_pence: int | None = None

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

    def covered(self, authorised: Authorised) -> bool:
        """Whether decisions authorise every year's cap (invariant 16)."""
        return covering(self.caps_by_year, self.names, authorised) is not None

    def sought_on(self, day: date) -> int:
        """What it was seeking that day: beside the cap, never inside it (invariant 10)."""
        open_then = self.offered is not None and self.offered <= day and (self.taken is None or day < self.taken)
        return max(self.pence, 0) if open_then else 0


def instruments(agreements: agreement.State, variations: variation.State) -> tuple[Instrument, ...]:
    """Every offer, agreement and variation, each kind in the order in which it was recorded."""
    first = (
        *(_of_offer(each, agreements) for each in agreements.offers.values()),
        *(_of_agreement(each, agreements) for each in agreements.agreements.values()),
    )
    inherited = {each.name: each for each in first}
    return (*first, *(_of_variation(each, inherited) for each in variations.variations.values()))


def terms(found: Iterable[Instrument], authorised: Authorised) -> Terms:
    """All that recovery may know: the lines in force and pending, what the host bears, how returns run.

    Returns run as the latest instrument in force says; null: none does yet (G12).
    """
    standing = [each for each in found if not each.replaced]
    pays = [each for each in standing if each.in_force]
    return Terms(
        lines=tuple(line for each in standing for line in _term_lines(each, authorised)),
        host_borne=tuple(dict.fromkeys(category for each in pays for category in each.host_borne)),
        schedule=next((each.returns for each in reversed(pays) if each.returns), None),
    )


def unauthorised(found: Iterable[Instrument], authorised: Authorised) -> tuple[str, ...]:
    """The instruments in force that decisions do not wholly cover: what a return waits for, and an exception stands for."""
    return tuple(each.name for each in found if each.in_force and not each.covered(authorised))


def caps_by_year(found: Iterable[Instrument]) -> dict[str, int]:
    """Whole pence in force by financial year: no offer, bid or pending variation counts (invariants 3, 10)."""
    sums: dict[str, int] = {}
    for each in found:
        for year, pence in each.caps_by_year.items() if each.pays else ():
            sums[year] = sums.get(year, 0) + pence
    return dict(sorted(sums.items()))


def last_funded_day(found: Iterable[Instrument]) -> date | None:
    """The last day that anything in force pays for; null: nothing is in force."""
    return max((each.window.last for each in found if each.pays), default=None)


def _term_lines(each: Instrument, authorised: Authorised) -> Iterable[TermLine]:
    covered = each.covered(authorised)
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
        )


def _with_windows(said: agreement.Provisions) -> tuple[Line, ...]:
    first_month = said.returns.first_month if said.returns else 4
    return tuple(line.model_copy(update={"window": line.days(first_month)}) for line in said.lines)


def _of_offer(offer: agreement.Offer, state: agreement.State) -> Instrument:
    received = offer.received
    after = state.agreements_after(received.offer)
    accepted = [last_day_of(offer.accepted.accepted)] if offer.accepted else []
    executed = [last_day_of(state.agreements[name].executed.executed) for name in after]
    return Instrument(
        name=received.offer,
        kind="offer",
        lines=_with_windows(received),
        caps_by_year=received.caps_by_year,
        stated=received.stated,
        offered=last_day_of(received.received),
        taken=min([*accepted, *executed], default=None),
        in_force=accepted[0] if accepted else None,
        names=(received.offer, *after),
        replaced=bool(after),
        host_borne=received.host_borne,
        returns=received.returns,
    )


def _of_agreement(found: agreement.Agreement, state: agreement.State) -> Instrument:
    executed = found.executed
    return Instrument(
        name=executed.agreement,
        kind="agreement",
        lines=_with_windows(executed),
        caps_by_year=executed.caps_by_year,
        stated=executed.stated,
        offered=None,
        taken=None,
        in_force=_since(executed, state),
        names=(executed.agreement, executed.offer) if executed.offer else (executed.agreement,),
        host_borne=executed.host_borne,
        returns=executed.returns,
    )


def _since(executed: agreement.AgreementExecuted, state: agreement.State) -> date:
    """From its own date; from the acceptance where it puts an accepted offer in writing, with the same caps."""
    own = last_day_of(executed.executed)
    offer = state.offers.get(executed.offer) if executed.offer else None
    if offer and offer.accepted and offer.received.caps_by_year == executed.caps_by_year:
        return min(own, last_day_of(offer.accepted.accepted))
    return own


def _of_variation(found: variation.Variation, inherited: Mapping[str, Instrument]) -> Instrument:
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
        taken=min(in_force, day_of(applied.recorded)) if applied and in_force else None,
        in_force=in_force,
        names=(received.variation,),
        at_risk_per_day_pence=None if applied else received.at_risk_per_day_pence,
    )
