"""Cases played together: which waits for which, and what is said where one did not go as expected."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from app.case_file import Case
from app.cli import playing
from app.cli.playing import PlayedCase
from app.errors import GrantsError, MisusedError
from app.session import Session
from tests.lives import case_of

BEGUN: list[str] = []


def named(name: str, *after: str) -> Case:
    return case_of("alpha-2020-21").model_copy(update={"case": name, "after": after})


async def stand_in(case: Case, *_: object) -> PlayedCase:
    await asyncio.sleep(0)
    BEGUN.append(case.case)
    return PlayedCase(case.case, case.grant, 1, 1, 0, 0, None)


async def played(monkeypatch: pytest.MonkeyPatch, *cases: Case) -> list[str]:
    BEGUN.clear()
    monkeypatch.setattr(playing, "_play", stand_in)
    ends = playing._ends(cases)
    session = cast("Session", SimpleNamespace())
    await asyncio.wait_for(asyncio.gather(*(playing._in_turn(each, session, lambda _: None, ends) for each in cases)), 5)
    return list(BEGUN)


async def test_a_case_is_played_after_those_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await played(monkeypatch, named("third", "second"), named("second", "first"), named("first")) == ["first", "second", "third"]


async def test_a_case_that_is_not_played_here_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await played(monkeypatch, named("second", "elsewhere")) == ["second"]


def test_cases_that_wait_for_each_other_are_not_played() -> None:
    with pytest.raises(MisusedError, match="wait for each other"):
        playing._ends([named("one", "other"), named("other", "one")])


@pytest.mark.parametrize("as_json", [False, True])
def test_what_went_wrong_with_a_case_is_said_once(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    found = [PlayedCase("small", "small", 2, 2, 0, 0, "small, step x: expected accepted"), PlayedCase("other", "other", 2, 2, 0, 0, None)]
    with pytest.raises(GrantsError, match="small, step x: expected accepted"):
        playing.report(found, as_json=as_json)
    out = capsys.readouterr().out
    assert ("small, step x" in out) is as_json
    assert as_json or "ended early" in out
