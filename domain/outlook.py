"""Where a grant stands, in few words: its stage, whom it waits on, what needs attention. Read by lists, inboxes and the UI.

``standing`` is rebuilt by folding; nothing in it is a source of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from domain import instruments
from domain.calendar import day_of, end_of, rfc3339
from domain.chasing import DutyReminded
from domain.editions import OfficeTold
from domain.figures import sums
from domain.grant import Grant, closed
from domain.model import SYSTEM, line_of, said
from domain.money import at_risk_pence
from domain.obligations import Obligation, obligations
from domain.organisation import Organisation, Seat
from domain.steps import Paper, Taken

LONGEST = 4096
"""The most bytes of details that the UI is given (CONTRACT, Sizes)."""

MOST_ROWS = 12
"""The most duties that the details list."""

MOST_COMING = 4
"""The most dates to come that the details list."""

MOST_OPENED = 2
"""The most accesses to Part 2, opened by break-glass, that the details name."""

DETAILS = """### {title}

Stage **{stage}**, version {version}, {clock} clock{invented}{attention}{opened}

**Waiting for**

{waiting}

**Comes by itself**

{coming}

**Last** ({recorded}): {last}

**If stuck**: an activity that retries shows its cause under Pending Activities; `grants doctor` checks the rest; \
`grants ops rebuild {grant}` starts this workflow again from the record."""
INVENTED = ", **invented**"
ATTENTION = ", needs attention: **{signs}**"
OPENED = "\n\n**{sentences}**{earlier}"
EARLIER = " (and {count} earlier)"
UNOPENED = "No grant {grant} has been opened; what was sent here stands in its history."
WAITING = "- {words}: since {since}, due {due}{seat}{rung}{risk}"
SEATS = {"vacant": "; nobody holds {office}", "away": "; all who hold {office} are away"}
COMING = "{words} on {day}"
OWED = "{words}{by}{rung}"
BY = " by {due}"
RUNG = "; next notice: {rung}, {day}"
RISK = "; each day of delay puts {at_risk_per_day_pence} at risk{so_far} (straight line, indicative)"
SO_FAR = ", {at_risk_pence} by {day}"
SUBJECT = "{rehearsal}{title}: {words}"
BODY = """{words}.

Grant: {title} ({grant})
Due: {due}{risk}
This is the notice "{rung}". `grants inbox` shows all that waits."""

TOLD = """{words}.

