"""Where nobody sits in the office that owes something, whoever looks at the grant is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

from domain.grant import Grant
from domain.organisation import Absence, Organisation
from domain.outlook import Outlook
from tests.lives import case_of, live, organisation_of


@cache
def waiting() -> Grant:
    *_, last = live(case_of("today"), organisation_of("mopac"))
    return last.after


def house(*absences: Absence, vacant: bool = False) -> Organisation:
    found = organisation_of("mopac")
    charter = found.charter
    assert charter
    holdings = tuple(each for each in charter.holdings if not (vacant and each.office == "deputy-mayor"))
    return found.model_copy(update={"charter": charter.model_copy(update={"absences": absences, "holdings": holdings})})


AWAY = Absence(person="p-deputy-mayor", first=date(2026, 12, 1), last=date(2026, 12, 24), reason="leave")
IN_IT, AFTER = datetime(2026, 12, 10, 9, tzinfo=UTC), datetime(2026, 12, 25, 0, tzinfo=UTC)


def test_a_duty_of_a_vacant_office_says_that_nobody_holds_it() -> None:
    outlook = Outlook(waiting(), house(vacant=True), IN_IT)
    assert outlook.seat("deputy-mayor") == "vacant"
    assert "; nobody holds Deputy Mayor for Policing and Crime" in outlook.details()


def test_a_duty_of_an_office_whose_holders_are_all_away_says_so_while_they_are() -> None:
    found = [Outlook(waiting(), house(AWAY), at) for at in (IN_IT, AFTER)]
    assert [each.seat("deputy-mayor") for each in found] == ["away", None]
    assert ["; all who hold Deputy Mayor for Policing and Crime are away" in each.details() for each in found] == [True, False]


def test_an_office_that_somebody_sits_in_and_a_party_that_is_no_office_say_nothing() -> None:
    outlook = Outlook(waiting(), house(AWAY), IN_IT)
    assert (outlook.seat("grants-team"), outlook.seat("funder")) == (None, None)
