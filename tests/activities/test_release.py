"""A release on a real database: of what our own code raised on, of a duty that stands still, of what is put right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from activities import turns
from activities.contracts import Message, digest_of
from activities.record import Record
from app.signing import Signer
from domain import grant as grants
from tests.activities.test_record import GRANT, attention, command, opened, record, rows, sent, signer

__all__ = ["record", "signer"]

LINES = [{"line": "whole", "year": "2020/21", "pence": 100, "categories": ["pay"]}]
MARK = "words-that-must-not-be-told"


def broken(*_: object) -> None:
    raise ZeroDivisionError(MARK)


def release(sha256: str, name: str, **more: object) -> Any:
    body: dict[str, object] = {"sha256": sha256, "reason": "mended", **more}
    return command("ReleaseMessage", "alpha-2020-21", body, name, at="2020-10-05T08:00:00Z")


def advance(to: str, name: str) -> Any:
    return command("AdvanceClock", "alpha-2020-21", {"to": to}, name, at=to)


def still(record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A grant whose duties stand still by an error of our own: the digest of each moment, by its id."""
    opened(record, signer)
    agreement: dict[str, object] = {"agreement": "a", "executed": "2020-07-01", "lines": LINES, "returns": {"months": 3, "due_days": 30}}
    record.commit(GRANT, (sent(signer, command("RecordExecution", "alpha-2020-21", agreement, "executed", at="2020-07-02T08:00:00Z")),), None)
    with monkeypatch.context() as patch:
        patch.setattr(turns, "decide_moment", broken)
        record.commit(GRANT, (sent(signer, advance("2020-10-05T08:00:00Z", "autumn")),), None)
    assert attention(record)[:1] == ["quarantined"]
    return {row.command_id: json.loads(row.body)["sha256"] for row in rows(record) if row.type == "message.quarantined"}


def test_a_duty_that_stood_still_is_decided_once_it_is_released(record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = still(record, signer, monkeypatch)
    assert len(moments) == 3
    for number, (moment, sha256) in enumerate(moments.items()):
        record.commit(GRANT, (sent(signer, release(sha256, f"r-{number}")),), None)
        came = [row.type for row in rows(record) if row.command_id == moment]
        assert came[0] == "message.quarantined"
        assert len(came) > 1
        assert "message.quarantined" not in came[1:]
    assert "quarantined" not in attention(record)


def test_a_duty_on_which_our_code_raises_once_more_stands_still_again(record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = next(iter(still(record, signer, monkeypatch).values()))
    with monkeypatch.context() as patch:
        patch.setattr(turns, "decide_moment", broken)
        record.commit(GRANT, (sent(signer, release(sha256, "r-1")),), None)
    after = [row.type for row in rows(record)]
    assert after.count("message.quarantined") == 4
    assert after.index("message.released") < len(after) - 1 - after[::-1].index("message.quarantined")
    assert "quarantined" in attention(record)
    record.commit(GRANT, (), None)
    assert [row.type for row in rows(record)] == after


def test_the_log_of_our_own_error_quotes_nothing_that_was_sent(
    record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(record, signer)
    with monkeypatch.context() as patch:
        patch.setattr(grants, "decide", broken)
        record.commit(GRANT, (sent(signer, advance("2020-07-02T08:00:00Z", "later")),), None)
    said = capsys.readouterr()
    assert "message.quarantined" in said.out + said.err
    assert "ZeroDivisionError" in said.out + said.err
    assert MARK not in said.out + said.err


def test_junk_that_was_released_and_comes_again_adds_nothing(record: Record, signer: Signer) -> None:
    opened(record, signer)
    junk = Message(name="submit", payloads=(b"junk",))
    record.commit(GRANT, (junk,), None)
    record.commit(GRANT, (sent(signer, release(digest_of("submit", [b"junk"]), "r-1")),), None)
    before = len(rows(record))
    record.commit(GRANT, (junk,), None)
    assert (len(rows(record)), attention(record)) == (before, [])
