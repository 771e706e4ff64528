"""The command that adds up programmes, and how it tells them to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.context import Json, home
from app.cli.out import lines, pounds, print_json, table, text

AMOUNTS = ("cap", "claimed", "agreed", "received", "debtor", "outturn", "lapsed", "forfeited")


def programme(
    name: Annotated[str | None, typer.Argument(help="One programme by its name; without it, all of them.", show_default=False)] = None, *, as_json: Json = False
) -> None:
    """The grants of a programme in the order of their chain, and what they come to by year and in sum.

    Example: grants programme --json
    """
    from app import programme as programmes  # noqa: PLC0415
    from app import views  # noqa: PLC0415
    from app.reader import reading  # noqa: PLC0415

    with reading(home()) as reader:
        found = programmes.programmes(views.standings(reader), name)
    if as_json:
        print_json(found)
        return
    for each in found:
        tell(each)


def tell(view: Mapping[str, Any]) -> None:
    """One programme: a row a grant, a row a year, the sum, and what stands elsewhere."""
    lines([f"{view['programme']}, {view['clock']} clock{', invented grants' if view['hypothetical'] else ''}; sums as exact as to the {view['stated']}", ""])
    grants = [[each["grant"], each["stage"], *_amounts(each), text(each["follows"])] for each in view["grants"]]
    table("Grants, in the order of their chain", ["grant", "stage", *AMOUNTS, "follows"], grants, right=AMOUNTS)
    years = [[each["year"], *_amounts(each)] for each in (*view["years"], {"year": "all", **view["sum"]})]
    table("By year", ["year", *AMOUNTS], years, right=AMOUNTS)
    if view["elsewhere"]:
        rows = [[each["grant"], each["relation"], each["reference"], text(each["year"]), pounds(each["pence"])] for each in view["elsewhere"]]
        table("Elsewhere, never in the sums", ["grant", "its", "reference", "year", "came to"], rows, right=["came to"])


def _amounts(each: Mapping[str, Any]) -> list[str]:
    return [pounds(each[f"{name}_pence"]) for name in AMOUNTS]
