"""What has begun is finished, whoever asks it to stop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities import finishing
from activities.finishing import Finishing


class Slow(ActivityInboundInterceptor):
    """An activity that takes a while, and ends well or not."""

    def __init__(self, *, fails: bool = False) -> None:
        self.finished, self.fails = False, fails

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ARG002  (the SDK's name)
        await asyncio.sleep(0.3)
        self.finished = True
        if self.fails:
            raise ConnectionError
        return "done"


async def nothing() -> None:
    """An activity for which the SDK has a definition."""


ASKED = ExecuteActivityInput(fn=nothing, args=[], executor=None, headers={})


async def test_a_cancelled_activity_comes_to_its_end_and_gives_its_result() -> None:
    slow, env = Slow(), ActivityEnvironment()

    @activity.defn
    async def asked() -> Any:
        return await Finishing().intercept_activity(slow).execute_activity(ASKED)

    running = asyncio.ensure_future(env.run(asked))
    await asyncio.sleep(0.05)
    env.cancel()
    assert await running == "done"
    assert slow.finished


async def test_what_an_activity_raises_is_raised() -> None:
    @activity.defn
    async def asked() -> Any:
        return await Finishing().intercept_activity(Slow(fails=True)).execute_activity(ASKED)

    with pytest.raises(ConnectionError):
        await ActivityEnvironment().run(asked)


async def test_while_it_lasts_the_server_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "BEAT_SECONDS", 0.05)
    env, beats = ActivityEnvironment(), list[object]()
    env.on_heartbeat = lambda *details: beats.append(details)

    @activity.defn
    async def asked() -> Any:
        return await Finishing().intercept_activity(Slow()).execute_activity(ASKED)

    await env.run(asked)
    assert len(beats) >= 3
