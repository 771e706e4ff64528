"""A picture of boxes in columns, left to right, as SVG or as Mermaid text. It knows no grant: whoever draws says what the boxes say.

The SVG needs nothing beside it (no font, no link, no script), has a title and a description that can be read aloud, real text, a
background of its own so that it reads in the dark too, and is the same, byte for byte, for the same picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from xml.etree import ElementTree as ET

NO_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

Tone = Literal["plain", "done", "open", "later"]
"""How a box looks; what it means its own words say too, for whoever sees no colours."""


@dataclass(frozen=True)
class Line:
    """One paragraph in a box; ``quiet``: smaller, for sources and dates; ``apart``: with room before it, for what begins anew."""

    text: str
    quiet: bool = False
    apart: bool = False


@dataclass(frozen=True)
class Box:
    """One box: its heading, and what it says below."""

    id: str
    heading: str
    lines: tuple[Line, ...] = ()
    tone: Tone = "plain"


@dataclass(frozen=True)
class Column:
    """Boxes that stand side by side in the order of things, below a heading."""

    heading: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Picture:
    """Columns, and which box leads to which (null: every box to every one of the next column)."""

    title: str
    description: str
    columns: tuple[Column, ...]
    arrows: tuple[tuple[str, str], ...] | None = None

    def spoken(self) -> str:
        """All of it as one text, for whoever hears it."""
        told = [f"{each.heading}: {'; '.join(_spoken(box) for box in each.boxes)}." for each in self.columns]
        return " ".join([self.description, *told])


def _spoken(box: Box) -> str:
    return ", ".join([box.heading, *(each.text.rstrip(".") for each in box.lines)])


# As Mermaid text ------------------------------------------------------------------------------------------------------


def mermaid(picture: Picture) -> str:
    """The picture as a flowchart in Mermaid's language, which GitHub and others draw."""
    names = {box.id: f"b{number}" for number, box in enumerate((box for each in picture.columns for box in each.boxes), 1)}
    lines = ["flowchart LR", f"  accTitle: {_plain(picture.title)}", f"  accDescr: {_plain(picture.description)}"]
    for number, column in enumerate(picture.columns, 1):
        lines += [f'  subgraph c{number}["{_quoted(column.heading)}"]', "    direction TB"]
        lines += [f'    {names[box.id]}["{_label(box)}"]' for box in column.boxes]
        lines.append("  end")
    lines += [f"  {names[one]} --> {names[other]}" for one, other in arrows(picture)]
    return "\n".join(lines) + "\n"


def arrows(picture: Picture) -> Iterator[tuple[str, str]]:
    """Which box leads to which."""
    if picture.arrows is not None:
        yield from picture.arrows
        return
    for one, other in pairwise(picture.columns):
        yield from ((a.id, b.id) for a in one.boxes for b in other.boxes)


def _label(box: Box) -> str:
    return "<br>".join([f"<b>{_quoted(box.heading)}</b>", *(_quoted(each.text) for each in box.lines)])


def _quoted(text: str) -> str:
    """Text inside the quotes of a label: what Mermaid or HTML would read as its own is written by its number."""
    return "".join(f"#{ord(each)};" if each in '#"<>&`' else each for each in _plain(text))


def _plain(text: str) -> str:
    return _shown_by_xml(" ".join(text.split()))


def _shown_by_xml(text: str) -> str:
    """The text without the characters that no XML may hold, however written: a title can hold any."""
    return NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


# Measures, in pixels of the picture -----------------------------------------------------------------------------------

MARGIN, WIDE, GAP, BETWEEN, PAD = 28, 290, 64, 22, 14
TITLE, HEAD, TEXT, QUIET = 22, 15, 13.5, 12
LEADING = 1.35
PARAGRAPH, APART = 4, 14
LANE = 16
FAMILY = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
INK, SOFT, PAPER = "#0b0c0c", "#454f54", "#ffffff"
TONES: dict[Tone, tuple[str, str, str]] = {
    "plain": ("#f3f5f8", "#3b4a5a", "1.5"),
    "done": ("#e6f3ea", "#1a6b3a", "1.5"),
    "open": ("#fff3d1", "#8a4b00", "3"),
    "later": ("#ffffff", "#6b7378", "1.5"),
}
NARROW, BROAD = "iljtfrI.,:;'|!()[] -", "mwMW@%"


