"""The grants of another organisation by the rules alone: trustees, calendar years, half-years, Scotland, match, VAT kept.

Every figure is added up here from the case file as written, without a line of the product.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, TypeVar

import pytest

from domain import grant as grants
from domain.calendar import day_of
from domain.chasing import DutyEscalated, DutyReminded
from domain.ending import ExitArmed, ExitAverted, ExitCompleted, ExitTriggered
from domain.figures import Figures, figures
from domain.model import SYSTEM, Event, Past, Refusal
from domain.outlook import Outlook
from domain.returns import ReturnOpened
from tests.case_sums import CaseSums, pennies
from tests.lives import Lived, case_of, live, organisation_of

WARDENS, ROOM = "trust-2024/shore-wardens", "trust-2024/warm-room"
ORGANISATION = "tidewell-trust"
RATES = {("wardens", WARDENS): 100, ("boat", WARDENS): 75, ("room", ROOM): 60}
"""What the funder pays of each line, in hundredths."""

LATER = date(2026, 6, 1)
Kind = TypeVar("Kind", bound=Event)


@cache
def lived(name: str) -> tuple[Lived, ...]:
    case = case_of(name)
    return tuple(live(case, organisation_of(case.organisation)))


def step(name: str, of: str) -> Lived:
    return next(each for each in lived(name) if each.step.step == of)


def at(name: str, day: date = LATER, known: str = "close") -> Figures:
    return figures(step(name, known).after, day, day)


def happened(name: str, kind: type[Kind]) -> list[tuple[Kind, Past]]:
    return [(past.body, past) for each in lived(name) for past in each.pasts if isinstance(past.body, kind)]


# What the file says, added up by itself ---------------------------------------------------------------------------------


def gross(row: Any) -> int:
    """What a cost comes to: with its VAT where nobody gives that back."""
    return pennies(row["net_pence"]) + (pennies(row["vat_pence"]) if row.get("vat_recoverable") is False else 0)


def paid(name: str, row: Any) -> int:
    """The funder's share to the penny; the nearer whole penny is also the larger remainder of two shares."""
    return (gross(row) * RATES[row["line"], name] + 50) // 100


def claimable(name: str, year: str) -> list[Any]:
    barred = {"rent", "equipment"} if name == ROOM else set()
    return [row for row in CaseSums(name).rows() if str(row["incurred"]).startswith(year) and row["category"] not in barred]


def disallowed(name: str, year: str) -> int:
    answers = [each["body"] for each in CaseSums(name).accepted("RecordReturnAgreed") if each["body"]["period"].endswith(year)]
    return sum(pennies(row["pence"]) for body in answers for row in body.get("disallowed", ()))


