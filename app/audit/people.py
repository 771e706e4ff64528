"""Who could act in a year, and who did under whose authority: offices, cover, scheme editions, delegations given and used, Part 2 read.

Days are London's. What a grant's own clock says of its acts is taken as it stands, so a rehearsal's acts fall in the year
that it rehearses; an organisation's documents were adopted on the real clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from app.audit.lives import Life, lives
from app.audit.report import Report, Table, View
from app.audit.spans import Year
from app.reader import Line, Reader
from domain import approval
from domain.accesses import AccessConfirmed
from domain.calendar import Window, day_of, rfc3339
from domain.keys import Happened
from domain.messages import CommandRefused
from domain.model import SYSTEM, line_of, said
from domain.opening import PolicyAdopted
from domain.organisation import Charter, OrganisationAdopted
from domain.restricted import RestrictedRead
from domain.saying import StepDecided

PROVES = (
    "Who held, left or covered which office in the year, as every adopted document of the organisation says it, and in which of them it stands.",
    "Every act of the year that was done for somebody else, or that cites a delegation or an edition of the scheme, with both.",
    "Every reading of restricted content: each was recorded before anything was unsealed.",
)
DOES_NOT_PROVE = (
    "Which natural person stands behind an id, and that the person at the keyboard was that person: the gateway that signs vouches for it.",
    "That the documents adopted are the scheme that the organisation really had: compare with the published editions.",
)
ROWS = {
    "what": "kind",
    "organisation": "organisation",
    "grant": "grant",
    "office": "office",
    "person": "person",
    "for": "principal",
    "from": "first",
    "to": "last",
    "recorded": "recorded",
    "act": "act",
    "source": "source",
}
EMPTY: View = dict.fromkeys(("kind", "organisation", "grant", "clock", "hypothetical", *list(ROWS.values())[3:]))


@dataclass(frozen=True)
class Adopted:
    """One adopted document of an organisation."""

    line: Line
    charter: Charter

    @property
    def version(self) -> int:
        """The version of the organisation's stream."""
        return self.line.past.version


def people(reader: Reader, year: Year) -> Report:
    """Offices, cover, scheme editions and changes of a year; delegations given, and acts that rest on any of them."""
    of_organisations = chain.from_iterable(_organisation(reader, stream, year.window) for stream in reader.log.streams("organisation/"))
    of_grants = chain.from_iterable(_grant(life, year.window) for life in lives(reader))
    rows = [{**EMPTY, **row} for row in (*of_organisations, *of_grants)]
    return Report(
        about=year.about(),
        tables=(Table("people", f"Offices and authority, {year.label} ({year.window})", ROWS, rows),),
        proves=PROVES,
        does_not_prove=DOES_NOT_PROVE,
    )


def _organisation(reader: Reader, stream: str, span: Window) -> Iterator[View]:
    lines = reader.lines(stream)
    documents = [Adopted(line, line.past.body.charter) for line in lines if isinstance(line.past.body, OrganisationAdopted)]
    named: View = {"organisation": stream.removeprefix("organisation/")}
    of_people = (*_holdings(documents, span), *_absences(documents, span), *_cover(documents, span), *_delegations(documents, span))
    for row in (*of_people, *_schemes(documents, span), *_adoptions(documents, span), *_keys(lines, span)):
        yield {**named, **row}


def _holdings(documents: Sequence[Adopted], span: Window) -> Iterator[View]:
    for each in dict.fromkeys(each for document in documents for each in document.charter.holdings):
        if _overlaps(each.first, each.last, span):
            yield {
                "kind": "office held",
                "office": each.office,
                "person": each.person,
                "first": str(each.first),
                "last": _text(each.last),
                "source": _stands([document.version for document in documents if each in document.charter.holdings], documents),
            }


def _absences(documents: Sequence[Adopted], span: Window) -> Iterator[View]:
    for each in dict.fromkeys(each for document in documents for each in document.charter.absences):
        if _overlaps(each.first, each.last, span):
            stands = _stands([document.version for document in documents if each in document.charter.absences], documents)
            yield {"kind": "away", "person": each.person, "first": str(each.first), "last": str(each.last), "source": f"{each.reason} ({stands})"}


def _delegations(documents: Sequence[Adopted], span: Window) -> Iterator[View]:
    for each in dict.fromkeys(each for document in documents for each in document.charter.delegations):
        if _overlaps(each.first, each.last, span):
            stands = _stands([document.version for document in documents if each in document.charter.delegations], documents)
            yield {
                "kind": "standing delegation",
                "office": each.to,
                "first": str(each.first),
                "last": _text(each.last),
                "act": ", ".join(each.acts),
                "source": f"{each.decision}: {each.words} ({stands})",
            }


def _keys(lines: Sequence[Line], span: Window) -> Iterator[View]:
    """The changes of the gateways' keys in the year."""
    for line in lines:
        past = line.past
        if isinstance(past.body, Happened) and span.holds(day_of(past.recorded)):
            yield {**_act(line), "kind": "key changed", "source": line_of(past.body)}


