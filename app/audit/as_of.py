"""One grant as it counted on one day and was known on another, and who was allowed what then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from app import showing
from app.audit.lives import Life, lives
from app.audit.record_rules import Organisations
from app.audit.report import Report, Table, View
from app.reader import Line, Reader, now
from domain import evidence
from domain.calendar import rfc3339
from domain.model import line_of
from domain.organisation import Organisation
from domain.policy import SchemeEdition

PROVES = (
    "These figures follow from the events recorded by then, and from no later one: nothing was rewritten since.",
    "Who held which office and which acts the scheme gave it on that day, as the organisation's document said it that the last of these events was decided by.",
)
DOES_NOT_PROVE = (
    "That everything that had happened by then had been recorded by then.",
    "That the stored bytes are what was stored: `grants audit verify` does.",
)
FIGURES = {"figure": "figure", "": "value", "£": "value_pence"}
OFFICES = {"office": "office", "title": "title", "held by": "holders", "covered by": "covers", "may do": "acts"}
RECORDED = {"version": "version", "type": "type", "recorded": "recorded", "effective": "effective", "who": "actor", "what": "summary"}


def as_of(reader: Reader, grant: str, effective: date | None, known: datetime | None) -> Report:
    """What counted on a day, as known at an instant (UTC; null: by now), with the last event that was known.

    Raises:
        NotFoundError: no such grant, as known then.

    """
    shown = showing.show(reader, grant, effective, known, now())
    (life,) = lives(reader, grant)
    heard = [each for each in life.lines if known is None or each.past.recorded <= known]
    organisation, version = _organisation(reader, life, heard[-1])
    day = date.fromisoformat(shown["as_of"])
    policy = reader.grant(grant, known).opening.policy
    scheme = policy.scheme_on(day) if policy else None
    return Report(
        about={
            **life.named(),
            "effective": shown["as_of"],
            "known": shown["known_at"],
            "events_known": len(heard),
            "events_since": len(life.lines) - len(heard),
            "organisation": organisation.stream,
            "organisation_version": version,
            "scheme": scheme.edition if scheme else None,
        },
        tables=(
            Table("figures", f"{grant}, effective {shown['as_of']}, known {shown['known_at'] or 'now'}", FIGURES, list(_figures(shown))),
            Table("offices", f"Who could act on {day}", OFFICES, list(_offices(organisation, scheme, day))),
            Table("last_event", "The last event known", RECORDED, [recorded(heard[-1])]),
        ),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
        beside={"shown": shown},
    )


def recorded(line: Line) -> View:
    """One event, shortly."""
    past, envelope = line.past, evidence.read(line.row.envelope)
    return {
        "version": past.version,
        "type": line.row.type,
        "recorded": rfc3339(past.recorded),
        "committed": envelope["committed"],
        "effective": past.effective,
        "actor": past.actor,
        "on_behalf_of": past.on_behalf_of,
        "command_id": past.command,
        "summary": line_of(past.body),
    }


def _figures(shown: View) -> Iterator[View]:
    """The single values of a view: sums of money by themselves, counts of its lists, everything else as text."""
    for name, value in shown.items():
        match value:
            case dict() if name == "caps_by_year":
                yield from ({"figure": f"cap {year}", "value": None, "value_pence": pence} for year, pence in value.items())
            case int() | None if name.endswith("_pence"):
                yield {"figure": name.removesuffix("_pence"), "value": None, "value_pence": value}
            case list():
                yield {"figure": name, "value": len(value), "value_pence": None}
            case str() | int():
                yield {"figure": name, "value": value, "value_pence": None}


def _organisation(reader: Reader, life: Life, last: Line) -> tuple[Organisation, int]:
    """The organisation by which the last known event was decided; as adopted first where that event used none."""
    used: dict[str, Any] | None = evidence.read(last.row.envelope)["organisation"]
    opened = life.grant.opening.opened
    stream = used["stream"] if used else f"organisation/{opened.organisation if opened else 'unknown'}"
    version = used["version"] if used else 0
    return Organisations(reader.log, ()).at(stream, version), version


def _offices(organisation: Organisation, scheme: SchemeEdition | None, day: date) -> Iterator[View]:
    charter = organisation.charter
    for office in charter.offices if charter else ():
        covers = [each for each in (charter.cover if charter else ()) if each.office == office.office and each.first <= day <= each.last]
        yield {
            "office": office.office,
            "title": office.title,
            "holders": list(organisation.holders(office.office, day)),
            "covers": [f"{each.person} for {each.principal}" for each in covers],
            "acts": [each.act for each in (scheme.mandates if scheme else ()) if office.office in each.offices],
        }
