"""Notices, against a real mail server on the loopback interface."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest
import structlog
from aiosmtplib import SMTPException
from temporalio.testing import ActivityEnvironment

from activities import notifications
from activities.contracts import Answer
from activities.notifications import Console, Mail, Notifications, message_id_of
from activities.results import Notice
from app.servers import free_ports
from domain.effects import NoticeFailed, NoticeSent
from store.errors import RecordUnavailableError
from tests.activities.effects_record import ASKED_AT, GRANT, EffectsRecord, effect
from tests.postbox import Postbox, listening
from workflows.grant import MAIL
from workflows.queue import LONGEST, PATIENCE

NOTICES = "notices/alpha"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def mail(postbox: Postbox) -> Iterator[Mail]:
    with listening(postbox) as port:
        yield Mail(host="127.0.0.1", port=port, sender="grants@mopac.example", mailboxes={"finance": "finance@mps.example"}, tls="none")


@pytest.fixture
def record() -> EffectsRecord:
    return EffectsRecord(open_effects=[effect(7)])


async def send(notifications: Notifications, version: int = 7, attempt: int = 1) -> Answer:
    env = ActivityEnvironment()
    env.info = ActivityEnvironment.default_info()
    env.info = type(env.info)(**{**env.info.__dict__, "attempt": attempt})
    answer = await env.run(notifications.send_notice, GRANT, effect(version))
    assert isinstance(answer, Answer)
    return answer


async def test_a_notice_reaches_its_office_and_its_result_is_recorded(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    answer = await send(Notifications(record, mail))
    [got] = postbox.read()
    assert (got["To"], got["From"], got["Subject"]) == ("finance@mps.example", "grants@mopac.example", "Alpha: finance certifies the return for Q3")
    assert got["Message-ID"] == message_id_of(GRANT, 7, "finance")
    assert got["Auto-Submitted"] == "auto-generated"
    assert record.said(NOTICES) == [NoticeSent(of=7, to="finance", channel="smtp", message=got["Message-ID"], attempts=1)]
    assert record.results(NOTICES)[0].recorded == ASKED_AT
    assert answer.effects == ()


async def test_a_notice_that_was_sent_is_not_sent_again(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    notifications = Notifications(record, mail)
    await send(notifications)
    await send(notifications, attempt=2)
    assert len(postbox.mails) == 1
    assert len(record.said(NOTICES)) == 1


async def test_two_runs_that_ask_at_once_send_one_mail(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    postbox.slow_seconds = 0.2
    notifications = Notifications(record, mail)
    await asyncio.gather(send(notifications), send(notifications))
    assert len(postbox.mails) == 1


@pytest.mark.parametrize("words", ["550 5.1.1 no such user finance@mps.example", "553 not here"])
async def test_an_address_that_is_refused_for_good_is_recorded_as_failed_without_the_servers_words(
    record: EffectsRecord, mail: Mail, postbox: Postbox, words: str
) -> None:
    postbox.to_recipient = [words]
    await send(Notifications(record, mail), attempt=3)
    [failed] = record.said(NOTICES)
    assert isinstance(failed, NoticeFailed)
    assert (failed.reason, failed.attempts) == (f"the mail server refused it for good ({words[:3]})", 3)


async def test_a_text_that_is_refused_for_good_is_recorded_as_failed(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    postbox.to_text = ["554 5.7.1 looks like spam"]
    await send(Notifications(record, mail))
    assert [type(each) for each in record.said(NOTICES)] == [NoticeFailed]


async def test_an_office_without_an_address_is_recorded_as_failed(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    record.to = "legal"
    await send(Notifications(record, mail))
    [failed] = record.said(NOTICES)
    assert isinstance(failed, NoticeFailed)
    assert failed.reason == "no address is known for legal"
    assert postbox.mails == []


@pytest.mark.parametrize(("to_recipient", "to_text"), [(["450 try later"], []), ([], ["451 busy"]), ([], ["421 going down"])])
async def test_a_temporary_refusal_is_raised_so_that_it_is_tried_again(
    record: EffectsRecord, mail: Mail, postbox: Postbox, to_recipient: list[str], to_text: list[str]
) -> None:
    postbox.to_recipient, postbox.to_text = to_recipient, to_text
    notifications = Notifications(record, mail)
    with pytest.raises(SMTPException):
        await send(notifications)
    assert record.said(NOTICES) == []
    await send(notifications, attempt=2)
    assert [each.attempts for each in record.said(NOTICES) if isinstance(each, NoticeSent)] == [2]


async def test_a_mail_server_that_is_away_is_raised_so_that_it_is_tried_again(record: EffectsRecord) -> None:
    [port] = free_ports(1)
    away = Mail(host="127.0.0.1", port=port, sender="grants@mopac.example", mailboxes={"finance": "finance@mps.example"}, tls="none")
    with pytest.raises(SMTPException):
        await send(Notifications(record, away))
    assert record.said(NOTICES) == []


class Silent:
    """A mail server that says nothing."""

    name: Literal["smtp"] = "smtp"

    async def deliver(self, notice: Notice, message_id: str) -> None:  # noqa: ARG002
        await asyncio.sleep(60)


async def test_an_attempt_that_hears_nothing_ends_itself_so_that_another_begins(record: EffectsRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "LONGEST_SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        await send(Notifications(record, Silent()))
    assert record.said(NOTICES) == []


def test_an_attempt_ends_itself_before_the_server_gives_it_to_another_worker() -> None:
    assert timedelta(seconds=notifications.LONGEST_SECONDS) < MAIL < LONGEST


def open_answer(*versions: int, more: bool = False) -> Answer:
    return Answer(version=9, seen=0, more=more, effects=tuple(effect(each) for each in versions))


async def test_the_notices_of_an_act_are_given_with_it_in_order(postbox: Postbox, mail: Mail) -> None:
    record = EffectsRecord(open_effects=[effect(7), effect(8)])
    answer = await Notifications(record, mail).at_once(GRANT, open_answer(7, 8, more=True))
    assert (answer.effects, answer.more) == ((), True)
    assert [got["Message-ID"] for got in postbox.read()] == [message_id_of(GRANT, each, "finance") for each in (7, 8)]
    assert [each.attempts for each in record.said(NOTICES) if isinstance(each, NoticeSent)] == [1, 1]


async def test_an_act_that_asks_for_no_notice_is_answered_as_it_was(mail: Mail) -> None:
    answer = Answer(version=9, seen=0, effects=(effect(7, "journal"),))
    assert await Notifications(EffectsRecord(), mail).at_once(GRANT, answer) is answer


async def test_a_notice_that_was_given_by_another_run_is_not_given_with_the_act_again(postbox: Postbox, mail: Mail) -> None:
    answer = await Notifications(EffectsRecord(), mail).at_once(GRANT, open_answer(7, more=True))
    assert (answer.effects, answer.more, postbox.mails) == ((), True, [])


async def test_a_notice_that_fails_with_its_act_is_left_open_and_its_try_is_counted(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    postbox.to_text = ["451 busy"]
    notifications = Notifications(record, mail)
    [left] = (await notifications.at_once(GRANT, open_answer(7))).effects
    assert (left.version, left.tried, record.said(NOTICES)) == (7, 1, [])
    await ActivityEnvironment().run(notifications.send_notice, GRANT, left)
    assert [each.attempts for each in record.said(NOTICES) if isinstance(each, NoticeSent)] == [2]


async def test_no_act_waits_for_a_mail_server_that_has_failed_until_a_notice_has_gone_out_again(postbox: Postbox, mail: Mail) -> None:
    record = EffectsRecord(open_effects=[effect(7), effect(8), effect(9)])
    postbox.to_text = ["451 busy"]
    notifications = Notifications(record, mail)
    await notifications.at_once(GRANT, open_answer(7))
    assert (await notifications.at_once(GRANT, open_answer(7, 8))).effects == (effect(7), effect(8))
    assert record.said(NOTICES) == []
    await send(notifications)
    assert [each.version for each in (await notifications.at_once(GRANT, open_answer(8))).effects] == [9]


async def test_no_act_waits_for_a_slow_mail_server_twice(postbox: Postbox, mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "PROMPT", 10**9 // 20)
    record = EffectsRecord(open_effects=[effect(7), effect(8)])
    postbox.slow_seconds = 0.1
    slow = Notifications(record, mail)
    assert [each.version for each in (await slow.at_once(GRANT, open_answer(7, 8))).effects] == [8]
    assert len(postbox.mails) == 1


async def test_no_act_waits_for_a_mail_server_that_is_silent_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "PROMPT", 10**7)
    monkeypatch.setattr(notifications, "LONGEST_SECONDS", 0.2)
    silent = Notifications(EffectsRecord(open_effects=[effect(7), effect(8)]), Silent())
    first = asyncio.create_task(silent.at_once(GRANT, open_answer(7)))
    await asyncio.sleep(0.05)
    assert (await silent.at_once("grant/beta", open_answer(8))).effects == (effect(8),)
    assert not first.done()
    [left] = (await first).effects
    assert left.tried == 1


async def test_a_notice_that_is_still_being_given_with_its_act_is_not_given_by_an_activity_beside(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    postbox.slow_seconds = 0.2
    notifications = Notifications(record, mail)
    _, answer = await asyncio.gather(notifications.at_once(GRANT, open_answer(7)), send(notifications))
    assert answer.effects == ()
    assert len(postbox.mails) == 1


async def test_nor_is_it_given_with_its_act_while_an_activity_gives_it(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    postbox.slow_seconds = 0.2
    notifications = Notifications(record, mail)
    told = record.notice(GRANT, effect(7))
    giving = asyncio.create_task(send(notifications))
    await asyncio.sleep(0.05)
    assert (await notifications.at_once(GRANT, open_answer(7), told)).effects == (await giving).effects == ()
    assert len(postbox.mails) == 1


async def test_only_the_first_notice_of_an_act_is_given_unlooked_at(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    told = record.notice(GRANT, effect(7))
    await Notifications(record, mail).at_once(GRANT, open_answer(8), told)
    assert postbox.mails == []


async def test_a_notice_whose_result_cannot_be_recorded_is_left_open_and_its_try_is_counted(record: EffectsRecord, mail: Mail) -> None:
    record.fails_to_append = 2
    [left] = (await Notifications(record, mail).at_once(GRANT, open_answer(7))).effects
    assert (left.tried, record.said(NOTICES)) == (1, [])


def test_a_prompt_channel_answers_long_before_the_task_that_brings_the_act_ends() -> None:
    assert timedelta(microseconds=2 * notifications.PROMPT // 1000) < PATIENCE < timedelta(seconds=10)


async def test_a_result_that_cannot_be_recorded_at_first_is_recorded_without_a_second_copy(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    record.fails_to_append = 1
    await send(Notifications(record, mail))
    assert len(postbox.mails) == len(record.said(NOTICES)) == 1


async def test_an_act_begins_no_further_notice_once_it_has_waited_long_for_those_before(postbox: Postbox, mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "PROMPT", 10**9 // 5)
    record = EffectsRecord(open_effects=[effect(each) for each in range(5, 10)])
    postbox.slow_seconds = 0.12
    answer = await Notifications(record, mail).at_once(GRANT, open_answer(*range(5, 10)))
    assert [each.version for each in answer.effects] == [7, 8, 9]


async def test_a_second_copy_carries_the_same_message_id(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    record.fails_to_append = 2
    notifications = Notifications(record, mail)
    with pytest.raises(RecordUnavailableError):
        await send(notifications)
    await send(notifications, attempt=2)
    assert [each["Message-ID"] for each in postbox.read()] == [message_id_of(GRANT, 7, "finance")] * 2
    assert [each.attempts for each in record.said(NOTICES) if isinstance(each, NoticeSent)] == [2]


async def test_a_subject_cannot_smuggle_a_header_in(record: EffectsRecord, mail: Mail, postbox: Postbox) -> None:
    record.subject = "Return\r\nBcc: everybody@example.org"
    await send(Notifications(record, mail))
    [got] = postbox.read()
    assert got["Bcc"] is None
    assert got["Subject"] == "Return Bcc: everybody@example.org"


async def test_without_a_mail_server_notices_are_printed(record: EffectsRecord) -> None:
    with structlog.testing.capture_logs() as lines:
        await send(Notifications(record, Console()))
    assert [(line["event"], line["to"], line["text"]) for line in lines] == [("notice.sent", "finance", "grant/alpha asks at version 7.")]
    assert [each.channel for each in record.said(NOTICES) if isinstance(each, NoticeSent)] == ["console"]


def test_a_message_id_is_that_of_its_event_and_recipient() -> None:
    ids = {message_id_of(GRANT, 7, "finance"), message_id_of(GRANT, 8, "finance"), message_id_of(GRANT, 7, "legal"), message_id_of("grant/beta", 7, "finance")}
    assert len(ids) == 4
    assert message_id_of(GRANT, 7, "finance") in ids
