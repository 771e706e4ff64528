"""``grants programme``: the grants of a programme in the order of their chain, and what they come to by year and in sum.

A base and its variations are one grant, so nothing counts twice; nor does anything invented beside what is real, nor a
rehearsal beside the real clock: each of these is a view of its own. What stands elsewhere is named, never summed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.errors import NotFoundError
from domain import chain
from domain.chain import Link
from domain.money import coarsest

View = Mapping[str, Any]

SUMMED = ("cap_pence", "claimed_pence", "agreed_pence", "received_pence", "debtor_pence", "outturn_pence", "lapsed_pence", "forfeited_pence")
SHOWN = ("cap_pence", "sought_pence", "claimed_pence", "agreed_pence", "received_pence", "debtor_pence", "outturn_pence", "lapsed_pence", "forfeited_pence")


def programmes(standings: Iterable[View], name: str | None) -> list[View]:
    """Each programme, or the one of that name, once for every clock and apart where invented; grants of no programme are left out.

    Raises:
        NotFoundError: no grant is of that programme.

    """
    apart: dict[tuple[str, bool, str], list[View]] = {}
    for each in standings:
        if each["programme"] and name in (None, each["programme"]):
            apart.setdefault((each["programme"], each["hypothetical"], each["clock"]), []).append(each)
    if name and not apart:
        message = f"No grant is of the programme {name}"
        raise NotFoundError(message)
    return [_programme(key, found) for key, found in sorted(apart.items())]


def _programme(key: tuple[str, bool, str], found: Sequence[View]) -> View:
    programme, hypothetical, clock = key
    order = chain.ordered({each["grant"]: tuple(Link.model_validate(link) for link in each["figures"]["links"]) for each in found})
    grants = sorted(found, key=lambda each: order.index(each["grant"]))
    years = sorted({row["year"] for each in grants for row in each["figures"]["years"]})
    return {
        "programme": programme,
        "hypothetical": hypothetical,
        "clock": clock,
        "stated": coarsest(each["figures"]["precision"] for each in grants),
        "grants": [_grant(each) for each in grants],
        "years": [{"year": year, **_sums(_of_year(grants, year))} for year in years],
        "sum": _sums([row for year in years for row in _of_year(grants, year)]),
        "elsewhere": [row for each in grants for row in _elsewhere(each)],
    }


def _grant(each: View) -> View:
    figures = each["figures"]
    before = [row["reference"] for row in figures["predecessors"] if not row["external"]]
    after = [row["reference"] for row in figures["successors"] if not row["external"]]
    head = {name: each[name] for name in ("grant", "title", "stage")}
    return head | {name: figures[name] for name in SHOWN} | {"stated": figures["precision"], "years": figures["years"], "follows": before, "followed_by": after}


def _of_year(grants: Iterable[View], year: str) -> list[View]:
    return [row for each in grants for row in each["figures"]["years"] if row["year"] == year]


def _sums(rows: Sequence[View]) -> dict[str, int | None]:
    """What the rows come to; null where a part is not known yet (an outturn, before its year is settled)."""
    return {name: None if any(row[name] is None for row in rows) else sum(row[name] for row in rows) for name in SUMMED}


def _elsewhere(each: View) -> Iterable[View]:
    """The decisions and grants outside this record that the chain leads to."""
    for relation, rows in (("predecessor", each["figures"]["predecessors"]), ("successor", each["figures"]["successors"])):
        for row in rows:
            if row["external"]:
                amount = {name: row.get(name) for name in ("year", "pence", "stated")}
                yield {"grant": each["grant"], "relation": relation, "reference": row["reference"], **amount}
