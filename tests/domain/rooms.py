"""What the specs of the rooms share: a policy, who acts when, and given / when / then in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from domain.calendar import Closures, Window
from domain.model import By, Decision, Event, Refusal, line_of, past_of_new
from domain.policy import Accounts, Condition, DutyPolicy, Mandate, Policy, RouteRule, SchemeEdition

CLOSURES = Closures(
    source="made for these specs",
    window=Window(first=date(2016, 1, 1), last=date(2030, 12, 31)),
    days=(date(2020, 12, 25), date(2020, 12, 28), date(2021, 1, 1), date(2021, 4, 2), date(2021, 4, 5)),
)
DECIDES = RouteRule(
    rule="offers",
    when=Condition(verbs=("approve", "accept", "ratify")),
    office="decision-maker",
    says="decide",
    order=2,
    limit_pence="any",
    ladder="decisions",
    because="every offer of grant at any value",
    source="made for these specs",
    assumed=True,
)
MANDATES = tuple(Mandate(act=act, offices=("signatory",), source="paragraph 4.8", assumed=True) for act in ("AcceptOffer", "ExecuteAgreement"))
SCHEME = SchemeEdition(edition="first", title="A scheme", first=date(2016, 1, 1), last=None, rules=(DECIDES,), mandates=MANDATES)


def policy(*duties: DutyPolicy) -> Policy:
    """A policy with these duties, and one office that decides offers at any value."""
    return Policy(closures=CLOSURES, ladders=(), duties=duties, schemes=(SCHEME,), accounts=Accounts())


def owed_by(part: str, duty: str, owner: str = "grants-team", ladder: str | None = "grants", working_days: int | None = None) -> DutyPolicy:
    """One duty as a policy says it."""
    return DutyPolicy(part=part, duty=duty, owner=owner, ladder=ladder, working_days=working_days)


def at(day: str, actor: str = "p-hazel", on_behalf_of: str | None = None) -> By:
    """Somebody acting at noon (UTC) of a day."""
    now = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)
    return By(actor=actor, on_behalf_of=on_behalf_of, now=now, content=None, command=f"made-{day}")


def after(room: Any, state: Any, events: Iterable[Event], by: By) -> Any:
    """The room's state after these events; every one of them has its line of words."""
    for version, event in enumerate(events, start=1):
        assert line_of(event)
        state = room.evolve(state, past_of_new(event, "grant/made", version, by))
    return state


def accepted(answer: Decision) -> tuple[Event, ...]:
    """The events of an answer that is no refusal."""
    assert not isinstance(answer, Refusal), answer
    return answer


def refused(answer: Decision) -> tuple[str, tuple[str, ...]]:
    """The code of a refusal and who could."""
    assert isinstance(answer, Refusal), answer
    return answer.code, answer.who_could


def once(room: Any, state: Any, body: Any, by: By, given: Any) -> tuple[Any, Decision]:
    """Do it, and ask for it once more: what was done is done, what was refused is refused alike (invariant 25)."""
    answer: Decision = room.decide(body, state, by, given)
    if isinstance(answer, Refusal):
        assert room.decide(body, state, by, given) == answer
        return state, answer
    then = after(room, state, answer, by)
    assert room.decide(body, then, by, given) == ()
    return then, answer
