"""The decision record: what the case says, nothing that it does not; as a page it is whole, accessible, and takes text for text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from app.cli import deciding
from app.cli.decision_page import page
from app.cli.decision_words import NOT_STATED, note, sections
from app.decision_record import by_year, record_of
from app.errors import MisusedError, NotFoundError
from app.home import Home
from app.reader import Reader, reading
from domain.paper import Item, ItemOutcome, decided
from tests.app.homes import lived
from tests.lives import case_of

NAME = "alpha-2020-21"
VOID = {"meta"}


@pytest.fixture
def reader(home: Home) -> Iterator[Reader]:
    with reading(home) as found:
        yield found


@pytest.fixture
def found(reader: Reader) -> dict[str, Any]:
    return record_of(reader, NAME, "PCD 914")


def test_a_record_says_what_the_decision_states_and_leaves_blank_what_it_does_not(found: dict[str, Any]) -> None:
    expected = {
        "reference": "PCD 914",
        "title": "Project Alpha Social Media Hub Grant Agreement Variation Proposal",
        "decision_by": "Sophie Linden, Deputy Mayor, Policing and Crime",
        "submitted": "2021-01-07",
        "decided": None,
        "date_signed": None,
        "date_published": None,
        "rehearsal": True,
        "edition": "2016-10",
    }
    assert {name: found[name] for name in expected} == expected


def test_its_recommendations_have_their_outcomes_and_amounts_by_year(found: dict[str, Any]) -> None:
    first, second = found["recommendations"]
    assert (first["outcome"], first["asked_pence"], first["decided_pence"]) == ("approved", {"2020/21": 26_735_464}, {"2020/21": 26_735_464})
    assert (second["words"], second["outcome"], second["asked_pence"]) == (
        "Enhancement of the capability of the Social Media Hub through increased officer numbers",
        "approved",
        {},
    )
    assert found["amounts_by_year"] == [{"instrument": "variation-1", "year": "2020/21", "asked_pence": 26_735_464, "approved_pence": 26_735_464}]


def test_each_adviser_has_a_section_and_each_office_its_reason(found: dict[str, Any]) -> None:
    assert [(each["says"], each["dated"]) for each in found["comments"]] == [
        ("advise", "2021-01-08"),
        ("advise", "2021-01-11"),
        ("advise", "2021-01-12"),
        ("decide", "2021-01-19"),
    ]
    assert "cannot exceed actual spend" in found["comments"][0]["comment"]
    assert all(each["reasons"] and each["taken"] for each in found["route"])
    assert any("paragraph 4.8" in reason["source"] for reason in found["route"][-1]["reasons"])


def test_nobody_who_acted_is_named(found: dict[str, Any]) -> None:
    assert not re.search(r"\bp-[a-z]", str(found))


def test_it_says_that_there_is_a_part_two_on_which_ground_and_until_when(found: dict[str, Any]) -> None:
    assert found["part_two"]["contains"] is True
    assert (found["part_two"]["review"], "invented" in found["part_two"]["exempt"]) == ("2021-09-30", True)
    restricted, public = found["documents"]
    assert (restricted["said"], restricted["kept"]) == ("a restricted document (breakdown of costs)", None)
    assert public["kept"] == "london.gov.uk, MOPAC decisions"
    assert "nvented sentence" not in str(found)


def test_it_lists_each_attachment_and_says_which_of_them_is_not_bound(found: dict[str, Any]) -> None:
    restricted, decision = found["documents"]
    assert (restricted["bound"], decision["bound"]) == (False, None)
    papers = next(each.rows for each in sections(found) if each.heading == "Papers")
    assert papers == (("a restricted document (breakdown of costs); not bound: its digest is not known",), ("decision (london.gov.uk, MOPAC decisions)",))


def test_it_says_what_the_decision_binds_and_that_it_is_published(found: dict[str, Any]) -> None:
    assert found["content"] not in (None, found["part_one"], found["part_two_digest"])
    assert (found["publication"]["standing"], found["supersedes"], found["superseded_by"]) == ("published", None, [])
    key = {row[0]: row[1] for row in sections(found)[0].rows}
    assert (key["Published"], "Superseded by" in key) == ("london.gov.uk, MOPAC decisions", False)


def test_it_says_until_when_and_why_publication_is_deferred_and_what_supersedes_it(found: dict[str, Any]) -> None:
    until = {"standing": "deferred", "until": "2021-03-31", "reason": "The funder says so", "document": None, "at": None}
    key = {row[0]: row[1] for row in sections(found | {"publication": until, "supersedes": "P-0", "superseded_by": ["P-2"]})[0].rows}
    assert (key["Publication deferred until"], key["Supersedes"], key["Superseded by"]) == ("2021-03-31: The funder says so", "P-0", "P-2")


def test_a_paper_is_found_by_its_own_name_and_a_decision_made_elsewhere_stands_alone(reader: Reader) -> None:
    assert record_of(reader, NAME, "paper-914") == record_of(reader, NAME, "PCD 914")
    alone = record_of(reader, NAME, "PCD 867")
    assert (alone["paper"], alone["decided"], alone["comments"], alone["route"]) == (None, "2020-11", [], [])
    assert alone["amounts_by_year"] == [{"instrument": "agreement-2020-21", "year": "2020/21", "asked_pence": 147_930_616, "approved_pence": 147_930_616}]
    assert alone["part_two"]["contains"] is None
    waiting = record_of(reader, "today", next(iter(reader.grant("today").approval.papers)))
    assert (waiting["reference"], waiting["date_signed"]) == (None, None)
    assert {each["outcome"] for each in waiting["recommendations"]} == {None}
    assert waiting["amounts_by_year"][0]["approved_pence"] == 0


def test_a_paper_decided_here_says_when_by_which_office_and_who_stood_in_until_its_decision_is_recorded(found: dict[str, Any], tmp_path: Path) -> None:
    case = case_of("trust-2024/warm-room")
    with reading(lived(tmp_path, case)) as reader:
        here = record_of(reader, case.grant, "paper-room")
    key, route = (next(each for each in sections(here) if each.heading.startswith(name)) for name in ("Key", "Why"))
    assert ("Decided here", "2023-11-07 by Director (p-t-treasurer for p-t-director)") in key.rows
    assert not {("Decided", NOT_STATED), ("Decision by", NOT_STATED)} & set(key.rows)
    assert ("Date signed", NOT_STATED) in key.rows
    assert [row[2] for row in route.rows] == ["2023-10-31", "2023-11-07 (p-t-treasurer for p-t-director)"]
    assert "Decided here" not in str(sections(found))


def test_a_rehearsal_says_so_and_a_real_life_that_is_invented_says_that(found: dict[str, Any]) -> None:
    assert note(found) == "Rehearsal: days, people and outcomes are invented where no source states them."
    assert note(found | {"rehearsal": False, "hypothetical": True}) == "Invented: days, people and outcomes are invented where no source states them."
    assert note(found | {"rehearsal": False, "hypothetical": False}) is None


def test_a_bid_and_an_offer_of_one_paper_never_add_up_and_what_authorises_no_money_is_no_amount() -> None:
    """PCD 510: an offer of 250,000 in each of two years and a bid of 120,000 in the first (invariant 15)."""
    offer = Item(item="1", verbs=("accept",), words="An offer", instrument="offer", pence={"2018/19": 25_000_000, "2019/20": 25_000_000})
    bid = Item(item="2", verbs=("approve",), words="A bid", instrument="bid", pence={"2018/19": 12_000_000})
    later = Item(item="3", verbs=("approve_in_principle",), words="More", instrument="more", pence={"2019/20": 1_000_000})
    yes, no, also = ItemOutcome(item="1", outcome="approved"), ItemOutcome(item="2", outcome="declined"), ItemOutcome(item="3", outcome="approved")
    answered = [decided(each, (yes, no, also)) for each in (offer, bid, later)]
    assert [tuple(each.values()) for each in by_year((offer, bid, later), answered)] == [
        ("offer", "2018/19", 25_000_000, 25_000_000),
        ("offer", "2019/20", 25_000_000, 25_000_000),
        ("bid", "2018/19", 12_000_000, 0),
    ]


def test_what_is_not_there_is_said_with_what_is(reader: Reader) -> None:
    with pytest.raises(NotFoundError, match=r"no paper and no decision PCD 1; it has: paper-914, PCD 867, PCD 914"):
        record_of(reader, NAME, "PCD 1")


def test_the_text_says_every_section(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    deciding.tell(found)
    text = capsys.readouterr().out
    for words in ("Date signed", "not stated", "yes; exempt:", "£267,354.64 in 2020/21", "Rehearsal", *(each.heading for each in sections(found))):
        assert words in text


class Outline(HTMLParser):
    """What a page is made of, and that every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.text += text