def caps(name: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for command in ("ExecuteAgreement", "ApplyVariation"):
        for each in CaseSums(name).accepted(command):
            for line in _lines(name, each["body"]):
                sums[line["year"]] = sums.get(line["year"], 0) + pennies(line["pence"])
    return sums


def _lines(name: str, body: Any) -> list[Any]:
    if "lines" in body:
        return list(body["lines"])
    return [line for each in CaseSums(name).accepted("ReceiveVariation") if each["body"]["variation"] == body["variation"] for line in each["body"]["lines"]]


def agreed(name: str, year: str) -> int:
    return sum(paid(name, row) for row in claimable(name, year)) - disallowed(name, year)


def forfeited(name: str, year: str) -> int:
    return sum(pennies(each["body"]["pence"]) for each in CaseSums(name).accepted("RecordForfeit") if each["body"]["year"] == year)


# Money ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "cap", "outturn"), [(WARDENS, 9_400_000, 8_202_685), (ROOM, 2_760_000, 1_673_614)])
def test_the_outturn_is_the_funders_share_of_what_was_spent_less_what_was_disallowed(name: str, cap: int, outturn: int) -> None:
    found, years = at(name), ("2024", "2025")
    assert found.caps_by_year == caps(name)
    assert found.cap_pence == sum(caps(name).values()) == cap
    assert found.agreed_pence == sum(agreed(name, year) for year in years) == outturn
    assert found.received_pence == CaseSums(name).cash("2024-01-01", "2026-12-31") == outturn
    assert (found.debtor_pence, found.outturn_pence) == (0, outturn)
    assert 0 < found.agreed_pence < found.cap_pence


@pytest.mark.parametrize("name", [WARDENS, ROOM])
def test_each_years_cap_is_agreed_lapsed_or_forfeited_and_nothing_is_carried(name: str) -> None:
    lapsed = {year: cap - agreed(name, year) - forfeited(name, year) for year, cap in caps(name).items()}
    found = at(name)
    assert {each.year: each.agreed_pence for each in found.years} == {year: agreed(name, year) for year in caps(name)}
    assert {each.year: each.lapsed_pence for each in found.years} == lapsed
    assert found.lapsed_pence == sum(lapsed.values()) > 0
    assert found.forfeited_pence == sum(forfeited(name, year) for year in caps(name))
    assert found.cap_pence == found.agreed_pence + found.lapsed_pence + found.forfeited_pence


@pytest.mark.parametrize(("name", "own"), [(WARDENS, 480_938), (ROOM, 1_119_743)])
def test_the_rest_of_each_cost_is_the_trusts_own_match(name: str, own: int) -> None:
    rows = [row for year in caps(name) for row in claimable(name, year)]
    assert at(name).match_pence == sum(gross(row) - paid(name, row) for row in rows) == own


def test_of_two_amounts_of_vat_the_one_that_is_recovered_is_no_cost() -> None:
    by_key = {row["key"]: row for row in CaseSums(WARDENS).rows()}
    assert (gross(by_key["w-fuel-2024"]), gross(by_key["w-bus-2024"])) == (41_250, 34_368)
    prepared = step(WARDENS, "prepare-h1-2024").after.recovery.returns["H1 2024"].prepared
    assert prepared is not None
    claimed = {row.key: row.pence for row in prepared.included}
    assert (claimed["w-fuel-2024"], claimed["w-bus-2024"]) == (41_250, 34_368)
    assert (claimed["w-boat"], claimed["w-radios"]) == (1_282_500, 65_815)
    assert prepared.claim_pence == 3_013_933


def test_rent_is_the_trusts_own_and_an_oven_is_nobodys_to_claim() -> None:
    (oven,) = (row for row in CaseSums(ROOM).rows() if row["key"] == "r-oven")
    assert at(ROOM).excluded_pence == gross(oven) == 501_600
    prepared = step(ROOM, "prepare-h2-2024").after.recovery.returns["H2 2024"].prepared
    assert prepared is not None
    assert {row.key: row.reason for row in prepared.excluded if row.reason != "match"} == {
        "r-oven": "category",
        "r-rent-h1": "host_borne",
        "r-rent-h2": "host_borne",
    }


def test_at_the_end_of_2024_half_of_it_was_not_claimed_yet() -> None:
    then = figures(step(WARDENS, "paid-h1-2024").after, date(2024, 12, 31), date(2024, 12, 31))
    first_half = [row for row in claimable(WARDENS, "2024") if str(row["incurred"]) <= "2024-06-30"]
    assert then.agreed_pence == sum(paid(WARDENS, row) for row in first_half) == 3_013_933


# Years, half-years, Scotland --------------------------------------------------------------------------------------------


def test_returns_are_half_yearly_over_calendar_years_and_due_on_working_days_of_scotland() -> None:
    opened = [(body.period, body.window.first, body.window.last, body.due) for body, _ in happened(WARDENS, ReturnOpened)]
    assert opened == [
        ("H1 2024", date(2024, 1, 1), date(2024, 6, 30), date(2024, 8, 6)),
        ("H2 2024", date(2024, 7, 1), date(2024, 12, 31), date(2025, 2, 4)),
        ("H1 2025", date(2025, 1, 1), date(2025, 6, 30), date(2025, 8, 5)),
        ("H2 2025", date(2025, 7, 1), date(2025, 12, 31), date(2026, 2, 4)),
    ]
    submitted = step(WARDENS, "submit-h1-2024").after.recovery.returns["H1 2024"].submitted
    assert submitted is not None
    assert submitted.days_late == 0


def test_a_variation_of_half_a_year_owes_one_return_of_it() -> None:
    assert [body.period for body, _ in happened(ROOM, ReturnOpened)] == ["H1 2024", "H2 2024", "H1 2025"]


def test_nobody_is_reminded_on_a_day_on_which_the_office_is_closed() -> None:
    closed = {date(2024, 1, 1), date(2024, 1, 2), date(2024, 8, 5), date(2024, 12, 2), date(2024, 12, 31), date(2025, 1, 2), date(2025, 8, 4)}
    told = [day_of(past.recorded) for name in (WARDENS, ROOM) for kind in (DutyReminded, DutyEscalated) for _, past in happened(name, kind)]
    assert told
    assert closed.isdisjoint(told)
    assert all(day.weekday() < 5 for day in told)


# Who decides ------------------------------------------------------------------------------------------------------------


def test_a_small_grant_is_the_directors_and_a_large_one_the_trustees_and_their_chairs() -> None:
    def route(name: str, of: str, paper: str) -> list[tuple[str, str]]:
        return [(each.step.whose, each.step.says) for each in step(name, of).after.approval.papers[paper].steps]

    assert route(ROOM, "paper-sent", "paper-room") == [("finance-manager", "advise"), ("director", "decide")]
    assert route(ROOM, "more-paper-sent", "paper-more") == [("finance-manager", "advise"), ("trustees-board", "gate"), ("chair", "decide")]
    assert route(WARDENS, "offer-paper-sent", "paper-offer") == [
        ("finance-manager", "advise"),
        ("treasurer", "advise"),
        ("trustees-board", "gate"),
        ("chair", "decide"),
    ]


def test_the_trustees_minute_is_due_at_their_next_meeting() -> None:
    (due,) = (each.duty.due for each in step(WARDENS, "bid-advised-treasurer").owed if each.duty.name == "minute")
    assert due is not None
    assert day_of(due) == date(2023, 9, 12)


def test_the_director_signs_under_a_delegation_of_the_trustees_and_the_record_cites_it() -> None:
    executed = step(WARDENS, "agreement").after.agreement.agreements["agreement-2024"].executed
    assert executed.delegation is not None
    assert "delegated to director until 2023-12-22" in executed.delegation


# The ends ---------------------------------------------------------------------------------------------------------------


def test_one_exit_is_triggered_and_each_post_and_thing_has_its_disposition() -> None:
    ((triggered, past),) = happened(WARDENS, ExitTriggered)
    assert (triggered.ends, day_of(past.recorded), past.actor) == (date(2025, 12, 31), date(2025, 12, 31), SYSTEM)
    ((completed, done),) = happened(WARDENS, ExitCompleted)
    assert (completed.posts, completed.assets, done.command) == (2, 2, step(WARDENS, "mooring-ended").command.id)
    shown = {(each.disposition, each.fate) for each in at(WARDENS).exit.dispositions}
    assert shown == {("warden-one", "redeployed"), ("warden-two", "ended"), ("boat", "transferred"), ("mooring", "ended")}


def test_the_other_exit_is_armed_anew_for_the_later_end_and_averted_by_a_successor_elsewhere() -> None:
    assert [body.ends for body, _ in happened(ROOM, ExitArmed)] == [date(2024, 12, 31), date(2025, 6, 30)]
    assert len(happened(ROOM, ExitAverted)) == 1
    assert happened(ROOM, ExitTriggered) == []


@pytest.mark.parametrize(("name", "until"), [(WARDENS, date(2031, 12, 31)), (ROOM, date(2031, 6, 30))])
def test_both_are_closed_marked_as_invented_with_nothing_owed_and_nothing_to_explain(name: str, until: date) -> None:
    last = lived(name)[-1]
    assert grants.closed(last.after)
    assert last.owed == ()
    standing = Outlook(last.after, organisation_of(ORGANISATION)).standing()
    assert (standing["hypothetical"], standing["stage"]) == (True, "closed")
    found = at(name)
    assert (found.exceptions, found.discrepancies) == ((), ())
    assert found.exit.retention_until == until


def test_what_the_second_funder_pays_stands_beside_and_in_no_return() -> None:
    (row,) = at(WARDENS).related
    assert (row.party, row.cap_pence, row.per) == ("Lantern Foundation", 120_000, "whole")


@pytest.mark.parametrize("name", [WARDENS, ROOM])
def test_every_fact_is_invented_ruled_or_follows(name: str) -> None:
    assert {each.mark for each in case_of(name).facts} == {"assumed", "policy", "derived"}


# What was tried ---------------------------------------------------------------------------------------------------------

REFUSED = {
    WARDENS: {
        "bid-unapproved": ("bid.not_authorised", ("chair",)),
        "no-meeting": ("approval.no_meeting", ("company-secretary",)),
        "signed-early": ("approval.not_yet", ("company-secretary",)),
        "peek": ("authority.not_mandated", ("chair", "treasurer")),
        "signed-late": ("authority.delegation_expired", ("chair", "treasurer")),
        "claim-whole-boat": ("recovery.above_cost", ("bookkeeper", "finance-manager")),
        "certify-own": ("duty.own_preparation", ("finance-manager", "treasurer")),
        "close-with-boat": ("close.not_yet", ()),
    },
    ROOM: {
        "covered-too-soon": ("authority.no_cover", ("director",)),
        "claim-all": ("recovery.above_cost", ("bookkeeper", "finance-manager")),
        "apply-unapproved": ("variation.not_authorised", ("chair",)),
        "director-decides": ("approval.above_limit", ("chair",)),
        "former-secretary": ("approval.not_your_step", ("company-secretary",)),
        "claim-oven": ("recovery.excluded_cost", ()),
    },
}


@pytest.mark.parametrize("name", [WARDENS, ROOM])
def test_what_the_rules_do_not_allow_is_refused_with_code_rule_and_who_could(name: str) -> None:
    refused = {each.step.step: each.decision for each in lived(name) if isinstance(each.decision, Refusal)}
    assert {of: (each.code, each.who_could) for of, each in refused.items()} == REFUSED[name]
    for of, each in refused.items():
        expected = step(name, of).step.expect
        assert not isinstance(expected, str)
        assert (expected.refused, expected.who_could, expected.source) == (each.code, each.who_could, each.source)
        before, after = step(name, of).before, step(name, of).after
        assert (before.approval, before.agreement, before.variation, before.recovery, before.exit) == (
            after.approval,
            after.agreement,
            after.variation,
            after.recovery,
            after.exit,
        )
