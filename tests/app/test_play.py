"""Playing a case: what its steps saw, and which day today is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import play
from app.errors import MalformedFileError
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


@pytest.mark.parametrize(
    ("case", "person", "field"),
    [("today", "by: p-legal", "by"), ("today", "by: p-legal, for: p-other", "for"), ("trust-2024/warm-room", "by: p-t-finance", "by")],
)
def test_a_person_that_neither_the_record_nor_the_folder_knows_is_pointed_out(tmp_path: Path, home: Home, case: str, person: str, field: str) -> None:
    known, organisation = person.split(",", maxsplit=1)[0], case_of(case).organisation
    file = tmp_path / "other.yaml"
    file.write_text((CASES / f"{case}.yaml").read_text().replace(known, re.sub(r"[a-z-]+$", "p-stranger", person), 1))
    line = next(number for number, each in enumerate(file.read_text().splitlines(), 1) if "p-stranger" in each)
    with reading(home) as reader, pytest.raises(MalformedFileError) as raised:
        play.case_at(file, reader)
    (problem,) = raised.value.problems
    assert (problem.line, problem.field.split(".")[2], problem.what) == (line, field, f"there is no person p-stranger in {organisation}")


def test_nobody_is_pointed_out_where_neither_the_record_nor_the_folder_knows_the_organisation(tmp_path: Path, home: Home) -> None:
    file = tmp_path / "other.yaml"
    file.write_text((CASES / "today.yaml").read_text().replace("organisation: mopac", "organisation: elsewhere").replace("p-legal", "p-stranger"))
    with reading(home) as reader:
        assert "p-stranger" in {each.by for each in play.case_at(file, reader).steps}


def test_a_step_saw_what_stood_after_the_step_that_it_names_or_just_before_itself(home: Home) -> None:
    case = case_of("alpha-2020-21")
    steps = {each.step: each for each in case.steps}
    with reading(home) as reader:
        seen = {name: play.content_seen(case, steps[name], reader) for name in ("edit", "decide-stale", "decide", "decide-twice", "open")}
    assert seen["edit"] == seen["decide-stale"]
    assert seen["decide"] == seen["decide-twice"]
    assert seen["edit"] != seen["decide"]
    assert seen["open"] is None
