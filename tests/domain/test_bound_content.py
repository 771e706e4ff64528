"""What a command binds: what its sender saw, where there is anything of that name; else its room says that there is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain import grant, opening
from domain.grant import Grant
from domain.model import Command, Refusal
from tests.domain.papers import ANN, RULES, drafted, edition, organisation, policy, state_of
from tests.domain.papers import by as acts

NOW = datetime(2021, 1, 6, 9, tzinfo=UTC)
OPENED = opening.GrantOpened(organisation="house", title="G", programme=None, clock="real", parties=(), predecessors=(), hypothetical=False)


def tried(content: str | None, paper: str = "PCD 914") -> str:
    held = Grant("grant/g", opening=opening.State(opened=OPENED, policy=policy(edition(*RULES))), approval=state_of((drafted(), acts(ANN))), recorded=NOW)
    command = Command(v=1, id="c", grant="g", type="SubmitPaper", actor=ANN, on_behalf_of=None, at=None, content=content, body={"paper": paper}, sealed=None)
    answer = grant.decide(command, held, organisation(), NOW)
    return answer.code if isinstance(answer, Refusal) else "accepted"


@pytest.mark.parametrize(
    ("content", "came"), [(None, "command.content_missing"), ("0" * 64, "command.stale"), (drafted().digest(), "approval.unknown_instrument")]
)
def test_what_exists_is_bound_as_its_sender_saw_it_and_only_then_comes_to_its_room(content: str | None, came: str) -> None:
    assert tried(content) == came


@pytest.mark.parametrize("content", [None, "0" * 64])
def test_what_does_not_exist_is_said_not_to_exist_whatever_its_sender_saw(content: str | None) -> None:
    assert tried(content, "PCD 1") == "approval.no_paper"