def outline(text: str) -> Outline:
    read = Outline()
    read.feed(text)
    read.close()
    assert read.open == []
    return read


def test_the_page_is_whole_and_needs_nothing_beside_it(found: dict[str, Any]) -> None:
    text = page(found)
    read = outline(text)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    assert not {tag for tag, _ in read.all} & {"script", "link", "img", "iframe", "object"}
    assert "url(" not in text
    assert "://" not in text


def test_the_page_can_be_read_by_anybody(found: dict[str, Any]) -> None:
    tags = outline(page(found)).all
    names = [tag for tag, _ in tags]
    assert (names.count("main"), names.count("h1"), names.count("title")) == (1, 1, 1)
    assert names.count("caption") == names.count("table") == len(sections(found))
    assert {attributes.get("scope") for tag, attributes in tags if tag == "th"} == {"row", "col"}
    assert ("meta", {"charset": "utf-8"}) in tags


def test_a_text_that_looks_like_a_page_stays_text(found: dict[str, Any]) -> None:
    wild = "<script>alert('x')</script> & \"</table>\""
    comments = [each | {"comment": wild} for each in found["comments"]]
    read = outline(page(found | {"title": wild, "comments": comments}))
    assert read.text.count(wild) == 2 + len(comments)
    assert "script" not in {tag for tag, _ in read.all}


def test_a_page_that_cannot_be_written_is_said_to_be_so(found: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(MisusedError, match="cannot be written"):
        deciding.write(found, tmp_path / "nowhere" / "decision.html")


@pytest.mark.parametrize(("taken", "stood_down", "said"), [("2021-01-07", False, "2021-01-07"), (None, False, "not yet"), (None, True, "not needed")])
def test_a_step_that_its_group_did_without_was_not_needed(found: dict[str, Any], *, taken: str | None, stood_down: bool, said: str) -> None:
    first, *others = found["route"]
    assert not first["stood_down"]
    told = sections({**found, "route": [{**first, "taken": taken, "stood_down": stood_down, "stood_in": None}, *others]})
    (rows,) = [each.rows for each in told if each.columns[:3] == ("office", "says", "taken")]
    assert rows[0][2] == said
