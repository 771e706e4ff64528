"""What was recorded from one day to another, event by event, and how much of it by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.audit.as_of import recorded
from app.audit.report import Report, Table, View
from app.errors import NotFoundError
from app.reader import Reader
from domain.calendar import Window, day_of
from workflows.names import stream_of

PROVES = (
    "Every event of the record that was recorded on these days (London) is a row, with who sent its command and when it was really committed.",
    "What was recorded is told apart from when it counts: `effective` is what each event claims.",
)
DOES_NOT_PROVE = (
    "That everything that happened on these days was recorded: compare with the decision register, the bank and the general ledger.",
    "Which natural person stands behind an id: the organisation's own register of its people says so.",
)
ROWS = {"recorded": "recorded", "stream": "stream", "version": "version", "type": "type", "effective": "effective", "who": "actor", "what": "summary"}
COUNTS = {"stream": "stream", "who": "actor", "for": "on_behalf_of", "events": "events", "refused": "refused"}


def changes(reader: Reader, span: Window, grant: str | None = None) -> Report:
    """The events of these days by instant and place in the log; of one grant, or of every stream.

    Raises:
        NotFoundError: nothing is recorded of that grant.

    """
    rows = sorted(_rows(reader, span, grant), key=lambda each: (each["recorded"], each["index"]))
    return Report(
        about={"from": str(span.first), "to": str(span.last), "grant": grant},
        tables=(Table("changes", f"Recorded {span}", ROWS, rows), Table("counts", "By whom", COUNTS, list(_counts(rows)))),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
    )


def _rows(reader: Reader, span: Window, grant: str | None) -> Iterator[View]:
    for stream in [stream_of(grant)] if grant else reader.log.streams(""):
        lines = reader.lines(stream)
        if grant and not lines:
            message = f"Nothing is recorded of {grant}"
            raise NotFoundError(message)
        for line in lines:
            if span.holds(day_of(line.past.recorded)):
                yield {"stream": stream, "index": line.row.index, **recorded(line)}


def _counts(rows: list[View]) -> Iterator[View]:
    whose = Counter((each["stream"], each["actor"], each["on_behalf_of"]) for each in rows)
    refused = Counter((each["stream"], each["actor"], each["on_behalf_of"]) for each in rows if each["type"] == "command.refused")
    for spot, events in sorted(whose.items(), key=lambda each: tuple(str(part) for part in each[0])):
        stream, actor, principal = spot
        yield {"stream": stream, "actor": actor, "on_behalf_of": principal, "events": events, "refused": refused[spot]}
