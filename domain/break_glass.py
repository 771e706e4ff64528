"""Break-glass: two people open access to Part 2 for one who has no mandate to read it, for a reason, until an instant, over a scope.

Part of the room ``restricted``. It opens reading and nothing else: no other rule looks at an access, so it never creates
authority (DESIGN §6). Each one that was confirmed is reported, month by month, to the office that the policy names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never

from domain.accesses import Access, AccessAsked, AccessConfirmed, AccessEnded, Accesses, AccessLapsed, AccessReported, Month
from domain.calendar import add_months, day_of, end_of
from domain.model import SYSTEM, By, CommandBody, CommandId, Decision, Duty, DutyWords, Identifier, Instant, Refusal, Rule, Text
from domain.organisation import NO_OFFICE, Organisation, may
from domain.policy import Policy

TWO_PEOPLE = "DESIGN §6: break-glass opens access, by two people, for a reason, until an instant"
ONLY_SO_FAR = "DESIGN §6: break-glass opens access and never creates authority; R-80"
UNKNOWN = Rule("access.unknown", "Nobody has asked for access {access}.", TWO_PEOPLE, remedy="Correct the id; `grants audit access` lists every access.")
EXISTS = Rule(
    "access.exists",
    "Access {access} was asked for by {person} until {until}; another one needs another id.",
    TWO_PEOPLE,
    remedy="Ask under another id; access {access} stays as it was asked for.",
)
IN_PERSON = Rule(
    "access.in_person",
    "Access is asked for in person, not by {actor} for {principal}.",
    TWO_PEOPLE,
    remedy="Let {actor} ask in their own name, without acting for {principal}.",
)
NO_TIME = Rule("access.no_time", "Access until {until} would be over already.", TWO_PEOPLE, remedy="Name an instant that lies ahead.")
TOO_LONG = Rule(
    "access.too_long",
    "Access is opened for {hours} hours at most, so until {latest} and not until {until}.",
    TWO_PEOPLE,
    remedy="Ask for an instant no later than {latest}, and ask again if that is not enough.",
)
SAME_PERSON = Rule(
    "access.same_person",
    "{people} asked for access {access}, so another person confirms it.",
    TWO_PEOPLE,
    remedy="Ask another person in an office with the mandate to confirm access {access}.",
)
UNCONFIRMED = Rule(
    "access.unconfirmed",
    "Access {access} is not confirmed by a second person.",
    TWO_PEOPLE,
    remedy="Ask a second person in an office with the mandate to confirm access {access}.",
)
EXPIRED = Rule(
    "access.expired",
    "Access {access} was until {until}.",
    ONLY_SO_FAR,
    remedy="Ask anew with AskAccess, under another id, and have it confirmed by a second person.",
)
ENDED = Rule(
    "access.ended",
    "Access {access} was ended on {ended}.",
    ONLY_SO_FAR,
    remedy="Ask for access {access} no more; ask anew with AskAccess, under another id, if it is still needed.",
)
OUT_OF_SCOPE = Rule(
    "access.out_of_scope",
    "Access {access} does not reach what came with {subjects}.",
    ONLY_SO_FAR,
    remedy="Read only what access {access} reaches, or ask for another one that names {subjects}.",
)
NOBODY_NAMED = Rule(
    "access.nobody_named",
    "The policy names no office to which break-glass is reported.",
    "DESIGN §6: reported to a named office",
    remedy="Name an owner of the duty `access.reported` in the organisation's files, adopt them, and take the policy into the grant with AdoptPolicy.",
)
NOTHING = Rule(
    "access.nothing_to_report",
    "No access was confirmed in {month}.",
    "DESIGN §6: reported to a named office",
    remedy="Correct the month; `grants audit access` lists what was opened when.",
)

PART = "restricted"
WAITS, LAPSES, REPORTED = "access.confirmed", "access.lapsed", "access.reported"

# What can be asked for ------------------------------------------------------------------------------------------------


class AskAccess(CommandBody, kind="act"):
    """Whoever holds an office asks, in person, to read Part 2 without the mandate: why, until when, and which of it.

    ``until`` is at most so many hours ahead as the policy says; ``subjects`` are the commands that a Part 2 came with (ids;
    none named: all of the grant). It opens nothing until a second person confirms it.
    """

    access: Identifier
    reason: Text
    until: Instant
    subjects: tuple[CommandId, ...] = ()


class ConfirmAccess(CommandBody, kind="act"):
    """A second natural person, whose office has the mandate, confirms an access that was asked for: from then on it is open."""

    access: Identifier


class EndAccess(CommandBody, kind="act"):
    """End an access early: whoever asked for it, or an office with the mandate, and why."""

    access: Identifier
    reason: Text


class ReportAccess(CommandBody, kind="act"):
    """The office that the policy names has been told of every access that was confirmed in a month and not reported yet."""

    month: Month


Command = AskAccess | ConfirmAccess | EndAccess | ReportAccess

DUTIES = (
    DutyWords(name=WAITS, words="{owner} confirms break-glass access {subject}, or leaves it"),
    DutyWords(name=LAPSES, words="Break-glass access {subject} lapses unless it is confirmed"),
    DutyWords(name=REPORTED, words="{owner} has the report of break-glass access in {subject}"),
)


@dataclass(frozen=True)
class Given:
    """What the rest of the grant knows: its id, the organisation, and the policy that gives the mandate.

    ``today`` is the London day of what the record knows last (null: nothing yet).
    """

    grant: str
    organisation: Organisation
    policy: Policy
    today: date | None = None


def reported_to(policy: Policy) -> str | None:
    """The office that every access is reported to, month by month; null: this policy names none."""
    found = policy.duty(PART, REPORTED)
    return found.owner if found else None


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Command, accesses: Accesses, by: By, given: Given) -> Decision:
    """What follows from asking for an access, confirming, ending or reporting it."""
    match body:
        case AskAccess():
            return _ask(body, accesses, by, given)
        case ConfirmAccess():
            return _confirm(body, accesses, by, given)
        case EndAccess():
            return _end(body, accesses, by, given)
        case ReportAccess():
            return _report(body, accesses, by, given)
        case _:
            assert_never(body)


def duties(accesses: Accesses, policy: Policy, today: date | None = None) -> tuple[Duty, ...]:
    """What was asked for waits on every office that may confirm it, until it lapses; of each month the named office owes taking the report.

    ``today`` as in ``Given``.
    """
    waiting = tuple(duty for each in accesses.values() if each.waits for duty in _waiting(each, policy, today))
    months = sorted({each.month for each in accesses.values() if each.month and each.unreported})
    return (*waiting, *(duty for month in months for duty in policy.owed(PART, REPORTED, month, end_of(_last_day(month)))))


def lapsed(access: str, accesses: Accesses) -> AccessLapsed:
    """The instant of an access has come, and nobody had confirmed it."""
    asked = accesses[access].asked
    return AccessLapsed(access=access, person=asked.person, until=asked.until)


def opened(accesses: Accesses, by: By, subjects: Iterable[str], kept: Iterable[str], given: Given) -> tuple[Access, tuple[str, ...]] | Refusal | None:
    """The access under which ``by`` reads these subjects (none named: all that it reaches), and what they then are.

    The refusal says why their latest access does not open them; null: they have asked for none in person.
    """
    own = [each for each in reversed(tuple(accesses.values())) if each.asked.person == by.actor and by.on_behalf_of is None]
    if not own:
        return None
    wanted, known = tuple(subjects), tuple(kept)
    refusals = []
    for each in own:
        reached = each.scope(wanted or known)
        refused = _shut(each, by.now, given) or _beyond(each, wanted, reached)
        if refused is None:
            return _in_office(by, given) or (each, reached)
        refusals.append(refused)
    return refusals[0]


def _ask(body: AskAccess, accesses: Accesses, by: By, given: Given) -> Decision:
    if by.on_behalf_of is not None:
        return IN_PERSON.refuse(actor=by.actor, principal=by.on_behalf_of)
    if refused := _in_office(by, given):
        return refused
    asked = AccessAsked(access=body.access, person=by.actor, reason=body.reason, until=body.until, subjects=body.subjects)
    if known := accesses.get(body.access):
        if over := _over(known, by.now):
            return over
        return () if known.asked == asked else EXISTS.refuse(access=body.access, person=known.asked.person, until=known.asked.until)
    return _mistimed(body.until, by.now, given.policy.access_hours) or (asked,)


def _confirm(body: ConfirmAccess, accesses: Accesses, by: By, given: Given) -> Decision:
    known = accesses.get(body.access)
    if known is None:
        return UNKNOWN.refuse(access=body.access)
    could = given.policy.mandated("ConfirmAccess", day_of(by.now))
    office = by.office or given.organisation.capacity(by, could, "ConfirmAccess")
    if isinstance(office, Refusal):
        return office
    if refused := _over(known, by.now):
        return refused
    same = {by.actor, by.on_behalf_of} & {known.asked.person}
    if same:
        return SAME_PERSON.refuse(*could, people=tuple(same), access=body.access)
    confirmed = AccessConfirmed(access=body.access, person=known.asked.person, office=office, until=known.asked.until)
    return () if known.confirmed else (confirmed,)


def _end(body: EndAccess, accesses: Accesses, by: By, given: Given) -> Decision:
    known = accesses.get(body.access)
    if known is None:
        return UNKNOWN.refuse(access=body.access)
    own = known.asked.person == by.actor and by.on_behalf_of is None
    refused = None if own else may(by, "EndAccess", given.policy, given.organisation)
    ended = AccessEnded(access=body.access, reason=body.reason)
    if refused or known.ended == ended:
        return refused or ()
    return _over(known, by.now) or (ended,)


def _report(body: ReportAccess, accesses: Accesses, by: By, given: Given) -> Decision:
    owner = reported_to(given.policy)
    if owner is None:
        return NOBODY_NAMED.refuse()
    office = given.organisation.capacity(by, (owner,), "ReportAccess")
    if isinstance(office, Refusal):
        return office
    of_month = [each for each in accesses.values() if each.month == body.month]
    if not of_month:
        return NOTHING.refuse(month=body.month)
    names = tuple(each.id for each in of_month if each.unreported)
    return (AccessReported(month=body.month, office=office, accesses=names),) if names else ()


def _waiting(access: Access, policy: Policy, today: date | None) -> tuple[Duty, ...]:
    """Whoever has the mandate on a day that is left may confirm it that day; its own instant ends that."""
    plain = Duty(part=PART, subject=access.id, name=LAPSES, owner=SYSTEM, since=access.at, due=access.asked.until)
    asked = f"asked for by {access.asked.person}"
    notes = {office: "; ".join((asked, *said)) for office, said in _mandated(access, policy, today).items()}
    return (*(plain.model_copy(update={"name": WAITS, "owner": office, "note": note}) for office, note in notes.items()), plain)


def _mandated(access: Access, policy: Policy, today: date | None) -> dict[str, tuple[str, ...]]:
    """The offices with the mandate to confirm it on the days that are left, and of which of these if not of all: an edition can begin meanwhile."""
    first, last = max(today or date.min, day_of(access.at)), day_of(access.asked.until - timedelta(microseconds=1))
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)] or [first]
    found: dict[str, list[date]] = {}
    for day in days:
        for office in policy.mandated("ConfirmAccess", day):
            found.setdefault(office, []).append(day)
    return {office: () if own == days else (f"by its mandate from {own[0]} to {own[-1]}",) for office, own in found.items()}


def _in_office(by: By, given: Given) -> Refusal | None:
    """Why whoever reads or asks is nobody here: they hold no office that day; null: they do."""
    day = day_of(by.now)
    held = given.organisation.offices_of(by.actor, day)
    return None if held else NO_OFFICE.refuse(actor=by.actor, organisation=given.organisation.stream, day=day)


def _mistimed(until: datetime, now: datetime, hours: int) -> Refusal | None:
    if until <= now:
        return NO_TIME.refuse(until=until)
    latest = now + timedelta(hours=hours)
    return TOO_LONG.refuse(hours=hours, latest=latest, until=until) if until > latest else None


def _over(access: Access, now: datetime) -> Refusal | None:
    if access.ended_at:
        return ENDED.refuse(access=access.id, ended=access.ended_at)
    over = access.lapsed_at is not None or now >= access.asked.until
    return EXPIRED.refuse(access=access.id, until=access.asked.until) if over else None


def _shut(access: Access, now: datetime, given: Given) -> Refusal | None:
    """Why an access does not stand open now; who could read without it, or open it, is named."""
    day = day_of(now)
    over = _over(access, now)
    if over:
        return over.model_copy(update={"who_could": given.policy.mandated("ReadRestricted", day)})
    return None if access.confirmed else UNCONFIRMED.refuse(*given.policy.mandated("ConfirmAccess", day), access=access.id)


def _beyond(access: Access, wanted: tuple[str, ...], reached: tuple[str, ...]) -> Refusal | None:
    beyond = tuple(each for each in wanted if each not in reached)
    if beyond or not reached:
        return OUT_OF_SCOPE.refuse(access=access.id, subjects=beyond or access.asked.subjects)
    return None


def _last_day(month: str) -> date:
    return add_months(date.fromisoformat(f"{month}-01"), 1) - timedelta(days=1)
