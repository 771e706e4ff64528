"""Commands as files have them: every type that a grant or an organisation takes, and costs in any number.

A command carries at most 1,000 costs; a file may have more, and the gateway sends them as several commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import domain.grant  # noqa: F401  (reading it registers every command)
from domain.expenditure import Cost, RecordCosts
from domain.model import COMMANDS, CommandBody


class ManyCosts(RecordCosts):
    """A batch of costs, however long."""

    rows: tuple[Cost, ...]


WRITTEN: Mapping[str, type[CommandBody]] = MappingProxyType({**COMMANDS, RecordCosts.__name__: ManyCosts})
"""The body of each type of command, as a file may have it."""
