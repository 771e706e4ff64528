"""Which events ask for work in the outside world, and the newest of each kind that a grant has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.books import IncomeAccrued
from domain.chasing import DutyEscalated, DutyReminded
from domain.editions import OfficeTold
from domain.effects import EffectKind
from domain.model import Past
from domain.returns import ReturnAgreed

HANDED_OVER = (IncomeAccrued.wire, ReturnAgreed.wire)
"""The events whose postings are ours to hand over; all others are mirrored from the general ledger, or memos."""

INTENTS: Mapping[EffectKind, tuple[str, ...]] = MappingProxyType(
    {"notice": (DutyReminded.wire, DutyEscalated.wire, OfficeTold.wire), "journal": HANDED_OVER},
)
"""The events that ask for work in the outside world, by its kind."""

_KINDS = {wire: kind for kind, wires in INTENTS.items() for wire in wires}


def evolve(asked: Mapping[EffectKind, int], past: Past) -> Mapping[EffectKind, int]:
    """The version of the newest intent of each kind, after one event; a kind for which nothing was ever asked has none."""
    kind = _KINDS.get(past.body.wire)
    return {**asked, kind: past.version} if kind else asked
