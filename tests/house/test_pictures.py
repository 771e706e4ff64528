"""The pictures in ``docs/`` are those that the rules give today, and whoever cannot see them is told what they show."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from app import organisations
from app.scheme_pictures import KINDS
from tests.house.source import at
from tools.pictures import files
from tools.vocabulary import DOCS

SVG = "{http://www.w3.org/2000/svg}"


@cache
def drawn() -> dict[Path, str]:
    return files()


def test_every_picture_is_that_of_the_rules() -> None:
    assert [at(place) for place, text in drawn().items() if not place.exists() or place.read_text() != text] == [], "write them anew: make docs"


def test_no_picture_is_left_over_from_rules_that_are_gone() -> None:
    assert set((DOCS / "images").glob("*.svg")) == {place for place in drawn() if place.suffix == ".svg"}


def test_there_is_a_picture_of_the_life_and_one_a_kind_of_each_edition() -> None:
    editions = [(name, each.edition) for name in organisations.known() for each in organisations.load(name).charter.policy.schemes]
    wanted = {f"route-{name}-{edition}-{kind}.svg" for name, edition in editions for kind in KINDS}
    assert {place.name for place in drawn() if place.suffix == ".svg"} == wanted | {"lifecycle.svg"}


def test_the_page_shows_each_picture_and_says_the_same_as_text() -> None:
    page = drawn()[DOCS / "pictures.md"]
    shown = [place.name for place in drawn() if place.suffix == ".svg" and f"](images/{place.name})" in page]
    assert len(shown) == len(drawn()) - 1 == page.count("```mermaid\nflowchart LR\n")


def test_a_picture_needs_nothing_beside_it_and_can_be_read_aloud() -> None:
    for place, text in drawn().items():
        if place.suffix == ".svg":
            root = ET.fromstring(text)  # noqa: S314  (we have just written it)
            assert [each for each in ("href", "url(http", "@import", "<style", "<script", "<image") if each in text] == []
            assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title description")
            assert len(root.findtext(f"{SVG}desc") or "") > len(root.findtext(f"{SVG}title") or "") > 0


def test_the_life_is_drawn_with_every_duty_and_what_leads_on() -> None:
    text = drawn()[DOCS / "images" / "lifecycle.svg"]
    assert [each for each in ("paper.decided", "agreement.executed", "return.certified", "grant.reconciled") if each not in text] == []
