"""A small soak: good and bad messages to a few grants while workers are killed. `make soak` is the whole one."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.disturbed import place
from tests.soak.soak import Plan, Soaked, soak


@pytest.fixture(scope="module")
async def soaked(temporal_program: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Soaked]:
    seed = int(os.environ.get("GRANTS_TEST_SEED") or random.SystemRandom().randrange(10**6))
    plan = Plan(grants=5, messages=40, seed=seed, breath=0.2, pause=(1, 3), kills=2)
    async with place(temporal_program, tmp_path_factory.mktemp("soak")) as there:
        yield await soak(there, plan, lambda words: print(f"seed {seed}: {words}", file=sys.stderr))  # noqa: T201  (pytest shows it with a failure)


def test_whatever_was_sent_has_the_outcome_that_it_must_have_and_nothing_failed(soaked: Soaked) -> None:
    assert soaked.faults() == [], f"seed {soaked.plan.seed}"


def test_a_third_of_it_was_bad_of_every_kind(soaked: Soaked) -> None:
    assert sum(soaked.sent.values()) == 200
    assert soaked.sent["good"] == 135
    assert set(soaked.sent) == {"good", "malformed", "duplicated", "stale", "forged", "unsigned"}
    assert set(soaked.audited["outcomes"]) == {"accepted", "refused", "quarantined", "repeated"}
