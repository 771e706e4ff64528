"""Whatever anybody tries in whatever organisation: nobody decides without authority, and every attempt leaves its trace.

Each world is drawn from a number, and so is each life in it. ``GRANTS_LIVES`` asks for another number of lives (``make soak`` does).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.drafting import PaperSubmitted
from domain.model import RULES
from domain.saying import PaperDecided, StepDecided
from domain.scheme import Route
from tests.activities.authority_life import Life, Sent
from tests.activities.authority_moves import MOVES, available, begin
from tests.activities.authority_oracles import hold
from tests.activities.authority_world import world
from tools.vocabulary import load

load()

NAMES = [name for name, (often, _) in MOVES.items() for _ in range(often)]
LIVES = int(os.environ.get("GRANTS_LIVES", "800"))
LENGTH = 40
PAUSED = 1344
"""A life in which a pause ends with a command that is refused."""
TRIED = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 2**16)), min_size=4, max_size=25)
Tried = Iterable[tuple[str, int]]


def lived(number: int, tried: Tried) -> Life:
    """A life in the world of that number, each message of it held against the oracles."""
    life, drawn = Life(world(number)), Random(number)  # noqa: S311  (the same life each time)
    begin(life, drawn)
    available(life, drawn)
    for name, seed in tried:
        MOVES[name][1](life, Random(seed))  # noqa: S311  (as above)
    hold(life)
    return life


def tried_in(number: int) -> Tried:
    """What is tried in the life of that number."""
    drawn = Random(number)  # noqa: S311  (as above)
    return [(drawn.choice(NAMES), drawn.getrandbits(16)) for _ in range(LENGTH)]


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(number=st.integers(0, 10_000), tried=TRIED)
def test_whatever_is_tried_in_whatever_order_nobody_decides_without_authority(number: int, tried: list[tuple[str, int]]) -> None:
    lived(number, tried)


def test_what_a_moment_changes_beside_a_refused_command_is_not_the_commands() -> None:
    life = lived(PAUSED, tried_in(PAUSED))
    beside = [each for each in life.sent if each.code and len(each.pasts) > 1 and each.before.approval != each.after.approval]
    assert [each.command.type for each in beside] == ["AdvanceClock"], "the clock is moved by somebody without an office, and a pause ends"


@cache
def reached() -> Counter[str]:
    """What came of all the lives that are drawn from their numbers: codes, shapes of routes, what decided."""
    return Counter(mark for number in range(LIVES) for sent in lived(number, tried_in(number)).sent for mark in marks(sent))


def marks(sent: Sent) -> Iterator[str]:
    """What of a message is worth reaching."""
    if sent.code:
        yield sent.code
    for past in sent.pasts:
        yield past.body.wire
        match past.body:
            case PaperSubmitted(route=route):
                yield from shapes(route)
            case PaperDecided(items=items):
                yield from (each.outcome for each in items)
            case StepDecided(capacity=capacity):
                yield from ("decided by a stand-in" for _ in [1] if capacity)
                yield from ("decided as cover" for _ in [1] if past.on_behalf_of)
            case _:
                pass


def shapes(route: Route) -> Iterator[str]:
    """The shapes of a route: who says what beside whom."""
    deciding = [each for each in route.steps if each.says == "decide"]
    orders = Counter(each.order for each in route.steps)
    yield "side by side" if max(orders.values()) > 1 else "one after the other"
    yield "one decides" if len(deciding) == 1 else "several decide"
    yield from ("a gate" for each in route.steps if each.says == "gate")
    yield from (f"a group that {each.says}s, of {each.quorum or 'all'}" for each in route.steps if each.group)
    yield from ("a stand-in is named" for each in route.steps if each.stand_in)
    yield from ("a limit is exceeded" for _ in route.short)


ELSEWHERE = {"duty.own_explanation", "duty.own_preparation", "authority.delegation_expired"}
"""Codes of other parts of a grant's life."""

WANTED = (
    *sorted(code for code in RULES if code.split(".")[0] in ("approval", "scheme", "duty", "authority") and code not in ELSEWHERE),
    *("side by side", "one after the other", "one decides", "several decide", "a gate", "a stand-in is named", "a limit is exceeded"),
    *(f"a group that {says}s, of {quorum}" for says in ("advise", "decide") for quorum in (1, 2, "all")),
    *("approved", "approved_lower", "approved_in_principle", "declined", "deferred", "decided as cover", "decided by a stand-in"),
    *("urgency.invoked", "step.recused", "step.delegated", "step.withdrawn", "step.sent_back", "paper.paused", "paper.resumed", "office.told"),
    *("condition.added", "decision.published", "publication.deferred", "variation.applied", "exception.raised", "duty.escalated", "message.foreign"),
)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("mark", WANTED)
def test_the_lives_reach_every_refusal_and_every_shape_of_a_route(mark: str) -> None:
    assert reached()[mark]
