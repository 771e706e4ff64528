"""A decision record in words, section by section: the same for a terminal, a page, and whatever else shows one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.cli.out import pounds
from domain.paper import Outcome, outcome_words

View = Mapping[str, Any]

NOT_STATED = "not stated"
INVENTED = "days, people and outcomes are invented where no source states them."
HEAD = {
    "Reference": "reference",
    "Decision by": "decision_by",
    "Submitted": "submitted",
    "Decided": "decided",
    "Date signed": "date_signed",
    "Date published": "date_published",
    "Grant": "grant_title",
}
"""What the record begins with, and in which order."""


@dataclass(frozen=True)
class Section:
    """One section: its heading, its columns (of figures apart), and its rows."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...] = ()


def title(found: View) -> str:
    """What the record is called: by the paper's title, else by the decision's reference."""
    return str(found["title"] or found["reference"])


def note(found: View) -> str | None:
    """That the life is rehearsed or invented; null: it is neither."""
    if found["rehearsal"]:
        return f"Rehearsal: {INVENTED}"
    return f"Invented: {INVENTED}" if found["hypothetical"] else None


def sections(found: View) -> tuple[Section, ...]:
    """Every section that has anything to say."""
    whole = (
        _key_facts(found),
        Section("Recommendations", ("item", "recommendation", "outcome", "amount"), tuple(map(_recommendation, found["recommendations"]))),
        Section("Amounts by year", ("of", "year", "asked", "approved"), tuple(map(_amounts, found["amounts_by_year"])), figures=("asked", "approved")),
        Section("Advice and decision", ("section", "says", "dated", "comment"), tuple(map(_comment, found["comments"]))),
        Section(_because(found), ("office", "says", "taken", "because"), tuple(map(_step, found["route"]))),
        Section("Papers", ("paper",), tuple((_document(each),) for each in found["documents"])),
    )
    return tuple(each for each in whole if each.rows)


def _key_facts(found: View) -> Section:
    here = "; ".join(f"{each['taken']} by {each['office']}{_stood_in(each)}" for each in found["decided_here"])
    known_here = {"decision_by", "decided"} if here else set[str]()
    stated = [(name, _stated(found[field])) for name, field in HEAD.items() if found[field] is not None or field not in known_here]
    if here:
        stated.append(("Decided here", here))
    stated += [(name, words) for name, words in _stands(found).items() if words]
    return Section("Key information", ("", "as stated"), (*stated, ("Contains Part 2", _part_two(found["part_two"]))))


def _stands(found: View) -> dict[str, str]:
    """What stands in whose place, and how far publication has come; nothing where nothing is to be said."""
    said = found["publication"] or {"standing": "none"}
    until = f"{said['until']}: {said['reason']}" if said["standing"] == "deferred" else ""
    published = str(said["document"]["kept"]) if said["standing"] == "published" else ""
    return {
        "Supersedes": found["supersedes"] or "",
        "Superseded by": ", ".join(found["superseded_by"]),
        "Publication deferred until": until,
        "Published": published,
    }


def _stated(value: str | None) -> str:
    """A value, or that nobody has stated it: an unknown date is no reproach (R-01)."""
    return NOT_STATED if value is None else value


def _part_two(sealed: View) -> str:
    if sealed["contains"] is None:
        return NOT_STATED
    if not sealed["contains"]:
        return "no"
    said = {"exempt: {}": sealed["exempt"], "to be reviewed by {}": sealed["review"]}
    return "; ".join(["yes", *(words.format(value) for words, value in said.items() if value)])


def _recommendation(each: View) -> tuple[str, ...]:
    to = f" To {each['to']}{', until ' + each['until'] if each['until'] else ''}." if each["to"] else ""
    verbs = ", ".join(each["verbs"]).replace("_", " ")
    return (each["item"], f"{verbs.capitalize()}: {each['words']}{to}", _came_to(each), _by_year(each["decided_pence"] or each["asked_pence"]))


def _came_to(each: View) -> str:
    """The outcome with its day and its conditions, one after the other."""
    until = f" until {each['deferred_until']}" if each["deferred_until"] else ""
    conditions = "; ".join(f"{one['words']} ({one['owner']}{', before it counts' if one['before'] else ''})" for one in each["conditions"])
    return f"{_outcome(each['outcome'])}{until}{f', on condition: {conditions}' if conditions else ''}"


def _outcome(outcome: Outcome | None) -> str:
    return "not decided yet" if outcome is None else outcome_words(outcome)


def _by_year(pence: Mapping[str, int]) -> str:
    return "; ".join(f"{pounds(amount)} in {year}" for year, amount in sorted(pence.items()))


def _amounts(each: View) -> tuple[str, ...]:
    return (each["instrument"], each["year"], pounds(each["asked_pence"]), pounds(each["approved_pence"]))


def _comment(each: View) -> tuple[str, ...]:
    return (each["section"], each["says"], each["dated"], each["comment"] or "no further words")


def _because(found: View) -> str:
    return f"Why these offices (edition {found['edition']} of the scheme of delegation)"


def _step(each: View) -> tuple[str, ...]:
    return (each["office"], each["says"], f"{each['taken'] or ('not needed' if each['stood_down'] else 'not yet')}{_stood_in(each)}", _reasons(each["reasons"]))


def _stood_in(each: View) -> str:
    """Who acted for whom, by their ids, where the record of a decision made here says so."""
    return f" ({each['stood_in']})" if each["stood_in"] else ""


def _reasons(found: Iterable[View]) -> str:
    """Why an office stands in the route; a wording of our own is said to be one."""
    return "; and ".join(f"{each['because']} ({each['source']}{'; our wording' if each['assumed'] else ''})" for each in found)


def _document(each: View) -> str:
    """A paper behind the decision; a restricted one says only that it is there."""
    bound = "; not bound: its digest is not known" if each["bound"] is False else ""
    said = str(each["said"]) if "said" in each else f"{each['kind']}{', ' + each['dated'] if each['dated'] else ''} ({each['kept']})"
    return f"{said}{bound}"
