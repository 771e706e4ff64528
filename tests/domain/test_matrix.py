"""Who may do what with a paper at which stage: every actor, every command, every stage, as one table held against the rules.

A cell is ``done``, or the code of the refusal without its first word. The whole way of a command is asked: the mandate of the
scheme, then the room of approvals. The half decided paper has a second decider; the one at the board has its advisers beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain import opening
from domain.acting import acting
from domain.approval import Command, Given, decide
from domain.between import Between
from domain.grant import Grant
from domain.model import RULES, SYSTEM, By, Refusal
from domain.organisation import Cover, Holding, Organisation
from tests.domain.papers import (
    ANN,
    APPROVED,
    BEN,
    BY_BOARD,
    CLEO,
    COVER,
    COVERED,
    DECIDED,
    DORA,
    EVE,
    FAY,
    HOLDINGS,
    LEO,
    SAM,
    SUBMITTED,
    TO_ADVISERS,
    TO_BOARD,
    TO_DECIDER,
    TWO_DECIDE,
    Wish,
    advised,
    by,
    edited,
    known,
    minuted,
    organisation,
    sent_back,
    state_of,
)

GIL, HAL, OLD = "gil", "hal", "old"
"""Gil covers Ann, Hal covers Fay, and Old decided papers until the day before."""

ACTORS: Mapping[str, By] = {
    "ann, who drafted": by(ANN, COVERED),
    "ben, who drafts too": by(BEN, COVERED),
    "gil for ann": by(GIL, COVERED, ANN),
    "fay of finance": by(FAY, COVERED),
    "hal for fay": by(HAL, COVERED, FAY),
    "leo of legal": by(LEO, COVERED),
    "dora, who decides": by(DORA, COVERED),
    "cleo for dora": by(CLEO, COVERED, DORA),
    "ann for dora": by(ANN, COVERED, DORA),
    "fay for dora": by(FAY, COVERED, DORA),
    "sam, the secretary": by(SAM, COVERED),
    "old, who has left": by(OLD, COVERED),
    "eve, an outsider": by(EVE, COVERED),
    "the system": by(SYSTEM, COVERED),
}
COMMANDS: Mapping[str, Command] = {
    "edits": edited("typo", title="Variation."),
    "submits": SUBMITTED,
    "advises": advised("finance"),
    "minutes": minuted(),
    "decides": APPROVED,
    "sends back": sent_back(),
}
STAGES: Mapping[str, tuple[tuple[Wish, ...], Given]] = {
    "drafted": (TO_ADVISERS[:1], known()),
    "submitted": (TO_ADVISERS, known()),
    "at the board": (TO_BOARD, BY_BOARD),
    "advised": (TO_DECIDER, known()),
    "half decided": ((*TO_DECIDER, (APPROVED, by(DORA))), TWO_DECIDE),
    "decided": (DECIDED, known()),
    "sent back": ((*TO_DECIDER, (sent_back(), by(DORA))), known()),
}
TABLE = """
EDITS                drafted           submitted         at the board      advised           half decided      decided           sent back
ann, who drafted     done              done              done              done              done              already_decided   done
ben, who drafts too  done              done              done              done              done              already_decided   done
gil for ann          done              done              done              done              done              already_decided   done
fay of finance       not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
hal for fay          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
leo of legal         not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
dora, who decides    not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
cleo for dora        no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
ann for dora         no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
fay for dora         no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
sam, the secretary   not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
old, who has left    not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
eve, an outsider     not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
the system           not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated

SUBMITS              drafted           submitted         at the board      advised           half decided      decided           sent back
ann, who drafted     done              already_submitted already_submitted already_submitted already_submitted already_decided   done
ben, who drafts too  done              already_submitted already_submitted already_submitted already_submitted already_decided   done
gil for ann          done              already_submitted already_submitted already_submitted already_submitted already_decided   done
fay of finance       not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
hal for fay          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
leo of legal         not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
dora, who decides    not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
cleo for dora        no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
ann for dora         no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
fay for dora         no_cover          no_cover          no_cover          no_cover          no_cover          no_cover          no_cover
sam, the secretary   not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
old, who has left    not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
eve, an outsider     not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated
the system           not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated      not_mandated

ADVISES              drafted           submitted         at the board      advised           half decided      decided           sent back
ann, who drafted     not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
ben, who drafts too  not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
gil for ann          not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
fay of finance       not_submitted     done              done              already_advised   already_advised   already_decided   not_submitted
hal for fay          not_submitted     done              done              already_advised   already_advised   already_decided   not_submitted
leo of legal         not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
dora, who decides    not_submitted     not_your_step     not_your_step     not_your_step     own_decision      already_decided   not_submitted
cleo for dora        not_submitted     no_cover          no_cover          no_cover          own_decision      already_decided   not_submitted
ann for dora         not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
fay for dora         not_submitted     no_cover          no_cover          no_cover          own_decision      already_decided   not_submitted
sam, the secretary   not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
old, who has left    not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
eve, an outsider     not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
the system           not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted

