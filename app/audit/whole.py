"""``grants audit verify`` over one home."""

from __future__ import annotations

from app.audit.record_check import check
from app.audit.record_rules import rules_of
from app.audit.verify import Report
from app.home import Home
from app.reader import reading


def check_home(home: Home) -> Report:
    """The verdict over the record of this home, also while it is in use.

    Raises:
        RecordError: it cannot be reached, or is none of ours.

    """
    with reading(home) as reader:
        return check(reader.log.engine, rules_of(reader.log.engine))
