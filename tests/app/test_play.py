"""Playing a case: what its steps saw, and which day today is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import play
from app.home import Home
from app.reader import Reader, reading
from domain.calendar import day_of
from tests.lives import CASES, case_of


class Later(datetime):
    """A clock three days ahead."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        return datetime.now(UTC) + timedelta(days=3)


def opened_on(reader: Reader) -> str:
    return str(day_of(reader.lines("grant/today")[0].past.recorded))


def test_on_a_later_day_a_case_means_the_day_on_which_its_grant_was_opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "datetime", Later)
    with reading(home) as reader:
        steps = {each.step: each for each in play.case_at(CASES / "today.yaml", reader).steps}
        assert steps["agreement"].body["executed"] == opened_on(reader)


def test_a_grant_that_is_not_open_is_dated_from_today(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "datetime", Later)
    file = tmp_path / "other.yaml"
    file.write_text((CASES / "today.yaml").read_text().replace("grant: today", "grant: other"))
    with reading(home) as reader:
        steps = {each.step: each for each in play.case_at(file, reader).steps}
        assert steps["agreement"].body["executed"] == str(day_of(Later.now(UTC)))


def test_a_step_saw_what_stood_after_the_step_that_it_names_or_just_before_itself(home: Home) -> None:
    case = case_of("alpha-2020-21")
    steps = {each.step: each for each in case.steps}
    with reading(home) as reader:
        seen = {name: play.content_seen(case, steps[name], reader) for name in ("edit", "decide-stale", "decide", "decide-twice", "open")}
    assert seen["edit"] == seen["decide-stale"]
    assert seen["decide"] == seen["decide-twice"]
    assert seen["edit"] != seen["decide"]
    assert seen["open"] is None