def _cover(documents: Sequence[Adopted], span: Window) -> Iterator[View]:
    for each in dict.fromkeys(each for document in documents for each in document.charter.cover):
        if _overlaps(each.first, each.last, span):
            stands = _stands([document.version for document in documents if each in document.charter.cover], documents)
            yield {
                "kind": "cover given",
                "office": each.office,
                "person": each.person,
                "principal": each.principal,
                "first": str(each.first),
                "last": str(each.last),
                "act": ", ".join(each.acts) or "any",
                "source": f"{each.reason} ({stands})"
                if each.limit_pence is None
                else said("{reason}, up to {limit_pence} ({stands})", {**dict(each), "stands": stands}),
            }


def _schemes(documents: Sequence[Adopted], span: Window) -> Iterator[View]:
    for edition in dict.fromkeys((each.edition, each.title, each.first, each.last) for one in documents for each in one.charter.policy.schemes):
        name, title, first, last = edition
        if _overlaps(first, last, span):
            having = [
                one.version for one in documents if any((each.edition, each.first, each.last) == (name, first, last) for each in one.charter.policy.schemes)
            ]
            yield {
                "kind": "scheme in force",
                "first": str(first),
                "last": _text(last),
                "act": name,
                "source": f"{title} ({_stands(having, documents)})",
            }


def _adoptions(documents: Sequence[Adopted], span: Window) -> Iterator[View]:
    """The documents that were adopted in the year, and what changed in them against the one before."""
    for before, one in zip((None, *documents), documents, strict=False):
        past = one.line.past
        if span.holds(day_of(past.recorded)):
            changed = [name for name in Charter.model_fields if before is None or getattr(one.charter, name) != getattr(before.charter, name)]
            yield {
                "kind": "document adopted",
                "person": past.actor,
                "principal": past.on_behalf_of,
                "recorded": rfc3339(past.recorded),
                "act": f"version {one.version}",
                "source": f"changed: {', '.join(changed)}",
            }


def _grant(life: Life, span: Window) -> Iterator[View]:
    opened = life.grant.opening.opened
    named = {**life.named(), "organisation": opened.organisation if opened else None}
    for each in approval.delegations(life.grant.approval):
        if _overlaps(each.first, each.until, span):
            given: View = {"kind": "delegation given", "office": each.to, "first": str(each.first), "last": _text(each.until)}
            act = " ".join(filter(None, (", ".join(each.acts) or "any act", f"on {each.instrument}" if each.instrument else None)))
            yield {**named, **given, "recorded": rfc3339(each.recorded), "act": act, "source": f"{each.reference}, item {each.item}: {each.words}"}
    for line in life.lines:
        if span.holds(day_of(line.past.recorded)):
            yield from ({**named, **_act(line), **row} for row in _used(line))


def _act(line: Line) -> View:
    past = line.past
    return {"person": past.actor, "principal": past.on_behalf_of, "recorded": rfc3339(past.recorded), "act": line.row.type}


def _used(line: Line) -> Iterator[View]:
    """What authority an event rests on, as it states it itself."""
    past, body = line.past, line.past.body
    delegation = getattr(body, "delegation", None)
    if capacity := getattr(body, "capacity", None):
        yield {"kind": "stood in", "office": capacity, "source": f"for {getattr(body, 'office', None)}, which nobody sat in"}
    if past.on_behalf_of:
        yield {
            "kind": "cover tried" if isinstance(body, CommandRefused) else "cover used",
            "office": getattr(body, "office", None),
            "source": f"command {past.command}",
        }
    if delegation:
        yield {"kind": "delegation used", "source": str(delegation)}
    if isinstance(body, StepDecided):
        yield {"kind": "decision taken", "office": body.office, "source": f"paper {body.paper}, edition {body.edition} of the scheme"}
    if isinstance(body, RestrictedRead):
        under = f"; under break-glass access {body.access}" if body.access else ""
        yield {"kind": "Part 2 read", "office": body.office, "source": f"{', '.join(body.subjects)}; purpose: {body.purpose or 'not told'}{under}"}
    if isinstance(body, AccessConfirmed):
        yield {"kind": "break-glass confirmed", "office": body.office, "source": f"access {body.access} for {body.person} until {rfc3339(body.until)}"}
    if isinstance(body, PolicyAdopted) and past.actor != SYSTEM:
        yield {"kind": "policy adopted", "source": f"version {body.organisation_version} of {body.organisation}"}


def _stands(versions: Sequence[int], documents: Sequence[Adopted]) -> str:
    """In which of the adopted documents something stands, for a reader who wants to look it up."""
    found = f"version {versions[0]}" if len(versions) == 1 else f"versions {versions[0]} to {versions[-1]}"
    return found if versions[-1] == documents[-1].version else f"{found}, not since"


def _overlaps(first: date, last: date | None, span: Window) -> bool:
    return first <= span.last and (last is None or last >= span.first)


def _text(day: date | None) -> str | None:
    return str(day) if day else None
