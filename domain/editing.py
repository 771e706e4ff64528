"""What an edit of a paper does to what was said of it, and which paper another one may stand in the place of.

An edit never unlocks what is decided: a decided paper is superseded by another one, which names it (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.editions import OfficeTold, told
from domain.model import Refusal, Rule
from domain.paper import EDITS, Change, Contents, Effect, changes
from domain.policy import Policy
from domain.steps import Paper

NO_PAPER = Rule(
    "approval.no_paper", "There is no paper {paper}.", "DESIGN §2, Paper", remedy="Correct the id: `grants show` lists the papers; DraftPaper begins one."
)
UNDECIDED = Rule(
    "approval.supersedes_undecided",
    "{superseded}, which {paper} would supersede, is not decided: edit it instead.",
    "DESIGN §6; invariant 16",
    remedy="Edit {superseded}, or wait until it is decided.",
)
SUPERSEDED = Rule(
    "approval.superseded_already",
    "{superseded} is superseded already, by {by}: supersede that one.",
    "DESIGN §6; invariant 16",
    remedy="Let the paper supersede {by} instead.",
)


@dataclass(frozen=True)
class Touched:
    """The kinds of change of an edit, what they do, whose say is void with it, and whose stands though it was of older wording."""

    changes: tuple[Change, ...]
    effect: Effect
    voided: tuple[str, ...]
    told: tuple[str, ...]

    def word(self, paper: Paper, reason: str) -> tuple[OfficeTold, ...]:
        """Word to whoever had their say, where the paper stays on its way; where it does not, they are asked again once it is submitted."""
        offices = {each.step.whose: each.step.office for each in paper.steps}
        touched = [(offices[each], each in self.told) for each in (*self.told, *self.voided)] if self.effect == "notify" else []
        return told(paper.id, self.changes, reason, touched)


def touched(paper: Paper, contents: Contents, part_two: str | None, also: Iterable[Change], policy: Policy, day: date) -> Touched:
    """What an edit to these contents does under the edition of the scheme in force that day; ``also`` names what its editor says it changes.

    Another Part 2 is a change of the terms. A decision stands over no other wording, whatever the scheme says.
    """
    sealed: tuple[Change, ...] = ("terms",) if part_two != paper.part_two else ()
    found = {*changes(paper.contents, contents), *also, *sealed}
    effect: Effect = "void" if any(policy.effect_of(each, day) == "void" for each in found) else "notify"
    taken = [each.step for each in paper.steps if each.said]
    voided = tuple(each.whose for each in taken if effect == "void" or each.says == "decide")
    return Touched(tuple(each for each in EDITS if each in found), effect, voided, tuple(each.whose for each in taken if each.whose not in voided))


def not_superseded(contents: Contents, papers: Mapping[str, Paper]) -> Refusal | None:
    """Why a paper cannot stand in the place of the one that it names: only a decided one of this grant is superseded, and once."""
    if contents.supersedes is None:
        return None
    superseded = papers.get(contents.supersedes)
    if superseded is None:
        return NO_PAPER.refuse(paper=contents.supersedes)
    if superseded.items is None:
        return UNDECIDED.refuse(superseded.office, superseded=superseded.id, paper=contents.paper)
    later = next((each for each in papers.values() if each.contents.supersedes == superseded.id and each.items is not None), None)
    return SUPERSEDED.refuse(superseded=superseded.id, by=later.id) if later else None
