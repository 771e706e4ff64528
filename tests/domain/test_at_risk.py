"""Specs of what those who wait are told: the money at risk, a day and so far, and that a paper rests, in details, rows and mails."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.chasing import DutyReminded
from domain.model import SYSTEM
from domain.outlook import Outlook, notice
from tests.domain.test_belated import PAPER, advised, at, item, submitted
from tests.domain.test_consequences import begun, does
from tests.domain.test_grant_properties import ORGANISATION, Life


def waiting() -> Life:
    """A paper on £200,000 over ten planned days waits on the Deputy Mayor from 1 to 15 June 2020."""
    life = begun()
    lines = [{"line": "whole", "year": "2020/21", "pence": 100, "categories": ["pay"]}]
    does(life, "RecordExecution", agreement="base", executed="2020-06", lines=lines)
    window = {"first": "2020-10-01", "last": "2020-10-10"}
    uplift = [{"line": "uplift", "year": "2020/21", "pence": 200_000_00, "categories": []}]
    does(life, "ReceiveVariation", variation="v1", agreement="base", made_available="2020-06", planned=window, lines=uplift)
    return advised(submitted(life, PAPER, item("v1", "approve", 200_000_00)))


def reminders(life: Life) -> list[DutyReminded]:
    return [past.body for past in life.pasts if isinstance(past.body, DutyReminded) and past.body.duty == "decide"]


def test_details_tell_what_a_day_costs_and_what_comes_together_by_the_due_day() -> None:
    details = Outlook(waiting().grant, ORGANISATION).details()
    assert "each day of delay puts £20,000.00 at risk, £280,000.00 by 15 June 2020 (straight line, indicative)" in details


def test_after_the_due_day_what_comes_together_grows_by_the_day() -> None:
    found = Outlook(waiting().grant, ORGANISATION, datetime(2020, 6, 20, 9, tzinfo=UTC)).details()
    assert "£20,000.00 at risk, £380,000.00 by 20 June 2020 (straight line, indicative)" in found


def test_a_mail_tells_both_and_when_the_duty_began() -> None:
    life = at(waiting(), "2020-06-08")
    told, reminded = reminders(life)
    assert (told.rung, reminded.rung, told.since) == ("told", "reminded", datetime(2020, 6, 1, 9, tzinfo=UTC))
    _, text = notice(reminded, life.grant)
    assert "Due: 15 June 2020; each day of delay puts £20,000.00 at risk, £280,000.00 by 15 June 2020 (straight line, indicative)" in text


def test_a_mail_of_a_reminder_that_was_kept_without_its_beginning_tells_a_day_alone() -> None:
    life = waiting()
    (told,) = reminders(life)
    _, text = notice(told.model_copy(update={"since": None}), life.grant)
    assert "each day of delay puts £20,000.00 at risk (straight line, indicative)" in text


def test_a_mail_about_no_money_says_nothing_of_it() -> None:
    life = waiting()
    (told,) = reminders(life)
    _, text = notice(told.model_copy(update={"at_risk_per_day_pence": None}), life.grant)
    assert "at risk" not in text


def test_whoever_looks_at_a_paper_that_rests_reads_until_when_and_why_and_nobody_is_mailed() -> None:
    life = waiting()
    does(life, "PausePaper", "p-deputy-mayor", paper=PAPER, until="2020-06-30", reason="The funder explains")
    outlook = Outlook(life.grant, ORGANISATION)
    words = "Deputy Mayor for Policing and Crime decides the paper paper-1 (paused until 30 June 2020: The funder explains)"
    assert f"- {words}: since 1 June 2020, due 15 July 2020; next notice: reminded, 8 July 2020" in outlook.details()
    assert "the pause of the paper paper-1 ends on 30 June 2020" in outlook.details()
    notes = {row["duty"]: row["note"] for row in outlook.standing()["waiting_on"]}
    assert (notes["decide"], notes["exit.stated"]) == ("paused until 30 June 2020: The funder explains", None)
    at(life, "2020-06-30")
    assert [each.rung for each in reminders(life)] == ["told"]


def test_after_its_pause_a_paper_goes_on_by_itself_and_is_chased_again() -> None:
    life = waiting()
    does(life, "PausePaper", "p-deputy-mayor", paper=PAPER, until="2020-06-30", reason="The funder explains")
    at(life, "2020-07-20")
    resumed = next(past for past in life.pasts if past.body.wire == "paper.resumed")
    assert (resumed.actor, resumed.recorded) == (SYSTEM, datetime(2020, 6, 30, 22, 59, 59, tzinfo=UTC))
    assert [(each.rung, each.to) for each in reminders(life)] == [("told", "deputy-mayor"), ("reminded", "deputy-mayor"), ("escalated", "chief-executive")]
    assert "paused" not in Outlook(life.grant, ORGANISATION).details()
