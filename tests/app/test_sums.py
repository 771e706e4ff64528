"""The sums of derived facts."""

from __future__ import annotations

import pytest

from app.sums import NoSumError, total

VALUES = {"base": 147_930_616, "uplift": 26_735_464, "posts": 5, "rate": 1_600_000}


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        ("base + uplift", 174_666_080),
        ("posts * rate * 3 / 12", 2_000_000),
        ("uplift / 182", 146_898),
        ("base - uplift + 1", 121_195_153),
        ("2 + 3 * 4 - 10 / 4", 12),
        ("7", 7),
    ],
)
def test_products_come_before_sums_and_the_end_is_rounded_half_up(text: str, comes_to: int) -> None:
    assert total(text, VALUES) == comes_to


@pytest.mark.parametrize("text", ["", "base +", "base uplift", "base ^ 2", "nobody + 1", "1 / 0", "base+uplift", "1.5 * base"])
def test_anything_else_is_no_sum(text: str) -> None:
    with pytest.raises(NoSumError):
        total(text, VALUES)
