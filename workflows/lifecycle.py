"""The life of a grant, as ordered parts: what a reader opens to know it, and what keeps its timers apart.

Each part is a room of the domain, and its duties are the room's, in the room's own words; this page puts them in order and
tells the story between them. Each has one timer at most, for its next moment; how that waits, and how notices and journals go
out beside it, stands in ``workflows.grant``.

A grant is opened with its parties (the funder, the recipient that decides, the host that does the work and bears its cost
first, the payee that the funder pays, who sponsors it and who oversees it) and with the decision or grant before it. Parts
overlap: a variation arrives while returns are being made. Bids and approval are told first because all the others wait for
them; in the world there may be no bid, and approval may come after the signature or after the cost.

Four things hold in all of them. What happened in the world is a fact and is always recorded, however late it is learnt,
with its date as exactly as the source states it (a day, a month, or none), and with an exception where it broke a rule; what
needs our authority now is an act and may be refused, and the refusal says which rule, where it comes from, and who could do
it, if anybody. Every duty has an owner, an office or a party, who is reminded on a ladder of dates and then escalated above;
a duty that nobody owns is the passing of a date, and happens by itself. No person stands on both sides of a check. And what
is not public, the Part 2 of a paper or an agreement, comes sealed with the act or fact that it belongs to: no rule reads it,
everybody sees that it is there, and to read it is an act of its own, which needs a right and is recorded each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain import agreement, approval, assurance, bid, delivery, recovery, restricted, variation
from domain import exit as leaving
from domain.model import DutyWords


@dataclass(frozen=True)
class Part:
    """One part of the life: its name, which is its room's, its story, and the duties that it gives."""

    name: str
    story: str
    duties: tuple[DutyWords, ...]


