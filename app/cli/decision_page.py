"""A decision record as one HTML page that needs nothing beside it: no script, no font, no picture from anywhere.

The page is built as a tree and written by the standard library, so whatever a text contains is text. It has a language, one
heading of the first level, a caption for every table and a scope for every heading cell, and it prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from app.cli.decision_words import Section, note, sections, title

STYLE = """
body { font-family: Arial, Helvetica, sans-serif; line-height: 1.5; color: #0b0c0c; background: #ffffff; margin: 0 auto; max-width: 60rem; padding: 1.5rem; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
caption { text-align: left; font-weight: bold; font-size: 1.25rem; padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid #b1b4b6; overflow-wrap: anywhere; }
.figure { text-align: right; white-space: nowrap; }
.note { border-left: 0.25rem solid #505a5f; padding-left: 1rem; }
"""


def page(found: Mapping[str, Any]) -> str:
    """The page of a record."""
    html = ET.Element("html", lang="en-GB")
    head, body = ET.SubElement(html, "head"), ET.SubElement(html, "body")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _text(head, "title", f"{title(found)}: decision record")
    _text(head, "style", STYLE)
    main = ET.SubElement(body, "main")
    _text(main, "h1", title(found))
    if said := note(found):
        _text(main, "p", said).set("class", "note")
    for opened in found["break_glass"]:
        _text(main, "p", f"{opened}.").set("class", "note")
    for each in sections(found):
        _table(main, each)
    return f"<!DOCTYPE html>\n{ET.tostring(html, encoding='unicode', method='html')}\n"


def _table(parent: ET.Element, section: Section) -> None:
    """A table; the first cell of a row is its heading."""
    table = ET.SubElement(parent, "table")
    _text(table, "caption", section.heading)
    if all(section.columns):
        row = ET.SubElement(ET.SubElement(table, "thead"), "tr")
        for name in section.columns:
            _text(row, "th", name.capitalize(), scope="col").attrib.update(_class(section, name))
    body = ET.SubElement(table, "tbody")
    for cells in section.rows:
        row = ET.SubElement(body, "tr")
        _text(row, "th", cells[0], scope="row")
        for name, cell in zip(section.columns[1:], cells[1:], strict=True):
            _text(row, "td", cell).attrib.update(_class(section, name))


def _class(section: Section, column: str) -> dict[str, str]:
    return {"class": "figure"} if column in section.figures else {}


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element
