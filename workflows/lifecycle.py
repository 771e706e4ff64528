"""The life of a grant, as ordered parts: what a reader opens to know it, and what keeps its timers apart.

Each part is a room of the domain, and its duties are the room's, in the room's own words; this page puts them in order and
tells the story between them. Parts overlap: a variation arrives while returns are being made. Three things hold in all of
them. What happened in the world is a fact and is always recorded, with an exception where it broke a rule; what needs our
authority now is an act and may be refused. Every duty has an owner, an office or a party, who is reminded on a ladder of
dates and then escalated above; a duty that nobody owns is the passing of a date, and happens by itself. And no person
stands on both sides of a check.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain import agreement, approval, assurance, delivery, recovery, variation
from domain import exit as leaving
from domain.model import DutyWords


@dataclass(frozen=True)
class Part:
    """One part of the life: its name, which is its room's, its story, and the duties that it gives."""

    name: str
    story: str
    duties: tuple[DutyWords, ...]


APPROVAL = Part(
    "approval",
    """Nothing is accepted, signed or varied without authority. A drafter writes a paper with items (accept an offer, approve a
    variation, ratify what was signed too early) and submits it. Its route follows from the scheme of delegation in force, from
    what the items are worth and from all that the grant was given before; the route explains itself, and where no rule of the
    scheme applies nothing is approved. Advisers comment, side by side where the scheme says so; then the deciding office
    answers each item: approved, approved at a lower amount, declined, deferred. Or an office sends the paper back with a
    reason, and its drafter revises it; an edit of money or terms voids what was said before. Drafter, adviser and decider are
    three people, whoever stands in for whom. The decision is recorded with its reference and the dates that it states.""",
    approval.DUTIES,
)
AGREEMENT = Part(
    "agreement",
    """The funder offers money; it counts as sought until the office with the mandate accepts it under a decision. The
    agreement is executed: it fixes the cap of each financial year, the lines, what the host bears itself, and how often cost is
    claimed back. An agreement that was signed before its approval is a fact: its exception has an owner, and nothing is
    submitted under it until a decision ratifies it. Cost before acceptance is at risk: held, never claimed.""",
    agreement.DUTIES,
)
VARIATION = Part(
    "variation",
    """The funder makes more, less or other money available for a planned window. While no decision covers it, every planned
    day that passes is money at risk, and a paper brings it to a decision; a late answer of the funder cuts the window in which
    cost counts, with its reason, but never the money. Once authority covers each of its years it is applied: the cap is another
    one from the first day of the effective window, and the old one stays readable at its dates.""",
    variation.DUTIES,
)
RECOVERY = Part(
    "recovery",
    """Cost is recorded as it is incurred, eligible or not, and claimed back period by period. A period ends and its return
    opens, due some days later. One person prepares it from eligible cost under the cap, everything else standing beside it with
    the reason why it is excluded or held; another certifies it; it is submitted if every instrument under it is approved. The
    funder queries and is answered, agrees all of it or a part, pays; then it is settled. An accrual is replaced by its actual
    cost, once. The financial year ends: nothing more is spent under its cap, and when its last return is settled the outturn is
    fixed and what is left of the cap lapses.""",
    recovery.DUTIES,
)
DELIVERY = Part(
    "delivery",
    """What the money is for: the posts that each instrument funds, by team and rank, from a day to a day. They are recorded as
    the sources state them; nobody owes a duty for them yet.""",
    delivery.DUTIES,
)
ASSURANCE = Part(
    "assurance",
    """Assessments of data protection and equality are recorded edition by edition. Whatever broke a rule and stands is an
    exception: its owner explains it, then has it ratified or corrected. It is closed so, never removed, and while one is open
    the grant does not close.""",
    assurance.DUTIES,
)
EXIT = Part(
    "exit",
    """Somebody states early what happens to people and assets if the funding stops. Before the last funded day the exit is
    armed. A successor (another grant, or a decision elsewhere) averts it; without one it is triggered at the end. When every
    return is settled and every exception closed, the figures are reconciled year by year (cap = agreed + lapsed + forfeited,
    agreed = received + debtor), and the grant is closed; its records are kept for years.""",
    leaving.DUTIES,
)

LIFE = (APPROVAL, AGREEMENT, VARIATION, RECOVERY, DELIVERY, ASSURANCE, EXIT)
"""In the order of a life. A new part joins here when its room exists; grants already running need nothing else for it."""


def place(parts: Iterable[str]) -> str:
    """The parts in order, those with a moment to come in bold: where the grant stands, as a line of markdown."""
    ahead = set(parts)
    return " · ".join(f"**{part.name}**" if part.name in ahead else part.name for part in LIFE)
