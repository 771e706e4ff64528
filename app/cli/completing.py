"""What the shell completes: grants, papers and people, as the record has them. It is asked at each press of a key: quick, and never an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from app.reader import Reader


def grants(incomplete: str) -> list[str]:
    """The ids of the grants in the record."""
    return _found(incomplete, _grants)


def people(incomplete: str) -> list[str]:
    """The ids of everybody who holds an office, or stands in for somebody."""
    return _found(incomplete, _people)


def papers(context: typer.Context, incomplete: str) -> list[str]:
    """The papers of the grant that stands before, and for each its offices as PAPER/OFFICE."""
    grant = context.params.get("grant")
    return _found(incomplete, lambda reader: _papers(reader, grant))


def paper_ids(context: typer.Context, incomplete: str) -> list[str]:
    """The papers of the grant that stands before."""
    grant = context.params.get("grant")
    return _found(incomplete, lambda reader: _papers(reader, grant, steps=False))


def _found(incomplete: str, words: Callable[[Reader], Iterable[str]]) -> list[str]:
    """The words that begin so; none where the record cannot be read, for a shell that completes has nowhere to say why."""
    try:
        from app.home import Home  # noqa: PLC0415
        from app.reader import reading  # noqa: PLC0415
        from app.settings import read_settings  # noqa: PLC0415

        with reading(Home.of(read_settings())) as reader:
            return sorted({each for each in words(reader) if each.startswith(incomplete)})
    except Exception:  # noqa: BLE001
        return []


def _grants(reader: Reader) -> Iterable[str]:
    from app.views import standings  # noqa: PLC0415

    return (str(each["grant"]) for each in standings(reader))


def _people(reader: Reader) -> Iterable[str]:
    charters = [each.charter for each in reader.organisations().values() if each.charter]
    held = [each.person for charter in charters for each in charter.holdings]
    return [*held, *(each.person for charter in charters for each in charter.cover)]


def _papers(reader: Reader, grant: str | None, *, steps: bool = True) -> Iterable[str]:
    from app.views import standings  # noqa: PLC0415

    for standing in standings(reader):
        for paper in standing["figures"]["papers"] if grant in (None, standing["grant"]) else ():
            yield paper["paper"]
            yield from (f"{paper['paper']}/{step['board'] or step['office']}" for step in (paper["steps"] if steps else ()))
