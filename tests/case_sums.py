"""What a case file alone says of its money, added up without a line of the product."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CASES = Path(__file__).parent.parent / "cases"
EVER = ("2000-01-01", "2099-12-31")


class CaseSums:
    """The accepted steps of one case, as written."""

    def __init__(self, name: str) -> None:
        read: Any = YAML(typ="safe", pure=True)
        self.case: Any = read.load((CASES / f"{name}.yaml").read_text())
        self.grant: str = self.case["grant"]
        self.steps: list[Any] = self.case["steps"]

    def accepted(self, command: str) -> list[Any]:
        """The steps of one command that are not refused."""
        return [each for each in self.steps if each["command"] == command and "expect" not in each]

    def refused(self) -> list[Any]:
        """The steps that must be refused."""
        return [each for each in self.steps if "expect" in each]

    def cash(self, first: str, last: str) -> int:
        """What came in on these days, less what was paid back."""
        came = sum(pennies(each["body"]["pence"]) for each in self.accepted("RecordPayment") if within(each["body"]["on"], first, last))
        return came - sum(pennies(each["body"]["pence"]) for each in self.accepted("RecordRepayment") if within(each["body"]["on"], first, last))

    def agreed(self, first: str, last: str) -> int:
        """What the funder agreed on these days."""
        return sum(pennies(each["body"]["agreed_pence"]) for each in self.accepted("RecordReturnAgreed") if within(each["body"]["dated"], first, last))

    def disallowed(self, first: str, last: str) -> int:
        """What the funder disallowed on these days."""
        answers = [each["body"] for each in self.accepted("RecordReturnAgreed") if within(each["body"]["dated"], first, last)]
        return sum(pennies(row["pence"]) for body in answers for row in body.get("disallowed", ()))

    def rows(self) -> Iterator[Any]:
        """Every cost that was recorded."""
        return (row for each in self.accepted("RecordCosts") for row in each["body"]["rows"])


def pennies(amount: str) -> int:
    """Whole pence of "£1,234.56"."""
    pounds, _, rest = str(amount).removeprefix("£").replace(",", "").partition(".")
    return int(pounds) * 100 + int(rest or 0)


def within(day: object, first: str, last: str) -> bool:
    """Whether a day as written lies in a span; a month counts from its last day."""
    stated = str(day)[:10]
    if len(stated) == len("2021-03"):
        stated = f"{stated}-{monthrange(int(stated[:4]), int(stated[5:]))[1]}"
    return first <= stated <= last
