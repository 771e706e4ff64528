"""A picture of boxes in columns: deterministic, readable by eye and ear, in light and dark, and the same as text."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.drawing import INK, PAPER, SOFT, TONES, WIDE, Box, Column, Line, Picture, mermaid, placed, svg, width_of, wrapped

SVG = "{http://www.w3.org/2000/svg}"
LONG = "a reason that goes on and on and needs more than a single line of the box that it stands in"
BOXES = (Box("a", "First", (Line("advises"), Line(LONG, quiet=True))), Box("b", "Second", (Line(LONG, apart=True),), "done"))
WAITS = Box("c", 'Third <&> "quoted"', (Line("waits"),), "open")
LAST = Box("d", "Last", (), "later")
STEPS = Picture("A & B", "What it shows.", (Column("One", BOXES), Column("Two", (WAITS,)), Column("Three", (LAST,))))
LEADS = Picture("Leads", "What leads on.", STEPS.columns, (("a", "c"), ("b", "d"), ("d", "a")))


def root_of(picture: Picture) -> ET.Element:
    return ET.fromstring(svg(picture))  # noqa: S314  (we have just written it)


@pytest.mark.parametrize("picture", [STEPS, LEADS], ids=lambda each: each.title)
def test_the_same_picture_is_the_same_bytes(picture: Picture) -> None:
    assert svg(picture) == svg(picture)
    assert mermaid(picture) == mermaid(picture)


def test_every_word_is_real_text_and_is_in_the_description_too() -> None:
    root = root_of(STEPS)
    shown = " ".join(each.text or "" for each in root.iter(f"{SVG}text"))
    spoken = root.findtext(f"{SVG}desc") or ""
    for words in ("First", "advises", LONG, 'Third <&> "quoted"', "Last"):
        assert words in shown
        assert words in spoken
    assert root.findtext(f"{SVG}title") == "A & B"


def test_a_character_that_no_file_of_xml_may_hold_is_replaced(tmp_path: Path) -> None:
    odd = "A\x01\x1b\x0b\ufffe\ud800 title"
    shown = root_of(Picture(odd, odd, (Column(odd, (Box("a", odd, (Line(odd),)),)),)))
    assert "\N{REPLACEMENT CHARACTER} title" in (shown.findtext(f"{SVG}title") or "")
    (tmp_path / "odd").write_text(mermaid(Picture(odd, odd, ())), encoding="utf-8")


def test_boxes_hold_their_text_stand_inside_the_picture_and_do_not_overlap() -> None:
    root = root_of(STEPS)
    _, _, across, down = (float(each) for each in (root.get("viewBox") or "").split())
    boxes = [each for column in placed(STEPS, 100)[0] for each in column]
    for each in boxes:
        assert 0 < each.x < each.x + WIDE < across
        assert 0 < each.y < each.y + each.height < down
        assert sum(line.height for line in each.text) < each.height
        assert max(width_of(line.text, line.size) for line in each.text) <= WIDE
    for one, other in combinations(boxes, 2):
        assert one.x != other.x or one.y + one.height < other.y or other.y + other.height < one.y


def test_the_picture_has_a_background_of_its_own() -> None:
    first = next(root_of(STEPS).iter(f"{SVG}rect"))
    assert (first.get("fill"), first.get("width")) == (PAPER, root_of(STEPS).get("width"))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ink", [INK, SOFT])
def test_text_stands_out_from_every_ground_and_frames_from_the_paper(ink: str) -> None:
    assert min(contrast(ink, ground) for ground, _, _ in TONES.values()) >= 7
    assert contrast(ink, PAPER) >= 7
    assert min(contrast(edge, PAPER) for _, edge, _ in TONES.values()) >= 3


def test_steps_side_by_side_lead_into_one_line_and_out_of_it() -> None:
    paths = list(root_of(STEPS).findall(f"{SVG}path"))
    assert sum(each.get("marker-end") is not None for each in paths) == 2
    assert len(paths) == (2 + 1 + 1) + (1 + 1 + 1)


def test_an_arrow_that_passes_a_column_runs_below_all_boxes() -> None:
    paths = [each.get("d") or "" for each in root_of(LEADS).findall(f"{SVG}path")]
    bottom = max(each.y + each.height for column in placed(LEADS, 0)[0] for each in column)
    assert [" C " in each for each in paths] == [True, False, False]
    assert all(float(each.split(" V ")[1].split(" ")[0]) > bottom for each in paths[1:])


def test_a_picture_without_boxes_is_still_a_picture() -> None:
    assert root_of(Picture("Empty", "Nothing.", ())).findtext(f"{SVG}title") == "Empty"
    assert root_of(Picture("Empty", "Nothing.", (Column("One", ()), Column("Two", (LAST,))))).findtext(f"{SVG}title") == "Empty"


def test_words_are_wrapped_and_none_is_lost() -> None:
    lines = wrapped(LONG, 14, 200)
    assert (" ".join(lines), len(lines) > 2) == (LONG, True)
    assert wrapped("unbreakableunbreakableunbreakable", 14, 20) == ["unbreakableunbreakableunbreakable"]
    assert wrapped("", 14, 20) == [""]


def test_as_mermaid_text_every_column_is_a_subgraph_and_what_it_would_read_is_escaped() -> None:
    text = mermaid(STEPS)
    assert text.splitlines()[0] == "flowchart LR"
    assert text.count("subgraph ") == text.count("\n  end") == 3
    assert "<b>Third #60;#38;#62; #34;quoted#34;</b>" in text
    assert [line for line in text.splitlines() if "-->" in line] == ["  b1 --> b3", "  b2 --> b3", "  b3 --> b4"]
    assert "b4 --> b1" in mermaid(LEADS)
