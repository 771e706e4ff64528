"""commit: the one place where a message becomes history. A fixed list of steps; no word about grants stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from temporalio import activity

from activities import answers, inbox
from activities.contracts import Answer, Effect, Message, Recording
from activities.results import Entry as JournalEntry
from activities.results import Notice, Settled
from activities.turn import Entry, Turn, Written
from activities.turns import GrantTurn, OrganisationTurn
from domain import evidence, outlook
from domain.calendar import rfc3339
from domain.chain import Link, Links
from domain.chasing import DutyReminded
from domain.editions import OfficeTold
from domain.effects import Result, stream_of_results
from domain.grant import Grant
from domain.keys import Key
from domain.ledger import Posting
from domain.messages import MessageQuarantined
from domain.model import SYSTEM, By, Event, Past, line_of, past_of_new
from domain.organisation import Organisation
from domain.upcasts import past_of
from store import queries
from store.batch import AlreadyClaimed, Appended, Batch, Head, NewCommand, NewEvent, Row, genesis
from store.database import conversation
from store.event_log import EventLog, Glance
from store.folds import Folds
from store.queries import PostingRow
from store.vault import Vault


@dataclass(frozen=True)
class Before:
    """What the record knows of the ids on one stream; ``seen`` are the first digests that were asked for already, by id."""

    log: EventLog
    stream: str
    seen: Mapping[str, str | None]

    def first_digest(self, command_id: str) -> str | None:
        """The digest of the first command with that id."""
        if command_id in self.seen:
            return self.seen[command_id]
        row = self.log.command(self.stream, command_id)
        return row.digest if row else None

    def quarantined(self, command_id: str) -> bool:
        """Whether the newest event under that id is a quarantine."""
        rows = self.log.rows_of_command(self.stream, command_id)
        return bool(rows) and rows[-1].type == MessageQuarantined.wire


class Record(Recording):
    """The record as activities see it: messages in, the whole answer out.

    ``build`` names the code that decides; ``genesis`` holds the installation's own keys, by id.
    """

    def __init__(self, log: EventLog, vault: Vault, build: str, genesis: Mapping[str, Key]) -> None:
        self.log, self.vault, self.build, self.genesis = log, vault, build, genesis
        self.folds = Folds(log)

    @activity.defn(name="commit", no_thread_cancel_exception=True)
    def commit(self, stream: str, messages: tuple[Message, ...], woken_for: datetime | None) -> Answer:
        """As ``Recording`` promises."""
        return self.settle(stream, messages, woken_for).answer

    def settle(self, stream: str, messages: tuple[Message, ...], woken_for: datetime | None = None) -> Settled:
        """Commit, and tell besides what the commit itself knows.

        Everything is decided anew until one append holds: a moved head or a cost key claimed elsewhere means again.
        """
        taken: Mapping[str, str] = {}
        opened = [inbox.opened(each) for each in messages]
        while True:
            with conversation(self.log.engine):
                turn, heads = self._turn(stream, opened, woken_for, taken)
                for each in opened:
                    turn.take(each)
                more = turn.pass_trailing()
            before = heads[stream].version
            if not turn.entries:
                self._renew(turn, heads)
                self._forget(turn)
                return Settled(_cut_off(turn, before, self.answer(stream, more=more)), before)
            self._keep_put_aside(stream, turn.entries)
            done = self.log.append(self._batch(turn, heads))
            if isinstance(done, Appended):
                self.folds.keep(done.head, turn.state)
                self._forget(turn)
                answer, notice = self._answered(turn, done, more=more)
                return Settled(_cut_off(turn, before, answer), before, notice)
            taken = {**taken, **done.taken} if isinstance(done, AlreadyClaimed) else taken

    def answer(self, stream: str, *, more: bool = False) -> Answer:
        """What the record says of a stream now."""
        with conversation(self.log.engine):
            seen = self.folds.glance(stream)
            if stream.startswith("organisation/"):
                head, organisation = self.folds.organisations.at_head(stream, seen.heads)
                return answers.of_organisation(organisation, head.version, seen.size)
            _, grant = self.folds.grants.at_head(stream, seen.heads)
            _, organisation = self.folds.organisation_of(grant, seen.heads)
            newest = answers.newest_rows(self.log, grant)
            return answers.of_grant(self.log, self.folds.outlook(grant, organisation), seen.size, newest, more=more)

    def _answered(self, turn: Turn[Any], done: Appended, *, more: bool) -> tuple[Answer, Notice | None]:
        """What the record says of a stream as a turn has just left it, and the notice that it asked for first: nothing of that is read again."""
        if not isinstance(turn, GrantTurn):
            return answers.of_organisation(turn.state, done.head.version, done.size), None
        news = answers.News(turn.stored, turn.begun.asked)
        with conversation(self.log.engine):
            newest = answers.newest_rows(self.log, turn.state)
            answer = answers.of_grant(self.log, turn.outlook, done.size, newest, more=more, news=news)
        oldest = next((each.version for each in answer.effects if each.kind == "notice"), None)
        asked = next((each for each in news.pasts if each.version == oldest), None)
        return answer, _notice(asked, turn.state, newest.get("notice")) if asked else None

    def is_open(self, stream: str, effect: Effect) -> bool:
        """Whether no result answers that effect yet; they come strictly in the order of what asked for them."""
        newest = answers.newest_result(self.log, effect.kind, stream)
        return newest is None or newest.of < effect.version

    def append_result(self, stream: str, event: Event, recorded: datetime, head: Head | None = None) -> None:
        """Append what came of an effect to its own stream; the same result again adds nothing.

        ``recorded`` is the instant of the event that asked for it, so that two runs of one life compare equal. ``head`` is
        where the stream stood when it did not hold the result (null: to be looked up).
        """
        by = By(actor=SYSTEM, on_behalf_of=None, now=recorded, content=None, command=result_id(event))
        while True:
            with conversation(self.log.engine):
                at = head or self.log.head(stream)
                if head is None and self.log.rows_of_command(stream, by.command):
                    return
            new = _new_event(Written(past_of_new(event, stream, at.version + 1, by)), None)
            batch = Batch(stream=stream, expected=at, organisation=None, clock="result", build=self.build, events=(new,), commands=(), standing="{}")
            if isinstance(self.log.append(batch), Appended):
                return
            head = None

    def results(self, stream: str) -> tuple[Past, ...]:
        """What a stream of results holds, in order."""
        return tuple(past_of(row.envelope, row.body) for row in self.log.rows(stream))

    def notice(self, stream: str, effect: Effect) -> Notice | None:
        """What the reminder, or the word about an edit, asks to be sent, in the text of its template; null: it has its result."""
        with conversation(self.log.engine):
            newest = answers.newest_row(self.log, effect.kind, stream)
            if newest and answers.result_in(newest).of >= effect.version:
                return None
            return _notice(self._past(stream, effect.version), self.folds.grants.since(stream, effect.version), newest)

    def entry(self, stream: str, version: int) -> JournalEntry:
        """The postings of that version, as they stand in the ledger: of an event that is handed over, all are ours."""
        past = self._past(stream, version)
        ours = tuple(_posting(row) for row in queries.postings(self.log.engine, stream, version))
        return JournalEntry(version=version, words=line_of(past.body), recorded=past.recorded, postings=ours)

    def _past(self, stream: str, version: int) -> Past:
        row = self.log.row(stream, version)
        if row is None:
            raise LookupError(stream, version)
        return past_of(row.envelope, row.body)

    def _turn(
        self, stream: str, opened: Sequence[inbox.Opened | inbox.PutAside], woken_for: datetime | None, taken: Mapping[str, str]
    ) -> tuple[Turn[Any], dict[str, Head]]:
        """The stream folded before the write begins, and the heads that must still stand when it ends."""
        asked = next((each.command.id for each in opened if isinstance(each, inbox.Opened)), None)
        seen = self.folds.glance(stream, asked)
        now = max(seen.now, woken_for) if woken_for else seen.now
        if stream.startswith("organisation/"):
            head, organisation = self.folds.organisations.at_head(stream, seen.heads)
            return OrganisationTurn(organisation, self._before(stream, seen, asked, head), now, self.genesis), {stream: head}
        head, grant = self.folds.grants.at_head(stream, seen.heads)
        before = self._before(stream, seen, asked, head)
        folded = self._organisations(grant, seen.heads)
        turn = GrantTurn(grant, before, now, {name: each for name, (_, each) in folded.items()}, taken, self._links, self.folds.outlook)
        return turn, {stream: head} | {at.stream: at for at, _ in folded.values()}

    def _before(self, stream: str, seen: Glance, asked: str | None, head: Head) -> Before:
        """That an id was not there before is true of the head that was seen with it alone; that it was, for ever."""
        return Before(self.log, stream, {asked: seen.first} if asked and (seen.first or seen.heads[stream] == head) else {})

    def _organisations(self, grant: Grant, heads: Mapping[str, Head]) -> dict[str, tuple[Head, Organisation]]:
        """The organisation whose grant it is; before the opening every one in the record, for any of them can open it."""
        opened = grant.opening.opened
        return {opened.organisation: self.folds.organisation_of(grant, heads)} if opened else self.folds.all_organisations()

    def _links(self) -> Links:
        return {name: tuple(Link.model_validate(each) for each in stated) for name, stated in queries.links(self.log.engine)}

    def _renew(self, turn: Turn[Any], heads: Mapping[str, Head]) -> None:
        """The row for lists as this build folds it, where another build left another one; nothing is appended."""
        kept = queries.standing(self.log.engine, turn.stream)
        if kept and kept.json != evidence.canonical(turn.standing()).decode():
            self.log.append(self._batch(turn, heads))

    def _forget(self, turn: Turn[Any]) -> None:
        """What was disposed of is opened by nobody again: its keys go once that stands in the record, and again if they did not."""
        if turn.disposed:
            self.vault.erase(turn.stream)

    def _keep_put_aside(self, stream: str, entries: Iterable[Entry]) -> None:
        """Bytes that are not obeyed go to the vault before the event that names their digest."""
        for each in entries:
            if each.put_aside and each.put_aside.text is not None:
                event = each.put_aside.event
                self.vault.keep_quarantined(event.sha256, stream, event.name, each.put_aside.text)

    def _batch(self, turn: Turn[Any], heads: Mapping[str, Head]) -> Batch:
        return Batch(
            stream=turn.stream,
            expected=heads[turn.stream],
            organisation=heads.get(turn.organisation_stream) if turn.organisation_stream else None,
            clock=turn.clock,
            build=self.build,
            events=tuple(_new_event(written, each.digest) for each in turn.entries for written in each.written),
            commands=tuple(_new_command(each) for each in turn.entries if each.signed),
            standing=evidence.canonical(turn.standing()).decode(),
        )


def _cut_off(turn: Turn[Any], before: int, answer: Answer) -> Answer:
    """The answer after a message that was committed before: perhaps by an attempt of ours that was cut off while it gave its notices."""
    return answer.tried(each for each in answer.effects if each.kind == "notice" and each.version <= before) if turn.repeated else answer


def _notice(asked: Past, grant: Grant, newest: Row | None) -> Notice:
    """What an event asks to be sent; ``newest`` is the last result of the notices of its grant."""
    if not isinstance(asked.body, DutyReminded | OfficeTold):
        raise TypeError(asked.body.wire)
    subject, body = outlook.notice(asked.body, grant)
    head = newest.head if newest else genesis(stream_of_results("notice", grant.stream))
    return Notice(version=asked.version, to=asked.body.to, subject=subject, body=body, recorded=asked.recorded, head=head)


def result_id(event: Event) -> str:
    """The id of the system command that records what came of an effect: one a kind and intent."""
    return f"{event.wire}/{event.of}" if isinstance(event, Result) else event.wire


def _posting(row: PostingRow) -> Posting:
    return Posting(entity=row.entity, debit=row.debit, credit=row.credit, pence=row.amount, booked=date.fromisoformat(row.booked))


def _new_event(written: Written, digest: str | None) -> NewEvent:
    past = written.past
    return NewEvent(
        type=past.body.wire,
        schema=past.body.version,
        body=written.body,
        effective=past.effective,
        recorded=rfc3339(past.recorded),
        actor=past.actor,
        on_behalf_of=past.on_behalf_of,
        command_id=past.command,
        command_digest=digest,
        postings=written.postings,
        claims=written.claims,
    )


def _new_command(entry: Entry) -> NewCommand:
    if entry.signed is None:
        raise TypeError(entry.id)
    signed = entry.signed
    return NewCommand(id=entry.id, digest=signed.digest, bytes=signed.text, signature=signed.signature, key_id=signed.key, name=signed.name)
