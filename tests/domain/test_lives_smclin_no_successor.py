"""The hypothetical end of the network by the rules alone: triggered, six posts redeployed, everything evidenced, closed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import TypeVar

from domain import grant as grants
from domain.calendar import day_of
from domain.chasing import DutyEscalated, DutyReminded
from domain.closing import DisposeRecords
from domain.dispositions import RecordDisposition
from domain.ending import ExitArmed, ExitCompleted, ExitTriggered
from domain.expenditure import Cost, RecordCosts
from domain.figures import Figures, figures
from domain.model import SYSTEM, CommandBody, Event, Past, Refusal
from domain.outlook import Outlook
from tests.lives import Lived, case_of, live, organisation_of

CASE = "what-if/smclin-no-successor"
CAP = 49_500_000
OFFICER = "posts of officer (rank not stated) in SMCLIN"
LAST_FUNDED = date(2023, 3, 31)
LAST_SECOND = datetime(2023, 3, 31, 22, 59, 59, tzinfo=UTC)
Kind = TypeVar("Kind", bound=Event)


@cache
def lived() -> tuple[Lived, ...]:
    case = case_of(CASE)
    return tuple(live(case, organisation_of(case.organisation)))


@cache
def bodies() -> tuple[CommandBody, ...]:
    case = case_of(CASE)
    return tuple(case.body_of(step) for step in case.steps)


def rows() -> list[Cost]:
    return [row for body in bodies() if isinstance(body, RecordCosts) for row in body.rows]


def step(name: str) -> Lived:
    return next(each for each in lived() if each.step.step == name)


def at(day: str, known: str = "close") -> Figures:
    return figures(step(known).after, date.fromisoformat(day), date.fromisoformat(day))


def of(kind: type[Kind]) -> list[tuple[Kind, Past]]:
    return [(past.body, past) for each in lived() for past in each.pasts if isinstance(past.body, kind)]


def owed(known: str) -> set[tuple[str, str, str]]:
    return {(each.duty.name, each.duty.subject, each.duty.owner) for each in step(known).owed if each.duty.owner != SYSTEM}


# The exit -------------------------------------------------------------------------------------------------------------


def test_it_is_marked_as_invented_wherever_it_is_shown() -> None:
    standing = Outlook(step("close").after, organisation_of("mopac")).standing()
    assert (standing["hypothetical"], standing["clock"], standing["stage"]) == (True, "rehearsal", "closed")


def test_somebody_is_reminded_long_before_the_end_that_there_is_no_successor() -> None:
    told = [(body.rung, body.to, day_of(past.recorded)) for body, past in (*of(DutyReminded), *of(DutyEscalated)) if body.duty == "exit.averted"]
    assert sorted(set(told), key=lambda each: each[2]) == [
        ("long ahead", "grants-team", date(2022, 10, 11)),
        ("ahead", "grants-team", date(2023, 1, 6)),
        ("soon", "grants-team", date(2023, 2, 17)),
        ("last", "chief-finance-officer", date(2023, 3, 17)),
    ]


def test_the_exit_is_armed_for_the_last_funded_day_and_triggered_in_its_last_second() -> None:
    ((armed, armed_past),), ((triggered, triggered_past),) = of(ExitArmed), of(ExitTriggered)
    assert (armed.ends, day_of(armed_past.recorded)) == (LAST_FUNDED, date(2023, 2, 17))
    assert (triggered.ends, triggered_past.recorded, triggered_past.actor) == (LAST_FUNDED, LAST_SECOND, SYSTEM)
    assert at("2023-06-14").exit.triggered == LAST_FUNDED
    assert at("2023-06-14").exit.averted_by is None


def test_from_that_night_on_the_project_owes_a_disposition_of_each_post_asset_and_contract() -> None:
    assert {each for each in owed("redeployed-april") if each[0] == "disposition.recorded"} == {
        ("disposition.recorded", OFFICER, "mps-project"),
        ("disposition.recorded", "equipment-2022-23", "mps-project"),
        ("disposition.recorded", "storage-licence", "mps-project"),
    }
    assert not [each for each in owed("licence-ended") if each[0] == "disposition.recorded"]


def test_six_posts_were_funded_on_the_last_day_and_six_are_redeployed_each_once() -> None:
    asked = {body.disposition: body.posts.count for body in bodies() if isinstance(body, RecordDisposition) and body.posts}
    shown = [each for each in at("2023-06-14").exit.dispositions if each.count]
    assert at("2023-03-31").posts_funded == sum(asked.values()) == 6
    assert [(each.disposition, each.count, each.fate, each.to, each.on) for each in shown] == [
        ("officers-april", 4, "redeployed", "Existing posts in the MPS", "2023-04-03"),
        ("officers-may", 2, "redeployed", "Existing posts in the MPS", "2023-05-02"),
    ]


def test_the_equipment_is_kept_at_what_it_cost_and_the_licence_ends() -> None:
    spent = sum(row.net_pence for row in rows() if row.category == "operational-equipment")
    found = at("2023-06-14").exit
    assert [(each.asset, each.held, each.pence) for each in found.assets] == [("storage-licence", "contract", None), ("equipment-2022-23", "asset", spent)]
    assert {each.what: each.fate for each in found.dispositions if each.count is None} == {"storage-licence": "ended", "equipment-2022-23": "retained"}


def test_what_became_of_people_is_shown_from_the_day_on_which_it_happened() -> None:
    assert [len(at(day).exit.dispositions) for day in ("2023-03-30", "2023-04-02", "2023-04-03", "2023-04-28", "2023-05-02")] == [0, 1, 2, 3, 4]


def test_the_exit_is_completed_with_its_last_disposition() -> None:
    ((completed, past),) = of(ExitCompleted)
    assert (completed.posts, completed.assets, past.command) == (6, 2, step("licence-ended").command.id)
    assert at("2023-06-14").exit.completed == past.recorded


# Evidence -------------------------------------------------------------------------------------------------------------


def test_every_disposition_has_its_evidence_in_the_end_and_the_one_without_stood_as_an_exception() -> None:
    assert all(each.evidence for each in at("2023-06-14").exit.dispositions)
    (before,), (after,) = at("2023-05-14").exceptions, at("2023-06-14").exceptions
    assert (before.exception, before.owner, before.closed) == ("disposition-evidence/officers-may", "chief-finance-officer", None)
    assert (after.how, after.closed) == ("put right by what was recorded since", datetime(2023, 5, 15, 9, tzinfo=UTC))


def test_the_funders_condition_was_owed_by_finance_and_is_met_with_its_statement() -> None:
    assert ("condition.met", "outturn-statement", "mps-finance") in owed("paid-q4")
    (row,) = at("2023-06-14").conditions
    assert (row.of, row.due, row.open, row.met, row.waived, row.evidence) == ("agreement-2022-23", date(2023, 6, 30), False, "2023-06-06", None, 1)


def test_the_promised_review_was_made() -> None:
    (row,) = at("2023-06-14").reviews
    assert (row.review, row.blocks_close, [each.on for each in row.made]) == ("eia-feedback", True, ["2023-04-28"])


def test_the_parents_assessment_and_its_later_review_are_two_editions() -> None:
    found = [(each.form, each.edition, each.finding, each.shared_with) for each in at("2023-06-14").assessments]
    hub = "Social Media Hub"
    assert found == [("dpia", 1, "completed", hub), ("dpia", 2, "reviewed", hub), ("eia", 1, "completed", hub)]


# Money and the close --------------------------------------------------------------------------------------------------


def test_only_actual_expenditure_is_agreed_and_received_and_the_rest_of_the_cap_lapses() -> None:
    found, spent = at("2023-06-14"), sum(row.net_pence for row in rows())
    assert (found.cap_pence, found.caps_by_year) == (CAP, {"2022/23": CAP})
    assert found.claimed_pence == found.agreed_pence == found.received_pence == found.outturn_pence == spent == 42_889_969
    assert (found.lapsed_pence, found.forfeited_pence, found.debtor_pence, found.excluded_pence) == (CAP - spent, 0, 0, 0)
    assert 0 < found.agreed_pence < found.cap_pence


def test_closed_and_kept_for_six_years_from_the_last_funded_day() -> None:
    last = lived()[-1]
    assert grants.closed(last.after)
    assert last.owed == ()
    found = at("2023-06-14").exit
    assert (found.retention_until, found.records_disposed) == (date(2029, 3, 31), False)


def test_nobody_is_found_to_carry_on() -> None:
    assert at("2023-06-14").successors == ()


# What was tried -------------------------------------------------------------------------------------------------------

REFUSED = {
    "waive-unmandated": ("authority.not_mandated", ("deputy-mayor", "chief-finance-officer")),
    "strategy-too-late": ("exit.triggered", ()),
    "close-with-posts": ("close.not_yet", ()),
    "accept-unexplained": ("assurance.exception_unexplained", ("chief-finance-officer",)),
    "reconcile-unpaid": ("reconcile.not_yet", ()),
    "waive-condition": ("authority.not_mandated", ("deputy-mayor", "chief-executive")),
    "dispose-too-early": ("retention.not_over", ()),
}


def test_seven_things_are_refused_each_with_its_rule_and_who_could() -> None:
    refusals = {each.step.step: each.decision for each in lived() if isinstance(each.decision, Refusal)}
    assert {name: (each.code, each.who_could) for name, each in refusals.items()} == REFUSED
    assert all(each.source and each.why for each in refusals.values())


def test_the_close_was_refused_for_two_officers_of_six_and_for_what_the_money_had_bought() -> None:
    refusal = step("close-with-posts").decision
    assert isinstance(refusal, Refusal)
    assert f"there is no disposition of 2 of 6 {OFFICER}, contract storage-licence, asset equipment-2022-23" in refusal.why
    assert "condition outturn-statement is neither met nor waived; review eia-feedback was promised and is not made" in refusal.why


def test_the_records_can_be_disposed_of_the_day_after_the_last_one_on_which_they_are_kept() -> None:
    grant, organisation = lived()[-1].after, organisation_of("mopac")
    sent = step("dispose-too-early").command
    body = DisposeRecords(how="The file is destroyed").model_dump(mode="json")
    answers = [
        grants.decide(sent.model_copy(update={"at": day, "body": body}), grant, organisation, day)
        for day in (datetime(2029, 3, 31, 22, 59, tzinfo=UTC), datetime(2029, 3, 31, 23, 1, tzinfo=UTC))
    ]
    assert [each.code if isinstance(each, Refusal) else [event.wire for event in each] for each in answers] == ["retention.not_over", ["records.disposed"]]
