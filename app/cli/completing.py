"""What the shell completes: grants, papers and people, as the record has them.

It is asked at each press of a key: so it is quick, reads rows without folding anything where they say enough, and is never
an error, for a shell that completes has nowhere to say one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import typer

from app.standing_rows import papers_of


def grants(incomplete: str) -> list[str]:
    """The ids of the grants in the record."""
    return _beginning(incomplete, lambda: (each["grant"] for each in _standings()))


def people(incomplete: str) -> list[str]:
    """The ids of everybody who holds an office, or stands in for somebody."""
    return _beginning(incomplete, _people)


def papers(context: typer.Context, incomplete: str) -> list[str]:
    """The papers of the grant that stands before, and for each its offices as PAPER/OFFICE."""
    return _beginning(incomplete, lambda: (word for paper in _papers(context) for word in (paper["paper"], *_steps(paper))))


def paper_ids(context: typer.Context, incomplete: str) -> list[str]:
    """The papers of the grant that stands before."""
    return _beginning(incomplete, lambda: (each["paper"] for each in _papers(context)))


def _beginning(incomplete: str, words: Callable[[], Iterable[str]]) -> list[str]:
    """The words that begin so; none where the record cannot be read."""
    try:
        return sorted({each for each in words() if each.startswith(incomplete)})
    except Exception:  # noqa: BLE001  (whatever it is, the command itself will say it)
        return []


def _papers(context: typer.Context) -> Iterator[dict[str, Any]]:
    grant = context.params.get("grant")
    yield from (paper for each in _standings() if grant in (None, each["grant"]) for paper in papers_of(each))


def _steps(paper: dict[str, Any]) -> Iterator[str]:
    yield from (f"{paper['paper']}/{each['board'] or each['office']}" for each in paper["steps"])


def _standings() -> list[dict[str, Any]]:
    from app.home import Home  # noqa: PLC0415
    from app.settings import read_settings  # noqa: PLC0415
    from store.database import open_database  # noqa: PLC0415
    from store.queries import all_standings  # noqa: PLC0415

    engine = open_database(Home.of(read_settings()).record_url, read_only=True)
    try:
        return [read for row in all_standings(engine) if (read := json.loads(row.json)).get("opened")]
    finally:
        engine.dispose()


def _people() -> list[str]:
    from app.home import Home  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415
    from app.settings import read_settings  # noqa: PLC0415

    with reading(Home.of(read_settings())) as reader:
        charters = [each.charter for each in reader.organisations().values() if each.charter]
    return [person for charter in charters for person in (*(each.person for each in charter.holdings), *(each.person for each in charter.cover))]
