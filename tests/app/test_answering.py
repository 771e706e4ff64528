"""What came of several commands of one file: of those decided, what; of those not, that they are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import typer

from app.cli.answering import Sent, answer_sent
from app.outcomes import Outcome
from domain.messages import CommandRefused
from domain.model import By, past_of_new

REFUSED = CommandRefused(type="RecordCosts", code="recovery.already_claimed", why="It is another grant's.", who_could=(), source="s", remedy="r")
BY = By(actor="p", on_behalf_of=None, now=datetime(2026, 1, 1, tzinfo=UTC), content=None, command="c")
SENT = (Sent("c", "g", Outcome("grant/g", "c", (past_of_new(REFUSED, "grant/g", 1, BY),)), waited=True), Sent("c.2", "g", None, waited=True))


@pytest.mark.parametrize("as_json", [True, False])
def test_a_refusal_is_told_also_where_another_part_is_not_decided_yet(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    with pytest.raises(typer.Exit) as ended:
        answer_sent(SENT, as_json=as_json)
    said = capsys.readouterr()
    assert ended.value.exit_code == 75
    assert "c.2: received, not yet decided" in said.err
    if as_json:
        assert [(each["command_id"], each["outcome"]) for each in json.loads(said.out)] == [("c", "refused"), ("c.2", None)]
    else:
        assert "It is another grant's." in said.out
