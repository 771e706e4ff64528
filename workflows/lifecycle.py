"""The life of a grant, as ordered parts: what a reader opens to know it, and what keeps its timers apart.

Each part is a room of the domain, and its duties are the room's, in the room's own words; this page puts them in order and
tells the story between them. Each has one timer at most, for its next moment; how that waits, and how notices and journals go
out beside it, stands in ``workflows.grant``.

A grant is opened with its parties (the funder, the recipient that decides, the host that does the work and bears its cost
first, the payee that the funder pays, who sponsors it and who oversees it) and with the decision or grant before it. Parts
overlap: a variation arrives while returns are being made. Approval is told first because all the others wait for it; in the
world it may come after the signature or after the cost.

Three things hold in all of them. What happened in the world is a fact and is always recorded, however late it is learnt,
with its date as exactly as the source states it (a day, a month, or none), and with an exception where it broke a rule; what
needs our authority now is an act and may be refused, and the refusal says which rule, where it comes from, and who could do
it, if anybody. Every duty has an owner, an office or a party, who is reminded on a ladder of dates and then escalated above;
a duty that nobody owns is the passing of a date, and happens by itself. And no person stands on both sides of a check.
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
    """Nothing may be accepted, signed or varied without authority, and what was signed all the same is ratified later. A
    drafter writes a paper with items (accept an offer, approve a variation, ratify what was signed too early) and submits it.
    Its route follows from the scheme of delegation in force, from what the items are worth and from all that the grant was
    given before; the route explains itself, and where no rule of the scheme applies nothing is approved. Advisers comment,
    side by side where the scheme says so; then the deciding office, if its limit reaches so far, answers each item, once:
    approved, approved at a lower amount, declined, deferred. Or an office sends the paper back with a reason, and its drafter
    revises it. The drafter may also edit it on its way: after an edit of money or terms what was said before is void, after a
    smaller one (a misprint) it stands; either way nobody decides over a text that has been edited since they saw it. Drafter,
    adviser and decider are three people, whoever stands in for whom, and who stands in does so between its dates only. The
    decision is recorded with its reference and the dates that it states, which may be blank. One that was made without a
    paper here is recorded with its items and outcomes, and ratifies just as well.""",
    approval.DUTIES,
)
AGREEMENT = Part(
    "agreement",
    """The funder offers money; it counts as sought until the office with the mandate accepts it under a decision. An offer is
    no authority to spend: while it is not accepted, its cost is at risk, held and not claimed. The agreement is executed: it
    fixes the cap of each financial year, the lines into which the cap falls and the kinds of cost that each line pays, what
    the host bears itself, and how often cost is claimed back. Its documents are named with where they are kept, the
    restricted ones too. An agreement may also be the first that is recorded, with no offer before it. One that was signed
    before its approval is a fact: its exception has an owner, who explains it. Its cost is recorded and its returns are
    prepared and certified, but none is submitted under it until a decision ratifies it.""",
    agreement.DUTIES,
)
VARIATION = Part(
    "variation",
    """The funder makes more, less or other money available for a planned window. While no decision covers it, every planned
    day that passes is money at risk: its money spread evenly over its planned days. A late answer of the funder cuts the
    window in which cost counts, with its reason, but never the money; what the delay cost is reckoned in the same way and
    shown, and is no new cap. A paper brings the variation to a decision. Once authority covers each of its years an office
    applies it: the cap is another one from the first day of the effective window, and the old one stays readable at its
    dates. Cost inside the effective window counts from then on, even what was incurred before the decision; cost outside it
    (recruits who were trained early) never does, and the host bears it.""",
    variation.DUTIES,
)
RECOVERY = Part(
    "recovery",
    """The host records cost as it is incurred, eligible or not. What was received and is not in its books yet is an accrual,
    and its actual cost replaces it, once. What the host bears itself is a memo and enters no return. The rest is claimed back
    period by period. A period ends and its return opens, due some days later. One person prepares it from eligible cost under
    the cap and inside the effective window of its line, everything else standing beside it with the reason why it is excluded
    or held; to force such cost in, or to claim above the cap, is refused. Another certifies it; it is submitted if every
    instrument under it is approved, and waits so long, however late that makes it: a late return is still submitted, agreed
    and paid. The funder queries and is answered, agrees all of it or a part (what it disallows of which cost, and why), pays;
    then it is settled. The next period does not wait for that. The financial year ends: nothing more is spent under its cap,
    though cost incurred before is still recorded and its last return still made. When that is settled the outturn is fixed
    and what is left of the cap lapses, both by themselves.""",
    recovery.DUTIES,
)
DELIVERY = Part(
    "delivery",
    """What the money is for: the posts that each instrument funds, by team and rank, from a day to a day; a variation's posts
    stand beside those that were there. They are recorded as the sources state them; nobody owes a duty for them yet.""",
    delivery.DUTIES,
)
ASSURANCE = Part(
    "assurance",
    """Assessments of data protection and equality are recorded edition by edition, usually as the paper that relies on them
    is written. Whatever broke a rule and stands is an exception: its owner explains it, then has it ratified or corrected; a
    decision that ratifies it closes it without another step. It is never removed, and while one is open the grant does not
    close.""",
    assurance.DUTIES,
)
EXIT = Part(
    "exit",
    """The project states early, as with a paper that brings people in, what happens to people and assets if the funding
    stops. Before the last funded day the exit is armed. A successor (another grant, or a decision elsewhere) averts it;
    without one it is triggered at the end. The last period's return is still made, queried and paid after the last funded
    day. When every return is settled and every exception closed, an office reconciles the figures year by year (cap = agreed
    + lapsed + forfeited, agreed = received + debtor: what is agreed and not paid yet), and then, a step of its own, the grant
    is closed; its records are kept for years.""",
    leaving.DUTIES,
)

LIFE = (APPROVAL, AGREEMENT, VARIATION, RECOVERY, DELIVERY, ASSURANCE, EXIT)
"""In the order of a life. A new part joins here when its room exists; grants already running need nothing else for it."""


def place(parts: Iterable[str]) -> str:
    """The parts in order, those with a moment to come in bold: where the grant stands, as a line of markdown."""
    ahead = set(parts)
    return " · ".join(f"**{part.name}**" if part.name in ahead else part.name for part in LIFE)
