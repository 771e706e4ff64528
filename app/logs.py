"""Logs: one line of JSON an event in services, plain text on a terminal; Temporal's own loggers go the same way."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import Processor
from temporalio import activity, workflow

FROM_TEMPORAL = ("temporal_workflow", "temporal_activity")


def configure(form: Literal["json", "text"] | None = None, stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send every log line of this program to ``stream``; ``form`` null: text on a terminal, JSON elsewhere."""
    as_text = form == "text" or (form is None and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _lift,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [structlog.dev.ConsoleRenderer()] if as_text else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    writer = logging.StreamHandler(stream)
    writer.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[writer], force=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False


def _lift(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Temporal says where a line comes from in one nested field; ours stands beside the others."""
    for name in FROM_TEMPORAL:
        found = event.pop(name, None)
        if isinstance(found, dict):
            event.update({key: value for key, value in found.items() if key in ("workflow_id", "activity_type", "attempt")})
    return event