Grant: {title} ({grant})
`grants decision {grant} '{paper}'` shows the paper as it stands now."""


@dataclass(frozen=True)
class Outlook:
    """A grant with its organisation, at an instant (UTC; null: the grant's own last one)."""

    grant: Grant
    organisation: Organisation
    at: datetime | None = None

    @property
    def now(self) -> datetime | None:
        """The instant at which it is looked at; null: nothing is recorded of it."""
        return self.at or self.grant.recorded

    @cached_property
    def owed(self) -> tuple[Obligation, ...]:
        """Every open duty, soonest moment first."""
        return obligations(self.grant, self.organisation)

    @cached_property
    def waiting(self) -> tuple[Obligation, ...]:
        """The duties of people and bodies that are open, those due first standing first."""
        people = (each for each in self.owed if each.duty.owner != SYSTEM)
        return tuple(sorted(people, key=lambda each: (each.duty.due is None, each.duty.due or each.duty.since, each.words)))

    @cached_property
    def coming(self) -> tuple[Obligation, ...]:
        """The dates that pass by themselves, the soonest first."""
        return tuple(each for each in self.owed if each.duty.owner == SYSTEM and each.next)

    def due_by(self, at: datetime) -> Obligation | None:
        """The earliest moment at or before an instant that does not stand still; null: none."""
        open_now = (each for each in self.owed if each.next and each.next <= at)
        return next((each for each in open_now if each.moment_id not in self.grant.chasing.stuck), None)

    @cached_property
    def stage(self) -> str:
        """The stage as operations name it (DESIGN §9)."""
        grant = self.grant
        if closed(grant):
            return "closed"
        if last := instruments.last_funded_day(grant.instruments):
            return "exiting" if self.now and self.now > end_of(last) else "delivering"
        if any(each.stands and each.kind == "offer" for each in grant.instruments):
            return "accepting"
        return _unfunded_stage(grant)

    @cached_property
    def attention(self) -> tuple[str, ...]:
        """What an operator should look at: quarantined messages, overdue duties (of a return, apart), open exceptions."""
        now = self.now
        late = [each.duty for each in self.waiting if now and each.duty.due and each.duty.due < now]
        signs = {
            "quarantined": bool(self.grant.aside.aside),
            "overdue": bool(late),
            "overdue-return": any(duty.part == "recovery" for duty in late),
            "exception": bool(self.grant.assurance.open_exceptions()),
        }
        return tuple(name for name, holds in signs.items() if holds)

    def seat(self, owner: str) -> Seat | None:
        """Why nobody sits in the office that owes something; null: somebody does, or it is a party's."""
        return self.organisation.empty_seat(owner, day_of(self.now)) if self.now else None

    def standing(self) -> dict[str, Any]:
        """One row a grant for lists and inboxes: plain JSON, sums in whole pence as of the day of its last event."""
        return self._standing

    @cached_property
    def _standing(self) -> dict[str, Any]:
        opened, recorded = self.grant.opening.opened, self.grant.recorded
        if opened is None or recorded is None:
            return {"grant": self.grant.id, "opened": False}
        return {
            "grant": self.grant.id,
            "opened": True,
            "title": opened.title,
            "programme": opened.programme,
            "organisation": opened.organisation,
            "clock": opened.clock,
            "hypothetical": opened.hypothetical,
            "stage": self.stage,
            "recorded": rfc3339(recorded),
            "figures": sums(self.grant, day_of(recorded)).model_dump(mode="json"),
            "papers": [_paper(each) for each in self.grant.approval.papers.values()],
            "waiting_on": [_owed(each) for each in self.waiting],
            "attention": list(self.attention),
            **self.opened(),
        }

    def opened(self) -> dict[str, list[str]]:
        """What each view of the grant says of access that break-glass opened; nothing where it never did (DESIGN §6)."""
        found = self.grant.restricted.banners()
        return {"break_glass": list(found)} if found else {}

    def details(self) -> str:
        """The current details for the Temporal UI: markdown, at most 4 KiB, no restricted text, no personal names."""
        grant, opened = self.grant, self.grant.opening.opened
        if opened is None or grant.recorded is None:
            return said(UNOPENED, {"grant": grant.id})
        values = {
            "title": opened.title,
            "clock": opened.clock,
            "invented": INVENTED if opened.hypothetical else "",
            "attention": said(ATTENTION, {"signs": self.attention}) if self.attention else "",
            "opened": _opened(grant.restricted.banners()),
            "stage": self.stage,
            "version": grant.version,
            "waiting": "\n".join(_row(each, self) for each in self.waiting[:MOST_ROWS]) or "- nobody",
            "coming": "\n".join(f"- {words_of_moment(each)}" for each in self.coming[:MOST_COMING]) or "- nothing",
            "last": line_of(grant.last.body) if grant.last else None,
            "recorded": _day(grant.recorded),
            "grant": grant.id,
        }
        return said(DETAILS, values).encode()[:LONGEST].decode(errors="ignore")


def _opened(banners: tuple[str, ...]) -> str:
    """The latest accesses in the details, and how many came before them; none: nothing."""
    if not banners:
        return ""
    more = len(banners) - MOST_OPENED
    return said(OPENED, {"sentences": "; ".join(banners[:MOST_OPENED]), "earlier": said(EARLIER, {"count": more}) if more > 0 else ""})


def _unfunded_stage(grant: Grant) -> str:
    """Where a grant stands that no offer funds: a paper is under way, bids are, or bids and offers all came to nothing."""
    bids = tuple(grant.bid.bids.values())
    if any(each.items is None for each in grant.approval.papers.values()):
        return "deciding"
    ended = [*(each.over for each in bids), *(grant.agreement.over(name) for name in grant.agreement.offers)]
    if ended and all(ended):
        return "unsuccessful" if any(each.lost for each in bids) else "withdrawn"
    return "deciding" if grant.approval.papers and not bids else "bidding"


def organisation_standing(organisation: Organisation) -> dict[str, Any]:
    """One row an organisation: which document of it is in force."""
    charter = organisation.charter
    return {"organisation": charter.organisation if charter else None, "title": charter.title if charter else None, "digest": organisation.digest}


def words_of_moment(each: Obligation) -> str:
    """What a timer is called: the duty with its due date and the next reminder of it, or what happens by itself and when."""
    duty = each.duty
    if duty.owner == SYSTEM:
        return said(COMING, {"words": each.words, "day": _day(each.next) if each.next else "no date"})
    by = said(BY, {"due": _day(duty.due)}) if duty.due else ""
    return said(OWED, {"words": each.words, "by": by, "rung": _rung(each)})


def notice(sent: DutyReminded | OfficeTold, grant: Grant) -> tuple[str, str]:
    """The subject and the text of the mail that carries a reminder, or word about an edit; a rehearsal says so in the subject."""
    values: dict[str, object] = {
        "words": sent.words,
        "rehearsal": "Rehearsal: " if grant.clock == "rehearsal" else "",
        "title": grant.opening.opened.title if grant.opening.opened else grant.id,
        "grant": grant.id,
    }
    if isinstance(sent, OfficeTold):
        return said(SUBJECT, values), said(TOLD, values | {"paper": sent.paper})
    due = _day(sent.due) if sent.due else "no date"
    return said(SUBJECT, values), said(BODY, values | {"rung": sent.rung, "due": due, "risk": _risk(sent.at_risk_per_day_pence, sent.since, sent.due, sent.at)})


def _paper(paper: Paper) -> dict[str, Any]:
    """A paper with its steps: whose they are, who may stand in, and since when they are taken."""
    over = paper.stood_down()
    return {"paper": paper.id, "steps": [_step(each, stood_down=each.step.whose in over) for each in paper.steps]}


def _step(taken: Taken, *, stood_down: bool) -> dict[str, Any]:
    return {
        "office": taken.step.office,
        "board": taken.step.board,
        "at": rfc3339(taken.said.at) if taken.said else None,
        "stand_in": list(taken.step.stand_in),
        "stood_down": stood_down,
    }


def _owed(each: Obligation) -> dict[str, Any]:
    duty = each.duty
    return {
        "part": duty.part,
        "subject": duty.subject,
        "duty": duty.name,
        "office": duty.owner,
        "what": each.words,
        "since": rfc3339(duty.since),
        "due": rfc3339(duty.due) if duty.due else None,
        "at_risk_per_day_pence": duty.at_risk_per_day_pence,
        "note": duty.note,
    }


def _row(each: Obligation, outlook: Outlook) -> str:
    duty, seat = each.duty, outlook.seat(each.duty.owner)
    values = {
        "words": each.words,
        "since": _day(duty.since),
        "due": _day(duty.due) if duty.due else "no date",
        "rung": _rung(each),
        "risk": _risk(duty.at_risk_per_day_pence, duty.since, duty.due, outlook.now),
        "seat": empty(seat, outlook.organisation.title_of(duty.owner)),
    }
    return said(WAITING, values)


def empty(seat: Seat | None, office: str) -> str:
    """That nobody sits in an office, in words that follow a duty; nothing where somebody does."""
    return said(SEATS[seat], {"office": office}) if seat else ""


def _rung(each: Obligation) -> str:
    return said(RUNG, {"rung": each.steps[0].rung.rung, "day": _day(each.steps[0].at)}) if each.steps else ""


def _risk(per_day: int | None, since: datetime | None, due: datetime | None, now: datetime | None) -> str:
    """What a day of delay puts at risk, and what comes together by the later of today and the due day, where the beginning is known."""
    if not per_day:
        return ""
    so_far = ""
    if since and now:
        last, until = due and day_of(due), day_of(now)
        sums = {"at_risk_pence": at_risk_pence(per_day, day_of(since), last, until), "day": f"{max(last or until, until):%-d %B %Y}"}
        so_far = said(SO_FAR, sums)
    return said(RISK, {"at_risk_per_day_pence": per_day, "so_far": so_far})


def _day(instant: datetime) -> str:
    return day_of(instant).strftime("%-d %B %Y")
