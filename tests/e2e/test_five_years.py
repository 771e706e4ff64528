"""A grant on the real clock, left alone for five years, on a server that skips the time in which nothing happens."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from app.adoption import adopt_first
from app.command_file import command_of
from app.embedded import WORKER
from app.home import Home
from app.reader import Reader
from app.servers import running
from app.session import acting
from app.settings import environment_with
from domain.calendar import add_months, end_of, year_of
from domain.chasing import DutyEscalated, DutyReminded
from domain.model import Past
from tests.postbox import Postbox, listening
from tools.judges import TIME_SKIPPING
from workflows.names import KEYS

GRANT = "five-years"
YEARS = 5
STRIDES = 10
"""In one stride it could take longer than one call to the server may."""

FIRST = date(datetime.now(UTC).year + 1, 4, 1)
LAST = add_months(FIRST, 12 * YEARS) - timedelta(days=1)
LABELS = [year_of(add_months(FIRST, 12 * year)) for year in range(YEARS)]
OFFICES = ("mps-finance", "mps-chief-finance-officer", "chief-finance-officer", "grants-team")

pytestmark = pytest.mark.skipif(not TIME_SKIPPING.exists(), reason="machine: no time-skipping server (needs Java and Maven; `make test` sets it up)")


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def mail_settings(postbox: Postbox) -> Iterator[dict[str, str]]:
    mailboxes = {office: f"{office}@example.org" for office in OFFICES}
    with listening(postbox) as port:
        yield {"GRANTS_SMTP_HOST": "127.0.0.1", "GRANTS_SMTP_PORT": str(port), "GRANTS_SMTP_TLS": "none", "GRANTS_MAILBOXES": json.dumps(mailboxes)}


@pytest.fixture
async def skipping(tmp_path: Path, mail_settings: dict[str, str]) -> AsyncIterator[WorkflowEnvironment]:
    """The server, with the product's own worker beside it."""
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TIME_SKIPPING), test_server_startup_timeout=timedelta(seconds=30)
    ) as server:
        asked = AddSearchAttributesRequest(namespace="default")
        for key in KEYS.values():
            asked.search_attributes[key.name] = IndexedValueType.ValueType(int(key.indexed_value_type))
        await server.client.operator_service.add_search_attributes(asked)
        address = server.client.service_client.config.target_host
        told = environment_with({**mail_settings, "GRANTS_HOME": str(tmp_path), "TEMPORAL_ADDRESS": address}, without="TEMPORAL_")
        async with running(WORKER, tmp_path / "worker.log", told) as worker:
            while "worker.serves" not in (tmp_path / "worker.log").read_text():
                assert worker.returncode is None, (tmp_path / "worker.log").read_text()
                await asyncio.sleep(0.1)
            yield server


COMMANDS = (
    {
        "type": "OpenGrant",
        "body": {
            "organisation": "mopac",
            "title": "Five years",
            "clock": "real",
            "parties": [{"role": "funder", "party": "A funder"}, {"role": "recipient", "party": "MOPAC"}, {"role": "host", "party": "A host"}],
        },
    },
    {
        "type": "RecordDecision",
        "body": {
            "decision": "D-1",
            "maker": "An invented holder",
            "decided": "2026-01",
            "date_signed": None,
            "date_published": None,
            "document": {"kind": "decision", "kept": "nowhere"},
            "items": [
                {
                    "item": "1",
                    "verbs": ["approve"],
                    "words": "Five years",
                    "instrument": "A-1",
                    "pence": dict.fromkeys(LABELS, 100_000),
                    "outcome": "approved",
                }
            ],
        },
    },
    {
        "type": "RecordExecution",
        "body": {
            "agreement": "A-1",
            "executed": "2026-02",
            "lines": [{"line": "whole", "year": year, "pence": 100_000, "categories": ["direct-pay"]} for year in LABELS],
            "returns": {"months": 3, "due_days": 30},
            "stated_cap_pence": 100_000 * YEARS,
        },
    },
    {"type": "StateExitStrategy", "actor": "p-project", "body": {"covers": "All staff", "trigger": "No more money", "plan": "They go back"}},
)


async def test_every_reminder_and_escalation_of_five_years_comes_once_at_its_minute(skipping: WorkflowEnvironment, tmp_path: Path, postbox: Postbox) -> None:
    home = Home(tmp_path)
    async with acting(home, skipping.client) as session:
        assert await adopt_first(session.gateway, home, "mopac")
        for number, each in enumerate(COMMANDS):
            text = json.dumps({"actor": "p-grants", "id": f"c-{number}", **each}).encode()
            outcome = await session.gateway.submit(command_of(Path("command.json"), text, GRANT, lambda *_: None, session.gateway.sealed), within=30)
            assert outcome is not None
            assert outcome.kind == "accepted", outcome.as_json()
        ahead = datetime.combine(LAST, datetime.min.time(), UTC) + timedelta(days=120) - datetime.now(UTC)
        for _ in range(STRIDES):
            await skipping.sleep(ahead / STRIDES)
        pasts = await settled(session.reader)

    found = Counter(past.body.wire for past in pasts)
    returns, reminded_of_exit, escalated_for_exit = 4 * YEARS, 3, 1
    assert found["return.opened"] == returns
    assert found["year.ended"] == YEARS
    assert (found["exit.armed"], found["exit.triggered"], found["exit.completed"]) == (1, 1, 1)
    assert found["duty.reminded"] == 2 * returns + reminded_of_exit
    assert found["duty.escalated"] == 2 * returns + escalated_for_exit
    sent = [past for past in pasts if isinstance(past.body, DutyReminded)]
    assert [past.recorded for past in sent] == [past.body.at for past in sent if isinstance(past.body, DutyReminded)]
    assert not any(past.body.skipped for past in sent if isinstance(past.body, DutyReminded))
    assert {past.body.to for past in sent if isinstance(past.body, DutyEscalated)} == {"mps-chief-finance-officer", "chief-finance-officer"}
    assert {past.recorded for past in pasts if past.body.wire == "exit.triggered"} == {end_of(LAST)}
    assert len(postbox.mails) == len(set(postbox.message_ids())) == len(sent)


async def settled(reader: Reader) -> list[Past]:
    """The grant's events, once every notice that they ask for has its result."""
    stream = f"grant/{GRANT}"
    for _ in range(600):
        pasts = [line.past for line in reader.lines(stream)]
        asked = sum(isinstance(past.body, DutyReminded) for past in pasts)
        if asked and len(reader.lines(f"notices/{GRANT}")) == asked:
            return pasts
        await asyncio.sleep(0.1)
    pytest.fail(f"{asked} notices were asked for, {len(reader.lines(f'notices/{GRANT}'))} have a result")
