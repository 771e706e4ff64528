"""Taking a step of a paper: what is decided is shown first and confirmed, then sent, and what came of it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import typer

from app import taking
from app.cli import answering, context
from app.cli.decision_words import sections
from app.cli.doing import submitted
from app.cli.out import say, table
from app.decision_record import record_of
from app.errors import MisusedError
from app.home import Home
from app.item_answers import answers
from app.reader import now, reading
from app.session import acting
from app.step_asked import Answer, StepAsked, Verdict
from domain.model import Command, said

Prepared = Callable[[taking.Meant], Answer]
"""The answer, once the paper is known that it is about."""


def decide(asked: StepAsked, answer: Answer, verdict: Verdict, *, yes: bool, as_json: bool) -> None:
    """A decision, its items answered as the verdict says; else as ``take``."""
    take(asked, lambda found: replace(answer, body={**answer.body, "outcomes": answers(found.paper.contents, verdict)}), yes=yes, as_json=as_json)


def take(asked: StepAsked, prepared: Prepared, *, yes: bool, as_json: bool) -> None:
    """Send what a person says of a paper, over what they saw: the whole digest that they give, or what is shown now and confirmed.

    Raises:
        NotFoundError, MisusedError: as ``taking.meant`` and ``taking.command_of``; or nobody is there to confirm.
        UnavailableError: the server cannot be reached.

    """
    home = context.home()
    with reading(home) as reader:
        found = taking.meant(reader, asked, now())
        answer = prepared(found)
        asks = not yes and (asked.content is None or taking.shortened(asked.content))
        command = taking.command_of(found, asked, answer, shown=asks and _somebody())
        shown = record_of(reader, asked.grant, found.paper.id) if asks else None
    if shown is not None:
        _confirm(shown, command, answer)
    with answering.slowed(asked.grant, as_json=as_json):
        sent = context.wait_for(_sent(home, command))
    answering.answer_sent([sent], as_json=as_json)


async def _sent(home: Home, command: Command) -> answering.Sent:
    async with acting(home) as session:
        return await submitted(session, command)


def _somebody() -> bool:
    """Whether somebody sits there who sees what is shown and can confirm it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _confirm(shown: Mapping[str, Any], command: Command, answer: Answer) -> None:
    """Show what it is about, and ask; without a terminal nobody sees it, so nobody is asked."""
    if not _somebody():
        message = "Nobody is here to confirm it: --content DIGEST answers what you saw (`grants show --json` has it beside the paper), --yes what stands now."
        raise MisusedError(message)
    for each in sections(shown):
        table(each.heading, each.columns, each.rows, right=each.figures, aside=True)
    say(_said(command, answer))
    if not typer.confirm("Is that what you want?", err=True):
        say("Nothing was sent.")
        raise typer.Exit(1)


def _said(command: Command, answer: Answer) -> str:
    body = command.body
    whose = f" as {body[answer.names]}" if answer.says else ""
    who = f"{command.actor}{f' for {command.on_behalf_of}' if command.on_behalf_of else ''}"
    items = "".join(map(_item, body.get("outcomes", ())))
    why = "".join(f"\n  {name}: {body[name]}" for name in ("reason", "comment", "until") if body.get(name))
    return f"{who} would {answer.words} {body['paper']}{whose}, over the content {command.content}{items}{why}"


def _item(answered: Mapping[str, Any]) -> str:
    """What becomes of one item, with its amounts, its conditions, and the day until which it is deferred."""
    lines = [f"\n  item {answered['item']}: {answered['outcome'].replace('_', ' ')}"]
    lines += [said("\n    {amount_pence} for {year}", {"amount_pence": pence, "year": year}) for year, pence in (answered.get("pence") or {}).items()]
    lines += [f"\n    condition {each['condition']}, {each['owner']}: {each['words']}" for each in answered.get("conditions", ())]
    lines += [f"\n    {name}: {answered[name]}" for name in ("until", "reason") if answered.get(name)]
    return "".join(lines)
