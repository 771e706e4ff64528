"""Which rules have refused something while the specs of the domain ran; a run of only some of them asks for no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.model import Refusal, Rule

HERE = Path(__file__).parent
LAST = "test_every_rule_of_the_domain_has_refused_something_by_the_end_of_its_specs"
"""The spec that looks at what all others made."""

refuse = Rule.refuse


@pytest.fixture(scope="session", autouse=True)
def refusals() -> Iterator[set[str]]:
    """The codes of all refusals since the first spec of this folder."""
    made: set[str] = set()

    def noted(rule: Rule, /, *who_could: str, **values: object) -> Refusal:
        made.add(rule.code)
        return refuse(rule, *who_could, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "refuse", noted)
        yield made


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The spec that looks at all others comes after them, and only where all of them run."""
    ours = [each for each in items if HERE in each.path.parents]
    looking = [each for each in ours if each.name == LAST]
    if not looking:
        return
    items[:] = [each for each in items if each not in looking]
    if whole(config, ours):
        place = max(place for place, each in enumerate(items) if HERE in each.path.parents)
        items[place + 1 : place + 1] = looking
    else:
        config.hook.pytest_deselected(items=looking)


def whole(config: pytest.Config, ours: list[pytest.Item]) -> bool:
    """Whether every spec of this folder runs."""
    some = any("::" in each for each in config.args) or any(config.getoption(each, default=None) for each in ("keyword", "markexpr", "lf"))
    return not some and {each.path for each in ours} >= set(HERE.glob("test_*.py"))