MINUTES              drafted           submitted         at the board      advised           half decided      decided           sent back
ann, who drafted     not_submitted     own_paper         own_paper         own_paper         own_paper         own_paper         not_submitted
ben, who drafts too  not_submitted     no_step           not_your_step     no_step           no_step           no_step           not_submitted
gil for ann          not_submitted     own_paper         own_paper         own_paper         own_paper         own_paper         not_submitted
fay of finance       not_submitted     no_step           not_your_step     no_step           no_step           no_step           not_submitted
hal for fay          not_submitted     no_step           no_cover          no_step           no_step           no_step           not_submitted
leo of legal         not_submitted     no_step           not_your_step     no_step           no_step           no_step           not_submitted
dora, who decides    not_submitted     no_step           not_your_step     no_step           own_decision      own_decision      not_submitted
cleo for dora        not_submitted     no_step           no_cover          no_step           own_decision      own_decision      not_submitted
ann for dora         not_submitted     own_paper         own_paper         own_paper         own_paper         own_paper         not_submitted
fay for dora         not_submitted     no_step           no_cover          no_step           own_decision      own_decision      not_submitted
sam, the secretary   not_submitted     no_step           done              no_step           no_step           no_step           not_submitted
old, who has left    not_submitted     no_step           not_your_step     no_step           no_step           no_step           not_submitted
eve, an outsider     not_submitted     no_step           not_your_step     no_step           no_step           no_step           not_submitted
the system           not_submitted     no_step           not_your_step     no_step           no_step           no_step           not_submitted

DECIDES              drafted           submitted         at the board      advised           half decided      decided           sent back
ann, who drafted     not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
ben, who drafts too  not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
gil for ann          not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
fay of finance       not_submitted     not_your_step     not_your_step     own_advice        own_advice        already_decided   not_submitted
hal for fay          not_submitted     no_cover          no_cover          own_advice        own_advice        already_decided   not_submitted
leo of legal         not_submitted     not_your_step     not_your_step     own_advice        own_advice        already_decided   not_submitted
dora, who decides    not_submitted     not_yet           not_yet           done              already_taken     already_decided   not_submitted
cleo for dora        not_submitted     not_yet           not_yet           done              already_taken     already_decided   not_submitted
ann for dora         not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
fay for dora         not_submitted     not_yet           not_yet           own_advice        own_advice        already_decided   not_submitted
sam, the secretary   not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
old, who has left    not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
eve, an outsider     not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
the system           not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted

SENDS BACK           drafted           submitted         at the board      advised           half decided      decided           sent back
ann, who drafted     not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
ben, who drafts too  not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
gil for ann          not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
fay of finance       not_submitted     not_your_step     not_your_step     own_advice        own_advice        already_decided   not_submitted
hal for fay          not_submitted     no_cover          no_cover          own_advice        own_advice        already_decided   not_submitted
leo of legal         not_submitted     not_your_step     not_your_step     own_advice        own_advice        already_decided   not_submitted
dora, who decides    not_submitted     not_yet           not_yet           done              already_taken     already_decided   not_submitted
cleo for dora        not_submitted     no_cover          no_cover          no_cover          no_cover          no_cover          not_submitted
ann for dora         not_submitted     own_paper         own_paper         own_paper         own_paper         already_decided   not_submitted
fay for dora         not_submitted     not_yet           not_yet           own_advice        own_advice        already_decided   not_submitted
sam, the secretary   not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
old, who has left    not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
eve, an outsider     not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
the system           not_submitted     not_your_step     not_your_step     not_your_step     not_your_step     not_your_step     not_submitted
"""


def test_every_actor_gets_at_every_stage_the_answer_of_the_table() -> None:
    assert table() == TABLE.strip("\n")


@pytest.mark.parametrize("said", ["done", "own_paper", "own_advice", "own_decision", "not_yet", "no_cover", "not_mandated", "already_taken", "already_decided"])
def test_the_table_reaches_each_kind_of_answer(said: str) -> None:
    assert said in TABLE.split()


def test_the_last_word_of_a_code_in_the_table_names_one_rule_of_the_chain() -> None:
    shorts = [code.split(".")[1] for code in RULES if code.startswith(("approval.", "duty.", "authority."))]
    assert len(set(shorts)) == len(shorts)


def table() -> str:
    """The whole table as the rules answer now."""
    width = max(map(len, ACTORS)) + 2
    return "\n\n".join("\n".join(_of_command(name, body, width)) for name, body in COMMANDS.items())


def _of_command(name: str, body: Command, width: int) -> Iterator[str]:
    yield _row(name.upper(), list(STAGES), width)
    for actor, who in ACTORS.items():
        yield _row(actor, [answer(body, who, *stage) for stage in STAGES.values()], width)


def _row(name: str, cells: list[str], width: int) -> str:
    return f"{name:<{width}}{''.join(f'{each:<18}' for each in cells)}".rstrip()


def answer(body: Command, who: By, wishes: tuple[Wish, ...], given: Given) -> str:
    """What becomes of a command at a stage."""
    given, state = replace(given, organisation=staffed()), state_of(*wishes, given=given)
    grant = Grant("grant/g", opening=opening.State(policy=given.policy), approval=state)
    may = acting(body, who, Between(grant, given.organisation, {}))
    decision = may if isinstance(may, Refusal) else decide(body, state, may, given)
    return decision.code.split(".")[1] if isinstance(decision, Refusal) else "done"


def staffed() -> Organisation:
    yesterday = COVERED.date() - timedelta(days=1)
    left = Holding(person=OLD, office="decider", first=date(2016, 1, 1), last=yesterday)
    first, last = COVERED.date(), COVERED.date()
    cover = (
        Cover(person=GIL, principal=ANN, office="grants-team", first=first, last=last, reason="away"),
        Cover(person=HAL, principal=FAY, office="finance", first=first, last=last, reason="away"),
    )
    return organisation(holdings=(*HOLDINGS, left), cover=(*COVER, *cover))
