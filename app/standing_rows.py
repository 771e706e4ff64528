"""The row of a grant for lists and inboxes, as whichever build wrote it: a grant that sleeps keeps the row of the build before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def papers_of(standing: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The papers of a grant, each with its steps; builds before had them among the figures."""
    found: list[dict[str, Any]] = standing["papers"] if "papers" in standing else standing["figures"].get("papers", [])
    return found
