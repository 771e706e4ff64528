"""How numbers are said: what they count stands beside them, of one and of any other number."""

from __future__ import annotations

import pytest

from domain.expenditure import CostsRecorded
from domain.model import line_of, said


@pytest.mark.parametrize(("count", "words"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (-1, "-1 posts"), (None, "unknown")])
def test_what_is_counted_is_said_of_one_and_of_others(count: int | None, words: str) -> None:
    assert said("{count}" if count is None else "{count:post|posts}", {"count": count}) == words


def test_a_number_without_words_stands_alone_and_a_truth_is_no_number() -> None:
    assert said("{version}, {ok}", {"version": 1, "ok": True}) == "1, True"


def test_one_cost_is_not_said_to_be_several() -> None:
    one = CostsRecorded(rows=(), count=1, total_pence=100, replaced=(), host_borne=())
    assert line_of(one) == "1 cost recorded, £1.00 in all"
    assert line_of(one.model_copy(update={"count": 2})) == "2 costs recorded, £1.00 in all"
