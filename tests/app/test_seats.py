"""The inbox where nobody sits in an office: its step waits on whoever may stand in, and every row says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from app import views
from app.cli.tables import _wait
from app.home import Home
from app.reader import reading
from domain.organisation import Absence, Cover, Organisation
from tests.lives import organisation_of

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)


def house(*absences: Absence) -> Organisation:
    found = organisation_of("mopac")
    return found.model_copy(update={"charter": found.charter.model_copy(update={"absences": absences}) if found.charter else None})


AWAY = house(Absence(person="p-deputy-mayor", first=date(2026, 12, 1), last=date(2026, 12, 24), reason="leave"))


def standing(home: Home) -> dict[str, Any]:
    """The open grant, its decision one for which the scheme names a stand-in."""
    with reading(home) as reader:
        (row,) = (each for each in views.standings(reader) if each["grant"] == "today")
    for step in row["papers"][0]["steps"]:
        step["stand_in"] = ["chief-executive"]
    return row


def test_a_step_of_an_office_whose_holder_is_away_waits_on_the_stand_in_and_on_the_holder(home: Home) -> None:
    found = [list(views._owed_by(person, standing(home), AWAY, NOW)) for person in ("p-chief-executive", "p-deputy-mayor")]
    assert [[(each["office"], each["seat"], each["as_stand_in"]) for each in rows] for rows in found] == [
        [("deputy-mayor", "away", True)],
        [("deputy-mayor", "away", False)],
    ]


def test_while_the_holder_is_there_nothing_waits_on_the_stand_in(home: Home) -> None:
    assert list(views._owed_by("p-chief-executive", standing(home), house(), NOW)) == []


def test_whoever_covers_the_holder_sees_whom_they_must_name(home: Home) -> None:
    found = house()
    cover = Cover(person="p-legal", principal="p-deputy-mayor", office="deputy-mayor", first=NOW.date(), last=NOW.date(), reason="leave")
    covered = found.model_copy(update={"charter": found.charter.model_copy(update={"cover": (cover,)}) if found.charter else None})
    (row,), (own,) = (list(views._owed_by(person, standing(home), covered, NOW)) for person in ("p-legal", "p-deputy-mayor"))
    assert [(each["as_cover"], each["covers"]) for each in (row, own)] == [(True, ["p-deputy-mayor"]), (False, [])]
    assert _wait(row)[-1] == "as cover for p-deputy-mayor"


def test_a_person_who_only_covers_has_an_inbox(home: Home) -> None:
    with reading(home) as reader:
        cover = Cover(person="p-deputy", principal="p-deputy-mayor", office="deputy-mayor", first=NOW.date(), last=NOW.date(), reason="leave")
        found = reader.organisations()["mopac"]
        assert found.charter
        covered = found.model_copy(update={"charter": found.charter.model_copy(update={"cover": (cover,)})})
        reader.__dict__["organisations"] = lambda: {"mopac": covered}
        assert [each["covers"] for each in views.inbox(reader, "p-deputy", NOW)] == [["p-deputy-mayor"]]


def test_the_list_says_of_each_owner_whether_anybody_sits_in_the_office(home: Home) -> None:
    seats = [views._short(standing(home), NOW, each)["waiting_on"][0]["seat"] for each in (AWAY, house(), None)]
    assert seats == ["away", None, None]


def test_a_row_that_a_build_before_has_left_is_read_as_well(home: Home) -> None:
    row = standing(home)
    before = row | {"figures": row["figures"] | {"papers": row["papers"]}}
    del before["papers"]
    for step in before["figures"]["papers"][0]["steps"]:
        del step["stood_down"]
    assert list(views._owed_by("p-deputy-mayor", before, house(), NOW)) == list(views._owed_by("p-deputy-mayor", row, house(), NOW)) != []
