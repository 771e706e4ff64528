"""Logs, as services and terminals get them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog

from app.logs import configure


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    kept = logging.getLogger().handlers[:]
    stream = io.StringIO()
    yield stream
    logging.getLogger().handlers[:] = kept
    structlog.reset_defaults()


def test_a_service_says_one_line_of_json_an_event(lines: io.StringIO) -> None:
    configure("json", lines)
    structlog.get_logger("x").info("return.opened", grant="alpha")
    said = json.loads(lines.getvalue())
    assert {name: said[name] for name in ("event", "grant", "level")} == {"event": "return.opened", "grant": "alpha", "level": "info"}
    assert said["timestamp"].endswith("Z")


def test_temporals_own_lines_go_the_same_way_and_say_which_grant(lines: io.StringIO) -> None:
    configure("json", lines)
    logging.getLogger("temporalio.activity").warning("failed", extra={"temporal_activity": {"workflow_id": "grant/alpha", "attempt": 3, "task_queue": "q"}})
    said = json.loads(lines.getvalue())
    assert (said["event"], said["workflow_id"], said["attempt"]) == ("failed", "grant/alpha", 3)
    assert "temporal_activity" not in said


def test_an_error_is_one_line_with_its_traceback_inside(lines: io.StringIO) -> None:
    configure("json", lines)
    try:
        raise LookupError("gone")  # noqa: EM101, TRY301  (the shortest way to an error)
    except LookupError:
        structlog.get_logger("x").exception("commit.failed")
    [line] = lines.getvalue().splitlines()
    assert "LookupError: gone" in json.loads(line)["exception"]


def test_a_terminal_gets_text(lines: io.StringIO) -> None:
    configure("text", lines)
    structlog.get_logger("x").info("return.opened", grant="alpha")
    assert "return.opened" in lines.getvalue()
    assert not lines.getvalue().startswith("{")


def test_leaving_writes_out_what_was_said_and_keeps_the_code() -> None:
    program = "import sys; from app.leave import leave; print('said'); print('why', file=sys.stderr); leave(75)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (75, "said\n", "why\n")