BID = Part(
    "bid",
    """A grant may begin with a fund that can be bid to, whose papers may give it several names and which closes to the minute,
    in London's time. A bid is drafted: what it asks for, by year and line; until it is sent it may be drafted again, each time
    as another edition, and it is sent exactly as its sender last saw it. A paper asks for its approval, which may have to pass
    a board first; or it is approved before it is written, and its final sign-off is delegated to an office, up to an amount
    and until a day. Without one or the other, above the amount, after that day, or once the fund has closed, it is not sent.
    One that was sent all the same is a fact, with an exception. While its outcome is unknown its money is sought, beside the
    cap and never in it: what is approved as a bid is not accepted, not spent and never claimed, and cost on its lines is
    held. It is won, won below what it asks, or lost; or we withdraw it. A bid that is won is no grant yet: its offer answers
    it, and is accepted under a decision of its own. A grant may hold several bids and offers side by side, and one whose bids
    all came to nothing is closed without ever having been funded.""",
    bid.DUTIES,
)
APPROVAL = Part(
    "approval",
    """Nothing may be accepted, signed or varied without authority, and what was signed all the same is ratified later. A
    drafter writes a paper with items (accept an offer, approve a variation, ratify what was signed too early) and submits it.
    Its route follows from the scheme of delegation in force, from what the items are worth and from all that the grant was
    given before; the route explains itself, and where no rule of the scheme applies nothing is approved. Advisers comment,
    side by side where the scheme says so; of a group a quorum is enough, and the others then stand down. A board to which the
    paper must go meets on its days: its secretary minutes that it
    supported the paper, put it off to the next meeting, or declined, which sends the paper back. Then the deciding office, if
    its limit reaches so far, answers each item, once: approved, approved at a lower amount, approved in principle (which
    authorises no money), noted, declined, deferred until a day. An approval can have conditions, each with its owner, which
    are obligations of the grant from then on; one that is to be met before holds the authority back until it is met or waived.
    Or an office sends the paper back with a reason, and its drafter revises it. The drafter may also edit it on its way: after
    an edit of money or terms what was said before is void, after a smaller one (a misprint) it stands, and whoever said it is sent word; either way nobody
    decides over a text that has been edited since they saw it. Drafter, adviser and decider are three people, whoever stands in
    for whom, and who stands in does so between its dates only. While an office is vacant, or all who hold it are away, its step
    is for the offices that the scheme lets stand in, else it waits; and what one person may not join over the whole grant (write
    a bid and send it, ask for money and sign for it) the scheme says in pairs. Whoever steps aside, or has declared an interest in what it is
    about, takes no step of the paper in any office; the step opens to other holders, to cover, and to the offices that may
    stand in. An office can pass its step on to one of those, and take back what it said while nobody has gone on from it. A
    paper can rest until a day, with a reason: its dates move on by the working days of the pause, nobody is reminded, and the
    pause ends by its date. A decision that comes after its day is an exception, and so is one in urgency, before the other
    steps, which an office takes only if a rule of the scheme allows it so far; that one stands until a paper ratifies it. The
    decision is recorded with its reference and the dates that it states, which may be blank. What was decided is published, its
    Part 2 apart: somebody owes that from the decision on, until it is done or, for a reason, put off until a day. A decided
    paper is not unlocked: another one supersedes it, and then rules alone, also where it approves less; what was accepted or
    claimed before stands. An item can delegate: until the
    end of a day the office that it names may do what the scheme gives to another (sign, certify, submit) over that instrument,
    and cites the decision. One that was made without a
    paper here is recorded with its items and outcomes, and ratifies just as well.""",
    approval.DUTIES,
)
AGREEMENT = Part(
    "agreement",
    """The funder offers money; it counts as sought until the office with the mandate accepts it under a decision. An offer
    is no authority to spend: while it is not accepted, its cost is at risk, held and not claimed. It may
    come to nothing: we decline it, or the funder takes it back, and then it is sought no more. The agreement is executed: it
    fixes the cap of each financial year, the lines into which the cap falls and the kinds of cost that each line pays, at
    which rate, what the host bears itself, what is claimable only under a tasking, and how often cost is
    claimed back. Where no first day is stated cost counts from the day on which it came into force. Its documents are named
    with where they are kept, the restricted ones too. An agreement may also be the first that is recorded, with no offer
    before it. One that was signed before its approval is a fact: its exception has an owner, who explains it. Its cost is
    recorded and its returns are prepared and certified, but none is submitted under it until a decision ratifies it.""",
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
    (recruits who were trained early) never does, and the host bears it. Its letter is kept line by line, additions and what is
    taken off elsewhere to pay for them, under its own headings; where its own sums disagree that is a discrepancy, recorded
    with an owner, and the lines rule. A letter that is dated after the year it funds had ended is retrospective: it still
    raises that year's cap, nothing recorded earlier is touched, and what was known before stays readable as it was known. One
    that the funder takes back, or that nobody takes up, comes to nothing: it is sought no more, and waits for nobody.""",
    variation.DUTIES,
)
RECOVERY = Part(
    "recovery",
    """The host records cost as it is incurred, eligible or not. What was received and is not in its books yet is an
    accrual, and its actual cost replaces it, once. What the host bears itself is a memo and enters no return; neither does
    VAT that is recovered elsewhere, or the match that the funder's rate leaves, or what others commit beside the grant.
    Work of another body is tasked before it begins, by whoever controls the fund, for so many hours; that body charges it,
    and a charge without its tasking waits, while one outside it, beyond its hours or charged twice is left out. The rest is
    claimed back period by period. A forecast says what is still expected to be spent, and so what of the cap is at risk. A
    period ends and its return opens, due some days later. One person prepares it from eligible cost under the cap and
    inside the effective window of its line, everything else standing beside it with the reason why it is excluded or held;
    to force such cost in, or to claim above the cap, is refused. Another certifies it; it is submitted if every instrument
    under it is approved, and waits so long, however late that makes it: a late return is still submitted, agreed and paid.
    The funder queries and is answered, agrees all of it or a part (what it disallows of which cost, and why), pays; then it
    is settled. The next period does not wait for that. The financial year ends: nothing more is spent under its cap, though
    cost incurred before is still recorded and its last return still made. When that is settled the outturn is fixed and
    what is left of the cap lapses, both by themselves. If a later variation raises the cap of a year whose returns were all
    made, a supplementary return of the whole year opens, to be made like any other; when that is settled the outturn is
    fixed once more, and only the rest of what was raised can lapse, for what has lapsed or was forfeited (a cut-off of the
    funder was missed) stays so. To which year such late income belongs is the accountant's judgement, recorded as one. What
    the funder paid too much is an exception until it is paid back.""",
    recovery.DUTIES,
)
DELIVERY = Part(
    "delivery",
    """What the money is for, apart from how it is claimed back. Posts: each instrument funds so many of a rank in a team, from
    a day to a day, over and above the establishment that a baseline states; a variation's posts stand beside those that were
    there; they are filled and fall vacant. Milestones: dated promises, each to be achieved by its date; one that will be late
    is carried forward only under a variation that was received, stays the same milestone with its first date, and moves no
    money; or it is abandoned with a reason. Deliverables: counted promises up to a number; a variation can trade some of one
    for some of another, never below what was delivered. Reports: each is owed to a named party on a cadence of its own,
    whatever the cadence of returns (several a month, a board that meets once a quarter), and waits period by period until it
    is made, late or not, or its party does without it. What breaks a promise is recorded as it happened, with an exception
    that a later fact can put right: more posts filled than funded, a team that shrinks below its baseline, more delivered
    than promised, an instrument that nobody has recorded. The grant does not close while a report is owed or a milestone is
    open.""",
    delivery.DUTIES,
)
ASSURANCE = Part(
    "assurance",
    """Assessments of data protection and equality are recorded edition by edition, usually as the paper that relies on them
    is written; an edition may be a parent's, shared. One is completed, begun, screened out (with its screening, or an
    exception stands until that is named), reviewed, or found out of date; what is begun or out of date waits to be completed.
    Money and approvals may come under conditions: each has an owner, perhaps a due date, and evidence once it is met; or it
    is waived with a reason. Reviews are promised (at the project's end, or again and again on no fixed cadence) and made.
    Whatever broke a rule and stands is an exception: its owner explains it, then has it ratified or corrected. A decision
    that ratifies it closes it without another step, and so does a later fact that puts it right; any other correction is
    accepted by somebody who did not explain it. It is never removed. Two statements of one thing that disagree (a total and
    its parts, two papers) are a discrepancy, with an owner: the parts rule until it is resolved. While an exception or a
    discrepancy is open, a condition neither met nor waived, an assessment unfinished, or a promised review not made, the
    grant does not close.""",
    assurance.DUTIES,
)
EXIT = Part(
    "exit",
    """The project states early, as with a paper that brings people in, what happens to people and assets if the funding
    stops; or an office waives the exit, with its reason, where nothing and nobody depends on it. From then on somebody owes a
    successor, reminded long before the last funded day; before that day the exit is armed. A successor (another grant, or a
    decision elsewhere) that leaves no day unfunded averts it; without one it is triggered at the end. Then each post that was
    funded on the last day, each asset and each contract gets its disposition, once, with its evidence (staff go back to other
    posts, things are kept, sold or given back), and with the last one the exit is completed; where nobody and nothing is left
    behind it is completed at once. The last period's return is still made, queried and paid after the last funded day. When
    every return is settled and nothing else is open, an office reconciles the figures year by year (cap = agreed + lapsed +
    forfeited, agreed = received + debtor: what is agreed and not paid yet), and then, a step of its own, the grant is closed;
    one that nothing ever funded is only closed. Its records are kept for years, and disposed of after the last day of that
    and not before; what was kept apart can then be read no more, and the events stay.""",
    leaving.DUTIES,
)

RESTRICTED = Part(
    "restricted",
    """Beside all of it stands the Part 2: what came sealed, with which command, and who has read it. An office with the mandate
    reads it and each reading is recorded first. Somebody without it may have it opened by break-glass: they ask in person, for
    a reason, until an instant some days ahead at most, for all of it or for some; a second person, whose office has the mandate
    for that and in whose inbox it waits, confirms it, or it lapses at that instant; and either side may end it early. It opens
    reading to that one person and nothing else: no decision, no signature and no return is easier for it. From the confirmation
    on every view of the grant says that it was opened, for whom, until when and by whom, and the history alone says why. When
    the month is over the office that the policy names has the report of every access that was confirmed in it, and owes taking
    it even after the grant is closed.""",
    restricted.DUTIES,
)

LIFE = (BID, APPROVAL, AGREEMENT, VARIATION, RECOVERY, DELIVERY, ASSURANCE, EXIT, RESTRICTED)
"""In the order of a life. A new part joins here when its room exists; grants already running need nothing else for it."""


def place(parts: Iterable[str]) -> str:
    """The parts in order, those with a moment to come in bold: where the grant stands, as a line of markdown."""
    ahead = set(parts)
    return " · ".join(f"**{part.name}**" if part.name in ahead else part.name for part in LIFE)
