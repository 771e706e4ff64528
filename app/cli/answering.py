"""Saying what came of commands, and ending with the exit code that means it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import typer

from app.cli.out import lines, print_json, say
from app.errors import RateLimitedError, RefusedError, UndecidedError
from app.outcomes import Outcome
from domain.calendar import rfc3339
from domain.messages import REASONS, CommandRefused, MessageQuarantined
from domain.model import said

CLAIMED = "Note: {grant} is on the real clock, so what came of {command} is recorded as of now; {claimed_at}, stands in the command, as claimed."
CAME: Mapping[str, str] = MappingProxyType({"accepted": "accepted", "refused": "refused", "quarantined": "put aside"})
OTHER = "  Another message came under this id and was {came}; it is recorded as {0.command}, of which `grants outcome {0.command}` tells."


@dataclass(frozen=True)
class Sent:
    """A command that was sent: its id, and what came of it (null: not decided yet). ``waited``: whether anybody waited.

    ``claimed_at`` is the instant (UTC) that it states though the real clock decides when it happened (null: it states none).
    """

    command: str
    grant: str
    outcome: Outcome | None
    waited: bool
    claimed_at: datetime | None = None


@contextmanager
def slowed(grant: str | None, *, as_json: bool) -> Iterator[None]:
    """Where a sender has sent too much, tell programs when to try again; people are told by the error.

    ``grant`` null: it is for the only organisation of the record.
    """
    try:
        yield
    except RateLimitedError as error:
        if as_json:
            at = error.at.isoformat(timespec="seconds").replace("+00:00", "Z")
            print_json({"grant": grant, "outcome": None, "said": "not sent", "try_again_at": at, "try_again_seconds": error.seconds})
        raise


def answer_sent(sent: Sequence[Sent], *, as_json: bool) -> None:
    """What came of the commands that one file made; one is the rule, several where its rows were too many.

    Exit code 75 where one is waited for and not decided yet, whatever came of the others: it may be refused like any.
    """
    waiting, telling = [each for each in sent if each.outcome is None], "received, not yet decided" if sent[0].waited else "sent"
    if as_json:
        found = [_told(each, telling) for each in sent]
        print_json(found[0] if len(found) == 1 else found)
    else:
        lines(line for each in sent if each.outcome for line in words(each.outcome))
    for each in sent:
        if each.claimed_at:
            say(said(CLAIMED, vars(each)))
    for each in waiting:
        say(f"{each.command}: {telling}. `grants outcome {each.command}` tells what comes of it.")
    if waiting and sent[0].waited:
        raise typer.Exit(UndecidedError.exit_code)
    _end_as([each.outcome for each in sent if each.outcome])


def answer(found: Sequence[Outcome], *, as_json: bool) -> None:
    """The outcomes; exit code 5 if one was refused or put aside."""
    if as_json:
        told = [each.as_json() for each in found]
        print_json(told[0] if len(told) == 1 else told)
    else:
        for each in found:
            lines(words(each))
    _end_as(found)


def _told(sent: Sent, telling: str) -> dict[str, Any]:
    """One command for programs; an instant that is only claimed stands beside what came of it."""
    undecided = {"command_id": sent.command, "grant": sent.grant, "outcome": None, "said": telling}
    claimed = {"claimed_at": rfc3339(sent.claimed_at)} if sent.claimed_at else {}
    return (sent.outcome.as_json() if sent.outcome else undecided) | claimed


def _end_as(found: Sequence[Outcome]) -> None:
    if any(each.kind != "accepted" for each in found):
        raise typer.Exit(RefusedError.exit_code)


def words(outcome: Outcome) -> list[str]:
    """An outcome for people: what happened, or the rule, who could, and what to do; and what came of others under its id."""
    return [*_told_of(outcome), *(OTHER.format(each, came=CAME[each.kind]) for each in outcome.also)]


def _told_of(outcome: Outcome) -> list[str]:
    again = " (as before: this was a repeat)" if outcome.repeated else ""
    head = f"{outcome.kind}{again}: {outcome.command}"
    match outcome.last:
        case CommandRefused() as refused:
            could = [_titled(each, outcome.titles) for each in refused.who_could]
            who = f"  Who could: {', '.join(could)}" if could else "  Nobody could, as things stand."
            remedy = [f"  What to do: {refused.remedy}"] if refused.remedy else []
            return [head, f"  {refused.why}", f"  Rule: {refused.code} ({refused.source})", who, *remedy]
        case MessageQuarantined() as aside:
            claims = [f"  It claims the id {outcome.claims}, under which nothing is decided."] if outcome.claims else []
            put = f"  Put aside: {REASONS[aside.reason]} ({aside.size} bytes, SHA-256 {aside.sha256})"
            return [head, *claims, put, f"  `grants messages {outcome.grant} --quarantined` lists what was put aside there."]
        case _:
            return [head, *(f"  {each['version']:>4}  {each['type']:<24}{each['summary']}" for each in outcome.as_json()["events"])]


def _titled(office: str, titles: Mapping[str, str]) -> str:
    title = titles.get(office, office)
    return office if title == office else f"{title} ({office})"
