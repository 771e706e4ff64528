"""``grants route``: the route of a paper as it stands now, as a table, a picture, Mermaid text, or for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.context import Json, home
from app.cli.out import lines, print_json, say, table, text
from app.cli.reading import Grant

if TYPE_CHECKING:
    from app.drawing import Picture


def route(
    grant: Grant,
    paper: Annotated[str | None, typer.Argument(help="The paper's id.", show_default="the one that is not decided, or the only one")] = None,
    *,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a picture that needs nothing beside it.", show_default=False)] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As a flowchart in Mermaid's language.")] = False,
    as_json: Json = False,
) -> None:
    """The route of a paper as it stands: who has said what, who is waited on since when and by when, why each step is there.

    Example: grants route GRANT PAPER --svg route.svg
    """
    from app import drawing, routes  # noqa: PLC0415
    from app.reader import now, reading  # noqa: PLC0415

    if mermaid and as_json:
        message = "Say --mermaid or --json, not both."
        raise typer.BadParameter(message)
    with reading(home()) as reader:
        found = routes.route_of(reader, grant, paper, now())
    picture = routes.picture(found)
    if svg is not None:
        _write(picture, svg)
    if as_json:
        print_json(found)
    elif mermaid:
        typer.echo(drawing.mermaid(picture), nl=False)
    elif svg is None:
        _tell(found)


def _write(picture: Picture, file: Path) -> None:
    """The picture as a file.

    Raises:
        MisusedError: it cannot be written.

    """
    from app import drawing  # noqa: PLC0415
    from app.errors import MisusedError  # noqa: PLC0415

    try:
        file.write_text(drawing.svg(picture), encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror or error}"
        raise MisusedError(message) from error
    say(f"The route is drawn in {file}.")


def _tell(found: dict[str, Any]) -> None:
    from app.cli.tables import on_clock, opened, when  # noqa: PLC0415
    from app.routes import before, told  # noqa: PLC0415

    edition = f", under edition {found['edition']} of the scheme of delegation" if found["edition"] else ""
    lines([f"{found['paper']}: {found['title']}", f"{found['standing']} since {when(found['since'])}{edition}; {on_clock(found)}"])
    lines([*opened(found["break_glass"]), *(f"{each}." for each in found["approved_otherwise"]), ""])
    lines(before(found))
    if not found["steps"]:
        lines([f"On no route now: it is with {found['drafted_by']['title']}, which submits it."])
        lines([f"`grants scheme route FILE --grant {found['grant']}` tells beforehand which one it would take."])
        return
    rows = [[str(each["order"]), each["title"], each["says"], told(each), _because(each)] for each in found["steps"]]
    table("Steps", ["order", "who", "says", "stands", "because"], rows, right=["order"])
    for each in found["items"]:
        lines([f"Outcome: {text(each['words'])}"])


def _because(step: dict[str, Any]) -> str:
    reasons = [f"{each['because']} ({each['source']}{', assumed' if each['assumed'] else ''})" for each in step["reasons"]]
    return "; ".join([*reasons, *step["beside"]])
