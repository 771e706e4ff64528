"""Write docs/pictures.md and the pictures below docs/images from the rules themselves: the life of a grant, and the routes of every edition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app import organisations
from app.drawing import Picture, mermaid, svg
from app.scheme_pictures import KINDS, route
from tools import life
from tools.vocabulary import BY_MACHINE, DOCS, load

IMAGES = "images"
INTRO = """What the rules say, drawn: the life of a grant from `workflows/lifecycle.py` and the duties of its rooms, and for each edition
of a scheme of delegation the steps that a paper may have to take. Each picture is an SVG file and, below it, text that can be
read and searched. `grants route GRANT --svg FILE` draws the route of one paper as it stands."""


def files() -> dict[Path, str]:
    """Each file's text, by its place."""
    load()
    drawn = dict(_drawn())
    parts = [f"# Pictures\n\n{BY_MACHINE}\n\n{INTRO}\n"]
    parts += [
        f"## {picture.title}\n\n{picture.description}\n\n![{picture.title}]({IMAGES}/{name})\n\n```mermaid\n{mermaid(picture)}```\n"
        for name, picture in drawn.items()
    ]
    return {DOCS / "pictures.md": "\n".join(parts)} | {DOCS / IMAGES / name: svg(picture) for name, picture in drawn.items()}


def _drawn() -> Iterator[tuple[str, Picture]]:
    yield "lifecycle.svg", life.picture(life.begun())
    for name in organisations.known():
        charter = organisations.load(name).charter
        for edition in charter.policy.schemes:
            yield from ((f"route-{name}-{edition.edition}-{kind}.svg", route(charter, edition, kind)) for kind in KINDS)


if __name__ == "__main__":
    for place, text in files().items():
        place.write_text(text)
        print(place.relative_to(DOCS.parent))
