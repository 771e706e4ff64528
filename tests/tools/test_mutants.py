"""What the runner of mutants reads: mutmut's names, its exit codes and differences; nothing that it does not know counts as noticed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tools.mutants_found import Found, Mutant, Survivor, changed_lines, explained, page, verdict_of

DIFFERENCE = """# domain.scheme.x__laid__mutmut_5: survived
--- domain/scheme.py
+++ domain/scheme.py
@@ -2,7 +2,7 @@
     for rule in rules:
-        limit = _limit_below(rule, asked)
+        limit = _limit_below(rule, None)
"""


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("domain.scheme.x__laid__mutmut_5", "scheme._laid"),
        ("domain.scheme.xǁStepǁ__str____mutmut_12", "scheme.Step.__str__"),
        ("domain.approval.x_decide__mutmut_1", "approval.decide"),
    ],
)
def test_a_mutant_names_its_function(name: str, function: str) -> None:
    assert Mutant(name, "killed").function == function


@pytest.mark.parametrize(("code", "noticed"), [(1, True), (36, True), (0, False), (33, False), (None, False), (-11, False), (2, False)])
def test_only_a_failed_spec_or_one_that_never_ends_has_noticed_a_change(code: int | None, noticed: bool) -> None:  # noqa: FBT001
    assert Mutant("domain.scheme.x_route__mutmut_1", verdict_of(code)).noticed is noticed


def test_a_difference_gives_the_changed_lines_alone() -> None:
    assert changed_lines(DIFFERENCE) == ("limit = _limit_below(rule, asked)", "limit = _limit_below(rule, None)")


def test_a_survivor_is_well_only_where_the_file_explains_that_very_change(tmp_path: Path) -> None:
    file = tmp_path / "explained.yaml"
    file.write_text('- {function: scheme.route, before: "a", after: "b", why: The same}\n')
    one, other = explained([Survivor("scheme.route", "a", "b"), Survivor("scheme.route", "a", "c")], file)
    assert (one.why, other.why) == ("The same", None)
    noticed = tuple(Mutant(f"domain.scheme.x_route__mutmut_{number}", "killed") for number in range(98))
    survived = tuple(Mutant(f"domain.scheme.x_route__mutmut_{number}", "survived") for number in (98, 99))
    assert not Found(date(2026, 11, 27), (), (*noticed, *survived), (one, other)).good
    assert Found(date(2026, 11, 27), (), (*noticed, *survived), (one,)).good
    assert "**not explained**" in "\n".join(page(Found(date(2026, 11, 27), (), noticed, (other,))))