def width_of(text: str, size: float) -> float:
    """How wide a text is at least likely to be, in pixels: near enough to break lines, whatever the font."""
    return size * sum(0.37 if each in NARROW else 0.95 if each in BROAD else 0.72 if each.isupper() else 0.615 for each in text)


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The text in lines that fit; a word that is too long stands alone."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or width_of(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True)
class Written:
    """One line of text as set: its size, whether bold, in which ink, and how much room is above it."""

    text: str
    size: float
    ink: str = INK
    bold: bool = False
    above: float = 0

    @property
    def height(self) -> float:
        """How far the next line is below it."""
        return self.above + self.size * LEADING


@dataclass(frozen=True)
class Placed:
    """A box at its place."""

    box: Box
    x: float
    y: float
    height: float
    text: tuple[Written, ...]

    @property
    def middle(self) -> float:
        """Where arrows meet it."""
        return self.y + self.height / 2


def _text_of(box: Box) -> tuple[Written, ...]:
    room = WIDE - 2 * PAD
    found = [Written(each, HEAD, bold=True) for each in wrapped(box.heading, HEAD * 1.06, room)]
    for line in box.lines:
        size, ink = (QUIET, SOFT) if line.quiet else (TEXT, INK)
        first, *rest = wrapped(line.text, size, room)
        found += [Written(first, size, ink, above=APART if line.apart else PARAGRAPH), *(Written(each, size, ink) for each in rest)]
    return tuple(found)


def _height(text: Sequence[Written]) -> float:
    return 2 * PAD + sum(each.height for each in text) - TEXT * (LEADING - 1)


def placed(picture: Picture, top: float) -> tuple[list[list[Placed]], float]:
    """Every box at its place, column by column, each column in the middle of the tallest; and how tall that is."""
    set_ = [[(box, _text_of(box)) for box in each.boxes] for each in picture.columns]
    tall = [sum(_height(text) for _, text in each) + BETWEEN * max(len(each) - 1, 0) for each in set_]
    columns = []
    for number, each in enumerate(set_):
        x, y = MARGIN + number * (WIDE + GAP), top + (max(tall, default=0) - tall[number]) / 2
        column = []
        for box, text in each:
            column.append(Placed(box, x, y, _height(text), text))
            y += _height(text) + BETWEEN
        columns.append(column)
    return columns, max(tall, default=0)


# As SVG ---------------------------------------------------------------------------------------------------------------


def svg(picture: Picture) -> str:
    """The picture as one SVG file."""
    across = 2 * MARGIN + len(picture.columns) * WIDE + (len(picture.columns) - 1) * GAP
    head = [Written(each, TITLE, bold=True) for each in wrapped(picture.title, TITLE * 1.06, across - 2 * MARGIN)]
    head += [Written(each, TEXT, SOFT) for each in wrapped(picture.description, TEXT, across - 2 * MARGIN)]
    top = MARGIN + sum(each.height for each in head) + 44
    columns, tall = placed(picture, top)
    paths = list(_paths(picture, columns, top + tall))
    root = _root(picture, across, top + tall + MARGIN + LANE * sum(path.lane for path in paths))
    _write(root, head, MARGIN, MARGIN)
    for number, each in enumerate(picture.columns):
        _write(root, (Written(each.heading, TEXT, SOFT, bold=True),), MARGIN + number * (WIDE + GAP), top - 30)
    for path in paths:
        _arrow(root, path)
    for box in (box for each in columns for box in each):
        _box(root, box)
    ET.indent(root)
    return _shown_by_xml(ET.tostring(root, encoding="unicode")) + "\n"


def _root(picture: Picture, across: float, down: float) -> ET.Element:
    size = {"width": _number(across), "height": _number(down), "viewBox": f"0 0 {_number(across)} {_number(down)}"}
    named = {"role": "img", "aria-labelledby": "title description", "font-family": FAMILY, "xml:lang": "en-GB"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **named})
    ET.SubElement(root, "title", id="title").text = picture.title
    ET.SubElement(root, "desc", id="description").text = picture.spoken()
    marker = ET.SubElement(ET.SubElement(root, "defs"), "marker", _shown(id="tip", viewBox="0 0 10 10", refX=9, refY=5, markerWidth=8, markerHeight=8))
    marker.set("orient", "auto")
    ET.SubElement(marker, "path", d="M 0 1 L 10 5 L 0 9 z", fill=SOFT)
    ET.SubElement(root, "rect", _shown(x=0, y=0, width=across, height=down, fill=PAPER))
    return root


