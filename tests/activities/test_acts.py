"""An act: its message committed, and word of it given, in one go; against a real record and a real mail server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from activities import acts as module
from activities.acts import Acts
from activities.answers import given
from activities.contracts import MOST_EFFECTS, Answer, Effect, Message
from activities.notifications import Mail, Notifications
from activities.record import Record
from activities.results import Settled
from app.signing import OwnKeys, local_signer
from bench import house
from domain.effects import NoticeSent
from domain.grant import content, typed
from domain.model import Command
from store.batch import AlreadyClaimed, Appended, Batch, Moved
from store.database import left_whole, open_database, open_vault
from store.errors import RecordUnavailableError
from store.event_log import EventLog
from store.schema import migrate
from store.vault import Vault
from tests.postbox import Postbox, listening

GRANT = "noticed"
STREAM = f"grant/{GRANT}"
NOTICES = f"notices/{GRANT}"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    engine, vault = open_database(f"sqlite:///{tmp_path}/record.db"), open_vault(f"sqlite:///{tmp_path}/vault.db")
    with left_whole(engine, vault):
        migrate(engine)
        migrate(vault)
        yield Record(EventLog(engine), Vault(vault), "build-1", OwnKeys(tmp_path / "keys"))


@pytest.fixture
def signed(record: Record, tmp_path: Path) -> Callable[[Command], Message]:
    """Messages to a grant in which a paper waits to be submitted; every later step gives one notice."""
    signer = local_signer(tmp_path / "keys")

    def message(command: Command) -> Message:
        return Message(name=command.type, payloads=(signer.message(command),))

    record.commit(f"organisation/{house.HOUSE}", (message(house.adoption(signer)),), None)
    for command in (house.opening(GRANT), house.draft(GRANT, "paper", noticed=True)):
        record.commit(STREAM, (message(command),), None)
    return message


@pytest.fixture
def acts(record: Record, postbox: Postbox) -> Iterator[Acts]:
    offices = {office: f"{office}@house.example" for office in house.ADVISERS}
    with listening(postbox) as port, ThreadPoolExecutor() as threads:
        mail = Mail(host="127.0.0.1", port=port, sender="grants@house.example", mailboxes=offices, tls="none")
        yield Acts(record, Notifications(record, mail), threads)


def bound(record: Record, command: Command) -> Command:
    """The command with the digest of what its actor sees."""
    body = typed(command)
    return command.model_copy(update={"content": content(body, record.folds.grants.at_head(STREAM)[1])})  # type: ignore[arg-type]


def without_seen(answer: Answer) -> Answer:
    """The answer, whenever it was read."""
    return answer.model_copy(update={"seen": 0})


def given_elsewhere(record: Record, version: int) -> None:
    """Another worker has given the notice that the event of that version asks for."""
    record.append_result(NOTICES, NoticeSent(of=version, to="somebody", channel="smtp", message="<a@b>", attempts=1), record.log.now())


async def submitted(acts: Acts, record: Record, signed: Callable[[Command], Message], in_hand: tuple[Effect, ...] = ()) -> Answer:
    return await acts.act(STREAM, signed(bound(record, house.submission(GRANT, "paper"))), in_hand)


async def test_an_act_is_committed_and_whoever_is_next_is_told(acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox) -> None:
    answer = await submitted(acts, record, signed)
    assert [got["To"] for got in postbox.read()] == ["adviser-1@house.example"]
    assert [type(past.body) for past in record.results(NOTICES)] == [NoticeSent]
    assert (answer.effects, answer.attributes.waiting_for) == ((), ("adviser-1",))
    assert (answer.seen, without_seen(answer)) == (record.log.size() - 1, without_seen(record.answer(STREAM)))


async def test_an_act_done_twice_is_recorded_once_and_told_once(acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox) -> None:
    message = signed(bound(record, house.submission(GRANT, "paper")))
    first = await acts.act(STREAM, message, ())
    assert without_seen(await acts.act(STREAM, message, ())) == without_seen(first)
    assert len(postbox.mails) == 1


async def test_a_notice_that_its_commit_has_told_is_given_without_a_look_at_the_record(
    acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = signed(bound(record, house.submission(GRANT, "paper")))
    for unasked in ("notice", "answer"):
        monkeypatch.delattr(Record, unasked)
    assert (await acts.act(STREAM, message, ())).effects == ()
    assert len(postbox.mails) == 1


@pytest.mark.parametrize(
    ("sure", "in_hand"),
    [(0, ()), (2, (Effect(kind="journal", version=1, summary="beside"),))],
    ids=["the act has taken long", "a journal is being given beside"],
)
async def test_where_others_may_have_given_a_notice_or_answer_beside_it_the_record_is_looked_at(
    acts: Acts,
    record: Record,
    signed: Callable[[Command], Message],
    postbox: Postbox,
    monkeypatch: pytest.MonkeyPatch,
    sure: float,
    in_hand: tuple[Effect, ...],
) -> None:
    monkeypatch.setattr(module, "SURE_SECONDS", sure)
    settle = record.settle

    def settled(stream: str, messages: tuple[Message, ...]) -> Settled:
        done = settle(stream, messages)
        given_elsewhere(record, done.answer.effects[0].version)
        return done

    monkeypatch.setattr(record, "settle", settled)
    answer = await submitted(acts, record, signed, in_hand)
    assert (answer, postbox.mails) == (record.answer(STREAM), [])
    assert [type(past.body) for past in record.results(NOTICES)] == [NoticeSent]


async def test_a_notice_that_is_given_before_its_commit_has_its_answer_is_not_open_in_it(
    record: Record, signed: Callable[[Command], Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    append, two = record.log.append, [house.submission(GRANT, "paper"), house.advice(GRANT, "paper", house.ADVISERS[0])]

    def appended(batch: Batch) -> Appended | Moved | AlreadyClaimed:
        done = append(batch)
        monkeypatch.setattr(record.log, "append", append)
        given_elsewhere(record, record.answer(STREAM).effects[0].version)
        return done

    monkeypatch.setattr(record.log, "append", appended)
    done = record.settle(STREAM, tuple(signed(bound(record, each)) for each in two))
    [left] = record.answer(STREAM).effects
    assert (done.answer.effects, done.notice and (done.notice.version, done.notice.to)) == ((left,), (left.version, house.ADVISERS[1]))


async def test_an_act_whose_notice_is_refused_for_good_says_so_until_the_next_one_is_taken(
    acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox
) -> None:
    postbox.to_recipient = ["550 no such user"]
    refused = await submitted(acts, record, signed)
    assert (refused.effects, refused.attributes.attention, record.answer(STREAM).attributes.attention) == ((), ("undelivered",), ("undelivered",))
    taken = await acts.act(STREAM, signed(bound(record, house.advice(GRANT, "paper", house.ADVISERS[0]))), ())
    assert (taken.effects, taken.attributes.attention, record.answer(STREAM).attributes.attention) == ((), (), ())


async def test_the_answer_of_a_commit_is_that_of_the_record_whatever_is_open(record: Record, signed: Callable[[Command], Message]) -> None:
    for command in (house.submission(GRANT, "paper"), *(house.advice(GRANT, "paper", each) for each in house.ADVISERS[:2])):
        answer = record.commit(STREAM, (signed(bound(record, command)),), None)
        assert answer == record.answer(STREAM)
    assert len(answer.effects) == 3


def test_an_answer_that_may_not_hold_all_that_is_open_is_not_made_another_one() -> None:
    sent = NoticeSent(of=1, to="an office", channel="smtp", message="<a@b>", attempts=1)
    effects = tuple(Effect(kind="notice", version=version, summary="told") for version in range(1, MOST_EFFECTS + 1))
    full, other = Answer(version=60, seen=1, effects=effects), Answer(version=60, seen=1, effects=effects[:-1])
    assert given(full, sent) is None
    assert given(other, sent) == other.model_copy(update={"effects": effects[1:-1]})


async def test_with_an_older_notice_in_hand_the_new_one_waits_for_its_turn(
    acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox
) -> None:
    answer = await submitted(acts, record, signed, (Effect(kind="notice", version=1, summary="older"),))
    assert [each.kind for each in answer.effects] == ["notice"]
    assert postbox.mails == []


async def test_journals_in_hand_hold_no_notice_up(acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox) -> None:
    await submitted(acts, record, signed, (Effect(kind="journal", version=1, summary="to be handed over"),))
    assert len(postbox.mails) == 1


async def test_an_act_whose_notice_fails_is_committed_and_says_what_is_left(
    acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox
) -> None:
    postbox.to_text = ["451 busy"]
    answer = await submitted(acts, record, signed)
    assert [(each.kind, each.tried) for each in answer.effects] == [("notice", 1)]
    assert answer.attributes.waiting_for == ("adviser-1",)


async def test_a_notice_of_an_attempt_that_was_cut_off_counts_as_tried_and_is_left_to_an_activity(
    acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox
) -> None:
    message = signed(bound(record, house.submission(GRANT, "paper")))
    record.commit(STREAM, (message,), None)
    answer = await acts.act(STREAM, message, ())
    assert [(each.kind, each.tried) for each in answer.effects] == [("notice", 1)]
    assert postbox.mails == []


async def test_so_it_does_where_a_crowd_of_messages_has_gathered_since(record: Record, signed: Callable[[Command], Message]) -> None:
    message = signed(bound(record, house.submission(GRANT, "paper")))
    record.commit(STREAM, (message,), None)
    later = signed(bound(record, house.advice(GRANT, "paper", house.ADVISERS[0])))
    answer = record.commit(STREAM, (message, later), None)
    assert [(each.kind, each.tried) for each in answer.effects] == [("notice", 1), ("notice", 0)]


async def test_a_message_that_comes_once_says_of_no_notice_that_it_was_tried(record: Record, signed: Callable[[Command], Message]) -> None:
    record.commit(STREAM, (signed(bound(record, house.submission(GRANT, "paper"))),), None)
    answer = record.commit(STREAM, (signed(bound(record, house.advice(GRANT, "paper", house.ADVISERS[0]))),), None)
    assert [each.tried for each in answer.effects] == [0, 0]


async def test_notices_that_a_run_before_has_left_are_not_given_with_the_first_act_of_a_new_one(
    acts: Acts, record: Record, signed: Callable[[Command], Message], postbox: Postbox
) -> None:
    record.commit(STREAM, (signed(bound(record, house.submission(GRANT, "paper"))),), None)
    answer = await acts.act(STREAM, signed(bound(record, house.advice(GRANT, "paper", house.ADVISERS[0]))), ())
    assert [(each.kind, each.tried) for each in answer.effects] == [("notice", 0), ("notice", 0)]
    assert postbox.mails == []


async def test_an_act_that_finds_no_place_fails_so_that_an_activity_takes_it(
    acts: Acts, record: Record, signed: Callable[[Command], Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PLACE_SECONDS", 0.05)
    hung = threading.Event()

    def hangs(_stream: str, _messages: tuple[Message, ...]) -> Settled:
        hung.wait()
        raise RecordUnavailableError

    monkeypatch.setattr(record, "settle", hangs)
    message = signed(house.submission(GRANT, "paper"))
    hanging = [asyncio.create_task(acts.act(STREAM, message, ())) for _ in range(module.TOGETHER)]
    await asyncio.sleep(0.01)
    try:
        with pytest.raises(TimeoutError):
            await acts.act(STREAM, message, ())
    finally:
        hung.set()
    assert [type(each) for each in await asyncio.gather(*hanging, return_exceptions=True)] == [RecordUnavailableError] * module.TOGETHER
