"""What an auditor asks first: unusual journals, a sample of claimed cost, people and their authority, exceptions; all by the case file."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.contracts import Message
from app.audit.exceptions import exceptions
from app.audit.journals import journals
from app.audit.leads import leads
from app.audit.people import _used, people
from app.audit.sample import DOES_NOT_PROVE, sample, units
from app.audit.spans import year, year_or_none
from app.errors import NotFoundError
from app.home import Home
from app.reader import Line, Reader, reading
from app.signing import local_signer
from domain.messages import CommandNoted, CommandRefused
from domain.model import By, past_of_new
from store.batch import Row
from tests.app.homes import recorded
from tests.case_sums import EVER, CaseSums, pennies
from tests.lives import case_of

ALPHA = CaseSums("alpha-2020-21")
CLAIMED = ALPHA.agreed(*EVER) + ALPHA.disallowed(*EVER)


@pytest.fixture
def reader(home: Home) -> Iterator[Reader]:
    with reading(home) as found:
        yield found


# Journals ---------------------------------------------------------------------------------------------------------------


def marked(reader: Reader, mark: str, label: str | None = None, usual_days: int = 30) -> list[Any]:
    rows = journals(reader, year_or_none(label), usual_days).tables[0].rows
    return [each for each in rows if mark in each["marks"] and each["grant"] == ALPHA.grant]


@pytest.mark.parametrize("usual_days", [0, 7, 30, 60, 90])
def test_cost_recorded_long_after_its_day_is_back_dated(reader: Reader, usual_days: int) -> None:
    late = {
        row["ledger_ref"]: pennies(row["net_pence"])
        for step in ALPHA.accepted("RecordCosts")
        for row in step["body"]["rows"]
        if (date.fromisoformat(str(step["at"])[:10]) - date.fromisoformat(str(row["incurred"]))).days > usual_days
    }
    found = [each for each in marked(reader, "back-dated", usual_days=usual_days) if each["type"] == "costs.recorded" and each["debit"] == "expenses:project"]
    assert sorted(each["amount_pence"] for each in found) == sorted(late.values())


def test_what_was_recorded_after_its_year_had_ended_is_marked_with_who_did(reader: Reader) -> None:
    found = marked(reader, "after the year's end", "2020/21")
    actual = [each for step in ALPHA.accepted("RecordCosts") if step["step"] == "overtime-actual" for each in step["body"]["rows"]]
    costs = [each["amount_pence"] for each in found if each["type"] == "costs.recorded" and each["credit"] == "liabilities:cost-clearing"]
    assert sorted(costs) == sorted(pennies(each["net_pence"]) for each in actual)
    lapsed = next(each for each in found if each["type"] == "cap.lapsed")
    assert (lapsed["command_id"], lapsed["actor"]) == (f"{ALPHA.grant}/paid-q4", "p-mps-bookkeeper")
    assert lapsed["amount_pence"] == pennies("£1,746,660.80") - ALPHA.agreed(*EVER)
    assert all(each["recorded"] > "2021-04" for each in found)


def test_the_usual_journals_bear_no_mark_and_all_were_tested(reader: Reader) -> None:
    found = journals(reader, None)
    assert found.about["tested_postings"] == len(list(reader_postings(reader)))
    assert found.about["tested_pence"] == sum(reader_postings(reader))
    assert marked(reader, "after the close") == marked(reader, "manual") == []
    assert not [each for each in found.tables[0].rows if each["type"] == "payment.received"]


def told_later(home: Home, folder: Path, **facts: dict[str, Any]) -> Home:
    """A copy of the home, in which facts were recorded after the close: each by the name of its command."""
    shutil.copytree(home.path, folder)
    copy, case = Home(folder), case_of(ALPHA.grant)
    like = case.command_of(next(each for each in case.steps if each.step == "overtime-actual"), None)
    with recorded(copy) as record:
        for day, (name, body) in enumerate(facts.items(), 1):
            command = like.model_copy(update={"id": f"late-{day}", "at": datetime(2021, 7, day, 9, tzinfo=UTC), "type": name, "body": body})
            record.commit(f"grant/{case.grant}", (Message(name=name, payloads=(local_signer(copy.keys).message(command),)),), None)
    return copy


def test_a_cost_recorded_after_the_close_is_marked_and_the_schedule_still_ties(home: Home, tmp_path: Path) -> None:
    row = {**next(ALPHA.rows()), "key": "late", "net_pence": 12_345, "incurred": "2021-03-31"}
    with reading(told_later(home, tmp_path / "copy", RecordCosts={"rows": [row]})) as found:
        assert {(each["command_id"], each["amount_pence"]) for each in marked(found, "after the close")} == {("late-1", 12_345)}
        assert leads(found, year("2021/22")).ok


def test_money_paid_back_is_manual_and_negative_cash(home: Home, tmp_path: Path) -> None:
    money = {"period": "Q4 2020/21", "pence": 700}
    paid = {**money, "payment": "too-much", "on": "2021-07-01", "ledger_ref": "CB-1"}
    back = {**money, "repayment": "back", "on": "2021-07-02", "ledger_ref": "CB-2"}
    cash = ALPHA.cash("2021-04-01", "2022-03-31")
    with reading(told_later(home, tmp_path / "overpaid", RecordPayment=paid)) as found:
        (row,) = leads(found, year("2021/22")).tables[0].rows
        assert (row["cash_pence"], row["closing_pence"], row["difference_pence"]) == (cash + 700, -700, 0)
    with reading(told_later(home, tmp_path / "repaid", RecordPayment=paid, RecordRepayment=back)) as found:
        (row,) = leads(found, year("2021/22")).tables[0].rows
        assert (row["cash_pence"], row["closing_pence"], row["difference_pence"], row["shown_difference_pence"]) == (cash, 0, 0, 0)
        assert [(each["command_id"], each["amount_pence"]) for each in marked(found, "manual")] == [("late-2", 700)]


def reader_postings(reader: Reader) -> Iterator[int]:
    from app import views  # noqa: PLC0415  (only here the ledger itself is read)

    return (each["amount_pence"] for each in views.ledger(reader, None))


# The sample -------------------------------------------------------------------------------------------------------------


def test_the_population_is_every_penny_that_was_claimed(reader: Reader) -> None:
    about = sample(reader, 1, 10).about
    assert about["population_pence"] == CLAIMED
    assert sample(reader, 1, 10, year("2020/21")).about == {**about, "year": "2020/21"}
    assert sample(reader, 1, 10, year("2021/22")).about["population_pence"] == 0


def test_the_pence_drawn_can_be_drawn_again_by_hand() -> None:
    start = int(hashlib.sha256(b"4711").hexdigest(), 16) % 1000
    assert units(1000, 4711, 4) == tuple((start + place * 1000) // 4 for place in range(4))
    assert units(0, 4711, 4) == ()


def test_the_same_seed_draws_the_same_lines_and_another_draws_others(reader: Reader) -> None:
    drawn = [[each["key"] for each in sample(reader, seed, 8).tables[0].rows] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_every_line_drawn_is_a_cost_of_the_case_with_its_reference_and_its_evidence(reader: Reader) -> None:
    costs = {each["key"]: each for each in ALPHA.rows()}
    found = sample(reader, 7, 12).tables[0].rows
    assert 1 <= len(found) <= 12
    assert sum(each["hits"] for each in found) == 12
    for each in found:
        cost = costs[each["key"]]
        assert (each["ledger_ref"], each["kept"], each["evidence"]) == (cost["ledger_ref"], cost["kept"], cost.get("evidence"))
        assert (each["incurred"], each["net_pence"]) == (str(cost["incurred"]), pennies(cost["net_pence"]))


def test_so_many_pence_that_none_is_left_out_draw_every_line(reader: Reader) -> None:
    whole = sample(reader, 3, 10_000).tables[0].rows
    assert sum(each["claimed_pence"] for each in whole) == CLAIMED
    assert sum(each["disallowed_pence"] for each in whole) == ALPHA.disallowed(*EVER)
    interval = -(-CLAIMED // 20)
    assert {each["key"] for each in whole if each["claimed_pence"] >= interval} <= {each["key"] for each in sample(reader, 99, 20).tables[0].rows}


def test_a_hypothetical_grant_is_drawn_from_only_when_it_is_named(reader: Reader) -> None:
    whole, named = sample(reader, 3, 10_000), sample(reader, 3, 10, grant="today")
    assert {each["grant"] for each in whole.tables[0].rows} == {ALPHA.grant}
    assert whole.about["invented_grants_left_out"] == 1
    assert "Anything of 1 grant that says of itself that it is hypothetical, left out here; --grant names one to draw from it." in whole.does_not_prove
    assert (named.about["population_pence"], named.about["invented_grants_left_out"], named.does_not_prove) == (0, 0, DOES_NOT_PROVE)
    with pytest.raises(NotFoundError, match="no grant nothing"):
        sample(reader, 3, 10, grant="nothing")


# People -----------------------------------------------------------------------------------------------------------------


def authority(reader: Reader, label: str, kind: str) -> list[Any]:
    return [each for each in people(reader, year(label)).tables[0].rows if each["kind"] == kind]


def test_cover_stands_in_its_own_year_alone(reader: Reader) -> None:
    found = [(each["person"], each["principal"], each["first"], each["last"], each["act"]) for each in authority(reader, "2020/21", "cover given")]
    assert found == [("p-chief-executive", "p-deputy-mayor", "2021-01-11", "2021-01-15", "DecideStep, SendBackStep")]
    assert authority(reader, "2021/22", "cover given") == []


def test_every_attempt_for_somebody_else_is_named_and_is_no_use_of_cover(reader: Reader) -> None:
    found = {kind: [each["source"] for each in authority(reader, "2020/21", kind)] for kind in ("cover tried", "cover used")}
    attempts = [f"command {ALPHA.grant}/{each['step']}" for each in ALPHA.steps if "for" in each]
    assert found == {"cover tried": attempts, "cover used": []}


@pytest.mark.parametrize(
    ("body", "kind"),
    [(CommandRefused(type="DecideStep", code="c", why="w", who_could=(), source="s"), "cover tried"), (CommandNoted(type="DecideStep"), "cover used")],
)
def test_what_was_done_for_somebody_else_is_a_use_of_cover_unless_it_was_refused(body: CommandRefused | CommandNoted, kind: str) -> None:
    by = By(actor="p-1", on_behalf_of="p-2", now=datetime(2021, 1, 6, 9, tzinfo=UTC), content=None, command="c-1")
    row = Row(0, "grant/g", 1, body.wire, 1, "c-1", "{}", "{}", "0" * 64)
    assert [each["kind"] for each in _used(Line(row, past_of_new(body, "grant/g", 1, by)))] == [kind]


def test_every_certificate_submission_and_application_cites_its_delegation(reader: Reader) -> None:
    used = [each for label in ("2020/21", "2021/22") for each in authority(reader, label, "delegation used")]
    acts = [each for command in ("CertifyReturn", "SubmitReturn", "ApplyVariation") for each in ALPHA.accepted(command)]
    assert len([each for each in used if each["grant"] == ALPHA.grant]) == len(acts)
    assert {each["person"] for each in used if each["grant"] == ALPHA.grant} == {each["by"] for each in acts}
    assert all(each["source"].startswith("Scheme of Consent and Delegation") for each in used)


def test_the_scheme_the_offices_and_the_decisions_of_the_year_stand_there(reader: Reader) -> None:
    assert [each["act"] for each in authority(reader, "2020/21", "scheme in force")] == ["2016-10"]
    assert authority(reader, "2015/16", "scheme in force") == authority(reader, "2015/16", "office held") == []
    assert ("deputy-mayor", "p-deputy-mayor") in {(each["office"], each["person"]) for each in authority(reader, "2020/21", "office held")}
    (taken,) = authority(reader, "2020/21", "decision taken")
    assert (taken["office"], taken["person"], taken["source"]) == ("deputy-mayor", "p-deputy-mayor", "paper paper-914, edition 2016-10 of the scheme")


def test_every_reading_of_part_2_is_named_with_its_office(reader: Reader) -> None:
    found = [(each["person"], each["grant"]) for each in authority(reader, "2020/21", "Part 2 read")]
    assert found == [(each["by"], ALPHA.grant) for each in ALPHA.accepted("ReadRestricted")]


# Exceptions -------------------------------------------------------------------------------------------------------------


def test_the_late_approval_stands_in_the_register_with_its_age_and_its_end(reader: Reader) -> None:
    (row,) = (each for each in exceptions(reader).tables[0].rows if each["grant"] == ALPHA.grant)
    agreement, ratified = (next(each for each in ALPHA.steps if each["step"] == name) for name in ("agreement", "ratified"))
    opened, closed = (date.fromisoformat(str(each["at"])[:10]) for each in (agreement, ratified))
    assert (row["what"], row["owner"], row["closed_by"], row["how"]) == ("late approval", "chief-finance-officer", "p-grants", "ratified by PCD 867")
    assert (row["opened"][:10], row["closed"][:10], row["age_days"]) == (str(opened), str(closed), (closed - opened).days)
    explained = next(each for each in ALPHA.steps if each["step"] == "explain")
    assert (row["explanations"], row["explained_by"]) == ([explained["body"]["explanation"]], explained["by"])


def test_what_is_closed_is_not_among_the_open_ones(reader: Reader) -> None:
    found = exceptions(reader, only_open=True)
    assert all(each["closed"] is None for each in found.tables[0].rows)
    assert ALPHA.grant not in {each["grant"] for each in found.tables[0].rows}