def _box(root: ET.Element, at: Placed) -> None:
    fill, edge, width = TONES[at.box.tone]
    group = ET.SubElement(root, "g")
    frame = ET.SubElement(group, "rect", _shown(x=at.x, y=at.y, width=WIDE, height=at.height, rx=8, fill=fill, stroke=edge))
    frame.set("stroke-width", width)
    if at.box.tone == "later":
        frame.set("stroke-dasharray", "6 4")
    _write(group, at.text, at.x + PAD, at.y + PAD)


def _write(parent: ET.Element, lines: Sequence[Written], x: float, y: float) -> None:
    for each in lines:
        said = ET.SubElement(parent, "text", _shown(x=x, y=y + each.above + each.size, fill=each.ink))
        said.set("font-size", _number(each.size))
        if each.bold:
            said.set("font-weight", "bold")
        said.text = each.text
        y += each.height


@dataclass(frozen=True)
class Path:
    """One line: where it runs, whether it ends in a tip, and whether it has a lane of its own below the boxes."""

    runs: str
    tipped: bool = True
    lane: bool = False


def _arrow(root: ET.Element, path: Path) -> None:
    line = ET.SubElement(root, "path", d=path.runs, fill="none", stroke=SOFT)
    line.set("stroke-width", "1.5")
    if path.tipped:
        line.set("marker-end", "url(#tip)")


def _paths(picture: Picture, columns: Sequence[Sequence[Placed]], bottom: float) -> Iterator[Path]:
    """Every line of the picture; one that passes a column does so below all boxes, in a lane of its own."""
    if picture.arrows is None:
        yield from (path for one, other in pairwise(columns) for path in _bus(one, other))
        return
    at = {each.box.id: each for column in columns for each in column}
    lanes = 0
    for one, other in ((at[one], at[other]) for one, other in picture.arrows):
        beside = 0 < other.x - one.x <= WIDE + GAP
        lanes += not beside
        yield Path(_curve(one, other)) if beside else Path(_below(one, other, bottom + LANE * lanes, LANE * lanes / 3), lane=True)


def _bus(one: Sequence[Placed], other: Sequence[Placed]) -> Iterator[Path]:
    """Every box of one column leads into one line down the gap, and out of it an arrow into every box of the next."""
    if not one or not other:
        return
    middle = other[0].x - GAP / 2
    ends = [each.middle for each in (*one, *other)]
    yield from (Path(f"M {_number(each.x + WIDE)} {_number(each.middle)} H {_number(middle)}", tipped=False) for each in one)
    yield Path(f"M {_number(middle)} {_number(min(ends))} V {_number(max(ends))}", tipped=False)
    yield from (Path(f"M {_number(middle)} {_number(each.middle)} H {_number(each.x - 3)}") for each in other)


def _curve(one: Placed, other: Placed) -> str:
    x, y, to_x, to_y = one.x + WIDE, one.middle, other.x - 3, other.middle
    points = ((x, y), (x + GAP * 0.6, y), (to_x - GAP * 0.6, to_y), (to_x, to_y))
    first, *rest = (f"{_number(a)} {_number(b)}" for a, b in points)
    return f"M {first} C {', '.join(rest)}"


def _below(one: Placed, other: Placed, lane: float, aside: float) -> str:
    """Down the gap behind one box, along a lane, and up the gap before the other."""
    down, up = _number(one.x + WIDE + 10 + aside), _number(other.x - 14 - aside)
    return f"M {_number(one.x + WIDE)} {_number(one.middle + 8)} H {down} V {_number(lane)} H {up} V {_number(other.middle + 8)} H {_number(other.x - 3)}"


def _shown(**attributes: float | str) -> dict[str, str]:
    return {name: each if isinstance(each, str) else _number(each) for name, each in attributes.items()}


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
