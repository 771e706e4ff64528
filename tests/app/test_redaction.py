"""What is sealed never stands in public: texts, and sums however they are spelt; where it would, the public field is named and nothing quoted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.redaction import SHORTEST_TEXT, LeakError, leaks, no_leak
from app.sealing import Sealer
from domain.model import Command
from store.database import open_vault
from store.schema import migrate

SUM = 7_651_200
SPELT = ("£76,512", "£76,512.00", "£76512", "76,512", "76512.00", "£ 76 512", "£76.512k", "GBP 76512", "76,512 pounds", "7651200 pence", "76.512 thousand")
"""One sum, as people write it."""

KEPT = "The inspector's own pay band"


def leaked(part_two: dict[str, Any], public: dict[str, Any]) -> list[str]:
    return [str(each) for each in leaks(part_two, public)]


def test_a_text_of_the_part_two_is_found_wherever_it_stands_and_only_its_field_is_named() -> None:
    public = {"body": {"title": "A grant", "items": [{"words": f"To pay for {KEPT.upper()}, and more"}]}}
    assert leaked({"why": {"first": KEPT}}, public) == ["body.items.0.words repeats a text of the Part 2"]


def test_spaces_and_forms_of_letters_do_not_hide_a_text() -> None:
    assert leaked({"why": KEPT}, {"a": "the  inspector's\nown pay ｂａｎｄ"})  # noqa: RUF001  (letters of another width)
    assert not leaked({"why": KEPT}, {"a": "the inspector's band"})


TYPED = 'the inspector\'s own pay - "band" 1'
BENT = ("the inspector’s own pay – “band” 1", 'the inspec\u00adtor\'s own pay\u200b - "band" 1', "the inspector‘s own pay — «band» 1")  # noqa: RUF001
"""The same, as word processors have it."""


@pytest.mark.parametrize("bent", BENT)
def test_quotes_and_dashes_of_another_form_and_what_nobody_sees_do_not_hide_a_text(bent: str) -> None:
    assert leaked({"why": TYPED}, {"a": f"so {bent}."})
    assert leaked({"why": bent}, {"a": f"so {TYPED}."})


@pytest.mark.parametrize("said", ["£76\u00a0512", "£76\u202f512.00", "£76\u2009512", "￡76,512", "7651200p", "76512GBP", "£76,512pa", "£76,512²", "£７６,512"])  # noqa: RUF001  (forms of another width)
def test_forms_of_digits_and_of_spaces_do_not_hide_a_sum(said: str) -> None:
    assert leaked({"pence": SUM}, {"body": {"words": f"Up to {said} in all"}}) == ["body.words repeats a sum of the Part 2"]


def test_a_whole_number_under_a_key_of_pence_is_pence_also_where_a_file_has_it_as_text() -> None:
    """In a file every scalar is text: ``cap_pence: 7651200`` is no ``7651200`` pounds."""
    assert leaked({"cap_pence": str(SUM)}, {"words": "£76,512"})


def test_a_text_shorter_than_twelve_characters_counts_nowhere() -> None:
    assert not leaked({"a": "x" * (SHORTEST_TEXT - 1)}, {"b": "x" * 40})
    assert leaked({"a": "x" * SHORTEST_TEXT}, {"b": "x" * 40})


@pytest.mark.parametrize("public", SPELT)
@pytest.mark.parametrize("sealed", [{"pence": SUM}, {"cap_pence": SUM}, {"note": "£76,512 a year"}, {"pence": {"2020/21": SUM}}, {"pence": "76512.00"}])
def test_a_sum_is_found_in_any_usual_spelling(sealed: dict[str, Any], public: str) -> None:
    assert leaked(sealed, {"body": {"words": f"Up to {public} in all"}}) == ["body.words repeats a sum of the Part 2"]


@pytest.mark.parametrize("sealed", [{"note": each} for each in SPELT])
def test_a_sum_is_found_among_the_pence_of_a_body(sealed: dict[str, Any]) -> None:
    assert leaked(sealed, {"body": {"items": [{"pence": {"2020/21": SUM}}]}}) == ["body.items.0.pence.2020/21 repeats a sum of the Part 2"]


@pytest.mark.parametrize(
    "said", ["£76,513", "£176,512", "£76,512,000", "£7,651.20", "paragraph 2021", "2020/21", "PCD 914", "7651200 leaflets, by 1 January 2021, as in 4.8"]
)
def test_another_number_is_no_leak(said: str) -> None:
    assert not leaked({"pence": SUM, "count": 2021, "reference": 914}, {"body": {"words": said}})


def test_millions_and_negative_sums_are_sums() -> None:
    assert leaked({"note": "£1.5m"}, {"words": "£1,500,000"})
    assert leaked({"pence": -SUM}, {"words": "an offset of £76,512"})


def test_an_amount_that_a_file_gave_any_key_is_a_sum() -> None:
    """In a file ``wages: £76,512`` is read as whole pence, under a key that does not say so."""
    assert leaked({"wages": SUM}, {"words": "£76,512 each"})
    assert leaked({"offset": -SUM}, {"words": "£76,512 less"})
    assert not leaked({"posts": 99}, {"words": "£0.99"})


def test_nothing_and_truth_values_are_no_sums() -> None:
    assert not leaked({"pence": 0, "is_pence": True, "cap_pence": "0"}, {"words": "£0", "pence": 1, "spent_pence": "0"})


def command(**body: Any) -> Command:
    return Command(v=1, id="c-1", grant="g", type="DraftPaper", actor="p", on_behalf_of=None, at=None, content=None, body=body, sealed=None)


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    engine = open_vault(made := f"sqlite:///{tmp_path / 'vault.db'}")
    migrate(engine)
    engine.dispose()
    return Sealer(made)


def test_a_command_whose_public_body_repeats_its_part_two_is_not_sealed(sealer: Sealer) -> None:
    with pytest.raises(LeakError) as refused:
        sealer.sealed("grant/g", command(title=KEPT), {"why": KEPT})
    assert "body.title repeats a text" in str(refused.value)
    assert KEPT not in str(refused.value)
    assert refused.value.exit_code == 5


def test_nor_is_one_that_repeats_the_public_contents_of_its_paper(sealer: Sealer) -> None:
    with pytest.raises(LeakError, match=r"paper\.items\.0\.words repeats a text"):
        sealer.sealed("grant/g", command(paper="p-1"), {"why": KEPT}, {"paper": {"items": [{"words": KEPT}]}})


def test_a_command_that_repeats_nothing_is_sealed(sealer: Sealer) -> None:
    assert sealer.sealed("grant/g", command(title="A grant"), {"why": KEPT}).sealed


WORDS = st.text("abcdefghij £0123456789,.", min_size=SHORTEST_TEXT, max_size=40).filter(lambda text: len(" ".join(text.split())) >= SHORTEST_TEXT)


@given(secret=WORDS, before=st.text(max_size=10), behind=st.text(max_size=10), upper=st.booleans())
def test_whatever_text_is_sealed_is_found_in_whatever_stands_around_it(secret: str, before: str, behind: str, *, upper: bool) -> None:
    """A composed letter that joins what stands beside it is another letter, so a space stands between."""
    said = f"{before} {secret.upper() if upper else secret} {behind}"
    with pytest.raises(LeakError):
        no_leak({"deep": [{"er": secret}]}, {"body": [said]})


@given(pence=st.integers(1, 10**11))
def test_whatever_sum_is_sealed_is_found_as_pounds_and_as_pence(pence: int) -> None:
    pounds, rest = divmod(pence, 100)
    for said in (f"£{pounds:,}.{rest:02}", f"£{pounds}.{rest:02}", f"{pence} pence", *((f"£{pounds:,}", f"{pounds} pounds") if not rest else ())):
        assert leaks({"pence": pence}, {"words": f"it is {said}, no less"}), said
        assert leaks({"words": f"it is {said}, no less"}, {"pence": pence}), said


@given(sealed=st.integers(1, 10**11), public=st.integers(1, 10**11))
def test_of_two_sums_only_the_same_one_leaks(sealed: int, public: int) -> None:
    said = f"£{public // 100:,}.{public % 100:02}"
    assert bool(leaks({"pence": sealed}, {"words": said})) is (sealed == public)
